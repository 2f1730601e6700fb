"""Formulas for the derivatives of arrays of known shapes: what was broadcast on the way is summed back."""

from __future__ import annotations

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.symbolic import SymbolicRules
from backtrace_cli.graph import Node
from backtrace_cli.language.tree.syntax import Call
from backtrace_cli.ops import fixed_text

__all__ = ["ShapedRules", "summed"]


class ShapedRules(SymbolicRules):
    """The rules over formulas, for a graph whose shapes are known."""

    def message(self, node: Node, slot: int, upstream: Value, at: list[Value]) -> tuple[Value, Value, int]:
        local, sent, kink = super().message(node, slot, upstream, at)
        shapes = self.graph.shapes
        if shapes is None or node.op is None or node.op.mixes:
            return local, sent, kink
        wide, shape = shapes[node.index], shapes[node.args[slot]]
        return local, summed(sent, wide, shape), kink


def summed(sent: Value, wide: tuple[int, ...], shape: tuple[int, ...]) -> Value:
    """``sent``, of shape ``wide``, summed over the axes along which ``shape`` was broadcast.

    >>> from backtrace_cli.language.tree.syntax import Name
    >>> from backtrace_cli.language.tree.text import to_text
    >>> to_text(summed(Name("g"), (3, 2), (2,)))
    'sum(g, axis=0)'
    """
    lead = len(wide) - len(shape)
    ones = tuple(place for place in range(lead, len(wide)) if shape[place - lead] == 1 and wide[place] != 1)
    if ones:
        sent = Call("sum", (sent,), options=(("axis", _axes(ones)), ("keepdims", "true")))
    if lead:
        whole = () if not shape else (("axis", _axes(tuple(range(lead)))),)
        sent = Call("sum", (sent,), options=whole)
    return sent


def _axes(places: tuple[int, ...]) -> str:
    return str(places[0]) if len(places) == 1 else fixed_text(places)
