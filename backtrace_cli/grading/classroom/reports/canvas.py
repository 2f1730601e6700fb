"""Canvas's gradebook as its import takes it: people matched by their number there, points as they are."""

from __future__ import annotations

import csv
from typing import IO

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.downloads.systems import CANVAS
from backtrace_cli.grading.classroom.record_words import amount, cell, stem, total
from backtrace_cli.grading.classroom.records import StudentRecord
from backtrace_cli.grading.classroom.reports import Format

__all__ = ["FORMAT"]


def _write(book: Gradebook, file: IO[str]) -> None:
    rows = csv.writer(file, lineterminator="\n")
    titles = [title for column in CANVAS.columns.values() for title in column]
    tasks = [book.assignment] if book.assignment else [stem(column.exercise) for column in book.columns]
    rows.writerow([*titles, *map(cell, tasks)])
    most = [column.of for column in book.columns]
    # Canvas looks for these words; its own exports have the four blanks before them, too.
    possible = [sum(most)] if book.assignment else most
    rows.writerow(["    Points Possible", *[""] * (len(titles) - 1), *map(amount, possible)])
    for student in book.students():
        points = [file.points for file in student.files]
        earned = [total(student)[0]] if book.assignment else points
        rows.writerow([*_who(student), *map(amount, earned)])


def _who(student: StudentRecord) -> list[str]:
    """The columns about a person; who has no number of Canvas's goes by login, or else by name."""
    ids = dict(student.ids)
    known = {"name": ids.get("name") or student.name, "id": ids.get(CANVAS.name, ""),
             "login": ids.get("login", ""), "group": ids.get("group", "")}  # fmt: skip
    if not known["id"] and not known["login"]:
        known["login"] = student.folder
    return [cell(known.get(kind, "")) for kind in CANVAS.columns]


FORMAT = Format("Canvas's gradebook, to be imported there", _write)
