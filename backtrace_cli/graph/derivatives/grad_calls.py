"""``grad(f, x)`` inside a formula: the walk back from f to x, written into the graph in its place."""

from __future__ import annotations

from typing import Any, NoReturn, Protocol

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.graph.derivatives.adjoint import Anywhere, adjoint
from backtrace_cli.graph.derivatives.growing import Growing
from backtrace_cli.graph.node import Graph, Node
from backtrace_cli.graph.surgery import regrouped
from backtrace_cli.language.tree.syntax import Call
from backtrace_cli.ops import Op
from backtrace_cli.ops.nothing import COUNTED, SHAPE

__all__ = ["GRAD", "MOST_BOXES", "gradient_call", "inputs_first", "prepared", "written_out"]


#: Each level of a nested derivative may make its formula twice as long: so many boxes are written out.
MOST_BOXES = 5_000


class Names(Protocol):
    """What a builder knows: the boxes so far, and how to refuse."""

    nodes: list[Node]

    def fail(self, message: str, span: Span, hint: str | None = None) -> NoReturn: ...


def _shape_of_x(f: tuple[int, ...], x: tuple[int, ...]) -> tuple[int, ...]:
    """A gradient has the shape of what it is taken by."""
    return x


def _never(*_: Any) -> Any:
    """It is written out before anything is computed."""
    raise AssertionError("grad(f, x) stands in a graph that is computed")


#: What stands in a graph until the shapes are known; no formula is computed with it.
GRAD = Op("grad", "f x", "how the sum of the entries of f moves with each entry of x", numpy=_never,
          shape=_shape_of_x, messages=(SHAPE, SHAPE), tangents=(SHAPE, SHAPE), entries=COUNTED, internal=True,
          why="It stands for the walk back from f to x, which is written in its place.",
          samples=(((), ()),))  # fmt: skip


def gradient_call(names: Names, item: Call, args: tuple[int, ...]) -> tuple[Op, tuple[int, ...]]:
    """The box for ``item``, which calls grad; refused where it names nothing to move."""
    if len(args) != 2 or item.options:
        names.fail(f"grad takes what is differentiated and by what, {len(args)} given", item.span,
                   "write grad(f, x), with a name or a formula for f")  # fmt: skip
    if names.nodes[args[1]].literal is not None:
        names.fail("the second argument of grad is what moves, and a number doesn't", item.span,
                   "write a variable, or a name that the formula gives")  # fmt: skip
    if isinstance(item.args[1], Call) and not _reads(names.nodes, *args):
        names.fail("grad(f, x) moves what f reads, and f doesn't read this", item.span,
                   "write a variable, or give it a name and use that in f")  # fmt: skip
    return GRAD, args


def _reads(nodes: list[Node], f: int, x: int) -> bool:
    """Does ``x`` stand somewhere below ``f``?"""
    seen, waiting = {f}, [f]
    while waiting:
        for arg in nodes[waiting.pop()].args:
            if arg not in seen:
                seen.add(arg)
                waiting.append(arg)
    return x in seen


def prepared(graph: Graph) -> Graph:
    """A graph just built: over numbers its grads are written out; where there are arrays, or may be, their
    shapes come first, so they stand until ``fit_shapes`` writes them out."""
    first = inputs_first(graph)
    if graph.lists or any(
        node.op is not None and node.op.mixes and node.op is not GRAD for node in graph.nodes
    ):
        return first
    found = written_out(first)
    found.over_numbers = True
    return found


def inputs_first(graph: Graph) -> Graph:
    """``graph`` with its inputs before everything else, where they stay when the rest is written out."""
    order = sorted(range(len(graph)), key=lambda index: not graph.nodes[index].is_input)
    return regrouped(graph, graph.nodes, order)


def written_out(graph: Graph) -> Graph:
    """``graph`` with each ``grad(f, x)`` as the boxes of the walk back; over numbers unless its shapes are
    known. It may have been nested: the inner ones are written out first.

    >>> from backtrace_cli.graph import build
    >>> graph = build("grad(x^2*y, x) + y")
    >>> [graph.nodes[index].op.name for index in graph.steps]
    ['multiply', 'multiply', 'add']
    """
    boxes = Growing.emptied(graph)
    place: list[int] = []
    for node in graph.nodes:
        args = tuple(place[arg] for arg in node.args)
        if node.op is not GRAD:
            shape = () if graph.shapes is None else graph.shapes[node.index]
            place.append(boxes.copied(node, args, shape))
            continue
        f, x = args
        if len(boxes.nodes) > MOST_BOXES:
            raise FormulaError(f"written out, these derivatives take more than {MOST_BOXES:,} boxes",
                               span=node.span, source=graph.source,
                               hint="nest fewer, or name what they share")  # fmt: skip
        found = adjoint(boxes, f, [x], Anywhere(), named=False).get(x)
        if found is None:
            zeros = Call("zeros_like", (boxes.tree(x),))
            found = boxes.made(zeros) if boxes.shape(x) else boxes.constant("0")
        place.append(found if node.name is None else boxes.called(found, node.name, node.span))
    rewritten = boxes.rewritten(place)
    rewritten.before = graph
    return rewritten
