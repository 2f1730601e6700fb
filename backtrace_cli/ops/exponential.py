"""Exponentials, logarithms and roots."""

from __future__ import annotations

import math

from backtrace_cli.ops.spec import Domain, Op

_POSITIVE = ((0.3,), (1.0,), (2.5,), (40.0,))


def exp(a: float) -> float:
    """e^a, inf where it is too large for a float."""
    try:
        return math.exp(a)
    except OverflowError:
        return math.inf


def expm1(a: float) -> float:
    """e^a − 1 without cancellation near 0."""
    try:
        return math.expm1(a)
    except OverflowError:
        return math.inf


def log(a: float) -> float:
    """Natural logarithm; −inf at 0, nan below."""
    if a == 0:
        return -math.inf
    return math.log(a) if a > 0 else math.nan


def log1p(a: float) -> float:
    """log(1 + a) without cancellation near 0."""
    if a == -1:
        return -math.inf
    return math.log1p(a) if a > -1 else math.nan


def log2(a: float) -> float:
    """Logarithm to base 2; −inf at 0, nan below."""
    if a == 0:
        return -math.inf
    return math.log2(a) if a > 0 else math.nan


def log10(a: float) -> float:
    """Logarithm to base 10; −inf at 0, nan below."""
    if a == 0:
        return -math.inf
    return math.log10(a) if a > 0 else math.nan


def log_base(a: float, b: float) -> float:
    """Logarithm of a to base b."""
    bottom = log(b)
    if bottom == 0 or b == 0:
        return math.nan
    return log(a) / bottom


def log_base_array(a: object, b: object) -> object:
    """``log_base`` over arrays."""
    import numpy as np

    found = np.log(a) / np.log(b)  # type: ignore[call-overload]
    return np.where(np.equal(b, 0) | np.equal(b, 1), np.nan, found)  # type: ignore[call-overload]


def sqrt(a: float) -> float:
    """Square root, nan below 0."""
    return math.sqrt(a) if a >= 0 else math.nan


def cbrt(a: float) -> float:
    """Real cube root, of negatives too."""
    return math.cbrt(a)


OPS = (
    Op("exp", "a", "e^a", float=exp, partials=("out",), numpy="exp",
       sympy="exp", reach=3.0, mistaken=(
           ("a*exp(a - 1)", "the power rule does not hold for e^x, whose derivative is itself"),
       ),
       why="e to the x grows as fast as it is large: its slope is its own value.",
       samples=((0.5,), (-3.0,), (20.0,))),
    Op("expm1", "a", "e^a − 1, exact near 0", float=expm1, partials=("exp(a)",), numpy="expm1",
       why="Taking 1 away moves nothing: its slope is that of e to the x.",
       samples=((1e-9,), (-3.0,), (2.0,))),
    Op("log", "a", "natural logarithm", float=log, partials=("1/a",),
       stable=("1/abs(a)",), numpy="log", aliases=("ln",),
       domain=Domain("a >= 0", "log needs a positive number"),
       sympy="log", logarithm=True, reach=50.0, integral="a*log(a) - a",
       mistaken=(("1/out", "the derivative of log is 1 over its input"),),
       why="The logarithm grows by shares: of a number twice as large the same step is half as much, so "
           "the slope is one over the number.",
       samples=_POSITIVE,
       refuses=((-1.0,),)),
    Op("log1p", "a", "log(1 + a), exact near 0", float=log1p, partials=("1/(1 + a)",), numpy="log1p",
       domain=Domain("a >= -1", "log1p needs a number above −1"),
       logarithm=True,
       why="It is the logarithm of one more, so the slope is one over one more.",
       samples=((1e-18,), (-0.5,), (3.0,)), refuses=((-1.5,),)),
    Op("log2", "a", "logarithm to base 2", float=log2, partials=("1/(a*log(2))",),
       stable=("1/abs(a)/log(2)",), numpy="log2",
       domain=Domain("a >= 0", "log2 needs a positive number"),
       logarithm=True, means="log(a)/log(2)",
       why="It is the natural logarithm divided by log 2, and so is its slope.",
       samples=_POSITIVE, refuses=((-1.0,),)),
    Op("log10", "a", "logarithm to base 10", float=log10, partials=("1/(a*log(10))",),
       stable=("1/abs(a)/log(10)",), numpy="log10",
       domain=Domain("a >= 0", "log10 needs a positive number"),
       logarithm=True, means="log(a)/log(10)",
       why="It is the natural logarithm divided by log 10, and so is its slope.",
       samples=_POSITIVE, refuses=((-1.0,),)),
    Op("log_base", "a b", "logarithm of a to base b, written log(a, b)", latex=r"\log_{<b>}\left(<a>\right)",
       float=log_base,
       partials=("1/(a*log(b))", "-out/(b*log(b))"),
       stable=("1/abs(a)/log(b)", "-out/b/log(b)"), numpy=log_base_array, aliases=("log", "ln"),
       means="log(a)/log(b)",
       pretty="log", typed="log",
       domain=Domain("(a >= 0)*(b > 0)*(b != 1)",
                     "a logarithm needs a positive number and a base other than 1"),
       logarithm=True,
       why="It is one logarithm over another: in its number the slope is that of log over the log of the "
           "base, and a larger base makes it smaller.",
       samples=((2.5, 2.0), (0.3, 10.0), (7.0, 0.5)), refuses=((-1.0, 2.0), (2.0, 1.0))),
    Op("sqrt", "a", "square root", latex=r"\sqrt{<a>}",
       float=sqrt, partials=("1/(2*out)",), stable=("1/(2*abs(out))",), numpy="sqrt",
       domain=Domain("a >= 0", "sqrt needs a number that is not negative"),
       sympy="sqrt", integral="2/3*a*sqrt(a)",
       why="To move a root by a little its square must move by twice the root times that: so the slope "
           "is one over twice the root.",
       samples=_POSITIVE, refuses=((-1.0,),)),
    Op("cbrt", "a", "cube root, of negatives too", latex=r"\sqrt[3]{<a>}",
       float=cbrt, partials=("1/(3*out^2)",), numpy="cbrt",
       means="sign(a)*abs(a)^(1/3)",
       why="To move a cube root by a little its cube must move by three times the root squared: so the "
           "slope is one over that.",
       samples=((8.0,), (-0.3,), (2.5,))),
)  # fmt: skip
