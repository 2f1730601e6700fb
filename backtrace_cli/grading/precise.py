"""Runs of an exercise with many digits: the values at once, the messages when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.arithmetics.big import big, magnitudes
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.forward_mode import tangents
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Edge, Numbers, Question, read

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
        return read(self.graph, question, _Parts(self))


class _Parts:
    """The parts of a run: messages and gradients by its trace, the rest without one."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def value(self, node: int) -> Value:
        return self._run.values[node]

    def gradient(self, node: int) -> Value:
        return Numbers(self._run.trace).gradient(node)

    def message(self, along: list[Edge]) -> Value:
        return Numbers(self._run.trace).message(along)

    def tangent(self, source: int, variable: int) -> Value:
        run = self._run
        return tangents(run.graph, run.values, run.arithmetic, {variable: run.arithmetic.one})[1][source]

    def second(self, row: int, column: int) -> Value:
        return Numbers(self._run.trace).second(row, column)

    def local(self, along: list[Edge]) -> Value:
        """Be it on a branch that isn't taken; one number stands for all entries."""
        run, total = self._run, None
        rules = Rules(run.graph, run.values, run.arithmetic)
        for index, slot in along:
            node = run.graph.nodes[index]
            at = [*(run.values[arg] for arg in node.args), run.values[index]]
            if node.op is not None and node.op.selects:  # which branch is taken is the message's to say
                found = Numbers(run.trace).local(along)
                return run.arithmetic.full(found, run.values[along[0][0]])
            value = rules.local(node, slot, at)[0]
            total = value if total is None else run.arithmetic.plus(total, value)
        return run.arithmetic.full(total, run.values[along[0][0]])


def _arithmetic(digits: int, arrays: bool) -> Arithmetic:
    if digits != DOUBLES:
        return big(digits, arrays)
    if not arrays:
        return Floats()
    from backtrace_cli.engine.arithmetics.arrays import Arrays

    return Arrays(guarded=True)


class Runs:
    """The runs at one point, made as their digits are asked for.

    ``point`` gives the variables' values with so many digits, where they are more than doubles; ``written``
    takes the doubles as they are written, so that 0.1 is a tenth.
    """

    def __init__(
        self, graph: Graph, at: Point, point: Callable[[int], Point] | None = None, *, written: bool = False
    ) -> None:
        self.graph = graph
        self.at = at
        self._point = point or (self._as_written if written else lambda digits: at)
        self._made: dict[int, Run | None] = {}

    def _as_written(self, digits: int) -> Point:
        if digits == DOUBLES:
            return self.at
        literal = big(digits, False).literal
        return {n: v if shape_of(v) else literal(repr(float(v))) for n, v in self.at.items()}

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
