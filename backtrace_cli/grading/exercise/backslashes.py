r"""LaTeX between double quotes: there a backslash is TOML's own, and ``"\frac{1}{2}"`` would lose it.

In an answer nobody means a form feed or a backspace, so such a string is taken as it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

__all__ = ["Doubled", "doubled"]

#: A backslash that TOML would read otherwise than LaTeX does; ``\\``, ``\"`` and ``\u03c3`` are TOML's.
_ESCAPE = re.compile(r"\\(?:\\|\"|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|(.|\n))", re.DOTALL)
#: Where a line break is as likely meant as \nu, \n and the backslash at the end of a line stay TOML's.
_BREAKS = {"n", "\n", "\r"}


class Doubled:
    """A text made ready for TOML, and where each of its characters stood before.

    >>> Doubled("ab", [1]).text, Doubled("ab", [1]).before(2)
    ('a\\\\b', 1)
    """

    def __init__(self, text: str, places: list[int]) -> None:
        parts, start = [], 0
        for place in places:
            parts.append(text[start:place])
            start = place
        self.text = "\\".join([*parts, text[start:]])
        self._after = [place + number for number, place in enumerate(places)]

    def before(self, offset: int) -> int:
        """Where the character at ``offset`` of the new text stood in the old one."""
        return offset - bisect_right(self._after, offset - 1)


def doubled(text: str, strings: Iterator[tuple[int, str, bool]]) -> Doubled:
    r"""``text`` with the backslashes of LaTeX doubled in ``strings``.

    Each is (start, token, may a line break be meant in it?). A string in which every backslash
    is doubled already is TOML as it should be.

    >>> doubled(r'x = "\frac{y}{2}"', iter([(4, r'"\frac{y}{2}"', False)])).text
    'x = "\\\\frac{y}{2}"'
    >>> doubled(r'x = "\\frac{y}{2}"', iter([(4, r'"\\frac{y}{2}"', False)])).text
    'x = "\\\\frac{y}{2}"'
    """
    places: list[int] = []
    for start, token, broken in strings:
        found = list(_ESCAPE.finditer(token))
        if any(one[1] and not (broken and one[1] in _BREAKS) for one in found):
            for one in found:
                if one[0] == r"\"" or (broken and one[1] and one[1] in _BREAKS):
                    continue
                # Here \\ begins a new row of a matrix: both of its backslashes are LaTeX's.
                places += [start + one.start() + i for i in range(2 if one[0] == r"\\" else 1)]
    return Doubled(text, places)
