"""Writers: a page into a medium. A file here with ``lines`` in it is a medium that ``--as`` takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backtrace_cli.pages.document import Block
    from backtrace_cli.pages.wording import Wording

__all__ = ["as_pdf", "media", "written"]

#: What a command writes without being asked for a medium.
_USUAL = ("plain", "terminal")


def media() -> list[str]:
    """The media that a page can be taken along in.

    >>> "latex" in media(), "terminal" in media()
    (True, False)
    """
    files = {name[:-3] for folder in __path__ for name in os.listdir(folder) if name.endswith(".py")}
    return sorted(name for name in files if not name.startswith("_") and name not in _USUAL)


def written(
    medium: str,
    blocks: Iterable[Block],
    wording: Wording | None = None,
    *,
    whole: bool = False,
    title: str = "",
) -> Iterator[str]:
    """The page in ``medium``, line by line; ``whole`` as a document that stands by itself."""
    lines: Iterator[str] = import_module(f"{__name__}.{medium}").lines(
        blocks, wording, whole=whole, title=title
    )
    return lines


def as_pdf(blocks: Iterable[Block], wording: Wording | None = None, *, title: str = "") -> bytes:
    """The page as a PDF. Raises BacktraceError where nothing here can make one."""
    from backtrace_cli.pages.writers._pdf import pdf

    return pdf(blocks, wording, title)
