"""Entries by their order: sorted, the largest few, the one in the middle; entries picked along an axis."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, CHOSEN, COMPUTED, COUNT, COUNTED, FLAT, MOVED, SHAPE
from backtrace_cli.ops.reductions import spread
from backtrace_cli.ops.shape_functions import Shape, axes, no_cost, nonempty, own_shape, sides
from backtrace_cli.ops.spec import Kink, Op, fixed_text
from backtrace_cli.ops.whole_numbers import within


def one_axis(a: Shape, axis: Any = -1, *_: Any) -> Shape:
    """The argument's own shape; one axis is named, and it is there."""
    if not a:
        raise ShapeError("a number has no entries to put in order", hint="write a list: [x, y]")
    if len(axes(a, axis)) != 1:
        raise ShapeError("entries are put in order along one axis", hint="write axis=0")
    return a


def argsort_array(a: Any, axis: Any = -1, descending: Any = False) -> Any:
    """Where each entry of the sorted array stands in a; equal ones in the order they stand in."""
    import numpy as np

    if not descending:
        return np.argsort(a, axis=axis, kind="stable").astype(float)
    back = np.argsort(np.flip(a, axis), axis=axis, kind="stable")
    return (np.shape(a)[axis] - 1.0) - np.flip(back, axis)


def sort_array(a: Any, axis: Any = -1, descending: Any = False) -> Any:
    """The entries from the smallest to the largest."""
    import numpy as np

    found = np.sort(a, axis=axis, kind="stable")
    return np.flip(found, axis) if descending else found


def take_along_array(a: Any, i: Any, axis: Any = -1) -> Any:
    """The entries along the axis that i names, line by line."""
    import numpy as np

    return np.take_along_axis(np.asarray(a), within(i, np.shape(a)[axis]), axis)


def take_along_shape(a: Shape, i: Shape, axis: Any = -1) -> Shape:
    """i's shape, which fits a but for the axis."""
    (place,) = axes(one_axis(a, axis), axis)
    if len(i) != len(a) or any(n != m for k, (n, m) in enumerate(zip(a, i, strict=True)) if k != place):
        raise ShapeError(f"the places have shape {sides(i)}, and the array {sides(a)}: but for axis {place} "
                         "they are the same", hint="for whole rows write a[i]")  # fmt: skip
    return i


def put_along_array(g: Any, a: Any, i: Any, axis: Any = -1) -> Any:
    """Zeros like a, with the entries of g added where i says."""
    import numpy as np

    found: Any = np.zeros_like(a, dtype=np.result_type(g))
    place = axis % np.ndim(a)
    at = list(np.indices(np.shape(i), sparse=True))
    at[place] = within(i, np.shape(a)[place])
    np.add.at(found, tuple(at), g)
    return found


def topk_shape(a: Shape, k: Any, axis: Any = -1) -> Shape:
    """The argument's shape with k entries along the axis."""
    (place,) = axes(one_axis(a, axis), axis)
    if isinstance(k, bool) or not isinstance(k, int) or not 0 < k <= a[place]:
        raise ShapeError(f"topk takes from 1 to {a[place]} entries here, not {fixed_text(k)}",
                         hint="write topk(x, 2)")  # fmt: skip
    return (*a[:place], k, *a[place + 1 :])


def topk_places_array(a: Any, k: Any, axis: Any = -1) -> Any:
    """Where the k largest entries stand, the largest first."""
    import numpy as np

    return np.take(argsort_array(a, axis, True), range(k), axis=axis)


def topk_array(a: Any, k: Any, axis: Any = -1) -> Any:
    """The k largest entries, the largest first."""
    import numpy as np

    return np.take(sort_array(a, axis, True), range(k), axis=axis)


def tied_array(a: Any, axis: Any = -1) -> Any:
    """1 for each entry that another one along the axis equals."""
    import numpy as np

    line = np.moveaxis(np.asarray(a), axis, -1)
    found = np.sum(line[..., :, None] == line[..., None, :], axis=-1) > 1
    return np.moveaxis(found, -1, axis).astype(float)


def smallest_place_array(a: Any, axis: Any = None) -> Any:
    """Where the smallest entry stands, from 0; the first of several."""
    import numpy as np

    return np.argmin(a, axis=axis).astype(float)


def place_shape(a: Shape, axis: Any = None) -> Shape:
    """The shape without the axis."""
    if isinstance(axis, tuple):
        raise ShapeError("a place is told along one axis, or over all entries", hint="write axis=0")
    return nonempty(a, axis)


def _lines(a: Any, axis: Any) -> tuple[Any, list[int], list[int]]:
    """a with the axes that go in one, the last; the order of the axes for that, and how many stay."""
    import numpy as np

    a = np.asarray(a)
    gone = axes(a.shape, axis)
    kept = [place for place in range(a.ndim) if place not in gone]
    order = [*kept, *gone]
    return a.transpose(order).reshape(*[a.shape[place] for place in kept], -1), order, kept


def _weights(count: int, q: float) -> list[tuple[int, float]]:
    """The two entries of a sorted line beside the place q, and their weights."""
    at = q * (count - 1)
    low = min(int(at), count - 1)
    return [(low, 1 - (at - low)), (low + 1, at - low)] if at > low else [(low, 1.0)]


def quantile_array(a: Any, q: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """What a share q of the entries is below, between two of them in proportion."""
    import numpy as np

    line, _, _ = _lines(a, axis)
    ordered = np.sort(line, axis=-1)
    found = sum(weight * ordered[..., place] for place, weight in _weights(line.shape[-1], q))
    if not keepdims:
        return found
    return np.expand_dims(found, axes(np.shape(a), axis))


def median_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The entry in the middle, or the mean of the two there."""
    return quantile_array(a, 0.5, axis, keepdims)


def _shares(a: Any, q: float, axis: Any) -> tuple[Any, Any, Any]:
    """Per entry: its weight by its place in the order, and its fair share where equal ones tie; in lines."""
    import numpy as np

    line, order, _ = _lines(a, axis)
    places = np.argsort(np.argsort(line, axis=-1, kind="stable"), axis=-1, kind="stable")
    raw = np.zeros(line.shape)
    for place, weight in _weights(line.shape[-1], q):
        raw = raw + np.where(places == place, weight, 0.0)
    same = line[..., :, None] == line[..., None, :]
    return raw, np.sum(np.where(same, raw[..., None, :], 0.0), axis=-1) / np.sum(same, axis=-1), order


def _unlined(found: Any, like: Any, order: list[int]) -> Any:
    import numpy as np

    return found.reshape([np.shape(like)[place] for place in order]).transpose(np.argsort(order))


def quantile_shares_array(a: Any, q: Any, axis: Any = None) -> Any:
    """How much of the quantile each entry is; equal ones have equal shares."""
    _, fair, order = _shares(a, q, axis)
    return _unlined(fair, a, order)


def quantile_tied_array(a: Any, q: Any, axis: Any = None) -> Any:
    """1 where equal entries share what the order alone would give to one of them."""
    import numpy as np

    raw, fair, order = _shares(a, q, axis)
    return _unlined((np.abs(raw - fair) > 0).astype(float), a, order)


def quantile_shape(a: Shape, q: Any, axis: Any = None, keepdims: Any = False) -> Shape:
    """``nonempty``; q is a share."""
    if isinstance(q, bool) or not isinstance(q, (int, float)) or not 0 <= q <= 1:
        raise ShapeError(f"a quantile is a share q from 0 to 1, not {fixed_text(q)}", hint="write q=0.25")
    return nonempty(a, axis, keepdims)


def _middle(
    name: str, options: str, q: str, doc: str, forward: Any, shape: Any, samples: Any, why: str
) -> Op:
    """A quantile: what arrives goes to the entries that it is made of, by their shares."""
    message = f"{{g}}*quantile_shares(a, q={q}, axis=axis)"
    return Op(name, "a", doc, numpy=forward, options=options, shape=shape, upstream=middle_spread,
              messages=(message,),
              tangents=(f"sum(d*quantile_shares(a, q={q}, axis=axis), axis=axis, keepdims=keepdims)",),
              kinks=(Kink(f"sum(quantile_tied(a, q={q}, axis=axis), axis=axis, keepdims=true) > 0",
                          (message,),
                          "equal entries tie; each slope is 0 or 1 by the side, and they share it alike",
                          slopes=("0", "1")),),
              entries=COMPUTED, yields="*", why=why, samples=samples)  # fmt: skip


def middle_spread(sign: str, *options: Any) -> str:
    """``spread``, whether or not a share stands in front of the options."""
    return spread(sign, *options[-2:])


def put_along_shape(g: Shape, a: Shape, i: Shape, axis: Any = -1) -> Shape:
    """The shape of a."""
    return a


_TIE = "several entries are equal; each gets what arrives at its place, in the order they stand in"
_SORTED = "put_along(g, a, argsort(a, axis=axis, descending=descending), axis=axis)"
_TOP = "put_along(g, a, topk_places(a, k=k, axis=axis), axis=axis)"
_ORDER = "axis=-1 descending=false"

OPS = (
    Op("sort", "a", "the entries from the smallest to the largest along an axis, the last unless named",
       numpy=sort_array, options=_ORDER, shape=one_axis, messages=(_SORTED,),
       tangents=("take_along_axis(d, argsort(a, axis=axis, descending=descending), axis=axis)",),
       kinks=(Kink("tied(a, axis=axis)", (_SORTED,), _TIE),), entries=CHOSEN, yields="*",
       why="Each entry only went to its place in the order, so what arrived goes back to where the "
           "entry came from.",
       samples=(((4,),), ((2, 3), 0), ((5,), -1, True))),
    Op("argsort", "a", "where each entry of the sorted array stands, numbered from 0", numpy=argsort_array,
       options=_ORDER, shape=one_axis, messages=(FLAT,), tangents=(FLAT,), entries=COUNTED, yields="*",
       remark="places are flat between their jumps: their derivative is 0 and no gradient passes",
       why="Places are counts and can't move a little, so nothing is passed on.",
       samples=(((4,),), ((2, 3), 0))),
    Op("argmin", "a", "where the smallest entry stands, numbered from 0", numpy=smallest_place_array,
       options="axis=none", shape=place_shape, messages=(FLAT,), tangents=(FLAT,), entries=COUNTED,
       remark="argmin is flat between its jumps: its derivative is 0 and no gradient passes", yields="*",
       why="Places are counts and can't move a little, so nothing is passed on.",
       samples=(((3,),), ((2, 3), 1))),
    Op("take_along_axis", "a i", "the entries along an axis that the whole numbers i name, line by line; "
       "PyTorch's gather", numpy=take_along_array, options="axis=-1", shape=take_along_shape,
       messages=("put_along(g, a, i, axis=axis)", COUNT), 
       tangents=("take_along_axis(d, i, axis=axis)", COUNT),
       entries=MOVED, cost=no_cost, yields="*",
       why="Each entry picked gets what arrived where it was put, and those not picked get nothing.",
       samples=(((4,), (2,)), ((3, 2), (2, 2), 0))),
    Op("put_along", "g a i", "zeros like a with the entries of g added where i says", numpy=put_along_array,
       options="axis=-1", shape=put_along_shape, messages=("take_along_axis(g, i, axis=axis)", SHAPE, COUNT),
       tangents=("put_along(d, a, i, axis=axis)", SHAPE, COUNT), entries=ADDED, internal=True,
       why="Each entry was put in one place, so it gets what arrived there.",
       samples=(((2,), (4,), (2,)), ((2, 2), (3, 2), (2, 2), 0))),
    Op("topk", "a", "the k largest entries along an axis, the largest first", numpy=topk_array,
       options="k axis=-1", shape=topk_shape, messages=(_TOP,),
       tangents=("take_along_axis(d, topk_places(a, k=k, axis=axis), axis=axis)",),
       kinks=(Kink("sum(tied(a, axis=axis), axis=axis, keepdims=true) > 0", (_TOP,), _TIE),),
       entries=CHOSEN, yields="*",
       why="The largest entries only went to the front, so what arrived goes back to where they came from.",
       samples=(((4,), 2), ((3, 2), 1, 0))),
    Op("topk_places", "a", "where the k largest entries stand", numpy=topk_places_array, options="k axis=-1",
       shape=topk_shape, messages=(FLAT,), tangents=(FLAT,), entries=COUNTED, internal=True,
       why="Places are counts and can't move a little, so nothing is passed on.",
       samples=(((4,), 2), ((3, 2), 1, 0))),
    _middle("median", "axis=none keepdims=false", "0.5",
            "the entry in the middle, of two the mean, as NumPy has it; PyTorch takes the smaller one",
            median_array, nonempty, (((3,),), ((2, 4), 1), ((4,),)),
            "Only what stands in the middle counts, so it gets what arrived, two in the middle half each."),
    _middle("quantile", "q axis=none keepdims=false", "q",
            "what a share q of the entries is below, between two of them in proportion",
            quantile_array, quantile_shape, (((4,), 0.3), ((2, 3), 0.75, 1)),
            "Only the two entries beside the place count, by how near they are to it."),
    Op("quantile_shares", "a", "how much of the quantile each entry is", numpy=quantile_shares_array,
       options="q axis=none", shape=own_shape, messages=(FLAT,), tangents=(FLAT,), entries=COUNTED,
       internal=True,
       why="Which entries count is flat until they change places, so nothing is passed on.",
       samples=(((4,), 0.25), ((2, 3), 0.5, 1))),
    Op("quantile_tied", "a", "1 where equal entries tie for a quantile", numpy=quantile_tied_array,
       options="q axis=none", shape=own_shape, messages=(FLAT,), tangents=(FLAT,), entries=COUNTED,
       internal=True,
       why="Whether entries tie is flat between its jumps, so nothing is passed on.",
       samples=(((4,), 0.25),)),
    Op("tied", "a", "1 for each entry that another one equals", numpy=tied_array, options="axis=-1",
       shape=own_shape, messages=(FLAT,), tangents=(FLAT,), entries=COUNTED, internal=True,
       why="Whether entries tie is flat between its jumps, so nothing is passed on.",
       samples=(((4,),), ((2, 3), 0))),
)  # fmt: skip
