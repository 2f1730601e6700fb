"""The chain rule with its functions left open: ``z(x(u,v), y(u,v))``, no formula and no numbers."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.symbols import Symbols
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.symbolic import MOST_PARTS, SymbolicRules
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tokens.lexer import tokenize
from backtrace_cli.language.tree.syntax import Call, Name, Number
from backtrace_cli.ops import Op

__all__ = ["MOST_PATHS", "Chain", "chain"]

#: More paths than this are counted, not listed.
MOST_PATHS = 64


class Chain(NamedTuple):
    """The open functions' trace, and the paths from the output to each variable."""

    trace: Trace
    paths: dict[str, list[tuple[str, ...]]]
    """Per variable, each path as its factors, the output's first; at most MOST_PATHS of them."""
    counts: dict[str, int]
    """Per variable, how many paths there are."""

    def left(self, variable: str) -> str:
        """What the sum is: ∂z/∂u; dz/dx where the output reads x itself too, as ∂z/∂x is one of its terms.

        >>> chain("f(g(x), x)").left("x")
        'df/dx'
        """
        output = self.trace.output
        direct = f"∂{output}/∂{variable}"
        clash = self.counts[variable] > 1 and any(path == (direct,) for path in self.paths[variable])
        return f"d{output}/d{variable}" if clash else direct

    def sum(self, variable: str, dot: str = "·") -> str:
        """The sum over paths as text: ``∂z/∂x·∂x/∂u + ∂z/∂y·∂y/∂u``."""
        listed = " + ".join(dot.join(path) for path in self.paths[variable])
        more = self.counts[variable] - len(self.paths[variable])
        return listed + (f" + {more:,} more paths" if more else "")


def chain(source: str) -> Chain:
    """The chain rule for the nested functions that ``source`` names.

    Raises FormulaError for anything but names applied to names.

    >>> chain("z(x(u,v), y(u,v))").sum("u")
    '∂z/∂x·∂x/∂u + ∂z/∂y·∂y/∂u'
    """
    graph = _graph(source)
    arithmetic = Symbols()
    rules = _OpenRules(graph, arithmetic, MOST_PARTS)
    wanted = set(graph.inputs.values())
    back = backward(graph, rules.values, arithmetic, wanted, rules)
    trace = Trace(graph, {}, arithmetic, rules.values, back, tuple(graph.inputs))
    paths, counts = _paths(trace)
    return Chain(trace, paths, counts)


class _OpenRules(SymbolicRules):
    """The local derivative of an open function is its own name: ∂z/∂x."""

    def __init__(self, graph: Graph, arithmetic: Symbols, most: int) -> None:
        super().__init__(graph, arithmetic, most)
        self.forked = any(len(found) > 1 for found in graph.readers())

    def local(self, node: Node, slot: int, at: list[Value]) -> tuple[Value, int]:
        target = node.args[slot]
        leaf = self.graph.nodes[target].is_input
        # dx/dt for a function of one variable among several paths, as lectures write it
        sign = "d" if leaf and len(node.args) == 1 and self.forked else "∂"
        name = f"{sign}{self.graph.name(node.index)}/{sign}{self.graph.name(target)}"
        if node.args.count(target) > 1:
            name += f"[{slot + 1}]"  # f(x, x): one derivative for each slot
        return Name(name), -1


def _graph(source: str) -> Graph:
    tokens = tokenize(source)
    called = {token.text for token, after in pairwise(tokens) if token.kind == "name" and after.kind == "("}
    tree = parse_expression(source, functions=called)
    nodes: list[Node] = []
    known: dict[str, int] = {}
    done: list[int] = []
    stack: list[tuple[Call | Name | Number, bool]] = [(tree, False)]
    while stack:
        item, ready = stack.pop()
        if isinstance(item, Number) or (isinstance(item, Call) and item.func not in called):
            raise FormulaError(
                "chain takes functions left open, without formulas or numbers",
                span=item.span, source=source,
                hint='write names alone, such as "z(x(u,v), y(u,v))"; for a formula use backtrace eval',
            )  # fmt: skip
        if isinstance(item, Call) and not ready:
            stack.append((item, True))
            stack.extend((arg, False) for arg in reversed(item.args))
            continue
        name = item.func if isinstance(item, Call) else item.name
        args: tuple[int, ...] = ()
        if isinstance(item, Call):
            args = tuple(done[len(done) - len(item.args) :])
            del done[len(done) - len(item.args) :]
        if name not in known:
            op = _open(name) if args else None
            known[name] = len(nodes)
            nodes.append(Node(len(nodes), op, args, name, None, item.span))
        elif nodes[known[name]].args != args and (args or nodes[known[name]].op is None):
            raise FormulaError(
                f"{name} is used in two ways", span=item.span, also=nodes[known[name]].span,
                source=source, hint="give the second one another name",
            )  # fmt: skip
        done.append(known[name])
    if nodes[done[0]].op is None:
        raise FormulaError("there is no function here", span=tree.span, source=source,
                           hint='write one, such as "f(x, y)"')  # fmt: skip
    return Graph(source, nodes, done[0], "f", dict(known), ())


def _open(name: str) -> Op:
    return Op(name, "*a", "a function left open", float=math.fabs, partials=("0",), samples=((0.0,),),
              logarithm=False, why="Nobody says what it is.")  # fmt: skip


def _paths(trace: Trace) -> tuple[dict[str, list[tuple[str, ...]]], dict[str, int]]:
    """Every path from the output down to each node, as the factors along it."""
    graph = trace.graph
    # each path is its (slot, factor) pairs, so that sorting puts it in the order of the text
    found: dict[int, list[tuple[tuple[int, str], ...]]] = {graph.output: [()]}
    counts: dict[int, int] = {graph.output: 1}
    for sent in trace.sent:
        factor = (sent.slot, sent.local.name)
        longer = [(*path, factor) for path in found[sent.source]]
        found[sent.target] = (found.get(sent.target, []) + longer)[:MOST_PATHS]
        counts[sent.target] = counts.get(sent.target, 0) + counts[sent.source]
    listed = {
        name: [tuple(factor for _, factor in path) for path in sorted(found[index])]
        for name, index in graph.inputs.items()
    }
    return listed, {name: counts[index] for name, index in graph.inputs.items()}
