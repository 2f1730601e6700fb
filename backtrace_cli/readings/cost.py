"""What a run costs in multiply-adds: each forward step, and the messages through it.

The cost of a message is that of the text which declares it: ``g @ b.T`` is a matrix
product, and costs what a matrix product of those shapes costs.
"""

from __future__ import annotations

import math
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.graph.shape_fitting import result_shape
from backtrace_cli.language.tree.simplify import rational
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.ops import Op, find, fixed, read_place
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.ops.traits import reads_shape
from backtrace_cli.readings.opened.terms import StepCost

__all__ = ["costs"]


def costs(trace: Trace) -> list[StepCost]:
    """The cost of every step of a trace with a point, in the order of the forward pass.

    An entry of an elementwise result counts 1; a matrix product counts its inner axis
    for each entry; moving entries counts nothing. A message counts what its rule does,
    the product with the upstream gradient (unless the local derivative is 1 or −1), and
    the addition at a fork.

    >>> from backtrace_cli import trace
    >>> [(c.forward, c.backward) for c in costs(trace("y = W @ h", W=[[1, 2, 3], [4, 5, 6]], h=[1, 0, 1]))]
    [(6, 12)]
    """
    back: dict[int, int] = {}
    for sent in trace.sent:
        back[sent.source] = back.get(sent.source, 0) + _message(trace, sent)
    found = []
    for step, index in enumerate(trace.graph.steps, 1):
        node = trace.graph.nodes[index]
        assert node.op is not None
        shapes = [shape_of(trace.values[arg]) for arg in node.args]
        cost = _cost(node.op, shape_of(trace.values[index]), shapes)
        found.append(StepCost(step, trace.graph.name(index), cost, back.get(index, 0)))
    return found


def _cost(op: Op, out: Shape, shapes: list[Shape]) -> int:
    return op.cost(out, *shapes) if op.cost is not None else math.prod(out)


def _message(trace: Trace, sent: Sent) -> int:
    graph, node = trace.graph, trace.graph.nodes[sent.source]
    assert node.op is not None
    out = shape_of(trace.values[sent.source])
    known: dict[str, Shape] = {graph.name(i): shape_of(trace.values[i]) for i in (*node.args, sent.source)}
    known["g"] = out
    tree = local_expression(graph, sent)
    cost, shape = _tree_cost(tree, known)
    if not node.op.mixes and (value := rational(tree)) not in (1, -1):
        cost += math.prod(out) if value != 0 else 0
    target = math.prod(shape_of(trace.values[sent.target]))
    if sent.order > 1:
        cost += target
    wide = math.prod(shape if node.op.mixes else out)
    return cost + (wide if wide > target else 0)  # summed back over broadcast axes


def _tree_cost(tree: Expr, known: dict[str, Shape]) -> tuple[int, Shape]:
    """Multiply-adds of a message's text, and its shape. A rule is short: recursion is safe."""
    if isinstance(tree, Number):
        return 0, ()
    if isinstance(tree, Name):
        return 0, known.get(tree.name, ())
    op = find(tree.func, len(tree.args))
    assert op is not None
    parts = [_tree_cost(arg, known) for arg in tree.args]
    shapes = [shape for _, shape in parts]
    out = result_shape(op, shapes, _fixed(op, tree))
    read = [part for slot, (part, _) in enumerate(parts) if not reads_shape(op, slot)]
    if not read:
        return 0, out
    own = 0 if tree.func == "negative" or rational(tree) is not None else _cost(op, out, shapes)
    if tree.func == "multiply" and any(_is_ones(arg) for arg in tree.args):
        own = 0
    return own + sum(read), out


def _is_ones(tree: Expr) -> bool:
    op = find(tree.func, len(tree.args)) if isinstance(tree, Call) else None
    return op is not None and op.float is not None and reads_shape(op, 0) and op.float(0.0) == 1


def _fixed(op: Op, tree: Call) -> tuple[Any, ...]:
    values = dict(zip(op.option_names, op.option_defaults, strict=True))
    for name, text in tree.options:
        values[name] = read_place(text) if op.option_names == ("at",) else fixed(text)
    return tuple(values.values())
