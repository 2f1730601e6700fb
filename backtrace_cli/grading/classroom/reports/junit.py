"""JUnit XML, as GitLab and Jenkins read it: a test suite a student, a test case an answer."""

from __future__ import annotations

import re
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import asked, label, sentence, stem, summary
from backtrace_cli.grading.classroom.records import UNGRADED, AnswerRecord, FileRecord, StudentRecord, Tally
from backtrace_cli.grading.classroom.reports import Format
from backtrace_cli.grading.judging.verdict import RIGHT, UNDECIDED, UNREADABLE

__all__ = ["FORMAT"]

#: What XML 1.0 has no character for.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ERRORS = (UNREADABLE, UNGRADED, UNDECIDED)


def _write(book: Gradebook, file: IO[str]) -> None:
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    file.write(f'<testsuites name="backtrace" {_counts(book.tally)}>\n')
    for student in book.students():
        _suite(student, file)
    file.write("</testsuites>\n")


def _suite(student: StudentRecord, file: IO[str]) -> None:
    tally = Tally.of(student.files)
    file.write(f"  <testsuite name={_attribute(student.name)} {_counts(tally)}>\n")
    file.write("    <properties>\n")
    for name, value in (("points", tally.points), ("of", tally.most)):
        file.write(f'      <property name="{name}" value="{value}"/>\n')
    file.write("    </properties>\n")
    for one, answer in student.answers:
        _case(student, one, answer, file)
    remarks = summary(student)
    if remarks:
        file.write(f"    <system-out>{_text(chr(10).join(remarks))}</system-out>\n")
    file.write("  </testsuite>\n")


def _case(student: StudentRecord, file: FileRecord, answer: AnswerRecord, out: IO[str]) -> None:
    # GitLab keeps the first of two equal names, so the name alone tells student, exercise and answer.
    name = f"{student.name}: {label(file, answer)}"
    # Jenkins makes a package of what stands before the last dot of a class name.
    group = f"{student.name.replace('.', '_')}.{stem(file.exercise).replace('.', '_')}"
    where = f" file={_attribute(file.path)}" if file.path else ""
    out.write(f"    <testcase classname={_attribute(group)} name={_attribute(name)}{where}")
    if answer.verdict == RIGHT:
        out.write("/>\n")
        return
    message = sentence(answer)
    # GitLab shows the text, not the message; so it says the same, and where to look.
    details = f"{asked(answer)}: {message}"
    if file.path:
        details = f"{file.path}{f', line {answer.line}' if answer.line else ''}\n{details}"
    if answer.answer:
        details += f"\nyours: {answer.answer}"
    out.write(">\n")
    sort = "error" if answer.verdict in _ERRORS else "failure"
    kind = _attribute(answer.mistake or answer.verdict)
    out.write(f"      <{sort} message={_attribute(message)} type={kind}>{_text(details)}</{sort}>\n")
    out.write("    </testcase>\n")


def _counts(tally: Tally) -> str:
    errors = sum(tally.counts[verdict] for verdict in _ERRORS)
    failures = tally.answers - tally.counts[RIGHT] - errors
    return f'tests="{tally.answers}" failures="{failures}" errors="{errors}" skipped="0"'


def _attribute(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_ILLEGAL.sub("\ufffd", text))


FORMAT = Format("JUnit XML, for GitLab, Jenkins and most others", _write)
