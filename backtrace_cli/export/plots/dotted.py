"""A curve in characters: its values over its slopes, two by four dots a cell, or one star a cell."""

from __future__ import annotations

import math

from backtrace_cli.base.lengths import columns
from backtrace_cli.export.layout.canvas import MESSAGE, PLAIN, STRONG, VALUE
from backtrace_cli.export.layout.phrasing import Words
from backtrace_cli.readings.curve_samples import Curve, Sample

__all__ = ["MARGIN", "plot_rows", "points_for"]

#: Columns for the labels of the axis.
MARGIN = 11
_VALUES, _SLOPES = 11, 6
_SPARE = 0.12
#: The dots of a braille cell: bit by row (from the top) and column (Unicode, block 2800).
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))

Row = list[tuple[str, str]]


def points_for(width: int, ascii: bool) -> int:
    """How many points a curve of so many columns shows."""
    return max(10, width - MARGIN - 2) * (1 if ascii else 2)


def plot_rows(curve: Curve, width: int, words: Words) -> list[Row]:
    """The two panels, each with its axis; as many samples as ``points_for`` says."""
    across = max(10, width - MARGIN - 2)
    low, high = curve.range()
    if curve.at is not None:  # room for the tangent
        low, high = low - (high - low) * _SPARE, high + (high - low) * _SPARE
    slope = f"d{curve.output}/d{curve.variable}" if words.ascii else f"∂{curve.output}/∂{curve.variable}"
    rows = [[(f" {curve.output}", STRONG)]]
    top = _Panel(across, _VALUES, low, high, words)
    top.curve([s.value for s in curve.samples], curve, VALUE)
    if curve.at is not None and curve.at.defined:
        top.tangent(curve, curve.at)
    rows += top.rows() + [_axis(curve, across, words), [(f" {slope}", STRONG)]]
    steep = _Panel(across, _SLOPES, *curve.slopes(), words)
    steep.curve([s.slope for s in curve.samples], curve, MESSAGE)
    if curve.at is not None and math.isfinite(curve.at.slope):
        steep.point(curve, curve.at.x, curve.at.slope)
    return rows + steep.rows() + [_axis(curve, across, words), _ends(curve, across, words)]


class _Panel:
    """A grid of dots with a scale at its left."""

    def __init__(self, across: int, height: int, low: float, high: float, words: Words) -> None:
        self.across, self.height, self.low, self.high, self.words = across, height, low, high, words
        self.wide, self.deep = (1, 1) if words.ascii else (2, 4)
        self.bits = [[0] * across for _ in range(height)]
        self.kinds = [[PLAIN] * across for _ in range(height)]
        self.over: dict[tuple[int, int], str] = {}

    def level(self, value: float) -> int | None:
        """The row of dots of a value, from the top; None where it lies outside."""
        if not math.isfinite(value) or not self.low <= value <= self.high:
            return None
        rows = self.height * self.deep
        share = (self.high - value) / (self.high - self.low)
        return min(rows - 1, int(share * rows))

    def dot(self, column: int, level: int, kind: str) -> None:
        row, cell = level // self.deep, column // self.wide
        self.bits[row][cell] |= _DOTS[level % self.deep][column % self.wide] if self.deep == 4 else 1
        if kind != PLAIN:
            self.kinds[row][cell] = kind

    def curve(self, values: list[float], curve: Curve, kind: str) -> None:
        """The line through the values, broken where the function is."""
        before: int | None = None
        for column, value in enumerate(values):
            level = self.level(value)
            if level is not None:
                joined = before is not None and not curve.broken(
                    curve.samples[column - 1].x, curve.samples[column].x, kind == MESSAGE
                )
                start = level
                if joined and before is not None and abs(before - level) > 1:
                    start = before + (1 if level > before else -1)
                for dot in range(min(start, level), max(start, level) + 1):
                    self.dot(column, dot, kind)
            before = level

    def tangent(self, curve: Curve, at: Sample) -> None:
        """Every third dot of the tangent, and its point."""
        for column in range(0, len(curve.samples), 1 if self.wide == 1 else 3):
            level = self.level(at.value + at.slope * (curve.samples[column].x - at.x))
            if level is not None and (self.wide == 2 or not self.bits[level][column]):
                self.dot(column, level, PLAIN)
                if self.wide == 1:
                    self.over[level, column] = "."
        self.point(curve, at.x, at.value)

    def point(self, curve: Curve, x: float, value: float) -> None:
        """A mark at one point, where it lies in the panel."""
        level = self.level(value)
        if level is not None and curve.low <= x <= curve.high:
            cell = min(self.across - 1, int((x - curve.low) / (curve.high - curve.low) * self.across))
            self.over[level // self.deep, cell] = "o" if self.words.ascii else "●"

    def rows(self) -> list[Row]:
        """The panel with its scale."""
        found = []
        labels = {0: self.high, self.height - 1: self.low}
        for row, (bits, kinds) in enumerate(zip(self.bits, self.kinds, strict=True)):
            label = _short(labels[row], self.words) if row in labels else ""
            bar = "|" if self.words.ascii else "┤" if label else "│"
            line: Row = [(f"{label:>{MARGIN}}{bar}", PLAIN)]
            for cell, (dots, kind) in enumerate(zip(bits, kinds, strict=True)):
                over = self.over.get((row, cell))
                char = over or (" " if not dots else "*" if self.deep == 1 else chr(0x2800 + dots))
                line.append((char, STRONG if over in ("o", "●") else kind))
            found.append(_joined(line))
        return found


def _joined(line: Row) -> Row:
    """Neighbouring pieces of one kind as one."""
    found: Row = []
    for text, kind in line:
        if found and found[-1][1] == kind:
            found[-1] = (found[-1][0] + text, kind)
        else:
            found.append((text, kind))
    return found


def _axis(curve: Curve, across: int, words: Words) -> Row:
    """The axis with its marks: kinks, breaks, and where there is no value."""
    cells = ["-" if words.ascii else "─"] * across
    signs = {"kink": "^" if words.ascii else "∧"}
    span = curve.high - curve.low
    per = len(curve.samples) // across
    for cell in range(across):
        if not any(sample.defined for sample in curve.samples[cell * per : (cell + 1) * per]):
            cells[cell] = "x" if words.ascii else "×"
    for mark in curve.marks:
        cell = min(across - 1, int((mark.x - curve.low) / span * across))
        cells[cell] = signs.get(mark.kind, "|" if words.ascii else "╎")
    return [(" " * MARGIN + ("+" if words.ascii else "└") + "".join(cells), PLAIN)]


def _ends(curve: Curve, across: int, words: Words) -> Row:
    left, right = (f"{curve.variable} = {words.number(end)}" for end in (curve.low, curve.high))
    return [(" " * (MARGIN + 1) + left + right.rjust(across - columns(left)), PLAIN)]


def _short(value: float, words: Words) -> str:
    """A label of the scale, to three digits."""
    return words.number(float(f"{value:.3g}"))
