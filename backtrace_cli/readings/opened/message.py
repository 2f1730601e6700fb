"""A matrix message opened: each entry as the sum over the source's entries that it is.

The message of an op is linear in the upstream gradient g, so sending the unit
gradients through it gives the Jacobian row by row. Sent through the very rule
of the op, over numbers and over the names of the entries, it gives both the
numbers and the formulas: nothing is derived a second time.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.plain_values import Value, as_float
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.syntax import Expr, Number
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.entry_names import entry, labels
from backtrace_cli.readings.opened.entry_formulas import checked, naming
from backtrace_cli.readings.opened.terms import Expansion, Term

__all__ = ["expand"]

#: A Jacobian with more entries than this is not opened.
MOST_ENTRIES = 20_000
#: ``W[1,2]``, one entry of a node.
_ENTRY = re.compile(r"(.+?)\s*\[\s*(-?\d{1,9}(?:\s*,\s*-?\d{1,9})*)\s*\]")


def expand(trace: Trace, name: str) -> list[Expansion]:
    """Every message to node ``name``, or to one entry of it (``W[1,2]``), opened into its scalar sums.

    Raises PointError where there is no such node or entry, no message to it, no point, or too much to show.

    >>> from backtrace_cli import trace
    >>> t = trace("y = W @ h; L = sum(y^2)", W=[[1, 2], [3, 4]], h=[1, 1])
    >>> [(entry, len(terms), total) for entry, terms, total in expand(t, "h")[0].entries]
    [('h[0]', 2, 48.0), ('h[1]', 2, 68.0)]
    """
    graph = trace.graph
    found = _ENTRY.fullmatch(name.strip())
    index = graph.find(found[1] if found else name)
    if index is None:
        raise PointError(f"--expand names {shorten(name, 24)}, which is no node of the graph",
                         hint=_nodes(graph))  # fmt: skip
    if trace.symbolic:
        raise PointError("--expand shows numbers, which need a point", hint="add --at x=…")
    if trace.back is None:
        raise PointError("--expand opens messages, which forward mode has none of",
                         hint="leave --mode forward out")  # fmt: skip
    if trace.arithmetic.exact:
        trace = _in_floats(trace)
    sent = [message for message in trace.sent if message.target == index]
    if not sent:
        raise PointError(f"no message is sent to {shorten(name, 24)}", hint="choose a node below the output")
    if found is None:
        return [_opened(trace, message) for message in sent]
    place = _place(found[1], found[2], np.shape(trace.values[index]))
    return [_at(trace, message, place) for message in sent]


def _in_floats(trace: Trace) -> Trace:
    """The run again over floats: a Jacobian is worked out over arrays, which hold no fractions."""
    graph, floats = trace.graph, Floats()
    at = {name: as_float(value) for name, value in trace.at.items()}
    values, _ = forward(graph, {graph.inputs[name]: value for name, value in at.items()}, floats)
    wanted = {graph.inputs[name] for name in trace.wrt}
    return Trace(graph, at, floats, values, backward(graph, values, floats, wanted), trace.wrt)


def _place(name: str, text: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The entry that ``name[text]`` names."""
    place = tuple(int(part) for part in text.split(","))
    shown = f"{shorten(name, 24)}[{text}]"
    if len(place) != len(shape):
        own = entry(name, tuple(0 for _ in shape))
        raise PointError(f"--expand names {shown}, and {shorten(name, 24)} has shape {sides(shape)}",
                         hint=f"write --expand {own!r}" if shape else f"write --expand {own}")  # fmt: skip
    if any(not -size <= part < size for part, size in zip(place, shape, strict=True)):
        last = entry(name, tuple(size - 1 for size in shape))
        raise PointError(f"--expand names {shown}, which {name} of shape {sides(shape)} does not have",
                         hint=f"its last entry is {last}" if 0 not in shape else "it is empty")  # fmt: skip
    return tuple(part % size for part, size in zip(place, shape, strict=True))


def _at(trace: Trace, sent: Sent, place: tuple[int, ...]) -> Expansion:
    """One entry of one message."""
    shape = np.shape(trace.values[sent.target])
    if np.size(trace.values[sent.source]) * math.prod(shape) > MOST_ENTRIES:
        from backtrace_cli.readings.opened.entry import opened_entry

        return opened_entry(trace, sent, place)
    whole = _opened(trace, sent)
    column = int(np.ravel_multi_index(place, shape))
    return whole._replace(entries=[whole.entries[column]], jacobian=[[row[column]] for row in whole.jacobian])


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
            f"{columns:,} entries, which is too much to read",
            hint=f"open one entry: --expand {entry(graph.name(sent.target), (0,) * len(target))!r}",
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
        rules = naming(trace, source)
        rows = _jacobian(rules, source, sent, rules.values)
    except (TypeError, AttributeError, ValueError, BacktraceError):
        rows = numbers
    return [
        [checked(entry, float(slope)) for entry, slope in zip(*pair, strict=True)]
        for pair in zip(rows, numbers, strict=True)
    ]
