"""A trace without a point: the same walk, with formulas for numbers."""

from __future__ import annotations

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import Rules
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.syntax import Call, Expr, Name, names_in, size

__all__ = ["SymbolicRules", "expanded", "numbers", "ones"]

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


def numbers(graph: Graph) -> list[bool]:
    """For every node, is it a number whatever shapes the variables have?

    >>> from backtrace_cli.graph import build
    >>> graph = build("s = sum(x); 2*s*sum(x, axis=0)")
    >>> [graph.name(i) for i, sure in enumerate(numbers(graph)) if sure]
    ['s', '2', 'v1']
    """
    found: list[bool] = []
    for node in graph.nodes:
        if node.op is None:
            found.append(node.literal is not None and node.literal[0] != "[")
        elif node.op.mixes:
            found.append(_makes_a_number(node))
        else:
            found.append(all(found[arg] for arg in node.args))
    return found


def _makes_a_number(node: Node) -> bool:
    """Does an op that mixes entries make a number of all its samples, with these options?"""
    op = node.op
    assert op is not None
    assert op.shape is not None
    shapes = set()
    for sample in op.samples:
        try:
            shapes.add(op.shape(*sample[: len(node.args)], *node.fixed))
        except ShapeError:
            continue
    return shapes == {()}


def _at_each_entry(upstream: Expr, of: Expr) -> Expr:
    """``upstream`` at every entry of ``of``, even where it is a literal number."""
    if names_in(upstream):
        return upstream
    return simplify(Call("multiply", (upstream, ones(of))))


def ones(of: Expr) -> Expr:
    """1 for every entry of ``of``, as formulas write it."""
    return Call("ones_like", (of,))


class SymbolicRules(Rules):
    """The rules over formulas; a long upstream gradient is called by its name, ∂f/∂v3, and a
    long sum by the number of its messages, so that no formula grows with the graph."""

    def __init__(self, graph: Graph, arithmetic: Arithmetic, most: int = MOST_PARTS) -> None:
        super().__init__(graph, [graph.term(i) for i in range(len(graph))], arithmetic)
        self.most = most
        self.sure = numbers(graph) if graph.mixes else [True] * len(graph)

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        if size(upstream, self.most) > self.most or (isinstance(upstream, Name) and " " in upstream.name):
            upstream = Name(f"∂{self.graph.name(self.graph.output)}/∂{self.graph.name(node.index)}")
        if self.sure[node.index]:
            return super().message(node, slot, upstream, at)
        assert node.op is not None
        if node.op.mixes:
            return super().message(node, slot, _at_each_entry(upstream, at[-1]), at)
        local, contribution, kink = super().message(node, slot, upstream, at)
        if self.sure[node.args[slot]]:  # a number that meets an array is read by every entry
            contribution = simplify(Call("sum", (_at_each_entry(contribution, at[-1]),)))
        return local, contribution, kink

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        named = isinstance(total, Name) and " " in total.name
        if order > 1 and (named or size(total, self.most) > self.most):
            return Name(f"the sum of {order} messages")
        return super().accumulate(node, total, contribution, order)
