"""One entry of a large array opened: the column of the Jacobian that a step of this entry makes.

A unit tangent at the entry, through the rule of the op, moves just those entries of the source that
read it. So the sum over them is found without a Jacobian of millions of entries.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Node
from backtrace_cli.language.tree.syntax import Name, Number
from backtrace_cli.readings.entry_names import entry
from backtrace_cli.readings.opened.entry_formulas import Formulas, Plain, Tree, checked, naming
from backtrace_cli.readings.opened.terms import Expansion, Term

__all__ = ["opened_entry"]

#: An op of more multiply-adds, or over more entries, is not run over formulas; its slopes are numbers then.
_MOST_COST, _MOST_NAMES = 3_000_000, 300_000

_Place = tuple[int, ...]


def opened_entry(trace: Trace, sent: Sent, place: _Place) -> Expansion:
    """The message to one entry of its target: the terms of its sum, and no Jacobian beside them.

    >>> from backtrace_cli import trace
    >>> t = trace("y = W @ h; L = sum(y^2)", W=[[1, 2], [3, 4]], h=[1, 1])
    >>> [term.slope for term in opened_entry(t, t.sent[-1], (1,)).entries[0][1]]
    [2.0, 4.0]
    """
    graph, source = trace.graph, trace.graph.nodes[sent.source]
    assert source.op is not None
    unit = np.zeros(np.shape(trace.values[sent.target]))
    unit[place] = 1.0
    column = _mixed(trace, source, sent, unit) if source.op.mixes else _elementwise(trace, source, sent, unit)
    upstream = np.broadcast_to(sent.upstream, np.shape(trace.values[sent.source]))
    terms = []
    for at, formula, slope in column:
        local = checked(formula, slope)
        if local != Number("0"):
            terms.append(Term(entry(graph.name(sent.source), at), float(upstream[at]), local, slope))
    total = float(np.asarray(sent.contribution)[place])
    return Expansion(graph.name(sent.source), graph.name(sent.target),
                     [(entry(graph.name(sent.target), place), terms, total)], [], [])  # fmt: skip


def _places(where: Any) -> list[_Place]:
    return [tuple(int(i) for i in one) for one in np.argwhere(where)]


def _elementwise(trace: Trace, source: Node, sent: Sent, unit: Any) -> Iterable[tuple[_Place, Any, float]]:
    """The entries of the source that read the moved one, and their formulas, at those places alone."""
    out = np.shape(trace.values[source.index])
    places = _places(np.broadcast_to(unit, out) != 0)
    slopes = np.broadcast_to(sent.local, out)
    arithmetic = Formulas()
    at = [_named_at(trace, arg, places) for arg in (*source.args, source.index)]
    try:
        formulas, _ = Plain(trace.graph, [], arithmetic).local(source, sent.slot, at)
    except (TypeError, AttributeError, ValueError, BacktraceError):
        formulas = None
    formulas = np.broadcast_to(np.asarray(formulas, dtype=object), (len(places),))
    return [(one, formulas[row], float(slopes[one])) for row, one in enumerate(places)]


def _named_at(trace: Trace, index: int, places: Sequence[_Place]) -> Any:
    """The entries of a node that stand at ``places`` of what it is broadcast to."""
    value, node = np.asarray(trace.values[index], dtype=float), trace.graph.nodes[index]
    found = np.empty(len(places), dtype=object)
    for row, place in enumerate(places):
        own = place[len(place) - value.ndim :]
        own = tuple(0 if size == 1 else i for i, size in zip(own, value.shape, strict=True))
        number = float(value[own])
        found[row] = number if node.is_constant else Tree(Name(entry(trace.graph.name(index), own)), number)
    return found


def _mixed(trace: Trace, source: Node, sent: Sent, unit: Any) -> Iterable[tuple[_Place, Any, float]]:
    """The tangent of the source along the moved entry: its entries that are not 0 throughout."""
    at = [*(trace.values[arg] for arg in source.args), trace.values[source.index]]
    _, moved, _ = Rules(trace.graph, trace.values, Arrays()).tangent(source, sent.slot, unit, at)
    shape = np.shape(trace.values[source.index])
    slopes = np.broadcast_to(np.asarray(moved, dtype=float), shape)
    formulas: Any = None
    if _readable(trace, source):
        try:
            rules = naming(trace, source)
            at = [*(rules.values[arg] for arg in source.args), rules.values[source.index]]
            _, formulas, _ = rules.tangent(source, sent.slot, unit, at)
        except (TypeError, AttributeError, ValueError, BacktraceError):
            formulas = None
    formulas = np.broadcast_to(np.asarray(formulas, dtype=object), shape)
    meant = np.frompyfunc(_is_tree, 1, 1)(formulas).astype(bool) | (slopes != 0)
    return [(one, formulas[one], float(slopes[one])) for one in _places(meant)]


def _is_tree(formula: Any) -> bool:
    return isinstance(formula, Tree)


def _readable(trace: Trace, source: Node) -> bool:
    """Is the op small enough to be run over formulas?"""
    assert source.op is not None
    shapes = [np.shape(trace.values[index]) for index in (source.index, *source.args)]
    names = sum(math.prod(shape) for shape in shapes)
    cost = source.op.cost(*shapes) if source.op.cost is not None else names
    return names <= _MOST_NAMES and cost <= _MOST_COST
