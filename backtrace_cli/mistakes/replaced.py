"""What is said where a program gives a gradient a second time instead of adding to it."""

from __future__ import annotations

from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.places.spoken import spoken

__all__ = ["replaced"]


def replaced(graph: Graph, target: str, name: str, line: int) -> tuple[str, str]:
    """The mistake's name, and a sentence: ``name`` is given in ``line`` and given anew later.

    >>> from backtrace_cli.graph import build
    >>> replaced(build("a = x^2; f = a*x"), "x", "dx", 2)[0]
    'overwritten'
    """
    index = graph.find(target)
    shown = target if index is None else spoken(graph, index)
    return "overwritten", (
        f"at the fork {shown} the messages add up, and this overwrites what line {line} gave: "
        f"write {name} += …"
    )
