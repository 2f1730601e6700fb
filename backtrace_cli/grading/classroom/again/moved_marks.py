"""Two grade books of one class beside each other: whose marks move, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import amount, label, stem, total
from backtrace_cli.grading.classroom.records import AnswerRecord, StudentRecord
from backtrace_cli.grading.people.roster import folded

__all__ = ["Change", "Moved", "moved"]

_MOST_TEXT = 60


class Change(NamedTuple):
    """One answer that counts otherwise."""

    answer: str
    before: str
    after: str
    why: str


class Moved(NamedTuple):
    """A student whose mark moves."""

    student: str
    before: tuple[float, float] | None
    """(points, of); None for who wasn't there."""
    after: tuple[float, float] | None
    changes: tuple[Change, ...]


def moved(old: Gradebook, new: Gradebook) -> Iterator[Moved]:
    """Everybody whose points, or the points they could have, are others than they were."""
    digests = {column.exercise: column.digest for column in old.columns}
    mended = {column.exercise for column in new.columns
              if column.digest != digests.get(column.exercise, column.digest)}  # fmt: skip
    before = {folded(student.name): student for student in old.students()}
    for student in new.students():
        earlier = before.pop(folded(student.name), None)
        if earlier is None:
            yield Moved(student.name, None, total(student), ())
            continue
        changes = tuple(_changes(earlier, student, mended))
        if changes or total(earlier) != total(student):
            yield Moved(student.name, total(earlier), total(student), changes)
    yield from (Moved(student.name, total(student), None, ()) for student in before.values())


def _changes(old: StudentRecord, new: StudentRecord, mended: set[str]) -> Iterator[Change]:
    earlier = {label(file, answer): answer for file, answer in old.answers}
    for file, answer in new.answers:
        name = label(file, answer)
        was = earlier.pop(name, None)
        if was is None:
            yield Change(name, "", _points(answer), "it was not asked for before")
        elif (was.earned, was.of) != (answer.earned, answer.of):
            yield Change(name, _points(was), _points(answer), _why(was, answer, file.exercise, mended))
    for name, was in earlier.items():
        yield Change(name, _points(was), "", "it is not asked for any more")
    rules = set(new.mark.why if new.mark else ()) ^ set(old.mark.why if old.mark else ())
    for text in sorted(rules):
        gone = " (not any more)" if new.mark is None or text not in new.mark.why else ""
        yield Change("by the rules", "", "", f"{text}{gone}")


def _points(answer: AnswerRecord) -> str:
    return f"{amount(answer.earned)} of {amount(answer.of)}"


def _why(was: AnswerRecord, now: AnswerRecord, exercise: str, mended: set[str]) -> str:
    """Why an answer counts otherwise."""
    if was.correction != now.correction:
        made = now.correction
        if made is None:
            return "no longer put right by hand"
        return f"put right by {made.by}, {made.when}: {made.reason}"
    if was.answer != now.answer:
        return f"another answer: {_short(was)} before, {_short(now)} now"
    course = f"{stem(exercise)} was changed: " if exercise in mended else ""
    if was.verdict != now.verdict:
        words = f" ({now.words})" if now.words else ""
        return f"{course}the same answer, {_short(now)}, was {was.verdict} and is {now.verdict}{words}"
    return f"{course}it is worth {amount(now.of)}, and was worth {amount(was.of)}"


def _short(answer: AnswerRecord) -> str:
    return shorten(answer.answer, _MOST_TEXT) if answer.answer else answer.verdict
