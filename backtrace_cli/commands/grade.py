"""``backtrace grade``: what a student or a whole class has handed in, graded and reported."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import Any

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._finite import FiniteRange
from backtrace_cli.commands._students import KEY_VARIABLE, course_key
from backtrace_cli.grading.classroom.again.done import Done, Replaced
from backtrace_cli.grading.classroom.again.moved_marks import moved
from backtrace_cli.grading.classroom.book import Gradebook, Shard, merged, narrowed, open_book
from backtrace_cli.grading.classroom.class_roll import called
from backtrace_cli.grading.classroom.course import Course, load_course
from backtrace_cli.grading.classroom.downloads.staging import opened
from backtrace_cli.grading.classroom.marks.mark_rules import read_rules
from backtrace_cli.grading.classroom.marks.marked_book import marked
from backtrace_cli.grading.classroom.pool import LIMIT, Plan
from backtrace_cli.grading.classroom.records import GRADED, Stray
from backtrace_cli.grading.classroom.report_files import Wanted, wanted, write_report
from backtrace_cli.grading.classroom.reports import format_names
from backtrace_cli.grading.classroom.shards.schedulers import MOST, own_shard
from backtrace_cli.grading.classroom.submission import Folder
from backtrace_cli.grading.people.roster import Roster, read_roster

__all__ = ["command"]


class _ShardType(click.ParamType[Any]):
    """``2/5``: the second of five parts; ``auto``: as a scheduler says."""

    name = "I/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        if isinstance(value, Shard):
            return value
        number, slash, of = str(value).partition("/")
        if number == "auto" and (not slash or (of.isdecimal() and 1 <= int(of[:9]) <= MOST)):
            try:
                return Shard(*own_shard(int(of or 0)))
            except BacktraceError as error:
                self.fail(f"{error.message}; {error.hint}", param, ctx)
        if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MOST:
            return Shard(int(number), int(of))
        self.fail("a shard is written 2/5, the second of five parts, or auto", param, ctx)


@click.command("grade")
@click.argument("paths", nargs=-1, required=True, metavar="SUBMISSIONS")
@click.option("--course", metavar="FOLDER", help="The teacher's copy of the exercises, which is what counts.")
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this exercise, chapter or pattern; repeatable."
)
@click.option(
    "--student",
    default="",
    metavar="NAME",
    help="SUBMISSIONS is the folder of this one student; with --merge, only their row.",
)
@click.option("--report", "reports", multiple=True, metavar="FORMAT[=FILE]",
              help=f"Write a report: {', '.join(format_names())}; repeatable.")  # fmt: skip
@click.option(
    "--students", "listed", metavar="LIST",
    help="The class: one name a line, or a .csv with ids, names, addresses, groups. Absentees get a row.",
)  # fmt: skip
@click.option("--column", default="", metavar="NAME", help="The column of --students that names folders.")
@click.option("--resume", "journal", metavar="FILE",
              help="Note in FILE who is done, and go on from there when run again.")  # fmt: skip
@click.option("--replace", multiple=True, metavar="STUDENT",
              help="Grade this student again; the others stay as the JSON report has them.")  # fmt: skip
@click.option("--compare", metavar="OLD", help="Say whose marks move against the JSON report OLD, and why.")
@click.option("--corrections", metavar="FILE", help="What was put right by hand, late days, weights (.toml).")
@click.option(
    "--assignment", default="", metavar="NAME", help="What Canvas calls all of it, as 'Week 1 (4711)'."
)
@click.option("--json", "as_json", is_flag=True, help="The same as --report json.")
@shared.plain_option()
@click.option(
    "--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes; as many as cores if left out."
)
@click.option("--shard", type=_ShardType(), default="1/1",
              help="Grade the I-th of N parts of the class; auto, auto/N: as a scheduler says.")  # fmt: skip
@click.option("--merge", is_flag=True, help="SUBMISSIONS are the JSON reports of all shards: make them one.")
@click.option("--time-limit", type=FiniteRange(0, 86_400, min_open=True), default=LIMIT, show_default=True,
              metavar="SECONDS", help="Seconds of computing that one file may take.")  # fmt: skip
@click.option(
    "--key-file", metavar="FILE", help=f"The course's key for variants; or the variable {KEY_VARIABLE}."
)
def command(
    paths: tuple[str, ...], course: str | None, only: tuple[str, ...], student: str, reports: tuple[str, ...],
    listed: str | None, column: str, corrections: str | None, journal: str | None,
    replace: tuple[str, ...], compare: str | None, assignment: str, as_json: bool,
    plain: bool, jobs: int | None, shard: Shard, merge: bool, time_limit: float, key_file: str | None,
) -> None:  # fmt: skip
    """Grade what students handed in: SUBMISSIONS holds a folder for each of them.

    Formulas, points and hints are taken from the course, answers alone from the student.
    Exits 0 if every answer is right, 1 if one is not, 2 if something here can't be used.

    \b
    backtrace grade docs/class/submissions --course docs/class/course
    backtrace grade mine --course docs/class/course --student ada --report junit=report.xml
    backtrace grade --merge part1.json part2.json --report csv=grades.csv
    """
    shared.prepare_output(sys.stderr)
    try:
        with ExitStack() as books:
            asked = wanted((*reports, *(["json"] if as_json else [])))
            old = books.enter_context(merged([compare])) if compare is not None else None
            rules = read_rules(corrections) if corrections is not None else None
            if merge:
                book = narrowed(merged(paths), only, student)
                for report in asked:
                    report.check(len(book))
                    report.place()
            else:
                if len(paths) > 1:
                    raise click.UsageError("SUBMISSIONS is one folder; with --merge it is several reports")
                if course is None:
                    raise click.UsageError("--course is missing: the folder with the teacher's copy")
                plan = Plan(_course(course, only), only, jobs or _cores(), time_limit, course_key(key_file))
                roster = read_roster(listed, column) if listed is not None else None
                done = books.enter_context(Done(plan, journal, _kept(plan, asked, replace)))
                book = _graded(paths[0], plan, student, shard, asked, roster, done)
            book.assignment = assignment
            if rules is not None:
                book = marked(book, rules, part=bool(only or student or shard.of > 1))
            books.enter_context(book)
            _show(book, asked, plain, old)
    except BacktraceError as error:
        shared.fail(error)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(130)
    sys.exit(0 if book.finished else 1)


def _course(folder: str, only: tuple[str, ...]) -> Course:
    if not os.path.exists(folder):
        raise BacktraceError(f"there is no folder {visible_name(folder)}",
                             hint="--course names the folder with the teacher's exercises")  # fmt: skip
    return load_course(folder, only)


def _graded(
    root: str,
    plan: Plan,
    student: str,
    shard: Shard,
    asked: list[Wanted],
    roster: Roster | None,
    known: Done,
) -> Gradebook:
    """The grade book of the students in ``root``."""
    from backtrace_cli.pages.grading.grades import progress

    part = shard if roster is None else Shard(1, 1)
    with ExitStack() as unfinished, opened(root, plan.course.names, student, part) as found:
        mine, strays = found.folders, found.strays
        if roster is not None:
            mine, strays = _by_roster(roster, mine, strays, student)
            mine = mine[shard.number - 1 :: shard.of]
        if plan.course.varies and mine and not mine[0].known_as:
            name = visible_name(os.path.basename(os.path.abspath(root)))
            raise BacktraceError(
                "this course has variants, and whose these answers are isn't said",
                hint=f"name the student: --student {name}, if they drew their numbers by that name",
            )
        for report in asked:
            report.check(len(mine))
            report.place(plan.course)
        book = unfinished.enter_context(open_book(plan.course, _from_here(root), strays, shard))
        known.check([folder.student for folder in mine])
        with progress(len(mine)) as done:
            for position, record in known.students(mine):
                book.add(position, record)
                done()
        _doubt_key(plan, book)
        unfinished.pop_all()
    return book


def _by_roster(
    roster: Roster, folders: list[Folder], strays: list[Stray], student: str
) -> tuple[list[Folder], list[Stray]]:
    """The class by its roster; of one student alone, their own row."""
    roll = called(roster, folders)
    if not student:
        return roll.folders, [*strays, *roll.strays]
    place = roster.place(student)
    return (roll.folders if place is None else [roll.folders[place]]), [*strays, *roll.strays]


def _doubt_key(plan: Plan, book: Gradebook) -> None:
    """Where the files state other numbers than were drawn, say that the key may be the reason.

    Raises BacktraceError where most files do: their answers were judged on numbers that nobody had.
    Of one student alone it is taken for their doing, if there is a key.
    """
    varied = {task.name for task in plan.course.tasks if "variants" in task.original.data}
    if not varied:
        return
    files = [file for student in book.students() for file in student.files
             if file.exercise in varied and file.status == GRADED]  # fmt: skip
    other = sum(any(note.startswith(("at changed", "formula changed")) for note in file.notes)
                for file in files)  # fmt: skip
    if not other:
        return
    most = 2 * other >= len(files)
    seen = f"{other} of {len(files)} files with variants state other numbers than those drawn"
    hint = f"give the course's key: --key-file FILE, or the variable {KEY_VARIABLE}"
    if plan.key:
        hint = "is it the key, and are these the names, that they were handed out with?"
    if most and (not plan.key or len(book) > 1):
        how = "by this key" if plan.key else "without a key"
        raise BacktraceError(f"{seen} {how}, so nothing is graded", hint=hint)
    if most or not plan.key:
        click.echo(f"warning: {seen}{'' if plan.key else ' without a key'}\n{hint}", err=True)


def _kept(plan: Plan, asked: list[Wanted], replace: tuple[str, ...]) -> Replaced | None:
    """Everybody but those that are to be graded again, from the JSON report that is to be written."""
    if not replace:
        return None
    path = next((report.path for report in asked if report.name == "json" and report.path), "")
    if not path or not os.path.exists(path):
        raise BacktraceError("--replace takes everybody else from the JSON report, and none is there",
                             hint="name it: --report json=grades.json")  # fmt: skip
    return Replaced(merged([path]), plan.course, replace)


def _show(book: Gradebook, asked: list[Wanted], plain: bool, old: Gradebook | None) -> None:
    """Every report that was asked for, and the page if none of them is on standard output."""
    from backtrace_cli.pages.grading.grades import book_lines, print_book

    narrow = shared.prepare_output()
    to_screen = [report for report in asked if not report.path]
    for report in asked:
        if not report.path:
            shared.json_output()
        write_report(report, book, sys.stdout)
    if old is not None and not to_screen:
        from backtrace_cli.pages.grading.moved_page import moved_page

        shared.write_page(moved_page(moved(old, book), len(book)), plain=plain)
    elif not to_screen and plain:
        shared.write_lines(book_lines(book))
    elif not to_screen:
        print_book(shared.screen(narrow), book)
    sys.stdout.flush()


def _from_here(path: str) -> str:
    """``path`` as seen from here, for annotations; the folder's name alone where that leads upwards."""
    try:
        seen = os.path.relpath(path).replace(os.sep, "/")
    except ValueError:  # another drive
        seen = ".."
    return os.path.basename(os.path.abspath(path)) if seen.split("/")[0] == ".." else seen


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
