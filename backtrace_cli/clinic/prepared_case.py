"""A case of the battery made ready: its graph, what is right at each point, the program for the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.clinic.battery import Case, called_by, exponents
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph, Node
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.places.fault import Edge, Fault
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.run import run

__all__ = ["Outcome", "Prepared", "Stage", "alike", "outcome_of", "plain", "same"]

#: An engine may round: so far its numbers may be from the right ones.
_TOLERANCE = 1e-6
#: A graph of more boxes tells of limits alone.
_LONG = 60


class Outcome(NamedTuple):
    """What comes out at one point: the value, and the gradient by name; None where none arrived."""

    value: Any
    gradients: dict[str, Any]
    broken: bool = False
    """Did it raise an error on the way back?"""


class Stage:
    """One graph at the points of its case."""

    def __init__(self, formula: str, points: Sequence[str]) -> None:
        self.traces: list[Trace] = [run(formula, read_point([point])) for point in points]
        self.graph: Graph = self.traces[0].graph
        self.scenes = [Scene(trace.graph, dict(trace.at), ()) for trace in self.traces]

    @cached_property
    def faults(self) -> list[Fault]:
        """Every mistake of the catalogue at every place; none of a graph that is too long."""
        return [] if self.long else list(faults_in(self.graph))

    @cached_property
    def mistaken(self) -> dict[tuple[str, Edge], list[Fault]]:
        """The wrong messages of each edge, by the mistake's name."""
        found: dict[tuple[str, Edge], list[Fault]] = {}
        for fault in self.faults:
            if len(fault.sent) == 1:
                found.setdefault((fault.mistake, fault.sent[0][0]), []).append(fault)
        return found

    @cached_property
    def kinked(self) -> bool:
        """Does it stand at a kink?"""
        return any(at_kink(trace) for trace in self.traces)

    @property
    def long(self) -> bool:
        """Is it too long for faults to be tried on it?"""
        return len(self.graph) > _LONG

    @cached_property
    def right(self) -> list[Outcome]:
        """What is right at each point."""
        return [Outcome(plain(trace.value), {k: plain(v) for k, v in trace.gradient.items()})
                for trace in self.traces]  # fmt: skip


class Prepared:
    """A case with its graph; ``also`` are the same of other boxes.

    >>> Prepared(Case("mul", "f = x*y", ("x=3,y=2",))).own.right[0].gradients
    {'x': 2.0, 'y': 3.0}
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.own = Stage(case.formula, case.points)

    @cached_property
    def stages(self) -> list[Stage]:
        """The graph itself, and the same of other boxes."""
        return [self.own, *(Stage(text, self.case.points) for text in self.case.also)]

    def programs(self, as_array: bool = False) -> list[dict[str, Any]]:
        """What the engine is to do, one program a point; is it to be given arrays, and not lists?"""
        graph = self.own.graph
        nodes = [self._node(graph, node) for node in graph.nodes]
        return [
            {"nodes": nodes, "output": graph.output, "rounds": self.case.rounds, "as_array": as_array,
             "at": {name: plain(value) for name, value in trace.at.items()}}
            for trace in self.own.traces
        ]  # fmt: skip

    def _node(self, graph: Graph, node: Node) -> dict[str, Any]:
        if node.literal is not None:
            number = float(node.literal)
            return {"constant": int(number) if number.is_integer() else number}
        if node.op is None:
            return {"leaf": graph.name(node.index)}
        usual = zip(node.op.option_names, node.fixed, node.op.option_defaults, strict=True)
        plain = [self.case.plain or fixed for fixed in exponents(graph, node)]
        return {"how": called_by(node), "args": list(node.args), "plain": plain,
                "options": {name: value for name, value, default in usual if value != default}}  # fmt: skip


def outcome_of(reply: dict[str, Any]) -> Outcome:
    """What an engine's reply says came out."""
    return Outcome(reply.get("value"), dict(reply.get("grads", {})), "error" in reply)


def alike(one: Outcome, other: Outcome) -> bool:
    """Are two outcomes the same, as far as rounding goes? Of two that broke, the values.

    >>> alike(Outcome(1.0, {"x": None}), Outcome(1.0, {"x": 0.0}))
    True
    """
    if not same(one.value, other.value):
        return False
    if one.broken or other.broken:
        return one.broken == other.broken
    return all(
        same(one.gradients.get(name), other.gradients.get(name))
        for name in {*one.gradients, *other.gradients}
    )


def same(one: Any, other: Any) -> bool:
    """Two numbers or nested lists, of the same shape; what never arrived is 0 everywhere."""
    if type(one) is float is type(other):
        return one == other or abs(one - other) <= _TOLERANCE * max(abs(one), abs(other))
    if one is None or other is None:
        return all(number == 0 for number in _flat(other if one is None else one))
    if _shape(one) != _shape(other):
        return False
    left, right = _flat(one), _flat(other)
    size = max((abs(n) for n in (*left, *right) if math.isfinite(n)), default=0.0)
    return all(abs(a - b) <= _TOLERANCE * max(abs(a), abs(b), 1e-6 * size) or a == b
               for a, b in zip(left, right, strict=True))  # fmt: skip


def _shape(value: Any) -> tuple[int, ...]:
    """Of a nested list its sizes; one entry in brackets is a number."""
    sizes: list[int] = []
    while isinstance(value, list):
        sizes.append(len(value))
        value = value[0] if value else 0.0
    return tuple(sizes) if any(size != 1 for size in sizes) else ()


def _flat(value: Any) -> list[float]:
    if value is None:
        return []
    return [n for one in value for n in _flat(one)] if isinstance(value, list) else [float(value)]


def plain(value: Value) -> Any:
    """An array as a nested list, a number as a float."""
    return value.tolist() if shape_of(value) else float(value)
