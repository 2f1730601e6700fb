r"""Glyphs that look different and would be one name: ``L`` beside ``\mathcal{L}``, Greek Α beside A."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["refuse_lookalikes", "refuse_merged"]

#: What makes another glyph of a letter, and is no part of the name.
_STYLED = re.compile(
    r"\\(?:mathcal|mathbb|mathfrak|mathscr|mathsf|var(?=[a-z]))|_\{?\s*\\(?!text|mathrm|operatorname)"
)
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))


def refuse_merged(tokens: list[Token], source: str) -> None:
    r"""Refuse names that the page sets apart and that would be one name here.

    >>> refuse_merged([], "L")
    """
    if not _STYLED.search(source):
        return
    first: dict[str, tuple[str, Token]] = {}
    for token in tokens:
        if token.kind != "name":
            continue
        written = source[slice(*token.span)]
        styles = "".join(match.group() for match in _STYLED.finditer(written))
        style, before = first.setdefault(token.text, (styles, token))
        if style != styles:
            one, other = source[slice(*before.span)], written
            raise FormulaError(
                f"{shorten(one, 24)} and {shorten(other, 24)} would be one name here", span=token.span,
                also=before.span, source=source, hint="write both alike, or give one of them an index",
            )  # fmt: skip


def refuse_lookalikes(names: Collection[str], tokens: list[Token], source: str) -> None:
    """Refuse Greek Α beside Latin A, which nobody can tell apart.

    >>> refuse_lookalikes({"A", "β"}, [], "A*β")
    """
    for name in names:
        if name.isascii():
            continue
        plain = "".join(_LATIN.get(letter, letter) for letter in name)
        if plain != name and plain in names:
            token = next(each for each in tokens if each.text == name)
            letter = next(each for each in name if each in _LATIN)
            title = unicodedata.name(letter).lower().replace("greek", "Greek")
            raise FormulaError(
                f"{shorten(name, 24)} is written with {title} (U+{ord(letter):04X}), and stands beside "
                f"a Latin {shorten(plain, 24)}", span=token.span, source=source,
                hint=f"type it again as {shorten(plain, 24)}, or give one of them another letter",
            )  # fmt: skip
