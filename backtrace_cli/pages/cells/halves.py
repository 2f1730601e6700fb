"""The two halves of the sheet on the page: forward as a table or a list of statements, and backward."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from io import StringIO
from itertools import groupby
from typing import TypeVar

from backtrace_cli.base.lengths import columns as width_of
from backtrace_cli.pages.cells.quiz_sheet import Line, Sheet, States
from backtrace_cli.pages.cells.room import ROOMS, Needed, Room, needed
from backtrace_cli.pages.layout import (
    GRADIENT,
    HARD_SPACE,
    HEADING,
    QUIET,
    VALUE,
    Column,
    Screen,
    fits,
    held,
    paragraph,
    table,
)
from backtrace_cli.readings.cells import ASKED, GIVEN, HIDDEN, Cell
from backtrace_cli.readings.gradient_terms import at_output

__all__ = ["fitted", "kept_together", "print_sheet"]

_T = TypeVar("_T")
#: What a continued line of a paragraph is indented by at most.
_INDENTED = 8
#: What stands before a line of statements, and between two of them.
_INSET, _APART = 3, "   "
#: Where the messages of a box stand in a list.
_LISTED = 6
#: No more statements than this stand on a line of the window.
_ON_A_LINE = 8

_FORWARD = (Column(right=True), Column(keep=True), Column(), Column(right=True, style=VALUE, lead="= "))
_BACKWARD = (
    Column(right=True), Column(keep=True), Column(lead="", keep=True), Column(keep=True), Column(),
    Column(right=True, style=GRADIENT, lead="= ", keep=True), Column(keep=True, style=QUIET),
)  # fmt: skip


def fitted(screen: Screen, height: int | None, draw: Callable[[Screen, Room], None]) -> str:
    """What ``draw`` prints, told to take less room until ``height`` lines hold it."""
    for room in ROOMS:
        if height is not None:  # of a thousand boxes only those are put into words that may be shown
            room = room._replace(rows=height if room.rows is None else room.rows,
                                 boxes=_ON_A_LINE * height if room.boxes is None else room.boxes)  # fmt: skip
        file = StringIO()
        draw(Screen(file, screen.width, ascii=screen.ascii), room)
        if height is None or file.getvalue().count("\n") <= height:
            break
    if screen.console is None:
        return file.getvalue()
    with screen.console.capture() as captured:
        draw(screen, room)
    return str(captured.get())


def kept_together(text: str, screen: Screen) -> str:
    """``text`` so that a list in it is not folded, where it has room on a line of its own."""
    return text.replace(" ", HARD_SPACE) if len(text) < screen.width - _INDENTED else text


def print_sheet(screen: Screen, sheet: Sheet, states: States, room: Room = ROOMS[0]) -> None:
    """Print the sheet: cut down to ``room``, what the question needs stands on it all the same."""
    if room.compact:
        sheet = sheet.flat
    found = [states.get(Cell("values", None, name), HIDDEN) for name in sheet.boxes]
    asked = found.index(ASKED) if ASKED in found else None
    told = sum(state not in (HIDDEN, ASKED) for state in found)
    shown, above, below = _windowed(sheet.boxes, told - 1 if asked is None else asked, room.boxes)
    needs = needed(sheet, states) if room.compact else Needed()
    _skipped(screen, above, "above")
    if room.compact:
        _print_statements(screen, sheet, states, shown, needs.boxes if room.brief else shown)
    else:
        columns = (
            _pinned(_FORWARD, _forward_rows(sheet, _all_known(states), shown)) if sheet.arrays else _FORWARD
        )
        table(screen, columns, _forward_rows(sheet, states, shown))
    _skipped(screen, below, "below")
    places = sheet.places(states)
    if told == len(found) and places:
        if not room.tight:
            screen.parts([])
        _print_backward(screen, sheet, states, places, room, needs)


def _forward_rows(sheet: Sheet, states: States, shown: Sequence[str]) -> list[tuple[str, ...]]:
    return [(s, left, f"= {n}" if n else "", v) for s, left, n, v in sheet.forward(states, shown)]


def _all_known(states: States) -> States:
    """The states at the end, when everything is filled in."""
    return dict.fromkeys(states, GIVEN)


def _pinned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[Column]:
    """``columns`` as wide as ``rows`` need, the ones of the sheet at its end: so nothing on it moves."""
    return [
        column._replace(
            least=max((width_of(part) for row in rows for part in row[at].split("\n")), default=0)
        )
        for at, column in enumerate(columns)
    ]


def _print_statements(
    screen: Screen, sheet: Sheet, states: States, shown: Sequence[str], told: Collection[str]
) -> None:
    """The formula box by box as one paragraph, with the values of those in ``told``."""
    line: list[tuple[str, str]] = []
    used = 0
    for name in shown:
        statement, value = sheet.statement(states, name, told=name in told)
        size = width_of(statement) + width_of(value)
        if line and used + len(_APART) + size > screen.width - _INSET:
            paragraph(screen, line, _INSET)
            line, used = [], 0
        if _INSET + size > screen.width:  # alone, folded between the rows of its matrix
            value = " " + held(value.strip(), screen.width - _INDENTED)
        line += [(_APART, "")] * bool(line)
        line += [(statement, ""), (value, VALUE)]
        used += len(_APART) * bool(used) + size
    paragraph(screen, line, _INSET)


def _print_backward(
    screen: Screen, sheet: Sheet, states: States, places: list[Cell], room: Room, needs: Needed
) -> None:
    one = sheet.wording.expr(at_output(sheet.trace.graph))
    output = sheet.trace.output
    start = f"{sheet.wording.partial(f'sum({output})' if one != '1' else output, output)} = {one}"
    start = f"{sheet.wording.partial(sheet.along, sheet.along)} = 1" if sheet.along else start
    paragraph(screen, [("Forward mode" if sheet.along else "Backward", HEADING), (f"   {start}", QUIET)])
    known = [states.get(cell, HIDDEN) for cell in places]
    unknown = (i for i, state in enumerate(known) if state in (HIDDEN, ASKED))
    now = known.index(ASKED) if ASKED in known else next(unknown, len(places) - 1)
    most = 0 if needs.whole and room.rows is not None else room.rows
    kept = _kept(places, now, most, needs.cells)
    if not room.brief:
        _fill_single(kept)
    lines = iter(sheet.backward(states, [cell for cell, stays in zip(places, kept, strict=True) if stays]))
    rows: list[Line | int] = []
    for stays, run in groupby(kept):
        count = len(list(run))
        rows += [next(lines) for _ in range(count)] if stays else [count] * (not room.brief)
    first = rows.pop(0) if not kept[0] and not room.brief else 0
    last = rows.pop() if not kept[-1] and not room.brief else 0
    assert isinstance(first, int)
    assert isinstance(last, int)
    _skipped(screen, first, "above")
    whole = sheet.backward(_all_known(states), places) if sheet.arrays else []
    _print_lines(screen, rows, whole, short=room.compact)
    _skipped(screen, last, "below")


def _print_lines(screen: Screen, lines: Sequence[Line | int], whole: Sequence[Line], *, short: bool) -> None:
    """The lines of the backward half, a number for so many left out. With ``short`` the formulas of the
    boxes go where they have no room, as they stand above, then the numbers put in, then the rules.

    Where ``whole``, the lines of the sheet at its end, are given, they decide how: from the first question
    to the last it is the same table, or the same list.
    """
    for form in range(4 if short else 1):
        rows, columns = _rows(lines, form), _BACKWARD
        if whole:
            pinned = _pinned(_BACKWARD, _rows(whole, form))
            if fits(screen, pinned, rows):
                return table(screen, pinned, rows)
        elif fits(screen, columns, rows):
            break
    return _print_list(screen, lines, short=short) if whole else table(screen, columns, rows)


def _rows(lines: Sequence[Line | int], form: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for line in lines:
        if isinstance(line, int):
            rows.append(("", f"… {line} more", "", "", "", "", ""))
            continue
        through = line.through.partition(" = ")[0] if form else line.through
        numbers = f"= {line.numbers}" if line.numbers and form < 2 else ""
        rule = line.rule if form < 3 or line.now else ""
        rows.append((line.step, through, line.target, rule, numbers, line.value, line.mark))
    return rows


def _print_list(screen: Screen, lines: Sequence[Line | int], *, short: bool) -> None:
    """Each box on a line of its own, and below it, further in, what it sends. With ``short`` the box's name
    stands before the first thing that it sends: its formula stands above."""
    for line in lines:
        if isinstance(line, int):
            paragraph(screen, [(f"… {line} more", QUIET)], indent=_INSET)
            continue
        box = f"{line.step}  {line.through.partition(' = ')[0]}" if line.through and short else ""
        if line.through and not short:
            paragraph(screen, [(f"{line.step}  {line.through}", "")], indent=_INSET)
        value = " ".join(line.value.split())
        equals = "= " if line.rule and value else ""
        parts = [(f"{box}{_APART}", "")] * bool(box) + [(f"{line.target} {line.rule}".rstrip(), "")]
        if value:
            parts.append((f" {equals}" + held(value, screen.width - _LISTED - _INSET), GRADIENT))
        if line.mark:
            parts.append((f"  {line.mark.replace(' ', HARD_SPACE)}", QUIET))
        paragraph(screen, parts, indent=_INSET if box else _LISTED)


def _kept(places: Sequence[Cell], now: int, most: int | None, needs: Collection[Cell]) -> list[bool]:
    """Which lines stand: ``most`` of them about the question, it, and those that it needs."""
    window, above, _ = _windowed(places, now, most)
    return [
        place == now or above <= place < above + len(window) or cell in needs
        for place, cell in enumerate(places)
    ]


def _fill_single(kept: list[bool]) -> None:
    """No line is left out alone: the words that say so would take its place."""
    for place, stays in enumerate(kept):
        if not stays and all(kept[max(0, place - 1) : place]) and all(kept[place + 1 : place + 2]):
            kept[place] = True


def _windowed(rows: Sequence[_T], around: int, most: int | None) -> tuple[Sequence[_T], int, int]:
    """At most ``most`` of the rows about one of them, and how many are left out before and after."""
    if most is None or len(rows) <= most:
        return rows, 0, 0
    start = max(0, min(around - (2 * most) // 3, len(rows) - most))
    return rows[start : start + most], start, len(rows) - start - most


def _skipped(screen: Screen, count: int, where: str) -> None:
    if count:
        paragraph(screen, [(f"… {count} more {where}", QUIET)], indent=3)
