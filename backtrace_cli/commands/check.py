"""``backtrace check``: which answers of an exercise file are right, and where it went wrong first."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.own_files import own_file
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._students import course_key, student_options
from backtrace_cli.commands._watching import saves
from backtrace_cli.grading.classroom.attempts import Attempts
from backtrace_cli.grading.exercise.exercise import Exercise, load
from backtrace_cli.grading.judging.verdict import Result
from backtrace_cli.grading.whole_exercise import check_whole
from backtrace_cli.pages.grading.verdicts import (
    Show,
    print_result,
    print_totals,
    result_dict,
    result_lines,
    totals,
)

__all__ = ["command"]

#: The version of the JSON. It only ever grows: fields are added, never changed.
_SCHEMA = 1


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--hint",
    "hints",
    type=click.IntRange(0),
    metavar="N",
    help="Show the first N hints. Without it: one, if something is wrong, and in a terminal one more "
    "with each attempt.",
)
@click.option("--reveal", is_flag=True, help="Show the right answers.")
@student_options
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved; Ctrl-C ends it.")
@shared.plain_option()
@shared.json_option("exercises.md")
def command(
    files: tuple[str, ...], hints: int | None, reveal: bool, student: str | None, key_file: str | None,
    watch: bool, plain: bool, as_json: bool,
) -> None:  # fmt: skip
    """Check the answers in exercise FILEs: right, wrong, blank; the first wrong step and why.

    Exits 0 if everything is right, 1 if an answer is not, 2 if a file can't be used.

    \b
    backtrace check exercises/examples/two_paths_filled.toml
    backtrace check --hint 2 exercises/04_forks/two_paths.toml
    """
    narrow = shared.prepare_output()
    shared.prepare_output(sys.stderr)
    if watch and as_json:
        raise click.UsageError("--watch is for people to read, and --json is one document: take one of them")

    attempts = Attempts() if as_json or hints is not None else _remembered()

    def look(paths: Sequence[str]) -> int:
        results: list[Result] = []
        listed: list[dict[str, object]] = []
        for path in paths:
            try:
                result = check_whole(_load(path, student, key_file))
            except BacktraceError as error:
                listed.append({"file": visible_name(path), "error": error.report()})
                if not as_json:
                    sys.stdout.flush()
                    click.echo(error.report(), err=True)
                continue
            results.append(result)
            listed.append(result_dict(result, reveal))
            growing = attempts.hints(result) if hints is None else hints
            _print(result, Show(growing, reveal, narrow), plain, as_json)
        attempts.keep()
        return _finish(results, listed, narrow, plain, as_json)

    sys.exit(_watch(files, look, narrow) if watch else look(files))


def _print(result: Result, show: Show, plain: bool, as_json: bool) -> None:
    """One exercise; JSON is printed at the end."""
    if plain and not as_json:
        shared.write_lines(result_lines(result, show))
    elif not as_json:
        print_result(shared.screen(show.ascii), result, show)


def _remembered() -> Attempts:
    """The attempts of earlier checks in this terminal's account; none where a program reads the output."""
    if not sys.stdout.isatty() or os.environ.get("CI"):
        return Attempts()
    return Attempts(own_file("attempts.json"))


def _watch(files: Sequence[str], look: Callable[[Sequence[str]], int], narrow: bool) -> int:
    """Look again at what was saved, until Ctrl-C; the exit code of the last look."""
    code = 0
    try:
        for saved in saves(files):
            page = shared.screen(narrow)
            if page.console is not None:
                page.console.clear()
            if not saved:
                gone = ", ".join(visible_name(path) for path in files if not os.path.exists(path))
                click.echo(f" {gone} is gone; it is checked again once it is back", err=True)
                continue
            code = look(saved)
            words = "save a file to check it again" if len(files) > 1 else "save the file to check it again"
            click.echo(f" {time.strftime('%H:%M:%S')}   {words}; Ctrl-C ends", err=True)
    except KeyboardInterrupt:
        click.echo("", err=True)  # the prompt gets a line of its own
    return code


def _load(path: str, student: str | None, key_file: str | None) -> Exercise:
    """The exercise, with the statement of ``student`` where one is named."""
    if student is None:
        return load(path)
    from backtrace_cli.grading.authoring.variants import drawn
    from backtrace_cli.grading.exercise.exercise import read_exercise
    from backtrace_cli.grading.exercise.source import read_source

    return read_exercise(drawn(read_source(path), student, course_key(key_file)))


def _finish(
    results: list[Result], listed: list[dict[str, object]], narrow: bool, plain: bool, as_json: bool
) -> int:
    """The totals over several files; the exit code."""
    unusable = len(listed) - len(results)
    if as_json:
        right, of = sum(r.right for r in results), sum(len(r.answers) for r in results)
        found = {"schema_version": _SCHEMA, "right": right, "of": of, "files": listed}
        sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    elif len(listed) > 1:
        if plain:
            shared.write_lines([totals(results, unusable)])
        else:
            print_totals(shared.screen(narrow), results, unusable)
    sys.stdout.flush()
    if unusable:
        return 2
    return 0 if all(result.finished for result in results) else 1
