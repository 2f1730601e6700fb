"""The Jacobian of an output with several entries: by rows or by columns, whichever are fewer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.forward_mode import tangents
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.syntax import Expr, size
from backtrace_cli.readings.entry_names import labels
from backtrace_cli.readings.second.sweeps import Part, parts_of

__all__ = ["Jacobian", "jacobian"]

#: A Jacobian has at most so many rows or columns, a pass each.
MOST_PASSES = 1000
#: So many entries are written as formulas, none of which has more parts than this.
_MOST_WRITTEN, _MOST_PARTS = 400, 40


class Jacobian(NamedTuple):
    """∂yᵢ/∂xⱼ for every entry of the output and of the variables."""

    output: str
    rows: Sequence[str]
    """The entries of the output."""
    columns: Sequence[Part]
    """The entries of the variables."""
    entries: Sequence[Sequence[float]]
    formulas: Sequence[Sequence[Expr | None]]
    by_rows: bool
    """Was it made by reverse mode, a row a pass? Else by forward mode, a column a pass."""
    passes: int
    shape: tuple[int, ...]
    """The output's shape."""

    def block(self, name: str) -> Value:
        """∂output/∂name, an array of both shapes together; a number of two numbers."""
        import numpy as np

        places = [place for place, part in enumerate(self.columns) if part.variable == name]
        last = self.columns[places[-1]].place if places else ()
        found = np.array([[row[place] for place in places] for row in self.entries])
        shape = self.shape + tuple(place + 1 for place in last)
        return found.reshape(shape) if shape else float(found[0][0])


def jacobian(trace: Trace, by_rows: bool | None = None) -> Jacobian:
    """The Jacobian of a trace at its point, ``by_rows`` or by columns (None: whichever are fewer).

    Raises PointError where there is no point, or where it takes too many passes.

    >>> from backtrace_cli import trace
    >>> found = jacobian(trace("[x*y, x + y]", x=3, y=2))
    >>> found.entries, found.by_rows, found.passes
    ([[2.0, 3.0], [1.0, 1.0]], True, 2)
    """
    if trace.symbolic:
        raise PointError("a Jacobian has as many rows as the output has entries, which the point says",
                         hint="add --at x=…")  # fmt: skip
    parts = [part for name in trace.wrt for part in parts_of(trace, name)]
    shape = shape_of(trace.value)
    rows = labels(trace.output, shape)
    by_rows = len(rows) <= len(parts) if by_rows is None else by_rows
    passes = len(rows) if by_rows else len(parts)
    if passes > MOST_PASSES:
        raise PointError(
            f"the Jacobian has {len(rows):,} rows and {len(parts):,} columns, a pass each",
            hint="choose variables by --wrt, or send one message back by --upstream",
        )
    entries = _by_rows(trace, parts, shape) if by_rows else _by_columns(trace, parts)
    return Jacobian(
        trace.output, rows, parts, entries, _formulas(trace, parts, entries), by_rows, passes, shape
    )


def _by_rows(trace: Trace, parts: Sequence[Part], shape: tuple[int, ...]) -> list[list[float]]:
    """A pass back for each entry of the output, from 1 there and 0 at the others."""
    return [
        [float(_at(found, part)) for part in parts]
        for found in _sent_back(trace, Rules(trace.graph, trace.values, trace.arithmetic), shape)
    ]


def _sent_back(trace: Trace, rules: Rules, shape: tuple[int, ...]) -> Any:
    graph, arithmetic = trace.graph, trace.arithmetic
    wanted = {graph.inputs[name] for name in trace.wrt}
    for unit in _units(shape):
        seed = arithmetic.one if unit is None else arithmetic.own(unit)
        back = backward(graph, rules.values, rules.arithmetic, wanted, rules, seed=seed)
        yield {name: back.gradients[graph.inputs[name]] for name in trace.wrt}


def _units(shape: tuple[int, ...]) -> Any:
    if not shape:
        yield None
        return
    import numpy as np

    for place in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[place] = 1.0
        yield unit


def _at(found: dict[str, Value], part: Part) -> Any:
    value = found[part.variable]
    if value is None:
        return 0.0
    return value[part.place] if part.place else value


def _by_columns(trace: Trace, parts: Sequence[Part]) -> list[list[float]]:
    """A pass forward for each entry of the variables, of which that one alone moves."""
    graph, arithmetic, columns = trace.graph, trace.arithmetic, []
    for part in parts:
        index = graph.inputs[part.variable]
        seed: Value = arithmetic.one
        if part.place:
            seed = arithmetic.empty(trace.values[index])
            seed[part.place] = 1.0
        _, found = tangents(graph, trace.values, arithmetic, {index: seed}, alone=True)
        moved = arithmetic.full(found[graph.output], trace.value)
        columns.append([float(one) for one in moved.ravel()] if shape_of(moved) else [float(moved)])
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def _formulas(trace: Trace, parts: Sequence[Part], entries: list[list[float]]) -> list[list[Expr | None]]:
    """The entries as formulas over the entries' names: the same rules, run over those."""
    none: list[list[Expr | None]] = [[None] * len(parts) for _ in entries]
    if not entries or len(parts) * len(entries) > _MOST_WRITTEN or trace.arithmetic.exact:
        return none
    from backtrace_cli.readings.opened.entry_formulas import checked, naming_all

    try:
        found = list(_sent_back(trace, naming_all(trace), shape_of(trace.value)))
    except (TypeError, AttributeError, ValueError, BacktraceError):
        return none
    written = []
    for row, numbers in zip(found, entries, strict=True):
        trees = [checked(_at(row, part), slope) for part, slope in zip(parts, numbers, strict=True)]
        written.append([tree if size(tree, _MOST_PARTS) <= _MOST_PARTS else None for tree in trees])
    return written if math.prod(map(len, written)) else none
