"""Fractions: every value exact, or a double where a step has no rational value."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.plain_values import Value, as_float
from backtrace_cli.engine.arithmetics.base import NAMED, Arithmetic
from backtrace_cli.ops import Op

__all__ = ["Exact"]


class Exact(Arithmetic):
    """Fractions as long as every op on the way is rational; floats from there on."""

    name = "exact"
    exact = True

    def __init__(self) -> None:
        super().__init__()
        from fractions import Fraction

        self.fraction = Fraction
        self.zero, self.one = Fraction(0), Fraction(1)
        self._functions: dict[str, Callable[..., Value]] = {}

    def literal(self, text: str) -> Value:
        if text in NAMED:
            return NAMED[text]
        from backtrace_cli.ops.arithmetic import EXACT_BITS

        digits, _, exponent = text.lower().partition("e")
        power = int(exponent) if 0 < len(exponent) < 20 else 0
        if len(digits) + abs(power) > EXACT_BITS // 4 or len(exponent) >= 20:
            raise BacktraceError(f"{shorten(text, 13)} is too long to keep exactly", hint="leave --exact out")
        return self.fraction(text)

    def function(self, op: Op) -> Callable[..., Value]:
        if op.name not in self._functions:
            self._functions[op.name] = _ExactCall(op, self.fraction)
        return self._functions[op.name]

    def bad(self, value: Value) -> bool:
        return isinstance(value, float) and value - value != 0

    def times(self, upstream: Value, local: Value) -> Value:
        return self._combined(operator.mul, upstream, local)

    def plus(self, total: Value, contribution: Value) -> Value:
        return self._combined(operator.add, total, contribution)

    def _combined(self, function: Callable[[Value, Value], Value], a: Value, b: Value) -> Value:
        """Of two fractions a fraction; a fraction too large for a float meets one as inf."""
        if isinstance(a, self.fraction) and isinstance(b, self.fraction):
            return _bounded(function(a, b))
        return function(as_float(a), as_float(b))


def _bounded(value: Any) -> Any:
    """A fraction that is short enough to be kept and printed."""
    from backtrace_cli.ops.arithmetic import EXACT_BITS

    if max(value.numerator.bit_length(), value.denominator.bit_length()) > EXACT_BITS:
        raise _too_long()
    return value


def _too_long() -> BacktraceError:
    hint = "leave --exact out, or choose a smaller point"
    return BacktraceError("the exact fraction grows beyond 4,000 digits", hint=hint)


class _ExactCall:
    """``op`` over fractions where it has such a form, else over floats."""

    def __init__(self, op: Op, fraction: type) -> None:
        self.op = op
        self.fraction = fraction

    def __call__(self, *args: Value) -> Value:
        from backtrace_cli.ops.arithmetic import TooLongError

        if self.op.fraction is not None and all(isinstance(a, self.fraction) for a in args):
            try:
                value = self.op.fraction(*args)
            except (ZeroDivisionError, OverflowError):
                value = self._as_floats(args)
            except TooLongError:
                raise _too_long() from None
            return value if isinstance(value, float) else _bounded(self.fraction(value))
        return self._as_floats(args)

    def _as_floats(self, args: tuple[Value, ...]) -> Value:
        assert self.op.float is not None
        return self.op.float(*(as_float(a) for a in args))
