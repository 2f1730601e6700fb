"""Running sums and products along an axis, and the recurrence that their messages are made of."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, COMPUTED, MULTIPLIED
from backtrace_cli.ops.shapes import Shape, axes, sides
from backtrace_cli.ops.spec import Op


def line_shape(a: Shape, *rest: Any) -> Shape:
    """The argument's own shape; which axis is named, unless it has one only."""
    axis = next((one for one in rest if not isinstance(one, tuple)), None)
    if axis is None and len(a) != 1:
        raise ShapeError(f"shape {sides(a)} has {'several axes' if a else 'no axis'} to go along",
                         hint="name one: axis=0" if a else "write a list: [x, y]")  # fmt: skip
    if len(axes(a, axis)) != 1:
        raise ShapeError("this goes along one axis", hint="name one: axis=0")
    return a


def _place(a: Any, axis: Any) -> int:
    import numpy as np

    return 0 if axis is None else int(axis) % np.ndim(a)


def cumsum_array(a: Any, axis: Any = None) -> Any:
    """Each entry with all before it added."""
    import numpy as np

    return np.cumsum(a, axis=_place(a, axis))


def cumprod_array(a: Any, axis: Any = None) -> Any:
    """Each entry times all before it."""
    import numpy as np

    return np.cumprod(a, axis=_place(a, axis))


def logcumsumexp_array(a: Any, axis: Any = None) -> Any:
    """log of the running sum of e^a, without overflow."""
    import numpy as np

    return np.logaddexp.accumulate(a, axis=_place(a, axis))


def recur_array(a: Any, b: Any, axis: Any = None) -> Any:
    """h with h[k] = b[k] + a[k]·h[k−1], and h[0] = b[0]."""
    import numpy as np

    place = _place(b, axis)
    factors, terms = np.moveaxis(np.asarray(a), place, 0), np.moveaxis(np.asarray(b), place, 0)
    found = np.array(terms, dtype=np.result_type(factors, terms))
    for k in range(1, len(found)):
        found[k] = terms[k] + factors[k] * found[k - 1]
    return np.moveaxis(found, 0, place)


def delay_array(a: Any, axis: Any = None, fill: Any = 0) -> Any:
    """The entries one place on, ``fill`` in front."""
    import numpy as np

    place = _place(a, axis)
    found = np.roll(a, 1, axis=place)
    np.moveaxis(found, place, 0)[:1] = fill
    return found


_BACK = "flip({}, axis=axis)"


def _reversed(factors: str, terms: str) -> str:
    """The recurrence from the last entry to the first: h[k] = terms[k] + factors[k+1]·h[k+1]."""
    turned = _BACK.format(factors), _BACK.format(terms)
    return _BACK.format(f"recur(delay({turned[0]}, axis=axis), {turned[1]}, axis=axis)")


#: e^(out[k−1] − out[k]), by which what came before counts less; never above 1, so nothing overflows.
_LESS = "exp(min(delay(out, axis=axis) - out, 0))"
_SAMPLES: tuple[Any, ...] = (((3,),), ((2, 3), 1), ((4, 2), 0))

OPS = (
    Op("cumsum", "a", "running sum: each entry with all before it, along an axis", numpy=cumsum_array,
       options="axis=none", shape=line_shape,
       messages=(_BACK.format("cumsum(" + _BACK.format("g") + ", axis=axis)"),),
       tangents=("cumsum(d, axis=axis)",), entries=ADDED, yields="*",
       why="An entry is part of every sum from its place on, so it gathers what arrived from there to "
           "the end.",
       samples=_SAMPLES),
    Op("cumprod", "a", "running product: each entry times all before it, along an axis", numpy=cumprod_array,
       options="axis=none", shape=line_shape,
       messages=(_BACK.format("cumsum(" + _BACK.format("g*out") + ", axis=axis)") + "/a",),
       stable=("delay(out, axis=axis, fill=1)*" + _reversed("a", "g"),),
       tangents=("recur(a, d*delay(out, axis=axis, fill=1), axis=axis)",), entries=MULTIPLIED, yields="*",
       why="An entry is a factor of every product from its place on, so it gathers those, each without it.",
       samples=_SAMPLES),
    Op("logcumsumexp", "a", "log of the running sum of e^a along an axis, without overflow",
       numpy=logcumsumexp_array, means="log(cumsum(exp(a), axis=axis))", options="axis=none",
       shape=line_shape,
       messages=("exp(a)*" + _BACK.format("cumsum(" + _BACK.format("g*exp(-out)") + ", axis=axis)"),),
       stable=("exp(a - out)*" + _reversed(_LESS, "g"),),
       tangents=(f"recur({_LESS}, d*exp(a - out), axis=axis)",), logarithm=True, entries=COMPUTED,
       yields="*",
       why="An entry has a share in every sum from its place on, so it gathers what arrived there by "
           "its shares.",
       samples=_SAMPLES),
    Op("recur", "a b", "h with h[k] = b[k] + a[k]·h[k−1] along an axis", numpy=recur_array,
       options="axis=none", shape=line_shape,
       messages=(_reversed("a", "g") + "*delay(out, axis=axis)", _reversed("a", "g")),
       tangents=("recur(a, d*delay(out, axis=axis), axis=axis)", "recur(a, d, axis=axis)"),
       entries=COMPUTED, internal=True,
       why="Each value goes on into all later ones, so what arrived is gathered from the end by the "
           "same recurrence.",
       samples=(((3,), (3,)), ((2, 3), (2, 3), 1))),
    Op("delay", "a", "the entries one place on, with fill in front", numpy=delay_array,
       options="axis=none fill=0", shape=line_shape,
       messages=(_BACK.format("delay(" + _BACK.format("g") + ", axis=axis)"),),
       tangents=("delay(d, axis=axis)",), entries=COMPUTED, internal=True,
       why="The entries only moved one place on, so what arrived moves one place back.",
       samples=(((3,),), ((2, 3), 1))),
)  # fmt: skip
