"""Numbers of as many digits as are asked for, without bounds on their size: doubles' second opinion.

σ(−500) is no number that a double can tell from 0, and 1 − σ(40) is none that it can tell
from 1 − σ(50). Here both keep their digits: exponents have no limits, and a gap that is
rounding shrinks as the digits grow, while one that is real does not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.ops import CONSTANTS, Op

__all__ = ["Big", "TimeUp", "big", "defined", "in_time", "limited", "is_bad", "magnitudes", "numbers"]

#: An exponential of a number with more binary digits before the point than this has no value here.
_MOST_EXPONENT = 60
#: Nor has a sine; its argument is reduced with as many digits.
_MOST_ANGLE = 400
_SPECIAL = {"nan": "nan", "inf": "inf"}
_EXPONENTIALS = ("exp", "expm1", "sinh", "cosh", "tanh", "erf", "erfc")
_ANGLES = ("sin", "cos", "tan")


class TimeUp(Exception):
    """What was worked out took longer than it may."""


_until = math.inf


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let numbers of many digits be worked out for so long; after that they raise TimeUp."""
    global _until
    before, _until = _until, min(_until, time.monotonic() + seconds)
    try:
        yield
    finally:
        _until = before


def in_time() -> None:
    """Raise TimeUp where the time is over."""
    if time.monotonic() > _until:
        raise TimeUp


class Numbers:
    """mpmath's numbers of so many digits, and its functions made to return nan instead of raising."""

    def __init__(self, digits: int) -> None:
        import mpmath  # type: ignore[import-untyped]

        self.digits = digits
        self.context = mpmath.mp.clone()
        self.context.dps = digits
        self.kind = self.context.mpf
        self.nan, self.inf = self.kind("nan"), self.kind("inf")
        self.zero, self.one = self.kind(0), self.kind(1)
        self._own = {"divide": self._divide, "power": self._power, "round_half_even": self.context.nint,
                     "loggamma": lambda a: self.context.re(self.context.loggamma(a))}  # fmt: skip

    def real(self, value: Any) -> Any:
        """``value`` as one of these numbers; nan where it is complex."""
        if type(value) is self.kind:
            return value
        if hasattr(value, "item"):  # an array without axes, as an entry of another
            return self.real(value.item())
        if isinstance(value, complex) or hasattr(value, "_mpc_"):
            return self.nan
        return self.kind(value)

    def literal(self, text: str) -> Any:
        """The value of a literal, decimal digits exactly as written, or of a named constant."""
        if text in CONSTANTS:
            return +(self.context.e if text == "e" else self.context.pi)
        text = f"0{text}" if text[0] == "." else text  # mpmath reads no .00
        return self.kind(_SPECIAL.get(text, text))

    def function(self, op: Op) -> Callable[..., Any]:
        """An elementwise op over these numbers."""
        name = getattr(op.float, "__name__", "")
        found: Any = self._own.get(name) or getattr(self.context, name, None) or op.float
        most = _MOST_EXPONENT if name in _EXPONENTIALS else _MOST_ANGLE if name in _ANGLES else None
        real = self.real

        def safe(*args: Any) -> Any:
            if time.monotonic() > _until:
                raise TimeUp
            if most is not None and _binary_digits(args[0]) > most:
                return self.nan
            try:
                return real(found(*args))
            except (ValueError, ArithmeticError):
                return self.nan

        return safe

    def _divide(self, a: Any, b: Any) -> Any:
        if b == 0:
            return self.nan if a == 0 or a != a else self.inf * self.context.sign(a)
        return a / b

    def _power(self, a: Any, b: Any) -> Any:
        if a == 0:
            return self.one if b == 0 else self.inf if b < 0 else self.zero
        if a < 0 and not self.context.isint(b):
            return self.nan
        if _binary_digits(b) + abs(_binary_digits(a)).bit_length() > _MOST_EXPONENT:
            return self.nan
        return a**b


@lru_cache(maxsize=8)
def numbers(digits: int) -> Numbers:
    """The numbers of so many digits, made once."""
    return Numbers(digits)


def _binary_digits(value: Any) -> int:
    """How many binary digits ``value`` has before the point; fewer than none below ½, 0 of a 0."""
    _, mantissa, exponent, count = value._mpf_
    return int(exponent + count) if mantissa else 0


def magnitudes(values: Iterable[Value]) -> list[int | None]:
    """The binary magnitude of every entry of ``values``; None of a 0.

    >>> magnitudes([big(50).literal("5"), big(50).literal("0")])
    [3, None]
    """
    found: list[int | None] = []
    for value in values:
        if shape_of(value):
            raw = [number._mpf_ for number in value.flat]
        else:
            raw = [(value.item() if hasattr(value, "item") else value)._mpf_]
        found += [size + bits if mantissa else None for _, mantissa, size, bits in raw]
    return found


class Big(Arithmetic):
    """Numbers of ``digits`` digits, one at a time.

    >>> from backtrace_cli.engine.forward import forward
    >>> from backtrace_cli.graph import build
    >>> big = Big(50)
    >>> str(forward(build("1/(1 + exp(500))"), {}, big)[0][-1])[:8]
    '7.124576'
    """

    name = "big"
    stable = False

    def __init__(self, digits: int) -> None:
        super().__init__()
        self.numbers = numbers(digits)
        self.zero, self.one = self.numbers.zero, self.numbers.one
        self._functions: dict[str, Callable[..., Value]] = {}

    def literal(self, text: str) -> Value:
        return self.numbers.literal(text)

    def own(self, value: Value) -> Value:
        return self.numbers.real(value)

    def function(self, op: Op) -> Callable[..., Value]:
        if op.name not in self._functions:
            self._functions[op.name] = defined(self, op) if op.means else self.numbers.function(op)
        return self._functions[op.name]

    def bad(self, value: Value) -> bool:
        return is_bad(value)


def is_bad(value: Any) -> bool:
    """Is one of these numbers infinite or nan?"""
    return bool(value._mpf_[1] == 0 and value._mpf_[2] != 0)


def defined(arithmetic: Arithmetic, op: Op) -> Callable[..., Value]:
    """``op``, worked out by what it means, a formula over other ops."""

    def worked_out(*args: Any) -> Value:
        count = len(args) - len(op.option_names)
        options = args[count:]
        assert op.means is not None
        program = arithmetic.text(op, op.means, 0, count, options)
        return arithmetic.run(program, [*args[:count], None, None, *options])

    return worked_out


@lru_cache(maxsize=16)
def big(digits: int, arrays: bool = False) -> Arithmetic:
    """The arithmetic of so many digits, over numbers or over arrays, made once."""
    if not arrays:
        return Big(digits)
    from backtrace_cli.engine.arithmetics.big_arrays import BigArrays

    return BigArrays(digits)
