"""Products whose parts leave the range: multiplied as numbers from 1/2 to 1, times powers of two."""

from __future__ import annotations

from typing import Any

from backtrace_cli.ops.shares import put_last

#: So many factors from 1/2 to 1 can be multiplied without underflow, in single precision, too.
_RUN = 100


def product_array(a: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The product of the entries along the axes, though products on the way be no floats."""
    import numpy as np

    found = np.prod(a, axis=axis, keepdims=bool(keepdims))
    if np.asarray(a).dtype == object or not _left(found):
        return found
    products, powers = _products(put_last(np.asarray(a), axis)[0])
    whole = np.ldexp(products[..., -1], _short(powers[..., -1]))
    return whole.reshape(np.shape(found))


def running_product(a: Any, axis: int) -> Any:
    """Each entry times all before it along the axis, though products on the way be no floats."""
    import numpy as np

    found = np.cumprod(a, axis=axis)
    if np.asarray(a).dtype == object or not _left(found):
        return found
    flat = np.moveaxis(np.asarray(a), axis, -1)
    products, powers = _products(flat)
    return np.moveaxis(np.ldexp(products[..., 1:], _short(powers[..., 1:])), -1, axis)


def others_last(a: Any) -> Any:
    """For each entry the product of all the others along the last axis, whichever of them are 0."""
    import numpy as np

    if a.dtype == object:  # formulas have no size to scale by
        one = np.ones_like(a[..., :1])
        before = np.concatenate([one, np.cumprod(a[..., :-1], axis=-1)], axis=-1)
        after = np.concatenate([np.cumprod(a[..., :0:-1], axis=-1)[..., ::-1], one], axis=-1)
        return before * after
    before, low = _products(a)
    after, high = _products(a[..., ::-1])
    found = before[..., :-1] * after[..., ::-1][..., 1:]
    return np.ldexp(found, _short(low[..., :-1] + high[..., ::-1][..., 1:]))


def _left(found: Any) -> bool:
    """Did a product leave the range, or may it have done so on the way?"""
    import numpy as np

    return not bool(np.all(np.isfinite(found) & (np.abs(found) > np.finfo(np.asarray(found).dtype).tiny)))


def _products(flat: Any) -> tuple[Any, Any]:
    """Running products along the last axis, from the empty one on, as numbers times powers of two."""
    import numpy as np

    parts, powers = np.frexp(flat)
    one = np.ones_like(flat[..., :1])
    products, sums = [one], [np.zeros(one.shape, int)]
    for start in range(0, flat.shape[-1], _RUN):
        piece = np.cumprod(parts[..., start : start + _RUN], axis=-1) * products[-1][..., -1:]
        high = np.cumsum(powers[..., start : start + _RUN].astype(int), axis=-1) + sums[-1][..., -1:]
        piece, more = np.frexp(piece)
        products.append(piece)
        sums.append(high + more)
    return np.concatenate(products, axis=-1), np.concatenate(sums, axis=-1)


def _short(power: Any) -> Any:
    """Powers of two as ldexp takes them: beyond these everything is 0 or infinite."""
    import numpy as np

    return np.clip(power, -10_000, 10_000).astype(np.int32)
