"""A pipe to which nobody writes, and a device without an end, stop no command."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.base import whole_file

Run = Callable[..., Result]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes by name here")
@pytest.mark.parametrize(
    "words",
    [
        ["eval", "-f", "PIPE"],
        ["new", "--like", "exercises/04_forks/two_paths.toml", "--student", "a", "--key-file", "PIPE"],
        ["grade", "docs/class/submissions", "--course", "docs/class/course", "--students", "PIPE"],
        ["grade", "docs/class/submissions", "--course", "docs/class/course", "--corrections", "PIPE"],
        ["grade", "docs/class/submissions", "--course", "docs/class/course", "--resume", "PIPE"],
    ],
    ids=lambda words: " ".join(words[:1] + words[-2:-1]),
)
def test_a_pipe_without_a_writer(
    backtrace: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Every option that names a file gives up with words."""
    monkeypatch.setattr(whole_file, "_PATIENCE", 0.05)
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    result = backtrace(*[str(pipe) if word == "PIPE" else word for word in words])
    assert result.exit_code == 2
    assert "pipe" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes by name here")
def test_a_pipe_with_a_writer(backtrace: Run, tmp_path: Path) -> None:
    """What comes through a pipe is read."""
    pipe = tmp_path / "pipe.bt"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("x^2", "utf-8"))
    writer.start()
    result = backtrace("eval", "-f", str(pipe), "--at", "x=3")
    writer.join()
    assert result.exit_code == 0, result.stderr


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device here")
def test_a_device_without_an_end(backtrace: Run) -> None:
    """Results are read from no endless device."""
    for words in (["grade", "--merge", "/dev/zero"], ["report", "/dev/zero"]):
        result = backtrace(*words)
        assert result.exit_code == 2
