"""A point for a new exercise with arrays: small whole numbers at which few mistakes are invisible."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from math import prod

from backtrace_cli.engine.events import Value
from backtrace_cli.engine.point import as_floats
from backtrace_cli.engine.trace import Trace
from backtrace_cli.errors import BacktraceError, PointError
from backtrace_cli.grading.points import Choice, Looked, best_of, showing
from backtrace_cli.graph import Graph
from backtrace_cli.graph.shapes import fit_shapes
from backtrace_cli.mistakes import Question
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.numbers import entries
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.ops.shapes import Shape

__all__ = ["answerable", "array_point", "shaped"]

#: Entries in the order in which people like to calculate with them; a 0 hides what it is multiplied with.
_ENTRIES = (2, 3, 1, -1, 4, 5, -2, 6, -3, 7)
#: So many points are looked at.
_TRIED = 24
_MOST_ENTRIES = 60


def shaped(graph: Graph, shapes: Mapping[str, Shape]) -> Graph:
    """``graph`` with the shapes of its variables. Raises PointError for a name it lacks, ShapeError."""
    missing = [name for name in graph.inputs if name not in shapes]
    strange = [name for name in shapes if name not in graph.inputs]
    if missing or strange:
        hint = f"its variables: {', '.join(graph.inputs)}; write --shapes W=2x3,h=3, and () for a number"
        words = f"{missing[0]} has no shape" if missing else f"the formula has no variable {strange[0]}"
        raise PointError(words, hint=hint)
    large = next((name for name, shape in shapes.items() if prod(shape) > _MOST_ENTRIES), None)
    if large:
        raise PointError(f"{large} has more than {_MOST_ENTRIES} entries, which nobody works out by hand",
                         hint="choose a smaller shape")  # fmt: skip
    return fit_shapes(graph, {graph.inputs[name]: shape for name, shape in shapes.items()})


def answerable(graph: Graph, questions: Sequence[Question]) -> list[Question]:
    """The questions that have an array for an answer: no local derivative of what mixes entries, no
    gradient of a class index. Raises BacktraceError where the output is no number."""
    assert graph.shapes is not None
    if graph.shapes[graph.output] and any(question.table != "shapes" for question in questions):
        raise BacktraceError(f"{graph.name(graph.output)} is an array, and has no gradient",
                             hint="end the formula with a number: L = sum(y); or --ask shapes")  # fmt: skip
    found = []
    for question in questions:
        target = graph.find(question.target)
        box = graph.nodes[graph.find(question.source) or 0] if question.source else None
        mixes = box is not None and box.op is not None and box.op.mixes
        if question.table == "local" and mixes:
            continue
        if question.table != "values" and target is not None and graph.picks(target):
            continue
        found.append(question)
    return found


def array_point(graph: Graph, questions: Sequence[Question]) -> Choice | None:
    """The easiest of the points drawn at which most mistakes show; None where none has a trace.

    >>> from backtrace_cli.graph import build
    >>> graph = shaped(build("y = W @ h; L = y @ y"), {"W": (2, 2), "h": (2,)})
    >>> choice = array_point(graph, [Question("gradient", None, "W")])
    >>> choice.shows.of > 0, choice.at["W"].shape
    (True, (2, 2))
    """
    faults = list(faults_in(graph))
    found: list[Looked] = []
    for number in range(_TRIED):
        point = _drawn(graph, random.Random(number), number)
        shows = showing(graph, point, questions, faults)
        if shows is not None:
            found.append((shows, _effort(graph, point), number, point))
    if not found:
        return None
    best = best_of(found)
    first = found[0]
    return Choice(best[3], best[0], _TRIED, None if first is best else (first[3], first[0]))


def _drawn(graph: Graph, dice: random.Random, number: int) -> dict[str, Value]:
    """One point; the first ones keep to the friendliest numbers."""
    shapes = graph.shapes or []
    pool = list(_ENTRIES[: 6 + number // 6])
    point: dict[str, Value] = {}
    for name, index in graph.inputs.items():
        shape = shapes[index]
        count = prod(shape)
        if graph.picks(index):
            flat = [0] * count
        elif _is_target(graph, index):
            wide = shape[-1]
            flat = []
            for _ in range(count // wide):
                right = dice.randrange(wide)
                flat += [int(place == right) for place in range(wide)]
        else:
            flat = dice.sample(pool, count) if count <= len(pool) else dice.choices(pool, k=count)
        point[name] = as_floats(flat).reshape(shape) if shape else float(flat[0])
    return point


def _is_target(graph: Graph, index: int) -> bool:
    """Is it what a cross-entropy compares with: 1 for the right class?"""
    return bool((graph.shapes or [])[index]) and any(
        node.op is not None and node.op.called.startswith("cross_entropy") and node.args[1:2] == (index,)
        for node in graph.nodes
    )


def _effort(graph: Graph, point: Mapping[str, Value]) -> float:
    """How many digits there are to write, forward and back."""
    scene = Scene(graph, dict(point), ())
    trace: Trace = scene.trace(None)
    values = [*trace.values, *(sent.contribution for sent in trace.sent)]
    return float(sum(len(f"{entry:.6g}") for value in values for _, entry in entries(value)))
