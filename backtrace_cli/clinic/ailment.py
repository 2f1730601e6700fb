"""What can be wrong with an engine, as data; the faults of walks, with the ways they come about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from backtrace_cli.clinic.battery import exponents
from backtrace_cli.clinic.walks import Walk
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.catalogue import MISTAKES
from backtrace_cli.mistakes.places.fault import Edge
from backtrace_cli.ops import Op

__all__ = ["GRADIENTS", "IN_CODE", "RIGHT_ORDERS", "WALKS", "Ailment", "Rule"]


class Rule(NamedTuple):
    """One wrong rule of one op, as the catalogue has it."""

    op: str
    slot: int
    kind: str
    """Which field of a Fault it is: ``wrong``, ``sent``, ``unfed``, ``loose``, ``gated``, ``lost``."""
    text: str = ""
    """The wrong text, or, with an ``ordinal``, the mistake's name."""
    where: str = ""
    """Only where that argument is a constant, ``left`` or ``right``; only in the op's ``own`` method, and not
    where a plain number stands on the left; only at a ``kink``; "" everywhere."""

    ordinal: int = -1
    """Which of the mistake's wrong messages along an edge, where those are made for the op's options."""

    def edges(self, graph: Graph, plain: bool) -> Iterator[Edge]:
        """Where it stands in ``graph``."""
        for node in graph.nodes:
            if node.op is None or self.op not in ("", node.op.name) or self.slot >= len(node.args):
                continue
            beside = [graph.nodes[arg].is_constant for arg in node.args]
            if self.where == "own" and plain and len(beside) == 2 and beside[0]:
                continue
            if self.where in ("left", "right"):
                other = self.where == "right"
                if len(beside) != 2 or not beside[other] or not (plain or exponents(graph, node)[other]):
                    continue
            if self.slot >= 0:
                yield node.index, self.slot
            else:
                yield from ((node.index, slot) for slot in range(len(node.args)))


class Ailment(NamedTuple):
    """One fault of an engine, and the ways in which it may have come about."""

    name: str
    words: str
    look: str
    """Where to look for it in the code."""
    walks: tuple[Walk, ...] = (Walk(),)
    rules: tuple[tuple[Rule, ...], ...] = ((),)
    """Any of these sets of wrong rules."""
    turned: str = ""
    """An op (and where) that is worked out otherwise, value and all: with its arguments exchanged, or …"""
    becomes: Op | None = None
    """… as this other op."""
    where: str = ""
    rank: int = 0
    """Where several explain the same, the one with the lowest speaks."""

    def concerns(self, graph: Graph, plain: bool, rounds: str, kinked: bool) -> bool:
        """Could it show in ``graph`` at all?"""
        if self.turned:
            return any(True for _ in Rule(self.turned, 0, "", where=self.where).edges(graph, plain))
        if any(rules for rules in self.rules):
            at_kink = any(rule.where == "kink" for rules in self.rules for rule in rules)
            return (kinked or not at_kink) and any(
                True for rules in self.rules for rule in rules for _ in rule.edges(graph, plain)
            )
        return rounds != "once" or not all(walk.rounds for walk in self.walks)


#: What a mistake of the catalogue is in an engine's code -> its name.
IN_CODE = {mistake.in_code: mistake.name for mistake in MISTAKES if mistake.in_code}
GRADIENTS = "Look where gradients are written"


def _orders(*orders: str) -> tuple[Walk, ...]:
    return tuple(Walk(order=order) for order in orders)


RIGHT_ORDERS = ("searched", "searched, turned", "sorted")

#: The faults of walks, each with the ways in which engines have it.
WALKS: tuple[Ailment, ...] = (
    Ailment(IN_CODE["replaced"],
            "where a value is read twice, one message is kept and the other is lost",
            f"{GRADIENTS}: = for +=",
            tuple(Walk(order=order, written=(("", -1),)) for order in RIGHT_ORDERS)),
    Ailment("parents in a set",
            "where one box reads the same value twice, as in x·x, only one of the two messages is sent",
            "Look where a box keeps what it reads: in a set, or as keys of a dict, x and x are one; use a "
            "tuple",
            tuple(Walk(order=order, once=once) for order in RIGHT_ORDERS for once in ("last", "first"))),
    Ailment("output without its 1",
            "the gradient of the output is not set to 1, so all that is sent is 0",
            "Look at the start of backward: ∂f/∂f is 1",
            tuple(Walk(order=order, unseeded=True) for order in RIGHT_ORDERS)),
    Ailment(IN_CODE["loose"],
            "what was broadcast on the way forward is not summed back to the variable's own shape",
            f"{GRADIENTS}: sum over the axes along which a value was repeated",
            tuple(Walk(order=order, broadcast="none") for order in RIGHT_ORDERS)),
    Ailment(IN_CODE["loose"],
            "what was broadcast is summed back over the axes in front, and not over those of size 1",
            f"{GRADIENTS}: sum over axes of size 1 as well, and keep them (keepdims=True)",
            tuple(Walk(order=order, broadcast="front") for order in RIGHT_ORDERS), rank=1),
    Ailment(IN_CODE["averaged"],
            "what was broadcast is averaged over the axes along which it was repeated, and has to be summed",
            f"{GRADIENTS}: sum for mean",
            tuple(Walk(order=order, broadcast=f"averaged{where}") for order in RIGHT_ORDERS
                  for where in ("", " in front"))),
    Ailment(IN_CODE["early"],
            "a shared value passes on what it has each time that a message comes in, what it passed on "
            "before among it",
            "Look at backward: it calls itself for what a box reads. Sort the boxes first (topological "
            "order) and visit each once, when all its messages are in",
            _orders("recursive", "recursive, turned", "recursive, set", "recursive, turned, set",
                    "recursive, alone", "recursive, alone, turned", "breadth, again",
                    "breadth, turned, again")),
    Ailment("visited too early",
            "a box passes its gradient on when it is first met, and what comes in later goes no further",
            "Look at the order of visits: depth-first or in waves is not enough. Put the boxes into "
            "topological order (each after all that it reads), and go through them from the end",
            _orders("preorder", "preorder, turned", "breadth", "breadth, turned")),
    Ailment("order not turned round",
            "the boxes are visited from the inputs to the output, so nothing has arrived yet when they pass "
            "it on",
            "Look for a reversed() that is missing around the list of boxes",
            _orders("forwards")),
    Ailment("shared array",
            "what a sum passes on is the same array for both of its terms, and adding to one adds to the "
            "other",
            f"{GRADIENTS}: the first message is kept as it is, and += writes into it; copy it, or start "
            "from zeros",
            tuple(Walk(order=order, shared=True) for order in RIGHT_ORDERS)),
    Ailment("gradients not cleared",
            "the gradients of an earlier walk are still there after they were cleared, and the next adds to "
            "them",
            "Look at zero_grad: it has to reach every variable, and to set the very attribute that backward "
            "adds to",
            tuple(Walk(order=order, rounds="all") for order in RIGHT_ORDERS)),
    Ailment(IN_CODE["stale"],
            "the variables are cleared, and the boxes between keep the gradients of the walk before",
            "Look at zero_grad, or the start of backward: every box of the graph has to begin with 0",
            tuple(Walk(order=order, rounds="inner") for order in RIGHT_ORDERS)),
    Ailment("boxes of an earlier run",
            "the boxes of the expression before are walked again, with the gradients that they still have",
            "Look for a list of boxes that is never emptied: a tape, or a default argument such as topo=[]",
            tuple(Walk(order=order, rounds="taped") for order in RIGHT_ORDERS)),
)  # fmt: skip
