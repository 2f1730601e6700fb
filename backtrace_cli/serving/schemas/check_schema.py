"""The schema of ``backtrace check --json``."""

from __future__ import annotations

from typing import Any

from backtrace_cli.grading.judging.checked import BLANK, OWN, RIGHT, UNDECIDED, UNREADABLE, WRONG
from backtrace_cli.serving.schemas.schema_parts import ANSWER, TEXT, WHOLE, either, listed, record, schema

__all__ = ["VERDICTS", "check_schema"]

VERDICTS = {"enum": [RIGHT, WRONG, BLANK, UNREADABLE, UNDECIDED, OWN]}
_FILE = record(
    {
        "file": TEXT,
        "title": TEXT,
        "error": {"type": "null"},
        "right": WHOLE,
        "of": WHOLE,
        "points": {"type": "number"},
        "first_wrong": either({"type": "null"}, record({"table": TEXT, "key": TEXT})),
        "answers": listed(ANSWER),
    }
)
_BROKEN = record({"file": TEXT, "error": TEXT}, words="A file that can't be used.")


def check_schema() -> dict[str, Any]:
    """What ``backtrace check --json`` prints."""
    required = {
        "schema_version": {"const": 1},
        "right": WHOLE,
        "of": WHOLE,
        "files": listed(either(_FILE, _BROKEN)),
    }
    return schema("check", "The verdicts of backtrace check", record(required), {"verdict": VERDICTS})
