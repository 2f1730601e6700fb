"""The four operations, negation and powers."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Any

from backtrace_cli.ops.shape_functions import no_cost
from backtrace_cli.ops.spec import Domain, Kink, Op

_REALS = ((1.5, 2.0), (-0.7, 3.0), (2.5, -1.25))

#: An exact numerator or denominator may grow to this many bits, about 4,000 digits.
EXACT_BITS = 13_000


class TooLongError(ArithmeticError):
    """An exact fraction would grow beyond EXACT_BITS."""


def divide(a: float, b: float) -> float:
    """a/b as IEEE 754 has it: x/0 is ±inf, 0/0 is nan."""
    try:
        return a / b
    except ZeroDivisionError:
        if a == 0 or a != a:
            return math.nan
        return math.copysign(math.inf, a) * math.copysign(1.0, b)
    except OverflowError:
        return math.copysign(math.inf, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    """a^b over the reals: nan where a < 0 and b is not whole; 0^0 is 1."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and b % 2 == 1 else math.inf
    except ValueError:
        if a == 0 and b < 0:
            odd = b % 2 == 1
            return math.copysign(math.inf, a) if odd else math.inf
        return math.nan


def power_exact(a: Fraction, b: Fraction) -> Any:
    """a^b, exact for whole b; a float otherwise."""
    if b.denominator != 1:
        return power(float(a), float(b))
    bits = max(a.numerator.bit_length(), a.denominator.bit_length())
    if abs(a) != 1 and bits * abs(b.numerator) > 4 * EXACT_BITS:
        raise TooLongError
    return Fraction(a ** int(b)) if abs(a) != 1 else (a if b.numerator % 2 else a * a)


def square(a: float) -> float:
    """a·a."""
    return a * a


OPS = (
    Op("add", "a b", "sum", float=operator.add, partials=("1", "1"),
       numpy="add", fraction=operator.add,
       why="A sum moves as much as its term does, so each term is passed all that arrived, unchanged.",
       samples=_REALS),
    Op("subtract", "a b", "difference", float=operator.sub, partials=("1", "-1"),
       numpy="subtract", fraction=operator.sub,
       why="A difference goes up with its first term and down with its second: the first is passed what "
           "arrived, the second its negative.",
       samples=_REALS),
    Op("multiply", "a b", "product", float=operator.mul, partials=("b", "a"),
       numpy="multiply", fraction=operator.mul,
       why="Moving one factor moves the product by the other factor times as much: each is passed what "
           "arrived, times the other one.",
       samples=_REALS),
    Op("divide", "a b", "quotient; x/0 is ±inf and 0/0 is nan, both noted",
       float=divide, partials=("1/b", "-a/b^2"), stable=("1/b", "-out/b"),
       numpy="true_divide", fraction=operator.truediv,
       why="A quotient moves with its top by one over the bottom; a larger bottom makes it smaller, by "
           "the quotient over the bottom.",
       samples=_REALS),
    Op("negative", "a", "negation", float=operator.neg, partials=("-1",),
       numpy="negative", fraction=operator.neg,
       why="What goes up makes its negative go down just as much: the sign turns round on the way back.",
       samples=((1.5,), (-0.7,))),
    Op("power", "a b", "a to the power b; a negative base needs a whole exponent",
       float=power, partials=("b*a^(b-1)", "out*log(a)"), numpy="float_power", fraction=power_exact,
       domain=Domain("(a >= 0) + (b == floor(b))", "a negative base needs a whole exponent"),
       kinks=(
           Kink("(a == 0)*(b == 0)", ("0", None), "", kind="limit"),
           Kink("(a == 0)*(b == 0)", (None, "nan"), "0^0 is taken as 1, but 0^y jumps to 0 beside it, "
                "so there is no slope in the exponent", kind="undefined"),
           Kink("(a == 0)*(b > 0)", (None, "0"), "", kind="limit"),
           Kink("a < 0", (None, "nan"), "the base is negative, so the power has no derivative in "
                "its exponent", kind="undefined"),
       ),
       integral="a^(b + 1)/(b + 1)",
       why="In a power of a variable the exponent comes down as a factor and is one less above; where "
           "the exponent moves, the power grows by itself times the logarithm of the base.",
       samples=((1.5, 2.0), (0.3, -1.5), (-2.0, 3.0), (4.0, 0.5)),
       refuses=((-2.0, 0.5),)),
    Op("identity", "a", "the same value under another name", float=operator.pos, partials=("1",),
       numpy="positive", fraction=operator.pos, cost=no_cost, internal=True,
       why="It is the same number under another name, so what arrived goes on as it is.",
       samples=((1.5,), (-0.7,))),
    Op("square", "a", "a·a", float=square, partials=("2*a",), numpy="square",
       fraction=square,
       integral="a^3/3",
       why="The same number stands in both factors, and each of the two sends the other: twice the "
           "number.",
       samples=((1.5,), (-0.7,))),
)  # fmt: skip
