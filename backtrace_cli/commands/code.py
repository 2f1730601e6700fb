"""``backtrace code``: a formula's value and gradient as code."""

from __future__ import annotations

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.commands import _shared as shared
from backtrace_cli.engine.trace import Trace
from backtrace_cli.export.code import dialect, dialects
from backtrace_cli.runs.given_shapes import guessed_shapes, read_shapes, stand_in
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.prepared_gradient import given_values
from backtrace_cli.runs.run import run

__all__ = ["command"]


@click.command("code", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.at_option("A point: the shapes of its arrays, and what the file tries itself at.")
@click.option("--shapes", metavar="W=2x3,h=3", help="The shapes of arrays, where there is no point.")
@click.option("--wrt", multiple=True, metavar="x,y", help="Only these variables' gradients.")
@click.option("--to", "target", type=click.Choice(dialects()), help="Left out: NumPy where there are arrays.")
def command(
    formula: str | None, path: str | None, at: tuple[str, ...], shapes: str | None, wrt: tuple[str, ...],
    target: str | None,
) -> None:  # fmt: skip
    """Write FORMULA and its backward pass as a Python file that runs by itself.

    \b
    backtrace code "(x + σ(y))/(σ(x) + (x+y)^2)" --at x=3,y=-4
    backtrace code "h = σ(W @ x + b); L = sum((h - t)^2)" --to numpy --wrt W,b
    """
    try:
        trace = _trace(shared.read_formula(formula, path), at, shapes, wrt)
        from backtrace_cli.export.written_code import written_code

        chosen = target or ("numpy" if hasattr(trace.arithmetic, "dtype") else "python")
        text = written_code(trace, dialect(chosen))
    except BacktraceError as error:
        shared.fail(error)
    shared.prepare_output()
    shared.write_lines(text.splitlines())


def _trace(source: str, at: tuple[str, ...], shapes: str | None, wrt: tuple[str, ...]) -> Trace:
    """The trace at the point, or at stand-ins of the shapes given or guessed."""
    names = [name.strip() for text in wrt for name in text.split(",") if name.strip()]
    if at:
        return run(source, read_point(at), wrt=names)
    found = read_shapes(shapes) if shapes is not None else guessed_shapes(source)
    return run(source, given_values(stand_in(found)), wrt=names)
