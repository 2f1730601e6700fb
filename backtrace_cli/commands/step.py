"""``backtrace step``: walk through a trace, forward and back, one step at a time."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible
from backtrace_cli.commands import _shared as shared

if TYPE_CHECKING:
    from backtrace_cli.engine.trace import Trace

__all__ = ["command"]

#: So many entries are named where one that isn't there was asked for.
_MOST_LISTED = 12


@click.command("step", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.at_option("The point.")
@click.option(
    "--mode",
    type=click.Choice(["reverse", "forward"]),
    default="reverse",
    show_default=True,
    help="Reverse: messages from the output. Forward: tangents from a variable.",
)
@click.option("--wrt", metavar="x", help="The variable (of an array, an entry: x[0]), in forward mode.")
@click.option("--moves", metavar="FILE", help="Take the moves from FILE (- for standard input), and print.")
@shared.plain_option(", nothing moving")
def command(
    formula: str | None, path: str | None, at: tuple[str, ...], mode: str, wrt: str | None,
    moves: str | None, plain: bool,
) -> None:  # fmt: skip
    """Walk through FORMULA step by step: on with Enter, back, to a node by its name, to the next fork.

    \b
    backtrace step "x^2 - (x+y)*y + y^2" --at x=1,y=0
    backtrace step "x*sin(x)" --at x=2 --mode forward
    """
    narrow = shared.prepare_output()
    try:
        walk(formula, path, at, mode, wrt, moves, plain, narrow)
    except BacktraceError as error:
        shared.fail(error)


def walk(
    formula: str | None, path: str | None, at: tuple[str, ...], mode: str, wrt: str | None,
    moves: str | None, plain: bool, narrow: bool,
) -> None:  # fmt: skip
    """The walk from start to end. Raises BacktraceError where the options or the place won't do."""
    from backtrace_cli.pages.quiz.step import INVITATION, step_frame, step_sentences
    from backtrace_cli.pages.terminal import Lines, Stage, is_terminal
    from backtrace_cli.readings.walk import Walk
    from backtrace_cli.runs.point import read_point
    from backtrace_cli.runs.run import run

    if moves is None and not is_terminal() and not (plain and sys.stdin and sys.stdin.isatty()):
        raise BacktraceError(
            "a walk needs a terminal, and here is none to type into",
            hint="backtrace eval prints every step at once; --moves FILE takes the moves from a file",
        )
    source = shared.read_formula(formula, path)
    if not at:
        raise BacktraceError("a walk needs a point", hint="add --at x=2,y=3")
    if wrt is not None and mode == "reverse":
        raise BacktraceError("--wrt names the variable of forward mode", hint="add --mode forward")
    names = [wrt.partition("[")[0].strip()] if wrt is not None else []
    trace = run(source, read_point(at), wrt=names, mode=mode)
    along = None
    if mode == "forward":
        if not trace.wrt:
            raise BacktraceError("forward mode follows a variable, and this formula has none",
                                 hint="leave --mode forward out")  # fmt: skip
        along = _direction(trace, wrt)
    here = Walk(trace, along)
    page = shared.screen(narrow)
    if moves is None and not plain and os.environ.get("TERM") != "dumb":
        with Stage() as stage:
            while not here.over:
                line = stage.ask(lambda columns, rows: _painted(here, columns, rows, narrow), INVITATION)
                here.go(":quit" if line is None else line)
        if stage.signal:
            sys.exit(128 + stage.signal)
        return
    script = iter(shared.read_formula(None, moves).split("\n")[:-1]) if moves is not None else None
    lines = Lines(script)
    before = None
    while not here.over:
        if plain:
            sys.stdout.write("".join(f"{text}\n" for text in step_sentences(here.view, before)))
        else:
            sys.stdout.write(step_frame(page, here.view, ascii=narrow))
        sys.stdout.flush()
        before = here.view
        line = lines.ask("> ")
        here.go(":quit" if line is None else line)


def _direction(trace: Trace, wrt: str | None) -> str:
    """The variable to follow: the one that is named, or the first; of an array, one entry."""
    followed = [tangent.variable for tangent in trace.tangents if tangent.variable is not None]
    asked = "".join(wrt.split()) if wrt is not None else ""
    if asked in followed:
        return asked
    if "[" in asked or not followed:
        named = visible(shorten(asked or trace.wrt[0], 24))
        entries = f"the entries: {', '.join(followed[:_MOST_LISTED])}"
        raise BacktraceError(f"{named} is no entry that forward mode follows here",
                             hint=entries if followed else "choose a variable with entries")  # fmt: skip
    return followed[0]


def _painted(here: object, columns: int, rows: int, narrow: bool) -> str:
    from backtrace_cli.pages.quiz.step import step_frame
    from backtrace_cli.readings.walk import Walk

    assert isinstance(here, Walk)
    page = shared.screen(narrow)
    page.width = columns
    return step_frame(page, here.view, rows, ascii=narrow)
