"""What an exercise is about: the graph, the point, and runs of the engine there and elsewhere."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property

from backtrace_cli.engine.arithmetic import Arithmetic, Exact, Floats, Symbols
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.events import Value
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.point import (
    Given,
    bind,
    is_array,
    other_spellings,
    read_point,
    value_of,
)
from backtrace_cli.engine.run import run
from backtrace_cli.engine.symbolic import SymbolicRules, expanded
from backtrace_cli.engine.trace import Trace
from backtrace_cli.errors import BacktraceError, PointError
from backtrace_cli.graph import Graph, build
from backtrace_cli.mistakes import Question, expected

__all__ = ["Point", "Statement", "run_at"]

#: Input name -> its value.
Point = dict[str, float]

_MOST_TRIES = 320
_SEED = 4
_FRACTIONS = 10


class Statement:
    """A formula at a point, with its trace, and traces at other points as they are asked for.

    Raises FormulaError, PointError or DomainError where the formula has no trace there.

    >>> statement = Statement("b = x + y; f = b*y", {"x": Given("2", 2.0), "y": Given("3", 3.0)})
    >>> statement.says(Question("gradient", None, "y"), statement.trace)
    8.0
    """

    def __init__(self, formula: str, point: Mapping[str, Given] | str) -> None:
        given = read_point([point]) if isinstance(point, str) else point
        names = set(given)
        for name in list(names):
            names |= other_spellings(name)
        self.formula = formula
        self.graph = build(formula, bound=names)
        found = bind(self.graph, given)
        for name, item in found.items():
            if is_array(item):
                raise PointError(f"{name} is a list, and exercises have numbers only so far",
                                 hint="give its entries names of their own: x1, x2")  # fmt: skip
        self.at: Point = {name: float(value_of(name, item, Floats())) for name, item in found.items()}
        for name, value in self.at.items():
            if not math.isfinite(value):
                raise PointError(f"{name} is not a finite number", hint="choose another point")
        self.trace = run_at(self.graph, self.at, Floats())
        self._floats = Floats()
        self._samples: list[tuple[Point, Trace]] = []
        self._drawing = self._draw()

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that an answer may use: inputs and intermediates."""
        graph = self.graph
        named = {graph.name(n.index) for n in graph.nodes if not n.is_constant}
        return frozenset(named | set(graph.aliases))

    @cached_property
    def symbolic(self) -> Trace:
        """The trace with formulas for numbers."""
        graph, arithmetic = self.graph, Symbols()
        rules = SymbolicRules(graph, arithmetic)
        back = backward(graph, rules.values, arithmetic, set(graph.inputs.values()), rules)
        return Trace(graph, {}, arithmetic, list(expanded(graph)), back, tuple(graph.inputs))

    @cached_property
    def fractions(self) -> list[tuple[dict[str, Fraction], Trace]]:
        """Exact traces at random fractions: two rational functions that differ agree at one of
        them with odds of 1 to 10^6."""
        dice = random.Random(7)
        found = []
        for _ in range(_FRACTIONS):
            point = {n: Fraction(dice.randint(-(10**7), 10**7), dice.randint(1, 997)) for n in self.at}
            try:
                found.append((point, run_at(self.graph, point, Exact())))
            except BacktraceError:
                continue
        return found

    def samples(self) -> Iterator[tuple[Point, Trace]]:
        """Other points with their traces, the same ones every time, as many as can be found."""
        position = 0
        while True:
            if position < len(self._samples):
                yield self._samples[position]
                position += 1
                continue
            more = next(self._drawing, None)
            if more is None:
                return
            self._samples.append(more)

    def _draw(self) -> Iterator[tuple[Point, Trace]]:
        dice = random.Random(_SEED)
        seen = {tuple(self.at.values())}
        for number in range(_MOST_TRIES):
            # Every pattern of signs comes up among a few points: abs(x*y) is x*y where both are negative.
            signs = number // 5 + number % 5 if len(self.at) < 12 else dice.getrandbits(len(self.at))
            point = {
                name: _coordinate(dice, number % 5, -1 if signs >> place & 1 else 1, value)
                for place, (name, value) in enumerate(self.at.items())
            }
            if tuple(point.values()) in seen:
                continue
            seen.add(tuple(point.values()))
            try:
                yield point, run_at(self.graph, point, self._floats)
            except BacktraceError:
                continue

    def says(self, question: Question, trace: Trace) -> Value:
        """What the record of ``trace`` says to ``question``; a tangent is read from a forward-mode run."""
        if question.table == "tangent" and not trace.tangents:
            given = {name: Given(repr(value), value) for name, value in trace.at.items()}
            tangents = run(
                self.formula, given, mode="forward", exact=trace.arithmetic.name == "exact"
            ).tangents
            trace.tangents = list(tangents)
        return expected(trace, question)


def run_at(
    graph: Graph, at: Mapping[str, Value], arithmetic: Arithmetic,
    values: list[Value] | None = None, rules: Rules | None = None,
) -> Trace:  # fmt: skip
    """The trace of ``graph`` at ``at``; with ``values`` (and ``rules``) the backward pass over those.

    >>> run_at(build("x^2"), {"x": 3.0}, Floats()).gradient
    {'x': 6.0}
    """
    if values is None:
        inputs = {index: at[name] for name, index in graph.inputs.items()}
        values, bad = forward(graph, inputs, arithmetic)
        refuse_undefined(graph, values, bad, arithmetic)
    back = backward(graph, values, arithmetic, set(graph.inputs.values()), rules)
    return Trace(graph, dict(at), arithmetic, values, back, tuple(graph.inputs))


def _coordinate(dice: random.Random, sort: int, sign: int, own: float) -> float:
    """One coordinate: positive; a small whole number; a fraction; any number; or near the exercise's own."""
    if sort == 0:
        return round(dice.uniform(0.3, 3.0), 3)
    if sort == 1:
        return float(sign * dice.randint(0, 12))
    if sort == 2:
        return sign * dice.randint(1, 23) / dice.choice((2, 3, 4, 5, 7))
    if sort == 3:
        return sign * round(dice.uniform(0.0, 4.5), 3)
    return own + dice.uniform(-0.2, 0.2) * max(abs(own), 0.5)
