"""An update of training beside NumPy by hand and PyTorch: ``python tests/benchmark_training.py``
(pytest does not collect it).

A small network, where the cost is the bookkeeping, and a large one, where it is the arrays; each update
is a batch picked, forward, backward, and a step with momentum. All start from the same values and must
stay together to 1e-9. Rounds in turn, CPU time of one thread, medians of the ratios.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from backtrace_cli.training.settings import Settings
from backtrace_cli.training.start import start

#: One update, and the parameters it moves.
Update = tuple[Callable[[], None], dict[str, Any]]
LR, MOMENTUM = 0.05, 0.9
#: Inputs, hidden, classes, batch, updates a round.
SIZES = ((4, 16, 3, 32, 100), (784, 256, 10, 128, 5))
FORMULA = """
param W1: uniform({hidden}, {inputs})
param b1: zeros({hidden})
param W2: uniform({classes}, {hidden})
param b2: zeros({classes})
h = tanh(X @ W1.T + b1)
L = cross_entropy_with_logits(h @ W2.T + b2, y)
"""


def by_hand(first: dict[str, Any], x: Any, y: Any, batch: int) -> Update:
    """The update as one would write it in NumPy."""
    p = {name: value.copy() for name, value in first.items()}
    v = {name: np.zeros_like(value) for name, value in p.items()}
    place = [0]

    def update() -> None:
        rows = slice(place[0], place[0] + batch)
        place[0] = (place[0] + batch) % len(x)
        inputs, labels = x[rows], y[rows]
        h = np.tanh(inputs @ p["W1"].T + p["b1"])
        z = h @ p["W2"].T + p["b2"]
        raised = np.exp(z - z.max(axis=1, keepdims=True))
        dz = raised / raised.sum(axis=1, keepdims=True)
        dz[np.arange(batch), labels] -= 1
        dz /= batch
        da = (dz @ p["W2"]) * (1 - h * h)
        slopes = {"W1": da.T @ inputs, "b1": da.sum(axis=0), "W2": dz.T @ h, "b2": dz.sum(axis=0)}
        for name, slope in slopes.items():
            v[name] = MOMENTUM * v[name] + slope
            p[name] -= LR * v[name]

    return update, p


def by_pytorch(first: dict[str, Any], x: Any, y: Any, batch: int) -> Update:
    """The update with torch.nn.functional and torch.optim.SGD."""
    import torch

    torch.set_num_threads(1)
    p = {name: torch.tensor(value, requires_grad=True) for name, value in first.items()}
    inputs, labels = torch.tensor(x), torch.tensor(y)
    optimizer = torch.optim.SGD(p.values(), lr=LR, momentum=MOMENTUM)
    functions, place = torch.nn.functional, [0]

    def update() -> None:
        rows = slice(place[0], place[0] + batch)
        place[0] = (place[0] + batch) % len(x)
        h = torch.tanh(functions.linear(inputs[rows], p["W1"], p["b1"]))
        loss = functions.cross_entropy(functions.linear(h, p["W2"], p["b2"]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return update, p


def main() -> None:
    """Time each size in turn and print what one is to the other."""
    dice = np.random.default_rng(0)
    for inputs, hidden, classes, batch, updates in SIZES:
        x, y = dice.normal(size=(10 * batch, inputs)), dice.integers(0, classes, 10 * batch)
        training = start(
            FORMULA.format(inputs=inputs, hidden=hidden, classes=classes), {"X": x, "y": y},
            settings=Settings(lr=LR, momentum=MOMENTUM, batch=batch, epochs=10**6, shuffle=False),
        )  # fmt: skip
        first = {name: value.copy() for name, value in training.parameters.items()}
        runs: dict[str, Callable[[], Any]] = {}
        runs["by hand in NumPy"], hand = by_hand(first, x, y, batch)
        runs["backtrace"] = training.step
        try:
            runs["PyTorch"], _ = by_pytorch(first, x, y, batch)
        except ImportError:
            print("PyTorch is not installed")
        times: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(35):
            for name, run in runs.items():
                began = time.process_time()
                for _ in range(updates):
                    run()
                if number >= 5:
                    times[name].append((time.process_time() - began) / updates)
        for name, value in hand.items():
            np.testing.assert_allclose(training.parameters[name], value, rtol=1e-9, atol=1e-12)
        print(f"{inputs}-{hidden}-{classes}, batch {batch}: equal to 1e-9 after {35 * updates} updates")
        for name, found in times.items():
            base = times["by hand in NumPy"]
            ratio = median(mine / theirs for mine, theirs in zip(found, base, strict=True))
            print(f"  {name:<18}{median(found) * 1e6:8.0f} µs   ×{ratio:.2f}")


if __name__ == "__main__":
    main()
