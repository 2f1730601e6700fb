"""Hints that grow from one check to the next, in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.grading.classroom.attempts import Attempts
from backtrace_cli.grading.exercise.exercise import load
from backtrace_cli.grading.judging.verdict import check_exercise

EXAMPLE = Path(__file__).parent.parent.parent / "exercises" / "examples" / "two_paths_filled.toml"
TEXT = EXAMPLE.read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
def test_hints_grow_with_each_new_attempt(tmp_path: Path) -> None:
    """One more for each new answer at the same place; the same answer again, or another place, adds none."""
    from tests.quiz.terminal import Terminal

    file = tmp_path / "x.toml"

    def hints(answer: str, *words: str) -> int:
        file.write_text(TEXT.replace('x = "2*x"', f'x = "{answer}"'), "utf-8")
        check = Terminal("check", *words, str(file), rows=60, home=tmp_path, env={"CI": ""})
        assert check.leave() == (0 if answer == "2*x - y" else 1)
        return check.screen.count("hint ")

    assert [hints("2*x"), hints("2*x"), hints("3*x"), hints("4*x"), hints("5*x")] == [1, 1, 2, 3, 3]
    assert hints("6*x", "--hint", "0") == 0
    assert "2*x" not in (tmp_path / "attempts.json").read_text("utf-8")
    assert [hints("2*x - y"), hints("7*x")] == [0, 1]


def test_a_program_gets_the_first_hint_each_time(backtrace: Callable[..., Result]) -> None:
    """In a pipe a check depends on the file alone."""
    pages = {backtrace("check", str(EXAMPLE)).stdout for _ in range(3)}
    assert len(pages) == 1
    assert pages.pop().count("hint ") == 1


@pytest.mark.parametrize(
    "text", ["", "[", "[]", '{"a": 1}', '{"a": {"where": "", "tried": [1]}}', "[" * 10**5]
)
def test_a_strange_file_begins_again(tmp_path: Path, text: str) -> None:
    """What can't be read is no memory, and is written over."""
    place = tmp_path / "attempts.json"
    place.write_text(text, "utf-8")
    attempts = Attempts(place)
    assert attempts.hints(check_exercise(load(str(EXAMPLE)))) == 1
    attempts.keep()
    assert [path.name for path in tmp_path.iterdir()] == ["attempts.json"]
    assert "where" in place.read_text("utf-8")


def test_a_place_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    """Its folder is a file."""
    (tmp_path / "file").write_text("", "utf-8")
    attempts = Attempts(tmp_path / "file" / "attempts.json")
    assert attempts.hints(check_exercise(load(str(EXAMPLE)))) == 1
    attempts.keep()


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(st.sampled_from(["2*x", "3*x", "4*x"]), min_size=1, max_size=5))
def test_as_many_as_different_answers(answers: list[str]) -> None:
    """In whatever order they come, and however often."""
    from backtrace_cli.grading.exercise.exercise import read_exercise
    from backtrace_cli.grading.exercise.source import Source

    attempts = Attempts()
    for tried, answer in enumerate(answers, 1):
        text = TEXT.replace('x = "2*x"', f'x = "{answer}"')
        found = attempts.hints(check_exercise(read_exercise(Source("x.toml", text))))
        assert found == len(set(answers[:tried]))
