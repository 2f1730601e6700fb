"""An answer and the trace compared with more digits than a double has, and then with more still.

A gap that is rounding shrinks with the digits, one that is real stays. Nothing overflows,
and so many digits are taken as the sizes of the numbers on the way ask for: where one of
1e-217 is added to 1, 150 digits would lose it. What even the most can't hold decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.big import magnitudes
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL, SHORT, UNDECIDED
from backtrace_cli.grading.comparing.rounded_literals import Rounded
from backtrace_cli.grading.precise import DOUBLES, Run, Runs, numbers, places
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions import Question

__all__ = ["DIGITS", "Gap", "agree", "answer_at", "compared"]

#: The digits of the first run, and those that the second may have.
DIGITS = (50, 150, 500)
#: Of a number's binary digits so many are kept for the answer itself.
_SPARE = 60
_BITS = 3.32
#: Gaps up to this share of the larger value are the rounding of a double that somebody wrote out.
SAME = 1e-12
#: In doubles so much of the value may be rounding.
_NEARLY = 1e-11
#: Rounding the point moves a value by no more than this.
_TINY = 1e-9
#: A gap that is real moves by less than this share of itself when the digits grow.
_STEADY = 1e-6

#: Nor is a number one that loses more binary digits than this when the digits grow.
_SHRUNK = 200

Place = tuple[int, ...]


class Gap(NamedTuple):
    """What a comparison at one point comes to."""

    verdict: str
    place: Place = ()
    """The entry that differs."""
    yours: float | None = None
    trace: float = 0.0

    @property
    def tiny(self) -> bool:
        """May the rounding of the point itself be all there is to it?"""
        return abs((self.yours or 0.0) - self.trace) <= _TINY * max(1.0, abs(self.trace))


def answer_at(formula: Graph, run: Run) -> list[Value] | None:
    """The values of the answer's boxes over what ``run`` computed; None where it has no value."""
    arithmetic, inputs = run.arithmetic, {}
    for name, index in formula.inputs.items():
        place = run.graph.find(name)
        inputs[index] = run.values[place] if place is not None else run.trace.gradient_of(name[1:])
    try:
        values, bad = forward(formula, inputs, arithmetic)
        if bad:
            refuse_undefined(formula, values, bad, arithmetic)
    except BacktraceError:
        return None
    if arithmetic.bad(values[formula.output]):
        return None
    if bad and not any(node.op is not None and node.op.selects for node in formula.nodes):
        return None  # 1/(1/0) is no 0
    return values


def agree(runs: Runs, question: Question, formula: Graph) -> bool | None:
    """Are the two the same, in doubles, to nearly all their digits? None where one of them has no value."""
    run = runs.with_digits(DOUBLES)
    values = None if run is None else answer_at(formula, run)
    if run is None or values is None:
        return None
    right, yours = run.says(question), values[formula.output]
    if run.arithmetic.bad(right):
        return None
    near = abs(yours - right) <= _NEARLY * abs(right)
    return bool(near.all()) if shape_of(near) else bool(near)


class _Sides(NamedTuple):
    """Both sides at one point, with so many digits."""

    digits: int
    rows: list[tuple[Place, Any, Any]]
    """(place, yours, the trace's) of every entry."""
    right: Value
    values: list[Value]
    """Of the answer's boxes."""
    sizes: list[int | None]
    """The binary magnitude of every number on the way; None of a 0."""

    @property
    def alike(self) -> bool:
        """Are they the same, and no 0, to which numbers that no digits hold may have come on both sides?"""
        return all(right != 0 and _same(yours, right) for _, yours, right in self.rows)

    def fits(self, before: _Sides | None) -> bool:
        """Do so many digits hold all numbers on the way, and some more? What shrank with the digits since
        ``before`` is the rounding of a 0 and not counted."""
        sizes: Iterable[int | None] = self.sizes
        if before is not None:
            pairs = zip(self.sizes, before.sizes, strict=True)
            sizes = (new for new, old in pairs if new is None or old is None or old - new < _SHRUNK)
        found = [size for size in sizes if size is not None]
        span = max(1, *found) - min(1, *found) if found else 0
        return span + _SPARE <= _BITS * self.digits


def compared(runs: Runs, question: Question, formula: Graph, rounded: Rounded) -> Gap | None:
    """How the answer and the trace compare at the point of ``runs``; None where one of them has no value."""
    before: _Sides | None = None
    for digits in DIGITS:
        run = runs.with_digits(digits)
        sides = None if run is None else _sides(run, question, formula)
        if run is None or sides is None:
            return None
        if sides.fits(before):
            if all(_same(yours, right) for _, yours, right in sides.rows):
                return Gap(EQUAL)
            if before is not None:
                return _decided(sides, before, run, rounded)
        before = sides
    return Gap(EQUAL if before is not None and before.alike else UNDECIDED)


def _sides(run: Run, question: Question, formula: Graph) -> _Sides | None:
    found = answer_at(formula, run)
    if found is None:
        return None
    right = run.says(question)
    if run.arithmetic.bad(right):
        return None
    yours = found[formula.output]
    if shape_of(yours) != shape_of(right):
        yours = run.arithmetic.full(yours, right)
    sizes = [*run.sizes, *magnitudes(found), *magnitudes([right])]
    rows = list(zip(places(right), numbers(yours), numbers(right), strict=True))
    return _Sides(run.digits, rows, right, found, sizes)


def _same(yours: Any, right: Any) -> bool:
    gap = abs(yours - right)
    return bool(gap == 0 or gap <= SAME * max(abs(yours), abs(right)))


def _decided(sides: _Sides, before: _Sides, run: Run, rounded: Rounded) -> Gap:
    """The verdict on gaps with few digits and with more."""
    verdicts = set()
    slack: list[Any] = []
    for entry, ((place, yours, right), (_, few, few_right)) in enumerate(
        zip(sides.rows, before.rows, strict=True)
    ):
        kind = type(yours)
        gap, old = abs(yours - right), abs(kind(few) - kind(few_right))
        if _same(yours, right) or gap * 10**before.digits <= old:
            continue
        if abs(old - gap) > _STEADY * gap:
            verdicts.add(UNDECIDED)
            continue
        if rounded.some and not slack:
            slack = rounded.slack(sides.values, run.arithmetic, sides.right)
        if not slack or gap > slack[entry]:
            return Gap(DIFFERENT, place, float(yours), float(right))
        if gap <= rounded.share * max(abs(yours), abs(right)):
            verdicts.add(EQUAL if rounded.enough else SHORT)
        elif gap <= rounded.share * _largest(run):  # what is left over where larger terms cancel
            verdicts.add(UNDECIDED)
        else:
            return Gap(DIFFERENT, place, float(yours), float(right))
    return Gap(next((found for found in (UNDECIDED, SHORT) if found in verdicts), EQUAL))


def _largest(run: Run) -> Any:
    """The size of the largest number that the exercise itself has at a point."""
    return max(abs(number) for value in run.values for number in numbers(value))
