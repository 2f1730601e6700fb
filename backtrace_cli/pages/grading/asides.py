"""What stands beside an answer: its line, that it was carried forward, or how a right sum comes about."""

from __future__ import annotations

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.judging.verdict import RIGHT, Checked, Result
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.cells import arrows
from backtrace_cli.readings.questions import Question

__all__ = ["aside_of", "paths_of"]

#: Messages of more boxes than this are not listed.
_MOST_PATHS = 4


def aside_of(result: Result, found: Checked) -> str:
    """The words beside one answer. How a sum comes about is told when everything is right, and not before:
    its terms may be asked for, too."""
    if found.carried:
        return "carried forward"
    if found.verdict == RIGHT:
        whole = result.finished and not result.exercise.lines
        return paths_of(result.exercise.statement.trace, found.answer.question) if whole else ""
    return f"line {found.answer.line}" if found.answer.line else ""


def paths_of(trace: Trace, question: Question) -> str:
    """``both paths: 3 + 5`` for the gradient of a node that several boxes read; else nothing.

    >>> from backtrace_cli import trace
    >>> paths_of(trace("a = x^2; b = 3*x; f = a + b", x=1), Question("gradient", None, "x"))
    'both paths: 3 + 2'
    """
    if not question.kind.is_sum:
        return ""
    name = trace.graph.name
    into = [arrow for arrow in arrows(trace) if name(arrow.target) == question.target]
    if not 1 < len(into) <= _MOST_PATHS or shape_of(trace.values[into[0].target]):
        return ""
    wording = Wording()
    first, *rest = [wording.number(sum(sent.contribution for sent in arrow.sents)) for arrow in into]
    terms = " + ".join((first, *(f"({one})" if one.startswith(wording.minus) else one for one in rest)))
    return f"{'both' if len(into) == 2 else f'all {len(into)}'} paths: {terms}"
