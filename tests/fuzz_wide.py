"""Inputs without end into every place that takes one: each ends in an answer or in a kind error, and soon.

``python -m tests.fuzz_wide 1000000 7 2`` feeds a million inputs, drawn from the seed 7, in two processes.
What raises anything else, warns, or takes over five seconds is printed with the number that draws it
again: ``python -m tests.fuzz_wide --again 7 FRONT NUMBER``.
"""

from __future__ import annotations

import multiprocessing
import random
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from click.testing import CliRunner

from backtrace_cli import BacktraceError, gradient, trace
from backtrace_cli.cli import main
from backtrace_cli.grading.comparing.equality import judge
from backtrace_cli.grading.exercise.exercise import read_answer, read_exercise
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.verdict import check_exercise
from backtrace_cli.graph import build
from backtrace_cli.graph.sources.python_function import formula_of
from backtrace_cli.ops import FUNCTIONS
from backtrace_cli.quiz.memory.progress import from_text
from backtrace_cli.runs.files.array_files import read_array
from backtrace_cli.runs.point import read_point
from tests.language import corpus
from tests.test_fuzz import LATEX, PLAIN, STRANGE, VALID

#: No answer may take longer, in seconds of computing.
MOST = 5.0
TOKENS = [*PLAIN, *LATEX, *STRANGE]
ARRAYS = [
    *["W", "@", "x", ".", "T", "sum(", "mean(", ")", "softmax(", "[0]", "[1:]", "axis=0", ",", "A.T", "x[i]"],
    *["for", "in", "1..3:", "param", "data", ";", "=", "zeros(2,3)", "norm("],
]
CORPUS = [row[1] for row in (*corpus.CALCULUS, *corpus.PHYSICS, *corpus.STATISTICS)] + list(VALID)
PYTHON = """import numpy as np
def loss(x, y, w=2.0):
    a = np.exp(x) * y
    for i in range(3):
        a += w ** i
    return sum([a * k for k in range(2)]) if True else -a
"""
EXERCISE = """formula = "a = x*y; p = a^2; f = p + x"
at = "x=2,y=3"
given = ["y"]
hints = ["one", "two"]
[values]
a = 6
[messages]
"f->p" = 1
"p->a" = "2*a"
[gradient]
x = "2*a*y + 1"
"""
VALUES = (
    "1,2\n3,4\n",
    "a,b\n1,2\n",
    '{"W": [[1, 2], [3, 4]], "b": [1]}',
    "[1, 2.5e3, -7]",
    "1;2\n",
    "\ufeff1\n",
)
PROGRESS = '{"format": "backtrace progress", "version": 1, "days": {"2026-01-05": {"asked": 1, "right": 1}}}'
POINTS = (
    "x=1,y=2",
    "x=-1,y=0",
    "x=0,y=0",
    "x=1e308,y=-1e308",
    "x=nan,y=inf",
    "x=[1,2],y=3",
    "x=[[1,2],[3,4]],y=[1,-1]",
)
WAYS: list[list[str]] = [
    [], ["--check"], ["--exact"], ["--closed-form"], ["--json"], ["--plain"], ["--expand", "x"], ["--cost"],
    ["--mode", "forward"], ["--view", "sheet"], ["--as", "latex"], ["--as", "html"], ["--as", "markdown"],
    ["--as", "typst"], ["--mine", "x = 1"], ["--mine", "x = y"], ["--wrt", "x"], ["--seed", "x=1"],
    ["--no-share"],
]  # fmt: skip


def soup(dice: random.Random) -> str:
    """Pieces of formulas, in any order."""
    kind = dice.choice((PLAIN, LATEX, TOKENS, ARRAYS + PLAIN, sorted(FUNCTIONS) + list("()xy,2+*")))
    return dice.choice(("", " ")).join(dice.choices(kind, k=dice.randint(1, 14)))


def mutated(dice: random.Random, text: str, pieces: list[str]) -> str:
    """``text`` with a few pieces taken out, put in or doubled."""
    for _ in range(dice.randint(1, 3)):
        start = dice.randint(0, len(text))
        end = min(len(text), start + dice.randint(0, 4))
        text = text[:start] + dice.choice(("", dice.choice(pieces), text[start:end] * 2)) + text[end:]
    return text


def formula(dice: random.Random) -> str:
    """A formula, or nearly one."""
    roll = dice.random()
    if roll < 0.35:
        return soup(dice)
    if roll < 0.45:
        return "".join(
            chr(dice.choice((dice.randint(32, 126), dice.randint(0, 0x2FFF))))
            for _ in range(dice.randint(1, 20))
        )
    return mutated(dice, dice.choice(CORPUS), TOKENS)


def _symbolic(dice: random.Random) -> Callable[[], Any]:
    text = formula(dice)
    return lambda: list(trace(text).json_chunks())


def _at_a_point(dice: random.Random) -> Callable[[], Any]:
    text, point, exact = formula(dice), dice.choice(POINTS), dice.random() < 0.2
    return lambda: list(trace(text, point, exact=exact).json_chunks())


def _point(dice: random.Random) -> Callable[[], Any]:
    text = mutated(dice, dice.choice(POINTS), TOKENS) if dice.random() < 0.6 else f"x={soup(dice)}"
    return lambda: trace("x*y", text) if dice.random() < 0.3 else read_point([text])


def _built(dice: random.Random) -> Callable[[], Any]:
    text = formula(dice)
    return lambda: build(text)


def _program(dice: random.Random) -> Callable[[], Any]:
    text, at = (
        formula(dice),
        dice.choice(({"x": 1.5, "y": -2.0}, {"x": [1.0, 2.0], "y": 0.5}, {"x": 0, "y": 10**400})),
    )
    return lambda: gradient(text)(**at)


def _python(dice: random.Random) -> Callable[[], Any]:
    text = mutated(
        dice, PYTHON, [*PLAIN, "lambda k:", "yield", "np.", "\n    ", "math.pi", "**", "//", "@", ":="]
    )
    return lambda: build(formula_of(text, "loss", "model.py"))


def _exercise(dice: random.Random) -> Callable[[], Any]:
    text = mutated(
        dice, EXERCISE, [*TOKENS, '"', "'''", "\n", "[values]\n", "inf", "assume = { x = '> 0' }\n"]
    )
    if dice.random() < 0.2:
        return lambda: check_exercise(read_exercise(Source("a.toml", text)))
    return lambda: read_exercise(Source("a.toml", text))


@cache
def _asked() -> Any:
    return read_exercise(Source("a.toml", EXERCISE))


def _answer(dice: random.Random) -> Callable[[], Any]:
    text = (
        soup(dice)
        if dice.random() < 0.5
        else mutated(dice, dice.choice(("2*a*y + 1", "[1, 2]", "0.2500")), TOKENS)
    )
    asked = _asked()
    question = dice.choice([answer.question for answer in asked.answers])

    def judged() -> None:
        found = read_answer(asked.statement, question, text, 1)
        if found.formula is not None and dice.random() < 0.2:
            judge(asked, question, found)

    return judged


def _file(dice: random.Random) -> Callable[[], Any]:
    text, ending = (
        mutated(dice, dice.choice(VALUES), [*STRANGE, "nan", "1e999", ",", "\n"]),
        dice.choice((".csv", ".json", ".npy")),
    )
    place = Path(tempfile.gettempdir()) / f"fuzz-{multiprocessing.current_process().pid}{ending}"

    def read() -> None:
        place.write_bytes(text.encode("utf-8", "surrogatepass"))
        read_array("W", str(place))

    return read


def _progress(dice: random.Random) -> Callable[[], Any]:
    text = mutated(dice, PROGRESS, [*STRANGE, "null", "{}", "-1", "1e99", '"'])
    return lambda: from_text(text, "progress.json")


def _command(dice: random.Random) -> Callable[[], Any]:
    text, point = formula(dice), dice.choice(POINTS)
    words = dice.choice(
        (["eval", *dice.choice(WAYS), *dice.choice(WAYS)], ["chain"], ["code"], ["draw"], ["new"])
    )
    typed = [words[0], text, *(["--at", point] if dice.random() < 0.7 else []), *words[1:]]

    def run() -> None:
        found = CliRunner().invoke(main, typed)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code in (0, 1, 2), found.exit_code
        assert "Traceback" not in found.output, found.output

    return run


class Front(NamedTuple):
    """A place that takes what somebody typed, and how often it is taken."""

    draw: Callable[[random.Random], Callable[[], Any]]
    weight: int


FRONTS = {
    "formula": Front(_built, 300), "point": Front(_point, 220), "symbolic": Front(_symbolic, 60),
    "at a point": Front(_at_a_point, 80), "program": Front(_program, 40), "python": Front(_python, 90),
    "exercise": Front(_exercise, 60), "answer": Front(_answer, 60), "file": Front(_file, 50),
    "progress": Front(_progress, 30), "command": Front(_command, 10),
}  # fmt: skip


class TooLongError(Exception):
    """No answer in time."""


@contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: object) -> NoReturn:
        raise TooLongError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def feed(seed: int, front: str, number: int) -> str:
    """What is wrong with one input; empty where nothing is."""
    call = FRONTS[front].draw(random.Random(f"{seed} {front} {number}"))
    try:
        with warnings.catch_warnings(), _limited():
            warnings.simplefilter("error")
            call()
    except BacktraceError as error:
        return "" if error.message.strip() else "an error without words"
    except TooLongError:
        return f"no answer within {MOST:g} s"
    except BaseException as error:
        return repr(error)[:300]
    return ""


def _share(job: tuple[int, int, int]) -> tuple[Counter[str], list[str]]:
    seed, start, count = job
    names, weights = list(FRONTS), [front.weight for front in FRONTS.values()]
    fed: Counter[str] = Counter()
    found = []
    for number in range(start, start + count):
        front = random.Random(f"{seed} {number}").choices(names, weights)[0]
        fed[front] += 1
        if said := feed(seed, front, number):
            found.append(f"{seed} {front!r} {number}: {said}")
    return fed, found


def wide(count: int, seed: int, jobs: int) -> int:
    """Feed ``count`` inputs; how many findings there were, each of which is printed."""
    begun, fed, bad = time.monotonic(), Counter[str](), 0
    shares = [(seed, start, min(500, count - start)) for start in range(0, count, 500)]
    with multiprocessing.Pool(jobs, maxtasksperchild=40) as pool:
        for some, found in pool.imap_unordered(_share, shares):
            fed += some
            bad += len(found)
            for line in found:
                print(line, flush=True)
            if fed.total() % 10_000 == 0:
                print(f"{fed.total():,} inputs, {time.monotonic() - begun:.0f} s", flush=True)
    told = ", ".join(f"{name} {number:,}" for name, number in fed.most_common())
    print(f"{fed.total():,} inputs, seed {seed}, {time.monotonic() - begun:.0f} s: {bad} findings ({told})")
    return bad


if __name__ == "__main__":
    if sys.argv[1] == "--again":
        drawn = FRONTS[sys.argv[3]].draw(random.Random(f"{sys.argv[2]} {sys.argv[3]} {sys.argv[4]}"))
        for name, cell in zip(drawn.__code__.co_freevars, drawn.__closure__ or (), strict=True):
            print(f"{name} = {cell.cell_contents!r}")
        drawn()
    else:
        sys.exit(wide(*map(int, (*sys.argv[1:], *("1000000", "1", "1")[len(sys.argv) - 1 :]))) > 0)
