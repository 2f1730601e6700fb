"""One typed answer judged: right, wrong with its witness and the mistake in it, unreadable, undecided."""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.engine.events import Value
from backtrace_cli.grading.equality import DIFFERENT, EQUAL, Judgement, Witness, evidence, judge
from backtrace_cli.grading.exercise import Answer, Exercise, read_answer
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.grading.verdict import RIGHT, UNDECIDED, UNREADABLE, WRONG
from backtrace_cli.mistakes.diagnose import close
from backtrace_cli.quiz.cells import Cell
from backtrace_cli.quiz.slips import Slip, Slips
from backtrace_cli.quiz.typed import as_typed_is_a_number, meant, too_few_digits

__all__ = ["NO_ANSWER", "RIGHT", "UNDECIDED", "UNREADABLE", "WRONG", "Reply", "exercise_for", "judged"]

#: The verdict on what can be read and says nothing yet: circular, or rounded too far. It costs nothing.
NO_ANSWER = "no answer"
#: An answer may be rounded to this many significant digits.
DIGITS = 4


#: Said of an answer that has the right value, and would have another one elsewhere.
HERE = "at this point"


class Reply(NamedTuple):
    """What there is to say to an answer."""

    verdict: str
    """``right``, ``wrong``, ``undecided``, ``unreadable`` or ``no answer``."""
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
    said = meant(exercise.statement, cell, text)
    if said.trouble:
        return Reply(UNREADABLE, text, said.trouble)
    answer = read_answer(exercise.statement, cell, said.text, 1)
    if answer.blank or answer.problem:
        return Reply(UNREADABLE, text, answer.problem or "there is nothing to read")
    found = judge(exercise, cell, answer)
    if found.verdict == EQUAL:
        return Reply(RIGHT, text)
    if found.verdict != DIFFERENT:
        return Reply(UNDECIDED, text, found.words)
    if found.words.startswith(_CIRCULAR):
        return Reply(NO_ANSWER, text, found.words.replace(_CIRCULAR, "it uses ", 1))
    pairs = evidence(exercise.statement, answer)
    return _wrong(exercise, cell, answer, Typed(text, said.text), found, pairs, slips)


#: How the judge of values begins where an answer takes for granted what is asked.
_CIRCULAR = "this uses "


class Typed(NamedTuple):
    """A line, and the part of it that is the answer."""

    line: str
    answer: str


def _wrong(
    exercise: Exercise, cell: Cell, answer: Answer, typed: Typed, found: Judgement,
    pairs: list[tuple[Point, Value]], slips: Slips | None,
) -> Reply:  # fmt: skip
    """The reply to what differs from the trace somewhere, or is not near enough to it here."""
    text = typed.line
    if _right_here(exercise, cell, pairs) and (slips is None or not slips.made(pairs)):
        return Reply(RIGHT, text, HERE, found.witness)
    if found.words:
        return Reply(WRONG, text, found.words, found.witness)
    slipped = slips is not None and pairs and any(close(s.value, pairs[0][1], 1e-9) for s in slips.shown)
    if (
        answer.constant
        and pairs
        and not slipped
        and (words := _nearly(exercise, cell, typed.answer, pairs[0][1]))
    ):
        return Reply(NO_ANSWER, text, words)
    if slips is None:
        return Reply(WRONG, text, "", found.witness)
    rounded = answer.constant and not all(close(value, round(value), 1e-12) for _, value in pairs if value)
    bare = as_typed_is_a_number(typed.answer) if answer.constant else None
    explained = slips.explain(pairs, 5 * 10.0**-exercise.digits if rounded else 1e-9, bare)
    if explained is None:
        return Reply(WRONG, text, "", found.witness)
    slip, words = explained
    return Reply(WRONG, text, words, found.witness, slip)


def _nearly(exercise: Exercise, cell: Cell, text: str, found: Value) -> str:
    """What to ask for where a number is right as far as it goes."""
    value = float(exercise.statement.says(cell, exercise.statement.trace))
    return too_few_digits(text, float(found), value, exercise.digits)


def _right_here(exercise: Exercise, cell: Cell, pairs: list[tuple[Point, Value]]) -> bool:
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
