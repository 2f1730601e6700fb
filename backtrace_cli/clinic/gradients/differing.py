"""What the numbers of a wrong gradient tell: a factor, a sign, a transpose, a sum left out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.ops.shape_functions import sides

__all__ = ["Shape", "shape_of_error"]

_MOST_COUNT = 1_000_000


class Shape(NamedTuple):
    """How a gradient differs from the right one."""

    kind: str
    """``minus``, ``factor``, ``count``, ``turned``, ``unsummed``, ``unspread``, ``zero``, ``entries``,
    ``shape``; "" where the numbers show nothing."""
    words: str


def shape_of_error(mine: Value, right: Value, sizes: Iterable[int], tolerance: float) -> Shape:
    """The shape of the error in ``mine``; ``sizes`` are the counts that a mean may have divided by.

    >>> shape_of_error(np.array([2.0, 4.0]), np.array([-2.0, -4.0]), [2], 1e-6).kind
    'minus'
    >>> shape_of_error(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([4.0, 6.0]), [2], 1e-6).words
    'a broadcast not summed back: its sum over axis 0 is right'
    """
    mine, right = np.asarray(mine, dtype=float), np.asarray(right, dtype=float)
    if mine.shape != right.shape:
        return _other_shape(mine, right, tolerance)
    if not mine.any() and right.any():
        return Shape("zero", "it is 0, as if nothing arrived")
    factor = _factor(mine, right, tolerance)
    if factor is not None:
        return _by_factor(factor, sorted({n for n in sizes if n > 1}), tolerance)
    if mine.ndim == 2 and mine.shape[0] == mine.shape[1] and _same(mine.T, right, tolerance):
        return Shape("turned", "it is the transpose of what is right")
    wrong = ~_close(mine, right, tolerance)
    if mine.size > 1 and 0 < wrong.sum() <= mine.size / 2:
        place = ", ".join(map(str, np.argwhere(wrong)[0]))
        what = "0 there" if not mine[wrong].any() else f"{numeral(float(mine[wrong][0]))} at [{place}]"
        right_there = numeral(float(right[wrong][0]))
        words = f"{int(wrong.sum())} of {mine.size} entries are wrong: it is {what}, right is {right_there}"
        return Shape("entries", words)
    return Shape("", "")


def _other_shape(mine: Value, right: Value, tolerance: float) -> Shape:
    for axes in _reducing(mine.shape, right.shape):
        summed = mine.sum(axis=axes).reshape(right.shape)
        if _same(summed, right, tolerance):
            told = "all its axes" if len(axes) == mine.ndim else f"axis {', '.join(map(str, axes))}"
            return Shape("unsummed", f"a broadcast not summed back: its sum over {told} is right")
    if mine.T.shape == right.shape and _same(mine.T, right, tolerance):
        return Shape("turned", "it is the transpose of what is right")
    spread = np.broadcast_to(mine, right.shape) if _fits(mine, right) else mine
    if mine.size < right.size and _same(spread, right, tolerance):
        words = f"each of the {right.size} entries has this gradient: it has to be spread over them"
        return Shape("unspread", words)
    own, others = (sides(shape) or "that of a number" for shape in (mine.shape, right.shape))
    return Shape("shape", f"its shape is {own}, and the variable's is {others}")


def _reducing(wide: tuple[int, ...], shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Axes over which an array of shape ``wide`` may be summed to give ``shape``."""
    found = []
    for mask in range(1, 2 ** min(len(wide), 6)):
        axes = tuple(axis for axis in range(len(wide)) if mask >> axis & 1)
        if math.prod(n for axis, n in enumerate(wide) if axis not in axes) == math.prod(shape):
            found.append(axes)
    return found


def _fits(mine: Value, right: Value) -> bool:
    try:
        return bool(np.broadcast_shapes(mine.shape, right.shape) == right.shape)
    except ValueError:
        return False


def _factor(mine: Value, right: Value, tolerance: float) -> float | None:
    """The one number by which all entries differ."""
    size = float(np.vdot(right, right))
    if size == 0 or not np.isfinite(size):
        return None
    factor = float(np.vdot(right, mine)) / size
    if mine.size == 1 or _same(mine, factor * right, tolerance):
        return factor
    return None


def _by_factor(factor: float, sizes: list[int], tolerance: float) -> Shape:
    loose = max(tolerance, 1e-9) * 10
    if math.isclose(factor, -1, rel_tol=loose):
        return Shape("minus", "its sign is turned round")
    for count in sizes:
        if math.isclose(factor, count, rel_tol=loose):
            words = f"is 1/N of a mean over {count} entries left out?"
            return Shape("count", f"it is {count} times what is right: {words}")
        if math.isclose(factor, 1 / count, rel_tol=loose):
            words = f"is something divided by N = {count} that is a sum?"
            return Shape("count", f"it is 1/{count} of what is right: {words}")
    share = 1 / factor if factor else 0.0
    for number, words in ((factor, "{} times what is right"), (share, "1/{} of what is right")):
        whole = round(number)
        if 1 < abs(whole) < _MOST_COUNT and math.isclose(number, whole, rel_tol=loose):
            return Shape("factor", f"it is {words.format(numeral(float(whole)))}")
    return Shape("factor", f"it is {numeral(factor)} times what is right")


def _close(one: Value, other: Value, tolerance: float) -> Value:
    scale = max(float(np.abs(one).max(initial=0.0)), float(np.abs(other).max(initial=0.0)))
    return np.abs(one - other) <= tolerance * np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-3 * scale)


def _same(one: Value, other: Value, tolerance: float) -> bool:
    return shape_of(one) == shape_of(other) and bool(_close(one, other, tolerance).all())
