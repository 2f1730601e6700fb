"""Slips that are in nobody's catalogue: a factor too much, another number copied, a term added.

A mistake of the catalogue that explains an answer is not its only explanation where such
a slip gives the same answer. Then nothing is named, unless the mistake is that very slip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, close
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.readings.questions import Question

__all__ = ["NATURAL", "rivals"]

#: The right answer times one of these.
_FACTORS = {
    "times -1": -1.0, "times 2": 2.0, "times -2": -2.0, "times 1/2": 0.5, "times -1/2": -0.5,
    "times 3": 3.0, "times 1/3": 1 / 3,
}  # fmt: skip
_TERMS = {"a value added", "a value subtracted"}
_PARTS = {"times 1/2", "times 1/3"}
_MULTIPLES = {"times 2", "times 3"}
#: With one number for evidence, too much is a sum or a product of numbers that stand about.
_POINTS = 3

#: The slips that a mistake itself comes down to: leaving out the factor 3 is a third of the answer.
NATURAL: dict[str, set[str]] = {
    "lost path": {"a value"} | _TERMS | _PARTS,
    "overwritten": {"a value"} | _TERMS | _PARTS,
    "passed on too early": _TERMS,
    "factor left out": {"a value", "divided by a value"} | _PARTS,
    "outer derivative at the wrong place": {"a value"},
    "sign": {"times -1"},
    "own factor": {"a value"},
    "quotient terms swapped": {"times -1"},
    "denominator not squared": {"times a value"} | _MULTIPLES,
    "power rule": {"a value", "times a value", "divided by a value"} | _PARTS,
    "input for output": {"a value"},
    "wrong rule": {"a value", "divided by a value"},
    "variable as constant": {"a value"} | _TERMS | _PARTS,
    "constant as variable": _TERMS,
    "doubled": {"times 2"},
    "halved": {"times 1/2"},
    "order turned round": {"times -1"},
    "mean and sum": _PARTS | _MULTIPLES,
}


def rivals(question: Question, scenes: Sequence[tuple[Scene, Value]], tolerance: float) -> Iterator[str]:
    """The plain slips that give the student's value in every scene.

    >>> from backtrace_cli.graph import build
    >>> scene = Scene(build("x*x"), {"x": 3.0}, ())
    >>> list(rivals(Question("gradient", None, "x"), [(scene, 9.0)], 1e-9))
    ['a value']
    """
    rights = [scene.says(question, None) for scene, _ in scenes]
    answers = [answer for _, answer in scenes]

    def same(found: Sequence[Value]) -> bool:
        return all(
            shape_of(one) == shape_of(answer) and close(one, answer, tolerance)
            for one, answer in zip(found, answers, strict=True)
        )

    for slip, factor in _FACTORS.items():
        if same([factor * right for right in rights]):
            yield slip
    if any(map(shape_of, (*rights, *answers))):
        return
    stand_about = list(_named(question, [scene for scene, _ in scenes]))
    if any(map(same, stand_about)):
        yield "a value"  # who copied a number has not added others up as well
    elif len(scenes) >= _POINTS:
        for values in stand_about:
            pairs = list(zip(rights, values, strict=True))
            if same([right + value for right, value in pairs]):
                yield "a value added"
            if same([right - value for right, value in pairs]):
                yield "a value subtracted"
            if same([right * value for right, value in pairs]):
                yield "times a value"
            if all(values) and same([right / value for right, value in pairs]):
                yield "divided by a value"


def _named(question: Question, scenes: Sequence[Scene]) -> Iterator[list[Any]]:
    """The values of each node, one a scene; not of the one that is asked for."""
    graph = scenes[0].graph
    asked = graph.find(question.target) if question.kind.is_value else None
    for node in graph.nodes:
        if not node.is_constant and node.index != asked:
            values = [scene.values[node.index] for scene in scenes]
            if not any(map(shape_of, values)):
                yield values
