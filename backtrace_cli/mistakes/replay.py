"""The backward pass with one rule broken: the engine's own walk, never a second one."""

from __future__ import annotations

from backtrace_cli.engine.arithmetic import Arithmetic
from backtrace_cli.engine.backward import Backward, Rules, backward
from backtrace_cli.engine.events import Value
from backtrace_cli.graph import Graph, Node
from backtrace_cli.mistakes.catalogue import Edge, Fault

__all__ = ["BrokenRules", "replay"]


class BrokenRules(Rules):
    """The rules of backpropagation with ``fault`` in them."""

    def __init__(
        self, graph: Graph, values: list[Value], arithmetic: Arithmetic, fault: Fault,
        earlier: list[Value] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(graph, values, arithmetic)
        self.fault = fault
        self.wrong = dict(fault.wrong)
        self.earlier = earlier
        self.edge: Edge = (-1, -1)
        self.repeated: dict[int, Value] = {}

    def local(self, node: Node, slot: int, at: list[Value]) -> tuple[Value, int]:
        edge = (node.index, slot)
        if edge in self.wrong:
            assert node.op is not None
            program = self.arithmetic.text(node.op, self.wrong[edge], slot, len(node.args))
            return self.arithmetic.run(program, at), -1
        if self.fault.moved is not None and self.fault.moved[0] == edge:
            elsewhere = self.values[self.fault.moved[1]]
            op = node.op
            assert op is not None
            there = [elsewhere, self.arithmetic.function(op)(elsewhere)]
            return super().local(node, slot, there)
        return super().local(node, slot, at)

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        self.edge = (node.index, slot)
        if self.fault.unfed == self.edge:
            upstream = self.arithmetic.one
        elif node.index == self.fault.early:
            upstream = self.repeated[node.index]
        return super().message(node, slot, upstream, at)

    def accumulate(self, node: int, total: Value, contribution: Value, order: int) -> Value:
        if self.edge in self.fault.lost:
            return self.arithmetic.zero if total is None else total
        before = total
        if before is None and self.earlier is not None:
            before = self.earlier[node]
        fresh = before is None
        result = contribution if fresh else self.arithmetic.plus(before, contribution)
        if node == self.fault.early:
            known = self.repeated.get(node)
            self.repeated[node] = result if known is None else self.arithmetic.plus(known, result)
        return result


def replay(
    graph: Graph, values: list[Value], arithmetic: Arithmetic, wanted: set[int], fault: Fault
) -> Backward:
    """The backward pass at ``values`` with ``fault`` in it."""
    earlier = None
    if fault.stale:
        earlier = backward(graph, values, arithmetic, wanted).gradients
    rules = BrokenRules(graph, values, arithmetic, fault, earlier)
    return backward(graph, values, arithmetic, wanted, rules)
