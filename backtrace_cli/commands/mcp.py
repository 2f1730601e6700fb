"""``backtrace mcp``: the tools of a tutor, for language models and editors."""

from __future__ import annotations

import sys

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._finite import FiniteRange

__all__ = ["command"]


@click.command("mcp")
@click.option(
    "--seconds", type=FiniteRange(0.1, 600), default=20, show_default=True, metavar="S",
    help="A question that takes longer is given up.",
)  # fmt: skip
def command(seconds: float) -> None:
    """Serve the Model Context Protocol on standard input and output (see docs/mcp.md).

    Tools: trace, check_derivation, hint, diagnose, verify. No file is read and no code is run for a question.

    \b
    backtrace mcp --seconds 5
    """
    from backtrace_cli.serving.own_process import Worker
    from backtrace_cli.serving.protocol import serve
    from backtrace_cli.serving.tools import TOOLS

    if sys.stdin is None or sys.stdout is None:
        shared.fail(BacktraceError("standard input or output is closed", hint="a client starts this command"))
    if sys.stdin.isatty():
        click.echo("This speaks to a program, one JSON message a line; Ctrl-D ends it.", err=True)
    worker = Worker(seconds)
    try:
        serve(worker.tools(TOOLS), sys.stdin.buffer, sys.stdout.buffer)
    finally:
        worker.close()
