"""The graph beside the sheet, where a screen has room for both: what stands on the sheet already."""

from __future__ import annotations

import re
from collections.abc import Callable

from backtrace_cli.base.lengths import columns as width_of
from backtrace_cli.engine.trace import Trace
from backtrace_cli.export.layout import canvas
from backtrace_cli.export.layout.canvas import Canvas
from backtrace_cli.export.layout.fitting import Picture, revealed
from backtrace_cli.export.layout.shown import Shown
from backtrace_cli.pages.cells.halves import fitted
from backtrace_cli.pages.cells.quiz_sheet import States
from backtrace_cli.pages.cells.room import Room
from backtrace_cli.pages.layout import GRADIENT, HEADING, QUIET, VALUE, Screen
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.cells import ASKED, HIDDEN, Cell

__all__ = ["beside", "known_of"]

#: The graph stands beside the sheet from so many columns on.
_WIDE = 110
#: Columns that the sheet keeps, and those between the two.
_SHEET, _APART = 64, 3
_STYLES = {canvas.VALUE: VALUE, canvas.MESSAGE: GRADIENT, canvas.PALE: QUIET, canvas.STRONG: HEADING}
#: A line in pieces, each with what it is.
Row = list[tuple[str, str]]
_CONTROL = re.compile(r"\x1b\[[0-9;]*m")


def known_of(trace: Trace, states: States, cell: Cell | None) -> Shown:
    """What stands on the sheet already, the box that ``cell`` is about marked; nothing more is given away."""
    graph = trace.graph

    def told(about: Cell) -> bool:
        return states.get(about, HIDDEN) not in (HIDDEN, ASKED)

    values = set(graph.inputs.values())
    values |= {index for index in graph.steps if told(Cell("values", None, graph.name(index)))}
    messages = {
        (sent.source, sent.slot)
        for sent in trace.sent
        if told(Cell("messages", graph.name(sent.source), graph.name(sent.target)))
    }
    box = edge = None
    if cell is not None:
        box = graph.find(cell.source or cell.target)
        edge = next(
            ((sent.source, sent.slot) for sent in trace.sent
             if cell.source is not None and graph.name(sent.source) == cell.source
             and graph.name(sent.target) == cell.target), None,
        )  # fmt: skip
    return Shown(values, messages or (), box, edge, discreet=True)


def beside(
    screen: Screen,
    height: int | None,
    trace: Trace,
    shown: Shown,
    draw: Callable[[Screen, Room], None],
    steady: bool = False,
) -> str:
    """What ``draw`` prints, and at its right the graph, where the screen is wide and high enough for both.

    A ``steady`` picture keeps the room of what is not known yet, which tells how long it will be.
    """
    rows = _rows(screen, height, trace, shown, steady) if screen.width >= _WIDE else None
    if rows is None:
        return fitted(screen, height, draw)
    wide = max(sum(width_of(text) for text, _ in row) for row in rows)
    whole, left = screen.width, screen.width - wide - _APART
    try:
        _resize(screen, left)
        lines = fitted(screen, height, draw).split("\n")
    finally:
        _resize(screen, whole)
    bare = [width_of(_CONTROL.sub("", line)) for line in lines]
    if any(width > left for width in bare[: len(rows)]):
        return fitted(screen, height, draw)
    lines += [""] * (len(rows) + 1 - len(lines))
    bare += [0] * (len(lines) - len(bare))
    for number, row in enumerate(rows):
        gap = " " * (left + _APART - bare[number])
        lines[number] = (lines[number] + gap + _styled(screen, row)).rstrip()
    return "\n".join(lines)


def _rows(screen: Screen, height: int | None, trace: Trace, shown: Shown, steady: bool) -> list[Row] | None:
    """The graph in characters, where it fits beside the sheet."""
    picture = Picture(trace, Wording(ascii=screen.ascii), shown, len(trace.graph))
    whole = picture._replace(shown=Shown(discreet=True)) if steady else picture
    layout = whole.across(screen.width - _SHEET - _APART)
    if layout is None or (height is not None and layout.height > height):
        return None
    return Canvas(revealed(layout, picture.scene()) if steady else layout, screen.ascii).rows()


def _resize(screen: Screen, width: int) -> None:
    screen.width = width
    if screen.console is not None:
        screen.console.width = width


def _styled(screen: Screen, row: Row) -> str:
    """A row as the screen prints it: in colours on a terminal."""
    if screen.console is None:
        return "".join(text for text, _ in row)
    with screen.console.capture() as captured:
        screen.parts([(text, _STYLES.get(kind, "")) for text, kind in row])
    return captured.get().rstrip("\n")
