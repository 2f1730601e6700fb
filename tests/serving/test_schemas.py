"""The JSON Schemas: of draft 2020-12, as published, and met by everything that is written and read."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import backtrace_cli
from backtrace_cli.grading.exercise.exercise import FIELDS
from backtrace_cli.grading.exercise.source import read_source
from backtrace_cli.serving.schemas.published import SCHEMAS, written

jsonschema = pytest.importorskip("jsonschema")
ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]
EXERCISES = sorted(ROOT.glob("exercises/**/*.toml"))


def validator(name: str) -> Any:
    """Who knows the schema ``name``."""
    return jsonschema.Draft202012Validator(SCHEMAS[name]())


@pytest.mark.parametrize("name", SCHEMAS)
def test_published_as_declared(backtrace: Run, name: str) -> None:
    """A valid schema; the file in the package is what the declarations say (or write it anew)."""
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name]())
    file = Path(backtrace_cli.__file__).parent / "serving" / "schemas" / f"{name}.schema.json"
    assert file.read_text("utf-8") == written(name), f"backtrace schema {name} > {file}"
    assert backtrace("schema", name).stdout == written(name)


def test_every_exercise_fits() -> None:
    """And what is no exercise doesn't."""
    valid = validator("exercise")
    assert EXERCISES
    for path in EXERCISES:
        data = read_source(str(path)).data
        if "formula" in data:
            assert not list(valid.iter_errors(data)), path
    assert set(SCHEMAS["exercise"]()["properties"]) == FIELDS
    for wrong in ({"formula": 3}, {"formula": "x", "gradients": {}}, {"formula": "x", "kink": "any"}, {}, {
        "formula": "x", "gradient": {"x": True}}):  # fmt: skip
        assert list(valid.iter_errors(wrong)), wrong


def test_check_fits(backtrace: Run) -> None:
    """Filled ones, one that can't be used, one with the answers shown."""
    valid = validator("check")
    files = [str(path) for path in EXERCISES[:12]] + [
        str(path) for path in EXERCISES if "examples" in str(path)
    ]
    for words in (files, ["--reveal", *files[-3:]], [str(ROOT / "pyproject.toml"), "nowhere.toml"]):
        found = json.loads(backtrace("check", "--json", *words).stdout)
        assert not list(valid.iter_errors(found))


RECORDS = [
    ["x^2*y", "--at", "x=3,y=2"], ["x^2*y"], ["x^2*y", "--at", "x=3,y=2", "--exact"],
    ["1/x", "--at", "x=1e-320"],
    ["x*y", "--at", "x=3,y=2", "--mode", "forward"],
    ["x^2*y", "--at", "x=3,y=2", "--check", "--cost", "--closed-form"],
    ["relu(x)", "--at", "x=0"], ["f = sum(x*x)", "--at", "x=[1,2]", "--expand", "x"],
    ["x^2*y", "--at", "x=3,y=2", "--mine", "x = 2*x", "--mine", "y = x^2"],
    ["h = w*x; L = h^2", "--at", "w=2,x=3", "--mine", "dh = 2*h; t = dh*x; dw = 2*t"],
    ["x*y", "--at", "x=3,y=2", "--mode", "forward", "--seed", "x=1,y=0"],
]  # fmt: skip


@pytest.mark.parametrize("words", RECORDS, ids=lambda words: " ".join(words)[:40])
def test_records_fit(backtrace: Run, words: list[str]) -> None:
    """Every part of the record that eval can be asked for."""
    found = json.loads(backtrace("eval", *words, "--json").stdout)
    assert not list(validator("record").iter_errors(found))
    del found["gradient"]
    assert list(validator("record").iter_errors(found))


def test_every_document_of_the_docs_fits() -> None:
    """JSON that stands in the docs below a command that printed it whole."""
    shown = 0
    for page in sorted((ROOT / "docs").glob("*.md")):
        for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            for command, output in re.findall(
                r"^\$ (backtrace [^\n|]*--json[^\n|]*)\n(.*?)(?=^\$ |\Z)", block, re.DOTALL | re.MULTILINE
            ):
                kind = {"eval": "record", "chain": "record", "check": "check"}.get(command.split()[1])
                if kind is None or not output.startswith("{"):
                    continue
                assert not list(validator(kind).iter_errors(json.loads(output))), (page.name, command)
                shown += 1
    assert shown


def test_toml_lists_are_lists() -> None:
    """Answers and points of arrays, nested as deep as they are."""
    data = tomllib.loads('formula = "x"\nat = { W = [[1, 2], [3, 4]] }\n[gradient]\nW = [["", ""], ["", 1]]')
    assert not list(validator("exercise").iter_errors(data))
