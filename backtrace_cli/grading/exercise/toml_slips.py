"""Slips in an exercise file that TOML refuses, and what to write instead.

TOML's reader says what it expected; a student wants to know what is wrong with ``x = .5``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["slip"]

_CURLY = "“”„‟‘’‚‛«»"
_KEY = re.compile(r"""^\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^=#"']*?)\s*=\s*(.*?)\s*$""")
_BARE = re.compile(r"[A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*")
_POINT = re.compile(r"([+-]?)\.(\d+)")
_TRAILING = re.compile(r"([+-]?\d+)\.")
_ZEROS = re.compile(r"([+-]?)0+(\d+(?:\.\d+)?)")
_COMMA = re.compile(r"([+-]?\d+),(\d+)")


def slip(row: str, said: str) -> tuple[str, str] | None:
    """What is wrong with a line that TOML refused with the words ``said``, and what to write instead.

    >>> slip("x = .5", "")
    ('a number needs a digit before its point', 'write x = 0.5')
    >>> slip("x = 1/2", "")
    ('what is no plain number stands in quotes', 'write x = "1/2"')
    """
    if "overwrite" in said or "twice" in said:
        key = (_KEY.match(row) or row)[1].strip() if _KEY.match(row) else row.strip()
        return f"{key} stands here twice", "take one of the two out"
    found = _KEY.match(row)
    if found is None:
        if (mark := _strange_quote(row.split("#")[0])) is not None:
            return mark
        return None
    key, value = found[1], found[2]
    if key and key[0] not in "\"'" and not _BARE.fullmatch(key):
        if any(sign in key for sign in _CURLY):
            return _strange_quote(key)
        return f"the key {key} stands in quotes", f'write "{key}" = {value or _EMPTY}'
    return next(_value(key, value), None)


_EMPTY = '""'


def _value(key: str, value: str) -> Iterator[tuple[str, str]]:
    """What may be wrong with what stands after the ``=``, the surest first."""
    if not value or value.startswith("#"):
        yield "nothing stands after the =", f'write {key} = "" for a blank, or an answer between the quotes'
        return
    if value[0] in "\"'[{":
        quotes = (
            value[0] in "\"'" and value.count(value[0]) == 1 and value.split("#")[0].rstrip()[-1] in _CURLY
        )
        if quotes:
            yield _curly(key, value.strip(_CURLY + "\"'"))
        return
    value = value.split("#")[0].strip()
    if value[0] in _CURLY or value[-1] in _CURLY:
        yield _curly(key, value.strip(_CURLY + "\"'"))
    elif plain := _POINT.fullmatch(value):
        yield "a number needs a digit before its point", f"write {key} = {plain[1]}0.{plain[2]}"
    elif plain := _TRAILING.fullmatch(value):
        yield "a number needs a digit after its point", f"write {key} = {plain[1]}"
    elif plain := _ZEROS.fullmatch(value):
        yield "a number begins with no extra 0", f"write {key} = {plain[1]}{plain[2]}"
    elif plain := _COMMA.fullmatch(value):
        yield "a number has a point, no comma", f"write {key} = {plain[1]}.{plain[2]}"
    elif '"' not in value:
        yield "what is no plain number stands in quotes", f'write {key} = "{value}"'


def _curly(key: str, value: str) -> tuple[str, str]:
    inner = value if '"' not in value else "…"
    return "these are a word processor's quotes; TOML knows the straight ones", f'write {key} = "{inner}"'


def _strange_quote(text: str) -> tuple[str, str] | None:
    if not any(sign in text for sign in _CURLY):
        return None
    return "these are a word processor's quotes; TOML knows the straight ones", 'write "…" and not “…”'
