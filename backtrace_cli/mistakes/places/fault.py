"""One mistake at one place, as data for the replay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from backtrace_cli.graph import Graph, Node

__all__ = ["Edge", "Fault", "Mistake", "arrivals", "live"]

#: (index of the reading node, its argument slot)
Edge = tuple[int, int]


class Fault(NamedTuple):
    """One mistake at one place."""

    mistake: str
    words: str
    """What to tell the student, place included."""
    lost: tuple[Edge, ...] = ()
    """Edges whose message is not added."""
    wrong: tuple[tuple[Edge, str], ...] = ()
    """Edges with the wrong rule used there, as text over the op's arguments and ``out``."""
    unfed: tuple[Edge, ...] = ()
    """Edges along which the upstream gradient is left out."""
    moved: tuple[tuple[Edge, int], ...] = ()
    """Edges whose local derivative is taken at another node's value."""
    early: tuple[int, ...] = ()
    """Nodes that pass their gradient on once per message, before all are in."""
    stale: bool = False
    """The gradients of an earlier run are still there."""
    crossed: tuple[tuple[int, int], ...] = ()
    """Products or quotients, and the variable along which their factors' derivatives are multiplied
    (or divided); that is ``along``, too."""
    read_as: Graph | None = None
    """The formula as it was read, where it was read differently: the same names, another graph."""

    sent: tuple[tuple[Edge, str], ...] = ()
    """Edges of boxes that mix entries, with the wrong message sent there, as text over ``g`` too."""
    loose: tuple[Edge, ...] = ()
    """Edges whose message keeps the shape in which it was sent."""
    gated: tuple[Edge, ...] = ()
    """Edges whose local derivative is 1 where what arrives is positive, else 0."""
    place: str = ""
    """Where, in a few words; ``words`` begin with it, where there is one."""
    along: int = -1
    """The variable along which it is made, where it shows in no other's derivative; −1 for any."""
    held: tuple[tuple[int, int, int], ...] = ()
    """With ``read_as``: (a box that only it has, the box whose value it has, −1); or, instead of −1,
    the variable along which the other box's slope is its value."""
    back_only: bool = False
    """Is ``read_as`` read so on the way back alone? Then every box has the value that it has by right."""

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges at which something goes wrong; none where it is not at an edge."""
        wrong = (edge for edge, _ in self.wrong)
        moved = (edge for edge, _ in self.moved)
        sent = (edge for edge, _ in self.sent)
        return tuple(
            dict.fromkeys((*self.lost, *wrong, *self.unfed, *moved, *sent, *self.loose, *self.gated))
        )

    def within(self, boxes: Collection[int]) -> bool:
        """Can it be made by somebody who works at ``boxes`` alone, as who writes one line of a derivation,
        and has the values of all boxes by right?"""
        if self.read_as is not None and not self.back_only:
            return False
        places = (*(edge[0] for edge in self.edges), *self.early, *(box for box, _ in self.crossed))
        return all(box in boxes for box in places)

    def beside(self, other: Fault) -> Fault | None:
        """Both faults at once; None where they can't be made together."""
        if self.read_as is not None or other.read_as is not None:
            return None
        if self.along >= 0 and other.along >= 0 and self.along != other.along:
            return None
        if set(self.edges) & set(other.edges) or self.stale or other.stale:
            return None
        return Fault(
            self.mistake, f"{self.words}; and {other.words}", self.lost + other.lost,
            self.wrong + other.wrong, self.unfed + other.unfed, self.moved + other.moved,
            self.early + other.early, False, self.crossed + other.crossed, None,
            self.sent + other.sent, self.loose + other.loose, self.gated + other.gated,
            along=max(self.along, other.along),
        )  # fmt: skip


class Mistake(NamedTuple):
    """A mistake of the catalogue: its name, what it is in general, and where it could be made."""

    name: str
    title: str
    example: str
    """A formula in which it can be made, for the docs."""
    places: Callable[[Graph], Iterator[Fault]]
    at: str = ""
    """The example's point, where it is made with arrays."""
    rank: int = 0
    """Where several entries are one wrong formula at one place, the one with the highest speaks."""
    vague: bool = False
    """Does it say what came out, and not what was done? Then what says more is told before it."""
    misread: bool = False
    """Is it made in reading the formula, so that it shows in the values already?"""
    regroups: bool = False
    """Is it made where brackets can be read otherwise, so not in a formula with a name for each box?"""
    of_chain: bool = False
    """Is it a factor of the chain that is wrong, and never the box's own derivative?"""
    keeps_part: bool = False
    """Does it keep a part of a sum, so that what it answers is a message by nature?"""
    copies: bool = False
    """Does it write down a number that stands on the sheet, so that its standing there says nothing?"""
    spreads: bool = False
    """Can it be made at an elementwise box only where an array is spread over another?"""
    practised: str = ""
    """The topic of the quiz that practises it, where that doesn't follow from the box it is made at."""
    in_code: str = ""
    """What in an engine's code it is, where it stands in its walk or in how any operation sends: one word."""


def live(graph: Graph) -> Iterator[tuple[Node, int, int]]:
    """(node, slot, argument) for every edge that carries a message."""
    varies = graph.leads_from(set(graph.inputs.values()))
    for index in graph.steps:
        node = graph.nodes[index]
        for slot, arg in enumerate(node.args):
            if varies[arg] and (node.op is None or node.op.sends(slot)):
                yield node, slot, arg


def arrivals(graph: Graph) -> dict[int, list[Edge]]:
    """For every node, the edges along which messages arrive."""
    found: dict[int, list[Edge]] = {}
    for node, slot, arg in live(graph):
        found.setdefault(arg, []).append((node.index, slot))
    return found
