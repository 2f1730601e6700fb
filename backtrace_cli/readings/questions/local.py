"""Questions for a local derivative: one box, and one of the things it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions.question import Kind, Parts, Question, edges
from backtrace_cli.readings.rule_words import rule_words

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet

T = TypeVar("T")


class OnEdge(Kind):
    """What all questions about an edge have in common."""

    on_edge = True

    def turn(self, trace: Trace, question: Question) -> tuple[int, float]:
        wanted = set(edges(trace.graph, question))
        found = [place for place, sent in enumerate(trace.sent) if (sent.source, sent.slot) in wanted]
        return (1 if self.is_rule else 3), float(found[-1] if found else len(trace.sent))

    def every(self, graph: Graph, sends: Mapping[int, Sequence[int]]) -> list[Question]:
        order = graph.steps if self.is_rule else list(reversed(graph.steps))
        found = [
            Question(self.name, graph.name(i), graph.name(arg)) for i in order for arg in sends.get(i, ())
        ]
        return list(dict.fromkeys(found))

    def along(self, graph: Graph, question: Question) -> list[tuple[int, int]]:
        """The edges, of which there is one at least. Raises KeyError."""
        found = edges(graph, question)
        if not found:
            raise KeyError(question.key)
        return found


class Local(OnEdge):
    """How fast a box moves when one of the things it reads does."""

    name, place, sign, example = "local", 30, "/", '"c/b"'
    heading = "# one box at a time: its derivative with respect to one of the things it reads"
    hint = "Look at one box alone: what it reads are letters of their own."
    is_rule, part_of, depth = True, "messages", 1

    def read(self, graph: Graph, question: Question, parts: Parts[T]) -> T:
        return parts.local(self.along(graph, question))

    def pretty(self, question: Question) -> str:
        return f"∂{question.source}/∂{question.target}"

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return partial(question.source or "", question.target)

    def subject(self, question: Question, output: str) -> tuple[str, str]:
        return f"{self.pretty(question)}, entry by entry,", question.source or ""

    def box(self, question: Question) -> str | None:
        return question.source

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        source = cell.source or ""
        asked = f"its local {sheet.wording.partial(source, cell.target)}{', as a formula' if formula else ''}"
        box = f"The box {source} = {sheet.definition(source)}"
        return f"{box}: {'which of these' if choose else 'what'} is {asked}?"

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        source, target = cell.source or "", cell.target
        return [sheet.wording.partial(source, target), sheet.local(source, target),
                sheet.local_value(source, target)]  # fmt: skip

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        source, target = cell.source or "", cell.target
        found = [f"How fast does {source} move when only {target} moves, and everything else that {source} "
                 f"reads stands still?", f"The rule of the box: {rule_words(cell, sheet)}."]  # fmt: skip
        if numbers:
            part = sheet.wording.partial(source, target)
            found.append(f"Here {part} = {sheet.local(source, target)}: put in the values.")
        return found

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        return [f"{rule_words(cell, sheet)}. It is a slope at the values of the forward pass, and knows "
                f"nothing of what comes after {cell.source}."]  # fmt: skip


KIND = Local()
