"""A gradient judged by differences alone, for a function that can be called and not read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.clinic.gradients.black_box import BlackBox
from backtrace_cli.clinic.gradients.differing import Shape, shape_of_error
from backtrace_cli.readings.checking.along_lines import MOST_ENTRIES
from backtrace_cli.readings.checking.gradient_check import (
    AGREES,
    DIFFERS,
    UNDECIDED,
    VariableCheck,
    check_line,
    directions,
    steps_of,
)

__all__ = ["CheckedVariable", "by_differences"]

#: Entries of a wrong gradient that are found one by one.
_MOST_FOUND = 2_000
_UNIT = 2.0**-52
#: Steps at which both sides of the point are compared, and how much apart of their slopes is a kink.
_LOOKED, _APART = 8, 1e-3


class CheckedVariable(NamedTuple):
    """One variable's gradient, judged."""

    name: str
    verdict: str
    """``agrees``, ``differs`` or ``undecided``."""
    mine: Any
    right: Any
    """From the trace, or by differences; None where neither could tell."""
    error: Shape
    """How the numbers differ."""
    digits: int
    reason: str
    """Why it could not be decided."""
    sweeps: tuple[VariableCheck, ...] = ()
    """The differences, where they decided."""


class _Along:
    """The function along one direction; nobody can see it meet a kink."""

    def __init__(self, box: BlackBox, name: str, direction: Value) -> None:
        self.box, self.name, self.direction = box, name, direction
        self.met: set[float] = set()
        self.crossed: set[float] = set()

    def kinked(self, steps: Sequence[float], noise: float) -> bool:
        """Do the slopes on either side stay apart as the step shrinks?"""
        middle, gaps, scale = self(0.0), [], 0.0
        for h in steps:
            right, left = (self(h) - middle) / h, (middle - self(-h)) / h
            scale = max(abs(right), abs(left))
            if not math.isfinite(scale) or 8 * noise / h > _APART * scale:
                break
            gaps.append(abs(right - left))
        return len(gaps) > 2 and gaps[-1] > 10 * _APART * scale and gaps[-1] > gaps[0] / 3

    def __call__(self, h: float, /) -> float:
        moved = self.box.at[self.name] + h * self.direction
        try:
            return self.box({**self.box.at, self.name: moved})
        except (ArithmeticError, ValueError):
            return float("nan")


def by_differences(
    box: BlackBox, name: str, mine: Value, tolerance: float, sizes: set[int]
) -> CheckedVariable:
    """One variable's gradient beside the differences of a function that can only be called."""
    base = box.at[name]
    fits = np.shape(mine) == np.shape(base)
    beside = mine if fits else np.zeros(np.shape(base))
    noise = box.noise()
    size = float(np.abs(beside).max(initial=0.0)) if fits else 0.0
    sweeps = tuple(
        _swept(box, name, label, direction, beside, size, noise, tolerance)
        for label, direction in directions(name, base, None)
    )
    verdicts = {one.verdict for one in sweeps}
    verdict = DIFFERS if DIFFERS in verdicts or not fits else UNDECIDED if UNDECIDED in verdicts else AGREES
    reasons = list(dict.fromkeys(one.reason for one in sweeps if one.reason))
    right = _estimated(box, name, sweeps) if verdict == DIFFERS else None
    loose = max(tolerance, 1e-5)
    error = Shape("", "") if right is None else shape_of_error(mine, right, sizes, loose)
    digits = min((one.digits for one in sweeps), default=0)
    return CheckedVariable(name, verdict, mine, right, error, digits, "; ".join(reasons), sweeps)


def _swept(
    box: BlackBox, name: str, label: str, direction: Value, beside: Value, size: float, noise: float,
    tolerance: float,
) -> VariableCheck:  # fmt: skip
    """The sweep along one direction; undecided where the function has a kink there."""
    base, line = box.at[name], _Along(box, name, direction)
    steps = steps_of(base, direction)
    with np.errstate(all="ignore"):
        if line.kinked(steps[1:_LOOKED], noise):
            line.met.update(steps)
        slope = float(np.sum(np.multiply(beside, direction)))
        moving = float(np.sum(np.abs(np.multiply(np.multiply(beside, base), direction))))
        blur = 2 * noise / _UNIT + moving
        return check_line(name, label, line, steps, slope, size, blur, lambda: tolerance * size)


def _estimated(box: BlackBox, name: str, sweeps: Sequence[VariableCheck]) -> Value | None:
    """The gradient by differences, each entry at the step that the next smaller one confirms best."""
    base = box.at[name]
    if np.size(base) <= MOST_ENTRIES:
        found = [_confirmed(one) for one in sweeps]
        return float(found[0]) if not shape_of(base) else np.array(found).reshape(np.shape(base))
    if np.size(base) > _MOST_FOUND:
        return None
    gradient = np.zeros(np.shape(base))
    for place in np.ndindex(*np.shape(base)):
        direction = np.zeros(np.shape(base))
        direction[place] = 1.0
        line, h = _Along(box, name, direction), 1e-5 * max(1.0, float(np.abs(base).max()))
        gradient[place] = (line(h) - line(-h)) / (2 * h)
    return gradient


def _confirmed(check: VariableCheck) -> float:
    rows = check.rows
    best = min(
        range(len(rows) - 1),
        key=lambda at: abs(rows[at].estimate - rows[at + 1].estimate) + rows[at].rounding,
        default=0,
    )
    return rows[best].estimate if rows else float("nan")
