"""The chapter "build your own engine": every starter fails, every solution passes, lint has looked at it."""

# ruff: noqa: E501  (what is replaced stands in one piece)

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from backtrace_cli.cli import main
from backtrace_cli.clinic.bedside.patient import Patient
from backtrace_cli.clinic.examination import Examination, examine
from backtrace_cli.clinic.target import header_of

CHAPTER = Path(__file__).parents[2] / "exercises" / "17_build_an_engine"
STAGES = sorted(CHAPTER.glob("*.py"))

_SUM = "            self.grad += out.grad\n            other.grad += out.grad\n"
_PRODUCT = "            self.grad += other.data * out.grad\n            other.grad += self.data * out.grad\n"
_TWO = "            pass  # your two lines\n"
_WALK = """        self.grad = 1.0
        order, seen = [], set()

        def visit(value):
            if value not in seen:
                seen.add(value)
                for parent in value.parents:
                    visit(parent)
                order.append(value)

        visit(self)
        for value in reversed(order):
            value.back()
"""
_SORTED = """        order, seen, stack = [], set(), [(self, False)]
        while stack:
            value, done = stack.pop()
            if done:
                order.append(value)
            elif value not in seen:
                seen.add(value)
                stack.append((value, True))
                stack.extend((parent, False) for parent in value.parents)
        return order
"""
_TURNED = """
    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

"""
#: What of each starter becomes what.
SOLUTIONS: dict[str, list[tuple[str, str]]] = {
    "01_add": [(_TWO, _SUM)],
    "02_mul": [(_TWO, _PRODUCT)],
    "03_forks": [("grad = out", "grad += out"), ("grad = other", "grad += other"), ("grad = self", "grad += self")],
    "04_order": [("        self.grad = 1.0\n        self.walk()\n", _WALK)],
    "05_constants": [
        ("        out = Value(self.data", "        other = Value.of(other)\n        out = Value(self.data"),
        ("    def backward", f"{_TURNED.lstrip(chr(10))}    def backward"),
    ],
    "06_power": [
        ("            pass  # your line\n", "            self.grad += power * self.data ** (power - 1) * out.grad\n")
    ],
    "07_minus_and_divide": [
        ("return self + -Value.of(other)\n\n    def __truediv__", "return -self + other\n\n    def __truediv__"),
        ("rtruediv__(self, other):\n        return self * Value.of(other) ** -1",
         "rtruediv__(self, other):\n        return other * self**-1"),
    ],
    "08_functions": [
        ("pass  # your line: e to the x is its own slope", "self.grad += out.data * out.grad"),
        ("pass  # your line: the slope of tanh, written with its output", "self.grad += (1 - out.data**2) * out.grad"),
        ("pass  # your line: open where the input is above 0, else closed", "self.grad += (self.data > 0) * out.grad"),
    ],
    "09_again": [("        pass  # your two lines\n", "        for value in self.sorted():\n            value.grad = 0.0\n")],
    "10_long_chains": [],
}  # fmt: skip


def solution(path: Path) -> str:
    """The stage as somebody would hand it in."""
    text = path.read_text("utf-8")
    for old, new in SOLUTIONS[path.stem]:
        assert old in text, old
        text = text.replace(old, new)
    if path.stem == "10_long_chains":
        head = text[: text.index("        order, seen = [], set()\n")]
        text = head + _SORTED
    return text


def marked(text: str) -> Examination:
    """What the doctor finds, in this process."""
    header = header_of(text)
    assert header is not None
    space: dict[str, Any] = {"__name__": "stage"}
    exec(text, space)
    patient = Patient(space[header[0]], space)
    return examine(header[0], patient.found, lambda programs: map(patient.run, programs), header[1], True)


def test_there_is_a_solution_for_each() -> None:
    """At least eight stages, numbered as they come."""
    assert [path.stem for path in STAGES] == list(SOLUTIONS)
    assert len(STAGES) >= 8


@pytest.mark.parametrize("path", STAGES, ids=lambda path: path.stem)
def test_the_starter_fails_and_the_solution_passes(path: Path) -> None:
    """Stage by stage; and a wrong graph of a starter is explained, where something is wrong at all."""
    starter = marked(path.read_text("utf-8"))
    assert not starter.passed
    assert marked(solution(path)).passed


def doctor(path: Path) -> Any:
    """The command."""
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, ["doctor", str(path)])


def test_the_command_marks_a_stage_and_names_the_next(tmp_path: Path) -> None:
    """The stage's own graphs, the exit code, what comes next."""
    for path in STAGES[:3]:
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    forks = doctor(tmp_path / "03_forks.py")
    assert forks.exit_code == 1
    assert "= for +=" in " ".join(forks.stdout.split())
    mine = tmp_path / "02_mul.py"
    mine.write_text(solution(mine), "utf-8")
    done = doctor(mine)
    assert done.exit_code == 0
    assert "03_forks.py" in done.stdout


def test_what_is_lacking_in_a_stage_is_still_to_do() -> None:
    """A stage is not passed by leaving out what it asks for."""
    constants = next(path for path in STAGES if path.stem == "05_constants")
    found = doctor(constants)
    assert found.exit_code == 1
    assert "Still to do" in found.stdout
    assert "__radd__" in found.stdout


def test_lint_looks_at_stages_and_runs_none(tmp_path: Path) -> None:
    """An unknown group, a class that is not there, a missing task: said; the file is not imported."""
    stage = tmp_path / "01_bad.py"
    stage.write_text("raise SystemExit\n# doctor: Wert  frks\n", "utf-8")
    found = CliRunner().invoke(main, ["lint", str(tmp_path)])
    assert found.exit_code == 1
    told = " ".join(found.stdout.split())
    for words in ("no task", "no class Wert", "no graphs called frks"):
        assert words in told
    assert CliRunner().invoke(main, ["lint", str(CHAPTER)]).exit_code == 0


def test_check_sends_a_stage_to_the_doctor() -> None:
    """`backtrace check` marks no Python, and says who does."""
    found = CliRunner().invoke(main, ["check", str(STAGES[0])])
    assert found.exit_code == 2
    assert "backtrace doctor" in found.output
