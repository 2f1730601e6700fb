"""A point for an exercise: easy arithmetic, few mistakes invisible, most of them told apart."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import count, islice
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import Value, close, known, written
from backtrace_cli.engine.arithmetics.exact import Exact
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.diagnose import named_from_one
from backtrace_cli.mistakes.places.fault import Fault
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Question

__all__ = [
    "FRIENDLY", "Choice", "Looked", "Showing", "best_of", "candidates", "choose_point", "ease", "showing",
]  # fmt: skip

#: Coordinates in the order in which people like to calculate with them.
FRIENDLY = (
    *map(Fraction, (2, 3, 1, 4, -1, 5, -2, -3)), Fraction(1, 2), *map(Fraction, (6, -4, 7, 0)),
    Fraction(3, 2), Fraction(-1, 2), *map(Fraction, (8, 10, -5)), Fraction(1, 3), Fraction(5, 2),
    Fraction(1, 4), Fraction(3, 4), Fraction(2, 3), Fraction(-3, 2), Fraction(1, 10), Fraction(1, 5),
)  # fmt: skip
#: So many points are looked at before the best is taken.
TRIED = 80
#: Replays that choosing may cost; a long formula gets fewer points.
_WORK = 6_000
#: Twice the digits to write must let so much larger a share of the mistakes be named, …
_DIGITS = 0.25
#: … a share that is told apart besides counts so much of one that is named, …
_APART = 0.5
#: … and where all else is the same, two coordinates should not be.
_TWINS = 0.02


class Showing(NamedTuple):
    """What becomes of every mistake at one point."""

    invisible: int
    """They leave every answer right."""
    answers: int
    """How many different wrong answers the others give."""
    apart: int
    """How many of them give an answer that no other gives."""
    of: int
    named: int = 0
    """How many wrong answers, question by question, tell their mistake by themselves."""
    to_name: int = 0
    """How many wrong answers there are, question by question."""

    @property
    def hidden(self) -> float:
        """The share of mistakes that leave the answer right."""
        return self.invisible / self.of if self.of else 0.0

    @property
    def told_apart(self) -> float:
        """The share of mistakes that have an answer of their own."""
        return self.apart / self.of if self.of else 0.0

    @property
    def told(self) -> float:
        """The share of wrong answers from which a diagnosis could name the mistake."""
        return self.named / self.to_name if self.to_name else 0.0


class Choice(NamedTuple):
    """The point chosen, what shows there, and how many points were looked at."""

    at: dict[str, Any]
    shows: Showing
    tried: int
    plainest: tuple[dict[str, Any], Showing] | None
    """The first point that was looked at, for comparison, where it isn't the one chosen."""


#: A point that was looked at: what shows there, how much there is to write, its turn, the point.
Looked = tuple[Showing, float, int, dict[str, Any]]


def gradient_questions(graph: Graph) -> list[Question]:
    """The whole gradient: ∂output/∂x for every variable."""
    return [Question("gradient", None, name) for name in graph.inputs]


def showing(
    graph: Graph, point: Mapping[str, Any], questions: Sequence[Question] = (), faults: Sequence[Fault] = ()
) -> Showing | None:
    """What the mistakes do to the answers to ``questions`` (the gradient) at ``point``.

    None where the formula has no value there, or stands at a kink.

    >>> from backtrace_cli.graph import build
    >>> showing(build("x^2"), {"x": 1.0}).hidden > showing(build("x^2"), {"x": 3.0}).hidden
    True
    """
    faults = list(faults or faults_in(graph))
    questions = [one for one in questions or gradient_questions(graph) if one.kind.numeric]
    try:
        scene = Scene(graph, dict(point), faults)
        if scene.bad or at_kink(scene.trace(None)):
            return None
    except BacktraceError:
        return None
    if not questions:
        return Showing(0, 0, 0, 0)  # the catalogue knows no mistakes with shapes
    right = [scene.says(question, None) for question in questions]
    if any(map(scene.arithmetic.bad, right)):
        return None
    answers: Counter[tuple[str, ...]] = Counter()
    invisible = 0
    wrong: list[list[int]] = [[] for _ in questions]
    for number in range(len(faults)):
        found = [scene.says(question, number) for question in questions]
        changed = [new if known(new) else old for new, old in zip(found, right, strict=True)]
        showing_in = [not _same(new, old) for new, old in zip(changed, right, strict=True)]
        for numbers, shows in zip(wrong, showing_in, strict=True):
            numbers.extend([number] * shows)
        if any(showing_in):
            answers[tuple(map(written, changed))] += 1
        else:
            invisible += 1
    alone = sum(number == 1 for number in answers.values())
    named = sum(
        named_from_one(scene, question, numbers) for question, numbers in zip(questions, wrong, strict=True)
    )
    return Showing(invisible, len(answers), alone, len(faults), named, sum(map(len, wrong)))


def _same(left: Value, right: Value) -> bool:
    return not known(left) or close(left, right, 1e-9)


def candidates(
    names: Sequence[str], friendly: Sequence[Fraction] = FRIENDLY
) -> Iterator[dict[str, Fraction]]:
    """Points over ``names``, the friendliest first, the coordinates of each as different as can be.

    >>> [tuple(map(int, point.values())) for point in islice(candidates("xy"), 3)]
    [(2, 3), (3, 2), (2, 1)]
    """
    size, most = len(names), len(friendly)
    if not names:
        yield {}
        return
    start = tuple(place % most for place in range(size))
    heap: list[tuple[int, tuple[int, ...]]] = [(sum(start), start)]
    seen = {start}
    while heap:
        _, places = heapq.heappop(heap)
        yield {name: friendly[place] for name, place in zip(names, places, strict=True)}
        for moved in _neighbours(places, most):
            if moved not in seen:
                seen.add(moved)
                equal = size - len(set(moved))
                heapq.heappush(heap, (sum(moved) + 3 * equal, moved))


def _neighbours(places: tuple[int, ...], most: int) -> Iterator[tuple[int, ...]]:
    for index in range(len(places)):
        for step in (1, -1):
            moved = places[index] + step
            if 0 <= moved < most:
                yield (*places[:index], moved, *places[index + 1 :])
        for other in range(index):
            swapped = list(places)
            swapped[index], swapped[other] = swapped[other], swapped[index]
            yield tuple(swapped)


def ease(graph: Graph, point: dict[str, Fraction]) -> float:
    """How much there is to write in working forward and back by hand; less is easier.

    A flat place, such as σ(14), where everything that is sent is next to nothing, is not easy.

    >>> from backtrace_cli.graph import build
    >>> graph = build("σ(x)")
    >>> ease(graph, {"x": Fraction(2)}) < ease(graph, {"x": Fraction(14)})
    True
    """
    exact = {graph.inputs[name]: value for name, value in point.items()}
    arithmetic = Exact()
    try:
        values, _ = forward(graph, exact, arithmetic)
        sent = backward(graph, values, arithmetic, set(graph.inputs.values())).sent
    except BacktraceError:
        return math.inf
    numbers = [*values, *(message.contribution for message in sent)]
    return sum(map(_digits, numbers)) + 2 * sum(map(_digits, point.values()))


def _digits(value: Fraction | float) -> float:
    if isinstance(value, float):
        large = abs(math.log10(abs(value))) if value and math.isfinite(value) else 9.0
        return 3.0 + 4 * max(0.0, large - 1.5) ** 2  # tanh(6) is flat to everybody
    top = len(str(abs(value.numerator))) + 0.5 * (value < 0)
    return top if value.denominator == 1 else top + 2.0 * len(str(value.denominator)) + 1


def choose_point(
    graph: Graph, questions: Sequence[Question] = (), points: Iterator[dict[str, Fraction]] | None = None,
    tried: int = TRIED,
) -> Choice | None:  # fmt: skip
    """The point at which most mistakes show and can be named, for its digits; None where no candidate
    has a trace.

    >>> from backtrace_cli.graph import build
    >>> choose_point(build("x^3")).at  # at 3, x³ is 3x²
    {'x': Fraction(5, 1)}
    """
    faults = list(faults_in(graph))
    tried = max(12, min(tried, _WORK // max(1, len(faults))))
    found: list[Looked] = []
    looked = 0
    order = count()
    for point in islice(points or candidates(list(graph.inputs)), tried):
        looked += 1
        shows = showing(graph, {n: float(v) for n, v in point.items()}, questions, faults)
        if shows is not None:
            found.append((shows, ease(graph, point), next(order), point))
    if not found:
        return None
    best = best_of(found)
    first = found[0]
    plainest = None if first is best else (first[3], first[0])
    return Choice(best[3], best[0], looked, plainest)


def best_of(found: Sequence[Looked]) -> Looked:
    """The point to take: as few mistakes invisible as can be; then many that a diagnosis could name, and
    that are told apart, for what there is to write."""
    fewest = min(shows.hidden for shows, *_ in found)
    visible = [one for one in found if one[0].hidden <= fewest + 1e-9]
    easiest = min(work for _, work, *_ in visible) or 1.0

    def cost(one: Looked) -> tuple[float, int]:
        shows, work, order, point = one
        twins = len(point) - len({str(value) for value in point.values()})
        gain = shows.told + _APART * shows.told_apart
        return _DIGITS * (work / easiest - 1) + _TWINS * twins - gain, order

    return min(visible, key=cost)
