"""The walk through a trace on the screen: the quiz's sheet, and a sentence about the step just made."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import ascii_text, shape_of
from backtrace_cli.base.safe_text import visible
from backtrace_cli.pages.cells.beside import beside, known_of
from backtrace_cli.pages.cells.halves import print_sheet
from backtrace_cli.pages.cells.quiz_sheet import Sheet
from backtrace_cli.pages.cells.room import Room
from backtrace_cli.pages.layout import HEADING, QUIET, Screen, paragraph
from backtrace_cli.pages.quiz.words import reason, step_words
from backtrace_cli.pages.wording import MOST_ENTRIES, Wording
from backtrace_cli.quiz.questions import Item
from backtrace_cli.readings.walk import View

__all__ = ["INVITATION", "step_frame", "step_sentences"]

#: What stands on the line that is typed on.
INVITATION = " Enter, back, fork, a name, why, quit > "

_HELP = (
    ("Enter", "the next step (+ or next)"),
    ("back", "the step before (-)"),
    ("fork", "to the next message that adds up with another (*)"),
    ("a name", "to the next step about that node"),
    ("start, end", "to the beginning, to the whole trace"),
    ("why", "the rule at this step, explained"),
    ("quit", "leave (Ctrl-C and Ctrl-D too)"),
    (":back", "a colon makes a word a move, where a node has its name"),
)


def step_frame(screen: Screen, view: View, height: int | None = None, *, ascii: bool = False) -> str:
    """The whole page as text, cut down around the step until ``height`` lines hold it."""
    small = all(math.prod(shape_of(value)) <= MOST_ENTRIES for value in view.trace.values)
    sheet = Sheet(view.trace, Wording(ascii=ascii, matrices=small), view.along)
    shown = known_of(view.trace, view.states, view.cell)
    return beside(
        screen, height, view.trace, shown, lambda page, room: _page(page, view, sheet, room), steady=True
    )


def _page(screen: Screen, view: View, sheet: Sheet, room: Room) -> None:
    w = sheet.wording
    paragraph(screen, [(f"Step {view.number} of {view.of}", HEADING), (f"   {_phase(view)}", QUIET)])
    screen.parts([])
    paragraph(screen, [(shorten(w.title(view.trace), 8 * screen.width), "")], indent=3)
    if view.trace.at:
        paragraph(screen, [("at  ", QUIET), ("   ".join(w.point(view.trace)), "")], indent=3)
    screen.parts([])
    print_sheet(screen, sheet, view.states, room)
    screen.parts([])
    for text, style in _said(view, sheet):
        paragraph(screen, [(text, style)])


def _phase(view: View) -> str:
    if view.number == 0:
        return "before the first step"
    if view.number == view.of:
        return "the whole trace"
    return "forward" if view.cell is not None and view.cell.kind.is_value else (
        "forward mode" if view.along else "backward")  # fmt: skip


def _said(view: View, sheet: Sheet) -> Iterator[tuple[str, str]]:
    if view.cell is not None:
        mark = f"   {sheet.wording.mark} messages add up here" if view.fork else ""
        yield f"{step_words(view.cell, sheet)}{mark}", HEADING
    if view.number == view.of:
        names = view.trace.wrt if view.along is None else (view.along,)
        yield "   ".join(f"{sheet.partial(name)} = {sheet.gradient(name)}" for name in names), ""
    if view.said == "why" and view.cell is not None:
        for sentence in reason(Item(view.cell), sheet):
            yield sentence, ""
    elif view.said == "help":
        for word, meaning in _HELP:
            yield f"{word:<10}  {meaning}", ""
    elif view.said == "no fork":
        yield "No fork comes after this step.", QUIET
    elif view.said == "unknown":
        yield f"{visible(shorten(view.word, 40))} is no move and no node here: help lists the moves.", QUIET
    elif view.said in ("first", "last"):
        yield "This is the beginning." if view.said == "first" else "This is the whole trace.", QUIET


def step_sentences(view: View, before: View | None) -> Iterator[str]:
    """What is new on the page since ``before``, a sentence a line, in ASCII."""
    sheet = Sheet(view.trace, Wording(ascii=True), view.along)
    if before is None:
        yield ascii_text(f"Formula: {sheet.wording.title(view.trace)}")
        yield ascii_text(f"At: {', '.join(sheet.wording.point(view.trace))}")
    yield f"Step {view.number} of {view.of}, {_phase(view)}"
    for text, _ in _said(view, sheet):
        yield ascii_text(text)
