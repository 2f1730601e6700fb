"""A real pseudo-terminal with ``backtrace`` in it, and the screen that a person would see."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pyte


class Terminal:
    """``backtrace`` running in a terminal of a given size; ``screen`` is what stands on it."""

    def __init__(self, *words: str, rows: int = 30, columns: int = 80, env: dict[str, str] | None = None,
                 home: Path | None = None) -> None:  # fmt: skip
        settings = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
        settings |= {
            "TERM": "xterm-256color",
            "PYTHONIOENCODING": "utf-8",
            "LC_ALL": "C.UTF-8",
            "INPUTRC": "/dev/null",
        }
        if home is not None:
            settings["BACKTRACE_PROGRESS"] = str(home / "progress.json")
        settings |= env or {}
        self.child = pexpect.spawn(
            sys.executable, ["-m", "backtrace_cli", *words], dimensions=(rows, columns), env=settings,
            encoding="utf-8", codec_errors="replace", timeout=20,
        )  # fmt: skip
        self.child.delaybeforesend = None
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self.raw = ""

    def settle(self, text: str = "> ", within: float = 60.0) -> str:
        """Wait until ``text`` stands on the screen (a prompt: where the cursor is); the screen."""
        prompt = text.endswith("> ")
        self._until(lambda: text in self.screen and (not prompt or self._invites()), text, within)
        return self.screen

    def _until(self, come: Callable[[], bool], what: str, within: float = 60.0) -> None:
        """Read until something has come. How long that takes is the machine's affair."""
        end = time.monotonic() + within
        while not come():
            if time.monotonic() > end or not (self._read(0.05) or self.child.isalive()):
                while self._read(0.1):
                    pass
                if come():
                    return
                raise AssertionError(f"{what!r} never came; the screen:\n{self.screen}")

    def _invites(self) -> bool:
        """Is the cursor behind a prompt, and nothing on its way?"""
        line = self._screen.display[self._screen.cursor.y][: self._screen.cursor.x]
        return line.rstrip().endswith(">") and not self._read(0.04)

    def rest(self) -> None:
        """Wait until ``backtrace`` waits for a key: it says nothing and computes nothing.

        A person presses Ctrl-C then; in the very instant of another key Python's readline
        notices a signal with the next key only.
        """
        calm = 0
        while calm < 3 and self.child.isalive():
            calm = 0 if self._read(0.05) or self._runs() else calm + 1

    def _runs(self) -> bool:
        """Does the process compute, or wait for a processor? (Known on Linux; elsewhere: no.)"""
        try:
            stat = Path(f"/proc/{self.child.pid}/stat").read_text("utf-8")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] not in "SZ"

    def _read(self, wait: float) -> bool:
        """Take what was written within so many seconds; was there anything?"""
        try:
            piece = self.child.read_nonblocking(65536, timeout=wait)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        self.raw += piece
        self._stream.feed(piece)
        return True

    @property
    def screen(self) -> str:
        """The lines of the screen, without the empty space after them."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip() + " "

    def type(self, text: str) -> str:
        """Type a line and wait for the prompt after it."""
        before = len(self.raw)
        self.send(text + "\r")
        self._until(lambda: "\n" in self.raw[before:], "the end of the line")  # not the prompt before
        return self.settle()

    def send(self, text: str) -> None:
        """Type without Enter."""
        self.child.send(text)

    def interrupt(self, key: str = "\x03") -> None:
        """Press Ctrl-C (or Ctrl-D) when nothing is going on."""
        self.rest()
        self.child.send(key)

    def kill(self, number: int) -> None:
        """Send a signal when nothing is going on."""
        self.rest()
        self.child.kill(number)

    def resize(self, rows: int, columns: int) -> None:
        """Make the window another size, as a person dragging its corner does.

        The screen is empty until it is painted anew, so that nothing on it is from before.
        """
        self.rest()
        self._screen.resize(rows, columns)
        self._screen.reset()
        self.child.setwinsize(rows, columns)  # which sends the signal, too

    def leave(self) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + 60
        while self.child.isalive() and time.monotonic() < end:
            self._read(0.05)
        while self._read(0.05):
            pass
        self.child.close()
        code: Any = self.child.exitstatus
        return -1 if code is None else int(code)
