"""``backtrace lint``: does every exercise of a course load, start blank, pass, and notice mistakes?"""

from __future__ import annotations

import json
import os
import sys

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._finite import FiniteRange
from backtrace_cli.grading.authoring.lint import MIN_SCORE, lint_course

__all__ = ["command"]

#: The version of the JSON. It only ever grows: fields are added, never changed.
_SCHEMA = 1


@click.command("lint")
@click.argument("course", required=False, metavar="[COURSE]")
@click.option(
    "--min-score",
    type=FiniteRange(0, 100),
    default=MIN_SCORE,
    show_default=True,
    metavar="PERCENT",
    help="The share of mistakes that every exercise has to catch.",
)
@click.option("--slipped", is_flag=True, help="List every mistake that slips through.")
@shared.json_option("exercises.md")
def command(course: str | None, min_score: float, slipped: bool, as_json: bool) -> None:
    """Hold COURSE, a folder of exercises or one file, to account.

    Every exercise has to load, start with blanks, pass with the engine's answers and have hints.
    Then each mistake of the catalogue is planted at every place; how many would its answers catch?
    Exits 0 if all is well, 1 if there is something to mend, 2 if there is no course.

    \b
    backtrace lint exercises
    backtrace lint exercises/04_forks/two_paths.toml --slipped
    """
    narrow = shared.prepare_output()
    try:
        report = lint_course(course or ("exercises" if os.path.isdir("exercises") else "."), min_score)
    except BacktraceError as error:
        shared.fail(error)
    if as_json:
        from backtrace_cli.pages.grading.lint_page import report_dict

        shared.json_output()
        found = {"schema_version": _SCHEMA, **report_dict(report, min_score)}
        sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1) + "\n")
    else:
        from backtrace_cli.pages.grading.lint_page import print_report

        print_report(shared.screen(narrow), report, min_score, slipped)
    sys.exit(1 if report.problems else 0)
