"""Circular and hyperbolic functions and their inverses."""

from __future__ import annotations

import math

from backtrace_cli.ops.spec import Domain, Kink, Op

_ANY = ((0.5,), (-1.2,), (2.5,))
_UNIT = ((0.3,), (-0.85,), (0.999,))


def sin(a: float) -> float:
    """Sine; nan at ±inf."""
    return math.sin(a) if math.isfinite(a) else math.nan


def cos(a: float) -> float:
    """Cosine; nan at ±inf."""
    return math.cos(a) if math.isfinite(a) else math.nan


def tan(a: float) -> float:
    """Tangent; nan at ±inf."""
    return math.tan(a) if math.isfinite(a) else math.nan


def asin(a: float) -> float:
    """Arcsine in [−π/2, π/2]; nan outside [−1, 1]."""
    return math.asin(a) if -1 <= a <= 1 else math.nan


def acos(a: float) -> float:
    """Arccosine in [0, π]; nan outside [−1, 1]."""
    return math.acos(a) if -1 <= a <= 1 else math.nan


def sinh(a: float) -> float:
    """Hyperbolic sine, ±inf on overflow."""
    try:
        return math.sinh(a)
    except OverflowError:
        return math.copysign(math.inf, a)


def cosh(a: float) -> float:
    """Hyperbolic cosine, inf on overflow."""
    try:
        return math.cosh(a)
    except OverflowError:
        return math.inf


def acosh(a: float) -> float:
    """Inverse of cosh; nan below 1."""
    return math.acosh(a) if a >= 1 else math.nan


def atanh(a: float) -> float:
    """Inverse of tanh; ±inf at ±1, nan outside."""
    if abs(a) == 1:
        return math.copysign(math.inf, a)
    return math.atanh(a) if -1 < a < 1 else math.nan


OPS = (
    Op("sin", "a", "sine", float=sin, partials=("cos(a)",), numpy="sin",
       sympy="sin", reach=5.0, integral="-cos(a)",
       why="Going round the circle the height changes as fast as the width is large: sin turns into cos.",
       samples=_ANY),
    Op("cos", "a", "cosine", float=cos, partials=("-sin(a)",), numpy="cos",
       sympy="cos", reach=5.0, integral="sin(a)",
       mistaken=(("sin(a)", "cos′ is −sin"),),
       why="Going round the circle the width shrinks as fast as the height is large: cos turns into "
           "minus sin.",
       samples=_ANY),
    Op("tan", "a", "tangent", float=tan, partials=("1 + out^2",), numpy="tan",
       sympy="tan",
       why="It is sin over cos; the quotient rule leaves one over cos squared, which is one more than "
           "its own square.",
       samples=_ANY),
    Op("asin", "a", "inverse of sin, in [−π/2, π/2]", latex=r"\arcsin",
       float=asin, partials=("1/sqrt(1 - a^2)",),
       stable=("1/sqrt((1 - a)*(1 + a))",), numpy="arcsin", aliases=("arcsin",),
       domain=Domain("(-1 <= a)*(a <= 1)", "asin needs a number from −1 to 1"),
       sympy="asin",
       why="It undoes sin, so its slope is one over the slope of sin there, which is a cosine: the root "
           "of one minus the square.",
       samples=_UNIT, refuses=((1.5,),)),
    Op("acos", "a", "inverse of cos, in [0, π]", latex=r"\arccos",
       float=acos, partials=("-1/sqrt(1 - a^2)",),
       stable=("-1/sqrt((1 - a)*(1 + a))",), numpy="arccos", aliases=("arccos",),
       domain=Domain("(-1 <= a)*(a <= 1)", "acos needs a number from −1 to 1"),
       sympy="acos",
       why="It is a right angle less asin, so it has the slope of asin with a minus.",
       samples=_UNIT, refuses=((-1.5,),)),
    Op("atan", "a", "inverse of tan, in (−π/2, π/2)", latex=r"\arctan",
       float=math.atan, partials=("1/(1 + a^2)",),
       numpy="arctan", aliases=("arctan",),
       sympy="atan",
       why="It undoes tan, so its slope is one over the slope of tan there: one over one more than the "
           "square.",
       samples=_ANY),
    Op("atan2", "a b", "angle of the point with height a and width b", float=math.atan2,
       partials=("b/(a^2 + b^2)", "-a/(a^2 + b^2)"),
       stable=("b/hypot(a, b)/hypot(a, b)", "-a/hypot(a, b)/hypot(a, b)"),
       numpy="arctan2", aliases=("arctan2",),
       kinks=(Kink("(a == 0)*(b == 0)", ("nan",), "the origin has no angle", kind="undefined"),
              Kink("(a == 0)*(b < 0)", (None,), "the angle jumps from π to −π here", kind="jump")),
       why="The angle turns with the height by the width over the squared distance, and with the width "
           "by minus the height over it.",
       samples=((0.5, 1.5), (-1.2, 0.4), (2.0, -1.0))),
    Op("sinh", "a", "hyperbolic sine", float=sinh, partials=("cosh(a)",), numpy="sinh",
       sympy="sinh", reach=4.0, integral="cosh(a)",
       why="It is half of e to the x less e to the minus x; the minus turns to plus, and that is cosh.",
       samples=_ANY),
    Op("cosh", "a", "hyperbolic cosine", float=cosh, partials=("sinh(a)",), numpy="cosh",
       sympy="cosh", reach=4.0, integral="sinh(a)",
       why="It is half of e to the x and e to the minus x; the plus turns to minus, and that is sinh, "
           "with no sign turned.",
       samples=_ANY),
    Op("tanh", "a", "hyperbolic tangent", float=math.tanh, partials=("1 - out^2",),
       stable=("(1/cosh(a))^2",), numpy="tanh",
       sympy="tanh", reach=2.5, integral="log(cosh(a))",
       mistaken=(("1 - out", "tanh′ is 1 − tanh², not 1 − tanh"),),
       why="It is steepest in the middle, slope 1, and flat far out: one minus its own square.",
       samples=(*_ANY, (12.0,))),
    Op("asinh", "a", "inverse of sinh", float=math.asinh, partials=("1/sqrt(a^2 + 1)",),
       stable=("1/hypot(a, 1)",), numpy="arcsinh", aliases=("arcsinh", "arsinh"),
       sympy="asinh",
       why="It undoes sinh, so its slope is one over a cosh: the root of one more than the square.",
       samples=_ANY),
    Op("acosh", "a", "inverse of cosh, from 1 up", float=acosh, partials=("1/sqrt(a^2 - 1)",),
       stable=("1/(sqrt(a - 1)*sqrt(a + 1))",), numpy="arccosh", aliases=("arccosh", "arcosh"),
       domain=Domain("a >= 1", "acosh needs a number from 1 up"),
       sympy="acosh",
       why="It undoes cosh, so its slope is one over a sinh: the root of one less than the square.",
       samples=((1.001,), (2.5,), (40.0,)), refuses=((0.5,),)),
    Op("atanh", "a", "inverse of tanh, between −1 and 1", float=atanh, partials=("1/(1 - a^2)",),
       stable=("1/((1 - a)*(1 + a))",), numpy="arctanh", aliases=("arctanh", "artanh"),
       domain=Domain("(-1 <= a)*(a <= 1)", "atanh needs a number between −1 and 1"),
       sympy="atanh",
       why="It undoes tanh, so its slope is one over one minus the square.",
       samples=_UNIT, refuses=((1.5,),)),
)  # fmt: skip
