"""Lists and shapes as an exercise file writes them."""

from __future__ import annotations

from typing import Any

__all__ = ["INFINITE", "list_text", "too_deep"]

#: How somebody may write an infinite value, as a formula that has it.
INFINITE = {sign + word: f"{minus}1/0" for sign, minus in (("", ""), ("+", ""), ("-", "-"), ("−", "-"))
             for word in ("inf", "∞", "oo", "infinity")}  # fmt: skip

#: A longer list is no answer, and a deeper one neither.
_MOST_PARTS, _MOST_DEEP = 4_000, 8
_MOST_BITS = 8_000


def list_text(rows: list[Any]) -> Any:
    """A list of TOML as the formula language writes it; empty where each of its entries is a blank.

    The list itself where it holds anything but numbers and text.

    >>> list_text([[1, "1/2"], [-3.5, "x"]]), list_text([["", ""]])
    ('[[1, 1/2], [-3.5, x]]', '')
    """
    parts: list[str] = []
    blank = bool(rows)
    stack: list[tuple[Any, bool]] = [(rows, False)]
    while stack:  # a stack of our own, as people may nest deeper than Python recurses
        item, is_sign = stack.pop()
        if is_sign:
            parts.append(item)
        elif isinstance(item, list):
            stack.append(("]", True))
            for place, entry in enumerate(reversed(item)):
                stack += [(entry, False), (", ", True)] if place < len(item) - 1 else [(entry, False)]
            stack.append(("[", True))
        elif (
            isinstance(item, bool)
            or not isinstance(item, (str, int, float))
            or isinstance(item, int)
            and item.bit_length() > _MOST_BITS
        ):
            return rows
        else:
            parts.append(item if isinstance(item, str) else repr(item))
            blank = blank and isinstance(item, str) and not item.strip()
        if len(parts) > _MOST_PARTS:
            return rows
    return "" if blank else "".join(parts)


def too_deep(text: str) -> bool:
    """Are more square brackets open at once than an array has axes?"""
    depth = deepest = 0
    for char in text:
        depth += (char == "[") - (char == "]")
        deepest = max(deepest, depth)
    return deepest > _MOST_DEEP
