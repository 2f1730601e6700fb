"""One typed answer judged: right, wrong with its witness and the mistake in it, unreadable, undecided."""

from __future__ import annotations

import re
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.grading.comparing.compare import (
    DIFFERENT,
    EQUAL,
    SHORT,
    UNDECIDED,
    Judgement,
    Witness,
    rounds_to,
)
from backtrace_cli.grading.comparing.equality import judge
from backtrace_cli.grading.comparing.evidence import evidence, in_doubles
from backtrace_cli.grading.comparing.number import Asked, judge_numbers
from backtrace_cli.grading.comparing.shape_words import what_shape
from backtrace_cli.grading.exercise.exercise import Answer, read_answer
from backtrace_cli.grading.judging.verdict import RIGHT, UNREADABLE, WRONG
from backtrace_cli.grading.policy import Policy
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.mistakes.diagnose import close
from backtrace_cli.quiz.array_messages import part_of, same_point
from backtrace_cli.quiz.slips import Slip, Slips
from backtrace_cli.quiz.typed import adds_up, meant, too_few_digits
from backtrace_cli.readings.cells import Cell
from backtrace_cli.readings.kinks import at_kink

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


class Terms(NamedTuple):
    """What is asked about, and how answers are judged."""

    statement: Statement
    policy: Policy


def exercise_for(statement: Statement, kind: str = "either", digits: int = DIGITS) -> Terms:
    """The rules of equality that an answer is held to.

    At a kink every slope between those on the two sides is right.
    """
    return Terms(statement, Policy(kind, digits, "interval"))


def judged(
    exercise: Asked, cell: Cell, text: str, slips: Slips | None = None, part: tuple[int, ...] = ()
) -> Reply:
    """``text`` as an answer to ``cell``, with the mistake that explains it if there are ``slips``.

    ``part`` is the row or the entry of an array that is asked for; all of it is an answer, too.

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
    if answer.problem and exercise.statement.arrays and _names_what_is_asked(cell, said.text):
        return Reply(NO_ANSWER, text, f"d{cell.target} is what is asked for")
    if answer.blank or answer.problem:
        return Reply(UNREADABLE, text, answer.problem or "there is nothing to read")
    if not cell.kind.numeric:
        return _of_shape(exercise, cell, answer, slips)
    if answer.formula is not None and exercise.statement.arrays and answer.formula.shapes is None:
        misfit = judge(exercise, cell, answer)  # NumPy would have stopped here, too
        return Reply(NO_ANSWER, text, misfit.words.replace("the shapes in yours", "the shapes", 1))
    if part and _is_whole(exercise, cell, answer):
        slips = slips.entire() if slips is not None else None
    elif part:
        return _of_part(exercise, cell, answer, Typed(text, said.text), slips, part)
    found = judge(exercise, cell, answer)
    if found.verdict == EQUAL:
        return Reply(RIGHT, text)
    if found.verdict == UNDECIDED:
        if exercise.statement.arrays and _right_here(exercise, cell, evidence(exercise.statement, answer, 1)):
            return Reply(RIGHT, text, HERE)  # squashed flat elsewhere, where rounding hides the rest
        return Reply(UNDECIDED, text, found.words)
    if found.verdict == SHORT:
        found = Judgement(DIFFERENT)  # what to ask for is said below, in the words of the question
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
    exercise: Asked, cell: Cell, answer: Answer, typed: Typed, found: Judgement,
    pairs: list[tuple[Point, Value]], slips: Slips | None,
) -> Reply:  # fmt: skip
    """The reply to what differs from the trace somewhere, or is not near enough to it here."""
    text = typed.line
    if _right_here(exercise, cell, pairs) and (slips is None or not slips.made(pairs)):
        return Reply(RIGHT, text, HERE, found.witness)
    if found.words and not exercise.statement.arrays:
        return Reply(WRONG, text, found.words, found.witness)
    slipped = slips is not None and pairs and any(close(s.value, pairs[0][1], 1e-9) for s in slips.shown)
    if (
        answer.constant
        and pairs
        and not slipped
        and not found.words
        and (words := _nearly(exercise, cell, typed.answer, pairs[0][1]))
    ):
        return Reply(NO_ANSWER, text, words)
    if slips is None:
        return Reply(WRONG, text, found.words, found.witness)
    bare = not adds_up(typed.answer) if answer.constant else None
    explained = slips.explain(pairs, _tolerance(exercise, answer, pairs), bare)
    if explained is None:
        return Reply(WRONG, text, found.words, found.witness)
    slip, words = explained
    return Reply(WRONG, text, words, found.witness, slip)


def _tolerance(exercise: Asked, answer: Answer, pairs: list[tuple[Point, Value]]) -> float:
    """How near a number has to come to that of a mistake: nearer where it was not rounded."""
    numbers = [number for _, value in pairs for _, number in entries(value) if number]
    rounded = answer.constant and not all(close(number, round(number), 1e-12) for number in numbers)
    return 5 * 10.0**-exercise.policy.digits if rounded else 1e-9


def _nearly(exercise: Asked, cell: Cell, text: str, found: Value, part: tuple[int, ...] = ()) -> str:
    """What to ask for where a number is right as far as it goes; of an array, in every entry."""
    value = part_of(exercise.statement.says(cell, exercise.statement.trace), part)
    if not shape_of(value) and not shape_of(found):
        return too_few_digits(text, float(found), float(value), exercise.policy.digits)
    if shape_of(value) != shape_of(found):
        return ""
    said = ""
    for (_, yours), (_, theirs) in zip(entries(found), entries(value), strict=True):
        if not rounds_to(yours, theirs, exercise.policy.digits, abs(theirs)):
            said = too_few_digits(repr(yours), yours, theirs, exercise.policy.digits)
            if not said:
                return ""
    return said


# -- arrays ------------------------------------------------------------------------------


def _names_what_is_asked(cell: Cell, text: str) -> bool:
    return cell.kind.back and bool(re.search(rf"(?<!\w)d{re.escape(cell.target)}(?!\w)", text))


def _of_shape(exercise: Asked, cell: Cell, answer: Answer, slips: Slips | None) -> Reply:
    """The reply to a shape."""
    if judge(exercise, cell, answer).verdict == EQUAL:
        return Reply(RIGHT, answer.text)
    slip = slips.of_shape(answer.shape or ()) if slips is not None else None
    return Reply(WRONG, answer.text, slip.fault.words if slip else "", None, slip)


def _is_whole(exercise: Asked, cell: Cell, answer: Answer) -> bool:
    """Is an answer meant for the whole array, where a part of it is enough?"""
    formula, right = answer.formula, exercise.statement.says(cell, exercise.statement.trace)
    assert formula is not None
    assert formula.shapes is not None
    return len(formula.shapes[formula.output]) == len(shape_of(right))


def _of_part(
    exercise: Asked, cell: Cell, answer: Answer, typed: Typed, slips: Slips | None, part: tuple[int, ...]
) -> Reply:  # fmt: skip
    """The reply to a row or an entry: its numbers count, however they were found."""
    statement, formula, text = exercise.statement, answer.formula, typed.line
    assert formula is not None
    right = part_of(statement.says(cell, statement.trace), part)
    found = in_doubles(formula, statement.trace)
    if found is None:
        return Reply(WRONG, text, "it has no value at this point")
    if shape_of(found) != shape_of(right):
        return Reply(WRONG, text, _what_part(right, found))
    if _agree(exercise, found, right):
        return Reply(RIGHT, text, "" if _everywhere(exercise, cell, answer, part) else HERE)
    if answer.constant and (words := _nearly(exercise, cell, typed.answer, found, part)):
        return Reply(NO_ANSWER, text, words)
    pairs: list[tuple[Point, Value]] = [(statement.at, found)]
    bare = not adds_up(typed.answer) if answer.constant else None
    explained = slips.explain(pairs, _tolerance(exercise, answer, pairs), bare) if slips else None
    slip, words = explained if explained is not None else (None, "")
    return Reply(WRONG, text, words, None, slip)


def _agree(exercise: Asked, found: Value, right: Value) -> bool:
    scale = max((abs(number) for _, number in entries(right)), default=0.0)
    rows = zip(entries(found), entries(right), strict=True)
    return all(rounds_to(yours, theirs, exercise.policy.digits, scale) for (_, yours), (_, theirs) in rows)


def _everywhere(exercise: Asked, cell: Cell, answer: Answer, part: tuple[int, ...]) -> bool:
    """Is a formula for a part right at other points, too? Of a number nobody asks."""
    statement, formula = exercise.statement, answer.formula
    if answer.constant or formula is None:
        return True
    for number, (_, trace) in enumerate(statement.samples()):
        value = None if at_kink(trace) else in_doubles(formula, trace)
        if value is not None and not _agree(exercise, value, part_of(statement.says(cell, trace), part)):
            return False
        if number >= _ELSEWHERE:
            break
    return True


#: So many other points tell whether a formula for a part holds there, too.
_ELSEWHERE = 4


def _what_part(right: Value, found: Value) -> str:
    asked = "one number is asked for" if not shape_of(right) else f"a row of {len(right)} is asked for"
    got = {0: "a number", 1: "a vector of "}.get(len(shape_of(found)), "")
    shape = "×".join(map(str, shape_of(found)))
    return f"{asked}; yours is {got}{shape}"


def _right_here(exercise: Asked, cell: Cell, pairs: list[tuple[Point, Value]]) -> bool:
    """Has an answer the right value at the question's own point, where no rule is asked for?

    The sheet shows numbers, so −3·2·x is a fair answer though −3 is a number of this point alone.
    A local derivative is the rule itself: a formula for it holds everywhere, or is wrong.
    """
    if exercise.policy.kind == "expressions" or cell.kind.is_rule:
        return False
    if not pairs or not same_point(pairs[0][0], exercise.statement.at):
        return False
    if what_shape(exercise.statement, cell, shape_of(pairs[0][1])):
        return False
    return judge_numbers(exercise, cell, pairs[0][1]).verdict == EQUAL
