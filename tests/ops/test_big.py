"""Every op with more digits than a double has, against mpmath and against its own forward function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.engine.arithmetics.big import big
from backtrace_cli.grading.statement import run_at
from backtrace_cli.ops import FUNCTIONS, Op
from tests.calculus import FORWARD, SCALAR, mp
from tests.ops.test_array_ops import ARRAY_OPS, SAMPLES, given, text


@pytest.mark.parametrize("name", SCALAR)
def test_numbers_keep_their_digits(name: str) -> None:
    """No op falls back on doubles: 60 digits in, at least 45 right ones out."""
    arithmetic = big(60)
    for sample in SCALAR[name].samples:
        found = arithmetic.function(SCALAR[name])(*map(arithmetic.own, sample))
        right = FORWARD[name](*map(mp.mpf, sample))
        assert abs(mp.mpf(found) - right) <= mp.mpf(10) ** -45 * max(1, abs(right))


@pytest.mark.parametrize(("op", "sample"), SAMPLES)
def test_arrays_agree_with_doubles(op: Op, sample: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """An op that mixes entries, and its messages, mean the same with many digits as they do to NumPy."""
    everything = FUNCTIONS | {op.called for op in ARRAY_OPS.values()}
    monkeypatch.setattr("backtrace_cli.graph.own_names._CALLABLE", everything)
    values, options = given(op, sample)
    doubles = trace(text(op, list(values), options), values)
    exact = big(60, True)
    at = {name: exact.own(value) for name, value in doubles.at.items()}
    many = run_at(doubles.graph, at, exact)
    pairs = [(many.value, doubles.value), *((many.gradient_of(n), doubles.gradient_of(n)) for n in at)]
    for found, right in pairs:
        assert all(type(one) is exact.numbers.kind for one in np.ravel(found))
        assert np.allclose(np.asarray(found).astype(float), right, rtol=1e-12, atol=1e-14)
