"""A picture as SVG: sharp at any size, light or dark as the reader has it, with words for a screen reader.

Cells of the layout become cells of a fixed width, and every text is told how long it is
(``textLength``), so that it takes its room whatever monospaced font there is.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from textwrap import wrap
from typing import NamedTuple

from backtrace_cli.base.lengths import columns
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.export.layout.arrange import Label, Layout, Placed, Point, Route
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.joints import joints
from backtrace_cli.export.layout.writer import Writer
from backtrace_cli.export.plots.scaled import plot_svg

__all__ = ["STYLE", "WRITER", "Drawn", "figure", "svg", "told"]

#: A cell in pixels, and the size of the letters in it.
WIDE, HIGH, LETTER = 7.8, 17.0, 13
_MARGIN = 12.0
#: A picture wider than so many columns is turned upright.
MOST_COLUMNS = 320
_ROUND = 5.0

#: Colours and strokes; contrast against the paper is at least 4.5 to 1 for text.
STYLE = """
.bt{--ink:#1f2328;--paper:#ffffff;--box:#f6f8fa;--rim:#57606a;--line:#57606a;--value:#116329;
--message:#b3151f;--pale:#6e7781;--lit:#0550ae;--glow:#fff1b8;color-scheme:light dark}
@media (prefers-color-scheme:dark){.bt{--ink:#e6edf3;--paper:#0d1117;--box:#161b22;--rim:#8b949e;
--line:#8b949e;--value:#56d364;--message:#ff8f87;--pale:#848d97;--lit:#79c0ff;--glow:#4b3a00}}
.bt text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
fill:var(--ink);white-space:pre}
.bt .paper{fill:var(--paper)}.bt .box rect{fill:var(--box);stroke:var(--rim)}.bt .name{font-weight:600}
.bt .edge{fill:none;stroke:var(--line);stroke-width:1.3}.bt .head,.bt .joint{fill:var(--line)}
.bt text.value{fill:var(--value)}.bt text.message{fill:var(--message)}
.bt .pale .edge,.bt .pale rect{stroke-dasharray:4 3;stroke:var(--pale)}.bt .pale text{fill:var(--pale)}
.bt .pale .head{fill:var(--pale)}.bt .lit rect{stroke:var(--lit);stroke-width:3;fill:var(--glow)}
.bt .lit .edge{stroke:var(--lit);stroke-width:3}.bt .lit .head{fill:var(--lit)}
.bt .lit text{font-weight:700}
@media print{.bt{--ink:#000;--paper:#fff;--box:#fff;--rim:#333;--line:#333;--value:#0b4d1f;
--message:#8f0f17;--pale:#666}}
""".strip()


class Drawn(NamedTuple):
    """An SVG without its frame, and how large it is."""

    body: str
    width: float
    height: float


def svg(picture: Picture, prefix: str = "bt") -> str:
    """The whole picture as one SVG element; ``prefix`` keeps its ids apart from others on the same page."""
    trace, words = picture.trace, picture.words
    if picture.curve is not None:
        return plot_svg(picture.curve, words.title(trace), words, STYLE)
    layout = picture.wide(MOST_COLUMNS)
    title = visible_name(words.title(trace))
    heading = title + ("     at  " + "   ".join(map(visible_name, words.point(trace))) if trace.at else "")
    room = max(layout.width, 72)
    above = wrap(heading, room) or [title]
    below = [
        line
        for mark, text in layout.scene.legend
        for line in wrap(f"{mark}  {text}", room, subsequent_indent="   ")
    ]
    middle = figure(layout, _MARGIN, _MARGIN + HIGH * (len(above) + 0.6), prefix)
    across = max([layout.width, *(columns(line) for line in above + below)]) * WIDE + 2 * _MARGIN
    top = _MARGIN + HIGH * (len(above) + 0.6) + middle.height
    rows = [_text(line, _MARGIN, _MARGIN + HIGH * (n + 0.7), "name") for n, line in enumerate(above)]
    rows += [_text(line, _MARGIN, top + HIGH * (n + 1.2), "said") for n, line in enumerate(below)]
    height = top + HIGH * (len(below) + 0.5) + _MARGIN
    size = f'viewBox="0 0 {_n(across)} {_n(height)}" width="{_n(across)}" height="{_n(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bt" role="img" {size} '
        f'aria-labelledby="{prefix}-title {prefix}-desc">\n'
        f'<title id="{prefix}-title">Graph of {escape(title)}</title>\n'
        f'<desc id="{prefix}-desc">{escape(told(layout))}</desc>\n<style>{STYLE}</style>\n'
        f'<rect class="paper" width="100%" height="100%"/>\n{middle.body}\n' + "\n".join(rows) + "\n</svg>\n"
    )


def told(layout: Layout) -> str:
    """The picture in words: each box, what it computes, its value, and who reads it."""
    scene = layout.scene
    readers: dict[int, list[str]] = {}
    for edge in scene.edges:
        sent = f", from which {edge.message} comes back" if edge.message else ""
        readers.setdefault(edge.child, []).append(f"{scene.boxes[edge.reader].name}{sent}")
    sentences = []
    for place, box in enumerate(scene.boxes):
        what = f"{box.name} = {box.body}" if box.body else f"variable {box.name}"
        value = f", value {box.value}" if box.value else ""
        by = f", read by {'; '.join(readers[place])}" if place in readers else ", the output"
        sentences.append(f"{what}{value}{by}.")
    return " ".join(sentences)


def figure(
    layout: Layout, x: float, y: float, prefix: str = "bt", more: Callable[[Label], str] | None = None
) -> Drawn:
    """Boxes, lines and labels of ``layout``, with its corner at (x, y); ``more`` attributes for a label."""
    parts = [f'<g transform="translate({_n(x)} {_n(y)})">']
    labels: dict[int, list[str]] = {}
    own: list[str] = []
    for label in layout.labels:
        shift = 0.72 if label.kind == "value" else 0.68  # nearer to their line than the middle of their row
        extra = more(label) if more else ""
        drawn = _text(label.text, label.x * WIDE, (label.y + shift) * HIGH, label.kind, extra)
        (own if label.edge is None else labels.setdefault(id(label.edge), [])).append(drawn)
    for route in layout.routes:
        edge = route.edge
        name = f"{prefix}-e{edge.sent[0]}-{edge.sent[1]}"
        kind = ("" if edge.visited else " pale") + (" lit" if edge.lit else "")
        parts.append(f'<g class="wire{kind}" id="{name}">{_line(route)}{_head(route, layout.upright)}'
                     f"{''.join(labels.get(id(edge), []))}</g>")  # fmt: skip
    parts += [
        f'<circle class="joint" cx="{_n(u)}" cy="{_n(v)}" r="2.6"/>' for u, v in map(_centre, joints(layout))
    ]
    start, end = map(_centre, layout.out)
    parts.append(f'<g class="wire out"><path class="edge" d="M{_n(start[0] - WIDE / 2)} {_n(start[1])}'
                 f'L{_n(end[0])} {_n(end[1])}"/>{"".join(own)}</g>')  # fmt: skip
    parts += [_box(placed, prefix) for placed in layout.boxes]
    parts.append("</g>")
    return Drawn("\n".join(parts), layout.width * WIDE, layout.height * HIGH)


def _box(placed: Placed, prefix: str) -> str:
    box = placed.box
    kind = ("box" if box.body else "leaf") + (" pale" if box.pale else "") + (" lit" if box.lit else "")
    kind += " fold" if box.held else ""
    x, y = placed.x * WIDE, placed.y * HIGH
    name = f'<g class="{kind}" id="{prefix}-b{box.node}">'
    if box.is_input:
        return f"{name}{_text(box.title, x, y + 0.74 * HIGH, 'name')}</g>"
    wide, high = placed.width * WIDE, placed.height * HIGH - 6
    rect = f'<rect x="{_n(x)}" y="{_n(y + 3)}" width="{_n(wide)}" height="{_n(high)}" rx="5"/>'
    texts = [_text(box.title, x + 2 * WIDE, y + 0.98 * HIGH, "name")]
    texts += [_text(line, x + 2 * WIDE, y + (n + 1.9) * HIGH, "body") for n, line in enumerate(placed.lines)]
    return f"{name}{rect}{''.join(texts)}</g>"


def _line(route: Route) -> str:
    """The line of an edge, its corners rounded."""
    points = [_centre(point) for point in route.points]
    points[0] = (points[0][0] - WIDE / 2, points[0][1])
    path = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _towards(here, before), _towards(here, after)
        path += f"L{_n(into[0])} {_n(into[1])}Q{_n(here[0])} {_n(here[1])} {_n(out[0])} {_n(out[1])}"
    return f'<path class="edge" d="{path}L{_n(points[-1][0])} {_n(points[-1][1])}"/>'


def _towards(here: tuple[float, float], there: tuple[float, float]) -> tuple[float, float]:
    """A point a little way from ``here`` to ``there``."""
    x, y = there[0] - here[0], there[1] - here[1]
    length = abs(x) + abs(y)
    share = min(_ROUND, length / 2) / length
    return here[0] + x * share, here[1] + y * share


def _head(route: Route, upright: bool) -> str:
    x, y = _centre(route.points[-1])
    back = WIDE if upright else -WIDE
    tip = x - back / 2
    wings = [f"L{_n(tip + back)} {_n(y + side)}" for side in (-3.6, 3.6)]
    return f'<path class="head" d="M{_n(tip)} {_n(y)}{"".join(wings)}Z"/>'


def _text(text: str, x: float, y: float, kind: str, extra: str = "") -> str:
    long = columns(text) * WIDE
    return (f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" textLength="{_n(long)}" '
            f'lengthAdjust="spacingAndGlyphs"{extra}>{escape(text)}</text>')  # fmt: skip


def _centre(point: Point) -> tuple[float, float]:
    return (point[0] + 0.5) * WIDE, (point[1] + 0.5) * HIGH


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


WRITER = Writer(".svg", "a drawing that scales, for a page or a slide", svg, curves=True)
