"""What a checked exercise comes to: a verdict an answer, and which to mend first."""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.grading.comparing.compare import HERE, Witness
from backtrace_cli.grading.exercise.exercise import Answer, Exercise
from backtrace_cli.grading.exercise.worth import tidy

__all__ = ["BLANK", "OWN", "RIGHT", "UNDECIDED", "UNREADABLE", "WRONG", "Checked", "Result"]

RIGHT, WRONG, BLANK, UNREADABLE, UNDECIDED = "right", "wrong", "blank", "unreadable", "undecided"
#: A line that gives a name of the student's own, which is judged where it is used.
OWN = "own"


class Checked(NamedTuple):
    """One answer with its verdict."""

    answer: Answer
    verdict: str
    """``right``, ``wrong``, ``blank``, ``unreadable`` or ``undecided``; ``own`` of a line of a derivation
    that gives a name of the student's own."""
    carried: bool = False
    """Right only given the student's own earlier answer?"""
    witness: Witness | None = None
    words: str = ""
    """Why it can't be read, or what else to tell the student."""
    mistake: str | None = None
    """The one mistake of the catalogue that explains it."""
    diagnosis: str = ""
    """That mistake in a sentence for the student."""
    holds: str = ""
    """``everywhere``, or ``at the point`` of the exercise alone; empty where it holds nowhere."""
    explained: tuple[tuple[str, ...], ...] = ()
    """Every explanation that there is: mistakes of the catalogue, several where they were made at once."""

    @property
    def where(self) -> str:
        """What to add to the verdict where a right answer holds at the point alone."""
        return " at this point" if self.verdict == RIGHT and self.holds == HERE else ""


class Result(NamedTuple):
    """One exercise, checked."""

    exercise: Exercise
    answers: tuple[Checked, ...]
    """In the order of the file."""
    first_wrong: Checked | None
    """The first wrong answer of the file that is worked out from no other wrong one."""
    lines: tuple[Checked, ...] = ()
    """Of a derivation: a verdict a line."""

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(found.verdict == RIGHT for found in self.answers)

    @property
    def points(self) -> float:
        """Points earned."""
        worth = self.exercise.points
        return tidy(sum(worth.of(one.answer.question) for one in self.answers if one.verdict == RIGHT))

    @property
    def finished(self) -> bool:
        """Is every answer right?"""
        return all(found.verdict == RIGHT for found in self.answers)
