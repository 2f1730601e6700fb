"""What each mistake of the catalogue would answer at one cell: which it exposes, which explains an answer.

The learner sees the cells before this one filled in right, so only a mistake made at
the cell itself can explain a wrong answer to it; where a whole partial is asked for,
any mistake can. This is the only file of the quiz that knows how mistakes are replayed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from functools import cached_property, lru_cache
from typing import NamedTuple

from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.diagnose import Diagnoser, close
from backtrace_cli.mistakes.fault import Edge, Fault
from backtrace_cli.mistakes.question import edges
from backtrace_cli.quiz.cells import Cell

__all__ = ["Key", "Slip", "Slips", "box_of", "could_be_made", "made_at_a_step"]

#: What is remembered and scheduled: a mistake (empty for one without a name) and the box's op
#: (empty for a mistake of adding up).
Key = tuple[str, str]

#: Mistakes that keep a part of a sum, so that their number is a message by nature, …
_FORGETTING = frozenset({"lost path", "overwritten"})
#: … and those that write down a number of the sheet, so that its standing there says nothing.
_NUMBERS_OF_THE_SHEET = _FORGETTING | {
    "own factor", "factor left out", "input for output", "read differently", "wrong rule",
}  # fmt: skip


class Slip(NamedTuple):
    """One mistake at one place, and what it answers."""

    fault: Fault
    op: str
    value: float

    @property
    def key(self) -> Key:
        """What of it is remembered."""
        return self.fault.mistake, self.op


class Slips:
    """The mistakes that could be made at one cell of a statement.

    >>> slips = Slips(Statement("b = x + y; f = b*y", "x=2,y=3"), Cell("messages", "f", "b"))
    >>> sorted((slip.fault.mistake, slip.value) for slip in slips.shown if slip.value > 4)
    [('doubled', 6.0), ('own factor', 5.0)]
    """

    def __init__(self, statement: Statement, cell: Cell, whole: bool = False) -> None:
        self.statement = statement
        self.cell = cell
        self._everywhere = _doctor_for(statement.graph)
        faults = self._everywhere.faults
        places = _places(statement.graph, cell)
        if cell.table == "values":
            self._own = [n for n, name in _misread_from(self._everywhere, statement) if name == cell.target]
        else:
            self._own = [n for n, fault in enumerate(faults) if whole or _is_at(fault, cell, places)]
        scene = self._everywhere.scene(statement.at)
        right = scene.says(cell, None) if self._own else math.nan
        self.shown: list[Slip] = []
        """The slips whose answer differs from the right one, in the order of the catalogue."""
        for number in self._own:
            value = scene.says(cell, number)
            if not close(value, right, 1e-9) and (value != right or math.isnan(value)):
                self.shown.append(Slip(faults[number], _op_of(statement.graph, faults[number]), value))

    @cached_property
    def _doctor(self) -> Diagnoser:
        """A diagnoser that knows the mistakes of this cell and no others."""
        narrow = copy(self._everywhere)
        narrow.faults = [self._everywhere.faults[number] for number in self._own]
        narrow.scenes = {}
        narrow.wary_from = 2  # a bare number's rivals are looked for on the sheet, below
        return narrow

    @property
    def share(self) -> float:
        """How many of the possible mistakes show at this point, from 0 to 1."""
        return len(self.shown) / len(self._own) if self._own else 1.0

    def exposed(self) -> tuple[Key, ...]:
        """The keys that a right answer here says something about: every mistake that would show."""
        keys = dict.fromkeys(slip.key for slip in self.shown)
        op = box_of(self.statement.graph, self.cell)
        if op:
            keys["", op] = None
        return tuple(keys)

    def explain(
        self, evidence: Sequence[tuple[Point, float]], tolerance: float, bare: bool | None = None
    ) -> tuple[Slip, str] | None:
        """The slip that explains an answer, with words for the learner; None unless exactly one does.

        ``bare`` tells of an answer that is a number how it was typed: alone (True), or worked
        out from others (False). A number is weak evidence: it counts for nothing where it is
        something else that stands on the sheet, and a sum was no message forgotten.
        """
        found = self._doctor.diagnose(self.cell, evidence, tolerance)
        if found is None:
            return None
        own = next((value for point, value in evidence if point == self.statement.at), math.nan)
        named = [slip for slip in self.shown if slip.fault.mistake == found.mistake]
        slip = next((s for s in named if close(s.value, own, max(tolerance, 1e-9))), None)
        if slip is None or (bare is not None and self._has_rival(slip, bare, max(tolerance, 1e-9))):
            return None
        return slip, found.words

    def _has_rival(self, slip: Slip, bare: bool, tolerance: float) -> bool:
        """Could a number have come about in another way than by the mistake ``slip``?"""
        mistake = slip.fault.mistake
        if self.cell.table == "gradient" and mistake in _FORGETTING:
            return not bare or any(close(n, slip.value, tolerance) for n in self._combined)
        if mistake in _NUMBERS_OF_THE_SHEET:
            return False
        return any(close(number, slip.value, tolerance) for number in self._sheet)

    @cached_property
    def _sheet(self) -> list[float]:
        """Every number on the sheet: values, gradients, messages; and the slopes 0, 1 and −1."""
        trace = self.statement.trace
        found = [0.0, 1.0, -1.0] if self.cell.table == "local" else []
        found += [float(trace.values[index]) for index in trace.graph.steps]
        found += [float(trace.values[index]) for index in trace.graph.inputs.values()]
        for sent in trace.sent:
            found += [float(sent.total), float(sent.contribution)]
        return found + self._combined

    @cached_property
    def _combined(self) -> list[float]:
        """What the messages to the node make if one of them is taken off instead of added."""
        graph = self.statement.graph
        target = graph.find(self.cell.target)
        if self.cell.table != "gradient" or target is None:
            return []
        into = [float(sent.contribution) for sent in self.statement.trace.sent if sent.target == target]
        return [sum(into) - 2 * one for one in into] + [2 * one - sum(into) for one in into]

    def made(self, evidence: Sequence[tuple[Point, float]]) -> bool:
        """Is an answer, right or not at the own point, what some mistake gives at all the others?"""
        elsewhere = [(point, value) for point, value in evidence if point != self.statement.at]
        return bool(elsewhere) and self._doctor.diagnose(self.cell, elsewhere, 1e-9) is not None

    def replayed(self, fault: Fault) -> Trace:
        """The whole run with that mistake in it."""
        return self._everywhere.scene(self.statement.at).replayed(fault)


@lru_cache(maxsize=4)
def _doctor_for(graph: Graph) -> Diagnoser:
    """The diagnoser with every fault of ``graph``: each cell's questions keep their own share of it."""
    return Diagnoser(graph)


def _misread_from(doctor: Diagnoser, statement: Statement) -> list[tuple[int, str]]:
    """The number of each fault of reading, and the first box whose value comes out wrong with it."""
    scene = doctor.scene(statement.at)
    names = [statement.graph.name(index) for index in statement.graph.steps]
    found = []
    for number, fault in enumerate(doctor.faults):
        if fault.read_as is not None:
            cells = (Cell("values", None, name) for name in names)
            first = next((c.target for c in cells if scene.says(c, number) != scene.says(c, None)), None)
            found += [(number, first)] if first is not None else []
    return found


def could_be_made(graph: Graph, key: Key) -> bool:
    """Is there a place in ``graph`` at which that mistake could be made at all?

    >>> from backtrace_cli.graph import build
    >>> graph = build("f = x*y")
    >>> could_be_made(graph, ("lost path", "")), could_be_made(graph, ("sign", "multiply"))
    (False, True)
    """
    mistake, op = key
    if not mistake:
        return any(_name_of(graph, index) == op for index in graph.steps)
    return any(fault.mistake == mistake and _op_of(graph, fault) == op for fault in faults_in(graph))


def made_at_a_step(graph: Graph, key: Key) -> bool:
    """Can that mistake be made at a single step, and not only in a whole partial?"""
    faults = [fault for fault in _doctor_for(graph).faults if (fault.mistake, _op_of(graph, fault)) == key]
    return not key[0] or any(fault.edges or fault.read_as is not None for fault in faults)


def _name_of(graph: Graph, index: int) -> str:
    op = graph.nodes[index].op
    return op.name if op is not None else ""


def box_of(graph: Graph, cell: Cell) -> str:
    """The op of the box that a cell belongs to; empty for a sum at a fork."""
    name = cell.target if cell.table == "values" else cell.source
    index = graph.find(name) if name else None
    return _name_of(graph, index) if index is not None else ""


def _touched(fault: Fault) -> list[Edge]:
    """The edges at which a fault changes a rule."""
    return [edge for edge in fault.edges if edge not in fault.lost]


def _places(graph: Graph, cell: Cell) -> set[Edge]:
    """The edges that the answer to a cell is worked out along."""
    if cell.table == "gradient":
        target = graph.find(cell.target)
        return {(n.index, slot) for n in graph.nodes for slot, arg in enumerate(n.args) if arg == target}
    if cell.table == "tangent":
        source = graph.find(cell.source or "")
        return {(n.index, slot) for n in graph.nodes for slot in range(len(n.args)) if n.index == source}
    return set(edges(graph, cell))


def _is_at(fault: Fault, cell: Cell, places: set[Edge]) -> bool:
    """Could ``fault`` be made at this cell, everything before it being right?"""
    if fault.read_as is not None or fault.crossed:
        return False
    if cell.table == "gradient":
        return bool(fault.lost) and places.issuperset(fault.lost)
    if cell.table == "tangent":
        return bool(fault.edges) and places.issuperset(fault.edges)
    if cell.table == "local" and (fault.unfed or fault.mistake == "factor left out"):
        return False
    return not places.isdisjoint(_touched(fault))


def _op_of(graph: Graph, fault: Fault) -> str:
    """The op at which a mistake is practised; empty where it is about adding up or about reading."""
    boxes = [index for index, _ in (*_touched(fault), *fault.crossed)]
    return _name_of(graph, boxes[0]) if boxes and fault.read_as is None else ""
