"""A training run in words: what is trained on what, what came of it, as sentences and as JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import ascii_text, numeral, shape_of
from backtrace_cli.base.safe_text import visible
from backtrace_cli.engine.events import plain
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.pages.layout import HARD_SPACE
from backtrace_cli.training.moving.choice import in_words, sign_of
from backtrace_cli.training.moving.schedules import schedule_of
from backtrace_cli.training.running import Ended
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.training import Epoch, Training
from backtrace_cli.training.training_notes import remarks

__all__ = [
    "Outcome", "chosen", "ending", "in_ascii", "outcome_dict", "plain_ending", "plain_setup", "resuming",
    "run_words", "setup_lines", "title_of",
]  # fmt: skip

#: About so many epochs are told.
_ROWS = 10


class Outcome(NamedTuple):
    """How a run ended, and the command that goes on from its state."""

    ended: Ended
    resume: Sequence[str] = ()


def setup_lines(training: Training) -> list[tuple[str, str]]:
    """What is trained on what, as (what, words) pairs."""
    examples = training.examples
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
        for name, labels in examples.labels.items():
            shown = ", ".join(f"{place} {shorten(label, 24)}" for place, label in enumerate(labels[:12]))
            more = f" and {len(labels) - 12} more" if len(labels) > 12 else ""
            lines.append(("", f"{name} is a class: {shown}{more}"))
        if training.scales:
            words = f"{', '.join(training.scales)} standardised: mean 0, deviation 1 in every column"
            lines.append(("", words))
    left = list(examples.left)
    if left:
        some = ", ".join(shorten(name, 24) for name in left[:8]) + (" …" if len(left) > 8 else "")
        lines.append(("unread", some))
    count = sum(value.size for value in training.parameters.values())
    lines.append(("train", "   ".join(_shaped(name, value) for name, value in training.parameters.items())))
    lines.append(("", f"{count:,} {'number' if count == 1 else 'numbers'}"))
    if training.frozen:
        lines.append(("frozen", "   ".join(_shaped(name, value) for name, value in training.frozen.items())))
    lines += _rules(training)
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
    return f"{_epochs(settings.epochs)}, seed {settings.seed}"


def _rules(training: Training) -> Iterator[tuple[str, str]]:
    """The update as formulas, then what shortens or lengthens its step."""
    settings, moving = training.settings, training.moving
    rule = ", ".join(f"{target} ← {in_words(text)}" for target, text in moving.optimiser.rule)
    numbers = {"lr": settings.length, **moving.options}
    values = ", ".join(f"{sign_of(name)} = {numeral(value)}" for name, value in numbers.items())
    yield "step", f"{rule}   with {values}"
    schedule, options = schedule_of(settings.schedule)
    if settings.schedule:
        (_, factor), *_ = schedule.rule
        values = ", ".join(f"{sign_of(name)} = {numeral(value)}" for name, value in options.items())
        yield "", f"α times {in_words(factor)}" + (f"   with {values}" if values else "")
    if settings.warm_up:
        count = f"epoch{'' if settings.warm_up == 1 else 's'}"
        yield "", f"α grows to its length in the first {numeral(settings.warm_up)} {count}"
    if settings.clip_norm:
        yield "limit", f"∇L, of all parameters together, is not longer than {numeral(settings.clip_norm)}"
    if settings.clip_each:
        c = numeral(settings.clip_each)
        yield "limit", f"every entry of ∇L is cut to −{c} … {c}"
    if settings.patience:
        yield "stop", f"after {settings.patience:,} epochs in a row without a smaller {training.watched}"


_PLAIN = str.maketrans({"∇": "grad ", "Σ": "sum ", "₁": "1", "₂": "2"})


def in_ascii(text: str) -> str:
    """``text`` in ASCII, operators by their names."""
    return ascii_text(text.replace(HARD_SPACE, " ").translate(_PLAIN))


def ending(outcome: Outcome) -> list[str]:
    """What became of the run, as sentences: where its parameters are and how to go on."""
    ended, found = outcome.ended, []
    training, best = ended.training, ended.training.best
    epoch, batch = training.position
    if ended.stopped:
        found.append(f"Stopped after {training.updates:,} updates, in epoch {epoch + 1} of "
                     f"{training.settings.epochs}, before its batch {batch + 1}.")  # fmt: skip
    elif best is not None and ended.broken is None:
        done = _epochs(len(training.epochs))
        early = f"Stopped early, after {done}: the" if training.stopped_early else "The"
        found.append(f"{early} {training.watched} was least after epoch {best.epoch:,}, and its "
                     "parameters are the result.")  # fmt: skip
    if ended.broken is None and ended.after.loss > ended.before.loss:
        found.append("The loss has risen: a smaller --lr often helps.")
    if ended.out:
        which = "The parameters, trained and frozen," if training.frozen else "The parameters"
        found.append(f"{which} are in {visible(ended.out)}.")
    elif not ended.stopped and ended.broken is None and not ended.unwritten:
        found.append("The parameters are not kept: --out net.npz would write them.")
    if ended.back is not None and ended.state:
        epochs = "the first epoch" if ended.back == 1 else f"epoch {ended.back:,}"
        found.append(f"The state in {visible(ended.state)} is the one after {epochs}, when the loss "
                     "was least before it broke. To go on from there with smaller steps:")  # fmt: skip
    elif ended.state and ended.stopped:
        found.append(f"Its state is in {visible(ended.state)}. To go on:")
    elif ended.state:
        more = "--patience" if training.stopped_early else "--epochs"
        found.append(f"The run's state is in {visible(ended.state)}: --resume with more {more} goes on.")
    return found


def _epochs(count: int) -> str:
    return f"{count:,} epoch{'' if count == 1 else 's'}"


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
    ended, training = outcome.ended, outcome.ended.training
    name = training.graph.name(training.graph.output)
    for epoch in chosen(training.epochs):
        metrics = "".join(
            f", {title} {numeral(value, 4, ascii=True)}" for title, value in epoch.metrics.items()
        )
        yield ascii_text(f"epoch {epoch.number}: loss {numeral(epoch.loss, 4, ascii=True)}{metrics}")
    yield ascii_text(f"{name}: from {numeral(ended.before.loss, 4, ascii=True)} "
                     f"to {numeral(ended.after.loss, 4, ascii=True)}")  # fmt: skip
    for title, value in ended.after.metrics.items():
        before = ended.before.metrics.get(title)
        since = "" if before is None else f"from {numeral(before, 4, ascii=True)} to "
        yield ascii_text(f"{title}: {since}{numeral(value, 4, ascii=True)}")
    for text in ending(outcome):
        yield ascii_text(text)
    if ended.state and ended.resumable:
        yield resuming(outcome)


def outcome_dict(outcome: Outcome) -> dict[str, Any]:
    """The run as JSON has it (see docs/training.md). It only ever grows."""
    ended, training = outcome.ended, outcome.ended.training

    def measured(epoch: Epoch) -> dict[str, Any]:
        return {"loss": plain(epoch.loss), "metrics": {t: plain(v) for t, v in epoch.metrics.items()}}

    broken = ended.broken
    return {
        "schema_version": 1,
        "formula": training.graph.formula,
        "output": training.graph.name(training.graph.output),
        "examples": training.examples.size,
        "files": list(training.examples.files),
        "unread": list(training.examples.left),
        "settings": training.settings.to_dict(),
        "updates": training.updates,
        "stopped_early": training.stopped_early,
        "best_epoch": training.best and training.best.epoch,
        "finished": training.finished and broken is None,
        "stopped": ended.stopped,
        "broken": broken and {"update": broken.update, "node": broken.node, "message": broken.message},
        "before": measured(ended.before),
        "after": measured(ended.after),
        "penalty": plain(training.penalty()),
        "epochs": [{"epoch": epoch.number, **measured(epoch)} for epoch in training.epochs],
        "losses": [plain(loss) for loss in training.losses],
        "parameters": {name: plain(value) for name, value in training.parameters.items()},
        "frozen": {name: plain(value) for name, value in training.frozen.items()},
        "out": ended.out,
        "state": ended.state,
    }
