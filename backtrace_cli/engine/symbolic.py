"""A trace without a point: the same walk, with formulas for numbers."""

from __future__ import annotations

from backtrace_cli.engine.arithmetic import Symbols
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.events import Value
from backtrace_cli.formula.simplify import simplify
from backtrace_cli.formula.syntax import Expr, Name, size
from backtrace_cli.graph import Graph, Node

__all__ = ["SymbolicRules", "expanded"]

#: A formula longer than this is written as the name of its node instead.
MOST_PARTS = 60


def expanded(graph: Graph, most: int = MOST_PARTS) -> list[Expr]:
    """What every node computes, written over the inputs as far as that stays short."""
    found: list[Expr] = []
    for node in graph.nodes:
        if node.op is None:
            found.append(graph.term(node.index))
            continue
        tree = simplify(graph.definition(node.index, found.__getitem__))
        if size(tree, most) > most:
            tree = simplify(graph.definition(node.index))
        if size(tree, most) > most:
            tree = graph.term(node.index)
        found.append(tree)
    return found


class SymbolicRules(Rules):
    """The rules over formulas; a long upstream gradient is called by its name, ∂f/∂v3, and a
    long sum by the number of its messages, so that no formula grows with the graph."""

    def __init__(self, graph: Graph, arithmetic: Symbols, most: int = MOST_PARTS) -> None:
        super().__init__(graph, [graph.term(i) for i in range(len(graph))], arithmetic)
        self.most = most

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        if size(upstream, self.most) > self.most or (isinstance(upstream, Name) and " " in upstream.name):
            upstream = Name(f"∂{self.graph.name(self.graph.output)}/∂{self.graph.name(node.index)}")
        return super().message(node, slot, upstream, at)

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        named = isinstance(total, Name) and " " in total.name
        if order > 1 and (named or size(total, self.most) > self.most):
            return Name(f"the sum of {order} messages")
        return super().accumulate(node, total, contribution, order)
