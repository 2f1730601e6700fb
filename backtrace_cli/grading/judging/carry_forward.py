"""Later steps judged on the student's own earlier numbers, so that one slip is not punished twice.

The engine's own walks run again: forward with the student's values in place of the
nodes they got wrong, backward with their local derivatives, messages and gradients
put in by the rules that the walk takes as an argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.exercise.exercise import Answer, Exercise
from backtrace_cli.grading.judging.compare import EQUAL, agrees, hidden
from backtrace_cli.grading.judging.entrywise import agrees_at, array_value, hidden_at
from backtrace_cli.grading.judging.equality import LEAST, POINTS, number_judgement
from backtrace_cli.grading.judging.scale import evaluated
from backtrace_cli.grading.statement import Statement, run_at
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.surgery import cut
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Edge, Question, expected, read

__all__ = ["Order", "carries", "first_step", "order_of"]

Order = tuple[int, float]


def order_of(trace: Trace, question: Question) -> Order:
    """Where ``question`` stands in the order of computation: values forward, local derivatives and
    tangents, then messages and gradients as the backward walk makes them.

    >>> from backtrace_cli import trace
    >>> t = trace("b = x + y; f = b*y", x=2, y=3)
    >>> keys = ["b->x", "f->b"]
    >>> [order_of(t, Question("messages", *key.split("->"))) for key in keys]
    [(3, 2.0), (3, 0.0)]
    """
    return question.kind.turn(trace, question)


def first_step(trace: Trace, questions: Sequence[Question]) -> int:
    """The place in ``questions`` (in the order of the file) of the one to mend first.

    Of two branches that have nothing to do with each other the walk goes along one before the
    other; whoever reads the file goes from top to bottom.

    >>> from backtrace_cli import trace
    >>> t = trace("a = 2*x; b = 3*y; f = a + b", x=2, y=3)
    >>> asked = [Question("gradient", None, name) for name in ("x", "a", "b")]
    >>> first_step(t, asked)
    1
    """
    for place, one in enumerate(questions):
        if not any(_needs(trace, one, other) for other in questions if other != one):
            return place
    return 0


def _needs(trace: Trace, one: Question, other: Question) -> bool:
    """Is ``one`` worked out from ``other``?"""
    (mine, at), (theirs, before) = order_of(trace, one), order_of(trace, other)
    if mine != theirs:
        return theirs < mine
    graph, kind = trace.graph, one.kind
    if kind.is_value or other.kind.is_value:
        return _reaches(graph, other.target, one.target)
    if kind.is_rule or kind.along_input:
        return before < at and _reaches(graph, other.source or "", one.source or "")
    if one.source is not None and other.source is None and one.target == other.target:
        return False  # a message goes into its target's gradient, and not the other way round
    return _reaches(graph, one.source or one.target, other.target)


def _reaches(graph: Graph, below: str, above: str) -> bool:
    start, end = graph.find(below), graph.find(above)
    return start is not None and end is not None and graph.leads_from({start})[end]


def carries(exercise: Exercise, answer: Answer, earlier: Mapping[Question, Answer]) -> bool:
    """Is ``answer`` right, given the wrong answers ``earlier`` in the order of computation?

    Nothing is carried from or to a 0: what makes everything after it vanish earns nothing.
    """
    question, formula, statement = answer.question, answer.formula, exercise.statement
    if not earlier or formula is None or question.kind.along_input:
        return False
    own = _carried(statement.trace, earlier)
    if own is None:
        return False
    value = statement.says(question, own) if statement.arrays else float(expected(own, question))
    found = _value(formula, own, question)
    if own.arithmetic.bad(value) or _zero(value) or found is None:
        return False
    if answer.constant:
        return number_judgement(exercise, question, found, own).verdict == EQUAL
    if not _agrees(statement, formula, own, question):
        return False
    agreed = 1
    for _, trace in statement.samples():
        theirs = None if at_kink(trace) else _carried(trace, earlier)
        if theirs is None or _value(formula, theirs, question) is None:
            continue
        if not _agrees(statement, formula, theirs, question):
            if _hidden(statement, formula, theirs, question):
                continue  # σ is flat here, and nobody can tell
            return False
        agreed += 1
        if agreed > POINTS:
            break
    return agreed >= LEAST


def _value(formula: Graph, trace: Trace, question: Question) -> Value:
    """What the answer comes to at ``trace``; None where it has no value."""
    if trace.arithmetic.arrays:
        return None if formula.shapes is None else array_value(formula, trace, question)
    found = evaluated(formula, trace)
    return None if found is None else found[0]


def _agrees(statement: Statement, formula: Graph, trace: Trace, question: Question) -> bool:
    if not statement.arrays:
        return agrees(formula, trace, question)
    return agrees_at(formula, trace, question, statement.says(question, trace))


def _hidden(statement: Statement, formula: Graph, trace: Trace, question: Question) -> bool:
    if not statement.arrays:
        return hidden(formula, trace, question)
    return hidden_at(formula, trace, question, statement.says(question, trace))


def _zero(value: Value) -> bool:
    return bool((value == 0).all()) if shape_of(value) else bool(value == 0)


def _carried(trace: Trace, earlier: Mapping[Question, Answer]) -> Trace | None:
    """``trace`` with the student's earlier answers in it; None where one of them has no value or is 0.

    A number stays that number wherever the formula is tried: who found 15 goes on with 15·y.
    """
    graph = trace.graph
    numbers: dict[Question, Value] = {}
    for question, answer in earlier.items():
        if answer.formula is None:
            return None
        found = _value(answer.formula, trace, question)
        if found is None or _zero(found):
            return None
        numbers[question] = found
    values = _forward(trace, {q.target: n for q, n in numbers.items() if q.kind.is_value})
    rules = _Theirs(graph, values, trace, numbers)
    return run_at(graph, trace.at, trace.arithmetic, values, rules)


def _forward(trace: Trace, theirs: dict[str, Value]) -> list[Value]:
    """The values of the forward walk in which the nodes of ``theirs`` are given, not computed."""
    graph = trace.graph
    if not theirs:
        return trace.values
    given = {graph.find(name): value for name, value in theirs.items()}
    part = cut(graph, [index for index in given if index is not None])
    inputs = {index: given.get(index, trace.values[index]) for index in part.inputs.values()}
    return forward(part, inputs, trace.arithmetic)[0]


class _Theirs(Rules):
    """The rules of backpropagation with a student's numbers put in."""

    def __init__(
        self, graph: Graph, values: list[Value], trace: Trace, numbers: Mapping[Question, Value]
    ) -> None:
        super().__init__(graph, values, trace.arithmetic)
        self.locals: dict[Edge, Value] = {}
        self.messages: dict[Edge, Value] = {}
        self.totals: dict[int, Value] = {}
        self.counts = trace.back.counts if trace.back else []
        for question, number in numbers.items():
            read(graph, question, _Put(self, number))

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        local, contribution, kink = super().message(node, slot, upstream, at)
        return local, self.messages.get((node.index, slot), contribution), kink

    def local(self, node: Node, slot: int, at: list[Value]) -> tuple[Value, int]:
        theirs = self.locals.get((node.index, slot))
        return super().local(node, slot, at) if theirs is None else (theirs, -1)

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        found = super().accumulate(node, total, contribution, order)
        return self.totals[node] if node in self.totals and order == self.counts[node] else found


class _Put:
    """A student's number, put in where the question that it answers reads."""

    def __init__(self, rules: _Theirs, number: Value) -> None:
        self._rules, self._number = rules, number

    def value(self, node: int) -> None:
        """It went into the forward walk."""

    def gradient(self, node: int) -> None:
        self._rules.totals[node] = self._number

    def local(self, along: list[Edge]) -> None:
        self._kept(self._rules.locals, along)

    def message(self, along: list[Edge]) -> None:
        self._kept(self._rules.messages, along)

    def tangent(self, source: int, variable: int) -> None:
        """Forward mode sends nothing back."""

    def _kept(self, kept: dict[Edge, Value], along: list[Edge]) -> None:
        for place, edge in enumerate(along):
            kept[edge] = self._number if place == 0 else 0.0  # parallel edges: their sum is theirs
