"""Random points: numbers of all sorts, and arrays of the shapes that an exercise has."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import count

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.grading.input_constraints import CLASS, MASK, SHARES, TARGET, roles
from backtrace_cli.graph import Graph
from backtrace_cli.readings.assumptions import ASSUMPTIONS, Assumption

__all__ = ["Freedom", "coordinate"]

#: Every other point of arrays is so much smaller: where W @ x is large, σ and tanh have no slope left.
_SMALL = 0.25
#: With more variables than this the signs are drawn.
_MOST_SIGNS = 12


class Freedom:
    """What the variables of an exercise may be: any numbers, unless it or its formula says otherwise.

    What the formula uses as a class, a mask or probabilities (see ``roles``) stays one: y − t is the
    gradient of a cross-entropy only where t sums to 1. Anything else takes any numbers, even where
    its entries happen to sum to 1.

    >>> from backtrace_cli.graph import build
    >>> free = Freedom(build("x*y"), {"x": 2.0, "y": 3.0}, given=("y",))
    >>> sorted(next(free.points(random.Random(1))).items())[1]
    ('y', 3.0)
    """

    def __init__(
        self, graph: Graph, at: Mapping[str, Value], given: tuple[str, ...] = (),
        assume: Mapping[str, Assumption] | None = None,
    ) -> None:  # fmt: skip
        self.at = at
        assume = assume or {}
        roles_of = roles(graph)
        self.held = {name for name in at if name in given or roles_of.get(name) == CLASS}
        self._mends: dict[str, Callable[[Value], Value]] = {
            name: one.mend for name, one in assume.items() if name not in self.held
        }
        for name, role in roles_of.items():
            value = at.get(name)
            if name in self.held or name in assume or not shape_of(value):
                continue
            if role in (TARGET, SHARES) and ASSUMPTIONS["probabilities"].holds(value):
                self._mends[name] = ASSUMPTIONS["probabilities"].mend
            elif role == MASK and ASSUMPTIONS["0/1"].holds(value):
                self._mends[name] = ASSUMPTIONS["0/1"].mend
        self.names = [name for name in at if name not in self.held]
        """The variables that move."""
        self.free = [name for name in self.names if name not in self._mends]
        """Those that may be any numbers."""

    def admitted(self, point: Mapping[str, Value]) -> dict[str, Value]:
        """``point`` with what is given put back, and what is assumed made true."""
        return {
            name: self.at[name] if name in self.held
            else self._mends[name](value) if name in self._mends else value
            for name, value in point.items()
        }  # fmt: skip

    def points(self, dice: random.Random) -> Iterator[dict[str, Value]]:
        """Points, one after another without end; with nothing that moves the exercise's own alone."""
        for number in count() if self.names else ():
            # Every pattern of signs comes up among a few points: abs(x*y) is x*y where both are negative.
            few = len(self.names) < _MOST_SIGNS
            signs = number // 5 + number % 5 if few else dice.getrandbits(len(self.names))
            size = 1.0 if number % 2 else _SMALL
            point = dict(self.at)
            for place, name in enumerate(self.names):
                value = self.at[name]
                if shape_of(value):
                    point[name] = _filled(value, dice, number % 5, size)
                else:
                    point[name] = coordinate(dice, number % 5, -1 if signs >> place & 1 else 1, value)
            yield self.admitted(point)


def _filled(value: Value, dice: random.Random, sort: int, size: float) -> Value:
    """An array of the same shape, of numbers of one sort."""
    found = value.copy()
    found.flat = [
        coordinate(dice, sort, dice.choice((1, -1)), float(own)) * (1.0 if sort == 4 else size)
        for own in value.ravel().tolist()
    ]
    return found


def coordinate(dice: random.Random, sort: int, sign: int, own: float) -> float:
    """One coordinate: positive; a small whole number; a fraction; any number; or near the exercise's own."""
    if sort == 0:
        return dice.uniform(0.3, 3.0)
    if sort == 1:
        return float(sign * dice.randint(0, 12))
    if sort == 2:
        return sign * dice.randint(1, 23) / dice.choice((2, 3, 4, 5, 7))
    if sort == 3:
        return sign * dice.uniform(0.0, 4.5)
    return own + dice.uniform(-0.2, 0.2) * max(abs(own), 0.5)
