"""The answers of a class, one by one: how hard each was, how well it told students apart, what went wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.classroom.records import MISSING, UNGRADED, StudentRecord
from backtrace_cli.grading.judging.verdict import BLANK, RIGHT, WRONG
from backtrace_cli.grading.statistics.misconceptions import Explained
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.text import to_text

__all__ = ["Item", "ItemCounts", "WrongAnswer", "count_student", "plainly"]

#: Nothing is said of how an answer tells students apart where fewer have tried it.
_LEAST = 5
#: So many different wrong answers are kept for each question; then those that came but once are forgotten.
_MOST_KEPT = 2_000
_MOST_TEXT = 80


class WrongAnswer(NamedTuple):
    """One wrong answer that several gave."""

    text: str
    times: int
    mistakes: tuple[str, ...]
    """What it was put down to most."""


class Item(NamedTuple):
    """One question of an exercise as the class answered it."""

    exercise: str
    table: str
    key: str
    tried: int
    """So many handed the exercise in."""
    right: int
    wrong: int
    blank: int
    discrimination: float | None
    """The correlation of being right here with how much else is right; None where it can't be told."""
    common: tuple[WrongAnswer, ...]
    """The commonest wrong answers first."""

    @property
    def facility(self) -> float:
        """The share of those who tried it that are right."""
        return self.right / self.tried if self.tried else math.nan


class ItemCounts:
    """Sums over the students for one question, from which ``item`` reads everything off."""

    def __init__(self) -> None:
        self.tried = self.right = self.wrong = self.blank = 0
        self.rest = self.rest_squared = self.rest_right = 0
        self.answers: Counter[str] = Counter()
        self.causes: dict[str, Counter[tuple[str, ...]]] = {}

    def add(self, verdict: str, elsewhere: int) -> None:
        """One student's verdict, and how many of their other answers are right."""
        if verdict in (MISSING, UNGRADED):
            return
        right = verdict == RIGHT
        self.tried += 1
        self.right += right
        self.wrong += verdict == WRONG
        self.blank += verdict == BLANK
        self.rest += elsewhere
        self.rest_squared += elsewhere**2
        self.rest_right += elsewhere * right

    def add_wrong(self, one: Explained) -> None:
        """One wrong answer."""
        text = plainly(one.answer.answer)
        if text not in self.answers and len(self.answers) >= _MOST_KEPT:
            self.answers = Counter({text: n for text, n in self.answers.items() if n > 1})
            self.causes = {text: self.causes[text] for text in self.answers}
        self.answers[text] += 1
        self.causes.setdefault(text, Counter())[one.mistakes] += 1

    def item(self, exercise: str, table: str, key: str, most: int) -> Item:
        """What the sums say, with the ``most`` commonest wrong answers."""
        common = sorted(self.answers.items(), key=lambda pair: (-pair[1], pair[0]))[:most]
        wrong = tuple(WrongAnswer(text, count, _most(self.causes[text])) for text, count in common)
        return Item(exercise, table, key, self.tried, self.right, self.wrong, self.blank,
                    self._discrimination(), wrong)  # fmt: skip

    def _discrimination(self) -> float | None:
        """Pearson's correlation of right (0 or 1) here and the number of right answers elsewhere."""
        n, right = self.tried, self.right
        spread = n * self.rest_squared - self.rest**2
        if n < _LEAST or not 0 < right < n or not spread:
            return None
        return (n * self.rest_right - right * self.rest) / math.sqrt(right * (n - right) * spread)


def _most(causes: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    """What most were put down to; nothing at all only where nobody's was put down to anything."""
    told = Counter({names: count for names, count in causes.items() if names})
    return min(told, key=lambda names: (-told[names], names), default=())


def count_student(
    counts: dict[tuple[str, str, str], ItemCounts], student: StudentRecord, wrong: Iterable[Explained]
) -> None:
    """Enter one student into the sums of every question."""
    total = sum(answer.verdict == RIGHT for _, answer in student.answers)
    for file, answer in student.answers:
        key = file.exercise, answer.table, answer.key
        counts.setdefault(key, ItemCounts()).add(answer.verdict, total - (answer.verdict == RIGHT))
    for one in wrong:
        counts[one.file.exercise, one.answer.table, one.answer.key].add_wrong(one)


@lru_cache(maxsize=20_000)
def plainly(text: str) -> str:
    """An answer written in one way, so that many ways to write it count together.

    >>> plainly("x**2"), plainly(" 1*x^2"), plainly("what?")
    ('x²', 'x²', 'what?')
    """
    text = " ".join(text.split())
    if len(text) > _MOST_TEXT or not any(map(str.isalpha, text)):
        return text
    try:
        return to_text(simplify(parse_expression(text)))
    except (BacktraceError, ValueError, ArithmeticError):
        return text
