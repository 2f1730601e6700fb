"""Sentences that several reports share."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.base.numerals import numeral
from backtrace_cli.grading.classroom.records import (
    GRADED,
    MISSING,
    AnswerRecord,
    Evidence,
    FileRecord,
    StudentRecord,
    Tally,
)
from backtrace_cli.grading.judging.verdict import RIGHT, UNDECIDED

__all__ = [
    "amount", "asked", "cell", "counted", "elsewhere", "label", "missing", "passes", "sentence", "stem",
    "summary", "total",
]  # fmt: skip

#: A spreadsheet takes a cell that begins so for a formula, and runs it.
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "|", "%", "＝", "＋", "－", "＠")
#: More missing exercises than this are counted, not named.
_MOST_NAMES = 6


def cell(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula.

    >>> cell("=cmd|'/C calc'!A0")
    "'=cmd|'/C calc'!A0"
    """
    return f"'{text}" if text.lstrip().startswith(_ACTIVE) else text


def amount(points: float) -> str:
    """Points as a spreadsheet reads them.

    >>> amount(9), amount(4.5)
    ('9', '4.5')
    """
    return f"{float(points):.10g}"


def stem(exercise: str) -> str:
    """An exercise's path without its ending.

    >>> stem("04_forks/two_paths.toml")
    '04_forks/two_paths'
    """
    return exercise.removesuffix(".toml")


def label(file: FileRecord, answer: AnswerRecord) -> str:
    """What is asked, uniquely within a student's folder: ``04_forks/two_paths gradient x``."""
    return f"{stem(file.exercise)} {asked(answer)}"


def asked(answer: AnswerRecord) -> str:
    """What is asked, uniquely within an exercise: ``gradient x``."""
    return f"{answer.table} {answer.key}"


def passes(answer: AnswerRecord) -> bool:
    """Is it right, or counted as right?"""
    return answer.verdict == RIGHT if answer.correction is None else answer.earned == answer.of


def summary(student: StudentRecord) -> list[str]:
    """What is to be said about a student besides the answers, a sentence each."""
    found = [gap] if (gap := missing(student)) else []
    for file in student.files:
        if file.status not in (GRADED, MISSING):
            found.append(f"{file.path or file.exercise}: {file.status}: {file.reason}")
        found += [f"{file.path}: {note}" for note in file.notes]
    found += [f"{stray.path}: {stray.why}" for stray in student.strays]
    return found + list(student.mark.why if student.mark else ())


def elsewhere(file: FileRecord, names: Sequence[str]) -> str:
    """Whose numbers the wrong answers in a file fit, as the fact that it is."""
    return f"{stem(file.exercise)}: what is wrong here is right for the numbers of {' or '.join(names)}"


def missing(student: StudentRecord) -> str:
    """Which exercises a student has not handed in, as one sentence; empty if none."""
    names = [stem(file.exercise) for file in student.files if file.status == MISSING]
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{counted(len(names), 'exercise')} missing: {', '.join(names[:_MOST_NAMES])}{more}"


def sentence(answer: AnswerRecord) -> str:
    """The verdict on one answer with what there is to say about it, for its student.

    >>> sentence(AnswerRecord("gradient", "x", "wrong", 0, 1, 9, "2*x", words="one path is lost"))
    'wrong, line 9: one path is lost'
    """
    parts = [answer.verdict]
    if answer.carried:
        parts.append("carried forward from your own earlier answer")
    if answer.line and not passes(answer):
        parts.append(f"line {answer.line}")
    found = ", ".join(parts)
    said = [answer.words] if answer.words else []
    if answer.verdict == UNDECIDED:
        said.append("it earns nothing until a person has looked at it")
    if answer.witness is not None:
        said.append(_witness(answer.witness))
    if (made := answer.correction) is not None:
        said.append(f"{amount(made.points)} of {amount(answer.of)} points by {made.by}: {made.reason}")
    return f"{found}: {'; '.join(said)}" if said else found


def total(student: StudentRecord) -> tuple[float, float]:
    """(points, of): the mark by the teacher's rules, or else all there is."""
    if student.mark is not None:
        return student.mark.points, student.mark.of
    tally = Tally.of(student.files)
    return tally.points, tally.most


def counted(count: int, noun: str) -> str:
    """``1 student``, ``2 students``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _witness(witness: Evidence) -> str:
    at = ", ".join(f"{name} = {_number(value)}" for name, value in witness.at.items())
    where = f"at {at} " if at else ""
    if witness.yours is None:
        return f"{where}yours has no value, the trace has one"
    if witness.entry:
        where += f"entry [{', '.join(map(str, witness.entry))}] of "
    return f"{where}yours gives {_number(witness.yours)}, the trace gives another number"


def _number(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_number, value))}]"
    return value if isinstance(value, str) else numeral(value)
