"""``backtrace doctor``: an engine of one's own on a battery of graphs, and the bug named."""

from __future__ import annotations

import json
import sys

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import DIGITS
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.whole_file import whole_file
from backtrace_cli.clinic.battery import GROUPS
from backtrace_cli.clinic.bedside.patient import Names
from backtrace_cli.clinic.bedside.visit import LIMIT, Visit
from backtrace_cli.clinic.examination import Examination, examine
from backtrace_cli.clinic.target import read_target
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._finite import FiniteRange
from backtrace_cli.pages.doctor.examined import examination_page
from backtrace_cli.pages.wording import Wording

__all__ = ["command"]


@click.command("doctor")
@click.argument("target", metavar="FILE.py:CLASS")
@click.option("--only", multiple=True, metavar="GROUP,…", help=f"Only these graphs: {', '.join(GROUPS)}.")
@click.option("--data", default="", metavar="NAME", help="What its objects call their number: data, value, …")
@click.option("--grad", default="", metavar="NAME", help="What they call their gradient: grad, gradient, …")
@click.option("--backward", default="", metavar="NAME", help="The method (or function) that walks back.")
@click.option("--zero", default="", metavar="NAME", help="The method that clears gradients: zero_grad, …")
@click.option("--time", "limit", type=FiniteRange(0.1, 86_400), default=LIMIT, show_default=True,
              metavar="SECONDS", help="How long one graph may compute.")  # fmt: skip
@click.option("--all", "every", is_flag=True, help="Show every wrong graph, not only the first.")
@click.option("--junit", metavar="FILE", help="Write JUnit XML to FILE as well.")
@shared.plain_option()
@shared.json_option("doctor.md")
def command(
    target: str, only: tuple[str, ...], data: str, grad: str, backward: str, zero: str, limit: float,
    every: bool, junit: str | None, plain: bool, as_json: bool,
) -> None:  # fmt: skip
    """Examine an engine of your own: CLASS, whose objects add, multiply and walk back, in FILE.py.

    It is run on some fifty graphs, each made so that one fault shows; what is wrong comes with the
    smallest set of faults that explains it. Your code is run, in a process of its own with limits to
    time and memory, so never name a stranger's file. Exits 0 if all is right, 1 if something is wrong,
    2 if the class can't be used. Without CLASS the file has a line such as: # doctor: Value  add, mul

    \b
    backtrace doctor my_engine.py:Value
    backtrace doctor my_engine.py:Tensor --only broadcasting,matrices
    """
    try:
        chosen = read_target(target)
        groups = [name.strip() for text in only for name in text.split(",") if name.strip()] or chosen.groups
        with Visit(chosen.path, chosen.name, Names(data, grad, backward, zero), limit) as visit:
            seen = examine(chosen.name, visit.found, visit.answers, groups, required=bool(chosen.groups))
        if junit is not None:
            _write_junit(junit, seen, chosen.path)
        if as_json:
            from backtrace_cli.pages.doctor.examined_records import examination_dict

            shared.json_output()
            found = examination_dict(seen, chosen.path)
            sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
        else:
            where = f"{chosen.name} of {chosen.path}"
            how = f"run in a process of its own, at most {limit:g} s a graph"
            shared.write_page(
                examination_page(seen, where, how, every, chosen.following), Wording(DIGITS), plain=plain
            )
    except BacktraceError as error:
        shared.fail(error)
    sys.stdout.flush()
    sys.exit(0 if seen.passed else 1)


def _write_junit(path: str, seen: Examination, source: str) -> None:
    from backtrace_cli.pages.doctor.examined_records import junit_text

    try:
        with whole_file(path) as file:
            file.write(junit_text(seen, source).encode())
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise BacktraceError(
            f"{visible_name(path)} can't be written: {reason}", hint="choose another place"
        ) from None
