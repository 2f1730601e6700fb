"""Points where a formula that was right at a dozen others may still be wrong: far out, near its branches.

y + max(0, x − 13) is y wherever x is small. Its own literals say where to look.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.input_constraints import roles
from backtrace_cli.grading.statement import Point, Statement, run_at
from backtrace_cli.graph import Graph
from backtrace_cli.ops import CONSTANTS

__all__ = ["arrays_near_branches", "branches", "far_out", "far_out_arrays", "near_branches"]

#: Not round, so that no condition is met just so.
_FAR = (30.7, -30.3, 100.9, -99.7)
#: Sums over many entries are large, and tanh(s) is tanh(2s) there.
_NEAR_ZERO = (0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
_GRID = (0.013, 0.17, 0.83, 2.6, 7.9, 16.3, 53.1, 307.0, 1013.0)
_MOST_LITERALS, _MOST_INPUTS, _MOST_NEAR = 8, 6, 400


def branches(graph: Graph) -> bool:
    """Has the graph a box that is one function here and another there, such as abs, max and where?"""
    return any(
        node.op is not None
        and (node.op.selects or node.op.remark or any(k.kind in ("kink", "jump") for k in node.op.kinks))
        for node in graph.nodes
    )


def far_out(statement: Statement) -> Iterator[Trace]:
    """Runs with one input large, the others as in the exercise, and with all of them large."""
    names = list(statement.at)[:_MOST_INPUTS]
    points = [{**statement.at, name: value} for name in names for value in _FAR]
    points += [
        {name: value * (1 - place / 11) for place, name in enumerate(statement.at)} for value in _FAR[:2]
    ]
    return _runs(statement, points if len(names) > 1 else points[:4])


def near_branches(statement: Statement, formula: Graph) -> Iterator[Trace]:
    """Runs at which one input stands near a literal of the answer, or of the exercise, or somewhere on a
    wide grid; the others as in the exercise, then as at another point."""
    places = _places([*_literals(formula), *_literals(statement.graph)])
    others = [point for point, _ in islice(statement.samples(), 1)]
    names = list(statement.at)[:_MOST_INPUTS]
    points = [{**base, name: place} for base in (statement.at, *others) for name in names for place in places]
    return _runs(statement, points[:_MOST_NEAR])


def far_out_arrays(statement: Statement) -> Iterator[Trace]:
    """The same with arrays: all entries of one of them large, or one alone; then all of them small."""
    names = _free(statement)
    points = [*_one_at(statement, _FAR)]
    points += [
        {**statement.at, **{name: _spread(statement.at[name], value * (1 - turn / 11))
                            for turn, name in enumerate(names)}}
        for value in _FAR[:2]
    ]  # fmt: skip
    dice = random.Random(5)
    points += [
        {**statement.at, **{name: _scattered(statement.at[name], size, dice) for name in names}}
        for size in _NEAR_ZERO
    ]
    return _runs(statement, points)


def arrays_near_branches(statement: Statement, formula: Graph) -> Iterator[Trace]:
    """The same with arrays: entries near a literal of the answer, or of the exercise, or on a wide grid."""
    places = _places([*_literals(formula), *_literals(statement.graph)])
    return _runs(statement, list(islice(_one_at(statement, places), _MOST_NEAR)))


def _one_at(statement: Statement, places: Sequence[float]) -> Iterator[Point]:
    """One input at each of ``places``: all its entries, the others as in the exercise; then one entry,
    the others as at another point, as those of the exercise may cancel or be 0."""
    others = [point for point, _ in islice(statement.samples(), 1)] or [statement.at]
    for turn, place in enumerate(places):
        for name in _free(statement):
            value = others[0][name]
            yield {**statement.at, name: _spread(value, place)}
            if shape_of(value):
                one = value.copy()
                one.flat[turn % value.size] = place
                yield {**others[0], name: one}
            else:
                yield {**others[0], name: place}


def _free(statement: Statement) -> list[str]:
    """The inputs that may be any numbers."""
    taken = roles(statement.graph)
    return [name for name in statement.at if name not in taken][:_MOST_INPUTS]


def _scattered(value: Value, size: float, dice: random.Random) -> Value:
    """Any entries up to ``size``: sums of products are small there, and no curve is flat."""
    if not shape_of(value):
        return dice.uniform(-size, size)
    found = value.copy()
    found.flat = [dice.uniform(-size, size) for _ in range(value.size)]
    return found


def _spread(value: Value, place: float) -> Value:
    """Every entry at ``place``, or a little farther out."""
    if not shape_of(value):
        return place
    found = value.copy()
    found.flat = [place * (1 + 0.0007 * turn * turn) for turn in range(value.size)]
    return found


def _runs(statement: Statement, points: Sequence[Point]) -> Iterator[Trace]:
    for point in points:
        try:
            yield run_at(statement.graph, point, statement.trace.arithmetic)
        except BacktraceError:
            continue


def _literals(graph: Graph) -> list[float]:
    found = dict.fromkeys(
        float(node.literal)
        for node in graph.nodes
        if node.literal is not None and node.literal not in CONSTANTS and node.literal[:1] != "["
    )
    return [value for value in found if abs(value) < 1e6][:_MOST_LITERALS]


def _places(literals: list[float]) -> list[float]:
    """On both sides of every literal and of its negative, between neighbours, and far from all."""
    marks = sorted({0.0, *literals, *(-value for value in literals)})
    found = [mark + side * step * max(1.0, abs(mark)) for mark in marks
             for step in (0.0017, 0.071) for side in (1, -1)]  # fmt: skip
    found += [left + 0.493 * (right - left) for left, right in pairwise(marks)]
    found += [side * value for value in _GRID for side in (1, -1)]
    return [value for value in dict.fromkeys(found) if math.isfinite(value)]
