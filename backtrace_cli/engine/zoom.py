"""A matrix message opened: each entry as the sum over the source's entries that it is.

The message of an op is linear in the upstream gradient g, so sending the unit
gradients through it gives the Jacobian row by row. Sent through the very rule
of the op, over numbers and over the names of the entries, it gives both the
numbers and the formulas: nothing is derived a second time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backtrace_cli.engine.arrays import Arrays
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.entry_formulas import Formulas, Plain, Tree
from backtrace_cli.engine.events import Sent, Value
from backtrace_cli.engine.places import labels
from backtrace_cli.engine.readings import Expansion, Term
from backtrace_cli.engine.trace import Trace
from backtrace_cli.errors import BacktraceError, PointError, shorten
from backtrace_cli.formula.numerals import numeral
from backtrace_cli.formula.syntax import Expr, Number, number
from backtrace_cli.graph import Graph, Node

__all__ = ["expand"]

#: A Jacobian with more entries than this is not opened.
MOST_ENTRIES = 20_000
#: A formula of an entry has the slope as its value, give or take the rounding of single precision.
_ROUNDING = 1e-5


def expand(trace: Trace, name: str) -> list[Expansion]:
    """Every message to node ``name``, opened into its scalar sums.

    Raises PointError where there is no such node, no message to it, no point, or too much to show.

    >>> from backtrace_cli import trace
    >>> t = trace("y = W @ h; L = sum(y^2)", W=[[1, 2], [3, 4]], h=[1, 1])
    >>> [(entry, len(terms), total) for entry, terms, total in expand(t, "h")[0].entries]
    [('h[0]', 2, 48.0), ('h[1]', 2, 68.0)]
    """
    graph = trace.graph
    index = graph.find(name)
    if index is None:
        raise PointError(f"--expand names {shorten(name, 24)}, which is no node of the graph",
                         hint=_nodes(graph))  # fmt: skip
    if trace.symbolic:
        raise PointError("--expand shows numbers, which need a point", hint="add --at x=…")
    if trace.back is None:
        raise PointError("--expand opens messages, which forward mode has none of",
                         hint="leave --mode forward out")  # fmt: skip
    sent = [message for message in trace.sent if message.target == index]
    if not sent:
        raise PointError(f"no message is sent to {shorten(name, 24)}", hint="choose a node below the output")
    return [_opened(trace, message) for message in sent]


def _nodes(graph: Graph) -> str:
    """The nodes that messages go to, by name."""
    names = [graph.name(node.index) for node in graph.nodes if not node.is_constant][:-1]
    return f"its nodes: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}"


def _opened(trace: Trace, sent: Sent) -> Expansion:
    graph, source = trace.graph, trace.graph.nodes[sent.source]
    out = np.shape(trace.values[sent.source])
    target = np.shape(trace.values[sent.target])
    rows, columns = int(np.prod(out)), int(np.prod(target))
    if rows * columns > MOST_ENTRIES:
        raise PointError(
            f"the Jacobian of {graph.name(sent.source)} by {graph.name(sent.target)} has {rows:,}×"
            f"{columns:,} entries, which is too much to read", hint="choose smaller arrays",
        )  # fmt: skip
    numbers = _jacobian(Rules(graph, trace.values, Arrays()), source, sent, trace.values)
    formulas = _formulas(trace, source, sent, numbers)
    upstream = np.ravel(sent.upstream)
    entries = labels(graph.name(sent.source), out)
    opened = []
    for column, label in enumerate(labels(graph.name(sent.target), target)):
        terms = [
            Term(entries[row], float(upstream[row]), formulas[row][column], float(numbers[row][column]))
            for row in range(rows)
            if formulas[row][column] != Number("0")
        ]
        opened.append((label, terms, float(np.ravel(sent.contribution)[column])))
    jacobian = [
        [(formulas[row][column], float(numbers[row][column])) for column in range(columns)]
        for row in range(rows)
    ]
    return Expansion(graph.name(sent.source), graph.name(sent.target), opened, entries, jacobian)


def _jacobian(rules: Rules, source: Node, sent: Sent, values: list[Value]) -> list[Any]:
    """The message for each unit gradient of the source, flat."""
    shape = np.shape(values[sent.source])
    at = [*(values[arg] for arg in source.args), values[source.index]]
    rows = []
    for place in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[place] = 1.0
        _, contribution, _ = rules.message(source, sent.slot, unit, at)
        contribution, _ = rules.arithmetic.fit(np.asarray(contribution), values[sent.target])
        rows.append(np.ravel(contribution))
    return rows


def _formulas(trace: Trace, source: Node, sent: Sent, numbers: list[Any]) -> list[list[Expr]]:
    """The Jacobian over the entries' names; the number of an entry that the rule can't write so."""
    try:
        rules = _naming(trace, source)
        rows = _jacobian(rules, source, sent, rules.values)
    except (TypeError, AttributeError, ValueError, BacktraceError):
        rows = numbers
    return [
        [_checked(entry, float(slope)) for entry, slope in zip(*pair, strict=True)]
        for pair in zip(rows, numbers, strict=True)
    ]


def _checked(entry: Any, slope: float) -> Expr:
    """The formula of an entry if it has its slope; at a kink a number is taken instead."""
    if isinstance(entry, Tree) and abs(entry.value - slope) <= _ROUNDING * abs(slope):
        return entry.tree
    return number(numeral(slope, ascii=True))


def _naming(trace: Trace, source: Node) -> Plain:
    """The rules over the names of the entries that ``source`` reads, and of its own."""
    graph, arithmetic = trace.graph, Formulas()
    values: list[Value] = [None] * len(graph)
    picking = {arg for slot, arg in enumerate(source.args) if source.op and not source.op.sends(slot)}
    for index in {*source.args, source.index}:
        constant = graph.nodes[index].is_constant
        values[index] = arithmetic.named(graph.term(index), graph.name(index), trace.values[index], constant)
    for index in picking:  # which entries are meant is known by number
        values[index] = trace.values[index]
    return Plain(graph, values, arithmetic)
