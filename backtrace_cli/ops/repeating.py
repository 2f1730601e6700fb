"""Entries, or whole arrays, several times over; what stands for the same one adds up on the way back."""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.limits import MOST_ENTRIES_BY, most_entries
from backtrace_cli.ops.nothing import ADDED, MOVED, SHAPE
from backtrace_cli.ops.shape_functions import Shape, axes, no_cost, second_shape, sides
from backtrace_cli.ops.spec import Op


def repeat_array(a: Any, repeats: Any, axis: Any = None) -> Any:
    """Each entry several times in a row."""
    import numpy as np

    return np.repeat(a, repeats, axis=0 if axis is None and np.ndim(a) == 1 else axis)


def repeated(a: Shape, repeats: Any, axis: Any = None) -> Shape:
    """The size along the axis, multiplied."""
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 0:
        raise ShapeError("entries are repeated a whole number of times", hint="write repeat(x, 2)")
    if axis is None and len(a) != 1:
        raise ShapeError(f"shape {sides(a)} is repeated along an axis", hint="write repeat(A, 2, axis=0)"
                         if a else "write a list: repeat([x], 2)")  # fmt: skip
    (place, *more) = axes(a, axis)
    if more:
        raise ShapeError("entries are repeated along one axis", hint="write repeat(A, 2, axis=0)")
    return _not_too_many((*a[:place], a[place] * repeats, *a[place + 1 :]))


def _not_too_many(shape: Shape) -> Shape:
    if math.prod(shape) > most_entries():
        raise ShapeError(
            f"this would have {math.prod(shape):,} entries", hint=f"choose fewer, or raise {MOST_ENTRIES_BY}"
        )
    return shape


def unrepeat_array(g: Any, a: Any, repeats: Any, axis: Any = None) -> Any:
    """What stands for the same entry of a added up."""
    import numpy as np

    place = axes(np.shape(a), axis)[0]
    shape = np.shape(a)
    cut = np.reshape(g, (*shape[: place + 1], repeats, *shape[place + 1 :]))
    return np.sum(cut, axis=place + 1)


def tile_array(a: Any, reps: Any) -> Any:
    """The whole array several times beside itself."""
    import numpy as np

    return np.tile(a, reps)


def _both(a: Shape, reps: Any) -> tuple[Shape, Shape]:
    """Sizes and repetitions for as many axes."""
    times = reps if isinstance(reps, tuple) else (reps,)
    most = max(len(a), len(times))
    return (1,) * (most - len(a)) + a, (1,) * (most - len(times)) + times


def tiled(a: Shape, reps: Any) -> Shape:
    """The sizes multiplied."""
    times = reps if isinstance(reps, tuple) else (reps,)
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in times):
        raise ShapeError("an array is repeated a whole number of times", hint="write tile(x, 2)")
    return _not_too_many(tuple(n * r for n, r in zip(*_both(a, reps), strict=True)))


def untile_array(g: Any, a: Any, reps: Any) -> Any:
    """The copies of a added up."""
    import numpy as np

    sizes, times = _both(np.shape(a), reps)
    cut = np.reshape(g, [n for pair in zip(times, sizes, strict=True) for n in pair])
    return np.sum(cut, axis=tuple(range(0, 2 * len(sizes), 2))).reshape(np.shape(a))


OPS = (
    Op("repeat", "a", "each entry (or row) several times in a row, as NumPy repeats; the whole array: tile",
       numpy=repeat_array, options="repeats axis=none",
       messages=("unrepeat(g, a, repeats=repeats, axis=axis)",),
       tangents=("repeat(d, repeats=repeats, axis=axis)",), shape=repeated, cost=no_cost,
       aliases=("repeat_interleave",), yields="*", entries=MOVED,
       why="An entry stands in several places, so what arrived at them adds up.",
       samples=(((3,), 2), ((2, 3), 2, 0))),
    Op("unrepeat", "g a", "what stands for the same entry of a added up", numpy=unrepeat_array,
       options="repeats axis=none", messages=("repeat(g, repeats=repeats, axis=axis)", SHAPE),
       tangents=("unrepeat(d, a, repeats=repeats, axis=axis)", SHAPE), shape=second_shape, internal=True,
       entries=ADDED,
       why="Each entry added is read once, so all of them get what arrived at their sum.",
       samples=(((6,), (3,), 2), ((2, 6), (2, 3), 2, 1))),
    Op("tile", "a", "the whole array several times beside itself: tile(x, 2)", numpy=tile_array,
       options="*reps", messages=("untile(g, a, reps=reps)",), tangents=("tile(d, reps=reps)",), shape=tiled,
       cost=no_cost, yields="*", entries=MOVED,
       why="An entry stands in several places, so what arrived at them adds up.",
       samples=(((3,), 2), ((2, 3), (2, 1)), ((2,), (3, 2)))),
    Op("untile", "g a", "the copies of a added up", numpy=untile_array, options="*reps",
       messages=("tile(g, reps=reps)", SHAPE), tangents=("untile(d, a, reps=reps)", SHAPE),
       shape=second_shape, internal=True, entries=ADDED,
       why="Each entry added is read once, so all of them get what arrived at their sum.",
       samples=(((6,), (3,), 2), ((4, 3), (2, 3), (2, 1)))),
)  # fmt: skip
