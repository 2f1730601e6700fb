"""What asks for more than a machine has is refused, and what ends a command says why by its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from backtrace_cli import trace
from backtrace_cli.base.errors import BacktraceError, FormulaError
from backtrace_cli.cli import main


@pytest.mark.parametrize("formula", [
    "one_hot(1, 200000000)", "param W: normal(14000,14000)\nsum(W)", "sum(eye(20000))",
    "param W: zeros(9999999999)\nW[0]",
])  # fmt: skip
def test_sizes_that_fill_the_memory_are_refused(formula: str) -> None:
    """With the number of entries, and the variable that raises the limit."""
    found = CliRunner().invoke(
        main, ["eval", formula, "--at", ""] if "param" in formula else ["eval", formula]
    )
    assert found.exit_code == 2, found.output
    assert "entries" in found.output
    assert "BACKTRACE_MAX_ENTRIES" in found.output


def test_the_limit_can_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """By an environment variable, both ways."""
    assert trace("sum(one_hot(x, 30))", x=1).value == 1
    monkeypatch.setenv("BACKTRACE_MAX_ENTRIES", "20")
    with pytest.raises(BacktraceError, match="30 entries"):
        trace("sum(one_hot(x, 30))", x=1)
    monkeypatch.setenv("BACKTRACE_MAX_ENTRIES", "1_000")
    assert trace("sum(one_hot(x, 30))", x=1).value == 1


@pytest.mark.parametrize("lines", [3, 2000])
def test_a_reader_that_goes_ends_a_command_in_silence(lines: int) -> None:
    """Into ``| true``: the shell's own code for a closed pipe, never the 1 of a failed check."""
    formula = "+".join(f"sin({n}*x)" for n in range(1, lines))
    command = [sys.executable, "-m", "backtrace_cli", "eval", formula, "--at", "x=1"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait() == 141


def test_a_function_is_no_formula() -> None:
    """From Python, what is no text is told in words."""
    with pytest.raises(FormulaError, match="a lambda has no name to find it by"):
        trace(lambda x: x**2, x=2)


@pytest.mark.parametrize(
    "words", [["eval", "x^2("], ["eval", "--nosuch"], ["check", "/no/such.toml"], ["eval", "x^2"]]
)
def test_words_that_nobody_can_read_end_with_two(words: list[str]) -> None:
    """Where standard error is full the command is quiet, and 1 keeps its meaning of a wrong answer."""
    out = subprocess.PIPE
    with open("/dev/full", "w", encoding="utf-8") as full:
        if words[-1] == "x^2":  # standard output is full as well
            out = full.fileno()
        found = subprocess.run(
            [sys.executable, "-m", "backtrace_cli", *words], stdout=out, stderr=full, check=False
        )
    assert found.returncode == 2
    assert not found.stdout


@pytest.mark.slow
def test_a_pipe_that_nobody_writes_into_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told; one that is written into is read, however late."""
    monkeypatch.setattr("backtrace_cli.base.whole_file._PATIENCE", 0.3)
    pipe = tmp_path / "f.bt"
    os.mkfifo(pipe)
    found = CliRunner().invoke(main, ["eval", "-f", str(pipe)])
    assert found.exit_code == 2
    assert "nobody writes into it" in found.output
    monkeypatch.setattr("backtrace_cli.base.whole_file._PATIENCE", 2.0)
    with subprocess.Popen(["sh", "-c", f"exec 3> '{pipe}'; sleep 2.5; echo 'x^2' >&3"]):
        assert CliRunner().invoke(main, ["eval", "-f", str(pipe)]).exit_code == 0


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.csv", "x.json"])
def test_no_pipe_is_a_file_of_values(name: str, tmp_path: Path) -> None:
    """As values and as examples: neither is waited for."""
    pipe, formula = tmp_path / name, tmp_path / "f.bt"
    os.mkfifo(pipe)
    formula.write_text("param w: 0\nL = mean((w*x)^2)", "utf-8")
    for words in (["eval", "sum(x)", "--at", f"x=@{pipe}"], ["train", str(formula), "--data", str(pipe)]):
        found = CliRunner().invoke(main, words)
        assert found.exit_code == 2, found.output
        assert "is no plain file" in found.output or (words[0] == "train" and name == "x.npy")
