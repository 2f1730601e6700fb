"""The lecture's neurons, layers, losses and training: values and every message, against its own formulas.

The witnesses are the closed forms of the lecture, written with NumPy; messages are looked up by the
boxes they go between.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtrace_cli import Trace, trace
from backtrace_cli.language.tree.text import to_text
from tests.arrays import Array, drawn

FORMULAS = Path(__file__).parent.parent / "exercises" / "formulas"


def sigmoid(t: Array) -> Array:
    return 1 / (1 + np.exp(-np.asarray(t)))


def softmax(z: Array) -> Array:
    return np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))


def hold_messages(t: Trace, expected: dict[tuple[str, str], Array]) -> None:
    """Hold every message of ``t``, by (box it comes from, box it goes to), and that there are no others."""
    found = {(message.source, message.target): message.contribution for message in t.messages}
    assert set(found) == set(expected)
    for edge, contribution in expected.items():
        np.testing.assert_allclose(found[edge], contribution, rtol=1e-13, atol=1e-15, err_msg=str(edge))
        assert np.shape(found[edge]) == np.shape(contribution), edge


def hold_values(t: Trace, expected: dict[str, Array]) -> None:
    """Hold the values of all steps that ``expected`` names."""
    values = {step.node: step.value for step in t.steps}
    for name, value in expected.items():
        np.testing.assert_allclose(values[name], value, rtol=1e-14, atol=1e-15, err_msg=name)


def texts(t: Trace) -> dict[tuple[str, str], str]:
    return {(message.source, message.target): to_text(message.local_expression) for message in t.messages}


def file(name: str) -> str:
    return (FORMULAS / name).read_text("utf-8")


def test_b1_a_neuron() -> None:
    """net = Σ wᵢxᵢ with x₀ = 1, o = σ(net): ∂o/∂wᵢ = o(1 − o)·xᵢ."""
    w, x = np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, -0.5])
    net = sum(w[i] * x[i] for i in range(3))
    o = sigmoid(net)
    t = trace(file("neuron_vectors.bt"), w=w, x=x)
    hold_values(t, {"net": net, "o": o})
    slope = o * (1 - o)
    hold_messages(t, {("o", "net"): slope, ("net", "w"): slope * x, ("net", "x"): slope * w})
    assert texts(t) == {("o", "net"): "o·(1 − o)", ("net", "w"): "g·x", ("net", "x"): "g·w"}
    by_scalars = trace("net = w0*1 + w1*x1 + w2*x2; o = σ(net)", w0=0.5, w1=-1, w2=2, x1=2, x2=-0.5)
    for i in range(3):
        assert t.gradient["w"][i] == pytest.approx(by_scalars.gradient[f"w{i}"], rel=1e-15)


def test_b2_a_linear_layer() -> None:
    """y = Wh: ∂L/∂hᵢ = Σₖ ȳₖwₖᵢ and ∂L/∂W = ȳhᵀ."""
    W, h, target = drawn((4, 3)), drawn((3,), 1), drawn((4,), 2)
    t = trace(file("layer.bt"), W=W, h=h, t=target, wrt=["W", "h"])
    y = np.array([sum(W[k, i] * h[i] for i in range(3)) for k in range(4)])
    bar = 2 * (y - target)
    hold_values(t, {"y": y, "L": np.sum((y - target) ** 2)})
    to_h = np.array([sum(bar[k] * W[k, i] for k in range(4)) for i in range(3)])
    to_w = np.array([[bar[k] * h[i] for i in range(3)] for k in range(4)])
    hold_messages(t, {("L", "y"): bar, ("y", "W"): to_w, ("y", "h"): to_h})
    shown = texts(t)
    assert (shown["y", "h"], shown["y", "W"]) == ("W.T @ g", "outer(g, h)")


def test_b3_softmax_and_cross_entropy() -> None:
    """∂L/∂yᵢ = −tᵢ/yᵢ, ∂L/∂zᵢ = Σⱼ ∂L/∂yⱼ(yⱼδⱼᵢ − yⱼyᵢ) = yᵢ − tᵢ, ∂L/∂wᵢⱼ = ∂L/∂zᵢ·xⱼ."""
    W, x, goal = drawn((3, 2)), drawn((2,), 1), np.array([0.2, 0.5, 0.3])
    formula = "z = W @ x; y = softmax(z); l = log(y); p = t*l; s = sum(p); L = -s"
    t = trace(formula, W=W, x=x, t=goal, wrt=["W", "x"])
    z = W @ x
    y = np.exp(z) / sum(np.exp(zj) for zj in z)
    to_y = -goal / y
    jacobian = np.array([[y[i] * (i == j) - y[i] * y[j] for j in range(3)] for i in range(3)])
    to_z = np.array([sum(to_y[j] * jacobian[j, i] for j in range(3)) for i in range(3)])
    np.testing.assert_allclose(to_z, y - goal, rtol=1e-13)
    hold_values(t, {"z": z, "y": y, "L": -np.sum(goal * np.log(y))})
    hold_messages(t, {
        ("L", "s"): -1.0, ("s", "p"): -np.ones(3), ("p", "l"): -goal, ("l", "y"): to_y, ("y", "z"): to_z,
        ("z", "W"): np.array([[to_z[i] * x[j] for j in range(2)] for i in range(3)]), ("z", "x"): W.T @ to_z,
    })  # fmt: skip


@pytest.mark.parametrize("loss", ["cross_entropy(softmax(z), t)", "cross_entropy_with_logits(z, t)",
                                  "-(t @ log_softmax(z))", "logsumexp(z) - t @ z"])  # fmt: skip
def test_b3_in_one_box(loss: str) -> None:
    """However it is written, the gradient at z is y − t when Σt = 1."""
    z, goal = drawn((4,)), np.array([0.1, 0.2, 0.3, 0.4])
    t = trace(loss, z=z, t=goal, wrt="z")
    np.testing.assert_allclose(t.gradient["z"], softmax(z) - goal, rtol=1e-13, atol=1e-16)


def test_b3_when_the_weights_do_not_add_up_to_one() -> None:
    """With Σt ≠ 1 the gradient is y·Σt − t, not y − t."""
    z, goal = drawn((3,)), np.array([1.0, 2.0, 0.5])
    for loss in ("cross_entropy(softmax(z), t)", "cross_entropy_with_logits(z, t)"):
        found = trace(loss, z=z, t=goal, wrt="z").gradient["z"]
        np.testing.assert_allclose(found, softmax(z) * 3.5 - goal, rtol=1e-13)


def test_b4_linear_regression() -> None:
    """L(w) = (1/N) Σ (yₙ − wᵀxₙ)²: ∇L = −(2/N) Σ (yₙ − wᵀxₙ)·xₙ, and it is 0 at the normal equations."""
    X, y, w = drawn((5, 2)), drawn((5,), 1), drawn((2,), 2)
    t = trace(file("regression.bt"), X=X, y=y, w=w, wrt="w")
    rest = np.array([y[n] - sum(w[i] * X[n, i] for i in range(2)) for n in range(5)])
    assert float(t.value) == pytest.approx(sum(rest**2) / 5, rel=1e-14)
    np.testing.assert_allclose(t.gradient["w"], sum(-2 / 5 * rest[n] * X[n] for n in range(5)), rtol=1e-13)
    np.testing.assert_allclose(t.gradient_of("a"), -2 / 5 * rest, rtol=1e-13)
    solved = np.linalg.solve(X.T @ X, X.T @ y)
    np.testing.assert_allclose(
        trace(file("regression.bt"), X=X, y=y, w=solved, wrt="w").gradient["w"], 0, atol=1e-14
    )
    as_mse = trace("mse(X @ w, y)", X=X, y=y, w=w, wrt="w")
    np.testing.assert_allclose(as_mse.gradient["w"], t.gradient["w"], rtol=1e-13)


@pytest.mark.parametrize(("forward", "inverse"), [("exp(a)", "log(v)"), ("σ(a)", "log(v/(1 - v))")])
def test_b4_generalised(forward: str, inverse: str) -> None:
    """h(wᵀx) = a, so wᵀx = h⁻¹(a): the inverse brings back the sum and its gradient x."""
    w, x = drawn((3,)), drawn((3,), 1)
    t = trace(f"a = w @ x; v = {forward}; u = {inverse}", w=w, x=x)
    assert float(t.value) == pytest.approx(float(w @ x), rel=1e-13)
    np.testing.assert_allclose(t.gradient["w"], x, rtol=1e-12)


NETWORK = """h0 = x
for k in 1..3:
    a{k} = b{k} + W{k} @ h{k-1}
    h{k} = tanh(a{k})
a4 = b4 + W4 @ h3
f = softmax(a4)
loss = -log(f[y])"""
SIZES = [4, 5, 3, 6, 3]


def network_point() -> dict[str, Any]:
    at: dict[str, Any] = {"x": drawn((4,), 9), "y": 2}
    for k in range(1, 5):
        at[f"W{k}"], at[f"b{k}"] = drawn((SIZES[k], SIZES[k - 1]), k), drawn((SIZES[k],), 10 + k)
    return at


def test_b5_a_network_of_any_depth() -> None:
    """Three hidden layers from a loop: each ∇a, ∇W, ∇b, ∇h is the lecture's, layer by layer."""
    at = network_point()
    t = trace(NETWORK, at, wrt=[name for name in at if name not in ("x", "y")])
    h, a = [at["x"]], [None]
    for k in range(1, 5):
        a.append(at[f"b{k}"] + at[f"W{k}"] @ h[k - 1])
        h.append(np.tanh(a[k]))
    f = softmax(a[4])
    hold_values(
        t,
        {
            **{f"a{k}": a[k] for k in range(1, 5)},
            **{f"h{k}": h[k] for k in (1, 2, 3)},
            "f": f,
            "loss": -np.log(f[2]),
        },
    )
    e = np.eye(3)[2]
    grad_a = -(e - f)
    for k in range(4, 0, -1):
        np.testing.assert_allclose(t.gradient_of(f"a{k}"), grad_a, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(t.gradient[f"W{k}"], np.outer(grad_a, h[k - 1]), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(t.gradient[f"b{k}"], grad_a, rtol=1e-12, atol=1e-15)
        if k > 1:
            grad_h = at[f"W{k}"].T @ grad_a
            np.testing.assert_allclose(t.gradient_of(f"h{k - 1}"), grad_h, rtol=1e-12, atol=1e-15)
            grad_a = grad_h * (1 - np.tanh(a[k - 1]) ** 2)
    assert {one.verdict for one in t.check()} == {"agrees"}


def test_b5_every_message_has_its_shape() -> None:
    """Each message of the network has the shape of the box it goes to."""
    at = network_point()
    t = trace(NETWORK, at)
    shape = {t.graph.name(i): np.shape(value) for i, value in enumerate(t.values)}
    assert t.messages
    for message in t.messages:
        assert np.shape(message.contribution) == np.shape(message.total) == shape[message.target]


def test_b6_regularisers() -> None:
    """∇ Σ W² = 2W, ∇ Σ|W| = sign(W) = 1[W>0] − 1[W<0]; biases are not regularised."""
    W, V, b = drawn((2, 3)), drawn((2, 2), 1), drawn((2,), 2)
    W[0, 0] = 0.0
    squares = trace("sum(W^2) + sum(V^2)", W=W, V=V)
    np.testing.assert_allclose(squares.gradient["W"], 2 * W, rtol=1e-15)
    np.testing.assert_allclose(squares.gradient["V"], 2 * V, rtol=1e-15)
    sizes = trace("sum(|W|)", W=W)
    np.testing.assert_array_equal(sizes.gradient["W"], 1.0 * (W > 0) - 1.0 * (W < 0))
    assert [note.kind for note in sizes.notes] == ["kink"]
    t = trace("h = W @ x + b; L = sum(h^2) + l*sum(W^2)", W=W, b=b, x=[1, 2, 3], l=0.1, wrt=["W", "b"])
    h = W @ np.array([1.0, 2, 3]) + b
    np.testing.assert_allclose(t.gradient["W"], np.outer(2 * h, [1, 2, 3]) + 0.2 * W, rtol=1e-14)
    np.testing.assert_allclose(t.gradient["b"], 2 * h, rtol=1e-14)
    assert t.forks["W"] == 2


def test_b8_several_labels() -> None:
    """Independent sigmoids with binary cross-entropies: the gradient before each sigmoid is oᵢ − tᵢ."""
    W, x, goal = drawn((3, 2)), drawn((2,), 1), np.array([1.0, 0.0, 1.0])
    t = trace(file("labels.bt"), W=W, x=x, t=goal, wrt="W")
    o = sigmoid(W @ x)
    assert float(t.value) == pytest.approx(-sum(goal * np.log(o) + (1 - goal) * np.log(1 - o)), rel=1e-13)
    np.testing.assert_allclose(t.gradient_of("o"), -goal / o + (1 - goal) / (1 - o), rtol=1e-12)
    np.testing.assert_allclose(t.gradient_of("a"), o - goal, rtol=1e-12)
    np.testing.assert_allclose(t.gradient["W"], np.outer(o - goal, x), rtol=1e-12)
    for loss in (
        "binary_cross_entropy(σ(a), t, reduction=sum)",
        "binary_cross_entropy_with_logits(a, t, reduction=sum)",
    ):
        found = trace(f"a = W @ x; {loss}", W=W, x=x, t=goal, wrt="W")
        assert float(found.value) == pytest.approx(float(t.value), rel=1e-13)
        np.testing.assert_allclose(found.gradient_of("a"), o - goal, rtol=1e-12)


def test_b9_dropout() -> None:
    """h̃ = m ⊙ h: the message is masked by the same m."""
    W, x, v, m = drawn((4, 3)), drawn((3,), 1), drawn((4,), 2), np.array([1.0, 0.0, 1.0, 0.0])
    h = np.tanh(W @ x)
    for formula in ("h = tanh(W @ x); d = m*h; L = v @ d", "h = tanh(W @ x); d = dropout(h, m); L = v @ d"):
        t = trace(formula, W=W, x=x, v=v, m=m, wrt=["W"])
        assert float(t.value) == pytest.approx(float(v @ (m * h)), rel=1e-14)
        (message,) = [each for each in t.messages if (each.source, each.target) == ("d", "h")]
        np.testing.assert_allclose(message.contribution, m * v, rtol=1e-15)
        np.testing.assert_allclose(t.gradient["W"], np.outer(m * v * (1 - h**2), x), rtol=1e-13, atol=1e-16)
        assert not np.any(t.gradient["W"][[1, 3]])


def test_b10_a_restricted_boltzmann_machine() -> None:
    """F(v) = −aᵀv − Σⱼ log(1 + exp(cⱼ + Wⱼv)): ∂F/∂W = −σ(c + Wv)vᵀ, ∂F/∂c = −σ(c + Wv), ∂F/∂a = −v."""
    W, v, a, c = drawn((3, 4)), np.array([1.0, 0.0, 1.0, 1.0]), drawn((4,), 1), drawn((3,), 2)
    on = sigmoid(c + W @ v)
    for formula in (file("rbm.bt"), "F = -(a @ v) - sum(softplus(c + W @ v))"):
        t = trace(formula, W=W, v=v, a=a, c=c)
        assert float(t.value) == pytest.approx(-float(a @ v) - sum(np.log(1 + np.exp(c + W @ v))), rel=1e-14)
        np.testing.assert_allclose(t.gradient["W"], -np.outer(on, v), rtol=1e-13)
        np.testing.assert_allclose(t.gradient["c"], -on, rtol=1e-13)
        np.testing.assert_allclose(t.gradient["a"], -v, rtol=1e-15)
        np.testing.assert_allclose(t.gradient["v"], -a - W.T @ on, rtol=1e-13)


def test_c1_empirical_risk() -> None:
    """L(w) = (1/N) Σ l(yₙ, F(xₙ, w)) + λΩ(w): the mean of the examples' gradients, and 2λw."""
    X, y, w = drawn((6, 3)), np.array([1.0, 0, 1, 1, 0, 0]), drawn((3,), 1)
    batch = trace("binary_cross_entropy_with_logits(X @ w, y) + l*sum(w^2)", X=X, y=y, w=w, l=0.3, wrt="w")
    each = [
        trace("binary_cross_entropy_with_logits(x @ w, y)", x=X[n], y=y[n], w=w, wrt="w") for n in range(6)
    ]
    assert float(batch.value) == pytest.approx(
        np.mean([one.value for one in each]) + 0.3 * np.sum(w**2), rel=1e-13
    )
    mean = np.mean([one.gradient["w"] for one in each], axis=0)
    np.testing.assert_allclose(batch.gradient["w"], mean + 0.6 * w, rtol=1e-12)
    total = trace("binary_cross_entropy_with_logits(X @ w, y, reduction=sum)", X=X, y=y, w=w, wrt="w")
    np.testing.assert_allclose(total.gradient["w"], 6 * mean, rtol=1e-12)


def test_c2_c3_a_step_downhill_and_the_mean_of_minibatches() -> None:
    """w ← w − α∇L lowers L; the mean over all minibatches of one epoch is the whole gradient."""
    X, y, w = drawn((6, 2)), drawn((6,), 1), drawn((2,), 2)
    whole = trace("mse(X @ w, y)", X=X, y=y, w=w, wrt="w")
    parts = [trace("mse(X @ w, y)", X=X[k : k + 2], y=y[k : k + 2], w=w, wrt="w") for k in (0, 2, 4)]
    np.testing.assert_allclose(
        np.mean([p.gradient["w"] for p in parts], axis=0), whole.gradient["w"], rtol=1e-13
    )
    after = trace("mse(X @ w, y)", X=X, y=y, w=w - 0.05 * whole.gradient["w"], wrt="w")
    assert float(after.value) < float(whole.value)


def test_c4_only_what_leads_to_a_parameter_is_visited() -> None:
    """Nothing is sent to the input x, nor through what only x reads."""
    at = network_point()
    weights = [name for name in at if name[0] in "Wb"]
    t = trace(NETWORK.replace("h0 = x", "c = x - mean(x)\nh0 = c/norm(c)"), at, wrt=weights)
    reached = {message.target for message in t.messages}
    assert set(weights) <= reached
    assert not {"x", "c", "h0", "y"} & reached
    everything = trace(NETWORK, at)
    assert len(t.messages) < len(everything.messages)
    last = trace(NETWORK, at, wrt=["W4"])
    assert {message.target for message in last.messages} == {"f", "a4", "W4"} | {
        message.target for message in last.messages if message.target.startswith("v")
    }


def test_c5_the_gradient_check() -> None:
    """(f(w + ε) − f(w − ε))/2ε, for each parameter, by hand and by the check."""
    at = network_point()
    t = trace(NETWORK, at, wrt=["W2", "b4"])
    eps = 1e-6
    for name in ("W2", "b4"):
        for place in np.ndindex(*np.shape(at[name])):
            moved = []
            for sign in (1, -1):
                shifted = at[name].copy()
                shifted[place] += sign * eps
                moved.append(float(trace(NETWORK, {**at, name: shifted}, wrt="b1").value))
            assert t.gradient[name][place] == pytest.approx((moved[0] - moved[1]) / (2 * eps), abs=1e-8)
    found = t.check()
    assert [one.name for one in found[:2]] == ["W2[0,0]", "W2[0,1]"]
    assert len(found) == 3 * 5 + 3
    assert {one.verdict for one in found} == {"agrees"}
    assert min(one.digits for one in found) >= 7
