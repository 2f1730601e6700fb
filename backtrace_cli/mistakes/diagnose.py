"""Which mistake explains a wrong answer: named only if it is the only one that does.

A grader that guesses tells a student who forgot a constant that they integrated.
So a diagnosis replays every mistake of the catalogue at every place, keeps those
that give the student's very answer at every point of the evidence, and speaks only
where they are all one mistake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, written
from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.places.fault import Fault
from backtrace_cli.mistakes.scene import Scene, close
from backtrace_cli.mistakes.synonyms import as_one
from backtrace_cli.mistakes.told import AND, Diagnosis, sole, told
from backtrace_cli.readings.questions import Question

__all__ = ["Diagnoser", "Diagnosis", "close", "diagnose", "named_from_one"]

#: A graph with more steps than this is not diagnosed, …
MOST_STEPS = 400
#: … nor one in which replaying every mistake at every place visits more boxes than this at a point.
MOST_VISITS = 300_000


#: Pairs of places are looked at in graphs with up to so many faults, …
_MOST_PAIRED = 90
#: … and only where the answer is a formula: one number is the answer of too many pairs.
_PAIR_POINTS = 3


def diagnose(
    graph: Graph,
    question: Question,
    evidence: Sequence[tuple[dict[str, Any], Value]],
    tolerance: float = 1e-9,
) -> Diagnosis | None:
    """The one mistake that gives the student's value at every point of ``evidence``, or None.

    ``evidence`` pairs points with the student's value there; ``tolerance`` is relative,
    wider where an answer was rounded. None where no mistake explains the answer, where
    several do, and where the answer is right.

    >>> from backtrace_cli.graph import build
    >>> wrong = [({"x": 2.0, "y": 3.0}, 4.0), ({"x": 5.0, "y": 1.0}, 10.0)]
    >>> graph = build("a = x^2; b = x + y; c = b*y; d = a - c; e = y^2; f = d + e")
    >>> diagnose(graph, Question("gradient", None, "x"), wrong).mistake
    'lost path'
    """
    return Diagnoser(graph).diagnose(question, evidence, tolerance)


class Diagnoser:
    """Diagnoses for many answers about one graph: each replay is made once a point."""

    def __init__(
        self, graph: Graph, questions: Sequence[Question] = (), faults: Sequence[Fault] | None = None, *,
        wary_from: int = 1, pairs: bool = True,
    ) -> None:  # fmt: skip
        self.graph = graph
        self.questions = tuple(questions)
        """What will be asked, perhaps: one walk with two faults in it then answers all of them."""
        if faults is None:
            faults = list(faults_in(graph)) if len(graph.steps) <= MOST_STEPS else []
        self.faults = [] if len(faults) * len(graph.steps) > MOST_VISITS else list(faults)
        """The mistakes that are thought of; by default all that could be made in the graph."""
        self.wary_from = wary_from
        """With so many points of evidence or more, a plain slip that fits as well keeps it silent.
        The quiz, which knows what else stands on its sheet, looks for such slips itself."""
        self.pairs = pairs
        """Are two mistakes at once looked at? They take thousands of walks."""
        self.scenes: dict[tuple[Any, ...], Scene] = {}
        self.told: dict[tuple[Scene, Question], list[Value]] = {}

    @cached_property
    def paired(self) -> list[tuple[Fault, str]]:
        """Two faults at once, and the mistake they are; of two different mistakes, both names."""
        if not self.pairs or len(self.faults) > _MOST_PAIRED:
            return []
        return [
            (both, AND.join(dict.fromkeys(sorted((first.mistake, second.mistake)))))
            for first, second in combinations(self.faults, 2)
            if (both := first.beside(second)) is not None
        ]

    def diagnose(
        self,
        question: Question,
        evidence: Sequence[tuple[dict[str, Any], Value]],
        tolerance: float = 1e-9,
        within: Collection[int] | None = None,
    ) -> Diagnosis | None:
        """See ``diagnose``. ``within`` are the boxes at which it was made, where that is known."""
        if not evidence:
            return None
        scenes = [(self.scene(point), answer) for point, answer in evidence]
        if all(close(scene.says(question, None), answer, tolerance) for scene, answer in scenes):
            return None
        if any(scene.at_kink() for scene, _ in scenes):
            return None  # what is taken at a kink is a convention, and not knowing it no mistake
        found = [
            fault
            for number, fault in enumerate(self.faults)
            if (within is None or fault.within(within))
            and all(close(scene.says(question, number), answer, tolerance) for scene, answer in scenes)
        ]
        if not found and len(scenes) >= _PAIR_POINTS:
            pairs = self._pairs(question, scenes, tolerance)
            found = [both for both in pairs if within is None or both.within(within)]
        found, others = as_one(self.graph, question, found)
        wary = scenes if len(scenes) >= self.wary_from else []
        return told(question, scenes, found, others, wary, tolerance)

    def _pairs(
        self, question: Question, scenes: list[tuple[Scene, Value]], tolerance: float
    ) -> Iterator[Fault]:
        """Two faults at once that give the answer at every point."""
        (first, answer), *others = scenes
        for (both, mistake), value in zip(self.paired, self._told(first, question), strict=True):
            if close(value, answer, tolerance) and all(
                close(scene.says_of(question, both), other, tolerance) for scene, other in others
            ):
                yield both._replace(mistake=mistake)

    def _told(self, scene: Scene, question: Question) -> list[Value]:
        """What each pair of faults answers at the first point of the evidence: thousands of walks,
        made once and not for every wrong answer."""
        if (scene, question) not in self.told:
            asked = list(dict.fromkeys((question, *self.questions)))
            rows = [scene.says_all(asked, both) for both, _ in self.paired]
            for place, one in enumerate(asked):
                self.told[scene, one] = [row[place] for row in rows]
        return self.told[scene, question]

    def scene(self, point: dict[str, Any]) -> Scene:
        """The runs at ``point``, made once."""
        key = tuple(_key(point[name]) for name in self.graph.inputs)
        if key not in self.scenes:
            self.scenes[key] = Scene(self.graph, point, self.faults)
        return self.scenes[key]


def named_from_one(scene: Scene, question: Question, numbers: Sequence[int]) -> int:
    """How many of the mistakes with these ``numbers``, all that change the answer at one point, would be
    named from their answer there alone.

    >>> from backtrace_cli.graph import build
    >>> graph, question = build("a = x^2; f = a*y"), Question("gradient", None, "x")
    >>> scene = Scene(graph, {"x": 5.0, "y": 3.0}, list(faults_in(graph)))
    >>> right = scene.says(question, None)
    >>> wrong = [n for n, _ in enumerate(scene.faults) if scene.says(question, n) != right]
    >>> len(wrong), named_from_one(scene, question, wrong)
    (14, 13)
    """
    told: dict[str, list[int]] = {}
    for number in numbers:
        told.setdefault(written(scene.says(question, number)), []).append(number)
    named = 0
    for group in told.values():
        mistakes = {scene.faults[number].mistake for number in group}
        evidence = [(scene, scene.says(question, group[0]))]
        if sole(mistakes, question, evidence, 1e-9) is not None:
            named += len(group)
    return named


def _key(value: Value) -> Any:
    return value.tobytes() if shape_of(value) else float(value)
