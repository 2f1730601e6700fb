"""``backtrace sheet``: an exam or a worksheet on paper, and the key to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.base.whole_file import whole_file
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._finite import FiniteRange
from backtrace_cli.commands._students import course_key, student_options
from backtrace_cli.grading.classroom.course import Course, load_course
from backtrace_cli.pages.document import Block

__all__ = ["command"]

#: How a file ends -> the medium that it is written in.
_MEDIA = {".tex": "latex", ".html": "html", ".typ": "typst", ".md": "markdown"}
_PDF = ".pdf"
_ENDINGS = (_PDF, *_MEDIA)


@click.command("sheet")
@click.argument("course", metavar="COURSE")
@click.option("-o", "--output", "target", metavar="FILE",
              help=f"Write FILE and, beside it, its key as FILE-key: {', '.join(_ENDINGS)}.")  # fmt: skip
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this exercise, chapter or pattern; repeatable."
)
@student_options
@click.option("--students", "listed", metavar="LIST",
              help="A paper for everybody in this file: one name a line, or a column of a .csv.")  # fmt: skip
@click.option("--column", default="", metavar="NAME", help="The column of --students in which the names are.")
@click.option(
    "--title", default="", metavar="TEXT", help="What stands on top; the course's name if left out."
)
@click.option("--room", type=FiniteRange(0, 25), default=2.0, show_default=True, metavar="CM",
              help="Empty paper below each question, in centimetres.")  # fmt: skip
@click.option("--key", "only_key", is_flag=True, help="Show the key, where nothing is written to a file.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@shared.plain_option()
def command(
    course: str, target: str | None, only: tuple[str, ...], student: str | None, key_file: str | None,
    listed: str | None, column: str, title: str, room: float, only_key: bool, force: bool, plain: bool,
) -> None:  # fmt: skip
    """Print COURSE, a folder of exercises or one of them, as a sheet to be filled in by hand, and its key.

    With --students everybody gets a sheet, with their own numbers where the course has variants. The key
    has the answers, what known mistakes give instead, and what follows from those.

    \b
    backtrace sheet exercises/04_forks/two_paths.toml
    backtrace sheet docs/class/course --key
    backtrace sheet docs/class/course --students docs/class/class.txt -o exam.pdf
    """
    from backtrace_cli.grading.classroom.papers import papers
    from backtrace_cli.pages.grading.papers_page import key_blocks, paper_blocks

    shared.prepare_output()
    try:
        if student is not None and listed is not None:
            raise BacktraceError(
                "--student is for one, and --students for many", hint="leave one of them out"
            )
        found = _course(course, only)
        names = _students(student, listed, column)
        secret = course_key(key_file)
        named = visible(title) or _name(course, found)
        made = {
            False: lambda: paper_blocks(papers(found, names, secret), named, room),
            True: lambda: key_blocks(papers(found, names, secret), named, one=not (names and found.varies)),
        }
        if target is None:
            shared.write_page(made[only_key](), plain=plain)
            return
        _write(target, made, named, force)
        if names and found.varies and not secret:
            sys.stdout.write(
                "Numbers are drawn without a key, so anyone can work out anyone's: see --key-file.\n"
            )
    except BacktraceError as error:
        shared.fail(error)


def _course(path: str, only: tuple[str, ...]) -> Course:
    if not os.path.exists(path):
        raise BacktraceError(f"there is no course {visible_name(path)}", hint="name a folder, or an exercise")
    return load_course(path, only)


def _students(student: str | None, listed: str | None, column: str) -> list[str]:
    from backtrace_cli.grading.people.listed_students import read_students

    if listed is not None:
        return read_students(listed, column)
    if column:
        raise BacktraceError(
            "--column says where in a list the students are", hint="add --students class.csv"
        )
    return [] if student is None else [student]


def _name(path: str, course: Course) -> str:
    """The exercise's title, or what the folder is called."""
    if len(course.tasks) == 1:
        return visible(course.tasks[0].exercise.title)
    folder = os.path.basename(os.path.abspath(path)).lstrip("0123456789_ ") or "exercises"
    return visible_name(folder.replace("_", " ").capitalize())


def _write(target: str, made: Mapping[bool, Callable[[], Iterable[Block]]], title: str, force: bool) -> None:
    """Write the sheet and its key, each whole or not at all; neither where one is there already."""
    stem, ending = os.path.splitext(target)
    if ending.casefold() not in _ENDINGS:
        raise BacktraceError(f"{visible_name(target)} ends in nothing that can be written",
                             hint=f"end it in {', '.join(_ENDINGS)}")  # fmt: skip
    places = {False: target, True: f"{stem}-key{ending}"}
    for place in places.values():
        if os.path.lexists(place) and not force:
            raise BacktraceError(f"{visible_name(place)} is there already",
                                 hint="choose another name, or overwrite it with --force")  # fmt: skip
    for key, place in places.items():
        data = _set(made[key](), ending.casefold(), f"{title}, key" if key else title)
        try:
            with whole_file(place, private=key) as file:
                file.write(data)
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "its name can't be used").lower()
            raise BacktraceError(f"{visible_name(place)} can't be written: {reason}",
                                 hint="check the folder and the name") from None  # fmt: skip
    sys.stdout.write(f"{visible_name(places[False])}, and the key in {visible_name(places[True])}\n")


def _set(blocks: Iterable[Block], ending: str, title: str) -> bytes:
    """The page as the bytes of a file."""
    from backtrace_cli.pages.writers import as_pdf, written

    if ending == _PDF:
        return as_pdf(blocks, title=title)
    lines = written(_MEDIA[ending], blocks, whole=True, title=title)
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
