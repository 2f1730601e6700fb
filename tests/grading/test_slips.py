"""What newcomers get wrong in an exercise file, and what they are told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.cli import main
from backtrace_cli.grading.exercise.exercise import read_exercise
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.verdict import check_exercise
from tests.grading.classes import class_of, course_of

HEAD = 'formula = "s = sigma(y); f = x/y + s"\nat = { x = 2, y = 3 }\n[gradient]\n'


@pytest.mark.parametrize(
    "answer",
    [r"\frac{1}{y}", r"\tfrac{1}{y}", r"\left(\frac{1}{y}\right)", r"1 \cdot \frac{1}{y}", r"\\frac{1}{y}",
     r"\frac{1}{y} + \sigma(y) - \sigma(y)", r"\u0079^-1"],
)  # fmt: skip
def test_latex_works_in_double_quotes_as_in_single_ones(answer: str) -> None:
    exercise = read_exercise(Source("x.toml", f'{HEAD}x = "{answer}"'))
    assert check_exercise(exercise).answers[0].verdict == "right"


def test_latex_of_the_formula_keeps_its_line_breaks() -> None:
    text = 'formula = "a = \\frac{x}{y}\\nf = a^2"\nat = { x = 2, y = 3 }\n[values]\na = ""'
    assert read_exercise(Source("x.toml", text)).statement.graph.source == "a = \\frac{x}{y}\nf = a^2"


def test_a_fault_behind_latex_is_pointed_at_in_the_file() -> None:
    with pytest.raises(BacktraceError) as caught:
        Source("x.toml", HEAD + 'x = ["\\frac{1}{y}" 2]')
    assert caught.value.position() == (4, 20)


@given(st.text("\\\"'#=[]{}\nnu03xy ", max_size=30))
def test_a_file_without_formulas_is_what_toml_says(text: str) -> None:
    text = "[other]\nx = " + text
    try:
        wanted: object = tomllib.loads(text)
    except ValueError:
        wanted = None
    try:
        found: object = Source("x.toml", text).data
    except BacktraceError:
        found = None
    if wanted is None or "values" not in str(wanted):
        assert found == wanted


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ("x = .5", "a digit before its point", "x = 0.5"),
        ("x = -.5", "a digit before its point", "x = -0.5"),
        ("x = 5.", "a digit after its point", "x = 5"),
        ("x = 01", "no extra 0", "x = 1"),
        ("x = 0,5", "a point, no comma", "x = 0.5"),
        ("x = “1”", "word processor's quotes", 'x = "1"'),
        ('x = "1”', "word processor's quotes", 'x = "1"'),
        ("x = ", "nothing stands after the =", 'x = ""'),
        ("x =   # later", "nothing stands after the =", 'x = ""'),
        ("x = 1/2", "stands in quotes", 'x = "1/2"'),
        ("x = 2x - y", "stands in quotes", 'x = "2x - y"'),
        ("b->x = 1", "the key b->x stands in quotes", '"b->x" = 1'),
        ("x = 1\nx = 2", "x stands here twice", "one of the two"),
        ('x = "1', "not closed on this line", "quotes"),
        ("x = '1", "not closed on this line", "quotes"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\ny = 1\n"])
def test_a_slip_is_named_with_what_to_write(line: str, said: str, hint: str, end: str) -> None:
    with pytest.raises(BacktraceError) as caught:
        Source("x.toml", HEAD + line + end)
    assert said in caught.value.message
    assert hint in (caught.value.hint or "")
    place = caught.value.position()
    assert place is not None
    assert place[0] == 4 + line.count("\n")


def test_a_backslash_in_other_text_is_explained() -> None:
    with pytest.raises(BacktraceError, match="a backslash is TOML's"):
        Source("x.toml", 'title = "the slope \\sigma"')


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("")
    found = CliRunner().invoke(main, ["check", str(tmp_path / "x.toml")])
    assert found.exit_code == 2
    assert "x.toml is empty" in found.stderr
    course = course_of(tmp_path)
    root = class_of(tmp_path, {"ada": {"1_chain/chain.toml": ""}, "ben": None})
    found = CliRunner().invoke(main, ["grade", str(root), "--course", str(course), "--plain"])
    assert "ada: 1_chain/chain.toml: the file is empty" in found.stdout
