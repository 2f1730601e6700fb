"""A list of students: one a line, or a column of a table."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.own_files import left_behind
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.grading.exercise.encoding import text_of
from backtrace_cli.grading.exercise.source import read_small
from backtrace_cli.runs.files.csv_rows import delimiter_of, rows_of

__all__ = ["Table", "list_text", "no_folder", "place_of", "read_students", "read_table"]

_MOST_BYTES, _MOST_STUDENTS, _MOST_NAME = 5_000_000, 20_000, 200
#: The column that is meant where nobody names one.
_COLUMN = "student"
_SHOWN = 8


class Table(NamedTuple):
    """A .csv file of people."""

    titles: list[str]
    rows: list[tuple[int, list[str]]]
    """Each with its line; as long as the titles."""


def read_students(path: str, column: str = "") -> list[str]:
    """The students in the file ``path``: one a line, or a column of a .csv file with a line of titles.

    ``column`` names it; without, it is the one called student, or the only one. Empty lines
    and, where there is one student a line, what begins with # are passed over. Raises
    BacktraceError for what can't be read, for what can't be the name of a folder, and where two
    would share one.
    """
    shown = visible_name(path)
    rows = _cells(path, column) if path.casefold().endswith(".csv") else _lines(path, column)
    found: list[str] = []
    seen: dict[str, int] = {}
    for line, raw in rows:
        name = unicodedata.normalize("NFC", raw.strip())
        if not name:
            continue
        problem = no_folder(name)
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


def no_folder(name: str) -> str:
    """Why ``name`` can't be a folder from which ``grade`` takes a student's name; nothing if it can."""
    if len(name.encode("utf-8", "replace")) > _MOST_NAME:
        return f"is longer than {_MOST_NAME} bytes"
    if left_behind(name):
        return "can't be a student's folder: such files are passed over"
    if any(char in '/\\:*?"<>|' or not char.isprintable() for char in name) or name.endswith("."):
        return "can't be a folder: it ends in a dot, or has one of / \\ : * ? \" < > | in it"
    return ""


def list_text(path: str) -> str:
    """The text of a list of students. Raises BacktraceError."""
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
    for number, line in enumerate(list_text(path).splitlines(), 1):
        if not line.lstrip().startswith("#"):
            yield number, line


def read_table(path: str) -> Table:
    """The .csv file ``path``: its titles, and its rows that aren't empty. Raises BacktraceError."""
    text = list_text(path)
    lines = rows_of(visible_name(path), io.StringIO(text), delimiter_of(text.partition("\n")[0]))
    titles = [cell.strip() for cell in next(lines, (0, []))[1]]
    rows = []
    for line, row in lines:
        if any(cell.strip() for cell in row):
            cells = [cell.strip() for cell in row[: len(titles)]]
            rows.append((line, cells + [""] * (len(titles) - len(cells))))
    return Table(titles, rows)


def _cells(path: str, column: str) -> Iterator[tuple[int, str]]:
    """(line, student) of each row of a .csv file."""
    table = read_table(path)
    shown = visible_name(path)
    place = place_of(table.titles, column, shown)
    for line, row in table.rows:
        if not row[place]:
            hint = f"the column {visible(shorten(table.titles[place], 60))} is empty here"
            raise BacktraceError(f"{shown}, line {line}: there is no name in this row", hint=hint)
        yield line, row[place]


def place_of(titles: Sequence[str], column: str, shown: str) -> int:
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
