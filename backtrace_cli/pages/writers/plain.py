"""A page as plain sentences, one a line, in ASCII: for a screen reader, a pipe, a diff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.pages.document import Block, sentences
from backtrace_cli.pages.wording import Wording

__all__ = ["plain_lines"]


def plain_lines(blocks: Iterable[Block], wording: Wording | None = None) -> Iterator[str]:
    """Every sentence of the page, in order, as it comes."""
    chosen = (wording or Wording())._replace(ascii=True, matrices=False)
    return map(ascii_text, sentences(blocks, chosen))
