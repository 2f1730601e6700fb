"""Running sums and products along an axis, and the recurrence that their messages are made of."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, COMPUTED, MULTIPLIED
from backtrace_cli.ops.products import running_product
from backtrace_cli.ops.shape_functions import Shape, axes, sides
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
    return running_product(a, _place(a, axis))


def logcumsumexp_array(a: Any, axis: Any = None) -> Any:
    """log of the running sum of e^a, without overflow."""
    import numpy as np

    return np.logaddexp.accumulate(a, axis=_place(a, axis))


def _running(a: Any, axis: Any) -> tuple[Any, Any]:
    """Of each running sum of e^a the part that its own entry has, and the part of all before: measured
    from the largest so far, as 1e16 + log 2 is 1e16."""
    import numpy as np

    place = _place(a, axis)
    entries = np.moveaxis(np.asarray(a), place, 0)
    top = np.maximum.accumulate(entries, axis=0)
    top = np.where(np.isfinite(top), top, 0).astype(entries.dtype)
    raised = np.exp(entries - top)
    shares, keeps = np.empty_like(raised), np.zeros_like(raised)
    total = np.zeros(raised.shape[1:], raised.dtype)
    for k, new in enumerate(raised):
        before = total * np.exp(top[max(k - 1, 0)] - top[k])
        total = before + new
        shares[k], keeps[k] = new / total, before / total
    return np.moveaxis(shares, 0, place), np.moveaxis(keeps, 0, place)


def running_shares_array(a: Any, axis: Any = None) -> Any:
    """e^a over its running sum, each entry's own part of it."""
    return _running(a, axis)[0]


def running_keeps_array(a: Any, axis: Any = None) -> Any:
    """What a running sum of e^a was one entry before, over what it is: 0 in front."""
    return _running(a, axis)[1]


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


_SHARES, _KEEPS = "running_shares(a, axis=axis)", "running_keeps(a, axis=axis)"


def _share_rules(sign: str) -> dict[str, Any]:
    """How an entry's own share of a running sum moves, or, with a minus sign, what it leaves the others."""
    moved = f"g*{_SHARES}*{_KEEPS}"
    later = _BACK.format("delay(" + _BACK.format(f"({moved})") + ", axis=axis)")
    before = f"delay(recur({_KEEPS}, d*{_SHARES}, axis=axis), axis=axis)"
    return {"messages": (f"{sign}({moved} - {_SHARES}*{_reversed(_KEEPS, later)})",),
            "tangents": (f"{sign}({_SHARES}*{_KEEPS}*(d - {before}))",)}  # fmt: skip


#: What arrives at the later products, each without the factors before it; 0 goes to a 0, be those infinite.
_LATER = _reversed("a", "g")
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
       stable=(f"where({_LATER} == 0, 0, delay(out, axis=axis, fill=1)*{_LATER})",),
       tangents=("recur(a, d*delay(out, axis=axis, fill=1), axis=axis)",), entries=MULTIPLIED, yields="*",
       why="An entry is a factor of every product from its place on, so it gathers those, each without it.",
       samples=_SAMPLES),
    Op("logcumsumexp", "a", "log of the running sum of e^a along an axis, without overflow",
       numpy=logcumsumexp_array, means="log(cumsum(exp(a), axis=axis))", options="axis=none",
       shape=line_shape,
       messages=("exp(a)*" + _BACK.format("cumsum(" + _BACK.format("g*exp(-out)") + ", axis=axis)"),),
       stable=(f"{_SHARES}*" + _reversed(_KEEPS, "g"),),
       tangents=("recur(exp(min(delay(out, axis=axis) - out, 0)), d*exp(a - out), axis=axis)",),
       steady=(f"recur({_KEEPS}, d*{_SHARES}, axis=axis)",), logarithm=True, entries=COMPUTED,
       yields="*",
       why="An entry has a share in every sum from its place on, so it gathers what arrived there by "
           "its shares.",
       samples=_SAMPLES),
    Op("running_shares", "a", "e^a over its running sum along an axis", numpy=running_shares_array,
       options="axis=none", shape=line_shape, **_share_rules(""), entries=COMPUTED, internal=True,
       means="exp(a - logcumsumexp(a, axis=axis))",
       why="What an entry gains those before it lose, by their shares.", samples=_SAMPLES),
    Op("running_keeps", "a", "what a running sum of e^a was one entry before, over what it is",
       numpy=running_keeps_array, options="axis=none", shape=line_shape, **_share_rules("-"),
       entries=COMPUTED, internal=True, means="1 - exp(a - logcumsumexp(a, axis=axis))",
       why="What an entry gains those before it lose, by their shares.", samples=_SAMPLES),
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
