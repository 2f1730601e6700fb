"""The formula read differently: brackets lost or imagined, an order turned round, a power as a product.

Such a mistake is made going forward, so it has a graph of its own: the same boxes
under the same names, two of them regrouped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.graph import Graph, Node, surgery
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.places.fault import Fault
from backtrace_cli.mistakes.places.spoken import spoken, spoken_tree
from backtrace_cli.ops import OPS

__all__ = ["as_product", "regrouped", "turned_round", "wrong_axis"]

_SUM, _PRODUCT = {"add", "subtract"}, {"multiply", "divide"}
_INFIX = {*_SUM, *_PRODUCT, "power"}


def regrouped(graph: Graph) -> Iterator[Fault]:
    """Two neighbouring operations grouped the other way: −x² as (−x)², a/(b·c) as a/b·c."""
    readers = graph.readers()
    for index in graph.steps:
        outer = graph.nodes[index]
        for slot, arg in enumerate(outer.args):
            inner = graph.nodes[arg]
            if inner.op is None or inner.name or len(readers[arg]) != 1:
                continue  # a box with a name was not read from a formula with the other
            rotated = _rotated(outer, inner, slot)
            if rotated is not None:
                yield _misread(graph, "read differently", outer, inner, *rotated)


def _rotated(
    outer: Node, inner: Node, slot: int
) -> tuple[tuple[str, tuple[int, ...]], tuple[str, tuple[int, ...]]] | None:
    """((op, args) of the new inner box, (op, args) of the new outer one); −1 stands for the inner box.

    None where the two readings are the same, or nobody reads it so.
    """
    assert outer.op is not None
    assert inner.op is not None
    top, below = outer.op.name, inner.op.name
    if top == "negative" and below in {*_SUM, "power"}:
        first, second = inner.args
        return ("negative", (first,)), (below, (-1, second))
    if top not in _INFIX:
        return None
    other = outer.args[1 - slot]
    if below == "negative" and slot == 0 and top in {*_SUM, "power"}:
        return (top, (inner.args[0], other)), ("negative", (-1,))
    if below not in _INFIX or _same_either_way(top, below, slot):
        return None
    first, second = inner.args
    if slot == 0:  # a below b top other -> a below (b top other)
        return (top, (second, other)), (below, (first, -1))
    return (top, (other, first)), (below, (-1, second))


def _same_either_way(top: str, below: str, slot: int) -> bool:
    """Is (a below b) top c the same as a below (b top c), or the like on the right?"""
    if slot == 0:
        return (below, top) in {("add", "add"), ("add", "subtract"), ("multiply", "multiply"),
                                ("multiply", "divide")}  # fmt: skip
    return (top, below) in {("add", "add"), ("add", "subtract"), ("multiply", "multiply"),
                            ("multiply", "divide")}  # fmt: skip


def turned_round(graph: Graph) -> Iterator[Fault]:
    """a − b worked out as b − a, a/b as b/a."""
    for index in graph.steps:
        node = graph.nodes[index]
        if node.op is not None and node.op.name in ("subtract", "divide") and len(set(node.args)) == 2:
            swapped = node._replace(args=node.args[::-1])
            yield _instead(graph, "order turned round", node, swapped)


def as_product(graph: Graph) -> Iterator[Fault]:
    """x³ worked out as 3·x."""
    for index in graph.steps:
        node = graph.nodes[index]
        if node.op is not None and node.op.name == "power" and graph.nodes[node.args[1]].is_constant:
            product = node._replace(op=OPS["multiply"], args=node.args[::-1])
            yield _instead(graph, "power as product", node, product)


def wrong_axis(graph: Graph) -> Iterator[Fault]:
    """Rows taken for columns: a sum, a mean, a softmax over the other axis of a matrix."""
    shapes = graph.shapes
    for index in graph.steps if shapes is not None else ():
        node = graph.nodes[index]
        assert node.op is not None
        assert shapes is not None
        if "axis" not in node.op.option_names or len(shapes[node.args[0]]) != 2 or len(node.args) != 1:
            continue
        place = node.op.option_names.index("axis")
        axis = node.fixed[place]
        if not isinstance(axis, int) or isinstance(axis, bool):
            continue
        fixed = (*node.fixed[:place], 1 - axis % 2, *node.fixed[place + 1 :])
        given = {i: shapes[i] for i in graph.inputs.values()}
        try:
            misread = fit_shapes(surgery.with_node(graph, node._replace(fixed=fixed)), given)
        except ShapeError:
            continue
        over = ("down each column", "along each row")
        words = f"{spoken(graph, index)} goes {over[axis % 2]}; you went {over[1 - axis % 2]}"
        yield Fault("wrong axis", words, read_as=misread)


def _instead(graph: Graph, mistake: str, node: Node, other: Node) -> Fault:
    """The fault of working ``node`` out as ``other``."""
    misread = surgery.with_node(graph, other)
    right, wrong = (
        to_text(which.definition(node.index, lambda i: spoken_tree(graph, i))) for which in (graph, misread)
    )
    return Fault(mistake, f"you worked {right} out as {wrong}", read_as=misread)


def _misread(
    graph: Graph, mistake: str, outer: Node, inner: Node,
    new_inner: tuple[str, tuple[int, ...]], new_outer: tuple[str, tuple[int, ...]],
) -> Fault:  # fmt: skip
    """``outer`` and ``inner`` grouped otherwise; the inner box is made just before the outer."""
    nodes = list(graph.nodes)
    order = [i for i in range(len(nodes)) if i != inner.index]
    order.insert(order.index(outer.index), inner.index)
    nodes[inner.index] = nodes[inner.index]._replace(op=OPS[new_inner[0]], args=new_inner[1])
    args = tuple(inner.index if arg < 0 else arg for arg in new_outer[1])
    nodes[outer.index] = nodes[outer.index]._replace(op=OPS[new_outer[0]], args=args)
    misread, place = surgery.regrouped(graph, nodes, order), order.index
    right = to_text(_written_out(graph, outer.index, inner.index, lambda i: spoken_tree(graph, i)))
    wrong = to_text(
        _written_out(misread, place(outer.index), place(inner.index), lambda i: spoken_tree(graph, order[i]))
    )
    return Fault(mistake, f"you read {right} as {wrong}", read_as=misread)


def _written_out(graph: Graph, outer: int, inner: int, term: Callable[[int], Expr]) -> Expr:
    return graph.definition(outer, lambda i: graph.definition(i, term) if i == inner else term(i))
