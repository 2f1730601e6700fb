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
@shared.plain_option()
@shared.json_option("json.md")
def command(formula: str | None, path: str | None, plain: bool, as_json: bool) -> None:
    """The chain rule for FORMULA, a nest of functions left open.

    \b
    backtrace chain "z(x(u,v), y(u,v))"
    backtrace chain "L(y(z(w)))"
    """
    try:
        found = chain(shared.read_formula(formula, path))
    except BacktraceError as error:
        shared.fail(error)
    narrow = shared.prepare_output()
    if as_json:
        shared.json_output()
        from backtrace_cli.pages.trace.chain import chain_json

        sys.stdout.writelines(chain_json(found))
    elif plain:
        from backtrace_cli.pages.trace.chain import chain_lines

        shared.write_lines(chain_lines(found))
    else:
        from backtrace_cli.pages.trace.chain import print_chain

        print_chain(shared.screen(narrow), found, ascii=narrow)
