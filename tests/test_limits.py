"""What asks for more than a machine has is refused, and what ends a command says why by its exit code."""

from __future__ import annotations

import subprocess
import sys

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
