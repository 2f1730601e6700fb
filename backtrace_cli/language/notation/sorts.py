r"""What a value of a LaTeX formula is, a column, a matrix, a number, and what two side by side make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = [
    "ARRAY", "COLUMN", "MATRIX", "NUMBER", "PLAIN", "ROW", "SIDE_BY_SIDE", "TURNED", "Factor", "Level",
]  # fmt: skip

NUMBER, COLUMN, ROW, MATRIX, ARRAY, PLAIN = "number", "column", "row", "matrix", "array", "plain"
"""What a value is: ``array`` one of unknown sides, ``plain`` a letter that the page shows nothing about."""

#: What stands side by side, and what that product is: its function and its result.
SIDE_BY_SIDE = {
    (MATRIX, MATRIX): ("matmul", MATRIX),
    (MATRIX, COLUMN): ("matmul", COLUMN),
    (ROW, MATRIX): ("matmul", ROW),
    (ROW, COLUMN): ("matmul", NUMBER),
    (COLUMN, MATRIX): ("matmul", ROW),  # where vectors are rows, as in x W + b
    (COLUMN, ROW): ("outer", MATRIX),
}
TURNED = {COLUMN: ROW, ROW: COLUMN}


class Factor(NamedTuple):
    """A value among the tokens: its sort, its first token and its last."""

    sort: str
    first: int
    last: int


@dataclass(slots=True)
class Level:
    """One bracket that is open, or the statement itself."""

    first: int
    func: str = ""
    arguments: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    """The sorts of the finished terms of the argument at hand."""
    term: Factor | None = None
    sign: int = -1
    """Where the sign stands that joins the term so far to the run at hand."""
    run: list[Factor] = field(default_factory=list)
    raised: bool = False
    """Is the next value an exponent?"""
