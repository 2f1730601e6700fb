"""Answers that are arrays: by shape first, then entry by entry on the scale of the paths.

The right side is always the record of a run; a student's matrix expression is run by
the same engine over the values of that record, here and at other points.
"""

from __future__ import annotations

from functools import lru_cache

from backtrace_cli.engine.events import Value
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.errors import BacktraceError, ShapeError
from backtrace_cli.formula.numerals import shape_of
from backtrace_cli.grading.compare import (
    DIFFERENT,
    EQUAL,
    SAME,
    UNDECIDED,
    Judgement,
    Witness,
    at_kink,
    rounds_to,
)
from backtrace_cli.grading.exercise import Answer, Exercise
from backtrace_cli.grading.statement import Statement, run_at
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes import Question
from backtrace_cli.mistakes.numbers import entries
from backtrace_cli.mistakes.question import edges
from backtrace_cli.ops.shapes import broadcast, sides

__all__ = ["array_value", "entry_agrees", "judge_array", "judge_entries", "judge_shape", "what_shape"]

#: Points, beside the exercise's own, at which a matrix expression is compared; fewer decide nothing.
POINTS, LEAST = 14, 4
#: Beyond this on the scale of the paths two entries differ.
_OTHER = 1e-6
_STEP = 2.0**-40


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
    agreed = int(own is not None and own.verdict == EQUAL)
    unsure = int(own is not None and own.verdict == UNDECIDED)
    tried = 0
    for _, trace in statement.samples():
        if tried >= POINTS:
            break
        judged = (
            None
            if question.table != "values" and at_kink(trace)
            else _at(statement, question, formula, trace)
        )
        if judged is None:
            continue
        if judged.verdict == DIFFERENT:
            return judged
        tried += 1
        agreed += judged.verdict == EQUAL
        unsure += judged.verdict == UNDECIDED
    if agreed < LEAST or unsure > agreed:
        return Judgement(UNDECIDED, None, "too few points have a value on both sides to decide")
    return Judgement(EQUAL)


# -- shapes ------------------------------------------------------------------------


def what_shape(statement: Statement, question: Question, found: tuple[int, ...]) -> str:
    """What to tell about the shape ``found`` of an answer; nothing where it is right.

    >>> s = Statement("y = W @ h; L = sum(y)", "W=[[1,2,3],[4,5,6]],h=[1,0,2]")
    >>> what_shape(s, Question("gradient", None, "W"), (3, 2))
    '∂L/∂W has the shape of W, 2×3; yours is 3×2'
    """
    graph, question_shape = statement.graph, _shape(statement, question)
    if found == question_shape or (question.table == "local" and _spreads(found, question_shape)):
        return ""
    name = question.target if question.table != "local" else question.source
    has = f"has the shape of {name}, {_words(question_shape)}; yours is {_words(found)}"
    if question.table == "gradient":
        return f"∂{graph.name(graph.output)}/∂{question.target} {has}"
    if question.table == "messages":
        return f"what {question.source} sends to {question.target} {has}"
    if question.table == "local":
        return f"∂{question.source}/∂{question.target}, entry by entry, {has}"
    return f"{question.target} {has.replace(f'the shape of {name}, ', 'the shape ')}"


def _shape(statement: Statement, question: Question) -> tuple[int, ...]:
    if question.table == "local":
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


def array_value(formula: Graph, trace: Trace, question: Question) -> Value | None:
    """The answer's value over the values (and upstream gradients) of ``trace``; None if undefined."""
    inputs = _inputs(formula, trace)
    return None if inputs is None else _computed(formula, trace, inputs)


def _inputs(formula: Graph, trace: Trace) -> dict[int, Value] | None:
    inputs = {}
    for name, index in formula.inputs.items():
        place = trace.graph.find(name)
        value = trace.values[place] if place is not None else trace.gradient_of(name[1:])
        if place is None and shape_of(value) != shape_of(trace.values[trace.graph.find(name[1:]) or 0]):
            return None
        inputs[index] = value
    return inputs


def _computed(formula: Graph, trace: Trace, inputs: dict[int, Value]) -> Value | None:
    try:
        values, bad = forward(formula, inputs, trace.arithmetic)
        refuse_undefined(formula, values, bad, trace.arithmetic)
    except BacktraceError:
        return None
    found = values[formula.output]
    return None if trace.arithmetic.bad(found) else found


def judge_entries(exercise: Exercise, question: Question, found: Value, trace: Trace) -> Judgement:
    """A list of numbers against what ``trace`` says, entry by entry, rounding allowed."""
    value = exercise.statement.says(question, trace)
    if trace.arithmetic.bad(value):
        return Judgement(UNDECIDED, None, "the trace has no finite numbers here")
    if shape_of(found) != shape_of(value):
        if not _spreads(shape_of(found), shape_of(value)):
            return Judgement(DIFFERENT, None, what_shape(exercise.statement, question, shape_of(found)))
        found = trace.arithmetic.full(found, value)
    rows = zip(entries(found), entries(value), entries(_scale(trace, question, value)), strict=True)
    for (place, yours), (_, theirs), (_, scale) in rows:
        if not rounds_to(yours, theirs, exercise.digits, max(scale, abs(theirs))):
            witness = Witness(trace.at, yours, theirs, place)
            own = trace is exercise.statement.trace
            if own and _rests_on_rounding(exercise.statement, question, place, abs(yours - theirs), scale):
                continue
            return Judgement(DIFFERENT, witness)
    return Judgement(EQUAL)


def entry_agrees(formula: Graph, trace: Trace, question: Question, value: Value) -> bool:
    """Does the answer give ``value`` at ``trace``, surely, in every entry?"""
    found = array_value(formula, trace, question)
    if found is None or trace.arithmetic.bad(value) or shape_of(found) != shape_of(value):
        return False
    return _worst(found, value, _scale(trace, question, value))[0] <= SAME


def _at(statement: Statement, question: Question, formula: Graph, trace: Trace) -> Judgement | None:
    """The verdict at one point; None where either side is undefined."""
    value = statement.says(question, trace)
    found = array_value(formula, trace, question)
    if found is None or trace.arithmetic.bad(value):
        return None
    if shape_of(found) != shape_of(value):
        found = trace.arithmetic.full(found, value)
    scale = _scale(trace, question, value)
    ratio, place = _worst(found, value, scale)
    if ratio <= SAME:
        return Judgement(EQUAL)
    gap = abs(_entry(found, place) - _entry(value, place))
    if ratio <= _OTHER or _noisy(formula, trace, found, place, gap):
        return Judgement(UNDECIDED)
    if _rests_on_rounding(statement, question, place, gap, _entry(scale, place), trace):
        return Judgement(EQUAL)
    return Judgement(DIFFERENT, Witness(trace.at, _entry(found, place), _entry(value, place), place))


def _worst(found: Value, value: Value, scale: Value) -> tuple[float, tuple[int, ...]]:
    """The largest gap on the scale of the paths, and the entry that has it."""
    worst: tuple[float, tuple[int, ...]] = (0.0, ())
    rows = zip(entries(found), entries(value), entries(scale), strict=True)
    for (place, yours), (_, theirs), (_, size) in rows:
        gap, size = abs(yours - theirs), max(size, abs(theirs))
        ratio = gap / size if size else (float("inf") if gap else 0.0)
        if not ratio <= worst[0]:
            worst = (ratio, place)
    return worst


def _entry(value: Value, place: tuple[int, ...]) -> float:
    return float(value[place]) if shape_of(value) else float(value)


def _noisy(formula: Graph, trace: Trace, found: Value, place: tuple[int, ...], gap: float) -> bool:
    """May rounding in the student's own formula be the whole gap? Its inputs are moved a little to see."""
    inputs = _inputs(formula, trace) or {}
    moved = _computed(formula, trace, {index: value * (1 + _STEP) for index, value in inputs.items()})
    if moved is None:
        return False
    slope = abs(_entry(moved, place) - _entry(found, place)) / _STEP
    return gap <= 64 * 2.0**-52 * slope


def _rests_on_rounding(
    statement: Statement, question: Question, place: tuple[int, ...], gap: float, scale: float,
    trace: Trace | None = None,
) -> bool:  # fmt: skip
    """Is the gap next to nothing, and does rounding the point itself move the trace's entry as far?"""
    trace = trace or statement.trace
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


@lru_cache(maxsize=128)
def _scales(trace: Trace):  # type: ignore[no-untyped-def]
    from backtrace_cli.engine.entries import EntryScales

    return EntryScales(trace)


def _scale(trace: Trace, question: Question, value: Value) -> Value:
    """Per entry, the size of the terms of the answer to ``question``."""
    graph, scales = trace.graph, _scales(trace)
    target = graph.find(question.target)
    if question.table == "values":
        return scales.values[target]
    if question.table == "gradient":
        return scales.gradient(target)
    if question.table == "messages":
        parts = [scales.messages[edge] for edge in edges(graph, question) if edge in scales.messages]
        return sum(parts[1:], parts[0]) if parts else abs(value)
    return abs(value)
