"""How long a text is in a terminal, and cutting it so that no number is cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

__all__ = ["capitalised", "columns", "listed", "shorten"]


#: A number, or a name with digits in it.
_NUMBER = re.compile(r"(?<![\w.])[-−]?[\w.]*\d[\w.]*(?:(?<=e)[-−+]\d+)?")


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


def capitalised(words: str, names: Container[str] = ()) -> str:
    """``words`` as the beginning of a sentence; what begins with a name or a formula stays as it is.

    >>> capitalised("a sign turned round"), capitalised("sin(x) is no product"), capitalised("b is", {"b"})
    ('A sign turned round', 'sin(x) is no product', 'b is')
    """
    first = words.split(" ", 1)[0]
    return words if first in names or not first.rstrip(":,").isalpha() else f"{words[:1].upper()}{words[1:]}"


def listed(names: list[str]) -> str:
    """``names`` as a sentence has them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
