"""What a picture shows: the graph's boxes and edges with their texts, before anything has a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from backtrace_cli.base.lengths import columns
from backtrace_cli.base.plain_values import Value
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.engine.events import Sent
from backtrace_cli.engine.trace import Trace, local_expression
from backtrace_cli.export.layout.phrasing import Words
from backtrace_cli.export.layout.shown import Shown

__all__ = ["Box", "Edge", "Scene", "scene_of"]

#: A longer text on an edge becomes a reference that is written out under the picture.
MOST_ON_EDGE = 16
#: So many boxes are named where a folded one says what it holds.
_MOST_NAMED = 6


class Box(NamedTuple):
    """A box: a variable, a step, or several steps folded into one."""

    node: int
    name: str
    body: str
    """What it computes; empty of a variable."""
    value: str
    shape: str
    fork: bool
    noted: bool
    """Is there a note about it, such as a kink?"""
    pale: bool
    """Is it not visited on the way back?"""
    lit: bool
    held: int
    """How many nodes are folded into it; 0 where it is itself."""

    @property
    def is_input(self) -> bool:
        """Does it compute nothing?"""
        return not self.body

    @property
    def title(self) -> str:
        """Its name, shape and marks."""
        marks = (self.shape, "(*)" if self.fork else "", "!" if self.noted else "")
        return " ".join([self.name, *filter(None, marks)])


class Edge(NamedTuple):
    """From the box that is read to the box that reads it; both by their place in ``Scene.boxes``."""

    child: int
    reader: int
    slot: int
    """The argument slot of the reader; -1 into a folded box."""
    port: int
    """Which of the reader's edges it is, from the top."""
    value: str
    message: str
    visited: bool
    lit: bool
    many: int
    """How many edges of the graph it stands for."""
    sent: tuple[int, int]
    """(reader node, slot) of the first of them."""


class Scene(NamedTuple):
    """Boxes in topological order, edges in the order of their readers and slots."""

    boxes: list[Box]
    edges: list[Edge]
    output: int
    value: str
    """The output's value."""
    seed: str
    """The gradient that the backward pass starts from."""
    legend: list[tuple[str, str]]
    """(mark, words) under the picture."""


def scene_of(
    trace: Trace, words: Words, shown: Shown | None = None, groups: Mapping[int, int] | None = None
) -> Scene:
    """The scene of ``trace``; ``groups`` maps each node that is folded to the node that stands for it."""
    return _Maker(trace, words, shown or Shown(), groups or {}).scene()


class _Maker:
    """One scene in the making."""

    def __init__(self, trace: Trace, words: Words, shown: Shown, groups: Mapping[int, int]) -> None:
        self.trace, self.words, self.shown, self.groups = trace, words, shown, groups
        self.graph = trace.graph
        self.sent: dict[tuple[int, int], Sent] = {(one.source, one.slot): one for one in trace.sent}
        self.arrivals: dict[int, list[Sent]] = {}
        for one in trace.sent:
            self.arrivals.setdefault(one.target, []).append(one)
        self.reached = self.arrivals.keys() | {self.graph.output}
        self.readers = [len(edges) for edges in self.graph.readers()]
        self.noted = {note.node for note in trace.notes if note.kind != "unused" and not shown.discreet}
        self.pales = trace.back is not None and not shown.discreet
        self.legend: list[tuple[str, str]] = []
        self.refs: dict[str, str] = {}
        self.dots = "..." if words.ascii else "…"

    def scene(self) -> Scene:
        nodes = [n.index for n in self.graph.nodes if not n.is_constant or n.index == self.graph.output]
        held: dict[int, list[int]] = {}
        for node in nodes:
            held.setdefault(self.groups.get(node, node), []).append(node)
        heads = sorted(held)
        place = {head: number for number, head in enumerate(heads)}
        of = {node: place[self.groups.get(node, node)] for node in nodes}
        boxes = [self.box(head, held[head]) for head in heads]
        edges = self.edges(nodes, of, [len(held[head]) > 1 for head in heads])
        output = self.graph.output
        value = self.short(self.number(output))
        back = self.trace.back is not None
        seed = self.words.number(self.trace.arithmetic.seed(self.trace.values[output])) if back else ""
        if self.shown.messages == () or self.trace.symbolic:
            seed = ""
        self.explain(boxes, edges, [held[head] for head in heads])
        return Scene(boxes, edges, of[output], value, self.short(seed), self.legend)

    def box(self, head: int, held: list[int]) -> Box:
        graph = self.graph
        node = graph.nodes[head]
        name = visible_name(graph.name(head))
        lit = self.shown.box is not None and self.shown.box in (held if len(held) > 1 else (head,))
        if len(held) > 1:
            steps = sum(graph.nodes[one].op is not None for one in held)
            body = f"{len(held):,} folded" if steps < len(held) else f"{steps:,} boxes"
            noted = any(graph.name(one) in self.noted for one in held)
            pale = self.pales and not any(one in self.reached for one in held)
            return Box(head, name, body, "", "", False, noted, pale, lit, len(held))
        body = "" if node.is_input else visible_name(self.words.expr(graph.definition(head)))
        readers = self.readers[head]
        pale = self.pales and head not in self.reached
        return Box(
            head, name, body, self.number(head), self.words.shape(self.trace, head),
            readers > 1 and not node.is_constant, graph.name(head) in self.noted, pale, lit, 0,
        )  # fmt: skip

    def edges(self, nodes: list[int], of: dict[int, int], folded: list[bool]) -> list[Edge]:
        counts = [0] * len(folded)
        found: list[Edge] = []
        bundled: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        for node in nodes:
            reader = of[node]
            for slot, arg in enumerate(self.graph.nodes[node].args):
                child = of.get(arg)
                if child is None or child == reader:
                    continue
                if folded[reader]:
                    bundled.setdefault((reader, child), []).append((arg, node, slot))
                    continue
                found.append(self.edge(child, reader, slot, counts[reader], [(arg, node, slot)]))
                counts[reader] += 1
        for (reader, child), parts in bundled.items():
            found.append(self.edge(child, reader, -1, counts[reader], parts))
            counts[reader] += 1
        return sorted(found, key=lambda edge: (edge.reader, edge.port))

    def edge(self, child: int, reader: int, slot: int, port: int, parts: list[tuple[int, int, int]]) -> Edge:
        """The edge that stands for ``parts``, each (child node, reader node, slot)."""
        sent = [found for _, node, at in parts if (found := self.sent.get((node, at))) is not None]
        args = {arg for arg, _, _ in parts}
        value = self.number(parts[0][0]) if len(args) == 1 else f"{len(args)} values"
        message = ""
        if len(parts) > 1:
            known = [one for one in sent if self.known(one)]
            message = f"{len(known)} messages" if len(known) != 1 else self.message(known[0])
        elif sent and self.known(sent[0]):
            message = self.message(sent[0])
        lit = self.shown.edge is not None and self.shown.edge in [(node, at) for _, node, at in parts]
        visited = bool(sent) or not self.pales
        return Edge(child, reader, slot, port, self.short(value), self.short(message), visited, lit,
                    len(parts), parts[0][1:])  # fmt: skip

    def known(self, sent: Sent) -> bool:
        return self.shown.messages is None or (sent.source, sent.slot) in self.shown.messages

    def number(self, node: int) -> str:
        """A node's value where it is known; nothing in a trace without a point."""
        if self.trace.symbolic or not (self.shown.values is None or node in self.shown.values):
            return ""
        return self.written(self.trace.values[node], node)

    def message(self, sent: Sent) -> str:
        """What goes back along an edge; without a point, the local derivative."""
        if self.trace.symbolic:
            return self.words.expr(local_expression(self.graph, sent))
        return self.written(sent.contribution, sent.target)

    def written(self, value: Value, node: int) -> str:
        """A value of ``node``'s shape; of an array that is long or has rows, the shape alone."""
        text = self.words.number(value)
        shape = self.words.shape(self.trace, node)
        return shape if shape and (columns(text) > MOST_ON_EDGE or text.startswith("[[")) else text

    def short(self, text: str) -> str:
        """``text``, or a reference to where it is written out."""
        text = visible_name(text)
        if columns(text) <= MOST_ON_EDGE:
            return text
        return self.refs.setdefault(text, f"[{len(self.refs) + 1}]")

    def explain(self, boxes: list[Box], edges: list[Edge], held: list[list[int]]) -> None:
        """The lines under the picture: sums at forks, notes, what is pale, what is folded, references."""
        into: dict[int, list[Edge]] = {}
        for edge in edges:
            into.setdefault(edge.child, []).append(edge)
        for place, box in enumerate(boxes):
            if box.fork:
                self.sum(box)
            if box.held:
                names = [visible_name(self.graph.name(one)) for one in held[place]]
                most = _MOST_NAMED
                some = names if len(names) <= most else [*names[: most - 1], self.dots, names[-1]]
                self.legend.append((box.name, f"holds {len(names):,}: {', '.join(some)}"))
        for note in self.trace.notes:
            if note.node in self.noted:
                self.legend.append(("!", visible_name(note.message)))
        if any(not edge.visited for edge in edges):
            dashed = ". . ." if self.words.ascii else "┄┄┄"
            self.legend.append((dashed, "not visited: no message goes back this way"))
        for text, mark in self.refs.items():
            self.legend.append((mark, text))

    def sum(self, box: Box) -> None:
        """``3 + 5 = 8``: what has arrived at a fork."""
        if self.trace.back is None or self.trace.symbolic:
            return
        of = self.trace.back.counts[box.node]
        arrived = [one for one in self.arrivals.get(box.node, ()) if self.known(one)]
        if of < 2 or not arrived:
            return
        total = self.words.number(arrived[-1].total)
        if box.shape or len(arrived) > 12:
            text = f"{len(arrived)} of {of} messages added: {self.written(arrived[-1].total, box.node)}"
        else:
            parts = [self.words.number(one.contribution) for one in arrived]
            text = self.words.added(parts) + (f" = {total}" if len(parts) > 1 else "")
            text += f"   {len(arrived)} of {of}" if len(arrived) < of else ""
        self.legend.append(("(*)", f"{box.name}:  {visible_name(text)}"))
