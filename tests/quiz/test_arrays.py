"""Questions about vectors and matrices: whole, by row or entry, as expressions, by shape."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.quiz.array_messages import message_tree
from backtrace_cli.quiz.formulas.topics import TOPICS, home_of
from backtrace_cli.quiz.generate import draw
from backtrace_cli.quiz.memory.choose import Chooser
from backtrace_cli.quiz.memory.progress import Progress, TopicRecord, folded
from backtrace_cli.quiz.question_source import all_of, of_formula
from backtrace_cli.quiz.questions import Item, item_for
from backtrace_cli.quiz.session import Outcome, Round, Session
from backtrace_cli.quiz.slips import Slips
from backtrace_cli.readings.cells import Cell, arrows
from backtrace_cli.runs.point import read_point
from tests.quiz.learner import right_answer

Run = Callable[..., Result]

FORMULA = "A = X @ W; R = A + b; S = R^2; L = sum(S)"
POINT = "X=[[1,-1],[2,1]],W=[[1,2],[3,4]],b=[0,1]"
WIDE = "X=[[1,-1],[2,1]],W=[[1,2,3],[3,4,5]],b=[0,1,1]"


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(tmp_path / "progress.json"))


def about(*cell: str | None, formula: str = FORMULA, point: str = POINT) -> Session:
    """A session of one question, about one cell."""
    this = of_formula(formula, read_point([point]))
    one = item_for(this.statement, Cell(*cell))  # type: ignore[arg-type]
    return Session(all_of([Round(this.statement, [one], "t")]), None)


def said(quiz: Session) -> str:
    """The kind of the last thing said."""
    return quiz.model.feedback[0].kind


def words(quiz: Session) -> str:
    """Why an answer was no answer, or the mistake in it."""
    reply = quiz.model.feedback[0].reply
    return reply.words if reply is not None else ""


def named(quiz: Session, answer: str) -> str | None:
    """The mistake that an answer is called; None for none."""
    outcomes = quiz.answer(answer)
    return outcomes[0].missed[0][0] or None if outcomes[0].missed else None


# -- answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        (("values", None, "A"), "[[-2,-2],[5,8]]"),
        (("values", None, "A"), "A = X @ W = [[-2, -2], [5, 8]]"),
        (("values", None, "A"), r"\begin{bmatrix}-2&-2\\5&8\end{bmatrix}"),
        (("messages", "L", "S"), "[[1,1],[1,1]]"),
        (("messages", "L", "S"), "ones_like(S)"),
        (("local", "S", "R"), "2*R"),
        (("local", "S", "R"), "[[-4,-2],[10,18]]"),
        (("messages", "S", "R"), "2R"),
        (("messages", "S", "R"), "g*2*R"),
        (("messages", "R", "b"), "sum(dR, axis=0)"),
        (("messages", "R", "b"), "sum(g, axis=0)"),
        (("messages", "R", "b"), "[6, 16]"),
        (("messages", "A", "X"), "dA @ W.T"),
        (("messages", "A", "X"), "g @ W.T"),
        (("messages", "A", "X"), "dX = g @ W.T"),
        (("messages", "A", "W"), "X.T @ (2*R)"),
        (("messages", "A", "W"), "[[16, 34], [14, 20]]"),
    ],
)
def test_right_answers(cell: tuple[str | None, ...], answer: str) -> None:
    """Lists, matrix expressions over what arrived by either name, LaTeX, an equation."""
    quiz = about(*cell)
    assert quiz.answer(answer)[0].result == "right", words(quiz)


@pytest.mark.parametrize(
    ("cell", "answer", "mistake"),
    [
        (("messages", "R", "b"), "g", "not summed back"),
        (("messages", "R", "b"), "[[-4,-2],[10,18]]", "not summed back"),
        (("messages", "A", "X"), "g @ W", "transposed"),
        (("messages", "A", "X"), "[[-10,-16],[64,92]]", "transposed"),
        (("messages", "A", "X"), "W.T @ g", "factors exchanged"),
        (("messages", "A", "W"), "g @ X.T", "factors exchanged"),
        (("messages", "A", "W"), "-X.T @ g", "sign"),
        (("messages", "L", "S"), "1", "not spread"),
    ],
)
def test_mistakes_of_arrays_are_named(cell: tuple[str | None, ...], answer: str, mistake: str) -> None:
    """By an expression and by numbers; also where the shape is wrong."""
    assert named(about(*cell), answer) == mistake


def test_softmax_with_its_diagonal_alone() -> None:
    """Named, and at an outer product turned round, too."""
    at = "z=[0,log(3)],c=[2,6]"
    quiz = about("messages", "y", "z", formula="y = softmax(z); L = c @ y", point=at)
    assert named(quiz, "g*y*(1-y)") == "softmax diagonal"
    quiz = about("messages", "y", "W", formula="y = W @ h; L = c @ y",
                 point="W=[[1,2],[3,-1]],h=[2,1],c=[5,4]")  # fmt: skip
    assert named(quiz, "outer(h, g)") == "outer product turned"


@pytest.mark.parametrize(
    ("cell", "answer", "kind", "because"),
    [
        (("messages", "R", "b"), "dR @ X @ [1,2,3]", "no answer", "the shapes don't fit"),
        (("messages", "R", "b"), "db", "no answer", "db is what is asked for"),
        (("messages", "R", "b"), "[[1,2],[3]]", "no answer", "the shapes don't fit"),
        (("messages", "A", "W"), "dA2", "unreadable", ""),
        (("values", None, "A"), "R - b", "no answer", "it uses R"),
        (("values", None, "A"), "[[1,2],[3,4]] = [[1,2],[3,5]]", "unreadable", "its two sides are"),
    ],
)
def test_what_costs_nothing(cell: tuple[str | None, ...], answer: str, kind: str, because: str) -> None:
    """Shapes that don't fit, what is asked for itself, a ragged list."""
    quiz = about(*cell)
    assert quiz.answer(answer) == []
    assert said(quiz) == kind
    assert because in words(quiz)
    assert quiz.model.asked == 0


def test_too_few_digits_in_an_entry_cost_nothing() -> None:
    """As with numbers: right as far as it goes."""
    quiz = about("values", None, "y", formula="y = softmax(z); L = c @ y", point="z=[0,1],c=[2,6]")
    assert quiz.answer("[0.27, 0.73]") == []
    assert "give 4 digits" in words(quiz)
    assert quiz.answer("[0.2689, 0.7311]")[0].result == "right"


def test_a_wrong_shape_says_the_right_one() -> None:
    """Where no mistake explains it."""
    quiz = about("messages", "R", "b")
    assert quiz.answer("[1,2,3]")[0].result == "wrong"
    assert words(quiz) == "what R sends to b has the shape of b, a vector of 2; yours is a vector of 3"


# -- parts, shapes, choices ------------------------------------------------------------


def test_a_row_is_enough_where_all_is_tedious() -> None:
    """The row, the whole, and an expression are right; another row is not."""
    cell = ("messages", "A", "W")
    row = about(*cell, point=WIDE).model.item
    assert row is not None
    assert len(row.part) == 1
    right = "X.T @ g"
    for answer in (f"({right})[{row.part[0]}]", right):
        quiz = about(*cell, point=WIDE)
        if "[" in answer:
            value = quiz.trace.gradient_of("W")
            answer = str(value[row.part[0]].tolist())  # noqa: PLW2901
        assert quiz.answer(answer)[0].result == "right", words(quiz)
    quiz = about(*cell, point=WIDE)
    wrong = quiz.trace.gradient_of("W")[1 - row.part[0]].tolist()
    assert quiz.answer(str(wrong))[0].result == "wrong"
    quiz = about(*cell, point=WIDE)
    assert quiz.answer("[1,2]")[0].result == "wrong"
    assert words(quiz) == "a row of 3 is asked for; yours is a vector of 2"
    quiz = about(*cell, point=WIDE)
    assert named(quiz, str((-quiz.trace.gradient_of("W")[row.part[0]]).tolist())) == "sign"


def test_an_entry_is_enough_of_a_long_vector() -> None:
    """A number, though a list is what the box gives."""
    numbers = ",".join(map(str, range(1, 10)))
    quiz = about("values", None, "y", formula="y = x^2; L = sum(y)", point=f"x=[{numbers}]")
    item = quiz.model.item
    assert item is not None
    assert len(item.part) == 1
    assert quiz.answer(f"{item.part[0] + 1}^2")[0].result == "right"


def test_shapes_are_asked_and_judged() -> None:
    """Of a value and of a message; the mistake that leads to a wrong one is named."""
    this = of_formula(FORMULA, read_point([WIDE]))
    for cell, right, wrong in (
        (Cell("shapes", None, "A"), "2x3", "3x2"),
        (Cell("shapes", "R", "b"), "3", "2×3"),
        (Cell("shapes", "A", "W"), "[2, 3]", "2"),
    ):
        for answer in (right, wrong):
            one = Round(this.statement, [Item(cell, slips=Slips(this.statement, cell))], "t")
            quiz = Session(all_of([one]), None)
            assert cell in quiz.model.states
            assert quiz.answer(answer)[0].result == ("right" if answer == right else "wrong")
            if cell.source == "R" and answer == wrong:
                assert quiz.model.feedback[0].reply is not None
                assert "b is used 2 times" in words(quiz)


def test_choices_come_from_the_catalogue() -> None:
    """Right once; transposed, exchanged, not summed back among the wrong ones."""
    seen: set[str] = set()
    for seed in range(20):
        this = of_formula(FORMULA, read_point([POINT]))
        for cell in (Cell("messages", "A", "X"), Cell("messages", "A", "W"), Cell("messages", "R", "b")):
            item = item_for(this.statement, cell, dice=random.Random(seed))
            assert len(item.choices) >= 3
            assert [choice.slip is None for choice in item.choices].count(True) == 1
            seen |= {choice.slip.fault.mistake for choice in item.choices if choice.slip is not None}
            right = next(choice.text for choice in item.choices if choice.slip is None)
            arrow = next(a for a in arrows(this.statement.trace)
                         if (this.statement.graph.name(a.source), this.statement.graph.name(a.target))
                         == cell[1:])  # fmt: skip
            assert right == to_text(message_tree(this.statement.graph, arrow.sents))
            wrong = next(place for place, choice in enumerate(item.choices) if choice.slip is not None)
            quiz = Session(all_of([Round(this.statement, [item], "t")]), None)
            assert named(quiz, item.letters[wrong]) == item.choices[wrong].slip.fault.mistake  # type: ignore[union-attr]
    assert {"transposed", "factors exchanged", "not summed back"} <= seen


# -- whole sessions --------------------------------------------------------------------


@pytest.mark.parametrize("point", [POINT, WIDE])
@pytest.mark.parametrize("options", [[], ["--plain"], ["--frames"]])
def test_a_whole_formula_right(backtrace: Run, tmp_path: Path, point: str, options: list[str]) -> None:
    """Every question answered right, in each way to print; no line wider than the page."""
    this = of_formula(FORMULA, read_point([point]))
    quiz = Session(all_of([this]), None)
    answers = []
    while not quiz.over:
        if quiz.model.item is None:
            quiz.answer("")
            continue
        answers.append(right_answer(quiz, quiz.model.item))
        assert quiz.answer(answers[-1])[0].result == "right"
    path = tmp_path / "answers.txt"
    path.write_text("\n".join(answers), "utf-8")
    result = backtrace("quiz", FORMULA, "--at", point, "--answers", str(path), *options)
    assert result.exit_code == 0
    assert f"{len(answers)} of {len(answers)} right at the first try." in result.stdout
    if options == ["--plain"]:
        assert result.stdout.isascii()


@pytest.mark.parametrize("columns", [80, 40])
def test_every_command_at_every_question_of_the_course(backtrace: Run, tmp_path: Path, columns: int) -> None:
    """Hints, reasons, a wrong answer, the step: no line wider than the window where it can be folded."""
    path = tmp_path / "answers.txt"
    path.write_text("\n".join(["?", "?", "?", "why", "[1, 2]", "compare", "show"] * 12), "utf-8")
    for exercise in ("batch_and_bias", "both_sides_at_once", "shapes_first", "quadratic_form"):
        name = f"exercises/10_vectors_and_matrices/{exercise}.toml"
        result = backtrace("quiz", name, "--answers", str(path), "--frames", columns=columns)
        assert result.exit_code == 1, result.output
        for line in result.stdout.split("\n"):
            assert len(line) <= columns or not re.search(r"[^,] ", line.strip()[: columns - 8]), line


def test_why_opens_an_entry(backtrace: Run, tmp_path: Path) -> None:
    """The scalar sum behind the matrix expression, with its numbers."""
    path = tmp_path / "answers.txt"
    path.write_text("skip\n" * 9 + "why\n", "utf-8")
    shown = backtrace("quiz", FORMULA, "--at", POINT, "--answers", str(path)).stdout
    assert "u @ v sends g @ v.T to u, where g is what arrived." in shown
    assert "X[0,0] ← dA[0,0]·W[0,0] + dA[0,1]·W[0,1] = (−4)·1 + (−2)·2 = −8" in shown


@pytest.mark.parametrize(
    ("formula", "point", "because"),
    [
        ("y = 2*w", "w=[1,2]", "y is no number, so it has no gradient"),
        ("sum(w)", f"w={list(range(30))}", "an array of 30 entries is too much to type"),
        ("sum(W @ x)", "W=[[1,2,3],[3,4,5]],x=[1,1]", "3 columns on the left of @ meet 2 entries"),
    ],
)
def test_what_is_no_quiz_is_refused(formula: str, point: str, because: str) -> None:
    """An array for an output, too much to type, shapes that don't fit."""
    with pytest.raises(BacktraceError, match=re.escape(because)):
        of_formula(formula, read_point([point]))


def test_a_quiz_of_numbers_loads_no_numpy() -> None:
    """Neither at the start nor for a drawn formula of numbers."""
    code = (
        "import sys; sys.argv = ['backtrace', 'quiz', '--topic', {!r}, '--level', '2', '--answers', '-']\n"
        "from backtrace_cli.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('numpy' in sys.modules, file=sys.stderr)"
    )
    for topic, loaded in (("forks", "False"), ("network", "False"), ("vectors", "True")):
        done = subprocess.run([sys.executable, "-c", code.format(topic)], input="show\nskip\n",
                              capture_output=True, text=True, check=False)  # fmt: skip
        assert done.stderr.split()[-1] == loaded, topic


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("[]()0123456789,.-+*/@^=gdXWbRT? sumaxi"), max_size=24))
def test_nothing_typed_ends_a_session(text: str) -> None:
    """Whatever is typed is judged, or costs nothing, and is never a fault of ours."""
    quiz = about("messages", "R", "b")
    quiz.answer(text)
    assert not any(found.kind == "trouble" for found in quiz.model.feedback)


# -- what is remembered ----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("key", [
    ("transposed", "matmul"), ("factors exchanged", "matmul"), ("outer product turned", "matmul"),
    ("not summed back", "add"), ("not spread", "sum"), ("mean and sum", "mean"),
    ("softmax diagonal", "softmax"), ("", "matmul"), ("", "cross_entropy"),
])  # fmt: skip
def test_a_mistake_of_arrays_comes_back_in_a_fresh_formula(key: tuple[str, str]) -> None:
    """Due, it is asked about in formulas that would show it, all different, and nothing is offered."""
    now = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    progress = Progress(topics={name: TopicRecord(level=3) for name in TOPICS})
    missed = Outcome(home_of(*key), 3, "messages", key[1], "wrong", missed=(key,))
    progress = folded(progress, [missed, missed], now)
    chooser = Chooser(random.Random(3), lambda: progress, lambda: now)
    rounds = [this for this in (chooser(10) for _ in range(25)) if this is not None and this.target == key]
    assert len(rounds) >= 3
    assert len({(this.statement.formula, str(this.statement.at)) for this in rounds}) == len(rounds)
    for this in rounds:
        assert this.statement.arrays
        assert all(key in item.exposes and not item.choices for item in this.items)


def test_every_topic_over_arrays_draws_arrays() -> None:
    """Vectors have one axis at most, matrices two; a network and softmax come to them on the way up."""
    for topic, level, axes in (("vectors", 1, 1), ("matrices", 2, 2), ("softmax", 5, 2), ("network", 5, 2)):
        shapes: list[tuple[int, ...]] = []
        for seed in range(8):
            draft = draw(random.Random(f"{topic} {seed}"), topic, level)
            assert draft is not None
            shapes += draft.statement.graph.shapes or ()
        assert max(map(len, shapes)) == axes


@pytest.mark.parametrize("formula", ["v = [x, y]; f = sum(v)", "v = concat([x, y], [y, x]); f = v @ v"])
def test_arrays_put_together_from_any_number_of_parts_are_asked_about(backtrace: Run, formula: str) -> None:
    """A box of as many arguments as there are has one rule for all of them."""
    result = backtrace("quiz", formula, "--at", "x=1,y=2", "--answers", "-", stdin="show\n" * 20)
    assert result.exit_code == 1
    assert "Given:" in result.stdout
