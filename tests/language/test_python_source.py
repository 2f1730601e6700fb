"""Python's own functions as formulas: read through their source, never run, errors shown in their file."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli import BacktraceError, trace

Run = Callable[..., Result]

MODEL = '''"""A small model."""
import math

import numpy as np

EPS = 1e-5
DEPTH = 3


def sigma(z):
    return 1 / (1 + np.exp(-z))


def layer(x, w, b=0.1):
    """One layer."""
    z = w * x + b
    return sigma(z)


def deep(x, y, w):
    """Squared error of a chain of layers."""
    h = x
    for i in range(DEPTH - 1):
        h = layer(h, w, b=0.2 * i)
    r = h - y
    r *= 2
    return r ** 2 + sum(w ** k / (k + 1) for k in range(3)) + EPS


def arrays(W, x, t):
    z = W @ x
    z = z - z.mean()
    p = np.exp(z) / np.sum(np.exp(z), axis=0)
    a, b = p[0], p[-1]
    return (a - t) ** 2 + b * x[1:].sum() + np.linalg.norm(x)


def choosing(x, y):
    u = x if x > y else -2 * x
    return u * math.pi + max([x * y ** i for i in (1, 2)]) - (0 < x < 1)


def windows(x):
    parts = [x[i:i + 2].sum() ** (i + 1) for i in range(3)]
    return parts[0] + parts[1] * parts[2] - x[-1]


def precedence(x, y):
    return -x ** 2 + 2 ** -y - (x - (y - 1)) / (x / y) / 2 ** x ** y


def _boom():
    raise SystemExit("this file was run")


if __name__ == "__main__":
    _boom()
'''

POINTS: dict[str, dict[str, Any]] = {
    "deep": {"x": 0.5, "y": 1.0, "w": 0.7},
    "arrays": {"W": [[1.0, 2.0], [0.5, 1.0]], "x": [1.0, 2.0], "t": 0.3},
    "choosing": {"x": 0.4, "y": 0.7},
    "windows": {"x": [1.0, 0.5, 2.0, -1.0]},
    "precedence": {"x": 1.3, "y": 0.7},
}


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file, in the folder at hand."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.py"
    path.write_text(MODEL, "utf-8")
    return path


def loaded(path: Path) -> Any:
    """The module as Python runs it: the witness."""
    spec = importlib.util.spec_from_file_location("model", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", POINTS)
def test_a_function_is_what_python_makes_of_it(name: str, model: Path) -> None:
    """The value is that of the function itself, the gradient that of its differences."""
    function, point = getattr(loaded(model), name), POINTS[name]
    found = trace(function, point)
    arrays = {key: np.array(value) for key, value in point.items()}
    assert float(found.value) == pytest.approx(float(function(**arrays)), rel=1e-14)
    for key, value in arrays.items():
        slopes = np.zeros(value.shape)
        for place in np.ndindex(*value.shape):
            step = np.zeros(value.shape)
            step[place] = 1e-6
            moved = [function(**{**arrays, key: value + sign * step}) for sign in (1, -1)]
            slopes[place] = (moved[0] - moved[1]) / 2e-6
        np.testing.assert_allclose(np.asarray(found.gradient[key]), slopes, rtol=1e-7, atol=1e-8)


def test_the_command_reads_a_function_of_a_file(backtrace: Run, model: Path) -> None:
    """``model.py:deep`` is the function, and the file is never run."""
    found = backtrace("eval", f"{model.name}:deep", "--at", "x=0.5,y=1,w=0.7", "--plain")
    assert found.exit_code == 0, found.output
    assert "differences agree" in found.stdout
    model.write_text("raise SystemExit(3)\n" + MODEL, "utf-8")
    assert backtrace("eval", f"{model.name}:deep", "--at", "x=0.5,y=1,w=0.7", "--plain").exit_code == 0


@pytest.mark.parametrize(("body", "line", "words"), [
    ("while x > 0:\n        x = x - 1\n    return x", 2, ["while", "range(3)"]),
    ("if x > 0:\n        return x\n    return -x", 2, ["a if condition else b"]),
    ("y = x % 2\n    return y", 2, ["x - y*floor(x/y)"]),
    ("return x + unknown", 2, ["unknown is not known here", "argument"]),
    ("for i in range(x):\n        x = x + i\n    return x", 2, ["whole number"]),
    ("x[0] = 1\n    return x", 2, ["only a name can be assigned"]),
    ("y = x + 1", 1, ["returns nothing"]),
    ("return f(x - 1)", 2, ["calls itself"]),
    ("return g(x, 1, 2)", 2, ["g takes 1 arguments"]),
    ("return x.foo()", 2, ["foo is not a function"]),
    ("y = x\n    return y @ [1, 2, 3]", 3, ["@"]),
    ("return [a for a in x]", 2, ["range of whole numbers"]),
    ("return lambda t: t", 2, ["lambda"]),
    ("return 'text'", 2, ["no number"]),
    ("print(x)\n    return x", 2, ["no part of a formula"]),
    ("with x:\n        return x", 2, ["with"]),
])  # fmt: skip
def test_what_is_outside_names_its_line(
    body: str, line: int, words: list[str], backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error shows the file's own line, with a caret and what to write instead."""
    monkeypatch.chdir(tmp_path)
    Path("odd.py").write_text(f"def f(x):\n    {body}\n\n\ndef g(t):\n    return t\n", "utf-8")
    found = backtrace("eval", "odd.py:f", "--at", "x=[1,2]")
    assert found.exit_code == 2
    assert f"odd.py, line {line}, column" in found.stderr
    for each in words:
        assert each in found.stderr


@pytest.mark.parametrize(("text", "name", "words"), [
    ("def f(x:\n", "f", "no Python"), ("x = 1\n", "f", "has no function f"),
    ("def f(x):\n    return " + "(" * 300 + "x" + ")" * 300, "f", "no Python"),
    ("def f(x):\n    return " + "-" * 200 + "x", "f", "nested too deeply"),
    ("def f(*x):\n    return x\n", "f", "so many variables"),
])  # fmt: skip
def test_files_that_hold_no_function(
    text: str, name: str, words: str, backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback for any file."""
    monkeypatch.chdir(tmp_path)
    Path("odd.py").write_text(text, "utf-8")
    found = backtrace("eval", f"odd.py:{name}", "--at", "x=1")
    assert found.exit_code == 2
    assert words in found.stderr


def test_a_long_sum_costs_no_recursion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backtrace: Run
) -> None:
    """Python nests a + b + … to the left; here it is read in a loop, or refused in words."""
    monkeypatch.chdir(tmp_path)
    Path("long.py").write_text("def f(x):\n    return " + " + ".join(["x"] * 800) + "\n", "utf-8")
    assert backtrace("eval", "long.py:f", "--at", "x=1", "--plain").exit_code == 0


def test_objects_of_python() -> None:
    """A SymPy expression is what it prints; a lambda and a number are refused in words."""
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    found = trace(x**2 * sympy.sin(y) + sympy.exp(1) * sympy.Abs(x) / sympy.sqrt(y), x=1.5, y=0.7)
    wanted = sympy.diff(x**2 * sympy.sin(y) + sympy.E * x / sympy.sqrt(y), y).subs({x: 1.5, y: 0.7})
    assert found.gradient["y"] == pytest.approx(float(wanted), rel=1e-14)
    for odd in (lambda t: t, 3.5, sympy.I * x, sympy.oo * x):
        with pytest.raises(BacktraceError) as caught:
            trace(odd, x=1)
        assert caught.value.hint
