"""Ops that draw at random, such as dropout: drawn anew in every step, alike for the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import Rules
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.surgery import with_options

__all__ = ["DrawnRules", "drawing_nodes", "redrawn", "undropped"]


def drawing_nodes(graph: Graph) -> list[int]:
    """The nodes whose op draws by a seed.

    >>> from backtrace_cli.graph import build
    >>> drawing_nodes(build("sum(dropout(x, p=0.5))"))
    [1]
    """
    return [node.index for node in graph.nodes if node.op and "seed" in node.op.option_names]


def redrawn(graph: Graph, drawing: Sequence[int], step: Sequence[int]) -> Graph:
    """``graph`` with a seed for each of its draws that is made of its own, of the node's place and of
    the ``step``: no two boxes and no two steps draw alike."""
    import numpy as np

    changed = {}
    for index in drawing:
        own = _options(graph.nodes[index])["seed"]
        mixed = np.random.SeedSequence([*step, index, own])
        changed[index] = {"seed": int(mixed.generate_state(1, np.uint64)[0])}
    return with_options(graph, changed)


def undropped(graph: Graph, drawing: Sequence[int]) -> Graph:
    """``graph`` with nothing dropped, as it is used when it has been trained."""
    keeping = [index for index in drawing if "p" in _options(graph.nodes[index])]
    return with_options(graph, {index: {"p": 0.0} for index in keeping})


def _options(node: Node) -> dict[str, Any]:
    assert node.op is not None
    return dict(zip(node.op.option_names, node.fixed, strict=True))


class DrawnRules(Rules):
    """The rules of backpropagation, where seeds change from step to step: each program is made once,
    from the options that stand in the formula, and reads the step's."""

    def __init__(self, formula: Graph, graph: Graph, values: list[Value], arithmetic: Arithmetic) -> None:
        super().__init__(graph, values, arithmetic)
        self.formula = formula

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        """(local derivative, contribution, kink) of the message along one edge."""
        written = self.formula.nodes[node.index].fixed
        if written == node.fixed:
            return super().message(node, slot, upstream, at)
        assert node.op is not None
        program = self.arithmetic.partial(node.op, slot, len(node.args), written)
        return None, self.arithmetic.run(program, [*at, upstream, *node.fixed]), -1
