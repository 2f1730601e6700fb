"""Shapes before numbers: the shape of every node, and the op that fits the shapes it meets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.graph.literals import literal_shape
from backtrace_cli.graph.node import Graph, Node
from backtrace_cli.graph.operands import operands
from backtrace_cli.graph.surgery import refitted
from backtrace_cli.language.tree.syntax import Call, Expr, Number, number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import OPS, Op
from backtrace_cli.ops.losses import loss_shape
from backtrace_cli.ops.shape_functions import Shape, broadcast, sides
from backtrace_cli.ops.vector_sides import column_times_row

__all__ = ["fit_shapes", "result_shape"]

MOST_AXES = 32


def fit_shapes(graph: Graph, inputs: Mapping[int, Shape], columns: bool = False) -> Graph:
    """``graph`` with the shape of every node, from those of its inputs; nothing is computed.

    With ``columns`` vectors are columns, so that a @ b.T is an outer product. Raises ShapeError with the
    caret at the first op whose arguments don't fit.

    >>> from backtrace_cli.graph import build
    >>> graph = build("W @ x")
    >>> fit_shapes(graph, {0: (2, 3), 1: (3,)}).shapes
    [(2, 3), (3,), (2,)]
    """
    if graph.over_numbers and any(inputs.values()):
        if graph.before is None:
            raise ShapeError("grad(…) was written out over numbers here", hint="write the slope by hand")
        graph = graph.before
    shapes: list[Shape] = []
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.op is None:
            shape = inputs[node.index] if node.literal is None else literal_shape(node.literal)
        else:
            given = [shapes[arg] for arg in node.args]
            right = nodes[node.args[-1]].op if node.args else None
            node = node._replace(op=column_times_row(node.op, right, given, columns) or node.op)
            assert node.op is not None
            try:
                shape = result_shape(node.op, given, node.fixed)
            except ShapeError as error:
                raise _placed(graph, node, shapes, error) from None
            if node.op.ranks is not None:
                node = node._replace(op=OPS[node.op.ranks(*given, *node.fixed)])
        if len(shape) > MOST_AXES:
            raise ShapeError(f"an array has at most {MOST_AXES} axes", span=node.span,
                             source=graph.source, hint="take some brackets away")  # fmt: skip
        shapes.append(shape)
        nodes.append(node)
    return _without_grads(refitted(graph, nodes, shapes))


def _without_grads(graph: Graph) -> Graph:
    """``graph`` with each grad(f, x) that stands in it written out."""
    if not graph.has_grads:
        return graph
    from backtrace_cli.graph.derivatives.grad_calls import written_out

    return written_out(graph)


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
    hint = _mending(graph, node, shapes) or _one_shape(node, [shapes[arg] for arg in node.args], trees)
    hint = hint or error.hint
    message = error.message + (f": {' and '.join(known)}" if known and len(known) < 4 else "")
    return ShapeError(message, span=node.span, source=graph.source, hint=hint)


def _mending(graph: Graph, node: Node, shapes: list[Shape]) -> str | None:
    """What to write instead, where turning one argument round makes the shapes fit."""
    op = node.op
    assert op is not None
    if op.lists:
        return _other_axis(graph, node, [shapes[arg] for arg in node.args])
    if len(node.args) != 2:
        return None
    trees = operands(graph, node.index)
    given = [shapes[arg] for arg in node.args]
    whole = graph.definition(node.index)
    assert isinstance(whole, Call)
    product = ""
    if op.name == "multiply" and (fits := _mending_product(given, trees)):
        product = f"; for the matrix product write {to_text(fits)}"
    found = []
    for slot in (0, 1):
        turned = list(given)
        turned[slot] = given[slot][::-1]
        if len(given[slot]) < 2 or turned == given or not (op.called == "matmul" or turned[0] == turned[1]):
            continue  # a turned array that is then repeated is hardly what was meant
        try:
            result_shape(op, turned, node.fixed)
        except ShapeError:
            continue
        written = [trees[0], trees[1]]
        written[slot] = Call("transpose", (trees[slot],))
        found.append(to_text(whole._replace(args=tuple(written))))
    if op.called == "matmul" and [len(shape) for shape in given] == [2, 2] and given[1][-1] == given[0][-1]:
        rows = Call("matmul", (trees[1], Call("transpose", (trees[0],))))
        found.append(f"{to_text(rows)} for a row each example")
    if found:
        return f"write {' or '.join(dict.fromkeys(found))}{product}"
    return product.removeprefix("; ") or _column(op, given, trees)


def _other_axis(graph: Graph, node: Node, given: list[Shape]) -> str | None:
    """``concat(A, B, axis=1)``, where only another axis joins them."""
    assert node.op is not None
    if not isinstance(node.fixed[0], int):
        return None
    for axis in range(len(given[0])):
        try:
            result_shape(node.op, given, (axis,))
        except (ShapeError, IndexError):
            continue
        listed = ", ".join(to_text(tree) for tree in operands(graph, node.index))
        return f"write concat({listed}, axis={axis})"
    return None


def _column(op: Op, given: list[Shape], trees: Sequence[Expr]) -> str | None:
    """A bias for each row that was written as a vector, which goes along the columns."""
    wide, narrow = (0, 1) if len(given[0]) > len(given[1]) else (1, 0)
    if op.mixes or [len(given[wide]), len(given[narrow])] != [2, 1] or given[wide][0] != given[narrow][0]:
        return None
    column = to_text(Call("expand_dims", (trees[narrow],), options=(("axis", "1"),)))
    name, entries = to_text(trees[narrow]), "1 entry" if given[wide][1] == 1 else f"{given[wide][1]} entries"
    return f"to add it to every column write {column}; to add it to every row, {name} needs {entries}"


def _one_shape(node: Node, given: list[Shape], trees: Sequence[Expr]) -> str | None:
    """For a loss of two arrays of one shape: how the second, or else the first, takes the other's."""
    op = node.op
    assert op is not None
    if op.shape is not loss_shape or given[0] == given[1]:
        return None
    for slot in (1, 0):
        wanted, tree = given[1 - slot], trees[slot]
        if math.prod(given[slot]) == math.prod(wanted) and wanted:
            fitting = Call("reshape", (tree, *(number(size) for size in wanted)))
        elif given[slot] == ():
            fitting = Call("add", (tree, Call("multiply", (Number("0"), trees[1 - slot]))))
        else:
            continue
        written = [trees[0], trees[1]]
        written[slot] = fitting
        fits = to_text(Call(op.called, tuple(written)))
        same = f"to compare each entry with {to_text(tree)} " if given[slot] == () else ""
        return f"both need one shape: {same}write {fits}"
    return None


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
