"""What a student at midnight stumbles over: a name that is a command, the page's arrow, questions twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice

import pytest
from click.testing import Result

from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS
from backtrace_cli.quiz.question_source import of_formula
from backtrace_cli.quiz.session import COMMANDS
from backtrace_cli.runs.point import read_point
from tests.quiz.generated import drafts

Run = Callable[..., Result]


@pytest.mark.slow
def test_nothing_drawn_is_called_like_a_command() -> None:
    """Whoever types q leaves: no formula has a box or a variable of that name."""
    drawn = list(islice(drafts(), 2 * LEVELS * len(TOPICS)))
    named = {name for one in drawn for name in one.statement.names}
    assert len(named) > 20
    assert not named & set(COMMANDS)
    written = {name for topic in TOPICS.values() for name in re.findall(r"\w+", str(topic))}
    assert not written & set(COMMANDS)


def test_an_answer_as_the_page_writes_it(backtrace: Run) -> None:
    """y ← 40 and y <- 40 are 40, and −40 is not what is counted."""
    words = ["quiz", "a = 4*y; f = a^2", "--at", "y=5", "--backward", "--answers", "-", "--plain"]
    told = backtrace(*words, stdin="a <- 40\n∂a/∂y ← 4\ny <- 160\n").stdout
    assert "Right.  df/da" in told
    assert "1 of 1" not in told


def test_a_free_quiz_says_how_many_and_asks_nothing_twice() -> None:
    """Where 1 arrives, the local derivative and the message are one number, and one question."""
    one = of_formula("f = x*y + x^2", read_point(["x=2,y=3"]))
    asked = [item.cell for item in one.items]
    twins = [(cell.source, cell.target) for cell in asked if cell.kind.on_edge]
    assert len(twins) == len(set(twins))
    assert len(asked) == 9
    back = of_formula("f = x*y + x^2", read_point(["x=2,y=3"]), backward=True)
    assert [item.cell for item in back.items] == [cell for cell in asked if not cell.kind.is_value]


def test_a_free_quiz_counts_its_questions(backtrace: Run) -> None:
    """The page says of how many; with --backward the values stand there."""
    words = ["quiz", "f = x*y + x^2", "--at", "x=2,y=3", "--answers", "-", "--frames"]
    assert "question 1 of 9" in backtrace(*words, stdin="").stdout
    told = backtrace(*words, "--backward", stdin="").stdout
    assert "question 1 of 6" in told
    assert "= 2·3     6" in told
    assert backtrace("quiz", "--backward", "--answers", "-", stdin="").exit_code == 2


def test_why_is_a_sentence(backtrace: Run) -> None:
    """The larger one gets everything: said as a person would say it, not recited."""
    words = ["quiz", "a = max(x, y); f = a^2", "--at", "x=2,y=3", "--backward", "--answers", "-", "--plain"]
    told = backtrace(*words, stdin="6\nwhy\n").stdout
    assert "it gets everything and the others nothing" in told
