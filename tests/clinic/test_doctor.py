"""The doctor: no healthy engine accused, every planted bug named, and what the command says of it."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import junitparser
import pytest
from click.testing import CliRunner

from backtrace_cli.cli import main
from backtrace_cli.clinic.battery import GROUPS, cases_for
from backtrace_cli.clinic.examination import Examination, examine
from backtrace_cli.clinic.patient import Names, Patient
from backtrace_cli.clinic.prepared_case import Prepared
from tests.clinic.engines import CLOSURES, HEALTHY, MORE, TWELVE, Planted

#: Graphs that only limits show in, and that take an unbounded walk for ever.
QUICK = [group for group in GROUPS if group != "long"]


def examined(source: str, name: str, groups: list[str] | None = None) -> Examination:
    """The examination of an engine in this process."""
    module = ModuleType("engine_under_test")
    exec(source, vars(module))  # a source of these tests' own
    patient = Patient(getattr(module, name), vars(module))
    return examine(name, patient.found, lambda programs: map(patient.run, programs), groups or QUICK)


@pytest.mark.parametrize("engine", HEALTHY)
def test_no_healthy_engine_is_accused(engine: str) -> None:
    """Five engines, each written in another way, and not a word against one."""
    seen = examined(*HEALTHY[engine])
    assert not seen.wrong
    assert not seen.diagnosis.faults
    assert seen.right == seen.of > 35


def holds(planted: Planted) -> Examination:
    """The planted bug is named, and everything that is wrong is explained."""
    seen = examined(planted.source, planted.name)
    assert seen.wrong
    assert len(seen.unexplained) <= len(seen.wrong) // 6  # on a tape older expressions are walked again, too
    first = seen.diagnosis.faults[0]
    assert first.name == planted.fault
    assert planted.mentions in f"{first.words} {first.look}"
    return seen


@pytest.mark.parametrize("bug", TWELVE)
def test_twelve_of_twelve_are_named(bug: str) -> None:
    """One bug in one engine: its name, and no other."""
    seen = holds(TWELVE[bug])
    assert len(seen.diagnosis.faults) == 1
    assert not seen.diagnosis.instead
    assert len(examined(TWELVE[bug].source, TWELVE[bug].name, ["add", "mul"]).diagnosis.faults) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("bug", MORE)
def test_more_bugs_are_named(bug: str) -> None:
    """Others that are met with."""
    holds(MORE[bug])


def test_two_bugs_are_two_faults() -> None:
    """The smallest set that explains all has both in it."""
    source = TWELVE["tanh by its input"].source.replace("grad += ", "grad = ")
    seen = examined(source, "Value")
    assert {fault.name for fault in seen.diagnosis.faults} == {"overwritten", "input for output"}
    assert not seen.unexplained


def test_a_bug_that_nobody_knows_is_not_given_a_name() -> None:
    """A wrong number of no known kind: the graphs are listed, and nothing is made up."""
    seen = examined(CLOSURES.replace("(1 - out.data**2)", "(0.3 + out.data**2)"), "Value")
    assert [one.case.case.group for one in seen.wrong] == ["functions"]
    assert not seen.diagnosis.faults


def test_micrograd_from_the_registry() -> None:
    """It passes all that it can do, and what it lacks is said."""
    engine = pytest.importorskip("micrograd.engine")
    patient = Patient(engine.Value, vars(engine))
    seen = examine("Value", patient.found, lambda programs: map(patient.run, programs))
    assert not seen.wrong
    lacking = " ".join(seen.lacking)
    assert "only supporting int/float powers" in lacking
    assert "__rpow__" in lacking
    assert "recurses" in lacking
    assert "second walk" in lacking


@pytest.mark.slow
def test_pytorch_is_healthy() -> None:
    """An independent witness for the whole battery: PyTorch's own engine gets every graph right."""
    torch = pytest.importorskip("torch")

    def tensor(value: Any) -> Any:
        return torch.tensor(value, dtype=torch.float64, requires_grad=True)

    patient = Patient(tensor, {})
    seen = examine("tensor", patient.found, lambda programs: map(patient.run, programs))
    assert not seen.wrong
    assert seen.right > 120


def test_every_graph_has_its_numbers_by_differences() -> None:
    """What is called right is what the gradient check confirms, wherever it can decide."""
    names = ["exp", "tanh", "log", "sin", "__matmul__", "sum"]
    for case in cases_for(names, True):
        if case.group == "long":
            continue
        from backtrace_cli.readings.checking.gradient_check import check

        for trace in Prepared(case).own.traces:
            assert {one.verdict for one in check(trace)} <= {"agrees", "undecided"}, case.formula


# -- the command ----------------------------------------------------------------------


def doctor(*words: str) -> Any:
    """The command in a pipe."""
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, ["doctor", *words])


def written(folder: Path, source: str, name: str = "my_engine.py") -> str:
    """The file with that source."""
    path = folder / name
    path.write_text(source, "utf-8")
    return str(path)


def test_the_page_says_what_look_says(tmp_path: Path) -> None:
    """Wrong graphs with their numbers, the picture, a line that shows it, the diagnosis last."""
    path = written(tmp_path, TWELVE["parents in a set"].source)
    done = doctor(f"{path}:Var", "--only", "forks,mul")
    assert done.exit_code == 1
    for words in ("∂f/∂x is 3, right is 6", "x·x", "x = Var(3); f = x * x; f.backprop(); print(x.gradient)",
                  "a process of its own", "(*) x:"):  # fmt: skip
        assert words in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].endswith("use a tuple.") or "tuple." in done.stdout[-40:]


def test_the_line_to_reproduce_reproduces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every line that is shown, typed, prints the wrong number."""
    planted = TWELVE["= for +="]
    path = written(tmp_path, planted.source)
    done = doctor(f"{path}:Value", "--json", "--only", "forks,order,again")
    for graph in json.loads(done.stdout)["graphs"]:
        if graph["verdict"] == "wrong":
            space: dict[str, Any] = {}
            exec(planted.source, space)
            exec(graph["reproduce"], space)
            assert float(capsys.readouterr().out) == pytest.approx(graph["yours"])


def test_json_and_junit(tmp_path: Path) -> None:
    """The record names the fault and its graphs; JUnit has a case a graph."""
    path = written(tmp_path, TWELVE["= for +="].source)
    report = tmp_path / "report.xml"
    done = doctor(f"{path}:Value", "--json", "--junit", str(report), "--only", "add,forks")
    record = json.loads(done.stdout)
    assert record["schema_version"] == 1
    fault = record["faults"][0]
    assert fault["name"] == "overwritten"
    assert {record["graphs"][place]["verdict"] for place in fault["explains"]} == {"wrong"}
    suite = next(iter(junitparser.JUnitXml.fromfile(str(report))))
    assert (suite.tests, suite.failures) == (len(record["graphs"]), record["of"] - record["right"])
    failed = next(case for case in suite if case.result)
    assert "+=" in failed.result[0].text


def test_a_healthy_engine_exits_0(tmp_path: Path) -> None:
    """All right, and nothing claimed."""
    done = doctor(f"{written(tmp_path, CLOSURES)}:Value", "--only", "add,mul,forks")
    assert done.exit_code == 0
    assert "No fault found." in done.stdout


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("class Value: pass", "my_engine.py:Value", "Value(3.0) raises TypeError"),
        ("class Value:\n    def __init__(self, x): self.x = x", "my_engine.py:Value", "--data"),
        ("import no_such_module", "my_engine.py:Value", "line 1: import no_such_module"),
        ("def f(:\n", "my_engine.py:Value", "SyntaxError"),
        ("raise SystemExit(0)", "my_engine.py:Value", "SystemExit"),
        ("class Wert: pass", "my_engine.py:Value", "its classes: Wert"),
        ("Value = 3", "my_engine.py:Value", "it is no class"),
        ("while True: pass", "my_engine.py:Value", "takes longer than"),
        ("import os; os._exit(3)", "my_engine.py:Value", "ends the process"),
        ("", "my_engine.py", "which class"),
        ("", "other.py:Value", "there is no file"),
        ("", "my_engine", "names no Python file"),
    ],
)
def test_what_cannot_be_used_exits_2(tmp_path: Path, source: str, target: str, words: str) -> None:
    """Said in plain words, with their own lines of a traceback, and none of ours."""
    written(tmp_path, source)
    done = doctor(str(tmp_path / target), "--time", "0.2")
    assert done.exit_code == 2
    assert words in done.stderr
    assert "clinic" not in done.stderr


def test_other_names_and_a_talkative_engine(tmp_path: Path) -> None:
    """Names can be given; what the engine prints and asks reaches nobody."""
    source = CLOSURES.replace("self.data", "self.wert").replace("other.data", "other.wert")
    source = source.replace("out.data", "out.wert").replace("grad", "steigung").replace("backward", "zurueck")
    source = 'print("hello")\n' + source.replace("self._back()", 'print("walking"); self._back()')
    path = written(tmp_path, source)
    assert doctor(f"{path}:Value").exit_code == 2
    names = ("--data", "wert", "--grad", "steigung", "--backward", "zurueck", "--zero", "zero_steigung")
    done = doctor(f"{path}:Value", *names, "--only", "add,mul,forks,order")
    assert done.exit_code == 0
    assert "hello" not in done.output


def test_a_walk_without_end_is_ended(tmp_path: Path) -> None:
    """Of a graph that takes too long nothing is claimed but that; the rest is examined."""
    endless = CLOSURES.replace("self.grad += (self.data > 0) * out.grad", "while True: pass")
    done = doctor(f"{written(tmp_path, endless)}:Value", "--only", "add,functions", "--time", "0.2", "--json")
    assert done.exit_code == 1
    verdicts = {
        graph["formula"]: graph["error"] for graph in json.loads(done.stdout)["graphs"] if "error" in graph
    }
    assert verdicts == {"h = relu(x); f = h*y": "it takes longer than 0.2 s"}


def test_no_name_of_an_engine_is_misread() -> None:
    """An attribute that only looks like the number is not taken for it."""

    class Value:
        def __init__(self, number: float) -> None:
            self.number, self.grad = number, 0.0

        def backward(self) -> None:
            self.grad = 1.0

    patient = Patient(Value, {}, Names(data="number"))
    assert patient.names == Names("number", "grad", "backward", "")
