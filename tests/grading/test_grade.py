"""``backtrace grade`` through the front door: statements, files, points, shards, exit codes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.grading.classes import CHAIN, FORK, class_of, course_of, filled

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"
FORMATS = ("json", "csv", "junit", "tap", "markdown", "github")


def graded(backtrace: Run, submissions: Path, course: Path, *words: str) -> dict[str, Any]:
    """The JSON report, student -> what it says of them."""
    result = backtrace("grade", str(submissions), "--course", str(course), "--jobs", "1", "--json", *words)
    assert result.exit_code in (0, 1), result.stderr
    found = json.loads(result.stdout)
    return {student["student"]: student for student in found["students"]} | {"": found}


def verdicts(student: dict[str, Any]) -> dict[str, str]:
    """``chain a`` -> verdict."""
    return {
        f"{file['exercise'].partition('/')[2].removesuffix('.toml')} {answer['key']}": answer["verdict"]
        for file in student["files"]
        for answer in file["answers"]
    }


def points(student: dict[str, Any]) -> int:
    """All points of a student."""
    return sum(answer["points"] for file in student["files"] for answer in file["answers"])


def strays(student: dict[str, Any]) -> dict[str, str]:
    """What lay in a student's folder besides."""
    return {stray["path"]: stray["why"] for stray in student["strays"]}


# -- what counts --------------------------------------------------------------------


def test_a_class(backtrace: Run, tmp_path: Path) -> None:
    """Right answers earn their points, wrong ones none, and the sum is the last line."""
    course = course_of(tmp_path)
    wrong = {CHAIN_FILE: filled(CHAIN_FILE), FORK_FILE: filled(FORK_FILE, x='"2*x"')}
    submissions = class_of(tmp_path, {"ada": None, "ben": wrong})
    result = backtrace("grade", str(submissions), "--course", str(course))
    assert result.exit_code == 1
    page = result.stdout
    assert "ada      9 of 9      6" in page
    assert "ben      7 of 9      5      1" in page
    assert "lost path, 1 time" in page
    assert page.splitlines()[-1] == " 16 of 18 points, 11 right, 1 wrong"
    assert backtrace("grade", str(submissions / "ada"), "--course", str(course)).exit_code == 0


CHANGES = {
    "formula": ('formula = "a = x^2; b = x*y; f = a + b*y"', 'formula = "a = x; b = x; f = a + b"'),
    "at": ("at = { x = 2, y = 3 }", "at = { x = 0, y = 0 }"),
    "points": ("points = 2", "points = 1000"),
    "digits": ("points = 2", "points = 2\ndigits = 1"),
    "kink": ("points = 2", 'points = 2\nkink = "interval"'),
    "answers": ("points = 2", 'points = 2\nanswers = "numbers"'),
    "title": ('title = "Fork"', 'title = "All right"'),
}


@pytest.mark.parametrize("field", CHANGES)
def test_statements_come_from_the_course(backtrace: Run, tmp_path: Path, field: str) -> None:
    """A student who edits the formula, the point or the points gains nothing, and is told."""
    course = course_of(tmp_path)
    text = filled(FORK_FILE, **{'"a->x"': "1", '"b->x"': "1", "x": "7"}).replace(*CHANGES[field])
    assert text != filled(FORK_FILE)
    found = graded(backtrace, class_of(tmp_path, {"ada": {FORK_FILE: text}}), course)["ada"]
    file = found["files"][1]
    assert points(found) == 0
    assert file["title"] == "Fork"
    assert {answer["of"] for answer in file["answers"]} == {2}
    assert any(field in note for note in file["notes"])


def test_right_answers_to_the_course_count_whatever_else_was_edited(backtrace: Run, tmp_path: Path) -> None:
    """Answers to the course's own question count in a file with another formula."""
    text = filled(FORK_FILE).replace(*CHANGES["formula"])
    found = graded(backtrace, class_of(tmp_path, {"ada": {FORK_FILE: text}}), course_of(tmp_path))["ada"]
    assert points(found) == 6


def test_answers_alone_are_enough(backtrace: Run, tmp_path: Path) -> None:
    """A file without the statement is graded; keys are read as people write them."""
    text = '[messages]\n"a → x" = "2x"\n" b->x" = 9\n[gradient]\nx = "2x+y^2"\n'
    found = graded(backtrace, class_of(tmp_path, {"ada": {FORK_FILE: text}}), course_of(tmp_path))["ada"]
    assert points(found) == 6
    assert found["files"][1]["notes"] == []


def test_questions_of_a_student_s_own(backtrace: Run, tmp_path: Path) -> None:
    """What the course doesn't ask earns nothing and is told; a question that was taken out is missing."""
    text = '[gradient]\nx = "2x+y^2"\ny = "2*b"\na = 1\n[values]\nb = 6\n[gradients]\nx = 3\n'
    found = graded(backtrace, class_of(tmp_path, {"ada": {FORK_FILE: text}}), course_of(tmp_path))["ada"]
    assert points(found) == 2
    assert verdicts(found)["fork a->x"] == "missing"
    notes = " ".join(found["files"][1]["notes"])
    for words in ("y in [gradient] is not asked for", "b in [values]", "gradients is not in the course"):
        assert words in notes


def test_one_question_answered_twice(backtrace: Run, tmp_path: Path) -> None:
    """Two answers to one question are none."""
    text = '[messages]\n"a->x" = "2x"\n"a -> x" = 1\n[gradient]\nx = 13\n'
    found = graded(backtrace, class_of(tmp_path, {"ada": {FORK_FILE: text}}), course_of(tmp_path))["ada"]
    assert verdicts(found)["fork a->x"] == "unreadable"
    assert points(found) == 2


def test_undecided_is_not_right(backtrace: Run, tmp_path: Path) -> None:
    """What nobody can tell is left to a person: no points, and no green light."""
    course = course_of(tmp_path, {"k.toml": 'formula = "f = (-6)^x"\nat = {x = 2}\n[gradient]\nx = ""\n'})
    submissions = class_of(tmp_path, {"ada": {"k.toml": "[gradient]\nx = 5\n"}})
    found = graded(backtrace, submissions, course)["ada"]
    assert verdicts(found) == {"": "undecided"} or list(verdicts(found).values()) == ["undecided"]
    assert points(found) == 0
    assert backtrace("grade", str(submissions), "--course", str(course)).exit_code == 1
    tap = backtrace("grade", str(submissions), "--course", str(course), "--report", "tap").stdout
    assert "not ok" in tap
    assert "SKIP" not in tap


def test_find_the_mistake(backtrace: Run, tmp_path: Path) -> None:
    """The worked lines are the course's; a student's own don't count."""
    lines = '[[lines]]\ntable = "gradient"\nkey = "x"\nclaim = "2*x"\n'
    lines += '[[lines]]\ntable = "values"\nkey = "f"\nclaim = 5\n'
    text = 'formula = "f = x^2"\nat = {x = 3}\nwrong = ""\nmended = ""\n' + lines
    course = course_of(tmp_path, {"lines.toml": text})
    good = text.replace('wrong = ""', "wrong = 2").replace('mended = ""', "mended = 9")
    cheat = (
        good.replace("claim = 5", "claim = 9")
        .replace('claim = "2*x"', "claim = 5")
        .replace("wrong = 2", "wrong = 1")
    )
    found = graded(backtrace, class_of(tmp_path, {"ada": {"lines.toml": good}, "ben": {"lines.toml": cheat},
                                                  "cy": {"lines.toml": "wrong = true"}}), course)  # fmt: skip
    assert points(found["ada"]) == 2
    assert points(found["ben"]) == 1  # what should stand there is still right
    assert any("lines changed" in note for note in found["ben"]["files"][0]["notes"])
    assert set(verdicts(found["cy"]).values()) == {"unreadable", "missing"}


def test_no_report_tells_an_answer(backtrace: Run, tmp_path: Path) -> None:
    """The right number and the right formula stand in no report."""
    course = course_of(tmp_path)
    wrong = {CHAIN_FILE: filled(CHAIN_FILE, a="1.5", **{'"f->a"': "3", "x": "3"})}
    submissions = class_of(tmp_path, {"ada": wrong})
    for form in (*FORMATS, "gradescope"):
        shown = backtrace("grade", str(submissions), "--course", str(course), "--report", form).stdout
        assert "5.25" not in shown
        assert "10.5" not in shown
        assert "2*a" not in shown.replace("·", "*")


# -- files ----------------------------------------------------------------------------


def test_missing_extra_duplicate_and_unreadable_are_told_apart(backtrace: Run, tmp_path: Path) -> None:
    """Each has a word of its own."""
    good, other = filled(CHAIN_FILE), filled(CHAIN_FILE, a="1")
    submissions = class_of(tmp_path, {
        "missing": {CHAIN_FILE: filled(CHAIN_FILE)},
        "extra": {CHAIN_FILE: good, FORK_FILE: filled(FORK_FILE), "more.toml": "", "notes.txt": ""},
        "duplicate": {"a/chain.toml": good, "b/chain.toml": other, FORK_FILE: filled(FORK_FILE)},
        "same": {"a/chain.toml": other, "b/chain.toml": other},
        "second": {CHAIN_FILE: filled(CHAIN_FILE), "old/chain.toml": other},
        "unreadable": {CHAIN_FILE: 'title = "t"\nx = unquoted\n', FORK_FILE: filled(FORK_FILE)},
        "named": {"1_chain/chain (1).toml": other, "fork.toml.txt": other},
    })  # fmt: skip
    found = graded(backtrace, submissions, course_of(tmp_path))
    status = {name: [file["status"] for file in one["files"]] for name, one in found.items() if name}
    assert status == {
        "missing": ["graded", "missing"], "extra": ["graded", "graded"], "duplicate": ["duplicate", "graded"],
        "same": ["graded", "missing"], "second": ["graded", "missing"],
        "unreadable": ["unreadable", "graded"], "named": ["missing", "missing"],
    }  # fmt: skip
    assert {name: points(one) for name, one in found.items() if name} == {
        "missing": 3, "extra": 9, "duplicate": 6, "same": 2, "second": 3, "unreadable": 6, "named": 0,
    }  # fmt: skip
    assert strays(found["extra"]) == {"more.toml": "no exercise is called this"}
    assert strays(found["second"]) == {
        "old/chain.toml": f"a second file for {CHAIN_FILE}; {CHAIN_FILE} counts"
    }
    assert set(strays(found["named"]).values()) == {
        "to be graded it has to be called chain.toml", "to be graded it has to be called fork.toml"
    }  # fmt: skip
    assert set(verdicts(found["duplicate"]).values()) == {"ungraded", "right"}
    assert "line 2" in found["unreadable"]["files"][0]["reason"]


@pytest.mark.parametrize("place", ["{}", "homework/{}", "a/b/c/{}", "LOOSE", "UPPER"])
def test_where_a_file_may_lie(backtrace: Run, tmp_path: Path, place: str) -> None:
    """In the exercise's own place, deeper, loose, or in capitals."""
    files = {}
    for name in (CHAIN_FILE, FORK_FILE):
        where = {"LOOSE": name.partition("/")[2], "UPPER": name.upper()}.get(place, place.format(name))
        files[where] = filled(name)
    found = graded(backtrace, class_of(tmp_path, {"ada": files}), course_of(tmp_path))["ada"]
    assert points(found) == 9


def test_one_student(backtrace: Run, tmp_path: Path) -> None:
    """A student's own folder is known by what lies in it, or by --student."""
    course = course_of(tmp_path)
    submissions = class_of(tmp_path, {"ada": None})
    assert list(graded(backtrace, submissions / "ada", course)) == ["ada", ""]
    loose = class_of(tmp_path / "l", {"ben": {"chain.toml": filled(CHAIN_FILE)}}) / "ben"
    assert points(graded(backtrace, loose, course)["ben"]) == 3
    deep = class_of(tmp_path / "d", {"cy": {f"hw/{CHAIN_FILE}": filled(CHAIN_FILE)}}) / "cy"
    assert points(graded(backtrace, deep, course, "--student", "cy")["cy"]) == 3
    page = backtrace("grade", str(deep), "--course", str(course), "--student", "c y").stdout
    assert "c y            points" in page


def test_only_some_exercises(backtrace: Run, tmp_path: Path) -> None:
    """By name, by chapter, by pattern."""
    course, submissions = course_of(tmp_path), class_of(tmp_path, {"ada": None})
    for pattern in (CHAIN_FILE, "1_chain", "1_chain/", "*chain*"):
        found = graded(backtrace, submissions, course, "--only", pattern)[""]
        assert [one["exercise"] for one in found["course"]["exercises"]] == [CHAIN_FILE]
    assert backtrace("grade", str(submissions), "--course", str(course), "--only", "no").exit_code == 2


def test_variants(backtrace: Run, tmp_path: Path) -> None:
    """Each student is asked their own numbers, drawn by name and key."""
    text = 'formula = "f = x^2*y"\nat = {x=3, y=4}\n[variants]\nx = "2..9"\n[gradient]\nx = ""\n'
    course = course_of(tmp_path, {"sq.toml": text})
    key = tmp_path / "key"
    key.write_text("secret")
    from backtrace_cli.grading.authoring.variants import drawn, handed_out
    from backtrace_cli.grading.exercise.exercise import read_exercise
    from backtrace_cli.grading.exercise.source import Source

    students = {}
    source = Source("sq.toml", text)
    for name in ("ann", "ben", "cy", "dot"):
        x = read_exercise(drawn(source, name, b"secret")).statement.at["x"]
        handed = handed_out(source, name, b"secret")
        students[name] = {"sq.toml": handed.replace('x = ""', f"x = {8 * x}")}
    assert len({files["sq.toml"] for files in students.values()}) > 1
    found = graded(backtrace, class_of(tmp_path, students), course, "--key-file", str(key))
    assert [points(found[name]) for name in students] == [1, 1, 1, 1]
    assert all(not found[name]["files"][0]["notes"] for name in students)
    (tmp_path / "other").write_text("another")
    other = backtrace(
        "grade", str(tmp_path / "class"), "--course", str(course), "--key-file", str(tmp_path / "other")
    )
    assert other.exit_code == 2
    assert "so nothing is graded" in other.stderr
    alone = backtrace("grade", str(tmp_path / "class" / "ann"), "--course", str(course))
    assert alone.exit_code == 2
    assert "--student" in alone.stderr


def test_variants_without_their_key_are_not_graded(backtrace: Run, tmp_path: Path) -> None:
    """Honest students would look like cheats; with another key, too. Of one student alone it is a warning."""
    text = 'formula = "f = x^2*y"\nat = {x=3, y=4}\n[variants]\nx = "2..9"\n[gradient]\nx = ""\n'
    course = course_of(tmp_path, {"sq.toml": text})
    from backtrace_cli.grading.authoring.variants import handed_out
    from backtrace_cli.grading.exercise.source import Source

    students = {
        n: {"sq.toml": handed_out(Source("sq.toml", text), n, b"secret")} for n in ("ann", "ben", "cy")
    }
    words = ("grade", str(class_of(tmp_path, students)), "--course", str(course))
    found = backtrace(*words, "--json")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "BACKTRACE_KEY" in found.stderr
    assert "files with variants" in found.stderr
    (tmp_path / "other").write_text("another")
    found = backtrace(*words, "--key-file", str(tmp_path / "other"))
    assert (found.exit_code, found.stdout) == (2, "")
    assert "by this key" in found.stderr
    one = ("grade", str(tmp_path / "class" / "ann"), "--student", "ann", *words[2:])
    found = backtrace(*one, "--key-file", str(tmp_path / "other"))
    assert found.exit_code == 1
    assert "warning: 1 of 1" in found.stderr
    (tmp_path / "key").write_text("secret")
    found = backtrace(*words, "--key-file", str(tmp_path / "key"))
    assert (found.exit_code, found.stderr) == (1, "")


def test_a_report_replaces_no_exercise(backtrace: Run, tmp_path: Path) -> None:
    """Neither the course's nor a student's; two reports need two files; no folder is made up."""
    course, submissions = course_of(tmp_path), class_of(tmp_path, {"ada": None})
    words = ("grade", str(submissions), "--course", str(course))
    own, theirs = course / CHAIN_FILE, submissions / "ada" / CHAIN_FILE
    (tmp_path / "link.json").symlink_to(own)
    for path in (own, theirs, tmp_path / "link.json", tmp_path / "none" / "q.json"):
        before = {file: file.read_text() for file in (own, theirs)}
        found = backtrace(*words, "--report", f"json={path}")
        assert found.exit_code == 2, path
        assert {file: file.read_text() for file in (own, theirs)} == before
    assert not (tmp_path / "none").exists()
    both = [f"--report=json={tmp_path / 'q'}", f"--report=csv={tmp_path / 'course' / '..' / 'q'}"]
    found = backtrace(*words, *both)
    assert found.exit_code == 2
    assert "can't both go to q" in found.stderr


def test_names_forge_no_rows(backtrace: Run, tmp_path: Path) -> None:
    """A newline in the name of a file or a folder is shown."""
    course = course_of(tmp_path)
    root = class_of(tmp_path, {"ada\n  zoe      9 of 9": None, "ben": {"x\n  bob  9 of 9.toml": "x = 1"}})
    for words in ((), ("--plain",), ("--report", "markdown"), ("--report", "csv")):
        found = backtrace("grade", str(root), "--course", str(course), *words)
        assert not [line for line in found.stdout.split("\n") if line.strip().startswith(("bob", "zoe"))], (
            words
        )
        assert "<U+000A>" in found.stdout


def test_a_key_is_short_and_a_student_has_a_name(backtrace: Run, tmp_path: Path) -> None:
    """/dev/zero is no key, and a variable that isn't set no student."""
    (tmp_path / "sq.toml").write_text(CHAIN + '\n[variants]\nx = "2..9"\n')
    for words, said in (
        (("--student", "ann", "--key-file", "/dev/zero"), "longer than"),
        (("--student", ""), "empty"),
    ):
        found = backtrace("check", str(tmp_path / "sq.toml"), *words)
        assert found.exit_code == 2
        assert said in found.stderr


# -- the same for the same ------------------------------------------------------------


def crowd(folder: Path) -> Path:
    """A dozen students with all sorts of answers."""
    pool = ["1", '"2*x"', '""', '"x^"', "9", '"2*x + y^2"', '"-x"', '"y"']
    students: dict[str, dict[str, str] | None] = {}
    for number in range(12):
        pick = [pool[(number * 5 + step * 3) % len(pool)] for step in range(6)]
        chain = filled(CHAIN_FILE, **dict(zip(("a", '"f->a"', "x"), pick, strict=False)))
        fork = filled(FORK_FILE, **dict(zip(('"a->x"', '"b->x"', "x"), pick[3:], strict=False)))
        students[f"s{number:02}"] = {CHAIN_FILE: chain, FORK_FILE: fork} if number % 5 else {FORK_FILE: fork}
    return class_of(folder, students)


def test_reports_are_the_same_however_they_are_made(backtrace: Run, tmp_path: Path) -> None:
    """Byte by byte: with one process and three, in one go and merged from shards."""
    course, submissions = str(course_of(tmp_path)), str(crowd(tmp_path))

    def reports(folder: str, *words: str) -> dict[str, bytes]:
        out = tmp_path / folder
        out.mkdir()
        options = [f"--report={form}={out / form}" for form in FORMATS]
        result = backtrace("grade", *words, *options)
        assert result.exit_code == 1, result.stderr
        return {path.name: path.read_bytes() for path in out.iterdir()}

    whole = reports("one", submissions, "--course", course, "--jobs", "1")
    assert set(whole) == set(FORMATS)
    assert reports("three", submissions, "--course", course, "--jobs", "3") == whole
    parts = []
    for number in (2, 3, 1):
        parts.append(str(tmp_path / f"part{number}.json"))
        backtrace(
            "grade",
            submissions,
            "--course",
            course,
            "--shard",
            f"{number}/3",
            "--report",
            f"json={parts[-1]}",
        )
    assert reports("merged", "--merge", *parts) == whole
    assert len(json.loads(Path(parts[0]).read_text())["students"]) == 4


def test_merging_refuses_what_does_not_belong_together(backtrace: Run, tmp_path: Path) -> None:
    """A shard missing or twice, another course, no report, a report with points that nothing shows."""
    course, submissions = str(course_of(tmp_path)), str(class_of(tmp_path, {"ada": None, "ben": None}))

    def part(number: int, *words: str, of: int = 2) -> str:
        path = str(tmp_path / f"p{number}{''.join(words)[-5:]}.json".replace("/", ""))
        backtrace(
            "grade",
            submissions,
            "--course",
            course,
            "--shard",
            f"{number}/{of}",
            "--report",
            f"json={path}",
            *words,
        )
        return path

    one, two, other = part(1), part(2), part(2, "--only", "1_chain")
    assert backtrace("grade", "--merge", one, two).exit_code == 0
    for words, complaint in (
        ([one], "shards 1/2"), ([one, one], "shards 1/2, 1/2"), ([one, other], "another course"),
        ([one, part(3, of=3)], "not a shard of the same run"), ([one, course + "/none"], "no such file"),
        ([one, course + "/" + CHAIN_FILE], "not a JSON report"),
    ):  # fmt: skip
        result = backtrace("grade", "--merge", *words)
        assert (result.exit_code, result.stdout) == (2, ""), words
        assert complaint in result.stderr
    for before, after in ((' "points": 2', ' "points": 999'), ('"verdict": "right"', '"verdict": "wrong"'),
                          ('"student": "ben"', '"student": 3')):  # fmt: skip
        text = Path(two).read_text()
        assert before in text
        Path(two + "x").write_text(text.replace(before, after))
        assert "not a JSON report" in backtrace("grade", "--merge", one, two + "x").stderr
    Path(two + "y").write_text(Path(two).read_text().replace('"student": "ben"', '"student": "ada"'))
    assert "ada comes twice" in backtrace("grade", "--merge", one, two + "y").stderr


def test_more_shards_than_students(backtrace: Run, tmp_path: Path) -> None:
    """An empty part of a class is fine, and merges."""
    course, submissions = str(course_of(tmp_path)), str(class_of(tmp_path, {"ada": None}))
    parts = [str(tmp_path / f"{number}.json") for number in (1, 2)]
    for number, path in enumerate(parts, 1):
        result = backtrace(
            "grade", submissions, "--course", course, "--shard", f"{number}/2", "--report", f"json={path}"
        )
        assert result.exit_code == 0
    assert "9 of 9 points" in backtrace("grade", "--merge", *parts).stdout


# -- where reports go -------------------------------------------------------------------


def test_a_file_for_each_student(backtrace: Run, tmp_path: Path) -> None:
    """{student} in a path makes a file each; without it a report about one student refuses a class."""
    course, submissions = str(course_of(tmp_path)), str(class_of(tmp_path, {"ada": None, "b.en": {}}))
    out = tmp_path / "out"
    reports = (
        f"--report=gradescope={out}/{{student}}/results.json",
        f"--report=markdown={out}/{{student}}.md",
    )
    backtrace("grade", submissions, "--course", course, *reports)
    assert json.loads((out / "ada" / "results.json").read_text())["score"] == 9
    assert json.loads((out / "b.en" / "results.json").read_text())["score"] == 0
    assert "`ada`" in (out / "ada.md").read_text()
    assert "`ada`" not in (out / "b.en.md").read_text()
    result = backtrace("grade", submissions, "--course", course, "--report", f"gradescope={out}/all.json")
    assert result.exit_code == 2
    assert "{student}" in result.stderr


def test_a_student_s_name_leads_nowhere(backtrace: Run, tmp_path: Path) -> None:
    """A name from a merged report can't write outside the folder."""
    course, submissions = str(course_of(tmp_path)), str(class_of(tmp_path, {"ada": None, "ben": None}))
    path = tmp_path / "all.json"
    backtrace("grade", submissions, "--course", course, "--report", f"json={path}")
    path.write_text(path.read_text().replace('"student": "ada"', '"student": "../../ada"'))
    result = backtrace(
        "grade", "--merge", str(path), "--report", f"markdown={tmp_path}/deep/er/{{student}}.md"
    )
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.rglob("*.md")) == ["..%2F..%2Fada.md", "ben.md"]
    assert len(list((tmp_path / "deep" / "er").iterdir())) == 2


def test_a_report_is_whole_or_not_there(
    backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that fails half-way leaves the old one, and no draft."""
    course, submissions = str(course_of(tmp_path)), str(class_of(tmp_path, {"ada": None, "ben": None}))
    out = tmp_path / "out" / "grades.csv"
    out.parent.mkdir()
    words = ("grade", submissions, "--course", course, "--report", f"csv={out}")
    backtrace(*words)
    before = out.read_bytes()
    from backtrace_cli.grading.classroom.reports import csv

    def broken(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(csv, "summary", broken)
    result = backtrace(*words)
    assert result.exit_code == 2
    assert "no space left" in result.stderr
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["grades.csv"]


def test_devices_and_unwritable_places(backtrace: Run, tmp_path: Path) -> None:
    """/dev/null takes a report; a folder, or a place below a file, is an error."""
    course, submissions = str(course_of(tmp_path)), str(class_of(tmp_path, {"ada": None}))
    words = ("grade", submissions, "--course", course, "--report")
    if os.path.exists("/dev/null"):
        assert backtrace(*words, "json=/dev/null").exit_code == 0
        assert os.path.exists("/dev/null")
    for path in (str(tmp_path), f"{course}/{CHAIN_FILE}/x.json", "a\0b"):
        result = backtrace(*words, f"json={path}")
        assert (result.exit_code, "can't be written" in result.stderr) == (2, True), path


# -- what can't be used ----------------------------------------------------------------


BAD: list[tuple[list[str], str]] = [
    (["CLASS"], "--course is missing"),
    (["CLASS", "OTHER", "--course", "COURSE"], "SUBMISSIONS is one folder"),
    (["NOWHERE", "--course", "COURSE"], "does not exist"),
    (["CLASS", "--course", "NOWHERE"], "no folder"),
    (["EMPTY", "--course", "COURSE"], "no submissions"),
    (["CLASS", "--course", "EMPTY"], "no exercises"),
    (["COURSE/1_chain/chain.toml", "--course", "COURSE"], "is a file"),
    (["CLASS", "--course", "COURSE", "--shard", "3/2"], "2/5"),
    (["CLASS", "--course", "COURSE", "--shard", "x"], "2/5"),
    (["CLASS", "--course", "COURSE", "--report", "pdf"], "there are canvas, classroom50"),
    (["CLASS", "--course", "COURSE", "--report", "csv", "--json"], "standard output"),
    (["CLASS", "--course", "COURSE", "--jobs", "0"], "--jobs"),
    (["CLASS", "--course", "COURSE", "--time-limit", "0"], "--time-limit"),
    (["CLASS", "--course", "BROKEN"], "not TOML"),
    (["CLASS", "--course", "COURSE", "--key-file", "NOWHERE"], "can't be read"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "complaint"), BAD, ids=[complaint for _, complaint in BAD])
def test_what_cannot_be_used(backtrace: Run, tmp_path: Path, words: list[str], complaint: str) -> None:
    """Exit code 2, a sentence for the teacher, and nothing on standard output."""
    places = {"COURSE": course_of(tmp_path), "CLASS": class_of(tmp_path, {"ada": None, "ben": None}),
              "EMPTY": tmp_path / "empty", "BROKEN": tmp_path / "broken"}  # fmt: skip
    places["EMPTY"].mkdir()
    places["BROKEN"].mkdir()
    (places["BROKEN"] / "x.toml").write_text("x = [")
    put = []
    for word in words:
        for name, place in places.items():
            word = word.replace(name, str(place))
        put.append(word)
    result = backtrace("grade", *put)
    assert (result.exit_code, result.stdout) == (2, "")
    assert complaint in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("columns", [40, 80])
def test_the_page_is_narrow(backtrace: Run, tmp_path: Path, columns: int) -> None:
    """Nothing is cut and nothing runs over."""
    course, submissions = str(course_of(tmp_path)), str(crowd(tmp_path))
    page = backtrace("grade", submissions, "--course", course, columns=columns).stdout
    assert max(map(len, page.splitlines())) <= columns
    assert all(f"s{number:02}" in page for number in range(12))
    plain = backtrace("grade", submissions, "--course", course, "--plain").stdout
    assert plain.isascii()
    assert plain.splitlines()[-1] == page.splitlines()[-1].strip() or columns == 40


def test_a_single_file_is_a_course(backtrace: Run, tmp_path: Path) -> None:
    """--course may name one exercise."""
    course = course_of(tmp_path, {"chain.toml": CHAIN, "fork.toml": FORK})
    submissions = class_of(tmp_path, {"ada": {"chain.toml": filled(CHAIN_FILE)}})
    assert points(graded(backtrace, submissions, course / "chain.toml")["ada"]) == 3


def test_the_course_that_ships(backtrace: Run, tmp_path: Path) -> None:
    """The starters earn nothing; with the engine's answers, in a file without statements, all is right."""
    from backtrace_cli.grading.authoring.answers import filled as solved
    from backtrace_cli.grading.classroom.course import load_course

    course = Path(__file__).parent.parent.parent / "exercises"
    students: dict[str, dict[str, str] | None] = {"blank": {}, "done": {}}
    for task in load_course(str(course)).tasks:
        formulas = task.exercise.policy.kind == "expressions"
        done = solved(task.source, task.exercise, formulas) or solved(
            task.source, task.exercise, not formulas
        )
        assert done is not None, task.name
        lines = [f"wrong = '{done.wrong}'\nmended = '{done.mended}'"] if done.lines else []
        for table in dict.fromkeys(answer.question.table for answer in done.answers):
            lines.append(f"[{table}]")
            own = (answer for answer in done.answers if answer.question.table == table)
            lines += [f"'{answer.question.key}' = '{answer.text}'" for answer in own]
        students["blank"] = {**(students["blank"] or {}), task.name: task.source.text}
        students["done"] = {**(students["done"] or {}), task.name: "\n".join(lines)}
    found = graded(backtrace, class_of(tmp_path, students), course)
    assert points(found["blank"]) == 0
    assert not any(file["notes"] for file in found["blank"]["files"])
    assert set(verdicts(found["blank"]).values()) == {"blank"}
    assert set(verdicts(found["done"]).values()) == {"right"}
    assert points(found["done"]) == sum(one["of"] for one in found[""]["course"]["exercises"])
