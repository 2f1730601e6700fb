"""The point of a new exercise: the given one, or one at which mistakes show best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.plain_values import scalar
from backtrace_cli.grading.authoring.array_making import array_point
from backtrace_cli.grading.input_constraints import roles
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.choose_point import (
    FRIENDLY,
    Choice,
    Showing,
    candidates,
    choose_point,
    showing,
)
from backtrace_cli.readings.questions import Question

__all__ = ["point_of", "rival_points"]

#: Coordinates for formulas that have no value at the friendly ones, and for what is a share or a target.
_SMALL = tuple(
    map(Fraction, ("1/2", "1/3", "-1/2", "1/4", "2/3", "-1/3", "3/5", "1/5", "-1/4", "3/4", "1/10"))
)
_LARGE = tuple(map(Fraction, (12, 15, 20, 9, 11, 30, 25, -9, -12, 50, 100)))
_SHARES = tuple(map(Fraction, ("3/4", "1/4", "1/2", "1", "1/3", "0")))


def point_of(graph: Graph, questions: Sequence[Question], at: Mapping[str, Any] | None) -> Choice:
    """The point ``at``, or else the best one that is found. Raises PointError where it doesn't fit."""
    if at is not None:
        point = {name: at[name] for name in graph.inputs if name in at}
        if set(point) != set(graph.inputs) or len(point) != len(at):
            raise PointError("the point doesn't fit the formula", hint=f"it needs {', '.join(graph.inputs)}")
        shows = showing(graph, {name: scalar(value) for name, value in point.items()}, questions)
        if shows is None:
            raise PointError(
                "the formula has no value there, or stands at a kink", hint="choose another point"
            )
        return Choice(point, shows, 0, None)
    choice = _friendly(graph, questions) if graph.shapes is None else array_point(graph, questions)
    if choice is None:
        raise PointError("no point was found at which the formula has a value", hint="give one: --at x=1/2")
    return choice


def _friendly(graph: Graph, questions: Sequence[Question]) -> Choice | None:
    """The best point among friendly numbers; where none has a trace, among small ones, then larger ones."""
    kept = roles(graph)

    def fitting(pool: Sequence[Fraction]) -> Iterator[dict[str, Fraction]]:
        for point in candidates(list(graph.inputs), pool):
            yield {
                name: _SHARES[pool.index(value) % len(_SHARES)] if name in kept else value
                for name, value in point.items()
            }

    pools = (FRIENDLY, _SMALL, _LARGE)
    found = (choose_point(graph, questions, fitting(pool)) for pool in pools)
    return next((choice for choice in found if choice is not None), None)


def rival_points(
    graph: Graph, questions: Sequence[Question], choice: Choice
) -> Iterator[tuple[dict[str, Any], Showing]]:
    """Points that people take without thinking, and what would show there."""
    names = list(graph.inputs)
    if not names:
        return
    plain = [choice.plainest[0]] if choice.plainest else []
    if graph.shapes is not None:
        kept = roles(graph)
        ones = {name: choice.at[name] if name in kept else choice.at[name] * 0 + 1 for name in names}
        shows = showing(graph, ones, questions)
        if shows is not None:
            yield ones, shows
        return
    ones = dict.fromkeys(names, Fraction(1))
    one = {**dict.fromkeys(names, Fraction(0)), names[0]: Fraction(1)}
    seen = [choice.at]
    for point in (*plain, ones, one):
        shows = showing(graph, {name: float(value) for name, value in point.items()}, questions)
        if point not in seen and shows is not None:
            seen.append(point)
            yield point, shows
