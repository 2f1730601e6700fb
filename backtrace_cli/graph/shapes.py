"""Shapes before numbers: the shape of every node, and the op that fits the shapes it meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtrace_cli.errors import ShapeError, Span
from backtrace_cli.formula.syntax import Call, Expr
from backtrace_cli.formula.text import to_text
from backtrace_cli.graph.literals import literal_shape
from backtrace_cli.graph.node import Graph, Node
from backtrace_cli.graph.operands import operands
from backtrace_cli.ops import OPS, Op
from backtrace_cli.ops.shapes import Shape, broadcast, sides

__all__ = ["fit_shapes", "result_shape"]


def fit_shapes(graph: Graph, inputs: Mapping[int, Shape]) -> Graph:
    """``graph`` with the shape of every node, from those of its inputs; nothing is computed.

    Raises ShapeError with the caret at the first op whose arguments don't fit.

    >>> from backtrace_cli.graph import build
    >>> graph = build("W @ x")
    >>> fit_shapes(graph, {0: (2, 3), 1: (3,)}).shapes
    [(2, 3), (3,), (2,)]
    """
    shapes: list[Shape] = []
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.op is None:
            shape = inputs[node.index] if node.literal is None else literal_shape(node.literal)
        else:
            given = [shapes[arg] for arg in node.args]
            try:
                shape = result_shape(node.op, given, node.fixed)
            except ShapeError as error:
                raise _placed(graph, node, shapes, error) from None
            if node.op.ranks is not None:
                node = node._replace(op=OPS[node.op.ranks(*given, *node.fixed)])
        shapes.append(shape)
        nodes.append(node)
    return graph.with_shapes(nodes, shapes)


def result_shape(op: Op, shapes: Sequence[Shape], fixed: tuple[object, ...] = ()) -> Shape:
    """The shape of ``op`` of arguments of ``shapes``."""
    return op.shape(*shapes, *fixed) if op.shape is not None else broadcast(*shapes)


def _placed(graph: Graph, node: Node, shapes: list[Shape], error: ShapeError) -> ShapeError:
    """The complaint with the names, the shapes, the caret, and the obvious mending where there is one."""
    trees = operands(graph, node.index)
    listed = node.op is not None and node.op.name == "stack"
    known = dict.fromkeys(
        f"{to_text(tree)} has shape {sides(shapes[arg])}"
        for arg, tree in zip(node.args, trees, strict=True)
        if listed or shapes[arg] or not graph.nodes[arg].is_constant
    )
    hint = _mending(graph, node, shapes) or error.hint
    message = error.message + (f": {' and '.join(known)}" if known and len(known) < 4 else "")
    return ShapeError(message, span=Span(*node.span), source=graph.source, hint=hint)


def _mending(graph: Graph, node: Node, shapes: list[Shape]) -> str | None:
    """What to write instead, where turning one argument round makes the shapes fit."""
    op = node.op
    assert op is not None
    if len(node.args) != 2:
        return None
    trees = operands(graph, node.index)
    given = [shapes[arg] for arg in node.args]
    whole = graph.definition(node.index)
    assert isinstance(whole, Call)
    product = ""
    if op.name == "multiply" and (fits := _mending_product(given, trees)):
        product = f"; for the matrix product write {to_text(fits)}"
    for slot in (0, 1):
        turned = list(given)
        turned[slot] = given[slot][::-1]
        if len(given[slot]) < 2 or turned == given:
            continue
        try:
            result_shape(op, turned, node.fixed)
        except ShapeError:
            continue
        written = [trees[0], trees[1]]
        written[slot] = Call("transpose", (trees[slot],))
        return f"write {to_text(whole._replace(args=tuple(written)))}{product}"
    return product.removeprefix("; ") or None


def _mending_product(given: list[Shape], trees: Sequence[Expr]) -> Expr | None:
    """The matrix product of both, one of them turned round if need be, where its shapes fit."""
    turns = [(0, 0), (1, 0), (0, 1)]
    for turn in turns:
        turned = [shape[::-1] if flip else shape for shape, flip in zip(given, turn, strict=True)]
        written = [
            Call("transpose", (tree,)) if flip else tree for tree, flip in zip(trees, turn, strict=True)
        ]
        if any(flip and len(shape) < 2 for shape, flip in zip(given, turn, strict=True)):
            continue
        try:
            result_shape(OPS["matmul"], turned)
        except ShapeError:
            continue
        return Call("matmul", (written[0], written[1]))
    return None
