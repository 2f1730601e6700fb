"""GitHub Actions: annotations at the lines of the files, and everything in the step's summary."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import asked, counted, missing, passes, sentence
from backtrace_cli.grading.classroom.records import GRADED, MISSING, UNGRADED, StudentRecord
from backtrace_cli.grading.classroom.reports import Format
from backtrace_cli.grading.classroom.reports.markdown import lines
from backtrace_cli.grading.judging.verdict import UNREADABLE, WRONG

__all__ = ["FORMAT"]

#: GitHub shows this many annotations of each kind in a step, and this many bytes of a summary.
_SHOWN, _MOST_SUMMARY = 10, 1_000_000


def _write(book: Gradebook, file: IO[str]) -> None:
    """The annotations: errors for what is wrong or can't be read, warnings for the rest."""
    told = {"error": 0, "warning": 0}
    for student in book.students():
        for kind, properties, message in _annotations(book, student):
            told[kind] += 1
            if told[kind] <= _SHOWN:
                named = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
                file.write(f"::{kind} {named}::{_data(message)}\n")
    hidden = sum(max(0, count - _SHOWN) for count in told.values())
    more = f"; {counted(hidden, 'more remark')} in the step's summary" if hidden else ""
    file.write(f"::notice title=backtrace::{_data(f'{book.tally.line()}{more}')}\n")


def _annotations(book: Gradebook, student: StudentRecord) -> Iterator[tuple[str, dict[str, str], str]]:
    """(kind, where, what) of everything that deserves a word."""
    if gap := missing(student):
        yield "warning", {"file": _path(book, student, ""), "title": student.name}, gap
    for file in student.files:
        if file.status == MISSING:
            continue
        path = _path(book, student, file.path) if file.path else ""
        name = f"{student.name}: {file.title}"
        if file.status != GRADED:
            yield "error", {"file": path, "title": name}, f"{file.exercise}: {file.status}: {file.details}"
            continue
        for answer in file.answers:
            if not passes(answer):
                kind = "error" if answer.verdict in (WRONG, UNREADABLE, UNGRADED) else "warning"
                line = str(answer.line) if answer.line else ""
                where = {"file": path, "line": line, "title": f"{name}, {asked(answer)}"}
                yield kind, where, sentence(answer)
        for note in file.notes:
            yield "warning", {"file": path, "title": name}, note


def _path(book: Gradebook, student: StudentRecord, path: str) -> str:
    folder = [part for part in (book.root, student.folder, path) if part not in ("", ".")]
    return "/".join(folder)


def _summary(book: Gradebook) -> None:
    """Append the Markdown page to the step's summary, which the runner reads from a file that it names."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    try:
        with open(path, "ab") as file:
            room = _MOST_SUMMARY - file.tell()
            for line in lines(book):
                data = f"{line}\n".encode("utf-8", "replace")
                if len(data) > room - 100:
                    file.write("\n… the rest is left out, as GitHub takes no more.\n".encode())
                    break
                file.write(data)
                room -= len(data)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise BacktraceError(f"{visible(path)} can't be written: {reason}") from None


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMAT = Format("annotations and a step summary in GitHub Actions", _write, env=_summary)
