"""What somebody writes who comes from NumPy or PyTorch is read, or a hint says what to write, and runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtrace_cli import BacktraceError, trace

AT: dict[str, Any] = {
    "x": [1.0, 2.0, 3.0], "y": [0.5, 0.2, 0.9], "t": [[0.1], [0.2], [0.3]], "X": np.arange(6.0).reshape(3, 2),
    "W": [[1.0, 2.0], [3.0, 4.0]], "b": [1.0, 2.0, 3.0], "A": [[1.0, 2.0], [3.0, 4.0]], "z": 0.5,
}  # fmt: skip

#: what is written, what it is read as, the value that this has in NumPy
READ: list[tuple[str, str, Any]] = [
    ("np.linalg.norm(x)", "norm(x)", 14**0.5), ("linalg.norm(x)", "norm(x)", 14**0.5),
    ("np.sum(X, axis=0)", "sum(X, axis=0)", [6, 9]), ("torch.nn.functional.relu(x)", "relu(x)", [1, 2, 3]),
    ("x.reshape(1,3)", "reshape(x, 1, 3)", [[1, 2, 3]]),
    ("x.reshape((3, 1))", "reshape(x, 3, 1)", [[1], [2], [3]]),
    ("x.sum()", "sum(x)", 6), ("X.sum(axis=1)", "sum(X, axis=1)", [1, 5, 9]),
    ("X.mean(0)", "mean(X, 0)", [2, 3]),
    ("x.dot(y)", "dot(x, y)", 3.6), ("x.flatten()", "reshape(x, -1)", [1, 2, 3]),
    ("X.T.sum()", "sum(X.T)", 15), ("x[:, None]", "expand_dims(x, axis=1)", [[1], [2], [3]]),
    ("x[None, :]", "expand_dims(x, axis=0)", [[1, 2, 3]]), ("x[None]", "expand_dims(x, axis=0)", [[1, 2, 3]]),
    ("x[:, np.newaxis]", "expand_dims(x, axis=1)", [[1], [2], [3]]),
    ("ravel(x)", "reshape(x, -1)", [1, 2, 3]), ("ravel(X)", "reshape(X, -1)", [0, 1, 2, 3, 4, 5]),
]  # fmt: skip

#: what is written, what the hint says to write, the value that this has in NumPy
WRITTEN: list[tuple[str, str, Any]] = [
    ("np.hstack(x, y)", "concat(x, y)", [1, 2, 3, 0.5, 0.2, 0.9]),
    ("bce_with_logits(z, y)", "binary_cross_entropy_with_logits(z, y)", None),
    ("hstack(x, y)", "concat(x, y)", [1, 2, 3, 0.5, 0.2, 0.9]),
    ("hstack(A, W)", "concat(A, B, axis=1)", None), ("vstack(x, y)", "[x, y]", [[1, 2, 3], [0.5, 0.2, 0.9]]),
    ("vstack(A, W)", "concat(A, B)", None),
    ("X @ W + b", "expand_dims(b, axis=1)", None), ("X @ W + b", "b needs 2 entries", None),
    ("mse(y, 1)", "mse(y, 1 + 0·y)", (0.25 + 0.64 + 0.01) / 3),
    ("mse(1, y)", "mse(1 + 0·y, y)", (0.25 + 0.64 + 0.01) / 3),
    ("mse(y, t)", "mse(y, reshape(t, 3))", (0.16 + 0 + 0.36) / 3),
    ("mse(t, y)", "mse(t, reshape(y, 3, 1))", (0.16 + 0 + 0.36) / 3),
    ("binary_cross_entropy(y, 1)", "binary_cross_entropy(y, 1 + 0·y)", -np.log([0.5, 0.2, 0.9]).mean()),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "plain", "value"), READ, ids=[row[0] for row in READ])
def test_a_librarys_spelling_is_read(formula: str, plain: str, value: Any) -> None:
    """It has the value and the gradient of the plain call that it means, and NumPy's value."""
    at = {name: AT[name] for name in AT if name in _names(plain)}
    assert trace(formula, at).value == pytest.approx(np.array(value), rel=1e-12)
    found, meant = (trace(f"sum(3*({text})^2)", at) for text in (formula, plain))
    assert found.value == meant.value
    for name in at:
        np.testing.assert_array_equal(found.gradient[name], meant.gradient[name])


@pytest.mark.parametrize(("formula", "hint", "value"), WRITTEN, ids=[f"{row[0]} {row[1]}" for row in WRITTEN])
def test_the_hint_is_what_to_write(formula: str, hint: str, value: Any) -> None:
    """The formula is refused, the hint names the way to write it, and that gives NumPy's value."""
    with pytest.raises(BacktraceError) as caught:
        trace(formula, {name: AT[name] for name in AT if name in _names(formula)})
    assert caught.value.hint is not None
    assert hint in caught.value.hint
    if value is not None:
        found = trace(hint, {name: AT[name] for name in AT if name in _names(hint)})
        np.testing.assert_allclose(found.value, value, rtol=1e-12)


def _names(formula: str) -> set[str]:
    """The one-letter names in it."""
    import re

    return set(re.findall(r"\b[a-zA-Z]\b", formula))


def test_a_bias_as_long_as_the_rows_are_wide_fits() -> None:
    """Both mendings of X @ W + b that the hint offers run."""
    at = {name: AT[name] for name in ("X", "W")}
    assert trace("sum(X @ W + expand_dims(b, axis=1))", at | {"b": AT["b"]}).value
    assert trace("sum(X @ W + b)", at | {"b": [1.0, 2.0]}).value
