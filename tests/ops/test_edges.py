"""Every array op at odd shapes, empty ones and at ties: a value and a gradient, or a refusal in words."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli import gradient, trace
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.ops import OPS, Op

SHAPES = [(), (0,), (1,), (3,), (2, 0), (2, 2), (2, 3), (2, 2, 2)]
#: What has to be said beside the arguments.
OPTIONS = {
    "roll": ["1", "1, axis=0"], "repeat": ["2", "2, axis=0"], "topk": ["1", "2, axis=0"],
    "quantile": ["0.5", "0.25, axis=0"], "matrix_power": ["2", "-1", "0"], "swapaxes": ["0, 1"],
    "permute": ["0", "1, 0", "axis=[0, 1, 2]"], "tile": ["2", "[2, 1]"], "reshape": ["-1"],
    "expand_dims": ["0"], "one_hot": ["3"], "max_pool1d": ["2", "1, stride=2"], "max_pool2d": ["2", "[1, 2]"],
    "avg_pool1d": ["2"], "avg_pool2d": ["2"], "conv1d": ["", "padding=2"],
    "conv2d": ["", "padding=1, stride=2"],
}  # fmt: skip
CALLABLE = [op for op in OPS.values() if op.mixes and op.arity and not op.internal and op.name != "index"]


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("op", CALLABLE, ids=lambda op: op.name)
def test_no_shape_and_no_tie_ends_in_a_traceback(op: Op) -> None:
    """Numbers, nothing at all, lists, matrices and stacks of them; all different, all 0, all 1."""
    count = 2 if op.variadic else op.arity
    extras = OPTIONS.get(op.name, ["", "axis=0", "axis=-1", "axis=1"] if "axis" in op.options else [""])
    names = ["x", "y", "z"][:count]
    for shapes in itertools.product(SHAPES, repeat=count):
        for extra, fill in itertools.product(extras, (None, 0.0, 1.0)):
            drawn = np.random.default_rng(3)
            at = {
                name: np.round(drawn.uniform(0.2, 2, shape), 1) if fill is None else np.full(shape, fill)
                for name, shape in zip(names, shapes, strict=True)
            }
            try:
                found = trace(f"{op.called}({', '.join([*names, extra] if extra else names)})", at)
            except BacktraceError:
                continue
            assert all(np.shape(found.gradient[name]) == np.shape(at[name]) for name in found.gradient)


def test_the_order_of_a_polygamma_only_counts(backtrace: Callable[..., Result]) -> None:
    """It is sent nothing, stands under no gradient unless asked for, and no step is tried along it."""
    at = ("polygamma(n, x)", "--at", "n=2,x=1.5")
    assert list(trace("polygamma(n, x)", n=2, x=1.5).gradient) == ["x"]
    page = " ".join(backtrace("eval", *at, "--wrt", "n", "--check").stdout.split())
    assert "it is read as a whole number, which can't be moved a little" in page
    assert "no step gives" not in page
    mixed = trace("n*polygamma(n, x)", n=2, x=1.5)
    assert mixed.gradient["n"] == mixed.value / 2
    assert gradient("polygamma(n, x)")(n=2, x=1.5)[1] == trace("polygamma(n, x)", n=2, x=1.5).gradient


@pytest.mark.parametrize("name", ["gelu", "mish", "silu"])
def test_a_gate_that_is_shut_lets_nothing_through(name: str) -> None:
    """At −inf a gated unit is 0, its limit, and not −inf·0; of numbers and of arrays."""
    assert trace(f"{name}(x)", x=float("-inf")).value == 0
    assert trace(f"sum({name}(x))", x=[float("-inf"), -1e300]).value == 0
