"""The cost of a run as a table: multiply-adds forward and back, and what one is to the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtrace_cli.engine.trace import Trace
from backtrace_cli.pages.document import QUIET, Block, Column, Heading, Paragraph, Table
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.opened.terms import StepCost

__all__ = ["cost_blocks"]


def cost_blocks(trace: Trace, costs: Sequence[StepCost]) -> Iterator[Block]:
    """Each step with its multiply-adds, their sums, and how many times forward backward costs."""
    columns = (
        Column(right=True), Column(keep=True, math=True), Column("forward", right=True, lead="forward "),
        Column("backward", right=True, lead=", backward ", keep=True),
    )  # fmt: skip
    forward = sum(cost.forward for cost in costs)
    backward = sum(cost.backward for cost in costs)

    def rows(wording: Wording) -> Iterator[tuple[str, ...]]:
        for cost, index in zip(costs, trace.graph.steps, strict=True):
            what = f"{wording.name(cost.node)} = {wording.expr(trace.graph.definition(index))}"
            yield str(cost.step), what, f"{cost.forward:,}", f"{cost.backward:,}"
        yield "", wording.prose("together"), f"{forward:,}", f"{backward:,}"

    yield Heading("Cost", ["multiply-adds"])
    yield Table(columns, rows, lambda _: (
        f"Cost of step {cost.step}, {cost.node}: {cost.forward} forward, {cost.backward} backward"
        for cost in costs
    ))  # fmt: skip
    if forward and backward:
        yield Paragraph([(f"backward costs {backward / forward:.2g} times what forward costs", QUIET)], 2)
