"""Numbers at random points, by which a closed form over arrays is believed or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.syntax import Expr, Name, Number
from backtrace_cli.ops import Op
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.readings.assumptions import Assumption
from backtrace_cli.readings.closed.matrix.shaped_trees import fold, op_of, options_of

__all__ = ["Point", "Witness"]

#: Beside these a difference is rounding.
_RELATIVE, _ABSOLUTE = 1e-6, 1e-9
#: Points of each sort that are tried.
_ROUNDS = 3


class Point(NamedTuple):
    """The values of all nodes at one point, and what the trace says there."""

    values: dict[str, Value]
    gradient: Any
    kinked: tuple[Op, ...]
    ordinary: bool
    """Is it drawn from a continuous distribution, and not zeros, ones, or whole numbers?"""


class Witness:
    """The trace's gradient of one node, at points that meet what is assumed."""

    def __init__(
        self, graph: Graph, index: int, assume: Mapping[str, Assumption], given: Mapping[str, Value],
    ) -> None:  # fmt: skip
        self.graph = graph
        self.index = index
        self.arithmetic = Arrays(guarded=any(node.op and node.op.selects for node in graph.nodes))
        self.points = [point for at in self._drawn(assume, given) if (point := self._traced(*at)) is not None]

    @property
    def enough(self) -> bool:
        """Has the formula a value at an ordinary point?"""
        return any(point.ordinary for point in self.points)

    def _drawn(
        self, assume: Mapping[str, Assumption], given: Mapping[str, Value]
    ) -> Sequence[tuple[dict[str, Any], bool]]:  # fmt: skip
        inputs, shapes = self.graph.inputs, self.graph.shapes
        assert shapes is not None
        dice = np.random.default_rng(2024)
        found: list[tuple[dict[str, Any], bool]] = [(dict(given), True)] if given else []
        for sort, ordinary in [(sort, True) for sort in _ORDINARY] * _ROUNDS + [
            (sort, False) for sort in _ODD
        ]:
            at = {}
            for name, index in inputs.items():
                drawn = sort(dice, shapes[index])
                if self.graph.picks(index):
                    drawn = given.get(name, np.zeros(shapes[index]))
                elif name in assume and shapes[index]:
                    drawn = assume[name].mend(drawn)
                elif name in assume:
                    drawn = assume[name].mend(float(drawn))
                at[name] = drawn if shapes[index] else float(drawn)
            found.append((at, ordinary))
        return found

    def _traced(self, at: Mapping[str, Any], ordinary: bool) -> Point | None:
        graph, arithmetic = self.graph, self.arithmetic
        inputs = {index: arithmetic.own(at[name]) for name, index in graph.inputs.items()}
        try:
            values, bad = forward(graph, inputs, arithmetic)
            refuse_undefined(graph, values, bad, arithmetic)
            back = backward(graph, values, arithmetic, {self.index})
        except BacktraceError:
            return None
        gradient = back.gradients[self.index]
        if gradient is None or (ordinary and not np.isfinite(gradient).all()):
            return None
        known = {f"#{place}": value for place, value in enumerate(values)}
        known |= {f"∂#{place}": value for place, value in enumerate(back.gradients) if value is not None}
        kinked = tuple(dict.fromkeys(graph.nodes[s.source].op for s in back.sent if s.kink >= 0))
        ordinary = ordinary and not kinked
        return Point(known, np.asarray(gradient), tuple(op for op in kinked if op), ordinary)

    def departures(self, tree: Expr) -> set[int] | None:
        """The odd points, by number, at which ``tree`` is not the trace's gradient though that has a value;
        None where it isn't at an ordinary one."""
        found = set()
        for number, point in enumerate(self.points):
            if not self._agree(point, evaluated(tree, point.values, self.arithmetic)):
                if point.ordinary:
                    return None
                found.add(number)
        return found

    def _agree(self, point: Point, value: Value) -> bool:
        wanted, value = point.gradient, np.asarray(value)
        if value.shape != wanted.shape:
            return False
        there = np.isfinite(wanted)
        if not there.any():
            return True
        with np.errstate(all="ignore"):
            scale = float(np.max(np.abs(wanted[there])))
            return bool(np.all(np.abs(value - wanted)[there] <= _RELATIVE * scale + _ABSOLUTE))

    def words(self, tree: Expr, odd: set[int]) -> str | None:
        """What to say where ``tree`` is not all that the trace says."""
        for number in sorted(odd):
            point = self.points[number]
            value = np.asarray(evaluated(tree, point.values, self.arithmetic))
            if not np.isfinite(value).all():
                if point.kinked:
                    kinked = point.kinked[0].written
                    return f"where {kinked} stands on a kink it has no value; the trace takes a slope there"
                return "it has no value at some points at which the trace has one, such as zeros"
            if point.kinked:
                return f"where {point.kinked[0].written} stands on a kink, the trace may take another slope"
            return "at some points, such as zeros, the trace takes another slope"
        return None


def evaluated(tree: Expr, values: Mapping[str, Value], arithmetic: Arrays) -> Value:
    """The value of ``tree`` with numbers for its names; nan where it has none."""

    def make(node: Expr, args: list[Any]) -> Any:
        if isinstance(node, Number):
            return arithmetic.literal(node.text)
        if isinstance(node, Name):
            return values[node.name] if node.name in values else arithmetic.literal(node.name)
        op = op_of(node, [np.shape(arg) for arg in args])
        return arithmetic.function(op)(*args, *options_of(op, node))

    try:
        return fold(tree, make)
    except BacktraceError:
        return np.nan


# -- points ------------------------------------------------------------------------------


def _positive(dice: np.random.Generator, shape: Shape) -> Any:
    return dice.uniform(0.3, 1.7, shape)


def _signed(dice: np.random.Generator, shape: Shape) -> Any:
    return dice.normal(size=shape)


def _small(dice: np.random.Generator, shape: Shape) -> Any:
    """Between 0 and 1, the rows of an array summing to 1."""
    found = dice.uniform(0.1, 0.9, shape)
    return found / found.sum(axis=-1, keepdims=True) if shape else found


def _definite(dice: np.random.Generator, shape: Shape) -> Any:
    """Square matrices with a positive determinant and not symmetric; others positive."""
    found = dice.uniform(0.2, 0.8, shape)
    return found + 2 * np.eye(*shape) if len(shape) == 2 and len(set(shape)) == 1 else found


def _whole(dice: np.random.Generator, shape: Shape) -> Any:
    return dice.integers(-2, 3, shape).astype(float)


def _zeros(dice: np.random.Generator, shape: Shape) -> Any:
    return np.zeros(shape)


def _ones(dice: np.random.Generator, shape: Shape) -> Any:
    return np.ones(shape)


_ORDINARY = (_positive, _signed, _small, _definite)
_ODD = (_whole, _whole, _whole, _zeros, _ones)
