"""What grading a class comes to: one frozen record an answer, a file, a student; every report reads these.

All text in a record is safe to show: control characters are visible, and nothing in it
is a command to a terminal or a CI runner. A right answer stands in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.events import plain
from backtrace_cli.grading.exercise.worth import tidy
from backtrace_cli.grading.judging.verdict import BLANK, RIGHT, UNDECIDED, UNREADABLE, WRONG, Checked

__all__ = [
    "GRADED", "MISSING", "UNGRADED", "VERDICTS", "AnswerRecord", "Correction", "Evidence", "FileRecord",
    "Mark", "Stray", "StudentRecord", "Tally", "answer_record", "one_line",
]  # fmt: skip

#: Beside the verdicts of ``check``: an answer that isn't there, and one that nobody could judge.
MISSING, UNGRADED = "missing", "ungraded"
VERDICTS = (RIGHT, WRONG, BLANK, MISSING, UNREADABLE, UNDECIDED, UNGRADED)
#: The status of a file that was judged; others are ``missing``, ``unreadable``, ``duplicate``, ``ungraded``.
GRADED = "graded"

_MOST_ANSWER, _MOST_WORDS = 200, 600


class Evidence(NamedTuple):
    """A point at which an answer differs from the trace, and the answer's value there."""

    at: Mapping[str, Any]
    yours: Any
    """A number, the text of one that isn't finite, or None where the answer has no value."""
    entry: Sequence[int] = ()
    """Which entry of an array it is the value of."""


class Correction(NamedTuple):
    """Points that somebody gave by hand."""

    points: float
    reason: str
    by: str
    when: str


class Mark(NamedTuple):
    """What a student's points come to by the teacher's rules."""

    points: float
    of: float
    why: tuple[str, ...] = ()
    """Late days, what is left out, what was put right: a sentence each."""


class AnswerRecord(NamedTuple):
    """One answer of one student, judged."""

    table: str
    key: str
    verdict: str
    points: float
    """By its verdict: all for a right answer, none for any other."""
    of: float
    line: int
    """In the student's file; 0 where the answer isn't there."""
    answer: str
    carried: bool = False
    mistake: str | None = None
    words: str = ""
    """The mistake in a sentence, why it can't be read, or why it was not judged."""
    witness: Evidence | None = None
    explained: tuple[tuple[str, ...], ...] = ()
    """Every explanation that there is: names of mistakes, several where they were made at once."""
    correction: Correction | None = None
    """What somebody put right by hand, and what counts then."""

    @property
    def earned(self) -> float:
        """The points that count."""
        return self.points if self.correction is None else self.correction.points


class FileRecord(NamedTuple):
    """One exercise of one student."""

    exercise: str
    """Its path in the course, with ``/``."""
    title: str
    path: str
    """The file in the student's folder; empty where it is missing."""
    status: str
    reason: str
    """Why it was not graded, on one line."""
    details: str
    """The same at length, on several lines perhaps: the place in the file, and what to do."""
    notes: tuple[str, ...]
    """What the teacher should know, such as a formula that was changed."""
    answers: tuple[AnswerRecord, ...]
    variant: str = ""
    """A short name of the numbers that the student has, where everybody has their own; …"""
    fits: tuple[str, ...] = ()
    """… and of those for which all that is wrong here is right."""

    @property
    def points(self) -> float:
        """Points earned."""
        return tidy(sum(answer.earned for answer in self.answers))

    @property
    def of(self) -> float:
        """Points to be had."""
        return tidy(sum(answer.of for answer in self.answers))


class Stray(NamedTuple):
    """Something in a student's folder, or among the folders, that is no answer to an exercise."""

    path: str
    why: str


class StudentRecord(NamedTuple):
    """One student: every exercise of the course in its order, and what else lay there."""

    name: str
    folder: str
    """Among the submissions; empty where there is but one student's folder."""
    files: tuple[FileRecord, ...]
    strays: tuple[Stray, ...] = ()
    ids: tuple[tuple[str, str], ...] = ()
    """By what else they are known: (``canvas``, their number there), (``email``, …)."""
    mark: Mark | None = None
    """By the teacher's rules, where there are any."""

    @property
    def answers(self) -> Iterable[tuple[FileRecord, AnswerRecord]]:
        """Every answer with its file."""
        return ((file, answer) for file in self.files for answer in file.answers)


class Tally(NamedTuple):
    """Points and verdicts, added up.

    >>> Tally.of(()).line()
    '0 of 0 points'
    """

    points: float
    most: float
    counts: dict[str, int]
    """Every verdict of VERDICTS -> how many answers have it."""

    @classmethod
    def of(cls, files: Iterable[FileRecord]) -> Tally:
        """The sum over ``files``."""
        points = most = 0.0
        counts = dict.fromkeys(VERDICTS, 0)
        for file in files:
            points += file.points
            most += file.of
            for answer in file.answers:
                counts[answer.verdict] += 1
        return cls(tidy(points), tidy(most), counts)

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        counts = {verdict: self.counts[verdict] + other.counts[verdict] for verdict in VERDICTS}
        return Tally(tidy(self.points + other.points), tidy(self.most + other.most), counts)

    @property
    def answers(self) -> int:
        """How many answers there are."""
        return sum(self.counts.values())

    @property
    def finished(self) -> bool:
        """Is every answer right?"""
        return self.counts[RIGHT] == self.answers

    def line(self) -> str:
        """The sum in words."""
        found = f"{self.points:.10g} of {self.most:.10g} points"
        for verdict in VERDICTS:
            count = self.counts[verdict]
            found += f", {count} {verdict}" if count else ""
        return found


def answer_record(checked: Checked, points: float, line: int | None = None) -> AnswerRecord:
    """The record of one checked answer, worth ``points`` if it is right."""
    answer, witness = checked.answer, checked.witness
    found = None
    if witness is not None and witness.trace == witness.trace:
        at = {name: plain(value) for name, value in witness.point.items()}
        found = Evidence(at, plain(witness.yours), list(witness.entry))
    return AnswerRecord(
        answer.question.table, answer.question.key, checked.verdict,
        points if checked.verdict == RIGHT else 0, points, answer.line if line is None else line,
        one_line(answer.text, _MOST_ANSWER), checked.carried, checked.mistake,
        one_line(checked.diagnosis or checked.words), found, checked.explained,
    )  # fmt: skip


def one_line(text: str, most: int = _MOST_WORDS) -> str:
    """``text`` on one line, safe to show, its middle left out where it is long.

    >>> one_line("a\\n ::error::b")
    'a : :error::b'
    """
    return visible(shorten(" ".join(shorten(text, 4 * most).split()), most))
