"""A JSON report of ``backtrace grade`` read back a student at a time, however many there are.

The report puts each student on a line of its own, so no more than a line is in memory. One that some other
program has laid out anew is read whole, as long as it is not large.
"""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from backtrace_cli.base.whole_file import read_patiently

__all__ = ["Unreadable", "report_rows"]

#: Bytes of what stands before the students, of one student, and of a report that has to be read whole.
_MOST_HEAD, _MOST_ROW, _MOST_WHOLE = 50_000_000, 50_000_000, 200_000_000
_BEFORE = b' "students": ['
_AFTER = b" ]"


class Unreadable(ValueError):
    """It is no JSON report."""


@contextmanager
def report_rows(path: str) -> Iterator[tuple[dict[str, Any], Iterator[dict[str, Any]]]]:
    """What stands at the top of the report at ``path``, and its students one by one.

    Raises OSError and Unreadable, the latter also while students are read.
    """
    with _opened(path) as file:
        head = _head(file)
        if head is not None:
            yield head, _rows(file)
            return
        file.seek(0)
        text = file.read(_MOST_WHOLE + 1)
        data = _parsed(text) if len(text) <= _MOST_WHOLE else None
        if data is None or not isinstance(data.get("students"), list):
            raise Unreadable
        yield data, iter(data["students"])


def _opened(path: str) -> IO[bytes]:
    """The file; of a pipe, in which nobody can go back, what is written into it."""
    if stat.S_ISFIFO(os.stat(path).st_mode):
        return io.BytesIO(read_patiently(path, _MOST_WHOLE + 1))
    return open(path, "rb")


def _head(file: IO[bytes]) -> dict[str, Any] | None:
    """Everything before the students; None where they don't stand on lines of their own."""
    lines: list[bytes] = []
    size = 0
    while size < _MOST_HEAD:
        line = file.readline(_MOST_HEAD)
        if line.rstrip(b"\r\n") == _BEFORE:
            return _parsed(b"".join([*lines, _BEFORE, b"]}"]))
        if not line:
            return None
        lines.append(line)
        size += len(line)
    raise Unreadable


def _rows(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    while True:
        line = file.readline(_MOST_ROW)
        text = line.strip(b"\r\n")
        if text == _AFTER:
            if file.read(4).strip() != b"}":
                raise Unreadable
            return
        row = _parsed(text.removesuffix(b","))
        if row is None or not line.endswith(b"\n"):
            raise Unreadable
        yield row


def _parsed(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
