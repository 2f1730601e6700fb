"""Whole numbers that a formula fixes before anything runs: ``n = 3``, ``k = n + 1``."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.graph.node import Node

__all__ = ["whole_number"]

#: Deeper than this no number is worked out from others.
_DEEP = 1_000


def whole_number(nodes: Sequence[Node], start: int) -> int | None:
    """The whole number that node ``start`` always is; None where it depends on a variable, or is none.

    >>> from backtrace_cli.graph import build
    >>> whole_number(build("k = 1 + 1; k*2").nodes, 3)
    4
    """
    known: dict[int, int] = {}
    waiting = [start]
    while waiting:
        index = waiting[-1]
        node = nodes[index]
        unknown = [arg for arg in node.args if arg not in known]
        if node.op is None:
            literal = node.literal or ""
            if not literal.lstrip("-").isdecimal():
                return None
            known[index] = int(literal)
        elif node.op.mixes or node.op.float is None or len(waiting) > _DEEP:
            return None
        elif unknown:
            waiting += unknown
            continue
        else:
            value = node.op.float(*[float(known[arg]) for arg in node.args])
            if value != value or abs(value) > 2**53 or value != int(value):
                return None
            known[index] = int(value)
        waiting.pop()
    return known[start]
