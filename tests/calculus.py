"""The independent witness: every op and its derivatives in mpmath, written from a calculus book.

Nothing here reads the package's declarations. Numbers are mpmath's, at 50 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath

from backtrace_cli.ops import OPS

#: The ops that work entry by entry, whose samples are numbers.
SCALAR = {name: op for name, op in OPS.items() if not op.mixes}

Big = Any
"""An mpmath number of the context ``mp``."""

mp = mpmath.mp.clone()
mp.dps = 50


def _cbrt(a: Big) -> Big:
    return mp.sign(a) * mp.power(abs(a), mp.mpf(1) / 3)


def _logistic(a: Big) -> Big:
    return 1 / (1 + mp.exp(-a))


def _power(a: Big, b: Big) -> Big:
    return a ** int(b) if b == mp.floor(b) and abs(b) < 1000 else mp.power(a, b)


def _truth(test: Callable[..., bool]) -> Callable[..., Big]:
    return lambda *args: mp.mpf(1 if test(*args) else 0)


#: The value of every op.
FORWARD: dict[str, Callable[..., Big]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a: -a,
    "power": _power,
    "identity": lambda a: a,
    "square": lambda a: a * a,
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "log2": lambda a: mp.log(a) / mp.log(2),
    "log10": lambda a: mp.log(a) / mp.log(10),
    "log_base": lambda a, b: mp.log(a) / mp.log(b),
    "sqrt": mp.sqrt,
    "cbrt": _cbrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "atan2": mp.atan2,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "sigmoid": _logistic,
    "relu": lambda a: max(a, mp.mpf(0)),
    "leaky_relu": lambda a, b: a if a > 0 else b * a,
    "elu": lambda a, b: a if a > 0 else b * mp.expm1(a),
    "softplus": lambda a: mp.log1p(mp.exp(a)),
    "swish": lambda a, b: a * _logistic(b * a),
    "gelu": lambda a: a * mp.erfc(-a / mp.sqrt(2)) / 2,
    "mish": lambda a: a * mp.tanh(mp.log1p(mp.exp(a))),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "abs": lambda a: abs(a),
    "ones_like": lambda a: mp.mpf(1),
    "zeros_like": lambda a: mp.mpf(0),
    "sign": mp.sign,
    "floor": mp.floor,
    "ceil": mp.ceil,
    "round": mp.nint,
    "max": lambda *a: max(a),
    "min": lambda *a: min(a),
    "clip": lambda a, b, c: min(max(a, b), c),
    "hypot": lambda a, b: mp.sqrt(a * a + b * b),
    "where": lambda a, b, c: b if a != 0 else c,
    "less": _truth(lambda a, b: a < b),
    "less_equal": _truth(lambda a, b: a <= b),
    "greater": _truth(lambda a, b: a > b),
    "greater_equal": _truth(lambda a, b: a >= b),
    "equal": _truth(lambda a, b: a == b),
    "not_equal": _truth(lambda a, b: a != b),
    "lgamma": mp.loggamma,
    "digamma": mp.digamma,
    "polygamma": lambda n, a: mp.psi(int(n), a),
    "mod": lambda a, b: a - b * mp.floor(a / b),
    "sinc": lambda a: mp.sin(mp.pi * a) / (mp.pi * a),
    "sinc_slope": lambda a: (mp.cos(mp.pi * a) - mp.sin(mp.pi * a) / (mp.pi * a)) / a,
    "sec": mp.sec,
    "csc": mp.csc,
    "cot": mp.cot,
    "logsigmoid": lambda a: -mp.log1p(mp.exp(-a)),
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "xlogy": lambda a, b: a * mp.log(b),
    "logit": lambda a: mp.log(a / (1 - a)),
    "stop_gradient": lambda a: a,
    "ties": lambda out, *a: mp.mpf(sum(x == out for x in a)),
}


def _gate_slope(t: Big) -> Big:
    """The logistic function's derivative, e^−t/(1 + e^−t)²."""
    return mp.exp(-abs(t)) / (1 + mp.exp(-abs(t))) ** 2


def _mish(a: Big) -> Big:
    """Misra (2019), section 2: e^a·ω/δ²."""
    e = mp.exp(a)
    omega = 4 * (a + 1) + 4 * e**2 + e**3 + e * (4 * a + 6)
    return e * omega / (2 * e + e**2 + 2) ** 2


def _bell(a: Big) -> Big:
    return 2 * mp.exp(-a * a) / mp.sqrt(mp.pi)


#: The partial derivatives of every smooth op, one function an argument.
PARTIALS: dict[str, tuple[Callable[..., Big], ...]] = {
    "lgamma": (mp.digamma,),
    "digamma": (lambda a: mp.psi(1, a),),
    "polygamma": (lambda n, a: mp.mpf(0), lambda n, a: mp.psi(int(n) + 1, a)),
    "sec": (lambda a: mp.sin(a) / mp.cos(a) ** 2,),
    "csc": (lambda a: -mp.cos(a) / mp.sin(a) ** 2,),
    "cot": (lambda a: -1 / mp.sin(a) ** 2,),
    "logsigmoid": (lambda a: 1 - _logistic(a),),
    "logaddexp": (lambda a, b: _logistic(a - b), lambda a, b: _logistic(b - a)),
    "logit": (lambda a: 1 / a + 1 / (1 - a),),
    "add": (lambda a, b: mp.mpf(1), lambda a, b: mp.mpf(1)),
    "subtract": (lambda a, b: mp.mpf(1), lambda a, b: mp.mpf(-1)),
    "multiply": (lambda a, b: b, lambda a, b: a),
    "divide": (lambda a, b: 1 / b, lambda a, b: -a / (b * b)),
    "negative": (lambda a: mp.mpf(-1),),
    "power": (lambda a, b: b * _power(a, b - 1), lambda a, b: _power(a, b) * mp.log(a)),
    "identity": (lambda a: mp.mpf(1),),
    "square": (lambda a: 2 * a,),
    "exp": (mp.exp,),
    "expm1": (mp.exp,),
    "log": (lambda a: 1 / a,),
    "log1p": (lambda a: 1 / (1 + a),),
    "log2": (lambda a: 1 / (a * mp.log(2)),),
    "log10": (lambda a: 1 / (a * mp.log(10)),),
    "log_base": (lambda a, b: 1 / (a * mp.log(b)), lambda a, b: -mp.log(a) / (b * mp.log(b) ** 2)),
    "sqrt": (lambda a: 1 / (2 * mp.sqrt(a)),),
    "cbrt": (lambda a: mp.power(abs(a), -mp.mpf(2) / 3) / 3,),
    "sin": (mp.cos,),
    "cos": (lambda a: -mp.sin(a),),
    "tan": (lambda a: 1 / mp.cos(a) ** 2,),
    "asin": (lambda a: 1 / mp.sqrt(1 - a * a),),
    "acos": (lambda a: -1 / mp.sqrt(1 - a * a),),
    "atan": (lambda a: 1 / (1 + a * a),),
    "atan2": (lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)),
    "sinh": (mp.cosh,),
    "cosh": (mp.sinh,),
    "tanh": (lambda a: 1 / mp.cosh(a) ** 2,),
    "asinh": (lambda a: 1 / mp.sqrt(a * a + 1),),
    "acosh": (lambda a: 1 / mp.sqrt(a * a - 1),),
    "atanh": (lambda a: 1 / (1 - a * a),),
    "sigmoid": (_gate_slope,),
    "softplus": (_logistic,),
    "swish": (lambda a, b: _logistic(b * a) + a * b * _gate_slope(b * a),
              lambda a, b: a * a * _gate_slope(b * a)),
    "gelu": (lambda a: mp.ncdf(a) + a * mp.npdf(a),),
    "mish": (_mish,),
    "erf": (_bell,),
    "erfc": (lambda a: -_bell(a),),
    "hypot": (lambda a, b: a / mp.sqrt(a * a + b * b), lambda a, b: b / mp.sqrt(a * a + b * b)),
}  # fmt: skip


def close(found: float, expected: Big, relative: float, least: float = 0.0) -> bool:
    """Is ``found`` within ``relative`` of ``expected`` (or ``least``, whichever is more)?"""
    if found != found:
        return False
    return abs(mp.mpf(found) - expected) <= max(relative * abs(expected), least)
