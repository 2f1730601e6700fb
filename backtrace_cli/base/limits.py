"""How much a formula may ask for: sizes that somebody types must not take more memory than there is."""

from __future__ import annotations

import os

__all__ = ["MOST_ENTRIES_BY", "most_entries"]

#: The environment variable that raises the limit.
MOST_ENTRIES_BY = "BACKTRACE_MAX_ENTRIES"
#: Entries of one array: 160 MB of doubles, of which a run keeps several.
_MOST_ENTRIES = 20_000_000


def most_entries() -> int:
    """The most entries that an array made from typed sizes may have.

    >>> most_entries() >= 1
    True
    """
    given = os.environ.get(MOST_ENTRIES_BY, "").replace("_", "").strip()
    return max(1, int(given)) if given.isascii() and given.isdecimal() else _MOST_ENTRIES
