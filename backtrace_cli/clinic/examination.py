"""An engine on the whole battery: what is right and wrong, what it lacks, which faults explain it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.clinic.ailments import ailments_for
from backtrace_cli.clinic.battery import LONG, SAME, cases_for, chosen, over_arrays
from backtrace_cli.clinic.explain import Diagnosis, Seen, explained
from backtrace_cli.clinic.patient import Found
from backtrace_cli.clinic.prepared_case import Outcome, Prepared, alike, outcome_of, same

__all__ = ["LACKING", "RIGHT", "WRONG", "Difference", "Examination", "Graded", "examine"]

RIGHT, WRONG, LACKING = "right", "wrong", "lacking"

Ask = Callable[[Sequence[Mapping[str, Any]]], Iterator[dict[str, Any]]]


class Difference(NamedTuple):
    """The first number that is not right: ∂f/∂``of``, or the value, where ``of`` is empty."""

    of: str
    yours: Any
    right: Any
    point: int
    error: str = ""
    """What was raised instead."""


class Graded(NamedTuple):
    """One graph of the battery, and what the engine made of it."""

    case: Prepared
    verdict: str
    reason: str = ""
    """What it lacks."""
    difference: Difference | None = None
    outcomes: tuple[Outcome, ...] = ()


class Examination(NamedTuple):
    """Everything that was found out about an engine."""

    engine: str
    """What the class is called."""
    found: Found
    graded: tuple[Graded, ...]
    diagnosis: Diagnosis
    wrong: tuple[Graded, ...]
    """The graphs that came out wrong, in the order to which the diagnosis refers."""
    required: bool = False
    """Are these graphs what was asked for, so that what is lacking is still to do?"""

    @property
    def right(self) -> int:
        """How many graphs are right."""
        return sum(one.verdict == RIGHT for one in self.graded)

    @property
    def of(self) -> int:
        """How many graphs count: those that the engine could do; where they are required, all."""
        return sum(self.required or one.verdict != LACKING for one in self.graded)

    @property
    def passed(self) -> bool:
        """Is all right that counts?"""
        return self.right == self.of

    @property
    def lacking(self) -> dict[str, list[Graded]]:
        """What it lacks, and the graphs that need it."""
        found: dict[str, list[Graded]] = {}
        for one in self.graded:
            if one.verdict == LACKING:
                found.setdefault(one.reason, []).append(one)
        return found

    @property
    def unexplained(self) -> tuple[Graded, ...]:
        """What no fault explains."""
        told = {place for places in self.diagnosis.explains for place in places}
        return tuple(one for place, one in enumerate(self.wrong) if place not in told)


def examine(
    engine: str, found: Found, ask: Ask, groups: Iterable[str] = (), required: bool = False
) -> Examination:
    """The examination of an engine that answers by ``ask``; ``groups`` limits the battery, and what they
    need may be ``required`` of it.

    Raises BacktraceError for a group that there is not, and where the engine can do nothing of it.
    """
    arrays = over_arrays(found.offers, found.arrays)
    cases = chosen(cases_for(found.offers, arrays), groups)
    prepared = [Prepared(case) for case in cases]
    programs = [one.programs(arrays and found.arrays == "arrays") for one in prepared]
    replies = ask([program for each in programs for program in each])
    graded = [
        _graded(case, [next(replies) for _ in each]) for case, each in zip(prepared, programs, strict=True)
    ]
    done = [one for one in graded if one.verdict != LACKING]
    if not done and not (required and graded):
        why = graded[0].reason if graded else "it has none of the functions that they are about"
        raise BacktraceError(f"{engine} can't do any of these graphs: {why}",
                             hint="name its parts with --data, --grad and --backward")  # fmt: skip
    seen = [Seen(one.case, one.outcomes, one.verdict == RIGHT) for one in done]
    diagnosis = _diagnosis(seen) if any(one.verdict == WRONG for one in done) else Diagnosis((), ())
    places = {
        place: number for number, place in enumerate(p for p, one in enumerate(done) if one.verdict == WRONG)
    }
    explains = tuple(tuple(places[place] for place in one) for one in diagnosis.explains)
    wrong = tuple(one for one in done if one.verdict == WRONG)
    return Examination(engine, found, tuple(graded), diagnosis._replace(explains=explains), wrong, required)


def _diagnosis(seen: list[Seen]) -> Diagnosis:
    return explained(seen, ailments_for([one.case for one in seen]))


def _graded(case: Prepared, replies: Sequence[dict[str, Any]]) -> Graded:
    """What became of one graph at its points."""
    for reply in replies:
        if "slow" in reply:
            words = f"it takes longer than {reply['slow']:g} s"
            return Graded(case, LACKING, words) if case.case.group == LONG else _broken(case, words)
        if "lacking" in reply:
            return Graded(
                case, LACKING, reply["lacking"] + (f" ({reply['line']})" if reply.get("line") else "")
            )
    outcomes = tuple(outcome_of(reply) for reply in replies)
    wrong = next((n for n, one in enumerate(outcomes) if not alike(one, case.own.right[n])), None)
    if wrong is None:
        return Graded(case, RIGHT, outcomes=outcomes)
    if case.case.rounds == SAME and replies[wrong].get("cleared") != "whole":
        why = replies[wrong].get("error") or "those between keep their gradients, so build them anew"
        return Graded(case, LACKING, f"a second walk back through the same boxes: {why}")
    return Graded(case, WRONG, "", _difference(case, wrong, replies[wrong], outcomes[wrong]), outcomes)


def _broken(case: Prepared, words: str) -> Graded:
    outcomes = tuple(one._replace(broken=True, gradients={}) for one in case.own.right)
    return Graded(case, WRONG, "", Difference("", None, None, 0, words), outcomes)


def _difference(case: Prepared, point: int, reply: Mapping[str, Any], outcome: Outcome) -> Difference:
    right = case.own.right[point]
    if not same(outcome.value, right.value):
        return Difference("", outcome.value, right.value, point)
    if outcome.broken:
        line = f" ({reply['line']})" if reply.get("line") else ""
        return Difference("", None, None, point, f"{reply['error']}{line}")
    name = next(n for n, one in right.gradients.items() if not same(outcome.gradients.get(n), one))
    return Difference(name, outcome.gradients.get(name), right.gradients[name], point)
