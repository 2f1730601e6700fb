"""What a comparison comes to, and when a number is a rounding of another."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from backtrace_cli.base.numerals import DIGITS, numeral
from backtrace_cli.grading.statement import Point

__all__ = [
    "DIFFERENT", "EQUAL", "EVERYWHERE", "HERE", "SHORT", "UNDECIDED", "Judgement", "Witness",
    "is_rounding", "rounds_to",
]  # fmt: skip

EQUAL, DIFFERENT, UNDECIDED = "equal", "different", "undecided"
#: Right as far as it goes, with fewer digits than are asked for.
SHORT = "short"
#: Where an answer holds.
EVERYWHERE, HERE = "everywhere", "at the point"


#: Half a unit, and the rounding of a double.
_HALF = Fraction(500001, 1000000)


class Witness(NamedTuple):
    """A point at which an answer differs from the trace."""

    point: Point
    yours: float | None
    """The student's value there; None where the answer has none."""
    trace: float
    """The trace's value there, which is shown only with --reveal."""
    entry: tuple[int, ...] = ()
    """Which entry of an array these are values of."""


class Judgement(NamedTuple):
    """Whether an answer equals the trace's, and what shows that it doesn't."""

    verdict: str
    witness: Witness | None = None
    words: str = ""
    """What to tell the student besides, such as that a formula is asked for."""
    holds: str = ""
    """``everywhere``, or ``at the point`` of the exercise alone; empty where it holds nowhere."""


def rounds_to(found: float, value: float, digits: int, scale: float = 0.0) -> bool:
    """Is ``found`` the number ``value``, or ``value`` rounded to ``digits`` significant digits or more?

    Rounded, not near: 12346 is no rounding of 12345, and nothing but 0 rounds 0. Who rounds what a
    page prints is right, too.

    >>> rounds_to(0.01799, 0.0179862, 4), rounds_to(0.018, 0.0179862, 4), rounds_to(12346, 12345, 4)
    (True, False, False)
    """
    if not (math.isfinite(found) and math.isfinite(value)):
        return found == value
    if abs(found - value) <= 1e-12 * max(scale, abs(value)):
        return True
    if value == 0 or abs(value) <= 1e-12 * scale:
        return False
    return is_rounding(found, value, digits, 18)


def is_rounding(found: float, value: float, fewest: int, end: int) -> bool:
    """Is ``found``, not 0, the rounding of ``value``, or of what the page prints for it, to so many digits?

    >>> is_rounding(0.0074286, 0.007428549, 4, 18), is_rounding(0.0074284, 0.007428549, 4, 18)
    (True, False)
    """
    written = Fraction(repr(float(found)))
    sources = [(Fraction(value), end), (Fraction(numeral(value, ascii=True)), DIGITS)]
    lead = math.floor(math.log10(abs(value)))
    for kept in range(fewest, end):
        unit = Fraction(10) ** (lead - kept + 1)
        if (written / unit).denominator == 1 and any(
            kept < most and abs(written - source) <= unit * _HALF for source, most in sources
        ):
            return True
    return False
