"""``--corrections``: what is put right by hand, late days, weights, what is left out; and parts of points."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from backtrace_cli.grading.classroom.marks.times import days_between, moment
from tests.grading.classes import CHAIN, FORK, class_of, course_of, filled

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"
WRONG = {CHAIN_FILE: filled(CHAIN_FILE), FORK_FILE: filled(FORK_FILE, x='"2*x"')}
FIXED = """[[correction]]
student = "BEN"
answer = "2_forks/fork gradient x"
points = 1.5
reason = "one path is there"
by = "M. Weber"
when = 2026-11-30
"""


def graded(backtrace: Run, folder: Path, rules: str, *words: str) -> dict[str, Any]:
    """The JSON report of ada, who has everything right, and ben, who lost a path."""
    course, submissions = course_of(folder), class_of(folder, {"ada": None, "ben": WRONG})
    (folder / "c.toml").write_text(rules, "utf-8")
    result = backtrace("grade", str(submissions), "--course", str(course), "--jobs", "1", "--json",
                       "--corrections", str(folder / "c.toml"), *words)  # fmt: skip
    assert result.exit_code in (0, 1), result.stderr
    return dict(json.loads(result.stdout))


def marks(data: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Student -> (points, of)."""
    return {one["student"]: (one["mark"]["points"], one["mark"]["of"]) for one in data["students"]}


def test_put_right_by_hand(backtrace: Run, tmp_path: Path) -> None:
    """Half points count everywhere, with whose they are; what the grader found stays beside them."""
    data = graded(backtrace, tmp_path, FIXED)
    assert marks(data) == {"ada": (9, 9), "ben": (8.5, 9)}
    answer = data["students"][1]["files"][1]["answers"][2]
    assert (answer["verdict"], answer["points"]) == ("wrong", 0)
    assert answer["correction"] == {"points": 1.5, "reason": "one path is there", "by": "M. Weber",
                                    "when": "2026-11-30"}  # fmt: skip
    results = tmp_path / "g.json"
    results.write_text(json.dumps(data), "utf-8")
    for words in (["report", str(results)], ["grade", "--merge", str(results), "--report", "markdown"]):
        page = " ".join(backtrace(*words).stdout.split())
        assert "M. Weber" in page
        assert "one path is there" in page
    assert "8.5,9,94.4,8.5,9" in backtrace("grade", "--merge", str(results), "--report", "csv").stdout
    scored = backtrace("grade", "--merge", str(results), "--student", "ben", "--report", "gradescope").stdout
    assert json.loads(scored)["score"] == 8.5 == sum(test["score"] for test in json.loads(scored)["tests"])


@pytest.mark.parametrize(
    ("when", "points"),
    [
        ("2026-11-20T12:00:00", 9), ("2026-11-21T00:10:00", 9), ("2026-11-21T01:00:00", 8.1),
        ("2026-11-21T23:59:59", 8.1), ("2026-11-22T00:00:30", 7.2), ("2026-11-25T12:00:00", 5.4),
        ("2026-12-20T12:00:00", 0),
    ],
)  # fmt: skip
def test_late_days(backtrace: Run, tmp_path: Path, when: str, points: float) -> None:
    """A tenth for each day that has begun, 40% at most, nothing after ten; a quarter of an hour is free."""
    rules = (
        "[late]\ndue = 2026-11-20\na_day = 10\nat_most = 40\ngrace_minutes = 15\naccepted_days = 10\n"
        f'[[handed_in]]\nstudent = "ada"\nwhen = {when}\n'
    )
    assert marks(graded(backtrace, tmp_path, rules))["ada"] == (points, 9)


def test_an_extension_and_a_table_of_times(backtrace: Run, tmp_path: Path) -> None:
    """Who was given more time is in time; when everybody handed in is read from a platform's table."""
    (tmp_path / "times.csv").write_text(
        "Name,Email,Submission Time\nada,,2026-11-22 12:00:00 +0100\nben,,2026-11-22 12:00:00 +0100\n",
        "utf-8",
    )
    rules = (
        '[late]\ndue = 2026-11-20\na_day = 25\ntimes = "times.csv"\n'
        '[[extension]]\nstudent = "ada"\ndays = 2\nreason = "ill"\n'
    )
    data = graded(backtrace, tmp_path, rules)
    assert marks(data) == {"ada": (9, 9), "ben": (3.5, 9)}
    assert "2_forks/fork: in time, extended (ill)" in data["students"][0]["mark"]["why"]


def test_weights_and_the_lowest(backtrace: Run, tmp_path: Path) -> None:
    """Weights move what an exercise is worth; the lowest is left out by its share, one always stays."""
    assert marks(graded(backtrace, tmp_path, '[weights]\n"1_chain" = 2\n"2_forks/fork" = 0.5\n')) == {
        "ada": (9, 9), "ben": (8, 9),
    }  # fmt: skip
    assert marks(graded(backtrace, tmp_path, "[drop]\nlowest = 1\n")) == {"ada": (6, 6), "ben": (3, 3)}
    assert marks(graded(backtrace, tmp_path, "[drop]\nlowest = 9\n"))["ben"] == (3, 3)


def test_points_an_answer(backtrace: Run, tmp_path: Path) -> None:
    """An exercise says what each answer is worth, in halves too; sums have no dust of fractions in them."""
    chain = CHAIN.replace("hints", 'points = { gradient = 0.1, "messages f->a" = 0.2, other = 0.5 }\nhints')
    fork = FORK.replace("points = 2", "points = 0.5")
    course = course_of(tmp_path, {CHAIN_FILE: chain, FORK_FILE: fork})
    files = {CHAIN_FILE: filled(CHAIN_FILE), FORK_FILE: filled(FORK_FILE).replace("points = 2\n", "")}
    submissions = class_of(tmp_path, {"ada": files})
    words = ["grade", str(submissions / "ada"), "--course", str(course), "--jobs", "1"]
    data = json.loads(backtrace(*words, "--json").stdout)
    assert (data["points"], data["of"]) == (2.3, 2.3)
    assert [a["points"] for f in data["students"][0]["files"] for a in f["answers"]] == [
        0.5,
        0.2,
        0.1,
        0.5,
        0.5,
        0.5,
    ]
    assert "2.3 of 2.3 points" in backtrace(*words).stdout


BAD = {
    "correction = 3": "correction",
    FIXED.replace("BEN", "bem"): "no student bem",
    FIXED.replace("gradient x", "gradient q"): "is no answer of this course",
    FIXED.replace("1.5", "15"): "worth 2",
    FIXED.replace("1.5", "-1"): "points",
    FIXED.replace("by =", "from ="): "from",
    FIXED + FIXED: "corrected twice",
    "[late]\ndue = 3\n": "due",
    '[late]\ndue = 2026-11-20\ntimes = "gone.csv"\n': "gone.csv",
    "[drop]\nlowest = -1\n": "drop",
    "[weights]\na = true\n": "weights",
    "[[extension]]\nstudent = 'ben'\nreason = 'x'\n": "days = 3",
    "x = [": "TOML",
}


@pytest.mark.parametrize("rules", BAD, ids=range(len(BAD)))
def test_rules_that_cannot_be_used(backtrace: Run, tmp_path: Path, rules: str) -> None:
    """What is wrong is told with its place, before a mark is written."""
    course, submissions = course_of(tmp_path), class_of(tmp_path, {"ben": WRONG})
    (tmp_path / "c.toml").write_text(rules, "utf-8")
    result = backtrace("grade", str(submissions), "--course", str(course), "--jobs", "1", "--corrections",
                       str(tmp_path / "c.toml"), "--report", f"csv={tmp_path / 'g.csv'}")  # fmt: skip
    assert result.exit_code == 2
    assert BAD[rules] in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "g.csv").exists()


@pytest.mark.parametrize("seconds", range(0, 400_000, 7_919))
def test_days_are_counted(seconds: int) -> None:
    """As many days are late as have begun: the ceiling of the seconds over a day."""
    due = moment("2026-11-20T12:00:00")
    assert due is not None
    later = moment((due.at + timedelta(seconds=seconds)).isoformat())
    assert later is not None
    assert days_between(due, later) == -(-seconds // 86_400)
