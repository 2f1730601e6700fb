"""The cost of a run as a table: multiply-adds forward and back, and what one is to the other."""

from __future__ import annotations

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.layout import QUIET, Column, Screen, heading, line, table
from backtrace_cli.pages.wording import Wording

__all__ = ["print_costs"]


def print_costs(screen: Screen, wording: Wording, trace: Trace) -> None:
    """Each step with its multiply-adds, their sums, and how many times forward backward costs."""
    heading(screen, "Cost", "multiply-adds")
    columns = (
        Column(right=True), Column(keep=True), Column("forward", right=True, lead="forward "),
        Column("backward", right=True, lead=", backward ", keep=True),
    )  # fmt: skip
    graph = trace.graph
    rows = [
        (str(cost.step), f"{cost.node} = {wording.expr(graph.definition(index))}",
         f"{cost.forward:,}", f"{cost.backward:,}")
        for cost, index in zip(trace.costs, graph.steps, strict=True)
    ]  # fmt: skip
    forward = sum(cost.forward for cost in trace.costs)
    backward = sum(cost.backward for cost in trace.costs)
    table(screen, columns, [*rows, ("", "together", f"{forward:,}", f"{backward:,}")])
    if forward and backward:
        line(screen, f"backward costs {backward / forward:.2g} times what forward costs", QUIET, indent=2)
