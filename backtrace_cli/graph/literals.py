"""A list of numbers that stands in a formula, such as ``[[1, 2], [3, 4]]``."""

from __future__ import annotations

__all__ = ["literal_shape"]


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
