"""The sheet that fills in: forward steps, then messages or tangents, as far as they are known.

The quiz and the walk print the same sheet. What is known of a cell comes as its state;
the numbers come from the Trace, and nothing here is computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple, TypeVar

from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.formula.simplify import join, simplify
from backtrace_cli.formula.syntax import Expr
from backtrace_cli.quiz.cells import Arrow, Cell, arrows
from backtrace_cli.quiz.session import ASKED, GIVEN, HIDDEN
from backtrace_cli.render.layout import GRADIENT, HEADING, QUIET, VALUE, Column, Screen, paragraph, table
from backtrace_cli.render.rows import Wording

__all__ = ["Line", "Sheet", "print_sheet"]

States = Mapping[Cell, str]
_T = TypeVar("_T")
_ASK = "?"


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
        self.arrows: dict[tuple[str, str], Arrow] = {}
        for arrow in arrows(trace) if along is None else ():
            self.arrows[trace.graph.name(arrow.source), trace.graph.name(arrow.target)] = arrow

    # -- the parts of a step -------------------------------------------------------

    def definition(self, name: str) -> str:
        """``x + y``: what the box called ``name`` computes."""
        return self.wording.expr(self.trace.graph.definition(self._index(name)))

    def numbers(self, name: str) -> str:
        """``2 + 3``: the same with values put in; empty where that says nothing new."""
        trace, wording = self.trace, self.wording
        if trace.arithmetic.name not in ("float", "exact"):
            return ""
        tree = trace.graph.definition(self._index(name), lambda i: wording.value_tree(trace, i))
        text = wording.expr(tree)
        return "" if text in (self.definition(name), self.value(name)) else text

    def value(self, name: str) -> str:
        """The value of the box called ``name``."""
        return self.wording.number(self.trace.values[self._index(name)])

    def local(self, source: str, target: str) -> str:
        """∂source/∂target as a formula; the sum of several where source reads target more than once."""
        sents = self.arrows[source, target].sents
        tree = reduce(join, [local_expression(self.trace.graph, sent) for sent in sents])
        simple = simplify(tree)
        return self._factor(simple)

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
        """What all messages to ``target`` add up to."""
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

    def forward(self, states: States) -> list[tuple[str, str, str, str]]:
        """(step, definition, numbers, value) of each box, blank where not yet known."""
        graph = self.trace.graph
        found = []
        for step, index in enumerate(graph.steps, 1):
            name = graph.name(index)
            state = states.get(Cell("values", None, name), HIDDEN)
            known = state not in (HIDDEN, ASKED)
            numbers = self.numbers(name) if known else ""
            value = _ASK if state == ASKED else self.value(name) if known else ""
            found.append((str(step), f"{name} = {self.definition(name)}", numbers, value))
        return found

    def backward(self, states: States) -> list[Line]:
        """The messages in order, each sum after the last of its messages, partials asked whole last."""
        if self.along is not None:
            return self._tangents(states)
        lines: list[Line] = []
        before = ""
        graph = self.trace.graph
        summed = set()
        for (source, target), arrow in self.arrows.items():
            step = str(graph.step(arrow.source) or "") if source != before else ""
            through = f"{source} = {self.definition(source)}" if source != before else ""
            lines.append(self._message(states, step, through, source, target, arrow))
            before = source
            if arrow.of > 1 and arrow.order == arrow.of:
                summed.add(target)
                lines.append(self._sum(states, target))
        for cell in states:
            if cell.table == "gradient" and cell.target not in summed:
                lines.append(self._sum(states, cell.target))
        return lines

    def _message(
        self, states: States, step: str, through: str, source: str, target: str, arrow: Arrow
    ) -> Line:
        w = self.wording
        message = states.get(Cell("messages", source, target), HIDDEN)
        local = states.get(Cell("local", source, target), HIDDEN)
        mark = f"{w.mark} {arrow.order} of {arrow.of}" if arrow.of > 1 else ""
        told = message not in (HIDDEN, ASKED)
        sent_whole = arrow.sents[0].local is None  # an op over arrays gives the message itself
        if told or local not in (HIDDEN, ASKED, GIVEN):
            text, value = (self.local(source, target), self.local_value(source, target)) if not sent_whole else (
                "", "")  # fmt: skip
            upstream = self.upstream(source)
            rule = f"{upstream} {w.dot} {text}" if text else ""
            numbers = f"{upstream}{w.dot}{_bracketed(value, w)}" if text and value != text else ""
        elif ASKED in (message, local):
            rule = f"{self.upstream(source)} {w.dot} {_ASK if local == ASKED else 'local'}"
            numbers = ""
        else:
            rule = numbers = ""
        value = _ASK if message == ASKED else self.adds(source, target) if told else ""
        return Line(step, through, f"{target} {w.arrow}", rule, numbers, value, mark, ASKED in (message, local))

    def _sum(self, states: States, target: str) -> Line:
        state = states.get(Cell("gradient", None, target), HIDDEN)
        told = state not in (HIDDEN, ASKED)
        parts = self.parts(target)
        summed = self.wording.added(parts) if told and len(parts) > 1 else ""
        value = _ASK if state == ASKED else self.gradient(target) if told else ""
        return Line("", "", f"{self.partial(target)} =", summed, "", value, "", state == ASKED)

    def _tangents(self, states: States) -> list[Line]:
        lines = []
        graph = self.trace.graph
        for index in graph.steps:
            name = graph.name(index)
            state = states.get(Cell("tangent", name, self.along or ""))
            if state is None:
                continue
            told = state not in (HIDDEN, ASKED)
            rule, numbers, value = self.tangent(name) if told else ("", "", _ASK if state == ASKED else "")
            left = f"{self.wording.partial(name, self.along or '')} ="
            step = str(graph.step(index))
            lines.append(Line(step, f"{name} = {self.definition(name)}", left, rule, numbers, value, "",
                              state == ASKED))  # fmt: skip
        return lines


def _bracketed(number: str, wording: Wording) -> str:
    return f"({number})" if number.startswith(wording.minus) else number


def print_sheet(
    screen: Screen, sheet: Sheet, states: States, *, flow: bool = False, window: int | None = None
) -> None:
    """Print the sheet: with ``flow`` the forward half as one paragraph, with ``window`` at most so
    many lines of either half around the question."""
    forward = sheet.forward(states)
    asked = next((i for i, row in enumerate(forward) if row[3] == _ASK), None)
    known = asked is not None or any(row[3] for row in forward)
    if flow and asked is None:
        parts = [(f"{step} {left.split(' = ')[0]} = {value}   ", VALUE) for step, left, _, value in forward]
        paragraph(screen, parts, indent=3)
    else:
        shown, above, below = _windowed(forward, asked if asked is not None else len(forward) - 1, window)
        _skipped(screen, above, "above")
        columns = (Column(right=True), Column(keep=True), Column(), Column(right=True, style=VALUE, lead="= "))
        table(screen, columns, [
            (s, left, f"= {n}" if n else "", v or ("" if known else " ")) for s, left, n, v in shown
        ])  # fmt: skip
        _skipped(screen, below, "below")
    lines = sheet.backward(states)
    if not lines or (asked is not None and not any(line.value for line in lines)):
        return
    screen.parts([])
    start = f"{sheet.partial(sheet.trace.output)} = 1"
    start = f"{sheet.wording.partial(sheet.along, sheet.along)} = 1" if sheet.along else start
    paragraph(screen, [("Forward mode" if sheet.along else "Backward", HEADING), (f"   {start}", QUIET)])
    now = next((i for i, line in enumerate(lines) if line.now), None)
    if now is None:
        now = next((i - 1 for i, line in enumerate(lines) if not line.value), len(lines) - 1)
    kept, above, below = _windowed(lines, max(now, 0), window)
    _skipped(screen, above, "above")
    columns = (
        Column(right=True), Column(keep=True), Column(lead="", keep=True), Column(keep=True), Column(),
        Column(right=True, style=GRADIENT, lead="= ", keep=True), Column(keep=True, style=QUIET),
    )  # fmt: skip
    table(screen, columns, [
        (line.step, line.through, line.target, line.rule, f"= {line.numbers}" if line.numbers else "",
         line.value, line.mark)
        for line in kept
    ])  # fmt: skip
    _skipped(screen, below, "below")


def _windowed(rows: Sequence[_T], around: int, most: int | None) -> tuple[Sequence[_T], int, int]:
    """At most ``most`` of the rows about one of them, and how many are left out before and after."""
    if most is None or len(rows) <= most:
        return rows, 0, 0
    start = max(0, min(around - (2 * most) // 3, len(rows) - most))
    return rows[start : start + most], start, len(rows) - start - most


def _skipped(screen: Screen, count: int, where: str) -> None:
    if count:
        paragraph(screen, [(f"… {count} more {where}", QUIET)], indent=3)
