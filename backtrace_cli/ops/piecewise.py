"""Corners, steps, choices and comparisons."""

from __future__ import annotations

import math
import operator
from typing import Any

from backtrace_cli.ops.spec import Kink, Op

_FLAT = "{} is flat between its steps: its derivative is 0 and no gradient passes"
_PAIRS = ((1.5, 2.0), (3.0, -0.7))


def sign(a: float) -> float:
    """−1, 0 or 1."""
    return float((a > 0) - (a < 0)) if a == a else a


def floor(a: float) -> float:
    """The whole number at or below a."""
    return float(math.floor(a)) if math.isfinite(a) else a


def ceil(a: float) -> float:
    """The whole number at or above a."""
    return float(math.ceil(a)) if math.isfinite(a) else a


def round_half_even(a: float) -> float:
    """The nearest whole number, a half going to the even one."""
    return float(round(a)) if math.isfinite(a) else a


def maximum(*args: Any) -> Any:
    """The largest argument; nan if any is nan."""
    return next((a for a in args if a != a), None) if any(a != a for a in args) else max(args)


def minimum(*args: Any) -> Any:
    """The smallest argument; nan if any is nan."""
    return next((a for a in args if a != a), None) if any(a != a for a in args) else min(args)


def maximum_array(*args: Any) -> Any:
    """``maximum`` over arrays."""
    from functools import reduce

    import numpy as np

    return reduce(np.maximum, args)


def minimum_array(*args: Any) -> Any:
    """``minimum`` over arrays."""
    from functools import reduce

    import numpy as np

    return reduce(np.minimum, args)


def clip(a: Any, b: Any, c: Any) -> Any:
    """a kept between b and c; c where b is above c, as NumPy has it."""
    return minimum(maximum(a, b), c)


def where(a: Any, b: Any, c: Any) -> Any:
    """b where the condition a holds, c elsewhere."""
    return b if a else c


def ties(out: Any, *args: Any) -> Any:
    """How many arguments equal ``out``."""
    return float(sum(a == out for a in args))


def ties_exact(out: Any, *args: Any) -> int:
    """``ties`` of fractions."""
    return args.count(out)


def ties_array(out: Any, *args: Any) -> Any:
    """``ties`` over arrays."""
    import numpy as np

    return sum(np.equal(a, out) * 1.0 for a in args)


def less(a: Any, b: Any) -> float:
    """1 if a < b, else 0."""
    return float(a < b)


def less_equal(a: Any, b: Any) -> float:
    """1 if a ≤ b, else 0."""
    return float(a <= b)


def greater(a: Any, b: Any) -> float:
    """1 if a > b, else 0."""
    return float(a > b)


def greater_equal(a: Any, b: Any) -> float:
    """1 if a ≥ b, else 0."""
    return float(a >= b)


def equal(a: Any, b: Any) -> float:
    """1 if a = b, else 0."""
    return float(a == b)


def not_equal(a: Any, b: Any) -> float:
    """1 if a ≠ b, else 0."""
    return float(a != b)


def floor_exact(a: Any) -> Any:
    """``floor`` of a fraction."""
    return type(a)(math.floor(a))


def ceil_exact(a: Any) -> Any:
    """``ceil`` of a fraction."""
    return type(a)(math.ceil(a))


def round_exact(a: Any) -> Any:
    """``round_half_even`` of a fraction."""
    return type(a)(round(a))


def sign_exact(a: Any) -> Any:
    """``sign`` of a fraction."""
    return type(a)((a > 0) - (a < 0))


def _jump(when: str, name: str) -> tuple[Kink, ...]:
    return (Kink(when, ("0",), f"{name} jumps here; 0 is taken", kind="jump"),)


def _compare(name: str, words: str, forward: Any, exact: Any) -> Op:
    return Op(name, "a b", f"1 if {words}, else 0", float=forward, partials=("0", "0"),
              numpy=name, fraction=exact, remark=_FLAT.format("a comparison"),
              kinks=_jump("a == b", "a comparison"), samples=_PAIRS,
              why="A condition is 0 or 1 and flat between its jumps, so nothing is passed on.")  # fmt: skip


def _extreme(name: str, words: str, sign: str, forward: Any, arrays: Any) -> Op:
    words = f"the {words} of two or more arguments, entry by entry; along an axis: {name}(A, axis=0)"
    tie = Kink("ties(out, {all}) > 1", ("({a} == out)/ties(out, {all})",),
               "several arguments tie; each slope is 0 or 1 by the side, and each takes an equal share of 1",
               slopes=("0", "1"))  # fmt: skip
    return Op(name, "**a", words, float=forward, partials=("{a} == out",), numpy=arrays,
              fraction=forward, kinks=(tie,), aliases=(f"{name}imum",),
              tied=f"({{a}} {sign} {{other}}) + ({{a}} == {{other}})/2",
              why=f"Only the {words.split()[1]} one comes out, so it gets everything and the others nothing; "
                  "where some tie, they share.",
              samples=((1.5, 2.0), (3.0, -0.7), (1.0, 4.0, 2.5)))  # fmt: skip


OPS = (
    Op("abs", "a", "absolute value, also written |a|", latex=r"\left|<a>\right|",
       float=operator.abs, partials=("sign(a)",),
       numpy="abs", fraction=operator.abs,
       kinks=(Kink("a == 0", ("0",), "the slope is −1 on the left and 1 on the right; 0 is taken",
                   slopes=("-1", "1")),),
       sympy="Abs",
       why="Above 0 it goes up with the number, below 0 against it: its slope is the sign.",
       samples=((1.5,), (-0.7,))),
    Op("sign", "a", "−1, 0 or 1", float=sign, partials=("0",), numpy="sign", fraction=sign_exact,
       remark=_FLAT.format("sign"), kinks=_jump("a == 0", "sign"),
       sympy="sign",
       why="It is flat but for its jump at 0, so nothing is passed on.",
       samples=((1.5,), (-0.7,))),
    Op("floor", "a", "the whole number at or below a", latex=r"\left\lfloor <a>\right\rfloor",
       float=floor, partials=("0",), numpy="floor",
       fraction=floor_exact, remark=_FLAT.format("floor"), kinks=_jump("a == floor(a)", "floor"),
       why="It is flat between its steps, so nothing is passed on.",
       samples=((1.5,), (-0.7,))),
    Op("ceil", "a", "the whole number at or above a", latex=r"\left\lceil <a>\right\rceil",
       float=ceil, partials=("0",), numpy="ceil",
       fraction=ceil_exact, remark=_FLAT.format("ceil"), kinks=_jump("a == floor(a)", "ceil"),
       why="It is flat between its steps, so nothing is passed on.",
       samples=((1.5,), (-0.7,))),
    Op("round", "a", "the nearest whole number, a half going to the even one", float=round_half_even,
       partials=("0",), numpy="round", fraction=round_exact, remark=_FLAT.format("round"),
       kinks=_jump("a + 1/2 == floor(a + 1/2)", "round"),
       why="It is flat between its steps, so nothing is passed on.",
       samples=((1.2,), (-0.7,))),
    _extreme("max", "largest", ">", maximum, maximum_array),
    _extreme("min", "smallest", "<", minimum, minimum_array),
    Op("clip", "a b c", "a kept between b and c", float=clip,
       partials=("(b <= a)*(a <= c)", "(a < b)*(b <= c)", "(a > c) + (a <= c)*(b > c)"),
       numpy="clip", fraction=clip, aliases=("clamp",),
       kinks=(Kink("(out == a)*((a == b) + (a == c))", ("1", "0", "0"),
                   "the value stands on a bound: the slope is 1 inside and 0 outside; 1 is taken",
                   slopes=("0", "1")),),
       why="Between the bounds the number comes out and gets everything; outside it is the bound that "
           "comes out, and the number gets nothing.",
       samples=((0.5, -1.0, 1.0), (-2.0, -1.0, 1.0), (3.0, -1.0, 1.0))),
    Op("hypot", "a b", "√(a² + b²) without overflow", float=math.hypot, partials=("a/out", "b/out"),
       stable=tuple(f"({side}/max(abs(a), abs(b)))/hypot(a/max(abs(a), abs(b)), b/max(abs(a), abs(b)))"
                    for side in "ab"),
       numpy="hypot", means="sqrt(a^2 + b^2)",
       kinks=(Kink("out == 0", ("0",), "the slope is −1 or 1 by direction; 0 is taken",
                   slopes=("-1", "1")),),
       why="Moving one side moves the long one by that side's share of it: the side over the length.",
       samples=((1.5, 2.0), (-0.7, 3.0))),
    Op("where", "a b c", "b where the condition a holds, c elsewhere", float=where,
       partials=("0", "a != 0", "a == 0"), numpy="where", fraction=where, selects=True,
       why="What was chosen gets everything; what was not, and the condition, get nothing.",
       samples=((1.0, 2.0, 3.0), (0.0, 2.0, 3.0))),
    _compare("less", "a < b", less, operator.lt),
    _compare("less_equal", "a ≤ b", less_equal, operator.le),
    _compare("greater", "a > b", greater, operator.gt),
    _compare("greater_equal", "a ≥ b", greater_equal, operator.ge),
    _compare("equal", "a = b", equal, operator.eq),
    _compare("not_equal", "a ≠ b", not_equal, operator.ne),
    Op("ties", "*a", "how many of the later arguments equal the first", float=ties,
       partials=("0",), numpy=ties_array, fraction=ties_exact, internal=True,
       why="It counts, and a count is flat between its jumps.",
       samples=((1.0, 1.0, 2.0),)),
)  # fmt: skip
