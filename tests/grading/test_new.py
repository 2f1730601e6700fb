"""``backtrace new``: the exercise it writes loads, starts blank, can be solved, and shows mistakes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import close
from backtrace_cli.grading.authoring.lint import lint_file
from backtrace_cli.grading.authoring.making import USUAL, make_exercise, named_formula
from backtrace_cli.graph import build
from backtrace_cli.mistakes.choose_point import candidates, choose_point, ease, showing
from backtrace_cli.mistakes.diagnose import Diagnoser
from backtrace_cli.readings.questions import Question
from tests.formulas import Maker
from tests.sampling import few

Run = Callable[..., Result]
POLYNOMIAL = "x^2 - (x+y)*y + y^2"
FORMULAS = [
    POLYNOMIAL, "(x+σ(y))/(σ(x)+(x+y)^2)", "σ(w1*x1 + w2*x2 + b)", "x^2*y", "log(x - 5)*y", "swish(x; β)",
    "where(x > 0, x^2, y*x)", "max(x, y)*relu(x)", "a = x^2; b = a*y; sqrt(b)", "e^x*x", "x/y - y/x",
    "-exp(-0.5*((z - m)/s)^2)", r"\frac{x+\sigma(y)}{x^{2}}", "x*x", "(y - (w*x + b))^2",
]  # fmt: skip


@pytest.mark.parametrize("formula", few(FORMULAS, 3))
def test_what_is_made_lints_clean(backtrace: Run, tmp_path: Path, formula: str) -> None:
    """The file loads, starts blank, passes with the engine's answers, and catches nine mistakes in ten."""
    file = tmp_path / "made.toml"
    assert backtrace("new", formula, "-o", str(file)).exit_code == 0
    found = lint_file(str(file))
    # What is left to do is the author's: a why, and hints of their own.
    assert [one.words.split()[0] for one in found.problems][:1] == ["why"]
    assert all("why is blank" in one.words or "as backtrace new wrote" in one.words for one in found.problems)
    assert found.score is not None
    assert found.score.percent >= 90
    assert backtrace("check", str(file)).exit_code == 1  # all blank


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_any_formula_makes_an_exercise_or_says_why_not(seed: int) -> None:
    """Random formulas over all ops: the new file reads back as the same function, or there is a reason."""
    formula = Maker(seed).formula(2)
    try:
        made = make_exercise(formula.text)
    except BacktraceError as error:
        assert error.hint  # noqa: PT017
        return
    graph = build(formula.text)
    assert set(made.graph.inputs) == set(graph.inputs)
    assert len(made.graph.steps) == len(graph.steps)
    from backtrace_cli import trace

    at = {name: float(value) for name, value in made.at.items()}
    old, new = trace(formula.text, at), trace(named_formula(graph), at)
    assert new.value == pytest.approx(old.value, rel=1e-12)
    assert new.gradient == pytest.approx(old.gradient, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("table", USUAL)
def test_ask_names_the_tables(backtrace: Run, tmp_path: Path, table: str) -> None:
    """--ask lays out the blanks of the tables that it names, and of no other."""
    text = backtrace("new", POLYNOMIAL, "--ask", table).stdout
    assert f"[{table}]" in text
    assert not [other for other in USUAL if other != table and f"[{other}]" in text]


def test_nothing_is_overwritten(backtrace: Run, tmp_path: Path) -> None:
    """A file that is there stays as it is, unless --force says otherwise."""
    file = tmp_path / "mine.toml"
    file.write_text("my answers", "utf-8")
    result = backtrace("new", "x^2", "-o", str(file))
    assert (result.exit_code, file.read_text("utf-8")) == (2, "my answers")
    assert "--force" in result.stderr
    assert backtrace("new", "x^2", "-o", str(file), "--force").exit_code == 0
    assert "formula" in file.read_text("utf-8")


def test_the_reason_is_told(backtrace: Run, tmp_path: Path) -> None:
    """The page shows the chosen point beside those that people take without thinking."""
    result = backtrace("new", POLYNOMIAL, "-o", str(tmp_path / "a.toml"))
    assert "x = 1, y = 0" in result.stdout
    assert "easiest numbers" in result.stdout
    piped = backtrace("new", POLYNOMIAL)
    assert piped.stdout.startswith("#")  # the file and nothing else
    assert "easiest numbers" in piped.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sum(x)"], "nobody has said of what shapes"),
        (["3 + 4"], "nothing to differentiate"),
        (["x"], "no box"),
        (["x^2", "--ask", "answers"], "answers can't be asked for"),
        (["x^2", "--ask", ""], "nothing can't be asked for"),
        (["x^2", "--at", "y=1"], "doesn't fit"),
        (["x^2", "--at", "x=pi"], "no number that can be written in full"),
        (["relu(x)", "--at", "x=0"], "stands at a kink"),
        (["log(-x^2-1)"], "no point was found"),
        (["+".join(f"x^{n}" for n in range(2, 80))], "too many"),
        (["x^2", "-o", "/nowhere/at/all.toml"], "can't be written"),
        (["x^^2"], "^^"),
        (["x^2", "--student", "ann"], "--like"),
        (["x^2", "--like", "a.toml", "--student", "ann"], "as it is"),
        ([], "there is no formula"),
    ],
)
def test_what_cannot_be_made(backtrace: Run, words: list[str], expected: str) -> None:
    """What can't be an exercise is refused in words, with exit code 2."""
    result = backtrace("new", *words)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert result.stdout == ""


def test_the_point_matters() -> None:
    """Over the mistakes in x² − (x+y)y + y² the lecture's points come in the order that teachers know."""
    graph = build(POLYNOMIAL)
    points = [(1.0, 0.0), (1.0, 1.0), (2.0, 3.0), (2.5, 1.7)]
    found = [showing(graph, {"x": x, "y": y}) for x, y in points]
    assert all(found)
    invisible, answers, apart, *_ = zip(*found, strict=True)
    assert list(invisible) == sorted(invisible, reverse=True)
    assert list(answers) == sorted(answers)
    assert list(apart) == sorted(apart)
    assert invisible[0] > 3 * invisible[2]


def test_candidates_are_friendly_and_all_different() -> None:
    """The first points tried have small whole numbers, and no point comes twice."""
    from itertools import islice

    found = [tuple(point.values()) for point in islice(candidates("xyz"), 300)]
    assert len(set(found)) == 300
    assert all(abs(value) <= 6 and value.denominator == 1 for point in found[:20] for value in point)


@pytest.mark.parametrize("formula", few(FORMULAS, 3))
def test_the_choice_is_a_good_one(formula: str) -> None:
    """No candidate hides fewer mistakes; and none that is as telling is easier."""
    from itertools import islice

    graph = build(formula)
    choice = choose_point(graph)
    assert choice is not None
    for point in islice(candidates(list(graph.inputs)), choice.tried):
        found = showing(graph, {name: float(value) for name, value in point.items()})
        if found is None:
            continue
        assert found.invisible >= choice.shows.invisible
        as_telling = found.told >= choice.shows.told and found.told_apart >= choice.shows.told_apart
        if found.invisible == choice.shows.invisible and as_telling and len({*point.values()}) == len(point):
            assert ease(graph, point) >= ease(graph, choice.at)


@pytest.mark.parametrize("formula", FORMULAS[:4])
def test_what_is_named_is_what_a_diagnosis_names(formula: str) -> None:
    """The share that choosing counts is that of check's own diagnoses from one number."""
    graph = build(formula)
    choice = choose_point(graph)
    assert choice is not None
    point = {name: float(value) for name, value in choice.at.items()}
    diagnoser = Diagnoser(graph)
    scene = diagnoser.scene(point)
    named = of = 0
    for name in graph.inputs:
        question = Question("gradient", None, name)
        for number, fault in enumerate(diagnoser.faults):
            answer = scene.says(question, number)
            if answer == answer and not close(answer, scene.says(question, None), 1e-9):
                found = diagnoser.diagnose(question, [(point, answer)])
                assert found is None or fault.mistake in (found.mistake, *found.others, *found.instead)
                of, named = of + 1, named + (found is not None and found.sure is not None)
    assert (choice.shows.named, choice.shows.to_name) == (named, of)


def test_rivals_count_in_the_choice() -> None:
    """Where an answer is as well a number that stands about, the point names less."""
    graph = build("a = x^2; f = a*y")
    plain, telling = ({"x": x, "y": y} for x, y in ((2.0, 2.0), (5.0, 3.0)))
    left, right = showing(graph, plain), showing(graph, telling)
    assert left is not None
    assert right is not None
    assert left.told < right.told


def test_shapes_can_be_asked_for(backtrace: Run, tmp_path: Path) -> None:
    """--ask shapes lays out a blank for every box; the engine's shapes pass; a number has none to ask for."""
    file = tmp_path / "shapes.toml"
    made = backtrace(
        "new", "Y = X @ W + b", "--shapes", "X=2x2,W=2x3,b=3", "--ask", "shapes", "-o", str(file)
    )
    assert made.exit_code == 0
    blank = file.read_text("utf-8")
    assert backtrace("check", str(file)).exit_code == 1
    file.write_text(blank.replace('a = ""', 'a = "2x3"').replace('Y = ""', "Y = [2, 3]"), "utf-8")
    assert backtrace("check", str(file)).exit_code == 0
    assert [one.words.split()[0] for one in lint_file(str(file)).problems if "filled" not in one.words] == [
        "why", "1",
    ]  # fmt: skip
    refused = backtrace("new", "x*y", "--ask", "shapes")
    assert refused.exit_code == 2
    assert "has no shape to ask for" in refused.stderr
    usual = backtrace("new", "y = W @ h; L = y @ y", "--shapes", "W=2x3,h=3")
    assert "[shapes]" not in usual.stdout


def test_no_zero_in_a_chosen_array() -> None:
    """An entry of 0 hides what it is multiplied with, so none is drawn but in what stands for a class."""
    made = make_exercise("y = W @ h; L = y @ y", shapes={"W": (2, 3), "h": (3,)})
    assert all(float(entry) for value in made.at.values() for entry in value.ravel())


def test_fractions_stay_fractions(backtrace: Run, tmp_path: Path) -> None:
    """A point given as a fraction stands in the file as one, and reads back exactly."""
    file = tmp_path / "a.toml"
    assert backtrace("new", "x^2*y", "--at", "x=1/3,y=0.5", "-o", str(file)).exit_code == 0
    from backtrace_cli.grading.exercise.exercise import load

    assert load(str(file)).statement.at == {"x": float(Fraction(1, 3)), "y": 0.5}


POINTS = [
    ("L = binary_cross_entropy(p, y)", ["--shapes", "p=3,y=3"], lambda at: set(at["y"]) <= {0, 1}),
    ("L = binary_cross_entropy(σ(w*x), y)", ["--shapes", "w=3,x=3,y=3"], lambda at: set(at["y"]) <= {0, 1}),
    ("a = 2*x; f = tanh(a)", [], lambda at: abs(Fraction(at["x"])) <= 2),
    ("f = sqrt(1 - x^2 - y^2)", [], lambda at: True),
    ("f = sqrt(x - 9)*x", [], lambda at: True),
    ("L = W @ x @ x", ["--at", "W=[[0.1,0.3],[1,2]],x=[0.7,1]"], lambda at: at["W"] == [[0.1, 0.3], [1, 2]]),
]


@pytest.mark.parametrize(("formula", "words", "holds"), POINTS, ids=[formula for formula, *_ in POINTS])
def test_points_are_such_as_occur(backtrace: Run, formula: str, words: list[str], holds: Any) -> None:
    """Targets are 0 or 1, nothing is flat, small domains are found, numbers stand as they were given."""
    result = backtrace("new", formula, *words)
    assert result.exit_code == 0, result.stderr
    assert holds(tomllib.loads(result.stdout)["at"])
    assert "9999" not in result.stdout
