"""Arrays whose every result, and what goes into an op that mixes entries, is moved as rounding moves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.ops import Op

__all__ = ["MovedArrays"]


class MovedArrays(Arrays):
    """Arrays moved at random by up to ``most`` of each entry; whole numbers may be places, and stay."""

    def __init__(self, seed: int, most: float, *, guarded: bool) -> None:
        super().__init__(guarded=guarded)
        self.dice, self.most = np.random.default_rng(seed), most

    def function(self, op: Op) -> Callable[..., Value]:
        exact, options = super().function(op), len(op.option_names)
        if op.flat:
            return exact

        def moved(*args: Any) -> Value:
            if op.mixes:  # a sum is rounded on the scale of its terms, not on its own
                count = len(args) - options
                args = (*map(self._moved, args[:count]), *args[count:])
            return self._moved(exact(*args))

        return moved

    def times(self, upstream: Value, local: Value) -> Value:
        return self._moved(super().times(upstream, local))

    def plus(self, total: Value, contribution: Value) -> Value:
        return self._moved(super().plus(total, contribution))

    def _moved(self, value: Value) -> Value:
        with np.errstate(all="ignore"):
            if np.all(np.floor(value) == value):
                return value
            return value * (1 + self.dice.uniform(-self.most, self.most, np.shape(value)))
