"""Which of a student's own names is to blame for a wrong line that uses it.

``tmp = dh*h; dw = tmp*x`` may go wrong in either. Where ``tmp`` is nothing that the engine knows, and the
line would be right with something that it does know in its place, it is ``tmp`` that is wrong, and what it
should be is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.grading.derivation.few_points import Points
from backtrace_cli.grading.derivation.line_graphs import Known, Lines
from backtrace_cli.grading.derivation.steps import Step
from backtrace_cli.language.tree.syntax import Name
from backtrace_cli.readings.questions import KINDS, Numbers, Question, read

__all__ = ["Blame", "blamed", "quantities"]

#: What is used in place of the student's own name.
_OPEN = "its"


class Blame(NamedTuple):
    """A line that gives a name of the student's own, and what it was to be."""

    step: Step
    question: Question


def quantities(points: Points) -> dict[Question, list[Value]]:
    """Everything that the engine knows of a formula going back, at each point: gradients, messages, local
    derivatives, values, those that say most first.

    >>> from backtrace_cli.grading.statement import Statement
    >>> [question.key for question in quantities(Points(Statement("f = x^2", "x=3")))]
    ['x', 'f', 'f->x', 'f/x', 'x', 'f']
    """
    return dict(_quantities(points))


def _quantities(points: Points) -> Iterator[tuple[Question, list[Value]]]:
    graph = points.traces[0].graph
    sends: dict[int, list[int]] = {}
    for sent in points.traces[0].sent:
        sends.setdefault(sent.source, []).append(sent.target)
    boxes = [graph.name(node.index) for node in graph.nodes if not node.is_constant]
    kinds = [kind for kind in KINDS.values() if kind.blanks and kind.numeric and not kind.along_input]
    for kind in sorted(kinds, key=lambda kind: (not kind.is_sum, not kind.is_sent, kind.is_value)):
        on_edge = kind.on_edge
        asked = kind.every(graph, sends) if on_edge else [Question(kind.name, None, name) for name in boxes]
        for question in asked:
            try:
                values = [read(graph, question, Numbers(trace)) for trace in points.traces]
            except KeyError:
                continue
            if not any(value is None for value in values):
                yield question, values


def blamed(
    lines: Lines, points: Points, step: Step, right: list[Value], known: Known,
    everything: Mapping[Question, list[Value]], innocent: set[str],
) -> Blame | None:  # fmt: skip
    """The line behind ``step`` that is to blame for it, where that is plain.

    ``innocent`` are versions that go into lines that are right.
    """
    if step.value is None:
        return None
    graph = points.traces[0].graph
    start = graph.find(step.target)
    above = graph.leads_from({start}) if start is not None else [True] * len(graph)
    meaningful = {
        question: values for question, values in everything.items()
        if question.kind.is_value or above[graph.find(question.target) or 0]
    }  # fmt: skip
    for version in lines.reads(step.value, known):
        if version in known or version in innocent or version == step.version:
            continue
        own = lines.steps[version]
        try:
            mine = points.values(lines.graph(Name(version), known))
        except BacktraceError:
            mine = None
        if mine is not None and any(points.same(mine, values) for values in meaningful.values()):
            continue  # it is right as it stands
        for question, values in everything.items():
            if question.target != own.name and _mends(lines, points, step, version, values, right, known):
                return Blame(own, question)
    return None


def _mends(
    lines: Lines, points: Points, step: Step, version: str, values: list[Value], right: list[Value],
    known: Known,
) -> bool:  # fmt: skip
    """Is the line right with ``values`` in place of the student's ``version``?"""
    assert step.value is not None
    shapes = {_OPEN: shape_of(values[0])}
    try:
        graph = lines.graph(step.value, {**known, version: _OPEN}, shapes)
    except BacktraceError:
        return False
    return _OPEN in graph.inputs and points.same(points.values(graph, {_OPEN: values}), right)
