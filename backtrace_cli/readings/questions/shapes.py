"""Questions for the shape of an array: of a box, or of what a box sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backtrace_cli.engine.trace import Trace
from backtrace_cli.readings.questions.question import Question
from backtrace_cli.readings.questions.values import Values
from backtrace_cli.readings.rule_words import shape_hints

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet


class Shapes(Values):
    """Rows and columns, before any number."""

    name, place = "shapes", 10
    usual, numeric, is_value = False, False, False
    heading = '# the shape of each box: "2x3", "3" for a vector, "()" for a number'
    hint = (
        "Write the shapes of what a box reads beside each other: in A @ B the sizes that meet are "
        "the same, and go."
    )
    noun = "shape"

    def turn(self, trace: Trace, question: Question) -> tuple[int, float]:
        return -1, super().turn(trace, question)[1]

    def basis(self, question: Question) -> Question:
        return Question("messages", *question[1:]) if question.source else question

    def pretty(self, question: Question) -> str:
        return f"{question.source} → {question.target}" if question.source else question.target

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return f"the shape of {question.target}"

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        what = f"what {cell.source} sends to {cell.target}" if cell.source else cell.target
        return f"What is the shape of {what}? (Written 2x3, a vector's 3, a number's ().)"

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        sends = f"{cell.source} sends to " if cell.source else ""
        return [f"{sends}{cell.target}: shape {sheet.shape(cell.target)}"]

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        return shape_hints(cell.source or "", cell.target, sheet)

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        source, target = cell.source, cell.target
        if not source:
            return shape_hints("", target, sheet)
        return [f"What {source} sends to {target} says for each entry of {target} how fast "
                f"{sheet.trace.output} moves with it, so it has the shape of {target}: "
                f"{sheet.shape(target)}."]  # fmt: skip


KIND = Shapes()
