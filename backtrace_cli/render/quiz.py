"""The quiz on the screen: a page that fills in place, and the same as sentences where nothing can move."""

from __future__ import annotations

import math
from collections.abc import Iterator
from io import StringIO

from backtrace_cli.errors import visible
from backtrace_cli.formula.numerals import ascii_text
from backtrace_cli.quiz.cells import Cell
from backtrace_cli.quiz.session import ASKED, GIVEN, HIDDEN, Feedback, Model, Round
from backtrace_cli.render.layout import (
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
from backtrace_cli.render.quiz_sheet import Sheet, print_sheet
from backtrace_cli.render.quiz_words import choices, comparison, feedback, prompt, step_words
from backtrace_cli.render.rows import Wording

__all__ = ["frame", "print_finished", "sentences"]

#: From here on a screen is too low to take another line off the sheet.
_LEAST = 2


def frame(screen: Screen, model: Model, height: int | None = None, *, ascii: bool = False) -> str:
    """The whole page as text, cut down around the question until ``height`` lines hold it."""
    sheet = _sheet(model.round, ascii)
    for flow, window in ((False, None), (True, None), *((True, size) for size in (12, 9, 7, 5, 4, 3, _LEAST))):
        plain = Screen(StringIO(), screen.width, ascii=screen.ascii)
        _page(plain, model, sheet, flow, window)
        assert isinstance(plain.file, StringIO)
        if height is None or plain.file.getvalue().count("\n") <= height:
            break
    if screen.console is None:
        return plain.file.getvalue()
    with screen.console.capture() as captured:
        _page(screen, model, sheet, flow, window)
    return captured.get()


def _sheet(this: Round, ascii: bool) -> Sheet:
    return Sheet(this.statement.trace, Wording(ascii=ascii), this.along)


def _page(screen: Screen, model: Model, sheet: Sheet, flow: bool, window: int | None) -> None:
    _header(screen, model)
    screen.parts([])
    _statement(screen, model.round, sheet)
    screen.parts([])
    print_sheet(screen, sheet, model.states, flow=flow, window=window)
    _said(screen, model, sheet)
    screen.parts([])
    if model.item is None:
        _answer(screen, model.round, sheet)
        return
    paragraph(screen, [(prompt(model.item, sheet), HEADING)])
    for text in choices(model.item):
        line(screen, text, indent=3)


def _header(screen: Screen, model: Model) -> None:
    this = model.round
    level = f" · level {this.level}" if this.level else ""
    of = f" of {model.count}" if model.count else ""
    left = f" {visible(this.title)}{level} · question {max(model.number, 1)}{of}"
    streak = f", streak {model.streak}" if model.streak > 1 else ""
    right = f"{model.right} of {model.asked} right{streak}" if model.asked else ""
    if screen.ascii:
        left = ascii_text(left.replace("·", "-"))
    gap = screen.width - len(left) - len(right) - 1
    if gap < 2:
        paragraph(screen, [(left.strip(), HEADING), (f"   {right}" if right else "", QUIET)])
    else:
        screen.parts([(left, HEADING), (" " * gap + right, QUIET)])


def _statement(screen: Screen, this: Round, sheet: Sheet) -> None:
    """The formula, where it was not made box by box, and the point."""
    trace, w = sheet.trace, sheet.wording
    if not this.topic:
        paragraph(screen, [(w.title(trace), "")], indent=3)
    paragraph(screen, [("at  ", QUIET), ("   ".join(w.point(trace)), "")], indent=3)


def _said(screen: Screen, model: Model, sheet: Sheet) -> None:
    for found in model.feedback:
        screen.parts([])
        if found.kind == "compare":
            _compare(screen, found, sheet)
            continue
        for text, style in feedback(found, model, sheet):
            paragraph(screen, [(text, style)])


def _compare(screen: Screen, found: Feedback, sheet: Sheet) -> None:
    if found.reply is not None and found.reply.words:
        words = found.reply.words
        paragraph(screen, [(f"{words[:1].upper()}{words[1:].rstrip('.')}. What follows from it:", "")])
    columns = (
        Column(), Column(lead="= ", keep=True), Column("right", True, GRADIENT, lead="right "),
        Column("with the mistake", True, GRADIENT, lead=", with the mistake ", keep=True),
    )  # fmt: skip
    table(screen, columns, [
        (what, f"= {rule}" if rule else "", right, yours) for what, rule, right, yours in comparison(found, sheet)
    ])  # fmt: skip


def _answer(screen: Screen, this: Round, sheet: Sheet) -> None:
    """The last thing on the page of a formula that is worked out: its gradient."""
    names = sheet.trace.wrt if this.along is None else (this.along,)
    parts = "   ".join(f"{sheet.partial(name)} = {_gradient(sheet, name)}" for name in names)
    paragraph(screen, [("Worked out:   ", HEADING), (parts, GRADIENT)])


def _gradient(sheet: Sheet, name: str) -> str:
    return sheet.gradient(name)


def print_finished(screen: Screen, model: Model, *, ascii: bool = False) -> None:
    """The sheet of a formula that is worked out, to stay on the page."""
    sheet = _sheet(model.round, ascii)
    heading(screen, visible(model.round.title), f"at {'   '.join(sheet.wording.point(sheet.trace))}")
    print_sheet(screen, sheet, model.states)
    screen.parts([])
    _answer(screen, model.round, sheet)


# -- sentences -------------------------------------------------------------------------


def sentences(model: Model, before: Model | None, *, ascii: bool = False) -> Iterator[str]:
    """What is new on the page since ``before``, a sentence a line: for a screen reader, a script, a log."""
    sheet = _sheet(model.round, ascii)
    found = _news(model, before, sheet)
    return (ascii_text(text) for text in found) if ascii else found


def _news(model: Model, before: Model | None, sheet: Sheet) -> Iterator[str]:
    this = model.round
    fresh = before is None or before.round is not this
    old = {} if fresh or before is None else before.states
    for said in model.feedback:
        if said.kind == "compare":
            for what, rule, right, yours in comparison(said, sheet):
                yield f"{what}{f' = {rule}' if rule else ''}: right {right}, with the mistake {yours}"
            continue
        for text, _ in feedback(said, model, sheet):
            yield text
    if fresh:
        yield ""
        level = f", level {this.level}" if this.level else ""
        yield f"{visible(this.title)}{level}"
        yield f"Formula: {sheet.wording.title(sheet.trace)}"
        yield f"At: {', '.join(sheet.wording.point(sheet.trace))}"
    for cell, state in model.states.items():
        if state == GIVEN and old.get(cell, HIDDEN) in (HIDDEN, ASKED) and _worth_saying(cell, model):
            yield f"Given: {step_words(cell, sheet)}"
    if model.item is None:
        names = sheet.trace.wrt if this.along is None else (this.along,)
        yield f"Worked out: {', '.join(f'{sheet.partial(n)} = {sheet.gradient(n)}' for n in names)}"
        return
    if fresh or (before is not None and before.item is not model.item):
        of = f" of {model.count}" if model.count else ""
        yield f"Question {model.number}{of}: {prompt(model.item, sheet)}"
        yield from choices(model.item)


def _worth_saying(cell: Cell, model: Model) -> bool:
    """A local derivative that was not asked for is part of its message."""
    return cell.table != "local" and math.isfinite(model.round.level)
