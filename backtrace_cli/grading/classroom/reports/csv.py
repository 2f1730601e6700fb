"""A grade book for a spreadsheet: a row a student, a column an exercise."""

from __future__ import annotations

import csv
from typing import IO

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import stem, summary
from backtrace_cli.grading.classroom.records import VERDICTS, Tally
from backtrace_cli.grading.classroom.reports import Format

__all__ = ["FORMAT"]

#: A spreadsheet takes a cell that begins so for a formula, and runs it.
_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "|", "%", "＝", "＋", "－", "＠")


def _write(book: Gradebook, file: IO[str]) -> None:
    rows = csv.writer(file, lineterminator="\n")
    exercises = [_safe(stem(column.exercise)) for column in book.columns]
    rows.writerow(["student", "points", "of", "percent", *exercises, *VERDICTS, "remarks"])
    for student in book.students():
        tally = Tally.of(student.files)
        percent = f"{100 * tally.points / tally.most:.1f}" if tally.most else ""
        rows.writerow([
            _safe(student.name), tally.points, tally.most, percent,
            *(file.points for file in student.files),
            *(tally.counts[verdict] for verdict in VERDICTS), _safe("; ".join(summary(student))),
        ])  # fmt: skip


def _safe(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula.

    >>> _safe("=cmd|'/C calc'!A0")
    "'=cmd|'/C calc'!A0"
    """
    return f"'{text}" if text.lstrip().startswith(_ACTIVE) else text


FORMAT = Format("a row a student, for a spreadsheet", _write)
