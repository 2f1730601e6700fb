"""The lecture's two-column sheet: each box's forward step, and the messages through it, on one row."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.language.tree.simplify import join, product, simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.pages.layout import GRADIENT, QUIET, VALUE, Column, Screen, heading, table
from backtrace_cli.pages.wording import Wording

__all__ = ["print_sheet", "sheet_rows"]

#: step, mark, definition, shape, value, backward step, mark, message, shape, its sum in numbers, total
SheetRow = tuple[str, str, str, str, str, str, str, str, str, str, str]


def print_sheet(screen: Screen, wording: Wording, trace: Trace) -> None:
    """Print the sheet; (*) stands where a fork is read again and where messages add up."""
    heading(screen, "Forward, and backward read upwards")
    right = not trace.symbolic
    columns = (
        Column(right=True), Column(keep=True), Column(keep=True),
        Column(style=QUIET, keep=True, below=2), Column(right=right, style=VALUE, lead="= ", keep=True),
        Column(right=True), Column(keep=True), Column(keep=True), Column(style=QUIET, keep=True, below=2),
        Column(lead="= ", below=1), Column(right=right, style=GRADIENT, lead="= ", keep=True),
    )  # fmt: skip
    table(screen, columns, sheet_rows(wording, trace))


def sheet_rows(wording: Wording, trace: Trace) -> Iterator[SheetRow]:
    """The rows of the sheet, a row for each step and one more for each further message."""
    graph = trace.graph
    counts = trace.back.counts if trace.back else []
    through: dict[int, list[Sent]] = {}
    for sent in trace.sent:
        through.setdefault(sent.source, []).append(sent)
    before: dict[tuple[int, int], Sent] = {(s.target, s.order): s for s in trace.sent}
    seen: set[int] = set()
    boxes = len(through)
    passed = 0
    for step, index in enumerate(graph.steps, 1):
        node = graph.nodes[index]
        again = any(arg in seen for arg in node.args if not graph.nodes[arg].is_constant)
        seen.update(node.args)
        messages = through.get(index, [])
        mark = wording.mark if any(counts[sent.target] > 1 for sent in messages) else ""
        number = str(boxes - passed) if messages else ""
        passed += bool(messages)
        left = (
            str(step), wording.mark if again else "",
            f"{graph.name(index)} = {wording.expr(graph.definition(index))}", wording.shape(trace, index),
            wording.cell(trace.values[index]),
        )  # fmt: skip
        if not messages:
            yield (*left, "", "", "", "", "", "")
        for sent in messages:
            previous = before.get((sent.target, sent.order - 1))
            sums = ""
            if previous is not None and not trace.symbolic:
                terms = [previous.total, sent.contribution]
                if not any(map(wording.summarised, terms)):
                    sums = wording.added([wording.number(term) for term in terms])
            yield (
                *left, number, mark, message(wording, trace, sent), wording.shape(trace, sent.target), sums,
                wording.cell(sent.total),
            )  # fmt: skip
            left, number, mark = ("", "", "", "", ""), "", ""


def message(wording: Wording, trace: Trace, sent: Sent) -> str:
    """``dx ← dx + dr·r·(1 − r)``: the assignment that one message is."""
    graph = trace.graph
    target = Name(f"d{graph.name(sent.target)}")
    local = local_expression(graph, sent)
    tree: Expr = Name(f"d{graph.name(sent.source)}")
    op = graph.nodes[sent.source].op
    if op is not None and op.mixes:
        tree = simplify(substitute(local, {"g": Number("1") if sent.source == graph.output else tree}))
    elif sent.source == graph.output:
        tree = local
    elif local == Call("negative", (Number("1"),)) or wording.expr(local) in ("-1", "−1"):
        tree = Call("negative", (tree,))
    elif wording.expr(local) != "1":
        tree = product(tree, local)
    if sent.order > 1:
        tree = join(target, tree)
    return f"{target.name} {wording.arrow} {wording.expr(tree)}"
