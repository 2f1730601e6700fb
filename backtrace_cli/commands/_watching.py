"""``--watch``: which files were saved since the last look.

A few files are looked at a few times a second. That costs next to nothing, works where
notifications don't (network drives, containers), and takes an editor that saves by renaming
for what it is; so no library for it is needed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence

__all__ = ["saves"]

_EVERY = 0.25

_Sign = tuple[int, int, int]


def saves(paths: Sequence[str], sleep: Callable[[float], None] = time.sleep) -> Iterator[list[str]]:
    """The files of ``paths`` that were saved, each time some were; at first all of them.

    A file that is gone is waited for, as many editors take it away for a moment; where it stays
    away, an empty list is yielded once.
    """
    known: dict[str, _Sign | None] = {path: _sign(path) for path in paths}
    yield list(paths)
    # One that is away for two looks is gone for good, as far as its student can see.
    lost = absent = {path for path, sign in known.items() if sign is None}
    while True:
        sleep(_EVERY)
        found = {path: _sign(path) for path in known}
        gone = {path for path, sign in found.items() if sign is None} & absent
        absent = {path for path, sign in found.items() if sign is None}
        changed = [path for path, sign in found.items() if sign is not None and sign != known[path]]
        if changed:
            sleep(0.05)  # until it is written to the end
            known |= {path: _sign(path) or known[path] for path in changed}
            yield changed
        elif gone - lost:
            yield []
        lost = gone


def _sign(path: str) -> _Sign | None:
    """What changes when a file is saved; None while it isn't there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
