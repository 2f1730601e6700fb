"""A curve as SVG: its values over its slopes, the tangent dashed, kinks ringed, what has no value hatched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.export.layout.phrasing import Words
from backtrace_cli.export.plots.plot_words import said_of, tangent_of
from backtrace_cli.readings.curve_samples import Curve, Sample

__all__ = ["POINTS", "plot_svg"]

#: Points of the curve.
POINTS = 481
_LEFT, _WIDE, _TALL, _LOW, _GAP = 90.0, 560.0, 260.0, 140.0, 36.0


def plot_svg(curve: Curve, title: str, words: Words, style: str) -> str:
    """The whole picture as one SVG element in the colours of ``style``."""
    title = visible_name(title)
    notes = [tangent_of(curve, words), *(f"{mark}  {text}" for mark, text in said_of(curve, words))]
    notes = [visible_name(note) for note in notes if note]
    upper, lower = 50.0, 50.0 + _TALL + _GAP
    bottom = lower + _LOW
    height = bottom + 40 + 18 * len(notes)
    rows = []
    for number, note in enumerate(notes):
        rows.append(f'<text x="12" y="{bottom + 44 + 18 * number:.0f}">{escape(note)}</text>')
    for x, anchor, end in ((_LEFT, "start", curve.low), (_LEFT + _WIDE, "end", curve.high)):
        text = escape(f"{curve.variable} = {words.number(end)}")
        rows.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="{anchor}">{text}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bt" role="img" viewBox="0 0 680 {height:.0f}" '
        f'width="680" height="{height:.0f}" aria-labelledby="plot-title plot-desc">\n'
        f'<title id="plot-title">Curve of {escape(title)}</title>\n'
        f'<desc id="plot-desc">{escape(". ".join(notes) or "A smooth curve")}.</desc>\n'
        f"<style>{style}\n{_STYLE}</style>\n"
        '<defs><pattern id="none" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern></defs>\n'
        '<rect class="paper" width="100%" height="100%"/>\n'
        f'<text class="name" x="12" y="22">{escape(title)}</text>\n'
        + "\n".join([*_panels(curve, upper, lower, words), *rows]) + "\n</svg>\n"
    )  # fmt: skip


_STYLE = """
.bt .rim{fill:none;stroke:var(--rim)}.bt .zero{stroke:var(--pale);stroke-dasharray:2 4}
.bt .hatch{stroke:var(--pale)}
.bt .curve{fill:none;stroke-width:2;stroke-linejoin:round}.bt .curve.value{stroke:var(--value)}
.bt .curve.message{stroke:var(--message)}.bt .tangent{stroke:var(--lit);stroke-width:1.5;stroke-dasharray:6 4}
.bt .at{fill:var(--lit)}.bt .kink{fill:none;stroke:var(--lit);stroke-width:1.5}
.bt .break{stroke:var(--lit);stroke-dasharray:3 3}
""".strip()


class _Panel(NamedTuple):
    """A rectangle of the picture in which values of one sort are drawn."""

    curve: Curve
    top: float
    tall: float
    low: float
    high: float
    kind: str

    def x(self, at: float) -> float:
        """Where a place on the axis stands."""
        return _LEFT + (at - self.curve.low) / (self.curve.high - self.curve.low) * _WIDE

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self.top + (self.high - value) / (self.high - self.low) * self.tall

    def frame(self, name: str, words: Words) -> Iterator[str]:
        """Its rim, its scale, the line at zero, and what has no value."""
        size = f'x="{_LEFT}" y="{self.top}" width="{_WIDE}" height="{self.tall}"'
        yield f'<clipPath id="clip-{self.kind}"><rect {size}/></clipPath>'
        for a, b in _blank(self.curve):
            left, wide = self.x(a), self.x(b) - self.x(a)
            place = f'x="{left:.1f}" y="{self.top}" width="{wide:.1f}" height="{self.tall}"'
            yield f'<rect fill="url(#none)" {place}/>'
        yield f'<rect class="rim" {size}/>'
        if self.low < 0 < self.high:
            yield f'<path class="zero" d="M{_LEFT} {self.y(0):.1f}H{_LEFT + _WIDE}"/>'
        for value, shift in ((self.high, 10.0), (self.low, 0.0)):
            text = escape(words.number(float(f"{value:.3g}")))
            yield f'<text x="{_LEFT - 8}" y="{self.y(value) + shift:.1f}" text-anchor="end">{text}</text>'
        middle = self.top + self.tall / 2
        yield f'<text class="{self.kind} name" x="12" y="{middle:.1f}">{escape(visible_name(name))}</text>'

    def line(self, values: list[float]) -> str:
        """The line through the values, begun anew behind each break; far-out values end at the rim."""
        path, pen, reach = "", False, self.high - self.low
        for n, (sample, value) in enumerate(zip(self.curve.samples, values, strict=True)):
            if n and self.curve.broken(self.curve.samples[n - 1].x, sample.x, self.kind == "message"):
                pen = False
            if math.isfinite(value):
                inside = min(max(value, self.low - reach), self.high + reach)
                path += f"{'L' if pen else 'M'}{self.x(sample.x):.1f} {self.y(inside):.1f}"
            pen = math.isfinite(value)
        return f'<path class="curve {self.kind}" clip-path="url(#clip-{self.kind})" d="{path}"/>'

    def tangent(self, at: Sample) -> Iterator[str]:
        """The tangent from end to end, where it has a slope."""
        ends = [(end, at.value + at.slope * (end - at.x)) for end in (self.curve.low, self.curve.high)]
        if all(math.isfinite(value) for _, value in ends):
            line = "L".join(f"{self.x(end):.1f} {self.y(value):.1f}" for end, value in ends)
            yield f'<path class="tangent" clip-path="url(#clip-{self.kind})" d="M{line}"/>'

    def point(self, x: float, value: float, kind: str = "at", size: float = 4) -> Iterator[str]:
        """A circle, where it lies in the panel."""
        if self.low <= value <= self.high and self.curve.low <= x <= self.curve.high:
            yield f'<circle class="{kind}" cx="{self.x(x):.1f}" cy="{self.y(value):.1f}" r="{size:g}"/>'

    def breaks(self) -> Iterator[str]:
        """Kinks ringed, and a line where the curve breaks."""
        for mark in self.curve.marks:
            if mark.kind != "kink":
                yield f'<path class="break" d="M{self.x(mark.x):.1f} {self.top}V{self.top + self.tall}"/>'
            elif self.kind == "value":
                yield from self.point(mark.x, mark.left.value, "kink", 6)


def _panels(curve: Curve, upper: float, lower: float, words: Words) -> Iterator[str]:
    """The values with their tangent, and the slopes below."""
    top = _Panel(curve, upper, _TALL, *curve.range(), "value")
    steep = _Panel(curve, lower, _LOW, *curve.slopes(), "message")
    yield from top.frame(curve.output, words)
    yield top.line([sample.value for sample in curve.samples])
    yield from steep.frame(f"∂{curve.output}/∂{curve.variable}", words)
    yield steep.line([sample.slope for sample in curve.samples])
    if curve.at is not None:
        yield from top.tangent(curve.at)
        yield from top.point(curve.at.x, curve.at.value)
        yield from steep.point(curve.at.x, curve.at.slope)
    yield from top.breaks()
    yield from steep.breaks()


def _blank(curve: Curve) -> list[tuple[float, float]]:
    """The stretches without a value."""
    found: list[tuple[float, float]] = []
    for a, b in zip(curve.samples, curve.samples[1:], strict=False):
        if not a.defined and not b.defined:
            if found and found[-1][1] == a.x:
                found[-1] = (found[-1][0], b.x)
            else:
                found.append((a.x, b.x))
    return found
