"""Small words that a newcomer stumbled over: lists said twice, shapes, what comes back when."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest

from backtrace_cli.grading.statement import Statement
from backtrace_cli.pages.layout import Screen
from backtrace_cli.pages.quiz.learner import print_progress, progress_lines
from backtrace_cli.pages.quiz.screen import frame
from backtrace_cli.quiz.memory.progress import Progress, folded
from backtrace_cli.quiz.question_source import all_of, of_formula
from backtrace_cli.quiz.questions import Item, item_for
from backtrace_cli.quiz.session import Outcome, Round, Session
from backtrace_cli.quiz.slips import Slips
from backtrace_cli.readings.cells import Cell
from backtrace_cli.runs.point import read_point
from tests.quiz.learner import START


def page(cell: Cell, *typed: str) -> str:
    """The page after some answers about one cell of a sum with two inputs."""
    whole = of_formula("a = W @ z; L = sum(a)", read_point(["W=[[1,2,3],[4,5,6]],z=[1,0,2]"]))
    quiz = Session(
        all_of([Round(whole.statement, [Item(cell, slips=Slips(whole.statement, cell))], "t")]), None
    )
    for text in typed:
        quiz.answer(text)
    return frame(Screen(StringIO(), 80), quiz.model)


def test_a_list_is_said_once() -> None:
    """z ← db = […] needs no "with db = […]"; a rule with more in it does."""
    whole = of_formula("b = z + y; L = sum(b*b)", read_point(["z=[1,2],y=[3,5]"]))
    cell = Cell("messages", "b", "z")
    quiz = Session(
        all_of([Round(whole.statement, [Item(cell, slips=Slips(whole.statement, cell))], "t")]), None
    )
    quiz.answer("db")
    shown = frame(Screen(StringIO(), 80), quiz.model)
    assert "Right.  z ← db = [8, 14]\n" in shown
    assert ", with da = [1, 1]" in page(Cell("messages", "a", "z"), "W.T @ da")


@pytest.mark.parametrize(("typed", "words"), [
    ("1", "Not 1: that is a vector of 1 entry."), ("2", "Not 2: that is a vector of 2 entries."),
    ("2x3", "Not 2x3: that is a matrix of 2 rows and 3 columns."), ("()", "Not (): that is a number."),
])  # fmt: skip
def test_a_wrong_shape_is_told_what_has_it(typed: str, words: str) -> None:
    """Who types 1 for a number learns what 1 is; the right shape isn't told."""
    assert words in page(Cell("shapes", "a", "z"), typed)
    assert "a sends to z: shape 3" in page(Cell("shapes", "a", "z"), "3")


def test_what_is_due_says_now_in_the_table_and_below() -> None:
    """A mistake made a moment ago is due though its minute isn't over."""
    keys = [("sign", "cos"), ("own factor", "multiply")]
    state = Progress()
    for place, key in enumerate(keys):
        wrong = Outcome("local", 1, "local", key[1], "wrong", 0, (key,), (key,), None)
        state = folded(state, [wrong], START + timedelta(seconds=30 * place))
    now = START + timedelta(seconds=40)
    file = StringIO()
    print_progress(Screen(file, 80), state, now, "here")
    due = len(state.due(now))
    assert due == 2
    assert f"{due} mistakes due now." in file.getvalue()
    assert "minute" not in file.getvalue()
    assert "in a row: how often you made it since you last avoided it" in file.getvalue()
    assert sum("comes back now" in text for text in progress_lines(state, now, "here")) == due


def test_sides_that_disagree_cost_nothing() -> None:
    """Of 2 + 3 = 6 nobody can say what is meant: it is told, and the question stands."""
    statement = Statement("b = x + y; f = b*y", "x=2,y=3")
    one = Round(statement, [item_for(statement, Cell("values", None, "b"))], "mine")
    rounds = iter([one])
    session = Session(lambda left: next(rounds, None), 1)
    assert not session.answer("2 + 3 = 6")
    reply = session.model.feedback[0].reply
    assert reply is not None
    assert reply.words == "its two sides are 5 and 6"
    assert session.answer("2 + 3 = 5")[0].result == "right"
