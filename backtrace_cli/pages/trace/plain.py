"""A trace as plain sentences, one a line, in ASCII: for a screen reader, a pipe, a diff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.trace.page import Options, verdict_words
from backtrace_cli.pages.wording import LEAVES, Wording

if TYPE_CHECKING:
    from backtrace_cli.readings.closed.closed_form import ClosedForm

__all__ = ["backward_lines", "graph_lines", "plain_lines"]


def plain_lines(trace: Trace, options: Options) -> Iterator[str]:
    """Every sentence of the trace in ASCII, in order, the answer last."""
    return map(ascii_text, _sentences(trace, options))


def _sentences(trace: Trace, options: Options) -> Iterator[str]:
    wording = Wording(options.digits, True, options.full)
    yield f"Formula: {visible(wording.title(trace))}"
    if trace.at:
        yield f"At: {', '.join(wording.point(trace))}"
    yield from graph_lines(wording, trace)
    yield "Forward"
    for row in wording.forward(trace):
        numbers = f" = {row.numbers}" if row.numbers else ""
        yield f"step {row.step}: {row.name} = {row.definition}{numbers} = {row.value}"
    if trace.back is not None:
        yield from backward_lines(wording, trace)
    for tangent in trace.tangents:
        along = ", ".join(f"d{name} = {wording.number(v)}" for name, v in tangent.direction.items())
        yield f"Forward mode along {along}"
        for moved in wording.tangent(trace, tangent):
            parts = [part for part in (moved.left, moved.rule, moved.numbers, moved.value) if part]
            yield " = ".join(parts)
    if options.sweep:
        yield from _sweep(wording, trace)
    for note in trace.notes:
        yield f"Note: {visible(note.message)}"
    if trace.expansions:
        from backtrace_cli.pages.trace.zoom import expansion_lines

        yield from expansion_lines(wording, trace.output, trace.expansions)
    for cost in trace.costs:
        yield f"Cost of step {cost.step}, {cost.node}: {cost.forward} forward, {cost.backward} backward"
    for form in trace.closed:
        yield from _closed(wording, trace, form)
    yield from _answer(wording, trace, options)


def graph_lines(wording: Wording, trace: Trace) -> Iterator[str]:
    """Who reads whom, a sentence a node."""
    yield "Graph"
    for node in wording.graph(trace):
        fork = ", a fork" if node.fork else ""
        what = f"is a {node.definition}" if node.definition in LEAVES else f"= {node.definition}"
        shape = f", shape {node.shape}," if node.shape else ""
        yield f"{node.name}{shape} {what}, {node.readers}{fork}"


def backward_lines(wording: Wording, trace: Trace) -> Iterator[str]:
    """The messages, a sentence each."""
    yield f"Backward, starting from {wording.partial(trace.output, trace.output)} = 1"
    for number, row in enumerate(wording.backward(trace), 1):
        fork = f", message {row.fork.removeprefix('(*) ')} at the fork" if row.fork else ""
        value = f" = {row.local_value}" if row.local_value else ""
        rule = f"gives {row.local}" if row.whole else f"times local {row.local}{value}"
        total = f", total {row.total}" if row.total else ""
        yield (
            f"message {number}: from {row.source} to {row.target}{fork}: upstream "
            f"{'g = ' if row.whole else ''}{row.upstream} {rule} adds {row.adds}{total}"
        )


def _sweep(wording: Wording, trace: Trace) -> Iterator[str]:
    from backtrace_cli.pages.trace.sweep import verdict_line

    for found in trace.checks:
        yield f"Check of {wording.partial(trace.output, found.name)}"
        for row in found.rows:
            yield f"h {row.h:.0e}: difference {wording.number(row.estimate)}, error {row.error:.1e}"
        yield verdict_line(found, wording)


def _closed(wording: Wording, trace: Trace, form: ClosedForm) -> Iterator[str]:
    left = wording.partial(trace.output, form.variable)
    if form.paths:
        yield f"Closed form: {left} = {form.paths.replace('∂', 'd').replace('·', '*')}"
    for step in form.lines:
        why = f" ({visible(step.why)})" if step.why else ""
        yield f"Closed form: {left} = {wording.expr(step.text)}{why}"
    if form.note:
        yield f"Closed form: {form.note}"


def _answer(wording: Wording, trace: Trace, options: Options) -> Iterator[str]:
    if trace.seeded:
        yield f"Directional derivative: d{trace.output} = {wording.number(trace.tangents[0].value)}"
        return
    yield "Gradient"
    if not trace.wrt:
        yield f"{trace.output} = {wording.number(trace.value)}, {wording.nothing(trace)}"
    for name in trace.wrt:
        parts = wording.sum(trace, name)
        total = wording.number(trace.gradient_of(name))
        checks = [found for found in trace.checks if found.variable == name]
        words = verdict_words(checks)
        if words and not words.startswith("cannot"):
            words = f"differences{'' if words.startswith(('agree', 'disagree')) else ':'} {words}"
        summed = f" = {parts}" if parts and parts != total else ""
        yield f"{wording.partial(trace.output, name)} = {total}{summed}{f'; {words}' if words else ''}"
    if options.unchecked:
        yield options.unchecked
