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


@pytest.mark.slow
@pytest.mark.parametrize(("op", "sample"), SAMPLES)
def test_messages_of_arrays_are_slopes_to_twelve_digits(
    op: Op, sample: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an array op sends is what moving an entry by 1e-20 does, in mpmath's numbers of 60 digits, to its
    own value: no rule of a message is asked."""
    everything = FUNCTIONS | {op.called for op in ARRAY_OPS.values()}
    monkeypatch.setattr("backtrace_cli.graph.own_names._CALLABLE", everything)
    values, options = given(op, sample)
    call = text(op, list(values), options)
    weights = np.random.default_rng(5).uniform(0.5, 2, np.shape(trace(call, values).value))
    doubles = trace(
        f"sum({call}*weights__)", {**values, "weights__": weights}, wrt=list(trace(call, values).wrt)
    )
    exact, step = big(60, True), mp.mpf(10) ** -20
    at = {name: exact.own(value) for name, value in doubles.at.items()}
    for name in doubles.wrt:
        found = np.asarray(doubles.gradient_of(name))
        slopes = np.empty(found.shape)
        for place in np.ndindex(*found.shape):
            sides = []
            for way in (1, -1):
                moved = at[name].copy() if found.shape else np.asarray(at[name])
                moved[place] += way * exact.numbers.kind(step)
                sides.append(run_at(doubles.graph, at | {name: exact.own(moved)}, exact).value)
            slopes[place] = float((sides[0] - sides[1]) / (2 * step))
        assert np.allclose(found, slopes, rtol=1e-12, atol=1e-12 * np.max(np.abs(slopes), initial=1e-300)), (
            name
        )
