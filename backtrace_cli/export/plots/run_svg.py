"""A training run as SVG: the loss along the updates, and where one class ends and the next begins."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.safe_text import visible_name

__all__ = ["Area", "run_svg"]

_LEFT, _WIDE, _GAP = 90.0, 560.0, 56.0
_CURVE, _AREA = 260.0, 420.0
#: A curve has at most so many points; beyond, a point is the mean of several.
_POINTS = 1120
#: Losses that span more than this are drawn on a logarithmic scale.
_SPAN = 100.0
#: Fill of an area, and of the marks in it: six classes, then again from the first.
_COLOURS = (
    ("#cfe3ff", "#0550ae"), ("#ffe2b8", "#953800"), ("#d3f2d9", "#116329"), ("#ead9ff", "#6639ba"),
    ("#ffd6e0", "#99286e"), ("#e4e6ea", "#424a53"),
)  # fmt: skip

#: Names of the axes, low ends, high ends, classes by place (rows from the top), marks, and names of classes.
Area = tuple[
    tuple[str, str], tuple[float, float], tuple[float, float], list[list[int]],
    list[tuple[float, float, int]], dict[int, str],
]  # fmt: skip


def run_svg(title: str, losses: Sequence[float], ends: tuple[str, str], area: Area | None, style: str) -> str:
    """The whole picture as one SVG element in the colours of ``style``; either part may be missing.

    >>> picture = run_svg("L", [2.0, 1.0], ("epoch 0", "1"), None, "")
    >>> picture[:4], "polyline" in picture
    ('<svg', True)
    """
    title = visible_name(title)
    rows: list[str] = []
    top = 44.0
    told = []
    if losses:
        rows += _curve(losses, ends, top)
        top += _CURVE + _GAP
        told.append(f"the loss from {numeral(losses[0], 3)} to {numeral(losses[-1], 3)}")
    if area is not None:
        rows += _area(area, top)
        top += _AREA + _GAP
        told.append(f"the classes over {area[0][0]} and {area[0][1]}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bt" role="img" viewBox="0 0 680 {top:.0f}" '
        f'width="680" height="{top:.0f}" aria-labelledby="run-title run-desc">\n'
        f'<title id="run-title">{escape(title)}</title>\n'
        f'<desc id="run-desc">{escape("; ".join(told))}.</desc>\n<style>{style}\n{_STYLE}</style>\n'
        '<rect class="paper" width="100%" height="100%"/>\n'
        f'<text class="name" x="12" y="22">{escape(title)}</text>\n'
        + "\n".join(rows) + "\n</svg>\n"
    )  # fmt: skip


_STYLE = """
.bt .rim{fill:none;stroke:var(--rim)}.bt .loss{fill:none;stroke:var(--message);stroke-width:1.5;
stroke-linejoin:round}.bt .mark{stroke:#ffffff;stroke-width:.7}
""".strip()


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(visible_name(text))}</text>'


def _curve(losses: Sequence[float], ends: tuple[str, str], top: float) -> Iterator[str]:
    """The loss of each update, from left to right."""
    values = _fewer(losses)
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return
    low, high = min(known), max(known)
    logarithmic = low > 0 and high / low > _SPAN
    scale = math.log if logarithmic else float
    bottom, reach = scale(low), (scale(high) - scale(low)) or 1.0
    step = _WIDE / max(1, len(values) - 1)
    place = [
        f"{_LEFT + step * n:.1f},{top + (1 - (scale(v) - bottom) / reach) * _CURVE:.1f}"
        for n, v in enumerate(values)
        if math.isfinite(v)
    ]
    yield f'<rect class="rim" x="{_LEFT}" y="{top}" width="{_WIDE}" height="{_CURVE}"/>'
    yield f'<polyline class="loss" points="{" ".join(place)}"/>'
    yield _text(_LEFT - 8, top + 10, numeral(high, 3), "end")
    yield _text(_LEFT - 8, top + _CURVE, numeral(low, 3), "end")
    yield _text(_LEFT, top + _CURVE + 18, ends[0] + ("   (logarithmic scale)" if logarithmic else ""))
    yield _text(_LEFT + _WIDE, top + _CURVE + 18, ends[1], "end")


def _fewer(losses: Sequence[float]) -> list[float]:
    every = -(-len(losses) // _POINTS)
    parts = (losses[at : at + every] for at in range(0, len(losses), every))
    return [math.fsum(part) / len(part) for part in parts] if every > 1 else list(losses)


def _area(area: Area, top: float) -> Iterator[str]:
    """The rectangle of two inputs: a colour for each class, and every example with its class's own mark."""
    names, low, high, grid, points, labels = area
    tall, wide = _AREA / len(grid), _WIDE / len(grid[0])
    for row, classes in enumerate(grid):
        at = 0
        for number, run in groupby(classes):
            count = len(list(run))
            x, y = _LEFT + at * wide, top + row * tall
            size = f'width="{count * wide + 0.3:.1f}" height="{tall + 0.3:.1f}"'
            yield f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{_COLOURS[number % len(_COLOURS)][0]}"/>'
            at += count
    yield f'<rect class="rim" x="{_LEFT}" y="{top}" width="{_WIDE}" height="{_AREA}"/>'
    for a, b, number in points:
        x = _LEFT + (a - low[0]) / (high[0] - low[0]) * _WIDE
        y = top + (high[1] - b) / (high[1] - low[1]) * _AREA
        yield _mark(x, y, number)
    yield _text(_LEFT, top + _AREA + 18, f"{names[0]} = {numeral(low[0], 3)}")
    yield _text(_LEFT + _WIDE, top + _AREA + 18, numeral(high[0], 3), "end")
    yield _text(_LEFT - 8, top + 10, numeral(high[1], 3), "end")
    yield _text(_LEFT - 8, top + _AREA, numeral(low[1], 3), "end")
    yield _text(12, top - 8, names[1])
    x = _LEFT
    for number, label in labels.items():
        yield _mark(x + 6, top + _AREA + 36, number)
        yield _text(x + 18, top + _AREA + 40, label)
        x += 40 + 8 * len(label)


def _mark(x: float, y: float, number: int) -> str:
    """A class's mark: a disc, a square, a triangle, a diamond … so that no colour alone tells it."""
    corners = {1: "-4,-4 4,-4 4,4 -4,4", 2: "0,-5 5,4 -5,4", 3: "0,-6 5,0 0,6 -5,0", 4: "0,5 5,-4 -5,-4",
               5: "-5,-2 5,-2 5,2 -5,2"}  # fmt: skip
    colour = _COLOURS[number % len(_COLOURS)][1]
    shape = number % len(_COLOURS)
    if not shape:
        return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    return (f'<polygon class="mark" points="{corners[shape]}" fill="{colour}" '
            f'transform="translate({x:.1f} {y:.1f})"/>')  # fmt: skip
