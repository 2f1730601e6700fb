"""What is graded already, so that an interrupted run goes on: a line a student, written as they are done.

A line is used again only for the same files, course, key and version; so a run that was killed and
went on gives the same bytes as one that wasn't.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from typing import Any

import backtrace_cli
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.whole_file import special
from backtrace_cli.grading.classroom.plain.record_data import student_dict, student_record
from backtrace_cli.grading.classroom.pool import Plan
from backtrace_cli.grading.classroom.records import StudentRecord
from backtrace_cli.grading.classroom.submission import Folder, collect
from backtrace_cli.grading.exercise.source import MOST_BYTES

__all__ = ["Journal"]

_SCHEMA = 1


class Journal:
    """The file ``path`` with the students of ``plan`` that are done, for a ``with`` statement.

    What a killed process left of a line is cut off. Raises BacktraceError for a file that is no
    journal, or one of another course, key or choice of exercises.
    """

    def __init__(self, path: str, plan: Plan) -> None:
        self.shown = visible_name(path)
        self.plan = plan
        self.names = [task.name for task in plan.course.tasks]
        self.head = {
            "journal": _SCHEMA, "version": backtrace_cli.__version__, "course": plan.course.digest,
            "only": list(plan.only), "limit": plan.limit, "key": hashlib.sha256(plan.key).hexdigest()[:16],
        }  # fmt: skip
        self.places: dict[str, int] = {}
        if os.path.exists(path) and special(path):
            raise BacktraceError(f"{self.shown} is no plain file", hint="--resume names a file of its own")
        try:
            self.file = open(path, "a+b")  # noqa: SIM115
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            raise BacktraceError(f"{self.shown} can't be used: {reason}") from None
        try:
            self._read()
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *why: object) -> None:
        with suppress(OSError):
            self.file.close()

    def _read(self) -> None:
        self.file.seek(0)
        end, first = 0, True
        while (line := self.file.readline()).endswith(b"\n"):
            if first:
                self._check(line)
            else:
                with suppress(ValueError, KeyError, TypeError):
                    self.places[json.loads(line)["work"]] = end
            first = False
            end += len(line)
        if first and not _written(self.head).startswith(line):  # what a killed run left of its own first line
            raise self._no_journal()
        self.file.truncate(end)
        if first:
            self._write(self.head)

    def _check(self, line: bytes) -> None:
        try:
            head = json.loads(line)
            if not isinstance(head, dict) or head.get("journal") != _SCHEMA:
                raise ValueError
        except ValueError:
            raise self._no_journal() from None
        if head != self.head:
            raise BacktraceError(f"{self.shown} is of another run: another course, key, version or choice",
                                 hint="delete it, or name another file") from None  # fmt: skip

    def _no_journal(self) -> BacktraceError:
        return BacktraceError(f"{self.shown} is no file of an interrupted run",
                              hint="--resume takes a new file, or one that it made")  # fmt: skip

    def _write(self, data: dict[str, Any]) -> None:
        self.file.write(_written(data))
        self.file.flush()

    def sign(self, folder: Folder) -> str:
        """What tells this student's work from any other: whose it is, and every byte that counts."""
        found = hashlib.sha256()
        handed = collect(folder, self.names, self.plan.course.others)
        about = [folder.student, folder.known_as, folder.name, list(folder.ids), list(handed.strays)]
        found.update(json.dumps([about, sorted(handed.files.items())]).encode("ascii"))
        for paths in handed.files.values():
            for path in paths:
                data = b""
                with suppress(OSError), open(os.path.join(folder.path, path), "rb") as file:
                    data = file.read(MOST_BYTES + 1)
                found.update(f"{len(data)} ".encode() + data)
        return found.hexdigest()

    def known(self, sign: str) -> StudentRecord | None:
        """The record of the work with this sign, if it is graded already."""
        place = self.places.get(sign)
        if place is None:
            return None
        self.file.seek(place)
        try:
            return student_record(json.loads(self.file.readline())["row"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def keep(self, sign: str, student: StudentRecord) -> None:
        """Enter a student who is done."""
        self._write({"work": sign, "row": student_dict(student)})


def _written(data: dict[str, Any]) -> bytes:
    """A line of the file."""
    return json.dumps(data).encode("ascii") + b"\n"
