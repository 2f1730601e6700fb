"""Array formulas without a point: text that reads well, and is the gradient once numbers are put in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.language.tree.syntax import names_in
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS, OPS
from tests.arrays import drawn
from tests.sampling import few

#: (formula, ∂/∂variable as text)
TEXTS = [
    ("y = W @ h; L = mse(y, t, reduction=sum)", {"W": "2·(y − t) @ h.T", "h": "W.T @ (2·(y − t))"}),
    ("sum(x)", {"x": "ones_like(x)"}),
    ("sum(x^2)", {"x": "2·ones_like(v1)·x"}),
    ("norm(x)", {"x": "x/f"}),
    ("prod(x)", {"x": "others(x)"}),
    ("W @ x", {"W": "ones_like(f) @ x.T", "x": "W.T @ ones_like(f)"}),
    ("-(W @ x)", {"x": "W.T @ (−ones_like(v1))"}),
    ("x[0]*x[2]", {"x": "scatter(v1, x, at=2) + scatter(v2, x, at=0)"}),
    ("x[0]*sum(x[1:])", {"x": "scatter(sum(v1)·ones_like(v2), x, at=[1:]) + scatter(v3, x, at=0)"}),
    ("min(A)*A", {"A": "v1 + sum(A)·(A == v1)"}),
    ("cross_entropy_with_logits(z, t, reduction=sum)", {"t": "−log_softmax(z)"}),
    ("mse(a, b)", {"a": "2/size(a)·(a − b)", "b": "−2/size(a)·(a − b)"}),
    ("[a, b]", {"a": "ones_like(f)[0]", "b": "ones_like(f)[1]"}),
    ("var(x, ddof=1)", {"x": "2·(x − mean(x, keepdims=true))/(size(x) − 1)"}),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "gradient"), TEXTS, ids=[formula for formula, _ in TEXTS])
def test_a_symbolic_gradient_reads_as_one_would_write_it(formula: str, gradient: dict[str, str]) -> None:
    """Gradients of array formulas are matrix equations over the names of the formula."""
    found = trace(formula)
    assert {name: to_text(found.gradient[name]) for name in gradient} == gradient


#: Formulas of matrices and of shapes as given: no vectors under @, where x.T is meant as people write it.
FORMULAS: list[tuple[str, dict[str, tuple[int, ...]]]] = [
    ("sum(A @ B)", {"A": (2, 3), "B": (3, 2)}),
    ("A @ B", {"A": (2, 3), "B": (3, 2)}),
    ("A.T @ A", {"A": (2, 3)}),
    ("sum(A @ B, axis=0)", {"A": (2, 3), "B": (3, 2)}),
    ("-mean(tanh(A @ B), axis=1)", {"A": (2, 3), "B": (3, 2)}),
    ("sum(relu(X @ W.T + b)^2)", {"X": (4, 3), "W": (2, 3), "b": (2,)}),
    ("h = tanh(X @ A); mse(h @ B, T)", {"X": (4, 3), "A": (3, 5), "B": (5, 2), "T": (4, 2)}),
    ("max(A, axis=1)", {"A": (2, 3)}),
    ("min(A)*A", {"A": (2, 3)}),
    ("prod(A, axis=0)", {"A": (2, 3)}),
    ("var(A, axis=1, ddof=1)", {"A": (2, 3)}),
    ("std(A, axis=[0, 1])", {"A": (2, 3)}),
    ("norm(A, axis=0, keepdims=true)*A", {"A": (2, 3)}),
    ("logsumexp(A, axis=1)", {"A": (2, 3)}),
    ("softmax(A)", {"A": (2, 3)}),
    ("log(softmax(A, axis=0))", {"A": (2, 3)}),
    ("log_softmax(A)*B", {"A": (2, 3), "B": (2, 3)}),
    ("cross_entropy_with_logits(A, B)", {"A": (2, 3), "B": (2, 3)}),
    ("binary_cross_entropy_with_logits(A, B)", {"A": (2, 3), "B": (2, 3)}),
    ("cross_entropy(softmax(A), B, reduction=sum)", {"A": (2, 3), "B": (2, 3)}),
    ("reshape(A, 3, 2) @ A", {"A": (2, 3)}),
    ("expand_dims(x, 1)*x", {"x": (3,)}),
    ("x[0]*x[-1]", {"x": (3,)}),
    ("A[1]*x", {"A": (2, 3), "x": (3,)}),
    ("[a, b, a*b]", {"a": (), "b": ()}),
    ("concat(x, y)^2", {"x": (2,), "y": (3,)}),
    ("concat(A, B, axis=1)", {"A": (2, 3), "B": (2, 1)}),
    ("outer(x, y)*A", {"x": (2,), "y": (3,), "A": (2, 3)}),
    ("where(A > 0, A^2, x)", {"A": (2, 3), "x": (3,)}),
    ("(A - mean(A, axis=0))/std(A, axis=0)", {"A": (4, 3)}),
    ("dropout(A, p=0.4, seed=3)", {"A": (2, 3)}),
    ("[1, 2, 3]*x", {"x": (3,)}),
]  # fmt: skip


#: Here a smaller array meets a larger one in a box between: without shapes its sum can't be written.
LEFT_OUT = {"norm(A, axis=0, keepdims=true)*A", "expand_dims(x, 1)*x", "(A - mean(A, axis=0))/std(A, axis=0)"}


@pytest.fixture
def _internal_ops_may_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts name ops that only rules use, such as scatter."""
    everything = FUNCTIONS | {op.called for op in OPS.values()}
    monkeypatch.setattr("backtrace_cli.graph.own_names._CALLABLE", everything)


@pytest.mark.usefixtures("_internal_ops_may_be_called")
@pytest.mark.parametrize(("formula", "shapes"), FORMULAS, ids=[formula for formula, _ in FORMULAS])
def test_the_text_is_the_gradient(formula: str, shapes: dict[str, tuple[int, ...]]) -> None:
    """A symbolic gradient, read back as a formula with numbers put in, is the numeric gradient;
    or a note says that sums are left out, as only shapes could tell."""
    at = {name: drawn(shape, seed) for seed, (name, shape) in enumerate(shapes.items())}
    symbolic, numeric = trace(formula), trace(formula, at)
    known = {numeric.graph.name(i): value for i, value in enumerate(numeric.values)}
    for name, gradient in symbolic.gradient.items():
        text = to_text(gradient, ascii=True)
        point = {used: known[used] for used in names_in(gradient) if used in known and used[:1] != "["}
        value = trace(text, point).value
        summed, _ = Arrays().fit(value, at[name])  # what shapes alone can tell: the sum over broadcast axes
        if formula not in LEFT_OUT:
            np.testing.assert_allclose(summed, numeric.gradient[name], rtol=1e-12, atol=1e-13, err_msg=text)
    if formula in LEFT_OUT:
        assert "broadcast" in {note.kind for note in symbolic.notes}


def strict(text: str) -> Any:
    """``text`` as strict JSON."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


#: Of vectors and stacks, x.T stands in the texts for what people mean by it.
VIEWED = [
    *FORMULAS, ("mT(S) @ S", {"S": (2, 3, 2)}), ("tanh(W @ x) @ v", {"W": (2, 3), "x": (3,), "v": (2,)}),
    ("x @ W @ x", {"x": (3,), "W": (3, 3)}), ("sum(A[1:, ::2])*A[0]", {"A": (2, 3)}),
    ("-log(softmax(z)[1])", {"z": (3,)}), ("h0 = x\nfor k in 1..3: h{k} = tanh(W @ h{k-1})\nsum(h3)",
     {"x": (3,), "W": (3, 3)}),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "shapes"), few(VIEWED, 4), ids=[formula for formula, _ in VIEWED])
@pytest.mark.parametrize("how", ["symbolic", "numbers", "seed"])
def test_every_view_of_an_array_formula(formula: str, shapes: dict[str, tuple[int, ...]], how: str) -> None:
    """The page prints and the JSON is strict, symbolic or with numbers, backward or along a seed."""
    at = {name: drawn(shape, seed) for seed, (name, shape) in enumerate(shapes.items())}
    found = trace(
        formula, None if how == "symbolic" else at, seed=dict.fromkeys(at, 1.0) if how == "seed" else None
    )
    assert "Gradient" in str(found) or how == "seed"
    record = strict("".join(found.json_chunks()))
    if how == "numbers":
        for name, gradient in found.gradient.items():
            np.testing.assert_array_equal(record["gradient"][name], gradient)
            np.testing.assert_array_equal(record["at"][name], at[name])
        for row, message in zip(record["backward"], found.messages, strict=True):
            np.testing.assert_array_equal(row["contribution"], message.contribution)


def test_json_of_infinite_and_missing_entries(backtrace: Callable[..., Any]) -> None:
    """inf and nan among entries are strings; an empty array is an empty list; an index stays a number."""
    found = strict(backtrace("eval", "sum(x/y)", "--at", "x=[1,0,-1],y=[0,0,0]", "--json").stdout)
    assert found["forward"][0]["value"] == ["inf", "nan", "-inf"]
    assert strict("".join(trace("2*x", x=np.zeros((0, 2))).json_chunks()))["value"] == []
    assert strict("".join(trace("x[i]", x=[1, 2, 3], i=[2, 0]).json_chunks()))["value"] == [3, 1]
    assert strict("".join(trace("x*2", x=np.float32([0.5, 1])).json_chunks()))["gradient"]["x"] == [2, 2]


@pytest.mark.parametrize(("formula", "shapes"), VIEWED, ids=[formula for formula, _ in VIEWED])
def test_every_option_of_eval_takes_array_formulas(
    formula: str, shapes: dict[str, tuple[int, ...]], backtrace: Callable[..., Any]
) -> None:
    """Each view, mode and check of the command gives a result or a kind error, with numbers and without."""
    at = ",".join(f"{name}={drawn(shape, 1).round(2).tolist()}" for name, shape in shapes.items())
    without = (["--mode", "forward"], ["--closed-form"], ["--view", "sheet"], ["--plain"])
    given = (*without, ["--no-share"], ["--exact"], ["--cost", "--full"], ["--check", "--json"])
    for words in (*without, *(["--at", at, *words] for words in given)):
        found = backtrace("eval", formula, *words, columns=60)
        assert found.exception is None or isinstance(found.exception, SystemExit), words
        assert (found.exit_code == 2) == bool(found.stderr), words
