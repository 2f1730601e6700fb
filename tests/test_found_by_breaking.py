"""What people found by trying to break it, each held so that it stays mended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli import trace

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("formula", "at", "gradient"),
    [
        ("clip(y,y,x)", "x=1.24,y=2.6", {"x": 1.0, "y": 0.0}),
        ("clip(x,0,-1)", "x=0", {"x": 0.0}),
        ("clip(x,0,1)", "x=0", {"x": 1.0}),
        ("a = x; b = x; f = a*b", "x=3", {"x": 6.0}),
        ("a = x*y; b = x*y; f = a + b", "x=3,y=2", {"x": 4.0, "y": 6.0}),
        ("n = 2; x^n", "x=3", {"x": 6.0}),
    ],
)
def test_gradients(formula: str, at: str, gradient: dict[str, float]) -> None:
    """Bounds that cross, names for variables, names for equal values, a named exponent."""
    assert trace(formula, at).gradient == gradient


def test_two_names_are_two_boxes() -> None:
    """a = x; b = x: each has a gradient of its own."""
    t = trace("a = x; b = x; f = a*b", x=3)
    assert (t.gradient_of("a"), t.gradient_of("b")) == (3, 3)
    assert [(m.source, m.target) for m in t.messages] == [("f", "a"), ("f", "b"), ("b", "x"), ("a", "x")]


def _check(run: Run, folder: Path, formula: str, at: str, answers: str) -> dict[str, object]:
    file = folder / "exercise.toml"
    file.write_text(f'title = "t"\nformula = "{formula}"\nat = {{{at}}}\n{answers}\n', "utf-8")
    result = run("check", "--json", str(file))
    assert result.exit_code in (0, 1), result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("formula", "at", "answers", "verdict", "mistake"),
    [
        ("f = max(x, y)", "x = 1, y = 2", '[gradient]\nx = "1"', "wrong", None),
        ("a = x; b = x; f = a*b", "x = 3", '[gradient]\na = "3"', "right", None),
        ("a = x*y; b = x*y; f = a + b", "x = 3, y = 2", '[gradient]\na = "1"', "right", None),
        ("f = x^2", "x = 3", '[gradient]\nx = "1/0"', "wrong", None),
        ("f = relu(x)", "x = 0", '[gradient]\nx = "1"', "wrong", None),
    ],
    ids=["max", "alias", "equal values", "no value", "kink"],
)
def test_verdicts(
    backtrace: Run, tmp_path: Path, formula: str, at: str, answers: str, verdict: str, mistake: str | None
) -> None:
    """Answers about max, about names, without a value and at a kink are judged, and not misnamed."""
    found = json.dumps(_check(backtrace, tmp_path, formula, at, answers))
    assert f'"verdict": "{verdict}"' in found
    assert f'"mistake": {json.dumps(mistake)}' in found


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line() -> None:
    """Output that can't be written is an error in a line, not a traceback."""
    command = [sys.executable, "-m", "backtrace_cli", "eval", "x", "--at", "x=1"]
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2
    assert result.stderr == "the output can't be written: no space left on device\n"


def test_words_that_came_without_quotes(backtrace: Run) -> None:
    """A formula or a point that the shell split is told to be quoted."""
    assert 'put it in quotes: "x^2 + y"' in backtrace("eval", "x^2", "+", "y").stderr
    assert '--at "x=3, y=2"' in backtrace("eval", "x*y", "--at", "x=3,", "y=2").stderr
    assert "--at needs a value" in backtrace("eval", "x^2", "--at").stderr


@pytest.mark.parametrize(
    ("formula", "meant"),
    [("sinx", "sin(x)"), ("λr^2", "λ*r"), ("w1x1 + b", "w1*x1"), ("λx", "λ*x"), ("xy", "x*y")],
)
def test_names_that_were_meant_as_something_else(backtrace: Run, formula: str, meant: str) -> None:
    """A run of letters that is surely a product or a call is asked about, not taken as one name."""
    result = backtrace("eval", formula)
    assert result.exit_code == 2
    assert f"did you mean {meant}?" in result.stderr


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
@pytest.mark.parametrize("words", [
    "grade docs/class/submissions --course docs/class/course --time-limit",
    "doctor exercises/examples/engine.py:Value --time", "sheet docs/class/course --room",
    "lint exercises/examples --min-score", "mcp --seconds",
])  # fmt: skip
def test_what_is_no_number_is_none_of_an_option(backtrace: Run, words: str, value: str) -> None:
    """Neither nan, which lies in no range and outside of none, nor infinity."""
    found = backtrace(*words.split(), value)
    assert found.exit_code == 2
    assert "Invalid value" in found.stderr


def test_derivatives_that_grow_are_refused(backtrace: Run) -> None:
    """Nested far enough, they would take for ever; each level is up to twice the one below."""
    formula = "sin(x)*exp(x)"
    for _ in range(40):
        formula = f"grad({formula}, x)"
    found = backtrace("eval", formula, "--at", "x=1")
    assert found.exit_code == 2
    assert "more than 5,000 boxes" in found.stderr


def test_grad_moves_what_is_there(backtrace: Run) -> None:
    """By a formula that stands in f, or a name; not by one that f doesn't read."""
    assert "f doesn't read this" in backtrace("eval", "grad(x^2, x+1)", "--at", "x=2").stderr
    assert backtrace("eval", "grad((x+1)^2, x+1)", "--at", "x=2").exit_code == 0
    assert backtrace("eval", "grad(x^2, y)", "--at", "x=2,y=1").exit_code == 0


def test_infinity_is_no_agreement(backtrace: Run) -> None:
    """Where the gradient leaves the doubles, no number of 50 digits bears it out."""
    for words in (("exp(x)", "--at", "x=2000"), ("1/x", "--at", "x=0"), ("3",)):
        assert "nothing is certified" in backtrace("eval", *words, "--certify").stdout


def test_a_point_that_is_chosen_is_as_assumed(backtrace: Run) -> None:
    """Without a point an assumption is no reproach."""
    for formula, mine, assume, code in (
        ("sqrt(x^2)", "x = -1", "x < 0", 0), ("sqrt(x^2)", "x = 1", "x < 0", 1),
        ("x*y", "x = y", "y = 0/1", 0),
    ):  # fmt: skip
        assert backtrace("eval", formula, "--mine", mine, "--assume", assume).exit_code == code


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
@pytest.mark.parametrize("words", [["report"], ["grade", "--merge"]])
def test_results_from_a_pipe_wait_for_nobody(backtrace: Run, tmp_path: Path, words: list[str]) -> None:
    """A pipe that nobody writes into is told."""
    os.mkfifo(tmp_path / "pipe")
    found = backtrace(*words, str(tmp_path / "pipe"))
    assert found.exit_code == 2
    assert "nobody writes into it" in found.stderr
