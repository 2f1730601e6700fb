"""``backtrace train``: gradient descent on a formula file, batch after batch."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._stopping import leaving_at_once, stopping

if TYPE_CHECKING:
    from backtrace_cli.pages.training.drawn import Drawn
    from backtrace_cli.training.keeping.state import Kept
    from backtrace_cli.training.settings import Settings
    from backtrace_cli.training.training import Training

__all__ = ["command"]


def _batch(_: click.Context, __: click.Parameter, value: str) -> int | None:
    """A number of examples, or None for all."""
    if value == "all":
        return None
    if not (value.isascii() and value.isdecimal() and int(value[:18])):
        raise click.BadParameter(f"{shorten(value, 24)} is no number of examples from 1, nor the word all")
    return int(value[:18])


def _finite(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _step_length(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = _finite(value)
    if not 0 < found < math.inf:
        raise click.BadParameter(f"{shorten(value, 24)} is not a number above 0")
    return found


def _from_zero(_: click.Context, __: click.Parameter, value: str) -> float:
    found = _finite(value)
    if not 0 <= found < math.inf:
        raise click.BadParameter(f"{shorten(value, 24)} is not a number from 0")
    return found


def _share(_: click.Context, __: click.Parameter, value: str) -> float:
    found = _finite(value)
    if not 0 <= found < 1:
        raise click.BadParameter(f"{shorten(value, 24)} is not a number from 0 up to 1")
    return found


@click.command("train")
@click.argument("file", metavar="FILE", required=False)
@click.option("-f", "--file", "path", metavar="FILE", help="FILE, as the other commands take it.")
@click.option("--data", multiple=True, metavar="d.csv",
              help="The examples: .csv with a header, .npz or .json; or one array a variable, as in "
              "X=@x.npy. Repeat it for several files.")  # fmt: skip
@click.option("--wrt", multiple=True, metavar="W1,b1", help="What to train. Without it: all that the file "
              "declares with param.")  # fmt: skip
@click.option(
    "--at", multiple=True, metavar="k=3", help="Constants, and first values in place of the file's."
)
@click.option("--lr", callback=_step_length, metavar="α", help="The length of a step: w ← w − α·∇L. "
              "Without it, what is usual for the optimiser: 0.1, rmsprop 0.01, adam 0.001.")  # fmt: skip
@click.option("--optimiser", "--optimizer", default="", metavar="NAME", help="sgd, momentum, nesterov, "
              'rmsprop or adam, with its options: "adam, beta1=0.8".')  # fmt: skip
@click.option("--schedule", default="", metavar="NAME", help="How α changes on the way: constant, "
              '"step, every=10, by=0.5", "cosine, least=0.1" or "exponential, by=0.95".')  # fmt: skip
@click.option("--warm-up", callback=_from_zero, default="0", metavar="EPOCHS",
              help="Let α grow to its length in the first epochs.")  # fmt: skip
@click.option("--clip-norm", callback=_from_zero, default="0", metavar="c",
              help="Shorten a gradient whose length, over all parameters, is more than c.")  # fmt: skip
@click.option("--clip-each", callback=_from_zero, default="0", metavar="c",
              help="Cut every entry of a gradient to −c … c.")  # fmt: skip
@click.option("--epochs", type=click.IntRange(1, 10**9), default=20, show_default=True,
              help="How often to go through all examples.")  # fmt: skip
@click.option("--batch", callback=_batch, default="32", show_default=True, metavar="N|all",
              help="Examples in an update: 1, any number, or all.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True,
              help="The same seed gives the same run, bit for bit.")  # fmt: skip
@click.option("--momentum", callback=_share, default="0", metavar="μ",
              help="v ← μ·v + ∇L, w ← w − α·v.")  # fmt: skip
@click.option("--l1", default="", metavar="λ", help="Add λ·Σ|w| to the loss, for weights: parameters with "
              "two axes or more. Name others: W1=0.1,b1=0.1.")  # fmt: skip
@click.option("--l2", default="", metavar="λ", help="Add λ/2·Σw² in the same way (PyTorch's weight_decay).")
@click.option("--no-shuffle", is_flag=True, help="Keep the examples in the file's order in every epoch.")
@click.option("--metric", multiple=True, metavar="NAME", help="A value to tell after each epoch, over all "
              "examples: a name of the file, or a formula over its names.")  # fmt: skip
@click.option("--hold-out", callback=_share, default="0", metavar="0.2", help="Keep this share of the "
              "examples apart, and measure on it.")  # fmt: skip
@click.option("--patience", type=click.IntRange(0, 10**9), default=0, metavar="N", help="Stop when N epochs "
              "in a row have not lowered the held-out loss, and keep the best parameters.")  # fmt: skip
@click.option("--standardise", "--standardize", multiple=True, metavar="X", help="Give the columns of X "
              "mean 0 and deviation 1; remembered with the parameters.")  # fmt: skip
@click.option("--trace-first", is_flag=True, help="Show the first step's whole trace before it is made.")
@click.option("--confusion", is_flag=True, help="Show which class is taken for which, by the held-out "
              "examples where there are any.")  # fmt: skip
@click.option(
    "--boundary", is_flag=True, help="Draw where one class ends and the next begins, over two inputs."
)
@click.option("--picture", metavar="run.svg", help="Write the loss's curve, and with --boundary that too, to "
              "an .svg file.")  # fmt: skip
@click.option("--out", metavar="net.npz", help="Write the parameters to a .npz or .json file, and the run's "
              "state beside it.")  # fmt: skip
@click.option("--resume", metavar="net.state.npz", help="Go on from the state of a run, to the same numbers "
              "as if it had not stopped.")  # fmt: skip
@shared.plain_option()
@shared.json_option("training.md")
def command(
    file: str | None, path: str | None, data: tuple[str, ...], wrt: tuple[str, ...],
    at: tuple[str, ...], resume: str | None, out: str | None, trace_first: bool, plain: bool,
    as_json: bool, metric: tuple[str, ...], confusion: bool, boundary: bool, picture: str | None,
    **options: Any,
) -> None:  # fmt: skip
    """Train the parameters of the formula in FILE: its last line is the loss.

    Exits 1 where the loss stops being a number. Ctrl-C stops between two steps, keeps the state
    and says how to go on.

    \b
    backtrace train exercises/formulas/logistic.bt --data exercises/data/iris.csv --metric accuracy
    backtrace train exercises/formulas/mlp.bt --data exercises/data/iris.csv --out net.npz --momentum 0.9
    """
    ctx = click.get_current_context()
    narrow = shared.prepare_output()
    shared.prepare_output(sys.stderr)
    file, source = _one_file(ctx, file, path), None
    try:
        with leaving_at_once():
            from backtrace_cli.pages.training.drawn import Drawn
            from backtrace_cli.runs.point import read_point
            from backtrace_cli.training.keeping.parameter_files import check_target
            from backtrace_cli.training.keeping.state import read_state
            from backtrace_cli.training.running import take_up
            from backtrace_cli.training.start import start

            if out is not None:
                files = dict.fromkeys((text.partition("=@")[2] or text for text in data), "data")
                check_target(out, {**files, file: "formula", **({resume: "state"} if resume else {})})
            kept = read_state(resume) if resume is not None else None
            settings = _settings(ctx, options, kept)
            source = shared.read_formula(None, file)
            training = start(
                source, data, wrt=_names(wrt), point=read_point(at), metrics=metric,
                settings=settings,
            )  # fmt: skip
            if kept is not None:
                take_up(training, kept)
            drawn = Drawn(confusion, boundary, picture)
            drawn.of(training)  # what can't be drawn is told before an hour of training
        with stopping() as asked:
            _train(ctx, training, file, out, resume, trace_first, plain, as_json, narrow, asked, drawn)
    except BacktraceError as error:
        shared.fail(_placed(error, file, source))
    except MemoryError:
        shared.fail(PointError("there is not enough memory for this", hint="a smaller --batch takes less"))


def _one_file(ctx: click.Context, file: str | None, path: str | None) -> str:
    """FILE, however it was given."""
    if file is not None and path is not None:
        raise click.UsageError("FILE is given twice; give it once", ctx)
    found = path if file is None else file
    if found is None:
        raise click.UsageError("Missing argument 'FILE'.", ctx)
    return found


def _placed(error: BacktraceError, file: str, source: str | None) -> BacktraceError:
    """``error``, with the file's name where it points into the file."""
    if error.origin is None and source is not None and error.source == source and file != "-":
        error.origin = visible(shorten(file, 60))
    return error


def _names(texts: tuple[str, ...]) -> list[str]:
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def _settings(ctx: click.Context, options: dict[str, Any], kept: Kept | None) -> Settings:
    """How to train: as the options say, and for the rest as the resumed run did."""
    from backtrace_cli.training.running import settings_of
    from backtrace_cli.training.settings import Settings

    shuffle = not options.pop("no_shuffle")
    options["standardise"] = ",".join(_names(options["standardise"]))
    asked = Settings.made({**options, "shuffle": shuffle})
    option = {name: "no_shuffle" if name == "shuffle" else name for name in Settings._fields}
    given = [n for n in option if ctx.get_parameter_source(option[n]) != ParameterSource.DEFAULT]
    return settings_of(asked, given, kept, lambda name: "--" + option[name].replace("_", "-"))


def _train(
    ctx: click.Context, training: Training, file: str, out: str | None, resume: str | None, trace_first: bool,
    plain: bool, as_json: bool, narrow: bool, asked: list[int],
    drawn: Drawn,
) -> None:  # fmt: skip
    """Run to the end, a break or Ctrl-C, and tell about it."""
    from backtrace_cli.pages.progress_bar import Progress
    from backtrace_cli.pages.training.outcome import Outcome, outcome_dict, plain_ending, plain_setup
    from backtrace_cli.pages.training.training_page import print_outcome, print_setup
    from backtrace_cli.training.running import run_session

    first = training.trace() if trace_first else None
    if plain:
        shared.write_lines(plain_setup(training))
    elif not as_json:
        print_setup(shared.screen(narrow), training)
    if first is not None and not as_json:
        _show_first(first, plain=plain)
    progress = Progress(training, sys.stderr, plain=plain)
    stem = Path(file).stem if file != "-" else "training"
    try:
        ended = run_session(training, out=out, resumed=resume, stem=stem, asked=asked, tell=progress)
    finally:
        progress.close()
    again = _again(ctx.params, file, ended.state) if ended.state else []
    if ended.back is not None:
        again += ["--lr", f"{training.settings.length / 10:.3g}"]
    outcome = Outcome(ended, again)
    more = drawn.of(training) if ended.broken is None else None
    if as_json:
        shared.json_output()
        from backtrace_cli.readings.report import Report

        found = outcome_dict(outcome) | ({"first_step": Report(first).to_dict()} if first else {})
        found |= more.to_dict() if more else {}
        sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n")
    elif plain:
        shared.write_lines([*plain_ending(outcome), *(more.sentences() if more else ())])
    else:
        print_outcome(shared.screen(narrow), outcome, more)
    sys.stdout.flush()
    if more is not None and drawn.picture is not None:
        shared.write_out(drawn.picture, more.svg())
    if ended.broken is not None:
        _placed(ended.broken, file, training.graph.formula)
    failed = [error for error in (ended.broken, *ended.unwritten) if error is not None]
    for error in failed[:-1]:
        click.echo(error.report(), err=True)
    if failed:
        shared.fail(failed[-1])
    if ended.stopped:
        sys.exit(130)


def _again(params: dict[str, Any], file: str, state: str) -> list[str]:
    """The command that goes on from ``state``."""
    words = ["backtrace", "train", file]
    for option in ("data", "wrt", "at", "metric"):
        for value in params[option]:
            words += [f"--{option}", value]
    if params["out"]:
        words += ["--out", params["out"]]
    return [*words, "--resume", state]


def _show_first(trace: Any, plain: bool = False) -> None:
    """The whole page of the first step."""
    from backtrace_cli.pages.trace.page import Options, trace_page
    from backtrace_cli.readings.report import Report

    shared.write_page(trace_page(Report(trace), Options()), plain=plain)
