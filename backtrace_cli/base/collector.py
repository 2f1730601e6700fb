"""Python's garbage collector held while millions of small objects are made, all of them kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["steady"]


#: So many new objects are worth sparing the collector.
_MANY = 100_000


@contextmanager
def steady() -> Iterator[None]:
    """Hold the garbage collector while millions of small objects, all of them kept, are made.

    Without this the time per node grows with the graph: every collection walks it all.
    """
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            if gc.get_count()[0] > _MANY and gc.get_freeze_count() == 0:
                # Moves all that was made to the oldest generation without walking it.
                gc.freeze()
                gc.unfreeze()
            gc.enable()
