"""The lecture's two-column sheet: each box's forward step, and the messages through it, on one row."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.document import GRADIENT, QUIET, VALUE, Block, Column, Heading, Table
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.two_columns import SheetRow, assignment, sheet_rows

__all__ = ["sheet_blocks"]


def sheet_blocks(trace: Trace) -> Iterator[Block]:
    """The sheet; (*) stands where a fork is read again and where messages add up."""
    yield Heading("Forward, and backward read upwards")
    right = not trace.symbolic
    columns = (
        Column(right=True), Column(keep=True), Column(keep=True, math=True),
        Column(style=QUIET, keep=True, below=2),
        Column(right=right, style=VALUE, lead="= ", keep=True, math=True),
        Column(right=True), Column(keep=True), Column(keep=True, math=True),
        Column(style=QUIET, keep=True, below=2), Column(lead="= ", below=1, math=True),
        Column(right=right, style=GRADIENT, lead="= ", keep=True, math=True),
    )  # fmt: skip
    yield Table(columns, lambda w: (_cells(w, trace, row) for row in sheet_rows(trace)))


def _cells(wording: Wording, trace: Trace, row: SheetRow) -> tuple[str, ...]:
    graph, sent = trace.graph, row.sent
    left = back = ("",) * 5
    if row.first:
        left = (
            str(row.step), wording.mark if row.again else "",
            f"{wording.name(graph.name(row.node))} = {wording.expr(graph.definition(row.node))}",
            wording.shape(trace, row.node), wording.cell(trace.values[row.node]),
        )  # fmt: skip
    number = str(row.back) if row.first and row.back else ""
    mark = wording.mark if row.first and row.adds else ""
    if sent is None:
        return (*left, "", *back)
    target, tree = assignment(trace, sent)
    sums = ""
    if row.before is not None and not trace.symbolic:
        terms = [row.before.total, sent.contribution]
        if not any(map(wording.summarised, terms)):
            sums = wording.added([wording.number(term) for term in terms])
    return (
        *left, number, mark, f"{wording.expr(target)} {wording.arrow} {wording.expr(tree)}",
        wording.shape(trace, sent.target), sums, wording.cell(sent.total),
    )  # fmt: skip
