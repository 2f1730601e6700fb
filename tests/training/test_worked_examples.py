"""The lectures' examples about losses, networks and training: B4 to B7, C1 to C4."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.start import start
from tests.training.runs import COLUMNS, FORMULAS, IRIS, trained, write

ROWS = np.loadtxt(IRIS, delimiter=",", skiprows=1)
X, Y = ROWS[:, :4], ROWS[:, 4]
#: Three classes from the four measurements, as the lectures write it: one example, column vectors.
NETWORK = """
L = {depth}
for k in 1..L:
    a{{k}} = b{{k}} + W{{k}} @ h{{k-1}}
    h{{k}} = tanh(a{{k}})
a{{L+1}} = b{{L+1}} + W{{L+1}} @ h{{L}}
f = softmax(a{{L+1}})
loss = -log(f[{label}])
"""


def test_b4_mean_squared_error() -> None:
    """L = (1/N) Σ (yₙ − wᵀxₙ)²: ∇L = −(2/N) Xᵀ(y − Xw)."""
    w = np.array([0.3, -0.2, 0.5, 0.1])
    t = trace("L = mean((y - X @ w)^2)", X=X, y=Y, w=w, wrt="w")
    assert t.value == pytest.approx(np.mean((Y - X @ w) ** 2), rel=1e-14)
    assert t.gradient["w"] == pytest.approx(-2 / len(Y) * X.T @ (Y - X @ w), rel=1e-12)


def test_b4_generalised() -> None:
    """h(wᵀx) = a with h = exp: fitting wᵀx to h⁻¹(a) = log a is linear regression again."""
    draw = np.random.default_rng(0)
    x, w = draw.normal(size=(40, 3)), np.array([0.5, -1.0, 0.2])
    training = start("param w: zeros(3)\nL = mean((log(a) - X @ w)^2)",
                     wrt=["w"], point=_given(X=x, a=np.exp(x @ w)),
                     settings=Settings(lr=0.4, epochs=200, batch=None))  # fmt: skip
    while not training.finished:
        training.step()
    assert training.parameters["w"] == pytest.approx(w, abs=1e-9)


def _given(**values: Any) -> dict[str, Any]:
    from backtrace_cli.runs.point import Given

    return {name: Given("", value) for name, value in values.items()}


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_b5_any_depth(depth: int) -> None:
    """∇a = −(e(y) − f), ∇W = ∇a hᵀ, ∇b = ∇a, ∇h = Wᵀ∇a, ∇a = ∇h ⊙ g′(a): each layer, one loop."""
    draw = np.random.default_rng(depth)
    sizes = [4, *([5, 6, 4, 3, 7][:depth]), 3]
    point: dict[str, Any] = {"h0": draw.normal(size=4)}
    for k in range(1, depth + 2):
        point[f"W{k}"] = draw.normal(size=(sizes[k], sizes[k - 1]))
        point[f"b{k}"] = draw.normal(size=sizes[k])
    t = trace(NETWORK.format(depth=depth, label=1), point)
    h, a = [point["h0"]], []
    for k in range(1, depth + 2):
        a.append(point[f"b{k}"] + point[f"W{k}"] @ h[-1])
        h.append(np.tanh(a[-1]))
    f = np.exp(a[-1]) / np.exp(a[-1]).sum()
    assert t.value == pytest.approx(-np.log(f[1]), rel=1e-13)
    upstream = -(np.eye(3)[1] - f)
    for k in range(depth + 1, 0, -1):
        assert t.gradient_of(f"a{k}") == pytest.approx(upstream, rel=1e-9, abs=1e-13)
        assert t.gradient[f"W{k}"] == pytest.approx(np.outer(upstream, h[k - 1]), rel=1e-9, abs=1e-13)
        assert t.gradient[f"b{k}"] == pytest.approx(upstream, rel=1e-9, abs=1e-13)
        below = point[f"W{k}"].T @ upstream
        assert t.gradient_of(f"h{k - 1}") == pytest.approx(below, rel=1e-9, abs=1e-13)
        if k > 1:
            upstream = below * (1 - np.tanh(a[k - 2]) ** 2)


def test_b6_the_slopes_of_the_penalties() -> None:
    """Σ W²: 2W. Σ |W|: sign(W), 0 at 0."""
    w = np.array([[1.5, -2.0, 0.0], [0.25, 0.0, -1.0]])
    assert trace("sum(W^2)", W=w).gradient["W"].tolist() == (2 * w).tolist()
    assert trace("sum(abs(W))", W=w).gradient["W"].tolist() == np.sign(w).tolist()


@pytest.mark.parametrize(("option", "slope"), [("l1", np.sign), ("l2", lambda w: w)])
def test_b6_biases_are_not_regularised(option: str, slope: Any) -> None:
    """With no gradient of the loss, one step moves W by −αλ times its slope, and b not at all."""
    w = np.array([[1.5, -2.0, 0.0], [0.25, 3.0, -1.0]])
    source = "param W: 0\nparam b: 0\nL = 0*sum(W) + 0*sum(b)"
    given = _given(W=w, b=np.ones(3))
    training = start(source, point=given, settings=Settings(lr=0.5, **{option: "0.1"}))
    training.step()
    assert training.parameters["W"] == pytest.approx(w - 0.5 * 0.1 * slope(w), abs=1e-15)
    assert training.parameters["b"].tolist() == [1, 1, 1]
    named = start(source, point=given, settings=Settings(lr=0.5, **{option: "b=0.1"}))
    named.step()
    assert named.parameters["b"].tolist() == [0.95] * 3
    assert named.parameters["W"].tolist() == w.tolist()


def test_b7_first_values() -> None:
    """b = 0; W uniform on [−r, r] with r = √6/√(H + K), drawn by the seed and the name."""
    source = "".join(f"param {name}: uniform(300, 200)\n" for name in "WV")
    source += "param b: zeros(300)\nL = sum(W) + sum(V) + sum(b)"
    first, again, other = (start(source, settings=Settings(seed=seed)).parameters for seed in (1, 1, 2))
    r = np.sqrt(6 / 500)
    assert 0.999 * r < np.abs(first["W"]).max() <= r
    assert first["W"].std() == pytest.approx(r / np.sqrt(3), rel=0.01)
    assert not first["b"].any()
    assert (first["W"] == again["W"]).all()
    assert (first["W"] != other["W"]).mean() > 0.99
    assert (first["W"] != first["V"]).mean() > 0.99


def test_c1_empirical_risk(tmp_path: Path) -> None:
    """λΣW² written into the formula, and --l2 2λ beside it, are the same objective."""
    plain = (FORMULAS / "logistic.bt").read_text("utf-8")
    written = write(tmp_path, "f.bt", plain.replace("L = cross", "L = 0.05*sum(W^2) + cross"))
    words = ["--data", IRIS, "--batch", "all", "--epochs", 30]
    inside = trained(written, *words)
    beside = trained(FORMULAS / "logistic.bt", *words, "--l2", 0.1)
    for name in "Wb":
        assert np.array(inside["parameters"][name]) == pytest.approx(
            np.array(beside["parameters"][name]), abs=1e-12
        )
    assert inside["after"]["loss"] == pytest.approx(beside["after"]["loss"] + beside["penalty"], abs=1e-12)


def test_c2_gradient_descent() -> None:
    """w ← w − α∇L(w), every step of it by hand."""
    found = trained(FORMULAS / "linear.bt", "--data", IRIS, "--lr", 0.02, "--batch", "all", "--epochs", 7)
    x, y, w, b = ROWS[:, 2], ROWS[:, 3], 0.0, 0.0
    for loss in found["losses"]:
        error = w * x + b - y
        assert loss == pytest.approx(np.mean(error**2), rel=1e-13)
        w, b = w - 0.02 * np.mean(2 * error * x), b - 0.02 * np.mean(2 * error)
    assert found["parameters"] == {"w": pytest.approx(w, rel=1e-13), "b": pytest.approx(b, rel=1e-13)}


def test_c2_stochastic() -> None:
    """After each example: Δ = −∇l(f(x), y) − λ∇Ω, θ ← θ + αΔ; an epoch is one pass."""
    found = trained(FORMULAS / "linear.bt", "--data", IRIS, "--lr", 0.01, "--batch", 1, "--epochs", 2,
                    "--no-shuffle", "--l2", "w=0.3")  # fmt: skip
    w = b = 0.0
    for x, y in [*ROWS[:, 2:4], *ROWS[:, 2:4]]:
        error = w * x + b - y
        w, b = w + 0.01 * (-2 * error * x - 0.3 * w), b + 0.01 * (-2 * error)
    assert found["updates"] == 300
    assert found["parameters"] == {"w": pytest.approx(w, rel=1e-12), "b": pytest.approx(b, rel=1e-12)}


def test_c3_minibatches(tmp_path: Path) -> None:
    """The mean over n = 32 examples has the expectation of n = 1 and a 32nd of its variance."""
    count = 32 * 200
    sample = np.random.default_rng(5).gamma(2.0, size=count)
    np.save(tmp_path / "x.npy", sample)
    formula = write(tmp_path, "f.bt", "param w: 0\nL = mean(x) + 0*w")
    words = [formula, "--data", f"x=@{tmp_path}/x.npy"]
    one = np.array(trained(*words, "--batch", 1, "--epochs", 1)["losses"])
    many = np.array(trained(*words, "--batch", 32, "--epochs", 10)["losses"])
    assert one.mean() == pytest.approx(many.mean(), rel=1e-12)
    without_return = (count - 32) / (count - 1)
    assert one.var() / many.var() == pytest.approx(32 / without_return, rel=0.15)


def test_c4_only_what_leads_to_a_parameter_is_visited() -> None:
    """No message goes to the data, and none into the layers below the parameters that are trained."""
    source = (FORMULAS / "mlp.bt").read_text("utf-8")
    t = start(source, [IRIS]).trace()
    assert {m.target for m in t.messages} >= {"W1", "b1", "h1", "W3"}
    assert not {m.target for m in t.messages} & {"X", "y", "h0"}
    t = start(source, [IRIS], wrt=["W3", "b3"]).trace()
    assert not {m.target for m in t.messages} & {"X", "y", "h0", "a1", "h1", "W1", "b1", "W2", "h2"}
    assert set(t.gradient) == {"W3", "b3"}


def test_the_columns_are_those_of_the_file() -> None:
    """The formulas that ship name what the data that ship have."""
    training = start((FORMULAS / "logistic.bt").read_text("utf-8"), [IRIS])
    assert training.examples.arrays["X"].tolist() == X.tolist()
    assert len(COLUMNS) == 4
