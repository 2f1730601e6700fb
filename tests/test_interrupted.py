"""Ctrl-C while a command starts: silence, and the exit code that a shell knows it by."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COURSE = ROOT / "exercises"

#: Runs a command that is interrupted as it begins to import a module.
RUN = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
module = sys.argv[1]
sys.meta_path.insert(0, Finder())
from backtrace_cli.__main__ import main
sys.argv = ["backtrace", *sys.argv[2:]]
main()
"""
EVAL = ["eval", "sum(x^2)", "--at", "x=[1,2]"]
TRAIN = ["train", str(COURSE / "formulas" / "logistic.bt"), "--data", str(COURSE / "data" / "iris.csv")]
CHECK = ["check", str(COURSE / "04_forks")]
NEW = ["new", "x^2*y", "--at", "x=3,y=2"]
CASES = [
    ("click", EVAL), ("backtrace_cli.cli", EVAL), ("backtrace_cli.commands.eval", EVAL),
    ("backtrace_cli.engine.arithmetics.arrays", EVAL), ("numpy", EVAL),
    ("backtrace_cli.pages.trace.page", EVAL),
    ("backtrace_cli.commands.train", TRAIN), ("backtrace_cli.training.start", TRAIN),
    ("backtrace_cli.pages.training.outcome", TRAIN), ("backtrace_cli.commands.check", CHECK),
    ("backtrace_cli.pages.grading.verdicts", CHECK), ("backtrace_cli.grading.authoring.making", NEW),
    ("backtrace_cli.commands.chain", ["chain", "f(x(t))"]),
    ("backtrace_cli.commands.lint", ["lint", str(COURSE)]),
    ("backtrace_cli.commands.step", ["step", "x^2", "--at", "x=1"]), ("backtrace_cli.commands.ops", ["ops"]),
    ("backtrace_cli.commands.quiz", ["quiz"]), ("backtrace_cli.commands.progress", ["progress"]),
    ("backtrace_cli.commands.grade", ["grade", "."]), ("backtrace_cli.commands.eval", ["--help"]),
]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(("module", "words"), CASES, ids=[f"{words[0]}-{module}" for module, words in CASES])
def test_interrupted_while_it_starts(module: str, words: list[str], tmp_path: Path) -> None:
    """Exit 130, and no word, neither click's nor Python's."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", RUN, module, *words], cwd=tmp_path, env=env, capture_output=True, text=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (130, "")


def test_importing_the_command_leaves_signals_alone() -> None:
    """Once the command is loaded, Ctrl-C does what it did: raises KeyboardInterrupt, or nothing."""
    code = (
        "import signal, sys\nif sys.argv[1:]: signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "before = signal.getsignal(signal.SIGINT)\nimport backtrace_cli.__main__\n"
        "assert signal.getsignal(signal.SIGINT) is before"
    )
    for words in ([], ["ignored"]):
        subprocess.run([sys.executable, "-c", code, *words], check=True, cwd=ROOT)
