"""A point for a new exercise with arrays: small whole numbers at which few mistakes are invisible."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from math import inf, isfinite, prod

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.plain_values import Value, entries
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.input_constraints import CLASS, MASK, SHARES, TARGET, roles
from backtrace_cli.graph import Graph
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.choose_point import Choice, Looked, best_of, showing
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.readings.questions import Question
from backtrace_cli.runs.point import as_floats

__all__ = ["answerable", "array_point", "effort", "points_near", "shaped"]

#: Entries in the order in which people like to calculate with them; a 0 hides what it is multiplied with.
_ENTRIES = (2, 3, 1, -1, 4, 5, -2, 6, -3, 7)
#: The same for what goes through σ, tanh, exp or a softmax.
_SMALL = (1, -1, 2, 0.5, -0.5, -2)
#: The same for what goes through a logarithm or a root.
_SMALL_POSITIVE = (2, 1, 0.5, 3, 4)
#: A variable each of whose entries is a probability, and what it may be.
_CHANCE, _CHANCES = "chance", (0.25, 0.5, 0.75, 0.2, 0.8)
#: So many points are looked at.
_TRIED = 24
#: So many of them have positive entries only, for logarithms and roots.
_POSITIVE = 4
#: So many draws are searched for those that leave every box its slope.
_SEARCHED = 240
#: So many draws a variable, and so many of all together, for a better point.
_NEAR = 6
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
    if graph.shapes[graph.output] and any(question.kind.numeric for question in questions):
        raise BacktraceError(f"{graph.name(graph.output)} is an array, and has no gradient",
                             hint="end the formula with a number: L = sum(y); or --ask shapes")  # fmt: skip
    found = []
    for question in questions:
        target = graph.find(question.target)
        box = graph.nodes[graph.find(question.source) or 0] if question.source else None
        mixes = box is not None and box.op is not None and box.op.mixes
        if question.kind.is_rule and mixes:
            continue
        if not question.kind.is_value and target is not None and graph.picks(target):
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
    for number, point in enumerate(_lively(graph)):
        shows = showing(graph, point, questions, faults)
        if shows is not None:
            found.append((shows, effort(graph, point), number, point))
    if not found:
        return None
    best = best_of(found)
    first = found[0]
    return Choice(best[3], best[0], _TRIED, None if first is best else (first[3], first[0]))


def _lively(graph: Graph) -> list[dict[str, Value]]:
    """Drawn points; where boxes go flat, those of many at which they keep their slopes."""
    if not any(node.op is not None and (node.op.reach or node.op.spread) for node in graph.nodes):
        return [_drawn(graph, random.Random(number), number) for number in range(_TRIED)]
    found = []
    # Where the draws of either sign leave too few (a logarithm refuses nearly all), positive ones follow.
    for number in range(_SEARCHED + _TRIED):
        pool = _SMALL if number < _SEARCHED else _SMALL_POSITIVE
        point = _drawn(graph, random.Random(number), number, pool)
        found.append((_flatness(graph, point), number, point))
        if sum(flat == 0 for flat, *_ in found) == _TRIED:
            break
    found.sort(key=lambda one: one[:2])
    alive = [point for flat, _, point in found if flat == 0]
    return alive or [point for _, _, point in found[:_TRIED]]


def _flatness(graph: Graph, point: Mapping[str, Value]) -> float:
    """How far beyond its limit the argument of the flattest box is; 0 where none is, inf without a value."""
    try:
        values = Scene(graph, dict(point), ()).trace(None).values
    except BacktraceError:
        return inf
    if not all(isfinite(entry) for value in values for _, entry in entries(value)):
        return inf
    worst = 0.0
    for node in graph.nodes:
        limit = None if node.op is None else node.op.spread or node.op.reach
        if node.op is None or limit is None:
            continue
        numbers = [entry for _, entry in entries(values[node.args[0]])]
        size = max(numbers) - min(numbers) if node.op.spread else max(map(abs, numbers))
        worst = max(worst, size / limit - 1)
    return worst


def points_near(graph: Graph, at: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    """Points to suggest in place of ``at``: one variable with other small whole numbers, then all of them.

    What has a role (a class, a target, a mask) or holds fractions keeps its value while another changes.
    """
    kept = roles(graph)
    for number in range(_NEAR):
        drawn = _drawn(graph, random.Random(number), number)
        yield from (dict(at) | {name: drawn[name]} for name in at if name not in kept)
    for number in range(_NEAR):
        drawn = _drawn(graph, random.Random(number), number)
        yield {name: at[name] if name in kept else drawn[name] for name in at}


def _drawn(graph: Graph, dice: random.Random, number: int, pool: Sequence[float] = ()) -> dict[str, Value]:
    """One point, of ``pool`` where that is given.

    Without it the first ones keep to the friendliest numbers, and the very first to positive ones.
    """
    shapes = graph.shapes or []
    if not pool:
        pool = [entry for entry in _ENTRIES[: 6 + number // 6] if entry > 0 or number >= _POSITIVE]
    kinds = _fit_for(graph) | roles(graph)
    point: dict[str, Value] = {}
    for name, index in graph.inputs.items():
        shape = shapes[index]
        count = prod(shape)
        role = kinds.get(name)
        flat: list[float]
        if role == CLASS:
            flat = [0.0] * count
        elif role == MASK:
            flat = [float(place % 2 == number % 2) for place in range(count)]
            dice.shuffle(flat)
        elif role == _CHANCE:
            flat = [dice.choice(_CHANCES) for _ in range(count)]
        elif role in (TARGET, SHARES) and shape:
            rows = _one_hot if role == TARGET else _shared
            flat = [entry for _ in range(count // shape[-1]) for entry in rows(shape[-1], dice)]
        else:
            numbers = dice.sample(pool, count) if count <= len(pool) else dice.choices(pool, k=count)
            flat = list(map(float, numbers))
        point[name] = as_floats(flat).reshape(shape) if shape else float(flat[0])
    return point


def _fit_for(graph: Graph) -> dict[str, str]:
    """The inputs that a loss reads directly: what it takes for true is 0 or 1, and a probability is one. An
    answer may have them otherwise; an exercise is about such as occur."""
    found: dict[int, str] = {}
    for node in graph.nodes:
        if node.op is not None and node.op.judges:
            found |= {node.args[0]: _CHANCE} if node.op.judges == "shares" else {}
            found[node.args[1]] = MASK
    return {name: found[index] for name, index in graph.inputs.items() if index in found}


def _one_hot(wide: int, dice: random.Random) -> list[float]:
    """1 for the right class."""
    right = dice.randrange(wide)
    return [float(place == right) for place in range(wide)]


def _shared(wide: int, dice: random.Random) -> list[float]:
    """Probabilities that are quick to write: halves and quarters, or tenths, which sum to 1."""
    parts = [1] * wide
    while sum(parts) < (whole := 4 if wide <= 3 else 10 if wide <= 10 else wide):
        parts[dice.randrange(wide)] += 1
    return [part / whole for part in parts]


def effort(graph: Graph, point: Mapping[str, Value]) -> float:
    """How many digits there are to write, forward and back."""
    scene = Scene(graph, dict(point), ())
    trace: Trace = scene.trace(None)
    values = [*trace.values, *(sent.contribution for sent in trace.sent)]
    return float(sum(len(f"{entry:.6g}") for value in values for _, entry in entries(value)))
