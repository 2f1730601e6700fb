"""Errors for the person who made them: where, what, and what to write instead."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

__all__ = [
    "BacktraceError", "DomainError", "FormulaError", "PointError", "Span", "shorten", "visible",
    "visible_name",
]  # fmt: skip

#: An error excerpt shows at most this many columns of the offending line.
EXCERPT_WIDTH = 72

#: A message or hint longer than this, for a very long name in it, is cut in the middle.
MOST_WORDS = 400

#: GitHub's runner obeys ``::error …`` at the start of a line (a word may come to stand there when
#: a line is folded) and ``##[error]`` anywhere in it; Azure's obeys ``##vso[…]`` anywhere.
_COMMAND = re.compile(r"(?<!\S)::|##(?=\[|vso\[)")

#: A number, or a name with digits in it.
_NUMBER = re.compile(r"(?<![\w.])[-−]?[\w.]*\d[\w.]*(?:(?<=e)[-−+]\d+)?")


class Span(NamedTuple):
    """A half-open stretch ``[start, end)`` of the text the user wrote."""

    start: int
    end: int


class BacktraceError(Exception):
    """Anything the user can mend: bad formula, bad point, undefined value.

    ``message`` says what is wrong in plain words. ``span`` (and ``also``, a
    second place such as the bracket that was never closed) point into
    ``source``. ``hint`` says what to write instead.

    >>> print(BacktraceError("x is missing", hint="add --at x=1").report())
    x is missing
    add --at x=1
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        also: Span | None = None,
        source: str | None = None,
        hint: str | None = None,
        origin: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.also = also
        self.source = source
        self.hint = hint
        self.origin = origin

    def position(self) -> tuple[int, int] | None:
        """Line and column of the error, both counted from 1, or None."""
        if self.source is None or self.span is None:
            return None
        start = min(self.span.start, len(self.source))
        line = self.source.count("\n", 0, start) + 1
        column = start - (self.source.rfind("\n", 0, start) + 1) + 1
        return line, column

    def report(self, width: int = EXCERPT_WIDTH) -> str:
        """The whole error as plain text: the line, the caret, what, and the hint.

        Control characters from the source are shown, never sent.
        """
        lines: list[str] = []
        place = self.position()
        if place is not None and self.source:
            assert self.span is not None
            spans = [self.span] + ([self.also] if self.also else [])
            many = "\n" in self.source.strip("\n")
            if many or self.origin or place[1] > width:
                line = f"line {place[0]}, " if many else ""
                lines.append(f"{self.origin or 'formula'}, {line}column {place[1]}:")
            lines += _excerpt(self.source, spans, width)
        lines.append(visible(shorten(self.message, MOST_WORDS)))
        if self.hint:
            lines.append(visible(shorten(self.hint, MOST_WORDS)))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()


class FormulaError(BacktraceError):
    """The formula can't be read."""


class PointError(BacktraceError):
    """A value in ``--at`` is missing, unknown or unreadable."""


class DomainError(BacktraceError):
    """A step has no value at this point, such as the logarithm of a negative number."""


class ShapeError(BacktraceError):
    """Two arrays don't fit together."""


def visible(text: str) -> str:
    """``text`` with every character that could steer a terminal or a CI runner made visible.

    Newlines stay; tabs become spaces; control, format and surrogate characters
    are shown as ``<U+001B>``. What a CI runner would take for a command gets a space in it.

    >>> visible("a\\x1b[31mb")
    'a<U+001B>[31mb'
    >>> visible("::error::x")
    ': :error::x'
    """
    if "::" in text or "##" in text:
        text = _COMMAND.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
    if text.isascii() and text.isprintable():
        return text
    shown = []
    for char in text:
        if char == "\n":
            shown.append(char)
        elif char == "\t":
            shown.append(" ")
        elif unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            shown.append(f"<U+{ord(char):04X}>")
        else:
            shown.append(char)
    return "".join(shown)


def visible_name(text: str) -> str:
    """A file's or a person's name on one line: ``visible``, with its newlines shown, too.

    >>> visible_name("ada\\nben  9 of 9")
    'ada<U+000A>ben  9 of 9'
    """
    return visible(text.replace("\n", "<U+000A>"))


def shorten(text: str, most: int) -> str:
    """``text`` with its middle left out where it is longer than ``most``.

    A number is left out or stands whole, unless it alone is longer than what may stay: the tail of
    0.555556 would be read as 5556.

    >>> shorten("abcdefghijk", 7)
    'abc…ijk'
    >>> shorten("[0.123, 0.456, 0.789]", 14)
    '[0.123…0.789]'
    """
    if len(text) <= most:
        return text
    half = (most - 1) // 2
    end, start = half, len(text) - half
    for found in _NUMBER.finditer(text, 0, 2 * most):
        if found.start() < end < found.end() and found.start():
            end = found.start()
    for found in _NUMBER.finditer(text, max(0, start - most - 40)):
        if found.start() < start < found.end() < len(text):
            start = found.end()
    return f"{text[:end]}…{text[start:]}"


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes: wide characters two, combining ones none.

    >>> columns("x\u0304"), columns("abc")
    (1, 3)
    """
    if text.isascii():
        return len(text)
    total = 0
    for char in text:
        if unicodedata.category(char) not in ("Mn", "Me"):
            total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total


def _excerpt(source: str, spans: list[Span], width: int) -> list[str]:
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
