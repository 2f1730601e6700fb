"""Entries picked, stacked and joined: nothing is computed, messages go where they came from."""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.limits import MOST_ENTRIES_BY, most_entries
from backtrace_cli.ops.nothing import ADDED, COUNT, COUNTED, FLAT, MOVED, SHAPE, Nothing
from backtrace_cli.ops.shape_functions import Shape, axes, no_cost, nonempty, second_shape, sides
from backtrace_cli.ops.spec import Op
from backtrace_cli.ops.whole_numbers import classes, within


def keys(at: Any) -> tuple[Any, ...]:
    """The place of an index as NumPy takes it: whole numbers and slices."""
    parts = at if isinstance(at, tuple) else (at,)
    return tuple(slice(*part[1:]) if isinstance(part, tuple) else part for part in parts)


def index_array(a: Any, at: Any) -> Any:
    """The entries at a fixed place."""
    return a[keys(at)]


def index_shape(a: Shape, at: Any) -> Shape:
    """The shape of the entries at a fixed place."""
    found = keys(at)
    if len(found) > len(a):
        if not a:
            raise ShapeError("a number has no entries to pick from", hint="leave the index out")
        has = "1 axis" if len(a) == 1 else f"{len(a)} axes"
        raise ShapeError(
            f"shape {sides(a)} has {has}, and {len(found)} are indexed", hint="leave indices out"
        )
    sizes: list[int] = []
    for part, size in zip(found, a, strict=False):
        if isinstance(part, slice):
            sizes.append(len(range(*part.indices(size))))
        elif not -size <= part < size:
            raise ShapeError(f"there is no entry {part} along an axis of {size}",
                             hint=f"entries are numbered from 0 to {size - 1}")  # fmt: skip
    return tuple(sizes) + a[len(found) :]


def scatter_array(g: Any, a: Any, at: Any) -> Any:
    """Zeros like a, with g at the place."""
    import numpy as np

    found = np.zeros_like(a, dtype=np.result_type(g))
    found[keys(at)] = g
    return found


def take_array(a: Any, i: Any) -> Any:
    """The entries (rows of a matrix) that i names."""
    return a[within(i, len(a))]


def take_shape(a: Shape, i: Shape) -> Shape:
    """i's shape in place of the first axis."""
    if not a:
        raise ShapeError("a number has no entries to take", hint="index a vector or a matrix")
    return i + a[1:]


def scatter_add_array(g: Any, a: Any, i: Any) -> Any:
    """Zeros like a, with each entry (row) of g added at the place that i names."""
    import numpy as np

    found = np.zeros_like(a, dtype=np.result_type(g))
    np.add.at(found, within(i, len(a)), g)
    return found


def stack_array(*arrays: Any) -> Any:
    """The arguments as entries (rows) of one array."""
    import numpy as np

    return np.stack(arrays)


def stack_shape(*shapes: Shape) -> Shape:
    """One axis more, in front."""
    if len(set(shapes)) > 1:
        words = " and ".join(sides(shape) for shape in dict.fromkeys(shapes))
        raise ShapeError(f"the entries of a list have one shape, and these have {words}",
                         hint="to join vectors end to end write concat(x, y)")  # fmt: skip
    return (len(shapes), *shapes[0])


def concat_array(*arrays: Any) -> Any:
    """The arguments joined along an axis; the axis comes last."""
    import numpy as np

    return np.concatenate(arrays[:-1], axis=arrays[-1])


def concat_shape(*shapes: Any) -> Shape:
    """The sizes along the axis added up."""
    parts: list[Shape] = list(shapes[:-1])
    axis = shapes[-1]
    if any(not part for part in parts):
        raise ShapeError("numbers can't be joined", hint="write them as a list: [a, b]")
    if isinstance(axis, bool) or not isinstance(axis, int):
        raise ShapeError("arrays are joined along one axis", hint="write axis=0, or axis=1 for columns")
    (place,) = axes(parts[0], axis)
    rests = {(len(part), part[:place], part[place + 1 :]) for part in parts}
    if len(rests) > 1:
        words = " and ".join(sides(part) for part in dict.fromkeys(parts))
        raise ShapeError(f"shapes {words} can't be joined along axis {axis}",
                         hint="their other sizes must be equal")  # fmt: skip
    return parts[0][:place] + (sum(part[place] for part in parts),) + parts[0][place + 1 :]


def piece_array(g: Any, *rest: Any) -> Any:
    """The piece of g that came from argument ``part`` of a concatenation."""
    import numpy as np

    *arrays, part, axis = rest
    sizes = [np.shape(array)[axis] for array in arrays]
    start = sum(sizes[:part])
    own, whole = slice(start, start + sizes[part]), slice(None)
    return g[tuple(own if place == axis % g.ndim else whole for place in range(g.ndim))]


def piece_shape(*shapes: Any) -> Shape:
    """The shape of that argument."""
    *parts, part, _ = shapes
    found: Shape = parts[1 + part]
    return found


def piece_message(slot: int, names: tuple[str, ...], fixed: tuple[Any, ...]) -> str | Nothing:
    """The piece back in its place, among zeros; of the other arguments only the shapes are read."""
    if slot:
        return SHAPE
    part, axis = fixed
    parts = ["g" if place == part else f"zeros_like({name})" for place, name in enumerate(names[1:])]
    return f"concat({', '.join(parts)}, axis={axis})"


def piece_tangent(slot: int, names: tuple[str, ...], fixed: tuple[Any, ...]) -> str | Nothing:
    """The same piece of the tangent."""
    return SHAPE if slot else f"piece({', '.join(('d', *names[1:]))}, part=part, axis=axis)"


def one_hot_array(i: Any, n: Any) -> Any:
    """A row of n entries for each of i: 1 at the entry it names, 0 elsewhere."""
    import numpy as np

    return (np.expand_dims(classes(i, n), -1) == np.arange(n)).astype(float)


def one_hot_shape(i: Shape, n: Any) -> Shape:
    """One axis more, behind."""
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n < 10**9:
        raise ShapeError(f"one_hot needs the number of classes, not {n}", hint="write one_hot(y, 3)")
    if math.prod((*i, n)) > most_entries():
        raise ShapeError(f"this would have {math.prod((*i, n)):,} entries, of {most_entries():,} at most",
                         hint=f"choose fewer classes, or raise {MOST_ENTRIES_BY}")  # fmt: skip
    return (*i, n)


def one_hot_like_array(i: Any, a: Any) -> Any:
    """``one_hot`` with as many classes as a has in its last axis."""
    import numpy as np

    return one_hot_array(i, np.shape(a)[-1]).astype(np.result_type(a))


def largest_place_array(a: Any, axis: Any = None) -> Any:
    """Where the largest entry stands, from 0; the first of several."""
    import numpy as np

    return np.argmax(a, axis=axis).astype(float)


def largest_place_shape(a: Shape, axis: Any = None) -> Shape:
    """The shape without the axis."""
    nonempty(a, axis)
    if isinstance(axis, tuple):
        raise ShapeError(
            "argmax goes along one axis, or over all entries", hint="write axis=0, or leave it out"
        )
    if axis is None:
        return ()
    return tuple(size for place, size in enumerate(a) if place not in axes(a, axis))


def ones_like(a: float) -> float:
    """1."""
    return 1.0


def zeros_like(a: float) -> float:
    """0."""
    return 0.0


_WHOLE = "an index is a whole number: no gradient passes it"

OPS = (
    Op("index", "a", "entries at a fixed place: a[0], a[1:3], a[:, 0]", numpy=index_array, options="*at",
       messages=("scatter(g, a, at=at)",), tangents=("index(d, at=at)",), shape=index_shape, cost=no_cost,
       entries=MOVED,
       why="What was picked gets what arrived, at its own place; all that was not picked gets 0.",
       samples=(((3,), (0,)), ((2, 3), (("slice", 0, None, None), 1)),
                ((4, 3), (("slice", None, None, 2),)))),
    Op("take", "a i", "the entries (rows of a matrix) that the whole numbers i name: a[i]",
       numpy=take_array, messages=("scatter_add(g, a, i)", COUNT), tangents=("take(d, i)", COUNT),
       shape=take_shape, cost=no_cost, spelled="index", internal=True, entries=MOVED, samples=(((3,), ()),
       ((3, 2), (4,)))),
    Op("scatter", "g a", "zeros like a with g at the place", numpy=scatter_array, options="*at",
       messages=("index(g, at=at)", SHAPE), tangents=("scatter(d, a, at=at)", SHAPE), shape=second_shape,
       cost=no_cost, internal=True, entries=MOVED,
       why="What was put at a place is read there again, so it gets what arrived at that place.",
       samples=(((), (3,), (0,)),)),
    Op("scatter_add", "g a i", "zeros like a with the entries of g added where i says",
       numpy=scatter_add_array, messages=("take(g, i)", SHAPE, COUNT),
       tangents=("scatter_add(d, a, i)", SHAPE, COUNT), shape=second_shape, internal=True,
       entries=ADDED,
       why="What was added at a place gets what arrived at that place.",
       samples=(((4,), (3,), (4,)),)),
    Op("stack", "*a", "a list: its values as entries (or rows) of one array, also written [a, b]",
       numpy=stack_array, messages=("index(g, at={i})",), tangents=("stack({moved})",),
       shape=stack_shape, cost=no_cost, entries=MOVED,
       why="Each value is one entry of the list, so it gets what arrived at that entry.",
       samples=(((), (), ()), ((3,), (3,)))),
    Op("concat", "*a", "arrays joined along an axis", numpy=concat_array, options="axis=0",
       messages=("piece(g, {all}, part={i}, axis=axis)",), tangents=("concat({moved}, axis=axis)",),
       shape=concat_shape, cost=no_cost, aliases=("concatenate", "cat"), lists=True,
       entries=MOVED,
       why="Each array is one part of the whole, so it gets the part of what arrived that is its own.",
       samples=(((2,), (3,)), ((2, 3), (1, 3)))),
    Op("piece", "*a", "what one argument of concat gave", numpy=piece_array, options="part=0 axis=0",
       messages=(piece_message,), tangents=(piece_tangent,), shape=piece_shape, cost=no_cost, internal=True,
       entries=MOVED,
       why="It was cut out of the whole, so what arrived goes back to that place, and 0 elsewhere.",
       samples=(((3,), (2,), (1,)),)),
    Op("one_hot", "i", "1 at the entry that i names, 0 elsewhere: one_hot(i, 3) has 3 entries",
       numpy=one_hot_array, options="*n", messages=(COUNT,), tangents=(COUNT,), shape=one_hot_shape,
       cost=no_cost, remark=_WHOLE, entries=COUNTED,
       why="A class is a count and can't move a little, so nothing is passed on.",
       samples=(((), 3), ((4,), 3))),
    Op("one_hot_like", "i a", "1 at the entry that i names, as many classes as a has",
       numpy=one_hot_like_array, messages=(COUNT, SHAPE), tangents=(COUNT, SHAPE), shape=second_shape,
       cost=no_cost, internal=True, entries=COUNTED,
       why="A class is a count and can't move a little, so nothing is passed on.",
       samples=(((4,), (4, 3)),)),
    Op("argmax", "a", "where the largest entry stands, numbered from 0", numpy=largest_place_array,
       options="axis=none", messages=(FLAT,), tangents=(FLAT,), shape=largest_place_shape,
       remark="argmax is flat between its jumps: its derivative is 0 and no gradient passes",
       entries=COUNTED,
       why="Where the largest stands jumps or stays, so nothing is passed on.",
       samples=(((3,),), ((2, 3),))),
    Op("ones_like", "a", "1 for each entry", float=ones_like, partials=("0",), numpy="ones_like",
       why="It is 1 whatever the entries are, so nothing is passed on.",
       samples=((1.5,), (-0.7,))),
    Op("zeros_like", "a", "0 for each entry", float=zeros_like, partials=("0",), numpy="zeros_like",
       why="It is 0 whatever the entries are, so nothing is passed on.",
       samples=((1.5,), (-0.7,))),
)  # fmt: skip
