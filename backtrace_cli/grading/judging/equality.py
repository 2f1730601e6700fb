"""Is an answer equal to what the trace says? Equal, different with a witness, or undecided.

Same tree first; then exact fractions where both sides are rational; then the
exercise's own point and a dozen others. The right side is always the record of a run
of the engine at that point: nothing here differentiates.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import chain

from backtrace_cli.base.values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.exercise.exercise import Answer, Exercise
from backtrace_cli.grading.judging.array_judge import judge_array, judge_entries, judge_shape
from backtrace_cli.grading.judging.compare import (
    DIFFERENT,
    EQUAL,
    SAME,
    UNDECIDED,
    Judgement,
    Witness,
    between,
    rounds_to,
    wobbly,
)
from backtrace_cli.grading.judging.entrywise import array_value, steady_value
from backtrace_cli.grading.judging.exact_judge import exactly, same_tree
from backtrace_cli.grading.judging.far_points import branches, far_out, near_branches
from backtrace_cli.grading.judging.kink_interval import interval
from backtrace_cli.grading.judging.rounding import STEADY
from backtrace_cli.grading.judging.scale import evaluated, scales_of
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.graph import Graph
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Question

__all__ = [
    "DIFFERENT", "EQUAL", "LEAST", "POINTS", "UNDECIDED", "Judgement", "Witness",
    "evidence", "judge", "number_judgement",
]  # fmt: skip

#: Points, beside the exercise's own, at which both sides are compared.
POINTS = 12
#: So many, where a branch may make two different formulas agree in places.
_BRANCHED_POINTS = 150
#: A point at which rounding hides the answer decides nothing, and so many of them are passed over.
_MOST_UNSURE = 24
#: Fewer valid points than this decide nothing.
LEAST = 4


def judge(exercise: Exercise, question: Question, answer: Answer) -> Judgement:
    """Compare ``answer`` with what the engine says to ``question``.

    ``answer`` has been read (see Answer): a blank or an unreadable one is a ValueError.
    """
    statement = exercise.statement
    if not question.kind.numeric:
        return judge_shape(statement, question, answer)
    if answer.formula is None:
        raise ValueError("there is nothing to judge")
    if question.kind.is_value and (name := _circular(statement, question, answer.formula)):
        return Judgement(DIFFERENT, None, f"this uses {name}, which is computed from what is asked")
    if exercise.kind == "numbers" and not answer.constant:
        return Judgement(DIFFERENT, None, "a number is asked for: put the values into your formula")
    if statement.arrays:
        return judge_array(exercise, question, answer)
    if answer.constant and exercise.kind != "expressions":
        return _number(exercise, question, answer)
    found = same_tree(statement, question, answer.formula) or exactly(statement, question, answer.formula)
    own = _own_point(exercise, question, answer.formula)
    if own is not None and own.verdict == DIFFERENT and (found is None or own.witness_is_void):
        found = own
    elif found is None or found.verdict == DIFFERENT:
        sampled = _sampled(exercise, question, answer.formula, own)
        found = sampled if found is None or sampled.verdict == DIFFERENT else found
    if (
        found.verdict == DIFFERENT
        and answer.constant
        and _number(exercise, question, answer).verdict == EQUAL
    ):
        words = "a formula is asked for; yours is its value at this one point"
        return Judgement(DIFFERENT, None, words)  # a witness, at this point even, would contradict
    return found


def _circular(statement: Statement, question: Question, formula: Graph) -> str | None:
    """The first name in an answer about a value that is that value, or depends on it."""
    graph = statement.graph
    asked = graph.find(question.target)
    if asked is None or graph.nodes[asked].is_input:
        return None
    after = graph.leads_from({asked})
    return next((name for name in formula.inputs if after[graph.find(name) or 0]), None)


# -- numbers -----------------------------------------------------------------------


def _number(exercise: Exercise, question: Question, answer: Answer) -> Judgement:
    """A plain number, at the exercise's own point only."""
    statement = exercise.statement
    assert answer.formula is not None
    found = evaluated(answer.formula, statement.trace)
    if found is None:
        value = float(statement.says(question, statement.trace))
        if math.isfinite(value):
            return Judgement(DIFFERENT, Witness(statement.at, None, value))
        return Judgement(UNDECIDED, None, "neither has a value here")
    return number_judgement(exercise, question, found[0], statement.trace)


def number_judgement(exercise: Exercise, question: Question, found: Value, trace: Trace) -> Judgement:
    """``found`` against what ``trace`` says, rounding allowed; of an array, in every entry."""
    if exercise.statement.arrays:
        return judge_entries(exercise, question, found, trace)
    value = float(exercise.statement.says(question, trace))
    if not math.isfinite(value):
        return Judgement(UNDECIDED, None, "the trace has no finite number here")
    scale = max(scales_of(trace).of(question), abs(value))
    if rounds_to(found, value, exercise.digits, scale):
        return Judgement(EQUAL)
    if exercise.kink == "interval":
        low, high = interval(trace, question)
        if low - SAME * scale <= found <= high + SAME * scale:
            return Judgement(EQUAL)
    verdict = DIFFERENT
    if trace is exercise.statement.trace:
        verdict = wobbly(exercise.statement, question, trace, abs(found - value), scale)
    return Judgement(verdict, Witness(trace.at, found, value) if verdict == DIFFERENT else None)


# -- points ----------------------------------------------------------------------------


def _sampled(exercise: Exercise, question: Question, formula: Graph, own: Judgement | None) -> Judgement:
    """The exercise's own point, then others, until a dozen have a value on both sides."""
    if own is not None and own.verdict == DIFFERENT:
        return own
    agreed = int(own is not None and own.verdict == EQUAL)
    unsure = int(own is not None and own.verdict == UNDECIDED)
    tried = 0
    differing: Judgement | None = None
    branched = any(map(branches, (exercise.statement.graph, formula)))
    most = _BRANCHED_POINTS if branched else POINTS
    for _, trace in exercise.statement.samples():
        if tried >= most or unsure >= _MOST_UNSURE or differing is not None:
            break
        verdict = _at(exercise.statement, question, formula, trace)
        if verdict is None:
            continue
        tried += verdict.verdict != UNDECIDED
        agreed += verdict.verdict == EQUAL
        unsure += verdict.verdict == UNDECIDED
        differing = verdict if verdict.verdict == DIFFERENT else None
    if differing is not None:
        return differing
    if agreed < LEAST or unsure > agreed:
        return Judgement(UNDECIDED, None, "too few points have a value on both sides to decide")
    return _probed(exercise.statement, question, formula) or Judgement(EQUAL)


@lru_cache(maxsize=64)
def _far(statement: Statement) -> tuple[Trace, ...]:
    return tuple(far_out(statement))


def _probed(statement: Statement, question: Question, formula: Graph) -> Judgement | None:
    """Where an answer that agreed so far differs, far out or near a branch of its own; None if nowhere."""
    near = near_branches(statement, formula) if branches(formula) else ()
    for trace in chain(_far(statement), near):
        found = _at(statement, question, formula, trace)
        if found is not None and found.verdict == DIFFERENT:
            return found
    return None


def _own_point(exercise: Exercise, question: Question, formula: Graph) -> Judgement | None:
    """The verdict at the exercise's own point, where an answer without a value is no answer."""
    statement = exercise.statement
    trace = statement.trace
    value = float(statement.says(question, trace))
    if not math.isfinite(value):
        return None
    found = evaluated(formula, trace)
    if found is None:
        return Judgement(DIFFERENT, Witness(statement.at, None, value))
    if exercise.kink == "interval":
        low, high = interval(trace, question)
        if low < high and low <= found[0] <= high:
            return Judgement(EQUAL)
    return between(statement, question, formula, found, value, trace)


def _at(statement: Statement, question: Question, formula: Graph, trace: Trace) -> Judgement | None:
    """The verdict at another point; None where either side is undefined or stands at a kink."""
    if question.kind.slope and at_kink(trace):
        return None
    value = float(statement.says(question, trace))
    found = evaluated(formula, trace)
    if found is None or not math.isfinite(value):
        return None
    return between(statement, question, formula, found, value, trace)


def evidence(statement: Statement, answer: Answer, most: int = 6) -> list[tuple[Point, Value]]:
    """The student's value at the exercise's point and, for a formula, at others.

    A formula's only where rounding leaves it its digits: h·(1 − h) of a flat σ is 2e-16 or 0, and
    would speak for whatever rounds in the same way.
    """
    formula = answer.formula
    assert formula is not None
    if answer.constant:
        found = _value_at(statement, answer, statement.trace, steady=False)
        return [(statement.at, found)] if found is not None else []
    pairs: list[tuple[Point, Value]] = []
    for point, trace in chain([(statement.at, statement.trace)], statement.samples()):
        if len(pairs) >= most:
            break
        value = None if pairs and at_kink(trace) else _value_at(statement, answer, trace, steady=True)
        if value is not None:
            pairs.append((point, value))
    return pairs


def _value_at(statement: Statement, answer: Answer, trace: Trace, steady: bool) -> Value | None:
    """The answer's value at a trace; None where it has none, or should be steady and rounding moves it."""
    formula = answer.formula
    assert formula is not None
    if statement.arrays:
        found = steady_value if steady else array_value
        return None if formula.shapes is None else found(formula, trace, answer.question)
    number = evaluated(formula, trace)
    return number[0] if number is not None and (not steady or number[1] <= STEADY * abs(number[0])) else None
