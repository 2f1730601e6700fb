"""``grade --students``: the class by its roster, whatever columns a platform exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from backtrace_cli.grading.people.roster import folded, read_roster
from tests.grading.classes import class_of, course_of, filled

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"


def graded(backtrace: Run, folder: Path, roster: str, *words: str, people: dict[str, Any]) -> dict[str, Any]:
    """The JSON report of a class graded by ``roster``."""
    course, submissions = course_of(folder), class_of(folder, people)
    (folder / "roster.csv").write_text(roster, "utf-8")
    result = backtrace("grade", str(submissions), "--course", str(course), "--jobs", "1", "--json",
                       "--students", str(folder / "roster.csv"), *words)  # fmt: skip
    assert result.exit_code in (0, 1), result.stderr
    return dict(json.loads(result.stdout))


def rows(data: dict[str, Any]) -> dict[str, int]:
    """Student -> points."""
    return {
        s["student"]: sum(a["points"] for f in s["files"] for a in f["answers"]) for s in data["students"]
    }


EXPORTS = {
    "ours": "student,name,e-mail,group\nada,Ada Lovelace,ada@x.org,\nben,Ben Ode,ben@x.org,\n",
    "canvas": "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
    '"Lovelace, Ada",17,u1,ada,A\n"Ode, Ben",18,u2,ben,A\n"Student, Test",19,,x,A\n',
    "moodle": "First name;Last name;Username;Email address;Group\n"
    "Ada;Lovelace;ada;ada@x.org;\nBen;Ode;ben;b@x.org;",
    "classroom": "identifier,github_username,name\n1,ada,Ada Lovelace\n2,ben,Ben Ode\n",
    "gradescope": "Name\tSID\tEmail\nAda Lovelace\tada\tada@x.org\nBen Ode\tben\tben@x.org\n",
}


@pytest.mark.parametrize("export", EXPORTS)
def test_columns_are_found(tmp_path: Path, export: str) -> None:
    """Of every platform's export the folder's name, the full name and the address are known."""
    path = tmp_path / "roster.csv"
    path.write_text(EXPORTS[export], "utf-8-sig")
    roster = read_roster(str(path))
    assert [one.name for one in roster.people] == ["ada", "ben"]
    assert roster.place("LOVELACE, ada") == roster.place("Ada  Lovelace") == roster.place("ADA") == 0


@pytest.mark.parametrize("folder", ["ADA", "Ada Lovelace", "ada@x.org", "lovelaceada"])
def test_a_folder_by_any_name(backtrace: Run, tmp_path: Path, folder: str) -> None:
    """Whatever column names a folder, the row is the person's; absentees have rows; strangers are told."""
    data = graded(backtrace, tmp_path, EXPORTS["ours"], people={folder: None, "zoe": None})
    assert rows(data) == {"ada": 9, "ben": 0, "zoe": 9}
    assert [stray["path"] for stray in data["strays"]] == ["zoe"]
    assert data["students"][0]["ids"]["email"] == "ada@x.org"


def test_one_person_in_two_spellings(backtrace: Run, tmp_path: Path) -> None:
    """José's files in two folders, in two forms of Unicode and other capitals, are one person's."""
    chain, fork = {CHAIN_FILE: filled(CHAIN_FILE)}, {FORK_FILE: filled(FORK_FILE)}
    people = {"Jos\u00e9": chain, "jose\u0301": fork}
    data = graded(backtrace, tmp_path, "login,name\njos\u00e9,Jos\u00e9 Diaz\n", people=people)
    assert rows(data) == {"jos\u00e9": 9}


def test_a_group_shares_one_submission(backtrace: Run, tmp_path: Path) -> None:
    """The group's folder counts for all of it, else the first member's; another's is told of, not read."""
    roster = "login,group\nada,red\nben,red\ncleo,blue\ndan,blue\n"
    less = {CHAIN_FILE: filled(CHAIN_FILE, a="1")}
    data = graded(backtrace, tmp_path, roster, people={"Red": None, "ben": less, "dan": None, "cleo": less})
    found = rows(data)
    assert found["ada"] == found["ben"] == 9
    assert found["cleo"] == found["dan"] < 9
    assert {stray["path"] for stray in data["strays"]} == {"ben", "dan"}


def test_shards_of_a_roster(backtrace: Run, tmp_path: Path) -> None:
    """The parts of a class by its roster make the whole."""
    parts: dict[str, int] = {}
    for number in (1, 2):
        data = graded(backtrace, tmp_path, EXPORTS["ours"], "--shard", f"{number}/2", people={"Ben": None})
        parts |= rows(data)
    assert parts == {"ada": 0, "ben": 9}


def test_numbers_are_drawn_by_the_roster(backtrace: Run, tmp_path: Path) -> None:
    """Another spelling of a folder draws the same numbers: by what the roster calls its person."""
    fork = 'formula = "f = x^2*y"\nat = { x = 2, y = 3 }\n[variants]\nx = "2..40"\n[gradient]\nx = ""\n'
    course = course_of(tmp_path, {"fork.toml": fork})
    (tmp_path / "class.csv").write_text("login\nada\n", "utf-8")
    words = ["--like", str(course), "--students", str(tmp_path / "class.csv"), "-o", str(tmp_path / "class")]
    assert backtrace("new", *words).exit_code == 0
    (tmp_path / "class" / "ada").rename(tmp_path / "class" / "ADA")
    result = backtrace("grade", str(tmp_path / "class"), "--course", str(course), "--jobs", "1", "--json",
                       "--students", str(tmp_path / "class.csv"))  # fmt: skip
    assert json.loads(result.stdout)["students"][0]["files"][0]["notes"] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login\n", "no students"),
        ("login\nada\nADA\n", "line 3: ADA stands in line 2"),
        ("a,b\n1,2\n", "column"),
    ],
)
def test_rosters_that_cannot_be_used(backtrace: Run, tmp_path: Path, text: str, expected: str) -> None:
    """What is wrong with a roster is told with its line."""
    course, submissions = course_of(tmp_path), class_of(tmp_path, {"ada": None})
    (tmp_path / "r.csv").write_text(text, "utf-8")
    result = backtrace(
        "grade", str(submissions), "--course", str(course), "--students", str(tmp_path / "r.csv")
    )
    assert result.exit_code == 2
    assert expected in result.stderr


@given(st.text(max_size=20))
def test_folding_is_settled(text: str) -> None:
    """A name folded twice is the name folded once, so nobody is two people by one more step."""
    assert folded(folded(text)) == folded(text)
