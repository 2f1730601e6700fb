"""Runs of an exercise with many digits: the values at once, the messages when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.arithmetics.big import big, magnitudes
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.forward_mode import tangents
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.question import Question, edges, expected

__all__ = ["DOUBLES", "Point", "Run", "Runs", "numbers", "places"]

#: The digits of a double.
DOUBLES = 16

#: Input name -> its value.
Point = Mapping[str, Any]


class Run:
    """One run: of numbers of ``digits`` digits, at the values ``at`` of the variables.

    Raises BacktraceError where the formula has no value there.

    >>> from backtrace_cli.graph import build
    >>> str(Run(build("1/(1 + exp(500*x))"), {"x": 1.0}, 50).values[-1])[:8]
    '7.124576'
    """

    def __init__(
        self, graph: Graph, at: Mapping[str, Value], digits: int, values: list[Value] | None = None,
        rules: Rules | None = None,
    ) -> None:  # fmt: skip
        self.graph = graph
        self.digits = digits
        self._rules = rules
        self.arithmetic = _arithmetic(digits, graph.shapes is not None)
        self.at = {name: self.arithmetic.own(value) for name, value in at.items()}
        if values is None:
            inputs = {index: self.at[name] for name, index in graph.inputs.items()}
            values, bad = forward(graph, inputs, self.arithmetic)
            if bad:
                refuse_undefined(graph, values, bad, self.arithmetic)
        self.values = values

    @cached_property
    def trace(self) -> Trace:
        """The run with its messages."""
        wanted = set(self.graph.inputs.values())
        back = backward(self.graph, self.values, self.arithmetic, wanted, self._rules)
        return Trace(self.graph, dict(self.at), self.arithmetic, self.values, back, tuple(self.graph.inputs))

    @cached_property
    def sizes(self) -> list[int | None]:
        """The binary magnitudes of all values."""
        return magnitudes(self.values)

    @cached_property
    def kinked(self) -> bool:
        """Did a message pass a kink or a jump?"""
        return at_kink(self.trace)

    def says(self, question: Question) -> Value:
        """What the run says to ``question``."""
        graph, arithmetic = self.graph, self.arithmetic
        if question.table == "values":
            return self.values[graph.find(question.target) or 0]
        if question.table == "tangent":
            source, target = graph.find(question.source or ""), graph.find(question.target)
            assert source is not None
            assert target is not None
            return tangents(graph, self.values, arithmetic, {target: arithmetic.one})[1][source]
        return self._local(question) if question.table == "local" else expected(self.trace, question)

    def _local(self, question: Question) -> Value:
        """A local derivative, be it on a branch that isn't taken; one number stands for all entries."""
        graph, arithmetic = self.graph, self.arithmetic
        rules, total = Rules(graph, self.values, arithmetic), None
        for index, slot in edges(graph, question):
            node = graph.nodes[index]
            at = [*(self.values[arg] for arg in node.args), self.values[index]]
            if node.op is not None and node.op.selects:  # which branch is taken is the message's to say
                return expected(self.trace, question)
            value = rules.local(node, slot, at)[0]
            total = value if total is None else arithmetic.plus(total, value)
        return arithmetic.full(total, self.values[edges(graph, question)[0][0]])


def _arithmetic(digits: int, arrays: bool) -> Arithmetic:
    if digits != DOUBLES:
        return big(digits, arrays)
    if not arrays:
        return Floats()
    from backtrace_cli.engine.arithmetics.arrays import Arrays

    return Arrays(guarded=True)


class Runs:
    """The runs at one point, made as their digits are asked for.

    ``point`` gives the variables' values with so many digits, where they are more than doubles.
    """

    def __init__(self, graph: Graph, at: Point, point: Callable[[int], Point] | None = None) -> None:
        self.graph = graph
        self.at = at
        self._point = point or (lambda digits: at)
        self._made: dict[int, Run | None] = {}

    def with_digits(self, digits: int) -> Run | None:
        """The run with so many digits; None where the formula has no value."""
        if digits not in self._made:
            try:
                self._made[digits] = self.made(digits)
            except BacktraceError:
                self._made[digits] = None
        return self._made[digits]

    def made(self, digits: int) -> Run | None:
        """The run, worked out anew. Raises BacktraceError where the formula has no value."""
        return Run(self.graph, self._point(digits), digits)


def places(value: Value) -> Iterator[tuple[int, ...]]:
    """The place of every entry."""
    return product(*map(range, shape_of(value)))


def numbers(value: Value) -> list[Any]:
    """Every entry."""
    if shape_of(value):
        return list(value.ravel())
    return [value.item() if hasattr(value, "item") else value]
