"""Everything, as one JSON document, a line a student; reports of shards in this form can be merged."""

from __future__ import annotations

import json
from typing import IO

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.reports import Format

__all__ = ["FORMAT"]


def _write(book: Gradebook, file: IO[str]) -> None:
    head = json.dumps(book.head(), ensure_ascii=False, allow_nan=False, indent=1)
    file.write(head.removesuffix("\n}") + ',\n "students": [')
    for number, row in enumerate(book.rows()):
        file.write((",\n" if number else "\n") + json.dumps(row, ensure_ascii=False, allow_nan=False))
    file.write("\n ]\n}\n")


FORMAT = Format("everything there is, for programs and for --merge", _write)
