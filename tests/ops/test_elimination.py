"""Determinants and inverses of whole numbers, worked out in fractions: row swaps turn the sign."""

from __future__ import annotations

import numpy as np
import pytest

from backtrace_cli import trace


@pytest.mark.parametrize(
    ("matrix", "det"),
    [
        ([[0, 1], [1, 0]], -1), ([[1, 2], [3, 4]], -2), ([[0, 2, 1], [1, 0, 0], [3, 1, 0]], 1),
        ([[0, 1, 0], [0, 0, 1], [1, 0, 0]], 1), ([[2, 4], [1, 2]], 0), ([[5]], 5),
    ],
)  # fmt: skip
def test_a_row_swap_turns_the_sign(matrix: list[list[int]], det: int) -> None:
    """Of the determinant, of slogdet's sign, and of each cofactor."""
    assert trace("det(A)", A=matrix).value == det
    assert trace("slogdet(A)[0]", A=matrix).value == np.sign(det)
    if det:
        slopes, inverse = trace("det(A)", A=matrix).gradient["A"], trace("inv(A)", A=matrix).value
        np.testing.assert_allclose(slopes, det * inverse.T, atol=1e-12)
        np.testing.assert_allclose(inverse @ np.array(matrix), np.eye(len(matrix)), atol=1e-12)
