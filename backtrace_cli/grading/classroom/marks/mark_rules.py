"""``corrections.toml``: what a teacher puts right, and by what rules points become a mark."""

from __future__ import annotations

import datetime
import os
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.grading.classroom.marks.times import Moment, moment, read_times
from backtrace_cli.grading.exercise.encoding import text_of
from backtrace_cli.grading.exercise.source import read_small
from backtrace_cli.grading.exercise.worth import tidy

__all__ = ["Correcting", "Extension", "HandedIn", "Late", "Rules", "read_rules"]

_MOST_BYTES = 5_000_000
_MOST_TEXT = 300
_TABLES = {
    "correction": {"student", "answer", "points", "reason", "by", "when"},
    "extension": {"student", "exercise", "until", "days", "reason", "by", "when"},
    "handed_in": {"student", "exercise", "when"},
    "late": {"due", "a_day", "at_most", "grace_minutes", "accepted_days", "times"},
    "drop": {"lowest", "of"},
}


class Correcting(NamedTuple):
    """One answer of one student, put right by hand."""

    student: str
    answer: str
    """``2_forks/fork gradient x``."""
    points: float
    reason: str
    by: str
    when: str
    place: str
    """Where it stands, for an error."""


class Extension(NamedTuple):
    """More time for a student."""

    student: str
    exercise: str
    """Or a chapter; empty for all."""
    until: Moment | None
    days: float
    reason: str


class HandedIn(NamedTuple):
    """When a student handed something in."""

    student: str
    exercise: str
    when: Moment


class Late(NamedTuple):
    """What being late costs."""

    due: Mapping[str, Moment]
    """Exercise or chapter -> when; empty for all others."""
    a_day: float = 0
    """Percent of what was earned, for each day that has begun."""
    at_most: float = 100
    grace_minutes: float = 0
    accepted_days: float | None = None
    """What comes later than this counts nothing."""


class Rules(NamedTuple):
    """A teacher's file."""

    path: str
    corrections: tuple[Correcting, ...] = ()
    extensions: tuple[Extension, ...] = ()
    handed_in: tuple[HandedIn, ...] = ()
    late: Late | None = None
    weights: Mapping[str, float] = {}
    lowest: int = 0
    """So many are left out for each student, …"""
    chapters: bool = False
    """… chapters, and not exercises."""


def read_rules(path: str) -> Rules:
    """The file of corrections and rules. Raises BacktraceError, which says where, and what to write."""
    shown = visible_name(path)
    try:
        text = text_of(read_small(path, "the file of corrections", _MOST_BYTES, "is it the right file?"))
        data = tomllib.loads(text)
    except UnicodeDecodeError:
        raise BacktraceError(f"{shown} is not text in UTF-8", hint="save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BacktraceError(f"{shown} is not TOML: {visible(str(error))}",
                             hint="see corrections in docs/teachers.md") from None  # fmt: skip
    known = {*_TABLES, "weights"}
    for key in data:
        if key not in known:
            _fail(shown, key, f"it has {', '.join(sorted(known))}")
    return _Reader(path, shown, data).rules()


def _fail(shown: str, what: str, hint: str) -> NoReturn:
    raise BacktraceError(f"{shown}: {visible(shorten(what, 100))} can't be used", hint=hint)


class _Reader:
    """One file, taken apart."""

    def __init__(self, path: str, shown: str, data: dict[str, Any]) -> None:
        self.path, self.shown, self.data = path, shown, data

    def rules(self) -> Rules:
        corrections = tuple(self._correction(row, place) for row, place in self._rows("correction"))
        extensions = tuple(self._extension(row, place) for row, place in self._rows("extension"))
        handed_in = [HandedIn(self._text(row, "student", place), self._text(row, "exercise", place, ""),
                              self._moment(row.get("when"), f"{place}, when"))
                     for row, place in self._rows("handed_in")]  # fmt: skip
        late, times = self._late()
        drop = self._table("drop")
        lowest, of = drop.get("lowest", 0), drop.get("of", "exercises")
        if type(lowest) is not int or not 0 <= lowest <= 1_000 or of not in ("exercises", "chapters"):
            _fail(self.shown, "drop", 'write lowest = 1 and of = "exercises" (or "chapters")')
        weights = {visible(name): self._number({"": value}, "", f"weights, {name}", 0, 1_000)
                   for name, value in self._table("weights", any_key=True).items()}  # fmt: skip
        return Rules(self.path, corrections, extensions, (*handed_in, *times), late, weights, lowest,
                     of == "chapters")  # fmt: skip

    def _correction(self, row: dict[str, Any], place: str) -> Correcting:
        texts = [self._text(row, key, place) for key in ("student", "answer", "reason", "by")]
        points = self._number(row, "points", place, 0, 1_000_000)
        when = row.get("when")
        if not isinstance(when, (str, datetime.date)) or not str(when).strip():
            _fail(self.shown, f"{place}, when", "write when = 2026-11-30: the day on which it was decided")
        return Correcting(texts[0], texts[1], points, texts[2], texts[3], visible(str(when)), place)

    def _extension(self, row: dict[str, Any], place: str) -> Extension:
        if ("until" in row) == ("days" in row):
            _fail(self.shown, place, "write either days = 3 or until = 2026-12-01T12:00:00")
        until = self._moment(row["until"], f"{place}, until") if "until" in row else None
        days = self._number(row, "days", place, 0, 3_660) if "days" in row else 0
        return Extension(self._text(row, "student", place), self._text(row, "exercise", place, ""), until,
                         days, self._text(row, "reason", place))  # fmt: skip

    def _late(self) -> tuple[Late | None, Sequence[HandedIn]]:
        table = self._table("late")
        if not table:
            return None, ()
        due = table.get("due")
        given = due if isinstance(due, dict) else {"": due}
        moments = {name: self._moment(value, "late, due") for name, value in given.items()}
        accepted = (
            self._number(table, "accepted_days", "late", 0, 3_660) if "accepted_days" in table else None
        )
        late = Late(moments, self._number(table, "a_day", "late", 0, 100, 0),
                    self._number(table, "at_most", "late", 0, 100, 100),
                    self._number(table, "grace_minutes", "late", 0, 100_000, 0), accepted)  # fmt: skip
        times = table.get("times", "")
        if not isinstance(times, str):
            _fail(self.shown, "late, times", 'it names a .csv file: times = "times.csv"')
        beside = os.path.join(os.path.dirname(self.path), times)
        return late, [HandedIn(*one) for one in read_times(beside)] if times else ()

    # -- parts --------------------------------------------------------------------

    def _rows(self, name: str) -> list[tuple[dict[str, Any], str]]:
        rows = self.data.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            _fail(self.shown, name, f"write [[{name}]] on a line before each of them")
        found = [(row, f"{name} {number}") for number, row in enumerate(rows, 1)]
        for row, place in found:
            self._known(row, name, place)
        return found

    def _table(self, name: str, any_key: bool = False) -> dict[str, Any]:
        table = self.data.get(name, {})
        if not isinstance(table, dict):
            _fail(self.shown, name, f"write [{name}] on a line of its own")
        if not any_key:
            self._known(table, name, name)
        return table

    def _known(self, table: dict[str, Any], name: str, place: str) -> None:
        for key in table:
            if key not in _TABLES[name]:
                _fail(self.shown, f"{place}, {key}", f"it has {', '.join(sorted(_TABLES[name]))}")

    def _text(self, row: dict[str, Any], key: str, place: str, default: str | None = None) -> str:
        value = row.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            _fail(self.shown, f"{place}, {key}", f'write {key} = "…"')
        return visible(shorten(" ".join(value.split()), _MOST_TEXT))

    def _number(
        self, row: dict[str, Any], key: str, place: str, least: float, most: float, default: Any = None
    ) -> float:
        value = row.get(key, default)
        fine = isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most
        if not fine:
            where = f"{place}, {key}" if key else place
            _fail(self.shown, where, f"give a number from {least} to {most:,}")
        return tidy(value)

    def _moment(self, value: Any, place: str) -> Moment:
        found = moment(value)
        if found is None:
            _fail(self.shown, place, "write a day, or a day and a time: 2026-11-20T23:59:00+01:00")
        return found
