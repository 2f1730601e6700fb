"""Values compared, be they numbers or arrays."""

from __future__ import annotations

import math
from itertools import product
from typing import Any, NamedTuple

from backtrace_cli.base.numerals import shape_of

__all__ = ["Given", "Value", "as_float", "close", "entries", "known", "scalar", "written"]


def entries(value: Value) -> list[tuple[tuple[int, ...], float]]:
    """(place, number) of every entry; a number is its only one.

    >>> entries(2.0)
    [((), 2.0)]
    """
    shape = shape_of(value)
    if not shape:
        return [((), float(value))]
    return list(zip(product(*map(range, shape)), value.ravel().tolist(), strict=True))


def as_float(value: Value) -> Value:
    """A fraction or a whole number as a float, inf where it is too large for one; else as it is.

    >>> as_float(10**400), as_float(0.5)
    (inf, 0.5)
    """
    if shape_of(value) or not hasattr(value, "numerator"):
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def scalar(value: Value) -> Value:
    """A float, inf where a whole number or fraction is too large for one, or the array as it is."""
    return value if shape_of(value) else float(as_float(value))


def known(value: Value) -> bool:
    """Is there an answer: no nan in it?"""
    return bool((value == value).all()) if shape_of(value) else bool(value == value)


def close(value: Value, answer: Value, tolerance: float) -> bool:
    """Are two finite values the same to ``tolerance``, relative to the larger? Arrays: in shape and entries.

    >>> close(1.0, 1.0 + 1e-12, 1e-9), close(float("nan"), float("nan"), 1.0)
    (True, False)
    """
    if not shape_of(value) and not shape_of(answer):
        return _close(value, answer, tolerance, 0.0)
    if shape_of(value) != shape_of(answer):
        return False
    floor = 1e-13 * float(max(abs(value).max(initial=0.0), abs(answer).max(initial=0.0)))
    return all(
        _close(left, right, tolerance, floor)
        for (_, left), (_, right) in zip(entries(value), entries(answer), strict=True)
    )


def _close(value: float, answer: float, tolerance: float, floor: float) -> bool:
    if not (math.isfinite(value) and math.isfinite(answer)):
        return False
    return abs(value - answer) <= max(tolerance * max(abs(value), abs(answer)), floor)


def written(value: Value) -> str:
    """``value`` to nine digits, so that equal answers are counted as one."""
    if not shape_of(value):
        return f"{float(value):.9g}"
    return f"{shape_of(value)}" + ",".join(f"{one:.9g}" for _, one in entries(value))


#: A float, a Fraction, a NumPy array, or a tree where the trace is symbolic.
Value = Any


class Given(NamedTuple):
    """One value of the point, as it was given: a tree, or something Python handed over."""

    text: str
    value: Any
