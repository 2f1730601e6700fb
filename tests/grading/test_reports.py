"""Every report, of an ordinary class and of a hostile one, in the hands of its reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from backtrace_cli.grading.classroom.book import Column, Gradebook
from backtrace_cli.grading.classroom.plain.record_data import student_dict, student_record
from backtrace_cli.grading.classroom.records import (
    AnswerRecord,
    Evidence,
    FileRecord,
    StudentRecord,
    Tally,
)
from backtrace_cli.grading.classroom.reports import find_format, format_names
from tests.grading import readers
from tests.grading.classes import class_of, course_of, filled

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"

#: What a student might try to have read as something else.
PAYLOADS = [
    "::error file=a::pwned", "  ::set-output name=x::y", "##[error]x", "##vso[task.complete]",
    "\x1b[2J\x1b]0;x\x07", "=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", "＝1",
    "<script>alert(1)</script>", "]]>", "&amp;&lt;", "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "# SKIP", "ok 1 # TODO", "  ...", "1..9", "Bail out!", "\\", "`code` ``x``", "```\n# h\n```", "a|b|c",
    "[x](javascript:alert(1))", "![x](http://example.org/x.png)", "@everyone http://example.org #1",
    "\u202eabc", "\ufeff", "\x00", "\ufffe", "\ud800", "é\u0301", "x" * 5000, "%0A::error::x", "%", "a,b:c",
    '"', "'", "\r\n::error::x", "---\n- x", "{{ 7*7 }}", "$(id)", "`id`", "${{ github }}", "{student}",
    "\u2028::error::x", "*", "_x_", "~~x~~", "> q", "- x", "1. x", "&#x3a;:error",
]  # fmt: skip


def report(backtrace: Run, submissions: Path, course: Path, form: str, *words: str) -> str:
    """One report, from standard output."""
    result = backtrace(
        "grade", str(submissions), "--course", str(course), "--jobs", "1", "--report", form, *words
    )
    assert result.exit_code in (0, 1), result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A class with every kind of verdict, and the course."""
    folder = tmp_path_factory.mktemp("ordinary")
    fork = filled(FORK_FILE, x='"2*x"', **{'"b->x"': '""'}).replace("points = 2", "points = 9")
    students: dict[str, dict[str, str] | None] = {
        "ada": None, "b.en": {FORK_FILE: fork, CHAIN_FILE: filled(CHAIN_FILE, a="1", x='"x^"')},
        "cleo": {CHAIN_FILE: "x = ["}, "dora": {"a/chain.toml": "", "b/chain.toml": "[values]\na = 1"},
    }  # fmt: skip
    return class_of(folder, students), course_of(folder)


def truth(backtrace: Run, ordinary: tuple[Path, Path]) -> dict[str, Any]:
    """The JSON report."""
    data: dict[str, Any] = json.loads(report(backtrace, *ordinary, "json"))
    return data


def counted(data: dict[str, Any]) -> dict[str, list[str]]:
    """student -> the verdicts in order."""
    return {
        student["student"]: [a["verdict"] for file in student["files"] for a in file["answers"]]
        for student in data["students"]
    }  # fmt: skip


def test_json(backtrace: Run, ordinary: tuple[Path, Path]) -> None:
    """Strict JSON with every answer and the sums; the fields are these."""
    data = truth(backtrace, ordinary)
    assert list(data) == ["schema_version", "report", "root", "shard", "course", "points", "of", "verdicts",
                          "strays", "students"]  # fmt: skip
    assert set(data["students"][0]) == {"student", "folder", "files", "strays", "ids"}
    file = data["students"][1]["files"][1]
    assert set(file) == {"exercise", "title", "path", "status", "reason", "details", "notes", "answers",
                         "variant", "fits"}  # fmt: skip
    assert set(file["answers"][0]) == {"table", "key", "verdict", "points", "of", "line", "answer", "carried",
                                       "mistake", "words", "witness", "explained"}  # fmt: skip
    assert file["answers"][2]["mistake"] == "lost path"
    assert counted(data)["b.en"] == ["wrong", "right", "unreadable", "right", "blank", "wrong"]
    assert (data["points"], data["of"]) == (9 + 3, 36)
    assert sum(data["verdicts"].values()) == 24


def test_junit(backtrace: Run, ordinary: tuple[Path, Path]) -> None:
    """Valid by schema and by junitparser; a suite a student, a case an answer."""
    found = readers.junit(report(backtrace, *ordinary, "junit"))
    kinds = {"right": "passed", "wrong": "failure", "blank": "failure", "missing": "failure",
             "unreadable": "error", "ungraded": "error", "undecided": "skipped"}  # fmt: skip
    wanted = {
        name: [kinds[one] for one in ones] for name, ones in counted(truth(backtrace, ordinary)).items()
    }
    assert {name: list(cases.values()) for name, cases in found.items()} == wanted
    assert "ada: 1_chain/chain messages f->a" in found["ada"]


def test_tap(backtrace: Run, ordinary: tuple[Path, Path]) -> None:
    """tap.py reads every point and every block."""
    points = readers.tap_points(report(backtrace, *ordinary, "tap"))
    flat = [one for ones in counted(truth(backtrace, ordinary)).values() for one in ones]
    assert [ok for ok, *_ in points] == [one == "right" for one in flat]
    assert [block["verdict"] if block else "right" for *_, block in points] == flat
    assert points[0][2] == "- ada: 1_chain/chain values a"


def test_csv(backtrace: Run, ordinary: tuple[Path, Path]) -> None:
    """A row a student, a column an exercise."""
    rows = readers.grade_book(report(backtrace, *ordinary, "csv"))
    assert [(row["student"], row["points"], row["1_chain/chain"], row["2_forks/fork"]) for row in rows] == [
        ("ada", "9", "3", "6"), ("b.en", "3", "1", "2"), ("cleo", "0", "0", "0"), ("dora", "0", "0", "0"),
    ]  # fmt: skip
    assert "points changed" in rows[1]["remarks"]


def test_markdown(backtrace: Run, ordinary: tuple[Path, Path]) -> None:
    """CommonMark with tables, in which all words of students are code."""
    text = report(backtrace, *ordinary, "markdown")
    spans = readers.markdown(text)
    assert {"ada", "b.en", "cleo", "dora"} <= set(spans)
    assert "12 of 36 points" in text


def test_gradescope(backtrace: Run, ordinary: tuple[Path, Path]) -> None:
    """Every student's results have the fields that Gradescope reads, and add up."""
    submissions, course = ordinary
    for name, score in (("ada", 9), ("b.en", 3), ("cleo", 0), ("dora", 0)):
        text = report(backtrace, submissions / name, course, "gradescope", "--student", name)
        assert readers.gradescope(text) == score


def classroom50(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that Classroom 50's runner sets."""
    for name, value in {"CLASSROOM": "calc", "ASSIGNMENT": "week1", "SUBMISSION_TAG": "submit/1",
                        "OWNER": "ada", "ASSIGNMENT_TYPE": "group", "COMMIT_URL": "https://example.org/c",
                        "RELEASE_URL": "https://example.org/r"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def test_classroom50(backtrace: Run, ordinary: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A result that its schema takes, of the owner; without what the runner says it is refused."""
    submissions, course = ordinary
    classroom50(monkeypatch)
    for name, score in (("ada", 9), ("b.en", 3), ("cleo", 0)):
        text = report(backtrace, submissions / name, course, "classroom50", "--student", name)
        assert readers.classroom50(text) == (score, 9)
        assert json.loads(text)["owner"] == "ada"
    words = ["grade", str(submissions / "ada"), "--course", str(course), "--report"]
    monkeypatch.setenv("SUBMISSION_TAG", "v1")
    assert backtrace(*words, "classroom50").exit_code == 2
    monkeypatch.delenv("SUBMISSION_TAG")
    result = backtrace(*words, "classroom50")
    assert result.exit_code == 2
    assert "SUBMISSION_TAG in the environment" in result.stderr
    gone = backtrace(*words, "classroom")
    assert gone.exit_code == 2
    assert "was retired" in gone.stderr
    assert "classroom50" in gone.stderr


def test_classroom50_has_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half points are doubled with everything else, and that is said."""
    from io import StringIO

    classroom50(monkeypatch)
    halves = tuple(
        AnswerRecord("gradient", name, "right", of, of, 1, "1")  # type: ignore[arg-type]
        for name, of in (("x", 0.5), ("y", 2))
    )
    file = FileRecord("ex.toml", "T", "ex.toml", "graded", "", "", (), halves)
    monkeypatch.setattr(Gradebook, "students", lambda book: iter([StudentRecord("ada", "", (file,))]))
    with Gradebook("class", "0", [Column("ex.toml", "Title", 2, 3)]) as book:
        out = StringIO()
        find_format("classroom50").write(book, out)
    assert readers.classroom50(out.getvalue()) == (5, 5)
    assert {test["factor"] for test in json.loads(out.getvalue())["tests"]} == {2}


def test_github(
    backtrace: Run, ordinary: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most ten annotations of a kind, at the files' lines; the page is appended to the step's summary."""
    submissions, course = ordinary
    summary = tmp_path / "summary"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.chdir(submissions.parent)
    text = report(backtrace, submissions, course, "github")
    found = readers.commands(text)
    assert len(found) == len(text.splitlines())
    kinds = [command.name for command in found]
    assert kinds.count("error") <= 10
    assert kinds.count("warning") <= 10
    assert kinds[-1] == "notice"
    lost = next(command for command in found if "lost the one" in command.message)
    assert lost.properties["file"] == "class/b.en/2_forks/fork.toml"
    path = submissions.parent / lost.properties["file"]
    assert path.read_text().splitlines()[int(lost.properties["line"]) - 1].startswith("x = ")
    assert summary.read_text() == "before\n" + report(backtrace, submissions, course, "markdown")


def test_the_summary_is_cut_where_github_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than a mebibyte, and the cut is told."""
    summary = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    with hostile_book(3000) as book:
        env = find_format("github").env
        assert env is not None
        env(book)
    assert 500_000 < summary.stat().st_size < 1_048_576
    assert summary.read_text().endswith("as GitHub takes no more.\n")


# -- hostile ------------------------------------------------------------------------------


def hostile_book(students: int) -> Gradebook:
    """Records in which every text that can come from a student is one of the payloads, made safe as the
    grader makes it."""
    from backtrace_cli.base.safe_text import visible
    from backtrace_cli.grading.classroom.records import one_line

    book = Gradebook("class", "0", [Column("ex.toml", "Title", 2, 3)])
    for number in range(students):
        payload = PAYLOADS[number % len(PAYLOADS)]
        bad, raw = one_line(payload), visible(payload)
        answers = (
            AnswerRecord("gradient", "x", "wrong", 0, 1, 3, bad, mistake=bad, words=bad,
                         witness=Evidence({bad: 1.5}, "nan")),
            AnswerRecord("values", "f", "right", 2, 2, 4, bad),
        )  # fmt: skip
        file = FileRecord("ex.toml", "Title", bad, "graded", "", "", (bad,), answers)
        if number % 3 == 0:
            answers = tuple(a._replace(verdict="unreadable", points=0, words=bad) for a in answers)
            file = file._replace(status="unreadable", reason=bad, details=raw, answers=answers)
        book.add(number, StudentRecord(f"{number}{bad}" if number % 2 else f"{bad}{number}", bad, (file,)))
    return book


@pytest.mark.parametrize("form", format_names())
def test_hostile_records(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever students wrote, each report is what its reader takes, and nothing in it is obeyed."""
    from io import StringIO

    classroom50(monkeypatch)
    with hostile_book(2 * len(PAYLOADS)) as book:
        out = StringIO()
        find_format(form).write(book, out)
        text = out.getvalue()
        students = list(book.students())
        names = [student.name for student in students]
    text.encode("utf-8")
    assert not set(text) & set("\x00\x07\x1b\x9b\u202e\ufeff\ufffe\u2028\ud800")
    assert "##[" not in text
    assert "##vso[" not in text
    if form == "json":
        assert [student["student"] for student in json.loads(text)["students"]] == names
    elif form == "junit":
        assert list(readers.junit(text)) == names
    elif form == "tap":
        points = readers.tap_points(text)
        assert [(ok, skip) for ok, skip, *_ in points] == [
            (answer.verdict == "right", False) for student in students for _, answer in student.answers
        ]
    elif form == "csv":
        assert len(readers.grade_book(text)) == len(names)
    elif form == "canvas":
        assert len(readers.canvas(text)) == len(names)
    elif form == "moodle":
        assert all("<" not in words for _, _, words in readers.moodle(text).values())
    elif form == "markdown":
        spans = set(readers.markdown(text))
        graded = [file for student in students for file in student.files if file.status == "graded"]
        assert {" ".join(file.notes[0].split()) for file in graded} - {""} <= spans
        assert {" ".join(name.split()) for name in names} <= spans
    elif form == "github":
        found = readers.commands(text)
        kinds = [command.name for command in found]
        assert (kinds.count("error"), kinds.count("warning"), kinds.count("notice")) == (10, 10, 1)
        assert "more remarks in the step's summary" in found[-1].message
    else:
        decoder, rest = json.JSONDecoder(), text
        while rest.strip():
            data, end = decoder.raw_decode(rest)
            one, rest = rest[:end], rest[end:].lstrip()
            added = readers.classroom50(one)[0] if form == "classroom50" else readers.gradescope(one)
            assert added in (0, 2)
    if form != "github":
        assert not readers.commands(text)


def test_hostile_page(backtrace: Run) -> None:
    """Nor does the page on the screen, or the one in plain words, hold anything to obey."""
    from io import StringIO

    from backtrace_cli.pages.grading.grades import book_lines, print_book
    from backtrace_cli.pages.layout import Screen

    with hostile_book(2 * len(PAYLOADS)) as book:
        out = StringIO()
        print_book(Screen(out, 40), book)
        for text in (out.getvalue(), "\n".join(book_lines(book))):
            assert not readers.commands(text)
            assert not set(text) & set("\x00\x07\x1b\x9b\u202e\ufeff\ufffe\u2028\ud800")


def test_records_go_through_json_unchanged() -> None:
    """What a worker or a shard writes is what is read."""
    with hostile_book(2 * len(PAYLOADS)) as book:
        for student in book.students():
            assert student_record(json.loads(json.dumps(student_dict(student)))) == student
        assert Tally.of([file for one in book.students() for file in one.files]) == book.tally
