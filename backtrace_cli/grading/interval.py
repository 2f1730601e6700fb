"""At a kink any slope between those on the two sides is a subgradient: the interval an answer may lie in."""

from __future__ import annotations

from itertools import product

from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.events import Sent, Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.statement import run_at
from backtrace_cli.graph import Node
from backtrace_cli.mistakes import Question, expected

__all__ = ["interval"]

#: With more kinks than this on the way, only the slopes that the trace takes are accepted.
_MOST_KINKS = 6


class _Sides(Rules):
    """The rules with a chosen side at each kink."""

    side: dict[tuple[int, int], int]

    def at_kink(self, node: Node, slot: int, at: list[Value], value: Value) -> tuple[Value, int]:
        taken, kink = super().at_kink(node, slot, at, value)
        assert node.op is not None
        slopes = node.op.kinks[kink].slopes if kink >= 0 else None
        if slopes is None or (node.index, slot) not in self.side:
            return taken, kink
        text = slopes[self.side[node.index, slot]]
        program = self.arithmetic.text(node.op, text, slot, len(node.args))
        return self.arithmetic.run(program, at), kink


def _two_sided(trace: Trace, sent: Sent) -> bool:
    op = trace.graph.nodes[sent.source].op
    return sent.kink >= 0 and op is not None and op.kinks[sent.kink].slopes is not None


def interval(trace: Trace, question: Question) -> tuple[float, float]:
    """The least and the greatest answer to ``question`` over the sides of every kink on the way.

    The answer is linear in each slope, so its extremes lie where every kink takes a side.

    >>> from backtrace_cli.grading.statement import Statement
    >>> interval(Statement("f = relu(x)", "x=0").trace, Question("gradient", None, "x"))
    (0.0, 1.0)
    """
    kinked = [(sent.source, sent.slot) for sent in trace.sent if _two_sided(trace, sent)]
    if question.table == "tangent":
        # Forward mode has a walk of its own, which takes no other rules.
        return float("inf"), float("-inf")
    found = [float(expected(trace, question))]
    for sides in product((0, 1), repeat=len(kinked)) if 0 < len(kinked) <= _MOST_KINKS else ():
        rules = _Sides(trace.graph, trace.values, trace.arithmetic)
        rules.side = dict(zip(kinked, sides, strict=True))
        moved = run_at(trace.graph, trace.at, trace.arithmetic, trace.values, rules)
        found.append(float(expected(moved, question)))
    return min(found), max(found)
