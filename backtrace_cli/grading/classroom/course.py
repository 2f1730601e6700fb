"""The teacher's course: its exercises, read once, and which of them a student's file answers."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.grading.exercise.exercise import Exercise, read_exercise
from backtrace_cli.grading.exercise.source import Source, read_source
from backtrace_cli.grading.exercise.worth import tidy
from backtrace_cli.grading.judging.verdict import Kept, wrong_line
from backtrace_cli.readings.questions import Question

__all__ = ["Course", "Statements", "Task", "chosen", "load_course"]

#: Variants kept in memory: a student's own statement may be another's too.
_MOST_VARIANTS = 500


class Task(NamedTuple):
    """One exercise as the course has it, or as one student has it."""

    name: str
    """Its path in the course, with ``/``."""
    exercise: Exercise
    source: Source
    """The file, with the student's own statement in it."""
    original: Source
    """The file as the teacher wrote it."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """Everything it asks, in the order of the file."""
        exercise = self.exercise
        found = tuple(answer.question for answer in exercise.answers)
        if exercise.lines:
            found = *found, Question("lines", None, "wrong"), Question("lines", None, "mended")
        return *found, *(answer.question for answer in exercise.derived)

    @property
    def of(self) -> float:
        """The points to be had."""
        return tidy(sum(map(self.exercise.points.of, self.questions)))

    @property
    def digest(self) -> str:
        """Of the file as the teacher wrote it."""
        return hashlib.sha256(self.original.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def is_own(self, key: str, value: Any) -> bool:
        """Does a student's file say under ``key`` what it was handed out with?"""
        theirs = (source.data[key] for source in (self.source, self.original) if key in source.data)
        return any(type(own) is type(value) and own == value for own in theirs)


class Course(NamedTuple):
    """The exercises of a course in the order of their paths."""

    root: str
    tasks: tuple[Task, ...]
    digest: str
    """Of the files: reports of two different courses can't be merged."""
    others: tuple[str, ...] = ()
    """The exercises that are there besides, but weren't asked for: a file for one of them is no stray."""

    @property
    def names(self) -> list[str]:
        """Every exercise there is, asked for or not."""
        return [*(task.name for task in self.tasks), *self.others]

    @property
    def varies(self) -> bool:
        """Has an exercise a statement of their own for each student?"""
        return any("variants" in task.original.data for task in self.tasks)


def load_course(root: str, only: tuple[str, ...] = ()) -> Course:
    """Every exercise of the course ``root``; ``only`` some of them, by name, chapter or pattern.

    What belongs to a course is what ``backtrace lint`` holds to account. Raises
    BacktraceError for a file that is no exercise, or a course without any.
    """
    from backtrace_cli.grading.authoring.course_files import course_files

    tasks, others = [], []
    digest = hashlib.sha256()
    for path in course_files(root).exercises:
        name = os.path.basename(path) if path == root else os.path.relpath(path, root).replace(os.sep, "/")
        if only and not any(chosen(name, pattern) for pattern in only):
            others.append(name)
            continue
        source = read_source(path)
        exercise = read_exercise(source)
        if exercise.lines:
            wrong_line(exercise)
        tasks.append(Task(name, exercise, source, source))
        digest.update(f"{name}\0{len(source.text)}\0{source.text}\0".encode())
    if not tasks:
        what = f" that fits {', '.join(map(visible_name, only))}" if only else ""
        raise BacktraceError(f"there is no exercise in {visible_name(root)}{what}",
                             hint="--course names a folder with exercise files (.toml)")  # fmt: skip
    tasks.sort(key=lambda task: task.name)
    return Course(root, tuple(tasks), digest.hexdigest()[:16], tuple(sorted(others)))


class Statements:
    """What each student was asked: the one place from which grading takes a statement."""

    def __init__(self, course: Course, key: bytes = b"") -> None:
        self.course = course
        self.key = key
        self.tasks = {task.name: (self._keyed(task), Kept()) for task in course.tasks}
        self.variants: OrderedDict[tuple[str, str], tuple[Task, Kept]] = OrderedDict()

    def of(self, name: str, student: str) -> tuple[Task, Kept]:
        """The exercise ``name`` as ``student`` has it, and the judgements made on it so far."""
        task, kept = self.tasks[name]
        if "variants" not in task.original.data:
            return task, kept
        from backtrace_cli.grading.authoring.variants import drawn

        source = drawn(task.original, student, self.key)
        own = (name, repr((source.data["formula"], source.data["at"])))
        if own not in self.variants:
            drawn_task = task._replace(exercise=read_exercise(source), source=source)
            self.variants[own] = (self._keyed(drawn_task), Kept())
            if len(self.variants) > _MOST_VARIANTS:
                self.variants.popitem(last=False)
        return self.variants[own]

    def _keyed(self, task: Task) -> Task:
        """``task`` judged at points that nobody without the course's key can work out."""
        policy = task.exercise.policy._replace(key=self.key.hex())
        return task._replace(exercise=task.exercise._replace(policy=policy))


def chosen(name: str, pattern: str) -> bool:
    """Is ``name`` meant by ``pattern``: itself, a chapter, or a pattern with * and ?

    Reports leave the .toml out, so a pattern may, too.

    >>> chosen("04_forks/two.toml", "04_forks/"), chosen("04_forks/two.toml", "*two*")
    (True, True)
    >>> chosen("04_forks/two.toml", "04_forks/two"), chosen("04_forks/two.toml", "04_forks/tw")
    (True, False)
    """
    pattern = pattern.replace(os.sep, "/").rstrip("/")
    if name.startswith(pattern + "/"):
        return True
    return any(one == pattern or fnmatchcase(one, pattern) for one in (name, name.removesuffix(".toml")))
