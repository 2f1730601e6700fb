"""A learner who always makes one mistake is asked about it more and more, then left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.quiz.learner import chart, curve

DOCS = Path(__file__).parent.parent.parent / "docs" / "quiz.md"


Curve = list[tuple[float, float]]


@pytest.fixture(scope="module")
def own_factor() -> Curve:
    """Twenty days of six learners who take x for ∂(x·y)/∂x until the ninth."""
    return curve(("own factor", "multiply"))


def rises_and_falls(found: Curve, mends: int) -> None:
    """Rising while the mistake is made; after it is mended, fewer and further between."""
    chosen = [today for today, _ in found]
    assert chosen[0] < 1.5
    assert sum(chosen[:2]) / 2 < 0.7 * sum(chosen[mends - 3 : mends]) / 3
    assert sum(chosen[mends - 3 : mends]) / 3 >= 3
    assert sum(chosen[mends + 2 :]) / len(chosen[mends + 2 :]) < 1
    assert all(made == 0 for _, made in found[mends:])


@pytest.mark.slow
def test_a_mistake_of_a_rule_comes_back_until_it_is_mended(own_factor: Curve) -> None:
    """A wrong factor in products."""
    rises_and_falls(own_factor, 8)


@pytest.mark.slow
def test_a_mistake_of_adding_up_comes_back_until_it_is_mended() -> None:
    """A path lost at forks."""
    rises_and_falls(curve(("lost path", ""), mends=6, days=14, lives=4), 6)


@pytest.mark.slow
def test_the_curve_in_the_docs_is_this_one(own_factor: Curve) -> None:
    """The page shows what the command prints."""
    shown = re.search(r"```text\n(questions a day chosen for.*?)\n```", DOCS.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1] == chart(("own factor", "multiply"), own_factor)
