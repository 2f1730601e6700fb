"""An answer and the trace compared with more digits than a double has, and then with more still.

A gap that is rounding shrinks with the digits, one that is real stays. Nothing overflows,
and so many digits are taken as the sizes of the numbers on the way ask for: where one of
1e-217 is added to 1, 150 digits would lose it. What even the most can't hold decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.big import magnitudes
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions import Question

__all__ = ["DIFFERENT", "EQUAL", "UNDECIDED", "Gap", "gap_at", "value_of"]

EQUAL, DIFFERENT, UNDECIDED = "equal", "different", "undecided"

#: The digits of the first run, and those that the second may have.
FEW, MORE = 50, (150, 500)
#: Of the binary digits so many are kept for the answer itself.
_SPARE = 60
#: Gaps up to this share of the larger value are the rounding of a double that somebody wrote out.
SAME = 1e-12
#: A gap that is real moves by less than this share of itself when the digits grow.
_STEADY = 1e-6

Place = tuple[int, ...]


class Gap(NamedTuple):
    """What a comparison at one point comes to."""

    verdict: str
    place: Place = ()
    """The entry that differs."""
    yours: Any = None
    trace: Any = None


def value_of(formula: Graph, trace: Trace) -> tuple[Value, list[Value]] | None:
    """The answer's value over what ``trace`` computed, and every value on the way; None if undefined."""
    arithmetic = trace.arithmetic
    inputs = {}
    for name, index in formula.inputs.items():
        place = trace.graph.find(name)
        inputs[index] = trace.values[place] if place is not None else trace.gradient_of(name[1:])
    try:
        values, bad = forward(formula, inputs, arithmetic)
        refuse_undefined(formula, values, bad, arithmetic)
    except (BacktraceError, TypeError):
        return None
    if arithmetic.bad(values[formula.output]):
        return None
    if bad and not any(node.op is not None and node.op.selects for node in formula.nodes):
        return None  # 1/(1/0) is no 0
    return values[formula.output], values


def _sizes(values: Iterable[Value]) -> tuple[int, int]:
    """The least and the largest binary magnitude of all of ``values``."""
    found = [size for size in map(magnitudes, values) if size is not None]
    return min((low for low, _ in found), default=0), max((high for _, high in found), default=0)


def gap_at(statement: Statement, question: Question, formula: Graph, point: Point) -> Gap | None:
    """How the answer and the trace compare at ``point``; None where one of them has no value."""
    first = _both(statement, question, formula, statement.run_with(point, FEW))
    if first is None:
        return None
    digits = next((d for d in MORE if first.range + _SPARE <= 3.3 * d), None)
    if digits is None:
        return Gap(UNDECIDED)
    second = _both(statement, question, formula, statement.run_with(point, digits))
    if second is None:
        return None
    if second.range + _SPARE > 3.3 * digits:
        return Gap(UNDECIDED)
    return _compared(first, second)


class _Sides(NamedTuple):
    yours: Value
    trace: Value
    range: int
    """The binary digits between the least and the largest number on the way."""


def _both(statement: Statement, question: Question, formula: Graph, trace: Trace | None) -> _Sides | None:
    if trace is None:
        return None
    found = value_of(formula, trace)
    right = statement.says(question, trace)
    if found is None or trace.arithmetic.bad(right):
        return None
    low, high = _sizes([*trace.values, right, *found[1]])
    yours = found[0]
    if shape_of(yours) != shape_of(right):
        yours = trace.arithmetic.full(yours, right)
    return _Sides(yours, right, high - low)


def _compared(first: _Sides, second: _Sides) -> Gap:
    verdict = EQUAL
    rows = zip(*map(entries, (first.yours, first.trace, second.yours, second.trace)), strict=True)
    for (place, few), (_, few_right), (_, yours), (_, right) in rows:
        found = one(few, few_right, yours, right)
        if found == DIFFERENT:
            return Gap(DIFFERENT, place, yours, right)
        if found == UNDECIDED:
            verdict = UNDECIDED
    return Gap(verdict)


def one(few: Any, few_right: Any, yours: Any, right: Any) -> str:
    """The verdict on two numbers, each with few digits and with more."""
    gap = abs(yours - right)
    if gap == 0 or gap <= SAME * max(abs(yours), abs(right)):
        return EQUAL
    before = abs(float_free(few, yours) - float_free(few_right, right))
    if gap * 10**FEW <= before:
        return EQUAL
    return DIFFERENT if abs(before - gap) <= _STEADY * gap else UNDECIDED


def float_free(value: Any, like: Any) -> Any:
    """``value``, a number of few digits, as one of the kind of ``like``."""
    return type(like)(value)


def entries(value: Value) -> Iterator[tuple[Place, Any]]:
    """(place, number) of every entry."""
    if not shape_of(value):
        yield (), value.item() if hasattr(value, "item") else value
        return
    import itertools

    yield from zip(itertools.product(*map(range, shape_of(value))), value.ravel().tolist(), strict=True)
