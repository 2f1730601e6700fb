"""A file that TOML refuses, read without the lines that are broken: a slip costs its own answer alone."""

from __future__ import annotations

import re
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.exercise.question_keys import TABLES
from backtrace_cli.grading.exercise.source import Source

__all__ = ["Broken", "Salvaged", "salvaged"]

#: With more slips than this a file is given up.
_MOST_SLIPS = 20
_HEADER = re.compile(r"\s*\[\s*(\w+)\s*\]\s*(?:#.*)?")
_KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^=#"']*)\s*=""")
_QUOTES = "\"'“”„‟‘’‚‛«» \t"


class Broken(NamedTuple):
    """A line that can't be read."""

    line: int
    table: str
    """The table in which it stands; empty at the top of the file."""
    key: str
    """What stands before its ``=``; empty where there is none."""
    words: str


class Salvaged(NamedTuple):
    """What could be read of a file."""

    source: Source
    broken: tuple[Broken, ...] = ()


def salvaged(path: str, text: str) -> Salvaged:
    """``text`` as TOML, without its broken lines.

    Raises BacktraceError, about the first of them, where what is left has no answers, or where it isn't
    sure into which tables they belong.

    >>> found = salvaged("x.toml", '[values]\\na = "1\\nb = 2')
    >>> found.source.data, [(one.line, one.table, one.key) for one in found.broken]
    ({'values': {'b': 2}}, [(2, 'values', 'a')])
    """
    lines = text.split("\n")
    broken: list[Broken] = []
    first: BacktraceError | None = None
    while True:
        try:
            source = Source(path, "\n".join(lines))
            break
        except BacktraceError as error:
            first = first or error
            place = error.position()
            row = place[0] if place else 0
            if len(broken) >= _MOST_SLIPS or not 0 < row <= len(lines):
                raise first from None
            written = lines[row - 1]
            if not written.strip() or written.lstrip().startswith("["):
                raise first from None
            key = _KEY.match(written)
            table = next((t for n, t in reversed(_headers(lines)) if n < row), "")
            broken.append(Broken(row, table, key[1].strip(_QUOTES) if key else "", error.message))
            lines[row - 1] = ""
    if first is not None and not _sure(source, text.split("\n")):
        raise first
    return Salvaged(source, tuple(sorted(broken)))


def _headers(lines: list[str]) -> list[tuple[int, str]]:
    """(line, table) of every line that looks like a table's header."""
    found = ((number, _HEADER.fullmatch(line.rstrip("\r"))) for number, line in enumerate(lines, 1))
    return [(number, header[1]) for number, header in found if header]


def _sure(source: Source, lines: list[str]) -> bool:
    """Is every header of a table of answers one to TOML, too, and is there one?

    Where a quote was never closed, a header may have become part of a text.
    """
    headers = [(number, table) for number, table in _headers(lines) if table in TABLES]
    return bool(headers) and all(
        isinstance(source.data.get(table), dict) and source.line(table) == number for number, table in headers
    )
