"""The output of a run along any line through its point, and what it meets on the way."""

from __future__ import annotations

import math
from functools import cached_property

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, as_float
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.readings.checking.branches import Branches
from backtrace_cli.readings.checking.own_rounding import swayed
from backtrace_cli.readings.kinks import entries_that_move, meets, standing

__all__ = ["MOST_ENTRIES", "Line", "Lines", "entry_count", "summed", "weighted"]

#: An array with more entries than this is checked along random directions instead.
MOST_ENTRIES = 64


class Lines:
    """The output along any line through the point, and whether it meets a kink on the way."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.arithmetic = Floats() if trace.arithmetic.exact else trace.arithmetic
        self.point = {name: as_float(value) for name, value in trace.at.items()}
        self.places = standing(trace.graph, trace.values, trace.arithmetic)
        self.values = trace.values if self.arithmetic is trace.arithmetic else self.at(self.point)
        self.branches = Branches(trace.graph, self.values, self.arithmetic)
        large = [name for name in trace.wrt if entry_count(trace.at[name]) > MOST_ENTRIES]
        self.moving = (
            entries_that_move(trace.graph, self.places, trace.values, trace.arithmetic, large)
            if large and self.places else {}
        )  # fmt: skip

    def at(self, point: dict[str, Value]) -> list[Value]:
        """Every value at ``point``."""
        graph = self.trace.graph
        return forward(graph, {graph.inputs[n]: v for n, v in point.items()}, self.arithmetic)[0]

    @cached_property
    def swayed(self) -> dict[str, list[Value]]:
        """The gradients of runs with other roundings."""
        return swayed(self.trace)

    def sway(self, name: str, direction: Value) -> float:
        """How far rounding may have moved the slope along ``direction``."""
        slopes = [summed(weighted(gradient, direction)) for gradient in self.swayed[name]]
        slopes = [slope for slope in slopes if math.isfinite(slope)]
        return max(slopes) - min(slopes) if slopes else 0.0

    def kinked(self, name: str) -> Value:
        """The entries of a large array that meet a kink; None where none does, and for small ones."""
        found = self.moving.get(name)
        return found if found is not None and found.any() else None

    def along(self, name: str, direction: Value) -> Line:
        """The line on which ``name`` moves along ``direction``."""
        return Line(self, name, direction)


class Line:
    """The output (an array's sum) as a function of a step along one direction."""

    def __init__(self, lines: Lines, name: str, direction: Value) -> None:
        self.lines, self.name, self.direction = lines, name, direction
        self.met: set[float] = set()
        """The steps at which a box that stands at a kink has changed."""
        self.crossed: set[float] = set()
        """The steps at which a box is on another branch than at the point."""

    def __call__(self, h: float) -> float:
        lines = self.lines
        values = lines.at({**lines.point, self.name: lines.point[self.name] + h * self.direction})
        if lines.places and meets(lines.trace.graph, lines.places, lines.values, values):
            self.met.add(abs(h))
        elif lines.branches.left(values):
            self.crossed.add(abs(h))
        return summed(as_float(values[lines.trace.graph.output]))


def summed(value: Value) -> float:
    """The sum of the entries; a number as it is."""
    if not shape_of(value):
        return float(value)
    import numpy as np

    with np.errstate(all="ignore"):
        return float(value.sum())


def weighted(value: Value, factor: Value) -> Value:
    """value · factor, an entry that is not moved being 0 even where the value is infinite."""
    if not hasattr(factor, "dtype") and not hasattr(value, "dtype"):
        return value * factor
    import numpy as np

    with np.errstate(all="ignore"):
        if not shape_of(factor):
            return value * factor
        return np.where(factor == 0, 0.0, value * factor)


def entry_count(value: Value) -> int:
    """How many entries there are, 1 of a number."""
    return math.prod(shape_of(value))
