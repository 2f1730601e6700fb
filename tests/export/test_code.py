"""Code that is written runs by itself and gives what the trace gives."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli import BacktraceError, trace
from backtrace_cli.export.code import dialect, dialects
from backtrace_cli.export.written_code import written_code
from backtrace_cli.ops import OPS
from tests.formulas import Maker
from tests.ops.test_array_cases import CASES, shaped

SCALAR = [op for op in OPS.values() if not op.mixes and not op.internal and op.float is not None]


def run_code(text: str) -> dict[str, Any]:
    """What a file defines, with nothing of backtrace in reach."""
    assert "backtrace" not in text
    space: dict[str, Any] = {"__name__": "alone"}
    exec(compile(text, "written.py", "exec"), space)
    return space


def hold(formula: str, at: dict[str, Any], target: str, close: float = 1e-9) -> None:
    """The file's value and gradient are the trace's."""
    found = trace(formula, at)
    space = run_code(written_code(found, dialect(target)))
    inputs = [given(found.at[name], target) for name in found.graph.inputs]
    with np.errstate(all="ignore"):
        value, slopes = space["value_and_gradient"](*inputs)
    near(value, found.value, close)
    assert list(slopes) == list(found.gradient)
    for name, slope in slopes.items():
        near(slope, found.gradient[name], close)


def given(value: Any, target: str) -> Any:
    """A value as the library takes it."""
    if target == "torch":
        import torch

        return torch.as_tensor(np.array(value), dtype=torch.float64)
    return value


def near(found: Any, expected: Any, close: float) -> None:
    expected = np.asarray(expected, dtype=float)
    scale = max(1.0, float(np.max(np.abs(expected[np.isfinite(expected)]), initial=0.0)))
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=0, atol=close * scale)
    assert np.shape(found) == np.shape(expected)


@pytest.mark.parametrize("op", SCALAR, ids=lambda op: op.name)
@pytest.mark.parametrize("target", ["python", "numpy"])
def test_every_op_of_numbers(op: Any, target: str) -> None:
    """At its samples."""
    for at in op.samples:
        names = [f"u{number}" for number in range(len(at))]
        if op.spelled:
            continue
        call = f"{op.called}({', '.join(names)})"
        hold(f"y = {call}; 3*y + y*u0", dict(zip(names, at, strict=True)), target)


@pytest.mark.parametrize(("formula", "shapes", "witness"), CASES, ids=[f"{f}-{s}" for f, s, _ in CASES])
def test_every_op_of_arrays(formula: str, shapes: dict[str, Any], witness: Any) -> None:
    """NumPy, over axes, broadcasting, empty arrays, single entries."""
    hold(formula, shaped(**shapes), "numpy")


@pytest.mark.parametrize("target", ["jax", "torch"])
@pytest.mark.parametrize(("formula", "shapes", "witness"), CASES, ids=[f"{f}-{s}" for f, s, _ in CASES])
def test_every_op_of_other_libraries(formula: str, shapes: dict[str, Any], witness: Any, target: str) -> None:
    """Where they are installed; an op that a library lacks is refused in words."""
    pytest.importorskip(target)
    with suppress(BacktraceError):
        hold(formula, shaped(**shapes), target, close=1e-7)


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_random_formulas(target: str) -> None:
    """Formulas of many boxes with forks."""
    maker = Maker(11)
    for _ in range(40):
        found = maker.formula()
        hold(found.text, {name: float(value) for name, value in found.at.items()}, target, close=1e-7)


@pytest.mark.parametrize("formula", [
    "abs(x)*y", "max(x, y)*x", "relu(x) + sqrt(y^2)", "where(x > y, log(x + 9), y^2)*x", "clip(x, 0, 1)*y",
    "x^y + y^x", "hypot(x, y)", "lambda = x*y; lambda^2 + np + loss",
])  # fmt: skip
@pytest.mark.parametrize("target", ["python", "numpy"])
def test_kinks_branches_and_names(formula: str, target: str) -> None:
    """What is taken at a kink stands in the code; a name that Python can't have gets another."""
    at = {"x": 1.0, "y": 1.0} | ({"np": 2.0, "loss": 3.0} if "np" in formula else {})
    hold(formula, at, target)
    if formula != "x^y + y^x":
        hold(formula, {**at, "x": 0.0, "y": 0.5}, target)


def test_the_command(backtrace: Callable[..., Result]) -> None:
    """It writes a file; shapes are guessed, given, or read off a point; arrays go to NumPy."""
    words = backtrace("code", "h = σ(W @ x + b); L = sum((h - t)^2)", "--wrt", "W,b")
    assert words.exit_code == 0
    assert "def value_and_gradient(W, x, b, t):" in words.stdout
    assert "d_W = np.outer(d_v1, x)" in words.stdout
    run_code(words.stdout)
    assert "W 2×5" in backtrace("code", "sum(W @ x)", "--shapes", "W=2x5,x=5").stdout
    assert "import math" in backtrace("code", "x*sin(x)", "--at", "x=2").stdout
    refused = backtrace("code", "sum(x)", "--to", "python")
    assert refused.exit_code == 2
    assert "no arrays" in refused.stderr
    assert backtrace("code", "x +").exit_code == 2


def test_messages_that_add_up_are_said(backtrace: Callable[..., Result]) -> None:
    """A comment marks each message at a fork, and every message's rule."""
    text = backtrace("code", "x*y + x", "--at", "x=1,y=2").stdout
    assert "(*) 1 of 2 to x" in text
    assert "(*) 2 of 2 to x" in text
    assert "∂v1/∂y = x" in text


def test_hostile_names_stay_names() -> None:
    """A formula can't leave its docstring, nor a name become code."""
    text = written_code(trace('x*y # """\n', x=1, y=2), dialect("python"))
    assert run_code(text)["value_and_gradient"](1.0, 2.0)[0] == 2.0
    assert set(dialects()) == {"jax", "numpy", "python", "torch"}
