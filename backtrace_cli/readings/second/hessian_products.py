"""Products with derivatives, of which no matrix is made: v times the Hessian, by two walks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.events import Note
from backtrace_cli.engine.forward_mode import tangents
from backtrace_cli.engine.trace import Trace
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.second.sweeps import Part, Sweeps, apart

__all__ = ["AGREE", "HessianProduct", "directed", "hessian_product"]

#: Two walks agree up to the rounding of either.
AGREE = 1e-9


class HessianProduct(NamedTuple):
    """The Hessian times a direction."""

    direction: Mapping[str, Value]
    value: Mapping[str, Value]
    """Per variable: how its partial derivative moves along the direction."""
    back: Trace
    """The walk back from Σ v·∂f/∂x."""
    forth: Mapping[str, Value]
    """The same by forward mode through the graph of the gradient."""
    gap: float
    notes: Sequence[Note]

    @property
    def agrees(self) -> bool:
        """Do both walks agree?"""
        return self.gap <= AGREE


def directed(trace: Trace, direction: Mapping[str, Value], option: str) -> dict[str, Value]:
    """A direction over all wanted variables: 0 where it names none, one number for all entries.

    Raises PointError for a name that is not one of them, or a shape that doesn't fit.
    """
    arithmetic = trace.arithmetic
    for name, value in direction.items():
        if name not in trace.wrt:
            raise PointError(
                f"{option} names {shorten(name, 24)}, which is no variable here",
                hint=f"the variables: {', '.join(trace.wrt)}" if trace.wrt else None,
            )
        shape = shape_of(trace.at[name])
        if shape_of(value) not in ((), shape):
            raise PointError(
                f"the direction of {name} has shape {sides(shape_of(value))}, and {name} has {sides(shape)}",
                hint="it has the shape of the variable, or is one number",
            )
    found = {}
    for name in trace.wrt:
        value = direction.get(name, arithmetic.zero)
        found[name] = arithmetic.empty(trace.at[name]) + arithmetic.own(value)
    return found


def hessian_product(trace: Trace, direction: Mapping[str, Value]) -> HessianProduct:
    """The Hessian of a trace times ``direction``, a value for each of its variables.

    Raises PointError where there is no point.

    >>> from backtrace_cli import trace
    >>> found = hessian_product(trace("x^2*y", x=3, y=2), {"x": 1.0, "y": 0.0})
    >>> found.value, found.agrees
    ({'x': 4.0, 'y': 6.0}, True)
    """
    if trace.symbolic:
        raise PointError("a direction is taken from a point", hint="add --at x=…")
    sweeps = Sweeps(trace)
    back = sweeps.along(direction)
    forth = {name: _moved(sweeps.row(Part(name)), trace, name, direction) for name in trace.wrt}
    value = {name: back.gradient_of(name) for name in trace.wrt}
    notes = {note.message: note for note in (*sweeps.notes(), *back.notes)}
    return HessianProduct(direction, value, back, forth, apart(value, forth), list(notes.values()))


def _moved(row: Trace, trace: Trace, name: str, direction: Mapping[str, Value]) -> Value:
    """How ∂f/∂name moves along the direction, by forward mode."""
    graph, arithmetic = row.graph, row.arithmetic
    seed = {graph.inputs[each]: value for each, value in direction.items()}
    _, found = tangents(graph, row.values, arithmetic, seed)
    return arithmetic.full(found[graph.output], trace.at[name])
