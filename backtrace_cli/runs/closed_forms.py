"""The closed forms of a trace: over numbers, or over arrays of the trace's shapes."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.assumptions import assumption, read_assumptions
from backtrace_cli.readings.closed.written_chain import ClosedForm
from backtrace_cli.runs.given_shapes import fit_named, guessed_shapes

__all__ = ["closed_forms", "has_arrays"]


def closed_forms(trace: Trace, assume: Sequence[str] = ()) -> list[ClosedForm]:
    """The closed form of each of the trace's partials; ``assume`` says what may be taken for granted.

    Where the trace knows no shapes they are guessed. Raises PointError where they can't be, and for
    an assumption that can't be read or made.

    >>> from backtrace_cli import trace
    >>> from backtrace_cli.language.tree.text import to_text
    >>> [to_text(form.result) for form in closed_forms(trace("x^2*y"))]
    ['2·x·y', 'x²']
    >>> [to_text(form.result) for form in closed_forms(trace("x @ A @ x"), ["A = symmetric"])][0]
    '2·A @ x'
    """
    graph = trace.graph
    known = {name: assumption(text) for name, text in read_assumptions(assume).items()}
    for name in known:
        if name not in graph.inputs:
            raise PointError(f"--assume names {shorten(name, 24)}, which is not a variable of the formula",
                             hint=f"the variables: {', '.join(graph.inputs)}")  # fmt: skip
    if not has_arrays(graph) and not any(shape_of(value) for value in trace.at.values()):
        from backtrace_cli.readings.closed.closed_form import closed_form

        return [closed_form(graph, name) for name in trace.wrt]
    from backtrace_cli.readings.closed.matrix.array_form import array_form

    if graph.shapes is None:
        graph = fit_named(graph, guessed_shapes(trace.formula))
    for name, one in known.items():
        axes = len((graph.shapes or ())[graph.inputs[name]])
        if axes < one.least_axes:
            needs = {1: "a vector or a matrix", 2: "a matrix"}[one.least_axes]
            raise PointError(f"{one.name} is said of {needs}, and {name} is none", hint="leave it out")
    return [array_form(graph, name, known, trace.at) for name in trace.wrt]


def has_arrays(graph: Graph) -> bool:
    """Does the formula itself say that there are arrays?"""
    return graph.mixes or graph.lists or any(graph.shapes or ())
