"""Which part of a class a machine grades, and the parts read back."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.classroom.shards import reading
from backtrace_cli.grading.classroom.shards.schedulers import SCHEDULERS, own_shard
from tests.grading.classes import class_of, course_of

Run = Callable[..., Result]
SLURM = {"SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_COUNT": "4",
         "SLURM_ARRAY_TASK_STEP": "2"}  # fmt: skip
GITLAB = {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"}


@pytest.mark.parametrize(
    ("said", "count", "part"),
    [
        (SLURM, 0, (4, 4)), (SLURM, 4, (4, 4)), ({**SLURM, "SLURM_ARRAY_TASK_ID": "1"}, 0, (1, 4)),
        ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_COUNT": "1"}, 0, (1, 1)),
        (GITLAB, 0, (2, 3)), ({"JOB_COMPLETION_INDEX": "0"}, 5, (1, 5)),
        ({"JOB_COMPLETION_INDEX": "4"}, 5, (5, 5)),
        ({"BACKTRACE_SHARD": "2/9", **GITLAB}, 0, (2, 9)), ({"BACKTRACE_SHARD": "2"}, 9, (2, 9)),
        ({**GITLAB, "JOB_COMPLETION_INDEX": "1"}, 3, (2, 3)),
    ],
)  # fmt: skip
def test_each_scheduler(said: dict[str, str], count: int, part: tuple[int, int]) -> None:
    """Indices from 0, from 1, or from anywhere; one's own variable goes before all."""
    assert own_shard(count, said) == part


@pytest.mark.parametrize(
    ("said", "count", "told"),
    [
        ({}, 0, "nobody says which part"), ({"JOB_COMPLETION_INDEX": "0"}, 0, "auto/20"),
        ({"JOB_COMPLETION_INDEX": "5"}, 5, "part 6 of 5"),
        ({"CI_NODE_INDEX": "0", "CI_NODE_TOTAL": "3"}, 0, "part 0"),
        ({**GITLAB, "JOB_COMPLETION_INDEX": "0"}, 3, "two schedulers"),
        (GITLAB, 4, "there are 3 parts, and 4"),
        ({**SLURM, "SLURM_ARRAY_TASK_ID": "2"}, 0, "no step of 2"),
        ({"BACKTRACE_SHARD": "x/3"}, 0, "says no part"),
        ({"CI_NODE_INDEX": "9" * 40, "CI_NODE_TOTAL": "3"}, 0, "says no part"),
        ({"SLURM_ARRAY_TASK_ID": "9", "SLURM_ARRAY_TASK_COUNT": "3"}, 0, "has no gaps"),
    ],
)  # fmt: skip
def test_what_makes_no_sense(said: dict[str, str], count: int, told: str) -> None:
    """Nothing is graded twice, or never, because of it: it is refused, and it says what to write."""
    with pytest.raises(BacktraceError) as found:
        own_shard(count, said)
    assert told in f"{found.value.message} {found.value.hint}"


def test_auto_at_the_prompt(backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every student is in one part."""
    course, work = str(course_of(tmp_path)), str(class_of(tmp_path, {"ada": None, "ben": {}, "cy": {}}))
    for one in SCHEDULERS:
        monkeypatch.delenv(one.place, raising=False)
    monkeypatch.setenv("CI_NODE_TOTAL", "2")
    seen = []
    for index in ("1", "2"):
        monkeypatch.setenv("CI_NODE_INDEX", index)
        result = backtrace("grade", work, "--course", course, "--shard", "auto", "--json", "--jobs", "1")
        data = json.loads(result.stdout)
        assert data["shard"] == {"number": int(index), "of": 2}
        seen += [one["student"] for one in data["students"]]
    assert sorted(seen) == ["ada", "ben", "cy"]
    monkeypatch.delenv("CI_NODE_INDEX")
    result = backtrace("grade", work, "--course", course, "--shard", "auto")
    assert result.exit_code == 2
    assert "--shard 2/5" in result.stderr


# -- reading back --------------------------------------------------------------------------


def part_of(folder: Path, students: int, copies: int = 1) -> Path:
    """A report with so many students, each as long as ``copies`` files with nothing in them."""
    row: dict[str, Any] = {"folder": "", "files": [], "strays": [{"path": "x", "why": "y" * 100}] * copies}
    head = {"schema_version": 1, "report": "grades", "root": "r", "shard": {"number": 1, "of": 1},
            "course": {"digest": "d", "exercises": []}, "points": 0, "of": 0, "verdicts": {},
            "strays": []}  # fmt: skip
    path = folder / "part.json"
    with path.open("w") as file:
        file.write(json.dumps(head, indent=1).removesuffix("\n}") + ',\n "students": [')
        for number in range(students):
            file.write(",\n" if number else "\n")
            file.write(json.dumps({"student": f"s{number}", **row}))
        file.write("\n ]\n}\n")
    return path


def test_a_report_laid_out_anew(backtrace: Run, tmp_path: Path) -> None:
    """Another program may have folded its lines: it is read whole, and is the same."""
    path = part_of(tmp_path, 3)
    wanted = backtrace("grade", "--merge", str(path), "--json").stdout
    for indent in (None, 4):
        path.write_text(json.dumps(json.loads(path.read_text()), indent=indent))
        assert backtrace("grade", "--merge", str(path), "--json").stdout == wanted


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"students": 3}', '\n "students": [\n ]\n}', " ]\n}"]
)
@pytest.mark.parametrize("cut", [True, False])
def test_no_report(backtrace: Run, tmp_path: Path, text: str, cut: bool) -> None:
    """What is none, and one that is cut off anywhere, is refused."""
    path = part_of(tmp_path, 3)
    whole = path.read_text()
    path.write_text(whole[: len(whole) * len(text) // 40 + 1] if cut else text)
    result = backtrace("grade", "--merge", str(path), "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not a JSON report" in result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device")
def test_what_never_ends(backtrace: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more is read than a report may have."""
    monkeypatch.setattr(reading, "_MOST_HEAD", 100_000)
    assert "not a JSON report" in backtrace("grade", "--merge", "/dev/zero").stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such measure")
def test_merging_takes_no_more_memory_for_more(tmp_path: Path) -> None:
    """Ten times the students, hardly more memory: one at a time stands in it."""
    import subprocess

    peaks = []
    for students in (1_000, 10_000):
        path = part_of(tmp_path, students, 30)
        words = [sys.executable, "-m", "backtrace_cli", "grade", "--merge", str(path), "--report",
                 f"csv={tmp_path / 'all.csv'}"]  # fmt: skip
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        peaks.append(usage.ru_maxrss // (1024 if sys.platform == "linux" else 1024**2))
    assert path.stat().st_size > 30_000_000
    assert peaks[1] < peaks[0] + 12, peaks
