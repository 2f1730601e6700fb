"""``backtrace check``: which answers of an exercise file are right, and where it went wrong first."""

from __future__ import annotations

import json
import sys

import click

from backtrace_cli.commands.shared import prepare_output, screen, write_lines
from backtrace_cli.commands.students import course_key, student_options
from backtrace_cli.errors import BacktraceError, visible
from backtrace_cli.grading.exercise import Exercise, load
from backtrace_cli.grading.verdict import Result, check_exercise
from backtrace_cli.render.verdicts import Show, print_result, print_totals, result_dict, result_lines, totals

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
    help="Show the first N hints. Without it: one, if something is wrong.",
)
@click.option("--reveal", is_flag=True, help="Show the right answers.")
@student_options
@click.option("--plain", is_flag=True, help="Plain sentences in ASCII, one a line.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document (see docs/exercises.md).")
def command(
    files: tuple[str, ...], hints: int | None, reveal: bool, student: str | None, key_file: str | None,
    plain: bool, as_json: bool,
) -> None:  # fmt: skip
    """Check the answers in exercise FILEs: right, wrong, blank; the first wrong step and why.

    Exits 0 if everything is right, 1 if an answer is not, 2 if a file can't be used.

    \b
    backtrace check exercises/examples/two_paths_filled.toml
    backtrace check --hint 2 exercises/04_forks/two_paths.toml
    """
    narrow = prepare_output()
    prepare_output(sys.stderr)
    show = Show(hints, reveal, narrow)
    results: list[Result] = []
    errors: list[str] = []
    listed: list[dict[str, object]] = []
    for path in files:
        try:
            result = check_exercise(_load(path, student, key_file))
        except BacktraceError as error:
            errors.append(error.report())
            listed.append({"file": visible(path), "error": error.report()})
            if not as_json:
                sys.stdout.flush()
                click.echo(error.report(), err=True)
            continue
        results.append(result)
        listed.append(result_dict(result, reveal))
        if as_json:
            continue
        if plain:
            write_lines(result_lines(result, show))
        else:
            print_result(screen(narrow), result, show)
    _finish(results, listed, len(errors), narrow, plain, as_json)


def _load(path: str, student: str | None, key_file: str | None) -> Exercise:
    """The exercise, with the statement of ``student`` where one is named."""
    if student is None:
        return load(path)
    from backtrace_cli.grading.exercise import read_exercise
    from backtrace_cli.grading.source import read_source
    from backtrace_cli.grading.variants import drawn

    return read_exercise(drawn(read_source(path), student, course_key(key_file)))


def _finish(
    results: list[Result], listed: list[dict[str, object]], unusable: int, narrow: bool, plain: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """The totals over several files, and the exit code."""
    if as_json:
        right, of = sum(r.right for r in results), sum(len(r.answers) for r in results)
        found = {"schema_version": _SCHEMA, "right": right, "of": of, "files": listed}
        sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    elif len(listed) > 1:
        if plain:
            write_lines([totals(results, unusable)])
        else:
            print_totals(screen(narrow), results, unusable)
    if unusable:
        sys.exit(2)
    sys.exit(0 if all(result.finished for result in results) else 1)
