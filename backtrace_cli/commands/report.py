"""``backtrace report``: what a graded class got wrong, and who needs what."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import IO

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.whole_file import whole_text
from backtrace_cli.commands import _shared as shared
from backtrace_cli.grading.classroom.book import merged, narrowed
from backtrace_cli.grading.classroom.marks.mark_rules import read_rules
from backtrace_cli.grading.classroom.marks.marked_book import marked
from backtrace_cli.grading.classroom.report_files import folder_name
from backtrace_cli.grading.statistics.class_files import write_class_csv, write_class_json
from backtrace_cli.grading.statistics.class_statistics import ClassStatistics, statistics_of
from backtrace_cli.pages.grading.class_page import Shown, class_page

__all__ = ["command"]

_FORMS = ("markdown", "html", "json", "csv")


@click.command("report")
@click.argument("results", nargs=-1, required=True, metavar="RESULTS")
@click.option("--as", "form", type=click.Choice(_FORMS), help="A page to take along, or data for programs.")
@click.option("--json", "as_json", is_flag=True, help="The same as --as json.")
@shared.plain_option()
@click.option("-o", "--output", "target", metavar="FILE", help="Write it to FILE instead of the screen.")
@click.option("--anonymous", is_flag=True, help="How many it was, and nobody's name.")
@click.option("--corrections", metavar="FILE", help="What was put right by hand, as grade takes it.")
@click.option("--drill", metavar="FOLDER",
              help="Write fresh exercises for the three commonest mistakes into FOLDER.")  # fmt: skip
@click.option("--each", is_flag=True, help="With --drill: a set for every student, for their own mistakes.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this exercise or chapter; repeatable.")
def command(
    results: tuple[str, ...], form: str | None, as_json: bool, plain: bool, target: str | None,
    anonymous: bool, corrections: str | None, drill: str | None,
    each: bool, only: tuple[str, ...],
) -> None:  # fmt: skip
    """Say what a class got wrong: RESULTS is the JSON that grade writes, or that of all its shards.

    Mistakes by count and place, the hardest answers with the commonest wrong ones, groups with the
    same fault, and who needs which chapter again.

    \b
    backtrace grade submissions --course course --report json=grades.json
    backtrace report grades.json
    backtrace report grades.json --as html -o class.html --anonymous
    """
    shared.prepare_output(sys.stderr)
    try:
        if as_json and form not in (None, "json"):
            raise BacktraceError(f"--json and --as {form} are two ways to write it", hint="give one of them")
        form = "json" if as_json else form
        book = merged(results)
        if corrections is not None:
            book = marked(book, read_rules(corrections))
        with narrowed(book, only, "") as part:
            found = statistics_of(part)
        if each and drill is None:
            raise BacktraceError("--each is about a drill", hint="name its folder: --drill FOLDER")
        if drill is not None:
            _drill(found, drill, each)
            return
        if form is None and target is None:
            page = class_page(found, Shown(names=not anonymous))
            shared.write_page(page, plain=plain)
            return
        write = _writer(found, form or _form_of(target), anonymous)
        if target is None:
            shared.json_output()
            write(sys.stdout)
        else:
            _to_file(target, write)
    except BacktraceError as error:
        shared.fail(error)


def _drill(found: ClassStatistics, folder: str, each: bool) -> None:
    """Write the exercises, and say for whom there are how many."""
    from backtrace_cli.pages.grading.made import drill_page
    from backtrace_cli.quiz.drill import write_drills

    common = [made.mistake for made in found.mistakes if made.who] or [m.mistake for m in found.mistakes]
    sheets = {"": common} if not each else {
        folder_name(learner.student): [made.mistake for made in learner.mistakes]
        for learner in found.learners if learner.mistakes
    }  # fmt: skip
    if not any(sheets.values()):
        raise BacktraceError("there is no mistake to practise", hint="a student is known to make one twice")
    shared.write_page(drill_page(write_drills(folder, sheets, "drill")))


def _form_of(target: str | None) -> str:
    """The form that a file's name ends with."""
    ending = (target or "").rpartition(".")[2].casefold()
    found = {"md": "markdown", "htm": "html"}.get(ending, ending)
    if found not in _FORMS:
        raise BacktraceError(f"what shall stand in {visible_name(target or '')}?",
                             hint="end its name in .html, .md, .json or .csv, or add --as")  # fmt: skip
    return found


def _writer(found: ClassStatistics, form: str, anonymous: bool) -> Callable[[IO[str]], None]:
    """What writes the statistics in this form."""
    if form == "json":
        return lambda file: write_class_json(found, file, not anonymous)
    if form == "csv":
        return lambda file: write_class_csv(found, file)
    from backtrace_cli.pages.writers import written

    page = class_page(found, Shown(names=not anonymous))
    lines = written(form, page, whole=True, title="What the class got wrong")
    return lambda file: file.writelines(line + "\n" for line in lines)


def _to_file(target: str, write: Callable[[IO[str]], None]) -> None:
    try:
        with whole_text(target, errors="backslashreplace") as file:
            write(file)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name can't be used").lower()
        raise BacktraceError(f"{visible_name(target)} can't be written: {reason}") from None
