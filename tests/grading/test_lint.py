"""``backtrace lint``: what it finds in a course, and what it says of mistakes that slip through."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtrace_cli.grading.authoring.mutation import Mutation
from backtrace_cli.grading.exercise.exercise import load

Run = Callable[..., Result]
COURSE = Path(__file__).parent.parent.parent / "exercises"

GOOD = """
title = "Two messages"
formula = "a = x^2; f = a*y"
at = { x = 3, y = 4 }
hints = ["Which boxes read x?", "One message, times 2x."]

[messages]
"a->x" = ""

[gradient]
x = ""
y = ""
"""


def course(folder: Path, **files: str) -> Path:
    """A course with one chapter and these exercises."""
    chapter = folder / "01_first"
    chapter.mkdir()
    for name, text in files.items():
        (chapter / f"{name}.toml").write_text(text, "utf-8")
    return folder


def linted(backtrace: Run, folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON."""
    result = backtrace("lint", str(folder), "--json", *options)
    return result.exit_code, json.loads(result.output)


def words(found: dict[str, Any]) -> str:
    """Everything that is to be mended, in one text."""
    return "\n".join(problem["words"] for file in found["files"] for problem in file["problems"])


def test_a_good_course(backtrace: Run, tmp_path: Path) -> None:
    """An exercise that loads, starts blank, passes, has hints and shows mistakes is well."""
    code, found = linted(backtrace, course(tmp_path, good=GOOD))
    assert (code, found["problems"], found["exercises"]) == (0, 0, 1)
    assert found["files"][0]["score"] >= 90
    assert found["files"][0]["mistakes"] > 15
    page = backtrace("lint", str(tmp_path))
    assert page.exit_code == 0
    assert "nothing to mend" in page.output


BROKEN = {
    "no hints": (GOOD.replace("hints =", "tags ="), "there are no hints"),
    "a blank hint": (GOOD.replace('"Which boxes read x?"', '" "'), "a hint is blank"),
    "filled in": (GOOD.replace('y = ""', 'y = "x^2"'), "[gradient] y is filled in already"),
    "does not load": (GOOD.replace("x^2", "x^^2"), "x^^2"),
    "no value": (GOOD.replace("x^2", "log(x - 5)"), "log needs"),
    "nothing asked": (GOOD.split("[messages]")[0], "asks for nothing"),
    "invisible mistakes": (GOOD.replace("x = 3, y = 4", "x = 1, y = 1"), "mistakes would be caught"),
    "no finite answer": (
        GOOD.replace("a*y", "a*sqrt(y)").replace("y = 4", "y = 0"),
        "the engine has no answers that are numbers",
    ),
    "a reason that is none": (
        GOOD.replace("\n[messages]", 'lint = { reason = "" }\n[messages]'),
        "a sentence",
    ),
    "two wrong lines": (
        GOOD.split("[messages]")[0]
        + "".join(
            f'[[lines]]\ntext = "{key}"\ntable = "gradient"\nkey = "{key}"\nclaim = 1\n' for key in "xy"
        ),
        "2 wrong lines",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_told(backtrace: Run, tmp_path: Path, name: str) -> None:
    """Each fault of a course is found, told in words, and fails it."""
    text, expected = BROKEN[name]
    code, found = linted(backtrace, course(tmp_path, bad=text, good=GOOD.replace('messages"', 'others"')))
    assert code == 1
    assert expected in words(found)
    page = backtrace("lint", str(tmp_path), columns=40)
    assert page.exit_code == 1
    assert "Traceback" not in page.output


def test_a_reason_excuses_a_low_score(backtrace: Run, tmp_path: Path) -> None:
    """A point at which mistakes hide is allowed where the author says why."""
    hidden = GOOD.replace("x = 3, y = 4", "x = 1, y = 1")
    reason = hidden.replace("\n[messages]", 'lint = { reason = "the point of the lecture" }\n[messages]')
    code, found = linted(backtrace, course(tmp_path, low=reason))
    assert code == 0
    assert found["files"][0]["score"] < 90
    assert found["files"][0]["reason"] == "the point of the lecture"
    assert linted(backtrace, tmp_path, "--min-score", "100")[0] == 0


def test_the_better_point_is_better(backtrace: Run, tmp_path: Path) -> None:
    """The point that lint suggests, put into the file, reaches the score that it promised."""
    hidden = GOOD.replace("x = 3, y = 4", "x = 1, y = 1")
    _, found = linted(backtrace, course(tmp_path, low=hidden))
    file = found["files"][0]
    better = file["better_point"]
    assert better["caught"] > file["caught"]
    at = ", ".join(f'{name} = "{value}"' for name, value in better["at"].items())
    (tmp_path / "01_first" / "low.toml").write_text(hidden.replace("x = 1, y = 1", at), "utf-8")
    _, mended = linted(backtrace, tmp_path)
    assert mended["files"][0]["caught"] == better["caught"]


def test_the_further_question_shows_more(backtrace: Run, tmp_path: Path) -> None:
    """Asking for the partial that lint suggests catches mistakes that nothing asked about before."""
    asks_little = GOOD.replace("x = 3, y = 4", "x = 1, y = 1").replace('y = ""\n', "")
    _, found = linted(backtrace, course(tmp_path, low=asks_little))
    file = found["files"][0]
    assert file["better_question"]["key"] == "y"
    (tmp_path / "01_first" / "low.toml").write_text(asks_little + 'y = ""\n', "utf-8")
    _, mended = linted(backtrace, tmp_path)
    assert mended["files"][0]["caught"] == file["caught"] + file["better_question"]["more"]


def test_twins_and_strays(backtrace: Run, tmp_path: Path) -> None:
    """Two exercises with one title, two that ask the same, and files that are none are told."""
    course(tmp_path, one=GOOD, two=GOOD)
    chapter = tmp_path / "01_first"
    (chapter / "notes.txt").write_text("todo", "utf-8")
    (chapter / "README.md").write_text("about", "utf-8")
    (tmp_path / "lost.toml").write_text(GOOD, "utf-8")
    code, found = linted(backtrace, tmp_path)
    assert code == 1
    assert sorted(Path(path).name for path in found["strays"]) == ["lost.toml", "notes.txt"]
    assert "has the same title" in words(found)
    assert "asks the same" in words(found)
    assert "notes.txt" in backtrace("lint", str(tmp_path)).output


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_no_course(backtrace: Run, tmp_path: Path, name: str) -> None:
    """Where there is no course, lint says so and exits 2."""
    (tmp_path / "empty").mkdir()
    result = backtrace("lint", str(tmp_path / name))
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_number_is_judged_at_one_point(tmp_path: Path) -> None:
    """Where formulas are asked for, mistakes that one point hides are caught at the others."""
    hidden = GOOD.replace("x = 3, y = 4", "x = 1, y = 1")
    course(
        tmp_path,
        numbers=hidden,
        formulas=hidden.replace("\n[messages]", 'answers = "expressions"\n[messages]'),
    )
    numbers, formulas = (
        Mutation(load(str(tmp_path / "01_first" / f"{name}.toml"))).score for name in ("numbers", "formulas")
    )
    assert numbers.slipped
    assert not formulas.slipped
    assert numbers.of == formulas.of


def test_a_gentle_judge_lowers_the_score(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The score comes from the judge: one that accepts everything catches nothing."""
    from backtrace_cli.grading.authoring import mutation
    from backtrace_cli.grading.comparing.compare import EQUAL, Judgement

    course(tmp_path, good=GOOD)
    monkeypatch.setattr(mutation, "judge_numbers", lambda *_: Judgement(EQUAL))
    score = Mutation(load(str(tmp_path / "01_first" / "good.toml"))).score
    assert not score.caught
    assert score.slipped


def test_hostile_names_and_words(backtrace: Run, tmp_path: Path) -> None:
    """Escapes in a title, a reason or a file's name reach no terminal."""
    text = GOOD.replace("Two messages", "\\u001b[31mred").replace("x = 3, y = 4", "x = 1, y = 1")
    course(tmp_path, **{"a\x1b[31mb": text})
    result = backtrace("lint", str(tmp_path))
    assert "\x1b" not in result.output
    assert "\x1b" not in backtrace("lint", str(tmp_path), "--json").output


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_spoilt_files_are_findings(backtrace: Run, tmp_path: Path, data: st.DataObject) -> None:
    """Whatever becomes of an exercise's text, lint tells what is wrong with it and goes on."""
    text = GOOD.replace("\n[messages]", '\n[variants]\nx = "3..5"\n\n[messages]')
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 30)))
    junk = data.draw(st.text(max_size=12) | st.sampled_from(['""', "[", "= 1", "1e999", "x^x^x", "0/0"]))
    (tmp_path / "01_first").mkdir(exist_ok=True)
    spoilt = (text[:start] + junk + text[stop:]).encode("utf-8", "surrogatepass")
    (tmp_path / "01_first" / "a.toml").write_bytes(spoilt)
    code, found = linted(backtrace, tmp_path)
    assert code == (1 if found["problems"] else 0)
    for file in found["files"]:
        assert all(problem["words"] for problem in file["problems"])
