"""One mistake behind several gradients: replayed once, held against all of them, the right ones too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.diagnose import MOST_STEPS, MOST_VISITS
from backtrace_cli.mistakes.places.fault import Fault
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.mistakes.synonyms import as_one
from backtrace_cli.mistakes.told import Diagnosis, told
from backtrace_cli.readings.questions import Question

__all__ = ["Witnessed", "together"]


class Witnessed(NamedTuple):
    """What somebody has for a gradient."""

    question: Question
    value: Value
    wrong: bool
    share: float
    """An entry may be off by this share of itself, …"""
    largest: float
    """… and by this share of the array's largest entry."""

    def fits(self, found: Value) -> bool:
        """Is it what ``found`` is, up to rounding?"""
        if shape_of(found) != shape_of(self.value):
            return False
        size, gap = abs(found), abs(found - self.value)
        if not shape_of(found):
            return bool(gap <= (self.share + self.largest) * size)
        return bool((gap <= self.share * size + self.largest * size.max(initial=0.0)).all())


def together(
    trace: Trace, evidence: Sequence[Witnessed], stop: Callable[[], bool]
) -> tuple[Diagnosis | None, dict[Question, Diagnosis]]:
    """The mistake that leads to all of ``evidence``; where no one does, what leads to each that is wrong.

    ``stop`` says when it has taken too long; then nothing is named.

    >>> from backtrace_cli import trace
    >>> found = trace("h = w*x; L = h^2", w=2, x=3)
    >>> mine = [Witnessed(Question("gradient", None, name), half, True, 1e-8, 0)
    ...         for name, half in (("w", 18.0), ("x", 12.0))]
    >>> together(found, mine, lambda: False)[0].mistake
    'power rule'
    """
    graph, wrong = trace.graph, [one for one in evidence if one.wrong]
    if len(graph.steps) > MOST_STEPS:
        return None, {}
    faults = list(faults_in(graph))
    scene = Scene(graph, trace.at, faults)
    if len(faults) * len(graph.steps) > MOST_VISITS or scene.at_kink():
        return None, {}
    questions = [one.question for one in evidence]
    all_fit: list[Fault] = []
    each: dict[Question, list[Fault]] = {one.question: [] for one in wrong}
    for fault in faults:
        if stop():
            return None, {}
        values = scene.says_all(questions, fault)
        fits = [one.fits(value) for one, value in zip(evidence, values, strict=True)]
        if all(fits):
            all_fit.append(fault)
        if not all(fit for one, fit in zip(evidence, fits, strict=True) if not one.wrong):
            continue  # what would spoil a gradient that is right was not made
        for one, fit in zip(evidence, fits, strict=True):
            if one.wrong and fit:
                each[one.question].append(fault)
    common = _told(scene, wrong[0], all_fit)
    if common is not None or len(wrong) == 1:
        return common, {}
    apart = {one.question: _told(scene, one, each[one.question]) for one in wrong}
    return None, {question: found for question, found in apart.items() if found is not None}


def _told(scene: Scene, one: Witnessed, found: Sequence[Fault]) -> Diagnosis | None:
    """What to say where ``found`` lead to it."""
    speaking, others = as_one(scene.graph, one.question, found)
    pairs = [(scene, one.value)]
    return told(one.question, pairs, speaking, others, pairs, max(one.share, 1e-9))
