"""The functions of neurons, sound in both tails."""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.ops.exponential import exp, expm1
from backtrace_cli.ops.spec import Kink, Op

_ANY = ((0.5,), (-1.2,), (2.5,), (-6.0,))
_TAILS = (*_ANY, (12.0,))


def sigmoid(a: float) -> float:
    """1/(1 + e^−a), through e^a on the left so that nothing overflows."""
    if a >= 0:
        return 1.0 / (1.0 + math.exp(-a))
    rising = math.exp(a)
    return rising / (1.0 + rising)


def sigmoid_array(a: Any) -> Any:
    """``sigmoid`` over arrays."""
    import numpy as np

    falling = np.exp(-np.abs(a))
    return np.where(np.asarray(a) >= 0, 1.0, falling) / (1.0 + falling)


def relu(a: float) -> float:
    """max(0, a), keeping nan."""
    return a if a > 0 or a != a else 0.0


def relu_array(a: Any) -> Any:
    """``relu`` over arrays."""
    import numpy as np

    return np.maximum(a, 0.0)


def relu_exact(a: Any) -> Any:
    """``relu`` of a fraction."""
    return max(a, a * 0)


def leaky_relu(a: float, b: float) -> float:
    """a above 0, b·a below."""
    return a if a > 0 else b * a


def leaky_relu_array(a: Any, b: Any) -> Any:
    """``leaky_relu`` over arrays."""
    import numpy as np

    return np.where(a > 0, a, b * a)


def elu(a: float, b: float) -> float:
    """a above 0, b·(e^a − 1) below."""
    return a if a > 0 else b * expm1(a)


def elu_array(a: Any, b: Any) -> Any:
    """``elu`` over arrays."""
    import numpy as np

    return np.where(a > 0, a, b * np.expm1(np.minimum(a, 0.0)))


def softplus(a: float) -> float:
    """log(1 + e^a) = max(a, 0) + log1p(e^−|a|), which never overflows."""
    return relu(a) + math.log1p(exp(-abs(a)))


def softplus_array(a: Any) -> Any:
    """``softplus`` over arrays."""
    import numpy as np

    return np.maximum(a, 0.0) + np.log1p(np.exp(-np.abs(a)))


def swish(a: float, b: float) -> float:
    """a·σ(b·a); its limit 0 where a = −inf."""
    gate = sigmoid(b * a)
    return 0.0 if gate == 0 else a * gate


def swish_array(a: Any, b: Any) -> Any:
    """``swish`` over arrays."""
    return _gated(a, sigmoid_array(b * a))


def erf(a: float) -> float:
    """The error function."""
    return math.erf(a)


def erf_array(a: Any) -> Any:
    """``erf`` over arrays, one entry at a time: NumPy has none."""
    import numpy as np

    return np.vectorize(math.erf, otypes=[float])(a)


def erfc(a: float) -> float:
    """1 − erf(a), exact in the right tail."""
    return math.erfc(a)


def erfc_array(a: Any) -> Any:
    """``erfc`` over arrays, one entry at a time."""
    import numpy as np

    return np.vectorize(math.erfc, otypes=[float])(a)


def gelu(a: float) -> float:
    """a·Φ(a) with Φ the normal distribution function (Hendrycks and Gimpel, 2016)."""
    below = 0.5 * math.erfc(-a / math.sqrt(2.0))
    return 0.0 if below == 0 else a * below


def gelu_array(a: Any) -> Any:
    """``gelu`` over arrays."""
    return _gated(a, 0.5 * erfc_array(-a / math.sqrt(2.0)))


def mish(a: float) -> float:
    """a·tanh(softplus(a)) (Misra, 2019)."""
    gate = math.tanh(softplus(a))
    return 0.0 if gate == 0 else a * gate


def mish_array(a: Any) -> Any:
    """``mish`` over arrays."""
    import numpy as np

    return _gated(a, np.tanh(softplus_array(a)))


def _gated(a: Any, gate: Any) -> Any:
    """a·gate, and 0 where the gate is shut: its limit where a = −inf."""
    import numpy as np

    return np.where(gate == 0, 0.0, a * gate)


def _corner(left: str, right: str, words: str, when: str = "a == 0") -> tuple[Kink, ...]:
    """The corner at 0 of the relu family, with the slope on the left taken, as PyTorch does."""
    return (Kink(when, (left, None), words, slopes=(left, right)),)


OPS = (
    Op("sigmoid", "a", "logistic function 1/(1 + e^(−a)), between 0 and 1", latex=r"\sigma",
       float=sigmoid,
       partials=("out*(1 - out)",), stable=("out*sigmoid(-a)",), numpy=sigmoid_array,
       aliases=("σ", "logistic", "sigma"), pretty="σ",
       reach=4.0, integral="softplus(a)",
       mistaken=(("out", "σ′ is σ·(1 − σ), not σ"), ("1 - out", "σ′ is σ·(1 − σ), not 1 − σ")),
       means="1/(1 + exp(-a))",
       why="It is steepest in the middle and flat where it is nearly 0 or 1: itself times what is "
           "missing to 1.",
       samples=_TAILS),
    Op("relu", "a", "max(0, a)", float=relu, partials=("a > 0",), numpy=relu_array,
       fraction=relu_exact,
       kinks=_corner("0", "1", "the slope is 0 on the left and 1 on the right; 0 is taken"),
       mistaken=(("out", "relu′ is 0 or 1, not relu itself"),),
       why="Above 0 it is the number itself, and what arrived goes through; below it is 0 whatever "
           "happens, and nothing does.",
       samples=_ANY),
    Op("leaky_relu", "a b=0.01", "a above 0, b·a below", float=leaky_relu,
       partials=("where(a > 0, 1, b)", "where(a > 0, 0, a)"), numpy=leaky_relu_array,
       fraction=leaky_relu,
       kinks=_corner("b", "1", "the slope on the left is not the 1 on the right; the left one is taken"),
       why="Above 0 what arrived goes through whole; below only the small share does.",
       samples=((0.5, 0.01), (-1.2, 0.2))),
    Op("elu", "a b=1", "a above 0, b·(e^a − 1) below", float=elu,
       partials=("where(a > 0, 1, b*exp(a))", "where(a > 0, 0, expm1(a))"), numpy=elu_array,
       kinks=_corner("b", "1", "the slope on the left is not the 1 on the right; the left one is taken",
                     "(a == 0)*(b != 1)"),
       reach=4.0, means="where(a > 0, a, b*(exp(a) - 1))",
       why="Above 0 what arrived goes through whole; below it is e to the x, so less and less does.",
       samples=((0.5, 1.0), (-1.2, 0.7))),
    Op("softplus", "a", "log(1 + e^a), a smooth relu", float=softplus, partials=("sigmoid(a)",),
       numpy=softplus_array,
       reach=4.0, means="log(1 + exp(a))",
       why="It bends from flat to slope 1 as σ goes from 0 to 1: its slope is σ.",
       samples=_TAILS),
    Op("swish", "a b=1", "a·σ(b·a); with b = 1 also called silu", float=swish,
       partials=("σ(b*a)*(1 + b*a*(1 - σ(b*a)))", "a^2*σ(b*a)*(1 - σ(b*a))"),
       stable=("σ(b*a)*(1 + b*a*σ(-b*a))", "a*σ(b*a)*(a*σ(-b*a))"), numpy=swish_array,
       aliases=("silu",),
       reach=4.0, means="a/(1 + exp(-b*a))",
       why="It is a product of the number and its σ: the σ, and the number times the slope of the σ.",
       samples=((1.5, 2.0), (-2.0, 0.5), (9.0, 1.0))),
    Op("gelu", "a", "a·Φ(a), Φ the normal distribution function", float=gelu,
       partials=("(1 + erf(a/sqrt(2)))/2 + a*exp(-a^2/2)/sqrt(2*pi)",),
       stable=("erfc(-a/sqrt(2))/2 + a*exp(-a^2/2)/sqrt(2*pi)",), numpy=gelu_array,
       reach=3.0, means="a*erfc(-a/sqrt(2))/2",
       why="It is a product of the number and a share of the normal distribution: the share, and the "
           "number times the bell curve.",
       samples=_ANY),
    Op("mish", "a", "a·tanh(softplus(a))", float=mish,
       partials=("tanh(softplus(a)) + a*σ(a)*(1 - tanh(softplus(a))^2)",),
       stable=("tanh(softplus(a)) + a*σ(a)/cosh(softplus(a))/cosh(softplus(a))",), numpy=mish_array,
       reach=4.0, means="a*tanh(log(1 + exp(a)))",
       why="It is a product of the number and a tanh of it: the tanh, and the number times the slope of "
           "the tanh.",
       samples=_TAILS),
    Op("erf", "a", "error function", float=erf, partials=("2*exp(-a^2)/sqrt(pi)",), numpy=erf_array,
       reach=2.0,
       why="It is the area under the bell curve so far, so it grows by the height of the curve.",
       samples=((0.5,), (-1.2,), (2.5,))),
    Op("erfc", "a", "1 − erf(a), exact in the right tail", float=erfc,
       partials=("-2*exp(-a^2)/sqrt(pi)",), numpy=erfc_array,
       why="It is the area that is left, so it shrinks by the height of the bell curve.",
       samples=((0.5,), (-1.2,), (5.0,))),
)  # fmt: skip
