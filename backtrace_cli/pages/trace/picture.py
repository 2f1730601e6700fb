"""The page of a picture: the formula, its graph drawn, and what the marks in it mean."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.trace import Trace
from backtrace_cli.export.layout.content import scene_of
from backtrace_cli.export.layout.folding import MOST_BOXES
from backtrace_cli.export.layout.shown import Shown
from backtrace_cli.export.plots.plot_words import said_of, tangent_of
from backtrace_cli.pages.document import HEADING, Block, Kept, Paragraph, Picture, Said, Space
from backtrace_cli.pages.trace.page import point_words, title_words
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.curve_samples import Curve

__all__ = ["picture_block", "picture_page"]


def picture_page(
    trace: Trace, shown: Shown | None = None, most: int = MOST_BOXES, curve: Curve | None = None
) -> Iterator[Block]:
    """The whole page of ``backtrace draw``: the graph, or a curve."""

    def title(wording: Wording) -> Iterator[str]:
        yield f"Formula: {visible(wording.title(trace))}"
        if trace.at and curve is None:
            yield f"At: {', '.join(wording.point(trace))}"

    yield Space()
    point = point_words(trace) if curve is None else _others(trace, curve.variable)
    yield Paragraph([(title_words(trace), HEADING), (point, "")], said=title)
    yield Space()
    if curve is None:
        yield picture_block(trace, shown, most)
    else:
        yield Picture(trace, said=_told(curve), curve=curve)


def _others(trace: Trace, variable: str) -> Kept | str:
    """The values of the variables that stay as they are along a curve."""
    if not set(trace.at) - {variable}:
        return ""

    def others(wording: Wording) -> list[str]:
        return [text for text in wording.point(trace) if not text.startswith(f"{variable} = ")]

    return Kept(others, before="     at\u00a0\u00a0", lists=True)


def _told(curve: Curve) -> Said:
    def said(wording: Wording) -> Iterator[str]:
        if tangent := tangent_of(curve, wording):
            yield tangent
        yield from (text for _, text in said_of(curve, wording))

    return said


def picture_block(trace: Trace, shown: Shown | None = None, most: int = MOST_BOXES) -> Picture:
    """The graph as a block; in sentences it tells of each edge."""
    return Picture(trace, said=_said(trace, shown), shown=shown, most=most)


def _said(trace: Trace, shown: Shown | None) -> Said:
    def said(wording: Wording) -> Iterator[str]:
        scene = scene_of(trace, wording, shown)
        for place, box in enumerate(scene.boxes):
            what = f"{box.name} = {box.body}" if box.body else f"{box.name} is a variable"
            yield what + (f", value {box.value}" if box.value else "") + (", a fork" if box.fork else "")
            for edge in scene.edges:
                if edge.reader == place:
                    name = scene.boxes[edge.child].name
                    back = f", message {edge.message}" if edge.message else ""
                    unseen = "" if edge.visited else ", not visited on the way back"
                    yield f"edge from {name} to {box.name}, argument {edge.slot + 1}{back}{unseen}"
        for mark, text in scene.legend:
            yield f"{mark} {text}"

    return said
