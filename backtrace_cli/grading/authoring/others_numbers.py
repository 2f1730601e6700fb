"""Whose numbers wrong answers fit: where each student has their own, an answer may be right for another's.

That is a fact about numbers and no more: a slip of the pen gives another variant's number, too. So one answer
says nothing, nor do 0 and 1, nor an answer that a known mistake explains; and where several variants fit as
well, none is named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.authoring.variants import point_of, variants_of, with_variant
from backtrace_cli.grading.exercise.exercise import Exercise, read_exercise
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.checked import RIGHT, WRONG, Checked
from backtrace_cli.grading.statement import run_at
from backtrace_cli.readings.questions import Question, expected

__all__ = ["fits", "variant_id"]

#: Fewer answers than this say nothing; nor does a fit of more variants than that.
_LEAST, _MOST_ALIKE = 2, 3
#: Of so many variants at most the numbers are worked out.
_MOST_VARIANTS = 2_000
_STOCK = {"0", "1", "-1", "2"}

_Table = dict[tuple[Question, str], frozenset[str]]


def variant_id(statement: Source) -> str:
    """A short name of the formula and the point that somebody has, the same in every process.

    >>> a, b = (Source("x.toml", f'formula = "x^2"\\nat = {{x = {x}}}\\n[gradient]\\nx = ""') for x in (2, 3))
    >>> variant_id(a) == variant_id(a), variant_id(a) == variant_id(b)
    (True, False)
    """
    at = statement.data.get("at", {})
    own = repr((statement.data.get("formula"), sorted(at.items()) if isinstance(at, dict) else at))
    return hashlib.sha256(own.encode()).hexdigest()[:12]


def fits(original: Source, own: Source, checked: Sequence[Checked]) -> tuple[str, ...]:
    """The variants of ``original`` for which all is right that is wrong in ``checked`` by the student's own.

    ``own`` is the statement that they have. Empty where that says nothing.
    """
    table = _numbers(original.path, original.text)
    mine = variant_id(own)
    told: dict[str, frozenset[str]] = {}
    for one in filter(_is_doubtful, checked):
        number = _written(one)
        there = table.get((one.answer.question, number), frozenset())
        if number not in _STOCK and mine not in there:
            told[number] = told.get(number, there) & there
    found = frozenset.intersection(*told.values()) if len(told) >= _LEAST else frozenset()
    return tuple(sorted(found)) if len(found) <= _MOST_ALIKE else ()


def _is_doubtful(one: Checked) -> bool:
    """Is it a number that is wrong, or right only after wrong ones, and that no known mistake explains?"""
    formula = one.answer.formula
    if formula is None or not one.answer.constant or shape_of(_value(one)):
        return False
    return (one.verdict == WRONG and one.mistake is None) or (one.verdict == RIGHT and one.carried)


def _value(one: Checked) -> Any:
    formula = one.answer.formula
    assert formula is not None
    if formula.shapes is not None and formula.shapes[formula.output]:
        return formula.shapes  # an array
    return forward(formula, {}, Floats())[0][formula.output]


def _written(one: Checked) -> str:
    return f"{float(_value(one)):.6g}"


@lru_cache(maxsize=64)
def _numbers(path: str, text: str) -> _Table:
    """(question, number) -> the variants in which that is the right answer."""
    source = Source(path, text)
    found: dict[tuple[Question, str], set[str]] = {}
    exercises: dict[str, Exercise] = {}
    for variant in variants_of(source)[:_MOST_VARIANTS]:
        theirs = with_variant(source, variant)
        name = variant_id(theirs)
        try:
            if variant.formula not in exercises:
                exercises[variant.formula] = read_exercise(theirs)
            exercise = exercises[variant.formula]
            point = point_of(exercise.statement.graph, variant)
            if point is None or any(shape_of(value) for value in point.values()):
                continue
            trace: Trace = run_at(exercise.statement.graph, point, Floats())
            for answer in exercise.answers:
                question = answer.question
                if question.kind.numeric and not question.kind.along_input:
                    value = float(expected(trace, question))
                    found.setdefault((question, f"{value:.6g}"), set()).add(name)
        except (BacktraceError, KeyError):
            continue
    return {key: frozenset(names) for key, names in found.items()}
