"""One typed answer judged: right, wrong with its witness and the mistake in it, undecided, unreadable."""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.grading.equality import DIFFERENT, EQUAL, Witness, evidence, judge
from backtrace_cli.grading.exercise import Exercise, read_answer
from backtrace_cli.grading.statement import Statement
from backtrace_cli.grading.verdict import RIGHT, UNDECIDED, UNREADABLE, WRONG
from backtrace_cli.mistakes.diagnose import close
from backtrace_cli.quiz.cells import Cell
from backtrace_cli.quiz.slips import Slip, Slips

__all__ = ["RIGHT", "UNDECIDED", "UNREADABLE", "WRONG", "Reply", "exercise_for", "judged"]

#: An answer may be rounded to this many significant digits.
DIGITS = 4


class Reply(NamedTuple):
    """What there is to say to an answer."""

    verdict: str
    """``right``, ``wrong``, ``undecided`` or ``unreadable``."""
    text: str
    """The answer as it was typed."""
    words: str = ""
    """Why it can't be read or decided, or the mistake in a sentence."""
    witness: Witness | None = None
    slip: Slip | None = None
    """The mistake that explains a wrong answer, where exactly one does."""


def exercise_for(statement: Statement, kind: str = "either", digits: int = DIGITS) -> Exercise:
    """The exercise whose rules of equality an answer is held to.

    At a kink every slope between those on the two sides is right.
    """
    return Exercise("", "", "", statement, (), 1, (), kind, digits, "interval", ())


def judged(exercise: Exercise, cell: Cell, text: str, slips: Slips | None = None) -> Reply:
    """``text`` as an answer to ``cell``, with the mistake that explains it if there are ``slips``.

    >>> statement = Statement("b = x + y; f = b*y", "x=2,y=3")
    >>> judged(exercise_for(statement), Cell("messages", "f", "b"), "y").verdict
    'right'
    """
    answer = read_answer(exercise.statement, cell, text, 1)
    if answer.blank or answer.problem:
        return Reply(UNREADABLE, text, answer.problem or "there is nothing to read")
    found = judge(exercise, cell, answer)
    if found.verdict == EQUAL:
        return Reply(RIGHT, text)
    if found.verdict != DIFFERENT:
        return Reply(UNDECIDED, text, found.words)
    if found.words or slips is None:
        return Reply(WRONG, text, found.words, found.witness)
    pairs = evidence(exercise.statement, answer)
    rounded = answer.constant and not all(close(value, round(value), 1e-12) for _, value in pairs if value)
    explained = slips.explain(pairs, 5 * 10.0**-exercise.digits if rounded else 1e-9)
    if explained is None:
        return Reply(WRONG, text, "", found.witness)
    slip, words = explained
    return Reply(WRONG, text, words, found.witness, slip)
