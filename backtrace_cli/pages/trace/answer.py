"""The answer: the gradient of every variable, beside what differences say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.document import (
    GRADIENT,
    QUIET,
    Block,
    Column,
    Heading,
    Paragraph,
    Table,
    math,
)
from backtrace_cli.pages.trace.differences import verdict_words
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.report import Report

__all__ = ["answer_blocks", "nothing_block"]


def answer_blocks(report: Report, unchecked: str = "") -> Iterator[Block]:
    """The value and the gradient, beside what differences say."""
    trace = report.trace
    if trace.seeded:
        left, slope = math(f"d{trace.output} = "), math(trace.tangents[0].value)
        yield Heading("Directional derivative")
        yield Paragraph([(left, ""), (slope, GRADIENT)], 2, ["Directional derivative: ", left, slope])
        return
    yield Heading("Gradient", said="Gradient")
    if not trace.wrt:
        yield nothing_block(trace)
        return
    columns = (
        Column(math=True), Column(right=True, style=QUIET, keep=True),
        Column(right=not trace.symbolic, style=GRADIENT, keep=True, math=True), Column(math=True),
        Column("differences", style=QUIET, lead="differences "),
    )  # fmt: skip
    yield Table(columns, lambda wording: _gradients(wording, report), lambda w: _gradients_said(w, report))
    if unchecked:
        yield Paragraph([(unchecked, QUIET)], 2, unchecked)


def nothing_block(trace: Trace) -> Block:
    """The value, and why there is no gradient."""
    nothing = math(f"{trace.output} = ", trace.value), f", {Wording().nothing(trace)}"
    return Paragraph([(words, "") for words in nothing], 2, nothing)


def _gradients(wording: Wording, report: Report) -> Iterator[tuple[str, ...]]:
    trace, closed = report.trace, {form.variable: form for form in report.closed}
    shaped = any(wording.shape(trace, trace.graph.inputs[name]) for name in trace.wrt)
    for name in trace.wrt:
        total, parts = wording.cell(trace.gradient_of(name)), wording.sum(trace, name)
        if trace.symbolic and name in closed:
            total, parts = wording.expr(closed[name].result), ""
        left, shape = _slope(wording, trace, name), wording.shape(trace, trace.graph.inputs[name])
        yield (
            *((left, f"{shape} =".lstrip()) if shaped else (f"{left} =", "")), total,
            f"= {parts}" if parts and parts != total else "", verdict_words(report.checks, name),
        )  # fmt: skip


def _gradients_said(wording: Wording, report: Report) -> Iterable[str]:
    trace, closed = report.trace, {form.variable: form for form in report.closed}
    for name in trace.wrt:
        total, parts = wording.number(trace.gradient_of(name)), wording.sum(trace, name)
        if trace.symbolic and name in closed:
            total, parts = wording.expr(closed[name].result), ""
        words = verdict_words(report.checks, name)
        if words and not words.startswith("cannot"):
            words = f"differences{'' if words.startswith(('agree', 'disagree')) else ':'} {words}"
        summed = f" = {parts}" if parts and parts != total else ""
        yield f"{_slope(wording, trace, name)} = {total}{summed}{f'; {words}' if words else ''}"


def _slope(wording: Wording, trace: Trace, name: str) -> str:
    """∂f/∂x, or g·∂f/∂x where the message at the output was chosen."""
    found = wording.partial(trace.output, name)
    return found if trace.upstream is None else f"{wording.name('g')}{wording.dot}{found}"
