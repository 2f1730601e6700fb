"""What a variable has to be for a formula to mean something: a class, a mask, probabilities that sum to 1."""

from __future__ import annotations

from functools import lru_cache

from backtrace_cli.graph import Graph, Node
from backtrace_cli.ops.traits import linear, moves, product_of_two

__all__ = ["CLASS", "MASK", "SHARES", "TARGET", "roles"]

#: What a variable may have to be; the last three as the ops' ``needs`` say it.
CLASS, MASK, TARGET, SHARES = "class", "mask", "target", "shares"


@lru_cache(maxsize=128)
def roles(graph: Graph) -> dict[str, str]:
    """The variables of ``graph`` whose values can't be just any numbers, and what they are.

    A target is what a logarithm of probabilities is weighed with: where its entries sum to 1, y − t is
    the gradient of a cross-entropy, and only there. Shares are probabilities that an op refuses to
    have otherwise. That entries happen to sum to 1 makes none of them.

    >>> from backtrace_cli.graph import build
    >>> roles(build("L = -sum(t*log(softmax(W @ x)))")), roles(build("L = w @ x"))
    ({'t': 'target'}, {})
    """
    found: dict[int, str] = {}
    logs = _logarithms(graph)
    for node in graph.nodes:
        if node.op is None:
            continue
        if node.op.needs:
            for arg, need in zip(node.args, node.op.needs, strict=True):
                if need:
                    found[_variable(graph, arg)] = need
        elif len(node.args) == 2:
            for slot, arg in enumerate(node.args):
                if logs[node.args[1 - slot]] and product_of_two(node.op, slot):
                    found.setdefault(_variable(graph, arg), TARGET)
    return {
        name: CLASS if graph.picks(index) else found[index]
        for name, index in graph.inputs.items()
        if index in found or graph.picks(index)
    }


def _logarithms(graph: Graph) -> list[bool]:
    """Per node: is it a logarithm, or linear in one?"""
    found: list[bool] = []
    for node in graph.nodes:
        op = node.op
        is_log = op is not None and op.logarithm is True
        found.append(is_log or (op is not None and any(found[arg] for arg in node.args) and linear(op)))
    return found


def _variable(graph: Graph, index: int) -> int:
    """The node that ``index`` only shows in another form."""
    node: Node = graph.nodes[index]
    while node.op is not None and moves(node.op):
        node = graph.nodes[node.args[0]]
    return node.index
