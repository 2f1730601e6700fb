"""Exercise files for the tests: the polynomial of the lecture with answers put in."""

from __future__ import annotations

from backtrace_cli.grading.exercise.exercise import Exercise, read_exercise
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.verdict import Result, check_exercise

__all__ = ["POLYNOMIAL", "checked", "exercise", "verdicts"]

POLYNOMIAL = "a = x^2; b = x + y; c = b*y; d = a - c; e = y^2; f = d + e"


def exercise(
    formula: str = POLYNOMIAL, at: str = "x=2,y=3", head: str = "", **tables: dict[str, object]
) -> Exercise:
    """An exercise with these answers: ``exercise(gradient={"x": "2*x"})``."""
    lines = [f"formula = '{formula}'", f'at = "{at}"', head]
    for table, answers in tables.items():
        lines.append(f"[{table}]")
        lines += [f"'{key}' = {_toml(value)}" for key, value in answers.items()]
    return read_exercise(Source("test.toml", "\n".join(lines)))


def checked(*args: str, **tables: dict[str, object]) -> Result:
    """The same, checked."""
    return check_exercise(exercise(*args, **tables))  # type: ignore[arg-type]


def verdicts(result: Result) -> dict[str, str]:
    """Key -> verdict, with ``carried`` for what was right only so."""
    return {a.answer.question.key: "carried" if a.carried else a.verdict for a in result.answers}


def _toml(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else repr(value)
