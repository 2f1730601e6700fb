"""A graph and the rules of its ops written as lines: forward in the graph's order, then every message back.

The order of operations is that of the walk (``engine/backward.py``), so the numbers are the same to the bit.
A slope that is 0 by declaration sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import NAMED, Arithmetic
from backtrace_cli.engine.arithmetics.program import loaded
from backtrace_cli.engine.compiled.lines import Lines, is_product
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.ops import find, rule, text_rule

__all__ = ["Lowered", "Writer", "computed", "conditions", "lowered"]


class Lowered(NamedTuple):
    """A program: its lines, and which of them are asked for."""

    lines: Lines
    results: tuple[int, ...]
    """The output, then a gradient for each wanted input."""


def lowered(
    graph: Graph,
    wanted: Sequence[int],
    arithmetic: Arithmetic,
    samples: Mapping[int, Value],
    taken: Mapping[int, bool],
) -> Lowered:
    """The program of ``graph`` for its output and its gradient with respect to the nodes ``wanted``.

    ``samples`` has a value for each input (its shape is what counts), ``taken`` says of each op that
    selects, over numbers, whether its condition holds. Raises ValueError for a rule that names no op.
    """
    writer = Writer(graph, arithmetic, samples, taken)
    writer.forward()
    return Lowered(writer.lines, (writer.at[graph.output], *writer.gradient(wanted)))


def computed(
    graph: Graph, nodes: Sequence[int], arithmetic: Arithmetic, samples: Mapping[int, Value]
) -> Lowered:
    """The program of ``graph`` for the values of ``nodes``."""
    writer = Writer(graph, arithmetic, samples, {})
    writer.forward()
    return Lowered(writer.lines, tuple(writer.at[index] for index in nodes))


def conditions(graph: Graph, arithmetic: Arithmetic) -> tuple[Lowered, list[int]]:
    """The program of all conditions on which the graph's branches hang, and the nodes that choose by them."""
    writer = Writer(graph, arithmetic, {}, {})
    writer.forward()
    nodes = [node for node in graph.nodes if node.op is not None and node.op.selects]
    return Lowered(writer.lines, tuple(writer.at[node.args[0]] for node in nodes)), [n.index for n in nodes]


class Writer:
    """What puts a graph on lines: ``forward``, then ``backward``, then whatever is computed from the two."""

    def __init__(
        self, graph: Graph, arithmetic: Arithmetic, samples: Mapping[int, Value], taken: Mapping[int, bool]
    ) -> None:
        self.graph = graph
        self.arithmetic = arithmetic
        self.samples = samples
        self.taken = taken
        self.lines = Lines(arithmetic)
        self.guarded = bool(getattr(arithmetic, "guarded", False))
        self.at: list[int] = []
        """The line of each node."""

    def forward(self) -> None:
        """A line for every node, in the order of the graph."""
        for node in self.graph.nodes:
            args = tuple(self.at[arg] for arg in node.args)
            if node.op is None:
                literal = node.literal
                line = (
                    self.lines.input(node.name or "", self.samples.get(node.index))
                    if literal is None
                    else self.lines.constant(self.arithmetic.literal(literal))
                )
            elif node.index in self.taken:
                line = args[1 if self.taken[node.index] else 2]
            else:
                line = self.lines.apply(node.op, args, node.fixed)
            self.at.append(line)

    def gradient(self, wanted: Sequence[int]) -> list[int]:
        """The line of the gradient with respect to each of these nodes, in the node's shape."""
        found, zero = self.backward(set(wanted)), self.lines.constant(0.0)
        return [self.lines.fit(found[index], self.at[index]) if index in found else zero for index in wanted]

    def backward(self, wanted: set[int]) -> dict[int, int]:
        """The line of every node's gradient, where a message reaches it."""
        graph = self.graph
        active = graph.leads_from(wanted)
        value = self.lines.samples[self.at[graph.output]]
        gradients = {graph.output: self.lines.constant(self.arithmetic.seed(value))}
        for node in reversed(graph.nodes):
            upstream = gradients.get(node.index)
            if node.op is None or upstream is None:
                continue
            for slot, target in enumerate(node.args):
                if not active[target] or not self._sends(node, slot):
                    continue
                sent = self._message(node, slot, upstream)
                if sent is None:
                    continue
                sent = self.lines.fit(sent, self.at[target])
                held = gradients.get(target)
                gradients[target] = sent if held is None else self.lines.plus(held, sent)
        return gradients

    def _sends(self, node: Node, slot: int) -> bool:
        assert node.op is not None
        if node.index in self.taken:
            return slot == (1 if self.taken[node.index] else 2)
        return node.op.sends(slot)

    def _message(self, node: Node, slot: int, upstream: int) -> int | None:
        """The line of the message along one edge; None where it is 0 by declaration."""
        op, lines = node.op, self.lines
        assert op is not None
        if node.index in self.taken:
            return upstream
        count = len(node.args)
        place = dict(zip(op.params(count), (self.at[arg] for arg in node.args), strict=True))
        place |= {"out": self.at[node.index], "g": upstream}
        options = dict(zip(op.option_names, node.fixed, strict=False))
        if op.messages:
            tree = rule(op, slot, count, self.arithmetic.stable, node.fixed)
            return self._at_kinks(node, slot, self.line(tree, place, options), place, options)
        tree = rule(op, slot, count, self.arithmetic.stable)
        local = self._at_kinks(node, slot, self.line(tree, place, options), place, options)
        if lines.is_constant(local, 0.0):
            return None
        sent = lines.times(upstream, local)
        if self.guarded and not lines.is_constant(local):
            return lines.choose(lines.is_zero(upstream), lines.constant(0.0), sent)
        return sent

    def _at_kinks(
        self, node: Node, slot: int, value: int, place: dict[str, int], options: dict[str, Any]
    ) -> int:
        """``value``, or what is taken where a kink of the op holds: of several the first."""
        op, count = node.op, len(node.args)
        assert op is not None
        found: list[tuple[int, int]] = []
        for kink in op.kinks:
            text = kink.taken[min(slot, len(kink.taken) - 1)]
            if text is None and kink.kind != "jump":
                continue
            when = self._condition(op.fill(kink.when, slot, count, node.fixed), node, place, options)
            if self.lines.is_constant(when, 0.0):
                continue
            if text is None:
                found.append((when, value))
            else:
                tree = text_rule(op, op.fill(text, slot, count, node.fixed), count)
                found.append((when, self.line(tree, place, options)))
            if self.lines.is_constant(when):
                break
        for when, taken in reversed(found):
            value = self.lines.choose(when, taken, value)
        return value

    def _condition(self, text: str, node: Node, place: dict[str, int], options: dict[str, Any]) -> int:
        """The line of a kink's condition: a product of comparisons is 0 as soon as one of them is."""
        assert node.op is not None
        tree = text_rule(node.op, text, len(node.args))
        parts, factors = [tree], []
        while parts:
            part = parts.pop()
            if isinstance(part, Call) and is_product(part):
                parts.extend(part.args)
            else:
                factors.append(self.line(part, place, options))
        if any(self.lines.is_constant(factor, 0.0) for factor in factors):
            return self.lines.constant(0.0)
        found = factors.pop()
        while factors:
            found = self.lines.times(found, factors.pop())
        return found

    def line(self, tree: Expr, place: Mapping[str, int], options: Mapping[str, Any]) -> int:
        """The line of a rule's tree over the lines of what it names."""
        stack: list[tuple[Expr, bool]] = [(tree, False)]
        made: list[int] = []
        while stack:
            node, ready = stack.pop()
            if isinstance(node, Number):
                made.append(self.lines.constant(self.arithmetic.literal(node.text)))
            elif isinstance(node, Name):
                made.append(self._named(node.name, place, options))
            elif ready:
                inner = find(node.func, len(node.args))
                if inner is None:
                    raise ValueError(f"{node.func} with {len(node.args)} arguments is no op")
                args = tuple(made[len(made) - len(node.args) :])
                del made[len(made) - len(node.args) :]
                names = {name: at for at, name in enumerate(options)}
                fixed = tuple(
                    list(options.values())[what] if load else what
                    for load, what in loaded(inner, node, names)
                )
                made.append(self.lines.apply(inner, args, fixed if inner.options else ()))
            else:
                stack.append((node, True))
                stack.extend((arg, False) for arg in reversed(node.args))
        return made[0]

    def _named(self, name: str, place: Mapping[str, int], options: Mapping[str, Any]) -> int:
        if name in place:
            return place[name]
        if name in options:
            return self.lines.constant(float(options[name]))
        return self.lines.constant(NAMED[name])
