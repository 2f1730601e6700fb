"""A marking scheme for people: right answers, what known mistakes give instead, and what follows from those.

Wrong numbers come from the catalogue, replayed at the exercise's own point; what follows from one is what
``check`` would carry forward, worked out by the same walk with the wrong number put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, close, known, written
from backtrace_cli.grading.authoring.answers import tree_of
from backtrace_cli.grading.comparing.compare import DIFFERENT
from backtrace_cli.grading.comparing.number import judge_numbers
from backtrace_cli.grading.exercise.exercise import Answer, Exercise, read_answer
from backtrace_cli.grading.judging.carry_forward import following, order_of, worth_carrying
from backtrace_cli.grading.judging.verdict import wrong_line
from backtrace_cli.grading.statement import Statement
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.mistakes.diagnose import Diagnoser
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.questions import Question

__all__ = ["Follow", "Marked", "Mended", "Slip", "marking_scheme", "mended_line"]

#: Wrong answers listed for one question; the catalogue's order is that of how common they are.
_MOST_SLIPS = 5
_SAME = 1e-9


class Follow(NamedTuple):
    """A later answer that is right for who goes on from a wrong one."""

    question: Question
    number: Value


class Slip(NamedTuple):
    """A wrong answer, and the mistake that gives it."""

    number: Value
    mistake: str
    words: str
    follows: tuple[Follow, ...]


class Marked(NamedTuple):
    """One question of an exercise with all that its marker needs."""

    question: Question
    number: Value | str
    """What is right at the exercise's point: a number, an array, or a shape as text."""
    formula: Expr | None
    slips: tuple[Slip, ...]


class Mended(NamedTuple):
    """The wrong line of a worked solution, and what should stand there."""

    label: str
    place: int
    """Its number, from 1."""
    claim: str
    number: Value
    formula: Expr | None


def marking_scheme(exercise: Exercise) -> tuple[Marked, ...]:
    """Every blank of ``exercise`` in the order of the file.

    >>> from backtrace_cli.grading.exercise.exercise import read_exercise
    >>> from backtrace_cli.grading.exercise.source import Source
    >>> text = 'formula = "a = x^2; b = x*y; f = a + b"\\nat = {x=2, y=3}\\n[messages]\\n"a->x" = ""'
    >>> text += '\\n[gradient]\\nx = ""'
    >>> a, x = marking_scheme(read_exercise(Source("x.toml", text)))
    >>> x.number, [slip.number for slip in x.slips if slip.mistake == "lost path"]
    (7.0, [3.0, 4.0])
    >>> [(slip.number, slip.follows[0].number) for slip in a.slips if slip.mistake == "sign"]
    [(-4.0, -1.0)]
    """
    statement = exercise.statement
    asked = [answer.question for answer in exercise.answers]
    ordered = sorted(asked, key=lambda question: order_of(statement.trace, question))
    doctor = Diagnoser(statement.graph, asked)
    doctor.wary_from = 2  # with one number other slips may fit as well; a marker is told the likeliest
    scene = doctor.scene(statement.at)
    return tuple(
        Marked(question, _right(statement, question), tree_of(statement, question),
               tuple(_slips(exercise, question, ordered, doctor, scene)))
        for question in asked
    )  # fmt: skip


def mended_line(exercise: Exercise) -> Mended:
    """The line to be found in a worked solution. Raises BacktraceError where that is not exactly one."""
    line = wrong_line(exercise)
    statement, question = exercise.statement, line.answer.question
    return Mended(line.label, exercise.lines.index(line) + 1, line.answer.text,
                  _right(statement, question), tree_of(statement, question))  # fmt: skip


def _right(statement: Statement, question: Question) -> Value | str:
    if not question.kind.numeric:
        return sides(statement.shape(question.target))
    return statement.says(question, statement.trace)


def _slips(
    exercise: Exercise, question: Question, ordered: Sequence[Question], doctor: Diagnoser, scene: Scene
) -> list[Slip]:
    """The wrong answers that mistakes made at this very step give, each once."""
    if not question.kind.numeric or scene.bad:
        return []
    right = scene.says(question, None)
    place = ordered.index(question)
    before = [one for one in ordered[:place] if one.kind.numeric]
    found: dict[str, Slip] = {}
    for number, fault in enumerate(scene.faults):
        value = scene.says(question, number)
        key = written(value)
        if key in found or not known(value) or _same(value, right):
            continue
        if any(not _same(scene.says(one, number), scene.says(one, None)) for one in before):
            continue  # it was made further up, and only follows here
        if judge_numbers(exercise, question, value).verdict != DIFFERENT:
            continue  # as at a kink, where every slope between its sides is right
        told = doctor.diagnose(question, [(scene.at, value)], _SAME)
        plain = value.tolist() if shape_of(value) else float(value)
        answer = read_answer(exercise.statement, question, plain, 0)
        follows = _follows(exercise, answer, ordered[place + 1 :])
        found[key] = Slip(value, fault.mistake, told.words if told and told.sure else fault.words, follows)
        if len(found) >= _MOST_SLIPS:
            break
    return list(found.values())


def _follows(exercise: Exercise, answer: Answer, later: Sequence[Question]) -> tuple[Follow, ...]:
    """The later answers that change for who goes on from a wrong one; none where that carries nothing."""
    if answer.formula is None or not worth_carrying(exercise, answer):
        return ()
    found = []
    for question in later:
        value = following(exercise.statement, question, {answer.question: answer})
        if value is None or _same(value, exercise.statement.says(question, exercise.statement.trace)):
            continue
        found.append(Follow(question, value))
    return tuple(found)


def _same(one: Value, other: Value) -> bool:
    return shape_of(one) == shape_of(other) and close(one, other, _SAME)
