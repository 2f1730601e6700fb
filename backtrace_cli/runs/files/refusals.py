"""What reading any data file needs: is it there, does it fit into memory, and how to refuse it."""

from __future__ import annotations

import os
import stat
import sys
from typing import NoReturn

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.safe_text import visible

__all__ = ["fail", "need_room", "refuse_pipe", "room", "size_of", "unreadable"]


def size_of(path: str) -> int:
    """The file's size; refused where it is none or can't be read."""
    try:
        refuse_pipe(path)
        with open(path, "rb") as file:
            return os.fstat(file.fileno()).st_size
    except (OSError, ValueError) as error:
        unreadable(path, error)


def refuse_pipe(path: str) -> None:
    """Refuse what is no plain file: a pipe could block for ever, and a device never end. Raises OSError."""
    mode = os.stat(path).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        fail(f"{path} is no plain file", "save the numbers in a file, and give that")


def unreadable(path: str, error: Exception) -> NoReturn:
    """Refuse a file that could not be opened, saying why."""
    if isinstance(error, FileNotFoundError):
        fail(f"there is no file {path}", "check its name and the folder you are in")
    reason = getattr(error, "strerror", None) or "its name can't be read"
    fail(f"{path} can't be read: {reason.lower()}", "check the file's name")


def need_room(path: str, size: int, needed: int) -> None:
    """Refuse a file of ``size`` bytes that would need more memory than there is."""
    free = room()
    if needed > free:
        fail(f"{path} is too big for this computer's memory: it has {_bytes(size)} and would take about "
              f"{_bytes(needed)}, and {_bytes(free)} are free",
              "train on a part of it, or leave columns out of the formula")  # fmt: skip


def _bytes(count: int) -> str:
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count / 1000:.3g} kB"


def room() -> int:
    """How many bytes this process may still take, as far as the system says."""
    found = [sys.maxsize]
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            found += [int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable")]
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        if most != resource.RLIM_INFINITY:
            with open("/proc/self/statm", encoding="ascii") as file:
                found.append(most - int(file.read().split()[0]) * resource.getpagesize())
    except (OSError, ImportError, ValueError, IndexError):  # another system: its memory at least
        names = getattr(os, "sysconf_names", {})
        if "SC_PHYS_PAGES" in names and "SC_PAGE_SIZE" in names:
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return max(0, min(found))


def fail(message: str, hint: str) -> NoReturn:
    """Raise a PointError that is fit for a terminal, whatever stood in the file."""
    raise PointError(visible(message), hint=hint)
