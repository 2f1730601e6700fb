"""What is promised to come back comes back, whatever the formula was, and whatever was not answered."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.ops import OPS
from backtrace_cli.quiz.card_keys import Key
from backtrace_cli.quiz.formulas.boxes import box_for
from backtrace_cli.quiz.formulas.topics import TOPICS, home_of
from backtrace_cli.quiz.generate import draw
from backtrace_cli.quiz.memory.choose import Chooser, next_task
from backtrace_cli.quiz.memory.progress import Progress, TopicRecord, folded
from backtrace_cli.quiz.memory.store import Store, now_here
from backtrace_cli.quiz.question_source import all_of, of_formula
from backtrace_cli.quiz.session import Round, Session
from backtrace_cli.runs.point import read_point

Run = Callable[..., Result]


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A progress file of its own."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(path))
    return path


def rounds_of(op: str) -> Iterator[Round]:
    """Somebody's own formulas about one op, at points where it has a value."""
    found = OPS[op]
    box = box_for(op)
    text = box.text.format(a="x", b="y", n=2) if box is not None else f"{op}(x)"
    ends = ("f = v*x",) if not found.mixes else ("f = sum(v)", "f = v*2")
    lists = ("x=[0.25,0.5],y=[0.5,0.75]", "x=[[0.25,0.5],[2,1]],y=[[0.5,0.25],[1,3]]") if found.mixes else ()
    for end in ends:
        for point in ("x=0.25,y=0.75", "x=2.5,y=3", *lists):
            used = ",".join(
                part for part in point.replace(",y", "|y").split("|") if f"{part[0]}" in f"{text}{end}"
            )
            try:
                yield of_formula(f"v = {text}; {end}", read_point([used]))
            except BacktraceError:
                continue


def promised(this: Round) -> set[Key]:
    """What the session remembers if nothing is known, and what it would remember of each mistake."""
    quiz = Session(all_of([this]), None)
    keys: set[Key] = set()
    while not quiz.over:
        item = quiz.model.item
        if item is not None and item.slips is not None:
            keys |= {slip.key for slip in item.slips.shown}
        keys |= {key for outcome in quiz.answer("skip" if item else "") for key in outcome.missed}
    return keys


@pytest.mark.slow
def test_whatever_is_promised_can_be_drawn_afresh() -> None:
    """For every op that a formula may hold: its rule, and each mistake that shows at it."""
    keys = {
        key
        for op in OPS
        if not OPS[op].internal
        for this in rounds_of(op)
        for key in promised(this)
        if box_for(key[1]) is not None or not key[1]
    }
    assert len(keys) > 250
    lost = [
        key
        for key in sorted(keys)
        if not any(
            draw(random.Random(f"{seed}"), home_of(*key), 1 + seed % 3, target=key) for seed in range(9)
        )
    ]
    assert lost == []


def test_what_cannot_be_drawn_is_not_promised(backtrace: Run, kept: Path) -> None:
    """No fresh formula is drawn about stacking, so its rule is not said to come back."""
    result = backtrace("quiz", "v = [x, y]; f = sum(v)", "--at", "x=1,y=2", "--answers", "-", "--keep",
                       stdin="show\n" * 9)  # fmt: skip
    assert "the rule of sum" in result.stdout
    assert "stack" not in result.stdout.split("To come back")[1]
    assert all(card["op"] != "stack" for card in json.loads(kept.read_text("utf-8"))["mistakes"])


def test_a_mistake_in_a_formula_of_ones_own_comes_back(backtrace: Run, kept: Path) -> None:
    """The sign at −, the rules of − and atan: fresh formulas are chosen for each of them."""
    result = backtrace("quiz", "f = -atan(x)", "--at", "x=2", "--answers", "-", "--keep",
                       stdin="1.1071\n-1.1071\n1\n0.2\n5\n5\n")  # fmt: skip
    assert "sign, at negative; the rule of negative; the rule of atan" in " ".join(result.stdout.split())
    state = Store(kept).load()
    aimed = set()
    for seed in range(40):
        this = Chooser(random.Random(seed), lambda: state, now_here)(10)
        assert this is not None
        aimed.add(this.target)
        if this.target is not None:
            assert all(this.target in item.exposes for item in this.items)
    assert aimed >= {("sign", "negative"), ("", "negative"), ("", "atan")}


@pytest.mark.parametrize("word", ["skip", "show"])
def test_what_was_passed_over_comes_back(backtrace: Run, kept: Path, word: str) -> None:
    """Nothing tried is nothing known: the rules are weak spots, and so is adding up."""
    backtrace(
        "quiz", "a = x*y; f = a*x", "--at", "x=2,y=3", "--answers", "-", "--keep", stdin=f"{word}\n" * 12
    )
    found = {(c["mistake"], c["op"]): c for c in json.loads(kept.read_text("utf-8"))["mistakes"]}
    assert set(found) == {("", "multiply"), ("", "")}
    shown = backtrace("progress").stdout
    assert "the rule of multiply" in shown
    assert "putting a partial together" in shown
    assert "None" not in shown


def test_a_sum_that_is_wrong_without_a_name_comes_back(backtrace: Run, kept: Path) -> None:
    """At the fork nobody knows what 1234 was: then adding up comes back, in a formula with a fork."""
    steps = "6\n12\n2\n6\n3\n6\n1234\n4321\n"
    result = backtrace("quiz", "a = x*y; f = a*x", "--at", "x=2,y=3", "--answers", "-", "--keep", stdin=steps)
    assert "To come back: putting a partial together." in " ".join(result.stdout.split())
    state = Store(kept).load()
    for seed in range(30):
        this = Chooser(random.Random(seed), lambda: state, now_here)(10)
        assert this is not None
        if this.target == ("", ""):
            assert all(item.cell.table == "gradient" for item in this.items)
            break
    else:
        pytest.fail("nothing was chosen for it")
    quiz = Session(all_of([this]), None)
    outcomes = quiz.answer(str(this.statement.says(this.items[0].cell, this.statement.trace)))
    assert outcomes[0].result == "right"
    assert folded(state, outcomes, now_here()).cards["", ""].in_a_row == 0


def test_the_course_goes_on_where_a_level_is_not_passed() -> None:
    """With the first topic's first level behind, the second is practised, and now and then the first."""
    first, second = list(TOPICS)[:2]
    progress = Progress(topics={first: TopicRecord(level=2)})
    asked = {next_task(progress, now_here(), random.Random(seed)).topic for seed in range(40)}
    assert asked == {first, second}
