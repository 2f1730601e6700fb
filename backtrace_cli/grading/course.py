"""The teacher's course: its exercises, read once, and which of them a student's file answers."""

from __future__ import annotations

import hashlib
import os
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from backtrace_cli.errors import BacktraceError, visible
from backtrace_cli.grading.exercise import Exercise, read_exercise
from backtrace_cli.grading.source import read_source
from backtrace_cli.grading.verdict import wrong_line
from backtrace_cli.mistakes import Question

__all__ = ["Course", "Task", "load_course", "tasks_for"]

#: A folder of this name holds examples, filled in perhaps, and asks for nothing.
_EXAMPLES = "examples"


class Task(NamedTuple):
    """One exercise as the course has it."""

    name: str
    """Its path in the course, with ``/``."""
    exercise: Exercise
    data: dict[str, Any]
    """The file as TOML gives it, to see what a student changed."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """Everything it asks, in the order of the file."""
        found = tuple(answer.question for answer in self.exercise.answers)
        if not self.exercise.lines:
            return found
        return *found, Question("lines", None, "wrong"), Question("lines", None, "mended")

    @property
    def of(self) -> int:
        """The points to be had."""
        return self.exercise.points * len(self.questions)


class Course(NamedTuple):
    """The exercises of a course in the order of their paths."""

    root: str
    tasks: tuple[Task, ...]
    digest: str
    """Of the files: reports of two different courses can't be merged."""


def load_course(root: str, only: tuple[str, ...] = ()) -> Course:
    """Every exercise below ``root`` (or the one file); ``only`` some of them, by name, chapter or pattern.

    Folders called ``examples``, and those whose name begins with a dot, are left out.
    Raises BacktraceError for a file that is no exercise, or a course without any.
    """
    tasks = []
    digest = hashlib.sha256()
    for name, path in _files(root):
        if only and not any(_chosen(name, pattern) for pattern in only):
            continue
        source = read_source(path, name=path)
        exercise = read_exercise(source)
        if exercise.lines:
            wrong_line(exercise)
        tasks.append(Task(name, exercise, source.data))
        digest.update(f"{name}\0{len(source.text)}\0{source.text}\0".encode())
    if not tasks:
        what = f" that fits {', '.join(map(visible, only))}" if only else ""
        raise BacktraceError(f"there is no exercise in {visible(root)}{what}",
                             hint="--course names a folder with exercise files (.toml)")  # fmt: skip
    return Course(root, tuple(tasks), digest.hexdigest()[:16])


def tasks_for(course: Course, student: str) -> tuple[Task, ...]:
    """The exercises as ``student`` has them: the one place from which grading takes a statement.

    Every student has the course's own numbers; variants join here, a Task drawn per student.
    """
    return course.tasks


def _chosen(name: str, pattern: str) -> bool:
    """Is ``name`` meant by ``pattern``: itself, a chapter, or a pattern with * and ?

    >>> _chosen("04_forks/two.toml", "04_forks/"), _chosen("04_forks/two.toml", "*two*")
    (True, True)
    """
    pattern = pattern.replace(os.sep, "/").rstrip("/")
    return name == pattern or name.startswith(pattern + "/") or fnmatchcase(name, pattern)


def _files(root: str) -> list[tuple[str, str]]:
    """(name, path) of every .toml file below ``root``."""
    if os.path.isfile(root):
        return [(os.path.basename(root), root)]
    if not os.path.isdir(root):
        raise BacktraceError(f"there is no folder {visible(root)}", hint="--course names the teacher's copy")
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name[:1] != "." and name != _EXAMPLES]
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in files:
            if name.endswith(".toml") and name[:1] != ".":
                place = name if inside == "." else f"{inside}/{name}"
                found.append((place, os.path.join(folder, name)))
    return sorted(found)
