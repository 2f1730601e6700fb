"""The text of a file in UTF-8, or in UTF-16 as PowerShell and old editors save it."""

from __future__ import annotations

import codecs

__all__ = ["text_of"]

#: So many bytes tell UTF-16 without a mark: every other byte of what is mostly ASCII is zero.
_LOOKED_AT = 400


def text_of(data: bytes) -> str:
    """``data`` as text, without a byte order mark. Raises UnicodeDecodeError for anything else.

    >>> text_of("x = 1".encode("utf-16")), text_of("x = 1".encode("utf-16-le")), text_of(b"x = 1")
    ('x = 1', 'x = 1', 'x = 1')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    head = data[:_LOOKED_AT]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if 2 * head[first::2].count(0) > len(head[first::2]) and not head[1 - first :: 2].count(0):
            return data.decode(name)
    return data.decode("utf-8-sig")
