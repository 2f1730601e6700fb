"""The page of a trace: title, graph, forward, backward, notes, and the answer last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.trace import Tangent, Trace
from backtrace_cli.pages.document import (
    GRADIENT,
    HEADING,
    QUIET,
    VALUE,
    Block,
    Column,
    Heading,
    Kept,
    Math,
    Note,
    Paragraph,
    Partial,
    Picture,
    Said,
    Side,
    Space,
    Steps,
    Table,
    math,
    partials,
)
from backtrace_cli.pages.rows import LEAVES
from backtrace_cli.pages.trace.answer import answer_blocks
from backtrace_cli.pages.trace.differences import sweep_blocks
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.gradient_terms import at_output

if TYPE_CHECKING:
    from backtrace_cli.readings.closed.closed_form import ClosedForm
    from backtrace_cli.readings.report import Report

__all__ = [
    "Options", "backward_blocks", "backward_start", "closed_blocks", "graph_blocks", "note_blocks", 
    "point_words", "second_order", "title_words", "trace_page",
]  # fmt: skip


class Options(NamedTuple):
    """What the reader asked to see."""

    view: str = "steps"
    full: bool = False
    """Everything of what is long?"""
    sweep: bool = False
    """Show every step of the gradient check?"""
    picture: bool = False
    """Draw the graph above the table of who reads whom?"""
    unchecked: str = ""
    """Why the gradient stands without a check, where it does."""
    table: bool = True
    """Say in a table who reads whom?"""


def trace_page(report: Report, options: Options) -> Iterator[Block]:
    """The whole page, block by block."""
    trace = report.trace
    yield Space()
    yield Paragraph([(title_words(trace), HEADING), (point_words(trace), "")], said=_title_said(trace))
    if options.view == "sheet" and trace.back is not None:
        from backtrace_cli.pages.trace.sheet import sheet_blocks

        yield from sheet_blocks(trace)
    else:
        if options.picture:
            yield from _drawn(trace, options.table)
        if options.table:
            yield from graph_blocks(trace)
        yield from _forward(trace)
        if trace.back is not None:
            yield from backward_blocks(trace)
    for tangent in trace.tangents:
        yield from _tangent(trace, tangent)
    if options.sweep:
        yield from sweep_blocks(trace, report.checks)
    if report.expansions:
        from backtrace_cli.pages.trace.zoom import expansion_blocks

        yield from expansion_blocks(trace.output, report.expansions, full=options.full)
    if report.costs:
        from backtrace_cli.pages.trace.cost_table import cost_blocks

        yield from cost_blocks(trace, report.costs)
    yield from note_blocks(trace)
    if report.closed:
        yield Heading("Closed form")
        for form in report.closed:
            yield from closed_blocks(trace, form)
    yield from answer_blocks(report, options.unchecked)
    yield from second_order(report, options.full)


def second_order(report: Report, full: bool) -> Iterator[Block]:
    """What of second order was asked for; the page of that is loaded where anything was."""
    if any((report.jacobian, report.hessian, report.second, report.product, report.certificate)):
        from backtrace_cli.pages.trace.second_page import second_blocks

        yield from second_blocks(report, full)


def _drawn(trace: Trace, above: bool) -> Iterator[Block]:
    """The graph as a picture, above its table or under a heading of its own."""
    from backtrace_cli.pages.trace.picture import picture_block

    if above:
        yield Picture(trace)
        return
    yield Heading("Graph", said="Graph")
    yield picture_block(trace)


def title_words(trace: Trace) -> Kept:
    """The formula as a title, which is folded between two statements and not inside one that fits a line."""
    return Kept(lambda wording: wording.statements(trace), ";  ")


def point_words(trace: Trace) -> Kept | str:
    """``at  x = 1   y = 0`` to stand behind a title; nothing for a trace without a point."""
    if not trace.at:
        return ""
    return Kept(lambda wording: wording.point(trace), before="     at\u00a0\u00a0", lists=True)


def _title_said(trace: Trace) -> Said:
    def said(wording: Wording) -> Iterator[str]:
        yield f"Formula: {visible(wording.title(trace))}"
        if trace.at:
            yield f"At: {', '.join(wording.point(trace))}"

    return said


def graph_blocks(trace: Trace) -> Iterator[Block]:
    """Who reads whom, forks marked."""
    if not trace.graph.inputs and not trace.graph.steps:
        return
    yield Heading("Graph", said="Graph")
    columns = (
        Column(math=True), Column(style=QUIET, keep=True), Column(keep=True, math=True), Column(style=QUIET),
        Column(keep=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for row in wording.graph(trace):
            what = wording.prose(row.definition) if row.definition in LEAVES else f"= {row.definition}"
            yield row.name, row.shape, what, row.readers, wording.mark if row.fork else ""

    def said(wording: Wording) -> Iterator[str]:
        for row in wording.graph(trace):
            what = f"is a {row.definition}" if row.definition in LEAVES else f"= {row.definition}"
            shape = f", shape {row.shape}," if row.shape else ""
            yield f"{row.name}{shape} {what}, {row.readers}{', a fork' if row.fork else ''}"

    yield Table(columns, rows, said)


def _forward(trace: Trace) -> Iterator[Block]:
    if not trace.graph.steps:
        return
    yield Heading("Forward", said="Forward")
    columns = (
        Column(right=True), Column(keep=True, math=True), Column(math=True), Column(style=QUIET, keep=True),
        Column(right=not trace.symbolic, style=VALUE, lead="= ", math=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for row in wording.forward(trace):
            numbers = f"= {row.numbers}" if row.numbers else ""
            yield row.step, f"{row.name} = {row.definition}", numbers, row.shape, row.value

    def said(wording: Wording) -> Iterator[str]:
        for row in wording.forward(trace):
            numbers = f" = {row.numbers}" if row.numbers else ""
            yield f"step {row.step}: {row.name} = {row.definition}{numbers} = {row.value}"

    yield Table(columns, rows, said)


def backward_start(trace: Trace) -> Math:
    """The message that the walk back begins with."""
    if trace.upstream is not None:
        return math("g = ", trace.upstream)
    return math(Partial(trace.output, trace.output), " = ", at_output(trace.graph))


def backward_blocks(trace: Trace) -> Iterator[Block]:
    """The messages in the order they were sent, each with its running total."""
    if not trace.sent:
        return
    start = backward_start(trace)
    legend = ["   g is the upstream gradient"] if trace.graph.mixes else []
    yield Heading("Backward", [start, *legend], ["Backward, starting from ", start])
    right = not trace.symbolic

    columns = (
        Column(right=True), Column("through", keep=True, math=True), Column("to", lead="to ", math=True),
        Column(style=QUIET, keep=True),
        Column("upstream", right=right, style=GRADIENT, keep=True, lead=": ", math=True),
        Column("· local", keep=True, math=True),
        # the value of the local derivative alone: "= " would make an equation of the product before it
        Column("value", right=right, style=VALUE, keep=True, lead=", local ", below=True, math=True),
        Column("adds", right=right, style=GRADIENT, lead="adds ", math=True),
        Column("total", right=right, style=GRADIENT, lead=", total ", keep=True, math=True),
        Column("", keep=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for row in wording.backward(trace):
            yield (
                row.step if row.first else "", row.through if row.first else "", row.target, row.shape,
                row.upstream, f"{wording.onward if row.whole else wording.dot} {row.local}", row.local_value,
                row.adds, row.total, row.fork,
            )  # fmt: skip

    yield Table(columns, rows, lambda wording: _messages(wording, trace))


def _messages(wording: Wording, trace: Trace) -> Iterator[str]:
    """The messages, a sentence each."""
    for number, row in enumerate(wording.backward(trace), 1):
        fork = f", message {row.fork.removeprefix('(*) ')} at the fork" if row.fork else ""
        value = f" = {row.local_value}" if row.local_value else ""
        rule = f"gives {row.local}" if row.whole else f"times local {row.local}{value}"
        total = f", total {row.total}" if row.total else ""
        yield (
            f"message {number}: from {row.source} to {row.target}{fork}: upstream "
            f"{'g = ' if row.whole else ''}{row.upstream} {rule} adds {row.adds}{total}"
        )


def _tangent(trace: Trace, tangent: Tangent) -> Iterator[Block]:
    def along(wording: Wording) -> list[str]:
        return [f"d{name} = {wording.number(value)}" for name, value in tangent.direction.items()]

    aside = f"along {tangent.variable}" if tangent.variable else Kept(along)
    yield Heading("Forward mode", [aside], lambda w: [f"Forward mode along {', '.join(along(w))}"])
    columns = (
        Column(right=True), Column(keep=True, math=True), Column(style=QUIET, keep=True), Column(math=True),
        Column(math=True), Column(right=not trace.symbolic, style=GRADIENT, lead="= ", math=True),
    )  # fmt: skip

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for row in wording.tangent(trace, tangent):
            numbers = f"= {row.numbers}" if row.numbers and row.numbers != row.value else ""
            yield row.step, row.left, row.shape, f"= {row.rule}" if row.rule else "", numbers, row.value

    def said(wording: Wording) -> Iterator[str]:
        for row in wording.tangent(trace, tangent):
            yield " = ".join(filter(None, (row.left, row.rule, row.numbers, row.value)))

    yield Table(columns, rows, said)


def note_blocks(trace: Trace) -> Iterator[Block]:
    """What the reader should know."""
    if trace.notes:
        yield Heading("Notes")
        yield from (Note(note.message, f"Note: {visible(note.message)}") for note in trace.notes)


def closed_blocks(trace: Trace, form: ClosedForm) -> Iterator[Block]:
    """A partial as one formula, and how it comes about."""
    left = math(Partial(trace.output, form.variable))
    sides = [Side(partials(form.paths))] if form.paths else []
    last = len(form.lines) - 1
    sides += [Side(math(step.text), GRADIENT if number == last else "", step.why)
              for number, step in enumerate(form.lines)]  # fmt: skip

    def said(wording: Wording) -> Iterator[str]:
        for side in sides:
            why = f" ({visible(side.why)})" if side.why else ""
            yield f"Closed form: {wording.words(left)} = {wording.words(side.words)}{why}"

    yield Steps(left, sides, said)
    if form.note:
        yield Paragraph([(form.note, QUIET)], 2, f"Closed form: {form.note}")
