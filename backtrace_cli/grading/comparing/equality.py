"""Is an answer equal to what the trace says? Equal, different with a witness, or undecided.

The exercise's own point comes first, then a dozen others that the answer itself draws, far
ones, and those where the answer bends. At each of them both sides are worked out with more
digits than a double has (see ``digits``). The right side is always the record of a run of
the engine at that point: nothing here differentiates.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import chain, islice

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.arithmetics.big import TimeUp, limited
from backtrace_cli.grading.comparing.compare import (
    DIFFERENT,
    EQUAL,
    EVERYWHERE,
    HERE,
    SHORT,
    UNDECIDED,
    Judgement,
    Witness,
)
from backtrace_cli.grading.comparing.digits import Gap, agree, compared
from backtrace_cli.grading.comparing.far_points import branches, corners, far_out
from backtrace_cli.grading.comparing.number import (
    Asked,
    judge_value,
    short_words,
    within_kinks,
    without_value,
)
from backtrace_cli.grading.comparing.rounded_literals import Rounded
from backtrace_cli.grading.comparing.shape_words import judge_shape, misfit, what_shape
from backtrace_cli.grading.exercise.exercise import Answer
from backtrace_cli.grading.precise import DOUBLES, Runs
from backtrace_cli.grading.statement import Point, Statement
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions import Question

__all__ = ["judge", "right_for"]

#: Points, beside the exercise's own, at which both sides are compared; fewer than LEAST decide nothing.
POINTS, LEAST = 12, 4
#: So many, where a branch may make two different formulas agree in places.
_BRANCHED_POINTS = {False: 150, True: 60}
#: How far off, in shares and in units, points near the exercise's own are.
_NEAR = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001) * 4
#: A point at which rounding hides the answer decides nothing, and so many of them are passed over.
_MOST_UNSURE = 24

_FEW = "too few points have a value on both sides to decide"
_HIDDEN = "rounding hides the difference at most points, however many digits are taken"
_ONE_POINT = "a formula is asked for; yours is its value at this one point"


def judge(asked: Asked, question: Question, answer: Answer) -> Judgement:
    """Compare ``answer`` with what the engine says to ``question``.

    ``answer`` has been read (see Answer): a blank or an unreadable one is a ValueError.
    """
    statement, policy = asked.statement, asked.policy
    if not question.kind.numeric:
        return judge_shape(statement, question, answer)
    if answer.formula is None:
        raise ValueError("there is nothing to judge")
    if question.kind.is_value and (name := _circular(statement, question, answer.formula)):
        return Judgement(DIFFERENT, None, f"this uses {name}, which is computed from what is asked")
    if policy.kind == "numbers" and not answer.constant:
        return Judgement(DIFFERENT, None, "a number is asked for: put the values into your formula")
    if statement.arrays and answer.formula.shapes is None:
        return Judgement(DIFFERENT, None, misfit(statement, question, answer.formula))
    if statement.arrays:
        shape = answer.formula.shapes[answer.formula.output] if answer.formula.shapes else ()
        if words := what_shape(statement, question, shape):
            return Judgement(DIFFERENT, None, words)
    try:
        with limited(policy.seconds):
            return _Case(asked, question, answer).judged()
    except TimeUp:
        return Judgement(
            UNDECIDED, None, f"judging it took longer than {policy.seconds:g} s: write it shorter"
        )


def right_for(asked: Asked, question: Question, answer: Answer, theirs: Callable[[Runs], Runs]) -> bool:
    """Is a formula right everywhere where the runs are ``theirs``, with a student's own earlier answers?"""
    try:
        with limited(asked.policy.seconds):
            return _Case(asked, question, answer, theirs).right()
    except TimeUp:
        return False


def _circular(statement: Statement, question: Question, formula: Graph) -> str | None:
    """The first name in an answer about a value that is that value, or depends on it."""
    graph = statement.graph
    asked = graph.find(question.target)
    if asked is None or graph.nodes[asked].is_input:
        return None
    after = graph.leads_from({asked})
    return next((name for name in formula.inputs if after[graph.find(name) or 0]), None)


class _Case:
    """One answer to one question."""

    def __init__(
        self, asked: Asked, question: Question, answer: Answer, theirs: Callable[[Runs], Runs] | None = None
    ) -> None:
        assert answer.formula is not None
        self.theirs = theirs or (lambda runs: runs)
        self.asked = asked
        self.statement = asked.statement
        self.question = question
        self.answer = answer
        self.formula: Graph = answer.formula
        self.rounded = Rounded(answer.formula, asked.policy.digits)
        seed = "\n".join((asked.policy.key, self.statement.formula, *map(str, question), answer.text))
        self.dice = random.Random(sha256(seed.encode()).digest())

    def judged(self) -> Judgement:
        """The verdict."""
        policy = self.asked.policy
        number = judge_value(self.asked, self.question, self.formula) if self.answer.constant else None
        if number is not None and policy.kind != "expressions":
            if number.verdict != EQUAL:
                return number
            return number._replace(holds=EVERYWHERE if self._constant() else HERE)
        own = self._own()
        if own.verdict == DIFFERENT:
            if number is not None and number.verdict == EQUAL:
                return own._replace(witness=None, words=_ONE_POINT)
            return own
        found = self._elsewhere(own)
        if found.verdict == DIFFERENT and number is not None:
            return Judgement(DIFFERENT, None, _ONE_POINT)  # a witness, at this point even, would contradict
        if found.verdict == DIFFERENT and own.verdict == EQUAL:
            verdict = EQUAL if policy.here == "formulas" else DIFFERENT
            return found._replace(verdict=verdict, holds=HERE)
        return found

    def right(self) -> bool:
        """Is it the same at the exercise's own point and at all others that are tried?"""
        gap = compared(self.theirs(self.statement.own), self.question, self.formula, self.rounded)
        return gap is not None and gap.verdict == EQUAL and self._elsewhere(Judgement(EQUAL)).verdict == EQUAL

    def _constant(self) -> bool:
        """Is the number right at other points, too?"""
        points = islice(self._points(), 3)
        found = [self._at(Runs(self.statement.graph, point)) for point in points]
        gaps = [gap for gap in found if gap is not None]
        return bool(gaps) and all(gap.verdict == EQUAL for gap in gaps)

    # -- points ------------------------------------------------------------------------

    def _own(self) -> Judgement:
        """The verdict at the exercise's own point, where an answer without a value is no answer."""
        statement = self.statement
        gap = compared(statement.own, self.question, self.formula, self.rounded)
        if gap is None:
            return self._without_value()
        if gap.verdict in (DIFFERENT, UNDECIDED) and within_kinks(self.asked, self.question, self.formula):
            return Judgement(EQUAL)
        if gap.verdict == DIFFERENT and gap.tiny and self._excused(gap):
            return Judgement(UNDECIDED)
        return self._judgement(gap, statement.at)

    def _without_value(self) -> Judgement:
        right = self.statement.says(self.question, self.statement.trace)
        if self.statement.trace.arithmetic.bad(right):
            return Judgement(UNDECIDED, None, "neither has a value here")
        if self.statement.own.with_digits(50) is None:
            return Judgement(UNDECIDED, None, "the formula has no value at its own point")
        return without_value(self.statement, right)

    def _excused(self, gap: Gap) -> bool:
        """Does rounding the point itself move the trace as far? cos(1.5707963267948966) is 6e-17."""
        moves = []
        for step in (2.0**-49, -(2.0**-49)):
            point = {name: value * (1 + step) for name, value in self.statement.at.items()}
            run = Runs(self.statement.graph, point).with_digits(50)
            if run is None:
                return False
            entry = run.says(self.question)
            moves.append(abs(float(entry[gap.place] if shape_of(entry) else entry) - gap.trace))
        return abs((gap.yours or 0.0) - gap.trace) <= 16 * min(moves)

    def _judgement(self, gap: Gap, point: Point) -> Judgement:
        if gap.verdict == DIFFERENT:
            return Judgement(DIFFERENT, Witness(point, gap.yours, gap.trace, gap.place))
        if gap.verdict == SHORT:
            return Judgement(SHORT, None, short_words(self.asked.policy.digits))
        return Judgement(gap.verdict)

    def _at(self, runs: Runs, *, closely: bool = False) -> Gap | None:
        """The comparison at another point; None where either side is undefined or stands at a kink.

        Many digits are taken where doubles differ, or where somebody looks ``closely``.
        """
        run = runs.with_digits(DOUBLES)
        if run is None or (self.question.kind.slope and run.kinked):
            return None
        theirs = self.theirs(runs)
        if not closely and agree(theirs, self.question, self.formula):
            return Gap(EQUAL)
        return compared(theirs, self.question, self.formula, self.rounded)

    def _points(self) -> Iterator[Point]:
        """Points that the answer's own text draws, so that no answer can be right at just those."""
        return self.statement.points(str(self.dice.random()))

    def _near(self) -> Iterator[Point]:
        """Points near the exercise's own, for a formula that has a value nowhere else."""
        own, freedom = self.statement.at, self.statement.freedom
        for size in _NEAR:
            share, offset = (self.dice.uniform(-size, size) for _ in range(2))
            turns = {name: 1 + share * turn for turn, name in enumerate(freedom.names, 1)}
            moved = {name: own[name] * turn + offset * turn for name, turn in turns.items()}
            yield freedom.admitted({**own, **moved})

    def _elsewhere(self, own: Judgement) -> Judgement:
        """Other points, until a dozen have a value on both sides; far ones; then where the answer bends."""
        agreed, unsure, tried = int(own.verdict in (EQUAL, SHORT)), int(own.verdict == UNDECIDED), 0
        short = own if own.verdict == SHORT else None
        graph = self.statement.graph
        branched = any(map(branches, (graph, self.formula)))
        most = _BRANCHED_POINTS[self.statement.arrays] if branched else POINTS
        for point in chain(self._points(), self._near()):
            if tried >= most or unsure >= _MOST_UNSURE:
                break
            gap = self._at(Runs(graph, point), closely=tried < LEAST)
            if gap is None:
                continue
            if gap.verdict == DIFFERENT:
                return self._judgement(gap, point)
            tried += gap.verdict != UNDECIDED
            agreed += gap.verdict in (EQUAL, SHORT)
            unsure += gap.verdict == UNDECIDED
            short = self._judgement(gap, point) if gap.verdict == SHORT else short
        if not self.statement.freedom.names and own.verdict == EQUAL:
            return Judgement(EQUAL, holds=HERE)
        if agreed < LEAST or unsure > agreed:
            return Judgement(UNDECIDED, None, _HIDDEN if unsure else _FEW)
        closer = chain(far_out(self.statement, self.dice), corners(self.statement, self.formula, self.dice))
        return self._first_difference(closer) or short or Judgement(EQUAL, holds=EVERYWHERE)

    def _first_difference(self, points: Iterable[Point]) -> Judgement | None:
        for point in points:
            gap = self._at(Runs(self.statement.graph, point, written=True))
            if gap is not None and gap.verdict == DIFFERENT:
                return self._judgement(gap, point)
        return None
