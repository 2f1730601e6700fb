"""One point with every mistake replayed there as it is asked for: the stage of diagnoses and lint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, close, scalar
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.graph.surgery import cut, rooted
from backtrace_cli.mistakes.places.fault import Edge, Fault
from backtrace_cli.mistakes.replay import replay
from backtrace_cli.readings.questions import Question, edges, expected

__all__ = ["Scene", "close"]

#: No mistake at all.
_NONE = Fault("none", "")


class Scene:
    """One point: the values there, the right backward pass, and those with a fault, as asked for.

    >>> from backtrace_cli.graph import build
    >>> from backtrace_cli.mistakes.catalogue import faults_in
    >>> graph = build("x*x")
    >>> scene = Scene(graph, {"x": 3.0}, list(faults_in(graph)))
    >>> scene.says(Question("gradient", None, "x"), None), scene.says(Question("gradient", None, "x"), 0)
    (6.0, 3.0)
    """

    def __init__(self, graph: Graph, point: dict[str, Any], faults: Sequence[Fault]) -> None:
        self.graph = graph
        self.faults = faults
        self.arithmetic = _arithmetic(graph)
        self.at = point
        inputs = {index: scalar(point[name]) for name, index in graph.inputs.items()}
        self.values, self.bad = forward(graph, inputs, self.arithmetic)
        self.misread: dict[int, list[Value]] = {}
        self.answers: dict[tuple[Question, int | None], Value] = {}
        self.traces: dict[tuple[int | None, str | None], Trace] = {}

    def at_kink(self) -> bool:
        """Did a kink's convention decide a local derivative here?"""
        return any(sent.kink >= 0 for sent in self.trace(None).sent)

    def says(self, question: Question, fault: int | None) -> Value:
        """The answer to ``question`` here, with that fault or (None) without; nan where there is none."""
        key = question, fault
        if key not in self.answers:
            planted = self.faults[fault] if fault is not None else _NONE
            concerned = fault is None or _concerns(planted, question, self.graph)
            self.answers[key] = self._answer(question, fault) if concerned else self.says(question, None)
        return self.answers[key]

    def says_of(self, question: Question, planted: Fault) -> Value:
        """The same with any fault, such as two at once."""
        if not _concerns(planted, question, self.graph):
            return math.nan
        try:
            return _read(self.replayed(planted, _start(question)), question, planted.lost)
        except BacktraceError:
            return math.nan

    def says_all(self, questions: Sequence[Question], planted: Fault) -> list[Value]:
        """The answer to each of ``questions`` with any fault, from as few walks as that takes."""
        traces: dict[str | None, Trace] = {}
        found: list[Value] = []
        for question in questions:
            start = _start(question)
            try:
                if not _concerns(planted, question, self.graph):
                    found.append(math.nan)
                    continue
                if start not in traces:
                    traces[start] = self.replayed(planted, start)
                found.append(_read(traces[start], question, planted.lost))
            except (KeyError, BacktraceError):
                found.append(math.nan)
        return found

    def _answer(self, question: Question, fault: int | None) -> Value:
        try:
            lost = self.faults[fault].lost if fault is not None else ()
            return _read(self.trace(fault, _start(question)), question, lost)
        except (KeyError, BacktraceError):  # arrays that don't fit, where the formula was read otherwise
            return math.nan

    def trace(self, fault: int | None, output: str | None = None) -> Trace:
        """The run here with that fault or (None) without, made once; from node ``output`` back."""
        key = fault, output
        if key not in self.traces:
            planted = self.faults[fault] if fault is not None else _NONE
            self.traces[key] = self.replayed(planted, output)
        return self.traces[key]

    def replayed(self, planted: Fault, output: str | None = None) -> Trace:
        """The run here with ``planted`` in it, made anew."""
        graph, values = self.graph, self.values
        known = self.known if planted is not _NONE and planted.read_as is None else None
        if planted.read_as is not None:
            graph = planted.read_as
            values = self._going_back(planted) if planted.back_only else self._misread(graph)
        if output is not None:
            place = graph.find(output)
            if place is None:
                raise KeyError(output)
            graph = rooted(graph, place)
        wanted = set(graph.inputs.values())
        back = replay(graph, values, self.arithmetic, wanted, planted, known)
        return Trace(graph, self.at, self.arithmetic, values, back, tuple(graph.inputs))

    @cached_property
    def known(self) -> dict[tuple[int, int], tuple[Value, int]]:
        """The local derivatives of the run without mistakes."""
        sent = self.trace(None).sent
        return {(one.source, one.slot): (one.local, one.kink) for one in sent if one.local is not None}

    def _misread(self, graph: Graph) -> list[Value]:
        """The values of the formula as it was read."""
        if id(graph) not in self.misread:
            inputs = {index: scalar(self.at[name]) for name, index in graph.inputs.items()}
            self.misread[id(graph)] = forward(graph, inputs, self.arithmetic)[0]
        return self.misread[id(graph)]

    def _going_back(self, planted: Fault) -> list[Value]:
        """The values of a graph that is walked going back alone: by right, where a box has one by right."""
        read, own, arithmetic = planted.read_as, self.graph, self.arithmetic
        assert read is not None
        if id(read) not in self.misread:
            known = {own.name(node.index): node.index for node in own.nodes if not node.is_constant}
            held = {new: (old, along) for new, old, along in planted.held}
            values: list[Value] = []
            for node in read.nodes:
                if node.index in held:
                    values.append(self._held(*held[node.index]))
                elif node.literal is not None:
                    values.append(arithmetic.literal(node.literal))
                elif (index := known.get(read.name(node.index))) is not None:
                    values.append(self.values[index])
                else:
                    assert node.op is not None
                    values.append(arithmetic.function(node.op)(*[values[arg] for arg in node.args]))
            self.misread[id(read)] = values
        return self.misread[id(read)]

    def _held(self, index: int, along: int) -> Value:
        """The value of a box, or its slope along a box below it."""
        if along < 0:
            return self.values[index]
        part = rooted(cut(self.graph, [along]), index)
        found = backward(part, self.values, self.arithmetic, {along}).gradients[along]
        return self.arithmetic.zero if found is None else found


def _arithmetic(graph: Graph) -> Arithmetic:
    """Arrays where the graph's shapes are known, else floats."""
    if graph.shapes is None:
        return Floats()
    from backtrace_cli.mistakes.loose import Loose

    return Loose(guarded=any(node.op and node.op.selects for node in graph.nodes))


def _start(question: Question) -> str | None:
    """Where the walk back starts: ∂c/∂x by forward mode is what arrives at x on a walk from c."""
    return question.source if question.kind.along_input and not question.kind.twice else None


def _read(trace: Trace, question: Question, lost: Sequence[Edge] = ()) -> Value:
    if question.kind.along_input and not question.kind.twice:
        question = Question("gradient", None, question.target)
    value = scalar(expected(trace, question, lost))
    if question.kind.is_rule and trace.graph.shapes is not None:
        box = trace.values[edges(trace.graph, question)[0][0]]
        return trace.arithmetic.full(value, box) if shape_of(box) else value
    return value


def _concerns(fault: Fault, question: Question, graph: Graph) -> bool:
    """Can this mistake be made in answering this question?"""
    if question.kind.twice:  # which walk it would be made in can't be told
        return False
    if fault.along >= 0 and (not question.kind.is_sum or graph.find(question.target) != fault.along):
        return False
    if question.kind.along_input:  # forward mode sends no messages back
        return bool(fault.wrong or fault.lost or fault.moved or fault.read_as)
    return not question.kind.is_value or (fault.read_as is not None and not fault.back_only)
