"""``backtrace chain``: the chain rule with functions left open."""

from __future__ import annotations

import sys

import click

from backtrace_cli.commands.shared import (
    FormulaCommand,
    fail,
    formula_argument,
    json_output,
    prepare_output,
    read_formula,
    screen,
    write_lines,
)
from backtrace_cli.engine.chain import chain
from backtrace_cli.errors import BacktraceError

__all__ = ["command"]


@click.command("chain", cls=FormulaCommand)
@formula_argument
@click.option("--plain", is_flag=True, help="Plain sentences in ASCII, one a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document (see docs/json.md).")
def command(formula: str | None, path: str | None, plain: bool, as_json: bool) -> None:
    """The chain rule for FORMULA, a nest of functions left open.

    \b
    backtrace chain "z(x(u,v), y(u,v))"
    backtrace chain "L(y(z(w)))"
    """
    try:
        found = chain(read_formula(formula, path))
    except BacktraceError as error:
        fail(error)
    narrow = prepare_output()
    if as_json:
        json_output()
        from backtrace_cli.render.chain import chain_json

        sys.stdout.writelines(chain_json(found))
    elif plain:
        from backtrace_cli.render.chain import chain_lines

        write_lines(chain_lines(found))
    else:
        from backtrace_cli.render.chain import print_chain

        print_chain(screen(narrow), found, ascii=narrow)
