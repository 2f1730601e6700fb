"""On what scale two numbers are the same: how large the terms are that an answer is summed from.

A derivative of 0 may be the sum of 5 and −5, computed with the rounding error of 5.
So agreement is judged on the sum of the absolute contributions of all paths, which
cancellation can't make vanish.
"""

from __future__ import annotations

import math
from functools import lru_cache

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.graph.surgery import cut
from backtrace_cli.ops.traits import adds
from backtrace_cli.readings.questions import Edge, Question, read

__all__ = ["EPS", "Scales", "evaluated", "scales_of"]

EPS = 2.0**-52
#: A difference smaller than this beside what it is taken of has lost its digits.
_LOST = 1e-12
#: The smallest normal number, and the largest.
_TINY, _LARGEST = 2.0**-1022, 1.7976931348623157e308


class Scales:
    """The sizes of one trace's values and gradients.

    >>> from backtrace_cli.grading.statement import Statement
    >>> scales = Scales(Statement("f = x - x*x", "x=1").trace)
    >>> scales.of(Question("gradient", None, "x")), scales.of(Question("values", None, "f"))
    (3.0, 2.0)
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.values = _value_sizes(trace)
        self.gradients, self.messages = _gradient_sizes(trace)

    def of(self, question: Question) -> float:
        """The size of the terms of the answer to ``question``."""
        return read(self.trace.graph, question, self)

    def value(self, node: int) -> float:
        return self.values[node]

    def gradient(self, node: int) -> float:
        return self.gradients.get(node, 0.0)

    def message(self, along: list[Edge]) -> float:
        return sum(self.messages.get(edge, 0.0) for edge in along)

    def local(self, along: list[Edge]) -> float:
        return float(sum(abs(s.local) for s in self.trace.sent if (s.source, s.slot) in along))

    def tangent(self, source: int, variable: int) -> float:
        return self.tangents(variable).get(source, 0.0)

    def tangents(self, target: int) -> dict[int, float]:
        """Per node: the sum over all paths from ``target`` of the absolute products along them."""
        sizes = {target: 1.0}
        for sent in sorted(self.trace.sent, key=lambda sent: sent.source):
            if sent.target in sizes:
                part = _times(sizes[sent.target], abs(sent.local))
                sizes[sent.source] = sizes.get(sent.source, 0.0) + part
        return sizes

    @property
    def blurred(self) -> bool:
        """Has a value lost most of its digits to cancellation, so that nothing is certain here?"""
        sizes = zip(self.values, self.trace.values, strict=True)
        return any(16 * EPS * size > 1e-6 * max(abs(value), 1.0) for size, value in sizes if size < math.inf)


@lru_cache(maxsize=512)
def scales_of(trace: Trace) -> Scales:
    """The scales of ``trace``, worked out once for all the answers that are compared there."""
    return Scales(trace)


def _value_sizes(trace: Trace) -> list[float]:
    """Per node: its absolute value, or for sums and differences the absolute values that went in."""
    sizes: list[float] = []
    for node in trace.graph.nodes:
        size = abs(float(trace.values[node.index]))
        if node.op is not None and adds(node.op):
            size = sum(sizes[arg] for arg in node.args)
        sizes.append(size)
    return sizes


def _gradient_sizes(trace: Trace) -> tuple[dict[int, float], dict[tuple[int, int], float]]:
    """Per node, and per edge, the absolute contributions of all paths from the output."""
    nodes = {trace.graph.output: 1.0}
    edge_sizes: dict[tuple[int, int], float] = {}
    for sent in trace.sent:
        part = _times(nodes.get(sent.source, 0.0), abs(sent.local))
        edge_sizes[sent.source, sent.slot] = part
        nodes[sent.target] = nodes.get(sent.target, 0.0) + part
    return nodes, edge_sizes


def evaluated(formula: Graph, trace: Trace) -> tuple[float, float] | None:
    """The student's formula at a trace's values, and the rounding error it may have; None if undefined.

    The bound is the first-order one: every step rounds its value, and the formula's own
    backward pass says how far that moves the result.
    """
    arithmetic = Floats()
    inputs = {}
    for name, index in formula.inputs.items():
        place = trace.graph.find(name)
        assert place is not None
        inputs[index] = float(trace.values[place])
    try:
        values, bad = forward(formula, inputs, arithmetic)
        refuse_undefined(formula, values, bad, arithmetic)
    except BacktraceError:
        return None
    if any(_pole(formula, values, index) for index in bad):
        return None
    found = float(values[formula.output])
    if not math.isfinite(found):
        return None
    error = abs(found)
    steps = set(formula.steps)
    for index, gradient in enumerate(backward(formula, values, arithmetic, steps).gradients):
        if gradient is not None and index in steps:
            part = abs(gradient * values[index])
            if 0 < abs(values[index]) < _TINY and gradient:
                part = abs(gradient) * _TINY  # here a step is as large as the smallest number
                return found, part if math.isfinite(part) else math.inf
            error += part if math.isfinite(part) else 0.0
    return found, error * EPS + _hidden(formula, values, bad)


def _hidden(graph: Graph, values: list[Value], bad: list[int]) -> float:
    """What a first-order bound can't see: a difference that lost all its digits, an overflow on the way.

    1 − σ(40) is 0, and its square too, with no slope to warn of it. So the result is worked
    out again with the difference moved by its rounding, and with the largest number for inf.
    """
    total = 0.0
    for node in graph.nodes:
        value = values[node.index]
        if node.op is not None and adds(node.op):
            size = sum(abs(values[arg]) for arg in node.args)
            if 0 < size < math.inf and abs(value) <= _LOST * size:
                total += _moved(graph, values, node.index, value + EPS * size)
    for index in bad:
        if abs(values[index]) == math.inf:
            total += _moved(graph, values, index, math.copysign(_LARGEST, values[index]))
    return total


def _moved(graph: Graph, values: list[Value], index: int, value: float) -> float:
    """How far the result moves if node ``index`` had this value."""
    part = cut(graph, [index])
    inputs = {place: values[place] for place in part.inputs.values()} | {index: value}
    again = forward(part, inputs, Floats())[0][graph.output]
    return abs(again - values[graph.output]) if math.isfinite(again) else math.inf


def _pole(graph: Graph, values: list[Value], index: int) -> bool:
    """Is this infinite value made of finite ones, by a 0 that is divided by? 1/(1/0) is no 0."""
    args = [values[arg] for arg in graph.nodes[index].args]
    return all(map(math.isfinite, args)) and 0 in args


def _times(left: float, right: float) -> float:
    return 0.0 if left == 0 or right == 0 else left * right
