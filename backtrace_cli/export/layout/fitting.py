"""Which layout a picture gets: side by side where that fits, else upright, else with more folded."""

from __future__ import annotations

from typing import NamedTuple

from backtrace_cli.engine.trace import Trace
from backtrace_cli.export.layout.arrange import Layout, least_width, side_by_side, upright
from backtrace_cli.export.layout.content import Scene, scene_of
from backtrace_cli.export.layout.folding import MOST_BOXES, groups_of
from backtrace_cli.export.layout.phrasing import Words
from backtrace_cli.export.layout.shown import Shown
from backtrace_cli.readings.curve_samples import Curve

__all__ = ["Picture", "revealed"]

#: A layered picture of more boxes than this is not tried: nobody's screen is so wide.
_MOST_ACROSS = 400


class Picture(NamedTuple):
    """What is to be drawn, and how: a writer takes it and gives the text of its medium."""

    trace: Trace
    words: Words
    shown: Shown | None = None
    most: int = MOST_BOXES
    """So many boxes are drawn; what is more is folded."""
    curve: Curve | None = None
    """A curve that is drawn in place of the graph, by media that draw curves."""

    def scene(self, most: int | None = None) -> Scene:
        """The boxes and edges with their texts."""
        groups = groups_of(self.trace.graph, self.most if most is None else most)
        return scene_of(self.trace, self.words, self.shown, groups)

    def fitted(self, width: int) -> Layout:
        """The layout for so many columns, more of it folded where it would not fit otherwise."""
        most = min(self.most, len(self.trace.graph))
        while True:
            scene = self.scene(most)
            if (found := _within(scene, width)) is not None:
                return found
            if most <= 2:
                return upright(scene, max(12, width // 2))
            most = most * 2 // 3 if most > 3 else most - 1

    def across(self, width: int) -> Layout | None:
        """The layout side by side with nothing folded, where that is no wider than ``width``."""
        return _layers(self.scene(_MOST_ACROSS), width) if len(self.trace.graph) <= _MOST_ACROSS else None

    def wide(self, width: int) -> Layout:
        """The layout for a medium that scrolls: side by side, unless that is wider than ``width``."""
        scene = self.scene()
        return _layers(scene, width) or upright(scene)


def revealed(layout: Layout, scene: Scene) -> Layout:
    """``layout`` with the texts and marks of ``scene``, which is the same graph with less of it known."""
    edges = {(edge.reader, edge.port): edge for edge in scene.edges}
    routes = [r._replace(edge=edges[r.edge.reader, r.edge.port]) for r in layout.routes]
    labels = []
    for label in layout.labels:
        edge = label.edge and edges[label.edge.reader, label.edge.port]
        value, message = (edge.value, edge.message) if edge else (scene.value, scene.seed)
        labels.append(label._replace(text=value if label.kind == "value" else message, edge=edge))
    boxes = [placed._replace(box=box) for placed, box in zip(layout.boxes, scene.boxes, strict=True)]
    shown = [label for label in labels if label.text]
    return layout._replace(scene=scene, routes=routes, labels=shown, boxes=boxes)


def _layers(scene: Scene, width: int) -> Layout | None:
    """The layers side by side, where they are no wider than ``width``."""
    if len(scene.boxes) > _MOST_ACROSS or least_width(scene) > width:
        return None
    found = side_by_side(scene)
    return found if found.width <= width else None


def _within(scene: Scene, width: int) -> Layout | None:
    """The first layout of ``scene`` that is no wider than ``width``."""
    found = _layers(scene, width)
    if found is not None:
        return found
    found = upright(scene)
    if found.width <= width:
        return found
    room = width - (found.width - max(placed.width for placed in found.boxes)) - 4
    found = upright(scene, room) if room >= 8 else found
    return found if found.width <= width else None
