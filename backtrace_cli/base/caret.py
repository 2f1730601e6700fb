"""The lines of a user's text that an error points into, with carets under the place."""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.base.lengths import columns
from backtrace_cli.base.safe_text import visible

__all__ = ["Span", "excerpt"]


class Span(NamedTuple):
    """A half-open stretch ``[start, end)`` of the text the user wrote."""

    start: int
    end: int


def excerpt(source: str, spans: list[Span], width: int) -> list[str]:
    """The source lines that hold ``spans``, each with its carets underneath.

    Two places of one line share a row where both fit into it.
    """
    rows: list[str] = []
    shown: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for start, end in sorted(spans):
        start = min(max(start, 0), len(source))
        begin = source.rfind("\n", 0, start) + 1
        stop = source.find("\n", begin)
        stop = len(source) if stop < 0 else stop
        stop -= source.endswith("\r", begin, stop)
        end = max(start + 1, min(end, stop))
        window = next((w for w in shown if w[0] == begin and w[1] <= start <= w[2]), None)
        if window is None:
            window = (begin, *_window(source, begin, stop, start, width))
        shown.setdefault(window, []).append((start, end))
    for (begin, left, right), marks in shown.items():
        stop = source.find("\n", begin)
        cut = right < (len(source) if stop < 0 else stop) - source.startswith("\r\n", right)
        rows.append((" …" if left > begin else " ") + visible(source[left:right]) + ("…" if cut else ""))
        carets = ""
        for start, end in marks:
            pad = columns(visible(source[left:start])) - len(carets)
            length = columns(visible(source[start : min(end, right)]))
            carets += " " * max(0, pad) + "^" * max(1, length)
        rows.append(("  " if left > begin else " ") + carets)
    return rows


def _window(source: str, begin: int, stop: int, at: int, width: int) -> tuple[int, int]:
    """The part of a line (from ``begin`` to ``stop``) around ``at`` that fits into ``width``."""
    left = max(begin, min(at - width // 2, stop - width))
    right = min(stop, left + width)
    wide = columns(visible(source[left:right]))
    while wide > width and right - left > 1:
        if right - at > at - left:
            right -= 1
            wide -= columns(visible(source[right]))
        else:
            wide -= columns(visible(source[left]))
            left += 1
    return left, right
