"""Which value of a formula is its prediction, and which of its data that is compared with."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from backtrace_cli.graph import Graph

__all__ = ["Asked", "prediction_of"]


class Asked(NamedTuple):
    """The value that predicts."""

    node: int
    """Its node in the graph of the loss."""
    target: str | None
    """The variable that it is compared with."""
    holds: str
    """``scores`` or ``shares`` of classes, where a loss over classes reads it; else nothing."""


def prediction_of(graph: Graph, data: Collection[str], parameters: Collection[str]) -> Asked | None:
    """The last value through which every path from the other data to the loss runs, and that does not depend
    on the target; the target is the one variable for which there is such a value. None where there is none.

    >>> from backtrace_cli.graph import build
    >>> graph = build("a = w*x + b; L = mean((y - a)^2)")
    >>> found = prediction_of(graph, ["x", "y"], ["w", "b"])
    >>> graph.name(found.node), found.target
    ('a', 'y')
    """
    present = [name for name in data if name in graph.inputs]
    moved = graph.leads_from({graph.inputs[name] for name in parameters if name in graph.inputs})
    best: tuple[int, str] | None = None
    for target in present:
        sources = {graph.inputs[name] for name in present if name != target}
        sources = sources or {graph.inputs[name] for name in parameters if name in graph.inputs}
        known = graph.leads_from({graph.inputs[target]})
        for index in _passed(graph, sources):
            if moved[index] and not known[index] and (best is None or index > best[0]):
                best = index, target
    if best is None:
        return None
    index, target = best
    return Asked(index, target, _judged(graph, index, graph.inputs[target]))


def _passed(graph: Graph, sources: Collection[int]) -> list[int]:
    """The nodes through which every path from the ``sources`` to the output runs."""
    reached = graph.leads_from(set(sources))
    useful = [False] * len(graph.nodes)
    useful[graph.output] = True
    for node in reversed(graph.nodes):
        if useful[node.index]:
            for arg in node.args:
                useful[arg] = True
    furthest = [0] * len(graph.nodes)
    for node in graph.nodes:
        if reached[node.index] and useful[node.index]:
            for arg in node.args:
                furthest[arg] = max(furthest[arg], node.index)
    found, reach, last = [], -1, max(sources, default=0)
    for node in graph.nodes:
        if reached[node.index] and useful[node.index]:
            if node.index >= last and reach <= node.index:
                found.append(node.index)
            reach = max(reach, furthest[node.index])
    return found


def _judged(graph: Graph, index: int, target: int) -> str:
    """What a loss over classes takes the node for, beside the target."""
    for node in graph.nodes:
        if node.op is not None and node.op.judges and node.args[:2] == (index, target):
            return node.op.judges
    return ""
