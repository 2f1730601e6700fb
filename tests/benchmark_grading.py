"""How fast a class is graded: answers a second and core, scaling to two processes, memory. Not collected.

python tests/benchmark_grading.py            1,000 submissions of 20 exercises, minutes
python tests/benchmark_grading.py --quick    50 submissions, seconds
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.classroom.course import load_course
from backtrace_cli.grading.classroom.grade import grade_file
from backtrace_cli.grading.statement import Statement
from backtrace_cli.language.tree.syntax import Call, Name, Number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.questions import Question, expected

FORMULAS = [
    ("a = x^2; b = x + y; c = b*y; d = a - c; e = y^2; f = d + e", "x=2,y=3"),
    ("a = x*y; b = a + y; c = b^2; f = c - a", "x=2,y=3"),
    ("a = 3*x; b = a + 1; f = b^2", "x=2"),
    ("a = x*y; b = a - y; c = b^3; f = 5*c", "x=2,y=3"),
    ("s = σ(y); g = x + s; r = σ(x); p = x + y; q = p^2; h = r + q; k = 1/h; f = g*k", "x=3,y=-4"),
    ("z = w*x + b; a = tanh(z); d = a - t; L = d^2", "w=2,x=1,b=-1,t=1/2"),
    ("u = x + y; v = x - y; w = u*v; f = w/u", "x=3,y=1"),
    ("a = exp(x); b = a*y; c = log(b); f = c + x", "x=1,y=2"),
    ("h = relu(w*x); p = v*h; d = p - t; L = d^2/2", "w=2,x=3,v=1/2,t=1"),
    ("a = sin(x); b = cos(x); c = a*b; f = c + a", "x=1/2"),
]  # fmt: skip


def questions(statement: Statement) -> list[Question]:
    """Two values, two local derivatives, two messages, and every input's gradient."""
    graph = statement.graph
    boxes = [index for index in graph.steps if graph.name(index) in statement.names]
    found = [Question("values", None, graph.name(index)) for index in boxes[:2]]
    edges = [
        (graph.name(index), graph.name(arg))
        for index in boxes
        for arg in dict.fromkeys(graph.nodes[index].args)
        if graph.name(arg) in statement.names
    ]
    found += [Question("local", *edge) for edge in edges[:2]]
    found += [Question("messages", *edge) for edge in edges[-2:]]
    return found + [Question("gradient", None, name) for name in graph.inputs]


def answers(statement: Statement, question: Question, dice: random.Random) -> str:
    """An answer as one of a class might write it: right in one of many spellings, wrong, or blank."""
    lot = dice.random()
    if lot < 0.06:
        return ""
    tree = expected(statement.symbolic, question)
    number = repr(float(statement.says(question, statement.trace)))
    names = sorted(statement.at)
    name = dice.choice(names)
    text = number
    if isinstance(tree, (Number, Name, Call)) and question.table != "values" and lot < 0.8:
        text = to_text(tree)
        k = dice.randint(2, 40)
        text = dice.choice(
            [text, f"({text})", f"{text} + {k} - {k}", f"({text})*{k}/{k}", f"{name} + {text} - {name}"]
        )
    if dice.random() < 0.25:
        text = dice.choice([f"-({text})", f"2*({text})", f"({text}) + {dice.randint(1, 9)}", name, "1",
                            f"({text})*{name}"])  # fmt: skip
    return text


def build(folder: Path, students: int, exercises: int) -> int:
    """A course and a class in ``folder``; how many answers it has."""
    dice = random.Random(11)
    course = []
    for number in range(exercises):
        formula, at = FORMULAS[number % len(FORMULAS)]
        values = [pair.partition("=") for pair in at.split(",")]
        if number >= len(FORMULAS):  # the same formula at another point is another exercise
            at = ",".join(f"{name}={value}+1/2" for name, _, value in values)
        try:
            statement = Statement(formula, at)
        except BacktraceError:
            at = FORMULAS[number % len(FORMULAS)][1]
            statement = Statement(formula, at)
        course.append((f"ex{number:02}.toml", formula, at, statement, questions(statement)))
    for name, formula, at, _, asked in course:
        write(folder / "course" / name, formula, at, dict.fromkeys(asked, ""))
    count = 0
    for student in range(students):
        for name, formula, at, statement, asked in course:
            given = {question: answers(statement, question, dice) for question in asked}
            write(folder / "class" / f"student{student:04}" / name, formula, at, given)
            count += len(given)
    return count


def write(path: Path, formula: str, at: str, given: dict[Question, str]) -> None:
    """One exercise file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"title = '{path.stem}'",
        "why = 'why'",
        f"formula = '{formula}'",
        f"at = '{at}'",
        "hints = ['a', 'b']",
    ]
    for table in dict.fromkeys(question.table for question in given):
        lines.append(f"\n[{table}]")
        lines += [f"'{q.key}' = '{text}'     # {q.pretty}" for q, text in given.items() if q.table == table]
    path.write_text("\n".join(lines) + "\n", "utf-8")


PROBE = """
import resource, sys, time
from backtrace_cli.cli import main
start = time.perf_counter()
try: main(sys.argv[1:])
except SystemExit as stop: assert stop.code == 1, stop.code
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
      resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
      sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]),
      sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
"""


class Run(NamedTuple):
    """What one run took."""

    seconds: float
    peak: float
    """Megabytes of the grader."""
    worker: float
    """Megabytes of the largest worker."""
    workers_cpu: float
    own_cpu: float


def grade(folder: Path, jobs: int) -> Run:
    """Grade the class with three reports."""
    words = ["grade", str(folder / "class"), "--course", str(folder / "course"), "--jobs", str(jobs)]
    words += ["--report", f"json={folder / 'grades.json'}", "--report", f"junit={folder / 'junit.xml'}",
              "--report", f"csv={folder / f'grades{jobs}.csv'}"]  # fmt: skip
    run = subprocess.run([sys.executable, "-c", PROBE, *words], capture_output=True, text=True, check=True)
    return Run(*map(float, run.stdout.splitlines()[-1].split()))


def afresh(folder: Path, students: int = 20) -> float:
    """Answers a second of CPU where nothing is kept from one student to the next."""
    course = load_course(str(folder / "course"))
    count, start = 0, time.process_time()
    for student in sorted((folder / "class").iterdir())[:students]:
        for task in course.tasks:
            count += len(grade_file(task, str(student), [task.name]).answers)
    return count / (time.process_time() - start)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="50 submissions instead of 1,000")
    sizes = (5, 50) if parser.parse_args().quick else (100, 1000)
    load = os.getloadavg()[0]
    print(f"Python {sys.version.split()[0]}, {sys.platform}, {os.cpu_count()} cores, load {load:.1f} before")
    runs = []
    for students in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            count = build(folder, students, 20)
            print(f"{students} submissions of 20 exercises, {count:,} answers", flush=True)
            one, two = grade(folder, 1), grade(folder, 2)
            for jobs, run in ((1, one), (2, two)):
                print(f"  {jobs} process{'es' if jobs > 1 else '  '}  {run.seconds:6.1f} s"
                      f"  {count / run.seconds:6,.0f} answers/s"
                      f"  {count / run.workers_cpu:6,.0f} a second of a worker's CPU"
                      f"  grader's own CPU {run.own_cpu / run.workers_cpu:.0%} of the workers'"
                      f"  peak {run.peak:.0f} MB, worker {run.worker:.0f} MB", flush=True)  # fmt: skip
            print(f"  two processes are {one.seconds / two.seconds:.2f} times as fast as one")
            print(f"  with nothing kept between students {afresh(folder):,.0f} answers a second of CPU")
            assert (folder / "grades1.csv").read_bytes() == (folder / "grades2.csv").read_bytes()
            runs.append(one)
    print(f"memory at {sizes[1]} submissions against {sizes[0]}: grader {runs[1].peak / runs[0].peak:.2f}, "
          f"worker {runs[1].worker / runs[0].worker:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
