"""Classroom 50's result.json, of one student; its runner says by the environment whose and of what."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import UTC, datetime
from fractions import Fraction
from math import lcm
from typing import IO, Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import label, passes, sentence
from backtrace_cli.grading.classroom.records import AnswerRecord, FileRecord, StudentRecord
from backtrace_cli.grading.classroom.reports import Format
from backtrace_cli.grading.judging.verdict import RIGHT

__all__ = ["FORMAT"]

#: Field of the result -> the variables that may hold it, the first that is set. The owner of the
#: repository is who is graded: whoever pushed may be a teacher or another member of the group.
_FIELDS = {
    "classroom": ("CLASSROOM",),
    "assignment": ("ASSIGNMENT",),
    "assignment_type": ("ASSIGNMENT_TYPE",),
    "owner": ("OWNER", "USERNAME"),
    "submission": ("SUBMISSION_TAG",),
    "commit": ("COMMIT_URL",),
    "release": ("RELEASE_URL",),
    "review": ("REVIEW_URL", "COMMIT_URL"),
}
_KINDS = ("individual", "group")


def _context() -> dict[str, str]:
    """What the runner says. Raises BacktraceError where it says too little, as a result needs all of it."""
    found = {field: next((os.environ[name] for name in names if os.environ.get(name)), "")
             for field, names in _FIELDS.items()}  # fmt: skip
    found["assignment_type"] = found["assignment_type"] or "individual"
    absent = [_FIELDS[field][0] for field, value in found.items() if not value]
    if absent:
        raise BacktraceError(
            f"classroom50 needs {', '.join(absent)} in the environment",
            hint="Classroom 50's runner sets it; docs/ci/classroom50/autograder.py shows how",
        )
    if not found["submission"].startswith("submit/"):
        raise BacktraceError("SUBMISSION_TAG has to begin with submit/", hint="write submit/2026-09-01T10-00")
    if found["assignment_type"] not in _KINDS:
        raise BacktraceError(f"ASSIGNMENT_TYPE is one of {', '.join(_KINDS)}", hint="write individual")
    return found


def _when() -> str:
    """The commit's time in UTC, by git; now, where there is no commit. The runner sets it once more."""
    try:
        told = subprocess.run(["git", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
                               "show", "--no-patch", "--format=%ct", "HEAD"],
                              capture_output=True, text=True, timeout=20, check=False).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        told = ""
    seconds = int(told) if re.fullmatch(r"\d{1,11}\s*", told) else None
    time = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(book: Gradebook, file: IO[str]) -> None:
    context = {"schema": "classroom50/result/v1", **_context(), "datetime": _when()}
    for student in book.students():
        json.dump({**context, **_scores(student)}, file, ensure_ascii=False, allow_nan=False, indent=1)
        file.write("\n")


def _scores(student: StudentRecord) -> dict[str, Any]:
    """Whole numbers alone: where points have halves, all are multiplied by one factor, which tests say."""
    cells = list(student.answers)
    factor = lcm(
        *(Fraction(str(worth)).denominator for _, answer in cells for worth in (answer.earned, answer.of))
    )
    tests = [_test(file, answer, factor) for file, answer in cells]
    return {
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _test(file: FileRecord, answer: AnswerRecord, factor: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "test-name": label(file, answer),
        "passed": passes(answer),
        "score": round(answer.earned * factor),
        "max-score": round(answer.of * factor),
        "verdict": answer.verdict,
    }
    if answer.verdict != RIGHT or answer.carried or answer.correction:
        found["output"] = sentence(answer)
    if file.path:
        found["file"], found["line"] = file.path, answer.line
    if factor > 1:
        found["factor"] = factor
    return found


FORMAT = Format("Classroom 50's result.json, of one student", _write, one=True, ready=_context)
