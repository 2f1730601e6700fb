"""One mistake at one place, as data for the replay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    (or divided)."""
    read_as: Graph | None = None
    """The formula as it was read, where it was read differently: the same names, another graph."""

    sent: tuple[tuple[Edge, str], ...] = ()
    """Edges of boxes that mix entries, with the wrong message sent there, as text over ``g`` too."""
    loose: tuple[Edge, ...] = ()
    """Edges whose message keeps the shape in which it was sent."""

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges at which something goes wrong; none where it is not at an edge."""
        wrong = (edge for edge, _ in self.wrong)
        moved = (edge for edge, _ in self.moved)
        sent = (edge for edge, _ in self.sent)
        return tuple(dict.fromkeys((*self.lost, *wrong, *self.unfed, *moved, *sent, *self.loose)))

    def beside(self, other: Fault) -> Fault | None:
        """Both faults at once; None where they can't be made together."""
        if self.read_as is not None or other.read_as is not None:
            return None
        if set(self.edges) & set(other.edges) or self.stale or other.stale:
            return None
        return Fault(
            self.mistake, f"{self.words}; and {other.words}", self.lost + other.lost,
            self.wrong + other.wrong, self.unfed + other.unfed, self.moved + other.moved,
            self.early + other.early, False, self.crossed + other.crossed, None,
            self.sent + other.sent, self.loose + other.loose,
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
