"""Wrong answers that are right nearly everywhere are found out, but for the few that the docs list."""

from __future__ import annotations

import pytest

from backtrace_cli.grading.comparing import equality
from tests.grading.disguises import LISTED, OWN, PASSING
from tests.grading.files import checked

_EVERY = [*LISTED, *OWN]


def _passes(text: str) -> bool:
    found = checked("f = x*y", "x=2,y=3", gradient={"x": text.replace("R", "(y)")}).answers[0]
    return found.verdict == "right"


@pytest.mark.slow
def test_disguises_are_seen_through() -> None:
    """Fewer than one in ten passes, none of those that others found, and the docs know which."""
    passing = {text for text in _EVERY if _passes(text)}
    assert passing <= PASSING
    assert not passing & set(LISTED)
    assert len(OWN) >= 100
    assert len(passing) < len(_EVERY) / 10


@pytest.mark.parametrize("text", LISTED, ids=lambda text: text[:30])
def test_what_others_found(text: str) -> None:
    """A branch, a far threshold, a narrow bump, zeros at known points: none is right."""
    assert not _passes(text)


def test_without_corners_they_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that doesn't look where an answer bends is fooled."""
    monkeypatch.setattr(equality, "corners", lambda *_: ())
    assert _passes("R + relu(x - exp(9))")


def test_points_are_drawn_by_the_answer() -> None:
    """No answer can be made to fit the points at which it is tried."""
    texts = ("y + (x-2)*(y-3)", "y + (x-2)*(y-3)", "y + (y-3)*(x-2)")
    first, same, other = (checked("f = x*y", "x=2,y=3", gradient={"x": t}).answers[0].witness for t in texts)
    assert first is not None
    assert first == same
    assert first != other
