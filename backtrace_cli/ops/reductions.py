"""Many entries to few: sums, means, extremes, norms, along axes as NumPy names them."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.nothing import ADDED, AVERAGED, CHOSEN, COMPUTED, COUNTED, MULTIPLIED, SHAPE
from backtrace_cli.ops.products import others_last, product_array
from backtrace_cli.ops.shape_functions import Shape, axes, cost_of_reading, nonempty, reduced, size
from backtrace_cli.ops.shares import logsumexp_array
from backtrace_cli.ops.spec import Kink, Op, fixed_text
from backtrace_cli.ops.steady import OPS as STEADY
from backtrace_cli.ops.steady import (
    deviation_array,
    mean_array,
    own_shape,
    variance_array,
)

_AXES = "axis=none keepdims=false"


def spread(sign: str, axis: Any = None, keepdims: Any = False, *_: Any) -> str:
    """``g`` (or ``out``) as it stands against the argument: with the axes that are gone put back."""
    gone = axis is not None and not keepdims
    return f"expand_dims({sign}, axis=axis)" if gone else sign


def sum_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The sum of the entries along the axes."""
    import numpy as np

    return np.sum(a, axis=axis, keepdims=bool(keepdims))


def others_array(a: Any, *rest: Any) -> Any:
    """For each entry the product of all the others along the axes, whichever of them are 0.

    With further arrays its derivative along them in turn: in the product of the others one entry at a
    time gives its place to an entry of each.
    """
    import numpy as np

    *ways, axis = rest
    a = np.asarray(a)
    gone = axes(a.shape, axis)
    if not gone or not a.size:
        return np.zeros_like(a) if ways else np.ones_like(a)
    order = [*(place for place in range(a.ndim) if place not in gone), *gone]
    kept = [a.shape[place] for place in order[: a.ndim - len(gone)]]

    def lined(array: Any) -> Any:
        """The axes in one, the last."""
        return np.broadcast_to(array, a.shape).transpose(order).reshape(*kept, -1)

    found = _others_along(lined(a), [lined(way) for way in ways])
    return found.reshape([a.shape[place] for place in order]).transpose(np.argsort(order))


def _others_along(a: Any, ways: list[Any]) -> Any:
    import numpy as np

    if not ways:
        return others_last(a)
    *ways, last = ways
    found = np.zeros(np.broadcast(a, last).shape, dtype=np.result_type(a, last))
    for place in range(a.shape[-1]):  # entry by entry, ``last`` in its place: no entry is divided by
        changed = np.array(a)
        changed[..., place] = last[..., place]
        put = [np.array(way) for way in ways]
        for way in put:
            way[..., place] = 0.0
        one = np.array(_others_along(changed, put))
        one[..., place] = 0.0
        found = found + one
    return found


def others_message(slot: int, names: tuple[str, ...], fixed: tuple[Any, ...]) -> str:
    """What is sent to one argument: the derivative is the same in whichever order it is taken."""
    kept = names if slot == 0 else names[:slot] + names[slot + 1 :]
    return f"others({', '.join((*kept, 'g'))}, axis=axis)"


def others_tangent(slot: int, names: tuple[str, ...], fixed: tuple[Any, ...]) -> str:
    """How a tangent of one argument moves it."""
    moved = (*names, "d") if slot == 0 else (*names[:slot], "d", *names[slot + 1 :])
    return f"others({', '.join(moved)}, axis=axis)"


def largest_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The largest entry along the axes."""
    import numpy as np

    return np.max(a, axis=axis, keepdims=bool(keepdims))


def smallest_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The smallest entry along the axes."""
    import numpy as np

    return np.min(a, axis=axis, keepdims=bool(keepdims))


def norm_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The square root of the sum of the squares along the axes, without overflow."""
    import numpy as np

    a = np.abs(a)
    top = np.max(a, axis=axis, keepdims=True, initial=0.0)
    safe = np.where((top > 0) & np.isfinite(top), top, 1.0).astype(a.dtype)
    found = np.sqrt(np.sum((a / safe) ** 2, axis=axis, keepdims=True)) * safe
    return found if keepdims else np.squeeze(found, axis=axes(a.shape, axis))


def size_array(a: Any, axis: Any = None) -> Any:
    """How many entries stand along the axes."""
    import math

    import numpy as np

    return float(math.prod(np.shape(a)[place] for place in axes(np.shape(a), axis)))


def varied(shape: Shape, axis: Any = None, keepdims: Any = False, ddof: Any = 0) -> Shape:
    """``nonempty``, with more entries than ``ddof`` takes off their number."""
    found = nonempty(shape, axis, keepdims)
    if isinstance(ddof, bool) or not isinstance(ddof, int) or ddof < 0:
        raise ShapeError(f"ddof is a whole number from 0, not {fixed_text(ddof)}", hint="write ddof=1")
    count = size(tuple(shape[place] for place in axes(shape, axis)))
    if count <= ddof:
        entries = "1 entry leaves" if count == 1 else f"{count} entries leave"
        raise ShapeError(f"{entries} nothing to divide by with ddof={ddof}", hint="leave ddof out")
    return found


def counted(shape: Shape, axis: Any = None) -> Shape:
    """A number, of axes that are there."""
    axes(shape, axis)
    return ()


def _extreme(name: str, words: str, forward: Any, aliases: tuple[str, ...]) -> Op:
    tie = Kink("sum(a == {out}, axis=axis, keepdims=true) > 1",
               ("{g}*(a == {out})/sum(a == {out}, axis=axis, keepdims=true)",),
               "several entries tie; each slope is 0 or 1 by the side, and each takes an equal share of 1",
               slopes=("0", "1"))  # fmt: skip
    return Op(name, "a", words, numpy=forward, options=_AXES, shape=nonempty, upstream=spread,
              messages=("{g}*(a == {out})",),
              tangents=("sum(d*(a == {out}), axis=axis, keepdims=keepdims)"
                        "/sum(a == {out}, axis=axis, keepdims=keepdims)",),
              kinks=(tie,), entries=CHOSEN, aliases=aliases, spelled=aliases[0], cost=cost_of_reading,
              why=f"Only the {words.split()[1]} entry comes out, so it gets everything and the others "
                  "nothing; where some tie, they share.",
              samples=(((3,),), ((2, 3),)))  # fmt: skip


_SAMPLES: tuple[tuple[Shape, ...], ...] = (((3,),), ((2, 3),), ((),))

_VARIANCE = ("sum((a - mean(a, axis=axis, keepdims=true))^2, axis=axis, keepdims=keepdims)"
             "/(size(a, axis=axis) - ddof)")  # fmt: skip

OPS = (
    *STEADY,
    Op("sum", "a", "sum of the entries", numpy=sum_array, options=_AXES, shape=reduced, upstream=spread,
       shape_words="The axis that is summed over is gone; without one, a number is left.",
       messages=("{g}*ones_like(a)",), tangents=("sum(d, axis=axis, keepdims=keepdims)",),
       cost=cost_of_reading, entries=ADDED,
       why="Every entry moves the sum as much as it moves itself, so each of them gets all that arrived.",
       samples=_SAMPLES),
    Op("mean", "a", "mean of the entries", numpy=mean_array, options=_AXES, shape=nonempty, upstream=spread,
       shape_words="The axis that the mean is taken over is gone; without one, a number is left.",
       messages=("{g}*ones_like(a)/size(a, axis=axis)",),
       tangents=("mean(d, axis=axis, keepdims=keepdims)",), cost=cost_of_reading, entries=AVERAGED,
       why="Every entry moves the mean by one N-th, so each gets what arrived, over N.",
       samples=_SAMPLES),
    Op("prod", "a", "product of the entries", numpy=product_array, options=_AXES, shape=reduced,
       upstream=spread, messages=("{g}*others(a, axis=axis)",),
       tangents=("sum(d*others(a, axis=axis), axis=axis, keepdims=keepdims)",), cost=cost_of_reading,
       steady=("sum(where(d == 0, 0, d*others(a, axis=axis)), axis=axis, keepdims=keepdims)",),
       entries=MULTIPLIED,
       why="Moving one entry moves the product by all the others multiplied, so each gets what arrived "
           "times the others.",
       samples=_SAMPLES),
    _extreme("amax", "the largest entry, of all or along an axis", largest_array, ("max",)),
    _extreme("amin", "the smallest entry, of all or along an axis", smallest_array, ("min",)),
    Op("var", "a", "variance: the mean squared distance from the mean; ddof=1 divides by one less",
       numpy=variance_array, options=f"{_AXES} ddof=0", shape=varied, upstream=spread,
       messages=("{g}*2*(a - mean(a, axis=axis, keepdims=true))/(size(a, axis=axis) - ddof)",),
       tangents=("2*sum(d*(a - mean(a, axis=axis, keepdims=true)), axis=axis, keepdims=keepdims)"
                 "/(size(a, axis=axis) - ddof)",),
       stable=("{g}*(centered(a/2, axis=axis)/((size(a, axis=axis) - ddof)/4))",),
       steady=("sum(d*(centered(a/2, axis=axis)/((size(a, axis=axis) - ddof)/4)), "
               "axis=axis, keepdims=keepdims)",), cost=cost_of_reading, entries=COMPUTED, means=_VARIANCE,
       why="An entry further from the mean moves the variance more: twice its distance, over how many "
           "there are; that the mean moves along cancels.",
       samples=_SAMPLES),
    Op("std", "a", "standard deviation, the square root of the variance",
       numpy=deviation_array, options=f"{_AXES} ddof=0", shape=varied, upstream=spread,
       messages=("{g}*(a - mean(a, axis=axis, keepdims=true))/((size(a, axis=axis) - ddof)*{out})",),
       tangents=("sum(d*(a - mean(a, axis=axis, keepdims=true)), axis=axis, keepdims=keepdims)"
                 "/((size(a, axis=axis) - ddof)*out)",),
       stable=("{g}*standardized(a, axis=axis, ddof=ddof)/(size(a, axis=axis) - ddof)",),
       steady=("sum(d*standardized(a, axis=axis, ddof=ddof), axis=axis, keepdims=keepdims)"
               "/(size(a, axis=axis) - ddof)",),
       kinks=(Kink("{out} == 0", ("0",), "all entries are equal, where the root has no slope; 0 is taken"),),
       cost=cost_of_reading, entries=COMPUTED, means=f"sqrt({_VARIANCE})",
       why="It is the root of the variance: an entry moves it by its distance from the mean, over N "
           "times the deviation itself.",
       samples=_SAMPLES[:2]),
    Op("norm", "a", "length: the square root of the sum of the squares", latex=r"\left\lVert <a>\right\rVert",
       numpy=norm_array, options=_AXES,
       by_name=("order", "of order 1 the norm of a vector is sum(abs({a})), of order 2 norm({a}), "
                "of order inf max(abs({a}))"),
       shape=reduced, upstream=spread, messages=("{g}*a/{out}",),
       tangents=("sum(d*a, axis=axis, keepdims=keepdims)/out",),
       stable=("{g}*unit(a, axis=axis)",),
       steady=("sum(d*unit(a, axis=axis), axis=axis, keepdims=keepdims)",),
       kinks=(Kink("{out} == 0", ("0",), "all entries are 0, where the length has a corner; 0 is taken"),),
       cost=cost_of_reading, entries=COMPUTED, means="sqrt(sum(a^2, axis=axis, keepdims=keepdims))",
       why="Moving an entry moves the length by that entry's share of it: the entry over the length.",
       samples=_SAMPLES),
    Op("logsumexp", "a", "log Σ e^a, without overflow", logarithm=True, spread=5.0, numpy=logsumexp_array,
       options=_AXES, shape=nonempty, upstream=spread, messages=("{g}*exp(a - {out})",),
       tangents=("sum(d*exp(a - {out}), axis=axis, keepdims=keepdims)",),
       stable=("{g}*portions(a, axis=axis)",),
       steady=("sum(d*portions(a, axis=axis), axis=axis, keepdims=keepdims)",), cost=cost_of_reading,
       entries=COMPUTED, means="log(sum(exp(a), axis=axis, keepdims=keepdims))",
       why="It is nearly the largest entry, smoothed: each entry gets its share in the sum of the powers "
           "of e, which is the softmax.",
       samples=_SAMPLES),
    Op("others", "*a", "for each entry the product of all the others, along the later arguments in turn",
       numpy=others_array, options="axis=none", shape=own_shape, messages=(others_message,),
       tangents=(others_tangent,), entries=COMPUTED, internal=True,
       why="Moving one entry moves the product of the others by all that is left of it.",
       samples=(((3,),), ((3,), (3,)), ((2, 3), (2, 3), (2, 3)))),
    Op("size", "a", "how many entries there are", numpy=size_array, options="axis=none",
       shape=counted, messages=(SHAPE,), tangents=(SHAPE,),
       entries=COUNTED,
       why="How many entries there are does not hang on what they are, so nothing is passed on.",
       samples=(((2, 3),),)),
)  # fmt: skip
