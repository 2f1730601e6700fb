"""How far a training run is: a bar in a terminal, a line now and then elsewhere."""

from __future__ import annotations

from typing import IO, Any

from backtrace_cli.engine.training import Training
from backtrace_cli.formula.numerals import numeral

__all__ = ["Progress"]


class Progress:
    """A bar in a terminal, a line now and then elsewhere; always to standard error.

    Call it after each update; it looks at the clock and does little else.
    """

    def __init__(self, training: Training, file: IO[str], *, ascii: bool = False) -> None:
        from time import monotonic

        self.training, self.file, self.clock = training, file, monotonic
        self.ascii = ascii
        self.next = monotonic()
        self.bar: Any = None
        if file.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            console = Console(file=file, highlight=False, markup=False, emoji=False)
            self.bar = Bar(
                TextColumn(" {task.description}", markup=False), BarColumn(bar_width=None),
                TextColumn("{task.percentage:>3.0f}%", markup=False), TimeRemainingColumn(compact=True),
                console=console, transient=True, auto_refresh=False,
            )  # fmt: skip
            total = training.settings.epochs * training.batches
            self.task = self.bar.add_task("", total=total, completed=training.updates)
            self.bar.start()
        else:
            self.next += 5.0

    def __call__(self, loss: float) -> None:
        """Show where the training is, if it is time to."""
        now = self.clock()
        if now < self.next:
            return
        epoch, _ = self.training.position
        words = f"epoch {epoch + 1} of {self.training.settings.epochs}, loss {numeral(loss, 3, ascii=True)}"
        if self.bar is None:
            self.next = now + 5.0
            print(words, file=self.file, flush=True)
        else:
            self.next = now + 0.1
            self.bar.update(self.task, completed=self.training.updates, description=words)
            self.bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
