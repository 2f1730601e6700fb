"""What a session passes along: a formula with its questions, what an answer means, what is on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.statement import Statement
from backtrace_cli.quiz.card_keys import Key
from backtrace_cli.quiz.judge import Reply
from backtrace_cli.quiz.questions import Item
from backtrace_cli.readings.cells import Cell, cells, tangent_cells, with_shapes

__all__ = ["Feedback", "Model", "Outcome", "Round"]


class Round(NamedTuple):
    """One formula with the questions about it."""

    statement: Statement
    items: list[Item]
    title: str
    topic: str = ""
    level: int = 0
    hints: tuple[str, ...] = ()
    """Hints that come with the formula, as those of an exercise do."""
    target: Key | None = None
    same: Mapping[Cell, Cell] = MappingProxyType({})
    """Cells that are not asked for, and the ones that say the same and are."""

    @property
    def along(self) -> str | None:
        """The variable of forward mode, or None where messages are asked for."""
        return next((item.cell.target for item in self.items if item.cell.kind.along_input), None)

    @property
    def trace(self) -> Trace:
        """The record that its sheet shows."""
        return self.statement.forward_mode if self.along is not None else self.statement.trace

    def cells(self) -> list[Cell]:
        """Every cell of its sheet in order; the partials asked for as a whole, last."""
        trace = self.statement.trace
        if self.along is not None:
            found = [cell for cell in cells(trace) if cell.kind.is_value]
            return found + list(tangent_cells(trace, self.along))
        whole = [item.cell for item in self.items if item.whole]
        known = with_shapes(cells(trace), [item.cell for item in self.items if not item.cell.kind.numeric])
        return known + [cell for cell in whole if cell not in known]


class Outcome(NamedTuple):
    """What a learner's answer says about them; see progress.py for what becomes of it."""

    topic: str
    level: int
    table: str
    op: str
    result: str
    """``right`` at the first try, ``wrong`` at the first try, ``wrong again``, ``mended``,
    ``skipped`` or ``shown`` without a try."""
    hints: int = 0
    missed: tuple[Key, ...] = ()
    """The mistakes that were made; the rule that was not known, where no mistake says more."""
    exposed: tuple[Key, ...] = ()
    """The mistakes that would have shown."""
    target: Key | None = None
    """The mistake that the question was chosen for."""


class Feedback(NamedTuple):
    """One thing the tutor says; the words are render's."""

    kind: str
    """``right``, ``mended``, ``wrong``, ``undecided``, ``unreadable``, ``no answer``, ``trouble``, ``shown``,
    ``skipped``, ``hint``, ``why``, ``compare``, ``help``, ``stuck``, ``empty``, ``welcome``, ``worked out``,
    ``nothing back``, ``nothing to compare``."""
    item: Item
    reply: Reply | None = None
    number: int = 0
    """Which hint, or which try."""


class Model(NamedTuple):
    """What is on the screen."""

    round: Round
    states: dict[Cell, str]
    item: Item | None
    """The question that stands; None between two formulas and at the end."""
    number: int
    """Which question of the session."""
    of: int | None
    """How many there are; None where that is not fixed."""
    right: int
    """Right at the first try."""
    asked: int
    """Questions answered so far."""
    streak: int
    feedback: tuple[Feedback, ...]
    over: bool
