"""The sheet that fills in: forward steps, then messages or tangents, as far as they are known.

The quiz and the walk print the same sheet. What is known of a cell comes as its state;
the numbers come from the Trace, and nothing here is computed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property, reduce
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.language.tree.simplify import join, simplify
from backtrace_cli.language.tree.syntax import Expr, Name
from backtrace_cli.pages.wording import Wording
from backtrace_cli.quiz.array_messages import arrived, has_arrays, message_tree
from backtrace_cli.readings.cells import ASKED, GIVEN, HIDDEN, Arrow, Cell, arrows

__all__ = ["Line", "Sheet", "States"]

States = Mapping[Cell, str]
_ASK = "?"
#: Lists with more entries are not put into a formula.
_MOST_PUT_IN = 6


class Line(NamedTuple):
    """One line of the backward half."""

    step: str
    through: str
    target: str
    rule: str
    """Upstream · local derivative, or the sum at a fork, as far as it is known."""
    numbers: str
    value: str
    mark: str
    now: bool
    """Is the question on this line?"""


class Sheet:
    """The words of every cell of one trace."""

    def __init__(self, trace: Trace, wording: Wording, along: str | None = None) -> None:
        self.trace, self.wording, self.along = trace, wording, along
        self.arrays = has_arrays(trace)
        self.arrows: dict[tuple[str, str], Arrow] = {}
        for arrow in arrows(trace) if along is None else ():
            self.arrows[trace.graph.name(arrow.source), trace.graph.name(arrow.target)] = arrow

    @cached_property
    def flat(self) -> Sheet:
        """The same with a matrix on one line, its rows behind one another."""
        return Sheet(self.trace, self.wording._replace(matrices=False), self.along)

    # -- the parts of a step -------------------------------------------------------

    def definition(self, name: str) -> str:
        """``x + y``: what the box called ``name`` computes."""
        return self.wording.expr(self.trace.graph.definition(self._index(name)))

    def numbers(self, name: str) -> str:
        """``2 + 3``: the same with values put in; empty where that says nothing new."""
        trace, wording = self.trace, self.wording
        if self.arrays:
            return self._lists_put_in(name)
        if not trace.arithmetic.scalar:
            return ""
        tree = trace.graph.definition(self._index(name), lambda i: wording.value_tree(trace, i))
        text = wording.expr(tree)
        return "" if text in (self.definition(name), self.value(name)) else text

    def _lists_put_in(self, name: str) -> str:
        """``[[1, 2], [3, 4]] @ [1, −1]``, where that isn't too long to read."""
        trace, graph = self.trace, self.trace.graph
        args = graph.nodes[self._index(name)].args
        if any(math.prod(shape_of(trace.values[arg])) > _MOST_PUT_IN for arg in args):
            return ""
        tree = graph.definition(
            self._index(name),
            lambda i: graph.term(i) if graph.nodes[i].is_constant else Name(self._plain(trace.values[i])),
        )
        return self.wording.expr(tree)

    def _plain(self, value: Value) -> str:
        text = self.wording.number(value)
        return f"({text})" if text.startswith(self.wording.minus) else text

    def value(self, name: str) -> str:
        """The value of the box called ``name``."""
        return self.wording.number(self.trace.values[self._index(name)])

    def local(self, source: str, target: str) -> str:
        """∂source/∂target as a formula; the sum of several where source reads target more than once."""
        sents = self.arrows[source, target].sents
        tree = reduce(join, [local_expression(self.trace.graph, sent) for sent in sents])
        simple = simplify(tree)
        return self._factor(simple)

    def message(self, source: str, target: str) -> str:
        """A message over arrays as one expression, over what arrived: ``W.T @ dy``."""
        return self.wording.expr(message_tree(self.trace.graph, self.arrows[source, target].sents))

    def arrived(self, source: str) -> str:
        """The name for what arrived at a box over arrays: dy; nothing at the output, where it is 1."""
        return "" if source == self.trace.output else arrived(self.trace.graph, self._index(source))

    def mixed(self, source: str) -> bool:
        """Does a box mix entries, so that it has no local derivative of their shape?"""
        op = self.trace.graph.nodes[self._index(source)].op
        return op is not None and op.mixes

    def shape(self, name: str) -> str:
        """``2×3``, ``3`` for a vector, ``()`` for a number: as it is typed."""
        found = shape_of(self.trace.values[self._index(name)])
        return self.wording.sides(found).strip("()") or "()"

    def local_value(self, source: str, target: str) -> str:
        """The same as a number."""
        sents = self.arrows[source, target].sents
        return self.wording.number(sum((sent.local for sent in sents[1:]), sents[0].local))

    def upstream(self, source: str) -> str:
        """What arrived at ``source``: the gradient that its messages carry on."""
        arrow = next(a for (name, _), a in self.arrows.items() if name == source)
        return self.wording.number(arrow.sents[0].upstream)

    def adds(self, source: str, target: str) -> str:
        """The message itself."""
        sents = self.arrows[source, target].sents
        return self.wording.number(sum((sent.contribution for sent in sents[1:]), sents[0].contribution))

    def parts(self, target: str) -> list[str]:
        """The messages that add up at ``target``."""
        return [self.adds(source, at) for source, at in self.arrows if at == target]

    def readers(self, target: str) -> list[str]:
        """The boxes that send to ``target``."""
        return [source for source, at in self.arrows if at == target]

    def partial(self, target: str) -> str:
        """∂output/∂target."""
        return self.wording.partial(self.trace.output, target)

    def gradient(self, target: str) -> str:
        """What all messages to ``target`` add up to; in forward mode, what the pass along it gives."""
        if target == self.along:
            return self.wording.number(next(t.value for t in self.trace.tangents if t.variable == target))
        return self.wording.number(self.trace.gradient_of(target))

    def tangent(self, node: str) -> tuple[str, str, str]:
        """(rule, numbers, value) of ∂node/∂variable."""
        found = next(tangent for tangent in self.trace.tangents if tangent.variable == self.along)
        rows = list(self.wording.tangent(self.trace, found))[-len(found.steps) :]
        row = next(r for r, step in zip(rows, found.steps, strict=True) if step.node == node)
        return row.rule, "" if row.numbers in (row.value, row.rule) else row.numbers, row.value

    def _index(self, name: str) -> int:
        found = self.trace.graph.find(name)
        assert found is not None
        return found

    def _factor(self, tree: Expr) -> str:
        return self.wording.factor(tree)

    # -- lines ---------------------------------------------------------------------

    @cached_property
    def boxes(self) -> list[str]:
        """The names of the boxes in the order of their forward steps."""
        return [self.trace.graph.name(index) for index in self.trace.graph.steps]

    def statement(self, states: States, name: str, *, told: bool = True) -> tuple[str, str]:
        """``2 b = x·a`` and, as far as it is known and to be ``told``, `` = 14``."""
        state = states.get(Cell("values", None, name), HIDDEN)
        value = _ASK if state == ASKED else self.value(name) if told and state != HIDDEN else ""
        shape = "" if value else self._shape(states, None, name)
        return f"{self.step(name)} {name} = {self.definition(name)}", \
            f" = {value}" if value else f", {shape}" if shape else ""  # fmt: skip

    def forward(self, states: States, boxes: Sequence[str]) -> list[tuple[str, str, str, str]]:
        """(step, definition, numbers, value) of each of ``boxes``, blank where not yet known."""
        found = []
        for name in boxes:
            state = states.get(Cell("values", None, name), HIDDEN)
            known = state not in (HIDDEN, ASKED)
            numbers = self.numbers(name) if known and not self.arrays else ""
            value = self._cell(self.trace.values[self._index(name)]) if known else ""
            value = _ASK if state == ASKED else value or self._shape(states, None, name)
            found.append((self.step(name), f"{name} = {self.definition(name)}", numbers, value))
        return found

    def step(self, name: str) -> str:
        """The number of the step that computes ``name``."""
        return str(self.trace.graph.step(self._index(name)))

    def _cell(self, value: Value) -> str:
        """A value on the sheet, a matrix row under row."""
        return self.wording.cell(value)

    def _shape(self, states: States, source: str | None, target: str) -> str:
        """The shape of what is not known yet, where that is asked first."""
        state = states.get(Cell("shapes", source, target), HIDDEN)
        if state == HIDDEN:
            return ""
        return f"shape {_ASK if state == ASKED else self.shape(target)}"

    def places(self, states: States) -> list[Cell]:
        """The cell that each line of the backward half is about: a message, a sum, a tangent."""
        if self.along is not None:
            return [cell for cell in states if cell.kind.along_input]
        places = list(self._walk_places)
        summed = {cell.target for cell in places if cell.kind.is_sum}
        return places + [c for c in states if c.kind.is_sum and c.target not in summed]

    @cached_property
    def _walk_places(self) -> list[Cell]:
        """Each message in order, and each sum after the last of its messages."""
        places = []
        for (source, target), arrow in self.arrows.items():
            places.append(Cell("messages", source, target))
            if arrow.of > 1 and arrow.order == arrow.of:
                places.append(Cell("gradient", None, target))
        return places

    def backward(self, states: States, places: Sequence[Cell]) -> list[Line]:
        """A line for each of ``places``; a box is named where its first message stands."""
        lines: list[Line] = []
        before = None
        for cell in places:
            if cell.kind.is_sum:
                lines.append(self._sum(states, cell.target))
            elif cell.kind.along_input:
                lines.append(self._tangent_line(states, cell))
            else:
                first = cell.source != before
                before = cell.source
                lines.append(self._message(states, cell.source or "", cell.target, first))
        return lines

    def _message(self, states: States, source: str, target: str, first: bool) -> Line:
        arrow = self.arrows[source, target]
        step = str(self.trace.graph.step(arrow.source) or "") if first else ""
        through = f"{source} = {self.definition(source)}" if first else ""
        w = self.wording
        message = states.get(Cell("messages", source, target), HIDDEN)
        local = states.get(Cell("local", source, target), HIDDEN)
        mark = f"{w.mark} {arrow.order} of {arrow.of}" if arrow.of > 1 else ""
        told = message not in (HIDDEN, ASKED)
        if told or local not in (HIDDEN, ASKED, GIVEN):
            rule, numbers = self._rule(source, target)
        elif ASKED in (message, local):
            rule, numbers = self._begun(source, asked=local == ASKED), ""
        else:
            rule = numbers = ""
        sents = arrow.sents
        value = self._cell(sum((s.contribution for s in sents[1:]), sents[0].contribution)) if told else ""
        asked = "" if rule == _ASK else _ASK
        value = asked if message == ASKED else value or self._shape(states, source, target)
        shape = states.get(Cell("shapes", source, target))
        return Line(
            step, through, f"{target} {w.arrow}", rule, numbers, value, mark,
            ASKED in (message, local, shape),
        )  # fmt: skip

    def _rule(self, source: str, target: str) -> tuple[str, str]:
        """The rule of a message, and the same with numbers put in where they are few."""
        if self.arrays:
            message = self.message(source, target)
            return "" if message == self.adds(source, target) else message, ""
        w, text, value = self.wording, self.local(source, target), self.local_value(source, target)
        upstream = self.upstream(source)
        numbers = f"{upstream}{w.dot}{_bracketed(value, w)}" if value != text else ""
        return f"{upstream} {w.dot} {text}", numbers

    def _begun(self, source: str, *, asked: bool) -> str:
        """A rule as far as it is known while the question stands."""
        if self.arrays and self.mixed(source):
            return _ASK  # its rule is the whole message
        upstream = (self.arrived(source) if self.arrays else "") or self.upstream(source)
        return f"{upstream} {self.wording.dot} {_ASK if asked else 'local'}"

    def _sum(self, states: States, target: str) -> Line:
        state = states.get(Cell("gradient", None, target), HIDDEN)
        told = state not in (HIDDEN, ASKED)
        parts = self.parts(target)
        summed = self.wording.added(parts) if told and len(parts) > 1 else ""
        value = _ASK if state == ASKED else self._cell(self.trace.gradient_of(target)) if told else ""
        left = self.partial(target) if len(parts) < 2 else f"{self.partial(target)} ="
        return Line("", "", left, summed, "", value, "", state == ASKED)

    def _tangent_line(self, states: States, cell: Cell) -> Line:
        name, state = cell.source or "", states.get(cell, HIDDEN)
        told = state not in (HIDDEN, ASKED)
        rule, numbers, value = self.tangent(name) if told else ("", "", _ASK if state == ASKED else "")
        step = str(self.trace.graph.step(self._index(name)))
        left = f"{self.wording.partial(name, cell.target)} ="
        return Line(step, "", left, rule, numbers, value, "", state == ASKED)


def _bracketed(number: str, wording: Wording) -> str:
    return f"({number})" if number.startswith(wording.minus) else number
