"""One step downhill, dropout's draws, and the curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli import trace
from backtrace_cli.pages.curve import curve
from backtrace_cli.training.moving.penalties import penalty
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.start import start
from tests.training.runs import IRIS

DROP = "param W: ones(4)\ndata X: sepal_length, sepal_width, petal_length, petal_width\n"
ENTRIES = st.floats(-10, 10)


@given(
    st.lists(st.tuples(ENTRIES, ENTRIES), min_size=1, max_size=6), st.floats(0.001, 1), st.floats(0.1, 0.99)
)
@settings(max_examples=60, deadline=None)
def test_momentum_by_hand(pairs: list[tuple[float, float]], lr: float, momentum: float) -> None:
    """v ← μv + g from v = g, w ← w − αv, each example's gradient being the example."""
    chosen = Settings(lr=lr, momentum=momentum, batch=1, epochs=1, shuffle=False)
    training = start("param w: [1, -2]\nL = sum(X @ w)", {"X": pairs}, settings=chosen)
    by_hand, v = np.array([1.0, -2.0]), 0.0
    for pair in pairs:
        training.step()
        v = momentum * v + np.array(pair)
        by_hand = by_hand - lr * v
    assert training.parameters["w"] == pytest.approx(by_hand, rel=1e-12, abs=1e-12)


@given(
    st.lists(ENTRIES.filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=5),
    st.floats(0, 2),
    st.floats(0, 2),
)
@settings(max_examples=60, deadline=None)
def test_what_is_added_is_the_slope_of_the_penalty(entries: list[float], l1: float, l2: float) -> None:
    """The step along the penalties alone is −α times their central difference."""
    w, h = np.array(entries), 1e-6
    training = start(
        f"param w: {entries}\nL = 0*sum(w)", settings=Settings(lr=1.0, l1=f"w={l1!r}", l2=f"w={l2!r}")
    )
    training.step()
    moved = training.parameters["w"]
    for place in range(len(w)):
        up, down = w.copy(), w.copy()
        up[place] += h
        down[place] -= h
        slope = (penalty({"w": up}, {"w": l1}, {"w": l2}) - penalty({"w": down}, {"w": l1}, {"w": l2})) / (
            2 * h
        )
        assert w[place] - moved[place] == pytest.approx(slope, abs=1e-6)


def test_dropout_draws_anew_in_every_step_and_box() -> None:
    """Two steps, and two boxes of one step, have different masks; the same seed has the same."""
    source = DROP + "h = dropout(X, p=0.5)\nk = dropout(X*1, p=0.5)\nL = mean(h @ W) + mean(k @ W)"
    masks = []
    for _ in range(2):
        training = start(source, [IRIS], settings=Settings(lr=1e-9, seed=3, batch=None))
        for _ in range(2):
            t = training.trace()
            values = {step.node: step.value for step in t.steps}
            masks.append((values["h"] != 0, values["k"] != 0))
            training.step()
    first, second = masks[:2]
    assert 0.4 < first[0].mean() < 0.6
    for one, other in ((first[0], first[1]), (first[0], second[0]), (first[1], second[1])):
        assert 0.3 < (one != other).mean() < 0.7
    assert all((a == b).all() for a, b in zip(masks[0] + masks[1], masks[2] + masks[3], strict=True))


def test_dropout_masks_forward_and_backward_alike() -> None:
    """The gradient that moves the parameters is that of the masked formula, with the mask given."""
    source = DROP + "h = dropout(X, p=0.25)\nL = mean((h @ W)^2)"
    training = start(source, [IRIS], settings=Settings(lr=0.01, batch=50))
    for _ in range(4):
        record = training.trace()
        values = {step.node: step.value for step in record.steps}
        mask = np.where(values["h"] == 0, 0.0, 1 / 0.75)
        before = training.parameters["W"].copy()
        wanted = trace("mean(((X*m) @ W)^2)", X=record.at["X"], m=mask, W=before, wrt="W").gradient["W"]
        training.step()
        assert before - training.parameters["W"] == pytest.approx(0.01 * wanted, rel=1e-10)


def test_nothing_is_dropped_when_it_is_measured() -> None:
    """The loss over all examples and the metrics are of the network as it will be used."""
    training = start(DROP + "L = mean(dropout(X, p=0.9) @ W)", [IRIS])
    rows = np.loadtxt(IRIS, delimiter=",", skiprows=1)[:, :4]
    assert training.evaluate().loss == pytest.approx(rows.sum(axis=1).mean(), rel=1e-12)


def test_a_thousand_draws_are_not_a_thousand_programs() -> None:
    """One program makes every step, whatever is drawn in it."""
    training = start(
        DROP + "L = mean(dropout(X, p=0.5) @ W)", [IRIS], settings=Settings(lr=1e-9, batch=50, epochs=9)
    )
    losses = {training.step() for _ in range(20)}
    assert len(training.prepared._steps) == 1
    assert len(losses) == 20


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=300), st.integers(12, 120),
       st.integers(2, 12), st.booleans())  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_curve_fits(values: list[float], width: int, height: int, ascii: bool) -> None:
    """Whatever the values: as many lines as asked for, none too wide, ASCII where it must be."""
    lines = curve(values, width, height, ascii=ascii, ends=("0", "9"))
    assert len(lines) in (0, height + 2)
    assert all(len(line) <= max(width, 21) for line in lines)
    assert not ascii or "".join(lines).isascii()


def test_a_falling_curve_falls() -> None:
    """Left above right; the labels are the ends; a wide span is drawn by its logarithm, and says so."""
    lines = curve([8.0, 4.0, 2.0, 1.0], 20, 4, ascii=True, ends=("", "3"))
    columns = [line.find("*") for line in lines[:4]]
    assert columns == sorted(columns)
    assert (lines[0].split()[0], lines[3].split()[0]) == ("8", "1")
    wide = curve([10.0**-k for k in range(9)], 60, 4, ascii=True, ends=("0", "8"))
    assert "logarithmic scale" in wide[-1]
    places = [(row, line.index("*")) for row, line in enumerate(wide[:4])]
    steps = [places[k + 1][1] - places[k][1] for k in range(3)]
    assert max(steps) - min(steps) <= 1, "a straight line on a logarithmic scale"
