"""A folder or a .zip as a list of files, read with care: nothing leads out of it, nothing is unpacked whole.

A name in an archive is a stranger's: one that leads upwards, a link, a locked or broken file is told and left
alone, and of no file is more read than was asked for, whatever the archive says of its size.
"""

from __future__ import annotations

import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple, Protocol

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.own_files import left_behind
from backtrace_cli.base.safe_text import visible_name

__all__ = ["Entry", "Folders", "Place", "Zip"]

#: A larger folder, or archive, is no class's.
MOST_ENTRIES, MOST_DEPTH, MOST_NAME = 2_000_000, 32, 240

_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error,
           lzma.LZMAError)  # fmt: skip


class Entry(NamedTuple):
    """One file, by the folders it lies in and its name; what is wrong with it, if anything is."""

    parts: tuple[str, ...]
    key: int | str = ""
    """Where it is read from."""
    problem: str = ""

    @property
    def path(self) -> str:
        """Its name in the place."""
        return "/".join(self.parts)


class Place(Protocol):
    """Where files lie."""

    def entries(self) -> Iterator[Entry]:
        """Every file in it, but for litter."""

    def read(self, entry: Entry, most: int) -> bytes:
        """At most ``most`` bytes of a file. Raises BacktraceError."""


class Folders:
    """A folder on the disk. No link in it is followed."""

    def __init__(self, root: str) -> None:
        self.root = root

    def tops(self) -> list[Entry]:
        """What lies in the folder itself; what a folder in it holds is left open."""
        return [
            one if one.key or one.problem else one._replace(parts=(*one.parts, "")) for one in self._in(())
        ]

    def entries(self) -> Iterator[Entry]:
        waiting: list[tuple[str, ...]] = [()]
        while waiting:
            for one in self._in(waiting.pop()):
                if one.key or one.problem:
                    yield one
                elif len(one.parts) <= MOST_DEPTH:
                    waiting.append(one.parts)
                else:
                    yield one._replace(problem=f"more than {MOST_DEPTH} folders deep")

    def _in(self, parts: tuple[str, ...]) -> Iterator[Entry]:
        """What lies in one folder; a folder in it has neither key nor problem."""
        try:
            found = sorted(os.scandir(os.path.join(self.root, *parts)), key=lambda one: one.name)
        except OSError as error:
            reason = (error.strerror or "no reason given").lower()
            if not parts:
                raise BacktraceError(f"{visible_name(self.root)} can't be read: {reason}") from None
            yield Entry(parts, "", f"can't be read: {reason}")
            return
        for one in found:
            inner = (*parts, one.name)
            if left_behind(one.name):
                continue
            if one.is_symlink():
                yield Entry(inner, "", "a link, which is not followed")
            elif one.is_dir(follow_symlinks=False):
                yield Entry(inner)
            elif one.is_file(follow_symlinks=False):
                yield Entry(inner, os.path.join(self.root, *inner))
            else:
                yield Entry(inner, "", "not a plain file")

    def read(self, entry: Entry, most: int) -> bytes:
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        try:
            with open(os.open(str(entry.key), flags), "rb") as file:
                return file.read(most)
        except OSError as error:
            raise BacktraceError(f"can't be read: {(error.strerror or 'no reason given').lower()}") from None


class Zip:
    """An archive, to be used in a ``with`` statement. Raises BacktraceError where it is none."""

    def __init__(self, file: str | IO[bytes], shown: str, most: int = MOST_ENTRIES) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            count = len(self._zip.infolist())
        except _BROKEN:
            raise BacktraceError(f"{shown} is no .zip that can be read", hint="download it again") from None
        if count > most:
            self._zip.close()
            raise BacktraceError(f"{shown} holds more than {most:,} files", hint="is it the right file?")

    def __enter__(self) -> Zip:
        return self

    def __exit__(self, *why: object) -> None:
        self._zip.close()

    def entries(self) -> Iterator[Entry]:
        for key, info in enumerate(self._zip.infolist()):
            name = _name(info)
            parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
            if (not parts or info.is_dir() or any(map(left_behind, parts))) and ".." not in parts:
                continue
            yield Entry(parts or (name,), key, _problem(info, name, parts))

    def read(self, entry: Entry, most: int) -> bytes:
        try:
            with self._zip.open(self._zip.infolist()[int(entry.key)]) as file:
                return file.read(most)
        except _BROKEN:
            raise BacktraceError("can't be unpacked: the archive is broken there") from None


def _name(info: zipfile.ZipInfo) -> str:
    """The file's name: UTF-8 where it is that, also where the archive doesn't say so, as macOS's don't."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return info.filename


def _problem(info: zipfile.ZipInfo, name: str, parts: tuple[str, ...]) -> str:
    if ".." in parts or name.startswith(("/", "\\")) or (len(name) > 1 and name[1] == ":"):
        return "a name that leads out of the archive, so it was left alone"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a link, which is not followed"
    if info.flag_bits & 1:
        return "locked with a password"
    if len(parts) > MOST_DEPTH:
        return f"more than {MOST_DEPTH} folders deep"
    if any(len(part.encode("utf-8", "replace")) > MOST_NAME or "\0" in part for part in parts):
        return "a name that is too long for a file"
    return ""
