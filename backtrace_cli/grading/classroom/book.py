"""The grade book of a class: every student's record in order, kept on disk, and the sums over them.

Reports read it as often as they like; a thousand students take no more memory than ten.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.grading.classroom.course import Course, chosen
from backtrace_cli.grading.classroom.plain.record_data import points_of, student_dict, student_record
from backtrace_cli.grading.classroom.records import (
    VERDICTS,
    FileRecord,
    Stray,
    StudentRecord,
    Tally,
)
from backtrace_cli.grading.classroom.shards.reading import Unreadable, report_rows

__all__ = ["SCHEMA", "Column", "Gradebook", "Shard", "merged", "narrowed", "open_book"]

#: The version of the JSON report. It only ever grows: fields are added, never changed.
SCHEMA = 1
_IN_MEMORY = 4_000_000
#: So many who have the same numbers are named.
_MOST_NAMED = 3


class Column(NamedTuple):
    """One exercise as the grade book has it."""

    exercise: str
    title: str
    answers: int
    of: float
    """Points to be had."""
    digest: str = ""
    """Of the exercise's file, to see whether it was changed."""


class Shard(NamedTuple):
    """Which part of a class this is: every ``of``-th student, from the ``number``-th on (from 1)."""

    number: int
    of: int


class _Head(NamedTuple):
    """What a JSON report says before its students."""

    root: str
    digest: str
    columns: tuple[Column, ...]
    strays: tuple[Stray, ...]
    shard: Shard


class Gradebook:
    """The grades of a class, or of a shard of it, to be used in a ``with`` statement."""

    def __init__(
        self, root: str, digest: str, columns: Sequence[Column], strays: Sequence[Stray] = (),
        shard: Shard = Shard(1, 1),  # noqa: B008
    ) -> None:  # fmt: skip
        self.root = root
        """The submissions' folder as seen from where the command was run."""
        self.digest = digest
        self.columns = tuple(columns)
        self.strays = tuple(strays)
        self.shard = shard
        self.assignment = ""
        """What a learning platform calls all of it; empty where each exercise is a task of its own there."""
        self.marked = False
        """Have its students marks by a teacher's rules?"""
        self.tally = Tally.of(())
        self.exercises = {column.exercise: Tally.of(()) for column in columns}
        self.mistakes: dict[str, Counter[str]] = {column.exercise: Counter() for column in columns}
        self._spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        # Where each student stands in the class, and in the spool: bare numbers, as there may be many.
        self._positions, self._starts = array("q"), array("q")
        self._owners: dict[tuple[str, str], list[str]] = {}

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *why: object) -> None:
        self._spool.close()

    def add(self, position: int, student: StudentRecord) -> None:
        """Enter a student, who stands at ``position``; the order of entering doesn't matter."""
        line = json.dumps(student_dict(student), ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.marked = self.marked or student.mark is not None
        self._spool.seek(0, 2)
        self._positions.append(position)
        self._starts.append(self._spool.tell())
        self._spool.write(line + b"\n")
        for file in student.files:
            self._count(file)
            owners = self._owners.setdefault((file.exercise, file.variant), []) if file.variant else []
            if len(owners) <= _MOST_NAMED:
                owners.append(student.name)

    def _count(self, file: FileRecord) -> None:
        tally = Tally.of([file])
        self.tally = self.tally.plus(tally)
        self.exercises[file.exercise] = self.exercises[file.exercise].plus(tally)
        self.mistakes[file.exercise].update(a.mistake for a in file.answers if a.mistake is not None)

    def whose(self, student: StudentRecord) -> Iterator[tuple[FileRecord, list[str]]]:
        """Files in which all that is wrong is right for the numbers of others in this book, and who they are.

        A fact for the teacher, and in no student's own report. A few are named.
        """
        for file in student.files:
            names = [name for variant in file.fits for name in self._owners.get((file.exercise, variant), ())]
            if names:
                yield file, names[:_MOST_NAMED]

    def __len__(self) -> int:
        return len(self._positions)

    def students(self) -> Iterator[StudentRecord]:
        """Every student in order."""
        return map(student_record, self.rows())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every student in order, as plain data."""
        positions = self._positions
        for place in sorted(range(len(positions)), key=positions.__getitem__):
            self._spool.seek(self._starts[place])
            yield json.loads(self._spool.readline().decode("utf-8", "surrogatepass"))

    @property
    def positions(self) -> list[int]:
        """Where the students stand in the whole class."""
        return sorted(self._positions)

    @property
    def finished(self) -> bool:
        """Is every answer of every student right?"""
        return self.tally.finished

    def head(self) -> dict[str, Any]:
        """Everything but the students, as plain data."""
        return {
            "schema_version": SCHEMA,
            "report": "grades",
            "root": self.root,
            "shard": self.shard._asdict(),
            "course": {"digest": self.digest, "exercises": [column._asdict() for column in self.columns]},
            "points": self.tally.points,
            "of": self.tally.most,
            "verdicts": {verdict: self.tally.counts[verdict] for verdict in VERDICTS},
            "strays": [stray._asdict() for stray in self.strays],
        }


def open_book(course: Course, root: str, strays: Sequence[Stray], shard: Shard) -> Gradebook:
    """An empty grade book for ``course``."""
    columns = [
        Column(task.name, visible(task.exercise.title), len(task.questions), task.of, task.digest)
        for task in course.tasks
    ]  # fmt: skip
    return Gradebook(root, course.digest, columns, strays, shard)


def merged(paths: Sequence[str]) -> Gradebook:
    """The JSON reports of all shards of a class as the grade book of the whole, a student at a time.

    Raises BacktraceError where a file is no such report, the courses differ, or a shard is
    missing or comes twice.
    """
    heads = [_head(path) for path in paths]
    first = heads[0]
    for path, head in zip(paths, heads, strict=True):
        shown, other = visible_name(path), visible_name(paths[0])
        if (head.digest, head.columns) != (first.digest, first.columns):
            raise BacktraceError(f"{shown} is about another course than {other}",
                                 hint="merge reports of one run")  # fmt: skip
        if (head.shard.of, head.root, head.strays) != (first.shard.of, first.root, first.strays):
            raise BacktraceError(f"{shown} is not a shard of the same run as {other}",
                                 hint="merge reports of one run")  # fmt: skip
    of = first.shard.of
    numbers = sorted(head.shard.number for head in heads)
    if numbers != list(range(1, of + 1)):
        shown = ", ".join(f"{number}/{of}" for number in numbers)
        raise BacktraceError(f"these are the shards {shown}", hint=f"give each of the {of} shards once")
    whole = Gradebook(first.root, first.digest, first.columns, first.strays)
    names: set[str] = set()
    with ExitStack() as unfinished:
        unfinished.enter_context(whole)
        for path, head in zip(paths, heads, strict=True):
            for place, student in enumerate(_students(path, head)):
                if student.name in names:
                    raise BacktraceError(f"{student.name} comes twice", hint="merge reports of one run")
                names.add(student.name)
                whole.add(place * of + head.shard.number - 1, student)
        unfinished.pop_all()
    return whole


def narrowed(book: Gradebook, only: Sequence[str], student: str) -> Gradebook:
    """``book`` with the exercises that ``only`` names and with ``student`` alone; with all where empty.

    Raises BacktraceError where there is no such exercise or student.
    """
    if not only and not student:
        return book
    wanted = visible_name(student)
    with book:
        columns = [c for c in book.columns if not only or any(chosen(c.exercise, one) for one in only)]
        if not columns:
            raise BacktraceError(f"no exercise in these reports fits {', '.join(map(visible_name, only))}")
        names = [one.name for one in book.students()]
        if student and wanted not in names:
            raise BacktraceError(f"there is no student {wanted} in these reports",
                                 hint=nearest_of(wanted, names, "there are"))  # fmt: skip
        kept = {column.exercise for column in columns}
        found = Gradebook(book.root, book.digest, columns, () if student else book.strays, book.shard)
        for position, one in zip(book.positions, book.students(), strict=True):
            if not student or one.name == wanted:
                found.add(position, one._replace(files=tuple(f for f in one.files if f.exercise in kept)))
    return found


def _head(path: str) -> _Head:
    """What a JSON report says before its students."""
    try:
        with report_rows(path) as (data, _):
            if data["report"] != "grades" or data["schema_version"] != SCHEMA:
                raise Unreadable
            columns = [
                Column(
                    visible(c["exercise"]),
                    visible(c["title"]),
                    int(c["answers"]),
                    points_of(c["of"]),
                    visible(c.get("digest", "")),
                )
                for c in data["course"]["exercises"]
            ]
            strays = [Stray(visible_name(s["path"]), visible(s["why"])) for s in data["strays"]]
            shard = Shard(int(data["shard"]["number"]), int(data["shard"]["of"]))
            root, digest = visible_name(data["root"]), visible(data["course"]["digest"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_report(path, error) from None
    return _Head(root, digest, tuple(columns), tuple(strays), shard)


def _students(path: str, head: _Head) -> Iterator[StudentRecord]:
    """The students of a JSON report that says ``head`` before them."""
    exercises = [column.exercise for column in head.columns]
    try:
        with report_rows(path) as (_, rows):
            for row in rows:
                student = student_record(row)
                if [file.exercise for file in student.files] != exercises:
                    raise Unreadable
                yield student
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _no_report(path, error) from None


def _no_report(path: str, error: Exception) -> BacktraceError:
    shown = visible_name(path)
    if isinstance(error, OSError):
        return BacktraceError(f"{shown} can't be read: {(error.strerror or 'no reason given').lower()}")
    return BacktraceError(f"{shown} is not a JSON report of backtrace grade",
                          hint="make it with --report json=FILE")  # fmt: skip
