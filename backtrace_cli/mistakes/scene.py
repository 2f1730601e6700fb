"""One point with every mistake replayed there as it is asked for: the stage of diagnoses and lint."""

from __future__ import annotations

import math
from collections.abc import Sequence

from backtrace_cli.engine.arithmetic import Floats
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.catalogue import Fault
from backtrace_cli.mistakes.question import Question, expected
from backtrace_cli.mistakes.replay import replay

__all__ = ["Scene", "close", "rooted"]


def close(value: float, answer: float, tolerance: float) -> bool:
    """Are two finite numbers the same to ``tolerance``, relative to the larger?

    >>> close(1.0, 1.0 + 1e-12, 1e-9), close(float("nan"), float("nan"), 1.0)
    (True, False)
    """
    if not (math.isfinite(value) and math.isfinite(answer)):
        return False
    return abs(value - answer) <= tolerance * max(abs(value), abs(answer))


class Scene:
    """One point: the values there, the right backward pass, and those with a fault, as asked for.

    >>> from backtrace_cli.graph import build
    >>> from backtrace_cli.mistakes.catalogue import faults_in
    >>> graph = build("x*x")
    >>> scene = Scene(graph, {"x": 3.0}, list(faults_in(graph)))
    >>> scene.says(Question("gradient", None, "x"), None), scene.says(Question("gradient", None, "x"), 0)
    (6.0, 3.0)
    """

    def __init__(self, graph: Graph, point: dict[str, float], faults: Sequence[Fault]) -> None:
        self.graph = graph
        self.faults = faults
        self.arithmetic = Floats()
        self.at = point
        inputs = {index: float(point[name]) for name, index in graph.inputs.items()}
        self.values, self.bad = forward(graph, inputs, self.arithmetic)
        self.traces: dict[tuple[int | None, str | None], Trace] = {}

    def at_kink(self) -> bool:
        """Did a kink's convention decide a local derivative here?"""
        return any(sent.kink >= 0 for sent in self.trace(None).sent)

    def says(self, question: Question, fault: int | None) -> float:
        """The answer to ``question`` here, with that fault or (None) without; nan where there is none."""
        try:
            if question.table == "tangent":
                # ∂c/∂x by forward mode is what arrives at x when the walk back starts at c.
                trace = self.trace(fault, question.source)
                return float(expected(trace, Question("gradient", None, question.target)))
            return float(expected(self.trace(fault), question))
        except KeyError:
            return math.nan

    def trace(self, fault: int | None, output: str | None = None) -> Trace:
        """The run here with that fault or (None) without, made once; from node ``output`` back."""
        key = fault, output
        if key not in self.traces:
            graph = self.graph if output is None else rooted(self.graph, output)
            planted = self.faults[fault] if fault is not None else Fault("none", "")
            wanted = set(graph.inputs.values())
            back = replay(graph, self.values, self.arithmetic, wanted, planted)
            self.traces[key] = Trace(graph, self.at, self.arithmetic, self.values, back, tuple(graph.inputs))
        return self.traces[key]


def rooted(graph: Graph, output: str) -> Graph:
    """``graph`` with another of its nodes as the output. Raises KeyError for a name it lacks.

    >>> from backtrace_cli.graph import build
    >>> g = rooted(build("a = x^2; f = a*y"), "a")
    >>> g.name(g.output)
    'a'
    """
    index = graph.find(output)
    if index is None:
        raise KeyError(output)
    named = [
        node if node.name or node.is_constant else node._replace(name=graph.name(node.index))
        for node in graph.nodes
    ]
    return Graph(graph.source, named, index, graph.name(index), graph.aliases, graph.unused)
