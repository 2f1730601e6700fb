"""The judgement of a sweep: which step of a gradient check is to be believed, and what follows.

The engine's derivative is not looked at when the step is chosen: the differences
themselves say which of them is most certain, and how certain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

from backtrace_cli.engine.events import plain

__all__ = ["AGREES", "DIFFERS", "KINK", "NEAR", "UNDECIDED", "CheckRow", "VariableCheck", "decide"]

AGREES, DIFFERS, UNDECIDED = "agrees", "differs", "undecided"

#: A difference counts as disagreement beyond this many times its own uncertainty.
_SURE = 10.0
#: Differences less certain than this, relative to the paths' contributions, decide nothing.
_BLURRED = 1e-3


class CheckRow(NamedTuple):
    """One step of the sweep."""

    h: float
    estimate: float
    error: float
    """|estimate − the engine's derivative|."""
    rounding: float
    """How far rounding alone may have moved the estimate."""


class VariableCheck(NamedTuple):
    """The check of one variable (or of one entry, or one direction, of an array)."""

    name: str
    gradient: float
    rows: tuple[CheckRow, ...]
    best: CheckRow | None
    """The row of the sweep with the smallest error."""
    verdict: str
    """``agrees``, ``differs`` or ``undecided``."""
    digits: int
    """How many digits agree, on the scale of the paths' contributions."""
    reason: str
    """Why the check cannot decide, where it can't."""
    variable: str
    """The variable itself, of which ``name`` may be one entry or direction."""

    def to_dict(self) -> dict[str, Any]:
        """The check as plain data for JSON."""
        return {
            "variable": self.name, "gradient": plain(self.gradient), "verdict": self.verdict,
            "digits": self.digits, "reason": self.reason or None,
            "best_step": plain(self.best.h) if self.best else None,
            "sweep": [
                {"h": plain(r.h), "difference": plain(r.estimate), "error": plain(r.error)}
                for r in self.rows
            ],
        }  # fmt: skip


def decide(
    rows: list[CheckRow],
    function: Callable[[float], float],
    gradient: float,
    size: float,
    kinked: bool,
    own: Callable[[], float] = float,
) -> tuple[str, int, str]:
    """(verdict, agreeing digits, reason): does ``gradient`` stand up to the sweep?

    ``size`` is the scale of the paths' contributions; ``kinked`` says that the steps
    meet a kink on which the point stands; ``own`` tells how far the engine's rounding may have moved
    ``gradient``, and is asked only where that would matter. Undecided, with the reason, where the differences
    are not certain enough to tell.

    >>> rows = [CheckRow(0.1, 2.0, 0.0, 1e-15), CheckRow(0.01, 2.0, 0.0, 1e-14)]
    >>> decide(rows, lambda h: 2 * h, 2.0, 2.0, False)
    ('agrees', 15, '')
    """
    if not math.isfinite(gradient):
        return UNDECIDED, 0, "the derivative is not finite"
    if kinked:
        return UNDECIDED, 0, KINK
    if len(rows) < 2:
        return UNDECIDED, 0, "no step gives a finite value"
    row, doubt = _most_certain(rows)
    scale = max(size, abs(gradient), abs(row.estimate))
    if size == gradient == 0:  # flat here: the scale is the slope nearby
        beside = abs(function(rows[0].h) - function(0.0)) / rows[0].h
        scale = max(beside, *(abs(other.estimate) for other in rows))
    if scale == 0:
        return AGREES, 15, ""
    if doubt > _BLURRED * scale:
        return UNDECIDED, 0, _why_blurred(row, doubt)
    closest = min(other.error for other in rows)
    digits = min(15, max(0, int(-math.log10(max(closest / scale, 1e-15)))))
    error = row.error
    if error <= _SURE * doubt:
        sharper = _extrapolated(rows[max(0, rows.index(row) - 3) :])
        if sharper is None or abs(sharper[0] - gradient) <= _SURE * sharper[1]:
            return AGREES, digits, ""
        error, doubt = abs(sharper[0] - gradient), sharper[1]
    if error <= _SURE * (doubt + (sway := own())):
        return (AGREES, digits, "") if sway <= _BLURRED * scale else (UNDECIDED, 0, ROUNDED)
    if not _settled(rows, row, function):
        return UNDECIDED, 0, UNSETTLED
    if _two_slopes(rows, row, function, scale):
        return UNDECIDED, 0, NEAR
    return DIFFERS, digits, ""


KINK = "this is a kink"
NEAR = "a kink lies within the steps"
ROUNDED = "the gradient's own rounding hides the answer"
UNSETTLED = "the differences don't settle as the step shrinks"


def _why_blurred(row: CheckRow, doubt: float) -> str:
    return "rounding hides the answer" if row.rounding > 0.02 * doubt else UNSETTLED


def _most_certain(rows: list[CheckRow]) -> tuple[CheckRow, float]:
    """The row whose estimate the next smaller step confirms best, and how uncertain it is.

    A row at a smaller step that rounding can't explain away overrules a larger one.
    """
    doubts = [
        abs(row.estimate - after.estimate) + row.rounding + after.rounding for row, after in pairwise(rows)
    ]
    start = 0
    while True:
        at = min(range(start, len(doubts)), key=doubts.__getitem__)
        against = [
            later
            for later in range(at + 1, len(doubts))
            if abs(rows[later].estimate - rows[at].estimate)
            > _SURE * (doubts[at] + rows[later].rounding + rows[later + 1].rounding)
        ]
        if not against:
            return rows[at], doubts[at]
        start = against[0]


def _extrapolated(rows: list[CheckRow]) -> tuple[float, float] | None:
    """A slope with the error in h² taken out between steps, as Richardson does, and how uncertain it is: two
    pairs of steps say the same, and a third one at smaller steps confirms it. None where no three do.
    ``rows`` begin near the most certain one: far above it a curve may have gone flat."""
    best = None
    pairs = [
        ((100 * fine.estimate - coarse.estimate) / 99, (100 * fine.rounding + coarse.rounding) / 99)
        for coarse, fine in pairwise(rows)
        if 9.99 < coarse.h / fine.h < 10.01
    ]
    if len(pairs) != len(rows) - 1:
        return None
    for (one, _), (two, rounding), (three, blur) in zip(pairs, pairs[1:], pairs[2:], strict=False):
        doubt = abs(one - two) + rounding
        if abs(two - three) <= doubt + blur and (best is None or doubt < best[1]):
            best = two, doubt
    return best


def _settled(rows: list[CheckRow], row: CheckRow, function: Callable[[float], float]) -> bool:
    """Do the smaller steps say the same? Not where the formula swings faster than the steps,
    nor where rounding is as large as the values themselves."""
    if row.rounding * row.h > _BLURRED * max(abs(function(row.h)), abs(function(-row.h))):
        return False
    near = rows[rows.index(row) :]
    return all(
        abs(one.estimate - two.estimate) <= max(0.1 * abs(one.estimate), 2 * (one.rounding + two.rounding))
        for one, two in pairwise(near)
    )


def _two_slopes(
    rows: list[CheckRow], row: CheckRow, function: Callable[[float], float], scale: float
) -> bool:
    """Do the one-sided slopes stay apart as the step shrinks?"""
    middle = function(0.0)
    gaps = []
    for later in rows[rows.index(row) :]:
        if later.rounding > 1e-4 * scale:
            break
        h = later.h
        gaps.append(abs((function(h) - middle) / h - (middle - function(-h)) / h))
    return len(gaps) > 1 and gaps[-1] > 1e-2 * scale and gaps[-1] > gaps[0] / 3
