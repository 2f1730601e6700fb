"""Two numbers compared on an honest scale, and what a comparison comes to."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.judging.digits import DIFFERENT, EQUAL, UNDECIDED, gap_at
from backtrace_cli.grading.judging.rounding import moved_by_rounding, sway
from backtrace_cli.grading.judging.scale import EPS, Scales, evaluated, scales_of
from backtrace_cli.grading.statement import Point, Statement, run_at
from backtrace_cli.graph import Graph
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Question, expected

__all__ = [
    "DIFFERENT",
    "EQUAL",
    "OTHER",
    "SAME",
    "UNDECIDED",
    "Judgement",
    "Witness",
    "agrees",
    "between",
    "hidden",
    "rounds_to",
    "surely",
    "wobbly",
]

#: On the scale of the paths: up to the first is agreement, beyond the second difference.
SAME, OTHER = 1e-9, 1e-6


class Witness(NamedTuple):
    """A point at which an answer differs from the trace."""

    point: Point
    yours: float | None
    """The student's value there; None where the answer has none."""
    trace: float
    """The trace's value there, which is shown only with --reveal."""
    entry: tuple[int, ...] = ()
    """Which entry of an array these are values of."""


class Judgement(NamedTuple):
    """Whether an answer equals the trace's, and what shows that it doesn't."""

    verdict: str
    witness: Witness | None = None
    words: str = ""
    """What to tell the student besides, such as that a formula is asked for."""

    @property
    def witness_is_void(self) -> bool:
        """Has the answer no value at all where the trace has one?"""
        return self.witness is not None and self.witness.yours is None


def rounds_to(found: float, value: float, digits: int, scale: float = 0.0) -> bool:
    """Is ``found`` the number ``value``, or ``value`` rounded to ``digits`` significant digits or more?

    Rounded, not near: 12346 is no rounding of 12345, and nothing but 0 rounds 0.

    >>> rounds_to(0.01799, 0.0179862, 4), rounds_to(0.018, 0.0179862, 4), rounds_to(12346, 12345, 4)
    (True, False, False)
    """
    if abs(found - value) <= 1e-12 * max(scale, abs(value)):
        return True
    if value == 0 or abs(value) <= 1e-12 * scale or not math.isfinite(found):
        return False
    exact, written = Fraction(value), Fraction(repr(found))
    lead = math.floor(math.log10(abs(value)))
    for kept in range(digits, 18):
        unit = Fraction(10) ** (lead - kept + 1)
        if (written / unit).denominator == 1 and abs(written - exact) <= unit * Fraction(500001, 1000000):
            return True
    return False


def between(
    statement: Statement, question: Question, formula: Graph, found: tuple[float, float], value: float,
    trace: Trace,
) -> Judgement:  # fmt: skip
    """The verdict on two values at one point, with the witness where they differ.

    ``found`` is the value of ``formula``, the answer, with its rounding error.
    """
    scales = scales_of(trace)
    verdict = _compare(found, value, scales, question)
    if verdict == DIFFERENT:
        scale = max(scales.of(question), abs(value))
        verdict = wobbly(statement, question, trace, abs(found[0] - value), scale, formula)
    if verdict == DIFFERENT:
        verdict = surely(statement, question, formula, trace)
    return Judgement(verdict, Witness(trace.at, found[0], value) if verdict == DIFFERENT else None)


def surely(statement: Statement, question: Question, formula: Graph, trace: Trace) -> str:
    """What more digits say of a difference: nobody is convicted where doubles over- or underflowed."""
    gap = gap_at(statement, question, formula, trace.at)
    return gap.verdict if gap is not None else UNDECIDED


def wobbly(
    statement: Statement, question: Question, trace: Trace, gap: float, scale: float,
    formula: Graph | None = None,
) -> str:  # fmt: skip
    """DIFFERENT, unless rounding may have moved the two apart by as much as the gap.

    cos(pi/2) is 6e-17 because pi/2 is rounded, and the right answer is 0. The smaller
    move of two sides is taken, so that a jump at the point excuses nothing. And the values
    on the way are rounded: of those, too, nobody can be blamed.
    """
    if at_kink(trace):
        return DIFFERENT
    if gap <= moved_by_rounding(statement, question, trace, formula):
        return _of_point(statement, question, trace, gap, scale, UNDECIDED)
    return _of_point(statement, question, trace, gap, scale, DIFFERENT)


def _of_point(
    statement: Statement, question: Question, trace: Trace, gap: float, scale: float, otherwise: str
) -> str:
    """What to say where rounding the point itself excuses the gap, and otherwise."""
    value = float(statement.says(question, trace))
    moves = []
    for step in (2.0**-49, -(2.0**-49)):
        try:
            moved = run_at(
                statement.graph, {n: v * (1 + step) for n, v in trace.at.items()}, trace.arithmetic
            )
        except BacktraceError:
            return otherwise
        moves.append(abs(float(statement.says(question, moved)) - value))
    move = 16 * min(moves)
    if not gap <= move:
        return otherwise
    return EQUAL if move <= SAME * max(1.0, scale) else UNDECIDED


def _compare(found: tuple[float, float], value: float, scales: Scales, question: Question) -> str:
    """Equal, different, or undecided where rounding may hide the answer."""
    number, error = found
    scale = max(scales.of(question), abs(value))
    gap = abs(number - value)
    if not math.isfinite(scale):
        return UNDECIDED
    if scales.blurred or (scale and 16 * error > OTHER * scale):
        return UNDECIDED
    if scale == 0:  # every path is 0 here, and only rounding of the answer's own excuses anything else
        return EQUAL if gap <= 8 * error and (gap == 0 or error > 64 * gap * EPS) else DIFFERENT
    if gap <= SAME * scale:
        return EQUAL
    return DIFFERENT if gap > OTHER * scale else UNDECIDED


def agrees(formula: Graph, trace: Trace, question: Question) -> bool:
    """Does the formula give what ``trace`` says to ``question``, surely?"""
    found, value = evaluated(formula, trace), float(expected(trace, question))
    return (
        found is not None
        and math.isfinite(value)
        and _compare(found, value, scales_of(trace), question) == EQUAL
    )


def hidden(formula: Graph, trace: Trace, question: Question) -> bool:
    """May the gap between the two be nothing but the rounding of the values that the formula reads?"""
    found, value = evaluated(formula, trace), float(expected(trace, question))
    return found is not None and abs(found[0] - value) <= sway(formula, trace)
