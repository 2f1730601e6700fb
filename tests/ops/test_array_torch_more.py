"""The later array ops beside PyTorch, where it is installed: value and gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from tests.arrays import drawn

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
F = torch.nn.functional

Shapes = dict[str, tuple[int, ...]]
S: Shapes = {"A": (3, 3)}
#: formula, shapes of its variables, the same in PyTorch
CASES: list[tuple[str, Shapes, Callable[..., Any]]] = [
    ("trace(A)", S, lambda A: torch.trace(A)),
    ("det(A)", S, lambda A: torch.linalg.det(A)),
    ("slogdet(A)[1]", S, lambda A: torch.linalg.slogdet(A)[1]),
    ("inv(A)", S, lambda A: torch.linalg.inv(A)),
    ("solve(A, b)", {"A": (3, 3), "b": (3,)}, lambda A, b: torch.linalg.solve(A, b)),
    ("solve(A, B)", {"A": (3, 3), "B": (3, 2)}, lambda A, B: torch.linalg.solve(A, B)),
    ("matrix_power(A, 3)", S, lambda A: torch.linalg.matrix_power(A, 3)),
    ("matrix_power(A, -2)", S, lambda A: torch.linalg.matrix_power(A, -2)),
    ("diag(x)", {"x": (3,)}, lambda x: torch.diag(x)),
    ("diag(A)", {"A": (2, 3)}, lambda A: torch.diag(A)),
    ("kron(A, B)", {"A": (2, 3), "B": (3, 2)}, lambda A, B: torch.kron(A, B)),
    ("cumsum(A, 1)", S, lambda A: A.cumsum(1)),
    ("cumprod(A, 0)", S, lambda A: A.cumprod(0)),
    ("logcumsumexp(A, 1)", S, lambda A: torch.logcumsumexp(A, 1)),
    ("sort(A, 0)", S, lambda A: torch.sort(A, 0)[0]),
    ("sort(A, descending=true)", S, lambda A: torch.sort(A, -1, descending=True)[0]),
    ("topk(A, 2)", S, lambda A: torch.topk(A, 2)[0]),
    ("median(x)", {"x": (5,)}, lambda x: torch.median(x)),
    ("quantile(A, 0.3, axis=1)", S, lambda A: torch.quantile(A, 0.3, 1)),
    ("roll(A, 1, 0)", S, lambda A: torch.roll(A, 1, 0)),
    ("flip(A, 1)", S, lambda A: torch.flip(A, (1,))),
    ("tril(A, -1)", S, lambda A: torch.tril(A, -1)),
    ("triu(A)", S, lambda A: torch.triu(A)),
    ("repeat(A, 2, axis=1)", S, lambda A: torch.repeat_interleave(A, 2, 1)),
    ("tile(A, [2, 1])", S, lambda A: torch.tile(A, (2, 1))),
    ("permute(B, 2, 0, 1)", {"B": (2, 3, 4)}, lambda B: B.permute(2, 0, 1)),
    ("swapaxes(B, 0, 2)", {"B": (2, 3, 4)}, lambda B: B.transpose(0, 2)),
    (
        "conv1d(x, w, stride=2, padding=1)",
        {"x": (2, 2, 6), "w": (3, 2, 3)},
        lambda x, w: F.conv1d(x, w, stride=2, padding=1),
    ),
    ("conv1d(x, w)", {"x": (2, 6), "w": (3, 2, 3)}, lambda x, w: F.conv1d(x, w)),
    (
        "conv2d(x, w, padding=1)",
        {"x": (2, 2, 4, 3), "w": (3, 2, 2, 2)},
        lambda x, w: F.conv2d(x, w, padding=1),
    ),
    (
        "conv2d(x, w, stride=[2, 1])",
        {"x": (1, 2, 5, 4), "w": (1, 2, 2, 3)},
        lambda x, w: F.conv2d(x, w, stride=(2, 1)),
    ),
    ("max_pool1d(x, 2)", {"x": (2, 6)}, lambda x: F.max_pool1d(x[None], 2)[0]),
    ("max_pool2d(x, 2, stride=1)", {"x": (2, 4, 4)}, lambda x: F.max_pool2d(x, 2, stride=1)),
    ("avg_pool2d(x, [2, 3])", {"x": (2, 4, 6)}, lambda x: F.avg_pool2d(x, (2, 3))),
    ("layer_norm(A)", S, lambda A: F.layer_norm(A, (3,))),
    ("batch_norm(A)", {"A": (4, 2)}, lambda A: F.batch_norm(A, None, None, training=True)),
    ("embedding([0, 2, 0], W)", {"W": (3, 2)}, lambda W: F.embedding(torch.tensor([0, 2, 0]), W)),
    ("l1_loss(A, B)", {"A": (2, 3), "B": (2, 3)}, lambda A, B: F.l1_loss(A, B)),
    ("huber(A, B, delta=0.7)", {"A": (2, 3), "B": (2, 3)}, lambda A, B: F.huber_loss(A, B, delta=0.7)),
    (
        "smooth_l1_loss(A, B, beta=0.5)",
        {"A": (2, 3), "B": (2, 3)},
        lambda A, B: F.smooth_l1_loss(A, B, beta=0.5),
    ),
    (
        "kl_div(log_softmax(A), softmax(B), reduction=sum)",
        {"A": (2, 3), "B": (2, 3)},
        lambda A, B: F.kl_div(torch.log_softmax(A, -1), torch.softmax(B, -1), reduction="sum"),
    ),
    ("cosine_similarity(A, B)", {"A": (2, 3), "B": (2, 3)}, lambda A, B: F.cosine_similarity(A, B, dim=-1)),
    ("logsigmoid(A)", S, lambda A: F.logsigmoid(A)),
    ("logaddexp(A, B)", {"A": (2, 3), "B": (2, 3)}, lambda A, B: torch.logaddexp(A, B)),
    ("xlogy(A, exp(B))", {"A": (2, 3), "B": (2, 3)}, lambda A, B: torch.xlogy(A, torch.exp(B))),
    ("lgamma(exp(A))", S, lambda A: torch.lgamma(torch.exp(A))),
    ("digamma(exp(A))", S, lambda A: torch.digamma(torch.exp(A))),
    ("polygamma(1, exp(A))", S, lambda A: torch.polygamma(1, torch.exp(A))),
    ("mod(A, B)", {"A": (2, 3), "B": (2, 3)}, lambda A, B: torch.remainder(A, B)),
    ("sinc(A)", S, lambda A: torch.sinc(A)),
    ("logit(sigmoid(A))", S, lambda A: torch.logit(torch.sigmoid(A))),
    ("A*stop_gradient(A)", S, lambda A: A * A.detach()),
]


@pytest.mark.parametrize(("formula", "shapes", "same"), CASES, ids=[case[0] for case in CASES])
def test_value_and_gradient_are_pytorchs(formula: str, shapes: Shapes, same: Callable[..., Any]) -> None:
    """Value and gradient agree to eleven and eight digits; PyTorch's own polygamma has nine."""
    at = {name: drawn(shape, seed) for seed, (name, shape) in enumerate(shapes.items())}
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in at.items()}
    out = same(*tensors.values())
    weights = drawn(tuple(out.shape), 9) if out.ndim else np.asarray(1.7)
    (out * torch.tensor(weights)).sum().backward()
    right = 1e-8 if "gamma" in formula else 1e-11
    np.testing.assert_allclose(trace(formula, at).value, out.detach().numpy(), rtol=right, atol=1e-12)
    found = trace(f"sum(weights*({formula}))", at | {"weights": weights}, wrt=list(at))
    for name, tensor in tensors.items():
        np.testing.assert_allclose(found.gradient[name], tensor.grad.numpy(), rtol=1e-8, atol=1e-9)
