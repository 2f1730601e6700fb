"""The shape rules of the ops: tuples in, a tuple out, ShapeError in a user's words where they don't fit."""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.base.errors import ShapeError

__all__ = ["Shape", "axes", "broadcast", "matrix_product", "no_cost", "reduced", "same", "sides"]

Shape = tuple[int, ...]


_FIT = "two shapes fit where, from the right, their sizes are equal or one of them is 1"


def sides(shape: Shape) -> str:
    """A shape in words: ``3×2``; a vector ``(3)``; a number ``()``.

    >>> sides((3, 2)), sides((3,)), sides(())
    ('3×2', '(3)', '()')
    """
    return "×".join(map(str, shape)) if len(shape) > 1 else f"({', '.join(map(str, shape))})"


def broadcast(*shapes: Shape) -> Shape:
    """The shape of an elementwise result.

    >>> broadcast((3, 1), (4,))
    (3, 4)
    """
    result: list[int] = []
    for place in range(1, max(map(len, shapes), default=0) + 1):
        found = {shape[-place] for shape in shapes if len(shape) >= place} - {1}
        if len(found) > 1:
            raise ShapeError("the sizes don't fit together entry by entry", hint=_FIT)
        result.append(found.pop() if found else 1)
    return tuple(reversed(result))


def same(*shapes: Shape) -> Shape:
    """The shape that all arguments share."""
    if len(set(shapes)) > 1:
        raise ShapeError("the shapes differ, and must be equal here", hint="reshape one of them")
    return shapes[0]


def axes(shape: Shape, axis: Any) -> tuple[int, ...]:
    """The axes that ``axis`` names (all for None), counted from 0."""
    if axis is None:
        return tuple(range(len(shape)))
    found = []
    for one in axis if isinstance(axis, tuple) else (axis,):
        if isinstance(one, bool) or not isinstance(one, int):
            raise ShapeError(
                f"an axis is a whole number, not {str(one).lower()}", hint="write axis=0, axis=1, …"
            )
        if not -len(shape) <= one < len(shape):
            has = f"axes 0 to {len(shape) - 1}" if len(shape) > 1 else "axis 0 only" if shape else "no axis"
            raise ShapeError(f"there is no axis {one}: shape {sides(shape)} has {has}",
                             hint="leave the axis out to take all entries")  # fmt: skip
        found.append(one % len(shape))
    if len(set(found)) < len(found):
        raise ShapeError("an axis is named twice", hint="name each once: axis=[0, 1]")
    return tuple(found)


def reduced(shape: Shape, axis: Any = None, keepdims: Any = False, *_: Any) -> Shape:
    """The shape after the axes are gone (or of size 1 with ``keepdims``)."""
    gone = axes(shape, axis)
    if keepdims:
        return tuple(1 if place in gone else size for place, size in enumerate(shape))
    return tuple(size for place, size in enumerate(shape) if place not in gone)


def nonempty(shape: Shape, axis: Any = None, keepdims: Any = False, *_: Any) -> Shape:
    """``reduced``, refusing to take the largest or the mean of nothing."""
    if any(shape[place] == 0 for place in axes(shape, axis)):
        raise ShapeError(f"shape {sides(shape)} has no entries to choose from", hint="give it some")
    return reduced(shape, axis, keepdims)


def matrix_product(a: Shape, b: Shape) -> Shape:
    """The shape of ``a @ b``, as NumPy has it: a vector is a row on the left, a column on the right."""
    if not a or not b:
        raise ShapeError(f"@ multiplies vectors and matrices; shapes {sides(a)} and {sides(b)} are given",
                         hint="for a number times an array write *")  # fmt: skip
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        raise ShapeError(f"{_inner(a, -1)} on the left of @ meet {_inner(b, -2)} on its right",
                         hint="in A @ B the columns of A are as many as the rows of B")  # fmt: skip
    stack = broadcast(a[:-2], b[:-2])
    if stack and (len(a) == 1 or len(b) == 1):
        raise ShapeError("a stack of matrices meets a vector", hint="reshape the vector to a matrix first")
    return stack + a[-2:-1] + (b[-1:] if len(b) > 1 else ())


def _inner(shape: Shape, place: int) -> str:
    if len(shape) == 1:
        return f"{shape[0]} entries"
    return f"{shape[place]} {'columns' if place == -1 else 'rows'}"


def own_shape(a: Shape, *_: Any) -> Shape:
    """The first argument's own shape."""
    return a


def second_shape(a: Shape, b: Shape, *_: Any) -> Shape:
    """The second argument's shape."""
    return b


def number_shape(*_: Any) -> Shape:
    """A number."""
    return ()


def size(shape: Shape) -> int:
    """How many entries."""
    return math.prod(shape)


def no_cost(*_: Shape) -> int:
    """Entries are only moved."""
    return 0


def cost_of_reading(_: Shape, a: Shape, *__: Shape) -> int:
    """One multiply-add for each entry read."""
    return size(a)


def cost_of_product(out: Shape, a: Shape, _: Shape) -> int:
    """Each entry of the result is a sum over the inner axis."""
    return size(out) * a[-1]
