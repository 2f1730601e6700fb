"""What an exercise may assume of a variable: that A is symmetric, y one-hot, m a mask of 0 and 1.

An answer has to hold wherever the assumptions do, so random points are made to meet them.
Each is one declaration: does a value meet it, and any numbers of a shape mended until they do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.base.safe_text import visible
from backtrace_cli.base.suggest import nearest

__all__ = ["ASSUMPTIONS", "Assumption", "assumption", "check_assumptions", "read_assumptions"]

_ROUNDING = 1e-12


class Assumption(NamedTuple):
    """One thing that may be assumed of a variable."""

    name: str
    """How an exercise writes it."""
    words: str
    """How a sentence goes on after the variable's name."""
    holds: Callable[[Value], bool]
    mend: Callable[[Value], Value]
    """Any numbers made to meet it; those that do stay as they are."""
    least_axes: int = 0
    """Of a matrix (2), of a vector or matrix (1), or of a number, too."""
    facts: frozenset[str] = frozenset()
    """What follows from it, in the words of the laws of matrix algebra."""


def _each(test: Callable[[float], bool]) -> Callable[[Value], bool]:
    return lambda value: all(test(number) for _, number in entries(value))


def _entrywise(function: Callable[[float], float]) -> Callable[[Value], Value]:
    def mended(value: Value) -> Value:
        if not shape_of(value):
            return function(value)
        found = value.copy()
        found.flat = [function(number) for _, number in entries(value)]
        return found

    return mended


def _is_symmetric(value: Value) -> bool:
    shape = shape_of(value)
    return len(shape) == 2 and shape[0] == shape[1] and bool((abs(value - value.T) <= _ROUNDING).all())


def _is_definite(value: Value) -> bool:
    if not _is_symmetric(value):
        return False
    minors = [_determinant(value[:size, :size].tolist()) for size in range(1, len(value) + 1)]
    return all(minor > 0 for minor in minors)


def _determinant(rows: list[list[float]]) -> float:
    """By elimination: the matrices of exercises are small."""
    total, rows = 1.0, [list(row) for row in rows]
    while rows:
        pivot = max(range(len(rows)), key=lambda at: abs(rows[at][0]))
        if not rows[pivot][0]:
            return 0.0
        if pivot:
            rows[0], rows[pivot], total = rows[pivot], rows[0], -total
        first, *rest = rows
        total *= first[0]
        rows = [[b - row[0] / first[0] * a for a, b in zip(first[1:], row[1:], strict=True)] for row in rest]
    return total


def _definite(value: Value) -> Value:
    """AᵀA and a little of the identity; A itself where it is definite."""
    if _is_definite(value):
        return value
    found = value.T @ value
    for place in range(len(found)):
        found[place, place] += 0.1
    return found


def _symmetric(value: Value) -> Value:
    return (value + value.T) / 2


def _rows(value: Value) -> list[list[float]]:
    rows: list[list[float]] = value.reshape(-1, shape_of(value)[-1]).tolist()
    return rows


def _by_rows(function: Callable[[list[float]], list[float]]) -> Callable[[Value], Value]:
    def mended(value: Value) -> Value:
        found = value.copy()
        found.flat = [number for row in _rows(value) for number in function(row)]
        return found

    return mended


def _one_hot(row: list[float]) -> list[float]:
    place = row.index(max(row))
    return [float(at == place) for at in range(len(row))]


def _shares(row: list[float]) -> list[float]:
    sizes = [abs(number) + 0.01 for number in row]
    return row if _is_shares(row) else [size / sum(sizes) for size in sizes]


def _is_shares(row: list[float]) -> bool:
    return min(row) >= 0 and abs(sum(row) - 1) < _ROUNDING


def _every_row(test: Callable[[list[float]], bool]) -> Callable[[Value], bool]:
    return lambda value: bool(shape_of(value)) and all(map(test, _rows(value)))


ASSUMPTIONS = {
    one.name: one
    for one in (
        Assumption("> 0", "is above 0", _each(lambda a: a > 0), _entrywise(lambda a: abs(a) or 0.5)),
        Assumption(">= 0", "is not below 0", _each(lambda a: a >= 0), _entrywise(abs)),
        Assumption("< 0", "is below 0", _each(lambda a: a < 0), _entrywise(lambda a: -(abs(a) or 0.5))),
        Assumption("<= 0", "is not above 0", _each(lambda a: a <= 0), _entrywise(lambda a: -abs(a))),
        Assumption("0 to 1", "lies between 0 and 1", _each(lambda a: 0 < a < 1),
                   _entrywise(lambda a: a if 0 < a < 1 else 0.01 + abs(a) / (1.03 + abs(a)))),
        Assumption("0/1", "is 0 or 1", _each(lambda a: a in (0, 1)), _entrywise(lambda a: float(a > 0)),
                   facts=frozenset({"0/1"})),
        Assumption("±1", "is 1 or −1", _each(lambda a: a in (1, -1)),
                   _entrywise(lambda a: 1.0 if a > 0 else -1.0)),
        Assumption("whole", "is whole", _each(float.is_integer), _entrywise(lambda a: float(round(a)))),
        Assumption("one-hot", "has one 1 and else 0 in each row",
                   _every_row(lambda row: sorted(row) == [0.0] * (len(row) - 1) + [1.0]),
                   _by_rows(_one_hot), 1, frozenset({"sums to 1", "0/1"})),
        Assumption("probabilities", "has rows that sum to 1", _every_row(_is_shares), _by_rows(_shares), 1,
                   frozenset({"sums to 1"})),
        Assumption("symmetric", "is symmetric", _is_symmetric, _symmetric, 2, frozenset({"symmetric"})),
        Assumption("positive definite", "is symmetric and positive definite", _is_definite, _definite, 2,
                   frozenset({"symmetric"})),
    )
}  # fmt: skip

_SPELLED = {"+-1": "±1", "+/-1": "±1", "-1/1": "±1", "one_hot": "one-hot", "onehot": "one-hot", "mask": "0/1",
            "positive": "> 0", "negative": "< 0", "≥ 0": ">= 0", "≤ 0": "<= 0", "integer": "whole",
            "0..1": "0 to 1", "spd": "positive definite", "sums to 1": "probabilities"}  # fmt: skip


def assumption(text: str) -> Assumption:
    """The assumption that ``text`` names, however it is spaced. Raises PointError.

    >>> assumption(">0").name, assumption("mask").words
    ('> 0', 'is 0 or 1')
    """
    plain = " ".join(text.split()).casefold()
    for name in (plain, _SPELLED.get(plain, "")):
        for one in ASSUMPTIONS.values():
            if name and name.replace(" ", "") == one.name.replace(" ", ""):
                return one
    shown = visible(shorten(text, 24))
    raise PointError(f"{shown} is nothing that can be assumed", hint=_can_be(plain))


#: A name, and what is assumed of it.
_ASSUMED = re.compile(r"\s*([^\s=<>:≥≤]+)\s*[=:]?\s*(\S.*)")


def read_assumptions(texts: Iterable[str]) -> dict[str, str]:
    """The names and what is assumed of them in ``A = symmetric`` and ``b > 0``. Raises PointError.

    >>> read_assumptions(["A = symmetric", "b > 0"])
    {'A': 'symmetric', 'b': '> 0'}
    """
    read = {}
    for text in texts:
        found = _ASSUMED.fullmatch(text)
        if found is None:
            shown = visible(shorten(text, 40))
            raise PointError(f"--assume takes a name and what it is, and {shown} is none",
                             hint='write --assume "A = symmetric" or --assume "b > 0"')  # fmt: skip
        read[found[1]] = found[2]
    return read


def _can_be(plain: str) -> str:
    near = nearest(plain, [*ASSUMPTIONS, *_SPELLED])
    return f"did you mean {near}?" if near else "write one of: " + ", ".join(ASSUMPTIONS)


def check_assumptions(assume: Mapping[str, Assumption], at: Mapping[str, Any]) -> None:
    """Raise PointError where the exercise's own point doesn't meet what it assumes.

    >>> check_assumptions({"x": assumption("> 0")}, {"x": 2.0})
    """
    for name, one in assume.items():
        if name not in at:
            raise PointError(f"{name} is assumed to be something, and is no variable",
                             hint=f"the variables: {', '.join(at)}")  # fmt: skip
        axes = len(shape_of(at[name]))
        if axes < one.least_axes:
            needs = {1: "a vector or a matrix", 2: "a matrix"}[one.least_axes]
            raise PointError(f"{one.name} is said of {needs}, and {name} is none")
        finite = all(math.isfinite(number) for _, number in entries(at[name]))
        if finite and not one.holds(at[name]):
            raise PointError(f"{name} at the point is not what is assumed: that it {one.words}",
                             hint="change the point, or what is assumed")  # fmt: skip
