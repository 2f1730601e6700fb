"""TAP 14: a line an answer, with what there is to say in a YAML block."""

from __future__ import annotations

import json
from typing import IO

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import label, sentence
from backtrace_cli.grading.classroom.records import AnswerRecord, FileRecord
from backtrace_cli.grading.classroom.reports import Format
from backtrace_cli.grading.judging.verdict import RIGHT

__all__ = ["FORMAT"]


def _write(book: Gradebook, file: IO[str]) -> None:
    file.write(f"TAP version 14\n1..{book.tally.answers}\n")
    number = 0
    for student in book.students():
        for one, answer in student.answers:
            number += 1
            _point(number, f"{student.name}: {label(one, answer)}", one, answer, file)


def _point(number: int, name: str, file: FileRecord, answer: AnswerRecord, out: IO[str]) -> None:
    out.write(f"{'ok' if answer.verdict == RIGHT else 'not ok'} {number} - {_escaped(name)}\n")
    if answer.verdict == RIGHT:
        return
    block: dict[str, object] = {
        "message": sentence(answer), "severity": "fail", "verdict": answer.verdict,
        "answer": answer.answer or None, "file": file.path or None, "line": answer.line or None,
        "mistake": answer.mistake,
    }  # fmt: skip
    out.write("  ---\n")
    for key, value in block.items():
        if value is not None:
            # JSON is YAML: a quoted string can end neither the line nor the block.
            out.write(f"  {key}: {json.dumps(value)}\n")
    out.write("  ...\n")


def _escaped(text: str) -> str:
    """``text`` as a description.

    TAP 14 escapes a number sign, but older readers take it for the start of a directive
    even so, and who is called ``x # SKIP`` would have nothing but skipped tests.

    >>> _escaped("a # SKIP")
    'a ＃ SKIP'
    """
    return " ".join(text.split()).replace("\\", "\\\\").replace("#", "＃")


FORMAT = Format("the Test Anything Protocol, version 14", _write)
