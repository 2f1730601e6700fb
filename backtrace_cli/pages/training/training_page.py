"""The page of a training run: what is trained on what, the loss's curve, the epochs, the result."""

from __future__ import annotations

from backtrace_cli.base.numerals import ascii_text, numeral, shape_of
from backtrace_cli.pages.curve import curve
from backtrace_cli.pages.layout import (
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
from backtrace_cli.pages.training.drawn import Shown
from backtrace_cli.pages.training.outcome import (
    Outcome,
    chosen,
    ending,
    in_ascii,
    resuming,
    run_words,
    setup_lines,
    title_of,
)
from backtrace_cli.training.training import Training

__all__ = ["print_outcome", "print_setup"]

#: Parameters of at most so many numbers together are printed whole.
_FEW = 16


def print_setup(screen: Screen, training: Training) -> None:
    """What is about to happen."""
    output = training.graph.output
    screen.parts([])
    title = f"minimise {training.graph.name(output)}"
    _said(screen, [(title, HEADING), (f"   {run_words(training.settings)}", "")])
    screen.parts([])
    pairs = setup_lines(training)
    wide = max(len(title) for title, _ in pairs)
    for what, words in pairs:
        _said(screen, [(f"{what.ljust(wide)}  ", QUIET), (words, "")], wide + 2)
    screen.file.flush()


def _said(screen: Screen, parts: list[tuple[str, str]], hang: int = 2, indent: int = 1) -> None:
    """One flowing line; two spaces hold its pieces together."""
    if screen.ascii:
        parts = [(in_ascii(text), style) for text, style in parts]
    parts = [(text.replace("  ", HARD_SPACE * 2), style) for text, style in parts]
    paragraph(screen, parts, indent, hang)


def print_outcome(screen: Screen, outcome: Outcome, more: Shown | None = None) -> None:
    """The curve, the epochs, and what became of the parameters."""
    training = outcome.ended.training
    if training.updates:
        heading(screen, f"Loss of each batch, {training.updates:,} updates")
        done = training.updates / training.batches
        end = numeral(done, len(f"{done:.0f}") + 2)  # whole, or with two places: 1e3 says too little
        for row in curve(training.losses, min(screen.width, 100) - 2, ascii=screen.ascii,
                         ends=("epoch 0", end)):  # fmt: skip
            screen.parts([("  " + row, "")])
    _epochs(screen, training)
    if more is not None:
        more.show(screen)
    aside = f"over all {training.examples.size:,} examples" if training.examples.arrays else ""
    heading(screen, "Result", aside)
    _result(screen, outcome)


def _epochs(screen: Screen, training: Training) -> None:
    rows = chosen(training.epochs)
    if not rows:
        return
    titles = list(rows[-1].metrics)  # a run that is resumed may be asked for others than before
    aside = "loss: the mean over its batches, each before its update" if training.batches > 1 else ""
    heading(screen, "Epochs", aside)
    columns = [
        Column("epoch", right=True, lead="epoch "),
        Column("loss", right=True, style=GRADIENT, lead="loss ", keep=True),
    ]
    columns += [Column(t, right=True, style=VALUE, lead=f"{t} ", keep=True) for t in map(title_of, titles)]
    cells = [
        [
            str(epoch.number),
            *(_number(screen, x) for x in (epoch.loss, *(epoch.metrics.get(t) for t in titles))),
        ]
        for epoch in rows
    ]
    table(screen, columns, cells)


def _result(screen: Screen, outcome: Outcome) -> None:
    (training, before, after), ended = outcome.ended[:3], outcome.ended
    name = training.graph.name(training.graph.output)
    pairs: list[tuple[str, float | None, float]] = [(name, before.loss, after.loss)]
    pairs += [(title_of(title), before.metrics.get(title), value) for title, value in after.metrics.items()]
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
    if ended.state and ended.resumable:  # whole, however long: it is to be copied
        screen.parts([("   " + resuming(outcome), "")])


def _number(screen: Screen, value: float | None) -> str:
    return "" if value is None else numeral(value, 4, ascii=screen.ascii)
