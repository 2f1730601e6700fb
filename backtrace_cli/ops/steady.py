"""What the rules of other ops are computed with, where their text would lose digits or leave the range.

Three things go wrong in a rule's plain text: 1 − p where p is nearly 1, a − mean(a) where all entries
are alike, and squares of numbers beyond 1e±154. The largest share is never taken from 1 here, means are taken
twice, and what is squared is first scaled by a power of two.
"""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.ops.nothing import COMPUTED, COUNT
from backtrace_cli.ops.shape_functions import axes
from backtrace_cli.ops.shares import class_gap_array, softmax_array, surest
from backtrace_cli.ops.spec import Op


def less_mean_array(a: Any, p: Any, axis: Any = -1) -> Any:
    """a less its mean weighted by p: measured from the entry of the largest weight."""
    import numpy as np

    apart = a - np.sum(np.where(surest(p, axis), a, 0), axis=axis, keepdims=True)
    total = np.sum(np.where(p == 0, 0, p * apart), axis=axis, keepdims=True)
    return apart - total / np.sum(p, axis=axis, keepdims=True)


def less_share_array(a: Any, p: Any, axis: Any = -1) -> Any:
    """a less the shares p/Σp of its total: 1 less the largest share is the sum of the others."""
    import numpy as np

    sure, shares = surest(p, axis), p / np.sum(p, axis=axis, keepdims=True)
    total = np.sum(a, axis=axis, keepdims=True)
    others = np.sum(np.where(sure, 0, a), axis=axis, keepdims=True)
    rest = np.sum(np.where(sure, 0, shares), axis=axis, keepdims=True)
    return np.where(sure, a * rest - shares * others, a - shares * total)


def scaled(a: Any, axis: Any) -> tuple[Any, Any]:
    """a with its largest entry between 1/2 and 1, and the power of two that was taken out; exact."""
    import numpy as np

    top = np.max(np.abs(a), axis=axis, keepdims=True, initial=0.0)
    _, power = np.frexp(np.where(np.isfinite(top), top, 1.0))
    return np.ldexp(a, -power), power


def mean_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The mean of the entries along the axes, though their sum be too large for a float."""
    import numpy as np

    found = np.mean(a, axis=axis, keepdims=bool(keepdims))
    if np.asarray(found).dtype == object or np.all(np.isfinite(found)):
        return found
    small, power = scaled(a, axis)
    again = np.ldexp(np.mean(small, axis=axis, keepdims=True), power)
    return again if keepdims else np.squeeze(again, axis=axes(np.shape(a), axis))


def _centered(a: Any, axis: Any) -> tuple[Any, Any]:
    """a, scaled, less its mean: 0 where all entries are equal; and the power of two taken out."""
    import numpy as np

    small, power = scaled(a, axis)
    apart = small - np.mean(small, axis=axis, keepdims=True)
    apart = apart - np.mean(apart, axis=axis, keepdims=True)
    equal = np.max(small, axis=axis, keepdims=True) == np.min(small, axis=axis, keepdims=True)
    return np.where(equal, np.zeros_like(apart), apart), power


def centered_array(a: Any, axis: Any = None) -> Any:
    """a less its mean along the axes, sound at any size and offset."""
    import numpy as np

    return np.ldexp(*_centered(np.asarray(a), axis))


def _spread(a: Any, axis: Any, ddof: Any) -> tuple[Any, Any, Any]:
    """(centred and scaled, its variance, the power of two taken out)."""
    import numpy as np

    apart, power = _centered(np.asarray(a), axis)
    count = math.prod(np.shape(a)[place] for place in axes(np.shape(a), axis))
    return apart, np.sum(apart**2, axis=axis, keepdims=True) / (count - ddof), power


def variance_array(a: Any, axis: Any = None, keepdims: Any = False, ddof: Any = 0) -> Any:
    """The variance of the entries along the axes, divided by their number less ``ddof``."""
    import numpy as np

    _, square, power = _spread(a, axis, ddof)
    found = np.ldexp(square, 2 * power)
    return found if keepdims else np.squeeze(found, axis=axes(np.shape(a), axis))


def deviation_array(a: Any, axis: Any = None, keepdims: Any = False, ddof: Any = 0) -> Any:
    """The square root of the variance, though the variance be no float."""
    import numpy as np

    _, square, power = _spread(a, axis, ddof)
    found = np.ldexp(np.sqrt(square), power)
    return found if keepdims else np.squeeze(found, axis=axes(np.shape(a), axis))


def standardized_array(a: Any, axis: Any = None, ddof: Any = 0) -> Any:
    """a less its mean, over its standard deviation; 0 where all entries are equal."""
    import numpy as np

    apart, square, _ = _spread(a, axis, ddof)
    return apart / np.where(square == 0, 1, np.sqrt(square)).astype(apart.dtype)


def unit_array(a: Any, axis: Any = None) -> Any:
    """a over its length along the axes, though the length be no float; 0 where all entries are 0."""
    import numpy as np

    small, _ = scaled(np.asarray(a), axis)
    length = np.sqrt(np.sum(small**2, axis=axis, keepdims=True))
    return small / np.where(length == 0, 1, length).astype(small.dtype)


def own_shape(a: Any, *_: Any) -> Any:
    """The first argument's own shape."""
    return a


_SAMPLES: tuple[tuple[tuple[int, ...], ...], ...] = (((3,),), ((2, 3),))

_PAIRS: tuple[tuple[tuple[int, ...], ...], ...] = (((3,), (3,)), ((2, 4), (2, 4)))

OPS = (
    Op("less_mean", "a p", "a less its mean weighted by p", numpy=less_mean_array,
       options="axis=-1", shape=own_shape, messages=("less_share(g, p, axis=axis)",
                 "-out*sum(g, axis=axis, keepdims=true)/sum(p, axis=axis, keepdims=true)"),
       tangents=("less_mean(d, p, axis=axis)",
                 "zeros_like(a) - sum(out*d, axis=axis, keepdims=true)/sum(p, axis=axis, keepdims=true)"),
       internal=True, entries=COMPUTED,
       means="a - sum(a*p, axis=axis, keepdims=true)/sum(p, axis=axis, keepdims=true)",
       why="Each keeps what arrived at it, less the share of it that went to the mean.", samples=_PAIRS),
    Op("less_share", "a p", "a less the shares p/sum(p) of its total", numpy=less_share_array,
       options="axis=-1", shape=own_shape, messages=("less_mean(g, p, axis=axis)",
                 "-less_mean(g, p, axis=axis)*sum(a, axis=axis, keepdims=true)"
                 "/sum(p, axis=axis, keepdims=true)"),
       tangents=("less_share(d, p, axis=axis)",
                 "-less_share(d, p, axis=axis)*sum(a, axis=axis, keepdims=true)"
                 "/sum(p, axis=axis, keepdims=true)"),
       means="a - p*sum(a, axis=axis, keepdims=true)/sum(p, axis=axis, keepdims=true)", internal=True,
       entries=COMPUTED, samples=_PAIRS,
       why="What one entry brings is taken off all by their shares, so it hears of all."),
    Op("class_gap", "a i", "softmax(a) less 1 at the class that i names", numpy=class_gap_array,
       shape=own_shape, messages=("softmax(a)*less_mean(g, softmax(a))", COUNT),
       tangents=("softmax(a)*less_mean(d, softmax(a))", COUNT), internal=True, entries=COMPUTED,
       means="softmax(a) - one_hot_like(i, a)", samples=(((3,), ()), ((2, 3), (2,))),
       why="The shares add up to 1, so what one gains the others lose, by their shares."),
    Op("portions", "a", "softmax along axes, of a number 1", numpy=softmax_array, options="axis=none",
       shape=own_shape, messages=("out*less_mean(g, out, axis=axis)",),
       tangents=("out*less_mean(d, out, axis=axis)",), internal=True, entries=COMPUTED,
       means="exp(a)/sum(exp(a), axis=axis, keepdims=true)", samples=_SAMPLES,
       why="The shares add up to 1, so what one gains the others lose, by their shares."),
    Op("centered", "a", "a less its mean along the axes", numpy=centered_array, options="axis=none",
       shape=own_shape, messages=("g - mean(g, axis=axis, keepdims=true)",),
       tangents=("d - mean(d, axis=axis, keepdims=true)",), internal=True, entries=COMPUTED,
       means="a - mean(a, axis=axis, keepdims=true)",
       why="An entry moves the mean along: what arrived on average is taken off again.", samples=_SAMPLES),
    Op("standardized", "a", "a less its mean, over its standard deviation", numpy=standardized_array,
       options="axis=none ddof=0", shape=own_shape,
       messages=("(g - mean(g, axis=axis, keepdims=true) - out*sum(g*out, axis=axis, keepdims=true)"
                 "/(size(a, axis=axis) - ddof))/std(a, axis=axis, keepdims=true, ddof=ddof)",),
       tangents=("(d - mean(d, axis=axis, keepdims=true) - out*sum(d*out, axis=axis, keepdims=true)"
                 "/(size(a, axis=axis) - ddof))/std(a, axis=axis, keepdims=true, ddof=ddof)",),
       internal=True, entries=COMPUTED,
       means="(a - mean(a, axis=axis, keepdims=true))/std(a, axis=axis, keepdims=true, ddof=ddof)",
       why="What moves mean or spread along is taken off; the rest is over the spread.", samples=_SAMPLES),
    Op("unit", "a", "a over its length along the axes", numpy=unit_array, options="axis=none",
       shape=own_shape,
       messages=("(g - out*sum(g*out, axis=axis, keepdims=true))/norm(a, axis=axis, keepdims=true)",),
       tangents=("(d - out*sum(d*out, axis=axis, keepdims=true))/norm(a, axis=axis, keepdims=true)",),
       internal=True, entries=COMPUTED, means="a/norm(a, axis=axis, keepdims=true)",
       why="What only lengthens the vector is taken off; the rest is over the length.", samples=_SAMPLES),
)  # fmt: skip
