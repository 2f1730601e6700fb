"""What each mistake of the catalogue would answer at one cell: which it exposes, which explains an answer.

The learner sees the cells before this one filled in right, so only a mistake made at
the cell itself can explain a wrong answer to it; where a whole partial is asked for,
any mistake can. This is the only file of the quiz that knows how mistakes are replayed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import product
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, known, scalar
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.catalogue import BY_NAME
from backtrace_cli.mistakes.diagnose import Diagnoser, close
from backtrace_cli.mistakes.places.fault import Edge, Fault
from backtrace_cli.mistakes.synonyms import as_one
from backtrace_cli.quiz.array_messages import part_of, same, same_point
from backtrace_cli.quiz.card_keys import Key, op_of, rules_of, touched
from backtrace_cli.readings.cells import Cell

__all__ = ["Slip", "Slips", "made_at_a_step"]

#: Over arrays, pairs of mistakes are looked at among so many.
_MOST_PAIRED = 12


class Slip(NamedTuple):
    """One mistake at one place, and what it answers."""

    fault: Fault
    op: str
    value: Value
    """A number, an array; nan where it leads to none. Where a shape is asked for, the shape."""

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

    def __init__(
        self, statement: Statement, cell: Cell, whole: bool = False, part: tuple[int, ...] = ()
    ) -> None:
        self.statement, self.whole = statement, whole
        self.cell = cell.kind.basis(cell)
        self.part = part
        """Which row or entry of an array is asked for; () for all of it."""
        self._everywhere = _doctor_for(statement.graph)
        faults = self._everywhere.faults
        places = set(self.cell.kind.edges(statement.graph, self.cell))
        if cell.kind.is_value:
            self._own = [n for n, name in _misread_from(self._everywhere, statement) if name == cell.target]
        elif not cell.kind.numeric and not cell.source:
            self._own = []
        else:
            self._own = [n for n, fault in enumerate(faults) if whole or _is_at(fault, self.cell, places)]
        scene = self._everywhere.scene(statement.at)
        right = scene.says(self.cell, None) if self._own else math.nan
        self.shown: list[Slip] = []
        """The slips whose answer differs from the right one, in the order of the catalogue."""
        self._silent = 0
        for number in self._own:
            value = scene.says(self.cell, number)
            if not cell.kind.numeric:
                differs = known(value) and shape_of(value) != shape_of(right)
                value = shape_of(value)
            else:
                misfit = shape_of(right) and not known(value)
                fits = shape_of(value) == shape_of(right) and not misfit
                value = part_of(value, part) if fits else (math.nan if part or misfit else value)
                self._silent += bool(misfit)  # its shapes don't fit, so that it can't be written down
                differs = not misfit and _differ(value, part_of(right, part))
            if differs:
                self.shown.append(Slip(faults[number], op_of(statement.graph, faults[number]), value))

    @cached_property
    def _doctor(self) -> Diagnoser:
        """A diagnoser that knows the mistakes of this cell and no others."""
        faults = [self._everywhere.faults[number] for number in self._own]
        few = not self.statement.arrays or len(faults) <= _MOST_PAIRED  # the learner waits
        return Diagnoser(  # a bare number's rivals are looked for on the sheet, below
            self.statement.graph, (), faults, wary_from=2, pairs=few
        )

    def entire(self) -> Slips:
        """The same for the whole array, where a row or an entry of it is asked for."""
        return Slips(self.statement, self.cell, self.whole)

    @property
    def share(self) -> float:
        """How many of the possible mistakes show at this point, from 0 to 1."""
        return (len(self.shown) + self._silent) / len(self._own) if self._own else 1.0

    def exposed(self) -> tuple[Key, ...]:
        """The keys that a right answer here says something about: every mistake that would show."""
        keys = dict.fromkeys(slip.key for slip in self.shown)
        return tuple(keys | dict.fromkeys(rules_of(self.statement.graph, self.cell)))

    def explain(
        self, evidence: Sequence[tuple[Point, Value]], tolerance: float, bare: bool | None = None
    ) -> tuple[Slip | None, str] | None:
        """The slip that explains an answer, with words for the learner; None where none does.

        Where either of two does, the words tell of both, and no slip is remembered.

        ``bare`` tells of an answer that is a number how it was typed: alone (True), or worked
        out from others (False). A number is weak evidence: it counts for nothing where it is
        something else that stands on the sheet, and a sum was no message forgotten.
        """
        here = [value for point, value in evidence if same_point(point, self.statement.at)]
        own = here[0] if here else math.nan
        wide = max(tolerance, 1e-9)
        if self.part:
            return self._of_part(own, wide, bare)
        found = self._doctor.diagnose(self.cell, evidence, tolerance)
        if found is None:
            return None
        named = [slip for slip in self.shown if slip.fault.mistake == found.mistake]
        slip = next((s for s in named if close(s.value, own, wide)), None)
        if bare is None and not here and len({s.key for s in named}) == 1:
            slip = named[0]  # rounding hides the answer here, and a formula was diagnosed elsewhere
        if slip is None or (bare is not None and self._has_rival(slip, bare, wide)):
            return None
        if found.sure is None and bare is not None:
            return None  # a number that either of two mistakes gives may well have come of a third
        return (slip if found.sure else None), found.words

    def _of_part(self, own: Value, tolerance: float, bare: bool | None) -> tuple[Slip, str] | None:
        """The slip that explains a row or an entry, where exactly one mistake gives it."""
        found = [slip for slip in self.shown if close(slip.value, own, tolerance)]
        speaking, _ = as_one(self.statement.graph, self.cell, [slip.fault for slip in found])
        found = [slip for slip in found if slip.fault in speaking]
        if len({slip.fault.mistake for slip in found}) != 1:
            return None
        if bare is not None and self._has_rival(found[0], bare, tolerance):
            return None
        words = {slip.fault.words for slip in found}
        return found[0], words.pop() if len(words) == 1 else BY_NAME[found[0].fault.mistake].title

    def of_shape(self, shape: tuple[int, ...]) -> Slip | None:
        """The slip that leads to a wrong shape, where exactly one mistake does."""
        found = [slip for slip in self.shown if slip.value == shape]
        return found[0] if len({slip.fault.mistake for slip in found}) == 1 else None

    def _has_rival(self, slip: Slip, bare: bool, tolerance: float) -> bool:
        """Could a number have come about in another way than by the mistake ``slip``?"""
        mistake = BY_NAME[slip.fault.mistake]
        if self.cell.kind.is_sum and mistake.keeps_part:
            return not bare or any(close(n, slip.value, tolerance) for n in self._combined)
        if mistake.copies:
            return close(slip.value, 0.0, tolerance)  # what anybody guesses
        return any(close(number, slip.value, tolerance) for number in self._sheet)

    @cached_property
    def _sheet(self) -> list[Value]:
        """Every number on the sheet: values, gradients, messages; and the slopes 0, 1 and −1."""
        trace = self.statement.trace
        found: list[Value] = [0.0, 1.0, -1.0] if self.cell.kind.is_rule else []
        found += [scalar(trace.values[index]) for index in trace.graph.steps]
        found += [scalar(trace.values[index]) for index in trace.graph.inputs.values()]
        for sent in trace.sent:
            found += [scalar(sent.total), scalar(sent.contribution)]
        found += self._combined
        return found + [one[row] for one in found if shape_of(one) for row in _rows(one, self.part)]

    @cached_property
    def _combined(self) -> list[Value]:
        """What the messages to the node make if one of them is taken off instead of added."""
        graph = self.statement.graph
        target = graph.find(self.cell.target)
        if not self.cell.kind.is_sum or target is None:
            return []
        into = [scalar(sent.contribution) for sent in self.statement.trace.sent if sent.target == target]
        return [sum(into) - 2 * one for one in into] + [2 * one - sum(into) for one in into]

    def made(self, evidence: Sequence[tuple[Point, Value]]) -> bool:
        """Is an answer, right or not at the own point, what some mistake gives at all the others?"""
        elsewhere = [(point, value) for point, value in evidence if not same_point(point, self.statement.at)]
        return bool(elsewhere) and self._doctor.diagnose(self.cell, elsewhere, 1e-9) is not None

    def replayed(self, fault: Fault) -> Trace:
        """The whole run with that mistake in it."""
        return self._everywhere.scene(self.statement.at).replayed(fault)


def _differ(value: Value, right: Value) -> bool:
    """Is ``value`` another answer than the right one, or none?"""
    return not close(value, right, 1e-9) and not (known(value) and same(value, right))


def _rows(value: Value, part: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The places of all rows (or entries) of an array that are like the one that is asked for."""
    shape = shape_of(value)
    return list(product(*map(range, shape[: len(part)]))) if 0 < len(part) <= len(shape) else []


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
            first = next(
                (c.target for c in cells if not same(scene.says(c, number), scene.says(c, None))), None
            )
            found += [(number, first)] if first is not None else []
    return found


def made_at_a_step(graph: Graph, key: Key) -> bool:
    """Can that mistake be made at a single step, and not only in a whole partial?"""
    faults = [fault for fault in _doctor_for(graph).faults if (fault.mistake, op_of(graph, fault)) == key]
    return not key[0] or any(fault.edges or fault.read_as is not None for fault in faults)


def _is_at(fault: Fault, cell: Cell, places: set[Edge]) -> bool:
    """Could ``fault`` be made at this cell, everything before it being right?"""
    if fault.read_as is not None or fault.crossed:
        return False
    if cell.kind.is_sum:
        return bool(fault.lost) and places.issuperset(fault.lost)
    if cell.kind.along_input:
        return bool(fault.edges) and places.issuperset(fault.edges)
    if cell.kind.is_rule and BY_NAME[fault.mistake].of_chain:
        return False
    if 0 < len(places.intersection(fault.lost)) < len(places):
        return True  # of several uses by one box, as in b·b, one is forgotten
    return not places.isdisjoint(touched(fault))
