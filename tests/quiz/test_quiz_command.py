"""``backtrace quiz`` and ``backtrace step`` without a terminal, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKTRACE_PROGRESS", str(tmp_path / "progress.json"))


def test_without_a_terminal_it_says_what_to_do(backtrace: Run) -> None:
    """Nothing to type into: exit 2, and a line that can be run instead."""
    for words in (["quiz"], ["quiz", "--plain"], ["quiz", "x*y", "--at", "x=1,y=2"]):
        result = backtrace(*words, stdin="6\n")
        assert result.exit_code == 2
        assert "--answers" in result.stderr
        assert result.stdout == ""
    result = backtrace("step", "x*y", "--at", "x=1,y=2")
    assert result.exit_code == 2
    assert "backtrace eval" in result.stderr


def test_a_script_is_a_whole_session(backtrace: Run, tmp_path: Path) -> None:
    """Answers from a file: 0 if all are right, 1 if one is not; comments and blank lines are nothing."""
    script = tmp_path / "answers.txt"
    script.write_text("# values\n6\n\n8\nx\n")
    result = backtrace("quiz", "f = x*y + x", "--at", "x=2,y=3", "--count", "2", "--answers", str(script))
    assert result.exit_code == 0
    assert "2 of 2 right" in result.stdout
    result = backtrace("quiz", "f = x*y + x", "--at", "x=2,y=3", "--answers", "-", stdin="6\n9\n8\n")
    assert result.exit_code == 1
    assert "1 of 2 right" in result.stdout
    assert not (tmp_path / "progress.json").exists()


@pytest.mark.parametrize("columns", [40, 80])
def test_frames_are_pages(backtrace: Run, columns: int) -> None:
    """Each page of the session as a terminal shows it, at any width."""
    result = backtrace("quiz", "f = x*y + x", "--at", "x=2,y=3", "--answers", "-", "--frames",
                       stdin="6\n?\n8\n", columns=columns)  # fmt: skip
    assert result.stdout.count("Your formula") == 4
    assert "(*) 1 of 2" in result.stdout
    assert all(len(line) <= columns for line in result.stdout.split("\n"))


def test_the_same_seed_prints_the_same(backtrace: Run) -> None:
    """And says how to have it again."""
    first = backtrace("quiz", "--seed", "4", "--answers", "-", stdin="show\n" * 30)
    assert first.stdout == backtrace("quiz", "--seed", "4", "--answers", "-", stdin="show\n" * 30).stdout
    assert "backtrace quiz --seed 4" in first.stdout


def test_plain_is_ascii(backtrace: Run) -> None:
    """Sentences only, whatever is typed."""
    result = backtrace("quiz", "f = sigmoid(x)*y", "--at", "x=2,y=3", "--plain", "--answers", "-",
                       stdin="σ(x)\nж\nwhy\n?\nshow\nshow\nshow\nshow\nhelp\n")  # fmt: skip
    assert all(line.isascii() for line in result.stdout.split("\n") if not line.startswith("> "))
    assert "Question 1 of 6: What is the value of v1?" in result.stdout


def test_nothing_typed_steers_the_terminal(backtrace: Run) -> None:
    """Escapes and markup in an answer are shown, never obeyed."""
    result = backtrace(
        "quiz", "f = x*y", "--at", "x=2,y=3", "--answers", "-", stdin="[red]7[/red]\n\x1b]0;x\x07\n"
    )
    said = [line for line in result.stdout.split("\n") if not line.startswith("> ")]
    assert "[red]7[/red]" in "\n".join(said)
    assert all("\x1b" not in line and "\x07" not in line for line in said)


@pytest.mark.parametrize(("words", "hint"), [
    (["x*y", "--at", "x=1,y=2", "--topic", "forks"], "leave them out"),
    (["--at", "x=1"], "give one"),
    (["x*y"], "add --at"),
    (["--frames"], "--answers"),
    (["x +", "--at", "x=1"], "^"),
    (["log(x)", "--at", "x=-1"], "log"),
    (["nowhere.toml"], "no file"),
    (["exercises/04_forks/two_paths.toml", "--at", "x=1"], "leave --at out"),
    (["exercises/examples/forward_mode_lines.toml"], ""),
    (["x", "--at", "x=1"], "no box"),
    (["+".join(f"x^{n}" for n in range(2, 60)), "--at", "x=1"], "backtrace step"),
    (["--answers", "nowhere.txt"], "can't be read"),
    (["--topic", "nothing"], "forks"),
    (["--level", "9"], "5"),
])  # fmt: skip
def test_what_is_no_use_is_refused_in_words(backtrace: Run, words: list[str], hint: str) -> None:
    """Exit 2 and something to do instead, never a traceback."""
    answers = [] if {"--answers", "--frames"} & set(words) else ["--answers", "-"]
    result = backtrace("quiz", *words, *answers, stdin="")
    if not hint:
        return
    assert result.exit_code == 2, result.output
    assert hint in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.slow
def test_every_exercise_can_be_asked(backtrace: Run) -> None:
    """All the files of the course, each step shown."""
    for path in sorted(Path("exercises").glob("[01]*/*.toml")):
        result = backtrace("quiz", str(path), "--answers", "-", stdin="show\n" * 60)
        if "asks for nothing" in result.stderr or "numbers only" in result.stderr:
            continue
        assert "The step:" in result.stdout, (path, result.output)


def test_a_walk_from_a_file(backtrace: Run) -> None:
    """The moves of a script, page by page; the last page is the whole trace."""
    result = backtrace("step", "x^2*y", "--at", "x=3,y=2", "--moves", "-", stdin="\n\nend\nwhy\n")
    assert result.exit_code == 0
    assert "∂f/∂x = 12   ∂f/∂y = 9" in result.stdout
    plain = backtrace("step", "x^2*y", "--at", "x=3,y=2", "--moves", "-", "--plain", stdin="\n\nend\n")
    assert plain.stdout.replace("> ", "").isascii()


@pytest.mark.parametrize(("words", "hint"), [
    (["x*y"], "add --at"), (["x*y", "--at", "x=1"], "y"),
    (["x*y", "--at", "x=1,y=2", "--wrt", "x"], "--mode forward"),
    (["2*3", "--at", "", "--mode", "forward"], ""), ([], "give one"),
])  # fmt: skip
def test_a_walk_refuses_in_words(backtrace: Run, words: list[str], hint: str) -> None:
    """What it lacks is said."""
    result = backtrace("step", *words, "--moves", "-", stdin="\n")
    assert result.exit_code in (0, 2)
    assert hint in result.stderr
    assert "Traceback" not in result.output


def test_a_long_walk_stays_quick_to_paint() -> None:
    """A thousand boxes: only what is shown is put into words."""
    from io import StringIO

    from backtrace_cli.pages.layout import Screen
    from backtrace_cli.pages.quiz.step import step_frame
    from backtrace_cli.readings.walk import Walk
    from backtrace_cli.runs.point import read_point
    from backtrace_cli.runs.run import run

    walk = Walk(run("+".join(f"sin(x)*{n}" for n in range(1, 500)), read_point(["x=1"])))
    walk.go("end")
    page = step_frame(Screen(StringIO(), 80), walk.view, 22)
    assert page.count("\n") <= 22
    assert "more above" in page


@pytest.mark.parametrize("columns", [40, 80])
def test_one_sign_is_enough(backtrace: Run, columns: int) -> None:
    """A sum that stands on a line of its own is not equal twice over."""
    words = ["quiz", "--topic", "quotients", "--level", "2", "--seed", "10", "--answers", "-"]
    page = backtrace(*words, stdin="show\n" * 30, columns=columns).stdout
    assert "∂f/∂y = −0.1875" in page
    assert "= =" not in page
