"""New functions break nobody's formula: a name that the formula uses itself comes first."""

from __future__ import annotations

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.ops import FUNCTIONS, YIELDING, find


def test_the_names_that_give_way_are_functions() -> None:
    """Every name that yields can be called where nothing else bears it."""
    assert "det" in YIELDING
    assert not YIELDING & {"sin", "max", "sum", "σ", "softmax"}
    assert all(name in FUNCTIONS or find(name) is not None for name in YIELDING)


@pytest.mark.parametrize("name", sorted(name for name in YIELDING if name.isidentifier()))
def test_a_formulas_own_name_comes_first(name: str) -> None:
    """As a variable, before a bracket, as a named value, as a function of the formula's own."""
    assert trace(f"2*{name} + {name}^2", {name: 3.0}).gradient == {name: 8.0}
    assert trace(f"{name}(x + 1)", {name: 3.0, "x": 1.0}).gradient == {name: 2.0, "x": 3.0}
    assert trace(f"{name} = 5*x; {name}(x + 1)", x=1.0).value == 10
    assert trace(f"{name}(t) = t^3; {name}(x)", x=2.0).gradient == {"x": 12.0}


def test_a_name_that_nobody_uses_is_the_function() -> None:
    """Without a variable of that name the bracket calls the op; a keyword of that name hides nothing."""
    assert trace("det(A)", A=np.array([[1.0, 2], [3, 4]])).value == -2
    with pytest.raises(BacktraceError, match="already a function"):
        trace("sin(t) = t; sin(x)", x=1.0)
