"""What grading a class comes to: one frozen record an answer, a file, a student; every report reads these.

All text in a record is safe to show: control characters are visible, and nothing in it
is a command to a terminal or a CI runner. A right answer stands in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.engine.events import plain
from backtrace_cli.grading.judging.verdict import BLANK, RIGHT, UNDECIDED, UNREADABLE, WRONG, Checked

__all__ = [
    "GRADED", "MISSING", "UNGRADED", "VERDICTS", "AnswerRecord", "Evidence", "FileRecord", "Stray",
    "StudentRecord", "Tally", "answer_record", "file_dict", "file_record", "one_line", "student_dict",
    "student_record",
]  # fmt: skip

#: Beside the verdicts of ``check``: an answer that isn't there, and one that nobody could judge.
MISSING, UNGRADED = "missing", "ungraded"
VERDICTS = (RIGHT, WRONG, BLANK, MISSING, UNREADABLE, UNDECIDED, UNGRADED)
#: The status of a file that was judged; others are ``missing``, ``unreadable``, ``duplicate``, ``ungraded``.
GRADED = "graded"

_MOST_ANSWER, _MOST_WORDS = 200, 600
#: So deep a list goes in a point.
_MOST_AXES = 8


class Evidence(NamedTuple):
    """A point at which an answer differs from the trace, and the answer's value there."""

    at: Mapping[str, Any]
    yours: Any
    """A number, the text of one that isn't finite, or None where the answer has no value."""
    entry: Sequence[int] = ()
    """Which entry of an array it is the value of."""


class AnswerRecord(NamedTuple):
    """One answer of one student, judged."""

    table: str
    key: str
    verdict: str
    points: int
    """Earned: all for a right answer, none for any other."""
    of: int
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

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(answer.points for answer in self.answers)

    @property
    def of(self) -> int:
        """Points to be had."""
        return sum(answer.of for answer in self.answers)


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

    @property
    def answers(self) -> Iterable[tuple[FileRecord, AnswerRecord]]:
        """Every answer with its file."""
        return ((file, answer) for file in self.files for answer in file.answers)


class Tally(NamedTuple):
    """Points and verdicts, added up.

    >>> Tally.of(()).line()
    '0 of 0 points'
    """

    points: int
    most: int
    counts: dict[str, int]
    """Every verdict of VERDICTS -> how many answers have it."""

    @classmethod
    def of(cls, files: Iterable[FileRecord]) -> Tally:
        """The sum over ``files``."""
        points = most = 0
        counts = dict.fromkeys(VERDICTS, 0)
        for file in files:
            points += file.points
            most += file.of
            for answer in file.answers:
                counts[answer.verdict] += 1
        return cls(points, most, counts)

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        counts = {verdict: self.counts[verdict] + other.counts[verdict] for verdict in VERDICTS}
        return Tally(self.points + other.points, self.most + other.most, counts)

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
        found = f"{self.points} of {self.most} points"
        for verdict in VERDICTS:
            count = self.counts[verdict]
            found += f", {count} {verdict}" if count else ""
        return found


def answer_record(checked: Checked, points: int, line: int | None = None) -> AnswerRecord:
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


# -- plain data, for JSON -------------------------------------------------------------


def student_dict(student: StudentRecord) -> dict[str, Any]:
    """A student's record as plain data; ``student_record`` reads it."""
    return {
        "student": student.name,
        "folder": student.folder,
        "files": [file_dict(file) for file in student.files],
        "strays": [stray._asdict() for stray in student.strays],
        "ids": dict(student.ids),
    }


def student_record(data: Mapping[str, Any]) -> StudentRecord:
    """The record that ``student_dict`` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    strays = tuple(Stray(_name(stray["path"]), _name(stray["why"])) for stray in data["strays"])
    files = tuple(map(file_record, data["files"]))
    ids = tuple((_name(kind), _name(value)) for kind, value in data.get("ids", {}).items())
    return StudentRecord(_name(data["student"]), _name(data["folder"]), files, strays, ids)


def file_dict(file: FileRecord) -> dict[str, Any]:
    """A file's record as plain data."""
    return {**file._asdict(), "answers": [_answer_dict(answer) for answer in file.answers]}


def file_record(data: Mapping[str, Any]) -> FileRecord:
    """The record that ``file_dict`` wrote."""
    return FileRecord(
        _name(data["exercise"]), _name(data["title"]), _name(data["path"]), _text(data["status"]),
        _name(data["reason"]), _text(data["details"]), tuple(map(_name, data["notes"])),
        tuple(map(_answer, data["answers"])),
    )  # fmt: skip


def _answer_dict(answer: AnswerRecord) -> dict[str, Any]:
    found = answer._asdict()
    if answer.witness is not None:
        found["witness"] = answer.witness._asdict()
        if not answer.witness.entry:
            del found["witness"]["entry"]
    return found


def _answer(data: Mapping[str, Any]) -> AnswerRecord:
    witness = data["witness"]
    verdict, points, of = _text(data["verdict"]), int(data["points"]), int(data["of"])
    if verdict not in VERDICTS or points not in (0, of) or (points and verdict != RIGHT):
        raise ValueError(f"{points} of {of} points for {verdict}")
    return AnswerRecord(
        _text(data["table"]), _text(data["key"]), verdict, points, of, int(data["line"]),
        _text(data["answer"]), bool(data["carried"]),
        None if data["mistake"] is None else _text(data["mistake"]), _text(data["words"]),
        None if witness is None else _evidence(witness),
        tuple(tuple(map(_text, names)) for names in data.get("explained", ())),
    )  # fmt: skip


def _evidence(data: Mapping[str, Any]) -> Evidence:
    at = {_text(name): _value(value, _MOST_AXES) for name, value in data["at"].items()}
    return Evidence(at, _number(data["yours"]), [int(place) for place in data.get("entry", ())])


def _value(value: Any, deep: int) -> Any:
    """A number, or nested lists of them."""
    if isinstance(value, list) and deep:
        return [_value(entry, deep - 1) for entry in value]
    return _number(value)


def _number(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, float)) else _text(value)


def _name(value: Any) -> str:
    """A name, or a sentence, that must not become two rows."""
    return visible_name(_text(value))


def _text(value: Any) -> str:
    """Text from a file, made safe again: a report to be merged may have been written by anybody."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} for text")
    return visible(value)
