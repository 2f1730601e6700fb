"""Questions for a gradient: all that arrives at a node, added up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from backtrace_cli.base.lengths import listed
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions.messages import KIND as MESSAGES
from backtrace_cli.readings.questions.question import Edge, Kind, Parts, Question

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet

T = TypeVar("T")


class Gradient(Kind):
    """How fast the output moves when a node does."""

    name, place = "gradient", 60
    heading = "# everything that arrives, added up"
    hint = MESSAGES.hint
    is_sum = back = True

    def read(self, graph: Graph, question: Question, parts: Parts[T]) -> T:
        return parts.gradient(graph.find(question.target) or 0)

    def turn(self, trace: Trace, question: Question) -> tuple[int, float]:
        target = trace.graph.find(question.target)
        arrived = [place for place, sent in enumerate(trace.sent) if sent.target == target]
        return 3, arrived[-1] + 0.5 if arrived else -0.5

    def edges(self, graph: Graph, question: Question) -> list[Edge]:
        target = graph.find(question.target)
        return [(n.index, slot) for n in graph.nodes for slot, arg in enumerate(n.args) if arg == target]

    def every(self, graph: Graph, sends: Mapping[int, Sequence[int]]) -> list[Question]:
        return [Question(self.name, None, name) for name in graph.inputs]

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return partial(output, question.target)

    def label(self, question: Question, output: str) -> str:
        return f"∂{output}/∂{question.target}"

    def subject(self, question: Question, output: str) -> tuple[str, str]:
        return self.label(question, output), question.target

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        asked = sheet.partial(cell.target)
        if whole:
            return f"All in all: {'which of these' if choose else 'what'} is {asked}?"
        return f"All messages to {cell.target} are in. What is {asked}?"

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        summed = sheet.parts(cell.target)
        return [sheet.partial(cell.target), sheet.wording.added(summed) if len(summed) > 1 else "",
                sheet.gradient(cell.target)]  # fmt: skip

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        target, reading, parts = cell.target, sheet.readers(cell.target), sheet.parts(cell.target)
        if not whole:
            return [f"Which boxes read {target}? What each of them sent to it adds up.",
                    f"They are {listed(reading)}.", f"That is {sheet.wording.added(parts)}."]  # fmt: skip
        through = [f"{part} comes through {name}" for part, name in zip(parts, reading, strict=True)]
        adds = ": their messages add up." if len(reading) > 1 else "."
        return [f"Walk back from {sheet.trace.output}, box by box: what arrived, times the local derivative.",
                f"{target} is read by {listed(reading)}{adds}", f"{listed(through)}."]  # fmt: skip

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        target, reading, found = cell.target, sheet.readers(cell.target), []
        if len(reading) > 1:
            found.append(
                f"{target} is read by {listed(reading)}. When {target} moves, {sheet.trace.output} moves "
                f"along each of these ways, and the movements add up: so do the messages."
            )
        has = "one" if len(reading) == 1 else str(len(reading))
        return [*found, f"A gradient is passed on once, when all messages are in; {target} has {has}."]


KIND = Gradient()
