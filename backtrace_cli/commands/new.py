"""``backtrace new``: an exercise made from a formula, at a point where mistakes show."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from typing import Any

import click

from backtrace_cli.base.errors import BacktraceError, PointError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.whole_file import whole_text
from backtrace_cli.commands import _shared as shared
from backtrace_cli.commands._students import course_key, student_options
from backtrace_cli.engine.arithmetics.exact import Exact
from backtrace_cli.grading.authoring.making import ASKABLE, USUAL, make_exercise
from backtrace_cli.pages.layout import Screen
from backtrace_cli.runs.given_shapes import read_shapes
from backtrace_cli.runs.point import read_point, value_of

__all__ = ["command"]


@click.command("new", cls=shared.FormulaCommand)
@shared.formula_argument
@click.option(
    "-o", "--output", "target", metavar="FILE", help="Where to write it; standard output if left out."
)
@click.option("--ask", default=",".join(USUAL), show_default=True, metavar="TABLES",
              help="What to ask for: one or more of these, and shapes where there are arrays.")  # fmt: skip
@shared.at_option("The point, instead of a chosen one.")
@click.option("--shapes", metavar="W=2x3,h=3", help="The shapes of arrays, for which a point is chosen.")
@click.option("--title", default="", metavar="TEXT", help="The exercise's title.")
@click.option("--like", metavar="EXERCISE", help="Copy this exercise for --student, instead of making one.")
@student_options
@click.option("--students", "listed", metavar="LIST",
              help="Copy --like, an exercise or a whole course, for everybody in this file: one name a line, "
              "or a column of a .csv. -o is the folder for their folders.")  # fmt: skip
@click.option("--column", default="", metavar="NAME", help="The column of --students in which the names are.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def command(
    formula: str | None, path: str | None, target: str | None, ask: str, at: tuple[str, ...],
    shapes: str | None, title: str,
    like: str | None, student: str | None, key_file: str | None, listed: str | None, column: str, force: bool,
) -> None:  # fmt: skip
    """Make an exercise from FORMULA: name its boxes, lay out the blanks, choose the point.

    The point is one with easy numbers at which few mistakes leave the answer right.

    \b
    backtrace new "x^2 - (x+y)*y + y^2" --ask messages,gradient
    backtrace new "y = W @ h; L = y @ y" --shapes W=2x3,h=3
    backtrace new --like exercises/04_forks/two_paths.toml --student ann
    backtrace new --like exercises --students class.csv --column login -o handout
    """
    narrow = shared.prepare_output()
    try:
        if listed is not None or column:
            _refuse_both(formula, path, at, title)
            _hand_out(narrow, like, listed, column, student, key_file, target, force)
            return
        if like is not None:
            _refuse_both(formula, path, at, title)
            _write(_copy(like, student, key_file), target, force)
            return
        if student is not None:
            raise BacktraceError("a student's own numbers are drawn from an exercise",
                                 hint="name it: backtrace new --like EXERCISE --student ann")  # fmt: skip
        sizes = None if shapes is None else read_shapes(shapes)
        made = make_exercise(shared.read_formula(formula, path), _tables(ask), title, _point(at),
                             os.path.basename(target or "FILE"), sizes)  # fmt: skip
        _write(made.text, target, force)
    except BacktraceError as error:
        shared.fail(error)
    from backtrace_cli.pages.grading.made import print_made

    if target is None:
        shared.prepare_output(sys.stderr)
        print_made(Screen(sys.stderr, ascii=narrow), made, None)
    else:
        print_made(shared.screen(narrow), made, target)


def _refuse_both(formula: str | None, path: str | None, at: tuple[str, ...], title: str) -> None:
    if formula is not None or path is not None or at or title:
        raise BacktraceError(
            "--like copies an exercise as it is", hint="leave the formula, --at and --title out"
        )


def _tables(ask: str) -> list[str]:
    tables = [name.strip() for name in ask.split(",") if name.strip()]
    strange = [name for name in tables if name not in ASKABLE]
    if strange or not tables:
        raise BacktraceError(f"{strange[0] if strange else 'nothing'} can't be asked for",
                             hint=f"--ask takes {', '.join(ASKABLE)}")  # fmt: skip
    return tables


def _point(at: tuple[str, ...]) -> dict[str, Any] | None:
    """The point of ``--at``, numbers as fractions; None where there is none."""
    if not at:
        return None
    found: dict[str, Any] = {}
    for name, given in read_point(at).items():
        value = value_of(name, given, Exact())
        if shape_of(value):
            found[name] = value
            continue
        if not isinstance(value, Fraction):
            raise PointError(f"{name} is no number that can be written in full", hint="write a fraction: 1/3")
        found[name] = value
    return found


def _copy(like: str, student: str | None, key_file: str | None) -> str:
    from backtrace_cli.grading.authoring.variants import handed_out
    from backtrace_cli.grading.exercise.source import read_source

    if student is None:
        raise BacktraceError("whose copy is it?", hint="add --student ann")
    return handed_out(read_source(like), student, course_key(key_file))


def _hand_out(
    narrow: bool, like: str | None, listed: str | None, column: str, student: str | None,
    key_file: str | None, target: str | None, force: bool,
) -> None:  # fmt: skip
    """Write everybody's files, and tell how many."""
    from backtrace_cli.grading.authoring.hand_out import hand_out
    from backtrace_cli.grading.people.listed_students import read_students
    from backtrace_cli.pages.grading.made import print_handed_out

    if listed is None:
        raise BacktraceError(
            "--column says where in a list the students are", hint="add --students class.csv"
        )
    if student is not None:
        raise BacktraceError("--student is for one, and --students for many", hint="leave one of them out")
    if like is None:
        raise BacktraceError("what shall they get?", hint="name an exercise or a course: --like exercises")
    if target is None:
        raise BacktraceError("into which folder?", hint="add -o handout: it gets a folder for each student")
    key = course_key(key_file)
    done = hand_out(like, read_students(listed, column), target, key, force)
    print_handed_out(shared.screen(narrow), done, target, bool(key))


def _write(text: str, target: str | None, force: bool) -> None:
    """Write the file, all of it or nothing; an existing one only with ``--force``."""
    if target is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    try:
        with whole_text(target, fresh=not force) as file:
            file.write(text)
    except FileExistsError:
        raise BacktraceError(f"{visible_name(target)} is there already",
                             hint="choose another name, or overwrite it with --force") from None  # fmt: skip
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "its name can't be read").lower()
        raise BacktraceError(
            f"{visible_name(target)} can't be written: {reason}", hint="check the folder and the name"
        ) from None
