"""Tables that never cut a number: as wide as they need, stacked where that is too wide.

In a terminal a table is a rich table. A long one, and one that goes to a file or a
pipe, is written row by row as aligned lines: it starts at once, a million rows take
no memory, and rich is not even loaded where there is nobody to see colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from backtrace_cli.base.lengths import columns as width_of
from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.base.safe_text import visible
from backtrace_cli.pages.document import GRADIENT, HEADING, QUIET, VALUE, Column

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "GRADIENT", "HARD_SPACE", "HEADING", "QUIET", "VALUE",
    "Column", "Screen", "fits", "heading", "held", "kept", "line", "paragraph", "table",
]  # fmt: skip

#: A space at which no line is folded; it is printed as a plain one.
HARD_SPACE = "\u00a0"

_CHUNK = 200
_MARGIN = 1
_INDENT = 6


class Screen:
    """Where a page goes: a rich console in a terminal, otherwise a file and a width."""

    def __init__(
        self, file: IO[str], width: int = 80, console: Console | None = None, *, ascii: bool = False
    ) -> None:
        self.ascii = ascii
        """Can the other end take nothing but ASCII?"""
        self.file = console.file if console else file
        self.width = max(20, console.width if console else width)
        self.console = console

    def parts(self, parts: Sequence[tuple[str, str]]) -> None:
        """Print one line made of (text, style) pieces."""
        parts = [(text.replace(HARD_SPACE, " "), style) for text, style in parts]
        if self.ascii:
            parts = [(ascii_text(text), style) for text, style in parts]
        if self.console is None:
            self.file.write("".join([text for text, _ in parts]).rstrip() + "\n")
            return
        from rich.text import Text

        if not parts:
            self.console.print()
            return
        self.console.print(Text.assemble(*parts, no_wrap=True, overflow="ignore"), soft_wrap=True)


def table(screen: Screen, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Print ``rows`` aligned if they fit the console, with less room if they must, else stacked."""
    source = iter(rows)
    if screen.ascii:
        columns = [column._replace(title=ascii_text(column.title)) for column in columns]
        source = ([ascii_text(cell) for cell in row] for row in source)
    chunk = list(islice(source, _CHUNK + 1))
    if not chunk:
        return
    if len(chunk) > _CHUNK:
        _long(screen, columns, chain(chunk, source))
        return
    widths = _widths(columns, chunk)
    gap = _gap(widths, screen.width)
    for level in sorted({column.below for column in columns} - {0}):
        if gap:
            break
        tucked_columns, tucked = _tucked(columns, chunk, level)
        gap = _gap(_widths(tucked_columns, tucked), screen.width)
        if gap:
            columns, chunk = tucked_columns, tucked
    if not gap:
        _stacked(screen, columns, chunk)
    elif screen.console is None:
        _long(screen, columns, iter(chunk))
    else:
        _rich_table(screen.console, columns, chunk, gap)


def fits(screen: Screen, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> bool:
    """Can ``rows`` stand as a table as they are, neither stacked nor moved about?"""
    return _gap(_widths(columns, rows), screen.width) > 0


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Each row, and below it the further lines of its cells: a matrix stands row under row."""
    for row in rows:
        if any("\n" in cell for cell in row):
            cells = [cell.split("\n") for cell in row]
            for number in range(max(map(len, cells))):
                yield [cell[number] if number < len(cell) else "" for cell in cells]
        else:
            yield row


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    """The width each column needs; 0 for one that is empty throughout."""
    widths = []
    rows = list(_lines(rows))
    for index, column in enumerate(columns):
        cells = [row[index] for row in rows]
        own = max(map(width_of, (column.title, *cells))) if any(cells) else 0
        widths.append(max(own, column.least))
    return widths


def _gap(widths: Sequence[int], room: int) -> int:
    """How far apart the columns can stand: 2, 1, or 0 for not at all."""
    used = [width for width in widths if width]
    for gap in (2, 1):
        if _MARGIN + gap + sum(used) + gap * (len(used) - 1) <= room:
            return gap
    return 0


def _tucked(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], level: int
) -> tuple[list[Column], list[Sequence[str]]]:
    """The table with its ``below`` columns, up to ``level``, moved to lines under the column before them."""
    kept = [index for index, column in enumerate(columns) if not 0 < column.below <= level]
    found: list[Sequence[str]] = []
    for row in rows:
        cells: list[str] = []
        for index, column in enumerate(columns):
            if index in kept:
                cells.append(row[index])
            elif row[index]:
                lead = column.lead.lstrip(",: ")
                under = ("\n" + " " * len(lead)).join(row[index].split("\n"))
                cells[-1] += f"\n{lead}{under}"
        found.append(cells)
    return [columns[index] for index in kept], found


def _rich_table(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]], gap: int) -> None:
    from rich.table import Table
    from rich.text import Text

    widths = _widths(columns, rows)
    used = [i for i, width in enumerate(widths) if width]
    titled = any(columns[i].title for i in used)
    grid = Table(box=None, show_header=titled, padding=0, pad_edge=False)
    # One cell a column, its rows as lines, and widths told instead of measured: rich's cost is
    # by the cell, and start-up counts. A right-aligned cell brings its own spaces.
    cells = []
    before = _MARGIN + gap
    for i in used:
        column, width = columns[i], widths[i]
        lines = [" " * before + _padded(column, visible(row[i]), width) for row in _lines(rows)]
        title = Text(" " * before + _padded(column, column.title, width), QUIET)
        grid.add_column(title, width=before + width, no_wrap=True, style=column.style, header_style="")
        cells.append(Text("\n".join(lines), no_wrap=True, overflow="ignore"))
        before = gap
    grid.add_row(*cells)
    console.print(grid, crop=False, no_wrap=True, overflow="ignore")


def _padded(column: Column, cell: str, width: int) -> str:
    pad = " " * (width - width_of(cell))
    cell = cell.replace(HARD_SPACE, " ")
    return pad + cell if column.right else cell + pad


def _long(screen: Screen, columns: Sequence[Column], rows: Iterator[Sequence[str]]) -> None:
    """Aligned lines, a chunk at a time, without colour; columns widen when a chunk needs it."""
    write = screen.file.write
    widths = [0] * len(columns)
    titles: Sequence[str] | None = [column.title for column in columns]
    while chunk := list(islice(rows, _CHUNK)):
        widths = [max(old, new) for old, new in zip(widths, _widths(columns, chunk), strict=True)]
        gap = _gap(widths, screen.width)
        if not gap:
            _stacked(screen, columns, chunk)
            continue
        if titles and any(title for title, width in zip(titles, widths, strict=True) if width):
            write(_aligned(columns, titles, widths, gap))
        titles = None
        write("".join([_aligned(columns, row, widths, gap) for row in _lines(chunk)]))
    screen.file.flush()


def _aligned(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int], gap: int) -> str:
    cells = []
    for column, cell, width in zip(columns, row, widths, strict=True):
        if width:
            cells.append(_padded(column, cell, width))
    return (" " * (_MARGIN + gap) + (" " * gap).join(cells)).rstrip() + "\n"


def _stacked(screen: Screen, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
    """Each row on lines of its own: its first cells, then the rest indented beneath."""
    for row in rows:
        lines: list[list[tuple[str, str]]] = []
        used = 0
        for column, cell in zip(columns, row, strict=True):
            if not cell:
                continue
            said = column.lead == "= " and lines and lines[-1][-1][0].endswith("=")  # ∂f/∂y = is said already
            shown = cell if said else f"{column.lead}{cell}"
            if "\n" in cell:
                lead = column.lead.lstrip(",: ")
                for number, row_text in enumerate(cell.split("\n")):
                    before = " " * len(lead) if number else lead
                    lines.append([(" " * _INDENT + before + row_text, column.style)])
                used = screen.width
                continue
            size = width_of(shown)
            if lines and column.keep and used + 1 + size <= screen.width:
                space = "" if shown[:1] in ":," else " "
                lines[-1].append((space + shown, column.style))
                used += len(space) + size
            else:
                indent = _INDENT if lines or not row[0] else _MARGIN + 1
                shown = shown.lstrip(",: ")
                lines.append([(" " * indent + shown, column.style)])
                used = indent + size
        for parts in lines:
            start = parts[0][0]
            indent = len(start) - len(start.lstrip(" "))
            paragraph(screen, [(start.lstrip(" "), parts[0][1]), *parts[1:]], indent)


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


def kept(text: str, room: int) -> str:
    """``text`` with hard spaces, so that it is not folded, where it fits into ``room``."""
    return text.replace(" ", HARD_SPACE) if width_of(text) <= room else text


def held(text: str, room: int) -> str:
    """``name = value`` with hard spaces, so that it is not folded where it fits into ``room``; a list
    that doesn't is folded between two of its rows, if those fit.

    >>> held("W = [[1, 2], [3, 4]]", 12).replace(HARD_SPACE, "_")
    'W_=_[[1,_2], [3,_4]]'
    """
    rows = text.split("], [")
    if width_of(text) <= room or max(map(width_of, rows)) + 2 <= room:
        kept = [row.replace(" ", HARD_SPACE) for row in rows]
        return (f"],{HARD_SPACE}[" if width_of(text) <= room else "], [").join(kept)
    return text.replace(" = ", f"{HARD_SPACE}={HARD_SPACE}", 1)


def line(screen: Screen, text: str, style: str = "", indent: int = 1) -> None:
    """One line of text, folded at spaces where it is too long."""
    paragraph(screen, [(text, style)], indent)


def paragraph(screen: Screen, parts: Iterable[tuple[str, str]], indent: int = 1, hang: int = 2) -> None:
    """Styled pieces as one flowing line, folded at spaces, the next lines ``hang`` further in."""
    line: list[tuple[str, str]] = [(" " * indent, "")]
    used = indent
    for part, style in parts:
        for piece in _folded(visible(part), screen.width - used, screen.width - indent - hang):
            if piece is None:
                screen.parts(line)
                line, used = [(" " * (indent + hang), "")], indent + hang
            else:
                joined = line.pop()[0] if line[-1][1] == style else ""
                line.append((joined + piece, style))
                used += width_of(piece)
    screen.parts(line)


def heading(screen: Screen, text: str, aside: str = "") -> None:
    """A section's heading after a blank line."""
    screen.parts([])
    paragraph(screen, [(text, HEADING), (f"   {aside}" if aside else "", QUIET)])
