"""Names as students spell them: β for beta, x₁ or x_{1} for x_1, as points accept them, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backtrace_cli.graph import Graph, Node
from backtrace_cli.ops import CONSTANTS, FUNCTIONS
from backtrace_cli.runs.point import other_spellings

__all__ = ["renamed", "spellings_of"]


def spellings_of(names: Iterable[str]) -> dict[str, str]:
    """Other spelling -> name, for those that have no meaning of their own.

    >>> spellings_of(["x_1", "beta", "sigma"])
    {'β': 'beta', 'x1': 'x_1'}
    """
    known = set(names)
    taken = known | set(FUNCTIONS) | set(CONSTANTS)
    return {other: name for name in sorted(known) for other in sorted(other_spellings(name) - taken)}


def renamed(graph: Graph, own: Mapping[str, str]) -> Graph:
    """``graph`` with its inputs under the names that ``own`` gives them; two spellings of one name are
    one input.

    >>> from backtrace_cli.graph import build
    >>> list(renamed(build("x1 + x_1*y"), {"x1": "x_1"}).inputs)
    ['x_1', 'y']
    """
    if not own.keys() & graph.inputs.keys():
        return graph
    places: list[int] = []
    nodes: list[Node] = []
    first: dict[str, int] = {}
    for node in graph.nodes:
        name = own.get(node.name or "", node.name) if node.is_input else node.name
        if node.is_input and name in first:
            places.append(first[name])
            continue
        if node.is_input and name is not None:
            first[name] = len(nodes)
        places.append(len(nodes))
        args = tuple(places[arg] for arg in node.args)
        nodes.append(node._replace(index=len(nodes), args=args, name=name))
    output = places[graph.output]
    return Graph(graph.source, nodes, output, nodes[output].name or graph.name(graph.output),
                 {name: places[index] for name, index in graph.aliases.items()}, graph.unused)  # fmt: skip
