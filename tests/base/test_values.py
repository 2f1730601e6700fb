"""Values compared: entry by entry, each on its own size."""

from __future__ import annotations

import numpy as np
import pytest

from backtrace_cli.base.plain_values import as_float, close


@pytest.mark.parametrize(
    ("small", "alike"), [(1.0, True), (1.0 + 1e-8, False), (1e-12, True), (2e-12, False), (1e-14, True)]
)
def test_an_entry_is_compared_on_its_own_size(small: float, alike: bool) -> None:
    """A small entry beside a large one is not the same as twice it, until it is the large one's rounding."""
    theirs = {1.0: 1.0, 1.0 + 1e-8: 1.0, 1e-12: 1e-12, 2e-12: 1e-12, 1e-14: 3e-14}[small]
    assert close(np.array([1.0, small]), np.array([1.0, theirs]), 1e-9) == alike


def test_shapes_and_what_is_no_number_differ() -> None:
    """Nothing is spread over another shape, and nan is like nothing."""
    assert not close(np.ones(2), np.ones((1, 2)), 1.0)
    assert not close(np.ones(1), 1.0, 1.0)
    assert not close(np.array([np.nan]), np.array([np.nan]), 1.0)
    assert as_float(-(10**400)) == -np.inf
