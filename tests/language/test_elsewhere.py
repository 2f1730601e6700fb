"""A word from another library is told by what it means there, before anybody looks at its spelling."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.graph import build
from backtrace_cli.language.tokens import elsewhere
from backtrace_cli.ops import FUNCTIONS
from backtrace_cli.runs.run import run


@pytest.mark.parametrize(
    ("formula", "meant", "never"),
    [
        ("logit(x)", "log(p/(1 - p))", "logistic"),
        ("digamma(x)", "Γ", "sigma"),
        ("median(x)", "median", "did you mean mean"),
        ("kron(A, B)", "Kronecker", "round"),
        ("hardtanh(x)", "clip(x, -1, 1)", "artanh"),
        ("int(x)", "floor(x)", "sin("),
        ("inv(A)", "inverse of a matrix", "did you mean"),
        ("y.backward()", "leave it out", "write it out"),
        ("np.median(x)", "median", "write median(x)"),
    ],
)
def test_a_word_is_told_by_its_meaning(formula: str, meant: str, never: str) -> None:
    """The hint says what to write for it; never the word that is spelled most like it."""
    if re.match(r"[\w.]*?(\w+)\(", formula)[1] in FUNCTIONS:  # type: ignore[index]
        pytest.skip("it has become an op")
    with pytest.raises(BacktraceError) as raised:
        build(formula)
    assert meant in (raised.value.hint or "")
    assert never not in (raised.value.hint or "")


def test_no_row_stands_in_the_way_of_an_op() -> None:
    """A name that is an op is used, whatever the table says of it; what a row advises can be read."""
    for name, written in elsewhere._WRITTEN.items():
        formula = re.split(r", (?:the|with|which|its|or)\b| for | with ", written)[0]
        if not re.match(r"(the|its) ", formula) and "…" not in formula and name != "lambda":
            build(formula)
    for name in FUNCTIONS & set(elsewhere._WRITTEN):
        with suppress(BacktraceError):  # it may want another number of arguments
            assert build(f"{name}(x)").steps


@pytest.mark.parametrize("name", ["mu", "nu", "tau", "dt", "dx", "rho"])
def test_ordinary_names_are_names(name: str) -> None:
    """A trace without a point takes them as the one name that they are; a product is still told apart."""
    assert list(run(f"{name}^2*b", None).graph.inputs) == [name, "b"]
    with pytest.raises(BacktraceError, match="one name"):
        run("ab*c", None)
