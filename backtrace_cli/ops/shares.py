"""Softmax, its logarithm and their kin, computed so that no digit is lost and nothing leaves the range.

They begin with the same work (``powers``), which a program does once for all of them that read the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from backtrace_cli.ops.shape_functions import axes
from backtrace_cli.ops.whole_numbers import classes


def surest(a: Any, axis: Any = -1) -> Any:
    """True at one largest entry along the axes (the first of them), False elsewhere."""
    import numpy as np

    a = np.asarray(a)
    if not axes(a.shape, axis) or not a.size:
        return np.ones(a.shape, bool)
    flat, back = put_last(a, axis)
    return back(np.arange(flat.shape[-1]) == np.argmax(flat, axis=-1)[..., None])


def powers(a: Any, axis: Any = -1) -> tuple[Any, Any, Any]:
    """e^less, less, and top: less is a less its largest entry along the axis, top, where that is finite."""
    import numpy as np

    top = np.maximum.reduce(a, axis=axis, keepdims=True, initial=-np.inf)
    safe = top if np.isfinite(top).all() else np.where(np.isfinite(top), top, 0).astype(np.asarray(a).dtype)
    less = a - safe
    return np.exp(less), less, top


def shares_of(parts: tuple[Any, Any, Any], axis: Any = -1) -> Any:
    """softmax from ``powers``."""
    import numpy as np

    return parts[0] / np.sum(parts[0], axis=axis, keepdims=True)


def log_total(parts: tuple[Any, Any, Any], axis: Any) -> Any:
    """log Σ e^less along the axis, where the largest of ``less`` is 0 unless ``top`` was infinite: by
    log1p of all but that one, as log(1 + 4e-18) is 0."""
    import numpy as np

    raised, less, top = parts
    if raised.ndim == 1 and raised.size and math.isfinite(top[0]):
        place = less.argmax()
        raised[place] = 0  # for a moment
        rest = np.add.reduce(raised, keepdims=True)
        raised[place] = 1
        return np.log1p(rest)
    rest = np.add.reduce(np.where(surest(less, axis), 0, raised), axis=axis, keepdims=True)
    if np.isfinite(top).all():
        return np.log1p(rest).astype(raised.dtype)
    total = np.log(np.add.reduce(raised, axis=axis, keepdims=True))
    return np.where(np.isfinite(top), np.log1p(rest), total).astype(raised.dtype)


def log_shares_of(parts: tuple[Any, Any, Any], axis: Any = -1) -> Any:
    """log softmax from ``powers``: of 1700 nothing is left over when 1699.9 is taken away, so the largest
    entry is taken out of both first."""
    return parts[1] - log_total(parts, axis)


def logsumexp_of(parts: tuple[Any, Any, Any], axis: Any = None, keepdims: Any = False) -> Any:
    """log Σ e^a from ``powers``."""
    import numpy as np

    top = parts[2]
    found = log_total(parts, axis) + np.where(np.isfinite(top), top, 0.0).astype(parts[0].dtype)
    return found if keepdims else np.squeeze(found, axis=axes(np.shape(parts[0]), axis))


def softmax_array(a: Any, axis: Any = -1) -> Any:
    """e^a over its sum along the axis, the largest entry taken out first."""
    return shares_of(powers(a, axis), axis)


def log_softmax_array(a: Any, axis: Any = -1) -> Any:
    """a less log Σ e^a along the axis."""
    return log_shares_of(powers(a, axis), axis)


def logsumexp_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """log Σ e^a along the axes, the largest entry taken out first."""
    return logsumexp_of(powers(a, axis), axis, keepdims)


#: Functions that begin with the same work: what is done first, from (a, axis), and what is made of that, from
#: its result and the options. So a program does it once.
PARTS: dict[Any, tuple[Callable[..., Any], Callable[..., Any]]] = {
    softmax_array: (powers, shares_of),
    log_softmax_array: (powers, log_shares_of),
    logsumexp_array: (powers, logsumexp_of),
}


def class_gap_array(a: Any, i: Any) -> Any:
    """softmax(a) along the last axis, less 1 at the class i names: there the others' share, as p − 1
    is 0 where p is nearly 1."""
    import numpy as np

    a = np.asarray(a)
    at, flat = classes(i, a.shape[-1]).ravel(), a.reshape(-1, a.shape[-1])
    raised, _, _ = powers(flat)
    total = np.add.reduce(raised, axis=-1, keepdims=True)
    found = raised / total
    rows = np.arange(len(at))
    raised[rows, at] = 0
    others = np.add.reduce(raised, axis=-1, keepdims=True)
    found[rows, at] = (-others / total).ravel()
    return found.reshape(a.shape)


def class_surprise_array(a: Any, i: Any) -> Any:
    """−log softmax(a) along the last axis, at the class that i names."""
    import numpy as np

    a = np.asarray(a)
    at, flat = classes(i, a.shape[-1]).ravel(), a.reshape(-1, a.shape[-1])
    rows = np.arange(len(at))
    raised, less, top = powers(flat)
    if np.isfinite(top).all():
        raised[rows, less.argmax(axis=-1)] = 0
        found = np.log1p(np.add.reduce(raised, axis=-1)) - less[rows, at]
    else:
        found = -log_shares_of((raised, less, top))[rows, at]
    return found.reshape(a.shape[:-1])


def put_last(a: Any, axis: Any) -> tuple[Any, Callable[[Any], Any]]:
    """a with the axes put last and flat, and what puts an array of that shape back."""
    import numpy as np

    gone = axes(a.shape, axis)
    kept = [place for place in range(a.ndim) if place not in gone]
    moved = a.transpose(*kept, *gone)

    def back(found: Any) -> Any:
        return found.reshape(moved.shape).transpose(*np.argsort([*kept, *gone]))

    return moved.reshape(*[a.shape[place] for place in kept], -1), back
