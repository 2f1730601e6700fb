"""A question about a run: which number of the record is asked for, and what the record says."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from backtrace_cli.base.values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph

__all__ = ["Question", "edges", "expected"]


class Question(NamedTuple):
    """One number of a run. The tables are those of an exercise file."""

    table: str
    """``values``, ``local``, ``messages``, ``gradient``, or ``tangent`` (forward mode)."""
    source: str | None
    """The box that a message or local derivative comes from: b in ``b->x``, c in ``c/b``."""
    target: str
    """The node that is asked about: b in ``c/b``, x in ``b->x``."""

    @property
    def key(self) -> str:
        """How the question is written in an exercise file.

        >>> Question("messages", "b", "x").key, Question("local", "c", "b").key
        ('b->x', 'c/b')
        """
        if self.source is None:
            return self.target
        return f"{self.source}{'->' if self.table == 'messages' else '/'}{self.target}"

    @property
    def pretty(self) -> str:
        """What is asked for, as people write it, without the output's name for a gradient."""
        if self.table in ("local", "tangent"):
            return f"∂{self.source}/∂{self.target}"
        return f"{self.source} → {self.target}" if self.source else self.target


def edges(graph: Graph, question: Question) -> list[tuple[int, int]]:
    """(source node, slot) of every edge that the question is about; empty where there is none.

    >>> from backtrace_cli.graph import build
    >>> len(edges(build("a = x + 1; f = a*a"), Question("messages", "f", "a")))
    2
    """
    source = graph.find(question.source or "")
    target = graph.find(question.target)
    if source is None or target is None:
        return []
    return [(source, slot) for slot, arg in enumerate(graph.nodes[source].args) if arg == target]


def expected(trace: Trace, question: Question, lost: Container[tuple[int, int]] = ()) -> Value:
    """What the record of ``trace`` says to ``question``.

    Several parallel edges from one box to one node: their sum. An edge along which
    nothing was sent (a branch not taken) brought 0; one of several that is ``lost`` counts for nothing.
    Raises KeyError for a node or an
    edge that isn't in the graph, and for a tangent where the run made none.

    >>> from backtrace_cli import trace
    >>> t = trace("b = x + y; f = b*y", x=2, y=3)
    >>> expected(t, Question("messages", "f", "y")), expected(t, Question("gradient", None, "y"))
    (5.0, 8.0)
    """
    graph, arithmetic = trace.graph, trace.arithmetic
    target = graph.find(question.target)
    if target is None:
        raise KeyError(question.target)
    if question.table == "values":
        return trace.values[target]
    if question.table == "gradient":
        return trace.gradient_of(question.target)
    if question.table == "tangent":
        return _tangent(trace, question)
    wanted = edges(graph, question)
    if not wanted:
        raise KeyError(question.key)
    kept = [edge for edge in wanted if edge not in lost] or wanted
    source, slots = wanted[0][0], {slot for _, slot in kept}
    total: Value = None
    for sent in trace.sent:
        if sent.source == source and sent.slot in slots:
            part = sent.local if question.table == "local" else sent.contribution
            total = part if total is None else arithmetic.plus(total, part)
    return arithmetic.empty(trace.values[target]) if total is None else total


def _tangent(trace: Trace, question: Question) -> Value:
    """∂source/∂target, read from the forward-mode table of the variable target."""
    graph = trace.graph
    source, target = graph.find(question.source or ""), graph.find(question.target)
    for tangent in trace.tangents:
        if tangent.variable is not None and graph.find(tangent.variable) == target:
            for step in tangent.steps:
                if graph.find(step.node) == source:
                    return step.value
            return trace.arithmetic.zero
    raise KeyError(question.key)
