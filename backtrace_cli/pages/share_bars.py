"""Shares drawn as bars of characters, for media that are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backtrace_cli.pages.document import Column

__all__ = ["bar", "with_bars"]

_EIGHTHS = " ▏▎▍▌▋▊▉"


def with_bars(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], width: int, ascii: bool = False
) -> Iterator[Sequence[str]]:
    """``rows`` with their shares drawn; where ``width`` is 0 nothing stands for them."""
    if not any(column.bar for column in columns):
        yield from rows
        return
    for row in rows:
        yield [
            bar(float(cell), width, ascii) if column.bar and cell else cell
            for column, cell in zip(columns, row, strict=True)
        ]


def bar(share: float, width: int, ascii: bool = False) -> str:
    """A bar for ``share`` of ``width`` places, to an eighth of one.

    >>> bar(0.5, 7), bar(0.5, 8, ascii=True), bar(0.001, 8)
    ('███▌', '####', '▏')
    """
    if ascii:
        return "#" * round(share * width)
    whole, rest = divmod(max(round(8 * share * width), share > 0), 8)
    return ("█" * whole + _EIGHTHS[rest]).rstrip() if width else ""
