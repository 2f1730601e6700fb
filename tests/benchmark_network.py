"""A 784-256-10 network, batch 128: ``python tests/benchmark_network.py`` (pytest does not collect it).

One forward and one backward pass, beside the same pass written by hand in NumPy: every activation
kept, every gradient returned. ``pass`` is the engine's walk over a graph that is built once, as
training uses it; ``trace`` starts from the text each time and keeps the whole record. Pairs A B A B,
CPU time of one thread, medians of the ratios.
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

from backtrace_cli import trace
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.graph import build
from backtrace_cli.graph.shape_fitting import fit_shapes

BATCH, INPUTS, HIDDEN, CLASSES = 128, 784, 256, 10
FORMULA = """
h = relu(X @ W1.T + b1)
z = h @ W2.T + b2
L = cross_entropy_with_logits(z, Y)
"""
WEIGHTS = ("W1", "b1", "W2", "b2")


def point() -> dict[str, Any]:
    """Random data and weights."""
    dice = np.random.default_rng(0)
    return {
        "X": dice.normal(size=(BATCH, INPUTS)),
        "Y": np.eye(CLASSES)[dice.integers(0, CLASSES, BATCH)],
        "W1": dice.normal(size=(HIDDEN, INPUTS)) * 0.05,
        "b1": np.zeros(HIDDEN),
        "W2": dice.normal(size=(CLASSES, HIDDEN)) * 0.05,
        "b2": np.zeros(CLASSES),
    }


def by_hand(at: dict[str, Any]) -> tuple[Any, ...]:
    """The pass as one would write it: activations, then gradients."""
    a = at["X"] @ at["W1"].T + at["b1"]
    h = np.maximum(a, 0)
    z = h @ at["W2"].T + at["b2"]
    shifted = z - z.max(axis=1, keepdims=True)
    raised = np.exp(shifted)
    sums = raised.sum(axis=1, keepdims=True)
    loss = -(at["Y"] * (shifted - np.log(sums))).sum(axis=1).mean()
    dz = (raised / sums - at["Y"]) / BATCH
    dW2, db2 = dz.T @ h, dz.sum(axis=0)
    da = (dz @ at["W2"]) * (a > 0)
    dW1, db1 = da.T @ at["X"], da.sum(axis=0)
    return loss, dW1, db1, dW2, db2, (a, h, z)


def one_pass(at: dict[str, Any]) -> Callable[[], Any]:
    """The engine's pass over a graph built once."""
    graph = build(FORMULA)
    inputs = {graph.inputs[name]: value for name, value in at.items()}
    graph = fit_shapes(graph, {index: value.shape for index, value in inputs.items()})
    arithmetic, wanted = Arrays(), {graph.inputs[name] for name in WEIGHTS}

    def run() -> Any:
        values, _ = forward(graph, inputs, arithmetic)
        return backward(graph, values, arithmetic, wanted)

    return run


def main() -> None:
    """Time the three in turn and print what one is to the other."""
    at = point()
    engine = one_pass(at)
    runs: dict[str, Callable[[], Any]] = {
        "by hand in NumPy": lambda: by_hand(at),
        "pass over a built graph": engine,
        "trace() from the text": lambda: trace(FORMULA, at, wrt=WEIGHTS),
    }
    record, hand = trace(FORMULA, at, wrt=WEIGHTS), by_hand(at)
    for name, expected in zip(WEIGHTS, hand[1:5], strict=True):
        np.testing.assert_allclose(record.gradient[name], expected, rtol=1e-10, atol=1e-14)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(220):
        for name, run in runs.items():
            start = time.process_time()
            run()
            if number >= 20:
                times[name].append(time.process_time() - start)
    base = times["by hand in NumPy"]
    print(f"{INPUTS}-{HIDDEN}-{CLASSES}, batch {BATCH}, float64, gradients equal to 1e-10\n")
    for name, found in times.items():
        ratio = median(mine / theirs for mine, theirs in zip(found, base, strict=True))
        print(f"  {name:<26}{median(found) * 1e3:7.2f} ms   ×{ratio:.2f}")


if __name__ == "__main__":
    main()
