"""Questions for a gradient that a derivation of several lines has to arrive at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions.gradient import Gradient
from backtrace_cli.readings.questions.question import Question


class Derived(Gradient):
    """A gradient, given by a line of the text under ``derivation``."""

    name, place = "derivation", 65
    blanks = offered = usual = False

    def every(self, graph: Graph, sends: Mapping[int, Sequence[int]]) -> list[Question]:
        return []

    def top_key(self, question: Question) -> str:
        return self.name


KIND = Derived()
