"""A text cut into statements: ``dh = 2*(h - t); dW = outer(dh, x)  # the outer product``."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["NAME", "Piece", "apart", "pieces"]

NAME = re.compile(r"[^\W\d]\w*")
#: ``N, D = x.shape``
_SHAPE = re.compile(r"(?P<of>[^\W\d][\w.]*)\.shape")

_OPENING, _CLOSING = "([{", ")]}"
#: What stands in front of code and computes nothing.
_IDLE = re.compile(r"(?:def|return|import|from|pass|with|class|@|assert|print)\b.*|\.\.\.|[\"']{3}.*")


class Piece(NamedTuple):
    """One assignment."""

    line: int
    """Counted from 1."""
    text: str
    """As it was written, without its comment."""
    left: str
    sign: str
    """What stands before the =: ``+`` of ``+=``; empty of a plain one."""
    right: str
    """Empty where there is nothing behind the =, and where there is no =: then ``left`` is all of it."""


def pieces(text: str) -> list[Piece]:
    """The assignments in ``text``: one a line, or several with semicolons; # begins a comment.

    A line goes on where a bracket is open or it ends in a backslash. Lines that only frame code
    (def, return, import) are passed over.

    >>> [(one.line, one.left, one.sign, one.right) for one in pieces("dh = 2*h; dx += dh*w  # so")]
    [(1, 'dh', '', '2*h'), (1, 'dx', '+', 'dh*w')]
    """
    found: list[Piece] = []
    start, depth, begun = "", 0, 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = _uncommented(raw)
        goes_on = line.rstrip().endswith("\\") and not line.rstrip().endswith("\\\\")
        line = line.rstrip()[:-1] if goes_on else line
        for char in line:
            if not start.strip():
                begun = number
            if char == ";" and depth <= 0:
                found += _piece(start, begun)
                start = ""
                continue
            depth += (char in _OPENING) - (char in _CLOSING)
            start += char
        if depth > 0 or goes_on:
            start += " "
            continue
        found += _piece(start, begun)
        start, depth = "", 0
    return found + _piece(start, begun)


def _uncommented(line: str) -> str:
    return re.split(r"#|(?<!:)//(?=\s)", line, maxsplit=1)[0]


def _piece(text: str, line: int) -> list[Piece]:
    shown = text.strip().removesuffix(",").strip()
    if not shown or _IDLE.fullmatch(shown):
        return []
    place = _equals(shown)
    if place < 0:
        return [Piece(line, shown, shown, "", "")]
    sign = shown[place - 1] if place and shown[place - 1] in "+-*/@" else ""
    return [Piece(line, shown, shown[: place - len(sign)].strip(), sign, shown[place + 1 :].strip())]


def _equals(text: str) -> int:
    """Where the = of an assignment stands, outside all brackets; -1 where there is none."""
    depth = 0
    for place, char in enumerate(text):
        depth += (char in _OPENING) - (char in _CLOSING)
        compared = text[place + 1 : place + 2] == "=" or text[max(0, place - 1) : place] in (
            "<",
            ">",
            "!",
            "=",
        )
        if char == "=" and depth == 0 and not compared:
            return place
    return -1


def apart(piece: Piece) -> list[Piece]:
    """``N, D = x.shape`` and ``a, b = 1, 2`` as an assignment for each name."""
    names = [part.strip() for part in piece.left.split(",")]
    if len(names) < 2 or piece.sign or not all(NAME.fullmatch(name) for name in names):
        return [piece]
    sized = _SHAPE.fullmatch(piece.right)
    if sized is not None:
        values = [f"size({sized['of']}, axis={axis})" for axis in range(len(names))]
    else:
        values = _commas(piece.right)
        if len(values) != len(names):
            return [piece]
    return [
        piece._replace(left=name, right=value)
        for name, value in zip(names, values, strict=True)
        if name != "_"
    ]


def _commas(text: str) -> list[str]:
    depth, parts = 0, [""]
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts]
