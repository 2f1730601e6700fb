"""What lies in a student's folder: which file answers which exercise, and what is there besides.

Nothing here opens a file. A link is never followed, so nothing outside the folder is read.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.own_files import left_behind
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.base.suggest import nearest
from backtrace_cli.grading.classroom.records import Stray

__all__ = ["Folder", "Handed", "collect", "students_in"]

#: More than this is looked at in nobody's folder.
MOST_ENTRIES, MOST_DEPTH, MOST_STRAYS = 10_000, 32, 50


#: What is told of where it lies, as somebody may think that they have handed it in.
_ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"}
_DOCUMENTS = {
    ".ipynb": "a notebook", ".pdf": "a document", ".doc": "a document", ".docx": "a document",
    ".odt": "a document", ".pages": "a document", ".rtf": "a document", ".tex": "a document",
    ".jpg": "a picture", ".jpeg": "a picture", ".png": "a picture", ".heic": "a picture",
}  # fmt: skip

#: What browsers, editors and students put behind a file's name. Nothing is tried twice: a name may be
#: written to keep a pattern busy.
_BESIDE = re.compile(r"(?:[ _-]*+(?:\(\d++\)|copy|final|v?+\d++))*+(?:\.toml)?+(?:\.txt|\.bak|\.orig)?+")


class Folder(NamedTuple):
    """A student and where their files are."""

    student: str
    """The name in reports."""
    path: str
    name: str
    """The folder's own name; empty where it is what the command was given."""
    known_as: str
    """The name by which variants are drawn."""
    parts: tuple[str, ...] = ("",)
    """The folders below ``path`` in which the files lie: several, where they differ only in how a
    name is encoded or in blanks about it, as ``ada`` and ``ada ``."""
    ids: tuple[tuple[str, str], ...] = ()
    """By what else they are known, such as a learning platform's number of them."""
    strays: tuple[Stray, ...] = ()
    """What was left out on the way to this folder, and why."""


class Handed(NamedTuple):
    """What a student handed in."""

    files: dict[str, tuple[str, ...]]
    """Exercise -> the files that answer it, in the student's folder; none, one, or more by mistake."""
    strays: tuple[Stray, ...]


def students_in(root: str, names: Sequence[str], student: str = "") -> tuple[list[Folder], list[Stray]]:
    """The students' folders in ``root``, sorted, and what else lies among them.

    ``root`` is one student's own folder if ``student`` says so, or if answers to the exercises
    ``names`` lie in it. Raises BacktraceError where there is nobody.
    """
    if not os.path.isdir(root):
        what = "is a file" if os.path.exists(root) else "does not exist"
        hint = "give the folder with the students' folders, or a .zip of it"
        raise BacktraceError(f"{visible_name(root)} {what}", hint=hint)
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise BacktraceError(f"{visible_name(root)} can't be read: {reason}") from None
    if student or _is_own(root, entries, names):
        own = student or os.path.basename(os.path.abspath(root))
        return [Folder(visible_name(own), root, "", student)], []
    people: dict[str, list[str]] = {}
    strays: list[Stray] = []
    for entry in entries:
        shown = visible_name(entry.name)
        if left_behind(entry.name):
            continue
        if entry.is_symlink():
            strays.append(Stray(shown, "a link, which is not followed"))
        elif not entry.is_dir(follow_symlinks=False):
            archive = _ending(entry.name) in _ARCHIVES
            why = "an archive; unpack it into a folder with its student's name" if archive else ""
            strays.append(Stray(shown, why or "not in a student's folder"))
        else:
            people.setdefault(unicodedata.normalize("NFC", entry.name).strip() or entry.name, []).append(
                entry.name
            )
    if not people:
        hint = "it holds a folder for each student"
        if any(stray.why.startswith("an archive") for stray in strays):
            hint += "; unpack the archives first"
        raise BacktraceError(f"there are no submissions in {visible_name(root)}", hint=hint)
    return _folders(root, people), strays


def _folders(root: str, people: dict[str, list[str]]) -> list[Folder]:
    """A folder each, by the names that people go by; two rows never look the same."""
    folders: list[Folder] = []
    taken: set[str] = set()
    for name, parts in people.items():
        shown = visible_name(name)
        while shown in taken:
            shown += "'"
        taken.add(shown)
        if len(parts) == 1:
            folders.append(Folder(shown, os.path.join(root, parts[0]), parts[0], parts[0]))
        else:
            folders.append(Folder(shown, root, parts[0], parts[0], tuple(parts)))
    return folders


def _is_own(root: str, entries: Sequence[os.DirEntry[str]], names: Sequence[str]) -> bool:
    """Is ``root`` one student's folder, not that of a class?

    A stray file beside two folders that hold answers makes it no student's.
    """
    chapters = {name.partition("/")[0] for name in names}
    last = {name.rpartition("/")[2] for name in names}
    below = [entry for entry in entries if entry.is_dir(follow_symlinks=False)
             and not left_behind(entry.name)]  # fmt: skip
    others = [entry.path for entry in below if entry.name not in chapters]
    people = sum(
        any(os.path.lexists(os.path.join(path, name)) for name in (*names, *last)) for path in others
    )
    if any("/" in name and os.path.lexists(os.path.join(root, name)) for name in names):
        return True
    loose = [entry.name for entry in entries if entry.name.endswith(".toml") and not entry.is_dir()]
    if any(name.casefold() in map(str.casefold, last) for name in loose):
        return people < 2
    return bool(loose) and not below


def collect(folder: Folder, names: Sequence[str], others: Sequence[str] = ()) -> Handed:
    """The files of one student, sorted out by exercise; ``others`` are exercises that aren't asked for.

    A file answers the exercise with whose path its own ends (``hw/04_forks/two.toml``), or, for
    those who hand in loose files, with whose name alone, if the course has that name once.
    The file in the exercise's own place goes before one elsewhere.
    """
    loose: dict[str, list[str]] = {}
    every = (*names, *others)
    for name in every:
        loose.setdefault(name.rpartition("/")[2].casefold(), []).append(name)
    known = {name.casefold(): name for name in every}
    found: dict[str, dict[int, list[str]]] = {name: {} for name in every}
    strays = list(folder.strays)
    for path, problem in _walk(folder.path, folder.parts):
        if problem:
            strays.append(Stray(path, problem))
            continue
        answers, rank = _answers(path, known, loose)
        if answers is not None:
            found[answers].setdefault(rank, []).append(path)
        elif near := _meant(path, names):
            strays.append(Stray(path, f"to be graded it has to be called {near}"))
        elif not _meant(path, others) and (why := _no_answer(path)):
            strays.append(Stray(path, why))
    files = {}
    for name in others:
        del found[name]
    for name, ranks in found.items():
        best = min(ranks, default=0)
        files[name] = tuple(sorted(ranks.get(best, ())))
        for rank in sorted(ranks):
            if rank != best:
                strays += [Stray(path, f"a second file for {name}; {files[name][0]} counts")
                           for path in sorted(ranks[rank])]  # fmt: skip
    strays = [Stray(shorten(visible_name(path), 300), visible(why)) for path, why in sorted(strays)]
    if len(strays) > MOST_STRAYS:
        more = len(strays) - MOST_STRAYS
        strays = [*strays[:MOST_STRAYS], Stray("…", f"and {more} more")]
    return Handed(files, tuple(strays))


def _answers(path: str, known: dict[str, str], loose: dict[str, list[str]]) -> tuple[str | None, int]:
    """The exercise that a file answers, and how far from its place it lies (0: in it)."""
    parts = path.casefold().split("/")
    for skipped in range(len(parts)):
        name = known.get("/".join(parts[skipped:]))
        if name is not None:
            return name, 2 * skipped + (not path.endswith(name))
    named = loose.get(parts[-1], ())
    return (named[0], 1000) if len(named) == 1 else (None, 0)


def _meant(path: str, names: Sequence[str]) -> str:
    """The exercise that a misnamed file may be, such as ``two (1).toml``, ``two.toml.txt`` or one with a
    slip in its name; else empty.

    >>> _meant("two (1).toml", ["a/two.toml"]), _meant("two_paths.toml", ["a/two.toml"])
    ('two.toml', '')
    """
    own = path.rpartition("/")[2].casefold()
    for name in names:
        last = name.rpartition("/")[2]
        stem = last.removesuffix(".toml").casefold()
        if own.startswith(stem) and _BESIDE.fullmatch(own, len(stem)):
            return last
    by_name = {name.rpartition("/")[2].casefold(): name.rpartition("/")[2] for name in names}
    near = nearest(own, by_name, 0.85)
    return by_name[near] if near else ""


def _no_answer(path: str) -> str:
    """Why a file that answers nothing is worth a word; empty where it isn't, as for program code.

    >>> _no_answer("hw.zip"), _no_answer("notes.py")
    ('an archive, which is not opened', '')
    """
    ending = _ending(path)
    if ending == ".toml":
        return "no exercise is called this"
    if ending in _ARCHIVES:
        return "an archive, which is not opened"
    if ending in _DOCUMENTS:
        return f"{_DOCUMENTS[ending]}, which is not read"
    return ""


def _ending(path: str) -> str:
    return os.path.splitext(path.casefold())[1]


def _walk(root: str, parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(path, problem) of every file below ``root`` that is, or might be meant as, an answer."""
    waiting = [(part, 0) for part in reversed(parts)]
    seen = 0
    while waiting:
        folder, depth = waiting.pop()
        try:
            entries = list(_limited(os.path.join(root, folder), MOST_ENTRIES - seen))
        except OSError as error:
            yield folder or ".", f"can't be read: {(error.strerror or 'no reason given').lower()}"
            continue
        seen += len(entries)
        for entry in sorted(entries, key=lambda entry: entry.name):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if left_behind(entry.name):
                continue
            if entry.is_symlink():
                yield path, "a link, which is not followed"
            elif entry.is_dir(follow_symlinks=False):
                if depth < MOST_DEPTH:
                    waiting.append((path, depth + 1))
                else:
                    yield path, f"more than {MOST_DEPTH} folders deep"
            elif not entry.is_file(follow_symlinks=False):
                yield path, "not a plain file"
            else:
                yield path, ""
        if seen >= MOST_ENTRIES:
            yield "…", f"there are more than {MOST_ENTRIES:,} files, and the rest was not looked at"
            return


def _limited(folder: str, most: int) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= most:
                return
            yield entry
