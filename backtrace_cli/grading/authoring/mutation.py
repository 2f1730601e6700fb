"""How many mistakes an exercise would catch: each is planted at every place, and the answers judged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, entries, known
from backtrace_cli.grading.authoring.answers import questions_of
from backtrace_cli.grading.comparing.compare import DIFFERENT, rounds_to
from backtrace_cli.grading.comparing.number import judge_numbers
from backtrace_cli.grading.exercise.exercise import Exercise
from backtrace_cli.grading.statement import Point
from backtrace_cli.mistakes.diagnose import Diagnoser
from backtrace_cli.mistakes.places.fault import Fault
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.ops import Op
from backtrace_cli.readings.kinks import at_kink
from backtrace_cli.readings.questions import Question

__all__ = ["Mutation", "Score"]

#: Points, beside the exercise's own, at which a mistake may show that is invisible there.
_ELSEWHERE = 6


class Score(NamedTuple):
    """What became of the mistakes planted in one exercise."""

    caught: tuple[Fault, ...]
    """At least one graded answer would be judged wrong."""
    slipped: tuple[Fault, ...]
    """No graded answer would, though at another point one of them would differ."""
    unasked: tuple[Fault, ...]
    """They change nothing that the exercise asks for, at whatever point."""

    @property
    def of(self) -> int:
        """How many mistakes could be made in working out what is asked."""
        return len(self.caught) + len(self.slipped)

    @property
    def percent(self) -> float:
        """The mutation score; 100 where no mistake of the catalogue applies."""
        return 100.0 * len(self.caught) / self.of if self.of else 100.0


class Mutation:
    """The mistakes of one exercise and who would notice them.

    A student who makes a mistake is taken to answer every question by it, with numbers
    where numbers are allowed: a number is judged at the exercise's own point alone.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.statement = exercise.statement
        self.questions = [question for question in questions_of(exercise) if question.kind.numeric]
        self.diagnoser = Diagnoser(self.statement.graph)
        self.faults = self.diagnoser.faults

    @cached_property
    def score(self) -> Score:
        """The score at the exercise's own point."""
        caught: list[Fault] = []
        slipped: list[Fault] = []
        unasked: list[Fault] = []
        for number, fault in enumerate(self.faults):
            if self._judged_wrong(number):
                caught.append(fault)
            elif not self._idle(fault) and any(
                self._shows(scene, number, self.questions) for scene in self._elsewhere
            ):
                slipped.append(fault)
            else:
                unasked.append(fault)
        return Score(tuple(caught), tuple(slipped), tuple(unasked))

    def caught_at(self, point: Point) -> int | None:
        """How many of the mistakes that could be made here show at ``point``; None where it is no point
        for an exercise: undefined, or at a kink."""
        scene = self._scene(point)
        if scene is None:
            return None
        unasked = set(map(id, self.score.unasked))
        return sum(
            self._shows(scene, number, self.questions)
            for number, fault in enumerate(self.faults)
            if id(fault) not in unasked
        )

    def better_question(self) -> tuple[Question, int] | None:
        """The variable whose partial, asked for too, would let the most further mistakes show; how many."""
        asked = set(self.questions)
        lost = {id(fault) for fault in (*self.score.slipped, *self.score.unasked)}
        numbers = [number for number, fault in enumerate(self.faults) if id(fault) in lost]
        scene = self.diagnoser.scene(self.statement.at)
        found = []
        graph = self.statement.graph
        for name in graph.inputs:
            if graph.picks(graph.inputs[name]) or self.statement.shape(graph.name(graph.output)):
                continue  # a class index has no gradient, nor has what ends in no number
            question = Question("gradient", None, name)
            if question not in asked:
                count = sum(self._shows(scene, number, [question]) for number in numbers)
                found.append((question, count))
        best = max(found, key=lambda pair: pair[1], default=None)
        return best if best is not None and best[1] else None

    def _idle(self, fault: Fault) -> bool:
        """Does the mistake stand on a branch that isn't taken at the exercise's point?

        Nobody works that branch out here, so nobody makes the mistake.
        """
        edges = fault.edges
        return bool(edges) and not any(edge in self._busy for edge in edges)

    @cached_property
    def _busy(self) -> set[tuple[int, int]]:
        """The edges along which something is worked out at the exercise's point."""
        trace = self.statement.trace
        nodes = trace.graph.nodes
        return {
            (sent.source, sent.slot)
            for sent in trace.sent
            if sent.local is None or not _zero(sent.local) or not _piecewise(nodes[sent.source].op)
        }

    def _judged_wrong(self, number: int) -> bool:
        """Would an answer that this mistake gives be judged wrong by the very judge of ``check``?"""
        exercise = self.exercise
        scene = self.diagnoser.scene(self.statement.at)
        for question in self.questions:
            found, right = scene.says(question, number), scene.says(question, None)
            if not known(found) or _equal(found, right):
                continue
            if judge_numbers(exercise, question, found).verdict == DIFFERENT:
                return True
        if exercise.policy.kind == "expressions":  # a formula is compared at other points too
            return any(self._shows(scene, number, self.questions) for scene in self._elsewhere)
        return False

    def _shows(self, scene: Scene, number: int, questions: Sequence[Question]) -> bool:
        """Does this mistake change the answer to one of ``questions`` at a point, beyond rounding?"""
        for question in questions:
            found, right = scene.says(question, number), scene.says(question, None)
            if known(found) and not _equal(found, right) and not self._rounds(found, right):
                return True
        return False

    def _rounds(self, found: Value, right: Value) -> bool:
        """Is every entry of ``found`` that of ``right``, but for rounding?"""
        if shape_of(found) != shape_of(right):
            return False
        pairs = zip(entries(found), entries(right), strict=True)
        digits = self.exercise.policy.digits
        return all(rounds_to(new, old, digits, 1e-3 * abs(old)) for (_, new), (_, old) in pairs)

    @cached_property
    def _elsewhere(self) -> list[Scene]:
        """A few other points, none of them at a kink."""
        found = (trace.at for _, trace in self.statement.samples() if not at_kink(trace))
        return [self.diagnoser.scene(at) for at in islice(found, _ELSEWHERE)]

    def _scene(self, point: Point) -> Scene | None:
        try:
            scene = Scene(self.statement.graph, point, self.faults)
            return None if scene.bad or at_kink(scene.trace(None)) else scene
        except BacktraceError:
            return None


def _piecewise(op: Op | None) -> bool:
    """Is a slope of 0 a branch not taken, as with relu and max?"""
    return op is not None and any(kink.kind in ("kink", "jump") for kink in op.kinks)


def _equal(found: Value, right: Value) -> bool:
    return shape_of(found) == shape_of(right) and not _differs(found, right)


def _differs(found: Value, right: Value) -> bool:
    return bool((found != right).any()) if shape_of(found) else bool(found != right)


def _zero(value: Value) -> bool:
    return bool((value == 0).all()) if shape_of(value) else bool(value == 0)
