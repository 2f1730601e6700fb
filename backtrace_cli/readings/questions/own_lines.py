"""Lines of a derivation that give a name of the student's own, such as ``tmp``."""

from __future__ import annotations

from collections.abc import Callable

from backtrace_cli.readings.questions.question import Kind, Question


class OwnLines(Kind):
    """Nothing is asked: such a line is judged where its name is used."""

    name, place = "own", 80
    blanks = offered = usual = numeric = slope = False

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        return f"your {question.target}"


KIND = OwnLines()
