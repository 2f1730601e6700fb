"""Whose each file of a download is, read off names alone; of several attempts the last counts, as is said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.grading.classroom.downloads.places import Entry
from backtrace_cli.grading.classroom.downloads.submitters import Submitters
from backtrace_cli.grading.classroom.downloads.systems import CANVAS, GRADESCOPE, MOODLE, System
from backtrace_cli.grading.classroom.records import Stray

__all__ = ["Given", "Person", "SortedOut", "sorted_out", "system_of"]

#: What Canvas adds to the name of a file that is handed in once more: chain-1.toml.
_AGAIN = re.compile(r"(.+)-\d{1,3}(\.[^.]+)")


class Given(NamedTuple):
    """A file that somebody handed in."""

    entry: Entry
    path: str
    """What it is called in their own folder."""
    attempt: int = 0


class Person(NamedTuple):
    """Somebody of whom there are files."""

    name: str
    folder: str
    """In the download; empty where all is one student's."""
    known_as: str
    ids: tuple[tuple[str, str], ...]
    files: tuple[Given, ...]
    strays: tuple[Stray, ...] = ()


class SortedOut(NamedTuple):
    """A download, by people."""

    people: tuple[Person, ...]
    strays: tuple[Stray, ...]


class _Found(NamedTuple):
    """A file with what its name tells."""

    given: Given
    name: str
    folder: str
    note: str = ""
    """Why it is not read."""
    late: bool = False


def system_of(entries: Sequence[Entry]) -> System | None:
    """The platform as whose download files are named; None where they are not, or only by chance."""
    for system in (GRADESCOPE, MOODLE, CANVAS):
        if system.metadata:
            if any(entry.parts == (system.metadata,) for entry in entries):
                return system
            continue
        assert system.file is not None
        tops = {(entry.parts[0], len(entry.parts) > 1) for entry in entries}
        flat = system is CANVAS  # it has no folders
        fits = sum(system.file.fullmatch(name) is not None for name, folder in tops if not (flat and folder))
        if fits and 2 * fits >= len(tops):
            return system
    return None


def sorted_out(
    system: System, entries: Sequence[Entry], names: Sequence[str], read: Callable[[Entry], bytes]
) -> SortedOut:
    """The people of a download of ``system``.

    ``names`` are the exercises; ``read`` gives the content of the file that says whose is what, where the
    platform adds one. Raises BacktraceError where that can't be read.
    """
    if system.metadata:
        return _by_metadata(system, entries, read)
    return _by_name(system, entries, {name.rpartition("/")[2].casefold() for name in names})


# -- Canvas and Moodle -----------------------------------------------------------------


def _by_name(system: System, entries: Sequence[Entry], known: set[str]) -> SortedOut:
    """Everything told by the name of the file, or of the folder that it lies in."""
    assert system.file is not None
    found: dict[str, list[_Found]] = {}
    strays = []
    for entry in sorted(entries):
        match = system.file.fullmatch(entry.parts[0])
        if match is None:
            strays.append(
                Stray(entry.path, entry.problem or f"not named as {system.title} names a submission")
            )
            continue
        told = match.groupdict()
        path = "/".join(entry.parts[1:]) or told["original"] or entry.parts[0]
        note = entry.problem
        if not note and told["typed"] and told["typed"] != "file":
            note = f"typed into {system.title}, which is not read"
        key = told["id"] or told["person"]
        folder = entry.parts[0] if len(entry.parts) > 1 else (told["person"] or told["id"])
        given = Given(entry, path, int(told.get("attempt") or 0))
        found.setdefault(key, []).append(
            _Found(given, told["person"] or key, folder, note, bool(told.get("late")))
        )
    kept = {key: _last_of_each(files, known) for key, files in found.items()}
    people = [
        Person(files[0].name, files[0].folder, files[0].name,
               ((system.name, key),) if key.isdecimal() else (), *kept[key])
        for key, files in found.items()
    ]  # fmt: skip
    return SortedOut(tuple(_told_apart(people, system.name)), tuple(strays))


def _last_of_each(found: Sequence[_Found], known: set[str]) -> tuple[tuple[Given, ...], tuple[Stray, ...]]:
    """One person's files, the last attempt at each; and what is left out, or worth a word."""
    by_path: dict[str, list[_Found]] = {}
    for one in found:
        by_path.setdefault(_once(one.given.path, known).casefold(), []).append(one)
    files, strays, late = [], [], []
    for attempts in by_path.values():
        attempts.sort(key=lambda one: one.given.attempt)
        *earlier, last = attempts
        strays += [Stray(one.given.path, f"an earlier attempt; the last one, {last.given.path}, counts")
                   for one in earlier]  # fmt: skip
        if last.note:
            strays.append(Stray(last.given.path, last.note))
        else:
            files.append(last.given._replace(path=_once(last.given.path, known)))
        late += [last.given.path] if last.late else []
    if late:
        more = f" and {len(late) - 1} more" if len(late) > 1 else ""
        strays.append(Stray(f"{late[0]}{more}", "late, as the download says"))
    return tuple(files), tuple(strays)


def _once(path: str, known: set[str]) -> str:
    """The name under which a file was handed in first, where Canvas numbered it for being handed in again.

    >>> _once("chain-2.toml", {"chain.toml"}), _once("step-2.toml", {"step-2.toml", "step.toml"})
    ('chain.toml', 'step-2.toml')
    """
    match = _AGAIN.fullmatch(path)
    if match is None or path.casefold() in known or (match[1] + match[2]).casefold() not in known:
        return path
    return match[1] + match[2]


def _told_apart(people: Sequence[Person], system: str) -> Iterator[Person]:
    """People in the order of their names; those who share one have their number behind it."""
    shared = Counter(person.name.casefold() for person in people)
    for person in sorted(people, key=lambda one: (one.name.casefold(), one.ids)):
        number = dict(person.ids).get(system, "")
        if shared[person.name.casefold()] > 1 and number:
            person = person._replace(name=f"{person.name} {number}")
        yield person


# -- Gradescope ------------------------------------------------------------------------


def _by_metadata(system: System, entries: Sequence[Entry], read: Callable[[Entry], bytes]) -> SortedOut:
    """A folder a submission, and a file that says who handed it in: a row for each of a group."""
    assert system.file is not None
    metadata = next(entry for entry in entries if entry.parts == (system.metadata,))
    submitters = Submitters(read(metadata))
    files: dict[str, list[Given]] = {}
    problems: dict[str, list[Stray]] = {}
    strays = []
    for entry in sorted(entries):
        folder, inner = entry.parts[0], "/".join(entry.parts[1:])
        if entry is metadata:
            continue
        if not inner or folder not in submitters.folders:
            strays.append(Stray(entry.path, entry.problem or f"{system.metadata} does not say whose it is"))
        elif entry.problem:
            problems.setdefault(folder, []).append(Stray(inner, entry.problem))
        else:
            files.setdefault(folder, []).append(Given(entry, inner))
    people = []
    for one, folders in submitters.people():
        *earlier, last = sorted(folders, key=_number)
        told = [Stray(folder, f"an earlier attempt; the last one, {last}, counts") for folder in earlier]
        ids = tuple((kind, value) for kind, value in ((system.name, one.sid), ("email", one.email)) if value)
        person = Person(one.name, last, submitters.drawn_by(last), ids, tuple(files.get(last, ())),
                        (*told, *problems.get(last, ())))  # fmt: skip
        people.append(person)
    return SortedOut(tuple(_told_apart(people, "email")), tuple(strays))


def _number(folder: str) -> tuple[int, str]:
    match = GRADESCOPE.file.fullmatch(folder) if GRADESCOPE.file else None
    return (int(match["attempt"]) if match else -1, folder)
