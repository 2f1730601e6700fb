"""The rounded numbers that somebody wrote into an answer, and how far they may have moved it.

0.1667*x stands for x/6 as 0.1667 stands for 1/6: for any number within half a unit of its
last digit. A whole number is what it is, and so is 2.0.
"""

from __future__ import annotations

import math
import re
from functools import cached_property
from typing import Any

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.forward_mode import tangents
from backtrace_cli.grading.comparing.compare import is_rounding
from backtrace_cli.grading.precise import numbers
from backtrace_cli.graph import Graph

__all__ = ["Rounded", "too_few"]

_NUMBER = re.compile(r"[-−]?(\d*)\.(\d+)(?:[eE]([-+]?\d+))?")
#: A little more than half a unit: a double that was written out is off by as much.
_HALF = 0.500001
#: Fewer digits than this say nothing.
_LEAST = 2


def _decimal(text: str) -> tuple[int, int] | None:
    """(significant digits, the power of ten of the last one) of a decimal; None of a whole number."""
    found = _NUMBER.fullmatch(text)
    if found is None or not found[2].strip("0"):
        return None
    return len((found[1] + found[2]).lstrip("0")), int(found[3] or 0) - len(found[2])


class Rounded:
    """The rounded literals of an answer that is asked for to ``digits`` digits.

    >>> from backtrace_cli.graph import build
    >>> bool(Rounded(build("0.5*x"), 4)), Rounded(build("3.14*x"), 4).enough
    (True, False)
    """

    def __init__(self, formula: Graph, digits: int) -> None:
        self.formula = formula
        self.digits = digits

    @cached_property
    def _literals(self) -> dict[int, tuple[int, int]]:
        found = {}
        for node in self.formula.nodes:
            text = node.literal or ""
            parts = [_decimal(part) for part in re.split(r"[\[\], ]+", text) if part]
            decimals = [part for part in parts if part is not None]
            if decimals:
                found[node.index] = min(decimals)[0], max(last for _, last in decimals)
        return found

    def __bool__(self) -> bool:
        return bool(self._literals)

    @property
    def share(self) -> float:
        """The largest share of itself by which a number of as few digits as were written may be off."""
        fewest = min((digits for digits, _ in self._literals.values()), default=self.digits)
        return 5.00001 * 10.0 ** -min(fewest, self.digits)

    @property
    def enough(self) -> bool:
        """Has every one as many digits as are asked for?"""
        return all(digits >= self.digits for digits, _ in self._literals.values())

    @property
    def some(self) -> bool:
        """Are there any, of two digits at least, so that they say something?"""
        return bool(self) and all(digits >= _LEAST for digits, _ in self._literals.values())

    def slack(self, values: list[Value], arithmetic: Arithmetic, like: Value) -> list[Any]:
        """Per entry of ``like``, how far the answer may move within the rounding of its literals."""
        total = arithmetic.empty(like)
        for index, (_, last) in self._literals.items():
            half = arithmetic.literal(f"{_HALF}e{last}")
            moved = tangents(self.formula, values, arithmetic, {index: half}, alone=True)[1]
            total = total + abs(moved[self.formula.output])
        return numbers(total)


def _digits_of(number: float) -> int:
    """How many significant digits it is written with.

    >>> _digits_of(0.2), _digits_of(7.0), _digits_of(0.88)
    (1, 1, 2)
    """
    mantissa = repr(abs(number)).partition("e")[0].removesuffix(".0")
    return len(mantissa.replace(".", "").strip("0")) or 1


def too_few(found: float, value: float, digits: int) -> bool:
    """Is ``found`` the rounding of ``value`` to fewer significant digits than asked for, but two at least?

    >>> too_few(0.88, 0.880797, 4), too_few(0.9, 0.880797, 4), too_few(20.0, 21.0, 4)
    (True, False, False)
    """
    if not (math.isfinite(found) and math.isfinite(value)) or not value or not found:
        return False
    if _digits_of(found) < _LEAST or (found == int(found) and value == int(value)):
        return False  # of whole numbers one is wrong
    return is_rounding(found, value, _LEAST, digits)
