"""Questions for the value of a box: going forward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions.question import Kind, Parts, Question

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet

T = TypeVar("T")


class Values(Kind):
    """What a box computes from what it reads."""

    name, place = "values", 20
    heading = "# going forward: the value of each box"
    hint = "A box can be computed as soon as everything it reads has a value. Which one is first?"
    slope, is_value, depth = False, True, 0
    noun = "value"

    def read(self, graph: Graph, question: Question, parts: Parts[T]) -> T:
        return parts.value(graph.find(question.target) or 0)

    def turn(self, trace: Trace, question: Question) -> tuple[int, float]:
        target = trace.graph.find(question.target)
        return 0, float(target if target is not None else -1)

    def every(self, graph: Graph, sends: Mapping[int, Sequence[int]]) -> list[Question]:
        return [Question(self.name, None, graph.name(index)) for index in graph.steps]

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return f"the {self.noun} of {question.target}"

    def box(self, question: Question) -> str | None:
        return question.target

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        return f"What is the value of {cell.target}?"

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        name = cell.target
        return [name, sheet.definition(name), sheet.numbers(name), sheet.value(name)]

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        name = cell.target
        return [f"{name} = {sheet.definition(name)}: put the values of what it reads into it.",
                f"That is {sheet.numbers(name) or sheet.definition(name)}."]  # fmt: skip

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        return ["Forward, a box computes its value from the values it reads, and keeps it for the way back."]


KIND = Values()
