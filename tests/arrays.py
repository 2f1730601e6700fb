"""The independent witness for arrays: textbook NumPy, and differences of it that know no rule.

Nothing here reads the package's declarations. A witness is a plain function of arrays; its slope
along a direction comes from five points, right to about twelve digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backtrace_cli import gradient, trace

__all__ = ["Array", "differences", "drawn", "hold", "slope", "strided"]

Array = Any
Witness = Callable[..., Array]

#: Five points that far apart: h⁴ and rounding/h are both below 1e-12.
_STEP = 4e-4
#: A slope may be off by so much of the largest slope at hand.
_WRONG = 1e-9
#: A straight-line program and the walk, by so much of the scale: sums are the same but for their order.
_SAME = 1e-14


def drawn(shape: tuple[int, ...], seed: int = 0, low: float = -2.0, high: float = 2.0) -> Array:
    """Numbers without pattern, no two alike, none nearer to 0 than a step of the differences."""
    found = np.random.default_rng([seed, *shape]).uniform(low, high, shape)
    return np.where(np.abs(found) < 0.05, found + 0.1, found)


def strided(array: Array) -> Array:
    """The same entries in an array that is not contiguous: every second one, from the last axis up."""
    if not np.shape(array):
        return np.array(array)
    wide = np.zeros([2 * size for size in np.shape(array)[::-1]])
    view = wide[tuple(slice(None, None, -2) for _ in np.shape(array))].transpose()
    view[...] = array
    return view


def slope(function: Callable[[float], float]) -> float:
    """The derivative at 0 of a function of one number."""
    h = _STEP
    return (8 * (function(h) - function(-h)) - (function(2 * h) - function(-2 * h))) / (12 * h)


def differences(witness: Callable[..., float], at: Mapping[str, Array], name: str) -> Array:
    """∂witness/∂(each entry of ``name``), by differences."""
    base = np.asarray(at[name], dtype=float)
    found = np.zeros(base.shape)
    for place in np.ndindex(*base.shape):
        one = np.zeros(base.shape)
        one[place] = 1.0
        found[place] = slope(lambda h, one=one: float(witness(**{**at, name: base + h * one})))
    return found


def hold(
    formula: str, at: Mapping[str, Array], witness: Witness, fixed: tuple[str, ...] = (), seed: int = 7
) -> None:
    """Hold value, gradient and tangent of ``formula`` at ``at`` against ``witness``.

    The output is weighted, so that the upstream gradient is a different number at each
    entry; names in ``fixed`` (class indices, masks) are not moved. Raises AssertionError.
    """
    shape = np.shape(witness(**at))
    weights = drawn(shape, seed) if shape else 1.75
    point = {**at, "weights": weights}
    moving = [name for name in at if name not in fixed]

    def weighted(**values: Array) -> float:
        return float(np.sum(weights * witness(**values)))

    plain = trace(formula, at)
    np.testing.assert_allclose(plain.value, witness(**at), rtol=1e-12, atol=1e-13)
    assert np.shape(plain.value) == shape
    before, semicolon, last = formula.rpartition("; ")
    found = trace(f"{before}{semicolon}sum(weights*({last}))", point, wrt=moving)
    expected = {name: differences(weighted, at, name) for name in moving}
    for name in moving:
        scale = max(1.0, float(np.max(np.abs(expected[name]), initial=0.0)))
        np.testing.assert_allclose(found.gradient[name], expected[name], rtol=0, atol=_WRONG * scale)
        assert np.shape(found.gradient[name]) == np.shape(at[name])
    program = gradient(f"{before}{semicolon}sum(weights*({last}))", wrt=moving)
    for value, slopes in (program(**point), program(**point)):  # the second time nothing may be left over
        paths = float(np.sum(np.abs(weights * plain.value)))  # NumPy adds in the order that memory has
        np.testing.assert_allclose(value, found.value, rtol=0, atol=_SAME * paths)
        for name in moving:
            scale = max(1.0, float(np.max(np.abs(found.gradient[name]), initial=0.0)))
            np.testing.assert_allclose(slopes[name], found.gradient[name], rtol=0, atol=_SAME * scale)
    along = {name: drawn(np.shape(at[name]), seed + 1) if np.shape(at[name]) else 0.3 for name in moving}
    (tangent,) = trace(formula, at, seed=along).tangents if along else (None,)
    if tangent is None:
        return
    assert np.shape(tangent.value) == shape
    reverse = sum(float(np.sum(found.gradient[name] * along[name])) for name in moving)
    forward = float(np.sum(weights * tangent.value))
    size = sum(float(np.sum(np.abs(found.gradient[name] * along[name]))) for name in moving)
    assert abs(forward - reverse) <= 1e-12 * max(size, 1.0), "forward and reverse mode differ"
    moved = slope(lambda h: weighted(**{n: at[n] + h * along[n] if n in along else at[n] for n in at}))
    assert abs(forward - moved) <= _WRONG * max(size, 1.0), "the tangent is not the directional slope"
