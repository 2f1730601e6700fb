"""Downloads of Canvas, Moodle and Gradescope through ``backtrace grade``, and the marks back to them."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from backtrace_cli.grading.classroom.downloads import staging
from backtrace_cli.grading.classroom.downloads.places import Entry
from backtrace_cli.grading.classroom.downloads.sorting import sorted_out, system_of
from backtrace_cli.grading.classroom.downloads.systems import CANVAS, GRADESCOPE, MOODLE
from tests.grading import readers
from tests.grading.classes import course_of, filled

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"
CHAIN, FORK, LOST = filled(CHAIN_FILE), filled(FORK_FILE), filled(FORK_FILE, x='"2*x"')


def archive(files: dict[str, str | bytes], path: Path | None = None) -> bytes:
    """A .zip of ``files``, also written to ``path``."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as found:
        for name, text in files.items():
            found.writestr(name, text)
    if path is not None:
        path.write_bytes(data.getvalue())
    return data.getvalue()


def laid_out(files: dict[str, str | bytes], folder: Path) -> Path:
    """``files`` below ``folder``."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


CANVAS_FILES: dict[str, str | bytes] = {
    "lovelaceada_11_901_chain.toml": filled(CHAIN_FILE, x='"1"'), "lovelaceada_11_950_chain-1.toml": CHAIN,
    "lovelaceada_11_902_fork.toml": FORK, "müllerjörg_LATE_12_910_chain.toml": CHAIN,
    "müllerjörg_LATE_12_911_fork.toml": LOST, "müllerjörg_LATE_12_912_answers.ipynb": "{}",
    "smithjo_13_text.html": "<p>", "notes.txt": "",
    "smithjo_14_920_homework.zip": archive({CHAIN_FILE: CHAIN, f"h/{FORK_FILE}": FORK, "more.zip": ""}),
    "LATE_anon_x7Q2b_930_chain.toml": CHAIN,
}  # fmt: skip
MOODLE_FILES: dict[str, str | bytes] = {
    f"Ada Lovelace_501_assignsubmission_file_/{CHAIN_FILE}": CHAIN,
    f"Ada Lovelace_501_assignsubmission_file_/{FORK_FILE}": FORK.encode("utf-16"),
    "Jo Smith_502_assignsubmission_file/fork.toml": LOST,
    "Jo Smith_502_assignsubmission_onlinetext/onlinetext.html": "hello",
    "Jo Smith_503_assignsubmission_file_/chain.toml": CHAIN.replace('x = "2*x + 4"', 'x = "2*x'),
}
METADATA = """submission_71:
  :submitters:
  - :name: Ada Lovelace
    :sid: '100'
    :email: Ada@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-01-01 00:00:00.0 Z
submission_172:
  :submitters:
  - :name: "Ben \\u00d6"
    :sid: '101'
    :email: ben@example.org
  - {":name": Ada Lovelace, ":sid": '100', ":email": ada@example.org}
submission_73:
  :submitters:
  - :name: Cy
    :sid:
    :email: cy@example.org
"""
GRADESCOPE_FILES: dict[str, str | bytes] = {
    "submission_metadata.yml": METADATA, "submission_71/chain.toml": filled(CHAIN_FILE, x='"1"'),
    f"submission_172/{CHAIN_FILE}": CHAIN, f"submission_172/{FORK_FILE}": FORK,
    "submission_73/fork.toml": LOST, "submission_99/x.toml": "",
}  # fmt: skip
DOWNLOADS = {"canvas": CANVAS_FILES, "moodle": MOODLE_FILES, "gradescope": GRADESCOPE_FILES}


def graded(backtrace: Run, root: Path, course: Path, *words: str) -> dict[str, Any]:
    """The JSON report."""
    result = backtrace("grade", str(root), "--course", str(course), "--jobs", "1", "--json", *words)
    assert result.exit_code in (0, 1), result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def points(data: dict[str, Any]) -> dict[str, int]:
    """student -> points."""
    return {
        one["student"]: sum(answer["points"] for file in one["files"] for answer in file["answers"])
        for one in data["students"]
    }


def said(data: dict[str, Any], student: str = "") -> dict[str, str]:
    """path -> why it is told, of a student or of the whole."""
    one = next(row for row in data["students"] if row["student"] == student) if student else data
    return {stray["path"]: stray["why"] for stray in one["strays"]}


def test_canvas(backtrace: Run, tmp_path: Path) -> None:
    """Flat names: the last attempt counts, a zip is opened, people of one name are two, all is listed."""
    data = graded(backtrace, laid_out(CANVAS_FILES, tmp_path / "down"), course_of(tmp_path))
    assert points(data) == {
        "anon_x7Q2b": 3,
        "lovelaceada": 9,
        "müllerjörg": 7,
        "smithjo 13": 0,
        "smithjo 14": 9,
    }
    assert said(data) == {"notes.txt": "not named as Canvas names a submission"}
    assert said(data, "lovelaceada") == {
        "chain.toml": "an earlier attempt; the last one, chain-1.toml, counts"
    }
    assert said(data, "müllerjörg")["answers.ipynb"] == "a notebook, which is not read"
    assert "late" in said(data, "müllerjörg")["chain.toml and 2 more"]
    assert said(data, "smithjo 13") == {"smithjo_13_text.html": "typed into Canvas, which is not read"}
    assert said(data, "smithjo 14") == {"homework.zip/more.zip": "an archive, which is not opened"}
    assert [one["ids"].get("canvas") for one in data["students"]] == [None, "11", "12", "13", "14"]


def test_moodle(backtrace: Run, tmp_path: Path) -> None:
    """Folders by participant; UTF-16 is read, and a slip costs one answer."""
    data = graded(backtrace, laid_out(MOODLE_FILES, tmp_path / "down"), course_of(tmp_path))
    assert points(data) == {"Ada Lovelace": 9, "Jo Smith 502": 4, "Jo Smith 503": 2}
    assert said(data, "Jo Smith 502") == {"onlinetext.html": "typed into Moodle, which is not read"}
    flat = {name.replace("_file_/", "_file_").replace("_file/", "_file_"): text
            for name, text in MOODLE_FILES.items() if "/2" not in name and "/1" not in name}  # fmt: skip
    found = points(graded(backtrace, laid_out(flat, tmp_path / "flat"), tmp_path / "course"))
    assert found == {"Jo Smith 502": 4, "Jo Smith 503": 2}


def test_gradescope(backtrace: Run, tmp_path: Path) -> None:
    """A row for each of a group, the last submission, capitals in an address make nobody else."""
    data = graded(backtrace, laid_out(GRADESCOPE_FILES, tmp_path / "down"), course_of(tmp_path))
    assert points(data) == {"Ada Lovelace": 9, "Ben Ö": 9, "Cy": 4}
    assert list(said(data)) == ["submission_99/x.toml"]
    assert "submission_172, counts" in said(data, "Ada Lovelace")["submission_71"]
    assert data["students"][1]["ids"] == {"gradescope": "101", "email": "ben@example.org"}
    (tmp_path / "down" / "submission_metadata.yml").write_text("x: [")
    result = backtrace("grade", str(tmp_path / "down"), "--course", str(tmp_path / "course"))
    assert result.exit_code == 2
    assert "can't be read" in result.stderr


def listing(root: Path, part: tuple[int, int] = (1, 1)) -> list[tuple[Any, ...]]:
    """Everybody with their files, as they are laid out for the grader."""
    found = []
    with staging.opened(str(root), [CHAIN_FILE, FORK_FILE], part=part) as people:
        for one in people.folders:
            files = {
                str(path.relative_to(one.path)): path.read_bytes()
                for path in Path(one.path).rglob("*") if path.is_file()
            }  # fmt: skip
            found.append((one.student, one.name, one.known_as, one.ids, one.strays, files))
    assert not os.path.exists(people.folders[0].path)
    return found


@pytest.mark.parametrize("system", DOWNLOADS)
def test_an_archive_is_the_same(tmp_path: Path, system: str) -> None:
    """The .zip as it was downloaded, the same within a folder, and what it unpacks to, in shards or not."""
    files = DOWNLOADS[system]
    archive(files, tmp_path / "b.zip")
    wanted = listing(tmp_path / "b.zip")
    archive({f"wrapped/{name}": text for name, text in files.items()}, tmp_path / "c.zip")
    assert listing(tmp_path / "c.zip") == wanted
    assert listing(laid_out(files, tmp_path / "a" / "wrapped").parent) == wanted
    parts = [listing(tmp_path / "b.zip", (number, 2)) for number in (1, 2)]
    assert (parts[0], parts[1]) == (wanted[::2], wanted[1::2])


def test_an_archive_of_folders(backtrace: Run, tmp_path: Path) -> None:
    """A folder of folders as a .zip, with what macOS adds; and one student's, with --student."""
    course = course_of(tmp_path)
    files: dict[str, str | bytes] = {
        f"class/{who}/{file}": text
        for who in ("ada", "bén") for file, text in ((CHAIN_FILE, CHAIN), (FORK_FILE, FORK))
    }  # fmt: skip
    archive({**files, "__MACOSX/class/._ada": "", "class/.DS_Store": ""}, tmp_path / "class.zip")
    assert points(graded(backtrace, tmp_path / "class.zip", course)) == {"ada": 9, "bén": 9}
    archive({CHAIN_FILE: CHAIN}, tmp_path / "mine.zip")
    assert points(graded(backtrace, tmp_path / "mine.zip", course, "--student", "ada")) == {"ada": 3}
    (tmp_path / "no.zip").write_text("no archive")
    result = backtrace("grade", str(tmp_path / "no.zip"), "--course", str(course))
    assert result.exit_code == 2
    assert "no .zip that can be read" in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_nothing_leads_out(backtrace: Run, tmp_path: Path) -> None:
    """Names that climb, absolute ones, links and locked files are told, and nothing is written elsewhere."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as found:
        for name in ("../up.toml", "/tmp/root.toml", "C:\\x.toml", "a/../../up.toml", "..\\up.toml"):
            found.writestr(name, CHAIN)
        link = zipfile.ZipInfo("chain.toml")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        found.writestr(link, "/etc/passwd")
        found.writestr("fork.toml", FORK)
    outside = laid_out({"secret.toml": CHAIN}, tmp_path / "outside")
    root = laid_out({"ada_1_2_hw.zip": data.getvalue(), "ben_3_4_fork.toml": FORK}, tmp_path / "in" / "down")
    os.symlink(outside / "secret.toml", root / "cy_5_6_chain.toml")
    before = set(tmp_path.rglob("*"))
    result = graded(backtrace, root, course_of(tmp_path))
    assert points(result) == {"ada": 6, "ben": 6, "cy": 0}
    why = said(result, "ada")
    assert sum("leads out" in text for text in why.values()) == 4  # two names are one
    assert why["hw.zip/chain.toml"] == "a link, which is not followed"
    assert said(result, "cy") == {"chain.toml": "a link, which is not followed"}
    assert set(tmp_path.rglob("*")) - before <= {
        tmp_path / "course",
        *(tmp_path / "course").rglob("*"),
    }
    assert not Path("/tmp/root.toml").exists()


def test_bombs(backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that unpacks to more than an exercise holds, no more than that is read; nor of many."""
    monkeypatch.setattr(staging, "_MOST_UNPACKED", 3_000_000)
    monkeypatch.setattr(staging, "_MOST_FILES", 50)
    zeros = b" " * 50_000_000
    files: dict[str, str | bytes] = {
        "ada_1_2_hw.zip": archive({"1_chain/chain.toml": zeros, "fork.toml": FORK}),
        "ben_3_4_hw.zip": archive({f"{n}/chain.toml": zeros[:2_000_000] for n in range(9)}),
        "cy_5_6_hw.zip": archive({f"{n}.toml": "" for n in range(51)}),
        "di_7_8_hw.zip": archive({"fork.toml": FORK})[:-30], "ed_9_10_fork.toml": FORK,
    }  # fmt: skip
    data = graded(backtrace, laid_out(files, tmp_path / "down"), course_of(tmp_path))
    assert points(data) == {"ada": 6, "ben": 0, "cy": 0, "di": 0, "ed": 6}
    assert data["students"][0]["files"][0]["reason"].endswith("larger than 1,000 kB, which no exercise is")
    assert "left alone, as more than 3 MB lie there" in said(data, "ben").values()
    assert "more than 50 files" in said(data, "cy")["hw.zip"]
    assert "no .zip that can be read" in said(data, "di")["hw.zip"]


def test_marks_back(backtrace: Run, tmp_path: Path) -> None:
    """Canvas's gradebook and Moodle's worksheet, as their importers read them."""
    course = course_of(tmp_path)
    for name, files in DOWNLOADS.items():
        laid_out(files, tmp_path / name)

    def report(system: str, *words: str) -> str:
        result = backtrace(
            "grade", str(tmp_path / system), "--course", str(course), "--report", system, *words
        )
        assert result.exit_code == 1, result.stderr
        return result.stdout

    whole = readers.canvas(report("canvas", "--assignment", "Week 1 (4711)"))
    assert whole["11", "", "lovelaceada"] == {"Week 1 (4711)": (9, 9)}
    each = readers.canvas(report("canvas"))
    assert each["12", "", "müllerjörg"] == {"1_chain/chain": (3, 3), "2_forks/fork": (4, 6)}
    assert each["", "anon_x7Q2b", "anon_x7Q2b"]["1_chain/chain"] == (3, 3)
    found = readers.moodle(report("moodle"))
    assert {number: (grade, most) for number, (grade, most, _) in found.items()} == {
        "501": (9, 9), "502": (4, 9), "503": (2, 9),
    }  # fmt: skip
    assert "lost the one through b" in found["502"][2]


@pytest.mark.parametrize(
    ("names", "system"),
    [
        (["ada_1_2_x.toml"], CANVAS), (["ada_LATE_1_2_x.toml", "b_3_4_y.toml"], CANVAS),
        (["5_12_34_7_x.toml"], CANVAS), (["anon_a1B2c_3_x.toml"], CANVAS),
        (["a.toml", "b.toml", "c_1_2_x.toml"], None),
        (["A B_1_assignsubmission_file_/x"], MOODLE), (["Default group_assignsubmission_file_/x"], MOODLE),
        (["A_1_assignsubmission_file_x.toml"], MOODLE), (["ada/x.toml", "ben/x.toml"], None),
        (["submission_metadata.yml", "submission_1/x"], GRADESCOPE), (["ada_1_2_x/y.toml"], None), ([], None),
    ],
)  # fmt: skip
def test_whose_download(names: list[str], system: object) -> None:
    """By most names; a folder that is called like a file of Canvas's is none."""
    assert system_of([Entry(tuple(name.split("/")), name) for name in names]) is system


@given(st.lists(st.text("a_1 L/ATE.tomlß\\", min_size=1, max_size=30), max_size=6))
def test_any_names(names: list[str]) -> None:
    """Whatever files are called, every one of them is somebody's, or listed."""
    entries = [Entry(tuple(filter(None, name.split("/"))) or ("x",), name) for name in names]
    for system in (CANVAS, MOODLE):
        found = sorted_out(system, entries, ["1/a.toml"], lambda entry: b"")
        told = len(found.strays) + sum(len(one.files) for one in found.people)
        assert told <= len(entries) <= told + sum(len(one.strays) for one in found.people)


def test_a_namesake_is_somebody_else(backtrace: Run, tmp_path: Path) -> None:
    """On a roster a number goes before a name: of two people called the same, each has their own."""
    course = course_of(tmp_path)
    (tmp_path / "list.csv").write_text('Student,ID,SIS Login ID\n"Smith, Jo",14,jo14\n"Ada, B",11,b\n')
    files: dict[str, str | bytes] = {
        "smithjo_13_1_fork.toml": LOST,
        "smithjo_14_2_fork.toml": FORK,
        "adab_7_3_x.toml": "",
    }
    words = ("--students", str(tmp_path / "list.csv"))
    data = graded(backtrace, laid_out(files, tmp_path / "down"), course, *words)
    assert points(data) == {"jo14": 6, "b": 0, "smithjo 13": 4}
