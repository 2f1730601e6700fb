"""What a node's arguments look like in the formula: only an error asks."""

from __future__ import annotations

from backtrace_cli.graph.node import Graph, Node
from backtrace_cli.graph.own_names import callable_in
from backtrace_cli.language.reading.parser import parse
from backtrace_cli.language.tree.syntax import Call, Define, Expr, Name, walk

__all__ = ["operands"]


def operands(graph: Graph, index: int) -> list[Expr]:
    """The arguments of node ``index`` as the formula writes them, with their places in it.

    Nodes keep one place each, so the formula is read again. In a loop several nodes
    have the same place: the one whose names are the node's own is meant.

    >>> from backtrace_cli.graph import build
    >>> [tree.span.start for tree in operands(build("1 + log(x, 2)"), 3)]
    [8, 11]
    """
    node = graph.nodes[index]
    if graph.source is None or node.span is None:
        return [graph.term(arg) for arg in node.args]
    found: tuple[Expr, ...] = ()
    sure = False
    names = {*graph.inputs, *graph.aliases}
    program = parse(graph.source, functions=callable_in(graph.source, names), bound=names, sizes=graph.sizes)
    for statement in program.statements:
        for tree in walk(statement.body if isinstance(statement, Define) else statement.value):
            if sure or not (isinstance(tree, Call) and tree.span == node.span):
                continue
            listed = tree
            if len(tree.args) == 1 and len(node.args) > 1 and isinstance(tree.args[0], Call):
                listed = tree.args[0]  # concat([a, b])
            if len(listed.args) <= len(node.args):
                found, sure = listed.args, _names_it(graph, node, listed.args)
    missing = [graph.term(arg)._replace(span=node.span) for arg in node.args[len(found) :]]
    return [*found, *missing]


def _names_it(graph: Graph, node: Node, args: tuple[Expr, ...]) -> bool:
    """Do all names among ``args``, however deep, lead to what ``node`` reads?"""
    for tree, arg in zip(args, node.args, strict=False):
        if isinstance(tree, Name) and graph.find(tree.name) not in (arg, None):
            return False
        if isinstance(tree, Call):
            below = _below(graph, arg)
            names = {graph.find(part.name) for part in walk(tree) if isinstance(part, Name)}
            if not names - {None} <= below:
                return False
    return True


def _below(graph: Graph, index: int) -> set[int | None]:
    """Everything that node ``index`` depends on, itself included."""
    found: set[int | None] = set()
    stack = [index]
    while stack:
        at = stack.pop()
        if at not in found:
            found.add(at)
            stack += graph.nodes[at].args
    return found
