"""What is said of an answer that mistakes explain: one of them, one of two, or what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value, close
from backtrace_cli.mistakes.catalogue import BY_NAME, MISTAKES
from backtrace_cli.mistakes.places.fault import Fault
from backtrace_cli.mistakes.rivals import NATURAL, rivals
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.readings.questions import Question

__all__ = ["AND", "Diagnosis", "sole", "told"]

#: Between the names of two different mistakes that were made at once.
AND = "\n"
_ORDER = {mistake.name: (mistake.vague, place) for place, mistake in enumerate(MISTAKES)}
#: So many different mistakes are told of in one breath, …
_EITHER = 2
#: … and beside them one that only says what came out.
_MOST_PLACES = 3

#: What an answer is, whichever mistake led to it, where it is the right one times a factor.
_WHOLE = (
    (-1.0, "sign", "your answer is right but for its sign"),
    (2.0, "doubled", "your answer is twice what it should be"),
    (0.5, "halved", "your answer is half of what it should be"),
    (0.0, "variable as constant", "your answer is 0, as if nothing arrived at {target}"),
)


class Diagnosis(NamedTuple):
    """The mistake that explains an answer."""

    mistake: str
    """Its name in the catalogue."""
    words: str
    """A sentence for the student."""
    others: tuple[str, ...] = ()
    """Further names of the catalogue for this very formula at this place."""
    instead: tuple[str, ...] = ()
    """Other mistakes that lead to this answer as well, where ``words`` tell of either; or, where
    ``mistake`` only says what came out (another sign), of what they have in common."""
    at_once: bool = False
    """Were ``mistake`` and those in ``instead`` made together, and none of them alone?"""

    @property
    def sure(self) -> str | None:
        """The name of the mistake where it alone explains the answer; None where another does, too."""
        return None if self.instead else self.mistake

    @property
    def explained(self) -> tuple[tuple[str, ...], ...]:
        """Every explanation there is: the names of the mistakes that lead to the answer, made at once.

        >>> Diagnosis("sign", "", ("order turned round",)).explained
        (('sign',), ('order turned round',))
        """
        if self.at_once:
            return ((self.mistake, *self.instead),)
        return tuple((name,) for name in dict.fromkeys((self.mistake, *self.others, *self.instead)))


def told(
    question: Question, scenes: Sequence[tuple[Scene, Value]], found: Sequence[Fault],
    others: tuple[str, ...], wary: Sequence[tuple[Scene, Value]], tolerance: float,
) -> Diagnosis | None:  # fmt: skip
    """What to say where the mistakes ``found`` lead to the answers in ``scenes``; None where that is nothing.

    ``others`` are further names for the one mistake that they are; in the scenes of ``wary`` a plain slip
    that explains the answer as well keeps it silent.
    """
    names = sorted({fault.mistake for fault in found}, key=lambda name: _ORDER.get(name, (False, -1)))
    single = [one for name in names for one in name.split(AND)]
    if not names or _rivalled({*single, *others}, question, wary, tolerance):
        return None
    first, *instead = names
    if len(single) > len(names):
        return None if instead else _both(single, found)
    if not instead:
        whole = _whole(first, question, scenes, tolerance) if _vague(first) else ""
        return Diagnosis(first, _placed(found, question, whole), others)
    for factor, name, words in _WHOLE:
        if name in names and _times(factor, question, scenes, tolerance):
            rest = tuple(other for other in (*names, *others) if other != name)
            more = [other for other in names if other != name]
            perhaps = [_placed([f for f in found if f.mistake == other], question) for other in more]
            words = words.replace("{target}", question.target)
            if 0 < len(rest) <= _EITHER:
                words += f"; perhaps {', or '.join(perhaps)}"
            return Diagnosis(name, words, (), rest)
    specific = [name for name in names if not _vague(name)]
    if len(specific) > _EITHER or len(names) - len(specific) > 1:
        return None
    sayings = [_placed([f for f in found if f.mistake == name], question) for name in names]
    listed = "; ".join(f"({number}) {saying}" for number, saying in enumerate(sayings, 1))
    return Diagnosis(first, f"more than one slip leads to this answer: {listed}", (), (*instead, *others))


def _vague(name: str) -> bool:
    """Does it only say what came out? Two mistakes at once, whose names are joined, don't."""
    return name in BY_NAME and BY_NAME[name].vague


def _both(names: Sequence[str], found: Sequence[Fault]) -> Diagnosis:
    """Two different mistakes at once, where nothing else leads to the answer."""
    first, *rest = names
    sayings = {fault.words for fault in found}
    words = sayings.pop() if len(sayings) == 1 else "; and ".join(BY_NAME[name].title for name in names)
    return Diagnosis(first, f"two mistakes at once: {words}", (), tuple(rest), at_once=True)


def sole(
    mistakes: set[str], question: Question, scenes: Sequence[tuple[Scene, Value]], tolerance: float
) -> str | None:
    """The one mistake among those that give an answer; None where they are several, where two different
    ones were made at once, and where in ``scenes`` a plain slip explains the answer as well."""
    if len(mistakes) != 1 or _rivalled(mistakes, question, scenes, tolerance):
        return None
    return next(iter(mistakes))


def _rivalled(
    names: set[str], question: Question, scenes: Sequence[tuple[Scene, Value]], tolerance: float
) -> bool:
    """Does a plain slip explain the answer as well, which none of the mistakes comes down to?"""
    natural = set().union(*(NATURAL.get(name, set()) for name in names))
    return bool(scenes) and any(slip not in natural for slip in rivals(question, scenes, tolerance))


def _placed(faults: Sequence[Fault], question: Question, whole: str = "") -> str:
    """One mistake in a sentence, with the place or places at which it could have been made.

    ``whole`` says what the answer is as a whole, where the place could be any of several."""
    sayings = list(dict.fromkeys(fault.words for fault in faults))
    if len(sayings) == 1:
        return sayings[0]
    places = list(dict.fromkeys(fault.place for fault in faults))
    if whole:
        few = all(places) and len(places) <= _MOST_PLACES
        return f"{whole}: look at {', '.join(places[:-1])} or {places[-1]}" if few else whole
    what = {fault.words.removeprefix(f"{fault.place}: ") for fault in faults}
    if len(what) == 1 and all(places):
        if len(places) <= _MOST_PLACES:
            return f"at {', '.join(places[:-1])} or {places[-1]}: {what.pop()}"
        return f"{what.pop()}, somewhere on the way to {question.target}"
    return BY_NAME[faults[0].mistake].title


def _whole(
    name: str, question: Question, scenes: Sequence[tuple[Scene, Value]], tolerance: float
) -> str:  # fmt: skip
    """What the answer is as a whole where it is the right one times what that mistake makes of it."""
    return next(
        (words for factor, known, words in _WHOLE
         if known == name and _times(factor, question, scenes, tolerance)), ""
    )  # fmt: skip


def _times(
    factor: float, question: Question, scenes: Sequence[tuple[Scene, Value]], tolerance: float
) -> bool:
    """Is the answer the right one times ``factor`` at every point?"""
    for scene, answer in scenes:
        right = scene.says(question, None)
        if shape_of(right) != shape_of(answer) or not close(factor * right, answer, tolerance):
            return False
    return True
