"""Numbers of many digits as the entries of NumPy arrays."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.arithmetics.big import defined, in_time, is_bad, numbers
from backtrace_cli.ops import Op

__all__ = ["BigArrays"]


class BigArrays(Arrays):
    """Arrays of numbers of ``digits`` digits; of an op that mixes entries NumPy's own function, or what it
    means where that one is written for doubles."""

    stable = False

    def __init__(self, digits: int) -> None:
        super().__init__(guarded=False)
        self.numbers = numbers(digits)
        self.zero, self.one = self.numbers.zero, self.numbers.one
        self.dtype = np.dtype(object)
        self._real = np.frompyfunc(self.numbers.real, 1, 1)
        self._bad = np.frompyfunc(is_bad, 1, 1)

    def literal(self, text: str) -> Value:
        return self.own(super().literal(text)) if text[0] == "[" else self.numbers.literal(text)

    def own(self, value: Value) -> Value:
        return self._own(value)

    def _own(self, value: Value) -> Value:
        with np.errstate(all="ignore"):  # NumPy watches what functions of Python's compute, too
            return self._real(value)

    def function(self, op: Op) -> Callable[..., Value]:
        if op.name not in self._functions:
            self._functions[op.name] = self._made(op)
        return self._functions[op.name]

    def _made(self, op: Op) -> Callable[..., Value]:
        if op.means:
            return defined(self, op)
        if op.mixes:
            forward: Any = getattr(np, op.numpy) if isinstance(op.numpy, str) else op.numpy
            return lambda *args: self._mixed(forward, args)
        scalar = self.numbers.function(op)
        return lambda *args: np.frompyfunc(scalar, len(args), 1)(*args)

    def _mixed(self, forward: Any, args: tuple[Any, ...]) -> Value:
        in_time()
        with np.errstate(all="ignore"):
            return self._own(forward(*[self._boxed(arg) for arg in args]))

    def _boxed(self, arg: Any) -> Any:
        """A number as an array without axes, which has a dtype."""
        return np.asarray(arg, self.dtype) if type(arg) is self.numbers.kind else arg

    def bad(self, value: Value) -> bool:
        return bool(np.any(self._bad(value)))

    def undefined(self, value: Value) -> bool:
        return bool(np.any(np.not_equal(value, value)))

    def choose(self, mask: Value, taken: Value, otherwise: Value) -> Value:
        return self._own(np.where(np.asarray(mask, bool), taken, otherwise))

    def times(self, upstream: Value, local: Value) -> Value:
        return operator.mul(upstream, local)

    def plus(self, total: Value, contribution: Value) -> Value:
        return operator.add(total, contribution)

    def full(self, moved: Value, like: Value) -> Value:
        return self._own(super().full(moved, like))

    def seed(self, value: Value) -> Value:
        return self._own(np.ones(shape_of(value)))

    def empty(self, value: Value) -> Value:
        return self._own(np.zeros(shape_of(value)))
