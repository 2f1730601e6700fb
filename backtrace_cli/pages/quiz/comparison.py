"""A mistake beside the right steps, as far as these are worked out: nothing that is still asked is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backtrace_cli.pages.cells.quiz_sheet import Sheet, States
from backtrace_cli.quiz.judge import RIGHT
from backtrace_cli.quiz.model import Feedback
from backtrace_cli.readings.cells import ASKED, HIDDEN, MENDED, Cell

__all__ = ["UNKNOWN", "Compared", "comparison", "worked_out"]

#: In place of a right number that is still to be found.
UNKNOWN = "?"


class Compared(NamedTuple):
    """One number of the trace, right and with the mistake."""

    what: str
    rule: str
    right: str
    yours: str


def comparison(found: Feedback, sheet: Sheet, states: States) -> list[Compared]:
    """The step at which a mistake was made, and all that follows from it: where the two differ."""
    item, reply = found.item, found.reply
    if reply is None or reply.slip is None or item.slips is None:
        return []
    broken = Sheet(item.slips.replayed(reply.slip.fault), sheet.wording)
    rows = [
        row if known else row._replace(right=UNKNOWN, rule=row.rule if item.cell.kind.is_value else "")
        for row, known in _rows(item.cell, sheet, broken, states)
        if row.right != row.yours
    ]
    return list(dict.fromkeys(rows))


def _rows(asked: Cell, sheet: Sheet, broken: Sheet, states: States) -> Iterator[tuple[Compared, bool]]:
    """Every number of the trace, and whether it is worked out."""
    for name in sheet.boxes:
        if broken.trace.graph.find(name) is not None:
            row = Compared(name, sheet.definition(name), sheet.value(name), broken.value(name))
            yield row, _told(states, Cell("values", None, name))
    if asked.kind.is_sum and asked.target not in sheet.trace.wrt:
        yield _gradient(asked.target, sheet, broken), _told(states, asked)
    for source, target in sheet.arrows:
        if (source, target) not in broken.arrows:
            continue
        local = Cell("local", source, target)
        if asked == local:
            part = sheet.wording.partial(source, target)
            yield Compared(part, sheet.local(source, target), sheet.local_value(source, target),
                           broken.local_value(source, target)), _told(states, local)  # fmt: skip
        arrow = f"{source} {'->' if sheet.wording.ascii else '→'} {target}"
        row = Compared(arrow, "", sheet.adds(source, target), broken.adds(source, target))
        yield row, _told(states, Cell("messages", source, target))
    for name in sheet.trace.wrt:
        yield _gradient(name, sheet, broken), _added_up(sheet, states, name)


def _gradient(name: str, sheet: Sheet, broken: Sheet) -> Compared:
    return Compared(sheet.partial(name), "", sheet.gradient(name), broken.gradient(name))


def _told(states: States, cell: Cell) -> bool:
    return states.get(cell, HIDDEN) not in (HIDDEN, ASKED)


def _added_up(sheet: Sheet, states: States, name: str) -> bool:
    """Does a partial stand on the page?"""
    found = _cells_of(sheet, states, name)
    return bool(found) and all(_told(states, cell) for cell in found)


def worked_out(sheet: Sheet, states: States, name: str) -> bool:
    """Did the learner find a partial, and not only see it?"""
    found = _cells_of(sheet, states, name)
    return bool(found) and all(states.get(cell) in (RIGHT, MENDED) for cell in found)


def _cells_of(sheet: Sheet, states: States, name: str) -> list[Cell]:
    """Where a partial is found: its sum, or what is that too: its one message, the last tangent."""
    if sheet.along is not None:
        return [Cell("tangent", sheet.trace.output, name)] if name == sheet.along else []
    own = Cell("gradient", None, name)
    return [own] if own in states else [Cell("messages", s, name) for s in sheet.readers(name)]
