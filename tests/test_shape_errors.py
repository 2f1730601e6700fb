"""Shapes that don't fit: both named, the caret under the place, the mending, and nothing run before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backtrace_cli import BacktraceError, trace
from backtrace_cli.base.errors import DomainError, FormulaError, ShapeError
from tests.arrays import Array

Shape = tuple[int, ...]

#: formula, shapes, what the caret is under, pieces of the message, the hint
MISFITS: list[tuple[str, dict[str, Shape], str, list[str], str]] = [
    ("h = W @ x; sum(h)", {"W": (3, 2), "x": (3,)}, "W @ x",
     ["2 columns", "3 entries", "W has shape 3×2", "x has shape (3)"], "write W.T @ x"),
    ("x @ W", {"x": (3,), "W": (2, 3)}, "x @ W", ["3 entries", "2 rows", "x has shape (3)"], "write x @ W.T"),
    ("A @ B", {"A": (2, 3), "B": (2, 4)}, "A @ B", ["3 columns", "2 rows", "B has shape 2×4"],
     "write A.T @ B"),
    ("A @ B", {"A": (2, 3), "B": (4, 3)}, "A @ B", ["3 columns", "4 rows"], "write A @ B.T"),
    ("A @ B", {"A": (2, 3), "B": (4, 5)}, "A @ B", ["A has shape 2×3", "B has shape 4×5"],
     "the columns of A"),
    ("x @ y", {"x": (3,), "y": (2,)}, "x @ y", ["3 entries on the left of @ meet 2 entries"], "the columns"),
    ("1 + a @ x", {"a": (), "x": (3,)}, "a @ x", ["a has shape ()", "x has shape (3)"], "write *"),
    ("2 @ x", {"x": (3,)}, "2 @ x", ["() and (3)"], "for a number times an array write *"),
    ("A @ x", {"A": (4, 2, 3), "x": (3,)}, "A @ x", ["4×2×3", "(3)"], "reshape the vector"),
    ("W @ x + b", {"W": (2, 3), "x": (3,), "b": (3,)}, "W @ x + b",
     ["W @ x has shape (2)", "b has shape (3)"], "from the right"),
    ("tanh(A + B)", {"A": (2, 3), "B": (3, 2)}, "A + B", ["A has shape 2×3", "B has shape 3×2"],
     "write A.T + B"),
    ("A*x", {"A": (2, 3), "x": (2,)}, "A*x", ["A has shape 2×3", "x has shape (2)"], "write A.T @ x"),
    ("max(A, x)", {"A": (2, 3), "x": (2,)}, "max(A, x)", ["A has shape 2×3", "x has shape (2)"],
     "write expand_dims(x, axis=1)"),
    ("where(A > 0, x, 1)", {"A": (2, 3), "x": (2,)}, "where(A > 0, x, 1)", ["2×3", "A > 0 has shape"],
     "equal or one"),
    ("f(t) = t @ x; f(W)", {"W": (3, 2), "x": (3,)}, "t @ x", ["t has shape 3×2"], "write t.T @ x"),
    ("sum(A, axis=2)", {"A": (2, 3)}, "sum(A, axis=2)", ["no axis 2", "2×3", "axes 0 to 1"],
     "leave the axis out"),
    ("mean(x, axis=-2)", {"x": (3,)}, "mean(x, axis=-2)", ["no axis -2", "(3)", "axis 0 only"], "leave"),
    ("norm(a, axis=0)", {"a": ()}, "norm(a, axis=0)", ["no axis 0", "has no axis"], "leave"),
    ("sum(A, axis=[0, -2])", {"A": (2, 3)}, "sum(A, axis=[0, -2])", ["named twice"], "axis=[0, 1]"),
    ("sum(A, axis=0.5)", {"A": (2, 3)}, "sum(A, axis=0.5)", ["whole number, not 0.5"], "axis=0"),
    ("size(A, axis=5)", {"A": (2, 3)}, "size(A, axis=5)", ["no axis 5"], "leave"),
    ("argmax(A, axis=[0, 1])", {"A": (2, 3)}, "argmax(A, axis=[0, 1])", ["along one axis"], "axis=0"),
    ("one_hot(y, 999999999)", {"y": (3,)}, "one_hot(y, 999999999)", ["2,999,999,997 entries"], "fewer"),
    ("softmax(x, axis=true)", {"x": (3,)}, "softmax(x, axis=true)", ["whole number, not true"], "axis=0"),
    ("dropout(x, p=none)", {"x": (3,)}, "dropout(x, p=none)", ["not none"], "p=0.5"),
    ("argmax(x)", {"x": (0,)}, "argmax(x)", ["no entries to choose from"], "give it some"),
    ("var(x, ddof=3)", {"x": (3,)}, "var(x, ddof=3)", ["3 entries leave nothing"], "leave ddof out"),
    ("std(x, ddof=none)", {"x": (3,)}, "std(x, ddof=none)", ["whole number from 0, not none"], "ddof=1"),
    ("softmax(a)", {"a": ()}, "softmax(a)", ["a number has none"], "softmax([a, b])"),
    ("softmax(x, axis=1)", {"x": (3,)}, "softmax(x, axis=1)", ["no axis 1"], "leave"),
    ("cross_entropy(p, t)", {"p": (3,), "t": (2,)}, "cross_entropy(p, t)", ["(3) and (2)", "shape ()"],
     "one_hot"),
    ("cross_entropy_with_logits(z, y)", {"z": (4, 3), "y": (2,)}, "cross_entropy_with_logits(z, y)",
     ["4×3 and (2)", "shape (4)", "z has shape 4×3", "y has shape (2)"], "one_hot(y, n)"),
    ("cross_entropy(a, 0)", {"a": ()}, "cross_entropy(a, 0)", ["a score for each class"],
     "binary_cross_entropy"),
    ("mse(x, y)", {"x": (3,), "y": (3, 1)}, "mse(x, y)", ["differ", "x has shape (3)", "y has shape 3×1"],
     "reshape"),
    ("mse(x, x, reduction=max)", {"x": (3,)}, "mse(x, x, reduction=max)", ["mean or sum, not max"],
     "reduction=sum"),
    ("binary_cross_entropy(x, y)", {"x": (3,), "y": (4,)}, "binary_cross_entropy(x, y)", ["x has shape (3)",
     "y has shape (4)"], "reshape"),
    ("2*x[3]", {"x": (3,)}, "x[3]", ["no entry 3", "an axis of 3"], "from 0 to 2"),
    ("x[-4]", {"x": (3,)}, "x[-4]", ["no entry -4"], "from 0 to 2"),
    ("x[0, 0]", {"x": (3,)}, "x[0, 0]", ["shape (3) has 1 axis, and 2 are indexed"], "leave indices out"),
    ("a[0]", {"a": ()}, "a[0]", ["a number has no entries"], "leave the index out"),
    ("A[:, 5]", {"A": (2, 3)}, "A[:, 5]", ["no entry 5"], "from 0 to 2"),
    ("A[0, 0:1, 0]", {"A": (2, 3)}, "A[0, 0:1, 0]", ["2 axes, and 3 are indexed"], "leave indices out"),
    ("reshape(A, 4)", {"A": (2, 3)}, "reshape(A, 4)", ["6 entries", "don't fill (4)"], "multiplied"),
    ("reshape(A, 5, -1)", {"A": (2, 3)}, "reshape(A, 5, -1)", ["don't fill 5×-1"], "multiplied"),
    ("reshape(A, -1, -1)", {"A": (2, 3)}, "reshape(A, -1, -1)", ["one of which may be -1"],
     "reshape(x, 2, -1)"),
    ("expand_dims(x, 3)", {"x": (3,)}, "expand_dims(x, 3)", ["no axis 3", "result of 2"], "0 to 1"),
    ("expand_dims(x, [0, 0])", {"x": (3,)}, "expand_dims(x, [0, 0])", ["named twice"], "once"),
    ("one_hot(y, 0)", {"y": (3,)}, "one_hot(y, 0)", ["number of classes, not 0"], "one_hot(y, 3)"),
    ("sum([x, y])", {"x": (3,), "y": (2,)}, "[x, y]", ["(3) and (2)", "one shape"], "concat(x, y)"),
    ("[[1, 2], [3]] @ x", {"x": (2,)}, "[[1, 2], [3]]", ["(2) and (1)"], "concat"),
    ("concat(x, A)", {"x": (3,), "A": (2, 3)}, "concat(x, A)", ["(3) and 2×3", "axis 0"], "other sizes"),
    ("concat(A, B)", {"A": (2, 3), "B": (2, 2)}, "concat(A, B)", ["2×3 and 2×2"],
     "write concat(A, B, axis=1)"),
    ("concat(A, x, axis=1)", {"A": (3, 5), "x": (3,)}, "concat(A, x, axis=1)", ["3×5"], "other sizes"),
    ("concat(A, A, axis=[0, 1])", {"A": (3, 5)}, "concat(A, A, axis=[0, 1])", ["along one axis"], "axis=1"),
    ("concat([x, a])", {"x": (2,), "a": ()}, "concat([x, a])", ["x has shape (2)", "a has shape ()"],
     "[a, b]"),
    ("outer(A, x)", {"A": (2, 3), "x": (3,)}, "outer(A, x)", ["two vectors", "2×3 and (3)"], "write @"),
    ("mT(x)", {"x": (3,)}, "mT(x)", ["(3)", "no two axes"], "leave it out"),
    ("dropout(h, m)", {"h": (3,), "m": (2,)}, "dropout(h, m)", ["(3)", "not (2)"], "p=0.5, seed=1"),
    ("dropout(h, 0.3)", {"h": (3,)}, "dropout(h, 0.3)", ["not ()"], "p=0.5, seed=1"),
    ("dropout(h, p=1)", {"h": (3,)}, "dropout(h, p=1)", ["from 0 up to 1, not 1"], "p=0.5"),
    ("dropout(h, seed=-1)", {"h": (3,)}, "dropout(h, seed=-1)", ["whole number from 0, not -1"], "seed=1"),
]  # fmt: skip


def ones(shapes: dict[str, Shape]) -> dict[str, Array]:
    return {name: np.ones(shape) if shape else 1.0 for name, shape in shapes.items()}


def refusal(formula: str, at: dict[str, Any]) -> BacktraceError:
    with pytest.raises(BacktraceError) as caught:
        trace(formula, at)
    return caught.value


@pytest.mark.parametrize(
    ("formula", "shapes", "place", "pieces", "hint"), MISFITS, ids=[f"{f}-{s}" for f, s, *_ in MISFITS]
)
def test_a_misfit_is_told(
    formula: str, shapes: dict[str, Shape], place: str, pieces: list[str], hint: str
) -> None:
    """A misfit names both shapes, points at its place, and says what to write."""
    error = refusal(formula, ones(shapes))
    assert isinstance(error, ShapeError)
    assert error.span is not None
    assert formula[error.span.start : error.span.end] == place
    for piece in pieces:
        assert piece in error.message
    assert hint in (error.hint or "")
    assert "^" * min(len(place), 72) in error.report()


TURNED = [row for row in MISFITS if row[4].startswith("write ") and (".T" in row[4])]


@pytest.mark.parametrize(
    ("formula", "shapes", "hint"), [(f, s, h) for f, s, _, _, h in TURNED], ids=[row[0] for row in TURNED]
)
def test_the_mending_that_is_offered_mends(formula: str, shapes: dict[str, Shape], hint: str) -> None:
    """What an error says to write runs at the very same shapes."""
    body = formula.replace(next(row[2] for row in MISFITS if row[0] == formula), hint.removeprefix("write "))
    trace(body, ones(shapes))


@pytest.mark.parametrize(
    ("formula", "shapes"), [(row[0], row[1]) for row in MISFITS], ids=[row[0] for row in MISFITS]
)
def test_nothing_runs_before_the_shapes_fit(
    formula: str, shapes: dict[str, Shape], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The forward pass is not begun."""

    def begun(*_: Any) -> Any:
        raise AssertionError("the forward pass was begun")

    monkeypatch.setattr("backtrace_cli.runs.run.forward", begun)
    refusal(formula, ones(shapes))


#: What is wrong with an option or an index is told when the formula is read.
MISWRITTEN: list[tuple[str, dict[str, Shape], str, str]] = [
    ("sum(A, axis=x)", {"A": (2, 3), "x": ()}, "x is fixed before anything is computed", "n = 3"),
    ("sum(A, x)", {"A": (2, 3), "x": ()}, "x is fixed before anything is computed", "n = 3"),
    ("softmax(A, size=3)", {"A": (2, 3)}, "softmax has no option size", "its only option: axis"),
    ("sum(A, axis=0, axis=1)", {"A": (2, 3)}, "axis is given twice", "once"),
    ("sum(A, 0, axis=1)", {"A": (2, 3)}, "axis is given twice", "once"),
    ("reshape(A)", {"A": (2, 3)}, "reshape needs its shape", "reshape(a, 2, -1)"),
    ("expand_dims(x)", {"x": (3,)}, "expand_dims needs its axis", "axis"),
    ("one_hot(y)", {"y": (3,)}, "one_hot needs its n", "one_hot(i, 3)"),
    ("x[::0]", {"x": (3,)}, "steps of 0", "x[::2]"),
    ("index(x, at=0)", {"x": (3,)}, "picked with square brackets", "write x[0]"),
    ("x[a:2]", {"x": (3,), "a": ()}, "bounds of a slice are whole numbers", "x[1:3]"),
    ("A[i, 0:2]", {"A": (2, 3), "i": ()}, "along the first axis only", "for two numbers write a[i][j]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "shapes", "words", "hint"), MISWRITTEN, ids=[row[0] for row in MISWRITTEN]
)
def test_a_wrong_option_is_told(formula: str, shapes: dict[str, Shape], words: str, hint: str) -> None:
    """An option that varies, that the op hasn't, or that is missing is named, with what to write."""
    error = refusal(formula, ones(shapes))
    assert isinstance(error, FormulaError)
    assert words in error.message
    assert hint in (error.hint or "")


@pytest.mark.parametrize(("formula", "at", "words"), [
    ("x[i]", {"x": [1, 2, 3], "i": 0.5}, "an index is a whole number"),
    ("x[i]", {"x": [1, 2, 3], "i": [0, 3]}, "no entry 3 among 3"),
    ("x[i]", {"x": [1, 2, 3], "i": -4}, "no entry -4 among 3"),
    ("x[i]", {"x": [1, 2, 3], "i": float("nan")}, "an index is a whole number"),
    ("one_hot(y, 2)", {"y": [0, 2]}, "no entry 2 among 2"),
    ("cross_entropy_with_logits(z, y)", {"z": [1, 2, 3], "y": 3}, "no entry 3 among 3"),
    ("cross_entropy_with_logits(z, y)", {"z": [[1, 2, 3]], "y": [1.5]}, "an index is a whole number"),
    ("x[0.5]", {"x": [1, 2, 3]}, "an index is a whole number"),
])  # fmt: skip
def test_an_index_that_is_none_is_told(formula: str, at: dict[str, Any], words: str) -> None:
    """A class or entry that isn't there is known once the values are, and told with its place."""
    error = refusal(formula, at)
    assert words in error.message
    assert error.span is not None


@pytest.mark.parametrize(("formula", "p"), [
    ("cross_entropy(p, 0)", [0.5, -0.1]), ("cross_entropy(p, [0, 1])", [2.0, 0.5]),
    ("binary_cross_entropy(p, [1, 0])", [1.5, 0.5]), ("cross_entropy(p, [0, 0])", [[0.5, 3.0], [0.5, 0.5]]),
])  # fmt: skip
def test_scores_are_no_probabilities(formula: str, p: Any) -> None:
    """A cross-entropy of numbers below 0 or above 1 says what it needs, and names the one for scores."""
    with pytest.raises(DomainError, match="probabilities, from 0 to 1; for scores before the softmax"):
        trace(formula, p=p)


def test_the_command_exits_2(backtrace: Callable[..., Any]) -> None:
    """On the command line a misfit goes to stderr with exit code 2, and nothing is printed beside it."""
    found = backtrace("eval", "W @ x", "--at", "W=[[1,2],[3,4],[5,6]],x=[1,2,3]")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "W has shape 3×2" in found.stderr
    assert "write W.T @ x" in found.stderr
