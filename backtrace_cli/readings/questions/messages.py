"""Questions for a message: what a box sends to one of the things it reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions.local import OnEdge
from backtrace_cli.readings.questions.question import Parts, Question
from backtrace_cli.readings.rule_words import array_hints, array_reason, rule_words

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet

T = TypeVar("T")


class Messages(OnEdge):
    """What arrived at a box, times its local derivative."""

    name, place, sign, example = "messages", 50, "->", '"b->x"'
    heading = "# going back: what arrived at the box, times its local derivative"
    hint = (
        "Start at the output, where the gradient is 1. "
        "Each message is what arrived at the box, times the box's own derivative."
    )
    is_sent = back = True

    def read(self, graph: Graph, question: Question, parts: Parts[T]) -> T:
        return parts.message(self.along(graph, question))

    def pretty(self, question: Question) -> str:
        return f"{question.source} → {question.target}"

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return f"the message from {question.source} to {question.target}"

    def subject(self, question: Question, output: str) -> tuple[str, str]:
        return f"what {question.source} sends to {question.target}", question.target

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        return f"{'Which of these' if choose else 'What'} does {cell.source} send to {cell.target}?"

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        source, target, w = cell.source or "", cell.target, sheet.wording
        if sheet.arrays:
            message, up = sheet.message(source, target), sheet.arrived(source)
            arrived = f", with {up} = {sheet.upstream(source)}" if up not in ("", message) else ""
            return [f"{target} {w.arrow} {message} = {sheet.adds(source, target)}{arrived}"]
        up, local = sheet.upstream(source), sheet.local(source, target)
        value = sheet.local_value(source, target)
        bracketed = f"({value})" if value.startswith(w.minus) else value
        numbers = "" if value == local else f"{up}{w.dot}{bracketed}"
        return [f"{target} {w.arrow} {up} {w.dot} {local}", numbers, sheet.adds(source, target)]

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        if sheet.arrays:
            return array_hints(cell, sheet)
        source, target, w = cell.source or "", cell.target, sheet.wording
        part, up, local = w.partial(source, target), sheet.upstream(source), sheet.local(source, target)
        return [f"What arrived at {source}, times the local {part} of the box {source} = "
                f"{sheet.definition(source)}.",
                f"{up} arrived at {source}, and the local {part} is {local}.",
                f"That is {up} {w.dot} {local}, with {local} = "
                f"{sheet.local_value(source, target)}."]  # fmt: skip

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        if sheet.arrays:
            return list(array_reason(cell, sheet))
        source, target, output = cell.source or "", cell.target, sheet.trace.output
        part = sheet.wording.partial(source, target)
        found = [f"{rule_words(cell, sheet)}. When {target} moves a little, "
                 f"{source} moves {part} (local) times that."]  # fmt: skip
        if source == output:
            return [*found, f"{source} is the output itself: 1 arrives at it, and is multiplied by the "
                    f"local {part}."]  # fmt: skip
        return [*found, f"When {source} moves, {output} moves {sheet.upstream(source)} times that: "
                f"it is what arrived at {source}. So the two multiply."]  # fmt: skip


KIND = Messages()
