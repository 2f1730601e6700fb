"""Array ops at the ends of the range, held against 1,300 digits: huge, tiny, mixed, all but equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from backtrace_cli import trace

mp = mpmath.mp.clone()
mp.dps = 1300

Row = list[Any]


def _softmax(a: Row) -> Row:
    raised = [mp.exp(x - max(a)) for x in a]
    return [x / sum(raised) for x in raised]


def _variance(a: Row, ddof: int = 0) -> Any:
    mean = sum(a) / len(a)
    return sum((x - mean) ** 2 for x in a) / (len(a) - ddof)


def _product(a: Row) -> Any:
    found = mp.mpf(1)
    for x in a:
        found *= x
    return found


def _binary(a: Row, targets: list[float]) -> Any:
    terms = [
        mp.mpf(t) * mp.log(1 + mp.exp(-x)) + (1 - mp.mpf(t)) * mp.log(1 + mp.exp(x))
        for x, t in zip(a, targets, strict=True)
    ]
    return sum(terms) / len(a)


#: What is written over the vector a of four entries, and its definition.
DEFINED: dict[str, Callable[[Row], Row]] = {
    "mean(a)": lambda a: [sum(a) / len(a)],
    "prod(a)": lambda a: [_product(a)],
    "var(a)": lambda a: [_variance(a)],
    "var(a, ddof=1)": lambda a: [_variance(a, 1)],
    "std(a)": lambda a: [mp.sqrt(_variance(a))],
    "std(a, ddof=1)": lambda a: [mp.sqrt(_variance(a, 1))],
    "norm(a)": lambda a: [mp.sqrt(sum(x * x for x in a))],
    "hypot(a[0], a[1])": lambda a: [mp.sqrt(a[0] ** 2 + a[1] ** 2)],
    "mse(a, [0, 0, 0, 0])": lambda a: [sum(x * x for x in a) / len(a)],
    "logsumexp(a)": lambda a: [mp.log(sum(mp.exp(x - max(a)) for x in a)) + max(a)],
    "logcumsumexp(a)": lambda a: [
        mp.log(sum(mp.exp(x - max(a)) for x in a[: k + 1])) + max(a) for k in range(len(a))
    ],
    "logaddexp(a[0], a[1])": lambda a: [mp.log(sum(mp.exp(x - max(a)) for x in a[:2])) + max(a)],
    "softmax(a)": _softmax,
    "log_softmax(a)": lambda a: [mp.log(p) for p in _softmax(a)],
    "cross_entropy_with_logits(a, 0)": lambda a: [-mp.log(_softmax(a)[0])],
    "cross_entropy_with_logits(a, [0.25, 0.25, 0.5, 0])": lambda a: [
        -sum(w * mp.log(p) for w, p in zip((0.25, 0.25, 0.5), _softmax(a), strict=False))
    ],
    "binary_cross_entropy_with_logits(a, [0, 1, 1, 0.25])": lambda a: [_binary(a, [0, 1, 1, 0.25])],
}  # fmt: skip
#: Powers on the way, so that only scores of ordinary size make sense.
SCORES = ("soft", "logsum", "logcum", "logadd", "logits")
SHAPE = [1.5, -0.75, 2.25, -1.125]
SIZED = {
    f"1e{k}": [float(f"{x}e{k}") for x in SHAPE] for k in (-305, -200, -170, -100, -8, 0, 8, 100, 150, 307)
}
MIXED = {
    "mixed": [1e200, -3e-200, 5e100, 2e-100], "one large": [3.0, 1e-30, -1e-25, 1e-40],
    "offset": [1e8, 1e8 + 1, 1e8 - 2, 1e8 + 5], "far off": [1e15, 1e15 + 1, 1e15 - 2, 1e15 + 0.5],
    "all but equal": [0.1, 0.1, 0.1, 0.1 + 2**-55], "two huge": [1e200, 1e200, 1e-200, 1e-200],
    "alternating": [1.7e308, -1.7e308, 1.7e308, 1.6e308],
}  # fmt: skip
TAILS = {
    "sure": [40.0, 0.0, -1.0, 2.0], "surer": [300.0, -300.0, 10.0, 299.0], "wrong": [-60.0, 3.0, 2.0, 1.0],
    "twins": [30.0, 30.0, 0.0, -5.0], "ordinary": SHAPE, "all equal": [0.1] * 4,
    "last": [0.0, -36.0, -700.0, 1.0],
}  # fmt: skip
CASES = [
    pytest.param(formula, a, id=f"{formula}-{name}".replace(" ", ""))
    for formula in DEFINED
    for name, a in (TAILS if any(word in formula for word in SCORES) else SIZED | MIXED).items()
]  # fmt: skip


def _jacobian(function: Callable[[Row], Row], a: list[float]) -> list[Row]:
    """Per output, the slope in each entry: central differences at a step of 1e-200 of the entry."""
    found = []
    for place, x in enumerate(a):
        h = mp.mpf(x or 1) * mp.mpf(10) ** -200
        moved = [[mp.mpf(b) + (sign * h if at == place else 0) for at, b in enumerate(a)] for sign in (1, -1)]
        high, low = map(function, moved)
        found.append([(one - two) / (2 * h) for one, two in zip(high, low, strict=True)])
    return [list(row) for row in zip(*found, strict=True)]


def _near(found: float, truth: Any, scale: Any, digits: float = 1e-13) -> bool:
    """Is a float right on the scale of the terms it is made of, or beyond the range as the truth is?"""
    if abs(truth) > mp.mpf(1.79e308):
        return bool(np.isinf(found)) and (found > 0) == (truth > 0)
    return bool(abs(mp.mpf(found) - truth) <= digits * scale + mp.mpf(2) ** -1060)


@pytest.mark.parametrize(("formula", "a"), CASES)
def test_values_and_slopes_keep_their_digits_at_any_size(formula: str, a: list[float]) -> None:
    """Each output and its gradient, forward and reverse, are right to 13 digits wherever they are floats."""
    function = DEFINED[formula]
    wide = [mp.mpf(x) for x in a]
    truth, slopes = function(wide), _jacobian(function, a)
    found = trace(formula, a=a)
    for one, right in zip(np.ravel(found.value), truth, strict=True):
        assert _near(float(one), right, abs(right)), (one, right)
    weights = [1.0] if len(truth) == 1 else [1.0, -2.0, 0.5, 3.0]
    for row, unit in enumerate(np.eye(len(truth))):  # each output alone: nothing may cancel
        text = formula if len(truth) == 1 else f"sum({formula}*{unit.tolist()})"
        for one, right in zip(trace(text, a=a).gradient["a"], slopes[row], strict=True):
            assert _near(float(one), right, abs(right)), (row, one, mp.nstr(right, 17))
    text = formula if len(truth) == 1 else f"sum({formula}*{weights})"
    reverse, forward = trace(text, a=a).gradient["a"], trace(text, a=a, mode="forward").gradient["a"]
    for place in range(len(a)):
        terms = [weights[row] * slopes[row][place] for row in range(len(truth))]
        for one in (reverse[place], forward[place]):
            assert _near(float(one), sum(terms), sum(map(abs, terms))), (place, one)


@pytest.mark.parametrize(("formula", "at", "gradient"), [
    ("sum(0^x)", {"x": [0, 1, 2]}, {"x": [np.nan, 0, 0]}),
    ("sum(x^y)", {"x": [0, -2, 0, 3], "y": [0, 2, 3, 1]},
     {"x": [0, -4, 0, 1], "y": [np.nan, np.nan, 0, 3 * np.log(3)]}),
    ("sum(atan2(y, x))", {"y": [0, 0, 1], "x": [0, -2, 1]},
     {"y": [np.nan, -0.5, 0.5], "x": [np.nan, 0, -0.5]}),
    ("std(x)", {"x": [0.1, 0.1, 0.1]}, {"x": [0, 0, 0]}),
    ("std(x)", {"x": [1e-170, 3e-170]}, {"x": [-0.5, 0.5]}),
    ("std(x)", {"x": [1e160, 3e160]}, {"x": [-0.5, 0.5]}),
    ("sqrt(-x)", {"x": 0}, {"x": -np.inf}),
    ("log(-x)", {"x": 0}, {"x": -np.inf}),
    ("log10(-x)", {"x": 0}, {"x": -np.inf}),
    ("prod(x)", {"x": [1e200, 1e200, 0, 0]}, {"x": [0, 0, 0, 0]}),
    ("prod(x)", {"x": [1e200, 1e200, 1e200, 0]}, {"x": [0, 0, 0, np.inf]}),
    ("softmax([x,y])[0]", {"x": 40, "y": 0}, {"x": 4.248354255291589e-18, "y": -4.248354255291589e-18}),
    ("cross_entropy_with_logits([x,y],0)", {"x": 30, "y": 0},
     {"x": -9.357622968839299e-14, "y": 9.357622968839299e-14}),
    ("logsumexp(z)", {"z": [1e16, 1e16]}, {"z": [0.5, 0.5]}),
    ("logaddexp(x, y)", {"x": 1e16, "y": 1e16}, {"x": 0.5, "y": 0.5}),
    ("logcumsumexp(z)[2]", {"z": [1e16, 1e16, 1e16]}, {"z": [1 / 3, 1 / 3, 1 / 3]}),
    ("logcumsumexp(z)[1]", {"z": [0, 0, 1e12]}, {"z": [0.5, 0.5, 0]}),
    ("cumprod(x)[3]", {"x": [1e200, 1e200, 1e-200, 0]}, {"x": [0, 0, 0, 1e200]}),
    ("hypot(x,y)", {"x": 1.7e308, "y": 1.7e308}, {"x": 0.5**0.5, "y": 0.5**0.5}),
    ("softmax(x)", {"x": [1, 2, 3]}, {"x": [0, 0, 0]}),
    ("softmax(X, axis=0)", {"X": [[1, 2, 3], [7, 0, 1]]}, {"X": np.zeros((2, 3))}),
    ("mean(x)", {"x": [1.7e308, 1.7e308]}, {"x": [0.5, 0.5]}),
])  # fmt: skip
def test_what_was_found_wrong_at_the_ends_is_right(formula: str, at: dict[str, Any], gradient: Any) -> None:
    """Squares or products out of range, sure predictions, the sign of −0, kinks side by side."""
    found = trace(formula, at).gradient
    for name, right in gradient.items():
        np.testing.assert_allclose(found[name], right, rtol=1e-12, atol=0)


def test_each_kink_of_an_array_is_noted() -> None:
    """Where entries of one array stand at different kinks of one op, each kink has its note."""
    notes = [note.message for note in trace("sum(x^y)", x=[0, -2, 0], y=[0, 2, 3]).notes]
    assert sum("0^0 is taken as 1" in note for note in notes) == 1
    assert sum("the base is negative" in note and "x[1] = −2" in note for note in notes) == 1
