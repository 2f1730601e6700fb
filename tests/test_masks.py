"""An index that a comparison makes: NumPy would pick by it, so it is refused before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli import trace
from backtrace_cli.base.errors import FormulaError, PointError

X = np.array([5.0, 2.0, 3.0])


@pytest.mark.parametrize(("formula", "place"), [
    ("m = x > 2; sum(x[m])", "m"), ("mean(x[x == 2])", "x == 2"), ("sum(x[1 - (x > 2)])", "1 - (x > 2)"),
    ("sum(x[(0 < x)*(x < 3)])", "(0 < x)*(x < 3)"), ("sum(x[max(x < 1, x > 2)])", "max(x < 1, x > 2)"),
    ("sum(x[(x < 1) + (x > 2)])", "(x < 1) + (x > 2)"), ("sum(x[(x > 2) == 0])", "(x > 2) == 0"),
    ("sum(x[where(x > 2, x < 9, 0)])", "where(x > 2, x < 9, 0)"), ("sum(x[[x[0] > 1, 0]])", "[x[0] > 1, 0]"),
    ("g(t) = x[t]; sum(g(x > 2))", "t"), ("m = x > 2; n = m; sum(x[n])", "n"), ("x[x > 2, 0]", "x > 2"),
    ("m = x > 2; sum(x[m[0:2]])", "m[0:2]"), ("sum(x[reshape(x > 2, 3)])", "reshape(x > 2, 3)"),
])  # fmt: skip
def test_a_comparison_is_no_index(formula: str, place: str) -> None:
    """Wherever 0 and 1 come from comparisons, however joined: the caret is under the index."""
    with pytest.raises(FormulaError) as caught:
        trace(formula, x=X)
    error = caught.value
    assert error.span is not None
    assert formula[error.span.start : error.span.end] == place
    with pytest.raises(FormulaError):
        trace(formula)  # nor without a point


@pytest.mark.parametrize(("formula", "value"), [
    ("x[sum(x > 2) - 1]", 2.0), ("x[where(x[0] > 1, 2, 0)]", 3.0), ("x[1 + (x[0] > 1)]", 3.0),
    ("x[2*(x[0] > 1)]", 3.0), ("x[argmax(x > 2)]", 5.0), ("x[i]", 2.0),
])  # fmt: skip
def test_a_number_that_comparisons_make_is_one(formula: str, value: float) -> None:
    """What is counted or chosen by comparisons is a whole number, and picks the entry it names."""
    assert trace(formula, {"x": X} | ({"i": 1} if "i]" in formula else {})).value == value


def test_what_the_hint_says_works(backtrace: Callable[..., Result]) -> None:
    """The command refuses with the two ways to write it, and both give what NumPy's mask gives."""
    result = backtrace("eval", "m=x>2; sum(x[m])", "--at", "x=[5,2,3]")
    assert result.exit_code == 2
    assert not result.stdout
    assert "m comes from a comparison" in result.stderr
    assert "where(m, x, 0)" in result.stderr
    assert "sum(where(m, x, 0))/sum(m)" in result.stderr
    assert trace("m = x > 2; sum(where(m, x, 0))", x=X).value == X[X > 2].sum()
    assert trace("m = x > 2; sum(where(m, x, 0))/sum(m)", x=X).value == X[X > 2].mean()


def test_an_array_of_true_and_false_is_no_index(tmp_path: Path, backtrace: Callable[..., Result]) -> None:
    """NumPy's own mask, from Python or a file, is refused too; as a condition it is welcome."""
    file = str(tmp_path / "m.npy")
    np.save(file, X > 2)
    refused = backtrace("eval", "sum(x[m])", "--at", f"x=[5,2,3],m=@{file}")
    assert refused.exit_code == 2
    assert "true and false" in refused.stderr
    chosen = backtrace("eval", "sum(where(m, x, 0))", "--at", f"x=[5,2,3],m=@{file}", "--plain")
    assert "step 2: f = sum(v1) = 8" in chosen.stdout
    with pytest.raises(PointError, match="true and false"):
        trace("sum(x[m])", x=X, m=X > 2)
    assert trace("sum(where(m, x, 0))", x=X, m=X > 2).value == 8.0
