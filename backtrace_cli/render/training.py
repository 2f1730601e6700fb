"""The page of a training run: what is trained on what, the loss's curve, the epochs, the result."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import IO, Any, NamedTuple

from backtrace_cli.engine.descent import Settings
from backtrace_cli.engine.events import plain
from backtrace_cli.engine.training import BrokenError, Epoch, Training
from backtrace_cli.errors import shorten, visible
from backtrace_cli.formula.numerals import ascii_text, numeral, shape_of
from backtrace_cli.ops.shapes import sides
from backtrace_cli.render.curve import curve
from backtrace_cli.render.layout import (
    GRADIENT,
    HARD_SPACE,
    HEADING,
    QUIET,
    VALUE,
    Column,
    Screen,
    heading,
    line,
    paragraph,
    table,
)

__all__ = [
    "Outcome",
    "Progress",
    "outcome_dict",
    "plain_lines",
    "print_outcome",
    "print_setup",
    "setup_lines",
]

#: About so many epochs stand in the table.
_ROWS = 10
#: Parameters of at most so many numbers together are printed whole.
_FEW = 16


class Outcome(NamedTuple):
    """How a run ended."""

    training: Training
    before: Epoch
    after: Epoch
    out: str | None
    state: str | None
    stopped: bool = False
    """By the person at the keyboard?"""
    broken: BrokenError | None = None
    resume: Sequence[str] = ()
    """The command that goes on from the state."""


def setup_lines(training: Training) -> list[tuple[str, str]]:
    """What is trained on what, as (what, words) pairs."""
    settings, examples = training.settings, training.examples
    lines = []
    if examples.arrays:
        batches = f"batches of {training.size}, {training.batches} updates an epoch"
        if training.batches == 1:
            batches = "all in one batch, 1 update an epoch"
        lines.append(("examples", f"{examples.size:,} from {' and '.join(examples.files)}"))
        if training.held is not None:
            lines.append(("", f"{training.held.size:,} more are held out, to be measured on"))
        lines.append(("", batches))
        lines.append(("data", "   ".join(_shaped(name, value) for name, value in examples.arrays.items())))
    left = list(examples.left)
    if left:
        some = ", ".join(shorten(name, 24) for name in left[:8]) + (" …" if len(left) > 8 else "")
        lines.append(("unread", some))
    count = sum(value.size for value in training.parameters.values())
    lines.append(("train", "   ".join(_shaped(name, value) for name, value in training.parameters.items())))
    lines.append(("", f"{count:,} {'number' if count == 1 else 'numbers'}"))
    lines.append(("step", _rule(settings)))
    for title, strengths, words in (("l1", training.l1, "λ·Σ|w|"), ("l2", training.l2, "λ/2·Σw²")):
        if strengths:
            for value in dict.fromkeys(strengths.values()):
                names = ", ".join(name for name, strength in strengths.items() if strength == value)
                lines.append((title, f"{words} of {names}   with λ = {numeral(value)}"))
    return lines


def _shaped(name: str, value: Any) -> str:
    """``W 3×4``; a number has no shape to tell."""
    return f"{name}{HARD_SPACE}{sides(value.shape)}" if value.shape else name


def _run_words(settings: Settings) -> str:
    return f"{settings.epochs:,} {'epoch' if settings.epochs == 1 else 'epochs'}, seed {settings.seed}"


def _rule(settings: Settings) -> str:
    """The update as a formula."""
    alpha = f"α = {numeral(settings.lr)}"
    if settings.momentum:
        return f"v ← {numeral(settings.momentum)}·v + ∇L, w ← w − α·v   with {alpha}"
    return f"w ← w − α·∇L   with {alpha}"


def print_setup(screen: Screen, training: Training) -> None:
    """What is about to happen."""
    output = training.graph.output
    screen.parts([])
    title = f"minimise {training.graph.name(output)}"
    _said(screen, [(title, HEADING), (f"   {_run_words(training.settings)}", "")])
    screen.parts([])
    pairs = setup_lines(training)
    wide = max(len(title) for title, _ in pairs)
    for what, words in pairs:
        _said(screen, [(f"{what.ljust(wide)}  ", QUIET), (words, "")], wide + 2)
    screen.file.flush()


def _said(screen: Screen, parts: list[tuple[str, str]], hang: int = 2, indent: int = 1) -> None:
    """One flowing line; two spaces hold its pieces together."""
    if screen.ascii:
        parts = [(_ascii(text), style) for text, style in parts]
    parts = [(text.replace("  ", HARD_SPACE * 2), style) for text, style in parts]
    paragraph(screen, parts, indent, hang)


def _ascii(text: str) -> str:
    """``text`` in ASCII, its two operators by name."""
    return ascii_text(text.replace(HARD_SPACE, " ").replace("∇", "grad ").replace("Σ", "sum "))


def print_outcome(screen: Screen, outcome: Outcome) -> None:
    """The curve, the epochs, and what became of the parameters."""
    training = outcome.training
    if training.updates:
        heading(screen, f"Loss of each batch, {training.updates:,} updates")
        done = training.updates / training.batches
        for row in curve(training.losses, min(screen.width, 100) - 2, ascii=screen.ascii,
                         ends=("epoch 0", numeral(done, 3))):  # fmt: skip
            screen.parts([("  " + row, "")])
    _epochs(screen, training)
    aside = f"over all {training.examples.size:,} examples" if training.examples.arrays else ""
    heading(screen, "Result", aside)
    _result(screen, outcome)


def _epochs(screen: Screen, training: Training) -> None:
    rows = _chosen(training.epochs)
    if not rows:
        return
    titles = list(rows[-1].metrics)  # a run that is resumed may be asked for others than before
    aside = "loss: the mean over its batches, each before its update" if training.batches > 1 else ""
    heading(screen, "Epochs", aside)
    columns = [
        Column("epoch", right=True, lead="epoch "),
        Column("loss", right=True, style=GRADIENT, lead="loss ", keep=True),
    ]
    columns += [Column(t, right=True, style=VALUE, lead=f"{t} ", keep=True) for t in map(_title, titles)]
    cells = [
        [
            str(epoch.number),
            *(_number(screen, x) for x in (epoch.loss, *(epoch.metrics.get(t) for t in titles))),
        ]
        for epoch in rows
    ]
    table(screen, columns, cells)


def _result(screen: Screen, outcome: Outcome) -> None:
    training, before, after = outcome.training, outcome.before, outcome.after
    name = training.graph.name(training.graph.output)
    pairs: list[tuple[str, float | None, float]] = [(name, before.loss, after.loss)]
    pairs += [(_title(title), before.metrics.get(title), value) for title, value in after.metrics.items()]
    columns = (
        Column(), Column(right=True, keep=True), Column(keep=True),
        Column(right=True, style=VALUE, keep=True),
    )  # fmt: skip
    table(screen, columns, (
        (name, _number(screen, old), "→" if old is not None else "", _number(screen, new))
        for name, old, new in pairs
    ))  # fmt: skip
    if training.l1 or training.l2:
        words = f"and a penalty of {_number(screen, training.penalty())}, which {name} does not count"
        line(screen, words, indent=3)
    if sum(value.size for value in training.parameters.values()) <= _FEW:
        for name, value in training.parameters.items():
            shown = numeral(value if shape_of(value) else float(value), ascii=screen.ascii)
            _said(screen, [(f"{name} = ", ""), (shown, VALUE)], 4, indent=3)
    screen.parts([])
    for text in ending(outcome):
        line(screen, ascii_text(text) if screen.ascii else text)
    if outcome.state and outcome.stopped:  # whole, however long: it is to be copied
        screen.parts([("   " + _command(outcome), "")])


def _title(title: str) -> str:
    """A metric's name, or its formula on one line."""
    return shorten(" ".join(title.split()), 40)


def ending(outcome: Outcome) -> list[str]:
    """What became of the run, as sentences: where its parameters are and how to go on."""
    training, found = outcome.training, []
    epoch, batch = training.position
    if outcome.stopped:
        found.append(f"Stopped after {training.updates:,} updates, in epoch {epoch + 1} of "
                     f"{training.settings.epochs}, before its batch {batch + 1}.")  # fmt: skip
    if outcome.broken is None and outcome.after.loss > outcome.before.loss:
        found.append("The loss has risen: a smaller --lr often helps.")
    if outcome.out:
        found.append(f"The parameters are in {visible(outcome.out)}.")
    elif not outcome.stopped and outcome.broken is None:
        found.append("The parameters are not kept: --out net.npz would write them.")
    if outcome.state and outcome.stopped:
        found.append(f"Its state is in {visible(outcome.state)}. To go on:")
    elif outcome.state:
        found.append(f"The run's state is in {visible(outcome.state)}: --resume with more --epochs goes on.")
    return found


def _command(outcome: Outcome) -> str:
    """The command that goes on, as a shell reads it."""
    return visible(shlex.join(outcome.resume))


def _chosen(epochs: Sequence[Epoch]) -> list[Epoch]:
    """The first epochs, the last one, and some evenly between."""
    if len(epochs) <= _ROWS + 2:
        return list(epochs)
    every = -(-len(epochs) // _ROWS)
    return [epoch for epoch in epochs if epoch.number in (1, len(epochs)) or epoch.number % every == 0]


def _number(screen: Screen, value: float | None) -> str:
    return "" if value is None else numeral(value, 4, ascii=screen.ascii)


def plain_lines(outcome: Outcome) -> Iterator[str]:
    """The whole run as ASCII sentences, one a line, without a drawing."""
    training = outcome.training
    name = training.graph.name(training.graph.output)
    yield f"minimise {ascii_text(name)}: {_run_words(training.settings)}"
    for what, words in setup_lines(training):
        yield _ascii(f"{what or 'that is'}: {' '.join(words.split())}")
    for epoch in _chosen(training.epochs):
        metrics = "".join(
            f", {title} {numeral(value, 4, ascii=True)}" for title, value in epoch.metrics.items()
        )
        yield ascii_text(f"epoch {epoch.number}: loss {numeral(epoch.loss, 4, ascii=True)}{metrics}")
    yield ascii_text(f"{name}: from {numeral(outcome.before.loss, 4, ascii=True)} "
                     f"to {numeral(outcome.after.loss, 4, ascii=True)}")  # fmt: skip
    for title, value in outcome.after.metrics.items():
        before = outcome.before.metrics.get(title)
        since = "" if before is None else f"from {numeral(before, 4, ascii=True)} to "
        yield ascii_text(f"{title}: {since}{numeral(value, 4, ascii=True)}")
    for text in ending(outcome):
        yield ascii_text(text)
    if outcome.state and outcome.stopped:
        yield _command(outcome)


def outcome_dict(outcome: Outcome) -> dict[str, Any]:
    """The run as JSON has it (see docs/training.md). It only ever grows."""
    training = outcome.training

    def measured(epoch: Epoch) -> dict[str, Any]:
        return {"loss": plain(epoch.loss), "metrics": {t: plain(v) for t, v in epoch.metrics.items()}}

    broken = outcome.broken
    return {
        "schema_version": 1,
        "formula": training.graph.source,
        "output": training.graph.name(training.graph.output),
        "examples": training.examples.size,
        "files": list(training.examples.files),
        "unread": list(training.examples.left),
        "settings": training.settings.to_dict(),
        "updates": training.updates,
        "finished": training.finished and broken is None,
        "stopped": outcome.stopped,
        "broken": broken and {"update": broken.update, "node": broken.node, "message": broken.message},
        "before": measured(outcome.before),
        "after": measured(outcome.after),
        "penalty": plain(training.penalty()),
        "epochs": [{"epoch": epoch.number, **measured(epoch)} for epoch in training.epochs],
        "losses": [plain(loss) for loss in training.losses],
        "parameters": {name: plain(value) for name, value in training.parameters.items()},
        "out": outcome.out,
        "state": outcome.state,
    }


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
