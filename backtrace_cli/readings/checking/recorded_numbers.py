"""Numbers of a record, back from JSON, and held against each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from backtrace_cli.base.numerals import numeral, shape_of

__all__ = ["all_single", "flat", "number_of", "same", "shown"]


def all_single(record: Mapping[str, Any]) -> bool:
    """Is every number of the record one of single precision?"""
    import numpy as np

    values = [np.asarray(number_of(row["value"], False), float) for row in record["forward"]]
    return all(np.array_equal(value, value.astype(np.float32), equal_nan=True) for value in values)


def number_of(value: Any, exact: bool) -> Any:
    """A value as JSON has it, back as a number or an array."""
    if isinstance(value, list):
        import numpy as np

        return np.array(_listed(value), dtype=float)
    if isinstance(value, str) and value not in ("inf", "-inf", "nan"):
        return Fraction(value)
    return Fraction(value) if exact and isinstance(value, int) else float(value)


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, list) else float(value)


def flat(value: Any) -> list[Any]:
    """The entries of nested lists."""
    return [inner for one in value for inner in flat(one)] if isinstance(value, list) else [value]


def same(one: Any, other: Any, tolerance: float) -> bool:
    """Are two numbers, or arrays of one shape, the same up to ``tolerance``?"""
    if isinstance(one, Fraction) and isinstance(other, (Fraction, int)):
        return one == other
    if shape_of(one) or shape_of(other):
        import numpy as np

        if shape_of(one) != shape_of(other):
            return False
        finite = np.abs(other)[np.isfinite(other)]
        scale = float(finite.max(initial=0.0))
        return bool(np.allclose(one, other, rtol=tolerance, atol=tolerance * scale, equal_nan=True))
    a, b = float(one), float(other)
    return a == b or (a != a and b != b) or math.isclose(a, b, rel_tol=tolerance)


def shown(value: Any) -> str:
    """A value in a message; of a large array its size."""
    text = numeral(value, 8)
    return text if len(text) <= 60 else f"an array of {math.prod(shape_of(value)):,} entries"
