"""A new exercise in a few lines: what was written, and why its point was chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.grading.authoring.hand_out import HandedOut
from backtrace_cli.grading.authoring.making import Made
from backtrace_cli.pages.document import Block, Paragraph
from backtrace_cli.pages.layout import GRADIENT, HEADING, QUIET, Column, Screen, held, paragraph, table
from backtrace_cli.quiz.drill import Sheet

__all__ = ["drill_page", "print_handed_out", "print_made"]

_COLUMNS = (
    Column("at", style=HEADING), Column("still right", right=True, keep=True, lead="still right: "),
    Column("wrong answers", right=True, keep=True, lead="wrong answers: "),
    Column("told apart", right=True, keep=True, lead="told apart: "),
    Column("named", right=True, keep=True, lead="named: "),
)  # fmt: skip


def print_made(screen: Screen, made: Made, target: str | None) -> None:
    """Say what was written, and show the point beside those that people take without thinking."""
    shows = made.shows
    screen.parts([])
    if shows is not None:
        paragraph(
            screen, [(f"{shows.of} mistakes, planted one by one, and what becomes of the answers:", "")]
        )
        rows = [(made.at, shows), *made.rivals]
        room = screen.width - 4
        told = [(_point(at, room), *map(str, found[:3]), f"{100 * found.told:.0f}%") for at, found in rows]
        table(screen, _COLUMNS, told)
        if made.tried:
            why = f"Of {made.tried} points, the first row has the easiest numbers for what they tell."
            paragraph(screen, [(why, QUIET)])
        paragraph(
            screen, [("named: of the wrong answers, those that tell the mistake by themselves.", QUIET)]
        )
        if shows.invisible:
            why = "lint leaves out those that show at no point, so it may count fewer."
            paragraph(screen, [(why, QUIET)])
    else:
        paragraph(
            screen, [(f"at {_point(made.at, screen.width - 4)}: no mistake of the catalogue applies", "")]
        )
    if target is not None:
        screen.parts([])
        paragraph(screen, [(f"wrote {visible_name(target)}", HEADING)])
        paragraph(
            screen,
            [
                (
                    f"next: give it a why and hints of your own, then backtrace lint {visible_name(target)}",
                    QUIET,
                )
            ],
        )


def _point(point: dict[str, Any], room: int) -> str:
    return ", ".join(held(f"{name} = {numeral(value)}", room) for name, value in point.items())


def print_handed_out(screen: Screen, done: HandedOut, folder: str, keyed: bool) -> None:
    """Say how many files a class got, and what of them is each student's own."""
    screen.parts([])
    what = f"{_count(done.exercises, 'exercise')} for {_count(done.students, 'student')}"
    wrote = f"wrote {_count(done.written, 'file')} into {visible_name(folder)}: {what}"
    paragraph(screen, [(wrote, HEADING)])
    if done.same:
        paragraph(
            screen, [(f"{_count(done.same, 'file')} stood there already, and stay as they are.", QUIET)]
        )
    if not done.varied:
        paragraph(screen, [("Everybody has the same: no exercise has a table [variants].", QUIET)])
        return
    has = "has" if done.varied == 1 else "have"
    paragraph(screen, [(f"{_count(done.varied, 'exercise')} {has} numbers of each student's own.", QUIET)])
    if not keyed:
        why = "They are drawn without a key, so anyone can work out anyone's: see --key-file."
        paragraph(screen, [(why, GRADIENT)])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def drill_page(sheets: Iterable[Sheet]) -> Iterator[Block]:
    """What was written to practise with, a line a sheet."""
    for sheet in sheets:
        mistakes = list(dict.fromkeys(file.partition("/")[0] for file in sheet.files))
        about = ", ".join(mistakes) or "nothing"
        text = f"{visible_name(sheet.folder)}: {len(sheet.files)} exercises in {about}"
        yield Paragraph([(text, "")], said=text + ".")
        if sheet.missing:
            gap = f"none was found for {', '.join(sheet.missing)}"
            yield Paragraph([(gap, QUIET)], indent=3, said=gap + ".")
