"""Ops that draw at random, such as dropout: drawn anew in every step, alike for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backtrace_cli.engine.compiled.lines import Late
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.surgery import with_options

__all__ = ["drawing_nodes", "drawn_late", "redrawn", "seeds_of", "undropped"]


def drawing_nodes(graph: Graph) -> list[int]:
    """The nodes whose op draws by a seed.

    >>> from backtrace_cli.graph import build
    >>> drawing_nodes(build("sum(dropout(x, p=0.5))"))
    [1]
    """
    return [node.index for node in graph.nodes if node.op and "seed" in node.op.option_names]


def seeds_of(graph: Graph, drawing: Sequence[int], step: Sequence[int]) -> list[int]:
    """A seed for each of the draws, made of its own, of the node's place and of the ``step``: no two boxes
    and no two steps draw alike."""
    import numpy as np

    mixed = [np.random.SeedSequence([*step, index, _seed(graph, index)]) for index in drawing]
    return [int(one.generate_state(1, np.uint64)[0]) for one in mixed]


def redrawn(graph: Graph, drawing: Sequence[int], step: Sequence[int]) -> Graph:
    """``graph`` with the seeds of a ``step``."""
    seeds = seeds_of(graph, drawing, step)
    return with_options(graph, {index: {"seed": seed} for index, seed in zip(drawing, seeds, strict=True)})


def drawn_late(graph: Graph, drawing: Sequence[int]) -> Graph:
    """``graph`` with seeds that are told with every call of its program, as ``seed 3`` for the node 3."""
    return with_options(graph, {i: {"seed": Late(f"seed {i}", _seed(graph, i))} for i in drawing})


def _seed(graph: Graph, index: int) -> int:
    return int(_options(graph.nodes[index])["seed"])


def undropped(graph: Graph, drawing: Sequence[int]) -> Graph:
    """``graph`` with nothing dropped, as it is used when it has been trained."""
    keeping = [index for index in drawing if "p" in _options(graph.nodes[index])]
    return with_options(graph, {index: {"p": 0.0} for index in keeping})


def _options(node: Node) -> dict[str, Any]:
    assert node.op is not None
    return dict(zip(node.op.option_names, node.fixed, strict=True))
