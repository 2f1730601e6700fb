"""``backtrace progress``: strengths, weak spots, what is due; and the file that it stands in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.commands import _shared as shared

if TYPE_CHECKING:
    from backtrace_cli.quiz.memory.store import Store

__all__ = ["command"]

#: How often y or n is asked for before anything else counts as no.
_ASKED = 3


@click.group("progress", invoke_without_command=True)
@shared.plain_option()
@shared.json_option("quiz.md")
@click.pass_context
def command(context: click.Context, plain: bool, as_json: bool) -> None:
    """Show what the quiz knows of you: topics, weak spots, days in a row, what is due.

    \b
    backtrace progress
    backtrace progress export > mine.json
    """
    if context.invoked_subcommand is None:
        _show(plain, as_json)
    elif plain or as_json:
        shared.fail(
            BacktraceError("--plain and --json belong to backtrace progress alone", hint="leave them out")
        )


def _show(plain: bool, as_json: bool) -> None:
    from backtrace_cli.pages.quiz.learner import print_progress, progress_dict, progress_lines
    from backtrace_cli.quiz.memory.store import now_here

    narrow = shared.prepare_output()
    try:
        store = _store()
        found, now = store.load(), now_here()
    except BacktraceError as error:
        shared.fail(error)
    if as_json:
        shared.json_output()
        sys.stdout.write(
            json.dumps(progress_dict(found, now, store.shown), ensure_ascii=False, indent=1) + "\n"
        )
    elif plain:
        shared.write_lines(progress_lines(found, now, store.shown))
    else:
        print_progress(shared.screen(narrow), found, now, store.shown)


@command.command()
@click.option("--yes", is_flag=True, help="Don't ask.")
def reset(yes: bool) -> None:
    """Forget everything. A copy of what was there is kept beside the file."""
    shared.prepare_output()
    try:
        store = _store()
        if not store.path.exists():
            click.echo("There is no progress to forget.")
            return
        _confirm(yes, f"Forget everything in {store.shown}?")
        kept = store.reset()
    except BacktraceError as error:
        shared.fail(error)
    copy = f" A copy is in {visible(str(kept))}." if kept else ""
    click.echo(f"Forgotten.{copy}")


@command.command()
@click.argument("file", required=False)
def export(file: str | None) -> None:
    """Print the progress, or write it to FILE, for another machine."""
    try:
        text = _store().export()
        if file is None or file == "-":
            shared.json_output()
            sys.stdout.write(text)
            return
        try:
            with open(file, "x", encoding="utf-8") as target:
                target.write(text)
        except FileExistsError:
            raise BacktraceError(f"{visible(file)} exists already", hint="give another name") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no reason given"
            raise BacktraceError(f"{visible(file)} can't be written: {reason.lower()}") from None
    except BacktraceError as error:
        shared.fail(error)


@command.command("import")
@click.argument("file")
@click.option("--yes", is_flag=True, help="Don't ask.")
def import_(file: str, yes: bool) -> None:
    """Take the progress in FILE for your own. A copy of what was there is kept beside the file."""
    shared.prepare_output()
    try:
        store = _store()
        found = store.read_other(Path(file))
        if store.path.exists():
            _confirm(yes, f"Replace what is in {store.shown} by {visible(file)}?")
        kept = store.replace(found)
    except BacktraceError as error:
        shared.fail(error)
    copy = f" A copy of what was there is in {visible(str(kept))}." if kept else ""
    click.echo(f"Imported: {found.asked:,} questions, {found.right:,} right at the first try.{copy}")


def _store() -> Store:
    from backtrace_cli.quiz.memory.store import Store

    return Store()


def _confirm(yes: bool, question: str) -> None:
    """Ask before something is replaced; where nobody can answer, --yes has to be given."""
    if yes:
        return
    if not (sys.stdin and sys.stdin.isatty()):
        raise BacktraceError("this replaces your progress, and here is nobody to ask", hint="add --yes")
    for _ in range(_ASKED):
        click.echo(f"{question} [y/N]: ", nl=False)
        said = sys.stdin.readline().strip().lower()  # nothing, or the end, is a no
        if said in ("y", "yes"):
            return
        if said in ("", "n", "no"):
            break
        click.echo("Please type y or n.")
    raise BacktraceError("Nothing was changed")
