"""A list of numbers that stands in a formula, such as ``[[1, 2], [3, 4]]``."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["list_of", "literal_shape"]


def literal_shape(text: str) -> tuple[int, ...]:
    """The shape of a constant: a number, or a list such as ``[[1, 2], [3, 4]]``.

    >>> literal_shape("[[1, 2], [3, 4]]")
    (2, 2)
    """
    depth = len(text) - len(text.lstrip("["))
    sizes = []
    for level in range(depth):
        # Entries at one level are parted by commas with as many brackets open; the first list says how many.
        count, opened = 1, 0
        for char in text[level:]:
            opened += (char == "[") - (char == "]")
            count += char == "," and opened == 1
            if opened == 0:
                break
        sizes.append(count)
    return tuple(sizes)


def list_of(literals: Sequence[str | None]) -> str | None:
    """A list of numbers as one literal; None where it holds anything else, or rows of several lengths.

    >>> list_of(["1", "2"]), list_of(["1", None])
    ('[1, 2]', None)
    """
    texts = [text or "pi" for text in literals]
    if any(text.isidentifier() for text in texts) or len(set(map(literal_shape, texts))) > 1:
        return None
    return f"[{', '.join(texts)}]"
