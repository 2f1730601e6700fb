"""What a variable has to be for a formula to mean something: a class, a mask, probabilities that sum to 1."""

from __future__ import annotations

from functools import lru_cache

from backtrace_cli.graph import Graph, Node

__all__ = ["CLASS", "MASK", "SHARES", "TARGET", "roles"]

CLASS, MASK, TARGET, SHARES = "class", "mask", "target", "shares"

#: Boxes whose value is a logarithm, …
_LOGS = {"log", "log2", "log10", "log1p", "log_softmax", "logsumexp"}
#: … that pass on what is linear in it, …
_LINEAR = {
    "add", "subtract", "negative", "identity", "sum", "mean", "index", "take", "transpose", "mT", "reshape",
    "expand_dims", "stack", "concat",
}  # fmt: skip
#: … and that only rearrange or weigh a variable's entries.
_SAME = {"identity", "negative", "index", "take", "transpose", "mT", "reshape", "expand_dims"}
_PRODUCTS = {"multiply", "matmul", "outer", "divide"}


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
        called = node.op.called
        if called.startswith("cross_entropy"):
            if called == "cross_entropy":
                found[_variable(graph, node.args[0])] = SHARES
            found[_variable(graph, node.args[1])] = TARGET
        elif called == "dropout" and len(node.args) == 2:
            found[_variable(graph, node.args[1])] = MASK
        elif called in _PRODUCTS:
            for slot, arg in enumerate(node.args[:2]):
                if logs[node.args[1 - slot]] and not (called == "divide" and slot == 1):
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
        called = node.op.called if node.op is not None else ""
        found.append(called in _LOGS or (called in _LINEAR and any(found[arg] for arg in node.args)))
    return found


def _variable(graph: Graph, index: int) -> int:
    """The node that ``index`` only shows in another form."""
    node: Node = graph.nodes[index]
    while node.op is not None and node.op.called in _SAME:
        node = graph.nodes[node.args[0]]
    return node.index
