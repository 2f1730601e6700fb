"""``backtrace ops``: what every op computes, its partials, its domain and its kinks."""

from __future__ import annotations

import sys

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.suggest import nearest
from backtrace_cli.commands import _shared as shared
from backtrace_cli.ops import FUNCTIONS
from backtrace_cli.pages.layout import GRADIENT, QUIET, VALUE, heading, paragraph
from backtrace_cli.pages.reference import op_pages, op_rows

__all__ = ["command"]


@click.command("ops")
@click.argument("name", required=False)
@shared.json_option()
def command(name: str | None, as_json: bool) -> None:
    """The ops of the language, or one of them by NAME.

    \b
    backtrace ops
    backtrace ops sigmoid
    """
    narrow = shared.prepare_output()
    if name is None:
        _json() if as_json else _all(narrow)
        return
    pages = list(op_pages(name, ascii=narrow))
    if not pages:
        near = nearest(name, FUNCTIONS)
        hint = f"did you mean {near}?" if near else "backtrace ops lists them all"
        shared.fail(BacktraceError(f"there is no op called {name}", hint=hint))
    if as_json:
        import json

        found = [{**row._asdict(), "lines": lines} for row, lines in pages]
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
        return
    out = shared.screen(narrow)
    for row, lines in pages:
        heading(out, row.written, row.computes)
        for label, text in lines:
            paragraph(out, [(f"{label:<14}", QUIET), (text, "")], indent=2, hang=14)


def _all(narrow: bool) -> None:
    out = shared.screen(narrow)
    for family, rows in op_rows(ascii=narrow):
        heading(out, family.capitalize())
        for row in rows:
            paragraph(out, [(row.written, VALUE), (f"   {row.computes}", "")], indent=2)
            paragraph(
                out,
                [(f"{row.rules} ", QUIET), (row.partials, GRADIENT), (f"   domain {row.domain}", QUIET)],
                6,
            )
            if row.kinks != "none":
                paragraph(out, [(row.kinks, QUIET)], 6)
    out.parts([])
    paragraph(out, [("backtrace ops NAME shows one, with its other names.", QUIET)])


def _json() -> None:
    import json

    rows = {family: [row._asdict() for row in found] for family, found in op_rows()}
    sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
