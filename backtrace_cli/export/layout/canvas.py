"""A layout on a grid of characters: lines that join, lines that pass, boxes, and texts."""

from __future__ import annotations

from itertools import groupby

from backtrace_cli.base.lengths import columns
from backtrace_cli.export.layout.arrange import Layout, Placed, Point

__all__ = ["MESSAGE", "PALE", "PLAIN", "STRONG", "VALUE", "Canvas"]

#: What a piece of the picture is, for whoever gives it a colour.
PLAIN, VALUE, MESSAGE, PALE, STRONG = "", "value", "message", "pale", "strong"

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_LINES = dict(enumerate(" ╵╶└╷│┌├╴┘─┴┐┤┬┼"))
_HEAVY = dict(enumerate(" ╹╺┗╻┃┏┣╸┛━┻┓┫┳╋"))
_FRAMES = {False: "╭╮╰╯─│", True: "┏┓┗┛━┃"}


class Canvas:
    """A picture as rows of characters, each with what it is."""

    def __init__(self, layout: Layout, ascii: bool = False) -> None:
        self.ascii = ascii
        self.layout = layout
        self.chars = [[" "] * layout.width for _ in range(layout.height)]
        self.kinds = [[PLAIN] * layout.width for _ in range(layout.height)]
        self.arms: dict[Point, dict[int, int]] = {}
        """At each cell, for every box whose line is there, in which directions it leaves the cell."""
        self.solid: set[tuple[int, Point]] = set()
        self.heavy: set[tuple[int, Point]] = set()
        self._lines()
        for placed in layout.boxes:
            self._box(placed)
        self._ends()
        for label in layout.labels:
            pale = label.edge is not None and not label.edge.visited
            kind = PALE if pale else VALUE if label.kind == "value" else MESSAGE
            self._text(label.x, label.y, label.text, kind)

    def rows(self) -> list[list[tuple[str, str]]]:
        """The lines from top to bottom, each in pieces of one kind."""
        found = []
        for chars, kinds in zip(self.chars, self.kinds, strict=True):
            row: list[tuple[str, str]] = []
            for kind, cells in groupby(zip(chars, kinds, strict=True), key=lambda cell: cell[1]):
                row.append(("".join(char for char, _ in cells), kind))
            if row:
                row[-1] = (row[-1][0].rstrip() if row[-1][0].isspace() else row[-1][0], row[-1][1])
            found.append(row)
        while found and not "".join(text for text, _ in found[-1]).strip():
            found.pop()
        return found

    def _lines(self) -> None:
        for route in self.layout.routes:
            self._line(route.points, route.edge.child, route.edge.visited, route.edge.lit)
        scene = self.layout.scene
        self._line(self.layout.out, scene.output, True, False)
        for point, owners in self.arms.items():
            self._cell(point, owners)

    def _line(self, points: tuple[Point, ...], net: int, solid: bool, heavy: bool) -> None:
        for (x, y), (u, v) in zip(points, points[1:], strict=False):
            along = (u > x) - (u < x), (v > y) - (v < y)
            forth = _RIGHT if along[0] > 0 else _LEFT if along[0] < 0 else _DOWN if along[1] > 0 else _UP
            back = {_RIGHT: _LEFT, _LEFT: _RIGHT, _DOWN: _UP, _UP: _DOWN}[forth]
            while (x, y) != (u, v):
                self._arm((x, y), net, forth, solid, heavy)
                x, y = x + along[0], y + along[1]
                self._arm((x, y), net, back, solid, heavy)

    def _arm(self, point: Point, net: int, arm: int, solid: bool, heavy: bool) -> None:
        owners = self.arms.setdefault(point, {})
        owners[net] = owners.get(net, 0) | arm
        if solid:
            self.solid.add((net, point))
        if heavy:
            self.heavy.add((net, point))

    def _cell(self, point: Point, owners: dict[int, int]) -> None:
        """One cell of lines; where two pass each other the upright one is drawn."""
        nets = sorted(owners, key=lambda net: owners[net] & (_LEFT | _RIGHT))
        net = nets[0]
        arms = owners[net]
        solid, heavy = (net, point) in self.solid, (net, point) in self.heavy
        if len(nets) == 1 and arms in (_LEFT, _RIGHT):  # the ends of a line reach their box
            arms = _LEFT | _RIGHT
        x, y = point
        self.chars[y][x] = self._line_char(arms, solid, heavy)
        self.kinds[y][x] = STRONG if heavy else PLAIN if solid else PALE

    def _line_char(self, arms: int, solid: bool, heavy: bool) -> str:
        across, down = arms == _LEFT | _RIGHT, arms == _UP | _DOWN
        if self.ascii:
            if across:
                return "=" if heavy else "-" if solid else "."
            return ("#" if heavy else "|" if solid else ":") if down else "+"
        if not solid and across:
            return "┄"
        if not solid and down:
            return "┆"
        return (_HEAVY if heavy else _LINES)[arms]

    def _box(self, placed: Placed) -> None:
        box, x, y, right, low = placed.box, placed.x, placed.y, placed.x + placed.width - 1, placed.height - 1
        kind = STRONG if box.lit else PALE if box.pale else PLAIN
        if box.is_input:
            self._text(x, y, box.title, kind)
            return
        frame = ("####=#" if box.lit else "++++-|") if self.ascii else _FRAMES[box.lit]
        bottom = y + low
        for column in range(x + 1, right):
            self._put(column, y, frame[4], kind)
            self._put(column, bottom, frame[4], kind)
        for row in range(y + 1, bottom):
            self._put(x, row, frame[5], kind)
            self._put(right, row, frame[5], kind)
        corners = ((x, y), (right, y), (x, bottom), (right, bottom))
        for (column, row), char in zip(corners, frame, strict=False):
            self._put(column, row, char, kind)
        self._text(x + 1, y, f" {box.title} ", STRONG if box.lit else kind)
        for number, text in enumerate(placed.lines):
            self._text(x + 2, y + 1 + number, text, kind)

    def _ends(self) -> None:
        """Arrows' heads, and where a line leaves a box."""
        boxes = self.layout.boxes
        for route in self.layout.routes:
            x, y = route.points[-1]
            pointing = "<" if self.layout.upright else ">"
            if not self.ascii:
                pointing = "◀" if self.layout.upright else "▶"
            self._put(x, y, pointing, self.kinds[y][x])
            self._leave(boxes[route.edge.child], route.points[0])
        self._leave(boxes[self.layout.scene.output], self.layout.out[0])

    def _leave(self, placed: Placed, start: Point) -> None:
        if placed.box.is_input or self.ascii:
            return
        x, y = start[0] - 1, start[1]
        corner = y == placed.y + placed.height - 1
        join = ("┻" if corner else "┣") if placed.box.lit else ("┴" if corner else "├")
        self._put(x, y, join, self.kinds[y][x])

    def _put(self, x: int, y: int, char: str, kind: str) -> None:
        self.chars[y][x] = char
        self.kinds[y][x] = kind

    def _text(self, x: int, y: int, text: str, kind: str) -> None:
        """``text`` from a cell on; a wide character takes two, the second left empty."""
        for char in text:
            size = columns(char)
            if size == 0:  # it stands on the character before
                self.chars[y][x - 1] += char
                continue
            self._put(x, y, char, kind)
            if size == 2:
                self._put(x + 1, y, "", kind)
            x += size
