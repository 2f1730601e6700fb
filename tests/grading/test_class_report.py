"""``backtrace report``: what a class got wrong, by independent witnesses and in every form."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from lxml import html

from backtrace_cli.grading.classroom.records import AnswerRecord, FileRecord, StudentRecord
from backtrace_cli.grading.statistics.misconceptions import misconceptions
from tests.grading.classes import FORK, class_of, course_of, filled
from tests.grading.planted_class import compared, swapped, told, write_class

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"


def answered(*explained: tuple[tuple[str, ...], ...]) -> StudentRecord:
    """A student with a wrong answer in an exercise of its own for each set of explanations."""
    files = tuple(
        FileRecord(f"{number}.toml", "", "", "graded", "", "", (),
                   (AnswerRecord("gradient", "x", "wrong", 0, 1, 1, "2", explained=ways),))
        for number, ways in enumerate(explained)
    )  # fmt: skip
    return StudentRecord("ada", "ada", files)


def named(student: StudentRecord) -> list[str]:
    """The student's mistakes by name."""
    return [one.mistake for one in misconceptions(student)]


def test_all_answers_together_say_more_than_one() -> None:
    """What could be two mistakes in one answer is the one that explains the others, too."""
    either = (("lost path",), ("power rule",))
    assert named(answered(either, (("power rule",),))) == ["power rule"]
    assert named(answered(either, either)) == []  # nobody can tell which
    assert named(answered((("lost path",),))) == []  # once is a slip


def test_what_was_done_goes_before_what_came_out() -> None:
    """A quotient's terms swapped are a sign turned round; the vague one is not told where another fits."""
    ways = (("sign",), ("quotient terms swapped",))
    assert named(answered(ways, ways)) == ["quotient terms swapped"]
    assert named(answered(ways, (("sign",),), (("sign",),))) == ["sign"]


def test_two_at_once_are_both() -> None:
    """Two mistakes in one answer, and each of them once more alone."""
    both = (("lost path", "own factor"),)
    assert sorted(named(answered(both, (("lost path",),), (("own factor",),)))) == ["lost path", "own factor"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of twelve, half of whom lose a path, graded."""
    from backtrace_cli.commands.grade import command

    folder = tmp_path_factory.mktemp("class")
    lost = {CHAIN_FILE: filled(CHAIN_FILE, x='"2*a"'), FORK_FILE: filled(FORK_FILE, x='"2*x"')}
    people: dict[str, dict[str, str] | None] = {f"right{n}": None for n in range(5)}
    people |= {f"wrong{n}": lost for n in range(5)}
    people |= {"half": {CHAIN_FILE: filled(CHAIN_FILE, a="5")}, "none": {}}
    course, submissions = course_of(folder), class_of(folder, people)
    words = [str(submissions), "--course", str(course), "--jobs", "2"]
    with pytest.raises(SystemExit):
        command.main([*words, "--report", f"json={folder / 'grades.json'}"], standalone_mode=True)
    return folder / "grades.json"


def said(backtrace: Run, results: Path, *words: str) -> dict[str, Any]:
    """The report as JSON."""
    result = backtrace("report", str(results), "--json", *words)
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


def test_difficulty_and_discrimination(backtrace: Run, results: Path) -> None:
    """Each figure is what NumPy says of the verdicts."""
    grades = json.loads(results.read_text("utf-8"))
    rows = [[a["verdict"] for f in s["files"] for a in f["answers"]] for s in grades["students"]]
    items = said(backtrace, results)["items"]
    for place, item in enumerate(items):
        tried = [row for row in rows if row[place] not in ("missing", "ungraded")]
        right = np.array([row[place] == "right" for row in tried], float)
        rest = np.array([sum(v == "right" for v in row) for row in tried], float) - right
        assert item["tried"] == len(tried)
        assert item["difficulty"] == pytest.approx(right.mean(), abs=1e-6)
        if item["discrimination"] is None:
            assert right.std() == 0 or rest.std() == 0
        else:
            assert item["discrimination"] == pytest.approx(np.corrcoef(right, rest)[0, 1], abs=1e-6)
    assert any(item["discrimination"] is not None for item in items)


def test_the_commonest_wrong_answer(backtrace: Run, results: Path) -> None:
    """How many gave it, and what explains it; who needs which chapter; who is not there."""
    found = said(backtrace, results)
    item = next(one for one in found["items"] if (one["exercise"], one["key"]) == (FORK_FILE, "x"))
    assert item["wrong_answers"] == [{"answer": "2·x", "students": 5, "mistakes": ["lost path"]}]
    assert found["absent"] == 1
    assert found["students"] == 12
    assert {one["mistake"]: one["answers"] for one in found["mistakes"]}["lost path"] == 5


@pytest.mark.parametrize("form", ["", "--plain", "--as=markdown", "--as=html", "--json", "--as=csv"])
def test_nobody_is_named(backtrace: Run, results: Path, form: str) -> None:
    """With --anonymous no form has a name in it; without, the terminal and the page have."""
    words = [str(results), *filter(None, [form])]
    assert "right1" not in (hidden := backtrace("report", *words, "--anonymous").stdout)
    assert "wrong1" not in hidden
    assert "lost path" in hidden


def test_the_page_stands_alone(backtrace: Run, results: Path, tmp_path: Path) -> None:
    """One HTML file, with bars, that fetches nothing and runs nothing."""
    page = tmp_path / "class.html"
    assert backtrace("report", str(results), "-o", str(page)).exit_code == 0
    tree = html.fromstring(page.read_text("utf-8"))
    assert not tree.xpath("//script | //link | //img | //*[@src] | //*[@href]")
    assert tree.xpath("//td[contains(@class, 'bar')]/span[@aria-hidden='true']")


def test_csv_and_bad_results(backtrace: Run, results: Path, tmp_path: Path) -> None:
    """A row an answer; and what is no result of grade is refused with words."""
    rows = list(csv.DictReader(io.StringIO(backtrace("report", str(results), "--as", "csv").stdout)))
    assert len(rows) == 6
    other = tmp_path / "x.json"
    other.write_text("{}", "utf-8")
    for path in (other, tmp_path / "gone.json"):
        result = backtrace("report", str(path))
        assert result.exit_code == 2
        assert "Traceback" not in result.stderr
    assert backtrace("report", str(results), "-o", str(tmp_path / "x.doc")).exit_code == 2


def test_names_are_no_markup(backtrace: Run, tmp_path: Path) -> None:
    """A student's folder and answer stand in the page as text."""
    folder = "<b>&bo"
    wrong = {FORK_FILE: filled(FORK_FILE, x='"<script>"', **{'"a->x"': '"3*x"'})}
    course, submissions = course_of(tmp_path), class_of(tmp_path, {folder: wrong, "ada": wrong})
    results = tmp_path / "g.json"
    backtrace(
        "grade", str(submissions), "--course", str(course), "--jobs", "1", "--report", f"json={results}"
    )
    page = backtrace("report", str(results), "--as", "html").stdout
    assert "<script" not in page
    assert "<b>" not in page


def test_a_drill(backtrace: Run, tmp_path: Path) -> None:
    """Fresh exercises for the commonest mistakes, that load and are blank; with --each a set a student."""
    again = "2_forks/again.toml"
    lost = {name: filled(FORK_FILE, x='"2*x"') for name in (FORK_FILE, again)}
    course = course_of(tmp_path, {FORK_FILE: FORK, again: FORK})
    submissions, results = class_of(tmp_path, {"ada": lost, "ben": lost}), tmp_path / "g.json"
    words = ["grade", str(submissions), "--course", str(course), "--jobs", "1"]
    backtrace(*words, "--report", f"json={results}")
    for more in ([], ["--each"]):
        folder = tmp_path / f"drill{len(more)}"
        result = backtrace("report", str(results), "--drill", str(folder), *more)
        assert result.exit_code == 0, result.stderr
        made = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.toml"))
        people = ["ada/", "ben/"] if more else [""]
        assert made == [f"{who}1_lost_path/{name}.toml" for who in people for name in ("first", "second")]
    exercises = list((tmp_path / "drill1").rglob("*.toml"))
    assert len({path.read_text("utf-8") for path in exercises}) == 4
    for path in exercises:
        assert backtrace("check", str(path)).exit_code == 1
    result = backtrace("report", str(results), "--drill", str(tmp_path / "drill0"))
    assert result.exit_code == 2
    assert "is there already" in result.stderr


@pytest.mark.slow
def test_planted_misconceptions_are_found(tmp_path: Path) -> None:
    """Of a class with known misconceptions the report finds 85% at least, and none that was not planted."""
    planted = write_class(tmp_path, 24, random.Random(3))
    found = told(tmp_path)
    recall, strange = compared(planted, found)
    assert recall >= 0.85
    assert not strange
    assert not swapped(planted, found)
