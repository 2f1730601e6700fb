"""The quiz on the screen: a page that fills in place, and the same as sentences where nothing can move."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.base.safe_text import visible
from backtrace_cli.pages.cells.beside import beside, known_of
from backtrace_cli.pages.cells.halves import kept_together, print_sheet
from backtrace_cli.pages.cells.quiz_sheet import Sheet
from backtrace_cli.pages.cells.room import ROOMS, Room
from backtrace_cli.pages.layout import (
    GRADIENT,
    HEADING,
    QUIET,
    Column,
    Screen,
    heading,
    line,
    paragraph,
    table,
)
from backtrace_cli.pages.quiz.comparison import UNKNOWN, comparison, worked_out
from backtrace_cli.pages.quiz.words import choices, feedback, prompt, sentence, step_words
from backtrace_cli.pages.wording import Wording
from backtrace_cli.quiz.model import Feedback, Model, Round
from backtrace_cli.readings.cells import ASKED, GIVEN, HIDDEN

__all__ = ["frame", "print_finished", "sentences"]


def frame(screen: Screen, model: Model, height: int | None = None, *, ascii: bool = False) -> str:
    """The whole page as text, cut down around the question until ``height`` lines hold it."""
    sheet = _sheet(model.round, ascii)
    trace = model.round.trace
    shown = known_of(trace, model.states, model.item.cell if model.item is not None else None)
    return beside(screen, height, trace, shown, lambda page, room: _page(page, model, sheet, room))


def _sheet(this: Round, ascii: bool) -> Sheet:
    return Sheet(this.trace, Wording(ascii=ascii, full=True, matrices=True), this.along)


def _page(screen: Screen, model: Model, sheet: Sheet, room: Room) -> None:
    _header(screen, model, room)
    if not room.tight:
        screen.parts([])
    _statement(screen, model.round, sheet, room)
    if not room.tight:
        screen.parts([])
    print_sheet(screen, sheet, model.states, room)
    _said(screen, model, sheet, room)
    if not room.tight:
        screen.parts([])
    if model.item is None:
        _answer(screen, model, sheet)
        return
    paragraph(screen, [(prompt(model.item, sheet), HEADING)])
    listed = choices(model.item)
    if room.brief:
        listed = ["   ".join(kept_together(text.replace("   ", " ", 1), screen) for text in listed)]
    for text in listed:
        line(screen, text, indent=3)


def _header(screen: Screen, model: Model, room: Room) -> None:
    this = model.round
    level = f" · level {this.level}" if this.level else ""
    of = f" of {model.of}" if model.of else ""
    left = f" {visible(this.title)}{level} · question {max(model.number, 1)}{of}"
    streak = f", streak {model.streak}" if model.streak > 1 else ""
    right = f"{model.right} of {model.asked} right{streak}" if model.asked else ""
    if room.brief:
        left = f" Question {max(model.number, 1)}{of}"
    if screen.ascii:
        left = ascii_text(left.replace("·", "-"))
    gap = screen.width - len(left) - len(right) - 1
    if gap < 2:
        paragraph(screen, [(left.strip(), HEADING)])
        paragraph(screen, [(right, QUIET)] if right else [])
    else:
        screen.parts([(left, HEADING), (" " * gap + right, QUIET)])


def _statement(screen: Screen, this: Round, sheet: Sheet, room: Room) -> None:
    """The formula, where it was not made box by box, and the point."""
    trace, w = sheet.trace, sheet.wording
    if (_nameless(sheet) or not this.topic) and not room.tight:
        paragraph(screen, [(w.title(trace), "")], indent=3)
    point = "   ".join(kept_together(text, screen) for text in w.point(trace))
    paragraph(screen, [("at  ", QUIET), (point, "")], indent=3)


def _nameless(sheet: Sheet) -> bool:
    """Has the formula boxes to which it gives no name, so that they are called v1, v2, …?"""
    graph = sheet.trace.graph
    return any(graph.nodes[index].name is None and index != graph.output for index in graph.steps)


def _said(screen: Screen, model: Model, sheet: Sheet, room: Room = ROOMS[0]) -> None:
    for found in model.feedback:
        if not room.tight:
            screen.parts([])
        if found.kind == "compare":
            _compare(screen, found, model, sheet, room.listed)
            continue
        left = room.said
        for text, style in feedback(found, model, sheet, brief=room.brief):
            if left is not None:
                left -= _lines(screen, text)
                if left < 0:
                    paragraph(screen, [("… more of this in a higher window", QUIET)])
                    break
            paragraph(screen, [(text, style)])


def _lines(screen: Screen, text: str) -> int:
    """How many lines a paragraph takes."""
    file = StringIO()
    paragraph(Screen(file, screen.width), [(text, "")])
    return file.getvalue().count("\n")


def _compare(screen: Screen, found: Feedback, model: Model, sheet: Sheet, window: int | None) -> None:
    """The mistake beside the right steps: as many of them as there is room for, from the first."""
    rows = comparison(found, sheet, model.states)
    if found.reply is not None and found.reply.words:
        words = sentence(found.reply.words, sheet)
        paragraph(screen, [(f"{words}. What follows from it:", "")])
    columns = (
        Column(), Column(lead="= ", keep=True), Column("right", True, GRADIENT, lead="right "),
        Column("with the mistake", True, GRADIENT, lead=", with the mistake ", keep=True),
    )  # fmt: skip
    table(screen, columns, [
        (what, f"= {rule}" if rule else "", right, yours)
        for what, rule, right, yours in rows[:window]
    ])  # fmt: skip
    if window is not None and len(rows) > window:
        paragraph(screen, [(f"… {len(rows) - window} more below", QUIET)], indent=3)


def _answer(screen: Screen, model: Model, sheet: Sheet) -> None:
    """The last thing on the page of a formula that is gone through: its gradient."""
    for label, found in _partials(model, sheet):
        parts = "   ".join(kept_together(text, screen) for text in found)
        paragraph(screen, [(f"{label}:", HEADING), (f"   {parts}", GRADIENT)])


def _partials(model: Model, sheet: Sheet) -> Iterator[tuple[str, list[str]]]:
    """The partials that the learner worked out, and those that were filled in."""
    names = sheet.trace.wrt if model.round.along is None else (model.round.along,)
    found = {name: worked_out(sheet, model.states, name) for name in names}
    for label, own in (("Worked out", True), ("Given", False)):
        parts = [f"{sheet.partial(n)} = {sheet.gradient(n)}" for n in names if found[n] is own]
        if parts:
            yield label, parts


def print_finished(screen: Screen, model: Model, *, ascii: bool = False, said: bool = False) -> None:
    """The sheet of a formula that is worked out, to stay on the page; with what was ``said`` last."""
    sheet = _sheet(model.round, ascii)
    if said:
        _said(screen, model, sheet)
    point = "   ".join(kept_together(text, screen) for text in sheet.wording.point(sheet.trace))
    heading(screen, visible(model.round.title), f"at {point}")
    print_sheet(screen, sheet, model.states)
    screen.parts([])
    _answer(screen, model, sheet)


# -- sentences -------------------------------------------------------------------------


def sentences(
    model: Model, before: Model | None, *, ascii: bool = False, brief: bool = False
) -> Iterator[str]:
    """What is new on the page since ``before``, a sentence a line: for a screen reader, a script, a log.

    ``brief`` leaves out what the sheet of a worked-out formula shows, where that follows.
    """
    sheet = _sheet(model.round, ascii)
    found = _news(model, before, sheet, brief)
    return (ascii_text(text) for text in found) if ascii else found


def _news(model: Model, before: Model | None, sheet: Sheet, brief: bool) -> Iterator[str]:
    this = model.round
    fresh = before is None or before.round is not this
    old = {} if fresh or before is None else before.states
    for said in model.feedback:
        if said.kind == "welcome":
            continue  # after the question
        if said.kind == "compare":
            for what, rule, right, yours in comparison(said, sheet, model.states):
                told = f"right {right}, " if right != UNKNOWN else ""
                yield f"{what}{f' = {rule}' if rule else ''}: {told}with the mistake {yours}"
            continue
        for text, _ in feedback(said, model, sheet):
            yield text
    if fresh:
        yield ""
        level = f", level {this.level}" if this.level else ""
        yield f"{visible(this.title)}{level}"
        yield f"Formula: {sheet.wording.title(sheet.trace)}"
        if _nameless(sheet):
            boxes = (f"{name} = {sheet.definition(name)}" for name in sheet.boxes)
            yield f"Box by box: {';  '.join(boxes)}"
        yield f"At: {', '.join(sheet.wording.point(sheet.trace))}"
    if brief and model.item is None:
        return
    for cell, state in model.states.items():
        if state == GIVEN and old.get(cell, HIDDEN) in (HIDDEN, ASKED) and not cell.kind.is_rule:
            yield f"Given: {step_words(cell, sheet)}"
    if model.item is None:
        for label, parts in _partials(model, sheet):
            yield f"{label}: {', '.join(parts)}"
        return
    if fresh or (before is not None and before.item is not model.item):
        of = f" of {model.of}" if model.of else ""
        yield f"Question {model.number}{of}: {prompt(model.item, sheet)}"
        yield from choices(model.item)
    for said in model.feedback:
        if said.kind == "welcome":
            yield from (text for text, _ in feedback(said, model, sheet))
