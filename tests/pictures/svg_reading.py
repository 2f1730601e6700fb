"""A reader of SVG pictures that looks at shapes alone: which box a line starts at, which its arrow meets."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

__all__ = ["Svg", "read_svg"]

NS = "{http://www.w3.org/2000/svg}"


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    def holds(self, x: float, y: float, slack: float = 1.0) -> bool:
        """Does the point lie in it, or on its rim?"""
        return (
            self.x - slack <= x <= self.x + self.width + slack
            and self.y - slack <= y <= self.y + self.height + slack
        )

    def meets(self, other: Rect) -> bool:
        """Do the two overlap by more than a hair?"""
        return (
            self.x + 0.5 < other.x + other.width
            and other.x + 0.5 < self.x + self.width
            and self.y + 0.5 < other.y + other.height
            and other.y + 0.5 < self.y + self.height
        )


class Svg(NamedTuple):
    """What is to be seen."""

    boxes: dict[str, Rect]
    lines: list[list[tuple[float, float]]]
    heads: list[tuple[float, float]]
    texts: list[tuple[str, Rect]]

    def edges(self) -> list[tuple[str, str, int]]:
        """(child, reader, which arrow from the top) of every line that has a head."""
        found: dict[str, list[tuple[float, str]]] = {}
        for points in self.lines:
            if not any(abs(points[-1][0] - x) < 9 and abs(points[-1][1] - y) < 1 for x, y in self.heads):
                continue  # the output's own line
            (child,) = [name for name, box in self.boxes.items() if box.holds(*points[0], slack=9)]
            readers = [name for name, box in self.boxes.items() if box.holds(*points[-1], slack=9)]
            assert len(readers) == 1, (points, readers)
            found.setdefault(readers[0], []).append((points[-1][1], child))
        return sorted((c, r, n) for r, ends in found.items() for n, (_, c) in enumerate(sorted(ends)))


def read_svg(text: str) -> Svg:
    """The figure of an SVG: everything in its shifted group, in that group's own coordinates."""
    root = etree.fromstring(text.encode())
    figure = next(group for group in root.iter(f"{NS}g") if group.get("transform"))
    boxes = {}
    for group in figure.iter(f"{NS}g"):
        kind = (group.get("class") or "").split()
        name = next((t.text.split()[0] for t in group.iter(f"{NS}text") if t.get("class") == "name"), "")
        if "box" in kind:
            rect = group.find(f"{NS}rect")
            boxes[name] = Rect(*(float(rect.get(key)) for key in ("x", "y", "width", "height")))
        elif "leaf" in kind:
            boxes[name] = extent(group.find(f"{NS}text"))
    lines = [numbers(path.get("d")) for path in figure.iter(f"{NS}path") if path.get("class") == "edge"]
    heads = [numbers(path.get("d"))[0] for path in figure.iter(f"{NS}path") if path.get("class") == "head"]
    texts = [(t.text, extent(t)) for t in figure.iter(f"{NS}text")]
    return Svg(boxes, lines, heads, texts)


def extent(text: etree._Element) -> Rect:
    """What a text covers: it says itself how long it is, and its letters are 13 high."""
    return Rect(float(text.get("x")), float(text.get("y")) - 10, float(text.get("textLength")), 13)


def numbers(path: str) -> list[tuple[float, float]]:
    """The points of a path, the middle of a rounded corner among them."""
    found = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    return list(zip(found[::2], found[1::2], strict=True))
