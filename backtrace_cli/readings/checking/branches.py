"""Which branch each box of a run is on: what a difference quotient must not step across.

Read from the declarations: every comparison and every sign that an op's rules or kinks speak of, and
the value itself where an op is flat between its jumps.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.syntax import Call, Expr, Number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import Op, find, text_rule
from backtrace_cli.ops.nothing import CHOSEN
from backtrace_cli.ops.traits import commutes, compares
from backtrace_cli.readings.kinks import resting_nodes

__all__ = ["Branches"]

_TURNING = ("kink", "jump")


class Branches:
    """The branches at one point, to ask whether another point is on the same ones.

    >>> from backtrace_cli import trace
    >>> t = trace("relu(x)*x", x=0.5)
    >>> branches = Branches(t.graph, t.values, t.arithmetic)
    >>> [branches.left(trace("relu(x)*x", x=x).values) for x in (0.1, -0.1)]
    [False, True]
    """

    def __init__(self, graph: Graph, values: Sequence[Value], arithmetic: Arithmetic) -> None:
        self.arithmetic = arithmetic
        resting = resting_nodes(graph, list(values), arithmetic)
        self.turning = [node for node in resting if node.op is not None and _turns(node)]
        self.base = [self._sides(node, values) for node in self.turning]

    def left(self, values: Sequence[Value]) -> bool:
        """Is any box on another branch at ``values``?"""
        return any(
            _differ(one, other, sign)
            for node, base in zip(self.turning, self.base, strict=True)
            for (sign, one), (_, other) in zip(base, self._sides(node, values), strict=True)
        )

    def _sides(self, node: Node, values: Sequence[Value]) -> list[tuple[bool, Value]]:
        """(is it a sign?, what it is) of each comparison of ``node``'s op; where that is flat its value."""
        op, arithmetic, count = node.op, self.arithmetic, len(node.args)
        assert op is not None
        out = values[node.index]
        if op.flat:
            return [(False, out)]
        at = [*(values[arg] for arg in node.args), out, arithmetic.seed(out), *node.fixed]
        return [
            (gap, arithmetic.run(arithmetic.text(op, text, 0, count, node.fixed), at))
            for gap, text in _texts(op, count, node.fixed)
        ]


def _turns(node: Node) -> bool:
    op = node.op
    assert op is not None
    jumps = op.flat and any(kink.kind == "jump" for kink in op.kinks)
    return jumps or bool(_texts(op, len(node.args), node.fixed))


@lru_cache(maxsize=4096)
def _texts(op: Op, count: int, fixed: tuple[Any, ...]) -> tuple[tuple[bool, str], ...]:
    """The comparisons in an op's rules and kinks; (True, the gap) of what is to be equal."""
    rules: list[tuple[Expr, bool]] = []
    if not op.flat and op.kinks:
        for slot in range(count):
            texts = [op.fill(kink.when, slot, count, fixed) for kink in op.kinks if kink.kind in _TURNING]
            rules += [(text_rule(op, text, count), True) for text in texts]
            if not op.mixes or op.entries == CHOSEN:
                rules.append((text_rule(op, op.rule_text(slot, count, fixed=fixed), count), False))
    found: dict[tuple[bool, str], None] = {}
    for tree, of_kink in rules:
        found.update(dict.fromkeys(_comparisons(tree, of_kink)))
    return tuple(found)


def _comparisons(tree: Expr, of_kink: bool) -> list[tuple[bool, str]]:
    found, stack = [], [tree]
    while stack:
        node = stack.pop()
        if not isinstance(node, Call):
            continue
        stack.extend(node.args)
        inner = find(node.func, len(node.args))
        if inner is None or not inner.flat or not inner.kinks:
            continue
        if of_kink and compares(inner) and commutes(inner):
            found.append((True, to_text(Call("subtract", node.args), ascii=True)))
        elif not all(isinstance(arg, Number) for arg in node.args):
            found.append((False, to_text(node, ascii=True)))
    return found


def _differ(one: Value, other: Value, sign: bool) -> bool:
    """Do truths differ, or signs turn round? From a sign of 0 the point stands at the kink itself."""
    if not shape_of(one) and not shape_of(other):
        return bool(one != other if not sign else one != 0 and (one > 0) != (other > 0))
    import numpy as np

    if sign:
        return bool(np.any(np.not_equal(one, 0) & (np.greater(one, 0) != np.greater(other, 0))))
    return bool(np.any(np.not_equal(one, other)))
