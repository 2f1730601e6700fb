"""A course handed out to a class: a folder for every student of a list, with their own statements in it."""

from __future__ import annotations

import csv
import os
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.own_files import left_behind
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.base.whole_file import whole_text
from backtrace_cli.grading.authoring.course_files import course_files
from backtrace_cli.grading.authoring.variants import handed_out, has_variants
from backtrace_cli.grading.exercise.encoding import text_of
from backtrace_cli.grading.exercise.exercise import read_exercise
from backtrace_cli.grading.exercise.source import read_small, read_source

__all__ = ["HandedOut", "hand_out", "read_students"]

_MOST_BYTES, _MOST_STUDENTS, _MOST_NAME = 5_000_000, 20_000, 200
#: The column that is meant where nobody names one.
_COLUMN = "student"
_SHOWN = 8


class HandedOut(NamedTuple):
    """What was written."""

    students: int
    exercises: int
    varied: int
    """In so many exercises each student has a statement of their own."""
    written: int
    same: int
    """So many files were there already, just as they would have been written."""


# -- the list ----------------------------------------------------------------------


def read_students(path: str, column: str = "") -> list[str]:
    """The students in the file ``path``: one a line, or a column of a .csv file with a line of titles.

    ``column`` names it; without, it is the one called student, or the only one. Empty lines
    and, where there is one student a line, what begins with # are passed over. Raises
    BacktraceError for what can't be read, for what can't be the name of a folder, and where two
    would share one.
    """
    shown = visible_name(path)
    rows = _table(path, column) if path.casefold().endswith(".csv") else _lines(path, column)
    found: list[str] = []
    seen: dict[str, int] = {}
    for line, raw in rows:
        name = unicodedata.normalize("NFC", raw.strip())
        if not name:
            continue
        problem = _no_folder(name)
        if problem:
            raise BacktraceError(f"{shown}, line {line}: {visible(shorten(name, 60))} {problem}",
                                 hint="a student's name becomes the name of a folder")  # fmt: skip
        same = seen.setdefault(name.casefold(), line)
        if same != line:
            raise BacktraceError(f"{shown}, line {line}: {visible(name)} stands in line {same} already",
                                 hint="two students need two names, and not only in capitals")  # fmt: skip
        found.append(name)
    if not found:
        raise BacktraceError(f"there are no students in {shown}", hint="write one name a line")
    if len(found) > _MOST_STUDENTS:
        raise BacktraceError(
            f"{shown} has more than {_MOST_STUDENTS:,} students", hint="is it the right file?"
        )
    return found


def _no_folder(name: str) -> str:
    """Why ``name`` can't be a folder from which ``grade`` takes a student's name; nothing if it can."""
    if len(name.encode("utf-8", "replace")) > _MOST_NAME:
        return f"is longer than {_MOST_NAME} bytes"
    if left_behind(name):
        return "can't be a student's folder: such files are passed over"
    if any(char in '/\\:*?"<>|' or not char.isprintable() for char in name) or name.endswith("."):
        return "can't be a folder: it ends in a dot, or has one of / \\ : * ? \" < > | in it"
    return ""


def _text(path: str) -> str:
    data = read_small(path, "the list", _MOST_BYTES, "is it the right file?")
    try:
        return text_of(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BacktraceError(
            f"{visible_name(path)}, line {line}: this is not UTF-8",
            hint="save the list as UTF-8; in a spreadsheet: CSV UTF-8",
        ) from None


def _lines(path: str, column: str) -> Iterator[tuple[int, str]]:
    if column:
        raise BacktraceError(f"--column is for .csv files, and {visible_name(path)} is none",
                             hint="leave it out: one student a line")  # fmt: skip
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.lstrip().startswith("#"):
            yield number, line


def _table(path: str, column: str) -> Iterator[tuple[int, str]]:
    """(line, student) of each row of a .csv file."""
    text = _text(path)
    title = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(keepends=True), delimiter=max(",;\t", key=title.count), strict=True)
    shown = visible_name(path)
    try:
        titles = [cell.strip() for cell in next(reader, [])]
        place = _place(titles, column, shown)
        for row in reader:
            if any(cell.strip() for cell in row):
                cell = row[place].strip() if place < len(row) else ""
                if not cell:
                    where = f"{shown}, line {reader.line_num}"
                    hint = f"the column {visible(shorten(titles[place], 60))} is empty here"
                    raise BacktraceError(f"{where}: there is no name in this row", hint=hint)
                yield reader.line_num, cell
    except csv.Error as error:
        raise BacktraceError(
            f"{shown}, line {reader.line_num}: this is no CSV: {error}",
            hint="save it again from a spreadsheet, or write one name a line",
        ) from None


def _place(titles: Sequence[str], column: str, shown: str) -> int:
    """Which column the students stand in."""
    folded = [title.casefold() for title in titles]
    wanted = (column or _COLUMN).strip().casefold()
    if folded.count(wanted) == 1:
        return folded.index(wanted)
    if not column and len(titles) == 1:
        return 0
    listed = ", ".join(visible(shorten(title, 30)) for title in titles[:_SHOWN]) or "none"
    if column:
        sort = "no column" if wanted not in folded else "two columns"
        raise BacktraceError(
            f"{shown} has {sort} {visible(shorten(column, 60))}", hint=f"its columns: {listed}"
        )
    raise BacktraceError(f"in which column of {shown} are the students?",
                         hint=f"say so with --column; there are {listed}")  # fmt: skip


# -- the files ---------------------------------------------------------------------


def hand_out(
    root: str, students: Sequence[str], folder: str, key: bytes = b"", force: bool = False
) -> HandedOut:
    """Write the exercises of ``root``, a course or one file, into ``folder``/student/…, for each student.

    A file that is there with the same text is left as it is; another one is an error before
    anything is written, unless ``force`` says that it may be replaced. Raises BacktraceError.
    """
    paths = course_files(root).exercises
    sources = [
        (os.path.basename(p) if p == root else os.path.relpath(p, root), read_source(p)) for p in paths
    ]
    for _, source in sources:
        read_exercise(source)  # nobody is handed what can't be opened
    plan: list[tuple[str, str]] = []
    same = varied = 0
    for name, source in sources:
        varied += has_variants(source)
        for student in students:
            target = os.path.join(folder, student, name)
            text = handed_out(source, student, key)
            if _holds(target, text):
                same += 1
                continue
            if os.path.lexists(target) and not force:
                raise BacktraceError(
                    f"{visible_name(target)} is there already, and is another file",
                    hint="choose another folder, or replace what is there with --force",
                )
            plan.append((target, text))
    for target, text in plan:
        _write(target, text)
    return HandedOut(len(students), len(sources), varied, len(plan), same)


def _holds(path: str, text: str) -> bool:
    """Is there a file at ``path`` with just this text?"""
    try:
        data = text.encode("utf-8")
        if os.path.getsize(path) != len(data):
            return False
        with open(path, "rb") as file:
            return file.read() == data
    except (OSError, ValueError):
        return False


def _write(target: str, text: str) -> None:
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with whole_text(target, newline="") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name can't be used").lower()
        raise BacktraceError(
            f"{visible_name(target)} can't be written: {reason}", hint="check the folder given with -o"
        ) from None
