"""Numbers that count: an index or a class is whole, and within what there is."""

from __future__ import annotations

from typing import Any

from backtrace_cli.base.errors import ShapeError

__all__ = ["classes", "whole", "within"]


def whole(i: Any) -> Any:
    """``i`` as whole numbers, to pick entries with; ShapeError where it holds others."""
    import numpy as np

    numbers = np.asarray(i)
    if not np.all(np.abs(numbers) < 2.0**53) or np.any(numbers != np.floor(numbers)):
        raise ShapeError("an index is a whole number", hint="entries are numbered 0, 1, 2, …")
    return numbers.astype(int)


def within(i: Any, count: int) -> Any:
    """``i`` as whole numbers from 0 to count − 1 (negative ones from the end)."""
    numbers = whole(i)
    if numbers.size and not -count <= numbers.min() <= numbers.max() < count:
        far = numbers[(numbers < -count) | (numbers >= count)].flat[0]
        raise ShapeError(f"there is no entry {far} among {count}", hint=f"they are numbered 0 to {count - 1}")
    return numbers


def classes(i: Any, count: int) -> Any:
    """``i`` as class indices, from 0 to count − 1; a class has no number from the end."""
    numbers = within(i, count)
    if numbers.size and numbers.min() < 0:
        raise ShapeError(f"there is no class {numbers[numbers < 0].flat[0]}",
                         hint=f"classes are numbered 0 to {count - 1}")  # fmt: skip
    return numbers
