"""A simulated learner who always makes one mistake, and mends it on some day.

    python tests/quiz/learner.py            the curve of docs/quiz.md
    python tests/quiz/learner.py MISTAKE OP

Each day the learner takes one session of ten questions; their clock moves by half a
minute a question. Until the day they mend it they make the mistake wherever it shows;
everything else they answer right.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from backtrace_cli.grading.authoring.answers import number_of
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.quiz.array_messages import finite, shown
from backtrace_cli.quiz.card_keys import Key
from backtrace_cli.quiz.formulas.topics import TOPICS
from backtrace_cli.quiz.memory.choose import Chooser
from backtrace_cli.quiz.memory.progress import Progress, TopicRecord, folded
from backtrace_cli.quiz.questions import Item, wrong_text
from backtrace_cli.quiz.session import Session
from backtrace_cli.quiz.slips import Slip
from backtrace_cli.readings.questions import expected

#: The day on which the mistake is mended (from 0), how many days there are, and how many learners.
MENDS, DAYS, LIVES = 8, 20, 6
START = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)


class DayOf(NamedTuple):
    """One day: how many questions there were, were chosen for the mistake, could show it, fell to it."""

    asked: int
    chosen: int
    exposing: int
    made: int


def live(key: Key, mends: int, days: int, seed: int = 1, count: int = 10) -> list[DayOf]:
    """``days`` days of a learner who makes the mistake ``key`` until day ``mends`` (from 0)."""
    dice = random.Random(seed)
    # Somebody who has come through the first level of everything, so that all topics are drawn.
    progress = Progress(topics={name: TopicRecord(level=2) for name in TOPICS})
    state, clock = [progress], [START]
    found = []
    for day in range(days):
        clock[0] = START + timedelta(days=day)
        asked = chosen = exposing = made = 0
        session = Session(Chooser(dice, lambda: state[0], lambda: clock[0]), count)
        while not session.over:
            item = session.model.item
            if item is None:
                session.answer("")
                continue
            target = session.model.round.target
            fresh = session.model.asked
            wrong = wrong_answer(item, key) if day < mends else None
            clock[0] += timedelta(seconds=30)
            outcomes = session.answer(wrong or right_answer(session, item))
            state[0] = folded(state[0], outcomes, clock[0])
            if session.model.asked > fresh:
                asked += 1
                chosen += target == key
                exposing += key in item.exposes
                made += any(key in outcome.missed for outcome in outcomes)
            if wrong is not None:
                state[0] = folded(state[0], session.answer("show"), clock[0])
        found.append(DayOf(asked, chosen, exposing, made))
    return found


def wrong_answer(item: Item, key: Key) -> str | None:
    """What somebody who makes that mistake answers; None where it doesn't show."""
    for place, choice in enumerate(item.choices):
        if choice.slip is not None and choice.slip.key == key:
            return item.letters[place]
    if item.choices or item.slips is None:
        return None
    slip = next((slip for slip in item.slips.shown if slip.key == key and finite(slip.value)), None)
    if slip is None:
        return None
    return typed(item, slip)


def typed(item: Item, slip: Slip) -> str | None:
    """What somebody types who made that mistake."""
    if item.kind == "expressions" or item.cell.table == "shapes":
        assert item.slips is not None
        return wrong_text(item.slips.statement, item.cell, slip)
    return shown(slip.value)


def right_answer(session: Session, item: Item) -> str:
    """The right answer to a question."""
    if item.choices:
        return item.letters[next(i for i, choice in enumerate(item.choices) if choice.slip is None)]
    statement = session.model.round.statement
    if item.kind == "expressions":
        return to_text(expected(statement.symbolic, item.cell), ascii=True)
    if item.cell.table == "shapes":
        return str(number_of(statement, item.cell)) or "()"
    return shown(statement.says(item.cell, statement.trace))


def curve(key: Key, mends: int = MENDS, days: int = DAYS, lives: int = LIVES) -> list[tuple[float, float]]:
    """Per day, the mean over many lives: (questions chosen for the mistake, times it was made)."""
    found = [live(key, mends, days, seed) for seed in range(lives)]
    return [
        (sum(one[day].chosen for one in found) / lives, sum(one[day].made for one in found) / lives)
        for day in range(days)
    ]


def chart(key: Key, found: list[tuple[float, float]], mends: int = MENDS) -> str:
    """A curve as text."""
    lines = [f"questions a day chosen for {key[0]!r}, of 10; mended on day {mends + 1}"]
    for day, (chosen, made) in enumerate(found, 1):
        mark = "  <- mended" if day == mends + 1 else ""
        lines.append(f"day {day:>2}  {'#' * round(chosen * 4):<40} {chosen:4.1f}  made {made:3.1f}{mark}")
    return "\n".join(lines)


if __name__ == "__main__":
    words = sys.argv[1:]
    key = (words[0], words[1] if len(words) > 1 else "") if words else ("own factor", "multiply")
    print(chart(key, curve(key)))
