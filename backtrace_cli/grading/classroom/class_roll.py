"""A class by its roster: a row for everybody, also for absentees; groups share what one handed in.

Whose a folder is follows from its name, or from what a platform's download says of it: never from who
pushed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.base.suggest import nearest
from backtrace_cli.grading.classroom.records import Stray
from backtrace_cli.grading.classroom.submission import Folder
from backtrace_cli.grading.people.roster import Listed, Roster, folded

__all__ = ["Called", "called"]


class Called(NamedTuple):
    """The roll."""

    folders: list[Folder]
    """In the order of the roster, and then those who aren't on it."""
    strays: list[Stray]


def called(roster: Roster, folders: Sequence[Folder]) -> Called:
    """``folders`` put down to the people of ``roster``.

    A folder may be called by any of a person's columns, or by their group. In a group the group's own
    folder counts, else the first by the roster that there is.
    """
    own: dict[int, list[Folder]] = {}
    by_name: dict[int, list[Folder]] = {}
    of_group: dict[str, list[Folder]] = {}
    others: list[Folder] = []
    for folder in folders:
        names = (folder.name, folder.student, folder.known_as, *(value for _, value in folder.ids))
        group = next((name for name in map(folded, names) if name in roster.groups), "")
        place = roster.place(*filter(None, names))
        if place is not None:
            sure = roster.surely(*filter(None, names)) is not None
            (own if sure else by_name).setdefault(place, []).append(folder)
        elif group:
            of_group.setdefault(group, []).append(folder)
        else:
            others.append(folder)
    for place, namesakes in by_name.items():
        if place in own:  # somebody else of this name, who isn't on the list
            others += namesakes
        else:
            own[place] = namesakes
    strays = list(_strangers(roster, others))
    found: list[Folder] = []
    for place, one in enumerate(roster.people):
        counts, left = _of(roster, place, own, of_group)
        found.append(_filed(one, counts))
        strays += left
    return Called([*found, *others], strays)


def _of(
    roster: Roster, place: int, own: dict[int, list[Folder]], of_group: dict[str, list[Folder]]
) -> tuple[Folder | None, list[Stray]]:
    """What counts for a person, and what is left out of what they handed in."""
    one = roster.people[place]
    mine = own.get(place, [])
    group = folded(one.group)
    members = roster.groups.get(group, [])
    theirs = of_group.get(group, [])
    if theirs:
        shared, drawn_by = _joined(theirs), one.group
        first = members[0] == place
        left = [*(theirs[1:] if first and shared is theirs[0] else ()), *mine]
        return shared._replace(known_as=drawn_by), [_left(folder, one.group) for folder in left]
    giver = next((other for other in members if other in own), place)
    if giver not in own:
        return None, []
    shared = _joined(own[giver])
    known_as = roster.people[giver].name
    if giver != place:
        return shared._replace(known_as=known_as), [_left(folder, one.group) for folder in mine]
    rest = mine[1:] if shared is mine[0] else []
    return shared._replace(known_as=known_as), [_left(folder, one.name) for folder in rest]


def _joined(folders: Sequence[Folder]) -> Folder:
    """Folders of one person, or group, that differ in capitals or Unicode, as one; else the first of them."""
    first = folders[0]
    if len({folder.path for folder in folders}) == 1:  # parts of one place
        return first._replace(parts=tuple(part for folder in folders for part in folder.parts))
    roots = {folder.path.removesuffix(folder.name) for folder in folders}
    if len(roots) == 1 and all(folder.parts == ("",) for folder in folders):
        return first._replace(path=roots.pop(), parts=tuple(folder.name for folder in folders))
    return first


def _filed(one: Listed, folder: Folder | None) -> Folder:
    """The person's row."""
    shown = visible_name(one.name)
    if folder is None:
        return Folder(shown, "", "", one.name, (), one.ids)
    more = tuple(pair for pair in folder.ids if pair[0] not in dict(one.ids))
    return folder._replace(student=shown, ids=one.ids + more)


def _left(folder: Folder, counts: str) -> Stray:
    shown = visible_name(folder.name or folder.student)
    return Stray(shown, f"left out, as {visible(counts)} handed in another folder, which counts")


def _strangers(roster: Roster, folders: Sequence[Folder]) -> Iterator[Stray]:
    """A word about everybody who isn't on the roster: they are graded all the same."""
    names = [one.name for one in roster.people]
    for folder in folders:
        near = nearest(folder.student, names, 0.75)
        hint = f"; is it {visible_name(near)}?" if near else ""
        yield Stray(folder.student, f"not on the list {roster.shown}, and graded all the same{hint}")
