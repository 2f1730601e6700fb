"""Forward mode: the tangent of every node along one direction, in the order of the forward pass."""

from __future__ import annotations

from collections.abc import Mapping

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.forward import taken
from backtrace_cli.graph import Graph

__all__ = ["tangents"]

#: For each node that computes something: its (slot, local derivative, argument's tangent, kink)
#: for each argument that moves, and the sum.
Row = tuple[int, tuple[tuple[int, Value, Value, int], ...], Value]


def tangents(
    graph: Graph,
    values: list[Value],
    arithmetic: Arithmetic,
    seed: Mapping[int, Value],
    *,
    alone: bool = False,
) -> tuple[list[Row], list[Value]]:
    """The rows of the tangent table for ``seed`` (input index -> its tangent), and every tangent.

    ∂node = Σ over its arguments of local derivative · ∂argument; inputs that ``seed``
    leaves out have tangent 0, constants have none. With ``alone`` what the seed does
    not move gets no row and no term.
    """
    rules = Rules(graph, values, arithmetic)
    found: list[Value] = []
    rows: list[Row] = []
    varies = graph.leads_from(set(seed if alone else graph.inputs.values()))
    for node in graph.nodes:
        if node.op is None:
            start = seed.get(node.index, arithmetic.zero)
            if arithmetic.arrays:  # one number moves every entry
                start = arithmetic.empty(values[node.index]) + start
            found.append(start)
            continue
        at = [*(values[arg] for arg in node.args), values[node.index]]
        used = taken(node, values, arithmetic)
        terms = []
        total: Value = None
        for slot, arg in enumerate(node.args):
            if not varies[arg] or not used[slot] or (node.op.selects and slot == 0):
                continue
            local, part, kink = rules.tangent(node, slot, found[arg], at)
            terms.append((slot, local, found[arg], kink))
            total = part if total is None else arithmetic.plus(total, part)
        if total is None:
            total = arithmetic.empty(values[node.index])
        total = arithmetic.full(total, values[node.index])
        found.append(total)
        if terms or not alone:
            rows.append((node.index, tuple(terms), total))
    return rows, found
