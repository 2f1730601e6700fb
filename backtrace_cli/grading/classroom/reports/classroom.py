"""The result of a grading step in GitHub Classroom, of one student."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from io import StringIO
from math import gcd
from typing import IO, Any

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.records import UNGRADED, AnswerRecord, FileRecord, StudentRecord
from backtrace_cli.grading.classroom.reports import Format
from backtrace_cli.grading.classroom.reports._words import label, passes, sentence
from backtrace_cli.grading.judging.verdict import RIGHT, UNDECIDED, UNREADABLE

__all__ = ["FORMAT"]

#: With more parts than this, answers of different worth are one test each after all.
_MOST_TESTS = 2_000


def _write(book: Gradebook, file: IO[str]) -> None:
    for student in book.students():
        json.dump(_result(student), file, ensure_ascii=False, allow_nan=False, indent=1)
        file.write("\n")


def _output(book: Gradebook) -> None:
    """Hand the result to the next step, which the runner reads from a file that it names."""
    path = os.environ.get("GITHUB_OUTPUT")
    if path and len(book) == 1:
        text = StringIO()
        _write(book, text)
        result = base64.b64encode(text.getvalue().encode()).decode("ascii")
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"result={result}\n")


def _result(student: StudentRecord) -> dict[str, Any]:
    cells = [(file, answer) for file, answer in student.answers if answer.of]
    unit = gcd(*(answer.of for _, answer in cells)) or 1
    if sum(answer.of for _, answer in cells) // unit > _MOST_TESTS:
        unit = 0
    tests = [test for file, answer in cells for test in _tests(file, answer, unit)]
    statuses = {test["status"] for test in tests}
    status = "error" if "error" in statuses else "fail" if "fail" in statuses else "pass"
    most = sum(answer.of for _, answer in cells)
    return {"version": 1, "status": status, "max_score": most, "tests": tests}


def _tests(file: FileRecord, answer: AnswerRecord, unit: int) -> Iterator[dict[str, Any]]:
    """One test for each ``unit`` of points: the console counts tests and Classroom adds up scores,
    so that they agree only where every test is worth the same."""
    parts = answer.of // unit if unit else 1
    for part in range(1, parts + 1):
        yield {
            "name": label(file, answer) + (f" ({part} of {parts})" if parts > 1 else ""),
            "status": _status(answer),
            "message": None if answer.verdict == RIGHT else sentence(answer),
            "test_code": f"{answer.key} = {answer.answer or '(blank)'}",
            "filename": file.path,
            "line_no": answer.line,
            "score": answer.points // parts,
            "execution_time": None,
        }


def _status(answer: AnswerRecord) -> str:
    if passes(answer):
        return "pass"
    return "error" if answer.verdict in (UNGRADED, UNREADABLE, UNDECIDED) else "fail"


FORMAT = Format("GitHub Classroom's result, of one student", _write, one=True, env=_output)
