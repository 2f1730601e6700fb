"""What stands on the page: nothing given away, nothing claimed, nothing cut off, nothing unnamed."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.pages.layout import Screen
from backtrace_cli.pages.quiz.screen import frame
from backtrace_cli.quiz.question_source import all_of, of_exercise, of_formula
from backtrace_cli.quiz.questions import Item, item_for
from backtrace_cli.quiz.session import Round, Session
from backtrace_cli.quiz.slips import Slips
from backtrace_cli.readings.cells import Cell
from backtrace_cli.runs.point import read_point
from tests.quiz.learner import right_answer

Run = Callable[..., Result]
EXERCISE = "exercises/04_forks/two_paths.toml"


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(tmp_path / "progress.json"))


def at(formula: str, point: str, *cells: Cell) -> Session:
    """A session about some cells of a formula; about all of them, if none are named."""
    whole = of_formula(formula, read_point([point]))
    items = [Item(cell, slips=Slips(whole.statement, cell)) for cell in cells] or whole.items
    return Session(all_of([Round(whole.statement, items, "t")]), None)


def said(quiz: Session) -> str:
    """The kind of the last thing said."""
    return quiz.model.feedback[0].kind


def page(quiz: Session, rows: int | None = None, columns: int = 80) -> str:
    """The page as it stands."""
    return frame(Screen(StringIO(), columns), quiz.model, rows)


def test_sentences_say_what_a_box_without_a_name_is(backtrace: Run) -> None:
    """v1 is p − q, before its value is asked for; where every box has a name, nothing is said twice."""
    words = ["quiz", "(p-q)^2*(p-q*r)", "--at", "p=5,q=2,r=1", "--answers", "-"]
    plain = backtrace(*words, "--plain", stdin="3\n").stdout
    assert plain.index("v1 = p - q;  v2 = v1^2;  v3 = q*r;  v4 = p - v3") < plain.index("value of v1?")
    assert "v3 = q·r" in backtrace(*words, stdin="3\n").stdout
    named = backtrace("quiz", "a = x*y; f = a*x", "--at", "x=2,y=3", "--answers", "-", stdin="6\n")
    assert "Box by box" not in named.stdout


def test_compare_tells_nothing_that_is_still_asked(backtrace: Run) -> None:
    """After 300 for 360 the right values of this step and of those after it are for the learner to find."""
    script = "5\n6\n30\n900\n60\n6\n300\ncompare\n"
    result = backtrace("quiz", "a = x + y; b = x*y; c = a*b; f = c^2", "--at", "x=2,y=3",
                       "--answers", "-", "--plain", stdin=script)  # fmt: skip
    lines = result.stdout.split("> compare\n")[1].split("\n")
    assert lines[0] == "c -> a: with the mistake 300"
    assert all("right" not in line for line in lines[:5] if "mistake" in line)


def test_compare_tells_what_is_worked_out() -> None:
    """Once the step is found, it stands beside the mistake; what comes after it does not."""
    quiz = at("a = x + y; b = x*y; c = a*b; f = c^2", "x=2,y=3")
    for answer in ("5", "6", "30", "900", "60", "6", "300"):
        quiz.answer(answer)
    quiz.answer("compare")
    rows = page(quiz).split("with the mistake")[1].split("\n")
    assert [row.split()[-2:] for row in rows if "c → a" in row or "∂f/∂x" in row] == [
        ["?", "300"],
        ["?", "1200"],
    ]
    quiz.answer("360")
    quiz.answer("compare")
    rows = page(quiz).split("with the mistake")[1].split("\n")
    assert [row.split()[-2:] for row in rows if "c → a" in row or "∂f/∂x" in row] == [
        ["360", "300"],
        ["?", "1200"],
    ]


def test_compare_gives_nothing_away_in_forward_mode() -> None:
    """∂f/∂x is asked for at the end; a mistake on the way does not tell it."""
    whole = of_formula("a = x^2; b = a*y; f = b*x", read_point(["x=3,y=2"]))
    whole.statement.says(Cell("tangent", "f", "x"), whole.statement.trace)
    items = [item_for(whole.statement, Cell("tangent", name, "x")) for name in ("a", "b", "f")]
    quiz = Session(all_of([Round(whole.statement, items, "t")]), None)
    quiz.answer("x")
    quiz.answer("compare")
    right = str(whole.statement.says(Cell("tangent", "f", "x"), whole.statement.trace)).removesuffix(".0")
    assert right not in page(quiz).split("What follows")[1]


@pytest.mark.parametrize("rows", [16, 20, 24])
def test_a_long_comparison_leaves_the_title_on_the_page(rows: int) -> None:
    """In a low window the comparison is cut, and not the page."""
    formula = "; ".join(["a = x^2", *(f"{b} = {a}*y" for a, b in zip("abcde", "bcdef", strict=True))])
    quiz = at(formula, "x=2,y=3", Cell("local", "f", "e"))
    quiz.answer("e")
    quiz.answer("compare")
    shown = page(quiz, rows)
    assert shown.count("\n") <= rows
    assert shown.startswith(" t · question 1")
    assert "with the mistake" in shown
    assert "… " in shown.split("with the mistake")[1]


def test_only_what_was_found_is_called_worked_out(backtrace: Run) -> None:
    """Of two partials one was found; after nothing but skipping, none."""
    words = ["quiz", "f = x*y", "--at", "x=2,y=3", "--answers", "-"]
    some = backtrace(*words, stdin="6\n3\nskip\n").stdout
    assert "Worked out:   ∂f/∂x = 3\n" in some
    assert "Given:   ∂f/∂y = 2\n" in some
    for plain in ([], ["--plain"]):
        none = backtrace(*words, *plain, stdin="skip\n" * 5).stdout
        assert "Worked out" not in none
        assert "Given:" in none
    early = backtrace("quiz", "f = x*y + x", "--at", "x=2,y=3", "--count", "1", "--answers", "-", stdin="6\n")
    assert "Worked out" not in early.stdout


@pytest.mark.parametrize(("formula", "hint"), [
    ("3", "no variable"), ("", "no formula"), ("-", "standard input"), ("p*q", "--at p=2,q=3"),
    ("x +", "stops after"), ("W @ x", "values for W, x"),
])  # fmt: skip
def test_what_a_point_cannot_mend_is_told_as_it_is(backtrace: Run, formula: str, hint: str) -> None:
    """--at is offered where it helps, with the formula's own names."""
    result = backtrace("quiz", formula, "--answers", "-", stdin="")
    assert result.exit_code == 2
    assert hint in result.stderr


def test_a_usual_letter_is_told_the_letters_here() -> None:
    """Where a is a name, the choices are J to M, and A is no choice and no try."""
    whole = of_formula("a = exp(x); b = sigmoid(a); f = a*b", read_point(["x=1"]))
    for seed in range(40):
        item = item_for(whole.statement, Cell("local", "b", "a"), dice=random.Random(seed))
        if item.choices:
            break
    quiz = Session(all_of([Round(whole.statement, [item], "t")]), None)
    assert quiz.answer("A") == []
    assert quiz.model.feedback[0].reply is not None
    assert quiz.model.feedback[0].reply.words.startswith("the choices here are called J to ")
    assert quiz.answer(right_answer(quiz, item))[0].result == "right"


def test_progress_without_a_topic_has_no_heading_for_them(backtrace: Run) -> None:
    """Only formulas of one's own were answered."""
    backtrace("quiz", "f = x*y", "--at", "x=2,y=3", "--answers", "-", "--keep", stdin="6\n")
    assert "Topics" not in backtrace("progress").stdout
    backtrace("quiz", "--topic", "values", "--answers", "-", "--keep", "--count", "1", stdin="skip\n")
    assert "Topics" in backtrace("progress").stdout


def test_hints_of_an_exercise_come_where_they_fit(backtrace: Run) -> None:
    """Its hints are about the fork: at a value the quiz's own come, and the file's at the gradient."""
    this = of_exercise(EXERCISE)
    first = backtrace("quiz", EXERCISE, "--answers", "-", stdin="?\n").stdout
    assert "Hint 1 of 2: " in first
    assert this.hints[0] not in first
    quiz = Session(all_of([this]), None)
    lines = []
    while (item := quiz.model.item) is not None and item.cell.table != "gradient":
        lines.append(right_answer(quiz, item))
        quiz.answer(lines[-1])
    last = backtrace("quiz", EXERCISE, "--answers", "-", stdin="\n".join([*lines, "?"])).stdout
    assert " ".join(this.hints[0].split()) in " ".join(last.split())


@pytest.mark.parametrize(("typed", "kind"), [
    ("-0.12", "no answer"), ("-0.13", "no answer"), ("-0.125", "right"), ("-0.1", "wrong"),
    ("-0.11", "wrong"), ("-0.126", "wrong"),
])  # fmt: skip
def test_a_number_right_as_far_as_it_goes_costs_nothing(typed: str, kind: str) -> None:
    """Where the number comes out exactly, too: −0.125 rounded to two digits is no mistake."""
    quiz = at("f = x/y", "x=-1,y=8", Cell("values", None, "f"))
    quiz.answer(typed)
    assert said(quiz) == kind


def test_a_whole_number_beside_a_fraction_is_right_as_far_as_it_goes() -> None:
    """12 and 13 are two digits of 12.5; of a whole number one is either right or wrong."""
    for typed, kind in (("12", "no answer"), ("13", "no answer"), ("14", "wrong"), ("12.5", "right")):
        quiz = at("f = x/y", "x=25,y=2", Cell("values", None, "f"))
        quiz.answer(typed)
        assert said(quiz) == kind, typed
    quiz = at("f = x*y", "x=25,y=5", Cell("values", None, "f"))
    quiz.answer("130")
    assert said(quiz) == "wrong"


@pytest.mark.parametrize("x", ["0", "1"])
def test_a_bare_nothing_is_no_named_mistake(x: str) -> None:
    """0 is what anybody guesses; the input put in for the output, as a formula, is named."""
    (guess,) = at("f = sigmoid(x)*y", f"x={x},y=2", Cell("local", "v1", "x")).answer("0")
    assert guess.missed == (("", "sigmoid"),)
    (formula,) = at("f = sigmoid(x)*y", f"x={x},y=2", Cell("local", "v1", "x")).answer("x*(1 - x)")
    assert formula.missed == (("input for output", "sigmoid"),)


@pytest.mark.parametrize(("formula", "cell", "typed", "mistake"), [
    ("f = cos(x)*y", Cell("local", "v1", "x"), "sin(x)", "wrong rule"),
    ("f = sin(x)*y", Cell("local", "v1", "x"), "-cos(x)", "sign"),
    ("f = x/y", Cell("local", "f", "y"), "x/y^2", "sign"),
    ("b = x + y; f = b*b", Cell("local", "f", "b"), "b", "lost path"),
    ("b = x + y; f = b*b", Cell("messages", "f", "b"), "b", "lost path"),
])  # fmt: skip
def test_a_classic_mistake_is_named(formula: str, cell: Cell, typed: str, mistake: str) -> None:
    """Also where several entries of the catalogue are that very formula at that place."""
    quiz = at(formula, "x=2,y=3", cell)
    (outcome,) = quiz.answer(typed)
    assert [name for name, _ in outcome.missed] == [mistake]
    assert "compare shows your mistake" in page(quiz)
