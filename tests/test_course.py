"""The course that ships: every exercise can be solved, none gives its answer away, mistakes show."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli import trace
from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.graph import build
from backtrace_cli.language.tree.text import to_text

Run = Callable[..., Result]
Answers = dict[tuple[str, str], str]

COURSE = Path(__file__).parent.parent / "exercises"
CHAPTERS = sorted(path for path in COURSE.iterdir() if path.name[0].isdigit())
FILES = sorted(path for chapter in CHAPTERS for path in chapter.rglob("*.toml"))
#: Python files, which the doctor marks (see tests/clinic/test_stages.py).
STAGES = sorted(path for chapter in CHAPTERS for path in chapter.rglob("*.py"))
TABLES = ("shapes", "values", "local", "tangent", "messages", "gradient", "hessian")
DERIVATIVES = TABLES[2:]


def name_of(path: Path) -> str:
    """Chapter and exercise, for a test's name."""
    return f"{path.parent.name}/{path.stem}"


each = pytest.mark.parametrize("path", FILES, ids=name_of)


# -- answers from the Python API, by a way that grading does not take ------------


@cache
def data_of(path: Path) -> dict[str, Any]:
    """The file as TOML has it."""
    return tomllib.loads(path.read_text("utf-8"))


def title_of(path: Path) -> str:
    """What an exercise is called; a stage by the first line of its text."""
    if path.suffix == ".py":
        return path.read_text("utf-8").partition("\n")[0].lstrip('"')
    return str(data_of(path)["title"])


def says(data: dict[str, Any], table: str, key: str, symbolic: bool = False) -> str:
    """What the engine says to one question, as somebody would type it."""
    at = None if symbolic else point(data)
    if table == "tangent":
        box, along = key.split("/")
        forward = trace(data["formula"], at, mode="forward")
        rates = next(one for one in forward.tangents if one.variable == along)
        return typed([step.value for step in rates.steps if step.node == box] or [0.0])
    if table == "hessian":
        row, column = key.split("/")
        slope = f"grad({data['formula'].rpartition('=')[0].split(';')[-1].strip()}, {row})"
        return typed([trace(f"{data['formula']}; slope = {slope}", at).gradient_of(column)])
    run = trace(data["formula"], at)
    if table == "shapes":
        known = {step.node: step.value for step in run.steps} | dict(run.at)
        return "x".join(map(str, np.shape(known[key]))) or "()"
    if table == "values":
        return typed([step.value for step in run.steps if step.node == key])
    if table == "gradient":
        return typed([run.gradient_of(key)])
    source, target = key.split("/" if table == "local" else "->")
    sent = [message for message in run.messages if (message.source, message.target) == (source, target)]
    return typed([message.local if table == "local" else message.contribution for message in sent])


def point(data: dict[str, Any]) -> Any:
    """The exercise's point as the Python API takes it."""
    at = data.get("at", {})
    return at if isinstance(at, str) else {name: listed(value) for name, value in at.items()}


def listed(value: Any) -> Any:
    """A list as the formula language writes it, entries such as log(3) among them."""
    return str(value).replace("'", "") if isinstance(value, list) else value


def has_arrays(data: dict[str, Any]) -> bool:
    """Is there a list in its point?"""
    return any(isinstance(value, list) for value in data.get("at", {}).values())


def typed(values: list[Any]) -> str:
    """A number rounded to six digits, an array of them, or a formula; the sum of several."""
    if any(getattr(value, "shape", ()) for value in values):
        total = sum(values[1:], values[0])
        return str(np.vectorize(lambda entry: float(f"{entry:.6g}"))(total).tolist())
    if all(isinstance(value, float) for value in values):
        return f"{sum(values):.6g}"
    return " + ".join(f"({to_text(value, ascii=True)})" for value in values)


def solution(data: dict[str, Any], symbolic: bool = False) -> Answers:
    """Every answer of an exercise, by table and key; the wrong line's among them."""
    found = {
        (table, key): says(data, table, key, symbolic) for table in TABLES for key in data.get(table, {})
    }
    if "lines" in data:
        number, line = wrong_line(data)
        found["", "wrong"] = str(number)
        found["", "mended"] = says(data, line["table"], line["key"], symbolic)
    return found


def wrong_line(data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The one line whose claim is not what the engine says at the point, with its number."""
    run = trace(data["formula"], point(data))
    known = {step.node: step.value for step in run.steps} | dict(run.at)
    if has_arrays(data):
        known |= {f"d{name}": run.gradient_of(name) for name in known}
    wrong = []
    for number, line in enumerate(data["lines"], 1):
        claim = str(line["claim"])
        names = build(claim, bound=known).inputs
        value = trace(claim, {name: known[name] for name in names}).value
        if typed([value]) != says(data, line["table"], line["key"]):
            wrong.append((number, line))
    assert len(wrong) == 1, [number for number, _ in wrong]
    return wrong[0]


def fill(path: Path, answers: Answers, folder: Path) -> Path:
    """A copy of the exercise with these answers between its quotes."""
    table, lines = "", []
    for line in path.read_text("utf-8").splitlines():
        if heading := re.match(r"\[(\w+)\]", line):
            table = heading[1]
        blank = re.match(r'("?)([^"=]+?)\1 = ""', line)
        if blank and (table, blank[2]) in answers:
            line = f'{blank[1]}{blank[2]}{blank[1]} = "{answers[table, blank[2]]}"'
        lines.append(line)
    copy = folder / path.name
    copy.write_text("\n".join(lines), "utf-8")
    return copy


# -- every exercise -----------------------------------------------------------------


@each
def test_starts_incomplete(backtrace: Run, path: Path) -> None:
    """It loads, and every answer in it is blank."""
    result = backtrace("check", "--json", str(path))
    assert result.exit_code == 1
    answers = json.loads(result.output)["files"][0]["answers"]
    assert {answer["verdict"] for answer in answers} == {"blank"}


@each
def test_numbers_of_the_engine_pass(backtrace: Run, tmp_path: Path, path: Path) -> None:
    """What the engine says, rounded to six digits, is right in every place."""
    data = data_of(path)
    if data.get("answers") == "expressions":
        pytest.skip("formulas are asked for")
    result = backtrace("check", "--json", str(fill(path, solution(data), tmp_path)))
    assert result.exit_code == 0, result.output
    answers = json.loads(result.output)["files"][0]["answers"]
    assert {(answer["verdict"], answer["carried"]) for answer in answers} == {("right", False)}


@each
def test_formulas_of_the_engine_pass(backtrace: Run, tmp_path: Path, path: Path) -> None:
    """What the engine says without a point, as formulas, is right in every place."""
    data = data_of(path)
    if data.get("answers") == "numbers":
        pytest.skip("numbers are asked for")
    if has_arrays(data):
        pytest.skip("lint fills formulas of arrays in; without their shapes there are none")
    answers = solution(data, symbolic=True)
    if any("∂" in answer for answer in answers.values()):
        pytest.skip("too long for one formula; its number is asked for")
    result = backtrace("check", "--json", str(fill(path, answers, tmp_path)))
    assert result.exit_code == 0, result.output


@each
def test_a_wrong_number_does_not_pass(backtrace: Run, tmp_path: Path, path: Path) -> None:
    """One answer that is off by 7, and the exercise is not done."""
    data = data_of(path)
    arrays = has_arrays(data)
    answers = solution(data, symbolic=data.get("answers") == "expressions" and not arrays)
    key = next(reversed(answers))
    answers[key] = "9x9" if key[0] == "shapes" else f"{answers[key]} + 7"
    result = backtrace("check", "--json", str(fill(path, answers, tmp_path)))
    assert result.exit_code == 1
    verdicts = [answer["verdict"] for answer in json.loads(result.output)["files"][0]["answers"]]
    assert "wrong" in verdicts


@each
def test_says_what_it_is_for(path: Path) -> None:
    """A comment on top, a title, why it matters, growing hints, tags."""
    data = data_of(path)
    assert path.read_text("utf-8").startswith("# ")
    assert len(data["title"]) <= 50
    assert 40 <= len(data["why"]) <= 240
    assert 2 <= len(data["hints"]) <= 4
    assert data["tags"]
    for text in (data["why"], *data["hints"]):
        assert text.strip()[-1] in ".?"


@each
def test_gives_no_answer_away(path: Path) -> None:
    """No hint, and not the sentence that says why, holds a formula that would be right."""
    assert given_away(data_of(path)) == []


# -- the course as a whole ---------------------------------------------------------------


def test_the_course_is_whole() -> None:
    """Sixty exercises and more, in chapters numbered from 1 without a gap, each of them with several."""
    assert len(FILES) >= 60
    numbers = [int(chapter.name[:2]) for chapter in CHAPTERS]
    assert numbers == sorted(set(numbers))
    assert min(Counter(path.parent for path in FILES).values()) >= 4
    assert len({path.stem for path in FILES}) == len(FILES), "a copy is known by its name alone"


def test_no_stray_files() -> None:
    """Nothing lies about that nobody reads."""
    for path in COURSE.rglob("*"):
        if path.is_file():
            inside = path.relative_to(COURSE)
            assert (
                inside.as_posix() == "README.md"
                or (inside.parts[0] == "formulas" and path.suffix in (".bt", ".py"))
                or (inside.parts[0] == "data" and path.suffix == ".csv")
                or (inside.parts[0] == "examples" and path.suffix in (".toml", ".py"))
                or path in FILES
                or path in STAGES
            ), inside


def test_the_page_about_the_course_names_every_exercise() -> None:
    """README.md lists each exercise once, by its title, in its chapter, and counts them right."""
    page = (COURSE / "README.md").read_text("utf-8")
    for chapter, part in zip(CHAPTERS, page.split("\n### ")[1:], strict=True):
        assert part.startswith(f"{chapter.name}\n")
        listed = re.findall(r"^\d+\. \[(.+)\]\((.+)\)$", part, re.MULTILINE)
        assert sorted(listed) == sorted(
            (title_of(path), path.relative_to(COURSE).as_posix())
            for path in (*FILES, *STAGES)
            if path.parent == chapter
        )
    assert f"\n{len(FILES)} exercises" in page


@pytest.mark.slow
def test_mistakes_show(backtrace: Run) -> None:
    """Of the mistakes planted in each exercise 90% would be noticed, or it says why not."""
    result = backtrace("lint", "--json", str(COURSE))
    found = json.loads(result.output)
    assert len(found["files"]) == len(FILES) + len(STAGES)
    assert found["strays"] == []
    for file in found["files"]:
        assert file["problems"] == [], file["file"]
        if file["file"].endswith(".py"):
            continue
        assert file["score"] >= 90 or file["reason"], file["file"]
    assert result.exit_code == 0
    assert sum(bool(file["reason"]) for file in found["files"]) <= 10, "a reason is the exception"


def test_lint_notices_a_point_that_hides(backtrace: Run, tmp_path: Path) -> None:
    """The measure can fail: at (1, 0) half of the mistakes in the polynomial don't show."""
    text = (COURSE / "04_forks" / "three_forks.toml").read_text("utf-8")
    copy = tmp_path / "three_forks.toml"
    copy.write_text(text.replace("x = 4, y = 3", "x = 1, y = 0"), "utf-8")
    assert backtrace("lint", str(copy)).exit_code == 1


def test_a_hint_with_the_answer_is_noticed() -> None:
    """The search for answers in hints can fail."""
    data = data_of(COURSE / "04_forks" / "two_paths.toml")
    assert given_away({**data, "hints": ["Think.", "To x goes −y, and 2·x − y in all."]})


# -- answers in hints --------------------------------------------------------------------


def given_away(data: dict[str, Any]) -> list[str]:
    """The formulas in hints and why that have an asked derivative's value here and elsewhere."""
    asked = {(table, key) for table in DERIVATIVES for key in data.get(table, {})}
    if "lines" in data:
        _, line = wrong_line(data)
        asked.add((line["table"], line["key"]))
    places = [point(data), elsewhere(data)]
    right = {tuple(says({**data, "at": at}, *question) for at in places) for question in asked}
    known = []
    for at in places:
        run = trace(data["formula"], at)
        known.append({step.node: step.value for step in run.steps} | dict(run.at))
        if has_arrays(data):
            known[-1] |= {f"d{name}": run.gradient_of(name) for name in known[-1]}
    return [
        piece
        for text in (data["why"], *data["hints"])
        for piece in pieces(text)
        if tuple(value_of(piece, values) for values in known) in right
    ]


def elsewhere(data: dict[str, Any]) -> dict[str, Any]:
    """Another point: the exercise's own, moved a little."""
    at = trace(data["formula"], point(data)).at
    return {name: value + 0.03 * (number + 1) for number, (name, value) in enumerate(at.items())}


def pieces(text: str) -> set[str]:
    """Every run of words in a sentence that may be a formula: it has an operator in it."""
    found = set()
    for clause in re.split(r'[,;:?!"]|\.(?:\s|$)', text):
        words = clause.split()
        for start, end in combinations(range(len(words) + 1), 2):
            piece = " ".join(words[start:end])
            if end - start <= 7 and re.search(r"[-+*/^−·×÷√²³⁴]|\w\(", piece[1:]):
                found.add(piece)
    return found


@cache
def read(piece: str) -> frozenset[str] | None:
    """The names in a piece of a sentence that is a formula; None if it is none."""
    try:
        # dy and the like are one name, for what arrived at y.
        bound = set(re.findall(r"\bd\w+", piece))
        return frozenset(build(piece, bound=bound).inputs if bound else trace(piece).graph.inputs)
    except BacktraceError:
        return None


def value_of(piece: str, values: dict[str, float]) -> str:
    """What a piece of a sentence comes to, if it is a formula over these names."""
    names = read(piece)
    if names is None or not names <= values.keys():
        return ""
    try:
        return typed([trace(piece, {name: values[name] for name in names}).value])
    except BacktraceError:
        return ""
