"""How often each exercise was wrong at the same place, so that hints grow with the attempts.

Remembered from one ``check`` to the next in a small file of the learner's own. Hints are
a kindness: where that file can't be read or written, the count begins again, and nobody
is told.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from backtrace_cli.base.whole_file import whole_text
from backtrace_cli.grading.judging.verdict import UNDECIDED, UNREADABLE, Result

__all__ = ["Attempts"]

#: So many files are remembered, the latest ones, and so many attempts at one place.
_MOST_FILES, _MOST_ATTEMPTS = 200, 20


class Attempts:
    """The wrong answers so far, by file; kept in ``place`` where one is given.

    >>> from backtrace_cli.grading.exercise.exercise import load
    >>> from backtrace_cli.grading.judging.verdict import check_exercise
    >>> attempts = Attempts()
    >>> [attempts.hints(check_exercise(load("exercises/examples/two_paths_filled.toml"))) for _ in "ab"]
    [1, 1]
    """

    def __init__(self, place: Path | None = None) -> None:
        self._place = place
        self._stuck: dict[str, dict[str, Any]] = _read(place) if place is not None else {}

    def hints(self, result: Result) -> int | None:
        """How many hints to show: one for each different answer that was wrong at the first wrong place.

        None where nothing is wrong. What can't be read is no attempt.
        """
        path, first = os.path.abspath(result.exercise.path), result.first_wrong
        if first is None and any(found.verdict in (UNREADABLE, UNDECIDED) for found in result.answers):
            return None
        before = self._stuck.pop(path, None)
        if first is not None:
            where = _sign("\n".join(map(str, (result.exercise.statement.formula, *first.answer.question))))
            if before is None or before["where"] != where:
                before = {"where": where, "tried": []}
            sign = _sign(first.answer.text)
            before["tried"] = [*(t for t in before["tried"] if t != sign), sign][-_MOST_ATTEMPTS:]
            self._stuck[path] = before  # the latest stands last
        return len(before["tried"]) if before is not None and first is not None else None

    def keep(self) -> None:
        """Write what is remembered, all or nothing."""
        if self._place is None:
            return
        latest = dict(list(self._stuck.items())[-_MOST_FILES:])
        if not latest and not self._place.exists():
            return
        with contextlib.suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            with whole_text(self._place, private=True) as file:
                json.dump(latest, file, indent=1)


def _sign(text: str) -> str:
    """Enough of a text to know it again; what a student wrote is not copied."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def _read(place: Path) -> dict[str, dict[str, Any]]:
    try:
        with open(place, encoding="utf-8") as file:
            found = json.loads(file.read(1_000_000))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {path: one for path, one in found.items() if _sound(one)}


def _sound(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("where"), str)
        and isinstance(one.get("tried"), list)
        and all(isinstance(sign, str) for sign in one["tried"])
    )
