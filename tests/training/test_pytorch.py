"""PyTorch, told to do the same, comes to the same parameters and the same accuracy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.runs import FORMULAS, IRIS, trained

torch = pytest.importorskip("torch")

_MEANS, _SPREADS = [5.84, 3.06, 3.76, 1.20], [0.83, 0.44, 1.77, 0.76]
#: What is asked of both: batch, momentum, l1, l2.
_WAYS = [
    pytest.param(32, 0.0, 0.0, 0.0, id="batch 32"),
    pytest.param(1, 0.0, 0.0, 0.0, id="batch 1"),
    pytest.param(150, 0.0, 0.0, 0.0, id="all"),
    pytest.param(32, 0.9, 0.0, 0.0, id="momentum"),
    pytest.param(32, 0.0, 0.0, 0.01, id="l2"),
    pytest.param(32, 0.0, 0.01, 0.0, id="l1"),
    pytest.param(7, 0.8, 0.003, 0.02, id="everything"),
]


def iris() -> tuple[Any, Any]:
    """The flowers, read by nothing of ours."""
    rows = np.loadtxt(IRIS, delimiter=",", skiprows=1)
    return torch.tensor((rows[:, :4] - _MEANS) / _SPREADS), torch.tensor(rows[:, 4]).long()


def by_pytorch(
    first: dict[str, Any], layers: int, updates: int, lr: float, batch: int, momentum: float, l1: float,
    l2: float, seed: int | None,
) -> tuple[dict[str, Any], float]:  # fmt: skip
    """The parameters after ``updates`` steps of torch.optim.SGD, and the accuracy then."""
    x, y = iris()
    params = {name: torch.tensor(value, requires_grad=True) for name, value in first.items()}
    names = [("W", "b")] if layers == 1 else [(f"W{k}", f"b{k}") for k in range(1, layers + 1)]

    def scores(rows: Any) -> Any:
        for place, (weight, bias) in enumerate(names):
            rows = torch.nn.functional.linear(rows, params[weight], params[bias])
            rows = rows if place == layers - 1 else torch.tanh(rows)
        return rows

    weights = [params[weight] for weight, _ in names]
    biases = [params[bias] for _, bias in names]
    groups = [{"params": weights, "weight_decay": l2}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=lr, momentum=momentum)
    batches = -(-150 // batch)
    for update in range(updates):
        epoch, place = divmod(update, batches)
        order = np.arange(150)
        if seed is not None and batches > 1:
            order = np.random.default_rng([seed, 1, epoch]).permutation(150)
        rows = order[place * batch : (place + 1) * batch]
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(scores(x[rows]), y[rows])
        (loss + l1 * sum(weight.abs().sum() for weight in weights)).backward()
        optimizer.step()
    accuracy = (scores(x).argmax(1) == y).double().mean()
    return {name: value.detach().numpy() for name, value in params.items()}, float(accuracy)


def first_values(layers: int, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Parameters to start from, drawn here, and the options that hand them over."""
    draw = np.random.default_rng(7)
    sizes = [4, *[16, 8][: layers - 1], 3]
    found, options = {}, []
    for k, (inner, outer) in enumerate(zip(sizes, sizes[1:], strict=False), 1):
        name = "" if layers == 1 else str(k)
        found[f"W{name}"] = draw.normal(0, 0.4, (outer, inner))
        found[f"b{name}"] = draw.normal(0, 0.1, outer)
    for name, value in found.items():
        np.save(folder / f"{name}.npy", value)
        options += ["--at", f"{name}=@{folder / name}.npy"]
    return found, options


@pytest.mark.parametrize(("batch", "momentum", "l1", "l2"), _WAYS)
@pytest.mark.parametrize(("file", "layers"), [("logistic.bt", 1), ("two layers", 2), ("mlp.bt", 3)])
def test_parameters_agree_after_100_updates(
    file: str, layers: int, batch: int, momentum: float, l1: float, l2: float, tmp_path: Path
) -> None:
    """To 1e-9, with any batch, momentum and penalty, in double precision."""
    first, options = first_values(layers, tmp_path)
    path = two_layers(tmp_path) if layers == 2 else FORMULAS / file
    batches = -(-150 // batch)
    epochs = -(-100 // batches)
    found = trained(
        path, "--data", IRIS, *options, "--lr", 0.05, "--batch", batch, "--epochs", epochs,
        "--momentum", momentum, "--l1", l1, "--l2", l2, "--seed", 3, "--metric", "accuracy",
    )  # fmt: skip
    assert found["updates"] == epochs * batches >= 100
    wanted, accuracy = by_pytorch(first, layers, found["updates"], 0.05, batch, momentum, l1, l2, 3)
    for name, value in wanted.items():
        assert np.abs(np.array(found["parameters"][name]) - value).max() < 1e-9, name
    assert found["after"]["metrics"]["accuracy"] == pytest.approx(accuracy, abs=1e-12)


@pytest.mark.parametrize(("file", "layers"), [("logistic.bt", 1), ("two layers", 2), ("mlp.bt", 3)])
def test_same_accuracy_at_the_end(file: str, layers: int, tmp_path: Path) -> None:
    """A whole training reaches the accuracy that PyTorch reaches, well above guessing."""
    first, options = first_values(layers, tmp_path)
    path = two_layers(tmp_path) if layers == 2 else FORMULAS / file
    found = trained(
        path, "--data", IRIS, *options, "--epochs", 60, "--momentum", 0.9, "--seed", 1,
        "--metric", "accuracy",
    )  # fmt: skip
    _, accuracy = by_pytorch(first, layers, 300, 0.1, 32, 0.9, 0.0, 0.0, 1)
    assert found["after"]["metrics"]["accuracy"] == pytest.approx(accuracy, abs=1e-12)
    assert accuracy > 0.95


def two_layers(folder: Path) -> Path:
    """The network that ships, with one hidden layer."""
    text = (FORMULAS / "mlp.bt").read_text("utf-8")
    path = folder / "two.bt"
    path.write_text(text.replace("L = 2", "L = 1").replace("n2 = 8", "n2 = 3"), "utf-8")
    return path
