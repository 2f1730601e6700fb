"""Entries by name: ``W[0,1]``; the first few of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.plain_values import Value

__all__ = ["chosen", "entry", "first_few", "labels"]

#: So many entries are named one by one.
_NAMED = 3


def entry(name: str, place: Sequence[int]) -> str:
    """The name of one entry, of a number its own.

    >>> entry("W", (0, 1)), entry("x", ())
    ('W[0,1]', 'x')
    """
    return f"{name}[{','.join(str(i) for i in place)}]" if len(place) else name


def labels(name: str, shape: tuple[int, ...]) -> list[str]:
    """The name of every entry; the name itself of a number."""
    if not shape:
        return [name]
    import numpy as np

    return [entry(name, place) for place in np.ndindex(*shape)]


def chosen(where: Value, most: int = _NAMED) -> tuple[list[tuple[int, ...]], int]:
    """The places of the first entries at which ``where`` holds, and how many more there are."""
    if not shape_of(where):
        return [()] if where else [], 0
    import numpy as np

    flat = np.flatnonzero(where)
    first = [tuple(int(i) for i in np.unravel_index(one, np.shape(where))) for one in flat[:most]]
    return first, len(flat) - len(first)


def first_few(name: str, where: Value, value: Value = None, most: int = _NAMED) -> str:
    """``a[0], a[3], a[4] and 2 more``, with what each is where ``value`` is given.

    >>> import numpy as np
    >>> first_few("a", np.array([True, False, True])), first_few("x", True, 0.0)
    ('a[0], a[2]', 'x = 0')
    """
    places, more = chosen(where, most)
    words = ", ".join(_worded(name, value, places))
    return f"{words} and {more:,} more" if more else words


def _worded(name: str, value: Value, places: list[tuple[int, ...]]) -> Iterator[str]:
    for place in places:
        label = entry(name, place)
        yield label if value is None else f"{label} = {numeral(value[place] if place else value)}"
