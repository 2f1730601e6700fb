"""How far rounding alone may have moved an answer and the trace apart.

1 − σ(25) has five digits left, whoever works it out: the answer that reads σ, or the
trace that sends a message through a box 1 − s. So before a difference is called one,
the run is made again with every value moved a little more than rounding moves it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.statement import Statement, run_at
from backtrace_cli.graph import Graph
from backtrace_cli.ops import Op
from backtrace_cli.readings.questions import Question

__all__ = ["MOST", "STEADY", "moved_by_rounding", "sway"]

#: So many runs with other roundings are made, each value moved by up to so much of itself.
_RUNS, MOST = 8, 2.0**-46
#: A value that moves by less than this share of itself has its digits.
STEADY = 1e-10


class _Moved(Floats):
    """Floats in which every step's value is moved at random, by more than rounding does.

    Sums and products of whole numbers are exact, and stay what they are: (−2)^(n − 1) has
    a value for whole n alone.
    """

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice

    def function(self, op: Op) -> Callable[..., Any]:
        exact, own = super().function(op), op.fraction is not None

        def moved(*args: Any) -> Any:
            value = exact(*args)
            if own and all(float(one).is_integer() for one in (value, *args) if math.isfinite(one)):
                return value
            return value * (1 + self.dice.uniform(-MOST, MOST))

        return moved


@lru_cache(maxsize=64)
def _runs(trace: Trace) -> tuple[Trace, ...]:
    """The run of ``trace`` again with other roundings, those that can be made."""
    dice = random.Random(1)
    inputs = {index: trace.values[index] for index in trace.graph.inputs.values()}
    found = []
    for _ in range(_RUNS):
        try:
            values, _ = forward(trace.graph, inputs, _Moved(dice))
            found.append(run_at(trace.graph, trace.at, trace.arithmetic, values))
        except BacktraceError:
            continue
    return tuple(found)


def moved_by_rounding(
    statement: Statement, question: Question, trace: Trace, formula: Graph | None = None
) -> float:
    """How far the gap between ``formula`` and ``trace`` may be off, both being worked out from rounded
    values; for a plain number (None) how far the trace's side may be.

    >>> from backtrace_cli.graph import build
    >>> one = Statement("s = σ(z); f = s*y", "z=25,y=2")
    >>> moved_by_rounding(one, Question("local", "s", "z"), one.trace, build("s*(1-s)")) > 1e-15
    True
    """
    base = _gap(statement, question, trace, trace, formula)
    gaps = (_gap(statement, question, trace, run, formula) for run in _runs(trace))
    moves = [abs(gap - base) for gap in gaps]
    return max((move for move in moves if math.isfinite(move)), default=0.0)


def sway(formula: Graph, trace: Trace) -> float:
    """How far ``formula`` moves with the rounding of the steps' values that it reads at ``trace``.

    For runs that can't be made again, such as one with a student's own numbers in it.
    """
    dice, graph = random.Random(1), trace.graph
    read = {index: graph.find(name) or 0 for name, index in formula.inputs.items()}
    found: list[float] = []
    for number in range(_RUNS + 1):
        most = MOST if number else 0.0
        moved = {
            index: trace.values[place]
            * (1 + (0.0 if graph.nodes[place].is_input else dice.uniform(-most, most)))
            for index, place in read.items()
        }
        try:
            found.append(float(forward(formula, moved, Floats())[0][formula.output]))
        except BacktraceError:
            found.append(math.nan)
    return max((abs(value - found[0]) for value in found if math.isfinite(value)), default=0.0)


def _gap(statement: Statement, question: Question, trace: Trace, run: Trace, formula: Graph | None) -> float:
    right = float(statement.says(question, run))
    if formula is None:
        return right
    graph = trace.graph
    inputs = {index: run.values[graph.find(name) or 0] for name, index in formula.inputs.items()}
    try:
        return float(forward(formula, inputs, Floats())[0][formula.output]) - right
    except BacktraceError:
        return math.nan
