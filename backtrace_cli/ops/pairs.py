"""``Z[r, y]`` with an index in both places: the entries at the pairs (r, y), as NumPy picks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backtrace_cli.ops import OPS, Op

__all__ = ["pair_entries"]


def pair_entries(box: Callable[[Op, tuple[int, ...], tuple[Any, ...]], int], args: tuple[int, ...]) -> int:
    """The node of the picked entries: rows first, then the one entry of each that is not masked.

    ``box`` makes a node of an op, its arguments and its options; ``args`` are the array and both indices.

    >>> from backtrace_cli import trace
    >>> float(trace("sum(Z[r, y])", Z=[[1, 2], [3, 4]], r=[0, 1], y=[1, 0]).value)
    5.0
    """
    array, rows, columns = args
    picked = box(OPS["take"], (array, rows), ())
    mask = box(OPS["one_hot_like"], (columns, picked), ())
    product = box(OPS["multiply"], (picked, mask), ())
    total = OPS["sum"]
    usual = dict(zip(total.option_names, total.option_defaults, strict=True))
    return box(total, (product,), tuple({**usual, "axis": -1}.values()))
