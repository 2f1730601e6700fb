"""Tables that never cut a number: as wide as they need, stacked where that is too wide.

Short tables are rich tables. A long one is written row by row as it is made, in
plain aligned lines, so that it starts at once and a million rows take no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from backtrace_cli.errors import columns as width_of
from backtrace_cli.errors import visible

__all__ = ["Column", "GRADIENT", "HEADING", "QUIET", "VALUE", "heading", "line", "paragraph", "table"]

#: One colour for values and one for gradients everywhere, as in circuit drawings.
VALUE, GRADIENT, HEADING, QUIET = "green", "red", "bold", "dim"

_CHUNK = 200
_GAP = 2
_MARGIN = 2


class Column(NamedTuple):
    """A column: its heading, how it is aligned, its style, and the words before it when stacked."""

    title: str = ""
    right: bool = False
    style: str = ""
    lead: str = ""
    keep: bool = False
    """When stacked: stays on the line of the column before it, if it fits."""


def table(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Print ``rows``; a chunk that doesn't fit the console's width is printed stacked."""
    source = iter(rows)
    first = list(islice(source, _CHUNK + 1))
    if not first:
        return
    widths = _widths(columns, first)
    if _total(widths) > console.width:
        _stacked(console, columns, chain(first, source))
    elif len(first) <= _CHUNK:
        _rich_table(console, columns, first)
    else:
        _long(console, columns, chain(first, source), widths)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    widths = [width_of(column.title) for column in columns]
    for row in rows:
        for index, cell in enumerate(row):
            if len(cell) > widths[index] or not cell.isascii():
                widths[index] = max(widths[index], width_of(cell))
    return [width if any(row[i] for row in rows) else 0 for i, width in enumerate(widths)]


def _total(widths: Sequence[int]) -> int:
    return _MARGIN + sum(width + _GAP for width in widths if width) - _GAP


def _rich_table(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    used = [i for i in range(len(columns)) if any(row[i] for row in rows)]
    titled = any(columns[i].title for i in used)
    grid = Table(box=None, show_header=titled, padding=(0, _GAP, 0, 0), pad_edge=False)
    grid.add_column("", no_wrap=True, min_width=0)
    for i in used:
        column = columns[i]
        grid.add_column(
            Text(column.title, QUIET), justify="right" if column.right else "left",
            no_wrap=True, style=column.style, header_style="",
        )  # fmt: skip
    for row in rows:
        grid.add_row("", *[Text(visible(row[i])) for i in used])
    console.print(grid, crop=False, no_wrap=True)


def _long(
    console: Console, columns: Sequence[Column], rows: Iterator[Sequence[str]], widths: list[int]
) -> None:
    """Aligned lines, a chunk at a time; columns widen when a chunk needs it."""
    write = console.file.write
    write(_aligned(columns, [column.title for column in columns], widths))
    while chunk := list(islice(rows, _CHUNK)):
        fresh = _widths(columns, chunk)
        widths[:] = [max(old, new) for old, new in zip(widths, fresh, strict=True)]
        if _total(widths) > console.width:
            _stacked(console, columns, chunk)
            continue
        for row in chunk:
            write(_aligned(columns, row, widths))
    console.file.flush()


def _aligned(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for column, cell, width in zip(columns, row, widths, strict=True):
        if width:
            pad = " " * (width - width_of(cell))
            cells.append(pad + cell if column.right else cell + pad)
    return (" " * _MARGIN + (" " * _GAP).join(cells)).rstrip() + "\n"


def _stacked(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Each row on lines of its own: its first cells, then the rest indented beneath."""
    width = max(20, console.width)
    for row in rows:
        text = Text(" " * _MARGIN)
        used = _MARGIN
        started = False
        for column, cell in zip(columns, row, strict=True):
            if not cell:
                continue
            shown = f"{column.lead} {cell}" if column.lead else cell
            size = width_of(shown)
            if started and (not column.keep or used + 1 + size > width):
                console.print(text, soft_wrap=True)
                text, used = Text(" " * (_MARGIN + 4)), _MARGIN + 4
            elif started:
                text.append(" ")
                used += 1
            for piece in _folded(visible(shown), width - used, width - _MARGIN - 4):
                if piece is None:
                    console.print(text, soft_wrap=True)
                    text, used = Text(" " * (_MARGIN + 4)), _MARGIN + 4
                else:
                    text.append(piece, column.style)
                    used += width_of(piece)
            started = True
        console.print(text, soft_wrap=True)


def _folded(text: str, first: int, later: int) -> Iterator[str | None]:
    """``text`` in pieces that fit, None where a line ends; broken at spaces, never inside a number."""
    room = first
    fresh = True
    for word in text.split(" "):
        size = width_of(word)
        if not fresh and size + 1 > room:
            yield None
            room, fresh = later, True
        if not fresh:
            yield " "
            room -= 1
        yield word
        room -= size
        fresh = False


def line(console: Console, text: str, style: str = "", indent: int = 1) -> None:
    """One line of text, folded at spaces where it is too long."""
    paragraph(console, [(text, style)], indent)


def paragraph(console: Console, parts: Iterable[tuple[str, str]], indent: int = 1) -> None:
    """Styled pieces as one flowing line, folded at spaces, the next lines indented."""
    width = max(20, console.width)
    text, used = Text(" " * indent), indent
    for part, style in parts:
        for piece in _folded(visible(part), width - used, width - indent - 2):
            if piece is None:
                console.print(text, soft_wrap=True)
                text, used = Text(" " * (indent + 2)), indent + 2
            else:
                text.append(piece, style)
                used += width_of(piece)
    console.print(text, soft_wrap=True)


def heading(console: Console, text: str, aside: str = "") -> None:
    """A section's heading after a blank line."""
    console.print()
    paragraph(console, [(text, HEADING), (f"   {aside}" if aside else "", QUIET)])


