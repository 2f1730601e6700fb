"""The session without a terminal: what a typed line does, and what the answers mean."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.quiz.memory.choose import Chooser
from backtrace_cli.quiz.memory.store import now_here
from backtrace_cli.quiz.model import Round
from backtrace_cli.quiz.question_source import all_of, of_exercise, of_formula
from backtrace_cli.quiz.session import COMMANDS, Session
from backtrace_cli.readings.cells import ASKED, HIDDEN, Cell
from backtrace_cli.runs.point import read_point
from tests.quiz.generated import repeats_in
from tests.quiz.learner import right_answer

SHEET = "a = x + y; b = x*y; f = a*b"
AT = "x=2,y=3"


def session(formula: str = SHEET, at: str = AT, count: int | None = None) -> Session:
    """A session about one formula."""
    return Session(all_of([of_formula(formula, read_point([at]))]), count)


def kinds(quiz: Session) -> list[str]:
    """What the tutor said last, by kind."""
    return [found.kind for found in quiz.model.feedback]


def test_the_sheet_fills_in_as_answers_come() -> None:
    """What is before the question is filled in, the question is open, what comes after is hidden."""
    quiz = session()
    quiz.answer("5")
    states = quiz.model.states
    assert states[Cell("values", None, "a")] == "right"
    assert states[Cell("values", None, "b")] == ASKED
    assert states[Cell("values", None, "f")] == HIDDEN
    while not quiz.over:
        item = quiz.model.item
        quiz.answer(right_answer(quiz, item) if item else "")
    assert HIDDEN not in quiz.finished[-1].states.values()
    assert quiz.model.right == quiz.model.asked == len(quiz.model.round.items)


def test_a_wrong_answer_gets_its_name_and_a_second_try() -> None:
    """∂b/∂x = x is the own factor; the second try is counted as mended, not as right."""
    quiz = session()
    for answer in ("5", "6", "30"):
        quiz.answer(answer)
    while quiz.model.item is not None and quiz.model.item.cell != Cell("local", "b", "x"):
        quiz.answer(right_answer(quiz, quiz.model.item))
    (first,) = quiz.answer("x")
    assert first.missed == (("own factor", "multiply"),)
    assert quiz.model.feedback[0].reply is not None
    assert "other factor" in quiz.model.feedback[0].reply.words
    quiz.answer("compare")
    assert kinds(quiz) == ["compare"]
    (second,) = quiz.answer("y")
    assert (first.result, second.result) == ("wrong", "mended")
    assert quiz.model.asked - quiz.model.right == 1


def test_two_wrong_answers_show_the_step() -> None:
    """After the second try the step is shown and the next question stands."""
    quiz = session()
    before = quiz.model.item
    quiz.answer("7")
    quiz.answer("8")
    assert kinds(quiz) == ["wrong", "shown"]
    assert quiz.model.item is not before
    assert quiz.model.states[Cell("values", None, "a")] == "shown"


@pytest.mark.parametrize("typed", ["x +", "hello", "x" * 3000, "1 = 2", "\x1b[31m", "[red]x[/red]", "x;y"])
def test_what_cannot_be_read_costs_nothing(typed: str) -> None:
    """A slip of the pen is no try."""
    quiz = session()
    assert quiz.answer(typed) == []
    assert kinds(quiz) == ["unreadable"]
    assert quiz.model.asked == 0
    assert quiz.answer("5")[0].result == "right"


def test_what_cannot_be_decided_costs_nothing() -> None:
    """An answer with a value at too few points is neither right nor wrong."""
    quiz = session("f = sqrt(x)", "x=4")
    assert quiz.answer("2 + sqrt(-(x - 4)^2)") == []
    assert kinds(quiz) == ["undecided"]
    assert quiz.model.asked == 0


def test_hints_grow_and_are_counted() -> None:
    """Each ? says more, the last one again and again; the outcome knows of the help."""
    quiz = session()
    for wanted in (1, 2, 3):
        quiz.answer("?")
        assert quiz.model.feedback[0].number == wanted
    assert quiz.answer("5")[0].hints == 3


def test_back_lets_an_answer_be_given_again_and_counts_once() -> None:
    """Back at the first question there is nothing; further on the earlier one is open again."""
    quiz = session()
    quiz.answer("back")
    assert kinds(quiz) == ["nothing back"]
    quiz.answer("5")
    quiz.answer("back")
    assert quiz.model.states[Cell("values", None, "a")] == ASKED
    assert quiz.answer("5") == []
    assert quiz.model.asked == 1


def test_skip_and_show_go_on_without_a_try() -> None:
    """Both fill the cell in, and neither counts as right."""
    quiz = session()
    assert [quiz.answer("skip")[0].result, quiz.answer("show")[0].result] == ["skipped", "shown"]
    assert (quiz.model.asked, quiz.model.right) == (2, 0)


def test_a_name_of_the_formula_is_an_answer_and_no_command() -> None:
    """A box may be called show: then :show is the command."""
    quiz = session("show = x*x; f = show + x", "x=3")
    quiz.answer("9")
    assert kinds(quiz) == ["right"]
    quiz.answer(":show")
    assert kinds(quiz) == ["shown"]
    quiz.answer("show")
    assert kinds(quiz) in (["wrong"], ["right"])


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_every_command_works_at_every_question(command: str) -> None:
    """No command fails anywhere, after a wrong answer or before one."""
    for wrong in (False, True):
        for place in range(len(session().model.round.items)):
            quiz = session()
            for _ in range(place):
                quiz.answer("skip")
            if wrong:
                quiz.answer("123.5")
            quiz.answer(command)
            assert quiz.model.asked <= place + 2


def test_an_exercise_is_asked_in_the_order_of_computation() -> None:
    """The blanks of the file and nothing else, its own hints first."""
    this = of_exercise("exercises/04_forks/two_paths.toml")
    quiz = Session(all_of([this]), None)
    assert this.items[0].cell == Cell("values", None, "c")
    assert len(this.hints) == 3
    while not quiz.over:
        item = quiz.model.item
        outcomes = quiz.answer(right_answer(quiz, item) if item else "")
        assert all(outcome.result == "right" for outcome in outcomes)
    assert quiz.model.right == len(this.items) == 6


def test_the_same_seed_is_the_same_quiz() -> None:
    """Whatever is answered, formulas and questions are the same; another seed has others."""

    def asked(seed: int, answer: Callable[[Session], str]) -> list[tuple[str, Cell]]:
        quiz = Session(Chooser(random.Random(seed), None, now_here), 20)
        found = []
        while not quiz.over:
            item = quiz.model.item
            if item is not None:
                found.append((quiz.model.round.statement.formula, item.cell))
            quiz.answer(answer(quiz) if item is not None else "")
        return found

    def right(quiz: Session) -> str:
        assert quiz.model.item is not None
        return right_answer(quiz, quiz.model.item)

    assert asked(7, right) == asked(7, lambda quiz: "skip")
    assert asked(7, right) != asked(8, right)


def test_no_formula_comes_twice_in_a_session() -> None:
    """Two hundred questions: no formula again at the same point, and at another when there are no more."""
    chooser = Chooser(random.Random(3), None, now_here, "forks", 1)
    statements = [found.statement for found in (chooser(10) for _ in range(60)) if found]
    assert len(statements) == 60
    assert repeats_in(statements)[0] == 0
    assert repeats_in(statements[:20]) == (0, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.sampled_from([*COMMANDS, "", "A", "b", "5", "x*y", "30", ":", ":back"]),
                          st.text(max_size=30)), max_size=25))  # fmt: skip
def test_nothing_that_is_typed_breaks_a_session(lines: list[str]) -> None:
    """Any lines in any order: the counts hold and the screen can be drawn."""
    from io import StringIO

    from backtrace_cli.pages.layout import Screen
    from backtrace_cli.pages.quiz.screen import frame, sentences

    quiz = session()
    before = None
    for line in lines:
        quiz.answer(line)
        model = quiz.model
        assert 0 <= model.right <= model.asked <= len(model.round.items)
        page = frame(Screen(StringIO(), 40), model, 24)
        assert not any(ord(char) < 32 and char != "\n" for char in page)
        list(sentences(model, before, ascii=True))
        before = model


def test_rounds_without_questions_end_at_once() -> None:
    """A source that gives nothing more ends the session after the last round."""
    one = of_formula("f = x*y", read_point([AT]))
    quiz = Session(all_of([Round(one.statement, one.items[:1], "t")]), 5)
    quiz.answer("6")
    assert quiz.pausing
    quiz.answer("")
    assert quiz.over


def test_numbers_of_the_point_may_stand_in_a_formula() -> None:
    """What arrived is on the page as a number; with it an answer is right at this point, and it is said."""
    quiz = session("a = x^2; f = a*x", "x=5")
    while quiz.model.item is not None and quiz.model.item.cell != Cell("messages", "a", "x"):
        quiz.answer(right_answer(quiz, quiz.model.item))
    (outcome,) = quiz.answer("5*2*x")
    assert outcome.result == "right"
    assert quiz.model.feedback[0].reply is not None
    assert quiz.model.feedback[0].reply.words == "at this point"


def test_a_wrong_rule_is_wrong_though_it_has_the_right_value_here() -> None:
    """At x = 2, x² and 2·x are both 4: as formulas one of them is a mistake."""
    quiz = session("f = x^2", "x=2")
    quiz.answer("4")
    assert quiz.answer("x")[0].result == "wrong"
    quiz = session("f = x^3", "x=3")
    quiz.answer("27")
    assert quiz.answer("x^3")[0].result == "wrong"
