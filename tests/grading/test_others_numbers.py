"""Answers that fit another student's numbers: listed as a fact where there is one, and not else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from backtrace_cli.grading.authoring.answers import filled
from backtrace_cli.grading.authoring.others_numbers import fits, variant_id
from backtrace_cli.grading.authoring.variants import Variant, variants_of, with_variant
from backtrace_cli.grading.exercise.exercise import Exercise, read_answer, read_exercise
from backtrace_cli.grading.exercise.source import Source, read_source
from backtrace_cli.grading.judging.verdict import check_exercise
from backtrace_cli.mistakes.diagnose import Diagnoser

Run = Callable[..., Result]
ROOT = Path(__file__).parent.parent.parent
OWN = read_source(str(ROOT / "exercises" / "examples" / "own_numbers.toml"))
VARIANTS = variants_of(OWN)


def stated(variant: Variant) -> tuple[Source, Exercise]:
    """The exercise as one student has it."""
    source = with_variant(OWN, variant)
    return source, read_exercise(source)


def right(variant: Variant) -> list[float]:
    """The right numbers, in the order of the file."""
    source, exercise = stated(variant)
    found = filled(source, exercise, False)
    assert found is not None
    return [float(answer.text) for answer in found.answers]


def found(variant: Variant, numbers: list[float]) -> tuple[str, ...]:
    """Whose numbers these answers fit, of somebody with this variant."""
    source, exercise = stated(variant)
    answers = tuple(
        read_answer(exercise.statement, answer.question, number, 0)
        for answer, number in zip(exercise.answers, numbers, strict=True)
    )
    return fits(OWN, source, check_exercise(exercise._replace(answers=answers)).answers)


def test_what_is_anothers_is_found() -> None:
    """Of those who hand in another's numbers, nearly all; of nobody who has their own right."""
    dice = random.Random(0)
    seen = 0
    for _ in range(40):
        mine, theirs = dice.sample(VARIANTS, 2)
        seen += variant_id(stated(theirs)[0]) in found(mine, right(theirs))
        assert found(mine, right(mine)) == ()
    assert seen >= 36


def test_honest_mistakes_fit_nobody() -> None:
    """Every mistake of the catalogue, and slips of the pen: at most one in a hundred fits by chance."""
    dice = random.Random(3)
    chance = of = 0
    for variant in VARIANTS[::10]:
        _, exercise = stated(variant)
        questions = [answer.question for answer in exercise.answers]
        doctor = Diagnoser(exercise.statement.graph, questions)
        scene = doctor.scene(exercise.statement.at)
        for number in range(len(scene.faults)):
            values = [float(scene.says(question, number)) for question in questions]
            if all(value == value for value in values):
                chance, of = chance + bool(found(variant, values)), of + 1
    for _ in range(60):
        variant = dice.choice(VARIANTS)
        slipped = [
            value * dice.choice([1, 1, -1, 2, 3]) + dice.choice([0, 0, 1, -1]) for value in right(variant)
        ]
        chance, of = chance + bool(found(variant, slipped)), of + 1
    assert of > 150
    assert chance <= 2


def test_in_a_class(backtrace: Run, tmp_path: Path) -> None:
    """ben hands in ada's numbers: the teacher's page and tables say whose, no student's own feedback does."""
    (tmp_path / "course" / "1_own").mkdir(parents=True)
    (tmp_path / "course" / "1_own" / "own.toml").write_text(OWN.text)
    (tmp_path / "key").write_text("secret")
    (tmp_path / "class.txt").write_text("ada\nben\ncy\n")
    words = ("--key-file", str(tmp_path / "key"))
    made = ("new", "--like", str(tmp_path / "course"), "--students", str(tmp_path / "class.txt"))
    work = tmp_path / "work"
    assert backtrace(*made, "-o", str(work), *words).exit_code == 0
    numbers: dict[str, list[float]] = {}
    for name in ("ada", "ben", "cy"):
        path = work / name / "1_own" / "own.toml"
        source = read_source(str(path))
        exercise = filled(source, read_exercise(source), False)
        assert exercise is not None
        numbers[name] = [float(answer.text) for answer in exercise.answers]
    numbers["ben"] = numbers["ada"]
    for name, values in numbers.items():
        path = work / name / "1_own" / "own.toml"
        text = path.read_text()
        for value in values:
            text = text.replace('= ""', f"= {value}", 1)
        path.write_text(text)
    files = {"json": "all.json", "csv": "all.csv", "markdown": "all.md"}
    reports = [f"{form}={tmp_path}/{name}" for form, name in files.items()]
    reports.append(f"markdown={tmp_path}/feedback/{{student}}.md")
    grade = ["grade", str(work), "--course", str(tmp_path / "course"), *words, "--jobs", "1"]
    grade += [word for report in reports for word in ("--report", report)]
    page = backtrace(*grade).stdout
    told = "ben: 1_own/own: what is wrong here is right for the numbers of ada"
    assert told in " ".join(page.split())
    assert "numbers of" not in page.replace("numbers of ada", "")
    assert "numbers of ada" in (tmp_path / "all.csv").read_text()
    assert "numbers of ada" in (tmp_path / "all.md").read_text()
    assert "ada" not in (tmp_path / "feedback" / "ben.md").read_text()
    ada, ben, cy = json.loads((tmp_path / "all.json").read_text())["students"]
    assert ben["files"][0]["fits"] == [ada["files"][0]["variant"]]
    assert (ada["files"][0]["fits"], cy["files"][0]["fits"]) == ([], [])
    merged = backtrace("grade", "--merge", f"{tmp_path}/all.json").stdout
    assert told in " ".join(merged.split())
