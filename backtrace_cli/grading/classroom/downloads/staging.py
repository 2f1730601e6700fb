"""A download laid out as a folder a student, for as long as it is graded.

Only what could be an answer is copied, a bit more than a file may hold at most; of others the names alone.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.grading.classroom.downloads.places import Entry, Folders, Place, Zip
from backtrace_cli.grading.classroom.downloads.sorting import Given, Person, sorted_out, system_of
from backtrace_cli.grading.classroom.downloads.systems import System
from backtrace_cli.grading.classroom.records import Stray
from backtrace_cli.grading.classroom.submission import Folder, students_in
from backtrace_cli.grading.exercise.source import MOST_BYTES

__all__ = ["Class", "opened"]

_T = TypeVar("_T")
#: A student's own archive: so large, and with so many files, at most; so much is unpacked for one student.
_MOST_ARCHIVE, _MOST_FILES, _MOST_UNPACKED = 20_000_000, 5_000, 100_000_000
#: The file that says whose is what; with every test's output in it, it is long.
_MOST_METADATA = 200_000_000


class Class(NamedTuple):
    """The students of a class, and what else lies among their work."""

    folders: list[Folder]
    strays: list[Stray]
    system: str = ""
    """The platform that the download comes from; empty of an ordinary folder."""


@contextlib.contextmanager
def opened(
    root: str, names: Sequence[str], student: str = "", part: tuple[int, int] = (1, 1)
) -> Iterator[Class]:
    """The students in ``root``: a folder of folders, a platform's download, or either as a .zip.

    ``names`` are the exercises, ``student`` the one whose work all of it is, ``part`` = (2, 5) every fifth
    of the class from the second on. What was unpacked is gone in the end. Raises BacktraceError.
    """
    with contextlib.ExitStack() as stack:
        archive = os.path.isfile(root) and root.casefold().endswith(".zip")
        place: Place | None = None
        system, entries = None, []
        if archive:
            place = stack.enter_context(Zip(root, visible_name(root)))
            entries = list(place.entries())
            if not student:
                system, entries = _unwrapped(entries, names)
        elif os.path.isdir(root) and not student:
            place, system = _in_folder(root)
            entries = list(place.entries()) if system else []
        if place is None or not (archive or system):
            folders, strays = students_in(root, names, student)
            yield Class(_part(folders, part), strays)
            return
        stage = stack.enter_context(tempfile.TemporaryDirectory(prefix="backtrace-"))
        if system is None:
            yield _unsorted(place, entries, root, stage, names, student, part)
            return
        found = sorted_out(system, entries, names, lambda entry: place.read(entry, _MOST_METADATA))
        if not found.people:
            raise BacktraceError(f"there are no submissions in {visible_name(root)}")
        mine = enumerate(_part(found.people, part))
        yield Class([_folder(place, one, stage, number) for number, one in mine],
                    list(map(_stray, sorted(found.strays))), system.title)  # fmt: skip


def _part(people: Sequence[_T], part: tuple[int, int]) -> list[_T]:
    return list(people[part[0] - 1 :: part[1]])


def _unwrapped(entries: list[Entry], names: Sequence[str]) -> tuple[System | None, list[Entry]]:
    """The platform of an archive, and its files without the folders that everything lies in."""
    while True:
        system = system_of(entries)
        if system or not _one_folder(entries) or _answers(entries, names):
            return system, entries
        entries = [entry._replace(parts=entry.parts[1:]) for entry in entries]


def _in_folder(root: str) -> tuple[Folders, System | None]:
    """The folder that a download was unpacked into, and its platform; only the names on top are looked at."""
    place = Folders(root)
    tops = place.tops()
    system = system_of(tops)
    if system is None and len(tops) == 1 and len(tops[0].parts) > 1:
        inner = Folders(os.path.join(root, tops[0].parts[0]))
        if inner_system := system_of(inner.tops()):
            return inner, inner_system
    return place, system


def _folder(place: Place, person: Person, stage: str, number: int) -> Folder:
    """The person's folder below ``stage``, with their files in it."""
    path = os.path.join(stage, str(number))
    os.mkdir(path)
    strays = [*person.strays, *_Desk(path, _MOST_UNPACKED).lay_out(place, person.files)]
    return Folder(visible_name(person.name), path, person.folder, person.known_as, ids=person.ids,
                  strays=tuple(strays))  # fmt: skip


class _Desk:
    """A folder on which files are laid out, so many bytes at most."""

    def __init__(self, path: str, room: int) -> None:
        self.path = path
        self.room = room
        self.left = room

    def lay_out(self, place: Place, files: Sequence[Given], inner: bool = False) -> Iterator[Stray]:
        """Write ``files``, archives opened one deep; and say what can't be."""
        for given in files:
            ending = os.path.splitext(given.path.casefold())[1]
            try:
                if ending == ".zip" and not inner:
                    yield from self._unpacked(place, given)
                else:
                    self._write(given.path, self._read(place, given) if ending == ".toml" else b"")
            except BacktraceError as error:
                yield Stray(given.path, error.message)

    def _read(self, place: Place, given: Given) -> bytes:
        if self.left <= 0:
            raise BacktraceError(f"left alone, as more than {self.room // 10**6:,} MB lie there")
        data = place.read(given.entry, MOST_BYTES + 1)
        self.left -= len(data)
        return data

    def _write(self, name: str, data: bytes) -> None:
        target = os.path.join(self.path, *name.split("/"))
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(data)
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "its name can't be used").lower()
            raise BacktraceError(f"can't be unpacked: {reason}") from None

    def _unpacked(self, place: Place, given: Given) -> Iterator[Stray]:
        """The files of a student's own archive, in a folder of its name."""
        data = place.read(given.entry, _MOST_ARCHIVE + 1)
        if len(data) > _MOST_ARCHIVE:
            raise BacktraceError(f"an archive above {_MOST_ARCHIVE // 10**6} MB, which is not opened")
        with Zip(io.BytesIO(data), "it", _MOST_FILES) as archive:
            found = [Given(entry, f"{given.path}/{entry.path}") for entry in archive.entries()]
            yield from self.lay_out(archive, [one for one in found if not one.entry.problem], inner=True)
            yield from (Stray(one.path, one.entry.problem) for one in found if one.entry.problem)


def _unsorted(
    place: Place, entries: Sequence[Entry], root: str, stage: str, names: Sequence[str], student: str,
    part: tuple[int, int],
) -> Class:  # fmt: skip
    """An archive of an ordinary folder: of a class, or of one student."""
    below = os.path.join(stage, os.path.basename(root)[: -len(".zip")] or "class")
    os.mkdir(below)
    files = [Given(entry, entry.path) for entry in entries if not entry.problem]
    strays = [*_Desk(below, 100 * _MOST_UNPACKED).lay_out(place, files, inner=True),
              *(Stray(entry.path, entry.problem) for entry in entries if entry.problem)]  # fmt: skip
    folders, others = students_in(below, names, student)
    return Class(_part(folders, part), [*others, *map(_stray, strays)])


def _one_folder(entries: Sequence[Entry]) -> bool:
    """Does all of it lie in one folder?"""
    return len({entry.parts[0] for entry in entries}) == 1 and all(len(entry.parts) > 1 for entry in entries)


def _answers(entries: Sequence[Entry], names: Sequence[str]) -> bool:
    """Do answers lie right in the one folder, which then is a student's?"""
    wanted = {*names, *(name.rpartition("/")[2] for name in names)}
    return any("/".join(entry.parts[1:]) in wanted for entry in entries)


def _stray(stray: Stray) -> Stray:
    return Stray(shorten(visible_name(stray.path), 300), stray.why)
