"""The terminal of the quiz: a page that is painted over in place, and one line to type on.

The only file of the quiz that reads keys and writes to a terminal. What to paint comes
as text. Line editing is the platform's readline; without one the terminal's own serves.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

__all__ = ["LEAVE", "Lines", "Stage", "is_terminal"]

#: What is returned for Ctrl-C, Ctrl-D, and for a terminal that is closed.
LEAVE = None

_ENTER, _EXIT = "\x1b[?1049h", "\x1b[?1049l"
_HOME, _REST_OF_LINE, _REST = "\x1b[H", "\x1b[K", "\x1b[J"


class _Repaint(Exception):
    """The window changed its size, or the program came back from the background."""


class _Close(BaseException):
    """The program was told to end."""


def is_terminal() -> bool:
    """Do both input and output belong to a person?"""
    return bool(sys.stdin and sys.stdout and sys.stdin.isatty() and sys.stdout.isatty())


class Stage:
    """A page on the terminal's other screen: what was there before comes back at the end.

    ``with Stage() as stage: stage.ask(paint, "> ")`` paints and reads a line; ``paint``
    is called with the size of the window, again whenever that changes.
    """

    def __init__(self) -> None:
        self._readline: Any = None
        self._typed = ""
        self._live = False
        self._reading = False
        self._before: dict[int, Any] = {}
        self.signal = 0
        """The signal that told the program to end, or 0."""

    def __enter__(self) -> Stage:
        with contextlib.suppress(ImportError):
            import readline

            self._readline = readline
            with contextlib.suppress(Exception):  # another line editor knows other words
                readline.parse_and_bind("set enable-bracketed-paste on")
        for name, handler in (("SIGWINCH", self._resized), ("SIGCONT", self._resized),
                              ("SIGALRM", self._resized), ("SIGTERM", self._closed), ("SIGHUP", self._closed),
                              ("SIGQUIT", self._closed)):  # fmt: skip
            number = getattr(signal, name, None)
            if number is not None:
                self._before[number] = signal.signal(number, handler)
        self._write(_ENTER)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trail: object) -> bool:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        with contextlib.suppress(OSError):
            self._write(_EXIT)
        return kind is _Close

    def ask(self, paint: Callable[[int, int], str], prompt: str) -> str | None:
        """Paint the page and read a line under it; None where the person wants to leave."""
        self._typed = ""
        while True:
            try:
                self._reading, self._live = True, False
                self._paint(paint)
                if self._readline is not None:
                    # An interruption inside the hook would be lost, so there is one only when needed.
                    self._readline.set_startup_hook(self._refill if self._typed else None)
                    self._live = not self._typed
                return input(prompt)
            except _Repaint:
                continue
            except SystemError:  # Python's word for a signal that came while _Repaint was on its way
                if self._reading:
                    raise
                continue
            except (EOFError, KeyboardInterrupt):
                return LEAVE
            except OSError:  # the terminal is gone
                return LEAVE
            except UnicodeError:
                self._typed = ""  # bytes that are no text: ask again
            finally:
                self._reading = False

    def _paint(self, paint: Callable[[int, int], str]) -> None:
        size = os.get_terminal_size(sys.stdout.fileno())
        columns, rows = size.columns or 80, size.lines or 24
        lines = paint(columns, rows - 2).split("\n")
        self._write(_ENTER + _HOME + "".join(f"{line}{_REST_OF_LINE}\n" for line in lines[:-1]) + _REST)

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def _refill(self) -> None:
        """What was typed before the page was painted anew stands on the line again.

        In this order, so that it stands in one place or the other whenever a signal comes.
        """
        self._readline.insert_text(self._typed)
        self._live = True
        self._typed = ""

    def _resized(self, number: int, frame: FrameType | None) -> None:
        if not self._reading:
            return
        if frame is None or frame.f_code is not Stage.ask.__code__:
            # Readline drops what is raised while it calls back (somebody drags the corner): a moment later.
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            return
        if self._live:  # otherwise what was typed still waits to be put back
            self._typed = self._readline.get_line_buffer()
        self._reading = self._live = False
        raise _Repaint

    def _closed(self, number: int, frame: FrameType | None) -> NoReturn:
        self.signal = number
        raise _Close


class Lines:
    """Lines one after another without moving anything: for ``--plain`` and for scripts.

    ``script`` gives the lines; without one they are read from standard input.
    """

    def __init__(self, script: Iterator[str] | None = None) -> None:
        self._script = script

    def ask(self, prompt: str) -> str | None:
        """The next line, or None at the end."""
        if self._script is not None:
            line = next(self._script, None)
            if line is not None:
                sys.stdout.write(f"{prompt}{line}\n")
            return line
        try:
            return input(prompt)
        except (EOFError, KeyboardInterrupt):
            sys.stdout.write("\n")
            return LEAVE
        except UnicodeError:
            return ""
