"""A matrix message opened: each entry as the sum over the source's entries that it is.

The message of an op is linear in the upstream gradient g, so sending the unit
gradients through it gives the Jacobian row by row. Sent through the very rule
of the op, over numbers and over the names of the entries, it gives both the
numbers and the formulas: nothing is derived a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backtrace_cli.engine.arrays import Arrays
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.events import Sent, Value
from backtrace_cli.engine.places import labels
from backtrace_cli.engine.readings import Expansion, Term
from backtrace_cli.engine.trace import Trace
from backtrace_cli.errors import BacktraceError, PointError, shorten
from backtrace_cli.formula.numerals import numeral, shape_of
from backtrace_cli.formula.simplify import simplify
from backtrace_cli.formula.syntax import Call, Expr, Name, Number, number
from backtrace_cli.graph import Graph, Node
from backtrace_cli.ops import Op

__all__ = ["expand"]

#: A Jacobian with more entries than this is not opened.
MOST_ENTRIES = 20_000


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
    """The Jacobian over the entries' names; its numbers where the rule can't be written so."""
    graph = trace.graph
    try:
        if sent.kink >= 0:
            raise TypeError("what is taken at a kink is a number")
        values: list[Value] = [None] * len(graph)
        for index in {*source.args, source.index}:
            values[index] = _entries(graph, index, trace.values[index])
        rows = _jacobian(_Plain(graph, values, _Formulas()), source, sent, values)
        return [[_tree(entry) for entry in row] for row in rows]
    except (TypeError, AttributeError, ValueError, BacktraceError):
        return [[number(numeral(float(entry), ascii=True)) for entry in row] for row in numbers]


def _entries(graph: Graph, index: int, value: Value) -> Any:
    """The names of a node's entries, in its shape."""
    shape = shape_of(value)
    found = np.empty(shape, dtype=object)
    for label, place in zip(labels(graph.name(index), shape), np.ndindex(*shape), strict=True):
        constant = graph.nodes[index].is_constant
        found[place] = _Tree(
            number(numeral(float(value[place]), 17, ascii=True)) if constant else Name(label)
        )
    return found


class _Plain(Rules):
    """The rules without what is taken at a kink."""

    def at_kink(self, node: Node, slot: int, at: list[Value], value: Value) -> tuple[Value, int]:
        return value, -1


class _Tree:
    """A formula that adds and multiplies like a number, so that NumPy can sum and multiply it."""

    __slots__ = ("tree",)

    def __init__(self, tree: Expr) -> None:
        self.tree = tree

    def _with(self, func: str, left: Any, right: Any) -> _Tree:
        return _Tree(simplify(Call(func, (_tree(left), _tree(right)))))

    def __add__(self, other: Any) -> _Tree:
        return self._with("add", self, other)

    def __radd__(self, other: Any) -> _Tree:
        return self._with("add", other, self)

    def __sub__(self, other: Any) -> _Tree:
        return self._with("subtract", self, other)

    def __rsub__(self, other: Any) -> _Tree:
        return self._with("subtract", other, self)

    def __mul__(self, other: Any) -> _Tree:
        return self._with("multiply", self, other)

    def __rmul__(self, other: Any) -> _Tree:
        return self._with("multiply", other, self)

    def __truediv__(self, other: Any) -> _Tree:
        return self._with("divide", self, other)

    def __rtruediv__(self, other: Any) -> _Tree:
        return self._with("divide", other, self)

    def __neg__(self) -> _Tree:
        return _Tree(simplify(Call("negative", (self.tree,))))


def _tree(entry: Any) -> Expr:
    return entry.tree if isinstance(entry, _Tree) else number(numeral(float(entry), 17, ascii=True))


class _Formulas(Arrays):
    """Arrays of formulas, one for each entry."""

    stable = False

    def literal(self, text: str) -> Value:
        return _Tree(Number(text) if text[0].isdigit() else Name(text))

    def function(self, op: Op) -> Callable[..., Value]:
        if op.mixes:
            found: Any = getattr(np, op.numpy) if isinstance(op.numpy, str) else op.numpy
            return found  # type: ignore[no-any-return]
        if set(op.partials) == {"0"}:  # a comparison or a constant: a number, not a formula of the entries
            if op.name not in _CONSTANT:
                raise TypeError(f"{op.name} of formulas is no formula")
            return _CONSTANT[op.name]
        return np.frompyfunc(_Written(op), op.arity, 1)

    def times(self, upstream: Value, local: Value) -> Value:
        return np.multiply(upstream, local)


class _Written:
    """An elementwise op that writes itself down."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __call__(self, *args: Any) -> _Tree:
        return _Tree(simplify(Call(self.op.name, tuple(_tree(arg) for arg in args))))


def _ones(a: Any) -> Any:
    return np.ones(np.shape(a))


def _zeros(a: Any) -> Any:
    return np.zeros(np.shape(a))


_CONSTANT: dict[str, Callable[..., Value]] = {"ones_like": _ones, "zeros_like": _zeros}
