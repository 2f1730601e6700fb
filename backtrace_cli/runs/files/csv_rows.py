"""The rows of a CSV file: the one reader, for columns of numbers and for lists of people."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from backtrace_cli.runs.files.refusals import fail

__all__ = ["LONGEST", "delimiter_of", "rows_of"]

#: A line is not longer than so many characters: with a hundred thousand columns it is a tenth of this.
LONGEST = 10_000_000


def delimiter_of(header: str) -> str:
    """What stands between the columns, by the line of their titles: a comma, a semicolon or a tab.

    >>> delimiter_of("name;login, or mail;group")
    ';'
    """
    return max(",;\t", key=header.count)


def rows_of(path: str, file: IO[str], delimiter: str, remark: str = "") -> Iterator[tuple[int, list[str]]]:
    """Each line that is not empty, with its number; without what stands behind a ``remark`` sign."""
    lines = _lines(path, file)
    if remark:
        lines = (line.partition(remark)[0].strip() for line in lines)
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except UnicodeDecodeError:
        fail(f"{path} is not text in UTF-8", "save it as UTF-8")
    except csv.Error as error:
        fail(f"{path}, line {reader.line_num} can't be read: {error}", "check its quotes and commas")


def _lines(path: str, file: IO[str]) -> Iterator[str]:
    """The lines of a file; none so long that it would fill the memory."""
    count = 0
    while line := file.readline(LONGEST):
        count += 1
        if len(line) == LONGEST:
            fail(f"{path}, line {count} is longer than {LONGEST:,} characters", "is it the right file?")
        yield line
