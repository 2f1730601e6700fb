"""Files written whole or not at all, also where the disk is full, or the process is killed; and read so that
nothing waits for ever."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import stat
import time
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO

__all__ = ["read_patiently", "special", "sweep", "whole_file", "whole_text"]

#: What a killed process left beside a file is removed when it is so old, in seconds.
_OLD = 3600.0
_MOST_NAME = 100
#: So many seconds somebody is waited for who writes into a pipe.
_PATIENCE = 3.0


@contextlib.contextmanager
def whole_file(
    path: str | os.PathLike[str], *, fresh: bool = False, private: bool = False
) -> Iterator[IO[bytes]]:
    """A file to write into, which stands at ``path`` when it is whole: whoever reads sees the old or the new.

    With ``fresh`` nothing is to stand there yet: else FileExistsError. ``private``: nobody else may read
    it. A link is followed; into what is no file, as /dev/stdout, is written directly. Raises OSError;
    ValueError for a name that no file can have.
    """
    target = os.path.realpath(path)
    if special(target):
        with open(target, "wb") as file:
            yield file
        return
    if fresh and os.path.lexists(path):
        raise FileExistsError(path)
    sweep(target, _OLD)
    draft = f"{_trash(target)}{os.urandom(4).hex()}.tmp"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0),
                     0o600 if private else 0o666)  # fmt: skip
    try:
        with open(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not private:
            with contextlib.suppress(OSError):
                os.chmod(draft, stat.S_IMODE(os.stat(target).st_mode))
        if fresh and os.path.lexists(target):
            raise FileExistsError(path)
        os.replace(draft, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise
    _reach_disk(os.path.dirname(target))


@contextlib.contextmanager
def whole_text(
    path: str | os.PathLike[str], *, newline: str = "\n", errors: str = "strict", fresh: bool = False,
    private: bool = False,
) -> Iterator[IO[str]]:  # fmt: skip
    """The same for text in UTF-8.

    >>> import tempfile
    >>> name = os.path.join(tempfile.mkdtemp(), "a.txt")
    >>> with whole_text(name) as file:
    ...     os.path.exists(name), file.write("x")
    (False, 1)
    >>> os.path.getsize(name), os.listdir(os.path.dirname(name))
    (1, ['a.txt'])
    """
    with whole_file(path, fresh=fresh, private=private) as raw:
        text = TextIOWrapper(raw, "utf-8", errors, newline)
        yield text
        text.flush()
        text.detach()


def read_patiently(path: str, most: int) -> bytes:
    """At most so many bytes of a file or a pipe, such as bash's <(…). Raises OSError; for a pipe into which
    nobody writes after a few seconds, too, where reading would wait for ever; ValueError for no name."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as file:
        if not stat.S_ISFIFO(os.fstat(handle).st_mode):
            return file.read(most)
        first = b""
        with contextlib.suppress(BlockingIOError):  # there is a writer, who may take as long as it takes
            first = os.read(handle, most)
            if not first and not select.select([handle], [], [], _PATIENCE)[0]:
                first = os.read(handle, most)
                if not first:
                    raise OSError(errno.ETIMEDOUT, "it is a pipe, and nobody writes into it")
        os.set_blocking(handle, True)
        return first + file.read(most - len(first))


def sweep(path: str | os.PathLike[str], older: float = 0.0) -> None:
    """Remove what killed processes left half written beside ``path``, if it is ``older`` than so many
    seconds; 0 for somebody who holds a lock, so that nobody else is writing."""
    start = _trash(os.path.realpath(path))
    folder, begin = os.path.split(start)
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if not (name.startswith(begin) and name.endswith(".tmp") and len(name) == len(begin) + 12):
                continue
            with contextlib.suppress(OSError):
                left = os.path.join(folder, name)
                if not older or time.time() - os.stat(left).st_mtime > older:
                    os.unlink(left)


def _trash(target: str) -> str:
    """How the names of this file's half-written ones begin: others in the folder are others'."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_MOST_NAME]}-")


def special(path: str) -> bool:
    """Is it no plain file but /dev/stdout, a pipe or the like, which nothing can be put in the place of?"""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _reach_disk(folder: str) -> None:
    """Make the renaming itself last, where the platform can."""
    with contextlib.suppress(OSError, AttributeError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
