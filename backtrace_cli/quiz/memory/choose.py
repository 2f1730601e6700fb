"""What comes next: a mistake whose time has come, or the topic that the learner has reached."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from itertools import pairwise
from typing import NamedTuple

from backtrace_cli.quiz.card_keys import Key
from backtrace_cli.quiz.formulas.boxes import can_be_drawn
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS, home_of
from backtrace_cli.quiz.generate import Draft, draw, keys_of
from backtrace_cli.quiz.memory.progress import Progress
from backtrace_cli.quiz.questions import MOST_ASKED
from backtrace_cli.quiz.session import Round

__all__ = ["Chooser", "Task", "load_arrays", "next_task"]

#: The chance that a mistake that is due is asked about next: the first, and more for each time it
#: was made in a row, up to the most.
_FIRST, _MORE, _MOST = 0.25, 0.1, 0.65
#: The chance of the topic that is reached, against one that went before.
_CURRENT = 0.65


class Task(NamedTuple):
    """What the next formula is to be about."""

    topic: str
    level: int
    target: Key | None = None
    """The mistake that it must expose."""


def next_task(
    progress: Progress, now: datetime, dice: random.Random, topic: str | None = None, level: int | None = None
) -> Task:
    """The next task; ``topic`` and ``level`` hold it to what the learner asked for.

    >>> from datetime import timezone
    >>> next_task(Progress(), datetime(2026, 1, 5, tzinfo=timezone.utc), random.Random(1)).topic
    'values'
    """
    for card in progress.due(now):
        home = home_of(*card.key)
        if topic is not None and home != topic or not can_be_drawn(card.op):
            continue
        if dice.random() < min(_MOST, _FIRST + _MORE * card.in_a_row):
            return Task(home, level or progress.level(home), card.key)
    chosen = topic or _topic(progress, dice)
    return Task(chosen, level or progress.level(chosen))


def _topic(progress: Progress, dice: random.Random) -> str:
    """The first topic of the course whose first level isn't passed, or now and then one before it."""
    names = list(TOPICS)
    reached = next((i for i, name in enumerate(names) if progress.level(name) == 1), None)
    if reached is None:
        lowest = min(progress.level(name) for name in names)
        return dice.choice([name for name in names if progress.level(name) == lowest])
    if reached == 0 or dice.random() < _CURRENT:
        return names[reached]
    return dice.choice(names[:reached])


def _levels_near(level: int) -> tuple[int, ...]:
    return (level, min(LEVELS, level + 1))


def load_arrays() -> None:
    """Load what formulas over arrays need, so that the first of them doesn't keep anybody waiting."""
    for module in ("engine.arithmetics.big_arrays", "grading.comparing.equality"):
        import_module(f"backtrace_cli.{module}")


class Chooser:
    """Draws the rounds of a session.

    ``known`` gives the progress as it stands, and ``now`` the time. A seeded quiz asks
    neither: the same seed is the same quiz for everybody, topic after topic.
    """

    def __init__(
        self, dice: random.Random, known: Callable[[], Progress] | None, now: Callable[[], datetime],
        topic: str | None = None, level: int | None = None,
    ) -> None:  # fmt: skip
        self._dice, self._known, self._now = dice, known, now
        self._topic, self._level = topic, level
        self._seen: set[str] = set()
        self._drawn = 0
        self._last = ""
        """How the formula before was made."""

    def __call__(self, left: int) -> Round | None:
        """The next round, with at most ``left`` questions; None where nothing is left to ask."""
        if left <= 0:
            return None
        for attempt in range(8):
            task = self._task(attempt)
            draft = draw(self._dice, task.topic, task.level, seen=self._seen,
                         most=min(left, MOST_ASKED), target=task.target, last=self._last,
                         whole=self._drawn > 0)  # fmt: skip
            if draft is not None:
                return self._round(draft)
        return None

    def _task(self, attempt: int) -> Task:
        """The task; what is due first at the learner's level, then one up, where it finds its place."""
        if self._known is None:
            names = list(TOPICS)
            return Task(self._topic or names[self._drawn % len(names)], self._level or 1)
        progress = self._known()
        if attempt > 1:
            progress = progress._replace(cards={})  # no formula was found for what was due
        task = next_task(progress, self._now(), self._dice, self._topic, self._level)
        if attempt and task.target is not None and self._level is None:
            task = task._replace(level=min(LEVELS, task.level + 1))
        return task

    @property
    def arrays_ahead(self) -> bool:
        """May a formula over arrays come soon?"""
        if self._topic is not None:
            return any(TOPICS[self._topic].over_arrays(level) for level in _levels_near(self._level or 1))
        if self._known is None:
            return True
        progress = self._known()
        order = list(TOPICS)
        near = {home_of(*key) for key in progress.cards} | {n for n in order if progress.level(n) > 1}
        near |= {after for before, after in pairwise(order) if before in near}
        return any(TOPICS[n].over_arrays(at) for n in near for at in _levels_near(progress.level(n)))

    def _round(self, draft: Draft) -> Round:
        keys = keys_of(draft.statement)
        self._seen.update(keys)
        self._last = keys[0]
        self._drawn += 1
        title = TOPICS[draft.topic].title
        return Round(draft.statement, draft.items, title, draft.topic, draft.level, (), draft.target)
