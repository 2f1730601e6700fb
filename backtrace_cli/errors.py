"""Errors for the person who made them: where, what, and what to write instead."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

__all__ = ["BacktraceError", "DomainError", "FormulaError", "PointError", "Span", "visible"]

#: An error excerpt shows at most this many columns of the offending line.
EXCERPT_WIDTH = 72


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
        if place is not None:
            assert self.source is not None and self.span is not None
            spans = [self.span] + ([self.also] if self.also else [])
            many = "\n" in self.source.strip("\n")
            if many or self.origin or place[1] > width:
                lines.append(f"{self.origin or 'formula'}, line {place[0]}, column {place[1]}:")
            lines += _excerpt(self.source, spans, width)
        lines.append(visible(self.message))
        if self.hint:
            lines.append(visible(self.hint))
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()


class FormulaError(BacktraceError):
    """The formula can't be read."""


class PointError(BacktraceError):
    """A value in ``--at`` is missing, unknown or unreadable."""


class DomainError(BacktraceError):
    """A step has no value at this point, such as the logarithm of a negative number."""


def visible(text: str) -> str:
    """``text`` with every character that could steer a terminal made visible.

    Newlines stay; tabs become spaces; control, format and surrogate characters
    are shown as ``<U+001B>``.

    >>> visible("a\\x1b[31mb")
    'a<U+001B>[31mb'
    """
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


def columns(text: str) -> int:
    """How many terminal columns ``text`` takes: wide characters two, combining ones none.

    >>> columns("x\u0304"), columns("abc")
    (1, 3)
    """
    if text.isascii():
        return len(text)
    total = 0
    for char in text:
        if unicodedata.combining(char):
            continue
        total += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return total


def _excerpt(source: str, spans: list[Span], width: int) -> list[str]:
    """The source lines that hold ``spans``, each with its carets underneath."""
    rows: list[str] = []
    by_line: dict[int, list[tuple[int, int]]] = {}
    for span in spans:
        start = min(max(span.start, 0), len(source))
        begin = source.rfind("\n", 0, start) + 1
        stop = source.find("\n", begin)
        stop = len(source) if stop < 0 else stop
        end = max(start + 1, min(span.end, stop))
        by_line.setdefault(begin, []).append((start - begin, end - begin))
    for begin in sorted(by_line):
        stop = source.find("\n", begin)
        line = source[begin : len(source) if stop < 0 else stop]
        marks = sorted(by_line[begin])
        left, line = _window(line, marks[0][0], width)
        rows.append((" …" if left else " ") + visible(line))
        carets = ""
        for start, end in marks:
            at, until = start - left, end - left
            if at < 0 or at > len(line):
                continue
            until = min(until, len(line) + 1)
            pad = columns(visible(line[:at])) - len(carets)
            length = max(1, columns(visible(line[at:until])))
            carets += " " * max(0, pad) + "^" * length
        rows.append(("  " if left else " ") + carets)
    return rows


def _window(line: str, at: int, width: int) -> tuple[int, str]:
    """The part of a long ``line`` around column ``at``, and where it starts."""
    if len(line) <= width:
        return 0, line
    left = max(0, min(at - width // 2, len(line) - width))
    return left, line[left : left + width]
