"""The backward pass: call every box's bprop in reverse order, and add up what arrives.

The walk takes the rules it applies as an argument. A mistake is the same walk with
one rule broken, never a second walk.
"""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.forward import taken
from backtrace_cli.graph import Graph, Node

__all__ = ["Backward", "Rules", "backward"]

#: Which slots each node sends along, and how many messages each node gets.
Plan = tuple[dict[int, list[int]], list[int]]


class Rules:
    """The rules of backpropagation: local derivative, product with the upstream, sum at a fork.

    Override one method for one edge to replay a mistake.
    """

    def __init__(self, graph: Graph, values: list[Value], arithmetic: Arithmetic) -> None:
        self.graph = graph
        self.values = values
        self.arithmetic = arithmetic

    def local(self, node: Node, slot: int, at: list[Value]) -> tuple[Value, int]:
        """∂node/∂(argument ``slot``) at ``at`` (the arguments, then the output), and which
        kink decided it (−1 for none)."""
        op, arithmetic = node.op, self.arithmetic
        assert op is not None
        program = arithmetic.partial(op, slot, len(node.args))
        if program.constant is not None:
            value = program.constant
        elif program.single is not None:
            value = at[program.single]
        else:
            value = arithmetic.run(program, at)
        if op.kinks:
            return self.at_kink(node, slot, at, value)
        return value, -1

    def at_kink(self, node: Node, slot: int, at: list[Value], value: Value) -> tuple[Value, int]:
        """``value``, or, at each entry, what the first kink of the op that holds there takes instead."""
        op, arithmetic, count = node.op, self.arithmetic, len(node.args)
        assert op is not None
        found, first = value, -1
        for index in reversed(range(len(op.kinks))):
            kink = op.kinks[index]
            text = kink.taken[min(slot, len(kink.taken) - 1)]
            if text is None and kink.kind != "jump":
                continue
            mask = arithmetic.run(arithmetic.text(op, kink.when, slot, count, node.fixed), at)
            if arithmetic.truth(mask):
                chosen = value
                if text is not None:
                    chosen = arithmetic.run(arithmetic.text(op, text, slot, count, node.fixed), at)
                found, first = arithmetic.choose(mask, chosen, found), index
        return found, first

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        """(local derivative, contribution, kink) of the message along one edge."""
        op = node.op
        assert op is not None
        if op.messages:
            program = self.arithmetic.partial(op, slot, len(node.args), node.fixed)
            at = [*at, upstream, *node.fixed]
            sent = self.arithmetic.run(program, at)
            sent, kink = self.at_kink(node, slot, at, sent) if op.kinks else (sent, -1)
            return None, sent, kink
        local, kink = self.local(node, slot, at)
        return local, self.arithmetic.times(upstream, local), kink

    def tangent(self, node: Node, slot: int, moving: Value, at: list[Value]) -> tuple[Value, Value, int]:
        """(local derivative, how the output moves with a tangent of one argument, kink)."""
        op = node.op
        assert op is not None
        if op.messages:
            program = self.arithmetic.tangent(op, slot, len(node.args), node.fixed)
            at = [*at, moving, *node.fixed]
            return None, *self.tangent_at_kink(node, slot, at, self.arithmetic.run(program, at))
        local, kink = self.local(node, slot, at)
        return local, self.arithmetic.times(moving, local), kink

    def tangent_at_kink(self, node: Node, slot: int, at: list[Value], moved: Value) -> tuple[Value, int]:
        """``moved``, 0 where a kink takes 0, and which kink that was; a tie's shares are in the text."""
        op, arithmetic = node.op, self.arithmetic
        assert op is not None
        found, first = moved, -1
        for index in reversed(range(len(op.kinks))):
            kink = op.kinks[index]
            none = kink.taken[min(slot, len(kink.taken) - 1)] == "0"
            when = kink.in_own_shape if none else kink.when
            mask = arithmetic.run(arithmetic.text(op, when, slot, len(node.args), node.fixed), at)
            if arithmetic.truth(mask):
                found = arithmetic.choose(mask, arithmetic.zero, found) if none else found
                first = index
        return found, first

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        """The running total of ``node`` after its message number ``order`` (from 1)."""
        return contribution if order == 1 else self.arithmetic.plus(total, contribution)


class Backward(NamedTuple):
    """What one backward pass did."""

    sent: list[Sent]
    gradients: list[Value]
    """Per node: the gradient of the output, or None where no message arrived."""
    counts: list[int]
    """Per node: how many messages it receives."""


def backward(
    graph: Graph,
    values: list[Value],
    arithmetic: Arithmetic,
    wanted: set[int],
    rules: Rules | None = None,
    seed: Value = None,
) -> Backward:
    """One backward pass from the output to ``wanted``, visiting only what leads there.

    A node is visited once, when all its messages are in. The result depends on its
    arguments alone: nothing is stored on the graph.
    """
    rules = rules or Rules(graph, values, arithmetic)
    sends, counts = _plan(graph, values, arithmetic, wanted)
    gradients: list[Value] = [None] * len(graph)
    arrived = [0] * len(graph)
    sent: list[Sent] = []
    output = graph.output
    gradients[output] = arithmetic.seed(values[output]) if seed is None else seed
    for node in reversed(graph.nodes):
        slots = sends.get(node.index)
        if not slots:
            continue
        upstream = gradients[node.index]
        at = [values[arg] for arg in node.args]
        at.append(values[node.index])
        for slot in slots:
            target = node.args[slot]
            local, contribution, kink = rules.message(node, slot, upstream, at)
            contribution, _ = arithmetic.fit(contribution, values[target])
            arrived[target] = order = arrived[target] + 1
            total = rules.accumulate(target, gradients[target], contribution, order)
            gradients[target] = total
            sent.append(Sent(node.index, target, slot, upstream, local, contribution, total, order, kink))
    return Backward(sent, gradients, counts)


def _plan(graph: Graph, values: list[Value], arithmetic: Arithmetic, wanted: set[int]) -> Plan:
    """Which slots each node sends along, and how many messages each node gets."""
    active = graph.leads_from(wanted)
    visited = bytearray(len(graph))
    visited[graph.output] = 1
    sends: dict[int, list[int]] = {}
    counts = [0] * len(graph)
    for node in reversed(graph.nodes):
        if not visited[node.index] or node.op is None or not active[node.index]:
            continue
        slots = [slot for slot, arg in enumerate(node.args) if active[arg]]
        if node.op.messages or node.op.counts:
            slots = [slot for slot in slots if node.op.sends(slot)]
        if node.op.selects:
            used = taken(node, values, arithmetic)
            slots = [slot for slot in slots if used[slot] and slot]
        for slot in slots:
            counts[node.args[slot]] += 1
            visited[node.args[slot]] = 1
        sends[node.index] = slots
    return sends, counts
