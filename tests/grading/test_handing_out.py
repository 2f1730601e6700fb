"""``backtrace new --students``: a class gets its files, each student the very ones that grade will draw."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.authoring.hand_out import hand_out
from backtrace_cli.grading.people.listed_students import read_students

Run = Callable[..., Result]
FIXED = """title = "The same for all"
formula = "f = x^2"
at = { x = 3 }
hints = ["one"]
[gradient]
x = ""
"""
OWN = """# a comment that stays
title = "Each their own"
formula = "f = x^2*y"
at = { x = 3, y = 4 }
hints = ["one"]
[variants]
x = "2..9"
y = "2..9"
[gradient]
x = ""
y = ""
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Two chapters, one exercise each, the second with variants."""
    for chapter, name, text in (("1_all", "fixed", FIXED), ("2_own", "own", OWN)):
        folder = tmp_path / "course" / chapter
        folder.mkdir(parents=True)
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return tmp_path / "course"


def test_a_class_gets_its_files(backtrace: Run, tmp_path: Path, course: Path) -> None:
    """Every student has a folder with the course in it, and theirs is what --student draws."""
    (tmp_path / "class.txt").write_text("# the class of this year\nann\n\n  Bén Ő.-x  \n", "utf-8")
    out = tmp_path / "out"
    done = backtrace("new", "--like", str(course), "--students", str(tmp_path / "class.txt"), "-o", str(out))
    assert done.exit_code == 0
    assert "wrote 4 files" in done.stdout
    assert "without a key" in " ".join(done.stdout.split())
    assert sorted(os.listdir(out)) == ["Bén Ő.-x", "ann"]
    for student in os.listdir(out):
        assert (out / student / "1_all" / "fixed.toml").read_text("utf-8") == FIXED
        alone = backtrace("new", "--like", str(course / "2_own" / "own.toml"), "--student", student)
        assert (out / student / "2_own" / "own.toml").read_text("utf-8") == alone.stdout
        assert "[variants]" not in alone.stdout


def test_grade_takes_what_was_handed_out(backtrace: Run, tmp_path: Path, course: Path) -> None:
    """Filled in and handed in as they are, the files are right, and no statement counts as changed."""
    students = [f"s{number}" for number in range(6)]
    hand_out(str(course), students, str(tmp_path / "out"), b"secret")
    statements = set()
    for student in students:
        own = tmp_path / "out" / student / "2_own" / "own.toml"
        text = own.read_text("utf-8")
        statements.add(text)
        own.write_text(text.replace('x = ""', 'x = "2*x*y"').replace('y = ""', 'y = "x^2"'), "utf-8")
        fixed = tmp_path / "out" / student / "1_all" / "fixed.toml"
        fixed.write_text(FIXED.replace('x = ""', 'x = "6"'), "utf-8")
    assert len(statements) > 3
    (tmp_path / "key").write_text("secret", "utf-8")
    graded = backtrace(
        "grade", str(tmp_path / "out"), "--course", str(course), "--key-file", str(tmp_path / "key")
    )
    assert graded.exit_code == 0, graded.output
    assert "changed" not in graded.stdout


def test_a_list_may_grow_and_work_is_never_lost(backtrace: Run, tmp_path: Path, course: Path) -> None:
    """Who joins later gets theirs; a file that somebody has worked in is not replaced unasked, nor is any
    written then."""
    listed, out = tmp_path / "class.txt", tmp_path / "out"
    words = ["new", "--like", str(course), "--students", str(listed), "-o", str(out)]
    listed.write_text("ann\n", "utf-8")
    assert backtrace(*words).exit_code == 0
    listed.write_text("ann\nben\n", "utf-8")
    grown = backtrace(*words)
    assert (grown.exit_code, "wrote 2 files" in grown.stdout, "2 files stood" in grown.stdout) == (
        0,
        True,
        True,
    )
    worked = out / "ben" / "1_all" / "fixed.toml"
    worked.write_text("my work", "utf-8")
    listed.write_text("ann\nben\ncleo\n", "utf-8")
    refused = backtrace(*words)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert worked.read_text("utf-8") == "my work"
    assert not (out / "cleo").exists()
    assert backtrace(*words, "--force").exit_code == 0
    assert worked.read_text("utf-8") == FIXED


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("student,mark\nann,1\nben,2\n", ""),
        ("Name;Login\nAnn A;ann\n\n;\nBen;ben\n", "login"),
        ('\ufefflogin\r\n"ann"\r\nben\r\n', ""),
        ('name\tlogin\n"A, nn"\tann\nBen\tben', "LOGIN"),
        ('name,login\n"two\nlines",ann\nBen,ben\n', "login"),
    ],
)
def test_columns_of_spreadsheets(tmp_path: Path, text: str, column: str) -> None:
    """Commas, semicolons and tabs, quotes, a byte order mark: as spreadsheets and classrooms write them."""
    file = tmp_path / "class.csv"
    file.write_bytes(text.encode())
    assert read_students(str(file), column) == ["ann", "ben"]


@pytest.mark.parametrize(
    ("name", "text", "words", "expected"),
    [
        ("a.txt", "ann\nAnn\n", [], "a.txt, line 2: Ann stands in line 1 already"),
        ("a.txt", "ann\n../ben\n", [], "a.txt, line 2: ../ben can't be a student's folder"),
        ("a.txt", "a/b", [], "can't be a folder"),
        ("a.txt", "a\x1b[31mb", [], "can't be a folder"),
        ("a.txt", "a" * 300, [], "longer than"),
        ("a.txt", "# nobody\n\n", [], "there are no students"),
        ("a.txt", "ann", ["--column", "x"], "is for .csv files"),
        ("a.csv", "name,login\nAnn,ann\n", [], "in which column"),
        ("a.csv", "name,login\nAnn,ann\n", ["--column", "id"], "no column id"),
        ("a.csv", "id,ID\nAnn,ann\n", ["--column", "id"], "two columns id"),
        ("a.csv", "name,login\nAnn,\n", ["--column", "login"], "line 2: there is no name in this row"),
        ("a.csv", 'login\n"ann', ["--column", "login"], "line 2 can't be read"),
        ("a.csv", "", [], "in which column"),
    ],
)
def test_lists_that_cannot_be_used(
    backtrace: Run, tmp_path: Path, course: Path, name: str, text: str, words: list[str], expected: str
) -> None:
    """What is wrong with a list is told with its line, and nothing is written."""
    (tmp_path / name).write_text(text, "utf-8")
    out = tmp_path / "out"
    done = backtrace("new", "--like", str(course), "--students", str(tmp_path / name), "-o", str(out), *words)
    assert done.exit_code == 2
    assert expected in " ".join(done.stderr.replace(f"{tmp_path}/", "").split())
    assert "\x1b" not in done.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--students", "nowhere.txt", "--like", "x.toml", "-o", "out"], "can't be read"),
        (["--students", "a.txt", "-o", "out"], "--like"),
        (["--students", "a.txt", "--like", "x.toml"], "-o"),
        (
            ["--students", "a.txt", "--like", "x.toml", "-o", "out", "--student", "ann"],
            "leave one of them out",
        ),
        (["--column", "x", "--like", "x.toml", "-o", "out"], "--students"),
        (["x^2", "--students", "a.txt", "-o", "out"], "as it is"),
    ],
)
def test_options_that_do_not_go_together(backtrace: Run, words: list[str], expected: str) -> None:
    """A missing or contradicting option is told, with what to do instead."""
    done = backtrace("new", *words)
    assert done.exit_code == 2
    assert expected in done.stderr


@settings(deadline=None, max_examples=150)
@given(st.lists(st.text(max_size=12), max_size=5), st.booleans())
def test_any_list_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], csv: bool
) -> None:
    """Whatever stands in it, each name is a plain folder in the one given, or there is a reason."""
    folder = tmp_path_factory.mktemp("list")
    file = folder / f"class.{'csv' if csv else 'txt'}"
    file.write_bytes("\n".join(["student"] * csv + names).encode("utf-8", "replace"))
    try:
        found = read_students(str(file))
    except BacktraceError as error:
        assert error.hint  # noqa: PT017
        return
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert os.path.normpath(os.path.join(folder, name)) == str(folder / name)
        assert os.path.dirname(os.path.normpath(os.path.join(folder, name))) == str(folder)
        assert not name.startswith(".")
