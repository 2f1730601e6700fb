"""Answers that are arrays: by shape first, then entry by entry on the scale of the paths.

The right side is always the record of a run; a student's matrix expression is run by
the same engine over the values of that record, here and at other points.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value, entries
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.exercise.exercise import Answer, Exercise
from backtrace_cli.grading.judging.compare import (
    DIFFERENT,
    EQUAL,
    SAME,
    UNDECIDED,
    Judgement,
    Witness,
    rounds_to,
)
from backtrace_cli.grading.judging.entrywise import array_value, compared, excused, scale_of
from backtrace_cli.grading.judging.far_points import arrays_near_branches, branches, far_out_arrays
from backtrace_cli.grading.judging.kink_interval import interval
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.ops.shapes import broadcast, sides
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Question, edges

__all__ = ["array_value", "judge_array", "judge_entries", "judge_shape", "what_shape"]

#: Points, beside the exercise's own, at which a matrix expression is compared; fewer decide nothing.
POINTS, LEAST = 14, 4
#: So many, where a branch may make two different formulas agree in places.
_BRANCHED_POINTS = 60
#: Far out, differences smaller than this convict nobody.
_PLAIN = 1e-6
#: A point at which rounding hides the answer decides nothing, and so many of them are passed over.
_MOST_UNSURE = 24


def judge_shape(statement: Statement, question: Question, answer: Answer) -> Judgement:
    """The shape that a student gives for a node."""
    right = statement.shape(question.target)
    return Judgement(EQUAL if answer.shape == right else DIFFERENT)


def judge_array(exercise: Exercise, question: Question, answer: Answer) -> Judgement:
    """The verdict on a list or a matrix expression: equal, different with a witness entry, undecided."""
    statement, trace = exercise.statement, exercise.statement.trace
    assert answer.formula is not None
    if answer.formula.shapes is None:
        return Judgement(DIFFERENT, None, _misfit(statement, question, answer.formula))
    found = array_value(answer.formula, trace, question)
    if found is None:
        return _no_value(statement, question)
    words = what_shape(statement, question, shape_of(found))
    if words:
        return Judgement(DIFFERENT, None, words)
    if answer.constant and exercise.kind != "expressions":
        return judge_entries(exercise, question, found, trace)
    judged = _at(statement, question, answer.formula, trace)
    if exercise.kink == "interval" and _between_sides(statement, question, found):
        judged = Judgement(EQUAL)
    if judged is not None and judged.verdict == DIFFERENT:
        constant = answer.constant and judge_entries(exercise, question, found, trace).verdict == EQUAL
        return judged._replace(words=_ONE_POINT) if constant else judged
    sampled = _sampled(statement, question, answer.formula, judged)
    if sampled.verdict == DIFFERENT and answer.constant:
        return sampled._replace(words=_ONE_POINT)
    return sampled


_ONE_POINT = "a formula is asked for; yours is its value at this one point"


def _no_value(statement: Statement, question: Question) -> Judgement:
    value = statement.says(question, statement.trace)
    if statement.trace.arithmetic.bad(value):
        return Judgement(UNDECIDED, None, "neither has a value here")
    return Judgement(DIFFERENT, None, "yours has no value at the exercise's point, and the trace has one")


def _sampled(statement: Statement, question: Question, formula: Graph, own: Judgement | None) -> Judgement:
    """Other points, until enough have a value on both sides; then far out, and near branches."""
    agreed = int(own is not None and own.verdict == EQUAL)
    unsure = int(own is not None and own.verdict == UNDECIDED)
    tried = 0
    branched = any(map(branches, (statement.graph, formula)))
    for _, trace in statement.samples():
        if tried >= (_BRANCHED_POINTS if branched else POINTS) or unsure >= _MOST_UNSURE:
            break
        judged = _elsewhere(statement, question, formula, trace)
        if judged is None:
            continue
        if judged.verdict == DIFFERENT:
            return judged
        tried += judged.verdict == EQUAL
        agreed += judged.verdict == EQUAL
        unsure += judged.verdict == UNDECIDED
    if agreed < LEAST or unsure > agreed:
        return Judgement(UNDECIDED, None, "too few points have a value on both sides to decide")
    return _probed(statement, question, formula) or Judgement(EQUAL)


def _elsewhere(statement: Statement, question: Question, formula: Graph, trace: Trace) -> Judgement | None:
    """The verdict at another point; None where either side is undefined or stands at a kink."""
    if question.kind.slope and at_kink(trace):
        return None
    return _at(statement, question, formula, trace)


@lru_cache(maxsize=64)
def _far(statement: Statement) -> tuple[Trace, ...]:
    return tuple(far_out_arrays(statement))


def _probed(statement: Statement, question: Question, formula: Graph) -> Judgement | None:
    """Where an answer that agreed so far differs, far out or near a branch of its own; None if nowhere."""
    near = arrays_near_branches(statement, formula) if branches(formula) else ()
    for trace in chain(_far(statement), near):
        found = _elsewhere(statement, question, formula, trace)
        if found is not None and found.verdict == DIFFERENT and _plainly(found.witness):
            return found
    return None


def _plainly(witness: Witness | None) -> bool:
    """Is the difference one that no underflow or cancellation explains? Far out σ′ is 1e-300, or 0."""
    if witness is None or witness.yours is None:
        return False
    gap = abs(witness.yours - witness.trace)
    return gap > _PLAIN and gap > 1e-3 * max(abs(witness.yours), abs(witness.trace))


# -- shapes ------------------------------------------------------------------------


def what_shape(statement: Statement, question: Question, found: tuple[int, ...]) -> str:
    """What to tell about the shape ``found`` of an answer; nothing where it is right.

    >>> s = Statement("y = W @ h; L = sum(y)", "W=[[1,2,3],[4,5,6]],h=[1,0,2]")
    >>> what_shape(s, Question("gradient", None, "W"), (3, 2))
    '∂L/∂W has the shape of W, 2×3; yours is 3×2'
    """
    graph, question_shape = statement.graph, _shape(statement, question)
    if found == question_shape or (question.kind.is_rule and _spreads(found, question_shape)):
        return ""
    subject, name = question.kind.subject(question, graph.name(graph.output))
    like = "the shape" if subject == name else f"the shape of {name},"
    return f"{subject} has {like} {_words(question_shape)}; yours is {_words(found)}"


def _shape(statement: Statement, question: Question) -> tuple[int, ...]:
    if question.kind.is_rule:
        return shape_of(statement.trace.values[edges(statement.graph, question)[0][0]])
    return statement.shape(question.target)


def _spreads(small: tuple[int, ...], wide: tuple[int, ...]) -> bool:
    try:
        return broadcast(small, wide) == wide
    except ShapeError:
        return False


def _words(shape: tuple[int, ...]) -> str:
    """``2×3``, ``a vector of 3``, ``a number``."""
    if not shape:
        return "a number"
    return f"a vector of {shape[0]}" if len(shape) == 1 else sides(shape)


def _misfit(statement: Statement, question: Question, formula: Graph) -> str:
    """Why the shapes in an answer don't fit."""
    try:
        statement.fitted(question, formula)
    except ShapeError as error:
        return f"the shapes in yours don't fit: {error.message}"
    return "the shapes in yours don't fit"


# -- entries -----------------------------------------------------------------------


def judge_entries(exercise: Exercise, question: Question, found: Value, trace: Trace) -> Judgement:
    """A list of numbers against what ``trace`` says, entry by entry, rounding allowed."""
    value = exercise.statement.says(question, trace)
    if trace.arithmetic.bad(value):
        return Judgement(UNDECIDED, None, "the trace has no finite numbers here")
    if shape_of(found) != shape_of(value):
        if not _spreads(shape_of(found), shape_of(value)):
            return Judgement(DIFFERENT, None, what_shape(exercise.statement, question, shape_of(found)))
        found = trace.arithmetic.full(found, value)
    if exercise.kink == "interval" and trace is exercise.statement.trace and _between_sides(
        exercise.statement, question, found
    ):  # fmt: skip
        return Judgement(EQUAL)
    rows = zip(entries(found), entries(value), entries(scale_of(trace, question, value)), strict=True)
    for (place, yours), (_, theirs), (_, scale) in rows:
        if not rounds_to(yours, theirs, exercise.digits, max(scale, abs(theirs))):
            own = trace is exercise.statement.trace
            if own and excused(exercise.statement, question, place, abs(yours - theirs), scale, trace):
                continue
            return Judgement(DIFFERENT, Witness(trace.at, yours, theirs, place))
    return Judgement(EQUAL)


def _between_sides(statement: Statement, question: Question, found: Value) -> bool:
    """Is every entry between the slopes on the two sides of the kinks on its way, rounding allowed?"""
    trace = statement.trace
    if question.kind.is_value or not at_kink(trace):
        return False
    low, high = interval(trace, question)
    if shape_of(low) != shape_of(found):
        low, high = (trace.arithmetic.full(one, found) for one in (low, high))
    room = SAME * (1 + abs(low) + abs(high))
    inside = (found >= low - room) & (found <= high + room)
    return bool(inside.all()) if shape_of(inside) else bool(inside)


def _at(statement: Statement, question: Question, formula: Graph, trace: Trace) -> Judgement | None:
    """The verdict at one point; None where either side is undefined."""
    value = statement.says(question, trace)
    found = array_value(formula, trace, question)
    if found is None or trace.arithmetic.bad(value):
        return None
    if shape_of(found) != shape_of(value):
        found = trace.arithmetic.full(found, value)
    return compared(statement, question, formula, found, value, trace)
