"""How far a training run, or a long check, is: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
from typing import IO, Any

from backtrace_cli.base.numerals import numeral
from backtrace_cli.training.training import Training

__all__ = ["Counted", "Progress"]

#: Seconds between two lines, and between two pictures of the bar.
_SELDOM, _OFTEN = 5.0, 0.1
#: Below this width the bar leaves out how long it will take.
_ROOM = 60


class Progress:
    """A bar in a terminal, a line now and then elsewhere; always to standard error.

    Call it after each update; it looks at the clock and does little else.
    """

    def __init__(self, training: Training, file: IO[str], *, plain: bool = False) -> None:
        from time import monotonic

        self.training, self.file, self.clock = training, file, monotonic
        self.next = monotonic()
        self.bar: Any = None
        self.wide = 0
        if plain or not file.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
            self.next += _SELDOM
            return
        from rich.console import Console
        from rich.progress import BarColumn, ProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = Console(file=file, highlight=False, markup=False, emoji=False)
        columns: list[ProgressColumn] = [
            TextColumn(" {task.description}", markup=False),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f}%", markup=False),
        ]
        if console.width >= _ROOM:
            columns.append(TimeRemainingColumn(compact=True))
        self.bar = Bar(*columns, console=console, transient=True, auto_refresh=False)
        total = training.settings.epochs * training.batches
        self.task = self.bar.add_task("", total=total, completed=training.updates)
        self.bar.start()

    def __call__(self, loss: float) -> None:
        """Show where the training is, if it is time to."""
        now = self.clock()
        if now < self.next:
            return
        epoch, _ = self.training.position
        words = f"epoch {epoch + 1} of {self.training.settings.epochs}, loss {numeral(loss, 3, ascii=True)}"
        if self.bar is None:
            self.next = now + _SELDOM
            print(words, file=self.file, flush=True)
        else:
            self.next = now + _OFTEN
            self.wide = max(self.wide, len(words))  # the bar stands still while the loss changes its length
            self.bar.update(self.task, completed=self.training.updates, description=words.ljust(self.wide))
            self.bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()


class Counted:
    """A bar for what is counted, on standard error where that is a terminal, once it takes a while."""

    def __init__(self, words: str, count: int, file: IO[str]) -> None:
        self.bar: Any = None
        if not file.isatty() or os.environ.get("TERM") in ("dumb", "unknown"):
            return
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        console = Console(file=file, highlight=False, markup=False, emoji=False)
        done = TextColumn("{task.completed} of {task.total}; Ctrl-C stops and keeps them", markup=False)
        self.bar = Bar(TextColumn(f" {words}", markup=False), BarColumn(bar_width=None), done,
                       console=console, transient=True)  # fmt: skip
        self.task = self.bar.add_task("", total=count)
        self.bar.start()

    def step(self) -> None:
        """One more is done."""
        if self.bar is not None:
            self.bar.advance(self.task)

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
