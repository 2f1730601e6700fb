"""A graded class on the screen: a row a student, what went wrong most, what somebody should look at."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import (
    amount,
    asked,
    counted,
    elsewhere,
    passes,
    sentence,
    stem,
    summary,
    total,
)
from backtrace_cli.grading.classroom.records import VERDICTS, StudentRecord, Tally
from backtrace_cli.grading.judging.verdict import RIGHT
from backtrace_cli.grading.statistics.class_statistics import statistics_of
from backtrace_cli.pages.document import Block
from backtrace_cli.pages.grading.class_page import digest
from backtrace_cli.pages.layout import HEADING, QUIET, VALUE, Column, Screen, heading, paragraph, table
from backtrace_cli.pages.writers.plain import plain_lines
from backtrace_cli.pages.writers.terminal import show

__all__ = ["book_lines", "print_book", "progress"]

#: More remarks than this are counted, not shown.
_MOST_REMARKS = 20
#: Of a larger class `backtrace report` alone says what it got wrong.
_MOST_DIGESTED = 2_000

#: So many students with the same remark are named; more are counted.
_MOST_NAMED = 3

_COUNTS = tuple(
    Column(verdict, right=True, lead=f"{verdict} ", keep=True, style="" if verdict == RIGHT else QUIET)
    for verdict in VERDICTS
)


def print_book(screen: Screen, book: Gradebook) -> None:
    """Print the page of a class, or of one student; the sum is the last line."""
    screen.parts([])
    paragraph(screen, [("Grades", HEADING), (f"     {_extent(book)}", QUIET)])
    screen.parts([])
    if len(book) == 1:
        _print_one(screen, book)
    else:
        mark = Column("mark", right=True, keep=True, style=VALUE, lead="mark ")
        columns = (Column("student"), Column("points", right=True, keep=True, style=VALUE), mark, *_COUNTS)
        table(screen, columns, _students(book))
        heading(screen, "By exercise")
        columns = (Column(), Column(right=True, keep=True, style=VALUE), Column(keep=True, style=QUIET))
        table(screen, columns, list(_exercises(book)))
    remarks = _remarks(book)
    first = [text for _, text in zip(range(_MOST_REMARKS), remarks, strict=False)]
    if first:
        heading(screen, "To look at")
        for text in first:
            paragraph(screen, [(text, "")], indent=3)
        more = sum(1 for _ in remarks)
        if more:
            paragraph(screen, [(f"and {more:,} more: --report markdown=FILE has them all", QUIET)], indent=3)
    show(screen, _digest(book))
    screen.parts([])
    paragraph(screen, [(_sum(book), HEADING)])


def book_lines(book: Gradebook) -> Iterator[str]:
    """The same as plain sentences in ASCII, one a line."""
    yield ascii_text(f"Graded: {_extent(book)}")
    for student in book.students():
        points, of = total(student)
        mark = f"; mark: {amount(points)} of {amount(of)}" if student.mark else ""
        yield ascii_text(f"{student.name}: {Tally.of(student.files).line()}{mark}")
    if len(book) == 1:
        yield from map(ascii_text, _wrong(next(book.students())))
    yield from (ascii_text(f"Look at {text}") for text in _remarks(book))
    yield from plain_lines(_digest(book))
    yield ascii_text(_sum(book))


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error while a class is graded, if somebody is there to see it."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False)
    columns: tuple[Any, ...] = (
        TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("grading", total=total)
        yield lambda: bar.advance(task)


def _digest(book: Gradebook) -> Iterator[Block]:
    """What went wrong most in a class, where working it out keeps nobody waiting."""
    if 1 < len(book) <= _MOST_DIGESTED:
        yield from digest(statistics_of(book))


# -- parts ---------------------------------------------------------------------------


def _print_one(screen: Screen, book: Gradebook) -> None:
    student = next(book.students())
    columns = (Column(student.name), Column("points", right=True, keep=True, style=VALUE), *_COUNTS)
    rows = [
        (stem(file.exercise), f"{amount(file.points)} of {amount(file.of)}", *_numbers(Tally.of([file])))
        for file in student.files
    ]  # fmt: skip
    table(screen, columns, rows)
    if student.mark is not None:
        text = f"Mark: {amount(student.mark.points)} of {amount(student.mark.of)}"
        paragraph(screen, [(text, HEADING)], indent=3)
    wrong = list(_wrong(student))
    if wrong:
        heading(screen, "Not right yet")
        for text in wrong:
            paragraph(screen, [(text, "")], indent=3)


def _wrong(student: StudentRecord) -> Iterator[str]:
    """What is wrong or unreadable, a sentence each; what is blank or missing the table has counted."""
    for file, answer in student.answers:
        if not passes(answer) and answer.line and answer.verdict != "blank":
            yield f"{file.path} {asked(answer)}: {sentence(answer)}"


def _students(book: Gradebook) -> Iterator[tuple[str, ...]]:
    for student in book.students():
        tally = Tally.of(student.files)
        points, of = total(student)
        mark = f"{amount(points)} of {amount(of)}" if student.mark else ""
        yield (student.name, f"{amount(tally.points)} of {amount(tally.most)}", mark, *_numbers(tally))


def _exercises(book: Gradebook) -> Iterator[tuple[str, str, str]]:
    for column in book.columns:
        tally = book.exercises[column.exercise]
        mistakes = book.mistakes[column.exercise]
        most = min(mistakes.items(), key=lambda item: (-item[1], item[0]), default=None)
        said = f"{most[0]}, {counted(most[1], 'time')}" if most else ""
        yield stem(column.exercise), f"{tally.counts[RIGHT]} of {tally.answers} right", said


def _numbers(tally: Tally) -> tuple[str, ...]:
    return tuple(str(tally.counts[verdict] or "") for verdict in VERDICTS)


def _remarks(book: Gradebook) -> Iterator[str]:
    for stray in book.strays:
        yield f"{stray.path}: {stray.why}"
    said: dict[str, list[str]] = {}
    for student in book.students():
        whose = (elsewhere(file, names) for file, names in book.whose(student))
        for text in (*summary(student), *whose):
            said.setdefault(text, []).append(student.name)
    for text, names in said.items():
        yield f"{_who(names)}{text}" if len(book) > 1 else text


def _who(names: list[str]) -> str:
    """To whom a remark applies: by name, or how many."""
    return f"{', '.join(names)}: " if len(names) <= _MOST_NAMED else f"{counted(len(names), 'student')}: "


def _extent(book: Gradebook) -> str:
    exercises = counted(len(book.columns), "exercise")
    answers = counted(sum(column.answers for column in book.columns), "answer")
    part = f", part {book.shard.number} of {book.shard.of}" if book.shard.of > 1 else ""
    return f"{counted(len(book), 'student')}, {exercises} with {answers}{part}"


def _sum(book: Gradebook) -> str:
    return book.tally.line()
