"""The cells of a trace: every number a learner can be asked for, in the order of computation.

A cell is a question of the mistakes room. Several edges from one box to one node
(``a*a``) are one cell, as they are one question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.trace import Trace
from backtrace_cli.readings.questions import Question

__all__ = ["ASKED", "Arrow", "Cell", "arrows", "cells", "forks_in", "tangent_cells", "with_shapes"]

#: One number of a run, named by the question that asks for it.
Cell = Question


class Arrow(NamedTuple):
    """All that one box sends to one node in the backward walk."""

    source: int
    target: int
    sents: tuple[Sent, ...]
    """One an edge; several for ``a*a``."""
    order: int
    """Which of the target's arrows this is, from 1."""
    of: int
    """How many arrows arrive at the target."""

    @property
    def total(self) -> object:
        """The target's running total when this arrow is in."""
        return self.sents[-1].total


def arrows(trace: Trace) -> list[Arrow]:
    """The messages of ``trace`` in order, those along parallel edges together.

    >>> from backtrace_cli import trace
    >>> [(a.source, a.target, len(a.sents), a.of) for a in arrows(trace("a = x + 1; f = a*a", x=2))]
    [(3, 2, 2, 1), (2, 0, 1, 1)]
    """
    grouped: dict[tuple[int, int], list[Sent]] = {}
    for sent in trace.sent:
        grouped.setdefault((sent.source, sent.target), []).append(sent)
    counts = Counter(target for _, target in grouped)
    arrived: Counter[int] = Counter()
    found = []
    for (source, target), sents in grouped.items():
        arrived[target] += 1
        found.append(Arrow(source, target, tuple(sents), arrived[target], counts[target]))
    return found


def forks_in(trace: Trace) -> set[str]:
    """The names of the nodes at which messages of several boxes add up."""
    return {trace.graph.name(arrow.target) for arrow in arrows(trace) if arrow.of > 1}


def cells(trace: Trace) -> Iterator[Cell]:
    """Every cell of the sheet: values forward, then for each message its local derivative and
    itself, and the sum where the last message of a fork is in.

    >>> from backtrace_cli import trace
    >>> [cell.pretty for cell in cells(trace("b = x + y; f = b*y", x=2, y=3))][2:]
    ['∂f/∂b', 'f → b', '∂f/∂y', 'f → y', '∂b/∂x', 'b → x', '∂b/∂y', 'b → y', 'y']
    """
    graph = trace.graph
    for index in graph.steps:
        yield Cell("values", None, graph.name(index))
    for arrow in arrows(trace):
        source, target = graph.name(arrow.source), graph.name(arrow.target)
        op = graph.nodes[arrow.source].op
        if op is not None and not op.messages:
            yield Cell("local", source, target)
        yield Cell("messages", source, target)
        if arrow.of > 1 and arrow.order == arrow.of:
            yield Cell("gradient", None, target)


def with_shapes(found: Iterable[Cell], shapes: Sequence[Cell]) -> list[Cell]:
    """``found`` with each of ``shapes`` before the first cell about the same message or value.

    >>> [cell.table for cell in with_shapes([Cell("values", None, "y")], [Cell("shapes", None, "y")])]
    ['shapes', 'values']
    """
    known: list[Cell] = []
    for cell in found:
        known += [shape for shape in shapes if shape[1:] == cell[1:] and shape not in known]
        known.append(cell)
    return [shape for shape in shapes if shape not in known] + known  # those of the inputs come first


def tangent_cells(trace: Trace, variable: str) -> Iterator[Cell]:
    """The cells of forward mode along ``variable`` (or an entry of it, ``x[0]``): ∂node/∂variable for
    every node that it reaches.

    >>> from backtrace_cli import trace
    >>> [cell.pretty for cell in tangent_cells(trace("b = x + y; c = y^2; f = b*c", x=2, y=3), "x")]
    ['∂b/∂x', '∂f/∂x']
    """
    graph = trace.graph
    reached = graph.leads_from({graph.inputs[variable.partition("[")[0]]})
    for index in graph.steps:
        if reached[index]:
            yield Cell("tangent", graph.name(index), variable)


#: What is known of a cell: not yet reached, filled in by the tutor, being asked, answered right at
#: once, right at the second try, shown after all, passed over.
HIDDEN, GIVEN, ASKED, MENDED, SHOWN, SKIPPED = "hidden", "given", "asked", "mended", "shown", "skipped"
