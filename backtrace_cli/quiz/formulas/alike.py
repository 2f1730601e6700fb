"""Which formulas are one and the same question: whatever their inputs are called, and x + y as y + x."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.graph import Graph
from backtrace_cli.ops.traits import commutes

__all__ = ["at_point", "structure"]


def structure(graph: Graph) -> str:
    """What two formulas have in common that differ in names, and in the order of sums and products.

    >>> from backtrace_cli.graph import build
    >>> structure(build("a = x*y; f = a + x")) == structure(build("p = u*v; f = v + p"))
    True
    >>> structure(build("a = x*y; f = a + x")) == structure(build("a = x*y; f = a + z"))
    False
    """
    return _told(graph, {})


def at_point(graph: Graph, at: Mapping[str, Value]) -> str:
    """The same with the numbers that stand in each input's place.

    >>> from backtrace_cli.graph import build
    >>> one, other = build("f = x*y"), build("f = v*u")
    >>> at_point(one, {"x": 2.0, "y": 3.0}) == at_point(other, {"u": 2.0, "v": 3.0})
    True
    """
    return _told(graph, at)


def _told(graph: Graph, at: Mapping[str, Value]) -> str:
    """Each node gets a colour from what it reads, then from who reads it, once more for every input."""
    colours: list[Hashable] = [None] * len(graph.nodes)
    names = {index: name for name, index in graph.inputs.items()}
    for _ in range(len(graph.inputs) + 1):
        for node in graph.nodes:
            shape = graph.shapes[node.index] if graph.shapes is not None else ()
            if node.op is None:
                given = _number(at.get(names[node.index])) if node.index in names else node.literal
                colours[node.index] = hash((given, shape, node.index in names, colours[node.index]))
                continue
            read = [colours[arg] for arg in node.args]
            if commutes(node.op):
                read.sort(key=hash)
            colours[node.index] = hash((node.op.name, node.fixed, tuple(read)))
        readers = _readers(graph, colours)
        colours = [hash(pair) for pair in zip(colours, readers, strict=True)]
    return str(hash(tuple(sorted(map(hash, colours)))))


def _readers(graph: Graph, colours: list[Hashable]) -> list[tuple[int, ...]]:
    """Who reads each node, and in which place where that counts."""
    found: list[list[int]] = [[] for _ in graph.nodes]
    for node in graph.nodes:
        for slot, arg in enumerate(node.args):
            place = 0 if node.op is not None and commutes(node.op) else slot
            found[arg].append(hash((colours[node.index], place)))
    return [tuple(sorted(one)) for one in found]


def _number(value: Value) -> Hashable:
    """A value as something that can be compared at once."""
    if value is None:
        return None
    return tuple(map(_number, value)) if shape_of(value) else repr(float(value))  # −1 and −2 hash alike
