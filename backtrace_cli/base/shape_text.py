"""Shapes as people write them: ``2x3``, ``(3)``, ``a number``."""

from __future__ import annotations

import re

__all__ = ["shape_in"]


#: Brackets nested deeper than this are none of ours.
_MOST_DEEP = 8


def shape_in(text: str) -> tuple[int, ...] | None:
    """``2×3``, ``2x3``, ``[2, 3]``, ``(3)``, ``3``, ``()`` or ``number`` as a shape; None if it is none.

    >>> shape_in("2 × 3"), shape_in("[4]"), shape_in("()"), shape_in("a number"), shape_in("two")
    ((2, 3), (4,), (), (), None)
    """
    inner = text.strip().removeprefix("a ").strip("[]() \t").rstrip(",").casefold()
    if inner in ("", "number", "scalar"):
        return ()
    sizes = [part.strip() for part in re.split(r"[x×*,]", inner)]
    if len(sizes) > _MOST_DEEP or not all(_is_size(part) for part in sizes):
        return None
    return tuple(map(int, sizes))


def _is_size(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) < 9
