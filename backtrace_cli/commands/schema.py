"""``backtrace schema``: the JSON Schemas of what backtrace writes and reads."""

from __future__ import annotations

import click

from backtrace_cli.commands import _shared as shared

__all__ = ["command"]


@click.command("schema")
@click.argument("name", type=click.Choice(["check", "exercise", "record"]))
def command(name: str) -> None:
    """Print the JSON Schema (draft 2020-12) of NAME: of eval --json, of check --json, of an exercise file.

    \b
    backtrace schema exercise > exercise.schema.json
    """
    from backtrace_cli.serving.schemas.published import written

    shared.json_output()
    shared.write_lines([written(name).rstrip("\n")])
