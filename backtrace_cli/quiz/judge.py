"""One typed answer judged: right, wrong with its witness and the mistake in it, undecided, unreadable."""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.grading.equality import DIFFERENT, EQUAL, Witness, evidence, judge
from backtrace_cli.grading.exercise import Exercise, read_answer
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.grading.verdict import RIGHT, UNDECIDED, UNREADABLE, WRONG
from backtrace_cli.mistakes.diagnose import close
from backtrace_cli.quiz.cells import Cell
from backtrace_cli.quiz.slips import Slip, Slips

__all__ = ["RIGHT", "UNDECIDED", "UNREADABLE", "WRONG", "Reply", "exercise_for", "judged"]

#: An answer may be rounded to this many significant digits.
DIGITS = 4


#: Said of an answer that has the right value, and would have another one elsewhere.
HERE = "at this point"


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
    >>> judged(exercise_for(statement), Cell("gradient", None, "y"), "3 + b").words
    'at this point'
    """
    answer = read_answer(exercise.statement, cell, text, 1)
    if answer.blank or answer.problem:
        return Reply(UNREADABLE, text, answer.problem or "there is nothing to read")
    found = judge(exercise, cell, answer)
    if found.verdict == EQUAL:
        return Reply(RIGHT, text)
    if found.verdict != DIFFERENT:
        return Reply(UNDECIDED, text, found.words)
    pairs = evidence(exercise.statement, answer)
    if _right_here(exercise, cell, pairs) and (slips is None or not slips.made(pairs)):
        return Reply(RIGHT, text, HERE, found.witness)
    if found.words or slips is None:
        return Reply(WRONG, text, found.words, found.witness)
    rounded = answer.constant and not all(close(value, round(value), 1e-12) for _, value in pairs if value)
    explained = slips.explain(pairs, 5 * 10.0**-exercise.digits if rounded else 1e-9)
    if explained is None:
        return Reply(WRONG, text, "", found.witness)
    slip, words = explained
    return Reply(WRONG, text, words, found.witness, slip)


def _right_here(exercise: Exercise, cell: Cell, pairs: list[tuple[Point, float]]) -> bool:
    """Has an answer the right value at the question's own point, where no rule is asked for?

    The sheet shows numbers, so −3·2·x is a fair answer though −3 is a number of this point alone.
    A local derivative is the rule itself: a formula for it holds everywhere, or is wrong.
    """
    if exercise.kind == "expressions" or cell.table == "local":
        return False
    if not pairs or pairs[0][0] != exercise.statement.at:
        return False
    here = read_answer(exercise.statement, cell, repr(pairs[0][1]), 1)
    return here.formula is not None and judge(exercise, cell, here).verdict == EQUAL
