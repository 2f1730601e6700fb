"""What somebody types who has never seen the quiz: it is read as it is meant, or costs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.ops import OPS
from backtrace_cli.quiz import session as session_module
from backtrace_cli.quiz.memory.progress import Progress, folded, from_text, to_text
from backtrace_cli.quiz.memory.store import Store, now_here
from backtrace_cli.quiz.question_source import all_of, of_formula
from backtrace_cli.quiz.questions import Choice, Item
from backtrace_cli.quiz.session import Outcome, Round, Session
from backtrace_cli.quiz.slips import Slips
from backtrace_cli.readings.cells import Cell
from backtrace_cli.readings.rule_words import _ARGUMENT
from backtrace_cli.runs.point import read_point

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(tmp_path / "progress.json"))


def at(formula: str, point: str, cell: Cell | None = None) -> Session:
    """A session about ``formula``, or about one cell of it."""
    whole = of_formula(formula, read_point([point]))
    if cell is None:
        return Session(all_of([whole]), None)
    one = Item(cell, slips=Slips(whole.statement, cell))
    return Session(all_of([Round(whole.statement, [one], "t")]), None)


def said(quiz: Session) -> str:
    """The kind of the last thing said."""
    return quiz.model.feedback[0].kind


@pytest.mark.parametrize("typed", ["[7]", "[[7]]", "[x]", "sum(x)", "x@y", r"\begin{bmatrix}1&2\end{bmatrix}",
                                   "2 = 3", "f = 7", "7 = "])  # fmt: skip
def test_no_number_costs_nothing(typed: str) -> None:
    """Lists, sides that differ, another box's value: no try is gone."""
    quiz = at("a = x*y + 1; f = a*y", "x=2,y=3")
    quiz.answer("6")
    assert quiz.answer(typed) == []
    assert said(quiz) == "unreadable"
    assert quiz.answer("7")[0].result == "right"


def test_a_fault_in_judging_ends_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the judge raises, the question stands and nothing is lost."""

    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(session_module, "judged", broken)
    quiz = at("f = x*y", "x=2,y=3")
    assert quiz.answer("6") == []
    assert said(quiz) == "trouble"
    assert quiz.model.asked == 0


@pytest.mark.parametrize("typed", ["a", "1*a", "f/y", "a + 1"])
def test_a_circular_answer_is_none(typed: str) -> None:
    """What takes for granted what is asked is neither right nor wrong."""
    quiz = at("a = x + y; f = a*y", "x=2,y=3")
    assert quiz.answer(typed) == []
    assert said(quiz) == "no answer"


@pytest.mark.parametrize("typed", ["=5", "2+3=5", "a = 5", "y1 = 5", "a = x + y = 5"])
def test_what_stands_after_the_last_sign_of_equality_counts(typed: str) -> None:
    """The whole line on paper is an answer."""
    assert at("a = x + y; f = a*y", "x=2,y=3").answer(typed)[0].result == "right"


def test_too_few_digits_are_asked_for_and_a_wrong_number_is_wrong() -> None:
    """cos 2 is −0.41615: two digits of it are right as far as they go; 0.42 is not."""
    for typed, kind in [("-0.416", "no answer"), ("-0.42", "no answer"), ("-0.41616", "no answer"),
                        ("-0.4161", "right"), ("0.42", "wrong"), ("-0.43", "wrong")]:  # fmt: skip
        quiz = at("cos(x)", "x=2")
        quiz.answer(typed)
        assert said(quiz) == kind, typed
    quiz = at("x + 5", "x=2")
    quiz.answer("7.0000001")
    assert said(quiz) == "no answer"
    quiz = at("x*y", "x=3,y=7")
    quiz.answer("20")
    assert said(quiz) == "wrong"


@pytest.mark.parametrize(("cell", "typed"), [
    (Cell("gradient", None, "x"), "18-9"), (Cell("gradient", None, "x"), "9+18-9"),
    (Cell("messages", "a", "x"), "27"), (Cell("messages", "f", "y"), "2"),
])  # fmt: skip
def test_a_number_that_is_something_else_names_no_mistake(cell: Cell, typed: str) -> None:
    """A number of the sheet, or a sum with the messages in it, was not made by the mistake it looks like."""
    (outcome,) = at("a = x^2; b = x*a; f = y + b", "x=-3,y=2", cell).answer(typed)
    assert outcome.result == "wrong"
    assert all(not mistake for mistake, _ in outcome.missed)


@pytest.mark.parametrize("kept", ["45", "10"])
def test_a_lost_path_is_still_named(kept: str) -> None:
    """The bare message that was kept says which mistake it was."""
    (outcome,) = at("a = x*y; b = x + 7; f = a*b", "x=2,y=5", Cell("gradient", None, "x")).answer(kept)
    assert outcome.missed[0][0] == "lost path"


@pytest.mark.parametrize(("typed", "kind"), [
    ("why?", "why"), ("??", "hint"), ("idk", "stuck"), ("I don't know", "stuck"), ("show me", "shown"),
])  # fmt: skip
def test_words_of_somebody_at_a_loss(typed: str, kind: str) -> None:
    """They lead to the help there is."""
    quiz = at("x*y", "x=2,y=3")
    quiz.answer(typed)
    assert said(quiz) == kind


def test_q_leaves_unless_it_is_a_name() -> None:
    """A box called q is asked for by its name."""
    quiz = at("x*y", "x=2,y=3")
    quiz.answer("q")
    assert quiz.over
    assert quiz.left
    quiz = at("q*y", "q=2,y=3")
    quiz.answer("q")
    assert not quiz.over


def test_the_number_of_a_question_goes_back_with_it() -> None:
    """Twice back from the fourth is the second."""
    quiz = at("a = x + y; b = x*y; f = a*b", "x=2,y=3")
    for answer in ("5", "6", "30", "back", "back"):
        quiz.answer(answer)
    assert quiz.model.number == 2


def test_commands_are_heard_where_a_formula_is_worked_out() -> None:
    """why explains the last step, a stray answer changes nothing, Enter goes on."""
    quiz = at("x*y", "x=2,y=3", Cell("values", None, "f"))
    quiz.answer("6")
    assert quiz.pausing
    quiz.answer("why")
    assert (quiz.pausing, said(quiz)) == (True, "why")
    quiz.answer("7")
    assert (quiz.pausing, said(quiz)) == (True, "worked out")
    quiz.answer("back")
    assert quiz.model.item is not None
    quiz.answer("6")
    quiz.answer("")
    assert quiz.over


def test_a_name_is_no_letter_of_a_choice() -> None:
    """In a formula with a box called a, the choices have other letters, and a is the answer a."""
    whole = of_formula("a = exp(x); f = a*y", read_point(["x=1,y=2"]))
    cell = Cell("local", "a", "x")
    slips = Slips(whole.statement, cell)
    item = Item(cell, "either", False, (Choice("x", slips.shown[0]), Choice("a", None)), slips)
    assert not set(item.letters.lower()) & whole.statement.names
    quiz = Session(all_of([Round(whole.statement, [item], "t")]), None)
    assert quiz.answer("a")[0].result == "right"
    quiz = Session(all_of([Round(whole.statement, [item], "t")]), None)
    assert quiz.answer(item.letters[1].lower())[0].result == "right"


@pytest.mark.parametrize(("formula", "point"), [("x/y", "x=0,y=0"), ("1/x", "x=0"), ("log(x)", "x=0")])
def test_a_point_without_a_value_is_refused(backtrace: Run, formula: str, point: str) -> None:
    """Nothing is asked that has no answer."""
    result = backtrace("quiz", formula, "--at", point, "--answers", "-", stdin="0\n")
    assert result.exit_code == 2
    assert "no finite value" in result.stderr


def test_a_script_that_ends_early_is_no_success(backtrace: Run) -> None:
    """Nothing, only what can't be read, or a part: 1. All of it: 0, and said once."""
    words = ["quiz", "x*y", "--at", "x=2,y=3", "--answers", "-"]
    for stdin in ("", "hello\n", "6\n", "6\nquit\n"):
        assert backtrace(*words, stdin=stdin).exit_code == 1
    result = backtrace(*words, "--plain", stdin="6\n3\n2\n")
    assert result.exit_code == 0
    assert result.stdout.count("Worked out") == 1
    assert "Worked out" not in backtrace(*words, "--plain", stdin="quit\n").stdout


def test_the_way_out_keeps_the_options(backtrace: Run) -> None:
    """The command that is offered is the one that was given."""
    result = backtrace("quiz", "--topic", "forks", "--level", "2", stdin="")
    assert "--topic forks --level 2 --seed 1 --answers FILE" in result.stderr
    result = backtrace("quiz", "x*y", "--at", "x=1,y=2", stdin="")
    assert "'x*y' --at x=1,y=2 --answers FILE" in result.stderr


def test_why_uses_letters_of_its_own_and_tells_of_kinks(backtrace: Run) -> None:
    """A box called a is not the a of the op's own line."""
    result = backtrace("quiz", "a = relu(x); f = a*u", "--at", "x=0,u=2", "--answers", "-",
                       stdin="why\n0\n0\n2\n2\n0\nwhy\nshow\nwhy\n")  # fmt: skip
    assert "max(0, v)" in result.stdout
    assert "max(0, a)" not in result.stdout
    assert "kink" in result.stdout
    for op in OPS.values() if hasattr(OPS, "values") else OPS:
        if op.float is not None:
            left = _ARGUMENT.sub("_", op.doc)
            assert all(f" a {word}" not in left for word in ("to", "above", "below", "and", "kept", "holds"))


@pytest.mark.parametrize(("key", "value"), [
    ("stability", None), ("stability", -5), ("stability", 0), ("difficulty", None), ("difficulty", -1e300),
    ("last", "9999-12-31T23:59:59+00:00"), ("mistake", "\ud800"), ("op", "\x1b[31m"), ("mistake", "\x1b]0;x"),
])  # fmt: skip
def test_a_damaged_card_is_refused_in_words(key: str, value: object) -> None:
    """What the scheduler could not have written is named, and goes no further."""
    one = Outcome("forks", 1, "gradient", "", "wrong", missed=(("sign", "cos"),))
    data = json.loads(to_text(folded(Progress(), [one], now_here())))
    data["mistakes"][0][key] = value
    with pytest.raises(BacktraceError, match="not as it should be") as error:
        from_text(json.dumps(data), "p")
    assert "\x1b" not in str(error.value)


def test_every_copy_is_kept_and_others_files_are_left_alone(tmp_path: Path) -> None:
    """Two resets leave two copies; another progress file's half-written one is not ours to remove."""
    one = Outcome("forks", 1, "gradient", "", "right")
    store, other = Store(tmp_path / "p.json"), tmp_path / ".q.json-abcdefgh.tmp"
    other.write_text("")
    store.add([one], now_here())
    first = store.reset()
    store.add([one], now_here())
    second = store.reset()
    assert first is not None
    assert first != second
    assert first.exists()
    assert other.exists()
