"""When somebody handed in, and until when they had time; days as they are counted."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.grading.people.listed_students import read_table

__all__ = ["Moment", "days_between", "moment", "read_times"]

#: The titles that columns have, in small letters.
_WHO = ("student", "login", "username", "sis login id", "email", "email address", "id", "sid", "name",
        "full name")  # fmt: skip
_WHEN = ("when", "handed in", "submission time", "submitted at", "last modified (submission)", "time")
_WHAT = ("exercise", "chapter", "assignment")
_FORMS = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M", "%A, %d %B %Y, %I:%M %p", "%d/%m/%Y %H:%M")


class Moment(NamedTuple):
    """A point in time."""

    at: datetime.datetime
    shown: str


def moment(value: Any) -> Moment | None:
    """The moment that ``value`` (a date of TOML's, or text) is; a day alone is meant to its end. None for
    anything else; without a zone it is UTC.

    >>> moment("2026-11-20").at.hour, moment("2026-11-20 12:00:00 +0100").at.hour, moment("soon")
    (23, 11, None)
    """
    if isinstance(value, str):
        value = _read(value.strip())
    if isinstance(value, datetime.datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return Moment(zoned.astimezone(datetime.UTC), value.isoformat(" ", "minutes"))
    if isinstance(value, datetime.date):
        end = datetime.datetime.combine(value, datetime.time(23, 59, 59), datetime.UTC)
        return Moment(end, value.isoformat())
    return None


def _read(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _FORMS:
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def days_between(due: Moment, handed: Moment, grace_minutes: float = 0) -> int:
    """How many days after ``due`` have begun; 0 within the minutes of grace."""
    late = (handed.at - due.at).total_seconds() - 60 * grace_minutes
    return 0 if late <= 0 else 1 + int(((handed.at - due.at).total_seconds() - 1) // 86_400)


def read_times(path: str) -> list[tuple[str, str, Moment]]:
    """(student, exercise or nothing, when) of each row of a platform's table of submissions. A row without a
    time is somebody who handed in nothing. Raises BacktraceError."""
    shown = visible_name(path)
    table = read_table(path)
    plain = [title.casefold() for title in table.titles]
    who = [plain.index(name) for name in _WHO if name in plain]
    when, what = (
        next((plain.index(name) for name in names if name in plain), -1) for names in (_WHEN, _WHAT)
    )
    if not who or when < 0:
        raise BacktraceError(f"{shown} has no column that says who, and when",
                             hint="call them student and when; a column exercise may say what")  # fmt: skip
    found = []
    for line, row in table.rows:
        if row[when] in ("", "-"):
            continue
        at = moment(row[when])
        if at is None:
            words = f"{visible_name(row[when])} is no time that can be read"
            raise BacktraceError(f"{shown}, line {line}: {words}",
                                 hint="write 2026-11-20 23:59, with +0100 where it isn't UTC")  # fmt: skip
        found.append(
            (next((row[place] for place in who if row[place]), ""), row[what] if what >= 0 else "", at)
        )
    return found
