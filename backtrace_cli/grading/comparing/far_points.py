"""Points where an answer that agreed at a dozen others may still be wrong: far out, and near its corners.

y + max(0, x − 13) is y wherever x is small. Where an answer bends is found by looking along every
variable for a box of it that changes its sign: x − 13 does at 13, and so do x − 50·100 at 5000,
x − exp(9) at 8103 and 8.2 − x in a narrow bell; there, and on both sides of it, the answer is tried.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import combinations, pairwise, product

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.forward import forward
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.graph import Graph
from backtrace_cli.ops import Op

__all__ = ["branches", "corners", "far_out"]

#: Not round, so that no condition is met just so.
_FAR = (30.7, -30.3, 100.9, -99.7)
#: Sums over many entries are large, and tanh(s) is tanh(2s) there.
_NEAR_ZERO = (0.9, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05)
#: Where a variable is looked at for changes of sign.
_GRID = tuple(side * size for side in (-1, 1) for size in (
    0.17, 0.83, 2.6, 7.9, 25.1, 107.3, 1013.0, 1.1e4, 2.3e5, 4.1e7,
))  # fmt: skip
#: Numbers that a derivative is written with anyway.
_USUAL = {0.0, 0.5, 1.0, 2.0, 3.0, 4.0}
_MOST_INPUTS, _MOST_CORNERS, _HALVINGS = 6, 24, 30
#: How far from a corner, as a share of where it stands.
_BESIDE = (1e-9, 1e-4, 0.017, 0.31)


def bends(op: Op) -> bool:
    """Is it one function here and another there, such as abs, max and where?"""
    return bool(op.selects or op.remark or any(kink.kind in ("kink", "jump") for kink in op.kinks))


def branches(graph: Graph) -> bool:
    """Has the graph a box that bends?"""
    return any(node.op is not None and bends(node.op) for node in graph.nodes)


def far_out(statement: Statement, dice: random.Random) -> Iterator[Point]:
    """Points with one variable large, the others as in the exercise, and with all of them large; of arrays
    all entries of one, or one alone, and then all of them small."""
    names = statement.freedom.names[:_MOST_INPUTS]
    far = [value * dice.uniform(0.97, 1.03) for value in _FAR]
    found = [{**statement.at, name: _spread(statement.at[name], value)} for name in names for value in far]
    if statement.arrays:
        other = next(statement.points("another"), statement.at)
        found += [{**other, name: _one_entry(other[name], value, dice)} for name in names for value in far]
        for size in _NEAR_ZERO:
            found.append({name: _scattered(value, size, dice) for name, value in statement.at.items()})
    if len(names) > 1 or statement.arrays:
        for value in far[:2]:
            turns = {name: value * (1 - turn / 11) for turn, name in enumerate(statement.freedom.names)}
            found.append(
                {n: _spread(own, turns[n]) if n in turns else own for n, own in statement.at.items()}
            )
    return map(statement.freedom.admitted, found)


def _one_entry(value: Value, place: float, dice: random.Random) -> Value:
    if not shape_of(value):
        return place
    found = value.copy()
    found.flat[dice.randrange(value.size)] = place
    return found


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


# -- corners -----------------------------------------------------------------------


def corners(statement: Statement, formula: Graph, dice: random.Random) -> Iterator[Point]:
    """Points at, and on both sides of, the places where ``formula`` bends as one variable moves, the
    others as in the exercise and as elsewhere; then with several of them moved at once."""
    search = _Search(statement, formula)
    if not search.boxes:
        return
    bases = [next(statement.points(str(dice.random())), statement.at)]
    bases += [] if statement.arrays else [statement.at]
    places: dict[str, list[float]] = {}
    for base in bases:
        for name in search.names:
            for place in search.along(base, name):
                if len(places.setdefault(name, [])) < _MOST_CORNERS and place not in places[name]:
                    places[name].append(place)
                    for value in _around(place):
                        yield statement.freedom.admitted({**base, name: _spread(base[name], value)})
    yield from _together(statement, places)


def _around(place: float) -> Iterator[float]:
    yield place
    for share in _BESIDE:
        for side in (1, -1):
            yield place + side * share * max(1.0, abs(place))


def _together(statement: Statement, places: dict[str, list[float]]) -> Iterator[Point]:
    """Every variable beyond the corners on its way, on either side: max(0, min(x − 13, −y − 13))."""
    names = [name for name in places if places[name]][:3]
    if len(names) < 2:
        return
    sides = [[side(places[name]) + step for side, step in ((max, 1.37), (min, -1.37))] for name in names]
    for values in product(*sides):
        moved = {n: _spread(statement.at[n], value) for n, value in zip(names, values, strict=True)}
        yield statement.freedom.admitted({**statement.at, **moved})


class _Search:
    """Where boxes of an answer are 0, or equal, as one variable moves, in doubles."""

    def __init__(self, statement: Statement, formula: Graph) -> None:
        self.statement = statement
        self.formula = formula
        self.arithmetic = statement.trace.arithmetic
        self.names = statement.freedom.names[:_MOST_INPUTS]
        numbers = _numbers(formula)
        odd = {index for index, value in numbers.items() if value not in _usual(statement)}
        self.boxes = _bending(formula, odd)
        marks = {side * abs(numbers[index]) for index in odd for side in (1, -1)}
        self.grid = sorted({*_GRID, *marks, *(1.01 * mark for mark in marks)})

    def along(self, base: Point, name: str) -> list[float]:
        """The places of ``name`` at which a box is 0 or jumps across it."""
        rows = [(place, self._values(base, name, place)) for place in self.grid]
        found: list[float] = []
        for (left, before), (right, after) in pairwise(rows):
            if before is not None and after is not None:
                for box, (old, new) in enumerate(zip(before, after, strict=True)):
                    if (old == 0) != (new == 0):
                        found.append(left if old == 0 else right)
                    elif old * new < 0:
                        found.append(self._root(base, name, box, (left, old), (right, new)))
        return list(dict.fromkeys(found))

    def _root(
        self, base: Point, name: str, box: int, low: tuple[float, float], high: tuple[float, float]
    ) -> float:
        """Where the box changes its sign between two places: by the secant, halving every other time."""
        for turn in range(_HALVINGS):
            (left, old), (right, new) = low, high
            middle = (left * new - right * old) / (new - old) if turn % 2 == 0 else (left + right) / 2
            values = self._values(base, name, middle) if left < middle < right else None
            if values is None:
                break
            if values[box] == 0 or right - left <= 1e-12 * abs(middle):
                return middle
            low, high = (
                ((middle, values[box]), high) if values[box] * old > 0 else (low, (middle, values[box]))
            )
        return high[0]

    def _values(self, base: Point, name: str, place: float) -> list[float] | None:
        """The first entry of every box (or difference of two) that is looked at; None where there is none."""
        statement, formula = self.statement, self.formula
        try:
            point = {**base, name: _spread(base[name], place)}
            inputs = {index: point[name] for name, index in statement.graph.inputs.items()}
            values = forward(statement.graph, inputs, self.arithmetic)[0]
            read = {index: values[statement.graph.find(n) or 0] for n, index in formula.inputs.items()}
            found = forward(formula, read, self.arithmetic)[0]
        except BacktraceError:
            return None
        firsts = [_first(value) for value in found]
        return [firsts[one] - (0.0 if other is None else firsts[other]) for one, other in self.boxes]


def _first(value: Value) -> float:
    if not shape_of(value):
        return float(value)
    return float(value.flat[0]) if value.size else 0.0


def _usual(statement: Statement) -> set[float]:
    return _USUAL | {abs(value) for value in _numbers(statement.graph).values()}


def _numbers(graph: Graph) -> dict[int, float]:
    """Box -> its value, for numbers and what is worked out from them alone: 50·100 is 5000."""
    floats = Floats()
    found: dict[int, float] = {}
    for node in graph.nodes:
        if node.op is None:
            if node.literal is not None and node.literal[:1] != "[":
                found[node.index] = abs(floats.literal(node.literal))
        elif node.op.float is not None and node.args and all(arg in found for arg in node.args):
            found[node.index] = abs(floats.function(node.op)(*[found[arg] for arg in node.args], *node.fixed))
    return {index: value for index, value in found.items() if math.isfinite(value)}


def _bending(formula: Graph, odd: set[int]) -> list[tuple[int, int | None]]:
    """What an answer bends by: two boxes that a branch compares, one that it reads, or it itself; and what
    any curve reads, where a number that a right answer has no use for goes into it."""
    rests = formula.leads_from(odd)
    varies = formula.leads_from(set(formula.inputs.values()))
    found: dict[tuple[int, int | None], None] = {}
    for node in formula.nodes:
        if node.op is None or (node.op.mixes and not bends(node.op)):
            continue
        if bends(node.op):
            pairs = combinations(node.args, 2)
            found |= dict.fromkeys(pair for pair in pairs if varies[pair[0]] or varies[pair[1]])
            found |= dict.fromkeys((arg, None) for arg in node.args if varies[arg])
            found[node.index, None] = None
        elif len(node.args) == 1 and rests[node.args[0]] and any(map(_curved, node.op.partials)):
            found[node.args[0], None] = None
    return list(found)


def _curved(partial: object) -> bool:
    return not str(partial).strip("-").isdecimal()
