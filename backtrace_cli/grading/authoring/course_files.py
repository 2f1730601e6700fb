"""Which files of a folder are a course: exercises, stages for the doctor, and what strayed in."""

from __future__ import annotations

import os
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.grading.authoring.stages import is_stage

__all__ = ["CourseFiles", "course_files"]


class CourseFiles(NamedTuple):
    """Paths, each list in order."""

    exercises: list[str]
    strays: list[str]
    """No part of a course."""
    stages: list[str]
    """Python files that ``backtrace doctor`` marks."""


def course_files(root: str) -> CourseFiles:
    """The files of the course in the folder ``root``, or the one file ``root`` is.

    Chapters are the folders whose names begin with a digit. What stands in other folders
    beside them (examples, formulas) is no part of the course; where no folder begins with
    a digit, everything is. Raises BacktraceError where there is no such folder or file.
    """
    if os.path.isfile(root):
        return CourseFiles([], [], [root]) if is_stage(root) else CourseFiles([root], [], [])
    if not os.path.isdir(root):
        raise BacktraceError(
            f"there is no folder or file {visible_name(root)}",
            hint="name the course: backtrace lint exercises",
        )
    top = sorted(os.listdir(root))
    chapters = [name for name in top if name[:1].isdigit() and os.path.isdir(os.path.join(root, name))]
    folders = [os.path.join(root, name) for name in chapters] or [root]
    found: list[str] = []
    strays: list[str] = []
    stages: list[str] = []
    for folder in folders:
        for here, inside, names in os.walk(folder):
            inside[:] = sorted(name for name in inside if not name.startswith(".") and name != "__pycache__")
            for name in sorted(names):
                path = os.path.join(here, name)
                if name.endswith(".toml") and not os.path.islink(path):
                    found.append(path)
                elif is_stage(path):
                    stages.append(path)
                elif not name.startswith(".") and name.casefold() != "readme.md":
                    strays.append(path)
    if chapters:  # an exercise beside the chapters belongs to none of them
        beside = [os.path.join(root, name) for name in top if name.endswith(".toml")]
        strays += beside
    if not found and not strays and not stages:
        raise BacktraceError(
            f"{visible_name(root)} has no exercises",
            hint="an exercise is a .toml file: backtrace new makes one",
        )
    return CourseFiles(found, strays, stages)
