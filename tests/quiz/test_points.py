"""The numbers of drawn formulas: no two alike, no list of one number, and more than two under a mean."""

from __future__ import annotations

import random
from typing import Any

import pytest

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS
from backtrace_cli.quiz.generate import Draft, draw
from tests.sampling import few

SEEDS = range(1, 7)


def drafts(topic: str, level: int) -> list[Draft]:
    """Some formulas of a level."""
    found = (draw(random.Random(seed), topic, level) for seed in SEEDS)
    return [draft for draft in found if draft is not None]


def numbers(value: Any) -> list[float]:
    """Every entry of a value."""
    return value.ravel().tolist() if shape_of(value) else [float(value)]


@pytest.mark.parametrize("topic", few((name for name, topic in TOPICS.items() if not topic.kinked), 3))
def test_no_input_stands_for_another(topic: str) -> None:
    """Where x = y, ∂f/∂x with the two mixed up is right by accident; so is a softmax of [1, 1, 1]."""
    for level in range(1, LEVELS + 1):
        for draft in drafts(topic, level):
            graph, values = draft.statement.graph, draft.statement.trace.values
            at = [numbers(value) for value in draft.statement.at.values()]
            assert all(len(set(one)) > 1 for one in at if len(one) > 1), draft.statement.at
            assert len({tuple(one) for one in at}) == len(at), (draft.statement.trace.formula, at)
            for node in graph.nodes:
                if node.op is not None and node.op.name in ("softmax", "logsumexp"):
                    assert len(set(numbers(values[node.args[0]]))) > 1, draft.statement.at


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_two_scores_of_a_softmax_differ(seed: int) -> None:
    """p = m/s with m = n is 1 − p, and what was lost or exchanged doesn't show."""
    draft = draw(random.Random(seed), "softmax", 3)
    assert draft is not None
    if "p = m/s" in draft.statement.trace.formula:
        trace = draft.statement.trace
        m, n = (trace.values[draft.statement.graph.find(name) or 0] for name in "mn")
        assert m != n


@pytest.mark.parametrize("topic", few(["vectors", "matrices", "network"], 1))
def test_a_mean_is_of_three_numbers_or_more(topic: str) -> None:
    """Of two, twice the right message is what is sent without dividing."""
    seen = 0
    for level in range(1, LEVELS + 1):
        for draft in drafts(topic, level):
            graph, values = draft.statement.graph, draft.statement.trace.values
            for node in graph.nodes:
                if node.op is not None and node.op.name in ("mean", "mse"):
                    shapes = shape_of(values[node.args[0]]), shape_of(values[node.index])
                    of = len(numbers(values[node.args[0]])) // len(numbers(values[node.index]))
                    assert of >= 3, (draft.statement.trace.formula, shapes)
                    seen += 1
    assert seen or topic == "network"
