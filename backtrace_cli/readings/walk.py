"""A walk through a trace without questions: one cell more, one less, to a node, to the next fork."""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.engine.trace import Trace
from backtrace_cli.readings.cells import GIVEN, HIDDEN, Cell, arrows, cells, tangent_cells

__all__ = ["MOVES", "View", "Walk"]

#: Every move, by everything it may be called. Nothing typed is a step on.
MOVES = {
    "": "next", "next": "next", "+": "next", "back": "back", "-": "back", "fork": "fork", "*": "fork",
    "start": "start", "end": "end", "why": "why", "help": "help", "?": "help", "quit": "quit", "exit": "quit",
    "q": "quit",
}  # fmt: skip


class View(NamedTuple):
    """What is on the screen."""

    trace: Trace
    along: str | None
    states: dict[Cell, str]
    cell: Cell | None
    """The step just made; None before the first."""
    number: int
    of: int
    said: str
    """``why``, ``help``, ``no fork``, ``unknown``, ``first``, ``last``, or nothing."""
    word: str = ""
    """What was typed, where it was no move."""
    fork: bool = False
    """Does the step add to a fork?"""


class Walk:
    """A position in a trace: type a line, look at the view.

    >>> from backtrace_cli import trace
    >>> walk = Walk(trace("b = x + y; f = b*y", x=2, y=3))
    >>> walk.go(""), walk.view.cell.target, walk.go("fork"), walk.view.cell.pretty
    (True, 'b', True, 'f → y')
    """

    def __init__(self, trace: Trace, along: str | None = None) -> None:
        self._trace, self._along = trace, along
        values = [Cell("values", None, trace.graph.name(index)) for index in trace.graph.steps]
        if along is not None:
            self._cells = values + list(tangent_cells(trace, along))
        else:
            self._cells = [cell for cell in cells(trace) if not cell.kind.is_rule]
        names = trace.graph.name
        sent = arrows(trace) if along is None else []
        self._forked = {Cell("messages", names(a.source), names(a.target)) for a in sent if a.of > 1}
        self._at = 0
        self._said = self._word = ""
        self.over = False

    @property
    def view(self) -> View:
        """The screen as it stands."""
        states = {cell: GIVEN if place < self._at else HIDDEN for place, cell in enumerate(self._cells)}
        cell = self._cells[self._at - 1] if self._at else None
        fork = cell is not None and (cell in self._forked or cell.kind.is_sum)
        return View(
            self._trace, self._along, states, cell, self._at, len(self._cells), self._said, self._word, fork
        )

    def go(self, line: str) -> bool:
        """Take one typed line; False where it was no move."""
        text = " ".join(line.split())
        self._said = self._word = ""
        if text.startswith(":"):
            move = MOVES.get(text[1:].strip().lower())
        else:
            if text and self._to(text):
                return True
            move = MOVES.get(text.lower()) or MOVES.get(text.lower().rstrip(" ?!.") or text)
        if move is None:
            self._said, self._word = "unknown", text
            return False
        if move == "quit":
            self.over = True
        elif move in ("why", "help"):
            self._said = move
        else:
            self._move(move)
        return True

    def _move(self, move: str) -> None:
        last = len(self._cells)
        if move == "fork":
            found = next((i + 1 for i in range(self._at, last) if self._cells[i] in self._forked), None)
            self._said = "" if found else "no fork"
            self._at = found or self._at
            return
        before = self._at
        self._at = {"next": min(last, before + 1), "back": max(0, before - 1), "start": 0, "end": last}[move]
        if self._at == before and move in ("next", "back"):
            self._said = "last" if move == "next" else "first"

    def _to(self, name: str) -> bool:
        """To the next step about the node called ``name``, round by the start; False where there is none."""
        graph = self._trace.graph
        index = graph.find(name)
        if index is None:
            return False
        known = graph.name(index)
        order = [*range(self._at, len(self._cells)), *range(self._at)]
        found = next((i for i in order if self._about(self._cells[i], known)), None)
        if found is None:
            return False
        self._at = found + 1
        return True

    def _about(self, cell: Cell, name: str) -> bool:
        return (cell.source if cell.kind.along_input else cell.target) == name
