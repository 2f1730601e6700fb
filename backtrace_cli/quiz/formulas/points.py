"""Points for drawn formulas: friendly numbers, alone or in lists, at which every step has a value."""

from __future__ import annotations

import math
import random
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.exercise.lists import list_text
from backtrace_cli.grading.statement import run_at
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.quiz.formulas.boxes import narrow
from backtrace_cli.quiz.formulas.grow import Grown
from backtrace_cli.quiz.formulas.topics import Topic
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.runs.point import Given, value_of
from backtrace_cli.runs.run import choose_arithmetic

__all__ = ["friendly_points", "graph_of"]

#: Points tried before a draw gives up; over arrays they are dearer, and the first few do.
_POINTS, _POINTS_OVER_ARRAYS, _ENOUGH_OVER_ARRAYS = 30, 12, 3
#: Of the friendliest points so many are asked how many mistakes show there, by level.
_COMPARED = (3, 3, 3, 2, 2)
_COMPARED_OVER_ARRAYS = 2

#: What it costs that a box reads the same number twice: then n stands for m, and what was mixed up is
#: right by accident. More than numbers that are not round can.
_COINCIDENT = 1000


def friendly_points(dice: random.Random, topic: Topic, level: int, drawn: Grown) -> list[str]:
    """The points with the roundest numbers, best first."""
    graph = graph_of(drawn)
    found: dict[str, int] = {}
    compared = _COMPARED_OVER_ARRAYS if drawn.shapes else _COMPARED[level - 1]
    for _ in range(_POINTS_OVER_ARRAYS if drawn.shapes else _POINTS):
        point = _point(dice, topic, level, drawn, graph)
        text = ",".join([f"{name}={_text(value)}" for name, value in point.items()])
        if text in found or any(_uniform(value) for value in point.values()):
            continue
        if not topic.kinked and _coincide(point):
            continue
        try:
            cost = _cost_at(graph, point, level, topic)
        except BacktraceError:
            continue
        if cost is not None:
            found[text] = cost
        if sum(cost == 0 for cost in found.values()) >= compared:
            break
        if drawn.shapes and sum(cost < _COINCIDENT for cost in found.values()) >= _ENOUGH_OVER_ARRAYS:
            break
    return sorted(found, key=found.__getitem__)[:compared]


def graph_of(drawn: Grown) -> Graph:
    """The graph of a drawn formula, with its shapes where it is over arrays."""
    graph = build(drawn.formula)
    return fit_shapes(graph, {graph.inputs[n]: s for n, s in drawn.shapes.items()}) if drawn.shapes else graph


def _cost_at(graph: Graph, point: dict[str, Any], level: int, topic: Topic) -> int | None:
    """How many numbers of the run at ``point`` are not round; None where it is no point to ask about.

    Raises BacktraceError where there is no run. The way back is not made where the way there won't do.
    """
    given = {name: Given("", value) for name, value in point.items()}
    arithmetic = choose_arithmetic(graph, given, False)
    at = {name: value_of(name, one, arithmetic) for name, one in given.items()}
    values, bad = forward(graph, {graph.inputs[name]: value for name, value in at.items()}, arithmetic)
    refuse_undefined(graph, values, bad, arithmetic)
    forth = _forward_cost(graph, values, level, topic)
    back = (
        None if forth is None else _backward_cost(run_at(graph, at, arithmetic, values), level, topic.kinked)
    )
    return None if forth is None or back is None else forth + back


def _coincide(point: dict[str, Any]) -> bool:
    """Have two inputs the same value?

    >>> _coincide({"x": 2.0, "y": 2.0, "z": 3.0}), _coincide({"x": [1, 2], "y": [2, 1]})
    (True, False)
    """
    return len({_text(value) for value in point.values()}) < len(point)


def _uniform(value: Any) -> bool:
    """Is every entry of an array the same number?

    >>> _uniform([[1, 1], [1, 1]]), _uniform([1, 2]), _uniform(2.0)
    (True, False, False)
    """
    if not isinstance(value, list):
        return False
    rows = [row if isinstance(row, list) else [row] for row in value]
    return len({number for row in rows for number in row}) == 1


def _text(value: Any) -> str:
    return str(list_text(value)) if isinstance(value, list) else numeral(value, ascii=True)


#: Numbers for the inputs on the first two levels and above; and more of them for ops that have no value,
#: or no slope, at most whole numbers.
_POOLS = ((2, 3, 4, 5, -2, -3), (2, 3, 4, 5, -1, -2, -3, 0.5, 1.5))
_BETWEEN = (0.5, -0.5, 0.25, 0.75, -0.25, 1.5, -1.5, 2.5)


def _point(dice: random.Random, topic: Topic, level: int, drawn: Grown, graph: Graph) -> dict[str, Any]:
    """Numbers for the inputs, nested lists where they are arrays."""
    pool: tuple[float, ...] = _POOLS[level > 2]
    listed = _ENTRIES
    if any(node.op is not None and narrow(node.op) for node in graph.nodes) and topic.lent:
        alone = dice.random() < 0.5  # a loss of shares needs every entry between 0 and 1
        pool, listed = (_BETWEEN, _BETWEEN) if alone else (pool + _BETWEEN, _ENTRIES + _BETWEEN)
    if drawn.shapes:
        return {
            name: _one_of(dice, shape[0]) if name in drawn.chosen else _listed(dice, shape, listed)
            for name, shape in drawn.shapes.items()
        }
    at = {name: float(dice.choice(pool)) for name in sorted(graph.inputs)}
    if topic.kinked and dice.random() < 0.2:
        at[dice.choice(sorted(at))] = 0.0
    return at


#: What arrays are filled with.
_ENTRIES: tuple[float, ...] = (1, 1, 2, 2, 3, 4, -1, -1, -2, -3, 0)


def _listed(dice: random.Random, shape: tuple[int, ...], pool: tuple[float, ...]) -> Any:
    """Nested lists of small whole numbers; a number where the shape is ()."""
    if not shape:
        return dice.choice([number for number in pool if number])
    return [_listed(dice, shape[1:], pool) if shape[1:] else dice.choice(pool) for _ in range(shape[0])]


def _one_of(dice: random.Random, size: int) -> list[int]:
    """A label: a 1 among zeros."""
    place = dice.randrange(size)
    return [int(number == place) for number in range(size)]


#: By level, no value is larger than this; a message may be several times as large.
_LARGEST, _LARGER = (60, 60, 150, 150, 150), 4


def _forward_cost(graph: Graph, values: list[Value], level: int, topic: Topic) -> int | None:
    cost = 0
    for index in graph.steps:
        node = graph.nodes[index]
        assert node.op is not None
        numbers = _numbers(values[index])
        if not all(abs(number) <= _LARGEST[level - 1] for number in numbers):  # nor where one is nan
            return None
        if max(map(abs, _numbers(values[node.args[0]]))) > (node.op.reach or node.op.spread or math.inf):
            return None
        if node.op.spread and len(set(_numbers(values[node.args[0]]))) == 1:
            return None
        if len(node.args) == 2 and node.args[0] != node.args[1] and not topic.kinked:
            cost += _COINCIDENT * _alike(values[node.args[0]], values[node.args[1]])
        if not any(numbers) and not topic.kinked and not node.op.flat:
            return None
        cost += sum(not _round(number) for number in numbers) + (len(numbers) > 1 and 0 in numbers)
    return cost


def _alike(one: Value, other: Value) -> bool:
    """Does a box read the same number twice, so that one could stand for the other?"""
    return shape_of(one) == shape_of(other) and _numbers(one) == _numbers(other)


def _backward_cost(trace: Trace, level: int, kinked: bool) -> int | None:
    if not kinked and at_kink(trace):
        return None
    cost = 0
    for sent in trace.sent:
        numbers = _numbers(sent.contribution)
        if any(not abs(n) <= _LARGER * _LARGEST[level - 1] or 0 < abs(n) < 1e-3 for n in numbers):
            return None
        if len(numbers) > 1 and not any(numbers):
            return None  # behind it nothing shows
        cost += sum(not _round(number) for number in numbers)
    return cost


def _numbers(value: Value) -> list[float]:
    return [number for _, number in entries(value)]


def _round(value: float) -> bool:
    """Is it a number that people do in their heads: whole, or with a short fraction?

    >>> _round(2.25), _round(0.3333), _round(-7.0)
    (True, False, True)
    """
    return (value * 100).is_integer() and len(numeral(value)) <= 5
