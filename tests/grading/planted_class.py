"""A class whose members have known misconceptions, and how well ``backtrace report`` finds them.

python -m tests.grading.planted_class              400 students, minutes
python -m tests.grading.planted_class --students 60
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.symbols import Symbols
from backtrace_cli.engine.symbolic import SymbolicRules, expanded
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.authoring.making import make_exercise
from backtrace_cli.grading.exercise.exercise import Exercise, read_exercise
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.catalogue import faults_in
from backtrace_cli.mistakes.places.fault import Fault
from backtrace_cli.mistakes.replay import replay
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.readings.questions import Question, expected

__all__ = ["COMMON", "FORMULAS", "compared", "course", "people", "swapped", "told", "write_class"]

#: What is planted, from the commonest to the rarest, each about a fifth rarer than the one before it.
COMMON = (
    "lost path", "factor left out", "own factor", "power rule", "outer derivative at the wrong place",
    "product of derivatives", "quotient terms swapped", "denominator not squared",
    "variable as constant", "input for output", "passed on too early", "integrated",
)  # fmt: skip

FORMULAS = {
    "1_chain/square": "a = 3*x; b = a + 1; f = b^2",
    "1_chain/powers": "a = x^3; b = a + 2*x; f = b^2",
    "1_chain/inside": "a = x^2 + 1; b = exp(a); f = 3*b",
    "2_forks/two_paths": "a = x^2; b = x + y; c = b*y; d = a - c; e = y^2; f = d + e",
    "2_forks/shared": "a = x*y; b = a^2; c = y*a; d = b*c; f = d + a",
    "2_forks/three": "a = x^2; b = x*y; c = x + y; d = a + b; f = d*c",
    "3_products/two": "a = x^2; b = sin(x); f = a*b",
    "3_products/pair": "a = x + y; b = x^3; f = a*b",
    "3_products/nested": "a = x*y; b = a + y; c = b^2; f = c*x",
    "4_quotients/simple": "a = x^2; b = x + y; f = a/b",
    "4_quotients/below": "a = x + 1; b = x^2 + y; f = a/b",
    "4_quotients/swapped": "a = x*y; b = x + 2; f = b/a",
    "5_functions/sigmoid": "a = x*y; b = σ(a); f = b*x",
    "5_functions/tanh": "a = 2*x; b = tanh(a); c = b^2; f = c + y*b",
    "5_functions/waves": "a = x^2; b = sin(a); c = x*y; f = b + c",
    "5_functions/exponential": "a = x*y; b = exp(a); c = x^2; f = b + c*y",
}


def course(names: Sequence[str] = tuple(FORMULAS)) -> dict[str, tuple[str, Exercise]]:
    """The exercises by their files' names, each asking for derivatives, messages and the gradient."""
    found = {}
    for name in names:
        made = make_exercise(FORMULAS[name], ("local", "messages", "gradient"), title=name)
        found[f"{name}.toml"] = (made.text, read_exercise(Source(f"{name}.toml", made.text)))
    return found


def people(count: int, dice: random.Random) -> dict[str, set[str]]:
    """Everybody's misconceptions, one to three each."""
    weights = [0.8**place for place in range(len(COMMON))]
    found = {}
    for number in range(count):
        mine: set[str] = set()
        for _ in range(dice.choice((1, 1, 1, 2, 2, 3))):
            mine.add(dice.choices(COMMON, weights)[0])
        found[f"s{number:03}"] = mine
    return found


def write_class(
    folder: Path, count: int, dice: random.Random, names: Sequence[str] = tuple(FORMULAS)
) -> dict[str, set[str]]:
    """Write ``folder``/course and ``folder``/class; who has which misconceptions."""
    exercises = course(names)
    for name, (text, _) in exercises.items():
        _write(folder / "course" / name, text, {})
    planted = people(count, dice)
    for student, mistakes in planted.items():
        numbers = dice.random() < 0.4
        for name, (text, exercise) in exercises.items():
            faults = _made(exercise.statement.graph, mistakes, dice)
            _write(folder / "class" / student / name, text, dict(_answers(exercise, faults, numbers, dice)))
    return planted


def _made(graph: Graph, mistakes: set[str], dice: random.Random) -> Fault | None:
    """Their misconceptions at one place each, where there is one and they don't mind it; None for none."""
    found: Fault | None = None
    everywhere = list(faults_in(graph))
    for mistake in sorted(mistakes):
        places = [fault for fault in everywhere if fault.mistake == mistake]
        if not places or dice.random() < 0.2:
            continue
        place = dice.choice(places)
        if found is not None and (found.crossed and place.lost or place.crossed and found.lost):
            continue  # with a path lost there is no product left whose derivatives could be multiplied
        found = place if found is None else found.beside(place) or found
    return found


def _answers(
    exercise: Exercise, fault: Fault | None, numbers: bool, dice: random.Random
) -> Iterator[tuple[Question, str]]:
    """What a student writes who has ``fault`` in mind, as numbers or formulas: with a slip or a blank here
    and there."""
    statement = exercise.statement
    graph = statement.graph
    planted = fault or Fault("none", "")
    scene = Scene(graph, statement.at, [planted])
    symbolic, right = (None, None) if numbers else (_symbolic(graph, planted), statement.symbolic)
    for answer in exercise.answers:
        question = answer.question
        if dice.random() < 0.04:
            continue
        if dice.random() < 0.02:
            yield question, str(dice.randint(-9, 9) + 0.37)
            continue
        value: Value = scene.says(question, 0)
        if value != value:
            value = scene.says(question, None)
        text = numeral(float(value), 12, ascii=True)
        if symbolic is not None and dice.random() < 0.9:
            other = planted.along >= 0 and question.target != graph.name(planted.along)
            made = right if other or not question.kind.is_sum and planted.along >= 0 else symbolic
            with contextlib.suppress(KeyError):  # a box that the formula as it was read hasn't got
                text = to_text(expected(made, question, planted.lost if made is symbolic else ()), ascii=True)
        yield question, text


def _symbolic(graph: Graph, fault: Fault) -> Trace:
    """The trace with formulas and with ``fault`` in it."""
    read, arithmetic = fault.read_as or graph, Symbols()
    values = SymbolicRules(read, arithmetic).values
    back = replay(read, values, arithmetic, set(read.inputs.values()), fault)
    return Trace(read, {}, arithmetic, list(expanded(read)), back, tuple(read.inputs))


def _write(path: Path, text: str, answers: dict[Question, str]) -> None:
    lines, table = [], ""
    for line in text.splitlines():
        if line.startswith("["):
            table = line.strip("[] ")
        key, equals, rest = line.partition("=")
        found = next(
            (text for q, text in answers.items() if q.table == table and q.key == key.strip().strip('"')),
            None,
        )
        if equals and found is not None and rest.lstrip().startswith('""'):
            line = f"{key}= {json.dumps(found)}"
        lines.append(line)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def told(folder: Path) -> dict[str, Any]:
    """The class in ``folder`` graded, and what ``backtrace report --json`` says of it."""
    results = folder / "grades.json"
    words = ["grade", str(folder / "class"), "--course", str(folder / "course")]
    _backtrace(*words, "--report", f"json={results}")
    return dict(json.loads(_backtrace("report", str(results), "--json")))


def _backtrace(*words: str) -> str:
    run = subprocess.run([sys.executable, "-m", "backtrace_cli", *words], capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stderr
    return run.stdout


def compared(planted: dict[str, set[str]], said: dict[str, Any]) -> tuple[float, list[tuple[str, str]]]:
    """The share of planted misconceptions that the report finds, and those it finds that nobody planted."""
    found = {one["student"]: {made["mistake"] for made in one["mistakes"]} for one in said["learners"]}
    hits = sum(len(mine & found[student]) for student, mine in planted.items())
    strange = [(student, name) for student, mine in planted.items() for name in sorted(found[student] - mine)]
    return hits / sum(map(len, planted.values())), strange


def swapped(planted: dict[str, set[str]], said: dict[str, Any], least: int = 6) -> list[tuple[str, str]]:
    """Pairs of mistakes that the report has the wrong way round, though one was planted in ``least`` students
    more than the other."""
    count = Counter(name for mine in planted.values() for name in mine)
    order = [made["mistake"] for made in said["mistakes"]]
    return [
        (first, second)
        for place, second in enumerate(order)
        for first in order[:place]
        if count[first] + least <= count[second]
    ]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--students", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        planted = write_class(folder, options.students, random.Random(options.seed))
        said = told(folder)
    recall, strange = compared(planted, said)
    print(f"{options.students} students, {sum(map(len, planted.values()))} misconceptions planted")
    print(f"found {recall:.1%}; found and not planted: {strange or 'none'}")
    count = Counter(name for mine in planted.values() for name in mine)
    for made in said["mistakes"]:
        name, found, answers = made["mistake"], made["students"], made["answers"]
        print(f"  {name:<36} planted in {count[name]:>3}, found in {found:>3}, {answers:>5} answers")
    print(f"the wrong way round: {swapped(planted, said) or 'none'}")


if __name__ == "__main__":
    main()
