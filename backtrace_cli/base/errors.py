"""Errors for the person who made them: where, what, and what to write instead."""

from __future__ import annotations

from backtrace_cli.base.caret import Span, excerpt
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible

__all__ = ["BacktraceError", "DomainError", "FormulaError", "PointError"]  # fmt: skip

#: An error excerpt shows at most this many columns of the offending line.
EXCERPT_WIDTH = 72

#: A message or hint longer than this, for a very long name in it, is cut in the middle.
MOST_WORDS = 400


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
        place = getattr(source, "place", None)
        if place is not None:  # a formula that was written from a file: the error is shown there
            also = place(also)[0] if also is not None else None
            span, source, origin = place(span)
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
            lines += excerpt(self.source, spans, width)
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
