"""A gradient that is added up over several lines: which messages each of them brings, and which none does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import combinations
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.events import Sent
from backtrace_cli.grading.derivation.few_points import Points
from backtrace_cli.grading.derivation.line_graphs import Known, Lines
from backtrace_cli.grading.derivation.steps import Step
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.readings.questions import Edge, Question

__all__ = ["Addend", "addends", "chain"]

#: A node with more messages than this is judged as a whole.
_MOST_MESSAGES = 8


class Addend(NamedTuple):
    """One of the lines that add up to a gradient."""

    step: Step
    edges: tuple[Edge, ...]
    """The edges whose messages it brings; empty where it is no sum of messages."""


def chain(lines: Lines, last: Step) -> list[Step]:
    """The lines that add up to ``last``, in order; that one alone where it adds to nothing."""
    found = [last]
    while found[0].sign == "+" and (before := lines.steps.get(found[0].before)) is not None:
        if before.value is None:
            break
        found.insert(0, before)
    return [step for step in found if not step.zero] or [last]


def addends(
    lines: Lines, points: Points, steps: list[Step], known: Known, places: Callable[[Expr], Collection[int]]
) -> tuple[list[Addend], tuple[Edge, ...]]:
    """Which messages each of ``steps`` brings, and which none does; nothing where the node has too many
    to tell. ``places`` are the boxes that a tree works at."""
    question = Question("gradient", None, steps[-1].target)
    arriving = _arriving(points, question)
    if not 0 < len(arriving) <= _MOST_MESSAGES:
        return [], ()
    left = dict(arriving)
    found: list[Addend] = []
    for number, step in enumerate(steps):
        tree = step.added if number and step.added is not None else step.value
        brought: tuple[Edge, ...] = ()
        try:
            values = points.values(lines.graph(tree, known)) if tree is not None else None
        except BacktraceError:
            values = None
        if values is not None:
            here = places(tree) if tree is not None else ()
            brought = _brought(points, values, {edge: left[edge] for edge in left if edge[0] in here})
        for edge in brought:
            del left[edge]
        found.append(Addend(step, brought))
    return found, tuple(left)


def _arriving(points: Points, question: Question) -> dict[Edge, list[Value]]:
    """What arrives along each edge at each point."""
    graph = points.traces[0].graph
    wanted = set(question.kind.edges(graph, question))
    rows: list[dict[Edge, Sent]] = [
        {(sent.source, sent.slot): sent for sent in trace.sent if (sent.source, sent.slot) in wanted}
        for trace in points.traces
    ]
    return {
        edge: [row[edge].contribution + 0 * trace.gradient_of(question.target)
               for row, trace in zip(rows, points.traces, strict=True)]
        for edge in rows[0] if all(edge in row for row in rows)
    }  # fmt: skip


def _brought(points: Points, values: list[Value], left: dict[Edge, list[Value]]) -> tuple[Edge, ...]:
    """The fewest edges whose messages add up to ``values``."""
    for count in range(1, len(left) + 1):
        for chosen in combinations(left, count):
            total = [sum(parts) for parts in zip(*(left[edge] for edge in chosen), strict=True)]
            if points.same(values, total):
                return chosen
    return ()
