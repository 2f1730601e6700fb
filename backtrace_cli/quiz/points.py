"""Points for drawn formulas: friendly numbers, alone or in lists, at which every step has a value."""

from __future__ import annotations

import math
import random
from typing import Any

from backtrace_cli.engine.arithmetic import Floats
from backtrace_cli.engine.events import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.errors import BacktraceError
from backtrace_cli.formula.numerals import numeral
from backtrace_cli.grading.compare import at_kink
from backtrace_cli.grading.lists import list_text
from backtrace_cli.grading.statement import Statement, run_at
from backtrace_cli.graph import Graph, build
from backtrace_cli.mistakes.numbers import entries
from backtrace_cli.quiz.grow import Grown
from backtrace_cli.quiz.topics import Topic

__all__ = ["friendly_points"]

#: Points tried before a draw gives up; over arrays they are dearer, and the first few do.
_POINTS, _ENOUGH_OVER_ARRAYS = 30, 4
#: Of the friendliest points so many are asked how many mistakes show there, by level.
_COMPARED = (3, 3, 3, 2, 2)


def friendly_points(dice: random.Random, topic: Topic, level: int, drawn: Grown) -> list[str]:
    """The points with the roundest numbers, best first."""
    graph = build(drawn.formula)
    found: dict[str, int] = {}
    compared = _COMPARED[level - 1]
    for _ in range(_POINTS):
        point = _point(dice, topic, level, drawn, graph)
        written = [(name, _text(value)) for name, value in point.items()]
        text = ",".join(f"{name}={value}" for name, value in written)
        if text in found:
            continue
        try:
            trace = Statement(drawn.formula, text).trace if drawn.shapes else run_at(graph, point, Floats())
        except BacktraceError:
            continue
        cost = _cost(trace, level, topic.kinked)
        if cost is not None:
            found[text] = cost
        if sum(cost == 0 for cost in found.values()) >= compared:
            break
        if drawn.shapes and len(found) >= _ENOUGH_OVER_ARRAYS:
            break
    return sorted(found, key=found.__getitem__)[:compared]


def _text(value: Any) -> str:
    return str(list_text(value)) if isinstance(value, list) else numeral(value, ascii=True)


def _point(dice: random.Random, topic: Topic, level: int, drawn: Grown, graph: Graph) -> dict[str, Any]:
    """Numbers for the inputs, nested lists where they are arrays."""
    pool = (2, 3, 4, 5, -2, -3) if level < 3 else (2, 3, 4, 5, -1, -2, -3, 0.5, 1.5)
    if drawn.shapes:
        return {
            name: _one_of(dice, shape[0]) if name in drawn.chosen else _listed(dice, shape)
            for name, shape in drawn.shapes.items()
        }
    at = {name: float(dice.choice(pool)) for name in sorted(graph.inputs)}
    if topic.kinked and dice.random() < 0.2:
        at[dice.choice(sorted(at))] = 0.0
    return at


#: What arrays are filled with.
_ENTRIES = (1, 1, 2, 2, 3, 4, -1, -1, -2, -3, 0)


def _listed(dice: random.Random, shape: tuple[int, ...]) -> Any:
    """Nested lists of small whole numbers; a number where the shape is ()."""
    if not shape:
        return dice.choice(_ENTRIES[:-1])
    return [_listed(dice, shape[1:]) if shape[1:] else dice.choice(_ENTRIES) for _ in range(shape[0])]


def _one_of(dice: random.Random, size: int) -> list[int]:
    """A label: a 1 among zeros."""
    place = dice.randrange(size)
    return [int(number == place) for number in range(size)]


#: op -> the largest size of what it may read, so that its slope can still be told from 0
_WITHIN = {
    "softmax": 4, "softmax_vector": 4, "sigmoid": 4, "tanh": 2.5, "exp": 3, "softplus": 4, "sin": 5, "cos": 5,
    "log": 50,
}  # fmt: skip


def _cost(trace: Trace, level: int, kinked: bool) -> int | None:
    """How many numbers of the run are not round; None where it is no point to ask about."""
    most = 60 if level <= 2 else 150
    graph = trace.graph
    cost = 0
    if not kinked and at_kink(trace):
        return None
    for index in graph.steps:
        node, value = graph.nodes[index], trace.values[index]
        assert node.op is not None
        within = _WITHIN.get(node.op.name, math.inf)
        numbers = _numbers(value)
        if not all(math.isfinite(number) and abs(number) <= most for number in numbers):
            return None
        if max(map(abs, _numbers(trace.values[node.args[0]]))) > within:
            return None
        if not any(numbers) and not kinked:
            return None
        cost += sum(not _round(number) for number in numbers) + (len(numbers) > 1 and 0 in numbers)
    for sent in trace.sent:
        numbers = _numbers(sent.contribution)
        if any(not math.isfinite(n) or abs(n) > 4 * most or 0 < abs(n) < 1e-3 for n in numbers):
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
