"""The same entries in another order or shape: nothing is computed, messages go back where they came from."""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.linalg import axes_back, permuted
from backtrace_cli.ops.nothing import MOVED, SHAPE
from backtrace_cli.ops.shape_functions import Shape, axes, no_cost, second_shape, sides
from backtrace_cli.ops.spec import Op


def reshape_array(a: Any, shape: Any) -> Any:
    """The entries in their order, in another shape."""
    import numpy as np

    return np.reshape(a, shape)


def new_shape(a: Shape, shape: Any) -> Shape:
    """``shape`` with its −1 worked out."""
    wanted = shape if isinstance(shape, tuple) else (shape,)
    if any(isinstance(n, bool) or not isinstance(n, int) or n < -1 for n in wanted) or wanted.count(-1) > 1:
        raise ShapeError("a shape is whole numbers, one of which may be -1", hint="write reshape(x, 2, -1)")
    count, known = math.prod(a), math.prod(n for n in wanted if n >= 0)
    if not known and -1 in wanted:
        raise ShapeError("beside a size of 0 the -1 could be anything", hint="write the size out")
    free = count // known if known else 0
    found = tuple(free if n == -1 else n for n in wanted)
    if math.prod(found) != count:
        raise ShapeError(f"shape {sides(a)} has {count} entries, which don't fill {sides(wanted)}",
                         hint="the sizes multiplied give the number of entries")  # fmt: skip
    return found


def reshape_like_array(a: Any, b: Any) -> Any:
    """The entries of a in the shape of b."""
    import numpy as np

    return np.reshape(a, np.shape(b))


def ravel_array(a: Any) -> Any:
    """The entries in their order, as a vector."""
    import numpy as np

    return np.ravel(a)


def flat_shape(a: Shape) -> Shape:
    """A vector of as many entries."""
    return (math.prod(a),)


def expand_array(a: Any, axis: Any) -> Any:
    """An axis of size 1 put in."""
    import numpy as np

    return np.expand_dims(a, axis)


def expand_shape(a: Shape, axis: Any) -> Shape:
    """The shape with the axes of size 1 put in."""
    wanted = axis if isinstance(axis, tuple) else (axis,)
    if any(isinstance(one, bool) or not isinstance(one, int) for one in wanted):
        raise ShapeError("an axis is a whole number", hint="write expand_dims(x, 0)")
    total = len(a) + len(wanted)
    if any(not -total <= one < total for one in wanted):
        raise ShapeError(f"there is no axis {wanted[0]} in a result of {total}",
                         hint=f"it is numbered 0 to {total - 1}")  # fmt: skip
    places = {one % total for one in wanted}
    if len(places) < len(wanted):
        raise ShapeError("an axis is named twice", hint="name each once: axis=[0, 1]")
    rest = iter(a)
    return tuple(1 if place in places else next(rest) for place in range(total))


def squeeze_array(a: Any, axis: Any = None) -> Any:
    """The axes of size 1 taken out."""
    import numpy as np

    return np.squeeze(a, axis=axis)


def squeezed(a: Shape, axis: Any = None) -> Shape:
    """The shape without its axes of size 1, or without those named."""
    if axis is None:
        return tuple(n for n in a if n != 1)
    gone = axes(a, axis)
    for place in gone:
        if a[place] != 1:
            raise ShapeError(f"axis {place} of shape {sides(a)} has size {a[place]}, and only one of size 1 "
                             "can be taken out", hint="pick an entry instead: x[0]")  # fmt: skip
    return tuple(n for place, n in enumerate(a) if place not in gone)


def permute_array(a: Any, axes: Any) -> Any:
    """The axes in another order."""
    import numpy as np

    return np.transpose(a, axes if isinstance(axes, tuple) else (axes,))


def swap_two_array(a: Any, axis1: Any, axis2: Any) -> Any:
    """Two axes exchanged."""
    import numpy as np

    return np.swapaxes(a, axis1, axis2)


def swapped_two(a: Shape, axis1: Any, axis2: Any) -> Shape:
    """The shape with two sizes exchanged."""
    one, other = axes(a, axis1), axes(a, axis2)
    if len(one) != 1 or len(other) != 1:
        raise ShapeError("two axes are exchanged, each a whole number", hint="write swapaxes(a, 0, 1)")
    found = list(a)
    found[one[0]], found[other[0]] = found[other[0]], found[one[0]]
    return tuple(found)


def roll_array(a: Any, shift: Any, axis: Any = None) -> Any:
    """The entries shifted, those pushed out at the end put in at the front."""
    import numpy as np

    return np.roll(a, shift, axis=axis)


def unroll_array(a: Any, shift: Any, axis: Any = None) -> Any:
    """The entries shifted back."""
    import numpy as np

    return np.roll(a, -shift, axis=axis)


def unpermute_array(a: Any, axes: Any) -> Any:
    """The axes put back."""
    import numpy as np

    return np.transpose(
        a, np.argsort([one % np.ndim(a) for one in (axes if isinstance(axes, tuple) else (axes,))])
    )


def unpermuted(a: Shape, axes: Any) -> Shape:
    """The sizes before they were put in the order of ``axes``."""
    found = dict(
        zip((one % len(a) for one in (axes if isinstance(axes, tuple) else (axes,))), a, strict=True)
    )
    return tuple(found[place] for place in range(len(a)))


def rolled(a: Shape, shift: Any, axis: Any = None) -> Shape:
    """The argument's own shape, of an axis that is there."""
    axes(a, axis)
    if isinstance(shift, bool) or not isinstance(shift, int):
        raise ShapeError("entries are shifted by a whole number of places", hint="write roll(x, 1)")
    return a


def flip_array(a: Any, axis: Any = None) -> Any:
    """The entries in reverse."""
    import numpy as np

    return np.flip(a, axis=axis)


def along(a: Shape, axis: Any = None) -> Shape:
    """The argument's own shape, of an axis that is there."""
    axes(a, axis)
    return a


def tril_array(a: Any, k: Any = 0) -> Any:
    """0 above the diagonal."""
    import numpy as np

    return np.tril(a, k)


def triu_array(a: Any, k: Any = 0) -> Any:
    """0 below the diagonal."""
    import numpy as np

    return np.triu(a, k)


def triangle(a: Shape, k: Any = 0) -> Shape:
    """A matrix's (or a stack's) own shape."""
    if len(a) < 2:
        raise ShapeError(f"a matrix is needed here, and shape {sides(a)} is given",
                         hint="for the entries of a vector write x[:2]")  # fmt: skip
    if isinstance(k, bool) or not isinstance(k, int):
        raise ShapeError("a diagonal is a whole number away from the main one", hint="write tril(A, -1)")
    return a


OPS = (
    Op("reshape", "a", "the entries in their order in another shape: reshape(a, 2, -1)",
       numpy=reshape_array, options="*shape", messages=("reshape_like(g, a)",),
       tangents=("reshape(d, shape=shape)",), shape=new_shape, cost=no_cost,        entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((2, 3), (3, -1)), ((4,), (2, 2)))),
    Op("reshape_like", "a b", "the entries of a in the shape of b", numpy=reshape_like_array,
       messages=("reshape_like(g, a)", SHAPE), tangents=("reshape_like(d, b)", SHAPE), shape=second_shape,
       cost=no_cost, internal=True, entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((6,), (2, 3)),)),
    Op("ravel", "a", "all entries in their order as one vector", numpy=ravel_array,
       messages=("reshape_like(g, a)",), tangents=("ravel(d)",), shape=flat_shape, cost=no_cost,
       yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((2, 3),), ((),))),
    Op("expand_dims", "a", "an axis of size 1 put in", numpy=expand_array, options="*axis",
       messages=("reshape_like(g, a)",), tangents=("expand_dims(d, axis=axis)",), shape=expand_shape,
       cost=no_cost, entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((3,), 0), ((2, 3), -1))),
    Op("squeeze", "a", "the axes of size 1 taken out, all or those named", numpy=squeeze_array,
       options="axis=none", messages=("reshape_like(g, a)",), tangents=("squeeze(d, axis=axis)",),
       shape=squeezed, cost=no_cost, yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((1, 3),), ((2, 1, 1), 1))),
    Op("permute", "a", "the axes in another order: permute(a, 0, 2, 1)", numpy=permute_array,
       options="*axis", messages=(axes_back,), tangents=("permute(d, axis=axis)",), shape=permuted,
       cost=no_cost, yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((2, 3, 4), (2, 0, 1)), ((2, 3), (-1, 0)))),
    Op("swapaxes", "a", "two axes exchanged", numpy=swap_two_array, options="axis1 axis2",
       messages=("swapaxes(g, axis1=axis1, axis2=axis2)",),
       tangents=("swapaxes(d, axis1=axis1, axis2=axis2)",),
       shape=swapped_two, cost=no_cost, yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((2, 3, 4), 0, 2), ((2, 3), 0,
       -1))),
    Op("roll", "a", "the entries shifted round: what is pushed out at the end comes in at the front",
       numpy=roll_array, options="shift axis=none", messages=("unroll(g, shift=shift, axis=axis)",),
       tangents=("roll(d, shift=shift, axis=axis)",), shape=rolled, cost=no_cost, yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((4,), 1), ((2, 3), -1, 1), ((2, 3), 2))),
    Op("unroll", "a", "the entries shifted back round", numpy=unroll_array, options="shift axis=none",
       messages=("roll(g, shift=shift, axis=axis)",), tangents=("unroll(d, shift=shift, axis=axis)",),
       shape=rolled, cost=no_cost, internal=True, entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((4,), 1), ((2, 3), -1, 1))),
    Op("unpermute", "a", "the axes put back from another order", numpy=unpermute_array, options="*axis",
       messages=("permute(g, axis=axis)",), tangents=("unpermute(d, axis=axis)",), shape=unpermuted,
       cost=no_cost, internal=True, entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((2, 3, 4), (2, 0, 1)),)),
    Op("flip", "a", "the entries in reverse, along all axes or the one named", numpy=flip_array,
       options="axis=none", messages=("flip(g, axis=axis)",), tangents=("flip(d, axis=axis)",), shape=along,
       cost=no_cost, yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((3,),), ((2, 3), 1), ((2, 3),))),
    Op("tril", "a", "the lower triangle: 0 above the diagonal, or above the one k places up",
       numpy=tril_array, options="k=0", messages=("tril(g, k=k)",), tangents=("tril(d, k=k)",),
       shape=triangle, cost=no_cost, yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((3, 3),), ((2, 3, 3), -1))),
    Op("triu", "a", "the upper triangle: 0 below the diagonal, or below the one k places up",
       numpy=triu_array, options="k=0", messages=("triu(g, k=k)",), tangents=("triu(d, k=k)",),
       shape=triangle, cost=no_cost, yields="*", entries=MOVED,
       why="The entries are the same in another arrangement, so what arrived is arranged back.",
       samples=(((3, 3),), ((2, 3), 1))),
)  # fmt: skip
