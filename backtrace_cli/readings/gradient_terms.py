"""The derivation that a trace is: for each node the sum over its readers, as one writes it on a board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.symbolic import ones
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.simplify import simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number

__all__ = ["Derived", "Term", "at_output", "derived", "partial"]


class Term(NamedTuple):
    """What one message contributes to a node's gradient."""

    path: Expr
    """∂f/∂a·∂a/∂y; of an op that mixes entries its whole message, over ∂L/∂y."""
    upstream: Value
    """The upstream gradient; None where it is 1, at the output, or where the path says all."""
    local: Expr
    value: Value
    """The local derivative at the point; None in a trace without one, or where it is a number already."""
    contribution: Value


class Derived(NamedTuple):
    """A node's gradient: its terms and their sum."""

    node: str
    terms: tuple[Term, ...]
    total: Value


def derived(trace: Trace) -> Iterator[Derived]:
    """Each node's gradient, in the order in which the way back completes them.

    >>> from backtrace_cli import trace
    >>> [(found.node, len(found.terms)) for found in derived(trace("a = x + y; a*y", x=2, y=3))]
    [('a', 1), ('x', 1), ('y', 2)]
    """
    counts = trace.back.counts if trace.back else []
    waiting: dict[int, list[Sent]] = {}
    for sent in trace.sent:
        waiting.setdefault(sent.target, []).append(sent)
        if sent.order == counts[sent.target]:
            found = waiting.pop(sent.target)
            terms = tuple(_term(trace, one, len(found) > 1) for one in found)
            yield Derived(trace.graph.name(sent.target), terms, sent.total)


def at_output(graph: Graph) -> Expr:
    """What arrives at the output itself: 1, in each of its entries.

    >>> from backtrace_cli import trace
    >>> from backtrace_cli.language.tree.text import to_text
    >>> [to_text(at_output(trace(f, x=[3, 4]).graph)) for f in ("x @ x", "2*x")]
    ['1', 'ones_like(f)']
    """
    many = graph.shapes is not None and graph.shapes[graph.output]
    return ones(graph.term(graph.output)) if many else Number("1")


def partial(top: str, bottom: str) -> Name:
    """∂top/∂bottom as a name that formulas may hold."""
    return Name(f"∂{top}/∂{bottom}")


def _term(trace: Trace, sent: Sent, several: bool) -> Term:
    graph = trace.graph
    node = graph.nodes[sent.source]
    source, target, output = graph.name(sent.source), graph.name(sent.target), trace.output
    last = sent.source == graph.output
    arrived, local = partial(output, source), local_expression(graph, sent)
    assert node.op is not None
    if node.op.mixes:
        path = simplify(substitute(local, {"g": at_output(graph) if last else arrived}))
        return Term(path, None, path, None, sent.contribution)
    if not trace.symbolic and shape_of(sent.contribution):
        path = local if last else simplify(Call("multiply", (arrived, local)))
        return Term(path, None, path, None, sent.contribution)
    twice = node.args.count(sent.target) > 1
    step = partial(source, f"{target}[{sent.slot + 1}]" if twice else target)
    if last and (several or twice):  # ∂f/∂y would be the sum itself: this is the part that f reads
        step = Name(f"{step.name}|{source}")
    value = None if trace.symbolic or isinstance(local, Number) else sent.local
    upstream = None if last else sent.upstream
    return Term(
        step if last else Call("multiply", (arrived, step)), upstream, local, value, sent.contribution
    )
