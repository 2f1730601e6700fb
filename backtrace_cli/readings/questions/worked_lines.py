"""Questions for the wrong line of a worked solution, and for the line mended."""

from __future__ import annotations

from collections.abc import Callable

from backtrace_cli.readings.questions.question import Kind, Question


class WorkedLines(Kind):
    """Two blanks of their own, ``wrong`` and ``mended``, in no table."""

    name, place = "lines", 70
    blanks = offered = usual = numeric = slope = False

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return f"the {question.target} line"


KIND = WorkedLines()
