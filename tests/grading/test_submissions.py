"""A class's folder, through ``backtrace grade``: whose it is, what is listed, what a slip costs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.grading.classes import class_of, course_of, filled
from tests.grading.test_grade import graded, points, strays, verdicts

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"
POSIX = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="such names are folded or refused")


def test_a_part_of_the_course_accuses_nobody(backtrace: Run, tmp_path: Path) -> None:
    """Files for exercises that --only leaves out are no strays; real strays still are."""
    others = {"fork (1).toml": "", "more.toml": "", "fork.toml": ""}
    submissions = class_of(tmp_path, {"ada": None, "ben": others})
    found = graded(backtrace, submissions, course_of(tmp_path), "--only", "1_chain")
    assert strays(found["ada"]) == {}
    assert strays(found["ben"]) == {"more.toml": "no exercise is called this"}


@pytest.mark.parametrize("stray", ["notes.toml", "chain.toml", "pyproject.toml"])
@pytest.mark.parametrize("flat", [False, True])
def test_a_stray_file_beside_the_folders(backtrace: Run, tmp_path: Path, stray: str, flat: bool) -> None:
    """It is a stray; the class stays a class."""
    course = course_of(tmp_path, {"chain.toml": filled(CHAIN_FILE, a='""')} if flat else None)
    files = {"chain.toml": filled(CHAIN_FILE)} if flat else None
    submissions = class_of(tmp_path, {"ada": files, "ben": files, "cy": {}})
    (submissions / stray).write_text("x = 1")
    found = graded(backtrace, submissions, course)
    assert set(found) == {"", "ada", "ben", "cy"}
    assert [one["path"] for one in found[""]["strays"]] == [stray]


def test_what_else_lies_there_is_listed(backtrace: Run, tmp_path: Path) -> None:
    """Archives, notebooks and papers, among the folders and in them; not program code."""
    files = {"homework.zip": "", "answers.ipynb": "", "scan.pdf": "", "x.py": ""}
    submissions = class_of(tmp_path, {"ada": files})
    (submissions / "ben.zip").write_text("")
    found = graded(backtrace, submissions, course_of(tmp_path))
    assert strays(found["ada"]) == {
        "homework.zip": "an archive, which is not opened", "answers.ipynb": "a notebook, which is not read",
        "scan.pdf": "a document, which is not read",
    }  # fmt: skip
    assert "unpack it" in found[""]["strays"][0]["why"]


@POSIX
def test_one_person_is_one_row(backtrace: Run, tmp_path: Path) -> None:
    """Whose name is encoded in two ways, or has a blank behind it, is nobody else."""
    one, two = (unicodedata.normalize(form, "José") for form in ("NFC", "NFD"))
    course = course_of(tmp_path)
    submissions = class_of(tmp_path, {
        one: {CHAIN_FILE: filled(CHAIN_FILE)}, two: {FORK_FILE: filled(FORK_FILE)},
        "ada": {CHAIN_FILE: filled(CHAIN_FILE)}, "ada ": {CHAIN_FILE: filled(CHAIN_FILE, a="1")},
    })  # fmt: skip
    found = graded(backtrace, submissions, course)
    assert set(found) == {"", "ada", one}
    assert points(found[one]) == 9
    assert found["ada"]["files"][0]["status"] == "duplicate"


@POSIX
def test_any_name_gets_a_report(backtrace: Run, tmp_path: Path) -> None:
    """A backslash, dots or two hundred letters in a folder's name end no report half written."""
    names = ["a\\b", "ada", "...", "x" * 240]
    submissions = class_of(tmp_path, dict.fromkeys(names))
    out = tmp_path / "fb"
    result = backtrace("grade", str(submissions), "--course", str(course_of(tmp_path)),
                       "--report", f"markdown={out}/{{student}}.md")  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert len(list(out.iterdir())) == len([name for name in names if not name.startswith(".")])
    assert {"a%5Cb.md", "ada.md"} <= {path.name for path in out.iterdir()}


def test_merged_reports_can_be_narrowed(backtrace: Run, tmp_path: Path) -> None:
    """--student and --only count with --merge, too; who isn't there is an error."""
    submissions = class_of(tmp_path, {"ada": None, "ben": {}})
    whole = str(tmp_path / "all.json")
    backtrace("grade", str(submissions), "--course", str(course_of(tmp_path)), "--report", f"json={whole}")
    result = backtrace("grade", "--merge", whole, "--student", "ben", "--only", "2_forks", "--json")
    data = json.loads(result.stdout)
    assert [one["student"] for one in data["students"]] == ["ben"]
    assert [one["exercise"] for one in data["course"]["exercises"]] == [FORK_FILE]
    assert (data["of"], len(data["students"][0]["files"])) == (6, 1)
    for words, said in ((("--student", "bem"), "ben"), (("--only", "9"), "no exercise")):
        result = backtrace("grade", "--merge", whole, *words)
        assert result.exit_code == 2
        assert said in result.stderr


@pytest.mark.parametrize(
    "slip",
    [
        '"a->x" = "2*x',
        '"a->x" = 1/2',
        'a->x = "2*x"',
        '"a->x" = “2*x”',
        '"a->x" =',
        '"a->x" = .5',
        "'a->x' = 2 x",
    ],
)
def test_a_slip_costs_its_own_answer(backtrace: Run, tmp_path: Path, slip: str) -> None:
    """The others count; the one is unreadable, at its line, and an earlier one for it doesn't count."""
    text = filled(FORK_FILE).replace('"a->x" = "2*x"', slip)
    twice = filled(FORK_FILE).replace('"a->x" = "2*x"', f'"a->x" = "2*x"\n{slip}')
    crlf = text.replace("\n", "\r\n")
    files = {"ada": {FORK_FILE: text}, "ben": {FORK_FILE: twice}, "cy": {FORK_FILE: crlf}}
    found = graded(backtrace, class_of(tmp_path, files), course_of(tmp_path), "--only", "2_forks")
    for name in files:
        assert verdicts(found[name]) == {"fork a->x": "unreadable", "fork b->x": "right", "fork x": "right"}
        answer = found[name]["files"][0]["answers"][0]
        assert answer["line"] == 6 + (name == "ben")
        assert "not TOML" in answer["words"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("[gradient]", "[gradient"), ("[gradient]", "gradient]"), ('"a->x" = "2*x"', '"a->x" = """'),
     ("[messages]", "[gradient]"), ('title = "Fork"', 'title = """')],
)  # fmt: skip
def test_where_it_is_not_sure_nothing_is_salvaged(
    backtrace: Run, tmp_path: Path, before: str, after: str
) -> None:
    """An answer is never taken for another table's: without its header a file is unreadable or has less."""
    text = filled(FORK_FILE, x="5").replace(before, after)
    assert after in text
    submissions = class_of(tmp_path, {"ada": {FORK_FILE: text}})
    found = graded(backtrace, submissions, course_of(tmp_path), "--only", "2_forks")["ada"]
    assert verdicts(found)["fork x"] in ("unreadable", "missing")


def test_a_broken_statement_costs_nothing(backtrace: Run, tmp_path: Path) -> None:
    """The course's counts anyway; that a line was passed over is told."""
    text = filled(FORK_FILE).replace('title = "Fork"', "title = Fork")
    found = graded(backtrace, class_of(tmp_path, {"ada": {FORK_FILE: text}}), course_of(tmp_path))["ada"]
    assert points(found) == 6
    assert "line 1 can't be read" in found["files"][1]["notes"][-1]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(backtrace: Run, tmp_path: Path, encoding: str) -> None:
    """What PowerShell and editors save is read."""
    submissions = class_of(tmp_path, {"ada": None})
    path = submissions / "ada" / FORK_FILE
    path.write_bytes(("# é\r\n" + path.read_text()).encode(encoding))
    assert points(graded(backtrace, submissions, course_of(tmp_path))["ada"]) == 9
