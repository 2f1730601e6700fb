"""A real pseudo-terminal with ``backtrace`` in it, and the screen that a person would see."""

from __future__ import annotations

import os
import signal
import sys
import time
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

    def settle(self, text: str = "> ", within: float = 20.0) -> str:
        """Wait until ``text`` stands where the cursor's line begins or ends, and return the screen."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            self._read(0.05)
            if text in self.screen and (not text.endswith("> ") or self._quiet()):
                return self.screen
            if not self.child.isalive():
                self._read(0.1)
                break
        if text in self.screen:
            return self.screen
        raise AssertionError(f"{text!r} never came; the screen:\n{self.screen}")

    def _quiet(self) -> bool:
        before = len(self.raw)
        self._read(0.04)
        line = self._screen.display[self._screen.cursor.y][: self._screen.cursor.x]
        return len(self.raw) == before and line.rstrip().endswith(">")

    def _read(self, wait: float) -> None:
        try:
            piece = self.child.read_nonblocking(65536, timeout=wait)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return
        self.raw += piece
        self._stream.feed(piece)

    @property
    def screen(self) -> str:
        """The lines of the screen, without the empty space after them."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip() + " "

    def type(self, text: str) -> str:
        """Type a line and wait for the next prompt."""
        self.child.send(text + "\r")
        return self.settle()

    def send(self, text: str) -> None:
        """Type without Enter."""
        self.child.send(text)

    def interrupt(self, key: str = "\x03") -> None:
        """Press Ctrl-C (or Ctrl-D) as a person does: not in the very instant of another key, when
        Python's readline would notice it with the next key only.
        """
        time.sleep(0.15)
        self._read(0.05)
        self.child.send(key)

    def resize(self, rows: int, columns: int) -> None:
        """Make the window another size, as a person dragging its corner does."""
        time.sleep(0.15)
        self._read(0.05)
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)
        self.child.kill(signal.SIGWINCH)

    def leave(self) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + 20
        while self.child.isalive() and time.monotonic() < end:
            self._read(0.05)
        for _ in range(3):
            self._read(0.05)
        self.child.close()
        code: Any = self.child.exitstatus
        return -1 if code is None else int(code)
