"""Moodle's grading worksheet, which its gradebook imports as well: points, and what a student should read."""

from __future__ import annotations

import csv
from typing import IO

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.downloads.systems import MOODLE
from backtrace_cli.grading.classroom.record_words import (
    amount,
    cell,
    label,
    passes,
    sentence,
    stem,
    summary,
    total,
)
from backtrace_cli.grading.classroom.records import StudentRecord, Tally
from backtrace_cli.grading.classroom.reports import Format

__all__ = ["FORMAT"]

#: Columns of the worksheet. Moodle looks for the identifier, the grade and the time of the last change.
_WORKSHEET = ("Status", "Grade", "Maximum Grade", "Grade can be changed", "Last modified (submission)",
              "Last modified (grade)", "Feedback comments")  # fmt: skip
_WHO = ("id", "name", "email", "login")
_MOST_WORDS = 3_000


def _write(book: Gradebook, file: IO[str]) -> None:
    rows = csv.writer(file, lineterminator="\n")
    exercises = [cell(stem(column.exercise)) for column in book.columns]
    rows.writerow([*(MOODLE.columns[kind][0] for kind in _WHO), *_WORKSHEET, *exercises])
    for student in book.students():
        tally = Tally.of(student.files)
        rows.writerow([
            *_who(student), "Submitted for grading", *map(amount, total(student)),
            "Yes", "", "", cell(_feedback(student, tally)),
            *(amount(file.points) for file in student.files),
        ])  # fmt: skip


def _who(student: StudentRecord) -> list[str]:
    ids = dict(student.ids)
    number = ids.get(MOODLE.name, "")
    known = {"id": f"Participant {number}" if number else "", "name": ids.get("name") or student.name,
             "email": ids.get("email", ""), "login": ids.get("login", "")}  # fmt: skip
    if not any((known["id"], known["email"], known["login"])):
        known["login"] = student.folder
    return [cell(known[kind]) for kind in _WHO]


def _feedback(student: StudentRecord, tally: Tally) -> str:
    """What went wrong, in the student's words; Moodle takes it for HTML, so nothing in it may be a tag."""
    told = [
        f"{label(file, answer)}: {sentence(answer)}" for file, answer in student.answers if not passes(answer)
    ]
    text = ". ".join([tally.line(), *summary(student), *told])
    text = text if len(text) <= _MOST_WORDS else f"{text[:_MOST_WORDS]} …"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FORMAT = Format("Moodle's grading worksheet, to be uploaded there", _write)
