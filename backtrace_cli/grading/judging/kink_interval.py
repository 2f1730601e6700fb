"""At a kink any slope between those on the two sides is a subgradient: the interval an answer may lie in."""

from __future__ import annotations

from itertools import product

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import Value, entries
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.statement import run_at
from backtrace_cli.graph import Node
from backtrace_cli.readings.kinks import standing
from backtrace_cli.readings.questions import Question, expected

__all__ = ["interval"]

#: A box, one of its arguments, and an entry of its value.
_Kinked = tuple[int, int, tuple[int, ...]]

#: With more kinks than this on the way, only the slopes that the trace takes are accepted.
_MOST_KINKS = 6


class _Sides(Rules):
    """The rules with a chosen side at each kink."""

    side: dict[_Kinked, int]

    def at_kink(self, node: Node, slot: int, at: list[Value], value: Value) -> tuple[Value, int]:
        taken, kink = super().at_kink(node, slot, at, value)
        assert node.op is not None
        slopes = node.op.kinks[kink].slopes if kink >= 0 else None
        if slopes is None:
            return taken, kink
        here = {place: side for (index, at_slot, place), side in self.side.items()
                if (index, at_slot) == (node.index, slot)}  # fmt: skip
        for place, side in here.items():
            program = self.arithmetic.text(node.op, slopes[side], slot, len(node.args))
            slope = self.arithmetic.run(program, at)
            if shape_of(at[-1]):
                taken, slope = (self.arithmetic.full(one, at[-1]) for one in (taken, slope))
                taken[place] = slope[place]
            else:
                taken = slope
        return taken, kink


def _kinked(trace: Trace) -> list[_Kinked]:
    """Where messages pass a kink with two sides: the box, the argument, and the entry of an array."""
    found = []
    for place in standing(trace.graph, trace.values, trace.arithmetic):
        op = trace.graph.nodes[place.node].op
        if op is None or op.mixes or op.kinks[place.kink].slopes is None:
            continue
        sent = {one.slot for one in trace.sent if one.source == place.node}
        here = [entry for entry, stands in entries(place.where) if stands]
        found += [(place.node, slot, entry) for slot in place.slots if slot in sent for entry in here]
    return found


def interval(trace: Trace, question: Question) -> tuple[Value, Value]:
    """The least and the greatest answer to ``question`` over the sides of every kink on the way, per
    entry where there are arrays.

    The answer is linear in each slope, so its extremes lie where every kink takes a side.

    >>> from backtrace_cli.grading.statement import Statement
    >>> interval(Statement("f = relu(x)", "x=0").trace, Question("gradient", None, "x"))
    (0.0, 1.0)
    """
    if question.kind.along_input:
        # Forward mode has a walk of its own, which takes no other rules.
        return float("inf"), float("-inf")
    kinked = _kinked(trace)
    low = high = expected(trace, question)
    for sides in product((0, 1), repeat=len(kinked)) if 0 < len(kinked) <= _MOST_KINKS else ():
        rules = _Sides(trace.graph, trace.values, trace.arithmetic)
        rules.side = dict(zip(kinked, sides, strict=True))
        moved = expected(run_at(trace.graph, trace.at, trace.arithmetic, trace.values, rules), question)
        low, high = (low + moved - abs(low - moved)) / 2, (high + moved + abs(high - moved)) / 2
    return low, high
