"""Questions for an entry of the Hessian: how the gradient by one input moves with another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions.question import Edge, Kind, Parts, Question

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet

T = TypeVar("T")


class HessianEntries(Kind):
    """∂²output/∂x∂y, of two inputs that are numbers."""

    name, place, sign, example = "hessian", 70, "/", '"x/y"'
    heading = "# how the gradient by the one moves with the other: second derivatives"
    hint = "First the gradient by one of them, as a formula; then how that moves with the other."
    usual = offered = False
    along_input = twice = True

    def read(self, graph: Graph, question: Question, parts: Parts[T]) -> T:
        return parts.second(graph.inputs[question.source or ""], graph.inputs[question.target])

    def turn(self, trace: Trace, question: Question) -> tuple[int, float]:
        return 4, float(trace.graph.inputs.get(question.source or "", 0))

    def edges(self, graph: Graph, question: Question) -> list[Edge]:
        return []

    def pretty(self, question: Question) -> str:
        one, other = question.source, question.target
        return f"∂²/∂{one}²" if one == other else f"∂²/∂{one}∂{other}"

    def label(self, question: Question, output: str) -> str:
        return self.pretty(question).replace("∂²", f"∂²{output}", 1)

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        one, other = question.source or "", question.target
        return partial(f"²{output}", f"{one}²" if one == other else f"{one}∂{other}")

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        return f"What is {self.named(cell, sheet.trace.output, sheet.wording.partial)}?"

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        return [self.named(cell, sheet.trace.output, sheet.wording.partial), "", ""]

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        first = sheet.partial(cell.source or "")
        return [self.hint, f"Write {first} down as a formula, over the inputs.",
                f"{first} is a formula like any other: how does it move with {cell.target}?"]  # fmt: skip

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        return ["A gradient is computed from the inputs like any number, so it has a gradient itself; it "
                "makes no difference by which of the two inputs one begins."]  # fmt: skip


KIND = HessianEntries()
