"""Two arrays compared at one point, entry by entry: each on the scale of its own paths, rounding excused.

The same as ``compare`` and ``wobble`` do for numbers: before a gap is called a difference, the run and the
answer are made again with every step moved a little more than rounding moves it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value, entries
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.judging.compare import (
    DIFFERENT,
    EQUAL,
    OTHER,
    SAME,
    UNDECIDED,
    Judgement,
    Witness,
    surely,
)
from backtrace_cli.grading.judging.rounding import MOST, STEADY
from backtrace_cli.grading.statement import Statement, run_at
from backtrace_cli.graph import Graph
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Edge, Question, read

__all__ = ["agrees_at", "array_value", "compared", "excused", "hidden_at", "scale_of", "steady_value"]

#: So many runs with other roundings are made.
_RUNS = 6

Place = tuple[int, ...]


# -- the value of an answer --------------------------------------------------------


def array_value(formula: Graph, trace: Trace, question: Question) -> Value | None:
    """The answer's value over the values (and upstream gradients) of ``trace``; None if undefined."""
    inputs = _inputs(formula, trace)
    return None if inputs is None else _computed(formula, inputs, trace.arithmetic)


def _inputs(formula: Graph, trace: Trace) -> dict[int, Value] | None:
    inputs = {}
    for name, index in formula.inputs.items():
        place = trace.graph.find(name)
        value = trace.values[place] if place is not None else trace.gradient_of(name[1:])
        if place is None and shape_of(value) != shape_of(trace.values[trace.graph.find(name[1:]) or 0]):
            return None
        inputs[index] = value
    return inputs


def _computed(formula: Graph, inputs: dict[int, Value], arithmetic: Arithmetic) -> Value | None:
    try:
        values, bad = forward(formula, inputs, arithmetic)
        refuse_undefined(formula, values, bad, arithmetic)
    except BacktraceError:
        return None
    selects = any(node.op is not None and node.op.selects for node in formula.nodes)
    if not selects and any(_pole(formula, values, index) for index in bad):
        return None
    found = values[formula.output]
    return None if arithmetic.bad(found) else found


def _pole(graph: Graph, values: list[Value], index: int) -> bool:
    """Is this entry infinite because of a 0 that is divided by? 1/(1/0) is no 0."""
    args = [values[arg] for arg in graph.nodes[index].args]
    finite = all(abs(number) < math.inf for arg in args for _, number in entries(arg))
    return finite and any(number == 0 for arg in args for _, number in entries(arg))


# -- the scale ---------------------------------------------------------------------


@lru_cache(maxsize=256)
def _scales(trace: Trace):  # type: ignore[no-untyped-def]
    from backtrace_cli.engine.entries import EntryScales

    return EntryScales(trace)


def scale_of(trace: Trace, question: Question, value: Value) -> Value:
    """Per entry, the size of the terms of the answer to ``question``."""
    found = read(trace.graph, question, _Sizes(trace))
    return abs(value) if found is None else found


class _Sizes:
    """The parts of a run as sizes, entry by entry; None where its number is its own size."""

    def __init__(self, trace: Trace) -> None:
        self._scales = _scales(trace)

    def value(self, node: int) -> Value:
        return self._scales.values[node]

    def gradient(self, node: int) -> Value:
        return self._scales.gradient(node)

    def message(self, along: list[Edge]) -> Value:
        parts = [self._scales.messages[edge] for edge in along if edge in self._scales.messages]
        return sum(parts[1:], parts[0]) if parts else None

    def local(self, along: list[Edge]) -> Value:
        return None

    def tangent(self, source: int, variable: int) -> Value:
        return None


# -- the comparison ----------------------------------------------------------------


def compared(
    statement: Statement, question: Question, formula: Graph, found: Value, value: Value, trace: Trace
) -> Judgement:
    """The verdict at one point on the answer's value ``found``, where the trace says ``value``.

    Different if one entry surely is, with that entry for a witness; undecided if rounding may
    be all that parts the two; equal otherwise.
    """
    if _near(found, value):
        return Judgement(EQUAL)
    unsure = False
    moves: Value = None
    for place, yours, theirs, size in _apart(found, value, scale_of(trace, question, value)):
        gap = abs(yours - theirs)
        if excused(statement, question, place, gap, size, trace):
            continue
        if moves is None:
            moves = _moves(statement, question, formula, trace, found, value)
        if gap <= max(OTHER * size, _entry(moves, place)) or not math.isfinite(size):
            unsure = True
            continue
        verdict = surely(statement, question, formula, trace)
        if verdict != DIFFERENT:
            return Judgement(verdict)
        return Judgement(DIFFERENT, Witness(trace.at, yours, theirs, place))
    return Judgement(UNDECIDED if unsure else EQUAL)


def agrees_at(formula: Graph, trace: Trace, question: Question, value: Value) -> bool:
    """Does the answer give ``value`` at ``trace``, surely, in every entry?"""
    found = array_value(formula, trace, question)
    if found is None or trace.arithmetic.bad(value) or shape_of(found) != shape_of(value):
        return False
    return _near(found, value) or not any(_apart(found, value, scale_of(trace, question, value)))


def hidden_at(formula: Graph, trace: Trace, question: Question, value: Value) -> bool:
    """May every gap be nothing but the rounding of the steps' values that the answer reads?

    For runs that can't be made again, such as one with a student's own numbers in it.
    """
    found = array_value(formula, trace, question)
    if found is None or shape_of(found) != shape_of(value):
        return False
    return _all(abs(found - value) <= _sway(formula, trace, question, found))


def steady_value(formula: Graph, trace: Trace, question: Question) -> Value | None:
    """The answer's value where rounding leaves it its digits in every entry; else None."""
    found = array_value(formula, trace, question)
    if found is None or not _all(_sway(formula, trace, question, found) <= STEADY * abs(found)):
        return None
    return found


def _sway(formula: Graph, trace: Trace, question: Question, found: Value) -> Value:
    """Per entry, how far the answer moves with the rounding of the values that it reads, and its own."""
    from backtrace_cli.engine.entries import Moved

    inputs = _inputs(formula, trace) or {}
    own = {index for name, index in formula.inputs.items() if name in trace.graph.inputs}
    largest: Value = abs(found) * 0.0
    for number in range(_RUNS):
        moved = Moved(number, MOST)
        read = {index: one if index in own else moved.nudged(one) for index, one in inputs.items()}
        again = _computed(formula, read, moved)
        if again is not None:
            largest = _larger(largest, abs(again - found))
    return largest


def _all(found: Value) -> bool:
    return bool(found.all()) if shape_of(found) else bool(found)


def _near(found: Value, value: Value) -> bool:
    """Are the two the same however small the scale? That spares finding the scale."""
    return _all(abs(found - value) <= SAME * abs(value))


def _apart(found: Value, value: Value, scale: Value) -> Iterator[tuple[Place, float, float, float]]:
    """(place, found, value, size) of the entries that are not the same on their scale, the worst first."""
    rows = []
    numbers = zip(entries(found), entries(value), entries(scale), strict=True)
    for (place, yours), (_, theirs), (_, size) in numbers:
        gap, size = abs(yours - theirs), max(size, abs(theirs))
        if not gap <= SAME * size:
            rows.append((gap / size if size else math.inf, (place, yours, theirs, size)))
    rows.sort(key=lambda row: -row[0])
    yield from (row for _, row in rows)


def _entry(value: Value, place: Place) -> float:
    return float(value[place]) if shape_of(value) else float(value)


# -- rounding ----------------------------------------------------------------------


@lru_cache(maxsize=64)
def _runs(trace: Trace) -> tuple[tuple[Trace, Arithmetic], ...]:
    """The run of ``trace`` again with other roundings, those that can be made."""
    from backtrace_cli.engine.entries import Moved

    inputs = {index: trace.values[index] for index in trace.graph.inputs.values()}
    found = []
    for number in range(_RUNS):
        moved = Moved(number, MOST)
        try:
            values, _ = forward(trace.graph, inputs, moved)
            found.append((run_at(trace.graph, trace.at, trace.arithmetic, values), moved))
        except BacktraceError:
            continue
    return tuple(found)


def _moves(
    statement: Statement, question: Question, formula: Graph, trace: Trace, found: Value, value: Value
) -> Value:
    """Per entry, how far the gap moves with the roundings of the run's steps, and of the answer's own.

    At a kink, too: an entry that stands there is a whole number as a rule, and doesn't move.
    """
    largest: Value = abs(found - value) * 0.0
    for run, moved in _runs(trace):
        inputs = _inputs(formula, run)
        again = None if inputs is None else _computed(formula, inputs, moved)
        right = statement.says(question, run)
        if again is None or trace.arithmetic.bad(right):
            continue
        if shape_of(again) != shape_of(value):
            again = trace.arithmetic.full(again, value)
        change = abs((again - right) - (found - value))
        largest = _larger(largest, change)
    return largest


def _larger(left: Value, right: Value) -> Value:
    return (left + right + abs(left - right)) / 2


def excused(
    statement: Statement, question: Question, place: Place, gap: float, scale: float, trace: Trace
) -> bool:
    """Is the gap next to nothing, and does rounding the point itself move the trace's entry as far?"""
    if gap > SAME * max(1.0, scale) or at_kink(trace):
        return False
    moves = []
    for step in (2.0**-49, -(2.0**-49)):
        try:
            point = {name: value * (1 + step) for name, value in trace.at.items()}
            moved = run_at(statement.graph, point, trace.arithmetic)
        except BacktraceError:
            return False
        before, after = (_entry(statement.says(question, one), place) for one in (trace, moved))
        moves.append(abs(after - before))
    return gap <= 16 * min(moves)
