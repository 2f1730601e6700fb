"""The backward pass with one rule broken: the engine's own walk, never a second one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import Backward, Rules, backward
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.surgery import rooted
from backtrace_cli.mistakes.places.fault import Edge, Fault

__all__ = ["BrokenRules", "replay"]


class BrokenRules(Rules):
    """The rules of backpropagation with ``fault`` in them."""

    def __init__(
        self, graph: Graph, values: list[Value], arithmetic: Arithmetic, fault: Fault,
        earlier: list[Value] | None = None, known: Mapping[Edge, tuple[Value, int]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(graph, values, arithmetic)
        self.fault = fault
        self.wrong = dict(fault.wrong)
        self.moved = dict(fault.moved)
        self.lost = set(fault.lost)
        self.sent = dict(fault.sent)
        self.gates = set(fault.gated)
        self.strict = True
        """Does nobody go on from a gradient of the wrong shape?"""
        self.upstream: Value = None
        """What arrived at the box whose message is being made."""
        self.given: dict[Edge, Value] = {}
        """Local derivatives that come from elsewhere."""
        self.known = known or {}
        """Local derivatives, and the kinks that decided them, of a run without mistakes."""
        self.earlier = earlier
        self.edge: Edge = (-1, -1)
        self.repeated: dict[int, Value] = {}

    def local(self, node: Node, slot: int, at: list[Value]) -> tuple[Value, int]:
        edge = (node.index, slot)
        if edge in self.given:
            return self.given[edge], -1
        if edge in self.wrong:
            assert node.op is not None
            program = self.arithmetic.text(node.op, self.wrong[edge], slot, len(node.args))
            return self.arithmetic.run(program, at), -1
        if edge in self.gates:
            return self.arithmetic.choose(self.upstream > 0, self.arithmetic.one, self.arithmetic.zero), -1
        if edge in self.moved:
            elsewhere = self.values[self.moved[edge]]
            op = node.op
            assert op is not None
            there = [elsewhere, self.arithmetic.function(op)(elsewhere)]
            return super().local(node, slot, there)
        return self.known[edge] if edge in self.known else super().local(node, slot, at)

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        self.edge = (node.index, slot)
        if self.edge in self.fault.unfed:
            upstream = self.arithmetic.seed(self.values[node.index])
        elif node.index in self.fault.early:
            upstream = self.repeated[node.index]
        if self.strict and shape_of(upstream) != shape_of(self.values[node.index]):
            upstream = self.values[node.index] * math.nan
        if self.edge in self.fault.loose:
            self.arithmetic.keep = True  # type: ignore[attr-defined]  # only arrays have such edges
        if self.edge in self.sent:
            return None, self._sent(node, slot, upstream, at), -1
        self.upstream = upstream
        return super().message(node, slot, upstream, at)

    def _sent(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> Value:
        """The wrong message of a box that mixes entries; nan where its shapes don't fit."""
        op, arithmetic = node.op, self.arithmetic
        assert op is not None
        text = self.sent[node.index, slot]
        program = arithmetic.text(op, text, slot, len(node.args), node.fixed)
        try:
            return arithmetic.run(program, [*at, upstream, *node.fixed])
        except BacktraceError:
            return at[slot] * math.nan

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        if self.edge in self.lost:
            return self.arithmetic.empty(self.values[node]) if total is None else total
        before = total
        if before is None and self.earlier is not None:
            before = self.earlier[node]
        fresh = before is None
        result = contribution if fresh else self.arithmetic.plus(before, contribution)
        if node in self.fault.early:
            known = self.repeated.get(node)
            self.repeated[node] = result if known is None else self.arithmetic.plus(known, result)
        return result


def replay(
    graph: Graph, values: list[Value], arithmetic: Arithmetic, wanted: set[int], fault: Fault,
    known: Mapping[Edge, tuple[Value, int]] | None = None,
) -> Backward:  # fmt: skip
    """The backward pass at ``values`` with ``fault`` in it.

    ``known`` are local derivatives of a run without mistakes there, where one was made.
    """
    earlier = None
    if fault.stale:
        earlier = backward(graph, values, arithmetic, wanted).gradients
    rules = BrokenRules(graph, values, arithmetic, fault, earlier, known)
    for index, variable in fault.crossed:
        _cross(rules, index, variable)
    return backward(graph, values, arithmetic, wanted, rules)


def _cross(rules: BrokenRules, index: int, variable: int) -> None:
    """Make the box ``index`` multiply (or divide) the derivatives of its two arguments along ``variable``.

    The first factor's derivative comes down its own edge; the second's, from a walk back
    that starts there, is put in the place of the local derivative.
    """
    graph, arithmetic = rules.graph, rules.arithmetic
    node = graph.nodes[index]
    assert node.op is not None
    slope = backward(rooted(graph, node.args[1]), rules.values, arithmetic, {variable}).gradients[variable]
    slope = arithmetic.zero if slope is None else slope
    quotient = node.op.name == "divide"
    rules.given[index, 0] = arithmetic.function(node.op)(arithmetic.one, slope) if quotient else slope
    rules.lost.add((index, 1))
