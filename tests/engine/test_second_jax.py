"""Hessians beside those of JAX on random array formulas; tests/second_witness.py has more of them."""

from __future__ import annotations

import random

import pytest

from tests.second_witness import formula, gaps


@pytest.mark.slow
def test_jax_says_the_same() -> None:
    """To nine digits, on the scale of the largest entry."""
    pytest.importorskip("jax")
    draw = random.Random(3)
    for _ in range(5):
        text = formula(draw, "n", draw.randrange(2, 4))
        found = gaps(text, draw)
        assert found is None or max(found) < 1e-9, text
