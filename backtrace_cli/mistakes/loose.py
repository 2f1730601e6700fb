"""The arithmetic of replays: a message keeps the shape that a mistake gives it."""

from __future__ import annotations

import math

import numpy as np

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays

__all__ = ["Loose"]


class Loose(Arrays):
    """Arrays in which a message may have another shape than its target, as a student's may."""

    keep = False
    """Leave the next message as it was sent, broadcast or not?"""

    def fit(self, contribution: Value, target: Value) -> tuple[Value, tuple[int, ...]]:
        kept, self.keep = self.keep, False
        if kept:
            return contribution, ()
        try:
            np.broadcast_shapes(np.shape(contribution), np.shape(target))
        except ValueError:
            return contribution, ()
        return super().fit(contribution, target)

    def plus(self, total: Value, contribution: Value) -> Value:
        try:
            return super().plus(total, contribution)
        except ValueError:
            return np.full(np.shape(total), math.nan)
