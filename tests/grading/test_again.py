"""Grading again: a killed run goes on, one student is replaced, and a mended course says whose marks move."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.grading.classes import FORK, class_of, course_of, filled

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"
WRONG = {CHAIN_FILE: filled(CHAIN_FILE), FORK_FILE: filled(FORK_FILE, x='"2*x"')}


def words(folder: Path, *more: str) -> list[str]:
    """The command over the class in ``folder``, its results in g.json."""
    return ["grade", str(folder / "class"), "--course", str(folder / "course"), "--jobs", "1",
            "--report", f"json={folder / 'g.json'}", *more]  # fmt: skip


@pytest.fixture
def place(backtrace: Run, tmp_path: Path) -> Path:
    """A class of three, graded."""
    course_of(tmp_path)
    class_of(tmp_path, {"ada": None, "ben": WRONG, "cleo": None})
    backtrace(*words(tmp_path))
    return tmp_path


def test_a_run_goes_on(backtrace: Run, place: Path) -> None:
    """Who is done is not graded again; half a line is cut off; changed work is graded again."""
    whole = (place / "g.json").read_bytes()
    journal = place / "done"
    backtrace(*words(place, "--resume", str(journal)))
    assert (place / "g.json").read_bytes() == whole
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == 4
    spoilt = lines[1].replace(b'"points": 1,', b'"points": 1, ')  # seen if it is read again
    for kept in (lines[:1], [*lines[:2], lines[2][:50]], [lines[0], spoilt, lines[3]]):
        journal.write_bytes(b"".join(kept))
        backtrace(*words(place, "--resume", str(journal)))
        assert (place / "g.json").read_bytes() == whole
        assert len(journal.read_bytes().splitlines()) == 4
    (place / "class/ben" / FORK_FILE).write_text(filled(FORK_FILE), "utf-8")
    backtrace(*words(place, "--resume", str(journal)))
    assert json.loads((place / "g.json").read_text("utf-8"))["points"] == 27


def test_what_is_no_journal(backtrace: Run, place: Path) -> None:
    """A file of another run, or of something else, is left as it is."""
    other = place / "other"
    other.write_text("my notes\n", "utf-8")
    assert backtrace(*words(place, "--resume", str(other))).exit_code == 2
    assert other.read_text("utf-8") == "my notes\n"
    journal = str(place / "done")
    backtrace(*words(place, "--resume", journal))
    result = backtrace(*words(place, "--resume", journal, "--only", "1_chain"))
    assert result.exit_code == 2
    assert "another run" in result.stderr


@pytest.mark.parametrize("text", ['{"my":"only copy"}', "{", "[1, 2]", " "])
def test_a_file_without_a_line_break_is_left_as_it_is(backtrace: Run, place: Path, text: str) -> None:
    """Only what a killed run leaves of its own first line is gone on with."""
    own = place / "own.json"
    own.write_text(text, "utf-8")
    found = backtrace(*words(place, "--resume", str(own)))
    begun = text == "{"
    assert (found.exit_code == 2) != begun
    assert (own.read_text("utf-8") == text) != begun


def test_one_student_again(backtrace: Run, place: Path) -> None:
    """--replace grades one, and leaves everybody else's row, also where their files are gone."""
    (place / "class/ben" / FORK_FILE).write_text(filled(FORK_FILE), "utf-8")
    (place / "class/ada" / FORK_FILE).write_text(filled(FORK_FILE, x="1"), "utf-8")
    assert backtrace(*words(place, "--replace", "BEN")).exit_code == 0
    assert json.loads((place / "g.json").read_text("utf-8"))["points"] == 27
    assert "no student bem" in backtrace(*words(place, "--replace", "bem")).stderr
    (place / "course" / FORK_FILE).write_text(FORK.replace("points = 2", "points = 3"), "utf-8")
    assert "the course was changed" in backtrace(*words(place, "--replace", "ben")).stderr


def test_whose_marks_move(backtrace: Run, place: Path) -> None:
    """A mended course, another answer, a correction, a newcomer: each moves marks, and is said."""
    old = place / "old.json"
    (place / "g.json").rename(old)
    same = backtrace(*words(place, "--compare", str(old)))
    assert same.stdout.splitlines()[-1].strip() == "Nobody's mark moves"
    (place / "course" / FORK_FILE).write_text(
        FORK.replace("f = a + b*y", "f = a + y").replace('"b->x" = ""\n', "").replace("b = x*y; ", ""),
        "utf-8",
    )
    less = {CHAIN_FILE: filled(CHAIN_FILE, a="1"), FORK_FILE: filled(FORK_FILE)}
    class_of(place, {"dan": None, "cleo": less})
    (place / "c.toml").write_text(
        '[[correction]]\nstudent = "ada"\nanswer = "1_chain/chain gradient x"\npoints = 0.5\n'
        'reason = "no work shown"\nby = "me"\nwhen = 2026-01-01\n', "utf-8"
    )  # fmt: skip
    result = backtrace(*words(place, "--compare", str(old), "--corrections", str(place / "c.toml")))
    assert result.exit_code == 1, result.stderr
    said = " ".join(result.stdout.split())
    assert "put right by me, 2026-01-01: no work shown" in said
    assert "another answer: 5.25 before, 1 now" in said
    assert "2_forks/fork was changed: the same answer, 2*x, was wrong and is right" in said
    assert "it is not asked for any more" in said
    assert "dan not there → " in said
    assert said.endswith("4 of 4 students move: 1 up, 2 down, 1 otherwise")


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path) -> None:
    """Killed twenty times and resumed, a run writes the bytes of one that nobody disturbed."""
    course_of(tmp_path)
    for number in range(40):
        files = {CHAIN_FILE: filled(CHAIN_FILE, x=f'"{number}*x"')}
        class_of(tmp_path, {f"s{number:02}": files | {FORK_FILE: filled(FORK_FILE, x=f'"{number}*x*y"')}})
    command = [sys.executable, "-m", "backtrace_cli", *words(tmp_path)]
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    took = time.monotonic() - start
    whole = (tmp_path / "g.json").read_bytes()
    (tmp_path / "g.json").unlink()
    dice, kills = random.Random(1), 0
    resumed = [*command, "--resume", str(tmp_path / "done")]
    while kills < 20:
        process = subprocess.Popen(resumed, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.3, 0.8) * took)
        if process.poll() is not None:  # it was done before: begin again
            assert (tmp_path / "g.json").read_bytes() == whole
            (tmp_path / "done").unlink()
            continue
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
    subprocess.run(resumed, stdout=subprocess.DEVNULL, check=False)
    assert (tmp_path / "g.json").read_bytes() == whole
