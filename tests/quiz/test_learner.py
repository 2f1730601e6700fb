"""A learner who always makes one mistake is asked about it more and more, then left alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.quiz.learner import chart, curve

DOCS = Path(__file__).parent.parent.parent / "docs" / "quiz.md"


@pytest.mark.parametrize("key", [("own factor", "multiply"), ("lost path", "")])
def test_a_mistake_comes_back_until_it_is_mended(key: tuple[str, str]) -> None:
    """Rising while it is made; after it is mended, fewer and further between."""
    chosen = [today for today, _ in curve(key, mends=6, days=22, lives=4)]
    assert chosen[0] < 1.5
    assert sum(chosen[1:3]) / 2 < sum(chosen[3:6]) / 3
    assert sum(chosen[3:6]) / 3 >= 3
    assert sum(chosen[8:14]) / 6 < 1
    assert sum(chosen[14:]) / 8 < 0.6


def test_the_curve_in_the_docs_is_this_one() -> None:
    """The page shows what the command prints."""
    shown = re.search(r"```text\n(questions a day chosen for.*?)\n```", DOCS.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1] == chart(("own factor", "multiply"))
