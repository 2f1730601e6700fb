"""What each right answer of an exercise is worth: whole points, or parts of one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from backtrace_cli.grading.exercise.question_keys import TABLES
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.readings.questions import Question

__all__ = ["Worth", "tidy", "worth_of"]

_MOST = 1_000_000
_HINT = 'write points = 0.5, or points = { gradient = 2, "messages b->x" = 0.5, other = 1 }'


class Worth(NamedTuple):
    """Points an answer.

    >>> Worth(1, {"gradient": 2, "messages b->x": 0.5}).of(Question("gradient", None, "x"))
    2
    """

    other: float = 1
    """For every answer that isn't told apart."""
    by: Mapping[str, float] = {}
    """``gradient`` or ``gradient x`` -> points."""

    def of(self, question: Question) -> float:
        """What a right answer to ``question`` is worth."""
        whole = f"{question.table} {question.key}"
        return self.by.get(whole, self.by.get(question.table, self.other))


def worth_of(source: Source, questions: list[Question]) -> Worth:
    """What the file says under ``points``. Raises BacktraceError for what is no number of points."""
    raw = source.data.get("points", 1)
    if not isinstance(raw, dict):
        return Worth(_points(source, raw))
    known = {"other", *(question.table for question in questions), *TABLES,
             *(f"{question.table} {question.key}" for question in questions)}  # fmt: skip
    for key in raw:
        if key not in known:
            source.fail(f"points are given for {key}, which is not asked for", "points", hint=_HINT)
    by = {key: _points(source, value) for key, value in raw.items() if key != "other"}
    return Worth(_points(source, raw.get("other", 1)), by)


def _points(source: Source, value: Any) -> float:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not plain or not math.isfinite(value) or not 0 <= value <= _MOST:
        source.fail(f"points are a number from 0 to {_MOST:,}", "points", hint=_HINT)
    return tidy(value)


def tidy(points: float) -> float:
    """A sum of points without the dust of binary fractions.

    >>> tidy(0.1 + 0.2), tidy(3.0)
    (0.3, 3)
    """
    found = round(points, 6)
    return int(found) if found == int(found) else found
