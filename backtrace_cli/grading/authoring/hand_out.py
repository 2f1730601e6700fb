"""A course handed out to a class: a folder for every student of a list, with their own statements in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.whole_file import whole_text
from backtrace_cli.grading.authoring.course_files import course_files
from backtrace_cli.grading.authoring.variants import handed_out, has_variants
from backtrace_cli.grading.exercise.exercise import read_exercise
from backtrace_cli.grading.exercise.source import read_source

__all__ = ["HandedOut", "hand_out"]


class HandedOut(NamedTuple):
    """What was written."""

    students: int
    exercises: int
    varied: int
    """In so many exercises each student has a statement of their own."""
    written: int
    same: int
    """So many files were there already, just as they would have been written."""


def hand_out(
    root: str, students: Sequence[str], folder: str, key: bytes = b"", force: bool = False
) -> HandedOut:
    """Write the exercises of ``root``, a course or one file, into ``folder``/student/…, for each student.

    A file that is there with the same text is left as it is; another one is an error before
    anything is written, unless ``force`` says that it may be replaced. Raises BacktraceError.
    """
    paths = course_files(root).exercises
    sources = [
        (os.path.basename(p) if p == root else os.path.relpath(p, root), read_source(p)) for p in paths
    ]
    for _, source in sources:
        read_exercise(source)  # nobody is handed what can't be opened
    plan: list[tuple[str, str]] = []
    same = varied = 0
    for name, source in sources:
        varied += has_variants(source)
        for student in students:
            target = os.path.join(folder, student, name)
            text = handed_out(source, student, key)
            if _holds(target, text):
                same += 1
                continue
            if os.path.lexists(target) and not force:
                raise BacktraceError(
                    f"{visible_name(target)} is there already, and is another file",
                    hint="choose another folder, or replace what is there with --force",
                )
            plan.append((target, text))
    for target, text in plan:
        _write(target, text)
    return HandedOut(len(students), len(sources), varied, len(plan), same)


def _holds(path: str, text: str) -> bool:
    """Is there a file at ``path`` with just this text?"""
    try:
        data = text.encode("utf-8")
        if os.path.getsize(path) != len(data):
            return False
        with open(path, "rb") as file:
            return file.read() == data
    except (OSError, ValueError):
        return False


def _write(target: str, text: str) -> None:
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with whole_text(target, newline="") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name can't be used").lower()
        raise BacktraceError(
            f"{visible_name(target)} can't be written: {reason}", hint="check the folder given with -o"
        ) from None
