"""A whole exercise checked: its answers, its worked solution, and a derivation of several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.derivation.line_verdicts import Judged, judge_derivation
from backtrace_cli.grading.derivation.steps import read_derivation
from backtrace_cli.grading.exercise.exercise import Answer, Exercise
from backtrace_cli.grading.judging.checked import BLANK, RIGHT, UNREADABLE, WRONG, Checked, Result
from backtrace_cli.grading.judging.explained import Kept
from backtrace_cli.grading.judging.verdict import check_exercise

__all__ = ["check_whole"]

#: A line that is still to be filled in: ``dh =``, ``dh = ?``.
_OPEN = re.compile(r"^[^=#\n]*=[ \t?]*(?:#[^\n]*)?$", re.MULTILINE)


def check_whole(exercise: Exercise, kept: Kept | None = None) -> Result:
    """Every answer of ``exercise`` judged, a derivation line by line. See ``check_exercise``.

    A gradient that the derivation is to arrive at is wrong where a wrong line goes into it; a wrong line
    costs the first of them alone, and the others are right, carried forward.

    >>> from backtrace_cli.grading.exercise.exercise import read_exercise
    >>> from backtrace_cli.grading.exercise.source import Source
    >>> text = 'formula = "h = w*x; L = h^2"\\nat = "w=2,x=3"\\nderivation = "dh = h; dw = dh*x; dx = dh*w"'
    >>> [(one.verdict, one.carried) for one in check_whole(read_exercise(Source("x.toml", text))).answers]
    [('wrong', False), ('right', True)]
    """
    result = check_exercise(exercise, kept)
    if not exercise.derive:
        return result
    text = _OPEN.sub("", exercise.derivation)
    try:
        derivation = read_derivation(exercise.statement, text)
    except BacktraceError as error:
        broken = tuple(Checked(answer, UNREADABLE, words=error.message) for answer in exercise.derived)
        return result._replace(answers=(*result.answers, *broken))
    judged = judge_derivation(exercise, derivation)
    shift = max(0, exercise.derivation_at - 1)
    lines = tuple(_moved(one, shift) for one in judged.lines)
    answers = tuple(_arrived(exercise, judged, shift))
    wrong = any(one.verdict in (WRONG, UNREADABLE) for one in answers)
    first = result.first_wrong or (
        next((one for one in lines if one.verdict == WRONG), None) if wrong else None
    )
    return Result(exercise, (*result.answers, *answers), first, lines)


def _moved(one: Checked, shift: int) -> Checked:
    return one._replace(answer=one.answer._replace(line=one.answer.line + shift))


def _arrived(exercise: Exercise, judged: Judged, shift: int) -> Iterator[Checked]:
    """What is to be arrived at, with its verdict."""
    charged: set[int] = set()
    unread = next((one for one in judged.lines if one.verdict == UNREADABLE), None)
    for asked in exercise.derived:
        name = asked.question.target
        found = judged.given.get(name)
        if found is None:
            named = unread is not None and unread.answer.question.target in (name, f"d{name}")
            yield Checked(
                asked, UNREADABLE if named else BLANK, words=unread.words if named and unread else ""
            )
            continue
        given, line = found.answer, found.answer.line + shift
        answer = Answer(asked.question, given.text.partition("=")[2].strip(), line, given.formula)
        fresh = judged.faults[name] - charged
        charged |= judged.faults[name]
        if found.verdict not in (RIGHT, WRONG):
            yield found._replace(answer=answer)
        elif fresh:
            cause = next(
                one for one in judged.lines if one.answer.line == min(fresh) and one.verdict != RIGHT
            )
            where = "" if cause is found else f"it goes wrong in line {min(fresh) + shift}"
            yield Checked(answer, WRONG, words=where, mistake=cause.mistake, diagnosis=cause.diagnosis)
        else:
            yield Checked(answer, RIGHT, carried=bool(judged.faults[name]), holds=found.holds)
