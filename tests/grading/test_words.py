"""What ``check``, ``lint`` and ``grade`` say to somebody new, in the words of the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from backtrace_cli.cli import main
from tests.grading.classes import class_of, course_of
from tests.grading.files import checked

LINES = """title = "Find it"
formula = "a = x^2; f = a*y"
at = { x = 3, y = 2 }
wrong = "WRONG"
mended = "MENDED"
[[lines]]
table = "values"
key = "a"
claim = 9
[[lines]]
table = "values"
key = "f"
claim = 18
[[lines]]
table = "local"
key = "a/x"
claim = "x"
"""
ASKED = 'formula = "f = x^2*y"\nat = {{ x = 3, y = 4 }}\nanswers = "{}"\n[gradient]\nx = {}\ny = ""\n'


def run(*words: str) -> str:
    """Everything that is printed."""
    return " ".join(CliRunner().invoke(main, list(words)).output.split())


def check(folder: Path, text: str, *words: str) -> str:
    """The page of ``check``, on one line."""
    (folder / "x.toml").write_text(text, "utf-8")
    return run("check", str(folder / "x.toml"), *words)


@pytest.mark.parametrize("label", ["3", "line 3", "3.", "Line 3.", "a/x"])
def test_the_wrong_line_by_its_number(tmp_path: Path, label: str) -> None:
    assert "2 of 2 right" in check(tmp_path, LINES.replace("WRONG", label).replace("MENDED", "2*x"))


def test_a_line_says_what_it_is_and_once(tmp_path: Path) -> None:
    """A gradient without a text is called ∂f/∂y, and may be named so; one = is enough."""
    line = '[[lines]]\ntable = "gradient"\nkey = "y"\nclaim = "-x^2"\n'
    text = (
        LINES.replace("WRONG", "df/dy").replace("MENDED", "x^2").replace('claim = "x"', 'claim = "2*x"')
        + line
    )
    page = check(tmp_path, text)
    assert "4 ∂f/∂y = -x^2" in page
    assert "2 of 2 right" in page
    plain = check(tmp_path, text, "--plain")
    assert "Line 4: df/dy = -x^2" in plain
    assert "= =" not in page + plain


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("spaced", ["", " "])
def test_a_long_answer_stands_whole(tmp_path: Path, columns: int, spaced: str) -> None:
    """On several lines, each within the screen, and no number is cut; one without a joint is let be."""
    terms = [
        "2*x*y",
        *(f"{sign}{0.123456 + i / 7:.6f}*y^{i}*1e-{i + 5}" for i in range(1, 8) for sign in "+-"),
    ]
    answer = spaced.join(terms)
    (tmp_path / "x.toml").write_text(
        ASKED.format("any", f'"{answer}"').replace("any", "expressions"), "utf-8"
    )
    page = (
        CliRunner(env={"COLUMNS": str(columns), "FORCE_COLOR": ""})
        .invoke(main, ["check", str(tmp_path / "x.toml")])
        .output
    )
    assert all(len(line) <= columns for line in page.splitlines())
    assert answer.replace(" ", "") in "".join(page.split()).replace("right", "").replace("carriedforward", "")
    for term in terms:
        number = term.lstrip("+-").partition("*")[0]
        assert number in page


def test_a_right_line_is_said_to_be_right(tmp_path: Path) -> None:
    page = check(tmp_path, LINES.replace("WRONG", "line 2").replace("MENDED", "x"))
    assert "Line 2 is right as it stands; look for another one." in page
    assert "First wrong step" not in page


def test_a_mended_line_gets_its_diagnosis(tmp_path: Path) -> None:
    page = check(tmp_path, LINES.replace("WRONG", "3").replace("MENDED", "-2*x"), "--json")
    assert '"mistake": "sign"' in page
    page = check(tmp_path, LINES.replace("WRONG", "3").replace("MENDED", "x"), "--json")
    assert "what the wrong line says already" in page


def test_a_number_for_a_formula_has_no_witness(tmp_path: Path) -> None:
    page = check(tmp_path, ASKED.format("expressions", "24"))
    assert "yours is its value at this one point" in page
    assert "yours gives" not in page


@pytest.mark.parametrize(
    ("kind", "said"), [("expressions", "Formulas are asked for"), ("numbers", "Numbers are")]
)
def test_a_blank_page_says_what_is_asked_for(tmp_path: Path, kind: str, said: str) -> None:
    assert said in check(tmp_path, ASKED.format(kind, '""'))
    assert said in check(tmp_path, ASKED.format(kind, '""'), "--plain")
    assert "asked for" not in check(tmp_path, ASKED.format("either", '""'))


@pytest.mark.parametrize("mark", ["?", "???"])
def test_a_question_mark_is_a_blank(tmp_path: Path, mark: str) -> None:
    assert "2 blank" in check(tmp_path, ASKED.format("either", f'"{mark}"'))


def test_a_number_with_the_other_sign(tmp_path: Path) -> None:
    text = 'formula = "f = x*y + 1"\nat = { x = 3, y = 4 }\n[values]\nf = -13\n'
    assert "Your number has the other sign." in check(tmp_path, text)
    assert "other sign" not in check(tmp_path, text.replace("f = -13", "f = 14"))


def test_a_changed_line_is_named(tmp_path: Path) -> None:
    course = course_of(tmp_path, {"1_find/x.toml": LINES.replace("WRONG", "").replace("MENDED", "")})
    theirs = LINES.replace("WRONG", "3").replace("MENDED", "2*x").replace("claim = 18", "claim = 19")
    root = class_of(tmp_path, {"ada": {"1_find/x.toml": theirs}})
    page = run("grade", str(root), "--course", str(course), "--plain")
    assert "lines changed (line 13)" in page


def test_equal_remarks_are_one(tmp_path: Path) -> None:
    course = course_of(tmp_path)
    root = class_of(tmp_path, {f"s{number}": {"2_forks/fork.toml": ""} for number in range(9)})
    page = run("grade", str(root), "--course", str(course))
    assert page.count("the file is empty") == 1
    assert "9 students: 2_forks/fork.toml: the file is empty" in page


def test_lint_prints_an_error_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('formula = "x + "\n[gradient]\nx = ""\n')
    found = CliRunner().invoke(main, ["lint", str(tmp_path / "x.toml")])
    rows = found.output.split("\n")
    place = next(i for i, row in enumerate(rows) if 'formula = "x + "' in row)
    assert rows[place + 1].strip() == "^"
    assert rows[place + 1].index("^") in (rows[place].index('+ "') + 1, rows[place].index('+ "') + 2)


def test_lint_lists_few_strays(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"n{number}.txt").write_text("")
    page = run("lint", str(tmp_path))
    assert "and 20 more" in page
    assert "is it the right folder?" in page


def test_a_title_is_folded_between_statements(tmp_path: Path) -> None:
    text = 'formula = "aa = x^2; bb = x + y; cc = bb*y; dd = aa - cc; ee = y^2; f = dd + ee"\n'
    (tmp_path / "x.toml").write_text(
        'title = "Fold"\n' + text + 'at = { x = 2, y = 3 }\n[gradient]\nx = ""\n'
    )
    output = CliRunner().invoke(main, ["check", str(tmp_path / "x.toml")], terminal_width=80).output
    rows = output.split("\n\n")[0].strip("\n").split("\n")
    assert len(rows) > 1
    assert all(row.rstrip().endswith(";") or "at" in row for row in rows[:-1])


def test_hints_name_the_command_that_was_typed(tmp_path: Path) -> None:
    assert "backtrace new" in run("new")
    assert "backtrace lint" not in run("grade", str(tmp_path), "--course", "nosuch")


def test_a_right_sum_says_how_it_comes_about(tmp_path: Path) -> None:
    """Both paths, once everything is right; before that a term may still be asked for."""
    done = 'formula = "a = x^2; b = 3*x; f = a - b"\nat = "x=1"\n[gradient]\nx = "-1"\na = "1"\n'
    (tmp_path / "a.toml").write_text(done)
    (tmp_path / "b.toml").write_text(done.replace('a = "1"', 'a = "2"'))
    assert "both paths: −3 + 2" in CliRunner().invoke(main, ["check", str(tmp_path / "a.toml")]).output
    assert "both paths" not in CliRunner().invoke(main, ["check", str(tmp_path / "b.toml")]).output


def test_what_rounding_hides_has_no_diagnosis() -> None:
    """(x + 1e17) − 1e17 is x, and not "0, as if nothing arrived": the number below would contradict it."""
    found = checked("f = x*y", "x=2,y=3", gradient={"x": "(x+1e17)-1e17"}).answers[0]
    assert (found.verdict, found.diagnosis) == ("wrong", "")
    assert found.witness is not None
    assert found.witness.yours == 2
