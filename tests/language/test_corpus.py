"""Formulas as they stand in notes, papers and programs are read as they stand, with the right gradient."""

from __future__ import annotations

import numpy as np
import pytest

from backtrace_cli import BacktraceError, trace
from tests.language.corpus import CORPUS, REFUSED, Entry, gradient_of


@pytest.mark.parametrize("entry", CORPUS, ids=[f"{each.source}: {each.formula}"[:70] for each in CORPUS])
def test_a_formula_is_read_as_it_stands(entry: Entry) -> None:
    """Value and gradient are those of mpmath's differences, to nine digits."""
    value, gradient = gradient_of(entry)
    found = trace(entry.formula, dict(entry.at))
    assert float(np.sum(found.value)) == pytest.approx(float(value), rel=1e-9, abs=1e-12)
    for name, slope in gradient.items():
        wanted = np.array(slope, dtype=float)
        np.testing.assert_allclose(
            np.asarray(found.gradient_of(name), dtype=float), wanted, rtol=1e-9, atol=1e-11
        )


@pytest.mark.parametrize(("source", "formula", "words"), REFUSED, ids=[formula for _, formula, _ in REFUSED])
def test_the_rest_is_refused_in_words(source: str, formula: str, words: str) -> None:
    """Each in one sentence that says why, with what to write instead."""
    with pytest.raises(BacktraceError, match=words) as caught:
        trace(formula, x=1)
    assert caught.value.hint, source


def test_how_much_is_read() -> None:
    """The corpus is as large as it is said to be, and at least 97 in 100 are read."""
    assert len(CORPUS) >= 150
    assert len(CORPUS) / (len(CORPUS) + len(REFUSED)) >= 0.97
