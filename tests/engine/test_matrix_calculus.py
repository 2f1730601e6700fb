"""Matrix calculus in closed form: the standard results, and what is printed typed back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.own_work.mine import judge_mine
from backtrace_cli.graph import build
from backtrace_cli.language.tree.latex import to_latex
from backtrace_cli.language.tree.syntax import size
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops.matrix_algebra import Law, parsed
from backtrace_cli.readings.assumptions import assumption, read_assumptions
from backtrace_cli.readings.closed.matrix import matching
from backtrace_cli.readings.closed.matrix.witness import evaluated
from backtrace_cli.readings.closed.written_chain import ClosedForm
from backtrace_cli.runs.closed_forms import closed_forms
from backtrace_cli.runs.given_shapes import guessed_shapes, read_shapes
from backtrace_cli.runs.point import Given
from backtrace_cli.runs.run import run
from tests.closed_arrays import formulas, judged

Command = Callable[..., Any]
Result = dict[str, str]
RESULTS: list[Result] = tomllib.loads(
    (Path(__file__).parents[2] / "docs" / "matrix-calculus.toml").read_text("utf-8")
)["result"]
IDS = [f"{result['formula']} {result['variable']} {result.get('assume', '')}" for result in RESULTS]


def traced(result: Result, wrt: tuple[str, ...] = ()) -> Trace:
    shapes = read_shapes(result["shapes"]) if "shapes" in result else None
    return run(result["formula"], wrt=wrt, shapes=shapes, guess=True)


def assumed(result: Result) -> list[str]:
    return [result["assume"]] if "assume" in result else []


def closed(result: Result) -> ClosedForm:
    return closed_forms(traced(result, (result["variable"],)), assumed(result))[0]


def form(formula: str, variable: str, shapes: str = "", assume: str = "") -> str:
    """The last line for one variable."""
    parts = {"formula": formula, "variable": variable}
    more = {name: text for name, text in (("shapes", shapes), ("assume", assume)) if text}
    return to_text(closed({**parts, **more}).result)


def numbers(result: Result, seed: int) -> dict[str, Any]:
    """A point: entries between 0.2 and 1.2, square matrices away from singular, what is assumed met."""
    dice = np.random.default_rng(seed)
    shapes = read_shapes(result["shapes"]) if "shapes" in result else guessed_shapes(result["formula"])
    at: dict[str, Any] = {}
    for name, shape in shapes.items():
        value = dice.uniform(0.2, 1.2, shape)
        at[name] = value + 2 * np.eye(*shape) if len(shape) == 2 and shape[0] == shape[1] else value
    for name, text in read_assumptions(assumed(result)).items():
        at[name] = assumption(text).mend(at[name])
    return {name: value if np.shape(value) else float(value) for name, value in at.items()}


def test_the_list_is_the_standard_one() -> None:
    """At least the 43 results that tables list."""
    assert len(RESULTS) >= 43


@pytest.mark.parametrize("result", RESULTS, ids=IDS)
def test_a_standard_result(result: Result) -> None:
    """The form is the textbook's or no longer, and both are the differences' gradient."""
    found, textbook = closed(result), parsed(result["textbook"])
    same = to_text(found.result) == to_text(textbook)
    assert same or size(found.result) <= size(textbook) + 1
    for seed in (1, 2):
        at = numbers(result, seed)
        wanted = differences(result["formula"], at, result["variable"])
        for tree in (found.result, textbook):
            np.testing.assert_allclose(evaluated(tree, at, Arrays()), wanted, rtol=2e-6, atol=1e-7)


def differences(formula: str, at: dict[str, Any], name: str, step: float = 1e-5) -> Any:
    """The gradient by differences of the value, entry by entry."""

    def value(moved: Any) -> float:
        point = {**at, name: moved}
        return float(run(formula, {key: Given("", point[key]) for key in point}, wrt=[name]).value)

    base = np.asarray(at[name], float)
    found = np.zeros(base.shape)
    for place in np.ndindex(*base.shape):
        up, down = base.copy(), base.copy()
        up[place] += step
        down[place] -= step
        found[place] = (value(up) - value(down)) / (2 * step)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("result", RESULTS, ids=IDS)
def test_a_standard_result_is_typed_back(result: Result) -> None:
    """--mine judges what is printed right, and the textbook's; LaTeX is read back as the same."""
    found = closed(result)
    answers = [f"{result['variable']} = {text}" for text in (to_text(found.result), result["textbook"])]
    for answer in answers:
        assert judge_mine(traced(result), [answer], assumed(result)).answers[0].verdict == "right"
    at = numbers(result, 3)
    text = to_latex(found.result)
    used = build(text, bound=at).inputs
    value = run(text, {name: Given("", at[name]) for name in at if name in used}, wrt=()).value
    np.testing.assert_allclose(value, evaluated(found.result, at, Arrays()), rtol=1e-12)


def test_the_chain_line_by_line(backtrace: Command) -> None:
    """Message, what became of it, and each substitution."""
    found = backtrace("eval", "sum((A @ x - b)^2)", "--shapes", "A=m,n; x=n; b=m", "--wrt", "x",
                      "--closed-form", "--json")  # fmt: skip
    lines = json.loads(found.stdout)["closed_form"][0]["lines"]
    assert [(line["expression"], line["why"]) for line in lines] == [
        ("A.T @ (2*v2)", ""),
        ("2*A.T @ v2", "simplified: numbers in front"),
        ("2*A.T @ (v1 - b)", "v2 = v1 − b"),
        ("2*A.T @ (A @ x - b)", "v1 = A @ x"),
    ]


@pytest.mark.parametrize("options", [
    ["--at", "A=[[1,2],[3,4],[5,6]],x=[1,-1],b=[1,2,3]"], ["--shapes", "A=3x2,x=2,b=3"], [],
])  # fmt: skip
def test_at_a_point_for_shapes_and_for_neither(backtrace: Command, options: list[str]) -> None:
    found = backtrace("eval", "sum((A @ x - b)^2)", *options, "--wrt", "x", "--closed-form")
    assert "= 2·A.T @ (A @ x − b)" in found.stdout
    latex = backtrace("eval", "sum((A @ x - b)^2)", *options, "--wrt", "x", "--closed-form", "--as", "latex")
    assert r"2 \cdot A^{\top} \,@\, (A \,@\, x - b)" in latex.stdout


@pytest.mark.parametrize(("formula", "variable", "shapes", "assume", "text"), [
    ("cross_entropy_with_logits(W @ x, y)", "W", "W=m,n; x=n; y=m", "y = one-hot",
     "outer(softmax(W @ x) − y, x)"),
    ("cross_entropy_with_logits(W @ x, y)", "W", "W=m,n; x=n; y=m", "",
     "outer(sum(y)·softmax(W @ x) − y, x)"),
    ("sum((tanh(W @ x) - t)^2)", "W", "", "", "2·outer((tanh(W @ x) − t)·(1 − tanh(W @ x)²), x)"),
    ("mse(X @ w, y)", "w", "X=m,n; w=n; y=m", "", "2·X.T @ (X @ w − y)/rows(X)"),
    ("sum(X + b)", "b", "X=m,n; b=n", "", "sum(ones_like(X), axis=0)"),
    ("sum((X + b)^2)", "b", "X=m,n; b=n", "", "2·sum(X + b, axis=0)"),
    ("sum(inv(X))", "X", "X=n,n", "", "−outer(sum(inv(X), axis=0), sum(inv(X), axis=1))"),
    ("sum((X - mean(X, axis=0))^2)", "X", "X=m,n", "", "2·(X − mean(X, axis=0))"),
    ("sum(A @ x) + mean(x)", "x", "A=m,n; x=n", "", "1/size(x) + sum(A, axis=0)"),
    ("mse(relu(X @ W.T + b), T)", "W", "X=k,n; W=m,n; b=m; T=k,m", "",
     "2·((relu(X @ W.T + b) − T)·(X @ W.T + b > 0)).T @ X/size(X @ W.T)"),
    ("sum(Z @ A)", "A", "Z=k,m,n; A=n,p", "", "sum(mT(Z) @ ones_like(Z @ A), axis=0)"),
    ("max(x)", "x", "x=n", "", "(x == max(x))/sum(x == max(x))"),
])  # fmt: skip
def test_results_beyond_the_tables(formula: str, variable: str, shapes: str, assume: str, text: str) -> None:
    assert form(formula, variable, shapes, assume) == text


def test_what_the_trace_takes_is_said() -> None:
    """Where ‖x‖ has a corner the form has no value; a singular determinant's slope is its cofactors'."""
    note = closed({"formula": "norm(x)", "variable": "x"}).note
    assert note is not None
    assert "norm stands on a kink" in note
    assert form("det(outer(a, b))", "a") == "cofactors(outer(a, b)) @ b"


def planted(monkeypatch: pytest.MonkeyPatch, law: Law) -> None:
    monkeypatch.setattr(matching, "LAWS", (*matching.LAWS, law))
    matching.sorted_laws.cache_clear()


def test_a_law_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A law that joins the table is used, and named in the chain."""
    before = form("sum(log(cos(x)))", "x", "x=n")
    planted(monkeypatch, Law("tangents", "sin(x)/cos(x)", "tan(x)"))
    try:
        found = closed({"formula": "sum(log(cos(x)))", "variable": "x", "shapes": "x=n"})
    finally:
        matching.sorted_laws.cache_clear()
    assert (before, to_text(found.result)) == ("−sin(x)/cos(x)", "−tan(x)")
    assert "tangents" in " ".join(line.why for line in found.lines)


def test_a_wrong_law_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers refuse what it leads to."""
    planted(monkeypatch, Law("planted", "A.T @ a", "A.T @ (2*a)"))
    try:
        assert form("sum((A @ x - b)^2)/2", "x") == "A.T @ (A @ x − b)"
    finally:
        matching.sorted_laws.cache_clear()


@pytest.mark.parametrize(("options", "words"), [
    (["--shapes", "A=3x2,x=2", "--at", "A=[[1,2]],x=[1,2]"], "--at says the shapes already"),
    (["--shapes", "A=3x2"], "x has no shape"),
    (["--shapes", "A=3x2,x=2,q=1"], "q, which is not a variable"),
    (["--shapes", "A=two"], "A=two is no shape"),
    (["--shapes", "A=3x2,x=3"], "2 columns on the left of @ meet 3 entries"),
    (["--assume", "q = symmetric"], "--assume names q"),
    (["--assume", "x = symmetric"], "symmetric is said of a matrix, and x is none"),
    (["--assume", "A = nice"], "nice is nothing that can be assumed"),
])  # fmt: skip
def test_errors_in_words(backtrace: Command, options: list[str], words: str) -> None:
    found = backtrace("eval", "sum(A @ x)", "--closed-form", *options)
    assert found.exit_code == 2
    assert words in found.stderr


def test_random_formulas_are_right() -> None:
    """A few of what python -m tests.closed_arrays holds by the thousand."""
    for number, formula in enumerate(formulas(4, 5)):
        for one in judged(formula, number):
            assert not one.fault, (one.formula, one.variable, to_text(one.form.result), one.fault)


@pytest.mark.slow
def test_more_random_formulas_are_right() -> None:
    """None is wrong, and none takes long."""
    for number, formula in enumerate(formulas(40, 6)):
        for one in judged(formula, number):
            assert not one.fault, (one.formula, one.variable, to_text(one.form.result), one.fault)
            assert one.seconds < 5
