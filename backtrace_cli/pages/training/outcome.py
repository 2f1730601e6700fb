"""A training run in words: what is trained on what, what came of it, as sentences and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import ascii_text, numeral, shape_of
from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.events import plain
from backtrace_cli.ops.shapes import sides
from backtrace_cli.pages.layout import HARD_SPACE
from backtrace_cli.training.descent import Settings
from backtrace_cli.training.training import BrokenError, Epoch, Training
from backtrace_cli.training.training_notes import remarks

__all__ = [
    "Outcome", "chosen", "ending", "in_ascii", "outcome_dict", "plain_ending", "plain_setup", "resuming",
    "run_words", "setup_lines", "title_of",
]  # fmt: skip

#: About so many epochs are told.
_ROWS = 10


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
    back: int | None = None
    """Where the run broke and the state is that of an earlier epoch: after how many."""
    unwritten: bool = False
    """Was a file to be written, and could not be?"""

    @property
    def resumable(self) -> bool:
        """Is there a command to tell that goes on?"""
        return self.stopped or self.back is not None


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
    if training.frozen:
        lines.append(("frozen", "   ".join(_shaped(name, value) for name, value in training.frozen.items())))
    lines.append(("step", _rule(settings)))
    for title, strengths, words in (("l1", training.l1, "λ·Σ|w|"), ("l2", training.l2, "λ/2·Σw²")):
        if strengths:
            for value in dict.fromkeys(strengths.values()):
                names = ", ".join(name for name, strength in strengths.items() if strength == value)
                lines.append((title, f"{words} of {names}   with λ = {numeral(value)}"))
    lines += [("note", words) for words in remarks(training)]
    return lines


def _shaped(name: str, value: Any) -> str:
    """``W 3×4``; a number has no shape to tell."""
    shape = shape_of(value)
    return f"{name}{HARD_SPACE}{sides(shape)}" if shape else name


def run_words(settings: Settings) -> str:
    """How long, and from which seed."""
    return f"{settings.epochs:,} {'epoch' if settings.epochs == 1 else 'epochs'}, seed {settings.seed}"


def _rule(settings: Settings) -> str:
    """The update as a formula."""
    alpha = f"α = {numeral(settings.lr)}"
    if settings.momentum:
        return f"v ← {numeral(settings.momentum)}·v + ∇L, w ← w − α·v   with {alpha}"
    return f"w ← w − α·∇L   with {alpha}"


def in_ascii(text: str) -> str:
    """``text`` in ASCII, its two operators by name."""
    return ascii_text(text.replace(HARD_SPACE, " ").replace("∇", "grad ").replace("Σ", "sum "))


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
        which = "The parameters, trained and frozen," if training.frozen else "The parameters"
        found.append(f"{which} are in {visible(outcome.out)}.")
    elif not outcome.stopped and outcome.broken is None and not outcome.unwritten:
        found.append("The parameters are not kept: --out net.npz would write them.")
    if outcome.back is not None and outcome.state:
        epochs = "the first epoch" if outcome.back == 1 else f"epoch {outcome.back:,}"
        found.append(f"The state in {visible(outcome.state)} is the one after {epochs}, when the loss "
                     "was least before it broke. To go on from there with smaller steps:")  # fmt: skip
    elif outcome.state and outcome.stopped:
        found.append(f"Its state is in {visible(outcome.state)}. To go on:")
    elif outcome.state:
        found.append(f"The run's state is in {visible(outcome.state)}: --resume with more --epochs goes on.")
    return found


def resuming(outcome: Outcome) -> str:
    """The command that goes on, as a shell reads it."""
    return visible(shlex.join(outcome.resume))


def chosen(epochs: Sequence[Epoch]) -> list[Epoch]:
    """The first epochs, the last one, and some evenly between."""
    if len(epochs) <= _ROWS + 2:
        return list(epochs)
    every = -(-len(epochs) // _ROWS)
    return [epoch for epoch in epochs if epoch.number in (1, len(epochs)) or epoch.number % every == 0]


def title_of(title: str) -> str:
    """A metric's name, or its formula on one line."""
    return shorten(" ".join(title.split()), 40)


def plain_setup(training: Training) -> Iterator[str]:
    """What is about to happen as ASCII sentences, one a line."""
    name = training.graph.name(training.graph.output)
    yield f"minimise {ascii_text(name)}: {run_words(training.settings)}"
    for what, words in setup_lines(training):
        yield in_ascii(f"{what or 'that is'}: {' '.join(words.split())}")


def plain_ending(outcome: Outcome) -> Iterator[str]:
    """What came of a run as ASCII sentences, one a line, without a drawing."""
    training = outcome.training
    name = training.graph.name(training.graph.output)
    for epoch in chosen(training.epochs):
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
    if outcome.state and outcome.resumable:
        yield resuming(outcome)


def outcome_dict(outcome: Outcome) -> dict[str, Any]:
    """The run as JSON has it (see docs/training.md). It only ever grows."""
    training = outcome.training

    def measured(epoch: Epoch) -> dict[str, Any]:
        return {"loss": plain(epoch.loss), "metrics": {t: plain(v) for t, v in epoch.metrics.items()}}

    broken = outcome.broken
    return {
        "schema_version": 1,
        "formula": training.graph.formula,
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
        "frozen": {name: plain(value) for name, value in training.frozen.items()},
        "out": outcome.out,
        "state": outcome.state,
    }
