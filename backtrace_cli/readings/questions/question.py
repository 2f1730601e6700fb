"""A question about a run, what every kind of question says of itself, and what the record answers."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.second.sweeps import second_of

if TYPE_CHECKING:
    from backtrace_cli.readings.rule_words import Sheet

__all__ = ["Edge", "Kind", "Numbers", "Parts", "Question", "edges", "expected", "read"]

#: (the box that reads, the slot it reads at)
Edge = tuple[int, int]
T_co = TypeVar("T_co", covariant=True)


class Question(NamedTuple):
    """One number of a run. The tables are those of an exercise file."""

    table: str
    """The name of its kind: ``values``, ``local``, ``messages``, ``gradient``, ``tangent`` …"""
    source: str | None
    """The box that a message or local derivative comes from: b in ``b->x``, c in ``c/b``."""
    target: str
    """The node that is asked about: b in ``c/b``, x in ``b->x``."""

    @property
    def kind(self) -> Kind:
        """What all questions of its table have in common."""
        from backtrace_cli.readings.questions import KINDS

        return KINDS[self.table]

    @property
    def key(self) -> str:
        """How the question is written in an exercise file.

        >>> Question("messages", "b", "x").key, Question("local", "c", "b").key
        ('b->x', 'c/b')
        """
        return f"{self.source}{self.kind.sign or '/'}{self.target}" if self.source else self.target

    @property
    def pretty(self) -> str:
        """What is asked for, as people write it, without the output's name for a gradient."""
        return self.kind.pretty(self)


class Parts(Protocol[T_co]):
    """What a run is made of: as numbers, sizes, what a student has. A kind asks for one of them."""

    def value(self, node: int) -> T_co:
        """Of a node."""

    def local(self, along: list[Edge]) -> T_co:
        """Of parallel edges from one box to one node: their local derivatives together."""

    def message(self, along: list[Edge]) -> T_co:
        """What is sent along such edges."""

    def gradient(self, node: int) -> T_co:
        """All that arrives at a node."""

    def tangent(self, source: int, variable: int) -> T_co:
        """How the node ``source`` moves with an input."""

    def second(self, row: int, column: int) -> T_co:
        """How the gradient by an input moves with another one."""


class Kind:
    """What a kind of question says of itself; a new kind is one file, and overrides what differs.

    Nobody outside this folder asks for a kind by its name: what others need to know stands here.
    """

    name = ""
    """Of its table in an exercise file."""
    place = 0
    """Where the table stands among the others."""
    sign = ""
    """What stands between the two nodes of a key; nothing where a key is one node."""
    example = ""
    """A key, as one writes it."""
    blanks = True
    """Is it a table of blanks in a file?"""
    offered = True
    """Does ``new`` ask for it, if told so?"""
    usual = True
    """Does ``new`` ask for it where nobody says?"""
    heading = ""
    """The comment above its table in a new exercise."""
    hint = ""
    """A hint to begin with."""
    numeric = True
    """Is the answer a number, or an array of them?"""
    slope = True
    """Is it a derivative of any sort, so that a kink matters?"""
    is_value = False
    """Is it the value of a node? Then nothing that is computed from it may stand in the answer."""
    is_rule = False
    """Is it the rule of a box, which knows nothing of what comes after?"""
    is_sent = False
    """Is it what one box sends to another?"""
    is_sum = False
    """Is it all that arrives at a node, added up?"""
    along_input = False
    """Is it forward mode's, and told by a run in that mode?"""
    twice = False
    """Is it a second derivative, by two inputs?"""
    on_edge = False
    """Is it about an edge, from a box to what it reads?"""
    back = False
    """Does it need the output's gradient, so that the output has to be a number, and may an answer
    use what arrived further up?"""
    part_of = ""
    """The kind whose answer it is a step towards."""
    depth = 2
    """How far along the way through a formula it is asked: hints about the whole wait for the last."""

    # -- what is expected ------------------------------------------------------------

    def read(self, graph: Graph, question: Question, parts: Parts[T_co]) -> T_co:
        """The part of a run that is asked for. Raises KeyError for what the graph lacks."""
        raise NotImplementedError

    def turn(self, trace: Trace, question: Question) -> tuple[int, float]:
        """Where the question stands in the order of computation."""
        raise NotImplementedError

    def edges(self, graph: Graph, question: Question) -> list[Edge]:
        """The edges along which the answer is worked out."""
        return edges(graph, question)

    def every(self, graph: Graph, sends: Mapping[int, Sequence[int]]) -> list[Question]:
        """Every question of the kind about a graph, in the order of computation; ``sends`` has for each
        box the nodes that it sends messages to."""
        return []

    def basis(self, question: Question) -> Question:
        """The question whose answer this one is read off."""
        return question

    def top_key(self, question: Question) -> str:
        """The key at the top of a file under which it is answered, where it is in no table."""
        return question.target

    # -- words -----------------------------------------------------------------------

    def pretty(self, question: Question) -> str:
        """What is asked for, as people write it."""
        return question.target

    def label(self, question: Question, output: str) -> str:
        """The same with the output's name, where that belongs to it."""
        return self.pretty(question)

    def named(self, question: Question, output: str, partial: Callable[[str, str], str]) -> str:
        """What is asked for, in the field's signs, as part of a sentence."""
        return self.pretty(question)

    def subject(self, question: Question, output: str) -> tuple[str, str]:
        """What is asked for as the subject of a sentence about its shape, and the node with that shape."""
        return question.target, question.target

    def box(self, question: Question) -> str | None:
        """The box whose definition helps to answer; None where more than that is needed."""
        return None

    def ask(self, cell: Question, sheet: Sheet, *, choose: bool, formula: bool, whole: bool) -> str:
        """The question in words: one of several to ``choose``, or typed; a ``formula``, or a number;
        a ``whole`` partial, or the sum of what stands there already."""
        raise NotImplementedError

    def step(self, cell: Question, sheet: Sheet) -> list[str]:
        """The whole step, from what is asked to what comes out; equal neighbours are told once."""
        raise NotImplementedError

    def hints(self, cell: Question, sheet: Sheet, *, whole: bool, numbers: bool) -> list[str]:
        """Hints, each saying more than the one before; ``numbers`` where a number will do."""
        raise NotImplementedError

    def reason(self, cell: Question, sheet: Sheet) -> list[str]:
        """Why the step is as it is."""
        raise NotImplementedError


def edges(graph: Graph, question: Question) -> list[Edge]:
    """(source node, slot) of every edge that the question is about; empty where there is none.

    >>> from backtrace_cli.graph import build
    >>> len(edges(build("a = x + 1; f = a*a"), Question("messages", "f", "a")))
    2
    """
    source = graph.find(question.source or "")
    target = graph.find(question.target)
    if source is None or target is None:
        return []
    return [(source, slot) for slot, arg in enumerate(graph.nodes[source].args) if arg == target]


def read(graph: Graph, question: Question, parts: Parts[T_co]) -> T_co:
    """The part of a run that ``question`` asks for. Raises KeyError for what the graph lacks."""
    if graph.find(question.target) is None:
        raise KeyError(question.target)
    return question.kind.read(graph, question, parts)


def expected(trace: Trace, question: Question, lost: Container[Edge] = ()) -> Value:
    """What the record of ``trace`` says to ``question``.

    Several parallel edges from one box to one node: their sum. An edge along which
    nothing was sent (a branch not taken) brought 0; one of several that is ``lost`` counts for nothing.
    Raises KeyError for a node or an
    edge that isn't in the graph, and for a tangent where the run made none.

    >>> from backtrace_cli import trace
    >>> t = trace("b = x + y; f = b*y", x=2, y=3)
    >>> expected(t, Question("messages", "f", "y")), expected(t, Question("gradient", None, "y"))
    (5.0, 8.0)
    """
    return read(trace.graph, question, Numbers(trace, lost))


class Numbers:
    """The parts of a trace: its numbers."""

    def __init__(self, trace: Trace, lost: Container[Edge] = ()) -> None:
        self.trace, self._lost = trace, lost

    def value(self, node: int) -> Value:
        return self.trace.values[node]

    def gradient(self, node: int) -> Value:
        return self.trace.gradient_of(self.trace.graph.name(node))

    def local(self, along: list[Edge]) -> Value:
        return self._added(along, "local")

    def message(self, along: list[Edge]) -> Value:
        return self._added(along, "contribution")

    def tangent(self, source: int, variable: int) -> Value:
        graph = self.trace.graph
        for tangent in self.trace.tangents:
            if tangent.variable is not None and graph.find(tangent.variable) == variable:
                steps = (step.value for step in tangent.steps if graph.find(step.node) == source)
                return next(steps, self.trace.arithmetic.zero)
        raise KeyError(graph.name(variable))

    def second(self, row: int, column: int) -> Value:
        return second_of(self.trace, row, column)

    def _added(self, along: list[Edge], what: str) -> Value:
        trace = self.trace
        kept = [edge for edge in along if edge not in self._lost] or along
        total: Any = None
        for sent in trace.sent:
            if (sent.source, sent.slot) in kept:
                part = getattr(sent, what)
                total = part if total is None else trace.arithmetic.plus(total, part)
        source, slot = along[0]
        target = trace.graph.nodes[source].args[slot]
        return trace.arithmetic.empty(trace.values[target]) if total is None else total
