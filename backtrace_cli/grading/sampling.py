"""Random points: numbers of all sorts, and arrays of the shapes that an exercise has."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.grading.input_constraints import CLASS, MASK, SHARES, TARGET, roles
from backtrace_cli.graph import Graph
from backtrace_cli.runs.point import as_floats

__all__ = ["coordinate", "drawn_arrays", "is_distribution"]

#: Every other point of arrays is so much smaller.
_SMALL = 0.25


def drawn_arrays(graph: Graph, at: Mapping[str, Value], dice: random.Random) -> Iterator[dict[str, Value]]:
    """Points with arrays of the same shapes as at ``at``, one after another without end.

    What the formula uses as a class, a mask or probabilities (see ``roles``) stays one: y − t is the
    gradient of a cross-entropy only where t sums to 1. Anything else takes any numbers, even where
    its entries happen to sum to 1.
    """
    fixed = roles(graph)
    for number in count():
        point: dict[str, Value] = {}
        for name, value in at.items():
            role = fixed.get(name)
            if role == CLASS:
                point[name] = value
            elif role in (TARGET, SHARES) and is_distribution(value):
                rows = _nested(value, lambda _: dice.uniform(0.1, 1.0))
                point[name] = value if number % 5 == 4 else as_floats(_shares(rows))
            elif role == MASK and _is_mask(value):
                point[name] = as_floats(_nested(value, lambda _: float(dice.getrandbits(1))))
            else:
                size = 1.0 if number % 2 else _SMALL  # where W @ x is large, σ and tanh have no slope left
                drawn = _nested(value, partial(_coordinate, dice, number % 5, size))
                point[name] = as_floats(drawn) if shape_of(value) else drawn
        yield point


def _is_mask(value: Value) -> bool:
    return bool(shape_of(value)) and bool(((value == 0) | (value == 1)).all())


def is_distribution(value: Value) -> bool:
    """Do the entries of a vector, or of each row of a matrix, look like probabilities that sum to 1?

    >>> is_distribution(as_floats([0, 1, 0])), is_distribution(as_floats([2, -1]))
    (True, False)
    """
    shape = shape_of(value)
    if not shape or shape[-1] < 2:
        return False
    return bool((value >= 0).all() and (abs(value.sum(axis=-1) - 1) < 1e-12).all())


def _nested(value: Any, make: Any) -> Any:
    """``make`` of each number of ``value``, as nested lists."""
    entries = value.tolist() if shape_of(value) else value
    return [_nested(entry, make) for entry in entries] if isinstance(entries, list) else make(entries)


def _coordinate(dice: random.Random, sort: int, size: float, own: float) -> float:
    found = coordinate(dice, sort, dice.choice((1, -1)), own)
    return found if sort == 4 else size * found


def _shares(rows: list[Any]) -> list[Any]:
    if isinstance(rows[0], list):
        return [_shares(row) for row in rows]
    return [entry / sum(rows) for entry in rows]


def coordinate(dice: random.Random, sort: int, sign: int, own: float) -> float:
    """One coordinate: positive; a small whole number; a fraction; any number; or near the exercise's own."""
    if sort == 0:
        return round(dice.uniform(0.3, 3.0), 3)
    if sort == 1:
        return float(sign * dice.randint(0, 12))
    if sort == 2:
        return sign * dice.randint(1, 23) / dice.choice((2, 3, 4, 5, 7))
    if sort == 3:
        return sign * round(dice.uniform(0.0, 4.5), 3)
    return own + dice.uniform(-0.2, 0.2) * max(abs(own), 0.5)
