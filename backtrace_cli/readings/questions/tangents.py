"""Questions for a tangent: how a node moves with an input, in forward mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions.question import Edge, Kind, Parts, Question

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet

T = TypeVar("T")


class Tangents(Kind):
    """∂node/∂input, from the inputs on."""

    name, place, sign, example = "tangent", 40, "/", '"c/b"'
    offered = usual = False
    along_input = True

    def read(self, graph: Graph, question: Question, parts: Parts[T]) -> T:
        source, target = graph.find(question.source or ""), graph.find(question.target)
        return parts.tangent(-1 if source is None else source, target or 0)

    def turn(self, trace: Trace, question: Question) -> tuple[int, float]:
        return 2, float(trace.graph.find(question.source or "") or 0)

    def edges(self, graph: Graph, question: Question) -> list[Edge]:
        source = graph.find(question.source or "")
        return [(n.index, slot) for n in graph.nodes for slot in range(len(n.args)) if n.index == source]

    def pretty(self, question: Question) -> str:
        return f"∂{question.source}/∂{question.target}"

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return partial(question.source or "", question.target)

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        return f"What is {sheet.wording.partial(cell.source or '', cell.target)}?"

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        source = cell.source or ""
        return [sheet.wording.partial(source, cell.target), *sheet.tangent(source)]

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        source, target = cell.source or "", cell.target
        rule, put_in, _ = sheet.tangent(source)
        found = [f"For each node that {source} reads: its local derivative, times how fast that node moves "
                 f"with {target}. Add them up.",
                 f"{sheet.wording.partial(source, target)} = {rule}."]  # fmt: skip
        return [*found, f"That is {put_in}."] if put_in else found

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        return [f"Forward mode carries how fast each node moves when {cell.target} does: the same local "
                f"derivatives, from the inputs on."]  # fmt: skip


KIND = Tangents()
