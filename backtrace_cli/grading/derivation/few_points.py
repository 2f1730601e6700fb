"""What lines come to at the exercise's point and at a few others, in doubles: enough to tell which line
is meant for what. The verdict is the judge's alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.derivation.line_graphs import value_at
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph

__all__ = ["Points"]

#: Points beside the exercise's own.
_MORE = 2
#: Numbers this near, as shares of the largest entry, are the same in doubles; typed ones are rounded.
_NEAR, _ROUNDED = 1e-8, 1e-3


class Points:
    """The traces at a few points."""

    def __init__(self, statement: Statement) -> None:
        self.traces: list[Trace] = [statement.trace, *(run for _, run in islice(statement.samples(), _MORE))]

    def values(self, graph: Graph, extra: Mapping[str, list[Value]] | None = None) -> list[Value] | None:
        """The value of a line at each point; a line of numbers alone has one, at the exercise's own. None
        where one is missing."""
        traces = self.traces if graph.inputs else self.traces[:1]
        found = []
        for place, trace in enumerate(traces):
            here = {name: values[place] for name, values in (extra or {}).items()}
            value = value_at(graph, trace, here)
            if value is None:
                return None
            found.append(value)
        return found

    def same(self, mine: list[Value] | None, theirs: list[Value]) -> bool:
        """Are the two the same at every point at which the first has a value?"""
        if not mine:
            return False
        tolerance = _NEAR if len(mine) > 1 else _ROUNDED
        return all(near(one, other, tolerance) for one, other in zip(mine, theirs, strict=False))


def near(one: Value, other: Value, tolerance: float) -> bool:
    """Are two values of one shape the same, up to a share of the larger one's largest entry?"""
    if shape_of(one) != shape_of(other):
        return False
    gap, size = abs(one - other), abs(other)
    if shape_of(one):
        gap, size = gap.max(), size.max()
    return bool(gap <= tolerance * size or gap == 0)
