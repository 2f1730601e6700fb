"""``backtrace eval``: trace a formula, forward and back."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import click

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.numerals import DIGITS
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._second_options import Asked, second_options
from backtrace_cli.engine.trace import Trace
from backtrace_cli.readings.checking.gradient_check import DIFFERS, check, check_cost
from backtrace_cli.readings.report import Report
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backtrace_cli.grading.own_work.mine import Mine
    from backtrace_cli.pages.document import Block

__all__ = ["command"]

#: Op evaluations that the check beside the gradient may take before it has to be asked for.
FREE_CHECK = 200_000


@click.command("eval", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.at_option(
    "The point. Repeat it, or separate by commas. A value may be pi/2, [[1,2],[3,4]] "
    "or @file.npy. Without it the trace is symbolic."
)
@click.option(
    "--wrt", multiple=True, metavar="x,y", help="Only these variables; what leads to no other is not visited."
)
@click.option(
    "--mode",
    type=click.Choice(["reverse", "forward"]),
    default="reverse",
    show_default=True,
    help="Reverse: messages from the output. Forward: tangents from the variables.",
)
@click.option("--seed", metavar="x=1,y=0", help="Forward mode along this one direction.")
@click.option(
    "--view",
    type=click.Choice(["steps", "sheet", "derivation"]),
    help="Steps, the lecture's sheet, or the derivation as on a board (with --as latex, typst and markdown).",
)
@click.option(
    "--graph",
    type=click.Choice(["table", "picture", "none"]),
    help="The graph as a table (the default), drawn, or left out.",
)
@click.option(
    "--expand",
    multiple=True,
    metavar="NODE",
    help="Open each message to NODE, or to one entry such as W[1,2], into its scalar sums, term by term.",
)
@click.option("--cost", is_flag=True, help="Count the multiply-adds of each step, forward and backward.")
@click.option(
    "--init-seed",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Draws the parameters that the formula declares with param.",
)
@click.option("--closed-form", is_flag=True, help="Add each partial as one formula, and how it comes about.")
@click.option(
    "--shapes",
    metavar='"A=m,n; x=n"',
    help="Without a point: the shapes of the arrays, as sizes (A=3x2) or letters. Guessed where left out.",
)
@click.option("--check", "sweep", is_flag=True, help="Show the gradient check; exit 1 if it fails.")
@click.option(
    "--mine",
    multiple=True,
    metavar='"x = 2*x*y"',
    help="Judge a derivative that you worked out by hand (b->x of a message); exit 1 if it is wrong.",
)
@click.option(
    "--assume",
    multiple=True,
    metavar='"A = symmetric"',
    help="What --closed-form and --mine may take for granted of a variable: symmetric, one-hot, ±1, 0/1, "
    '"b > 0" …',
)
@second_options
@click.option("--exact", is_flag=True, help="Compute with fractions: 1/3 stays 1/3.")
@click.option("--no-share", is_flag=True, help="Keep equal subexpressions apart.")
@click.option(
    "--digits", type=click.IntRange(1, 17), default=DIGITS, show_default=True, help="Significant digits."
)
@click.option("--full", is_flag=True, help="Print large arrays whole.")
@shared.as_options()
@shared.plain_option()
@shared.json_option("json.md")
def command(
    formula: str | None, path: str | None, at: tuple[str, ...], wrt: tuple[str, ...], mode: str,
    seed: str | None, view: str | None, graph: str | None, expand: tuple[str, ...], cost: bool,
    init_seed: int, closed_form: bool, shapes: str | None, sweep: bool, mine: tuple[str, ...],
    assume: tuple[str, ...], exact: bool, no_share: bool, digits: int, full: bool, medium: str | None,
    standalone: bool, plain: bool, as_json: bool, **second: Any,
) -> None:  # fmt: skip
    """Trace FORMULA: its graph, each forward step, each backward message.

    \b
    backtrace eval "x^2 - (x+y)*y + y^2" --at x=1,y=0
    backtrace eval "s = σ(y); f = (x + s)*s" --at x=3,y=-4 --view sheet
    backtrace eval "x*sin(x)" --closed-form
    backtrace eval "(x + y)*y" --at x=2,y=3 --as latex
    backtrace eval "x^2*sin(y)" --at x=1,y=2 --mine "x = 2*x*sin(y)" --mine "y = x^2*cos(y)"
    """
    try:
        _refuse_idle_options(view, mode, seed, plain, as_json, graph)
        shared.refuse_two_media(medium, standalone, plain, as_json)
        if mine and medium is not None:
            raise BacktraceError("--mine is answered on the screen", hint="leave --as out")
        steps = medium in (None, "html") or mode == "forward" or seed or graph is not None
        view = view or ("steps" if steps else "derivation")
        source = shared.read_formula(formula, path)
        asked = Asked(**second)
        asked.refuse_with_forward(mode, seed)
        trace = _trace(source, at, wrt, mode, seed, exact, not no_share, init_seed, shapes, asked)
        report, unchecked = _checked(trace, sweep, asked_json=as_json)
        if assume and not (mine or closed_form):
            raise BacktraceError("--assume says what --closed-form and --mine may take for granted",
                                 hint="add one of them")  # fmt: skip
        report = asked.read_off(_extras(report, expand, cost, closed_form, assume))
        judged = _judged(trace, mine, assume)
        if as_json:
            shared.json_output()
            for chunk in report._replace(mine=_mine_dicts(judged)).json_chunks():
                sys.stdout.write(chunk)
        else:
            from backtrace_cli.pages.wording import Wording

            page = _page(report, view, graph, medium, full, sweep, "" if sweep else unchecked)
            shared.write_page(page, Wording(digits, full=full), plain=plain, medium=medium, whole=standalone,
                              title=trace.formula)  # fmt: skip
            if judged is not None:
                from backtrace_cli.pages.grading.mine_page import mine_page

                shared.write_page(mine_page(judged), Wording(digits, full=full), plain=plain)
    except BacktraceError as error:
        shared.fail(error)
    if sweep and unchecked:
        from backtrace_cli.commands._long_check import STOPPED

        click.echo(unchecked, err=True)
        sys.exit(STOPPED)
    failed = sweep and any(found.verdict == DIFFERS for found in report.checks)
    failed = failed or (report.certificate is not None and not report.certificate.holds)
    if failed or (judged is not None and not judged.finished):
        sys.exit(1)


def _judged(trace: Trace, mine: tuple[str, ...], assume: tuple[str, ...]) -> Mine | None:
    """What was worked out by hand, judged."""
    if not mine:
        return None
    from backtrace_cli.commands._mine import judged

    return judged(trace, mine, assume)


def _mine_dicts(mine: Mine | None) -> list[dict[str, Any]]:
    """The same for the document, in which it stands, too."""
    if mine is None:
        return []
    from backtrace_cli.pages.grading.mine_page import mine_dicts

    return mine_dicts(mine)


def _trace(
    source: str, at: tuple[str, ...], wrt: tuple[str, ...], mode: str, seed: str | None,
    exact: bool, share: bool, init_seed: int, shapes: str | None, asked: Asked,
) -> Trace:  # fmt: skip
    point = read_point(at) if at else None
    if shapes is not None and point is not None:
        raise PointError("--at says the shapes already", hint="leave --shapes out")
    known = None
    if shapes is not None:
        from backtrace_cli.runs.given_shapes import read_shapes

        known = read_shapes(shapes)
    names = [name.strip() for text in wrt for name in text.split(",") if name.strip()]
    along = read_point([seed], "--seed") if seed is not None else None
    if along is not None:
        if not along:
            raise PointError("--seed has no direction in it", hint="write --seed x=1,y=0")
        mode = "forward"
    return run(source, point, wrt=names, mode=mode, seed=along, exact=exact, share=share,
               init_seed=init_seed, shapes=known, guess=True, upstream=asked.message)  # fmt: skip


def _checked(trace: Trace, sweep: bool, asked_json: bool) -> tuple[Report, str]:
    """The gradient checked where that is free or asked for; otherwise why it is not, or not wholly."""
    if trace.symbolic:
        if sweep:
            raise PointError("a check needs a point", hint="add --at x=1,…")
        return Report(trace), ""
    if trace.seeded:
        if sweep:
            raise PointError("--check checks partial derivatives, not a direction", hint="leave --seed out")
        return Report(trace), ""
    free = check_cost(trace) <= FREE_CHECK
    if sweep and not free:
        from backtrace_cli.commands._long_check import watched_check

        found, stopped = watched_check(trace)
        return Report(trace, found), stopped
    if sweep or (free and not asked_json):
        return Report(trace, check(trace)), ""
    return Report(
        trace
    ), "" if asked_json else "not checked against differences, as that would take long: --check does it"


def _page(
    report: Report, view: str, graph: str | None, medium: str | None, full: bool, sweep: bool, unchecked: str
) -> Iterator[Block]:
    if view == "derivation":
        from backtrace_cli.pages.trace.derivation import derivation_page

        return derivation_page(report)
    from backtrace_cli.pages.trace.page import Options, trace_page

    drawn = graph == "picture" or (graph is None and medium is not None)
    return trace_page(report, Options(view, full, sweep, drawn, unchecked, graph in (None, "table")))


def _refuse_idle_options(
    view: str | None, mode: str, seed: str | None, plain: bool, as_json: bool, graph: str | None
) -> None:
    """An option that would change nothing is an error, not a silence."""
    if view not in (None, "steps") and (mode == "forward" or seed is not None):
        raise PointError(
            f"the {view} shows messages, which forward mode has none of", hint=f"leave --view {view} out"
        )
    if view not in (None, "steps") and (plain or as_json):
        raise PointError(
            "--view arranges tables, and --plain and --json have none", hint=f"leave --view {view} out"
        )
    if graph is not None and (view not in (None, "steps") or as_json):
        where = "--json" if as_json else f"--view {view}"
        raise PointError(f"--graph is about the steps, and {where} has no graph to choose",
                         hint="leave --graph out")  # fmt: skip


def _extras(
    report: Report, expand: tuple[str, ...], cost: bool, closed_form: bool, assume: tuple[str, ...]
) -> Report:
    """What else was asked for: opened messages, costs, closed forms."""
    trace = report.trace
    names = [name.strip() for text in expand for name in re.split(r",(?![^\[]*\])", text) if name.strip()]
    if names:
        from backtrace_cli.readings.opened.message import expand as opened

        report = report._replace(expansions=[one for name in names for one in opened(trace, name)])
    if cost:
        if trace.symbolic or trace.back is None:
            raise PointError(
                "--cost counts a run forward and back", hint="add --at, leave --mode forward out"
            )
        from backtrace_cli.readings.cost import costs

        report = report._replace(costs=costs(trace))
    if closed_form:
        from backtrace_cli.runs.closed_forms import closed_forms

        report = report._replace(closed=closed_forms(trace, assume))
    return report
