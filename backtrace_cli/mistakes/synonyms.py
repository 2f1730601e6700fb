"""Entries of the catalogue that are one wrong formula at one place: there they are one mistake.

cos′ as sin is a sign turned round, an integral, and a rule that people take for the right
one. Nobody can tell these apart, so the entry that says most about the place speaks; where
the same answer comes from another place, too, the one that could have been made at either.
"""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.catalogue import BY_NAME
from backtrace_cli.mistakes.places.fault import Edge, Fault
from backtrace_cli.ops import text_rule
from backtrace_cli.readings.questions import Question, edges

__all__ = ["as_one"]

#: What is wrong where, as far as a question hears of it.
Told = frozenset[tuple[Edge, str]]


def as_one(graph: Graph, question: Question, faults: Sequence[Fault]) -> tuple[list[Fault], tuple[str, ...]]:
    """Those of ``faults`` that speak for all, and the other names that they are known by.

    Where they are not all one wrong formula at one place, all of them, and no names.

    >>> from backtrace_cli.graph import build
    >>> from backtrace_cli.mistakes.catalogue import faults_in
    >>> graph = build("f = cos(x)")
    >>> both = [fault for fault in faults_in(graph) if fault.mistake in ("sign", "integrated")]
    >>> speaks, names = as_one(graph, Question("local", "f", "x"), both)
    >>> speaks[0].mistake, names
    ('sign', ('integrated',))
    """
    names = list(dict.fromkeys(fault.mistake for fault in faults))
    if len(names) < 2:
        return list(faults), ()
    told = [_told(graph, question, fault) for fault in faults]
    for name in sorted(names, key=_rank, reverse=True):
        if sum(_rank(other) == _rank(name) for other in names) > 1:
            continue  # nobody has declared which of them speaks
        heard = {one for one, fault in zip(told, faults, strict=True) if fault.mistake == name} - {None}
        if all(one in heard for one, fault in zip(told, faults, strict=True) if fault.mistake != name):
            speaking = [fault for fault in faults if fault.mistake == name]
            return speaking, tuple(other for other in names if other != name)
    return list(faults), ()


def _rank(name: str) -> int:
    return BY_NAME[name].rank if name in BY_NAME else -1


def _told(graph: Graph, question: Question, fault: Fault) -> Told | None:
    """The wrong formulas that an answer to ``question`` hears of; None where more than formulas is wrong."""
    if fault._replace(mistake="", words="", place="", wrong=(), lost=(), moved=()) != Fault("", ""):
        return None
    wrong = ((edge, _written(graph, edge, text)) for edge, text in fault.wrong)
    lost = ((edge, "") for edge in fault.lost)
    moved = ((edge, f"at {place}") for edge, place in fault.moved)
    return frozenset((edge, text) for edge, text in (*wrong, *lost, *moved) if _hears(graph, question, edge))


def _hears(graph: Graph, question: Question, edge: Edge) -> bool:
    """Does what happens at ``edge`` go into the answer to ``question``?"""
    if question.kind.on_edge:
        own = edges(graph, question)
        if edge in own or question.kind.is_rule:
            return edge in own
    name = question.source if question.kind.is_sent else question.target
    index = graph.find(name or "")
    return index is not None and graph.leads_from({index})[graph.nodes[edge[0]].args[edge[1]]]


def _written(graph: Graph, edge: Edge, text: str) -> str:
    """A wrong rule in the form that it has with nothing left to simplify."""
    node = graph.nodes[edge[0]]
    assert node.op is not None
    return to_text(simplify(text_rule(node.op, text, len(node.args))), ascii=True)
