"""Arrays entry by entry: the sizes of their terms, other roundings, and messages of a wrong shape."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.trace import Trace
from backtrace_cli.ops import Op, traits

__all__ = ["EntryScales", "Moved"]

#: A message from more entries than this is not opened into its paths.
_MOST_ROWS = 200


class Moved(Arrays):
    """Arrays in which every step's entries are moved at random, by more than rounding does.

    What only rearranges or adds and multiplies whole numbers is exact, and stays what it is.
    """

    def __init__(self, seed: int, most: float) -> None:
        super().__init__()
        self.dice = np.random.default_rng(seed)
        self.most = most

    def function(self, op: Op) -> Callable[..., Value]:
        exact, own = super().function(op), traits.exact(op)

        def moved(*args: Any) -> Value:
            value = exact(*args)
            if own and all(map(_whole, (value, *args))):
                return value
            with np.errstate(all="ignore"):
                return value * (1 + self.dice.uniform(-self.most, self.most, np.shape(value)))

        return moved

    def nudged(self, value: Value) -> Value:
        """``value`` with its entries moved as a step's are."""
        return value * (1 + self.dice.uniform(-self.most, self.most, np.shape(value)))


def _whole(value: Any) -> bool:
    """Are all entries whole numbers? Options of an op, such as an axis, don't matter."""
    numbers = np.asarray(value)
    return numbers.dtype.kind not in "fc" or bool((np.floor(numbers) == numbers).all())


class EntryScales:
    """Per entry, the absolute contributions of all paths, which cancellation can't make vanish.

    >>> from backtrace_cli import trace
    >>> t = trace("y = W @ h; L = sum(y)", W=[[1, -2], [3, 2]], h=[1, 1])
    >>> EntryScales(t).gradient(t.graph.find("h"))
    array([4., 4.])
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.arithmetic = trace.arithmetic
        self.rules = Rules(trace.graph, trace.values, trace.arithmetic)
        self.gradients: dict[int, Value] = {trace.graph.output: abs(self.arithmetic.seed(trace.value))}
        self.messages: dict[tuple[int, int], Value] = {}
        for sent in trace.sent:
            part = self._part(sent)
            self.messages[sent.source, sent.slot] = part
            known = self.gradients.get(sent.target)
            self.gradients[sent.target] = part if known is None else self.arithmetic.plus(known, part)
        self.values = self._value_sizes()

    def gradient(self, index: int) -> Value:
        """The size of what is added up in the gradient of node ``index``."""
        found = self.gradients.get(index)
        return self.arithmetic.empty(self.trace.values[index]) if found is None else found

    def _part(self, sent: Sent) -> Value:
        """The sizes of one message: those of the source, sent through the box's absolute Jacobian."""
        target = self.trace.values[sent.target]
        size = self.gradients[sent.source]
        if sent.local is not None:
            with np.errstate(all="ignore"):
                return self.arithmetic.fit(np.multiply(size, np.abs(sent.local)), target)[0]
        node = self.trace.graph.nodes[sent.source]
        shape = np.shape(self.trace.values[sent.source])
        if math.prod(shape) > _MOST_ROWS:
            return np.broadcast_to(np.max(np.abs(sent.contribution), initial=0.0), np.shape(target))
        at = [*(self.trace.values[arg] for arg in node.args), self.trace.values[node.index]]
        total: Any = np.zeros(np.shape(target))
        for place in np.ndindex(*shape):
            unit = np.zeros(shape)
            unit[place] = 1.0
            row, _ = self.arithmetic.fit(self.rules.message(node, sent.slot, unit, at)[1], target)
            with np.errstate(all="ignore"):
                total = total + np.abs(row) * np.broadcast_to(size, shape)[place]
        return total

    def _value_sizes(self) -> list[Value]:
        """Per node: the size of its value, or of the terms that it is the sum of."""
        sizes: list[Value] = []
        for node in self.trace.graph.nodes:
            value = np.abs(self.trace.values[node.index])
            args = [sizes[arg] for arg in node.args]
            if node.op is not None and traits.adds(node.op):
                # the same sum of the terms' sizes, none of which is taken away
                value = (
                    self.arithmetic.function(node.op)(*args, *node.fixed)
                    if node.op.mixes
                    else reduce(self.arithmetic.plus, args)
                )
            sizes.append(value)
        return sizes
