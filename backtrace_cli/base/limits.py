"""How much a formula may ask for: sizes that somebody types must not take more memory than there is."""

from __future__ import annotations

import os

__all__ = ["MOST_ENTRIES_BY", "confine", "most_entries"]

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


def confine(memory: int) -> None:
    """Let this process take no more than ``memory`` bytes, where the system can hold it to that, and leave
    no core file."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for limit, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (most if hard < 0 else min(most, hard), hard))
