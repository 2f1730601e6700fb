"""What second derivatives cost beside the gradient: ``python -m tests.benchmark_second``.

Ratios are what counts; each is the least of several rounds, taken in turn.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from backtrace_cli import gradient
from backtrace_cli.runs.curvature import curvature

MANY = [f"x{number}" for number in range(50)]
FIFTY = {
    "a chain, each beside the next": " + ".join(
        f"sin({a}*{b}) + {a}^2*{b}" for a, b in zip(MANY, MANY[1:] + MANY[:1], strict=True)
    ),
    "log of a sum of exponentials": f"log({' + '.join(f'exp({name})' for name in MANY)})",
    "a neuron": f"s = {' + '.join(f'0.{n + 1}*{name}' for n, name in enumerate(MANY))}; tanh(s)^2",
    "a product of sums": f"({' + '.join(MANY[:25])})*sigmoid({' + '.join(MANY[25:])})",
    "Rosenbrock's valley": " + ".join(
        f"100*({b} - {a}^2)^2 + (1 - {a})^2" for a, b in zip(MANY, MANY[1:], strict=False)
    ),
}
ARRAYS: dict[str, dict[str, tuple[int, ...]]] = {
    "sum((A @ x - b)^2)": {"A": (200, 50), "x": (50,), "b": (200,)},
    "logsumexp(A @ x)": {"A": (200, 50), "x": (50,)},
    "cross_entropy_with_logits(relu(X @ W + c) @ V, T)": {
        "X": (64, 100), "W": (100, 50), "c": (50,), "V": (50, 10), "T": (64, 10),
    },
    "mean((tanh(X @ W) @ v - y)^2)": {"X": (64, 100), "W": (100, 50), "v": (50,), "y": (64,)},
}  # fmt: skip
DATA = ("A", "X", "T", "y", "b")


def least(calls: list[Callable[[], Any]], rounds: int = 12) -> list[float]:
    """The least time of each call, over rounds in which they take turns."""
    found = [float("inf")] * len(calls)
    for call in calls:
        call()
    for _ in range(rounds):
        for place, call in enumerate(calls):
            count, start = 0, time.perf_counter()
            while time.perf_counter() - start < 0.03:
                call()
                count += 1
            found[place] = min(found[place], (time.perf_counter() - start) / count)
    return found


def main() -> None:
    """Print the ratios."""
    generator = np.random.default_rng(0)
    for name, formula in FIFTY.items():
        at = {variable: float(value) for variable, value in zip(MANY, generator.normal(size=50), strict=True)}
        v = {variable: float(value) for variable, value in zip(MANY, generator.normal(size=50), strict=True)}
        first, second = gradient(formula), curvature(formula)
        one, whole, product = least(
            [lambda: first(**at), lambda: second.matrix(**at), lambda: second.product(at, v)]  # noqa: B023
        )
        print(f"50 variables, {name}: gradient {one * 1e6:.0f} µs, Hessian {whole / one:.1f} times, "
              f"a product with it {product / one:.1f} times", flush=True)  # fmt: skip
    for formula, shapes in ARRAYS.items():
        at = {name: generator.normal(size=shape) for name, shape in shapes.items()}
        wrt = [name for name in shapes if name not in DATA]
        v = {name: generator.normal(size=shapes[name]) for name in wrt}
        first, second = gradient(formula, wrt), curvature(formula, wrt)
        one, product = least([lambda: first(**at), lambda: second.product(at, v)])  # noqa: B023
        print(f"{formula}: gradient {one * 1e6:.0f} µs, a product {product / one:.1f} times", flush=True)


if __name__ == "__main__":
    main()
