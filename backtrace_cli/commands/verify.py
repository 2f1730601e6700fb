"""``backtrace verify``: check a record row by row."""

from __future__ import annotations

import json
import sys

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.safe_text import visible
from backtrace_cli.commands import _shared as shared

__all__ = ["command"]


@click.command("verify")
@click.argument("path", metavar="TRACE.json")
@shared.json_option()
def command(path: str, as_json: bool) -> None:
    """Recompute every row of a record that --json wrote; exit 1 at the first that doesn't follow.

    Nothing is walked here: each row is held against the rows before it, by the op's forward function
    and its local derivative alone. - reads standard input.

    \b
    backtrace eval "x^2*y" --at x=3,y=2 --json > trace.json
    backtrace verify trace.json
    """
    from backtrace_cli.readings.checking.recorded import verify

    try:
        record = _record(shared.read_formula(None, path), path)
        try:
            found = verify(record)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            told = str(error) if isinstance(error, ValueError) else f"it lacks {error}"
            raise BacktraceError(f"{path} is not a record that can be checked: {shorten(visible(told), 60)}",
                                 hint="write one with backtrace eval … --at … --json") from None  # fmt: skip
    except BacktraceError as error:
        shared.fail(error)
    if as_json:
        shared.json_output()
        answer = {"holds": not found.fault, "rows": found.rows, "fault": found.fault or None}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        narrow = shared.prepare_output()
        words = visible(found.fault) if found.fault else f"every row follows: {found.rows:,} were recomputed"
        shared.write_lines([words.replace("−", "-") if narrow else words])
    if found.fault:
        sys.exit(1)


def _record(text: str, path: str) -> dict[str, object]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BacktraceError(f"{path} is not JSON: {shorten(str(error), 60)}",
                             hint="write one with backtrace eval … --at … --json") from None  # fmt: skip
    if not isinstance(record, dict):
        raise BacktraceError(f"{path} is not a record of a trace",
                             hint="write one with backtrace eval … --at … --json")  # fmt: skip
    return record
