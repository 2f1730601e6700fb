"""What is known of a learner, as tables with small bars, as sentences, and as data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.base.safe_text import visible
from backtrace_cli.pages.layout import HEADING, QUIET, VALUE, Column, Screen, heading, line, paragraph, table
from backtrace_cli.quiz.card_keys import ADDING_UP, Key
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS
from backtrace_cli.quiz.memory.progress import Progress, TopicRecord
from backtrace_cli.quiz.memory.schedule import Card

__all__ = ["card_words", "print_progress", "progress_dict", "progress_lines"]

_BAR = 10
_DAYS = 14


def print_progress(screen: Screen, progress: Progress, now: datetime, place: str) -> None:
    """The whole page."""
    screen.parts([])
    paragraph(screen, [(_headline(progress, now), HEADING)])
    if not progress.asked:
        line(screen, "Start with: backtrace quiz")
        return
    if progress.topics:  # who answers about formulas of their own has none
        heading(screen, "Topics")
    columns: tuple[Column, ...] = (
        Column(keep=True), Column("level", keep=True, lead="level "),
        Column("right at first try", style=VALUE, keep=True), Column("", True, keep=True), Column(keep=True),
    )  # fmt: skip
    table(
        screen,
        columns,
        [_topic_row(progress, name, screen.ascii) for name in TOPICS if name in progress.topics],
    )
    weak = progress.weak()
    heading(screen, "Weak spots")
    if not weak:
        line(screen, "None: nothing that you got wrong is open.", indent=2)
    columns = (
        Column(), Column("made", True, lead="made "), Column("in a row", True, lead=", in a row ", keep=True),
        Column("comes back", keep=True, lead=", comes back "),
    )  # fmt: skip
    due = {card.key for card in progress.due(now)}
    table(screen, columns, [_card_row(card, now, due) for card in weak])
    if weak:
        line(screen, "in a row: how often you made it since you last avoided it", QUIET, indent=3)
    mended = [card for card in progress.cards.values() if card.mended]
    if mended:
        heading(screen, "Mended")
        columns = (Column(), Column("asked again", keep=True, lead="asked again "))
        table(
            screen, columns, [(card_words(c), _when(c.due, now)) for c in sorted(mended, key=lambda c: c.due)]
        )
    heading(screen, "Days", f"the last {_DAYS}")
    line(screen, _days(progress, now, screen.ascii), indent=2)
    screen.parts([])
    words = f"{_counted(len(due), 'mistake')} due now." if due else "Nothing is due now."
    paragraph(screen, [(words, HEADING), ("  backtrace quiz goes on.", "")])
    line(screen, f"kept in {place}", QUIET)


def progress_lines(progress: Progress, now: datetime, place: str) -> Iterator[str]:
    """The same as plain sentences in ASCII."""
    yield _headline(progress, now)
    for name in TOPICS:
        if name in progress.topics:
            found = progress.topics[name]
            counts = f"{found.right} of {found.asked} right"
            yield f"{TOPICS[name].title}: level {found.level} of {LEVELS}, {counts}"
    due = {card.key for card in progress.due(now)}
    for card in progress.weak():
        made = f"made {_counted(card.missed, 'time')}, {card.in_a_row} since it was last avoided"
        back = "now" if card.key in due else _when(card.due, now)
        yield ascii_text(f"Weak spot: {card_words(card)}, {made}, comes back {back}")
    for card in progress.cards.values():
        if card.mended:
            yield ascii_text(f"Mended: {card_words(card)}, asked again {_when(card.due, now)}")
    yield f"{_counted(len(due), 'mistake')} due now"
    yield f"Kept in {ascii_text(place)}"


def progress_dict(progress: Progress, now: datetime, place: str) -> dict[str, Any]:
    """The same as plain data for JSON."""
    weak = {card.key for card in progress.weak()}
    due = {card.key for card in progress.due(now)}
    return {
        "schema_version": 1,
        "file": place,
        "asked": progress.asked,
        "right": progress.right,
        "streak": progress.streak(now.date()),
        "due": len(due),
        "topics": [
            {"topic": name, "level": t.level, "asked": t.asked, "right": t.right}
            for name, t in ((n, progress.topics[n]) for n in TOPICS if n in progress.topics)
        ],
        "mistakes": [
            {"mistake": card.mistake or None, "op": card.op or None, "seen": card.seen, "missed": card.missed,
             "in_a_row": card.in_a_row, "weak": key in weak, "due": key in due, "next": card.to_dict()["due"]}
            for key, card in sorted(progress.cards.items())
        ],
        "days": [
            {"date": day, "asked": found.asked, "right": found.right}
            for day, found in sorted(progress.days.items())
        ],
    }  # fmt: skip


def card_words(card: Card) -> str:
    """What is to come back, in words: ``sign, at cos``; ``the rule of divide``.

    >>> card_words(Card("sign", "cos")), card_words(Card("", "divide")), card_words(Card("lost path", ""))
    ('sign, at cos', 'the rule of divide', 'lost path')
    """
    if card.key == ADDING_UP:
        return "putting a partial together"
    if not card.mistake:
        return f"the rule of {visible(card.op)}"
    return visible(f"{card.mistake}, at {card.op}" if card.op else card.mistake)


def _headline(progress: Progress, now: datetime) -> str:
    if not progress.asked:
        return "Nothing answered yet."
    streak = progress.streak(now.date())
    row = f", {_counted(streak, 'day')} in a row" if streak > 1 else ""
    return f"{_counted(progress.asked, 'question')}, {progress.right} right at the first try{row}."


def _topic_row(progress: Progress, name: str, ascii: bool) -> tuple[str, str, str, str, str]:
    found: TopicRecord = progress.topics[name]
    share = found.right / found.asked if found.asked else 0.0
    return (TOPICS[name].title, f"{found.level} of {LEVELS}", _bar(share, ascii), f"{share:.0%}",
            f"{found.right} of {found.asked}")  # fmt: skip


def _bar(share: float, ascii: bool) -> str:
    """``███████░░░``: a share of ten."""
    full = round(share * _BAR)
    return ("#" if ascii else "█") * full + ("." if ascii else "░") * (_BAR - full)


def _card_row(card: Card, now: datetime, due: set[Key]) -> tuple[str, str, str, str]:
    """What was made a moment ago is due though its minute isn't over: the count below says so, too."""
    back = "now" if card.key in due else _when(card.due, now)
    return card_words(card), _counted(card.missed, "time"), str(card.in_a_row), back


def _days(progress: Progress, now: datetime, ascii: bool) -> str:
    """One sign a day, oldest first: how many questions."""
    signs = " .:-=+*#" if ascii else "·▁▂▃▄▅▆▇"
    days = [(now.date() - timedelta(days=back)).isoformat() for back in reversed(range(_DAYS))]
    counts = [progress.days[day].asked if day in progress.days else 0 for day in days]
    most = max([*counts, 1])
    text = "".join(signs[0 if not n else 1 + round((n / most) * (len(signs) - 2))] for n in counts)
    return f"{text}   most {_counted(most, 'question')} a day" if any(counts) else text


def _when(due: datetime, now: datetime) -> str:
    if due <= now:
        return "now"
    minutes = (due - now).total_seconds() / 60
    if minutes < 90:
        return f"in {_counted(max(1, round(minutes)), 'minute')}"
    if minutes < 36 * 60:
        return f"in {_counted(round(minutes / 60), 'hour')}"
    return f"in {_counted(round(minutes / 1440), 'day')}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
