"""The reports of a grade book, a file each: a format is a file here with a ``FORMAT`` in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import IO, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.grading.classroom.book import Gradebook

__all__ = ["Format", "find_format", "format_names"]


class Format(NamedTuple):
    """How a grade book is written for one reader."""

    words: str
    """For whom, in a few words for the help."""
    write: Callable[[Gradebook, IO[str]], None]
    one: bool = False
    """Is it about one student? Then a class is written a file each."""
    env: Callable[[Gradebook], None] | None = None
    """What it does besides, for a machine that tells by its environment where it wants things."""
    ready: Callable[[], object] | None = None
    """Raises BacktraceError where the environment lacks what it needs, before anything is graded."""


#: Reports that are gone, and what took their place.
_RETIRED = {
    "classroom": "GitHub Classroom was retired in August 2026; "
    "for Classroom 50, where many went, write --report classroom50=result.json",
}


def format_names() -> list[str]:
    """The names of all formats: the files in this folder."""
    files = [name for folder in __path__ for name in os.listdir(folder)]
    return sorted({name[:-3] for name in files if name.endswith(".py") and not name.startswith("_")})


def find_format(name: str) -> Format:
    """The format called ``name``. Raises BacktraceError where there is none.

    >>> find_format("junit").one
    False
    """
    names = format_names()
    if name in _RETIRED:
        raise BacktraceError(_RETIRED[name])
    if name not in names:
        raise BacktraceError(
            f"there is no report called {visible(name)}", hint=f"there are {', '.join(names)}"
        )
    found: Format = import_module(f"{__name__}.{name}").FORMAT
    return found
