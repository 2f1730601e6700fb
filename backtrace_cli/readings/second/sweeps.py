"""The second sweep: the gradient of a trace as a graph, walked forward and back like any other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.events import Note
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.second_order import AtPoint, Gradients, gradients_of
from backtrace_cli.engine.symbolic import SymbolicRules, expanded
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.entry_names import entry
from backtrace_cli.readings.notes import notes_of

#: What is said of a second sweep: what it met, not how it is written.
_TOLD = ("nan", "inf", "infinity", "kink", "jump", "undefined", "cancellation", "branch", "inexact")

__all__ = ["Part", "Sweeps", "apart", "parts_of", "second_of", "walked"]

#: The readable form of the rules is believed as far as the steady one says the same.
_SAME = 1e-12


class Part(NamedTuple):
    """A variable, or one entry of an array."""

    variable: str
    place: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """How it is written: ``x``, ``W[0,1]``."""
        return entry(self.variable, self.place)


def parts_of(trace: Trace, name: str) -> list[Part]:
    """The entries of a variable; of a number itself."""
    shape = () if trace.symbolic else shape_of(trace.at[name])
    if not shape:
        return [Part(name)]
    import numpy as np

    return [Part(name, place) for place in np.ndindex(*shape)]


class Sweeps:
    """The gradients of ``trace`` as graphs, from each of which a sweep back gives a row of the Hessian.

    Rules are written in the form that reads best; where that loses digits at this point, in the steady one.
    Raises PointError for a trace of arrays without a point.

    >>> from backtrace_cli import trace
    >>> Sweeps(trace("x^2*y", x=3, y=2)).row(Part("x")).gradient
    {'x': 4.0, 'y': 6.0}
    """

    def __init__(self, trace: Trace) -> None:
        if trace.symbolic and (trace.graph.mixes or any(trace.graph.shapes or ())):
            raise PointError("a second sweep over arrays has to know their shapes",
                             hint="add --at x=[1,2],…")  # fmt: skip
        self.trace = trace
        targets = [trace.graph.inputs[name] for name in trace.wrt]
        rounds = trace.arithmetic.stable and not (trace.arithmetic.exact or trace.symbolic)
        self.written = [
            gradients_of(
                trace.graph, targets, trace.values, trace.arithmetic, stable=stable, upstream=trace.upstream
            )
            for stable in ((False, True) if rounds else (False,))
        ]

    def row(self, part: Part) -> Trace:
        """The trace of ∂f/∂part, whose gradient is that part's row of the Hessian."""
        readable, *steady = (self._row(written, part) for written in self.written)
        if steady and apart(readable.gradient, steady[0].gradient) > _SAME:
            return steady[0]
        return readable

    def _row(self, written: Gradients, part: Part) -> Trace:
        return walked(written.graph(self.trace.graph.inputs[part.variable], part.place), self.trace)

    def along(self, direction: Mapping[str, Value]) -> Trace:
        """The trace of Σ v·∂f/∂x along ``direction``, whose gradient is the Hessian times v."""
        readable, *steady = (self._along(written, direction) for written in self.written)
        if steady and apart(readable.gradient, steady[0].gradient) > _SAME:
            return steady[0]
        return readable

    def _along(self, written: Gradients, direction: Mapping[str, Value]) -> Trace:
        places = [self.trace.graph.inputs[name] for name in direction]
        graph, names = written.along(places)
        more = dict(zip(names.values(), direction.values(), strict=True))
        return walked(graph, self.trace, more)

    def notes(self) -> list[Note]:
        """The kinks that decided something in the first sweep, and so stand in its graph as what is taken."""
        at, graph = self.written[0].at, self.trace.graph
        if not isinstance(at, AtPoint):
            return []
        found = {}
        for index, _, number in at.met:
            op = graph.nodes[index].op
            assert op is not None
            kink = op.kinks[number]
            if kink.kind == "limit":
                continue
            found[index] = Note("kink", graph.name(index), (
                f"{to_text(graph.definition(index))} stands at a kink, and {kink.words}: the gradient's "
                "graph holds that as it stands, so no second derivative goes across it"
            ))  # fmt: skip
        return list(found.values())


def second_of(first: Trace, row: int, column: int) -> Value:
    """∂²output/∂row∂column of two inputs that are numbers, in the arithmetic of the trace.

    >>> from backtrace_cli import trace
    >>> second_of(trace("x^2*y", x=3, y=2), 0, 3)
    6.0
    """
    steady = first.arithmetic.stable and not first.symbolic
    written = gradients_of(first.graph, [row], first.values, first.arithmetic, stable=steady)
    wanted = first.having(wrt=(first.graph.name(column),), notes=())
    return walked(written.graph(row), wanted).gradient_of(first.graph.name(column))


def walked(graph: Graph, first: Trace, more: Mapping[str, Value] = {}) -> Trace:  # noqa: B006
    """The trace of ``graph``, made from that of ``first``, at the point of ``first`` (and ``more``)."""
    arithmetic, wrt = first.arithmetic, first.wrt
    targets = {graph.inputs[name] for name in wrt}
    if first.symbolic:
        values: list[Value] = list(expanded(graph))
        rules = SymbolicRules(graph, arithmetic)
        back = backward(graph, rules.values, arithmetic, targets, rules)
        return Trace(graph, {}, arithmetic, values, back, wrt)
    arithmetic = _guarded(graph, arithmetic)
    at = {**first.at, **{name: value for name, value in more.items() if name in graph.inputs}}
    values, bad = forward(graph, {graph.inputs[name]: value for name, value in at.items()}, arithmetic)
    found = Trace(graph, at, arithmetic, values, backward(graph, values, arithmetic, targets), wrt)
    return found.having(notes=tuple(note for note in notes_of(found, bad) if note.kind in _TOLD))


def _guarded(graph: Graph, arithmetic: Arithmetic) -> Arithmetic:
    """The arithmetic of arrays that guards branches, where the graph of the gradient has any."""
    if not arithmetic.arrays or not any(node.op is not None and node.op.selects for node in graph.nodes):
        return arithmetic
    from backtrace_cli.engine.arithmetics.arrays import Arrays

    return Arrays(guarded=True, single=getattr(arithmetic, "single", False))


def apart(one: Mapping[str, Value], other: Mapping[str, Value]) -> float:
    """How far apart two gradients are, on the scale of their largest entry; nan beside nan is no gap."""
    pairs = [pair for name in one for pair in zip(_flat(one[name]), _flat(other[name]), strict=True)]
    scale = max((abs(value) for pair in pairs for value in pair if math.isfinite(value)), default=0.0)
    gaps = [0.0]
    for a, b in pairs:
        if math.isfinite(a) and math.isfinite(b):
            gaps.append(abs(a - b) / scale if a != b else 0.0)
        elif not (a == b or (a != a and b != b)):
            gaps.append(math.inf)
    return max(gaps)


def _flat(value: Value) -> Iterator[float]:
    if shape_of(value):
        yield from (float(one) for one in value.ravel())
    else:
        yield float(value)
