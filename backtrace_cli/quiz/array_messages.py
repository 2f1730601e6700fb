"""What the quiz knows of arrays: numbers in them, rows of them, and messages as matrix expressions.

A message over arrays is written over what arrived, called dy at the box y, as in
the answers of an exercise. The texts are those of the ops and of the catalogue.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.shaped import summed
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.simplify import join, product, simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.mistakes.places.fault import Edge, Fault
from backtrace_cli.ops import in_place, rule, text_rule
from backtrace_cli.readings.gradient_terms import at_output

__all__ = [
    "MOST_ENTRIES", "arrived", "finite", "has_arrays", "message_tree", "part_of", "same", "same_point",
    "shown", "wrong_message_tree",
]  # fmt: skip

#: An array with more entries than this is typed by nobody.
MOST_ENTRIES = 24


def has_arrays(trace: Trace) -> bool:
    """Is it a run over arrays?"""
    return trace.arithmetic.arrays


def finite(value: Value) -> bool:
    """Is every entry a finite number?

    >>> finite(2.0), finite(math.inf)
    (True, False)
    """
    return all(math.isfinite(number) for _, number in entries(value))


def same(one: Value, other: Value) -> bool:
    """Are two values the same numbers in the same shape?"""
    return shape_of(one) == shape_of(other) and entries(one) == entries(other)


def same_point(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Are two points the same? (Arrays have no one answer to ==.)

    >>> same_point({"x": 2.0}, {"x": 2.0}), same_point({"x": 2.0}, {"x": 3.0})
    (True, False)
    """
    return one is other or (one.keys() == other.keys() and all(same(one[name], other[name]) for name in one))


def part_of(value: Value, part: tuple[int, ...]) -> Value:
    """A row or an entry of an array; the whole, where ``part`` is ()."""
    if not part:
        return value
    found = value[part]
    return found if shape_of(found) else float(found)


def shown(value: Value) -> str:
    """``value`` in full as it is typed: nested lists, row by row.

    >>> shown(-2.5)
    '-2.5'
    """
    return str(value.tolist()) if shape_of(value) else repr(float(value))


# -- messages ----------------------------------------------------------------------------


def arrived(graph: Graph, source: int) -> str:
    """The name for what arrived at a box: dy at y, or g where dy is a name of the formula."""
    name = f"d{graph.name(source)}"
    return name if graph.find(name) is None else "g"


def message_tree(graph: Graph, sents: Sequence[Sent]) -> Expr:
    """What a box sends to one node, over its values and what arrived at it; parallel edges added up.

    >>> from backtrace_cli import trace
    >>> from backtrace_cli.language.tree.text import to_text
    >>> t = trace("y = W @ x; r = y + b; L = sum(r^2)", W=[[1, 2], [3, 4]], x=[1, 1], b=1.0)
    >>> [to_text(message_tree(t.graph, [sent])) for sent in t.sent][2:]
    ['dr', 'sum(dr)', 'outer(dy, x)', 'W.T @ dy']
    """
    trees = [_sent(graph, sent) for sent in sents]
    return trees[0] if len(trees) == 1 else simplify(reduce(join, trees))


def _sent(graph: Graph, sent: Sent) -> Expr:
    node = graph.nodes[sent.source]
    assert node.op is not None
    if node.op.mixes:
        tree = rule(node.op, sent.slot, len(node.args), False, node.fixed)
        return simplify(in_place(node.op, tree, _names(graph, sent.source), node.fixed))
    whole = _times(_upstream(graph, sent.source), local_expression(graph, sent))
    return _back(graph, whole, (sent.source, sent.slot))


def _times(upstream: Expr, local: Expr) -> Expr:
    """Upstream · local derivative, in this order; a factor 1 or −1 is not written."""
    if upstream == Number("1"):
        return local
    simple = simplify(Call("multiply", (upstream, local)))
    plain = simple == upstream or simple == Call("negative", (upstream,))
    return simple if plain else product(upstream, local)


def _back(graph: Graph, tree: Expr, edge: Edge) -> Expr:
    """``tree`` summed back to the shape of what it is sent to."""
    source, slot = edge
    assert graph.shapes is not None
    found = summed(tree, graph.shapes[source], graph.shapes[graph.nodes[source].args[slot]])
    assert isinstance(found, (Number, Name, Call))
    return found


def _upstream(graph: Graph, source: int) -> Expr:
    return Number("1") if source == graph.output else Name(arrived(graph, source))


def _names(graph: Graph, source: int) -> dict[str, Expr]:
    """What the names in a rule of a box stand for."""
    node = graph.nodes[source]
    assert node.op is not None
    terms = map(graph.term, node.args)
    found = dict(zip(node.op.params(len(node.args)), terms, strict=True))
    upstream = at_output(graph) if node.op.mixes and source == graph.output else _upstream(graph, source)
    return found | {"out": graph.term(source), "g": upstream}


def wrong_message_tree(graph: Graph, fault: Fault, edge: Edge) -> Expr | None:
    """The message along ``edge`` with the mistake ``fault`` in it; None where it is no formula."""
    source, slot = edge
    node = graph.nodes[source]
    assert node.op is not None
    count, names = len(node.args), _names(graph, source)
    if fault.moved or fault.lost or fault.early or fault.stale:
        return None
    if edge in fault.unfed:
        names["g"] = Number("1")
    if node.op.mixes:
        text = dict(fault.sent).get(edge) or node.op.rule_text(slot, count, fixed=node.fixed)
        tree = text_rule(node.op, node.op.fill(text, slot, count, node.fixed), count)
        return simplify(in_place(node.op, tree, names, node.fixed))
    text = dict(fault.wrong).get(edge) or node.op.rule_text(slot, count)
    local = substitute(text_rule(node.op, text, count), names)
    whole = _times(names["g"], simplify(local))
    return whole if edge in fault.loose else _back(graph, whole, edge)
