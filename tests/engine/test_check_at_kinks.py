"""The check of arrays of which a few entries stand at a kink: those are undecided, the others are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli import trace
from backtrace_cli.ops import OPS
from backtrace_cli.readings.checking.gradient_check import AGREES, DIFFERS, UNDECIDED
from tests.planted import plant

Run = Callable[..., Result]


def verdicts(formula: str, at: dict[str, Any], **options: Any) -> dict[str, str]:
    """The verdict on each entry or direction."""
    return {found.name: found.verdict for found in trace(formula, at, **options).check()}


def undecided(formula: str, **at: Any) -> set[str]:
    """What the check can't decide; all else agrees."""
    found = verdicts(formula, at)
    assert set(found.values()) <= {AGREES, UNDECIDED}
    return {name for name, verdict in found.items() if verdict == UNDECIDED}


@pytest.mark.parametrize(("formula", "at", "kinked"), [
    ("sum(relu(a)*c)", {"a": [0, -1, 2], "c": [1, 2, 3]}, {"a[0]"}),
    ("sum(abs(a - c))", {"a": [1, 5, 2], "c": [1, 2, 3]}, {"a[0]", "c[0]"}),
    ("max(a)", {"a": [1, 2, 2, 0]}, {"a[1]", "a[2]"}),
    ("sum(max(A, axis=0))", {"A": [[1, 2, 3], [1, 0, 4]]}, {"A[0,0]", "A[1,0]"}),
    ("sum(max(a, 0))", {"a": [0, 1, -1]}, {"a[0]"}),
    ("max(x, y, z)", {"x": 1, "y": 1, "z": 0}, {"x", "y"}),
    ("sum(clip(a, 0, 1))", {"a": [0, 0.5, 1, 2]}, {"a[0]", "a[2]"}),
    ("sum(floor(a)*c)", {"a": [1, 1.5], "c": [2, 3]}, {"a[0]"}),
    ("norm(a) + norm(c)", {"a": [0, 0], "c": [3, 4]}, {"a[0]", "a[1]"}),
    ("sum(norm(A, axis=1))", {"A": [[0, 0], [3, 4]]}, {"A[0,0]", "A[0,1]"}),
    ("sum(a*(a > 1))", {"a": [1, 2]}, {"a[0]"}),
    ("sum(where(a > 1, a, 0))", {"a": [1, 2]}, {"a[0]"}),
    ("h = relu(W @ x); sum(h*h)", {"W": [[1, -1], [1, 2]], "x": [1, 1]},
     {"W[0,0]", "W[0,1]", "x[0]", "x[1]"}),
    ("h = relu(W*x); sum(h)", {"W": [1, 2], "x": [0, 1]}, {"x[0]"}),
    ("where(c > 0, a, abs(a))", {"a": 0, "c": 1}, set()),
    ("h1 = relu(x); sum(relu(h1)*c)", {"x": [-1, 1], "c": [1, 1]}, set()),
])  # fmt: skip
def test_only_what_moves_a_kink_is_undecided(formula: str, at: dict[str, Any], kinked: set[str]) -> None:
    """An entry is undecided where moving it moves a box that stands at a kink, there; else it agrees."""
    assert undecided(formula, **at) == kinked


def test_a_blank_example_leaves_the_first_matrix_decided() -> None:
    """X has a row of zeros and b is 0: W does not move that pre-activation, b does."""
    dice = np.random.default_rng(0)
    X = dice.normal(size=(6, 20))
    X[3] = 0
    at = {"X": X, "W": dice.normal(size=(7, 20)), "b": np.zeros(7), "c": dice.normal(size=7)}
    found = verdicts("h = relu(X @ W.T + b); L = sum(h @ c)", at)
    assert {found[name] for name in found if name.startswith("W,")} == {AGREES}
    assert all(found[f"b[{i}]"] == UNDECIDED for i in range(7))
    blank = "X[3,0], X[3,1], X[3,2] and 17 more"
    assert found[blank] == UNDECIDED
    assert {found[name] for name in found if name.startswith("X, ")} == {AGREES}


def test_a_large_array_at_kinks_throughout_is_told_once() -> None:
    """No direction is left where every entry meets a kink."""
    (found,) = trace("sum(relu(a))", a=np.zeros(100)).check()
    assert (found.name, found.verdict, found.reason) == ("a, all 100 entries", UNDECIDED, "this is a kink")


@pytest.mark.parametrize("count", [5, 100])
def test_a_wrong_rule_is_found_beside_a_kink(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """One entry at a kink does not hide that the rule is 0.1% off at the others."""
    a = np.linspace(0, 3, count)
    plant(monkeypatch, OPS["relu"], 0)
    found = verdicts("sum(relu(a)*a)", {"a": a})
    assert found["a[0]"] == UNDECIDED
    assert {verdict for name, verdict in found.items() if name != "a[0]"} == {DIFFERS}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-1, 1), min_size=6, max_size=6), st.lists(st.integers(-1, 1), min_size=9, max_size=9)
)
def test_the_entries_of_a_layer_are_the_ones_that_move_a_zero(xs: list[int], ws: list[int]) -> None:
    """Small whole numbers make many zeros; NumPy says which entries move one."""
    x, w = np.array(xs, float).reshape(2, 3), np.array(ws, float).reshape(3, 3)
    zero = x @ w.T == 0  # example by unit
    expected = {f"x[{n},{i}]" for n in range(2) for i in range(3) if np.any(zero[n] & (w[:, i] != 0))}
    expected |= {f"w[{k},{i}]" for k in range(3) for i in range(3) if np.any(zero[:, k] & (x[:, i] != 0))}
    assert undecided("sum(relu(x @ w.T)*(x @ w.T + 2))", x=x, w=w) == expected


def test_the_page_names_what_it_can_t_decide(backtrace: Run) -> None:
    """``a[0]: at a kink; the other 2 agree``, on the page and in plain sentences; JSON has each entry."""
    words = ("eval", "sum(relu(a)*c)", "--at", "a=[0,-1,2],c=[1,2,3]")
    shown = "a[0]: at a kink; the other 2 agree to 14 digits"
    assert shown in backtrace(*words).stdout
    assert f"differences: {shown}" in backtrace(*words, "--plain").stdout
    result = backtrace(*words, "--json", "--check")
    assert result.exit_code == 0
    found = {row["variable"]: row["verdict"] for row in json.loads(result.stdout)["check"]}
    assert [found[f"a[{i}]"] for i in range(3)] == ["undecided", "agrees", "agrees"]
    assert "cannot decide here: this is a kink" in backtrace("eval", "relu(x)", "--at", "x=0").stdout


def notes(formula: str, kind: str, **at: Any) -> list[str]:
    """What the notes of one kind say."""
    return [note.message for note in trace(formula, at).notes if note.kind == kind]


def test_a_note_names_the_box_and_the_entries() -> None:
    """Two relus are told apart; of a tie the entries that tie are named, and of many the first few."""
    slopes = "the slope is 0 on the left and 1 on the right; 0 is taken"
    assert notes("h1 = relu(x); h2 = relu(h1 - y); sum(h2)", "kink", x=[0, 1], y=[1, 1]) == [
        f"h2 = relu(v1) at v1[1] = 0: {slopes}", f"h1 = relu(x) at x[0] = 0: {slopes}",
    ]  # fmt: skip
    (tie,) = notes("max(a)", "kink", a=[2, 1, 2, 2, 2])
    assert tie.startswith("f = max(a) at a[0] = 2, a[2] = 2, a[3] = 2 and 1 more: several entries tie")
    (tie,) = notes("sum(max(a, b))", "kink", a=[[1, 2], [3, 4]], b=[1, 9])
    assert tie.startswith("v1 = max(a, b) at a[0,0] = 1, b[0] = 1: several arguments tie")
    assert notes("relu(x)", "kink", x=0) == [f"relu at x = 0: {slopes}"]


@pytest.mark.parametrize(("at", "place"), [({"x": [1, 2, 1]}, "x[0] = 1, x[2] = 1"), ({"x": 1}, "x = 1")])
def test_a_condition_at_its_boundary_is_told(at: dict[str, Any], place: str) -> None:
    """where(x > 1, …) at x = 1: the slope is that of one side, and the check doesn't decide."""
    record = trace("where(x > 1, x, 0)", at)
    words = f"the condition x > 1 stands at its boundary at {place}: "
    assert any(note.message.startswith(words) for note in record.notes)
    assert record.check()[0].verdict == UNDECIDED
    quiet = trace("sum(where(y == 1, x, 0*x))", x=[1, 2], y=[1, 0], wrt=["x"])
    assert not any("boundary" in note.message for note in quiet.notes)
