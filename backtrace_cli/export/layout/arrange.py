"""Where everything stands: boxes, the line of every edge, and the labels beside the lines.

Coordinates are character cells, x to the right and y down. A terminal prints them as they are; SVG
and TikZ scale them. Side by side the boxes stand in layers from left to right; upright they stand
under one another, and all lines run at their right.
"""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.base.lengths import columns
from backtrace_cli.export.layout.channels import Net, Way, routed
from backtrace_cli.export.layout.content import Box, Edge, Scene
from backtrace_cli.export.layout.heights import heights
from backtrace_cli.export.layout.layering import Item, layers_of, levels

__all__ = ["Label", "Layout", "Placed", "Point", "Route", "least_width", "side_by_side", "upright"]

#: Rows that a line takes: the value over it, itself, the message under it.
LINE = 3
#: A box is at most so wide before what it computes is written on several lines.
MOST_BODY = 30
#: Cells between a box and the first track.
_STUB = 1

Point = tuple[int, int]


class Placed(NamedTuple):
    """A box in its place; of a variable, the place of its name."""

    box: Box
    lines: tuple[str, ...]
    """What it computes, in pieces that fit."""
    x: int
    y: int
    width: int
    height: int


class Route(NamedTuple):
    """The line of an edge, from beside the box that is read to the head of its arrow."""

    edge: Edge
    points: tuple[Point, ...]


class Label(NamedTuple):
    """A text beside a line: ``value`` over it or ``message`` under it."""

    text: str
    x: int
    y: int
    kind: str
    edge: Edge | None
    """None at the output's own line."""


class Layout(NamedTuple):
    """A picture with everything in its place."""

    scene: Scene
    width: int
    height: int
    boxes: list[Placed]
    routes: list[Route]
    labels: list[Label]
    out: tuple[Point, Point]
    """The line that leaves the output."""
    upright: bool


def side_by_side(scene: Scene, most_body: int = MOST_BODY) -> Layout:
    """``scene`` in layers from left to right."""
    return _Across(scene, most_body).layout()


def least_width(scene: Scene, most_body: int = MOST_BODY) -> int:
    """How wide the layers are without any track between them: what is wider still need not be tried."""
    level = levels(scene)
    widths = [1] * (max(level) + 1)
    labels = [1] * (max(level) + 1)
    for place, box in enumerate(scene.boxes):
        widths[level[place]] = max(widths[level[place]], _span(box, _lines(box, most_body)))
    for edge in scene.edges:
        here = level[edge.reader]
        labels[here] = max(labels[here], columns(edge.value), columns(edge.message))
    own = max(columns(scene.value), columns(scene.seed), 1) + 2
    return 1 + sum(widths) + sum(label + _STUB + 2 for label in labels[1:]) + own


def upright(scene: Scene, most_body: int = 2 * MOST_BODY) -> Layout:
    """``scene`` with its boxes under one another."""
    lines = [_lines(box, most_body) for box in scene.boxes]
    ports = _ports(scene)
    tops, sizes, y = [], [], 0
    for place, box in enumerate(scene.boxes):
        tops.append(y)
        size = max(LINE * ports[place], len(lines[place]) + 1) + 1 if not box.is_input else 1
        size += place == scene.output and not box.is_input  # the output's value stands over its own line
        sizes.append(size)
        y += size + (1 if box.is_input else 0)
    out = [tops[place] + sizes[place] - 1 for place in range(len(sizes))]
    spans = [_span(box, text) for box, text in zip(scene.boxes, lines, strict=True)]
    edge_row = {edge: tops[edge.reader] + LINE * edge.port + 1 for edge in scene.edges}
    nets: dict[int, list[int]] = {}
    for edge in scene.edges:
        nets.setdefault(edge.child, [out[edge.child]]).append(edge_row[edge])
    ways, width = routed([Net(child, tuple(rows), ()) for child, rows in nets.items()])
    zone = max(spans) + 3
    texts = [text for edge in scene.edges for text in (edge.value, edge.message)] + [scene.value, scene.seed]
    first = zone + max(map(columns, texts), default=0) + 1
    boxes = [Placed(box, lines[p], 1, tops[p], spans[p], sizes[p]) for p, box in enumerate(scene.boxes)]
    routes = []
    labels = []
    for edge in scene.edges:
        track, row = first + ways[edge.child].column, edge_row[edge]
        start, end = 1 + spans[edge.child], 1 + spans[edge.reader]
        routes.append(
            Route(edge, ((start, out[edge.child]), (track, out[edge.child]), (track, row), (end, row)))
        )
        labels += _labels(edge, zone, row)
    at = out[scene.output]
    stub = ((1 + spans[scene.output], at), (first - 1, at))
    labels += _out_labels(scene, zone, at)
    return Layout(scene, first + width, max(y, at + 2), boxes, routes, labels, stub, True)


def _labels(edge: Edge, x: int, row: int) -> list[Label]:
    texts = ((edge.value, row - 1, "value"), (edge.message, row + 1, "message"))
    return [Label(text, x, y, kind, edge) for text, y, kind in texts if text]


def _out_labels(scene: Scene, x: int, row: int) -> list[Label]:
    texts = ((scene.value, row - 1, "value"), (scene.seed, row + 1, "message"))
    return [Label(text, x, y, kind, None) for text, y, kind in texts if text]


def _ports(scene: Scene) -> list[int]:
    """How many edges come into each box."""
    found = [0] * len(scene.boxes)
    for edge in scene.edges:
        found[edge.reader] += 1
    return found


def _span(box: Box, lines: tuple[str, ...]) -> int:
    """How wide a box is."""
    if box.is_input:
        return columns(box.title) + 1  # a space, before its line begins
    return max(map(columns, (box.title, *lines))) + 4


def _lines(box: Box, most: int) -> tuple[str, ...]:
    """What a box computes on lines of at most ``most`` columns, broken at spaces where there are any."""
    lines: list[str] = []
    for word in box.body.split(" "):
        if lines and columns(lines[-1]) + 1 + columns(word) <= most:
            lines[-1] += f" {word}"
            continue
        while columns(word) > most:
            cut = len(word)
            while columns(word[:cut]) > most:
                cut -= 1
            lines.append(word[:cut])
            word = word[cut:]
        lines.append(word)
    return tuple(lines)


class _Across:
    """The layers from left to right: first how high everything stands, then the gaps one by one."""

    def __init__(self, scene: Scene, most_body: int) -> None:
        self.scene = scene
        self.lines = [_lines(box, most_body) for box in scene.boxes]
        self.spans = [_span(box, text) for box, text in zip(scene.boxes, self.lines, strict=True)]
        self.ports = _ports(scene)
        self.layers = layers_of(scene)
        rows = self.layers.rows
        self.level = {item.box: n for n, row in enumerate(rows) for item in row if not item.passing}
        self.into: list[list[Edge]] = [[] for _ in rows]
        for edge in scene.edges:
            self.into[self.level[edge.reader]].append(edge)
        self.top = heights(
            self.layers, self.units, lambda item, port: 0 if item.passing else port, self.outlet
        )
        self.ends: dict[Item, int] = {}
        """Where each item's line begins: beside a box, or at the left of the layer it passes."""
        self.heads: dict[int, int] = {}
        """The column of the arrows' heads before each layer."""
        self.gaps: list[dict[int, tuple[int, Way]]] = []
        """Of each gap, the first track's column and the way of every net."""
        self.zones: list[int] = []

    def units(self, item: Item) -> int:
        if item.passing or self.scene.boxes[item.box].is_input:
            return 1
        rows = max(LINE * self.ports[item.box], len(self.lines[item.box]) + 2, LINE)
        return -(-rows // LINE)

    def outlet(self, item: Item) -> int:
        return 0 if item.passing else max(0, self.ports[item.box] - 1) // 2

    def inlet(self, item: Item, port: int) -> int:
        return 0 if item.passing else port

    def row(self, item: Item, port: int | None = None) -> int:
        """The row of an item's outlet, or of one of its inlets."""
        offset = self.outlet(item) if port is None else self.inlet(item, port)
        return LINE * (self.top[item] + offset) + 1

    def layout(self) -> Layout:
        boxes: dict[int, Placed] = {}
        x = 1
        for layer, row in enumerate(self.layers.rows):
            width = max((self.spans[item.box] for item in row if not item.passing), default=1)
            for item in row:
                if item.passing:
                    continue
                boxes[item.box] = self.placed(item, x, width)
                self.ends[item] = boxes[item.box].x + boxes[item.box].width
            x += width
            if layer < len(self.layers.links):
                x = self.gap(layer, x)
        labels = [label for edge in self.scene.edges for label in self.labels(edge)]
        routes = [self.route(edge) for edge in self.scene.edges]
        at = Item(self.scene.output)
        level, start = self.row(at), self.ends[at]
        own = _out_labels(self.scene, start + 1, level)
        end = start + max((columns(label.text) for label in own), default=1) + 1
        height = LINE * max(self.top[item] + self.units(item) for item in self.top)
        placed = [boxes[place] for place in range(len(self.scene.boxes))]
        return Layout(self.scene, max(x, end + 1), height, placed, routes, labels + own,
                      ((start, level), (end, level)), False)  # fmt: skip

    def placed(self, item: Item, x: int, width: int) -> Placed:
        box, span = self.scene.boxes[item.box], self.spans[item.box]
        if box.is_input:
            return Placed(box, (), x + width - span, self.row(item), span, 1)
        height = self.units(item) * LINE
        return Placed(box, self.lines[item.box], x, LINE * self.top[item], span, height)

    def gap(self, layer: int, x: int) -> int:
        """Route the gap behind ``layer``, which begins at ``x``; where the next layer begins."""
        rows: dict[int, tuple[int, list[int]]] = {}
        for left, right, port in self.layers.links[layer]:
            rows.setdefault(left.box, (self.row(left), []))[1].append(self.row(right, port))
        ways, width = routed([Net(box, (row,), tuple(right)) for box, (row, right) in rows.items()])
        first = x + _STUB
        self.gaps.append({box: (first, way) for box, way in ways.items()})
        zone = first + width + (1 if width else 0)
        into = self.into[layer + 1]
        longest = max((columns(text) for edge in into for text in (edge.value, edge.message)), default=0)
        self.zones.append(zone)
        head = zone + max(longest, 1) + 1
        self.heads[layer + 1] = head
        return head + 1

    def labels(self, edge: Edge) -> list[Label]:
        return _labels(edge, self.zones[self.level[edge.reader] - 1], self.row(Item(edge.reader), edge.port))

    def route(self, edge: Edge) -> Route:
        """The line from box to box, through the dummies between."""
        start, last = self.level[edge.child], self.level[edge.reader]
        item = Item(edge.child)
        points: list[Point] = [(self.ends[item], self.row(item))]
        for layer in range(start, last):
            final = layer + 1 == last
            following = Item(edge.reader) if final else Item(edge.child, layer + 1)
            row, goal = self.row(item), self.row(following, edge.port if final else 0)
            first, way = self.gaps[layer][edge.child]
            if row != goal or way.column >= 0:
                if way.first >= 0:
                    points += [(first + way.first, row), (first + way.first, way.row)]
                    row = way.row
                points += [(first + way.column, row), (first + way.column, goal)]
            item = following
        points.append((self.heads[last], self.row(item, edge.port)))
        return Route(edge, _straightened(points))


def _straightened(points: list[Point]) -> tuple[Point, ...]:
    """``points`` without those at which the line doesn't turn."""
    found: list[Point] = []
    for point in points:
        if found and point == found[-1]:
            continue
        if len(found) > 1 and (
            found[-2][0] == found[-1][0] == point[0] or found[-2][1] == found[-1][1] == point[1]
        ):
            found.pop()
        found.append(point)
    return tuple(found)
