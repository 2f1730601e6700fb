"""Reports written to files: whole or not at all, one for the class or one for each student."""

from __future__ import annotations

import os
import sys
from typing import IO

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.whole_file import special, whole_text
from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.course import Course
from backtrace_cli.grading.classroom.records import StudentRecord
from backtrace_cli.grading.classroom.reports import Format, find_format

__all__ = ["Wanted", "folder_name", "wanted", "write_report"]

#: Where this stands in a path, each student gets a file of their own.
_STUDENT = "{student}"
#: What stands in no file's name on one system or another; and characters, which are bytes at last.
_NO_NAME, _MOST_NAME = set('/\\:*?"<>|') if sys.platform == "win32" else set("/\\"), 60


class Wanted:
    """A report that was asked for: ``NAME``, ``NAME=PATH``, ``NAME=-`` for standard output.

    Raises BacktraceError where there is no such report.
    """

    def __init__(self, text: str) -> None:
        name, _, path = text.partition("=")
        self.name = name
        self.format: Format = find_format(name)
        self.path = "" if path == "-" else path

    def check(self, students: int) -> None:
        """Refuse what this report can't be about, or can't be made from, before anything is graded."""
        if self.format.one and students > 1 and _STUDENT not in self.path:
            raise BacktraceError(
                f"a {self.name} report is about one student, and there are {students}",
                hint=f"write --report {self.name}=PATH with {_STUDENT} in PATH",
            )
        if self.format.ready is not None:
            self.format.ready()

    def place(self, course: Course | None = None) -> None:
        """Refuse to write where it would cost somebody's work: an exercise, a folder that isn't there."""
        shown = visible_name(self.path)
        if not self.path:
            return
        if self.path.casefold().endswith(".toml") or self._is_exercise(course):
            hint = f"give it a name of its own: --report {self.name}=grades.{self.name}"
            raise BacktraceError(f"{shown} is an exercise, which a report would replace", hint=hint)
        folder = os.path.dirname(self.path) or "."
        if _STUDENT not in self.path and not os.path.isdir(folder):
            raise BacktraceError(f"{shown} can't be written: there is no folder {visible_name(folder)}",
                                 hint="make the folder, or check its name")  # fmt: skip

    def _is_exercise(self, course: Course | None) -> bool:
        own = _real(self.path)
        return any(_real(task.original.path) == own for task in (course.tasks if course else ()))


def wanted(texts: tuple[str, ...]) -> list[Wanted]:
    """The reports that were asked for. Raises BacktraceError where two of them go to standard output."""
    found = [Wanted(text) for text in texts]
    if sum(not one.path for one in found) > 1:
        raise BacktraceError("only one report can go to standard output",
                             hint="give the others a file: --report junit=report.xml")  # fmt: skip
    paths = [_real(one.path) for one in found if one.path and not special(one.path)]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise BacktraceError(f"two reports can't both go to {visible_name(os.path.basename(twice))}",
                             hint="give each report a file of its own")  # fmt: skip
    return found


def write_report(report: Wanted, book: Gradebook, out: IO[str]) -> None:
    """Write ``report`` to its file (or files), or to ``out``. Raises BacktraceError where that fails."""
    try:
        if not report.path:
            report.format.write(book, out)
        elif _STUDENT in report.path:
            taken: set[str] = set()
            for student in book.students():
                with _alone(book, student) as alone:
                    _replace(report.path.replace(_STUDENT, _file_name(student, taken)), report.format, alone)
        else:
            _replace(report.path, report.format, book)
        if report.format.env is not None:
            report.format.env(book)
    except BrokenPipeError:
        raise  # nobody reads on
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise BacktraceError(
            f"{visible_name(report.path or 'the output')} can't be written: {reason}"
        ) from None
    except ValueError:  # a NUL in its name
        raise BacktraceError(
            f"{visible_name(report.path)} can't be written: its name can't be used"
        ) from None


def _real(path: str) -> str:
    """``path`` by the one name that a file has."""
    try:
        return os.path.realpath(path)
    except ValueError:  # a NUL in it
        return path


def _replace(path: str, form: Format, book: Gradebook) -> None:
    """Put a report at ``path`` when it is whole, so that nobody reads half of it."""
    if folder := os.path.dirname(path):
        os.makedirs(folder, exist_ok=True)
    with whole_text(path, errors="backslashreplace") as file:
        form.write(book, file)


def _file_name(student: StudentRecord, taken: set[str]) -> str:
    """The student's name as every file system takes it, and as nobody's in ``taken``, where it is entered."""
    name = folder_name(student.name)
    while name.casefold() in taken:
        name += "'"
    taken.add(name.casefold())
    return name


def folder_name(student: str) -> str:
    """``student`` as every file system takes it for a name.

    >>> folder_name("a/b"), folder_name("..")
    ('a%2Fb', '%2E%2E')
    """
    name = "".join(f"%{ord(char):02X}" if char in _NO_NAME else char for char in student)
    name = shorten(name, _MOST_NAME).strip() or "%20"
    return name.replace(".", "%2E") if set(name) == {"."} else name


def _alone(book: Gradebook, student: StudentRecord) -> Gradebook:
    """A grade book with this student alone."""
    alone = Gradebook(book.root, book.digest, book.columns)
    alone.add(0, student)
    return alone
