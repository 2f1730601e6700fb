"""The columns of a CSV file as numbers; what is no number is told with its line and column."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import IO, Any, NamedTuple, NoReturn

from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tokens.lexer import normal_name
from backtrace_cli.runs.files.csv_rows import LONGEST, delimiter_of, rows_of
from backtrace_cli.runs.files.refusals import fail, need_room, size_of, unreadable

__all__ = ["Columns", "field_count", "not_a_number", "numbers_in", "plain_name", "read_columns"]

#: A number (a digit and a comma at least) becomes eight bytes, and twice that while the list grows.
_GROWTH = 8
#: So much of a file is looked at to guess its number of lines.
_SAMPLE = 1 << 16


def plain_name(title: str) -> str:
    """The name under which a formula knows a column: ``sepal length (cm)`` is sepal_length_cm.

    >>> plain_name(" sepal length (cm)"), plain_name("x₁")
    ('sepal_length_cm', 'x1')
    """
    title = normal_name(title.strip())
    return title if title.isidentifier() else re.sub(r"\W+", "_", title).strip("_")


class Columns(NamedTuple):
    """What stands in the columns of a CSV file."""

    header: list[str]
    names: list[str]
    """The columns of numbers that were asked for."""
    values: Any
    """Their numbers, a column each."""
    words: dict[str, list[str]]
    """The columns that hold words, as they were allowed to."""


def read_columns(path: str, needed: Collection[str] | None, wordy: Collection[str] = ()) -> Columns:
    """A CSV file's columns: those in ``needed``, or all; those in ``wordy`` may hold words in place of
    numbers, in every line. Raises PointError."""
    import numpy as np

    size = size_of(path)
    with _opened(path) as file:
        rows, header = _header(path, file, needed is None)
        _unrepeated(path, header, needed)
        wanted = [place for place, name in enumerate(header) if needed is None or name in needed]
        if size > _SAMPLE:
            need_room(path, size, _expected(path, size, len(wanted)))
        entries = array("d")
        count = 0
        words: dict[int, list[str]] = {}
        for line, row in rows:
            if not count and wordy and len(row) == len(header):
                words = {
                    p: [] for p in wanted if header[p] in wordy and row[p].strip() and not _is_number(row[p])
                }
                wanted = [place for place in wanted if place not in words]
            if len(row) != len(header):
                fail(f"{path}, line {line} has {field_count(len(row))}, and the header {len(header)}",
                      "every line has a number for each column, separated by commas")  # fmt: skip
            try:
                fields = [row[place] for place in wanted]
                entries.extend(map(float, fields))
            except ValueError:
                not_a_number(path, line, row, header, wanted)
            whole = "".join(
                fields
            )  # Python takes 1_0 and the digits of every script, which no data file means
            if ("_" in whole or not whole.isascii()) and not all(map(_is_number, fields)):
                not_a_number(path, line, row, header, wanted)
            for place, column in words.items():
                column.append(_word(path, line, row, header, place))
            count += 1
    if not count:
        fail(f"{path} has a header and no rows", "add the examples, a line each")
    values = (
        np.frombuffer(entries, dtype=float).reshape(count, len(wanted)) if wanted else np.empty((count, 0))
    )
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        place, which = bad[0]
        with _opened(path) as file:
            rows, _ = _header(path, file, needed is None)
            line = next(line for index, (line, _) in enumerate(rows) if index == place)
        shown = "nan" if np.isnan(values[place, which]) else "infinite"
        fail(f"{path}, line {line}, column {_title(header, wanted[which])} is {shown}",
              "leave the line out, or put a number there")  # fmt: skip
    names = [header[place] for place in wanted]
    return Columns(header, names, values, {header[place]: column for place, column in words.items()})


def _word(path: str, line: int, row: list[str], header: list[str], place: int) -> str:
    """The word in a column of words, on one line; a number, or nothing, is refused there."""
    text = " ".join(row[place].split())
    if not text or _is_number(text):
        told = (
            "is empty" if not text else f"{shorten(text, 24)} is a number, and the lines before it are words"
        )
        fail(f"{path}, line {line}, column {_title(header, place)}: {told}".replace(": is", " is"),
             "a column of classes holds words, or numbers 0, 1, 2, …, in every line")  # fmt: skip
    return text


def _opened(path: str) -> IO[str]:
    try:
        return open(path, encoding="utf-8-sig", newline="")
    except (OSError, ValueError) as error:
        unreadable(path, error)


def _header(path: str, file: IO[str], optional: bool) -> tuple[Iterator[tuple[int, list[str]]], list[str]]:
    """The rows below the header with their lines, and the header's names."""
    try:
        first = file.readline(LONGEST)
    except UnicodeDecodeError:
        fail(f"{path} is not text in UTF-8", "save it as UTF-8")
    if not first.strip():
        fail(f"{path} is empty" if not first else f"{path} begins with an empty line",
              "its first line holds the columns' names")  # fmt: skip
    delimiter = delimiter_of(first)
    file.seek(0)
    rows = rows_of(path, file, delimiter)
    _, titles = next(rows)
    if all(map(_is_number, titles)):
        if not optional:
            fail(f"{path} has no header: its first line is numbers",
                  "put the columns' names in its first line, separated by commas")  # fmt: skip
        file.seek(0)
        return rows_of(path, file, delimiter), [str(place + 1) for place in range(len(titles))]
    if not any(map(plain_name, titles)):
        fail(f"{path} names no columns", "its first line holds the columns' names, separated by commas")
    return rows, [plain_name(title) for title in titles]


def _unrepeated(path: str, header: list[str], needed: Collection[str] | None) -> None:
    """Refuse a header in which a column that is needed stands twice."""
    for place, name in enumerate(header):
        if needed is not None and name in needed and name in header[:place]:
            fail(f"{path} has two columns called {shorten(name, 24)}", "rename one of them")


def numbers_in(row: Collection[str]) -> bool:
    """Is every field of a row a number?"""
    return bool(row) and all(map(_is_number, row))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text and text.strip().isascii()


def not_a_number(
    path: str, line: int, row: list[str], header: list[str], wanted: Iterable[int],
    hint: str = "write classes as 0, 1, 2, …",
) -> NoReturn:  # fmt: skip
    """Refuse the first field of ``wanted`` that is no number."""
    place = next(place for place in wanted if not _is_number(row[place]))
    text, title = shorten(" ".join(row[place].split()), 24), _title(header, place)
    if not text:
        fail(f"{path}, line {line}: column {title} is empty", "leave the line out, or put a number there")
    if re.fullmatch(r"-?\d+,\d+", text):
        hint = "a decimal point is a dot: 1.5"
    fail(f"{path}, line {line}, column {title}: {text} is not a number", hint)


def _title(header: list[str], place: int) -> str:
    return f"{place + 1} ({shorten(header[place], 24)})" if header[place] != str(place + 1) else header[place]


def field_count(count: int) -> str:
    """``1 field``, ``3 fields``."""
    return "1 field" if count == 1 else f"{count} fields"


def _expected(path: str, size: int, columns: int) -> int:
    """The memory that the numbers of a CSV file will take, by the length of its first lines."""
    with open(path, "rb") as file:
        sample = file.read(_SAMPLE)
    lines = sample.count(b"\n")
    return 2 * 8 * columns * (size * lines // len(sample)) if lines > 1 else _GROWTH * size
