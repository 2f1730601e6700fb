"""Every way to change a graph. A change keeps what it doesn't touch: names, declarations, sizes, shapes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from typing import Any

from backtrace_cli.graph.node import Graph, Node, Shape

__all__ = [
    "cut",
    "pruned",
    "refitted",
    "regrouped",
    "renamed",
    "rooted",
    "spliced",
    "with_node",
    "with_options",
]


def rooted(graph: Graph, output: int) -> Graph:
    """``graph`` with another of its nodes as the output.

    >>> from backtrace_cli.graph import build
    >>> graph = build("a = x^2; f = a*y")
    >>> part = rooted(graph, graph.find("a"))
    >>> part.name(part.output), part.name(graph.output)
    ('a', 'f')
    """
    found = copy(graph)
    found.output = output
    return found


def pruned(graph: Graph) -> Graph:
    """``graph`` without what its output does not read; its shapes are not known any more.

    >>> from backtrace_cli.graph import build
    >>> graph = build("a = x^2; f = a*y")
    >>> list(pruned(rooted(graph, graph.find("a"))).inputs)
    ['x']
    """
    read = {graph.output}
    for node in reversed(graph.nodes):
        if node.index in read:
            read.update(node.args)
    place = {old: new for new, old in enumerate(sorted(read))}
    moved = [
        node._replace(index=place[node.index], args=tuple(place[arg] for arg in node.args))
        for node in graph.nodes
        if node.index in read
    ]
    found = copy(graph)
    found.hold(moved, [graph.name(old) for old in place])
    found.output, found.shapes = place[graph.output], None
    found.aliases = {name: place[index] for name, index in graph.aliases.items() if index in place}
    return found


def cut(graph: Graph, given: Collection[int]) -> Graph:
    """``graph`` with the nodes ``given`` for inputs: their values come from outside.

    >>> from backtrace_cli.graph import build
    >>> graph = build("a = x^2; f = a*y")
    >>> sorted(cut(graph, [graph.find("a")]).inputs)
    ['a', 'x', 'y']
    """
    return _made(graph, [
        Node(node.index, None, (), graph.name(node.index), None, node.span) if node.index in given else node
        for node in graph.nodes
    ])  # fmt: skip


def with_node(graph: Graph, node: Node) -> Graph:
    """``graph`` with ``node`` in the place of the one that has its index."""
    nodes = list(graph.nodes)
    nodes[node.index] = node
    return _made(graph, nodes)


def with_options(graph: Graph, options: Mapping[int, Mapping[str, Any]]) -> Graph:
    """``graph`` with other values for some ``options`` of some nodes' ops, by the node's index.

    >>> from backtrace_cli.graph import build
    >>> with_options(build("sum(dropout(x, p=0.5))"), {1: {"p": 0.0}}).nodes[1].fixed[0]
    0.0
    """
    nodes = list(graph.nodes)
    for index, changed in options.items():
        node = nodes[index]
        assert node.op is not None
        known = dict(zip(node.op.option_names, node.fixed, strict=True))
        nodes[index] = node._replace(fixed=tuple({**known, **changed}.values()))
    return _made(graph, nodes)


def refitted(graph: Graph, nodes: list[Node], shapes: list[Shape]) -> Graph:
    """``graph`` with the ``shapes`` of all nodes, each op chosen for the shapes of what it reads."""
    found = _made(graph, nodes)
    found.shapes = shapes
    return found


def regrouped(graph: Graph, nodes: Sequence[Node], order: Sequence[int]) -> Graph:
    """``graph`` computing its ``nodes`` in another ``order``, as what they read may have changed.

    The shapes are not known any more: a box in between may have another.
    """
    place = {old: new for new, old in enumerate(order)}
    moved = [
        nodes[old]._replace(index=new, args=tuple(place[arg] for arg in nodes[old].args))
        for new, old in enumerate(order)
    ]
    found = _made(graph, moved, place.__getitem__, [graph.name(old) for old in order])
    found.shapes = None
    return found


def spliced(graph: Graph, at: int, extra: Sequence[Node], instead: Node) -> Graph:
    """``graph`` with the boxes ``extra`` just before box ``at``, and ``instead`` in that box's place.

    The arguments of both are indices of ``graph``; −1 is the first of the extra boxes, −2 the second.
    The extra boxes are numbered from ``at``, and the shapes are not known any more.
    """
    count = len(extra)

    def place(arg: int) -> int:
        return at - 1 - arg if arg < 0 else arg if arg < at else arg + count

    names = [graph.name(index) for index in range(len(graph))]
    free = (f"v{number}" for number in range(1, len(names) + count + 1))
    fresh = [name for name in free if name not in names][:count]
    later = [*(node._replace(name=None) for node in extra), instead, *graph.nodes[at + 1 :]]
    moved = [
        *graph.nodes[:at],
        *(
            node._replace(index=index, args=tuple(map(place, node.args)))
            for index, node in enumerate(later, at)
        ),
    ]
    found = _made(graph, moved, place, [*names[:at], *fresh, *names[at:]])
    found.shapes = None
    return found


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
    names: list[str] = []
    first: dict[str, int] = {}
    for node in graph.nodes:
        name = graph.name(node.index)
        if node.is_input:
            name = own.get(name, name)
            places.append(first.setdefault(name, len(nodes)))
            if places[-1] < len(nodes):
                continue
            node = node._replace(name=name)
        else:
            places.append(len(nodes))
        nodes.append(node._replace(index=len(nodes), args=tuple(places[arg] for arg in node.args)))
        names.append(name)
    found = _made(graph, nodes, places.__getitem__, names)
    if graph.shapes is not None:
        found.shapes = [graph.shapes[places.index(index)] for index in range(len(nodes))]
    return found


def _made(
    graph: Graph, nodes: list[Node], place: Callable[[int], int] | None = None,
    names: list[str] | None = None,
) -> Graph:  # fmt: skip
    """``graph`` with other nodes: ``place`` tells where each has gone, ``names`` what they are called."""
    found = copy(graph)
    found.hold(nodes, names)
    if place is not None:
        found.output = place(graph.output)
        found.aliases = {name: place(index) for name, index in graph.aliases.items()}
    return found
