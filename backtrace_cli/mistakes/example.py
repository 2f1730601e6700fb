"""An example of a mistake, made by the engine itself: what it was asked, what it should have said."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, known
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.mistakes.diagnose import Diagnoser
from backtrace_cli.mistakes.places.fault import Mistake
from backtrace_cli.readings.questions import Question
from backtrace_cli.runs.point import as_floats, bind, read_point, value_of

__all__ = ["Example", "example_of"]

_POINTS = ({"x": 3.0, "y": 2.0}, {"x": -1.5, "y": 0.5}, {"x": 0.7, "y": 2.3}, {"x": 2.6, "y": -0.4})


class Example(NamedTuple):
    """One mistake made once."""

    formula: str
    at: dict[str, Any]
    asked: str
    """``∂f/∂x``"""
    right: Value
    wrong: Value
    words: str
    """What the student is told."""


def example_of(mistake: Mistake) -> Example:
    """The first place in the mistake's own formula at which it shows and is named.

    Raises ValueError where there is none, so that no mistake is declared without an example.

    >>> from backtrace_cli.mistakes.catalogue import MISTAKES
    >>> example = example_of(MISTAKES[0])
    >>> example.asked, example.right, example.wrong
    ('∂f/∂x', 8.0, 2.0)
    """
    graph, points = _stage(mistake)
    diagnoser = Diagnoser(graph)
    scenes = [diagnoser.scene(point) for point in points]
    numbers = [n for n, fault in enumerate(diagnoser.faults) if fault.mistake == mistake.name]
    found: Example | None = None
    for number, name in product(numbers, graph.inputs):
        question = Question("gradient", None, name)
        answers = [scene.says(question, number) for scene in scenes]
        pairs = [(point, value) for point, value in zip(points, answers, strict=True) if known(value)]
        diagnosis = diagnoser.diagnose(question, pairs)
        if diagnosis is None or diagnosis.mistake != mistake.name:
            continue
        placed = diagnosis.words == diagnoser.faults[number].words
        if found is None or placed:
            right = scenes[0].says(question, None)
            asked = f"∂{graph.name(graph.output)}/∂{name}"
            found = Example(mistake.example, points[0], asked, right, answers[0], diagnosis.words)
        if placed:
            break
    if found is not None:
        return found
    raise ValueError(f"{mistake.name} is nowhere named in {mistake.example}")


def _stage(mistake: Mistake) -> tuple[Graph, list[dict[str, Any]]]:
    """The graph of the example, and points: the usual four, or the declared one and three like it."""
    if not mistake.at:
        return build(mistake.example), [dict(point) for point in _POINTS]
    given = read_point([mistake.at])
    graph = build(mistake.example, bound=given)
    from backtrace_cli.engine.arithmetics.arrays import Arrays

    found = bind(graph, given)
    at = {name: as_floats(value_of(name, item, Arrays())) for name, item in found.items()}
    shaped = fit_shapes(graph, {graph.inputs[name]: shape_of(value) for name, value in at.items()})
    moved = ((1.0, 0.0), (-0.5, 0.25), (0.75, 1.5), (1.25, -0.375))
    return shaped, [{name: value * by + off for name, value in at.items()} for by, off in moved]
