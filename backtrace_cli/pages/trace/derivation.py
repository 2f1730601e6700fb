"""The derivation as on a board: each box forward, and each gradient as the sum over its readers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.syntax import Name, Number
from backtrace_cli.pages.document import (
    GRADIENT,
    HEADING,
    VALUE,
    Block,
    Factor,
    Heading,
    Kept,
    Paragraph,
    Picture,
    Side,
    Space,
    Steps,
    Sum,
    math,
)
from backtrace_cli.pages.trace.answer import nothing_block
from backtrace_cli.pages.trace.page import (
    backward_start,
    closed_blocks,
    note_blocks,
    point_words,
    second_order,
    title_words,
)
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.gradient_terms import Derived, derived, partial
from backtrace_cli.readings.report import Report

__all__ = ["derivation_page"]


def derivation_page(report: Report) -> Iterator[Block]:
    """The page: the graph, forward, backward, the closed forms, and the gradient last."""
    trace = report.trace
    yield Space()
    yield Paragraph([(title_words(trace), HEADING), (point_words(trace), "")])
    yield Picture(trace)
    if trace.graph.steps:
        yield Heading("Forward")
    for index in trace.graph.steps:
        yield Steps(math(Name(trace.graph.name(index))), [Side(_forward(trace, index), VALUE)])
    yield Heading("Backward", [backward_start(trace)])
    for found in derived(trace):
        yield from _backward(trace, found)
    yield from note_blocks(trace)
    if report.closed:
        yield Heading("Closed form")
        for form in report.closed:
            yield from closed_blocks(trace, form)
    yield Heading("Gradient")
    if not trace.wrt:
        yield nothing_block(trace)
    closed = {form.variable: form.result for form in report.closed}
    for name in trace.wrt:
        total = closed.get(name) if trace.symbolic else None
        words = math(trace.gradient_of(name) if total is None else total)
        left = (partial(trace.output, name),)
        yield Steps(math(*(left if trace.upstream is None else ("g·", *left))), [Side(words, GRADIENT)])
    yield from second_order(report, full=False)


def _forward(trace: Trace, index: int) -> Kept:
    """``x² = 1² = 1``; where it reads the same with numbers, once."""

    def pieces(wording: Wording) -> list[str]:
        row = wording.forward_row(trace, index)
        return list(dict.fromkeys(filter(None, (row.definition, row.numbers, row.value))))

    return Kept(pieces, " = ")


def _backward(trace: Trace, found: Derived) -> Iterator[Block]:
    """``∂f/∂y = ∂f/∂a·∂a/∂y + … = y·1 + a = 3·1 + 5 = 8``, each stage that says something new."""
    terms = found.terms
    paths = _summed([[Factor(term.path)] for term in terms])
    stages = [paths]
    if not trace.symbolic and shape_of(found.total):
        stages.append([found.total])
    else:
        stages.append(_summed([_times(term.upstream, term.local) for term in terms]))
        if not trace.symbolic:
            stages.append(_summed([_times(term.upstream, term.local if term.value is None else term.value)
                                   for term in terms]))  # fmt: skip
            stages.append([Sum(tuple(term.contribution for term in terms))])
        stages.append([found.total])
    said: set[str] = set()
    sides = []
    for number, stage in enumerate(stages):
        words = math(*stage)
        text = Wording(ascii=True, digits=17).words(words).strip("()")
        if text not in said and not (text == _name(trace, found) and number == 0):
            said.add(text)
            sides.append(Side(words, GRADIENT if number == len(stages) - 1 else ""))
    yield Steps(math(partial(trace.output, found.node)), sides)


def _name(trace: Trace, found: Derived) -> str:
    return f"d{trace.output}/d{found.node}"


def _times(upstream: Any, factor: Any) -> list[Any]:
    """Two factors; one of them alone where the other is 1."""
    if upstream is None:
        return [Factor(factor)]
    if isinstance(factor, Number) and factor.text == "1":
        return [Factor(upstream)]
    return [Factor(upstream), "·", Factor(factor)]


def _summed(terms: list[list[Any]]) -> list[Any]:
    parts = [term.part for term in terms[0]] if len(terms[0]) == 1 else list(terms[0])
    for term in terms[1:]:
        parts += [" + ", *term]
    return parts
