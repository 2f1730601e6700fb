"""The smallest set of faults that explains everything an engine gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.clinic.ailment import Ailment, Rule
from backtrace_cli.clinic.prepared_case import Outcome, Prepared, Stage, alike, plain, same
from backtrace_cli.clinic.walks import Walk, walked
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.forward import forward
from backtrace_cli.graph import Graph, surgery
from backtrace_cli.mistakes.places.fault import Edge, Fault
from backtrace_cli.mistakes.replay import BrokenRules

__all__ = ["Diagnosis", "Seen", "explained"]

#: At most so many faults at once, of so many that explain anything.
_MOST_AT_ONCE, _MOST_COMBINED = 3, 60
#: Of what a fault foretells one in so many may come out otherwise, where there is something else amiss; …
_AMISS = 3
#: … and what explains a smaller share of all that is wrong than this is not named.
_SHARE = 2 / 3
_FITS = ("explains", "explains otherwise")


class Seen(NamedTuple):
    """A case that the engine could do, and what came out at each point."""

    case: Prepared
    outcomes: Sequence[Outcome]
    right: bool


class Diagnosis(NamedTuple):
    """The faults that explain what is wrong."""

    faults: tuple[Ailment, ...]
    explains: tuple[tuple[int, ...], ...]
    """Of each, which of the cases it explains, by their places."""
    instead: tuple[Ailment, ...] = ()
    """Other faults that explain the very same; then nobody can tell."""


class _Candidate(NamedTuple):
    """A fault that explains something, and contradicts nothing that is right."""

    fits: frozenset[int]
    """The cases that it explains alone."""
    shows: frozenset[int]
    """The cases in which it would show; in those it doesn't explain, another has to be at work, too."""
    ailment: Ailment
    plainly: int
    """How many it explains in the graph as it stands, and not as it may be built of other boxes."""

    def order(self) -> tuple[int, int, int]:
        """What explains more comes first."""
        return -len(self.fits), -self.plainly, self.ailment.rank


def explained(seen: Sequence[Seen], ailments: Sequence[Ailment]) -> Diagnosis:
    """The fewest of ``ailments`` that explain as many wrong cases as can be, and contradict none.

    A fault that would show in a case which is right, or show otherwise than what is seen, is none.
    """
    wrong = [place for place, one in enumerate(seen) if not one.right]
    foretold = _Foretold(seen)
    found: list[_Candidate] = []
    for ailment in ailments if wrong else ():
        shows: set[int] = set()
        fits: set[int] = set()
        plainly, sound = 0, True
        for place in sorted(range(len(seen)), key=lambda at: seen[at].right):
            if seen[place].right and not fits:
                break  # it explains nothing
            verdict = foretold.verdict((ailment,), place)
            if verdict == "against" and seen[place].right:
                sound = False
                break
            if verdict != "silent":
                shows.add(place)
            if verdict in _FITS:
                fits.add(place)
                plainly += verdict == "explains"
        if sound and fits:
            found.append(_Candidate(frozenset(fits), frozenset(shows), ailment, plainly))
    if not found:
        return Diagnosis((), ())
    found.sort(key=_Candidate.order)
    best = _best(found, wrong, foretold)
    if len(frozenset().union(*(one.fits for one in best))) < _SHARE * len(wrong):
        return Diagnosis((), ())
    explains = tuple(tuple(sorted(one.fits)) for one in best)
    chosen = tuple(one.ailment for one in best)
    instead: tuple[Ailment, ...] = ()
    if len(best) == 1:
        first = best[0]
        likely = [one for one in found if one[:2] == first[:2] and one.plainly]
        alone = chosen[0]
        others = [one.ailment for one in likely if one.ailment.name != alone.name or one.ailment.turned]
        elsewhere = {one.name: one for one in others if one.look != chosen[0].look}
        instead = tuple(elsewhere.values())
    return Diagnosis(chosen, explains, instead)


def _best(found: list[_Candidate], wrong: list[int], foretold: _Foretold) -> list[_Candidate]:
    """The smallest set that explains most; of equals the first in rank."""
    best = [one for one in found if _AMISS * len(one.shows - one.fits) <= len(one.fits)][:1]
    most = len(best[0].fits) if best else 0
    some = sorted({(one.fits, one.shows): one for one in reversed(found)}.values(), key=_Candidate.order)
    for size in range(2, _MOST_AT_ONCE + 1):
        for several in combinations(some[:_MOST_COMBINED], size):
            places = frozenset().union(*(one.shows for one in several))
            if most == len(wrong):
                return best
            if len(places) > most and _together(several, places, foretold):
                most, best = len(places), list(several)
    return best


def _together(several: Sequence[_Candidate], places: frozenset[int], foretold: _Foretold) -> bool:
    """Do these faults together explain all the cases in which one of them shows?"""
    return all(
        foretold.verdict(tuple(one.ailment for one in several if place in one.shows), place) in _FITS
        for place in places
    )


#: Wrong rules, a walk, and ops that are worked out otherwise.
_Way = tuple[tuple[Rule, ...], Walk, tuple[Ailment, ...]]


class _Foretold:
    """What faults would make of the cases that were seen."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        self.seen = seen
        self.kept: dict[tuple[tuple[int, ...], int], str] = {}

    def verdict(self, ailments: tuple[Ailment, ...], place: int) -> str:
        """``explains`` what is seen in that case; ``silent``: would not show there; ``against`` it."""
        key = (tuple(map(id, ailments)), place)
        if key not in self.kept:
            self.kept[key] = self._verdict(ailments, place)
        return self.kept[key]

    def _verdict(self, ailments: tuple[Ailment, ...], place: int) -> str:
        seen = self.seen[place]
        right = seen.case.own.right
        silent = False
        for stage in seen.case.stages:
            for rules, walk, turned in _ways(ailments):
                found = _outcomes(seen.case, stage, ailments, rules, walk, turned)
                if found and not seen.right and all(map(_seen_so, found, seen.outcomes)):
                    return "explains" if stage is seen.case.own else "explains otherwise"
                if found is None or all(
                    alike(one, by_right) for (one, _), by_right in zip(found, right, strict=True)
                ):
                    silent |= (
                        stage is seen.case.own
                    )  # built of other boxes it may hide, which excuses nothing
        return "silent" if silent else "against"


def _ways(ailments: Sequence[Ailment]) -> list[_Way]:
    """Every way in which these faults may have come about together."""
    ways: list[_Way] = [((), Walk(), ())]
    for ailment in ailments:
        more: list[_Way] = []
        turned = (ailment,) if ailment.turned else ()
        for known, walk, swapped in ways:
            for rules in ailment.rules:
                for own in ailment.walks:
                    both = walk.beside(own)
                    if both is not None:
                        more.append(((*known, *rules), both, (*swapped, *turned)))
        ways = more
    return ways


def _outcomes(
    case: Prepared, stage: Stage, ailments: Sequence[Ailment], rules: tuple[Rule, ...], walk: Walk,
    turned: tuple[Ailment, ...],
) -> list[tuple[Outcome, bool]] | None:  # fmt: skip
    """What comes out at each point, and whether shapes don't fit there; None where none of it could show,
    or that can't be told."""
    plain_constants, rounds = case.case.plain, case.case.rounds
    kinked = stage.kinked
    if stage.long or not any(one.concerns(stage.graph, plain_constants, rounds, kinked) for one in ailments):
        return None
    graph = _swapped(stage.graph, turned, plain_constants)
    fault = _fault(stage, rules, plain_constants, kinked)
    found = []
    for scene, trace in zip(stage.scenes, stage.traces, strict=True):
        try:
            values = scene.values
            if graph is not stage.graph:
                values = forward(graph, {graph.inputs[n]: v for n, v in trace.at.items()}, scene.arithmetic)[
                    0
                ]
            broken = BrokenRules(graph, values, scene.arithmetic, fault)
            broken.strict = False  # an engine goes on as long as NumPy lets it
            gradients = walked(graph, values, scene.arithmetic, broken, walk, rounds)
        except (BacktraceError, ValueError):  # arrays that don't fit: the engine breaks there
            found.append((Outcome(plain(values[graph.output]), {}), True))
            continue
        if gradients is None:
            return None
        found.append(_outcome(graph, values, gradients, scene.arithmetic))
    return found


def _outcome(
    graph: Graph, values: list[Any], gradients: list[Any], arithmetic: Arithmetic
) -> tuple[Outcome, bool]:
    named = {name: gradients[index] for name, index in graph.inputs.items()}
    misfit = any(
        one is not None and (arithmetic.undefined(one) or shape_of(one) != shape_of(value))
        for one, value in zip(gradients, values, strict=True)
    )
    found = {name: None if value is None else plain(value) for name, value in named.items()}
    return Outcome(plain(values[graph.output]), found), misfit


def _seen_so(foretold: tuple[Outcome, bool], seen: Outcome) -> bool:
    """Is it what was seen? Where shapes don't fit a walk may break instead."""
    outcome, misfit = foretold
    if seen.broken:
        return misfit and same(outcome.value, seen.value)
    return alike(outcome, seen)


def _swapped(graph: Graph, turned: Sequence[Ailment], plain_constants: bool) -> Graph:
    """The graph with some of its ops worked out otherwise."""
    for one in turned:
        places = {
            index for index, _ in Rule(one.turned, 0, "", where=one.where).edges(graph, plain_constants)
        }
        for index in sorted(places):
            node = graph.nodes[index]
            other = node._replace(op=one.becomes) if one.becomes else node._replace(args=node.args[::-1])
            graph = surgery.with_node(graph, other)
    return graph


def _fault(stage: Stage, rules: Sequence[Rule], plain_constants: bool, kinked: bool) -> Fault:
    """The rules as one Fault, at every place where they stand in the graph."""
    parts: dict[str, dict[Edge, str]] = {}
    for rule in rules:
        if rule.where == "kink" and not kinked:
            continue
        for edge in rule.edges(stage.graph, plain_constants):
            if rule.ordinal < 0:
                parts.setdefault(rule.kind, {})[edge] = rule.text
                continue
            listed = stage.mistaken.get((rule.text, edge), [])
            if rule.ordinal < len(listed):  # of an op with options the message depends on them
                own = listed[rule.ordinal]
                parts.setdefault("sent", {}).update(own.sent)
                parts.setdefault("loose", {}).update(dict.fromkeys(own.loose, ""))
    return Fault(
        "", "", wrong=tuple(parts.get("wrong", {}).items()), sent=tuple(parts.get("sent", {}).items()),
        unfed=tuple(parts.get("unfed", {})), loose=tuple(parts.get("loose", {})),
        gated=tuple(parts.get("gated", {})), lost=tuple(parts.get("lost", {})),
    )  # fmt: skip
