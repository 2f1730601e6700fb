"""A roster: everybody in a class with what they are known by, from whatever columns a platform exports.

Capitals, blanks and the forms in which Unicode writes one letter make nobody two people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.grading.people.listed_students import (
    Table,
    place_of,
    read_students,
    read_table,
)

__all__ = ["Listed", "Roster", "folded", "read_roster"]

#: What is known of a person -> the titles that columns for it have, without capitals and signs.
_TITLES: Mapping[str, tuple[str, ...]] = {
    "login": ("login", "login id", "sis login id", "username", "user name", "user", "github username",
              "github login", "account", "benutzername"),
    "id": ("id", "student id", "sis user id", "sid", "id number", "matriculation number", "identifier",
           "number", "matrikelnummer", "org defined id"),
    "email": ("email", "e mail", "email address", "e mail address", "mail", "school email", "roster email"),
    "name": ("name", "full name", "student name", "display name", "student"),
    "first": ("first name", "given name", "vorname"),
    "last": ("last name", "surname", "family name", "nachname"),
    "group": ("group", "group name", "team", "team name", "gruppe"),
}  # fmt: skip
#: By which of these somebody's folder is called, where nobody says: the first that everybody has.
_KNOWN_BY = ("login", "id", "email", "name")


class Listed(NamedTuple):
    """One person of a roster."""

    name: str
    """What their folder is called, their row in reports, and their numbers are drawn by."""
    ids: tuple[tuple[str, str], ...] = ()
    """What else is known: (``login``, …), (``email``, …), (``name``, …)."""
    group: str = ""
    sure: tuple[str, ...] = ()
    """Whatever names them and nobody else, folded; …"""
    perhaps: tuple[str, ...] = ()
    """… and what does if nobody else is called the same: the name, an address without its domain."""


class Roster:
    """Everybody in order, found by whatever they are called."""

    def __init__(self, path: str, people: Sequence[Listed]) -> None:
        self.shown = visible_name(path)
        self.people = tuple(people)
        self.groups: dict[str, list[int]] = {}
        self._sure: dict[str, int] = {}
        self._perhaps: dict[str, set[int]] = {}
        for place, one in enumerate(people):
            for text in one.sure:
                self._sure.setdefault(text, place)
            for text in one.perhaps:
                self._perhaps.setdefault(text, set()).add(place)
            if one.group:
                self.groups.setdefault(folded(one.group), []).append(place)

    def surely(self, *called: str) -> int | None:
        """Which person one of ``called`` names and nobody else, as a login does and a name doesn't."""
        return next((self._sure[text] for text in map(folded, called) if text in self._sure), None)

    def place(self, *called: str) -> int | None:
        """Which person is called so, by the first of ``called`` that is somebody's."""
        sure = self.surely(*called)
        if sure is not None:
            return sure
        for text in map(folded, called):
            if len(found := self._perhaps.get(text, ())) == 1:
                return next(iter(found))
        return None


def folded(text: str) -> str:
    """``text`` without what makes nobody another person: capitals, blanks, forms of Unicode.

    >>> folded(" Ada  LOVELACE"), folded("Jose\\u0301") == folded("JOS\\u00c9")
    ('ada lovelace', True)
    """
    return unicodedata.normalize("NFKC", " ".join(unicodedata.normalize("NFKC", text).casefold().split()))


def read_roster(path: str, column: str = "") -> Roster:
    """The people in ``path``: a .csv file with a line of titles, or one student a line.

    ``column`` says by what their folders are called; without, it is the column called student, or the first
    of a login, an id, an address and a name that everybody has. Raises BacktraceError.
    """
    if not path.casefold().endswith(".csv"):
        names = read_students(path, column)
        return Roster(path, [Listed(name, sure=(folded(name),)) for name in names])
    shown = visible_name(path)
    table = read_table(path)
    table = table._replace(rows=[row for row in table.rows if not _no_person(row[1])])
    if not table.rows:
        raise BacktraceError(f"there are no students in {shown}", hint="write a row for each of them")
    kinds = _kinds(table.titles)
    own = _own(table, kinds, column, shown)
    people = [_person(dict(_cells(row, kinds)), row[own]) for _, row in table.rows]
    seen: dict[str, int] = {}
    for (line, _), one in zip(table.rows, people, strict=True):
        if not one.name:
            hint = f"the column {visible(shorten(table.titles[own], 60))} is empty here"
            raise BacktraceError(f"{shown}, line {line}: there is no name in this row", hint=hint)
        same = seen.setdefault(folded(one.name), line)
        if same != line:
            raise BacktraceError(f"{shown}, line {line}: {visible(one.name)} stands in line {same} already",
                                 hint="a person has one row; --column names another column")  # fmt: skip
    return Roster(path, people)


def _no_person(row: Sequence[str]) -> bool:
    """A row that Canvas adds: the points possible, and its test student."""
    return row[0].strip() in ("Points Possible", "Student, Test")


def _kinds(titles: Sequence[str]) -> dict[str, int]:
    """What is known of a person -> the column it stands in: of several titles the first listed."""
    plain = [" ".join(re.sub(r"[\W_]+", " ", title.casefold()).split()) for title in titles]
    return {
        kind: plain.index(next(title for title in listed if title in plain))
        for kind, listed in _TITLES.items()
        if any(title in plain for title in listed)
    }


def _own(table: Table, kinds: Mapping[str, int], column: str, shown: str) -> int:
    """The column in which stands what folders are called."""
    plain = [title.casefold() for title in table.titles]
    other = kinds.get("name", -1) != plain.index("student") if "student" in plain else False
    if column or other or "student" in plain and not {"login", "id", "email"} & set(kinds):
        return place_of(table.titles, column, shown)
    for kind in _KNOWN_BY:
        if kind in kinds and all(row[kinds[kind]] for _, row in table.rows):
            return kinds[kind]
    return place_of(table.titles, column, shown)


def _cells(row: Sequence[str], kinds: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(kind, unicodedata.normalize("NFC", row[place])) for kind, place in kinds.items() if row[place]]


def _person(known: dict[str, str], own: str) -> Listed:
    first, last = known.pop("first", ""), known.pop("last", "")
    group = known.pop("group", "")
    if first and last and "name" not in known:
        known["name"] = f"{first} {last}"
    name = unicodedata.normalize("NFC", own.strip())
    sure = {folded(text) for kind, text in known.items() if kind != "name"} | ({folded(name)} - {""})
    ids = tuple((kind, visible_name(text)) for kind, text in known.items())
    perhaps = {folded(text) for text in _names(known.get("name", ""))}
    perhaps |= {folded(known["email"].partition("@")[0])} if "email" in known else set()
    more = (("group", visible_name(group)),) if group else ()
    return Listed(name, ids + more, group, tuple(sorted(sure)), tuple(sorted(perhaps - sure)))


def _names(name: str) -> list[str]:
    """The ways in which a name is written: as it stands, and the last name first or last."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if comma:
        return [name, f"{first} {last}", f"{last} {first}", f"{last}{first}".replace(" ", "")]
    first, _, last = name.rpartition(" ")
    if not first:
        return [name]
    return [name, f"{last} {first}", f"{last}, {first}", f"{last}{first}".replace(" ", "")]
