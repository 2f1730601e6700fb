"""Which line is the one that gives a gradient, where a name is given several times.

``dx`` may be added to, may be masked in place and then hold another gradient, may be used for something
else again: the version that equals the gradient is the one that is meant. Where none does, it is the last
one of a sum, or the one with which, had it been right, what follows would have been.
"""

from __future__ import annotations

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.grading.derivation.few_points import Points
from backtrace_cli.grading.derivation.line_graphs import Lines
from backtrace_cli.grading.derivation.steps import Derivation, Step, question_of
from backtrace_cli.language.tree.syntax import Name
from backtrace_cli.readings.questions import Numbers, Question, read

__all__ = ["meant"]


def meant(lines: Lines, points: Points, derivation: Derivation) -> dict[str, str]:
    """The version that is meant for each gradient and value, with what it stands for: ``dh'1`` → ``dh``.

    >>> from backtrace_cli.grading.derivation.steps import read_derivation
    >>> from backtrace_cli.grading.statement import Statement
    >>> statement = Statement("z = w*x; h = relu(z); L = (h - 7)^2", "w=2,x=3")
    >>> found = read_derivation(statement, "dh = 2*(h - 7)\\ndh[z <= 0] = 0\\ndw = dh*x")
    >>> sorted(meant(Lines(statement, found), Points(statement), found))
    ["dh'1", "dw'1"]
    """
    groups: dict[str, list[Step]] = {}
    for step in derivation.steps:
        if question_of(step) is not None and step.value is not None:
            groups.setdefault(step.name, []).append(step)
    known = {steps[-1].version: name for name, steps in groups.items()}
    for name, steps in groups.items():
        if len(steps) > 1:
            others = {version: other for version, other in known.items() if other != name}
            chosen = _chosen(lines, points, steps, others)
            known = {**others, chosen.version: name}
    return known


def _chosen(lines: Lines, points: Points, steps: list[Step], others: dict[str, str]) -> Step:
    question = question_of(steps[-1])
    assert question is not None
    right = [read(trace.graph, question, Numbers(trace)) for trace in points.traces]
    for step in reversed(steps):
        if points.same(_values(lines, points, step, others), right):
            return step
    if all(step.sign == "+" or step.zero for step in steps[1:]):
        return steps[-1]
    for step in steps[:-1]:  # had this one been right, is the last one another gradient?
        if step.zero:
            continue
        found = _values(lines, points, steps[-1], {**others, step.version: step.name})
        if any(points.same(found, other) for other in _gradients(points, question)):
            return step
    return steps[-1]


def _values(lines: Lines, points: Points, step: Step, known: dict[str, str]) -> list[Value] | None:
    try:
        return points.values(lines.graph(Name(step.version), known))
    except BacktraceError:
        return None


def _gradients(points: Points, question: Question) -> list[list[Value]]:
    """The gradients of all other boxes."""
    graph = points.traces[0].graph
    names = [graph.name(node.index) for node in graph.nodes if not node.is_constant]
    return [[trace.gradient_of(name) for trace in points.traces] for name in names if name != question.target]
