"""What is known of a learner, as plain data: days, topics, and the mistakes that come back.

The data folds over outcomes and nothing else: two sessions at once each add their own
outcomes to what the file holds by then, so neither loses anything of the other's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, NoReturn

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible
from backtrace_cli.quiz.card_keys import Key
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS
from backtrace_cli.quiz.memory.schedule import Card, reviewed
from backtrace_cli.quiz.session import Outcome

__all__ = [
    "FORMAT",
    "VERSION",
    "Day",
    "NewerError",
    "Progress",
    "TopicRecord",
    "folded",
    "from_text",
    "to_text",
]

FORMAT = "backtrace progress"
#: The version of the file. A program never writes over a file newer than its own version.
VERSION = 1

#: Of the last so many answers in a topic, at least this share right moves a level up, at most that down.
_WINDOW, _UP, _DOWN = 6, 0.8, 0.34
_AHEAD = timedelta(minutes=10)


class NewerError(BacktraceError):
    """The progress was written by a newer version, and is left alone."""


class Day(NamedTuple):
    """One day's questions."""

    asked: int = 0
    right: int = 0


class TopicRecord(NamedTuple):
    """How a topic goes."""

    level: int = 1
    asked: int = 0
    right: int = 0
    recent: str = ""
    """The last answers at this level, 1 for one right at the first try, 0 for another."""


class Progress(NamedTuple):
    """Everything that is remembered."""

    days: dict[str, Day] = {}
    """By date, YYYY-MM-DD."""
    topics: dict[str, TopicRecord] = {}
    cards: dict[Key, Card] = {}

    @property
    def asked(self) -> int:
        """How many questions were answered in all."""
        return sum(day.asked for day in self.days.values())

    @property
    def right(self) -> int:
        """How many of them were right at the first try."""
        return sum(day.right for day in self.days.values())

    def due(self, now: datetime) -> list[Card]:
        """The mistakes whose time has come, those made most often in a row first.

        One made a moment ago counts though its minute isn't over: a session does not wait.
        """
        soon = now + _AHEAD
        found = [card for card in self.cards.values() if card.due <= (soon if card.in_a_row else now)]
        return sorted(found, key=lambda card: (-card.in_a_row, card.due, card.key))

    def weak(self) -> list[Card]:
        """The mistakes that are not mended yet, those made most often first."""
        found = [card for card in self.cards.values() if not card.mended]
        return sorted(found, key=lambda card: (-card.in_a_row, -card.missed, card.key))

    def streak(self, today: date) -> int:
        """On how many days in a row something was answered, up to today or yesterday."""
        day = today if today.isoformat() in self.days else today - timedelta(days=1)
        count = 0
        while day.isoformat() in self.days:
            count, day = count + 1, day - timedelta(days=1)
        return count

    def level(self, topic: str) -> int:
        """The level reached in a topic."""
        return self.topics.get(topic, TopicRecord()).level


def folded(progress: Progress, outcomes: Iterable[Outcome], now: datetime) -> Progress:
    """``progress`` with ``outcomes`` in it. ``now`` is in the learner's own time zone.

    >>> from datetime import timezone
    >>> one = Outcome("forks", 1, "gradient", "", "wrong", missed=(("lost path", ""),))
    >>> now = datetime(2026, 1, 5, 20, 0, tzinfo=timezone.utc)
    >>> folded(Progress(), [one], now).cards["lost path", ""].in_a_row
    1
    """
    days, topics, cards = dict(progress.days), dict(progress.topics), dict(progress.cards)
    for outcome in outcomes:
        counts = outcome.result in ("right", "wrong", "skipped", "shown")
        right = outcome.result == "right"
        if counts:
            today = now.date().isoformat()
            day = days.get(today, Day())
            days[today] = Day(day.asked + 1, day.right + right)
            if outcome.topic:
                record = topics.get(outcome.topic, TopicRecord())
                topics[outcome.topic] = _moved(record, outcome.level, right)
        for key in sorted(set(outcome.missed)):
            cards[key] = reviewed(cards.get(key) or Card(*key), now, "again")
        for key in outcome.exposed if right else ():
            card = cards.get(key)
            if card is not None and (card.due <= now or key == outcome.target):
                cards[key] = reviewed(card, now, "hard" if outcome.hints else "good")
    return Progress(days, topics, cards)


def _moved(record: TopicRecord, level: int, right: bool) -> TopicRecord:
    """A topic's record after one more answer, a level up or down where it is time."""
    record = record._replace(asked=record.asked + 1, right=record.right + right)
    if level != record.level:
        return record  # practised at another level on request: that says nothing about this one
    recent = (record.recent + "01"[right])[-_WINDOW:]
    share = recent.count("1") / len(recent)
    if len(recent) == _WINDOW and share >= _UP and level < LEVELS:
        return record._replace(level=level + 1, recent="")
    if len(recent) == _WINDOW and share <= _DOWN and level > 1:
        return record._replace(level=level - 1, recent="")
    return record._replace(recent=recent)


# -- the file's text --------------------------------------------------------------------


def to_text(progress: Progress) -> str:
    """The progress as the JSON of its file: plain, sorted, one entry a line where that reads well."""
    cards = [progress.cards[key].to_dict() for key in sorted(progress.cards)]
    data = {
        "format": FORMAT,
        "version": VERSION,
        "days": {day: progress.days[day]._asdict() for day in sorted(progress.days)},
        "topics": {name: progress.topics[name]._asdict() for name in TOPICS if name in progress.topics},
        "mistakes": cards,
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def from_text(text: str, origin: str) -> Progress:
    """The progress that a file holds.

    Raises NewerError for a newer version's file, and BacktraceError where it is no
    progress file or something in it can't be.

    >>> from_text(to_text(Progress(days={"2026-01-05": Day(3, 2)})), "x").asked
    3
    """
    try:
        data = json.loads(text, parse_constant=float)
    except (ValueError, RecursionError):
        raise BacktraceError(f"{origin} is not JSON, so it holds no progress") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BacktraceError(f"{origin} is no progress file of backtrace")
    version = data.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise NewerError(
            f"{origin} was written by a newer version of backtrace, and is left as it is",
            hint="update backtrace to go on with it",
        )
    reader = _Reader(origin)
    if isinstance(version, bool) or version != VERSION:
        reader.refuse("version")
    days = {day: reader.day(day, item) for day, item in reader.table(data, "days").items()}
    topics = {name: reader.topic(name, item) for name, item in reader.table(data, "topics").items()
              if name in TOPICS}  # fmt: skip
    rows = data.get("mistakes", [])
    if not isinstance(rows, list):
        reader.refuse("mistakes")
    cards = [reader.card(row) for row in rows]
    return Progress(days, topics, {card.key: card for card in cards})


class _Reader:
    """Reads the entries of one file, refusing what can't be."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def refuse(self, what: str) -> NoReturn:
        raise BacktraceError(f"{self.origin} holds no readable progress: {what} is not as it should be")

    def table(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        found = data.get(key, {})
        if not isinstance(found, dict):
            self.refuse(key)
        return found

    def count(self, item: Any, key: str, where: str, most: int = 10**9) -> int:
        found = item.get(key, 0) if isinstance(item, dict) else None
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most:
            self.refuse(f"{key} of {where}")
        return found

    def day(self, name: str, item: Any) -> Day:
        try:
            date.fromisoformat(name)
        except ValueError:
            self.refuse("a date")
        asked = self.count(item, "asked", name)
        return Day(asked, self.count(item, "right", name, asked))

    def topic(self, name: str, item: Any) -> TopicRecord:
        asked = self.count(item, "asked", name)
        level = self.count(item, "level", name, LEVELS)
        recent = item.get("recent", "")
        if not isinstance(recent, str) or recent.strip("01") or level < 1:
            self.refuse(f"the record of {name}")
        return TopicRecord(level, asked, self.count(item, "right", name, asked), recent[-_WINDOW:])

    def card(self, item: Any) -> Card:
        try:
            card = Card.from_dict(item)
        except (KeyError, TypeError, ValueError, OverflowError):
            self.refuse(_which(item))
        numbers = (card.stability or 0.0, card.difficulty or 0.0)
        if not all(math.isfinite(number) for number in numbers):
            self.refuse(_which(item))
        return card


def _which(item: Any) -> str:
    """Which mistake of a file can't be read, as far as it has a name."""
    names = [item.get(key) for key in ("mistake", "op")] if isinstance(item, dict) else []
    said = ", at ".join(name for name in names if isinstance(name, str) and name)
    return f"the mistake {visible(shorten(said, 60))}" if said else "one of the mistakes"
