"""Many entries to few: sums, means, extremes, norms, along axes as NumPy names them."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops.shapes import Shape, axes, cost_of_reading, nonempty, reduced, size
from backtrace_cli.ops.spec import Kink, Op, fixed_text

_AXES = "axis=none keepdims=false"


def spread(sign: str, axis: Any = None, keepdims: Any = False, *_: Any) -> str:
    """``g`` (or ``out``) as it stands against the argument: with the axes that are gone put back."""
    gone = axis is not None and not keepdims
    return f"expand_dims({sign}, axis=axis)" if gone else sign


def sum_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The sum of the entries along the axes."""
    import numpy as np

    return np.sum(a, axis=axis, keepdims=bool(keepdims))


def mean_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The mean of the entries along the axes."""
    import numpy as np

    return np.mean(a, axis=axis, keepdims=bool(keepdims))


def prod_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The product of the entries along the axes."""
    import numpy as np

    return np.prod(a, axis=axis, keepdims=bool(keepdims))


def others_array(a: Any, axis: Any = None) -> Any:
    """For each entry the product of all the others along the axes, whichever of them are 0."""
    import numpy as np

    a = np.asarray(a)
    gone = axes(a.shape, axis)
    if not gone or not a.size:
        return np.ones_like(a)
    kept = [place for place in range(a.ndim) if place not in gone]
    moved = a.transpose(*kept, *gone)
    flat = moved.reshape(*[a.shape[place] for place in kept], -1)
    one = np.ones_like(flat[..., :1])
    before = np.concatenate([one, np.cumprod(flat[..., :-1], axis=-1)], axis=-1)
    after = np.concatenate([np.cumprod(flat[..., :0:-1], axis=-1)[..., ::-1], one], axis=-1)
    return (before * after).reshape(moved.shape).transpose(*np.argsort([*kept, *gone]))


def largest_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The largest entry along the axes."""
    import numpy as np

    return np.max(a, axis=axis, keepdims=bool(keepdims))


def smallest_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The smallest entry along the axes."""
    import numpy as np

    return np.min(a, axis=axis, keepdims=bool(keepdims))


def variance_array(a: Any, axis: Any = None, keepdims: Any = False, ddof: Any = 0) -> Any:
    """The variance of the entries along the axes, divided by their number less ``ddof``."""
    import numpy as np

    return np.var(a, axis=axis, keepdims=bool(keepdims), ddof=ddof)


def deviation_array(a: Any, axis: Any = None, keepdims: Any = False, ddof: Any = 0) -> Any:
    """The square root of the variance."""
    import numpy as np

    return np.std(a, axis=axis, keepdims=bool(keepdims), ddof=ddof)


def norm_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The square root of the sum of the squares along the axes, without overflow."""
    import numpy as np

    a = np.abs(a)
    top = np.max(a, axis=axis, keepdims=True, initial=0.0)
    safe = np.where((top > 0) & np.isfinite(top), top, 1.0).astype(a.dtype)
    found = np.sqrt(np.sum((a / safe) ** 2, axis=axis, keepdims=True)) * safe
    return found if keepdims else np.squeeze(found, axis=axes(a.shape, axis))


def logsumexp_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """log Σ e^a along the axes, the largest entry taken out first."""
    import numpy as np

    top = np.max(a, axis=axis, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0.0).astype(np.asarray(a).dtype)
    found = np.log(np.sum(np.exp(a - safe), axis=axis, keepdims=True)) + safe
    return found if keepdims else np.squeeze(found, axis=axes(np.shape(a), axis))


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


def own_shape(a: Shape, *_: Any) -> Shape:
    """The argument's own shape."""
    return a


def _extreme(name: str, words: str, forward: Any, aliases: tuple[str, ...]) -> Op:
    tie = Kink("sum(a == {out}, axis=axis, keepdims=true) > 1",
               ("{g}*(a == {out})/sum(a == {out}, axis=axis, keepdims=true)",),
               "several entries tie; each slope is 0 or 1 by the side, and each takes an equal share of 1",
               slopes=("0", "1"))  # fmt: skip
    return Op(name, "a", words, numpy=forward, options=_AXES, shape=nonempty, upstream=spread,
              messages=("{g}*(a == {out})",),
              tangents=("sum(d*(a == {out}), axis=axis, keepdims=keepdims)"
                        "/sum(a == {out}, axis=axis, keepdims=keepdims)",),
              kinks=(tie,), aliases=aliases, spelled=aliases[0], cost=cost_of_reading,
              samples=(((3,),), ((2, 3),)))  # fmt: skip


_SAMPLES: tuple[tuple[Shape, ...], ...] = (((3,),), ((2, 3),), ((),))

_VARIANCE = ("sum((a - mean(a, axis=axis, keepdims=true))^2, axis=axis, keepdims=keepdims)"
             "/(size(a, axis=axis) - ddof)")  # fmt: skip

OPS = (
    Op("sum", "a", "sum of the entries", numpy=sum_array, options=_AXES, shape=reduced, upstream=spread,
       messages=("{g}*ones_like(a)",), tangents=("sum(d, axis=axis, keepdims=keepdims)",),
       cost=cost_of_reading, samples=_SAMPLES),
    Op("mean", "a", "mean of the entries", numpy=mean_array, options=_AXES, shape=nonempty, upstream=spread,
       messages=("{g}*ones_like(a)/size(a, axis=axis)",),
       tangents=("mean(d, axis=axis, keepdims=keepdims)",), cost=cost_of_reading, samples=_SAMPLES),
    Op("prod", "a", "product of the entries", numpy=prod_array, options=_AXES, shape=reduced,
       upstream=spread, messages=("{g}*others(a, axis=axis)",),
       tangents=("sum(d*others(a, axis=axis), axis=axis, keepdims=keepdims)",), cost=cost_of_reading,
       samples=_SAMPLES),
    _extreme("amax", "the largest entry, of all or along an axis", largest_array, ("max",)),
    _extreme("amin", "the smallest entry, of all or along an axis", smallest_array, ("min",)),
    Op("var", "a", "variance: the mean squared distance from the mean; ddof=1 divides by one less",
       numpy=variance_array, options=f"{_AXES} ddof=0", shape=varied, upstream=spread,
       messages=("{g}*2*(a - mean(a, axis=axis, keepdims=true))/(size(a, axis=axis) - ddof)",),
       tangents=("2*sum(d*(a - mean(a, axis=axis, keepdims=true)), axis=axis, keepdims=keepdims)"
                 "/(size(a, axis=axis) - ddof)",), cost=cost_of_reading, samples=_SAMPLES, means=_VARIANCE),
    Op("std", "a", "standard deviation, the square root of the variance",
       numpy=deviation_array, options=f"{_AXES} ddof=0", shape=varied, upstream=spread,
       messages=("{g}*(a - mean(a, axis=axis, keepdims=true))/((size(a, axis=axis) - ddof)*{out})",),
       tangents=("sum(d*(a - mean(a, axis=axis, keepdims=true)), axis=axis, keepdims=keepdims)"
                 "/((size(a, axis=axis) - ddof)*out)",),
       kinks=(Kink("{out} == 0", ("0",), "all entries are equal, where the root has no slope; 0 is taken"),),
       means=f"sqrt({_VARIANCE})",
       cost=cost_of_reading, samples=_SAMPLES[:2]),
    Op("norm", "a", "length: the square root of the sum of the squares", numpy=norm_array, options=_AXES,
       by_name=("order", "of order 1 the norm of a vector is sum(abs({a})), of order 2 norm({a}), "
                "of order inf max(abs({a}))"),
       shape=reduced, upstream=spread, messages=("{g}*a/{out}",),
       tangents=("sum(d*a, axis=axis, keepdims=keepdims)/out",),
       kinks=(Kink("{out} == 0", ("0",), "all entries are 0, where the length has a corner; 0 is taken"),),
       means="sqrt(sum(a^2, axis=axis, keepdims=keepdims))",
       cost=cost_of_reading, samples=_SAMPLES),
    Op("logsumexp", "a", "log Σ e^a, without overflow", numpy=logsumexp_array, options=_AXES,
       shape=nonempty, upstream=spread, messages=("{g}*exp(a - {out})",),
       tangents=("sum(d*exp(a - {out}), axis=axis, keepdims=keepdims)",), cost=cost_of_reading,
       samples=_SAMPLES, means="log(sum(exp(a), axis=axis, keepdims=keepdims))"),
    Op("others", "a", "for each entry the product of all the others", numpy=others_array,
       options="axis=none", shape=own_shape, messages=(None,), tangents=(None,), internal=True,
       samples=(((3,),),)),
    Op("size", "a", "how many entries there are", numpy=size_array, options="axis=none",
       shape=counted, messages=(None,), tangents=(None,),
       samples=(((2, 3),),)),
)  # fmt: skip
