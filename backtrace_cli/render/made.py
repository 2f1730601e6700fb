"""A new exercise in a few lines: what was written, and why its point was chosen."""

from __future__ import annotations

from typing import Any

from backtrace_cli.errors import visible_name
from backtrace_cli.formula.numerals import numeral
from backtrace_cli.grading.making import Made
from backtrace_cli.render.layout import HEADING, QUIET, Column, Screen, held, paragraph, table

__all__ = ["print_made"]

_COLUMNS = (
    Column("at", style=HEADING), Column("still right", right=True, keep=True, lead="still right: "),
    Column("wrong answers", right=True, keep=True, lead="wrong answers: "),
    Column("told apart", right=True, keep=True, lead="told apart: "),
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
        table(screen, _COLUMNS, [(_point(at, room), *map(str, found[:3])) for at, found in rows])
        if made.tried:
            why = f"Of {made.tried} points, the first row has the easiest numbers where most mistakes show."
            paragraph(screen, [(why, QUIET)])
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
