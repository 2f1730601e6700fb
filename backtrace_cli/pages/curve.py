"""A curve drawn with characters: two by four dots a cell in braille, or one star a cell in ASCII."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backtrace_cli.base.numerals import numeral

__all__ = ["curve"]

#: Values that span more than this are drawn on a logarithmic scale.
_WIDE = 100.0
#: The dots of a braille cell: bit by row (from the top) and column (Unicode, block 2800).
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def curve(
    values: Sequence[float],
    width: int,
    height: int = 8,
    *,
    ascii: bool = False,
    ends: tuple[str, str] = ("", ""),
) -> list[str]:
    """``values`` from left to right as lines of at most ``width`` columns, with a scale at the left.

    Where there are more values than dots, a dot is their mean. What is not finite is
    left out. ``ends`` stand under the left and the right end.

    >>> for line in curve([3.0, 2.0, 1.0], 12, 3, ascii=True):
    ...     print(line)
    3 |***
      |   ***
    1 |      ***
      +---------
    """
    across, down = (1, 1) if ascii else (2, 4)
    margin, labels = 0, [" "]
    while max(map(len, labels)) > margin:  # a wider label leaves fewer dots, and other means
        margin = max(map(len, labels))
        columns = max(1, width - margin - 2) * across
        means = _means(values, columns)
        known = [mean for mean in means if mean is not None]
        if not known:
            return []
        low, high = min(known), max(known)
        labels = [numeral(value, 3, ascii=ascii) for value in (high, low)]
    logarithmic = low > 0 and high / low > _WIDE
    rows = height * down
    scale = math.log if logarithmic else _quarter
    bottom, span = scale(low), (scale(high) - scale(low)) or 1.0
    heights = [
        None if mean is None else min(rows - 1, int((1 - (scale(mean) - bottom) / span) * rows))
        for mean in means
    ]
    cells = _plotted(heights, height, across, down)
    lines = []
    for place, row in enumerate(cells):
        label = labels[1] if place == height - 1 else labels[0] if place == 0 and high > low else ""
        axis = "|" if ascii else "┤" if label else "│"
        drawn = "".join(_cell(bits, ascii) for bits in row)
        lines.append(f"{label.rjust(margin)} {axis}{drawn}".rstrip())
    lines.append(" " * (margin + 1) + ("+" if ascii else "└") + ("-" if ascii else "─") * (columns // across))
    left, right = ends
    if left or right:
        remark = "   (logarithmic scale)" if logarithmic else ""
        left = left + remark if len(left + remark + right) + 2 <= columns // across else left
        room = columns // across - len(left)
        lines.append(" " * (margin + 2) + left + (right.rjust(room) if len(right) < room else ""))
    return lines


def _quarter(value: float) -> float:
    """A quarter, of which even the difference of the two largest floats is one."""
    return value / 4


def _means(values: Sequence[float], columns: int) -> list[float | None]:
    """One value for each column of dots: the mean of those that fall on it, or a point between two."""
    count = len(values)
    found: list[float | None] = []
    for column in range(columns if count else 0):
        if count > columns:
            part = values[column * count // columns : (column + 1) * count // columns]
            kept = [value for value in part if math.isfinite(value)]
            found.append(math.fsum(value / len(kept) for value in kept) if kept else None)
            continue
        place = column * (count - 1) / max(columns - 1, 1)
        first = min(int(place), count - 1)
        second = min(first + 1, count - 1)
        share = place - first
        between = values[first] * (1 - share) + values[second] * share if share else values[first]
        found.append(between if math.isfinite(between) else None)
    return found


def _plotted(heights: Sequence[int | None], height: int, across: int, down: int) -> list[list[int]]:
    """The cells with their dots set: each column from halfway to its neighbours, so that the line holds."""
    cells = [[0] * (len(heights) // across) for _ in range(height)]
    before: int | None = None
    for column, level in enumerate(heights):
        if level is not None:
            reach = (
                level if before is None else before + (1 if level > before else -1 if level < before else 0)
            )
            for dot in range(min(level, reach), max(level, reach) + 1):
                cells[dot // down][column // across] |= _DOTS[dot % down][column % across]
        before = level
    return cells


def _cell(bits: int, ascii: bool) -> str:
    if not bits:
        return " "
    return "*" if ascii else chr(0x2800 + bits)
