"""The Hessian: a row from each second sweep, every entry by two routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.events import Note
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.simplify import simplify, substitute
from backtrace_cli.language.tree.syntax import Expr, names_in, size
from backtrace_cli.ops import CONSTANTS
from backtrace_cli.readings.second.sweeps import Part, Sweeps, apart, parts_of

__all__ = ["MOST_ROWS", "Hessian", "Route", "Second", "hessian", "second"]

#: A Hessian has at most so many rows; for more there are products with it.
MOST_ROWS = 1000
#: A longer formula of an entry is left out.
_MOST_PARTS = 60
#: Two routes agree up to the rounding of either.
_AGREE = 1e-9


class Route(NamedTuple):
    """One sweep: the row of a part, with its trace."""

    part: Part
    trace: Trace


class Hessian(NamedTuple):
    """All second derivatives of a trace's output."""

    names: tuple[str, ...]
    parts: Sequence[Part]
    """What its rows and columns stand for."""
    entries: Sequence[Sequence[Value]]
    formulas: Sequence[Sequence[Expr | None]]
    """The same as formulas, where the graph is one of numbers and they are short."""
    routes: Sequence[Route]
    gap: float
    """How far apart ∂²f/∂x∂y and ∂²f/∂y∂x are, on the scale of the largest entry."""
    notes: Sequence[Note]

    @property
    def agrees(self) -> bool:
        """Do both routes to every entry agree?"""
        return self.gap <= _AGREE

    def block(self, row: str, column: str) -> Value:
        """∂²f/∂row∂column: a number, or an array of the shape of both variables together."""
        rows = [place for place, part in enumerate(self.parts) if part.variable == row]
        columns = [place for place, part in enumerate(self.parts) if part.variable == column]
        if len(rows) == len(columns) == 1 and not (self.parts[rows[0]].place or self.parts[columns[0]].place):
            return self.entries[rows[0]][columns[0]]
        import numpy as np

        shapes = [_shape(self.parts[group[-1]]) for group in (rows, columns)]
        found = np.array([[float(self.entries[i][j]) for j in columns] for i in rows])
        return found.reshape(shapes[0] + shapes[1])


def _shape(last: Part) -> tuple[int, ...]:
    return tuple(place + 1 for place in last.place)


def hessian(trace: Trace) -> Hessian:
    """The Hessian of a trace with respect to its variables; a row a sweep.

    Raises PointError where there are too many rows, or no point for arrays.

    >>> from backtrace_cli import trace
    >>> found = hessian(trace("x^2*y", x=3, y=2))
    >>> found.entries, found.agrees
    ([[4.0, 6.0], [6.0, 0.0]], True)
    """
    parts = [part for name in trace.wrt for part in parts_of(trace, name)]
    if len(parts) > MOST_ROWS:
        raise PointError(
            f"the Hessian has {len(parts):,} rows, a sweep each",
            hint="choose variables by --wrt, one entry by --second, or a product by --hvp",
        )
    sweeps = Sweeps(trace)
    routes = [Route(part, sweeps.row(part)) for part in parts]
    entries = [[_entry(route.trace, part) for part in parts] for route in routes]
    notes = [*sweeps.notes(), *(note for route in routes for note in route.trace.notes)]
    formulas = [
        [_holding(trace, *pair) for pair in zip(*row, strict=True)]
        for row in zip(_formulas(trace, parts), entries, strict=True)
    ]
    return Hessian(trace.wrt, parts, entries, formulas, routes, _gap(trace, entries), _once(notes))


class Second(NamedTuple):
    """One entry of the Hessian, by its two routes."""

    row: Part
    column: Part
    value: Value
    formula: Expr | None
    routes: Sequence[Route]
    gap: float
    notes: Sequence[Note]

    @property
    def agrees(self) -> bool:
        """Do both routes agree?"""
        return self.gap <= _AGREE


def second(trace: Trace, row: Part, column: Part) -> Second:
    """∂²f/∂row∂column, from the sweep of either.

    >>> from backtrace_cli import trace
    >>> from backtrace_cli.language.tree.text import to_text
    >>> found = second(trace("x^2*y", x=3, y=2), Part("x"), Part("y"))
    >>> found.value, to_text(found.formula), found.agrees
    (6.0, '2·x', True)
    """
    sweeps = Sweeps(trace)
    routes = [Route(part, sweeps.row(part)) for part in dict.fromkeys((row, column))]
    values = [_entry(routes[0].trace, column), _entry(routes[-1].trace, row)]
    gap = 0.0 if trace.symbolic else apart({"": values[0]}, {"": values[1]})
    notes = [*sweeps.notes(), *(note for route in routes for note in route.trace.notes)]
    formula = _holding(trace, _formula(_symbolic(trace), row, column), values[0])
    return Second(row, column, values[0], formula, routes, gap, _once(notes))


def _once(notes: Sequence[Note]) -> list[Note]:
    return list({note.message: note for note in notes}.values())


def _entry(row: Trace, column: Part) -> Value:
    found = row.gradient_of(column.variable)
    return found[column.place] if column.place else found


def _gap(trace: Trace, entries: list[list[Value]]) -> float:
    """How far the matrix is from its transpose; of formulas nothing can be said."""
    if trace.symbolic:
        return 0.0
    flat = {f"{i},{j}": value for i, row in enumerate(entries) for j, value in enumerate(row)}
    turned = {f"{i},{j}": entries[j][i] for i in range(len(entries)) for j in range(len(entries))}
    return apart(flat, turned)


def _symbolic(trace: Trace) -> Sweeps | None:
    """The sweeps of the formula without its point, where it is one over numbers."""
    if trace.symbolic:
        return Sweeps(trace)
    if trace.graph.mixes or trace.graph.lists or trace.arithmetic.arrays:
        return None
    from backtrace_cli.engine.arithmetics.symbols import Symbols
    from backtrace_cli.engine.symbolic import expanded

    graph = trace.graph
    return Sweeps(Trace(graph, {}, Symbols(), list(expanded(graph)), None, trace.wrt))


def _formulas(trace: Trace, parts: Sequence[Part]) -> list[list[Expr | None]]:
    sweeps = _symbolic(trace) if len(parts) <= 12 else None
    if sweeps is None:
        return [[None] * len(parts) for _ in parts]
    rows = [sweeps.row(part) for part in parts]
    return [[_short(row, _entry(row, part)) for part in parts] for row in rows]


def _formula(sweeps: Sweeps | None, row: Part, column: Part) -> Expr | None:
    if sweeps is None:
        return None
    found = sweeps.row(row)
    return _short(found, _entry(found, column))


def _short(row: Trace, tree: Expr) -> Expr | None:
    """The formula over the variables, where that is short enough to be read."""
    graph = row.graph
    names = {graph.name(index): row.values[index] for index in graph.steps}
    if size(tree, _MOST_PARTS) > _MOST_PARTS or any(" " in name or "∂" in name for name in names_in(tree)):
        return None
    tidy = simplify(substitute(tree, names))
    known = graph.inputs.keys() | CONSTANTS.keys()
    return tidy if size(tidy, _MOST_PARTS) <= _MOST_PARTS and names_in(tidy) <= known else None


def _holding(trace: Trace, tree: Expr | None, value: Value) -> Expr | None:
    """The formula, if it has this value: at a kink a number is taken instead."""
    if trace.symbolic or tree is None:
        return tree
    from backtrace_cli.engine.arithmetics.base import Floats

    floats, names = Floats(), tuple(trace.at)
    found = floats.run(floats.compile(tree, names), [float(trace.at[name]) for name in names])
    same = abs(found - float(value)) <= _AGREE * max(abs(found), abs(float(value)), 1.0)
    return tree if same else None
