"""The chain rule taken for another rule: a composition as a product, a derivative inside, a constant kept.

Such a mistake is made going back alone: another graph is walked, whose boxes have the
values that they have by right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.surgery import spliced
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.places.fault import Fault, live
from backtrace_cli.mistakes.places.spoken import spoken, spoken_tree
from backtrace_cli.ops import OPS, Op

__all__ = ["composed_product", "constant_kept", "inner_left_out", "inside", "power_of_e"]


def composed_product(graph: Graph) -> Iterator[Fault]:
    """f(g(x)) differentiated as f(x)·g(x)."""
    for node, u, w in _compositions(graph):
        node_op = node.op
        assert node_op is not None
        outer = _extra(node, node_op, (w,))
        product = node._replace(op=OPS["multiply"], args=(-1, u), fixed=())
        yield Fault(
            "composition as product",
            f"the composition {_said(graph, node)} is no product: take the derivative of {node_op.written} "
            f"at {spoken(graph, u)}, times that of {spoken(graph, u)}",
            read_as=spliced(graph, node.index, [outer], product), back_only=True,
        )  # fmt: skip


def inside(graph: Graph) -> Iterator[Fault]:
    """f(g(x)) differentiated as f(g′(x)), or as f′(g′(x)), with or without g′(x) beside it."""
    for node, u, w in _compositions(graph):
        op = node.op
        assert op is not None
        inner = spoken(graph, u)
        words = (
            f"in {_said(graph, node)} the derivative of {op.written} belongs at {inner}; "
            f"you took it at the derivative of {inner}"
        )
        for below, more in ((u, ""), (w, ", and did not multiply by that")):
            hold = _extra(node, OPS["identity"], (below,))
            again = _extra(node, op, (-1,))
            instead = node._replace(op=OPS["identity"], args=(-2,), fixed=())
            yield Fault(
                "derivative taken inside", words + more,
                read_as=spliced(graph, node.index, [hold, again], instead), back_only=True,
                held=((node.index, u, w),),
            )  # fmt: skip


def inner_left_out(graph: Graph) -> Iterator[Fault]:
    """The whole inner derivative left out: sin(x² + 3x) → cos(x² + 3x)."""
    reached = _reached(graph)
    for node, slot, u in live(graph):
        if not _curved(node, slot) or not _number(graph, node.index):
            continue
        for name, x in graph.inputs.items():
            if x == u or not reached[x][u] or _one_edge(graph, u, x, reached[x]) or not _number(graph, x):
                continue
            hold = _extra(node, OPS["identity"], (x,))
            args = tuple(-1 if place == slot else arg for place, arg in enumerate(node.args))
            yield Fault(
                "factor left out",
                f"in {_said(graph, node)} the inner derivative is left out: "
                f"that of {spoken(graph, u)} by {name}",
                read_as=spliced(graph, node.index, [hold], node._replace(args=args)), back_only=True,
                held=((node.index, u, -1),), along=x,
            )  # fmt: skip


def power_of_e(graph: Graph) -> Iterator[Fault]:
    """The power rule on e^u, the inner derivative left out: e^(2x) → 2x·e^(2x − 1)."""
    reached = _reached(graph)
    for node, slot, u in live(graph):
        if node.op is None or node.op.name != "exp" or not _number(graph, node.index):
            continue
        for x in graph.inputs.values():
            if x == u or not reached[x][u] or not _number(graph, x):
                continue
            hold = _extra(node, OPS["identity"], (x,))
            yield Fault(
                "wrong rule",
                f"the power rule does not hold for {_said(graph, node)}, whose derivative is itself "
                f"times that of {spoken(graph, u)}",
                read_as=spliced(graph, node.index, [hold], node._replace(args=(-1,))), back_only=True,
                held=((node.index, u, -1),), along=x,
                wrong=(((node.index + 1, slot), "a*exp(a - 1)"),),
            )  # fmt: skip


def constant_kept(graph: Graph) -> Iterator[Fault]:
    """x² + 5 → 2x + 5, or 2x + 1: a constant that is added has the derivative 0."""
    reached = _reached(graph)
    for node, slot, _ in live(graph):
        if node.op is None or node.op.name not in ("add", "subtract") or not _number(graph, node.index):
            continue
        literal = graph.nodes[node.args[1 - slot]].literal
        if literal is None:
            continue
        for x in graph.inputs.values():
            if not reached[x][node.index] or not _number(graph, x):
                continue
            one = _extra(node, OPS["identity"], (x,))
            itself = _extra(node, OPS["multiply"], (node.args[1 - slot], x))
            for extra, left in ((itself, literal), (one, "1")):
                if extra is one and literal in ("1", "1."):
                    continue
                args = tuple(arg if place == slot else -1 for place, arg in enumerate(node.args))
                yield Fault(
                    "constant kept",
                    f"the constant {literal} in {_said(graph, node)} has the derivative 0, not {left}",
                    read_as=spliced(graph, node.index, [extra], node._replace(args=args)), back_only=True,
                    along=x,
                )  # fmt: skip


def _compositions(graph: Graph) -> Iterator[tuple[Node, int, int]]:
    """(box, its argument u, what u is worked out from): a function of one argument, of an u of one live
    argument or of one variable."""
    reached = _reached(graph)
    for node, slot, u in live(graph):
        if not _curved(node, slot) or not _function(graph, node) or not _number(graph, node.index):
            continue
        inner = graph.nodes[u]
        if inner.op is None:
            continue
        variables = [x for x, leads in reached.items() if leads[u]]
        below = {arg for arg in inner.args if any(leads[arg] for leads in reached.values())}
        found = dict.fromkeys(
            (*(below if len(below) == 1 else ()), *(variables if len(variables) == 1 else ()))
        )
        for w in found:
            if _number(graph, w):
                yield node, u, w


def _function(graph: Graph, node: Node) -> bool:
    """Is the box written as the name of a function, as sin(…) is and a square is not?"""
    op = node.op
    if op is None or op.arity != 1 or op.variadic or op.mixes or op.options:
        return False
    return to_text(graph.definition(node.index)).startswith(f"{op.written}(")


def _curved(node: Node, slot: int) -> bool:
    """Does the box's slope by that argument depend on where it is taken?"""
    op = node.op
    if op is None or op.mixes or op.selects or (op.kinks and op.name != "power"):
        return False
    names = (op.params(len(node.args))[slot], "out")
    text = op.rule_text(slot, len(node.args))
    return any(sign in _words(text) for sign in names)


def _words(text: str) -> set[str]:
    return set("".join(sign if sign.isalnum() or sign == "_" else " " for sign in text).split())


def _reached(graph: Graph) -> dict[int, list[bool]]:
    """For each variable, which nodes depend on it."""
    return {x: graph.leads_from({x}) for x in graph.inputs.values()}


def _one_edge(graph: Graph, u: int, x: int, leads: Sequence[bool]) -> bool:
    """Is a single local derivative on the only way from x to u, so that leaving it out is known already?"""
    counted = 0
    while u != x:
        node = graph.nodes[u]
        slots = [slot for slot, arg in enumerate(node.args) if leads[arg]]
        if len(slots) != 1 or node.op is None:
            return False
        counted += node.op.rule_text(slots[0], len(node.args)) != "1"
        u = node.args[slots[0]]
    return counted < 2


def _extra(node: Node, op: Op, args: tuple[int, ...]) -> Node:
    return Node(0, op, args, None, None, node.span)


def _said(graph: Graph, node: Node) -> str:
    """A box by what it computes, whether it has a name or not."""
    return to_text(graph.definition(node.index, lambda arg: spoken_tree(graph, arg)))


def _number(graph: Graph, index: int) -> bool:
    return graph.shapes is None or graph.shapes[index] == ()
