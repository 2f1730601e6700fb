"""Gradescope's results.json: a test an answer, and what its student should read."""

from __future__ import annotations

import json
from typing import IO, Any

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import asked, passes, sentence, summary
from backtrace_cli.grading.classroom.records import AnswerRecord, FileRecord, StudentRecord, Tally
from backtrace_cli.grading.classroom.reports import Format
from backtrace_cli.grading.judging.verdict import RIGHT

__all__ = ["FORMAT"]


def _write(book: Gradebook, file: IO[str]) -> None:
    for student in book.students():
        json.dump(_results(student), file, ensure_ascii=False, allow_nan=False, indent=1)
        file.write("\n")


def _results(student: StudentRecord) -> dict[str, Any]:
    tally = Tally.of(student.files)
    tests = [
        _test(f"{place}.{number}", file, answer)
        for place, file in enumerate(student.files, 1)
        for number, answer in enumerate(file.answers, 1)
    ]
    return {
        "score": tally.points,  # what the tests add up to, said once more for a submission without any
        "output": "\n".join([tally.line(), *summary(student)]),
        "output_format": "text",  # what a student wrote is no HTML and no Markdown
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",  # one hidden test would hide the total
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def _test(number: str, file: FileRecord, answer: AnswerRecord) -> dict[str, Any]:
    told = answer.verdict != RIGHT or answer.carried or answer.correction
    found: dict[str, Any] = {
        "score": answer.earned,
        "max_score": answer.of,
        "status": "passed" if passes(answer) else "failed",
        "name": f"{file.title}: {asked(answer)}",
        "number": number,
        "output": sentence(answer) if told else "",
        "visibility": "visible",
    }
    if answer.mistake:
        found["tags"] = [answer.mistake]
    if answer.answer:
        found["extra_data"] = {"answer": answer.answer, "verdict": answer.verdict, "line": answer.line}
    return found


FORMAT = Format("Gradescope's results.json, of one student", _write, one=True)
