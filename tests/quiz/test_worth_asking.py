"""Which questions are asked: the interesting ones, about formulas that differ."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.quiz.formulas.alike import structure
from backtrace_cli.quiz.formulas.topics import LEVELS, TOPICS
from backtrace_cli.quiz.generate import Draft, draw
from backtrace_cli.quiz.memory.choose import Chooser
from backtrace_cli.quiz.model import Round


def step_by_step(topic: str, level: int, seeds: range = range(1, 13)) -> list[Draft]:
    """Drawn formulas about which more is asked than a whole partial."""
    found = [draw(random.Random(seed), topic, level, whole=False) for seed in seeds]
    return [draft for draft in found if draft is not None]


def rounds(topic: str, level: int, seed: int, count: int) -> list[Round]:
    """The first formulas of a session."""
    chooser = Chooser(random.Random(seed), None, lambda: datetime.now(UTC), topic, level)
    found = (chooser(10) for _ in range(count))
    return [one for one in found if one is not None]


@pytest.mark.slow
@pytest.mark.parametrize("topic", ["vectors", "matrices"])
def test_the_messages_to_the_inputs_are_asked_for(topic: str) -> None:
    """Not their shapes alone: what the trace leads to is not shown for nothing."""
    for draft in step_by_step(topic, 1):
        graph, asked = draft.statement.graph, {item.cell for item in draft.items}
        for cell in asked:
            if cell.table == "shapes" and cell.source and cell.target in graph.inputs:
                assert cell._replace(table="messages") in asked, draft.statement.trace.formula
        last = [graph.name(sent.source) for sent in draft.statement.trace.sent][-1]
        assert any(cell.table == "messages" and cell.source == last for cell in asked), (
            draft.statement.trace.formula,
            asked,
        )


@pytest.mark.slow
def test_a_matrix_for_a_vector_has_sides_that_differ() -> None:
    """On the levels that ask for shapes: where all sides are 2, so is every answer."""
    seen = 0
    for level in (1, 2):
        for draft in step_by_step("matrices", level):
            graph, values = draft.statement.graph, draft.statement.trace.values
            for node in graph.nodes:
                shapes = [shape_of(values[arg]) for arg in node.args]
                if node.op is not None and node.op.called == "matmul" and {len(s) for s in shapes} == {1, 2}:
                    (matrix,) = (shape for shape in shapes if len(shape) == 2)
                    assert matrix[0] != matrix[1], draft.statement.trace.formula
                    seen += 1
    assert seen > 3


@pytest.mark.slow
@pytest.mark.parametrize("topic", list(TOPICS))
def test_a_session_begins_with_a_step(topic: str) -> None:
    """Nobody is asked for a whole partial before anything else."""
    for level in range(1, LEVELS + 1):
        (first,) = rounds(topic, level, 2, 1)
        assert not any(item.whole for item in first.items)


@pytest.mark.slow
@pytest.mark.parametrize("level", [3, 4, 5])
def test_no_formula_comes_twice_running(level: int) -> None:
    """Where all are known already, the one before is not the next."""
    for seed in (1, 2, 3):
        made = [structure(this.statement.graph) for this in rounds("softmax", level, seed, 8)]
        assert len(made) > 5
        assert all(one != other for one, other in pairwise(made))


@pytest.mark.slow
@pytest.mark.parametrize("topic", ["softmax", "network", "products"])
def test_a_product_with_1_is_not_asked_where_others_are(topic: str) -> None:
    """y ← 1 · n asks nothing new from the third level on."""
    for draft in step_by_step(topic, 3):
        if draft.statement.arrays or len(draft.items) < 2:
            continue
        trace, graph = draft.statement.trace, draft.statement.graph
        dull = [
            (graph.name(s.source), graph.name(s.target))
            for s in trace.sent
            if 1 in (abs(s.upstream), abs(s.local))
        ]
        asked = [item.cell[1:] for item in draft.items if item.cell.table != "local"]
        assert not set(dull) & set(asked) or len(set(asked) - set(dull)) < 2, trace.formula
