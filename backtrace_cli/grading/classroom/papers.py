"""An exam or a worksheet: who gets which statements, and what its marker looks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.grading.authoring.marking import Marked, Mended, marking_scheme, mended_line
from backtrace_cli.grading.classroom.course import Course, Statements, Task
from backtrace_cli.grading.exercise.worth import tidy

__all__ = ["Paper", "Scheme", "papers", "scheme_of"]


class Scheme(NamedTuple):
    """One exercise with the answers to it."""

    task: Task
    marked: tuple[Marked, ...]
    mended: Mended | None
    """Of a worked solution, the line to be found."""


class Paper(NamedTuple):
    """What lies before one student, or before everybody."""

    student: str
    """Empty where it is everybody's: there is a line for the name."""
    tasks: tuple[Task, ...]

    @property
    def of(self) -> float:
        """The points to be had."""
        return tidy(sum(task.of for task in self.tasks))


def papers(course: Course, students: Sequence[str] = (), key: bytes = b"") -> Iterator[Paper]:
    """A paper for each of ``students``, with their own numbers; one for all where there are none."""
    statements = Statements(course, key)
    for student in students:
        tasks = tuple(statements.of(task.name, student)[0] for task in course.tasks)
        yield Paper(student, tasks)
    if not students:
        yield Paper("", course.tasks)


def scheme_of(task: Task, kept: dict[tuple[str, str], Scheme]) -> Scheme:
    """What the marker of ``task`` looks for; ``kept`` holds those that were worked out before."""
    own = (task.name, repr((task.source.data["formula"], task.source.data.get("at"))))
    if own not in kept:
        exercise = task.exercise
        mended = mended_line(exercise) if exercise.lines else None
        kept[own] = Scheme(task, marking_scheme(exercise), mended)
    return kept[own]
