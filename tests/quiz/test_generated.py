"""Generated questions keep their promises; ``python tests/quiz/generated.py`` asks ten thousand."""

from __future__ import annotations

import itertools
import random

import pytest

from backtrace_cli.grading.statement import Statement
from backtrace_cli.quiz.card_keys import Key, box_of
from backtrace_cli.quiz.formulas.topics import BOXES, LEVELS, TOPICS, home_of
from backtrace_cli.quiz.generate import Draft, draw, keys_of
from backtrace_cli.quiz.questions import Choice
from backtrace_cli.readings.cells import Cell
from tests.quiz.generated import drafts, faults_of, repeats_in, session_of, sizes_by_level
from tests.sampling import few


@pytest.fixture(scope="module")
def drawn() -> list[Draft]:
    """Three formulas of every topic and level."""
    return list(itertools.islice(drafts(11), 3 * LEVELS * len(TOPICS)))


@pytest.mark.slow
def test_every_question_can_be_answered(drawn: list[Draft]) -> None:
    """Points defined, own answers accepted, wrong choices wrong."""
    assert [fault for draft in drawn for fault in faults_of(draft)] == []
    assert sum(len(draft.items) for draft in drawn) > 400
    assert any(item.choices for draft in drawn for item in draft.items)


@pytest.mark.slow
def test_a_planted_fault_is_found(drawn: list[Draft]) -> None:
    """A right answer offered as a wrong choice does not pass."""
    for draft in drawn:
        for item in draft.items:
            right = next((choice for choice in item.choices if choice.slip is None), None)
            if right is None:
                continue
            wrong = next(choice for choice in item.choices if choice.slip is not None)
            broken = item._replace(choices=(right, Choice(right.text, wrong.slip)))
            assert list(faults_of(draft._replace(items=[broken])))
            return
    pytest.fail("no choice was drawn")


def test_difficulty_rises_with_level(drawn: list[Draft]) -> None:
    """Steps, forks and different ops: each grows from level to level."""
    for column in zip(*sizes_by_level(drawn), strict=True):
        assert list(column) == sorted(column)
        assert column[-1] > 2 * column[0]


def test_a_formula_is_about_its_topic(drawn: list[Draft]) -> None:
    """At least one box of the topic is in each of its formulas."""
    for draft in drawn:
        graph = draft.statement.graph
        ops = {box_of(graph, Cell("values", None, graph.name(index))) for index in graph.steps}
        assert ops & {BOXES[name].op for name in TOPICS[draft.topic].about}, draft.statement.formula


def test_mistakes_show_at_the_points(drawn: list[Draft]) -> None:
    """Away from flat pieces, most mistakes change the answer."""
    shares = [item.slips.share for draft in drawn for item in draft.items
              if item.slips and draft.topic != "kinks"]  # fmt: skip
    assert sum(shares) / len(shares) > 0.85


@pytest.mark.parametrize("key", [
    ("lost path", ""), ("own factor", "multiply"), ("sign", "subtract"),
    ("denominator not squared", "divide"),
    ("wrong rule", "sigmoid"), ("power rule", "power"), ("stale gradients", ""), ("", "exp"), ("sign", "cos"),
    ("wrong rule", "relu"), ("quotient terms swapped", "divide"), ("overwritten", ""),
])  # fmt: skip
def test_a_mistake_gets_a_fresh_formula_that_shows_it(key: Key) -> None:
    """Three formulas for one mistake, all different, each question one at which it shows."""
    seen: set[str] = set()
    for turn in range(3):
        draft = draw(random.Random(f"{key} {turn}"), home_of(*key), 3, seen=seen, target=key)
        assert draft is not None
        assert not set(keys_of(draft.statement)) & seen
        seen.update(keys_of(draft.statement))
        assert draft.items
        assert all(key in item.exposes and not item.choices for item in draft.items)


@pytest.mark.parametrize(("topic", "level"), few([
    ("softmax", 1), ("softmax", 2), ("network", 1), ("network", 2), ("forks", 1), ("products", 1),
    ("kinks", 1), ("forward", 1), ("matrices", 1), ("vectors", 2),
], 3))  # fmt: skip
def test_a_session_repeats_nothing(topic: str, level: int) -> None:
    """Forty formulas: never one with the same numbers, whatever its inputs are called; in the first ten
    none that is made like another."""
    statements = session_of(topic, level, 40)
    assert len(statements) == 40
    assert repeats_in(statements)[0] == 0
    assert repeats_in(statements[:10]) == (0, 0)


def test_a_repetition_is_found() -> None:
    """Other names, the other way round: the same question."""
    first = Statement("m = exp(x); n = exp(y); f = m + n", "x=1,y=2")
    turned = Statement("m = exp(y); n = exp(x); f = n + m", "x=2,y=1")
    elsewhere = Statement("m = exp(u); n = exp(v); f = n + m", "u=2,v=3")
    other = Statement("m = exp(x); n = exp(y); f = m - n", "x=1,y=2")
    assert repeats_in([first, turned]) == (1, 1)
    assert repeats_in([first, elsewhere]) == (0, 1)
    assert repeats_in([first, other]) == (0, 0)
    assert keys_of(first) == keys_of(turned)
    assert keys_of(first)[0] == keys_of(elsewhere)[0]
    assert not set(keys_of(first)) & set(keys_of(other))
    assert keys_of(Statement("f = x*y", "x=-1,y=2"))[1] != keys_of(Statement("f = x*y", "x=-2,y=2"))[1]
