"""A class in parts: answers a second and core, what merging takes of time and memory. Not collected.

python tests/benchmark_scale.py                    50,000 submissions in 50 parts, ten minutes or so
python tests/benchmark_scale.py --students 2000 --parts 4
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.grading.classes import RIGHT, course_of, filled

_WRONG = ['""', "1", '"2*x"', '"x + y"', '"-(2*x + 4)"', '"x*y"', "7", '"2*x*y"']


def build(folder: Path, students: int) -> tuple[Path, Path]:
    """A course of two exercises, and a class in which a third of the answers is wrong or blank."""
    dice = random.Random(1)
    work = folder / "submissions"
    for number in range(students):
        for file, answers in RIGHT.items():
            changed = {key: dice.choice(_WRONG) for key in answers if dice.random() < 0.35}
            path = work / f"student{number:06d}" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(filled(file, **changed))
    return course_of(folder), work


def run(words: list[str], env: dict[str, str] | None = None) -> tuple[float, float, int]:
    """(seconds by the clock, seconds of computing of it and its workers, MB at its peak) of one command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-m", "backtrace_cli", "grade", *words]
    process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, spent, usage.ru_maxrss // 1024


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--students", type=int, default=50_000)
    options.add_argument("--parts", type=int, default=50)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        course, work = build(folder, given.students)
        answers = given.students * sum(map(len, RIGHT.values()))
        print(f"{given.students:,} submissions, {answers:,} answers, {given.parts} parts", flush=True)
        parts, spent, peak = [], 0.0, 0
        for index in range(given.parts):
            out = folder / f"part{index}.json"
            env = {"SLURM_ARRAY_TASK_ID": str(index), "SLURM_ARRAY_TASK_MIN": "0",
                   "SLURM_ARRAY_TASK_COUNT": str(given.parts)}  # fmt: skip
            words = [
                str(work),
                "--course",
                str(course),
                "--jobs",
                "1",
                "--shard",
                "auto",
                "--report",
                f"json={out}",
            ]
            _, seconds, memory = run(words, env)
            spent, peak = spent + seconds, max(peak, memory)
            parts.append(str(out))
        print(f"graded: {answers / spent:,.0f} answers a second and core", end=", ")
        print(f"{spent:,.0f} s of computing in all, at most {peak} MB a part", flush=True)
        size = sum(os.path.getsize(part) for part in parts) / 1e6
        for reports in (["csv"], ["json"], ["csv", "json", "junit", "markdown"]):
            words = [word for name in reports for word in ("--report", f"{name}={folder / f'all.{name}'}")]
            clock, _, memory = run(["--merge", *parts, *words])
            print(f"merged, {size:,.0f} MB of parts into {', '.join(reports)}: {clock:.0f} s", end=", ")
            print(f"at most {memory} MB", flush=True)


if __name__ == "__main__":
    main()
