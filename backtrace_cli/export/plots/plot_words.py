"""What is said under a curve: its tangent, its kinks, where it has no value."""

from __future__ import annotations

from backtrace_cli.export.layout.phrasing import Words
from backtrace_cli.readings.curve_samples import Curve, Mark

__all__ = ["said_of", "tangent_of"]


def tangent_of(curve: Curve, words: Words) -> str:
    """The tangent in words; nothing where none was asked for."""
    at = curve.at
    if at is None:
        return ""
    value, slope = words.number(at.value), words.number(at.slope)
    return f"at {curve.variable} = {words.number(at.x)}: {curve.output} = {value}, slope {slope}"


def said_of(curve: Curve, words: Words) -> list[tuple[str, str]]:
    """(mark, sentence) for everything that is not smooth."""
    found = [(_sign(mark, words.ascii), _sentence(curve, mark, words)) for mark in curve.marks]
    gaps = _gaps(curve)
    cross = "x" if words.ascii else "×"
    for low, high in gaps:
        found.append((cross, f"no value from {curve.variable} = {words.number(low)} to {words.number(high)}"))
    return found


def _sign(mark: Mark, ascii: bool) -> str:
    if mark.kind == "kink":
        return "^" if ascii else "∧"
    return "|" if ascii else "╎"


def _sentence(curve: Curve, mark: Mark, words: Words) -> str:
    place = f"{curve.variable} = {words.number(mark.x)}"
    left, right = words.number(_tidy(mark.left.slope)), words.number(_tidy(mark.right.slope))
    if mark.kind == "kink":
        return f"a kink at {place}: slope {left} on the left, {right} on the right"
    if mark.kind == "jump":
        values = words.number(_tidy(mark.left.value)), words.number(_tidy(mark.right.value))
        return f"a jump at {place}: from {values[0]} to {values[1]}"
    if mark.kind == "pole":
        return f"a pole at {place}: the values grow beyond all bounds"
    if mark.kind == "hole":
        return f"no value at {place}"
    side = "right" if mark.right.defined else "left"
    return f"there are values only on the {side} of {place}"


def _tidy(value: float) -> float:
    """A number without the last digits, which halving has left."""
    return float(f"{value:.5g}") if abs(value) > 1e-9 else 0.0


def _gaps(curve: Curve) -> list[tuple[float, float]]:
    """The stretches without a value, from sample to sample; a single point is none."""
    found: list[tuple[float, float]] = []
    start: float | None = None
    last = 0.0
    for sample in curve.samples:
        if not sample.defined and start is None:
            start = sample.x
        elif sample.defined and start is not None:
            found.append((start, last))
            start = None
        last = sample.x
    if start is not None:
        found.append((start, last))
    step = curve.samples[1].x - curve.samples[0].x
    edges = [mark.x for mark in curve.marks if mark.kind in ("edge", "pole")]

    def exactly(end: float) -> float:
        return next((x for x in edges if abs(x - end) <= step), end)

    return [(exactly(low), exactly(high)) for low, high in found if low < high]
