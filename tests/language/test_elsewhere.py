"""A word from another library is told by what it means there, before anybody looks at its spelling."""

from __future__ import annotations

import re

import pytest

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.graph import build
from backtrace_cli.language.tokens import elsewhere
from backtrace_cli.ops import FUNCTIONS, LIBRARY_NAMES
from backtrace_cli.runs.run import run


@pytest.mark.parametrize(
    ("formula", "meant", "never"),
    [
        ("hardtanh(x)", "clip(x, -1, 1)", "artanh"),
        ("log1pexp(x)", "softplus(x)", "log1p("),
        ("arccot(x)", "atan(1/x)", "arccos"),
        ("cis(x)", "complex", "csc"),
        ("svd(A)", "det, inv", "std"),
        ("mode(x)", "median(x)", "mod("),
        ("integral(x)", "integrals are not taken", "for a product"),
        ("percentile(x)", "quantile(x", "did you mean"),
        ("int(x)", "floor(x)", "sin("),
        ("y.backward()", "leave it out", "write it out"),
        ("np.percentile(x)", "quantile", "write percentile(x)"),
    ],
)
def test_a_word_is_told_by_its_meaning(formula: str, meant: str, never: str) -> None:
    """The hint says what to write for it; never the word that is spelled most like it."""
    with pytest.raises(BacktraceError) as raised:
        build(formula)
    assert meant in (raised.value.hint or "")
    assert never not in (raised.value.hint or "")


TABLES = elsewhere._WRITTEN | elsewhere._ABSENT | elsewhere.FUNCTIONS


def test_no_row_speaks_of_what_is_an_op() -> None:
    """What has become an op is told by its own page, and no row says that it isn't one."""
    assert not set(TABLES) & (FUNCTIONS | set(LIBRARY_NAMES))
    denied = [(name, words.partition(" not ")[0]) for name, words in TABLES.items() if " not an op" in words]
    assert not [name for name, words in denied if set(re.findall(r"\w+", words)) & FUNCTIONS]


def test_what_a_row_advises_can_be_read() -> None:
    """Each formula that a row says to write is one."""
    for name, written in elsewhere._WRITTEN.items():
        formula = re.split(r", (?:the|with|which|its|or|of)\b| for | with ", written)[0]
        if not re.match(r"(the|its) ", formula) and "…" not in formula and name != "lambda":
            build(formula)


@pytest.mark.parametrize("name", ["mu", "nu", "tau", "dt", "dx", "rho"])
def test_ordinary_names_are_names(name: str) -> None:
    """A trace without a point takes them as the one name that they are; a product is still told apart."""
    assert list(run(f"{name}^2*b", None).graph.inputs) == [name, "b"]
    with pytest.raises(BacktraceError, match="one name"):
        run("ab*c", None)
