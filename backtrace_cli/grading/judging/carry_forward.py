"""Later steps judged on the student's own earlier numbers, so that one slip is not punished twice.

The engine's own walks run again: forward with the student's values in place of the
nodes they got wrong, backward with their local derivatives, messages and gradients
put in by the rules that the walk takes as an argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.comparing.compare import EQUAL
from backtrace_cli.grading.comparing.digits import DIGITS, answer_at
from backtrace_cli.grading.comparing.equality import right_for
from backtrace_cli.grading.comparing.number import Asked, against
from backtrace_cli.grading.comparing.shape_words import spreads
from backtrace_cli.grading.exercise.exercise import Answer
from backtrace_cli.grading.precise import Run, Runs, numbers, places
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.surgery import cut
from backtrace_cli.readings.questions import Edge, Question, read

__all__ = ["Order", "carries", "first_step", "following", "is_stock", "order_of", "worth_carrying"]

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


def carries(asked: Asked, answer: Answer, earlier: Mapping[Question, Answer]) -> bool:
    """Is ``answer`` right, given the wrong answers ``earlier`` in the order of computation?"""
    question, formula, statement = answer.question, answer.formula, asked.statement
    if formula is None or question.kind.along_input:
        return False
    earlier = {one: wrong for one, wrong in earlier.items() if _needs(statement.trace, question, one)}
    if not earlier:
        return False
    if not answer.constant:
        return right_for(asked, question, answer, lambda runs: _Carried(runs, earlier))
    run = _Carried(statement.own, earlier).with_digits(DIGITS[0])
    values = None if run is None else answer_at(formula, run)
    if run is None or values is None or run.arithmetic.bad(run.says(question)):
        return False
    return _rounds(asked, run, question, values[formula.output])


def following(statement: Statement, question: Question, earlier: Mapping[Question, Answer]) -> Value | None:
    """The answer to ``question`` at the exercise's own point of who goes on from the answers ``earlier``.

    A float, or an array of them; None where there is none, or it isn't finite.
    """
    if question.kind.along_input or not question.kind.numeric:
        return None
    run = _Carried(statement.own, earlier).with_digits(DIGITS[0])
    if run is None:
        return None
    value = run.says(question)
    if run.arithmetic.bad(value):
        return None
    return value.astype(float) if shape_of(value) else float(value)


def _rounds(asked: Asked, run: Run, question: Question, found: Value) -> bool:
    right = run.says(question)
    if shape_of(found) != shape_of(right):
        if not spreads(shape_of(found), shape_of(right)):
            return False
        found = run.arithmetic.full(found, right)
    exact = [
        (place, float(number), float(number))
        for place, number in zip(places(right), numbers(right), strict=True)
    ]
    return against(found, exact, asked.policy.digits).verdict == EQUAL


#: What anybody may write into every blank.
_STOCK = {0.0, 1.0, -1.0, 2.0}


def is_stock(asked: Asked, answer: Answer) -> bool:
    """Is it what anybody may write into every blank: 0, 1, 2, −1, or the bare name of a variable?"""
    formula = answer.formula
    if formula is None or formula.shapes is not None or formula.mixes or formula.lists:
        return False
    if formula.inputs:
        return not formula.steps and all(name in asked.statement.at for name in formula.inputs)
    return float(forward(formula, {}, Floats())[0][formula.output]) in _STOCK


def worth_carrying(asked: Asked, answer: Answer) -> bool:
    """May later steps be carried from this wrong answer? Not from a stock number, nor without a value."""
    formula = answer.formula
    if formula is None or asked.policy.carry == "none":
        return False
    if asked.statement.arrays and formula.shapes is None:
        return False
    run = asked.statement.own.with_digits(DIGITS[0])
    values = None if run is None else answer_at(formula, run)
    return values is not None and not (
        answer.constant and set(map(float, numbers(values[formula.output]))) <= _STOCK
    )


class _Carried(Runs):
    """The runs at a point with a student's own earlier answers in them; None where one of them has no value.

    A number stays that number wherever the formula is tried: who found 15 goes on with 15·y.
    """

    def __init__(self, runs: Runs, earlier: Mapping[Question, Answer]) -> None:
        super().__init__(runs.graph, runs.at)
        self._runs = runs
        self._earlier = earlier

    def made(self, digits: int) -> Run | None:
        run = self._runs.with_digits(digits)
        found: dict[Question, Value] = {}
        for question, answer in self._earlier.items():
            values = None if run is None or answer.formula is None else answer_at(answer.formula, run)
            if values is None or answer.formula is None:
                return None
            found[question] = values[answer.formula.output]
        if run is None:
            return None
        values = _forward(run, {q.target: n for q, n in found.items() if q.kind.is_value})
        rules = _Theirs(self.graph, values, run.trace, found)
        return Run(self.graph, run.at, digits, values, rules)


def _forward(run: Run, theirs: dict[str, Value]) -> list[Value]:
    """The values of the forward walk in which the nodes of ``theirs`` are given, not computed."""
    graph = run.graph
    if not theirs:
        return run.values
    given = {graph.find(name): value for name, value in theirs.items()}
    part = cut(graph, [index for index in given if index is not None])
    inputs = {index: given.get(index, run.values[index]) for index in part.inputs.values()}
    return forward(part, inputs, run.arithmetic)[0]


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

    def second(self, row: int, column: int) -> None:
        """The walk that it belongs to goes through another graph."""

    def _kept(self, kept: dict[Edge, Value], along: list[Edge]) -> None:
        for place, edge in enumerate(along):
            kept[edge] = self._number if place == 0 else 0.0  # parallel edges: their sum is theirs
