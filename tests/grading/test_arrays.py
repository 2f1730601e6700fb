"""Exercises with arrays: shapes first, then entries; lists, matrix expressions, hints, carried answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result as Ran
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.exercise.exercise import read_answer, read_exercise
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.verdict import Checked, check_exercise
from tests.grading.files import checked, verdicts

Run = Callable[..., Ran]

LAYER = ("y = W @ h; r = y - t; L = r @ r", "W=[[1,2,-1],[3,-2,2]],h=[2,1,3],t=[4,5]")
SQUARE = ("y = W @ h; r = y - t; L = r @ r", "W=[[1,2],[5,-1]],h=[3,1],t=[4,9]")
BATCH = (
    "Z = X @ W; Y = Z + b; R = Y - T; Q = R^2; L = sum(Q)",
    "X=[[1,2],[3,-1],[0,2]],W=[[1,3],[2,-1]],b=[1,-2],T=[[4,0],[3,7],[2,-1]]",
)
#: A vector of 450 entries, written in fewer than a thousand characters.
LONG = f"concat({', '.join(['h'] * 150)})"
SCORES = (
    "z = W @ x; y = softmax(z); L = cross_entropy(y, t)",
    "W=[[1,0],[0,1],[0.5,-1]],x=[0.7,1.1],t=[0,1,0]",
)


def one(statement: tuple[str, str], table: str, key: str, answer: object, head: str = "") -> Checked:
    """The verdict on one answer."""
    return checked(*statement, head, **{table: {key: answer}}).answers[0]


RIGHT = [
    (LAYER, "values", "y", [1, 10]), (LAYER, "values", "y", "W @ h"), (LAYER, "values", "y", "[1, 1e1]"),
    (LAYER, "messages", "L->r", "2r"), (LAYER, "messages", "L->r", "[2*r[0], 2*r[1]]"),
    (LAYER, "messages", "y->W", "outer(dy, h)"), (LAYER, "messages", "y->W", "outer(2*(W @ h - t), h)"),
    (LAYER, "messages", "y->W", [[-12, -6, -18], [20, 10, 30]]),
    (LAYER, "messages", "y->W", "outer(h, dy).T"),
    (LAYER, "messages", "y->h", "W.T @ dy"), (LAYER, "messages", "y->h", "dy @ W"),
    (LAYER, "gradient", "t", [6, "-30/3"]), (LAYER, "local", "r/t", -1), (LAYER, "local", "r/t", [-1, -1]),
    (LAYER, "gradient", "L", 1), (LAYER, "values", "L", 34),
    (LAYER, "shapes", "W", "2x3"), (LAYER, "shapes", "W", [2, 3]), (LAYER, "shapes", "W", "(2, 3)"),
    (LAYER, "shapes", "y", 2), (LAYER, "shapes", "y", "2"), (LAYER, "shapes", "L", "()"),
    (BATCH, "messages", "Y->b", "sum(dY, axis=0)"), (BATCH, "gradient", "b", "[1, 1, 1] @ (2*R)"),
    (BATCH, "gradient", "W", "X.T @ dZ"), (BATCH, "gradient", "X", "2*R @ W.T"),
    (SCORES, "gradient", "z", "y - t"), (SCORES, "gradient", "W", "outer(y - t, x)"),
    (SCORES, "gradient", "x", "W.T @ dz"), (SCORES, "gradient", "y", "-t/y"),
    (SCORES, "gradient", "z", [0.3668, -0.4528, 0.08604]),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "table", "key", "answer"), RIGHT)
def test_right(statement: tuple[str, str], table: str, key: str, answer: object) -> None:
    """Lists and matrix expressions that are right, however they are written."""
    found = one(statement, table, key, answer)
    assert found.verdict == "right", (found.words, found.witness)


WRONG = [
    (LAYER, "values", "y", [1, 11], ""), (LAYER, "gradient", "h", "W.T @ r", ""),
    (LAYER, "gradient", "t", "2*t - 2*y + [0, 1e-5]", ""),
    (LAYER, "messages", "y->W", "outer(h, dy)", "what y sends to W has the shape of W, 2×3; yours is 3×2"),
    (LAYER, "gradient", "W", [[-12, 20], [-6, 10], [-18, 30]], "∂L/∂W has the shape of W, 2×3; yours is 3×2"),
    (LAYER, "gradient", "h", "W @ dy", "the shapes in yours don't fit"),
    (LAYER, "gradient", "h", 0, "yours is a number"),
    (LAYER, "gradient", "h", [[24, -32, 26]], "a vector of 3; yours is 1×3"),
    (LAYER, "values", "y", "y", "this uses y"), (LAYER, "shapes", "y", "2x1", ""),
    (LAYER, "gradient", "h", "[1/0, 1, 1]", "has no value"),
    (LAYER, "gradient", "h", "one_hot(1, 2000000000)", "one_hot needs"),
    (LAYER, "gradient", "h", f"outer({LONG}, {LONG}) @ {LONG}", "more than 100,000 entries"),
    (BATCH, "gradient", "Q", 1, "∂L/∂Q has the shape of Q, 3×2; yours is a number"),
    (SCORES, "gradient", "z", "y - 2*t + [0, 1, 0]", ""), (SCORES, "gradient", "z", "y", ""),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "table", "key", "answer", "words"), WRONG)
def test_wrong(statement: tuple[str, str], table: str, key: str, answer: object, words: str) -> None:
    """Wrong entries have a witness, wrong shapes words of their own."""
    found = one(statement, table, key, answer)
    assert found.verdict == "wrong"
    assert words in found.words
    assert bool(found.words) == bool(words)
    assert found.witness is not None or words or table == "shapes"


@pytest.mark.parametrize(
    ("answer", "words"),
    [("dW", "no name"), ("[1, 2", "["), ("[" * 400 + "1" + "]" * 400, "deeply"),
     ([["", 1], [2, 3]], ""), ("f(x) = x", "one expression")],
)  # fmt: skip
def test_unreadable(answer: object, words: str) -> None:
    """What is no list of numbers and no expression is reported as such."""
    found = one(LAYER, "gradient", "W", answer)
    assert found.verdict == "unreadable"
    assert words in found.words


def test_lists_of_anything_else_are_unreadable() -> None:
    """Only numbers and text stand in a list that is an answer."""
    exercise = read_exercise(Source("x.toml", FILE.format(h="")))
    for answer in ([[1, True], [2, 3]], [2**40000], [{"a": 1}], [1] * 5000):
        found = read_answer(exercise.statement, exercise.answers[-1].question, answer, 1)
        assert found.problem


def test_blank_lists_are_blank() -> None:
    """A list of blanks is a blank: an exercise may show how many entries there are."""
    assert one(LAYER, "gradient", "h", ["", "", ""]).verdict == "blank"


_AT = "W=[[1,2],[3,4]],x=[1,-1]"
LOGISTIC = ("z = W @ x; o = sigmoid(z); L = -sum(t*log(o)+(1-t)*log(1-o))", f"{_AT},t=[0,1]")
ROWS = (
    "z = X @ w; p = sigmoid(z); L = -mean(t*log(p)+(1-t)*log(1-p))",
    "X=[[1,2],[3,5],[2,2]],w=[1,-1],t=[1,0,1]",
)
TANH, SIGMOID, SOFTPLUS = (
    (f"z = W @ x; h = {name}(z); L = sum(h)", _AT) for name in ("tanh", "sigmoid", "softplus")
)
FLAT = [
    (LOGISTIC, "z", "o - t", True), (LOGISTIC, "W", "outer(o - t, x)", True), (LOGISTIC, "z", "t - o", False),
    (LOGISTIC, "x", "W.T @ (o-t)", True), (ROWS, "z", "(p - t)/3", True), (ROWS, "w", "X.T @ (p-t)", False),
    (ROWS, "w", "X.T @ (p-t)/3", True), (TANH, "z", "1-h^2", True), (TANH, "z", "dh*(1-h^2)", True),
    (TANH, "z", "(1-h)*(1+h)", True), (TANH, "z", "1-tanh(z)^2", True), (TANH, "z", "1/cosh(z)^2", True),
    (TANH, "z", "1-h", False), (TANH, "z", "1-z^2", False), (TANH, "W", "outer(1-h^2, x)", True),
    (TANH, "W", "outer(x, 1-h^2)", False), (SIGMOID, "z", "sigmoid(z)*(1-sigmoid(z))", True),
    (SIGMOID, "z", "h*(1-h)", True), (SIGMOID, "z", "1-h", False), (SIGMOID, "z", "h", False),
    (SOFTPLUS, "z", "1-sigmoid(-z)", True), (SOFTPLUS, "z", "1-exp(-h)", True),
    (SOFTPLUS, "z", "sigmoid(h)", False),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "name", "answer", "right"), FLAT)
def test_where_units_are_flat_rounding_blames_nobody(
    statement: tuple[str, str], name: str, answer: str, right: bool
) -> None:
    """σ(30) is 1 to the last digit; the answers are those of the lectures, and near misses."""
    found = one(statement, "gradient", name, answer, 'answers = "expressions"')
    assert found.verdict == ("right" if right else "wrong")


_SCORES3 = "W=[[1,2],[0,1],[1,1]],x=[1,-1],t=[0,1,0]"
_NEURON = ("net = w @ x; o = σ(net)", "w=[1,-2,0.5],x=[1,2,4]")
FAR = [
    (("z = W @ x; L = cross_entropy_with_logits(z, t)", _SCORES3), "t", "-log(softmax(z))"),
    (("z = W @ x; y = softmax(z); L = -sum(t*log(y))", _SCORES3), "t", "-log_softmax(z)"),
    (("z = W @ x; y = softmax(z); L = cross_entropy(y,t)", _SCORES3), "t", "-log_softmax(W@x)"),
    (_NEURON, "w", "x*exp(-net)/(1+exp(-net))^2"),
    (_NEURON, "w", "x*exp(net)/(1+exp(net))^2"),
    (("net = w @ x; o = σ(net); L = (o-1)^2", "w=[1,2],x=[3,8]"), "w", "-2*x*exp(-2*net)/(1+exp(-net))^3"),
    (("o = tanh(net); L = sum(o*c)", "net=[1,2],c=[1,3]"), "net", "c*(1-((exp(2*net)-1)/(exp(2*net)+1))^2)"),
]


@pytest.mark.parametrize(("statement", "name", "answer"), FAR)
def test_far_out_underflow_convicts_nobody(statement: tuple[str, str], name: str, answer: str) -> None:
    """(1 + e^699)² overflows, and 1 − tanh² cancels, where the trace still has 1e-300."""
    assert one(statement, "gradient", name, answer, 'answers = "expressions"').verdict == "right"


@pytest.mark.parametrize(("table", "key", "answer"), [
    ("messages", "m->y", "[1, 1]"), ("gradient", "m", "1"), ("gradient", "x", "W.T @ [1, 1]"),
])  # fmt: skip
def test_entries_that_happen_to_sum_to_1_are_no_distribution(table: str, key: str, answer: str) -> None:
    """b = [0, 1] is a point like any other: the factor s = sum(b) is missing."""
    formula, at = "y = W @ x; s = sum(b); m = sum(y); L = s*m", f"{_AT},b=[0,1]"
    assert one((formula, at), table, key, answer, 'answers = "expressions"').verdict == "wrong"
    whole = answer.replace("1", "s")
    assert one((formula, at), table, key, whole, 'answers = "expressions"').verdict == "right"


def test_the_witness_is_an_entry() -> None:
    """A wrong list is shown at its first wrong entry, with both values there."""
    found = one(LAYER, "messages", "y->W", [[-12, -6, -18], [20, 10, 31]])
    assert found.witness is not None
    assert (found.witness.entry, found.witness.yours, found.witness.trace) == ((1, 2), 31.0, 30.0)


def test_a_formula_is_tried_at_other_points() -> None:
    """An expression that is right at the exercise's point alone is wrong."""
    text = [[-12, -6, -18], [20, 10, 30]]
    found = one(LAYER, "messages", "y->W", f"{text} + 0*W")
    assert found.verdict == "wrong"
    found = one(LAYER, "messages", "y->W", text, 'answers = "expressions"')
    assert (found.verdict, "at this one point" in found.words) == ("wrong", True)
    found = one(LAYER, "messages", "y->W", "outer(dy, h)", 'answers = "numbers"')
    assert (found.verdict, "put the values into" in found.words) == ("wrong", True)


def test_carried_forward() -> None:
    """What follows from a wrong array counts, and nothing from a wrong shape or from zeros."""
    result = checked(*SQUARE, gradient={"y": [2, 8], "W": [[6, 2], [24, 8]], "h": [42, -4]})
    assert verdicts(result) == {"y": "wrong", "W": "carried", "h": "carried"}
    result = checked(*SQUARE, gradient={"y": "3*r", "W": "outer(3*r, h)", "h": "W.T @ dy"})
    # dy is the student's own where that one was wrong; the trace's would be right as well.
    assert verdicts(result) == {"y": "wrong", "W": "carried", "h": "right"}
    result = checked(*SQUARE, gradient={"y": [0, 0], "W": [[0, 0], [0, 0]]})
    assert verdicts(result) == {"y": "wrong", "W": "wrong"}
    result = checked(*SQUARE, values={"y": [5, 13], "r": [1, 4]}, gradient={"t": [-2, -8]})
    assert verdicts(result) == {"y": "wrong", "r": "carried", "t": "carried"}


def test_a_wrong_shape_may_have_a_name() -> None:
    """A mistake that turns the shape round is told after the shape."""
    found = one(LAYER, "messages", "y->W", "outer(h, dy)")
    assert found.mistake == "outer product turned"
    assert "3×2" in found.words
    assert one(BATCH, "gradient", "b", "2*R").mistake == "not summed back"


# -- files ------------------------------------------------------------------------------

HEAD = 'formula = "y = W @ h; L = sum(y)"\nat = { W = [[1, 2], [3, 4]], h = ["1/2", "log(2)"] }\n'
BAD = [
    ("[local]\n'y/h' = ''", "mixes the entries"), ("[tangent]\n'L/h' = ''", "entry by entry"),
    ("[gradient]\nq = ''", "no node"),
]  # fmt: skip


@pytest.mark.parametrize(("rest", "words"), BAD)
def test_files_that_ask_what_has_no_answer(rest: str, words: str) -> None:
    """What can't be asked of arrays is refused, with the line."""
    with pytest.raises(BacktraceError) as caught:
        read_exercise(Source("bad.toml", HEAD + rest))
    assert words in caught.value.report()
    assert "bad.toml" in caught.value.report()


def test_lists_in_toml_and_in_text() -> None:
    """A point may be lists of TOML, expressions among them, or text."""
    exercise = read_exercise(Source("x.toml", HEAD + "[gradient]\nh = ''"))
    assert exercise.statement.at["h"].tolist() == [0.5, np.log(2)]
    text = HEAD.replace('{ W = [[1, 2], [3, 4]], h = ["1/2", "log(2)"] }', '"W=[[1,2],[3,4]],h=[1/2,log(2)]"')
    other = read_exercise(Source("x.toml", text + "[gradient]\nh = ''"))
    assert (other.statement.at["W"] == exercise.statement.at["W"]).all()


FILE = """
title = "A layer"
formula = "y = W @ h; r = y - t; L = r @ r"
at = {{ W = [[1, 2], [5, -1]], h = [3, 1], t = [4, 9] }}
hints = ["one", "two", "three"]
[shapes]
y = "2"
[gradient]
y = "2*r"
h = "{h}"
"""


@pytest.mark.parametrize("columns", [40, 80])
def test_the_page(backtrace: Run, tmp_path: Path, columns: int) -> None:
    """The first wrong step, what explains it, a witness entry, hints; the answer only with --reveal."""
    path = tmp_path / "layer.toml"
    path.write_text(FILE.format(h="W @ dy"), "utf-8")
    result = backtrace("check", "--hint", "2", str(path), columns=columns)
    page = " ".join(result.output.split())
    assert result.exit_code == 1
    assert "First wrong step: ∂L/∂h." in page
    assert "going back, W comes in transposed" in page
    assert "entry [0] of yours gives 22, that of the trace gives another number" in page
    assert "hint 2 of 3: two" in page
    assert "52" not in page
    assert max(map(len, result.output.splitlines())) <= columns
    assert "[52, −6]" in " ".join(backtrace("check", "--reveal", str(path), columns=columns).output.split())
    path.write_text(FILE.format(h="W.T @ dy"), "utf-8")
    assert backtrace("check", str(path)).exit_code == 0


def test_for_machines(backtrace: Run, tmp_path: Path) -> None:
    """--json has the witness entry, the point as nested lists, and the mistake."""
    path = tmp_path / "layer.toml"
    path.write_text(FILE.format(h="W @ dy"), "utf-8")
    answers = json.loads(backtrace("check", "--json", "--reveal", str(path)).output)["files"][0]["answers"]
    found = next(answer for answer in answers if answer["key"] == "h")
    assert found["mistake"] == "transposed"
    assert found["witness"] == {
        "at": {"W": [[1.0, 2.0], [5.0, -1.0]], "h": [3.0, 1.0], "t": [4.0, 9.0]},
        "yours": 22.0, "entry": [0], "trace": 52.0,
    }  # fmt: skip
    assert answers[0] | {"file": ""} == {
        "file": "", "line": 7, "table": "shapes", "key": "y", "answer": "2", "verdict": "right",
        "holds": None, "carried": False, "mistake": None, "witness": None, "words": None,
    }  # fmt: skip


def test_lint_plants_mistakes_in_arrays(backtrace: Run, tmp_path: Path) -> None:
    """A point of zeros and ones hides mistakes, and lint says how many."""
    path = tmp_path / "layer.toml"
    text = FILE.format(h="").replace('"2*r"', '""').replace('"2"', '""')
    path.write_text(text, "utf-8")
    good = json.loads(backtrace("lint", "--json", str(path)).output)["files"][0]
    path.write_text(text.replace("[[1, 2], [5, -1]]", "[[1, 0], [0, 1]]"), "utf-8")
    bad = json.loads(backtrace("lint", "--json", str(path)).output)["files"][0]
    assert good["problems"] == []
    assert bad["score"] < good["score"]
    assert "transposed" in {slip["mistake"] for slip in bad["slipped"]}


def test_graded_in_a_worker(backtrace: Run, tmp_path: Path) -> None:
    """A class's answers with arrays go through the grader and its reports, witness and all."""
    course, ada = tmp_path / "course" / "1_layers", tmp_path / "class" / "ada" / "1_layers"
    course.mkdir(parents=True)
    ada.mkdir(parents=True)
    (course / "layer.toml").write_text(FILE.format(h="").replace('"2*r"', '""').replace('"2"', '""'), "utf-8")
    (ada / "layer.toml").write_text(FILE.format(h="W @ dy"), "utf-8")
    words = ("grade", str(tmp_path / "class"), "--course", str(tmp_path / "course"))
    text = backtrace(*words, "--json").output
    answers = {
        a["key"]: a for a in json.loads(text)["students"][0]["files"][0]["answers"] if a["table"] != "shapes"
    }
    assert [answers[key]["verdict"] for key in "yh"] == ["right", "wrong"]
    assert answers["h"]["witness"]["entry"] == [0]
    assert answers["h"]["witness"]["at"]["h"] == [3.0, 1.0]
    (tmp_path / "part.json").write_text(text, "utf-8")
    merged = backtrace("grade", "--merge", str(tmp_path / "part.json"), "--report", "junit")
    assert "h = [3, 1]" in merged.output, merged.stderr
    assert "entry [0] of yours gives 22" in merged.output


# -- an independent witness -------------------------------------------------------------

sizes = st.integers(1, 3)


@settings(max_examples=30, deadline=None)
@given(st.data(), sizes, sizes, sizes, st.integers(0, 2**32 - 1))
def test_lists_against_differences(data: st.DataObject, n: int, k: int, m: int, seed: int) -> None:
    """What central differences in NumPy say is right, and the same with one entry moved is wrong."""
    dice = np.random.default_rng(seed)
    X, W, b, C = (np.round(dice.uniform(-2, 2, shape), 2) for shape in ((n, k), (k, m), (m,), (n, m)))

    def loss(W: np.ndarray) -> float:
        return float(np.sum(np.tanh(X @ W + b) * C))

    gradient = np.zeros_like(W)
    for place in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[place] = 1e-5
        gradient[place] = (loss(W + step) - loss(W - step)) / 2e-5
    at = ",".join(f"{name}={value.tolist()}" for name, value in zip("XWbC", (X, W, b, C), strict=True))
    statement = ("H = tanh(X @ W + b); L = sum(H*C)", at)
    rounded = np.vectorize(lambda entry: float(f"{entry:.5g}"))(gradient)
    if (abs(gradient) < 1e-3).any():
        return  # differences have no digits there
    units = abs(gradient) / 10.0 ** (np.floor(np.log10(abs(gradient))) - 4)
    if (abs(units % 1 - 0.5) < 1e-4).any():
        return  # at a tie (seed 820268) the differences' own error decides which way they are rounded
    assert one(statement, "gradient", "W", rounded.tolist()).verdict == "right"
    place = data.draw(st.sampled_from(list(np.ndindex(W.shape))))
    rounded[place] *= 1.01
    found = one(statement, "gradient", "W", rounded.tolist())
    assert found.verdict == "wrong"
    assert found.witness is not None
    assert found.witness.entry == place


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.one_of(st.integers(), st.floats(), st.text(max_size=6), st.booleans()),
                    lambda inner: st.lists(inner, max_size=3), max_leaves=12))  # fmt: skip
def test_no_list_is_a_crash(answer: object) -> None:
    """Whatever nested list somebody writes gets a verdict."""
    exercise = read_exercise(Source("x.toml", FILE.format(h="")))
    question = exercise.answers[-1].question
    found = read_answer(exercise.statement, question, answer, 1)
    answers = (*exercise.answers[:-1], found)
    verdict = check_exercise(exercise._replace(answers=answers)).answers[-1].verdict
    assert verdict in ("wrong", "blank", "unreadable")


@pytest.mark.parametrize(("name", "answer"), [
    ("W", "outer(2*(t-h)*h*(1-h), x)"), ("b", "2*(t-h)*h*(1-h)"), ("x", "W.T @ (2*(t-h)*h*(1-h))"),
])  # fmt: skip
def test_a_sign_is_not_placed_by_rounding(name: str, answer: str) -> None:
    """Where σ is flat h·(1 − h) rounds as one box's rule does; that doesn't make it that box's sign."""
    statement = "y = W@x + b; h = σ(y); L = sum((h-t)^2)", "W=[[1,2],[3,-4]],x=[1,2],b=[0,1],t=[0,1]"
    found = one(statement, "gradient", name, answer)
    words = "your answer is right but for its sign"
    assert (found.verdict, found.mistake, found.diagnosis) == ("wrong", "sign", words)


AT_KINKS = [
    ("r = relu(x); L = sum(c*r)", "x=[0,2,-1],c=[3,1,2]", "local", "r/x", [0.5, 1, 0], True),
    ("r = relu(x); L = sum(c*r)", "x=[0,2,-1],c=[3,1,2]", "local", "r/x", [1.5, 1, 0], False),
    ("r = relu(x); L = sum(c*r)", "x=[0,2,-1],c=[3,1,2]", "local", "r/x", [0.5, 1, 1], False),
    ("r = relu(x); L = sum(c*r)", "x=[0,2,-1],c=[3,1,2]", "gradient", "x", [1.5, 1, 0], True),
    ("r = relu(x); L = sum(c*r)", "x=[0,2,-1],c=[3,1,2]", "gradient", "x", [3.5, 1, 0], False),
    ("r = relu(x); L = sum(c*r)", "x=[0,2,-1],c=[3,1,2]", "gradient", "x", "c*(x >= 0)", True),
    ("r = relu(x); L = sum(c*r)", "x=[0,2,-1],c=[3,1,2]", "gradient", "x", "c*(x >= -5)", False),
    ("z = W @ x; L = sum(abs(z))", "W=[[1,-1],[2,1]],x=[1,1]", "gradient", "W", [[-1, -1], [1, 1]], True),
    ("z = W @ x; L = sum(abs(z))", "W=[[1,-1],[2,1]],x=[1,1]", "gradient", "W", [[2, 0], [1, 1]], False),
]


@pytest.mark.parametrize(("formula", "at", "table", "key", "answer", "right"), AT_KINKS)
def test_any_slope_between_the_sides_where_the_exercise_says_so(
    formula: str, at: str, table: str, key: str, answer: object, right: bool
) -> None:
    """The entry at the kink may have any slope of its interval, the others one alone."""
    found = one((formula, at), table, key, answer, 'kink = "interval"')
    assert found.verdict == ("right" if right else "wrong")
    if right:
        assert one((formula, at), table, key, answer).verdict == "wrong"
