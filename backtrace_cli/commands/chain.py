"""``backtrace chain``: the chain rule with functions left open."""

from __future__ import annotations

import sys

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.commands import _shared as shared
from backtrace_cli.readings.closed.open_chain import chain

__all__ = ["command"]


@click.command("chain", cls=shared.FormulaCommand)
@shared.formula_argument
@shared.as_options()
@shared.plain_option()
@shared.json_option("json.md")
def command(
    formula: str | None, path: str | None, medium: str | None, standalone: bool, plain: bool, as_json: bool
) -> None:
    """The chain rule for FORMULA, a nest of functions left open.

    \b
    backtrace chain "z(x(u,v), y(u,v))"
    backtrace chain "L(y(z(w)))"
    """
    try:
        shared.refuse_two_media(medium, standalone, plain, as_json)
        found = chain(shared.read_formula(formula, path))
    except BacktraceError as error:
        shared.fail(error)
    from backtrace_cli.pages.trace.chain import chain_json, chain_page

    if as_json:
        shared.json_output()
        sys.stdout.writelines(chain_json(found))
    else:
        page = chain_page(found, brief=medium not in (None, "html"))
        shared.write_page(page, plain=plain, medium=medium, whole=standalone, title=found.trace.formula)
