"""A Markdown summary: the class as a table, what went wrong most, then every student."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import (
    amount,
    asked,
    counted,
    elsewhere,
    passes,
    sentence,
    stem,
)
from backtrace_cli.grading.classroom.records import GRADED, MISSING, StudentRecord, Tally
from backtrace_cli.grading.classroom.reports import Format
from backtrace_cli.grading.judging.verdict import BLANK, RIGHT, WRONG

__all__ = ["FORMAT", "code", "lines"]


def _write(book: Gradebook, file: IO[str]) -> None:
    for line in lines(book):
        file.write(line + "\n")


def lines(book: Gradebook) -> Iterator[str]:
    """The whole page, line by line."""
    tally = book.tally
    yield "# Grades"
    yield ""
    yield f"{counted(len(book), 'student')}: {tally.line()}."
    if book.shard.of > 1:
        yield ""
        yield f"Part {book.shard.number} of {book.shard.of} of the class."
    yield from _class_table(book)
    yield from _exercise_table(book)
    yield from _elsewhere(book)
    if book.strays:
        yield ""
        yield "Not graded, as it is no student's folder:"
        yield ""
        yield from (f"- {code(stray.path)}: {code(stray.why)}" for stray in book.strays)
    for student in book.students():
        yield from _student(student)


def _class_table(book: Gradebook) -> Iterator[str]:
    yield ""
    yield "| student | points | right | wrong | blank | other |"
    yield "|:--|--:|--:|--:|--:|:--|"
    for student in book.students():
        tally = Tally.of(student.files)
        other = ", ".join(
            f"{count} {verdict}" for verdict, count in tally.counts.items()
            if count and verdict not in (RIGHT, WRONG, BLANK)
        )  # fmt: skip
        counts = " | ".join(str(tally.counts[verdict]) for verdict in (RIGHT, WRONG, BLANK))
        points = f"{amount(tally.points)} of {amount(tally.most)}"
        yield f"| {_cell(student.name)} | {points} | {counts} | {other} |"


def _exercise_table(book: Gradebook) -> Iterator[str]:
    yield ""
    yield "| exercise | right | commonest mistake |"
    yield "|:--|--:|:--|"
    for column in book.columns:
        tally = book.exercises[column.exercise]
        common = book.mistakes[column.exercise].most_common()
        most = min(common, key=lambda item: (-item[1], item[0]), default=None)
        mistake = f"{_cell(most[0])}, {counted(most[1], 'time')}" if most else ""
        yield f"| {_cell(stem(column.exercise))} | {tally.counts[RIGHT]} of {tally.answers} | {mistake} |"


def _elsewhere(book: Gradebook) -> Iterator[str]:
    """Whose numbers wrong answers fit; of one student's own page nobody else is a part."""
    told = [f"- {code(student.name)}: {code(elsewhere(*one))}"
            for student in book.students() for one in book.whose(student)]  # fmt: skip
    if told:
        yield from ("", "Right for somebody else's numbers:", "", *told)


def _student(student: StudentRecord) -> Iterator[str]:
    tally = Tally.of(student.files)
    yield ""
    yield f"## {code(student.name)}"
    yield ""
    yield f"{tally.line()}."
    if student.mark is not None:
        yield ""
        yield f"Mark: {amount(student.mark.points)} of {amount(student.mark.of)}."
        yield ""
        yield from (f"- {code(why)}" for why in student.mark.why)
    for file in student.files:
        told = [one for one in file.answers if not passes(one) or one.carried or one.correction]
        if not (told or file.notes):
            continue
        yield ""
        yield f"**{code(stem(file.exercise))}** · {amount(file.points)} of {amount(file.of)} points"
        yield ""
        if file.status == MISSING:
            yield "missing"
            continue
        if file.status != GRADED:
            yield f"{file.status}:"
            yield ""
            yield from _block(file.details)
            continue
        yield from (f"- {code(asked(a))} {code(sentence(a))}{_yours(a.answer)}" for a in told)
        yield from (f"- note: {code(note)}" for note in file.notes)
    if student.strays:
        yield ""
        yield "Besides:"
        yield ""
        yield from (f"- {code(stray.path)}: {code(stray.why)}" for stray in student.strays)


def _yours(answer: str) -> str:
    return f", yours: {code(answer)}" if answer else ""


def code(text: str) -> str:
    """``text`` as a code span, in which nothing is markup and no name a mention.

    >>> code("a`b")
    '``a`b``'
    """
    text = " ".join(text.split()) or " "
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _cell(text: str) -> str:
    """A code span in a table, in which a bar begins no new cell."""
    return code(text).replace("|", "\\|")


def _block(text: str) -> Iterator[str]:
    """``text`` as an indented block of code, a form that nothing in it can end."""
    yield from ("    " + line for line in text.splitlines())


FORMAT = Format("a page to read, or to send to each student", _write)
