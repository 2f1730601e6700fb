"""The columns of a ``data`` line: ``p0..p63`` stands for all that lie between."""

from __future__ import annotations

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["column_ranges"]


def column_ranges(tokens: list[Token], source: str) -> list[Token]:
    """``p0..p3`` among the columns of a ``data`` line, written out: p0, p1, p2, p3."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.kind != "..":
            found.append(token)
            continue
        first = found.pop() if found else token
        last = tokens[at] if at < len(tokens) else token
        at += 1
        stem = first.text.rstrip("0123456789")
        low, high = first.text[len(stem) :], last.text[len(stem) :]
        if not (last.text.startswith(stem) and low.isdecimal() and high.isdecimal()
                and len(high) < 7 and int(low) <= int(high)):  # fmt: skip
            raise FormulaError("a range of columns goes from one number to another", source=source,
                               span=Span(first.span.start, last.span.end), hint="write p0..p63")  # fmt: skip
        for number in range(int(low), int(high) + 1):
            if number > int(low):
                found.append(Token(",", ",", token.span))
            found.append(Token("name", f"{stem}{number}", Span(first.span.start, last.span.end)))
    return found
