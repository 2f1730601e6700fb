"""What an exercise is about: the graph, the point, and runs of the engine there and elsewhere."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from backtrace_cli.base.errors import BacktraceError, PointError, ShapeError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.arithmetics.big import big
from backtrace_cli.engine.arithmetics.symbols import Symbols
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.forward_mode import tangents
from backtrace_cli.engine.shaped import ShapedRules
from backtrace_cli.engine.symbolic import SymbolicRules, expanded
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.precise import Runs
from backtrace_cli.grading.sampling import Freedom
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.language.tree.syntax import Call, Name, Number
from backtrace_cli.readings.assumptions import assumption, check_assumptions
from backtrace_cli.readings.questions import Numbers, Question, edges, expected, read
from backtrace_cli.runs.point import Given, bind, other_spellings, read_point, value_of
from backtrace_cli.runs.run import choose_arithmetic, with_tangents

__all__ = ["Point", "Statement", "run_at"]

#: Arrays with more entries than this are nothing to work out by hand.
MOST_ENTRIES = 1_000

#: Input name -> its value: a float, or an array where the exercise has any.
Point = dict[str, Any]

#: An answer may make arrays of this many entries on its way.
_MOST_ENTRIES = 100_000
_MOST_TRIES = 320
_SEED = 4


class Statement:
    """A formula at a point, with its trace, and traces at other points as they are asked for.

    Raises FormulaError, PointError or DomainError where the formula has no trace there.

    >>> statement = Statement("b = x + y; f = b*y", {"x": Given("2", 2.0), "y": Given("3", 3.0)})
    >>> statement.says(Question("gradient", None, "y"), statement.trace)
    8.0
    """

    def __init__(
        self, formula: str, point: Mapping[str, Given] | str, given_data: Sequence[str] = (),
        assume: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        given = read_point([point]) if isinstance(point, str) else point
        names = set(given)
        for name in list(names):
            names |= other_spellings(name)
        self.formula = formula
        self.graph = build(formula, bound=names)
        found = bind(self.graph, given)
        arithmetic = choose_arithmetic(self.graph, found, False)
        self.arrays = arithmetic.arrays
        """Are there arrays in it?"""
        self.at: Point = {name: _own(value_of(name, item, arithmetic)) for name, item in found.items()}
        for name, value in self.at.items():
            if arithmetic.bad(value):
                raise PointError(f"{name} is not a finite number", hint="choose another point")
        if self.arrays:
            self.graph = _fitted(self.graph, self.at)
        self.trace = run_at(self.graph, self.at, arithmetic)
        self._arithmetic = arithmetic
        self._samples: list[tuple[Point, Trace]] = []
        assumptions = {name: assumption(text) for name, text in (assume or {}).items()}
        check_assumptions(assumptions, self.at)
        for name in given_data:
            if name not in self.at:
                raise PointError(
                    f"{name} is given, and is no variable", hint=f"the variables: {', '.join(self.at)}"
                )
        self.freedom = Freedom(self.graph, self.at, tuple(given_data), assumptions)
        """What the variables may be elsewhere."""
        self._drawing = self._draw()
        self._given = found

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
        rules = ShapedRules(graph, arithmetic) if self.arrays else SymbolicRules(graph, arithmetic)
        back = backward(graph, rules.values, arithmetic, set(graph.inputs.values()), rules)
        return Trace(graph, {}, arithmetic, list(expanded(graph)), back, tuple(graph.inputs))

    @cached_property
    def forward_mode(self) -> Trace:
        """The trace with the tables of forward mode in it."""
        return with_tangents(self.trace)

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of the node called ``name``; () of a number. Raises KeyError."""
        index = self.graph.find(name)
        if index is None:
            raise KeyError(name)
        return shape_of(self.trace.values[index])

    def fitted(self, question: Question, formula: Graph) -> Graph:
        """``formula``, an answer, with the shapes that the exercise's names have. Raises ShapeError."""
        known = self.graph.find
        shapes = {
            index: self.shape(n if known(n) is not None else n[1:]) for n, index in formula.inputs.items()
        }
        found = fit_shapes(formula, shapes)
        if question.kind.back and len(self.shape(question.target)) == 2 and _result(found) == ():
            found = fit_shapes(formula, shapes, columns=True)  # δ @ x.T, as every textbook has it
        if max(map(math.prod, found.shapes or ())) > _MOST_ENTRIES:
            raise ShapeError(f"an array in it has more than {_MOST_ENTRIES:,} entries")
        return found

    def upstream_names(self, question: Question) -> dict[str, str]:
        """The names for what arrived further up: ``dy`` for ∂L/∂y, for y computed from what is asked.

        Only where there are arrays, and only for what has no other meaning in the exercise.
        """
        graph, names = self.graph, self.names
        target = graph.find(question.target)
        if not self.arrays or not question.kind.back or target is None:
            return {}
        after = graph.leads_from({target})
        found = {f"d{name}": name for name in names if after[graph.find(name) or 0]}
        own = {f"d{name}" for name in names if graph.find(name) == target}
        return {spelled: name for spelled, name in found.items() if spelled not in names | own}

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
        for point in self.points(str(_SEED)):
            try:
                yield point, run_at(self.graph, point, self._arithmetic)
            except BacktraceError:
                continue

    def points(self, seed: str) -> Iterator[Point]:
        """Other points that ``seed`` draws, none twice, whether or not the formula has a value there."""
        seen = {_key(self.at)}
        for point in islice(self.freedom.points(random.Random(seed)), _MOST_TRIES):
            if _key(point) not in seen:
                seen.add(_key(point))
                yield point

    @cached_property
    def own(self) -> Runs:
        """The runs at the exercise's own point, whose numbers are worked out as they were written."""
        return Runs(self.graph, self.at, self._written)

    def _written(self, digits: int) -> Point:
        arithmetic = big(digits, self.arrays)
        return {name: _exactly(item.value, arithmetic) for name, item in self._given.items()}

    def says(self, question: Question, trace: Trace) -> Value:
        """What the record of ``trace`` says to ``question``; a tangent takes one pass along its input."""
        if question.kind.along_input:
            return read(trace.graph, question, _Moved(trace))
        value = expected(trace, question)
        if self.arrays and question.kind.is_rule:  # one number stands for all entries of the box
            return trace.arithmetic.full(value, trace.values[edges(self.graph, question)[0][0]])
        return value


def _result(graph: Graph) -> tuple[int, ...] | None:
    return graph.shapes[graph.output] if graph.shapes else None


def _own(value: Value) -> Value:
    return value if shape_of(value) else float(value)


def _exactly(value: Any, arithmetic: Arithmetic) -> Value:
    """A value of the point as it was written, in an arithmetic of many digits: 0.1 is a tenth."""
    if isinstance(value, Call) and value.func == "stack":
        return arithmetic.own([_exactly(row, arithmetic) for row in value.args])
    if isinstance(value, (Number, Name, Call)):
        return arithmetic.run(arithmetic.compile(value), ())
    return arithmetic.own(value) if shape_of(value) else arithmetic.literal(repr(float(value)))


def _key(point: Point) -> tuple[Any, ...]:
    return tuple(value.tobytes() if shape_of(value) else value for value in point.values())


def _fitted(graph: Graph, at: Point) -> Graph:
    """``graph`` with its shapes; refuses what nobody works out by hand."""
    found = fit_shapes(graph, {index: shape_of(at[name]) for name, index in graph.inputs.items()})
    if max(map(math.prod, found.shapes or ())) > MOST_ENTRIES:
        raise PointError(f"an array has more than {MOST_ENTRIES:,} entries, which is no exercise",
                         hint="choose smaller arrays")  # fmt: skip
    return found


def run_at(
    graph: Graph, at: Mapping[str, Value], arithmetic: Arithmetic,
    values: list[Value] | None = None, rules: Rules | None = None,
) -> Trace:  # fmt: skip
    """The trace of ``graph`` at ``at``; with ``values`` (and ``rules``) the backward pass over those.

    >>> from backtrace_cli.engine.arithmetics.base import Floats
    >>> run_at(build("x^2"), {"x": 3.0}, Floats()).gradient
    {'x': 6.0}
    """
    if values is None:
        inputs = {index: at[name] for name, index in graph.inputs.items()}
        values, bad = forward(graph, inputs, arithmetic)
        refuse_undefined(graph, values, bad, arithmetic)
    back = backward(graph, values, arithmetic, set(graph.inputs.values()), rules)
    return Trace(graph, dict(at), arithmetic, values, back, tuple(graph.inputs))


class _Moved(Numbers):
    """The parts of a trace, and how its nodes move with an input: a forward pass along that alone."""

    def tangent(self, source: int, variable: int) -> Value:
        trace = self.trace
        seed = {variable: trace.arithmetic.seed(trace.values[variable])}
        return tangents(trace.graph, trace.values, trace.arithmetic, seed)[1][source]
