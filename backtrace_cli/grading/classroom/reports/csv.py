"""A grade book for a spreadsheet: a row a student, a column an exercise."""

from __future__ import annotations

import csv
from typing import IO

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import cell, elsewhere, stem, summary, total
from backtrace_cli.grading.classroom.records import VERDICTS, StudentRecord, Tally
from backtrace_cli.grading.classroom.reports import Format

__all__ = ["FORMAT"]


def _write(book: Gradebook, file: IO[str]) -> None:
    rows = csv.writer(file, lineterminator="\n")
    exercises = [cell(stem(column.exercise)) for column in book.columns]
    mark = ["mark", "mark of"] if book.marked else []
    rows.writerow(["student", "points", "of", "percent", *mark, *exercises, *VERDICTS, "remarks"])
    for student in book.students():
        tally = Tally.of(student.files)
        percent = f"{100 * tally.points / tally.most:.1f}" if tally.most else ""
        rows.writerow([
            cell(student.name), tally.points, tally.most, percent, *(total(student) if mark else ()),
            *(file.points for file in student.files),
            *(tally.counts[verdict] for verdict in VERDICTS), cell("; ".join(_remarks(book, student))),
        ])  # fmt: skip


def _remarks(book: Gradebook, student: StudentRecord) -> list[str]:
    return [*summary(student), *(elsewhere(file, names) for file, names in book.whose(student))]


FORMAT = Format("a row a student, for a spreadsheet", _write)
