"""Array ops at the ends of the scale: large scores, certain predictions, drawn masks, single precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from backtrace_cli import trace
from backtrace_cli.base.errors import FormulaError, PointError
from backtrace_cli.cli import main
from tests.arrays import drawn


@pytest.mark.parametrize(
    "z", [[1000.0, 0.0, -1000.0], [-1000.0] * 3, [1000.0] * 3, [0.0, -1e308, 1e308], [1e-300, 0.0, -1e-300]]
)
@pytest.mark.parametrize("formula", [
    "sum(softmax(z)*[1, 2, 3])", "log_softmax(z)[1]/1e9", "logsumexp(z)", "cross_entropy_with_logits(z, 0)",
    "cross_entropy_with_logits(z, [0.2, 0.3, 0.5])", "binary_cross_entropy_with_logits(z, [1, 0, 0.5])",
    "sum(σ(z)*[1, 2, 3])", "sum(softplus(z))",
])  # fmt: skip
def test_large_and_small_scores_stay_finite(formula: str, z: list[float]) -> None:
    """Scores of ±1000 (and beyond) give finite losses and gradients, each gradient a difference of shares."""
    found = trace(formula, z=z)
    if max(map(abs, z)) < 1e300:
        assert np.isfinite(found.value).all()
    assert np.isfinite(found.gradient["z"]).all()
    assert np.max(np.abs(found.gradient["z"])) <= 3


def test_large_scores_have_the_right_loss() -> None:
    """At ±1000 the losses are exactly what the limit says."""
    z = [1000.0, 0.0, -1000.0]
    assert float(trace("cross_entropy_with_logits(z, 2)", z=z).value) == 2000
    np.testing.assert_array_equal(trace("cross_entropy_with_logits(z, 2)", z=z).gradient["z"], [1, 0, -1])
    assert float(trace("binary_cross_entropy_with_logits(z, [0, 0, 1], reduction=sum)",
     z=z).value) == pytest.approx(
        2000 + np.log(2), rel=1e-15)  # fmt: skip
    np.testing.assert_array_equal(trace("log_softmax(z)", z=z).value, [0, -1000, -2000])
    assert float(trace("logsumexp(z)", z=[-np.inf, 0.0]).value) == 0


@pytest.mark.parametrize(("formula", "at"), [
    ("cross_entropy(p, 0)", {"p": [1.0, 0.0]}),
    ("cross_entropy(p, [1, 0])", {"p": [1.0, 0.0]}),
    ("binary_cross_entropy(p, [1, 0])", {"p": [1.0, 0.0]}),
])  # fmt: skip
def test_a_certain_prediction_that_is_right_costs_nothing(formula: str, at: dict[str, Any]) -> None:
    """Where the weight is 0 a logarithm of 0 counts nothing: loss 0 and a finite gradient in p."""
    found = trace(formula, at, wrt="p")
    assert float(found.value) == 0
    assert np.isfinite(found.gradient["p"]).all()


@pytest.mark.parametrize("seed", [0, 1, 12])
def test_dropout_is_drawn_by_its_seed(seed: int) -> None:
    """The same seed drops the same entries, and the message is masked by the same mask."""
    formula = f"sum(dropout(h, p=0.4, seed={seed}))"
    one, two = trace(formula, h=np.ones(50)), trace(formula, h=np.ones(50))
    np.testing.assert_array_equal(one.gradient["h"], two.gradient["h"])
    kept = one.gradient["h"] != 0
    np.testing.assert_allclose(one.gradient["h"][kept], 1 / 0.6)
    assert 15 < kept.sum() < 45
    assert float(one.value) == pytest.approx(kept.sum() / 0.6)


SINGLE = [
    "sum(A)", "sum(A, axis=0)", "mean(A, axis=1)", "prod(A, axis=0)", "max(A, axis=1)", "min(A)",
     "var(A, axis=0)",
    "var(A, ddof=1)", "std(A, axis=1)", "norm(A, axis=0)", "logsumexp(A, axis=1)", "softmax(A)", "softmax(x)",
    "log_softmax(A)", "log_softmax(x)", "A @ x", "b @ A", "A.T @ A", "x @ x", "outer(x, x)", "A[0]",
     "A[:, 1:]",
    "x[0]", "[x, x]", "[x[0], 1]", "concat(x, b)", "reshape(A, 6)", "expand_dims(x, 0)",
     "one_hot([0, 2], 3)*A",
    "x[[0, 2]]", "argmax(A, axis=1)*b", "cross_entropy(P, [0, 2])", "cross_entropy(P, P)", "mse(A, P)",
    "cross_entropy_with_logits(A, [0, 2])", "cross_entropy_with_logits(A, P)", "binary_cross_entropy(P, P)",
    "binary_cross_entropy_with_logits(A, P)", "dropout(A, p=0.5, seed=1)", "dropout(x, [1, 0, 1])", "relu(A)",
    "sigmoid(A)", "tanh(A)", "elu(A)", "gelu(A)", "softplus(A)", "swish(A)", "mish(A)", "erf(A)", "log(P)",
    "max(A, 0)", "max(A, x)", "clip(A, -1, 1)", "where(A > 0, A, 2A)", "(A > 0)*A", "A^2", "2A", "A/3 + 1/3",
    "A*pi", "A*[1, 2, 3]", "floor(A) + A", "size(A)*A", "2^A", "A/sum(A, axis=1, keepdims=true)", "a*A",
]  # fmt: skip


@pytest.mark.parametrize("formula", SINGLE)
def test_single_precision_stays_single(formula: str) -> None:
    """From float32 arrays come float32 values, messages, gradients and tangents, near the double ones."""
    drawn_ = {
        "A": drawn((2, 3)),
        "x": drawn((3,)),
        "b": drawn((2,)),
        "P": drawn((2, 3), 0, 0.1, 0.9),
        "a": 0.5,
    }
    at = {name: value for name, value in drawn_.items() if name in trace(formula).graph.inputs}
    half = {name: np.float32(value) if np.shape(value) else value for name, value in at.items()}
    found, double = trace(formula, half), trace(formula, at)
    for index in found.graph.steps:
        assert found.values[index].dtype == np.float32, found.graph.name(index)
    assert all(np.asarray(sent.contribution).dtype == np.float32 for sent in found.sent)
    for name in found.gradient:
        assert found.gradient[name].dtype == np.float32
        np.testing.assert_allclose(found.gradient[name], double.gradient[name], rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(found.value, double.value, rtol=2e-6, atol=2e-6)
    for tangent in trace(formula, half, mode="forward").tangents:
        assert tangent.value.dtype == np.float32
    assert not {one.verdict for one in found.check()} & {"differs"}


def test_which_precision_a_run_has() -> None:
    """float32 arrays, with lists and whole numbers, run in single; one float64 array makes it double."""
    single, double = np.float32([1, 2]), np.float64([3, 4])
    assert trace("x*y", x=single, y=[3.0, 4.0]).value.dtype == np.float32
    assert trace("x*y", x=single, y=np.array([3, 4])).value.dtype == np.float32
    assert trace("x*y", x=single, y=0.1).value.dtype == np.float32
    assert trace("x*y", x=single, y=double).value.dtype == np.float64
    assert trace("x*y", x=[1.0, 2.0], y=[3.0, 4.0]).value.dtype == np.float64
    assert trace("x*y", x=np.array([1, 2]), y=0.1).value.dtype == np.float64


@pytest.mark.parametrize(
    "x", [np.array([1j]), np.array([None, 1.0]), [[1], [2, 3]], np.array(["a"])], ids=repr
)
def test_what_is_no_array_of_numbers_is_refused(x: Any) -> None:
    """Complex numbers, gaps, ragged lists and words are told, never silently made numbers."""
    with pytest.raises(PointError, match="x is not an array of numbers"):
        trace("sum(x)", x=x)


@pytest.mark.parametrize("given", ["1", "2", "0", "-1", "inf"])
def test_a_norm_with_a_bare_number_is_refused(given: str) -> None:
    """norm(A, 1): NumPy reads an order, others an axis; both readings are offered, and both work."""
    with pytest.raises(FormulaError) as caught:
        trace(f"norm(A, {given})", A=[[1.0, -2.0], [3.0, 4.0]])
    assert caught.value.hint is not None
    assert f"norm(A, axis={given})" in caught.value.hint
    assert "sum(abs(A))" in caught.value.hint
    assert trace("sum(abs(v))", v=[1.0, -2.0]).value == np.linalg.norm([1.0, -2.0], 1)


def test_a_maximum_of_two_arguments_says_that_it_goes_entry_by_entry() -> None:
    """max(A, 0) is the relu idiom here and an axis in NumPy: a note tells, and so do the ops' pages."""
    A = np.array([[1.0, -2.0], [-3.0, 4.0]])
    record = trace("sum(max(A, 0))", A=A)
    assert record.value == np.maximum(A, 0).sum()
    (note,) = record.notes
    assert note.message == "max(A, 0) is taken entry by entry; the largest along an axis is max(A, axis=0)"
    assert "min(A, axis=1)" in trace("sum(min(A, 1))", A=A).notes[-1].message
    assert not trace("sum(max(v, 0))", v=[1.0, 2.0]).notes
    shown = " ".join(CliRunner().invoke(main, ["ops"]).output.split())
    assert "entry by entry; along an axis: max(A, axis=0)" in shown


@pytest.mark.parametrize("formula", [
    "max(x)", "min(x)", "sum(x)", "mean(x)", "prod(x)", "var(x, ddof=0)", "norm(x)", "logsumexp(x)",
    "argmax(x)",
    "softmax(x)[0]", "sum(relu(x))", "sum(max(x, 0))", "sum(x > 1)", "sum(where(x > 1, x, 0))", "x[0]",
    "sum(sign(x))", "sum(1^x)", "cross_entropy([0.1, 0.2, 0.7], x)", "mse(x, [1, 2, 3])", "x @ x",
])  # fmt: skip
def test_a_nan_that_was_given_is_named(formula: str) -> None:
    """Whatever the op makes of it, the first note names the entry that is nan."""
    first = trace(formula, x=[1.0, float("nan"), 2.0]).notes[0]
    assert (first.kind, first.node, first.message) == (
        "nan",
        "x",
        "x[1] is nan, as given: the first nan here",
    )
    assert not any(note.kind == "nan" for note in trace(formula, x=[1.5, 2.5, 2.0]).notes)


def test_given_nans_are_named_by_place_and_number() -> None:
    """A number, rows of a matrix, and many of them; a nan that was computed is named by its step."""
    assert (
        trace("max(a, b)", a=float("nan"), b=1).notes[0].message == "a is nan, as given: the first nan here"
    )
    A = np.full((2, 3), np.nan)
    assert trace("max(A)", A=A).notes[0].message.startswith("A[0,0], A[0,1], A[0,2] and 3 more are nan")
    assert [note.message for note in trace("0*x", x=float("inf")).notes][0].startswith(
        "step 1, f = 0·x, is nan"
    )
