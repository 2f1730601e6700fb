"""The process in which students' files are judged, so that no file can take the grader down with it.

``backtrace grade`` starts it; it reads requests, a line of JSON each, and writes a record for every
file. Whatever surprises it ends it: what a half-done judgement left behind is never used again.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterable
from typing import IO, Any

from backtrace_cli.base.limits import confine
from backtrace_cli.grading.classroom.course import Statements, load_course
from backtrace_cli.grading.classroom.grade import grade_file
from backtrace_cli.grading.classroom.plain.record_data import file_dict

__all__ = ["serve"]

#: What one worker may take of memory, in bytes, where the system can hold it to that.
_MEMORY = 2_000_000_000


def serve(requests: Iterable[str], replies: IO[str]) -> None:
    """Answer ``requests`` until they end: first the course, then one student a line.

    Each file is answered by its record, or by the name of what went wrong, after which it ends.
    """
    source = iter(requests)
    setting = json.loads(next(source))
    course = load_course(setting["course"], tuple(setting["only"]))
    _reply(replies, {"course": course.digest})
    statements = Statements(course, bytes.fromhex(setting["key"]))
    try:
        for line in source:
            if not _serve(json.loads(line), statements, setting["limit"], replies):
                return
    finally:
        _watch(0)


def _serve(request: dict[str, Any], statements: Statements, limit: float, replies: IO[str]) -> bool:
    """One student, a reply a file; False where a file brought a surprise."""
    for name, paths in request["files"]:
        _watch(limit)
        try:
            task, kept = statements.of(name, request["student"])
            record = file_dict(grade_file(task, request["folder"], paths, kept))
        except Exception as error:
            _reply(replies, {"failed": type(error).__name__})
            return False
        _reply(replies, record)
    _watch(0)
    return True


def _reply(replies: IO[str], data: dict[str, Any]) -> None:
    replies.write(json.dumps(data) + "\n")
    replies.flush()


def _watch(limit: float) -> None:
    """End this process when it has computed for ``limit`` seconds, or is still there long after that.

    Computing is counted, not waiting: on a busy machine a file takes longer and is graded all the
    same. Where the system can't count it, the parent's clock has to do.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, limit)
        signal.setitimer(signal.ITIMER_REAL, 20 * limit)  # nobody may be left to stop it


def _main() -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing else may speak to the parent
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides about Ctrl-C
    confine(_MEMORY)
    sys.stdin.reconfigure(encoding="ascii")  # type: ignore[union-attr]
    serve(sys.stdin, replies)


if __name__ == "__main__":
    _main()
