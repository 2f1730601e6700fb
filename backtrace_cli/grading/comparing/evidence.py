"""What an answer comes to at a few points, in doubles: what a diagnosis of it goes by."""

from __future__ import annotations

from itertools import chain

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.comparing.digits import DIGITS, answer_at
from backtrace_cli.grading.exercise.exercise import Answer
from backtrace_cli.grading.precise import Runs, numbers
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.graph import Graph
from backtrace_cli.readings.kinks import at_kink

__all__ = ["evidence", "in_doubles"]

#: A value in which a double is off by less than this share has its digits.
_STEADY = 1e-10


def evidence(statement: Statement, answer: Answer, most: int = 6) -> list[tuple[Point, Value]]:
    """The student's value at the exercise's point and, for a formula, at others.

    A formula's only where rounding leaves it its digits: h·(1 − h) of a flat σ is 2e-16 or 0, and
    would speak for whatever rounds in the same way.
    """
    formula = answer.formula
    assert formula is not None
    if statement.arrays and formula.shapes is None:
        return []
    if answer.constant:
        found = in_doubles(formula, statement.trace)
        return [(statement.at, found)] if found is not None else []
    pairs: list[tuple[Point, Value]] = []
    for point, trace in chain([(statement.at, statement.trace)], statement.samples()):
        if len(pairs) >= most:
            break
        value = None if pairs and at_kink(trace) else in_doubles(formula, trace)
        if value is not None and _steady(formula, Runs(statement.graph, point), value):
            pairs.append((point, value))
        elif value is not None and point is statement.at:
            return []  # what is lost there is kept at odd points alone: (x + 1e17) − 1e17 is 0 where x is
    return pairs


def in_doubles(formula: Graph, trace: Trace) -> Value | None:
    """The answer's value over the values (and upstream gradients) of ``trace``; None if undefined."""
    inputs = {}
    for name, index in formula.inputs.items():
        place = trace.graph.find(name)
        inputs[index] = trace.values[place] if place is not None else trace.gradient_of(name[1:])
    arithmetic = trace.arithmetic
    try:
        values, bad = forward(formula, inputs, arithmetic)
        refuse_undefined(formula, values, bad, arithmetic)
    except BacktraceError:
        return None
    found = values[formula.output]
    if arithmetic.bad(found):
        return None
    return found if shape_of(found) else float(found)


def _steady(formula: Graph, runs: Runs, value: Value) -> bool:
    """Is the double ``value`` what many digits give?"""
    run = runs.with_digits(DIGITS[0])
    values = None if run is None else answer_at(formula, run)
    if values is None:
        return False
    exact = [float(number) for number in numbers(values[formula.output])]
    return all(abs(a - b) <= _STEADY * abs(b) for (_, a), b in zip(entries(value), exact, strict=True))
