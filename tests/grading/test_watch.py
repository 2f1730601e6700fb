"""``backtrace check --watch``: in a pipe and in a real terminal."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.commands._watching import saves

EXAMPLE = Path(__file__).parent.parent.parent / "exercises" / "examples" / "two_paths_filled.toml"
TEXT = EXAMPLE.read_text("utf-8")


class Watched:
    """A running ``check --watch``, whose output is read as it comes."""

    def __init__(self, file: Path, *words: str, terminal: bool = False) -> None:
        command = [sys.executable, "-m", "backtrace_cli", "check", "--watch", *words, str(file)]
        env = {**os.environ, "NO_COLOR": "1", "COLUMNS": "80", "PYTHONUNBUFFERED": "1", "TERM": "xterm",
               "BACKTRACE_PROGRESS": str(file.parent / "progress.json")}  # fmt: skip
        if terminal:
            import pty

            self.reader, writer = pty.openpty()
        else:
            self.reader, writer = os.pipe()
        self.process = subprocess.Popen(
            command, stdout=writer, stderr=writer, stdin=writer if terminal else None, env=env
        )
        os.close(writer)
        self.text = ""

    def until(self, words: str, count: int = 1) -> str:
        """Everything so far, when ``words`` have come ``count`` times."""
        ends = time.monotonic() + 60  # a test that waits for ever tells nothing
        while self.text.count(words) < count:
            assert time.monotonic() < ends, self.text
            try:
                data = os.read(self.reader, 65536)
            except OSError:  # the terminal was closed
                data = b""
            assert data, self.text
            self.text += data.decode("utf-8")
        return self.text

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        os.close(self.reader)
        return code


def test_a_file_that_stays_away_is_told_once(tmp_path: Path) -> None:
    """Away for one look is an editor saving; for two it is gone."""
    file = tmp_path / "x.toml"
    file.write_text(TEXT, "utf-8")
    steps = iter([file.unlink, lambda: file.write_text(TEXT), lambda: None, file.unlink] + [lambda: None] * 9)
    looks = saves([str(file)], sleep=lambda seconds: seconds > 0.1 and next(steps)())
    assert [next(looks), next(looks), next(looks)] == [[str(file)], [str(file)], []]
    with pytest.raises((RuntimeError, StopIteration)):
        next(looks)


ENDS = "Ctrl-C ends"


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
@pytest.mark.parametrize("terminal", [False, True])
def test_it_checks_on_every_save(tmp_path: Path, terminal: bool) -> None:
    """Saved in place, saved by renaming, broken, gone and back: each time the page is as the file is."""
    file = tmp_path / "x.toml"
    file.write_text(TEXT, "utf-8")
    watched = Watched(file, terminal=terminal)
    watched.until(ENDS, 1)
    file.write_text(TEXT.replace('x = "2*x"', 'x = "3*x"'), "utf-8")
    watched.until(ENDS, 2)
    new = tmp_path / "new"
    new.write_text(TEXT.replace('x = "2*x"', 'x = "2*x - y"'), "utf-8")
    os.replace(new, file)
    watched.until(ENDS, 3)
    file.write_text("x = [", "utf-8")
    watched.until(ENDS, 4)
    file.unlink()
    time.sleep(0.6)
    file.write_text(TEXT, "utf-8")
    page = watched.until(ENDS, 5)
    assert watched.interrupt() == 1
    page = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", page)
    parts = page.split(ENDS)
    assert "5 of 6 right" in parts[0]
    assert ("hint 1 of 3" in parts[0], "hint 2 of 3" in parts[0]) == (True, False)
    assert "hint 2 of 3" in parts[1]
    assert "6 of 6 right" in parts[2]
    assert "is not TOML" in parts[3]
    assert "5 of 6 right" in parts[4]
    assert "Traceback" not in page
    assert "Aborted" not in page


def test_all_right_ends_with_zero(tmp_path: Path) -> None:
    """Ctrl-C gives the exit code of the last look."""
    file = tmp_path / "x.toml"
    file.write_text(TEXT.replace('x = "2*x"', 'x = "2*x - y"'), "utf-8")
    watched = Watched(file, "--plain")
    watched.until(ENDS)
    assert watched.interrupt() == 0


def test_watching_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is told, and waited for."""
    watched = Watched(tmp_path / "x.toml")
    assert "there is no file" in watched.until(ENDS)
    (tmp_path / "x.toml").write_text(TEXT, "utf-8")
    assert "5 of 6 right" in watched.until(ENDS, 2)
    assert watched.interrupt() == 1


def test_json_is_one_document(backtrace: Callable[..., Result]) -> None:
    """--watch and --json don't go together."""
    result = backtrace("check", "--watch", "--json", str(EXAMPLE))
    assert (result.exit_code, result.stdout) == (2, "")


def test_only_what_was_saved_is_checked(tmp_path: Path) -> None:
    """At first every file, then those that were saved."""
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_text("a")
    two.write_text("b")
    steps = [lambda: None, lambda: two.write_text("bb"), lambda: None, lambda: None, lambda: one.unlink(),
             lambda: one.write_text("aaa"), lambda: None]  # fmt: skip
    found = saves([str(one), str(two)], sleep=lambda seconds: steps.pop(0)() and None)
    assert next(found) == [str(one), str(two)]
    assert next(found) == [str(two)]
    assert next(found) == [str(one)]
