"""The lecture's two-column sheet as data: each box's forward step beside the messages through it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.language.tree.simplify import join, product, simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.readings.gradient_terms import at_output

__all__ = ["SheetRow", "assignment", "sheet_rows"]


class SheetRow(NamedTuple):
    """A row of the sheet: a box, a message through it, or both."""

    step: int
    node: int
    """The box, by its node's index."""
    first: bool
    """Does the row begin its box?"""
    again: bool
    """Does the box read a node that an earlier one has read?"""
    back: int
    """Which box of the way back it is, from 1; 0 where no message goes through it."""
    adds: bool
    """Does one of its messages add to others?"""
    sent: Sent | None
    before: Sent | None
    """The message to the same node before this one."""


def sheet_rows(trace: Trace) -> Iterator[SheetRow]:
    """The rows in the order of the forward steps, one more for each further message."""
    graph = trace.graph
    counts = trace.back.counts if trace.back else []
    through: dict[int, list[Sent]] = {}
    for sent in trace.sent:
        through.setdefault(sent.source, []).append(sent)
    before = {(sent.target, sent.order): sent for sent in trace.sent}
    seen: set[int] = set()
    passed = 0
    for step, index in enumerate(graph.steps, 1):
        node = graph.nodes[index]
        again = any(arg in seen for arg in node.args if not graph.nodes[arg].is_constant)
        seen.update(node.args)
        messages = through.get(index, [])
        back = len(through) - passed if messages else 0
        passed += bool(messages)
        adds = any(counts[sent.target] > 1 for sent in messages)
        if not messages:
            yield SheetRow(step, index, True, again, 0, False, None, None)
        for place, sent in enumerate(messages):
            previous = before.get((sent.target, sent.order - 1))
            yield SheetRow(step, index, place == 0, again, back, adds, sent, previous)


def assignment(trace: Trace, sent: Sent) -> tuple[Name, Expr]:
    """What a message does on the sheet: dx, and ``dx + dr·r·(1 − r)`` that becomes it."""
    graph = trace.graph
    target = Name(f"d{graph.name(sent.target)}")
    local = local_expression(graph, sent)
    tree: Expr = Name(f"d{graph.name(sent.source)}")
    op = graph.nodes[sent.source].op
    if op is not None and op.mixes:
        tree = simplify(substitute(local, {"g": at_output(graph) if sent.source == graph.output else tree}))
    elif sent.source == graph.output:
        tree = local
    elif isinstance(local, Call) and local.func == "negative" and _is_one(local.args[0]):
        tree = Call("negative", (tree,))
    elif not _is_one(local):
        tree = product(tree, local)
    return target, join(target, tree) if sent.order > 1 else tree


def _is_one(tree: Expr) -> bool:
    return isinstance(tree, Number) and tree.text == "1"
