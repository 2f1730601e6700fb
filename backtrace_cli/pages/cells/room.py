"""How much of the sheet there is room for, and what of it a question can't do without.

The formula, the point and what is needed for the question always stand; what is old goes first.
"""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.engine.trace import local_expression
from backtrace_cli.language.tree.syntax import names_in
from backtrace_cli.pages.cells.quiz_sheet import Sheet, States
from backtrace_cli.quiz.array_messages import message_tree
from backtrace_cli.readings.cells import ASKED, HIDDEN, Arrow, Cell

__all__ = ["ROOMS", "Needed", "Room", "needed"]


class Room(NamedTuple):
    """How the page is cut down; as it stands, not at all."""

    compact: bool = False
    """The forward half as a list of statements, a matrix on one line?"""
    tight: bool = False
    """No empty lines?"""
    rows: int | None = None
    """So many lines of the backward half about the question, and those that it needs."""
    brief: bool = False
    """Only the values that are needed, and few words around them?"""
    said: int | None = None
    """So many lines of what the tutor says."""
    boxes: int | None = None
    """So many statements about the question: for formulas that no screen holds."""

    @property
    def listed(self) -> int | None:
        """How many lines a list beside the sheet may have."""
        return None if self.rows is None else max(1, self.rows)


#: From all the room there is to the least.
ROOMS = (
    Room(),
    Room(compact=True),
    Room(True, True),
    *(Room(True, True, rows) for rows in (12, 9, 7, 5, 4, 3, 2, 1, 0)),
    *(Room(True, True, rows, True) for rows in (4, 2, 1, 0)),
    *(Room(True, True, 0, True, said) for said in (10, 8, 6, 4, 2, 1)),
    *(Room(True, True, 0, True, 4, boxes) for boxes in (12, 9, 7, 5, 4, 3, 2, 1)),
)


class Needed(NamedTuple):
    """What the question that stands is answered from."""

    boxes: frozenset[str] = frozenset()
    """The boxes whose values are put in."""
    cells: frozenset[Cell] = frozenset()
    """The messages, sums and tangents that go on from there."""
    whole: bool = False
    """Is a whole partial asked for, with all of the way back still to go?"""


def needed(sheet: Sheet, states: States) -> Needed:
    """What is needed for the question; nothing where none is asked."""
    asked = next((cell for cell, state in states.items() if state == ASKED), None)
    if asked is None:
        return Needed()
    source, target = asked.source or "", asked.target
    if asked.kind.along_input:
        read = _read(sheet, source)
        return Needed(frozenset({source, *read}), frozenset(Cell("tangent", name, target) for name in read))
    if asked.kind.is_sum:
        messages = frozenset(Cell("messages", reader, target) for reader in sheet.readers(target))
        if any(states.get(cell, HIDDEN) == HIDDEN for cell in messages):
            return Needed(frozenset(_on_the_way(sheet, target)), whole=True)
        return Needed(cells=messages)
    if not source:
        return Needed(frozenset(_read(sheet, target)))
    boxes = frozenset({source, *_read(sheet, source)})
    if not asked.kind.is_sent or not sheet.arrays:
        return Needed(boxes)  # a message over numbers says what arrived on its own line
    parts = frozenset(Cell("messages", reader, source) for reader in sheet.readers(source))
    return Needed(boxes, frozenset({Cell("gradient", None, source)}) if len(parts) > 1 else parts)


def _read(sheet: Sheet, name: str) -> list[str]:
    """What the box called ``name`` reads."""
    graph = sheet.trace.graph
    return [graph.name(arg) for arg in graph.nodes[graph.find(name) or 0].args]


def _on_the_way(sheet: Sheet, target: str) -> set[str]:
    """The boxes whose values the rules between ``target`` and the output are about."""
    found: set[str] = set()
    reached = {target}
    for (source, to), arrow in reversed(sheet.arrows.items()):
        if to in reached:
            reached.add(source)
            found |= _mentioned(sheet, arrow)
    return found


def _mentioned(sheet: Sheet, arrow: Arrow) -> set[str]:
    graph = sheet.trace.graph
    if sheet.arrays:
        return names_in(message_tree(graph, arrow.sents))
    return set[str]().union(*(names_in(local_expression(graph, sent)) for sent in arrow.sents))
