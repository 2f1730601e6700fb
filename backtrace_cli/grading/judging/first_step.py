"""Which of several wrong answers comes first: one that hangs on no other, the first such in the file."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.judging.carry_forward import order_of
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions import Question

__all__ = ["first_step"]


def first_step(trace: Trace, questions: Sequence[Question]) -> int:
    """The place in ``questions`` (in the order of the file) of the one to mend first.

    Of two branches that have nothing to do with each other the walk goes along one before the
    other; whoever reads the file goes from top to bottom.

    >>> from backtrace_cli import trace
    >>> t = trace("a = 2*x; b = 3*y; f = a + b", x=2, y=3)
    >>> asked = [Question("gradient", None, name) for name in ("x", "a", "b")]
    >>> first_step(t, asked)
    1
    """
    for place, one in enumerate(questions):
        if not any(_needs(trace, one, other) for other in questions if other != one):
            return place
    return 0


def _needs(trace: Trace, one: Question, other: Question) -> bool:
    """Is ``one`` worked out from ``other``?"""
    (mine, at), (theirs, before) = order_of(trace, one), order_of(trace, other)
    if mine != theirs:
        return theirs < mine
    graph, kind = trace.graph, one.kind
    if kind.is_value or other.kind.is_value:
        return _reaches(graph, other.target, one.target)
    if kind.is_rule or kind.along_input:
        return before < at and _reaches(graph, other.source or "", one.source or "")
    if one.source is not None and other.source is None and one.target == other.target:
        return False  # a message goes into its target's gradient, and not the other way round
    return _reaches(graph, one.source or one.target, other.target)


def _reaches(graph: Graph, below: str, above: str) -> bool:
    start, end = graph.find(below), graph.find(above)
    return start is not None and end is not None and graph.leads_from({start})[end]
