"""Derivations of several lines: the first wrong line, the mistake, what follows carried forward."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from click.testing import Result
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.derivation.line_verdicts import Judged, judge_derivation
from backtrace_cli.grading.derivation.statements import pieces
from backtrace_cli.grading.derivation.steps import read_derivation
from backtrace_cli.grading.policy import Policy, Task
from backtrace_cli.grading.statement import Statement
from tests.grading.backward_passes import PASSES, Pass, planted, point

Run = Callable[..., Result]
BUGS = [(one, *bug) for one in PASSES for bug in one.bugs]
#: One bug of each sort of network is looked at whenever tests run, the others where there is time.
QUICK = {"affine", "neuron", "fork", "convolution by shifts", "softmax loss"}


@cache
def task(name: str) -> Task:
    """The network at its point, made once."""
    one = next(one for one in PASSES if one.name == name)
    return Task(Statement(one.formula, point(one.shapes), one.given), Policy(kink="interval"))


def judged(one: Pass, text: str) -> Judged:
    """The verdicts on a backward pass."""
    return judge_derivation(task(one.name), read_derivation(task(one.name).statement, text.strip("\n")))


def marked(rows: list[tuple[Pass, int, str, str]]) -> list[object]:
    """The rows, those that take long marked so."""
    return [
        pytest.param(
            *row,
            marks=[] if row[0].name in QUICK else [pytest.mark.slow],
            id=f"{row[0].name}-{row[1]}-{row[2][:20]}",
        )
        for row in rows
    ]


@pytest.mark.parametrize(
    "one", [pytest.param(p, marks=[] if p.name in QUICK else [pytest.mark.slow], id=p.name) for p in PASSES]
)
def test_a_right_one_is_right(one: Pass) -> None:
    """No line is called wrong, and none is right only given another."""
    found = judged(one, one.text)
    assert {line.verdict for line in found.lines} <= {"right", "own"}
    assert not any(line.carried for line in found.lines)


@pytest.mark.parametrize(("one", "line", "wrong", "mistake"), marked(BUGS))
def test_a_bug_is_found(one: Pass, line: int, wrong: str, mistake: str) -> None:
    """The first wrong line is the one with the bug, and where a mistake is named, it is that one."""
    found = judged(one, planted(one, line, wrong))
    first = found.first_wrong
    assert first is not None
    shift = sum(text.endswith("\\") for text in one.text.strip("\n").split("\n")[: line - 1])
    assert first.answer.line == line + shift
    assert first.mistake in (None, mistake)
    others = [one for one in found.lines if one.answer.line != first.answer.line]
    assert not [one for one in others if one.verdict == "wrong"], (
        "what follows is right for what stood before it"
    )


@pytest.mark.slow
def test_how_many_are_named() -> None:
    """Of 58 bugs in 12 networks the first wrong line is found in all, and the mistake is named in 49."""
    named = told = 0
    for one, line, wrong, _ in BUGS:
        first = judged(one, planted(one, line, wrong)).first_wrong
        assert first is not None
        named += first.mistake is not None
        told += bool(first.diagnosis)
    assert told >= 53
    assert named >= 49


NET = ("z = W @ x + b; h = relu(z); L = sum((h - t)^2)", "--at",
       "W=[[1,2],[3,-1]],x=[1,2],b=[0.5,0.25],t=[1,1]", "--wrt",
       "W,b,x")  # fmt: skip
RIGHT = "dh = 2*(h - t)\ndz = dh*(z > 0)  # relu\ndW = np.outer(dz, x)\ndb = dz\ndx = W.T @ dz\n"


def test_from_a_file(backtrace: Run, tmp_path: Path) -> None:
    """``--mine -f FILE`` and ``--mine @FILE``: each line with its verdict, exit 0 and 1."""
    file = tmp_path / "backward.bt"
    file.write_text(RIGHT, "utf-8")
    for words in (
        ("--mine", "-f", str(file)),
        ("--mine", f"@{file}"),
        ("--mine", "dh = 2*(h - t); dz = dh*(z > 0)"),
    ):
        found = backtrace("eval", *NET, *words, "--plain")
        assert (found.exit_code, found.stderr) == (0, ""), words
        assert "Line 1: dh = 2*(h - t): right" in found.stdout
    file.write_text(RIGHT.replace("2*(h - t)", "(h - t)").replace("W.T", "W"), "utf-8")
    found = backtrace("eval", *NET, "--mine", "-f", str(file), "--plain")
    assert found.exit_code == 1
    assert "Line 2: dz = dh*(z > 0): right, given what you had before it" in found.stdout
    assert "First wrong line: 1, " in found.stdout
    rows = json.loads(backtrace("eval", *NET, "--mine", "-f", str(file), "--json").stdout)["mine"]
    assert [(row["line"], row["verdict"], row["carried"]) for row in rows] == [
        (1, "wrong", False), (2, "right", True), (3, "right", True), (4, "right", True), (5, "wrong", False)
    ]  # fmt: skip
    assert rows[4]["mistake"] == "transposed"


def test_what_is_missing_is_said(backtrace: Run) -> None:
    """A file that gives no gradient of a variable."""
    found = backtrace("eval", "f = x*y", "--at", "x=2,y=3", "--mine", "-f", "-", stdin="dx = y\n")
    assert found.exit_code == 0
    assert "No line gives ∂f/∂y." in found.stdout


@pytest.mark.parametrize("written", [
    "dh = 2*(h-t)", "∂L/∂h = 2*(h-t)", "dL/dh = 2*(h-t)", "dL_dh = 2*(h-t)", r"\frac{∂L}{∂h} = 2*(h-t)",
    "h.grad = 2*(h-t)",
    "grad_h = 2*(h-t)", "δ_h = 2*(h-t)", "dh = np.multiply(2, h - t)", "dh = 2*h; dh -= 2*t",
    "dh = h.copy(); dh *= 2; dh -= 2*t",
    "dh = 0; dh += 2*(h-t)", "dL = 1; q = np.ones_like(h)*dL; dh = 2*q*(h-t)", "e = (h - t); dh = e + e",
])  # fmt: skip
def test_spellings(written: str) -> None:
    """However people write the gradient of h."""
    statement = Statement(NET[0], NET[2])
    found = judge_derivation(Task(statement), read_derivation(statement, written))
    assert [one.verdict for one in found.lines if one.verdict != "own"][-1] == "right"
    assert found.given["h"].verdict == "right"


def test_the_order_is_free() -> None:
    """On paper a line may use what stands further down; from itself nothing can be worked out."""
    statement = Statement("h = w*x; L = h^2", "w=2,x=3")
    found = judge_derivation(Task(statement), read_derivation(statement, "dw = dh*x\ndh = 2*h"))
    assert [one.verdict for one in found.lines] == ["right", "right"]
    circle = read_derivation(statement, "dw = dh*x\ndh = dw/x")
    assert all("worked out from itself" in str(step.problem) for step in circle.steps)


@pytest.mark.parametrize(("text", "words"), [
    ("dh = 2*(h-q)", "line 1, column 11:"), ("dh = 2*h\ndw = dh*", "stops after *"),
    ("dw = dh*x", "dh is not worked out anywhere"),
    ("dh", "dh is given nothing"), ("dh = 2*h\nh[0] += 1", "h has no value yet"),
    ("2 = 3", "a line gives a name a value"),
    ("dh = (2*h\n", "closed"),
])  # fmt: skip
def test_what_cannot_be_read(backtrace: Run, text: str, words: str) -> None:
    """Said with the line and the place in it, before anything is printed."""
    found = backtrace("eval", "h = w*x; L = h^2", "--at", "w=2,x=3", "--mine", "-f", "-", stdin=text)
    assert (found.exit_code, found.stdout) == (2, "")
    assert words in found.stderr


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="dhwxLtmp=+-*/@()[]<>;\n#.,'2 ∂", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the reader or the judge raise anything but what a person can mend."""
    assert all(one.text for one in pieces(text))
    statement = Statement("h = w*x; L = h^2", "w=2,x=3")
    try:
        found = read_derivation(statement, text)
    except BacktraceError:
        return
    assert len(judge_derivation(Task(statement), found).lines) == len(found.steps)


EXERCISE = """
formula = "z = w*x + b; h = σ(z); L = (h - t)^2"
at = { w = 2, x = 1, b = -1, t = 1 }
given = ["t"]
derive = ["w", "b", "x"]
hints = ["Begin at the loss.", "Then σ′."]
derivation = '''
dh = 2*(h - t)
dz = 2*dh*h*(1 - h)
dw = dz*x
db = dz
dx =
'''
"""


def test_an_exercise_asks_for_a_derivation(backtrace: Run, tmp_path: Path) -> None:
    """One wrong line costs one of the gradients that it goes into, and what isn't written is blank."""
    file = tmp_path / "neuron.toml"
    file.write_text(EXERCISE, "utf-8")
    found = json.loads(backtrace("check", str(file), "--json").stdout)["files"][0]
    assert [(row["key"], row["verdict"], row["carried"]) for row in found["answers"]] == [
        ("w", "wrong", False), ("b", "right", True), ("x", "blank", False)
    ]  # fmt: skip
    assert [(row["line"], row["verdict"]) for row in found["derivation"]] == [
        (8, "right"), (9, "wrong"), (10, "right"), (11, "right")
    ]  # fmt: skip
    assert found["first_wrong"] == {"table": "gradient", "key": "z"}
    page = backtrace("check", str(file)).stdout
    assert "it goes wrong in line 9" in page.replace("It goes", "it goes") or "∂L/∂z" in page
    file.write_text(EXERCISE.replace("2*dh*h", "dh*h").replace("dx =", "dx = dz*w"), "utf-8")
    assert backtrace("check", str(file)).exit_code == 0
    assert "3 of 3 right" in backtrace("check", str(file), "--plain").stdout
    assert "Answer to derivation w" in backtrace("check", str(file), "--plain", "--reveal").stdout


def test_a_class_is_graded_on_derivations(backtrace: Run, tmp_path: Path) -> None:
    """A submission's text counts, the teacher's statement stands, and lint solves the exercise."""
    course, class_ = tmp_path / "course", tmp_path / "class"
    blank = (
        EXERCISE.replace("2*dh*h*(1 - h)", "")
        .replace("2*(h - t)", "")
        .replace("dz*x", "")
        .replace("db = dz", "db =")
    )
    (course / "one").mkdir(parents=True)
    (course / "one" / "neuron.toml").write_text(blank, "utf-8")
    for name, text in (
        ("ann", EXERCISE.replace("2*dh*h", "dh*h").replace("dx =", "dx = dz*w")),
        ("bob", EXERCISE),
    ):
        (class_ / name / "one").mkdir(parents=True)
        (class_ / name / "one" / "neuron.toml").write_text(text, "utf-8")
    report = tmp_path / "grades.json"
    backtrace("grade", str(class_), "--course", str(course), "--report", f"json={report}")
    students = {one["student"]: one for one in json.loads(report.read_text("utf-8"))["students"]}
    points = {name: [row["points"] for row in one["files"][0]["answers"]] for name, one in students.items()}
    assert points == {"ann": [1, 1, 1], "bob": [0, 1, 0]}
    lint = backtrace("lint", str(course))
    assert "the engine's own answer" not in lint.stdout
