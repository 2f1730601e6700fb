"""How far the engine's own rounding may have moved a gradient: the run again with every step moved a little.

Where paths cancel, as in x/(3x), the sum has the rounding of its terms, and differences, which see the
flat value only, are right to say 0. So before a gradient is called wrong, this is looked at.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.ops import Op
from backtrace_cli.readings.checking.branches import Branches

__all__ = ["swayed"]

#: So many runs are made, each step of which is moved by up to so much of itself: four roundings.
_RUNS, _MOST = 6, 2.0**-50


def swayed(trace: Trace) -> dict[str, list[Value]]:
    """The gradient of each wanted variable, in runs whose every step is moved at random.

    >>> from backtrace_cli import trace
    >>> t = trace("x/(3*x)", x=1e-4)
    >>> 1e-13 < max(map(abs, swayed(t)["x"])) < 1e-10
    True
    """
    graph, wanted = trace.graph, {trace.graph.inputs[name] for name in trace.wrt}
    inputs = {index: trace.values[index] for index in graph.inputs.values()}
    found: dict[str, list[Value]] = {name: [] for name in trace.wrt}
    branches = Branches(graph, trace.values, trace.arithmetic)
    for seed in range(_RUNS):
        moved = _moving(trace.arithmetic, seed)
        try:
            values, _ = forward(graph, inputs, moved)
            if branches.left(values):  # at a corner that is no rounding, but another slope
                continue
            gradients = backward(graph, values, moved, wanted).gradients
        except (BacktraceError, ArithmeticError):
            continue
        for name in trace.wrt:
            gradient = gradients[graph.inputs[name]]
            if gradient is not None:
                found[name].append(gradient)
    return found


def _moving(arithmetic: Arithmetic, seed: int) -> Arithmetic:
    """Numbers as ``arithmetic`` has them, every result moved."""
    if not arithmetic.arrays:
        return _Moved(seed)
    from backtrace_cli.readings.checking.moved_arrays import MovedArrays

    return MovedArrays(seed, _MOST, guarded=arithmetic.guarded)  # type: ignore[attr-defined]


class _Moved(Floats):
    """Floats in which every result is moved at random, by a few times what rounding moves it."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._programs = {}  # those of other floats call functions that move nothing
        self.dice = random.Random(seed)
        self.times = lambda a, b: self._moved(a * b)
        self.plus = lambda a, b: self._moved(a + b)

    def _moved(self, value: Any) -> Any:
        if value - value == 0 and value == value // 1:  # (−2)^(n − 1) has a value for whole n alone
            return value
        return value * (1 + self.dice.uniform(-_MOST, _MOST))

    def function(self, op: Op) -> Callable[..., Any]:
        exact = super().function(op)
        if op.flat:
            return exact
        return lambda *args: self._moved(exact(*args))
