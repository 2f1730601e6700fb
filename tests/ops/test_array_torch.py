"""Array ops beside PyTorch, where it is installed: value and gradient, in double and in single precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from tests.arrays import Array, drawn

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
F = torch.nn.functional

Shape = tuple[int, ...]
#: How far value and gradient may be off, of the largest entry: rounding alone.
EXACT = {"float64": 1e-13, "float32": 3e-6}

AB = {"A": (4, 3), "B": (3, 2)}
A_, AX, PT = {"A": (4, 3)}, {"A": (4, 3), "x": (3,)}, {"P": (4, 3), "T": (4, 3)}
Z, Y = {"z": (4, 3)}, [0, 2, 1, 1]
LOGITS = {"z": (4, 3), "T": (4, 3)}


def index() -> Any:
    return torch.tensor(Y)


#: formula, shapes of its variables (P and T hold probabilities), the same in PyTorch
CASES: list[tuple[str, dict[str, Shape], Callable[..., Any]]] = [
    ("A @ B", AB, lambda A, B: A @ B),
    ("A @ x", AX, lambda A, x: A @ x),
    ("x @ A.T", AX, lambda A, x: x @ A.T),
    ("x @ x", {"x": (3,)}, lambda x: x @ x),
    ("S @ A.T", {"S": (5, 2, 3), "A": (4, 3)}, lambda S, A: S @ A.T),
    ("mT(S) @ S", {"S": (5, 2, 3)}, lambda S: S.mT @ S),
    ("outer(x, y)", {"x": (3,), "y": (2,)}, lambda x, y: torch.outer(x, y)),
    ("sum(A, axis=0)", A_, lambda A: A.sum(0)),
    ("mean(A, axis=1, keepdims=true)", A_, lambda A: A.mean(1, keepdim=True)),
    ("prod(A, axis=1)", A_, lambda A: A.prod(1)),
    ("max(A)", A_, lambda A: A.amax()),
    ("max(A, axis=[0, 1])", A_, lambda A: torch.amax(A, (0, 1))),
    ("min(A, axis=-1)", A_, lambda A: torch.amin(A, -1)),
    ("max(round(A), axis=0)*A", A_, lambda A: torch.amax(torch.round(A), 0) * A),
    ("var(A, axis=0)", A_, lambda A: torch.var(A, 0, correction=0)),
    ("var(A, ddof=1)", A_, lambda A: torch.var(A)),
    ("std(A, axis=[0, 1], ddof=1, keepdims=true)", A_, lambda A: torch.std(A, (0, 1), keepdim=True)),
    ("norm(A)", A_, lambda A: torch.linalg.norm(A)),
    ("norm(A, axis=1)", A_, lambda A: torch.linalg.vector_norm(A, dim=1)),
    ("logsumexp(A, axis=1)", A_, lambda A: torch.logsumexp(A, 1)),
    ("softmax(A)", A_, lambda A: torch.softmax(A, -1)),
    ("softmax(A, axis=0)", A_, lambda A: torch.softmax(A, 0)),
    ("softmax(x)", {"x": (3,)}, lambda x: torch.softmax(x, 0)),
    ("log_softmax(A)", A_, lambda A: torch.log_softmax(A, -1)),
    ("log_softmax(x)", {"x": (3,)}, lambda x: torch.log_softmax(x, 0)),
    ("cross_entropy_with_logits(z, [0, 2, 1, 1])", Z, lambda z: F.cross_entropy(z, index())),
    ("cross_entropy_with_logits(z, [0, 2, 1, 1], reduction=sum)", Z,
     lambda z: F.cross_entropy(z, index(), reduction="sum")),
    ("cross_entropy_with_logits(z, T)", LOGITS, lambda z, T: F.cross_entropy(z, T)),
    ("cross_entropy_with_logits(x, 1)", {"x": (3,)}, lambda x: F.cross_entropy(x, torch.tensor(1))),
    ("cross_entropy(P, [0, 2, 1, 1])", {"P": (4, 3)}, lambda P: F.nll_loss(torch.log(P), index())),
    ("cross_entropy(softmax(z), [0, 2, 1, 1])", Z, lambda z: F.cross_entropy(z, index())),
    ("binary_cross_entropy(P, T)", PT, lambda P, T: F.binary_cross_entropy(P, T)),
    ("binary_cross_entropy(P, T, reduction=sum)", PT, lambda P, T: F.binary_cross_entropy(P, T,
     reduction="sum")),
    ("binary_cross_entropy_with_logits(z, T)", LOGITS, lambda z, T: F.binary_cross_entropy_with_logits(z, T)),
    ("mse(A, T)", {"A": (4, 3), "T": (4, 3)}, lambda A, T: F.mse_loss(A, T)),
    ("where(A > x, A^2, x)", AX, lambda A, x: torch.where(x < A, A**2, x)),
    ("clip(A, -0.5, 0.7)", A_, lambda A: torch.clip(A, -0.5, 0.7)),
    ("max(A, x)", AX, lambda A, x: torch.maximum(A, x)),
    ("maximum(A, A)*minimum(A, 0.1)", A_, lambda A: torch.maximum(A, A) * torch.clamp(A, max=0.1)),
    ("A[1:, ::2]", A_, lambda A: A[1:, ::2]),
    ("A[-1]*A[0, 1]", A_, lambda A: A[-1] * A[0, 1]),
    ("A[[0, 2, 0]]", A_, lambda A: A[torch.tensor([0, 2, 0])]),
    ("concat(A, A[0:1], axis=0)", A_, lambda A: torch.concat([A, A[0:1]], 0)),
    ("stack(x, x^2)", {"x": (3,)}, lambda x: torch.stack([x, x**2])),
    ("[x[0], x[2], 1]", {"x": (3,)}, lambda x: torch.stack([x[0], x[2], torch.ones((), dtype=x.dtype)])),
    ("reshape(A, 2, -1) @ y", {"A": (4, 3), "y": (6,)}, lambda A, y: A.reshape(2, -1) @ y),
    ("expand_dims(x, 1)*x", {"x": (3,)}, lambda x: x[:, None] * x),
    ("one_hot([0, 2, 1, 1], 3)*A", A_, lambda A: F.one_hot(index(), 3) * A),
    ("relu(A + x)", AX, lambda A, x: torch.relu(A + x)),
    ("leaky_relu(A*x, 0.1)", AX, lambda A, x: F.leaky_relu(A * x, 0.1)),
    ("elu(A - x)", AX, lambda A, x: F.elu(A - x)),
    ("sigmoid(A/x)", AX, lambda A, x: torch.sigmoid(A / x)),
    ("tanh(A + x)", AX, lambda A, x: torch.tanh(A + x)),
    ("softplus(A + x)", AX, lambda A, x: F.softplus(A + x)),
    ("gelu(A*x)", AX, lambda A, x: F.gelu(A * x)),
    ("swish(A + x)", AX, lambda A, x: F.silu(A + x)),
    ("mish(A + x)", AX, lambda A, x: F.mish(A + x)),
    ("erf(A*x)", AX, lambda A, x: torch.erf(A * x)),
    ("exp(A)*log(P)", {"A": (4, 3), "P": (4, 3)}, lambda A, P: torch.exp(A) * torch.log(P)),
    ("P^A", {"A": (4, 3), "P": (4, 3)}, lambda A, P: P**A),
    ("hypot(A, x)", AX, lambda A, x: torch.hypot(A, x)),
    ("atan2(A, x)", AX, lambda A, x: torch.atan2(A, x)),
    ("(A - mean(A, axis=0))/std(A, axis=0)", A_, lambda A: (A - A.mean(0)) / torch.std(A, 0, correction=0)),
    ("tanh(A @ B + [1, 2])", AB, lambda A, B: torch.tanh(A @ B + torch.tensor([1, 2], dtype=A.dtype))),
]  # fmt: skip


def given(shapes: dict[str, Shape], dtype: str) -> dict[str, Array]:
    return {
        name: drawn(shape, seed, *((0.1, 0.9) if name in "PT" else (-2.0, 2.0))).astype(dtype)
        for seed, (name, shape) in enumerate(shapes.items())
    }


def beside(formula: str, at: dict[str, Array], reference: Callable[..., Any], within: float) -> None:
    """Hold value and gradient of ``formula`` against PyTorch's, each entry of the output weighted."""
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in at.items()}
    output = reference(**tensors)
    weights = drawn(tuple(output.shape), 3).astype(next(iter(at.values())).dtype)
    (output * torch.tensor(weights)).sum().backward()
    found = trace(f"sum(weights*({formula}))", {**at, "weights": weights}, wrt=list(at))
    value = trace(formula, at).value
    expected = output.detach().numpy()
    assert value.dtype == expected.dtype
    assert value.shape == expected.shape
    scale = max(1.0, float(np.max(np.abs(expected))))
    np.testing.assert_allclose(value, expected, rtol=0, atol=within * scale)
    for name, tensor in tensors.items():
        theirs = tensor.grad.numpy()
        assert found.gradient[name].dtype == theirs.dtype
        scale = max(1.0, float(np.max(np.abs(theirs))))
        np.testing.assert_allclose(found.gradient[name], theirs, rtol=0, atol=within * scale)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("formula", "shapes", "reference"), CASES, ids=[formula for formula, _, _ in CASES])
def test_pytorch_says_the_same(
    formula: str, shapes: dict[str, Shape], reference: Callable[..., Any], dtype: str
) -> None:
    """Value, gradient and their precision are PyTorch's."""
    beside(formula, given(shapes, dtype), reference, EXACT[dtype])


TIED = [[1.0, 1.0, 0.0], [2.0, 2.0, 2.0], [0.0, -1.0, 0.0]]


@pytest.mark.parametrize(("formula", "reference"), [
    ("max(A, axis=1)", lambda A: torch.amax(A, 1)),
    ("min(A, axis=0)", lambda A: torch.amin(A, 0)),
    ("max(A)", lambda A: torch.amax(A)),
    ("max(A, 0)", lambda A: torch.maximum(A, torch.zeros(3, 3, dtype=A.dtype))),
    ("relu(A)", lambda A: torch.relu(A)),
    ("abs(A)", lambda A: torch.abs(A)),
    ("clip(A, 0, 1)", lambda A: torch.clip(A, 0, 1)),
    ("prod(A, axis=1)", lambda A: torch.prod(A, 1)),
    ("norm(A*0)", lambda A: torch.linalg.norm(A * 0)),
    ("where(A > 0, sqrt(where(A > 0, A, 1)), A)", lambda A: torch.where(A > 0, torch.sqrt(torch.where(A > 0,
     A, 1)), A)),
])  # fmt: skip
def test_pytorch_takes_the_same_at_ties_and_corners(formula: str, reference: Callable[..., Any]) -> None:
    """Where there are several slopes to choose from, PyTorch's is taken."""
    beside(formula, {"A": np.array(TIED)}, reference, 1e-14)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("formula", "reference"), [
    ("softmax(z)", lambda z: torch.softmax(z, -1)),
    ("log_softmax(z)/1000", lambda z: torch.log_softmax(z, -1) / 1000),
    ("logsumexp(z)/1000", lambda z: torch.logsumexp(z, 0) / 1000),
    ("cross_entropy_with_logits(z, 0)/1000", lambda z: F.cross_entropy(z, torch.tensor(0)) / 1000),
    ("binary_cross_entropy_with_logits(z, [0, 1, 1])/1000", lambda z: F.binary_cross_entropy_with_logits(
        z, torch.tensor([0, 1, 1], dtype=z.dtype)) / 1000),
])  # fmt: skip
@pytest.mark.parametrize(
    "z", [[1000.0, 0.0, -1000.0], [-1000.0, -999.0, -1001.0], [1e-8, 0.0, -1e-8]], ids=str
)
def test_pytorch_at_large_and_small_scores(
    formula: str, reference: Callable[..., Any], z: list[float], dtype: str
) -> None:
    """Scores of ±1000 and of nearly 0 give PyTorch's losses and gradients."""
    beside(formula, {"z": np.array(z, dtype)}, reference, EXACT[dtype])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_network_of_three_layers(dtype: str) -> None:
    """A classifier with relu layers, a batch, softmax cross-entropy and weight decay: PyTorch's gradients."""
    shapes = {"X": (5, 4), "W1": (6, 4), "b1": (6,), "W2": (6, 6), "b2": (6,), "W3": (3, 6), "b3": (3,)}
    formula = """h1 = relu(X @ W1.T + b1)
        h2 = relu(h1 @ W2.T + b2)
        loss = cross_entropy_with_logits(h2 @ W3.T + b3, [0, 1, 2, 1, 0])
        loss + 0.01*(sum(W1^2) + sum(W2^2) + sum(W3^2))"""

    def reference(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any) -> Any:
        h = torch.relu(F.linear(torch.relu(F.linear(X, W1, b1)), W2, b2))
        decay = sum((W**2).sum() for W in (W1, W2, W3))
        return F.cross_entropy(F.linear(h, W3, b3), torch.tensor([0, 1, 2, 1, 0])) + 0.01 * decay

    at = given(shapes, dtype)
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in at.items()}
    loss = reference(**tensors)
    loss.backward()
    found = trace(formula, at)
    assert float(found.value) == pytest.approx(loss.item(), rel=EXACT[dtype])
    for name, tensor in tensors.items():
        np.testing.assert_allclose(found.gradient[name], tensor.grad.numpy(), rtol=0, atol=20 * EXACT[dtype])
