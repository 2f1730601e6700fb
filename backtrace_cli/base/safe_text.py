"""A stranger's text made safe to show: nothing in it steers a terminal or a CI runner."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["visible", "visible_name"]


#: GitHub's runner obeys ``::error …`` at the start of a line (a word may come to stand there when
#: a line is folded) and ``##[error]`` anywhere in it; Azure's obeys ``##vso[…]`` anywhere.
_COMMAND = re.compile(r"(?<!\S)::|##(?=\[|vso\[)")


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
