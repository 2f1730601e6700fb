"""What strangers hand in: links, huge files, hangs, crashes, noise. It is reported, earns nothing, and
holds up nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtrace_cli.grading.classroom.course import Statements, load_course
from backtrace_cli.grading.classroom.grade import grade_file
from backtrace_cli.grading.classroom.records import VERDICTS
from backtrace_cli.grading.classroom.worker import serve
from tests.grading.classes import CHAIN, RIGHT, class_of, course_of, filled
from tests.grading.test_grade import graded, points, strays

Run = Callable[..., Result]
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"
SECRET = "TOP-SECRET-5150"


def reasons(student: dict[str, Any]) -> list[str]:
    """Why each file of a student was not graded."""
    return [file["reason"] for file in student["files"]]


def test_links_and_odd_files(backtrace: Run, tmp_path: Path) -> None:
    """A link is not followed, wherever it leads; a pipe is not opened; nothing of what they hide is shown."""
    secret = tmp_path / "secret.toml"
    secret.write_text(filled(CHAIN_FILE) + f"# {SECRET}\n[{SECRET}]")
    submissions = class_of(
        tmp_path, {"ada": None, "ben": {FORK_FILE: filled(FORK_FILE)}, "cy": {}, "dot": {}}
    )
    (submissions / "ben" / "1_chain").mkdir()
    (submissions / "ben" / CHAIN_FILE).symlink_to(secret)
    (submissions / "cy" / "1_chain").symlink_to(tmp_path / "course" / "1_chain")
    (submissions / "cy" / "2_forks").mkdir()
    os.mkfifo(submissions / "cy" / FORK_FILE)
    (submissions / "dot" / CHAIN_FILE).mkdir(parents=True)
    (submissions / "eve").symlink_to("/etc")
    (submissions / "stray.txt").write_text("")
    result = backtrace("grade", str(submissions), "--course", str(course_of(tmp_path)), "--json")
    found = {one["student"]: one for one in json.loads(result.stdout)["students"]}
    assert {name: points(one) for name, one in found.items()} == {"ada": 9, "ben": 6, "cy": 0, "dot": 0}
    assert strays(found["ben"]) == {CHAIN_FILE: "a link, which is not followed"}
    assert strays(found["cy"]) == {"1_chain": "a link, which is not followed", FORK_FILE: "not a plain file"}
    assert json.loads(result.stdout)["strays"] == [
        {"path": "eve", "why": "a link, which is not followed"},
        {"path": "stray.txt", "why": "not in a student's folder"},
    ]
    assert SECRET not in result.output
    assert str(tmp_path) not in result.stdout


def test_a_file_that_became_a_link(tmp_path: Path) -> None:
    """A link put in place after the folder was listed is not followed either."""
    (task, _) = load_course(str(course_of(tmp_path))).tasks
    (tmp_path / "secret.toml").write_text(filled(CHAIN_FILE))
    (tmp_path / "chain.toml").symlink_to(tmp_path / "secret.toml")
    record = grade_file(task, str(tmp_path), ["chain.toml"])
    assert (record.status, record.points) == ("unreadable", 0)
    assert "link" in record.reason


def test_large_and_deep(backtrace: Run, tmp_path: Path) -> None:
    """A hundred megabytes, a hundred thousand brackets, endless numbers: each is told, the rest counts."""
    fork = filled(FORK_FILE)
    numbers = filled(CHAIN_FILE, a="0x" + "f" * 100_000, x='"2*x + 4"', **{'"f->a"': "9" * 4000})
    submissions = class_of(tmp_path, {
        "big": {FORK_FILE: fork}, "deep": {CHAIN_FILE: "x = " + "[" * 100_000, FORK_FILE: fork},
        "dots": {CHAIN_FILE: ".".join("a" * 50_000) + " = 1", FORK_FILE: fork},
        "keys": {CHAIN_FILE: "[values]\n" + "".join(f"a{i} = 1\n" for i in range(20_000))},
        "numbers": {CHAIN_FILE: numbers.replace("9" * 4000, '"9^9^9^9^9"')},
        "nested": {CHAIN_FILE: filled(CHAIN_FILE, a='"' + "(" * 900 + "x" + ")" * 900 + ' + 2"')},
    })  # fmt: skip
    with open(submissions / "big" / "chain.toml", "wb") as file:
        file.truncate(100_000_000)
    found = graded(backtrace, submissions, course_of(tmp_path))
    assert {name: points(one) for name, one in found.items() if name} == {
        "big": 6, "deep": 6, "dots": 6, "keys": 0, "numbers": 1, "nested": 3,
    }  # fmt: skip
    assert "larger than" in reasons(found["big"])[0]
    assert "too deeply" in reasons(found["deep"])[0]
    assert len(found["keys"]["files"][0]["notes"]) <= 20


def test_names(backtrace: Run, tmp_path: Path) -> None:
    """Folders and files may be called anything; reports stay readable and name each student once."""
    names = [
        "::error::x",
        "a\x1b[31mb",
        "a<U+001B>[31mb",
        "=1+1",
        "x" * 200,
        "{student}",
        "-rf",
        "a\nb",
        "\u202e",
    ]
    submissions = class_of(tmp_path, dict.fromkeys(names, {CHAIN_FILE: filled(CHAIN_FILE)}))
    (submissions / "a\udcff").mkdir()
    (submissions / "a\udcff" / "chain\udcfe.toml").write_text("")
    found = graded(backtrace, submissions, course_of(tmp_path))
    assert len(found) == len(names) + 2
    assert sum(points(one) for name, one in found.items() if name) == 3 * len(names)
    page = backtrace("grade", str(submissions), "--course", str(tmp_path / "course"))
    assert not any(line.lstrip().startswith("::") for line in page.output.splitlines())
    assert "\x1b" not in page.output


def test_too_many_files(backtrace: Run, tmp_path: Path) -> None:
    """A folder of thousands of files, or hundreds deep, is looked at so far and no further."""
    submissions = class_of(tmp_path, {"ada": None, "many": {f"x{number}.toml": "" for number in range(300)}})
    place = submissions / "deep"
    for _ in range(100):
        place /= "d"
    place.mkdir(parents=True)
    (place / "chain.toml").write_text(filled(CHAIN_FILE))
    found = graded(backtrace, submissions, course_of(tmp_path))
    assert len(strays(found["many"])) == 51
    assert "and 250 more" in strays(found["many"]).values()
    assert "more than 32 folders deep" in str(strays(found["deep"]))
    assert points(found["ada"]) == 9


def test_nothing_in_a_student_s_folder_is_imported(tmp_path: Path) -> None:
    """Where the command is run from is no place to import from."""
    course = course_of(tmp_path)
    home = class_of(tmp_path, {"ada": None}) / "ada"
    for name in ("tomllib", "json", "sitecustomize", "backtrace_cli", "click"):
        (home / f"{name}.py").write_text(f"open({str(tmp_path / 'pwned')!r}, 'w')\nraise SystemExit(0)")
    code = "import sys; sys.path.pop(0); from backtrace_cli.cli import main; main()"
    words = ["grade", ".", "--course", str(course), "--student", "ada"]
    result = subprocess.run([sys.executable, "-c", code, *words], cwd=home, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert not (tmp_path / "pwned").exists()


# -- hangs and crashes ---------------------------------------------------------------------

#: Put into the worker by the test alone: answers that make the judge do what a fault of it might.
PLANTED = """
import os, signal, time
setitimer = signal.setitimer
def seen(which, seconds, *rest):
    if which == signal.ITIMER_PROF and seconds and "SEEN" in os.environ:
        with open(os.environ["SEEN"], "a") as file: file.write(f"{seconds} ")
    return setitimer(which, seconds, *rest)
signal.setitimer = seen
FORGED = (
    b'{"exercise": "2_forks/fork.toml", "title": "", "path": "", "status": "graded", "reason": "", '
    b'"details": "", "notes": [], "answers": []}\\n'
)
from backtrace_cli.grading.judging import explained, verdict
judge = explained.judge
def planted(exercise, question, answer):
    while "777001" in answer.text: pass
    if "777007" in answer.text: time.sleep(1000)
    if "777002" in answer.text: os.kill(os.getpid(), 9)
    if "777003" in answer.text: raise RecursionError
    if "777004" in answer.text: bytearray(3 * 10**9)
    if "777005" in answer.text: raise SystemExit(0)
    if "777006" in answer.text:  # the record of another exercise
        for number in range(3, 9):
            try: os.write(number, FORGED)
            except OSError: pass
    return judge(exercise, question, answer)
explained.judge = verdict.judge = planted
"""


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers with faults in them."""
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "sitecustomize.py").write_text(PLANTED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "faults"))


@pytest.mark.usefixtures("faulty")
def test_a_worker_is_held_to_its_memory_and_its_time(
    backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3 GB are too much, and the seconds of computing that it is given are those that were asked for."""
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    submissions = class_of(tmp_path, {"bad": {CHAIN_FILE: filled(CHAIN_FILE, a="777004")}})
    found = graded(backtrace, submissions, course_of(tmp_path), "--time-limit", "70")
    assert "too much memory" in found["bad"]["files"][0]["reason"]
    assert set((tmp_path / "seen").read_text().split()) == {"70.0"}


@pytest.mark.slow
@pytest.mark.usefixtures("faulty")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_hang_or_a_crash_costs_one_file(backtrace: Run, tmp_path: Path, jobs: str) -> None:
    """That file could not be graded; the student's other files, and everybody else's, are."""
    course = course_of(tmp_path)
    bad = {
        f"bad{n}": {CHAIN_FILE: filled(CHAIN_FILE, a=f"77700{n}"), FORK_FILE: filled(FORK_FILE)}
        for n in range(1, 7)
    }
    submissions = class_of(tmp_path, {"ada": None, **bad, "zoe": None})
    result = backtrace(
        "grade", str(submissions), "--course", str(course), "--jobs", jobs, "--time-limit", "1.5", "--json"
    )
    assert result.exit_code == 1, result.stderr
    found = {one["student"]: one for one in json.loads(result.stdout)["students"]}
    assert points(found["ada"]) == points(found["zoe"]) == 9
    said = ("longer than 1.5 seconds", "stopped at it", "stopped at it (RecursionError)", "too much memory",
            "stopped at it", "stopped at it")  # fmt: skip
    for number, words in enumerate(said, 1):
        student = found[f"bad{number}"]
        first, second = student["files"]
        assert points(student) == 6, number
        assert (first["status"], second["status"]) == ("ungraded", "graded")
        assert words in first["reason"]
        assert {answer["verdict"] for answer in first["answers"]} == {"ungraded"}


@pytest.mark.slow
@pytest.mark.usefixtures("faulty")
def test_a_file_that_waits_for_ever(backtrace: Run, tmp_path: Path) -> None:
    """What doesn't compute but wait is ended by the clock on the wall."""
    wait = {CHAIN_FILE: filled(CHAIN_FILE, a="777007"), FORK_FILE: filled(FORK_FILE)}
    found = graded(backtrace, class_of(tmp_path, {"ada": wait}), course_of(tmp_path), "--time-limit", "0.5")
    assert "longer than 0.5 seconds" in reasons(found["ada"])[0]
    assert points(found["ada"]) == 6


@pytest.mark.slow
@pytest.mark.usefixtures("faulty")
def test_a_submission_full_of_hangs_is_given_up(backtrace: Run, tmp_path: Path) -> None:
    """After three files that hang the rest of that submission is not tried; the class goes on."""
    files = {f"e{number}.toml": CHAIN for number in range(6)}
    course = course_of(tmp_path, files)
    good = {name: filled(CHAIN_FILE) for name in files}
    hang = {name: filled(CHAIN_FILE, a="777001") for name in files}
    found = graded(backtrace, class_of(tmp_path, {"ada": hang, "ben": good}), course, "--time-limit", "0.7")
    assert points(found["ada"]) == 0
    assert points(found["ben"]) == 18
    assert sum("longer than" in reason for reason in reasons(found["ada"])) <= 3
    assert "too many files before it" in reasons(found["ada"])[-1]


# -- noise -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def statements(tmp_path_factory: pytest.TempPathFactory) -> Statements:
    """The course, loaded once."""
    return Statements(load_course(str(course_of(tmp_path_factory.mktemp("fuzz")))))


_PIECES = st.sampled_from([
    "[values]\n", "[messages]\n", "[gradient]\n", "[local]\n", "[[values]]\n", "[values.a]\n", "a = ",
    "x = ", '"f->a" = ', '"a->x" = ', "wrong = ", "lines = ", "5.25\n", '"2*a"\n', '"x', '"\n',
    "\'\'\'\n", "[1, [2]]\n", "{a = 1}\n", "0x", "ff\n", "1e999\n", "nan\n", "-0.0\n", "2020-01-01\n",
    "true\n", "# ::error::\n", "\x00", "\x1b[2J", "\ud7ff", "\ufeff", "\u202e", 'formula = "y"\n',
    "at = {x = 0}\n", "points = 99\n", '"9^9^9"\n', '"1/0"\n', '"log(-1)"\n', '"(((((("\n',
    '"\\\\frac{1}{x}"\n', '"x" * 9\n', "=\n", "\r\n", "\n", " ", "a.b.c = 1\n", '"::error::x"\n',
    '"##[x]"\n',
])  # fmt: skip
_GOOD = filled(CHAIN_FILE).encode()
_TEXTS = st.one_of(
    st.lists(_PIECES, max_size=12).map("".join).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=200),
    st.tuples(st.sampled_from(sorted(RIGHT)), st.text(max_size=12)).map(
        lambda pair: filled(pair[0], x=json.dumps(pair[1])).encode("utf-8", "replace")
    ),
    st.tuples(st.integers(0, 300), st.binary(max_size=3)).map(
        lambda pair: _GOOD[: pair[0]] + pair[1] + _GOOD[pair[0] + 1 :]
    ),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXTS, name=st.sampled_from(sorted(RIGHT)))
def test_any_file_is_judged_or_reported(
    statements: Statements, tmp_path: Path, text: bytes, name: str
) -> None:
    """Nothing raises; points are those of right answers; all text is safe to show."""
    (tmp_path / "f.toml").write_bytes(text)
    task, kept = statements.of(name, "ada")
    record = grade_file(task, str(tmp_path), ["f.toml"], kept)
    assert [(a.table, a.key) for a in record.answers] == [(q.table, q.key) for q in task.questions]
    for answer in record.answers:
        assert answer.verdict in VERDICTS
        assert answer.points == (answer.of if answer.verdict == "right" else 0)
        assert answer.of == task.exercise.points.other
    shown = json.dumps(record, ensure_ascii=False)
    assert not set(shown) & set("\x00\x1b\x07\x9b\u202e\ufeff")
    assert "##[" not in shown
    assert "\\n::" not in shown
    assert not any(text.lstrip().startswith("::") for text in (*record.notes, record.reason))
    assert not any(line.lstrip().startswith("::") for line in record.details.splitlines())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(_TEXTS, min_size=2, max_size=2))
def test_what_others_handed_in_changes_nothing(
    statements: Statements, tmp_path: Path, texts: list[bytes]
) -> None:
    """A record is the same on its own and after another student's."""
    records = []
    for kept in (statements.of(CHAIN_FILE, "ada")[1], None):
        for text in texts:
            (tmp_path / "f.toml").write_bytes(text)
            records.append(grade_file(statements.of(CHAIN_FILE, "ada")[0], str(tmp_path), ["f.toml"], kept))
    assert records[:2] == records[2:]


def test_a_worker_serves_line_by_line(tmp_path: Path) -> None:
    """The protocol: the course, then a record a file; a file that surprises it is its last."""
    course = course_of(tmp_path)
    submissions = class_of(tmp_path, {"ada": None})
    first = json.dumps({"course": str(course), "only": [], "limit": 5, "key": ""})
    files = [[CHAIN_FILE, [CHAIN_FILE]], ["no such exercise", []], [FORK_FILE, [FORK_FILE]]]
    second = json.dumps({"student": "ada", "folder": str(submissions / "ada"), "files": files})
    out = StringIO()
    serve([first, second], out)
    replies = [json.loads(line) for line in out.getvalue().splitlines()]
    assert list(replies[0]) == ["course"]
    assert replies[1]["status"] == "graded"
    assert replies[2:] == [{"failed": "KeyError"}]
