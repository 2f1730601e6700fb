"""The graph of the gradients at a point: what the walk takes there, branches and kinks, is settled in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.forward import taken
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.derivatives.adjoint import Anywhere, adjoint
from backtrace_cli.graph.derivatives.growing import Growing
from backtrace_cli.language.tree.syntax import Call, Expr
from backtrace_cli.ops import place_text

__all__ = ["AtPoint", "Gradients", "Steady", "gradients_of", "literal_of", "steady_gradients", "weighed"]


class AtPoint(Anywhere):
    """What is known at a point: which branch is taken, and which kinks are met."""

    def __init__(
        self, values: list[Value], arithmetic: Arithmetic, *, stable: bool, apart: bool = True
    ) -> None:
        self.values, self.arithmetic = values, arithmetic
        self.stable, self.apart = stable, apart
        self.met: list[tuple[int, int, int]] = []
        """Kinks that decided something: the node, the argument, the number of the kink."""

    def branch(self, node: Node) -> int | None:
        if self.arithmetic.arrays or self.arithmetic.symbols:
            return None
        used = taken(node, self.values, self.arithmetic)
        return next((slot for slot in range(1, len(used)) if used[slot]), 0)

    def kinks(self, node: Node, slot: int) -> Iterator[tuple[int, bool]]:
        if self.arithmetic.symbols:  # a trace without a point shows the rules as they are
            return
        op, count, arithmetic = node.op, len(node.args), self.arithmetic
        assert op is not None
        at = [*(self.values[arg] for arg in node.args), self.values[node.index], None, *node.fixed]
        for number in reversed(range(len(op.kinks))):
            kink = op.kinks[number]
            if kink.taken[min(slot, len(kink.taken) - 1)] is None:
                continue
            if arithmetic.truth(arithmetic.run(arithmetic.text(op, kink.when, slot, count, node.fixed), at)):
                self.met.append((node.index, slot, number))
                yield number, not arithmetic.arrays

    def unbounded(self, node: Node, slot: int, local: Expr) -> bool:
        return (self.arithmetic.arrays or self.arithmetic.symbols) and super().unbounded(node, slot, local)


class Gradients(NamedTuple):
    """The boxes of a graph and of its gradients."""

    boxes: Growing
    found: Mapping[int, int]
    """The box of the gradient of each wanted node; none where the output does not depend on it."""
    at: Anywhere

    def graph(self, wanted: int, place: tuple[int, ...] = ()) -> Graph:
        """The graph whose output is the gradient with respect to node ``wanted``, or one entry of it."""
        boxes = self.boxes
        found = self.found.get(wanted)
        name = f"d{boxes.names[wanted]}"
        if found is None:
            found = boxes.constant("0")
        elif place:
            found = boxes.made(Call("index", (boxes.tree(found),), options=(("at", place_text(place)),)))
            name += "".join(f"_{at}" for at in place)
        return boxes.graph(found, name)

    def along(self, wanted: Collection[int]) -> tuple[Graph, dict[int, str]]:
        """The graph of Σ v·∂f/∂x over the nodes ``wanted``, and what the input v is called for each."""
        boxes, total = self.boxes, None
        names: dict[int, str] = {}
        for index in wanted:
            at = boxes.variable(f"v_{boxes.names[index]}", boxes.shape(index))
            names[index] = boxes.names[at] or ""
            if index in self.found:
                term: Expr = Call("multiply", (boxes.tree(at), boxes.tree(self.found[index])))
                if boxes.shape(index):
                    term = Call("sum", (term,))
                total = term if total is None else Call("add", (total, term))
        return boxes.graph(boxes.constant("0") if total is None else boxes.made(total), "slope"), names


def gradients_of(
    graph: Graph, wanted: Collection[int], values: list[Value], arithmetic: Arithmetic, *,
    stable: bool, apart: bool = True, upstream: Value = None,
) -> Gradients:  # fmt: skip
    """The gradients of the output of ``graph`` as boxes, from the message ``upstream`` at the output.

    >>> from backtrace_cli.engine.arithmetics.base import Floats
    >>> from backtrace_cli.graph import build
    >>> gradients_of(build("x^2*y"), [0], [3.0, 2.0, 9.0, 2.0, 18.0], Floats(), stable=True).graph(0).formula
    'v2 = 2*x; dx = y*v2'
    """
    boxes = Growing(graph)
    at = AtPoint(values, arithmetic, stable=stable, apart=apart)
    sent = None if upstream is None else boxes.constant(literal_of(upstream))
    return Gradients(boxes, adjoint(boxes, graph.output, wanted, at, upstream=sent), at)


class Steady(Anywhere):
    """Nothing is known of the point, and nobody reads the graph: rules in the form that keeps its digits."""

    stable, apart = True, False


def steady_gradients(graph: Graph, wanted: Collection[int]) -> Gradients:
    """The gradients of the output of ``graph`` as boxes that hold at every point."""
    boxes, at = Growing(graph), Steady()
    return Gradients(boxes, adjoint(boxes, graph.output, wanted, at, named=False), at)


def literal_of(value: Value) -> str:
    """A number, or a nested list of them, as a formula writes it."""
    return str(value.tolist()) if hasattr(value, "tolist") else str(value)


def weighed(graph: Graph, upstream: Value) -> Graph:
    """The graph of Σ upstream·output, whose gradient is that of the message ``upstream`` at the output.

    >>> from backtrace_cli.graph import build
    >>> weighed(build("x^2"), 3.0).formula
    'f = x^2; weighed = 3*f'
    """
    boxes = Growing(graph)
    product = Call("multiply", (boxes.tree(boxes.constant(literal_of(upstream))), boxes.tree(graph.output)))
    return boxes.graph(boxes.made(Call("sum", (product,)) if shape_of(upstream) else product), "weighed")
