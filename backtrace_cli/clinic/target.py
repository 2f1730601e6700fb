"""Which class of which file is to be examined, and on which graphs: as typed, or as the file itself says."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name

__all__ = ["Target", "header_of", "read_target"]

#: ``# doctor: Value  add, mul``: the class of a file, and the groups of graphs that are meant for it.
_HEADER = re.compile(r"^# doctor:[ \t]*(\w+)[ \t]*([\w ,\t]*)$", re.MULTILINE)
_MOST_BYTES = 1_000_000


class Target(NamedTuple):
    """A class in a file."""

    path: str
    name: str
    groups: tuple[str, ...] = ()
    """The groups of graphs that the file names; none where it names none."""

    @property
    def following(self) -> str:
        """The file for the doctor that comes next in the folder of this one; "" where there is none."""
        folder, own = os.path.split(self.path)
        try:
            later = sorted(name for name in os.listdir(folder or ".") if name.endswith(".py") and name > own)
        except OSError:
            return ""
        return os.path.join(folder, later[0]) if self.groups and later else ""


def read_target(text: str) -> Target:
    """``my_engine.py:Value``; ``my_engine.py`` where a line of the file says the rest.

    Raises BacktraceError where no class is named.

    >>> read_target("my_engine.py:Value")
    Target(path='my_engine.py', name='Value', groups=())
    """
    path, colon, name = text.rpartition(":")
    if colon and path.endswith(".py") and name.isidentifier():
        return Target(path, name)
    if not text.endswith(".py"):
        raise BacktraceError(f"{visible_name(text)} names no Python file and class",
                             hint="write the file, a colon and the class: my_engine.py:Value")  # fmt: skip
    try:
        with open(text, "rb") as file:
            source = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        raise BacktraceError(f"there is no file {visible_name(text)}", hint="my_engine.py:Value") from None
    found = header_of(source)
    if found is None:
        raise BacktraceError(f"which class of {visible_name(text)}?",
                             hint=f"write it behind a colon: {visible_name(text)}:Value")  # fmt: skip
    return Target(text, *found)


def header_of(source: str) -> tuple[str, tuple[str, ...]] | None:
    """(class, groups) that a file of an exercise names in a line of its own.

    >>> header_of("# doctor: Value  add, forks")
    ('Value', ('add', 'forks'))
    """
    found = _HEADER.search(source)
    if found is None:
        return None
    return found[1], tuple(re.split(r"[\s,]+", found[2].strip())) if found[2].strip() else ()
