"""``backtrace draw``: the graph of a formula as a picture."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping

import click

from backtrace_cli.base.errors import BacktraceError, DomainError
from backtrace_cli.base.numerals import DIGITS, shape_of
from backtrace_cli.base.plain_values import Given
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.commands import _shared as shared
from backtrace_cli.engine.trace import Trace
from backtrace_cli.export import pictures
from backtrace_cli.export.layout.fitting import Picture
from backtrace_cli.export.layout.folding import MOST_BOXES
from backtrace_cli.export.layout.shown import shown_upto
from backtrace_cli.export.plots.dotted import points_for
from backtrace_cli.export.plots.scaled import POINTS
from backtrace_cli.pages.trace.picture import picture_page
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.curve_samples import Curve, curve_of, read_interval
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.run import run

__all__ = ["command"]

#: Where in the interval a value is looked for, to know what the formula's boxes are.
_TRIED = (0.5, 0.75, 0.25, 0.9, 0.1, 0.6180339887, 0.381966, 1.0, 0.0, 0.985, 0.015)


@click.command("draw", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.at_option("The point. Without it the edges carry the local derivatives as formulas.")
@click.option("-o", "--out", metavar="FILE", help="Write FILE; its ending says in which medium.")
@click.option(
    "--as", "medium", type=click.Choice(pictures.names()), help="Write this medium to standard output."
)
@click.option(
    "--upto", metavar="backward:5", help="Only what is known after this step (forward:3, backward:5)."
)
@click.option(
    "--plot", metavar="x=-3..3", help="A curve in place of the graph: f, its slope, and the tangent at --at."
)
@click.option("--wrt", multiple=True, metavar="x,y", help="Only these variables; the rest is drawn pale.")
@click.option(
    "--boxes", type=click.IntRange(1, 1000), default=MOST_BOXES, show_default=True, metavar="N",
    help="Fold what is more than N boxes.",
)  # fmt: skip
@click.option("--exact", is_flag=True, help="Compute with fractions: 1/3 stays 1/3.")
@click.option("--no-share", is_flag=True, help="Keep equal subexpressions apart.")
@click.option("--init-seed", type=click.IntRange(0), default=0, metavar="N",
              help="Draws the parameters that the formula declares with param.")  # fmt: skip
@click.option(
    "--digits", type=click.IntRange(1, 17), default=DIGITS, show_default=True, help="Significant digits."
)
@shared.plain_option()
def command(
    formula: str | None, path: str | None, at: tuple[str, ...], out: str | None, medium: str | None,
    upto: str | None, plot: str | None, wrt: tuple[str, ...], boxes: int, exact: bool, no_share: bool,
    init_seed: int, digits: int, plain: bool,
) -> None:  # fmt: skip
    """Draw the graph of FORMULA: values over the lines, messages under them, sums where lines part.

    \b
    backtrace draw "(x + y)*y" --at x=2,y=3
    backtrace draw "x*sin(x)" --at x=2 --upto backward:1
    backtrace draw "x^2*y" --at x=2,y=3 -o graph.svg
    """
    try:
        chosen = _medium(out, medium, plain)
        source, point = shared.read_formula(formula, path), read_point(at) if at else None

        def trace_at(given: Mapping[str, Given] | None) -> Trace:
            names = [name.strip() for text in wrt for name in text.split(",") if name.strip()]
            return run(source, given, wrt=names, exact=exact, share=not no_share, init_seed=init_seed)

        if plot is not None:
            _refuse_beside_plot(chosen, upto, wrt)
            trace, curve = _curve(trace_at, point or {}, plot, chosen)
            shown = None
        else:
            trace, curve = trace_at(point), None
            shown = shown_upto(trace, upto) if upto is not None else None
        if chosen is None:
            shared.write_page(picture_page(trace, shown, boxes, curve), Wording(digits), plain=plain)
        else:
            _write(Picture(trace, Wording(digits), shown, boxes, curve), chosen, out)
    except BacktraceError as error:
        shared.fail(error)


def _medium(out: str | None, medium: str | None, plain: bool) -> str | None:
    """The medium that the options ask for; None for the terminal."""
    if plain and (out is not None or medium is not None):
        raise BacktraceError(
            "--plain speaks in sentences, and a file holds a picture", hint="leave --plain out"
        )
    if out is None or medium is not None:
        return medium
    endings = {pictures.writer(name).ending: name for name in pictures.names()}
    ending = os.path.splitext(out)[1].lower()
    if ending in endings:
        return endings[ending]
    if not ending:
        raise BacktraceError(f"{visible_name(out)} has no ending that says what to write",
                             hint=f"end it in one of {', '.join(sorted(endings))}, or add --as")  # fmt: skip
    hint = nearest_of(ending, sorted(endings), "there are")
    raise BacktraceError(f"there is no picture that ends in {visible_name(ending)}", hint=hint)


def _refuse_beside_plot(chosen: str | None, upto: str | None, wrt: tuple[str, ...]) -> None:
    """A curve has no steps and no messages, and not every medium draws one."""
    if upto is not None or wrt:
        raise BacktraceError("a curve has no steps and no messages", hint="leave --upto and --wrt out")
    if chosen is not None and not pictures.writer(chosen).curves:
        able = [name for name in pictures.names() if pictures.writer(name).curves]
        raise BacktraceError(f"a curve is not drawn as {chosen}",
                             hint=f"it is drawn in the terminal and as {', '.join(able)}")  # fmt: skip


def _curve(
    trace_at: Callable[[Mapping[str, Given] | None], Trace],
    point: Mapping[str, Given],
    plot: str,
    chosen: str | None,
) -> tuple[Trace, Curve]:
    """The curve that --plot asks for, and a trace at its tangent's point, or at some point of it."""
    variable, low, high = read_interval(plot)
    trace, at = None, None
    if variable in point:
        trace = trace_at(point)
        at = None if shape_of(trace.at[variable]) else float(trace.at[variable])
    for share in () if trace else _TRIED:
        given = read_point([f"{variable}={low + (high - low) * share!r}"])
        with contextlib.suppress(DomainError):
            trace = trace_at({**point, **given})
            break
    if trace is None:
        raise BacktraceError(f"there is no value at any {variable} that was tried between the two ends",
                             hint="choose another interval")  # fmt: skip
    count = POINTS if chosen is not None else points_for(shared.screen().width, shared.prepare_output())
    return trace, curve_of(trace, variable, low, high, count, at)


def _write(picture: Picture, medium: str, out: str | None) -> None:
    """Write the picture to a file, or to standard output, whole or not at all."""
    text = pictures.writer(medium).write(picture)
    data = text.encode("utf-8", "backslashreplace") if isinstance(text, str) else text
    try:
        if out is not None:
            shared.write_out(out, data)
            return
        if sys.stdout is None:
            raise BacktraceError("standard output is closed", hint="name a file: -o FILE")
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise BacktraceError(f"the picture can't be written: {reason}", hint="choose another place") from None
    except ValueError:  # a NUL in its name
        raise BacktraceError("this file's name can't be used", hint="choose another") from None
