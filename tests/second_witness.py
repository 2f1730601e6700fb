"""Hessians and products with them against JAX on random array formulas, 1,000 of them:
``python -m tests.second_witness [how many]``."""

from __future__ import annotations

import random
import sys
import time
from typing import Any

import numpy as np

from backtrace_cli import trace
from backtrace_cli.readings.second.hessian import hessian
from backtrace_cli.readings.second.hessian_products import directed, hessian_product

SIZES = {"x": (3,), "y": (3,), "A": (3, 3), "b": (2,), "W": (2, 3), "s": ()}
ONE = [
    "tanh({})",
    "sigmoid({})",
    "exp({}/4)",
    "sin({})",
    "cos({})",
    "softplus({})",
    "({})^2",
    "({})^3/9",
    "relu({})",
    "gelu({})",
    "log(1 + ({})^2)",
    "sqrt(2 + ({})^2)",
    "atan({})",
    "abs({})",
    "log1p(exp({}))",
    "-({})",
    "1/(2 + ({})^2)",
]
TWO = ["{} + {}", "{} - {}", "({})*({})", "({})/(1 + ({})^2)", "where(({}) > 0, {b}, {})", "max({}, {})"]
NUMBERS = [
    "sum({})",
    "mean({})",
    "logsumexp({})",
    "norm({})",
    "var({})",
    "prod(1 + ({})/4)",
    "max({}, axis=0)",
]
VECTORS = ["softmax({})", "cumsum({})", "log_softmax({})", "flip({})", "({})[::-1]", "({}) - mean({b})"]


def formula(draw: random.Random, shape: str, depth: int) -> str:
    """A formula of a vector of 3 ("v") or a number ("n")."""
    if depth == 0:
        return draw.choice(["x", "y"]) if shape == "v" else draw.choice(["s", "sum(x*y)", "x[0]"])
    if shape == "n":
        sort = draw.randrange(5)
        if sort < 2:
            return draw.choice(NUMBERS).format(formula(draw, "v", depth - 1))
        if sort == 2:
            return f"({formula(draw, 'v', depth - 1)}) @ ({formula(draw, 'v', depth - 1)})"
        if sort == 3:
            return f"sum(tanh(W @ ({formula(draw, 'v', depth - 1)}) + b)^2)"
        return draw.choice(ONE).format(formula(draw, "n", depth - 1))
    sort = draw.randrange(7)
    inner = formula(draw, "v", depth - 1)
    if sort < 2:
        return draw.choice(ONE).format(inner)
    if sort < 4:
        return draw.choice(TWO).format(inner, formula(draw, "v", depth - 1), b=inner)
    if sort == 4:
        return draw.choice(VECTORS).format(inner, b=inner)
    if sort == 5:
        return f"A @ ({inner})"
    return f"({inner})*({formula(draw, 'n', depth - 1)})"


def space() -> dict[str, Any]:
    """What JAX calls the functions of the language."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def extreme(a: Any, b: Any = None, axis: Any = None) -> Any:
        return jnp.max(a, axis=axis) if b is None else jnp.maximum(a, b)

    names = (
        "exp",
        "sin",
        "cos",
        "tanh",
        "log",
        "sqrt",
        "abs",
        "log1p",
        "sum",
        "mean",
        "var",
        "prod",
        "cumsum",
        "flip",
        "where",
    )
    nn = ("sigmoid", "softplus", "softmax", "log_softmax", "relu")
    return {
        **{name: getattr(jnp, name) for name in names},
        **{name: getattr(jax.nn, name) for name in nn},
        "atan": jnp.arctan,
        "norm": jnp.linalg.norm,
        "logsumexp": jax.nn.logsumexp,
        "max": extreme,
        "gelu": lambda a: jax.nn.gelu(a, approximate=False),
        "__builtins__": {},
    }


def gaps(text: str, draw: random.Random) -> tuple[float, float] | None:
    """How far the Hessian and a product with it are from JAX's, on the scale of the largest entry; None
    where a formula has no finite Hessian there."""
    import jax
    import jax.numpy as jnp

    generator = np.random.default_rng(draw.randrange(10**9))
    at = {n: generator.uniform(-1.5, 1.5, size) for n, size in SIZES.items() if n in _names(text)}
    names = [name for name in at if name not in ("A", "W")]
    code, known = text.replace("^", "**"), space()

    def value(moving: dict[str, Any]) -> Any:
        return eval(code, known, {**at, **moving})

    start = {name: jnp.asarray(at[name]) for name in names}
    theirs = jax.hessian(value)(start)
    record = trace(text, at, wrt=names)
    ours = hessian(record)
    pairs = [(np.asarray(ours.block(a, b)), np.asarray(theirs[a][b])) for a in names for b in names]
    if not all(np.isfinite(pair[1]).all() for pair in pairs):
        return None
    scale = max(1.0, *(float(np.abs(pair[1]).max()) for pair in pairs))
    v = {name: generator.normal(size=SIZES[name]) for name in names}
    _, product = jax.jvp(jax.grad(value), (start,), (v,))
    found = hessian_product(record, directed(record, v, "--hvp")).value
    return (
        max(float(np.abs(one - other).max()) for one, other in pairs) / scale,
        max(float(np.abs(found[name] - np.asarray(product[name])).max()) for name in names) / scale,
    )


def _names(text: str) -> set[str]:
    import re

    return set(re.findall(r"\b[A-Za-z]\w*\b", text))


def main(count: int) -> None:
    """Print the largest gaps, and every formula whose gap is above 1e-9."""
    draw, worst, wrong, undefined, start = random.Random(14), [0.0, 0.0], 0, 0, time.perf_counter()
    for _ in range(count):
        text = formula(draw, "n", draw.randrange(2, 5))
        found = gaps(text, draw)
        if found is None:
            undefined += 1
            continue
        worst = [max(pair) for pair in zip(worst, found, strict=True)]
        if max(found) > 1e-9:
            wrong += 1
            print(f"{max(found):.1e}  {text}", flush=True)
    print(f"{count} formulas, {undefined} without a finite Hessian, {wrong} apart by more than 1e-9")
    print(f"largest gap {worst[0]:.1e} (Hessian), {worst[1]:.1e} (product)")
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
