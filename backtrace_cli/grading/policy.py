"""How answers are judged: in what form, to how many digits, where they have to hold, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from backtrace_cli.grading.statement import Statement

__all__ = ["Policy", "Task"]


class Policy(NamedTuple):
    """What an exercise, a quiz or a command asks of an answer.

    >>> Policy(kind="numbers").digits
    4
    """

    kind: str = "either"
    """``either``, ``numbers`` or ``expressions``."""
    digits: int = 4
    """A number may be rounded to so many significant digits."""
    kink: str = "taken"
    """``taken``: at a kink the slope that the trace takes; ``interval``: any between the two sides."""
    here: str = "numbers"
    """What is right where it holds at the exercise's own point alone: ``numbers``, or ``formulas``, too."""
    carry: str = "any"
    """From which of a student's own values later steps are carried: ``any``, ``diagnosed`` or ``none``. Never
    from stock answers, such as 1 or x."""
    key: str = ""
    """The course's key, by which points are drawn that nobody else can work out."""
    seconds: float = 10.0
    """After so long a judgement is given up."""


class Task(NamedTuple):
    """What a judge needs of whoever asks: what the questions are about, and how answers are judged."""

    statement: Statement
    policy: Policy = Policy()
