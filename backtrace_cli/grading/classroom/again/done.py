"""Who needn't be graded: whom the journal of an interrupted run knows, and who isn't replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.grading.classroom.again.journal import Journal
from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.course import Course
from backtrace_cli.grading.classroom.pool import Plan, grade_students
from backtrace_cli.grading.classroom.records import FileRecord, StudentRecord
from backtrace_cli.grading.classroom.submission import Folder
from backtrace_cli.grading.people.roster import folded

__all__ = ["Done", "Replaced"]


class Replaced:
    """A grade book of which some students are to be graded again.

    Raises BacktraceError where it is of another course: then all have to be.
    """

    def __init__(self, old: Gradebook, course: Course, names: Sequence[str]) -> None:
        with old:
            if old.digest != course.digest:
                raise BacktraceError("the course was changed since, so one student can't be graded alone",
                                     hint="grade all again; --compare says whose marks move")  # fmt: skip
            self.names = {folded(name): name for name in names}
            self.others = {folded(one.name): _plain(one) for one in old.students()
                           if folded(one.name) not in self.names}  # fmt: skip

    def check(self, students: Sequence[str]) -> None:
        """Refuse a name that is nobody's."""
        there = set(map(folded, students))
        for key, name in self.names.items():
            if key not in there:
                raise BacktraceError(f"there is no student {visible_name(name)} to be graded again",
                                     hint=nearest_of(name, students, "there are"))  # fmt: skip


class Done:
    """The students of a plan, each graded unless it is known already what comes of it."""

    def __init__(self, plan: Plan, journal: str | None, replaced: Replaced | None) -> None:
        self.plan, self.replaced = plan, replaced
        self.journal = Journal(journal, plan) if journal is not None else None

    def __enter__(self) -> Done:
        return self

    def __exit__(self, *why: object) -> None:
        if self.journal is not None:
            self.journal.__exit__(*why)

    def check(self, students: Sequence[str]) -> None:
        """Refuse a student to be replaced who isn't there."""
        if self.replaced is not None:
            self.replaced.check(students)

    def students(self, folders: Sequence[Folder]) -> Iterator[tuple[int, StudentRecord]]:
        """(position, record) of everybody, those that are known first."""
        waiting: list[tuple[int, Folder, str]] = []
        for position, folder in enumerate(folders):
            sign = self.journal.sign(folder) if self.journal is not None else ""
            record = self._known(folder, sign)
            if record is None:
                waiting.append((position, folder, sign))
            else:
                yield position, record
        for place, record in grade_students(self.plan, [folder for _, folder, _ in waiting]):
            position, _, sign = waiting[place]
            if self.journal is not None:
                self.journal.keep(sign, record)
            yield position, record

    def _known(self, folder: Folder, sign: str) -> StudentRecord | None:
        if self.replaced is not None:
            return self.replaced.others.get(folded(folder.student))
        return self.journal.known(sign) if self.journal is not None else None


def _plain(student: StudentRecord) -> StudentRecord:
    """The record as the grader made it, without what was put right: that is merged anew."""
    return student._replace(mark=None, files=tuple(map(_uncorrected, student.files)))


def _uncorrected(file: FileRecord) -> FileRecord:
    return file._replace(answers=tuple(answer._replace(correction=None) for answer in file.answers))
