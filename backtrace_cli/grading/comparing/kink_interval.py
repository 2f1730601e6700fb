"""At a kink any slope between those on the two sides is a subgradient: the interval an answer may lie in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.precise import Run, numbers
from backtrace_cli.grading.statement import run_at
from backtrace_cli.graph import Node
from backtrace_cli.readings.kinks import standing
from backtrace_cli.readings.questions import Question, expected

__all__ = ["contradicting", "interval"]

#: A box, one of its arguments, and an entry of its value.
_Kinked = tuple[int, int, tuple[int, ...]]

#: With more kinks than this on the way, only the slopes that the trace takes are accepted.
_MOST_KINKS = 6
#: So much may be the rounding of a number that somebody wrote, to four digits as a rule.
_ROOM = 1e-3


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


def contradicting(run: Run, answers: Sequence[tuple[Question, Value]]) -> Question | None:
    """The first of ``answers``, each of them within its interval, that takes another slope at a kink than
    the others do; None where one slope a kink gives them all.

    An answer is linear in each slope: where all of its slopes but one are known, it says the last.

    >>> from backtrace_cli.grading.statement import Statement
    >>> hinge = Statement("L = relu(a - c) + relu(b - c)", "a=1,b=1,c=1").own.with_digits(50)
    >>> asked = [(Question("gradient", None, name), value) for name, value in zip("abc", (1, 1, -1))]
    >>> contradicting(hinge, asked).target, contradicting(hinge, [*asked[:2], (asked[2][0], -2)])
    ('c', None)
    """
    kinked = _kinked(run.trace)
    if not 0 < len(kinked) <= _MOST_KINKS:
        return None
    sides = [tuple(int(place == turn) for turn in range(len(kinked))) for place in range(-1, len(kinked))]
    traces = [_with_sides(run, kinked, chosen) for chosen in sides]
    shares: dict[int, float] = {}
    open_rows = [
        (question, float(value) - base, [one - base for one in rest])
        for question, answer in answers
        for value, (base, *rest) in zip(
            numbers(answer), zip(*(map(float, numbers(expected(t, question))) for t in traces), strict=True),
            strict=True,
        )
    ]  # fmt: skip
    while open_rows:
        later = []
        for question, value, slopes in open_rows:
            unknown = [place for place, slope in enumerate(slopes) if slope and place not in shares]
            left = value - sum(slope * shares.get(place, 0.0) for place, slope in enumerate(slopes))
            size = 1 + abs(value) + sum(map(abs, slopes))
            if not unknown:
                if abs(left) > _ROOM * size:
                    return question
            elif len(unknown) == 1:
                shares[unknown[0]] = left / slopes[unknown[0]]
                if not -_ROOM * size <= shares[unknown[0]] <= 1 + _ROOM * size:
                    return question
            else:
                later.append((question, value, slopes))
        if len(later) == len(open_rows):
            break
        open_rows = later
    return None


def _with_sides(run: Run, kinked: list[_Kinked], sides: tuple[int, ...]) -> Trace:
    rules = _Sides(run.graph, run.values, run.arithmetic)
    rules.side = dict(zip(kinked, sides, strict=True))
    return run_at(run.graph, run.at, run.arithmetic, run.values, rules)
