"""Another graph under the same names: how a formula is read, or differentiated, by mistake."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.graph import Graph, Node

__all__ = ["named", "regraphed", "spliced"]


def named(graph: Graph) -> list[Node]:
    """The nodes, each with the name that it has in ``graph``, so that it keeps it in another."""
    return [n if n.is_constant else n._replace(name=graph.name(n.index)) for n in graph.nodes]


def regraphed(graph: Graph, nodes: list[Node], output: int) -> Graph:
    """The graph of ``nodes``, known by the names of ``graph``."""
    aliases = {}
    at = {node.name: node.index for node in nodes if node.name}
    for name, index in graph.aliases.items():
        known = at.get(graph.name(index))
        if known is not None:
            aliases[name] = known
    return Graph(graph.source, nodes, output, graph.name(graph.output), aliases, graph.unused)


def spliced(graph: Graph, at: int, extra: Sequence[Node], instead: Node) -> Graph:
    """``graph`` with the boxes ``extra`` just before box ``at``, and ``instead`` in that box's place.

    The arguments of both are indices of ``graph``; −1 is the first of the extra boxes, −2 the second.
    The extra boxes are numbered from ``at``.
    """
    count = len(extra)

    def place(arg: int) -> int:
        return at - 1 - arg if arg < 0 else arg if arg < at else arg + count

    old = named(graph)
    instead = instead._replace(name=graph.name(at))
    nodes = [*old[:at], *(node._replace(name=None) for node in extra), instead, *old[at + 1 :]]
    moved = [
        node._replace(index=index, args=tuple(map(place, node.args)) if index >= at else node.args)
        for index, node in enumerate(nodes)
    ]
    found = regraphed(graph, moved, place(graph.output))
    if graph.shapes is not None:
        found.shapes = None
    return found
