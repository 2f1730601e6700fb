"""Plain numbers, judged at the exercise's own point: rounding allowed, kinks as agreed."""

from __future__ import annotations

import math
from typing import Any, Protocol

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.engine.forward import forward
from backtrace_cli.grading.comparing.compare import (
    DIFFERENT,
    EQUAL,
    SHORT,
    UNDECIDED,
    Judgement,
    Witness,
    rounds_to,
)
from backtrace_cli.grading.comparing.digits import DIGITS, answer_at, compared
from backtrace_cli.grading.comparing.kink_interval import interval
from backtrace_cli.grading.comparing.rounded_literals import Rounded, too_few
from backtrace_cli.grading.comparing.shape_words import spreads, what_shape
from backtrace_cli.grading.policy import Policy
from backtrace_cli.grading.precise import numbers
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions import Question

__all__ = [
    "Asked", "against", "judge_numbers", "judge_value", "short_words", "within", "within_kinks",
    "without_value",
]  # fmt: skip

#: At a kink an answer may lie so far outside the slopes on its sides, as a share of them.
_ROOM = 1e-9


class Asked(Protocol):
    """Who asks: an exercise, the quiz, or a command."""

    @property
    def statement(self) -> Statement:
        """What the questions are about."""

    @property
    def policy(self) -> Policy:
        """How answers are judged."""


def judge_value(asked: Asked, question: Question, formula: Graph) -> Judgement:
    """An answer made of numbers alone, against what the exercise's own run says."""
    statement = asked.statement
    arithmetic = statement.trace.arithmetic
    run = statement.own.with_digits(DIGITS[0])
    values = (None if run is None else answer_at(formula, run)) or forward(formula, {}, arithmetic)[0]
    found = values[formula.output]
    right = statement.says(question, statement.trace)
    undefined = any(number != number for _, number in entries(found))
    infinite = any(math.isinf(number) for _, number in entries(found))
    if undefined or (infinite and not arithmetic.bad(right)):
        if arithmetic.bad(right):
            return Judgement(UNDECIDED, None, "neither has a value here")
        return without_value(statement, right)
    judged = judge_numbers(asked, question, found)
    if judged.verdict == EQUAL or not formula.steps:
        return judged
    gap = compared(statement.own, question, formula, Rounded(formula, asked.policy.digits))
    if gap is not None and gap.verdict == EQUAL:  # -0.9117*2.718, by the rounding of its parts
        return Judgement(EQUAL)
    if gap is not None and gap.verdict == SHORT:
        return Judgement(SHORT, None, short_words(asked.policy.digits))
    return judged


def judge_numbers(asked: Asked, question: Question, found: Value) -> Judgement:
    """Numbers, entry by entry, against what the exercise's own run says, exactly or as it is shown."""
    statement, policy = asked.statement, asked.policy
    shown = statement.says(question, statement.trace)
    if statement.trace.arithmetic.undefined(shown):
        return Judgement(UNDECIDED, None, "the trace has no number here")
    if shape_of(found) != shape_of(shown):
        if not spreads(shape_of(found), shape_of(shown)):
            return Judgement(DIFFERENT, None, what_shape(statement, question, shape_of(found)))
        found = statement.trace.arithmetic.full(found, shown)
    exact = _settled(statement, question) or [number for _, number in entries(shown)]
    judged = against(found, [(place, right, old) for right, (place, old)
                             in zip(exact, entries(shown), strict=True)], policy.digits)  # fmt: skip
    if judged.verdict != EQUAL and within(asked, question, found):
        return Judgement(EQUAL)
    if judged.witness is not None:
        judged = judged._replace(witness=judged.witness._replace(point=statement.at))
    return judged


def against(found: Value, right: list[tuple[tuple[int, ...], float, float]], digits: int) -> Judgement:
    """``found`` against (place, number, the same as it is shown), rounding allowed; what differs first."""
    short = ""
    for yours, (place, exact, shown) in zip(map(float, numbers(found)), right, strict=True):
        if rounds_to(yours, exact, digits) or rounds_to(yours, shown, digits):
            continue
        if not too_few(yours, exact, digits):
            return Judgement(DIFFERENT, Witness({}, yours, exact, place))
        short = short_words(digits)
    return Judgement(SHORT, None, short) if short else Judgement(EQUAL)


def short_words(digits: int) -> str:
    """What is said of a number that has too few digits."""
    return f"right as far as it goes: {digits} significant digits are asked for"


def _settled(statement: Statement, question: Question) -> list[float] | None:
    """What the exercise's own run says, to a double's digits, and 0 where only rounding is left of it."""
    found: list[float] | None = None
    before: list[Any] | None = None
    for digits in DIGITS[:2]:
        run = statement.own.with_digits(digits)
        if run is None:
            return None
        here = numbers(run.says(question))
        if before is not None:
            pairs = [(abs(new), abs(type(new)(old))) for new, old in zip(here, before, strict=True)]
            gone = [new * 10 ** DIGITS[0] <= old < math.inf for new, old in pairs]
            found = [0.0 if none else float(new) for new, none in zip(here, gone, strict=True)]
        before = here
    return found


def without_value(statement: Statement, right: Value) -> Judgement:
    """The verdict on an answer that has no value at the exercise's point, where the trace says ``right``."""
    if shape_of(right):
        return Judgement(DIFFERENT, None, "yours has no value at the exercise's point, and the trace has one")
    return Judgement(DIFFERENT, Witness(statement.at, None, float(right)))


# -- kinks -------------------------------------------------------------------------


def within_kinks(asked: Asked, question: Question, formula: Graph) -> bool:
    """Has a formula, at a kink, a value between the slopes on its two sides, where any of those is right?"""
    if asked.policy.kink != "interval" or question.kind.is_value:
        return False
    run = asked.statement.own.with_digits(DIGITS[0])
    values = None if run is None else answer_at(formula, run)
    return values is not None and within(asked, question, values[formula.output])


def within(asked: Asked, question: Question, found: Value) -> bool:
    """Is every entry between the slopes on the two sides of the kinks on its way, rounding allowed?"""
    statement = asked.statement
    run = statement.own.with_digits(DIGITS[0])
    if asked.policy.kink != "interval" or question.kind.is_value or run is None or not run.kinked:
        return False
    low, high = interval(run.trace, question)
    if shape_of(low) != shape_of(found):
        low, high = (run.arithmetic.full(one, found) for one in (low, high))
    rows = zip(numbers(low), numbers(found), numbers(high), strict=True)
    return all(a - _ROOM * (1 + abs(a)) <= b <= c + _ROOM * (1 + abs(c)) for a, b, c in rows)
