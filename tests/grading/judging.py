"""What the grader says of pairs whose equality is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from backtrace_cli.grading.comparing import digits
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL
from backtrace_cli.grading.comparing.equality import judge
from backtrace_cli.grading.precise import Runs
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions import Question
from tests.grading.files import exercise
from tests.grading.pairs import Pair


def verdict(pair: Pair) -> str:
    """What the grader says of the pair."""
    at = ",".join(f"{name}={value}" for name, value in pair.at.items())
    one = exercise(f"f = {pair.formula}", at, values={"f": pair.answer})
    assert not one.answers[0].problem, one.answers[0].problem
    return judge(one, one.answers[0].question, one.answers[0]).verdict


def in_doubles(runs: Runs, question: Question, formula: Graph, _: object) -> digits.Gap | None:
    """A worse comparison, planted for that of many digits: doubles alone decide."""
    found = digits.agree(runs, question, formula)
    return None if found is None else digits.Gap(EQUAL if found else DIFFERENT, (), 0.0, 1.0)


def wrong(found: Sequence[Pair]) -> tuple[list[Pair], Counter[str]]:
    """The pairs judged wrongly, and how often each verdict was given."""
    verdicts = [verdict(pair) for pair in found]
    bad = [
        pair
        for pair, said in zip(found, verdicts, strict=True)
        if said == (DIFFERENT if pair.equal else EQUAL)
    ]
    return bad, Counter(verdicts)
