"""A grade book with a teacher's corrections in it, and a mark for everybody by their rules.

What the grader found stays in the records beside what was put right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible_name
from backtrace_cli.base.suggest import nearest_of
from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.course import chosen
from backtrace_cli.grading.classroom.marks.mark_rules import Correcting, HandedIn, Rules
from backtrace_cli.grading.classroom.marks.times import Moment, days_between
from backtrace_cli.grading.classroom.record_words import amount, label, stem
from backtrace_cli.grading.classroom.records import MISSING, Correction, FileRecord, Mark, StudentRecord
from backtrace_cli.grading.exercise.worth import tidy
from backtrace_cli.grading.people.roster import folded

__all__ = ["marked"]


class _Unit(NamedTuple):
    """What is dropped or counted as one: an exercise, or a chapter."""

    name: str
    points: float
    of: float


def marked(book: Gradebook, rules: Rules, part: bool = False) -> Gradebook:
    """``book`` with the corrections of ``rules`` in it, and everybody's mark.

    Where ``book`` is but a ``part`` of what the rules are about, what they say of the rest is passed over.
    Raises BacktraceError for a correction of an answer, or of a student, that isn't there.
    """
    with ExitStack() as unfinished, book:
        found = Gradebook(book.root, book.digest, book.columns, book.strays, book.shard)
        unfinished.enter_context(found)
        found.assignment = book.assignment
        marker = _Marker(book, rules, part)
        for position, student in zip(book.positions, book.students(), strict=True):
            found.add(position, marker.student(student))
        unfinished.pop_all()
    return found


class _Marker:
    """The rules, sorted by whom they are about."""

    def __init__(self, book: Gradebook, rules: Rules, part: bool) -> None:
        self.rules, self.part = rules, part
        self.shown = visible_name(rules.path)
        called: dict[str, list[str]] = {}
        shown = []
        for student in book.students():
            shown.append(student.name)
            known = [value for kind, value in student.ids if kind != "group"]
            for name in set(map(folded, (student.name, *known))):
                called.setdefault(name, []).append(student.name)
        own = {folded(name): name for name in shown}
        self.called = {name: people[0] for name, people in called.items() if len(people) == 1} | own
        self.names = shown
        self.corrections: dict[str, dict[str, Correcting]] = {}
        for one in rules.corrections:
            mine = self.corrections.setdefault(self._who(one.student, one.place), {})
            if one.answer in mine:
                raise BacktraceError(f"{self.shown}, {one.place}: this answer is corrected twice",
                                     hint="keep one of them")  # fmt: skip
            mine[one.answer] = one
        self.handed: dict[str, list[HandedIn]] = {}
        for handed in rules.handed_in:
            if (who := self.called.get(folded(handed.student))) is not None:
                self.handed.setdefault(who, []).append(handed)
        for number, extension in enumerate(rules.extensions, 1):
            self._who(extension.student, f"extension {number}")

    def _who(self, name: str, place: str) -> str:
        found = self.called.get(folded(name))
        if found is None and self.part:
            return ""
        if found is None:
            raise BacktraceError(f"{self.shown}, {place}: there is no student {visible_name(name)}",
                                 hint=nearest_of(name, self.names, "there are"))  # fmt: skip
        return found

    def student(self, student: StudentRecord) -> StudentRecord:
        """The student's record, put right and marked."""
        left = dict(self.corrections.get(student.name, {}))
        files = tuple(self._corrected(file, left) for file in student.files)
        if left and not self.part:
            one = next(iter(left.values()))
            labels = [label(file, answer) for file, answer in student.answers]
            raise BacktraceError(f"{self.shown}, {one.place}: {one.answer} is no answer of this course",
                                 hint=nearest_of(one.answer, labels, "there are"))  # fmt: skip
        student = student._replace(files=files)
        return student._replace(mark=self._mark(student))

    def _corrected(self, file: FileRecord, left: dict[str, Correcting]) -> FileRecord:
        answers = []
        for answer in file.answers:
            one = left.pop(label(file, answer), None)
            if one is not None and one.points > answer.of:
                given = f"{amount(one.points)} points for an answer that is worth {amount(answer.of)}"
                raise BacktraceError(f"{self.shown}, {one.place}: {given}", hint="give it what it is worth")
            correction = one and Correction(one.points, one.reason, one.by, one.when)
            answers.append(answer._replace(correction=correction))
        return file._replace(answers=tuple(answers))

    def _mark(self, student: StudentRecord) -> Mark:
        """Points by the rules: late days, weights, what is left out."""
        why: list[str] = []
        units: dict[str, _Unit] = {}
        for file in student.files:
            kept = self._kept(student, file, why)
            weight = self._weight(file.exercise)
            name = stem(file.exercise)
            if self.rules.chapters:
                name = name.rpartition("/")[0] or name
            unit = units.get(name, _Unit(name, 0, 0))
            units[name] = _Unit(name, unit.points + weight * kept * file.points, unit.of + weight * file.of)
        for one in _lowest(list(units.values()), self.rules.lowest):
            why.append(f"left out, as the lowest: {one.name}, {amount(one.points)} of {amount(one.of)}")
            del units[one.name]
        why += [f"{label(file, answer)}: {amount(made.points)} of {amount(answer.of)} by {made.by}, "
                f"{made.when}: {made.reason}"
                for file, answer in student.answers if (made := answer.correction) is not None]  # fmt: skip
        points = tidy(sum(unit.points for unit in units.values()))
        return Mark(points, tidy(sum(unit.of for unit in units.values())), tuple(why))

    def _weight(self, exercise: str) -> float:
        """The weight of the longest pattern that means the exercise."""
        fitting = [name for name in self.rules.weights if chosen(exercise, name)]
        return self.rules.weights[max(fitting, key=len)] if fitting else 1

    def _kept(self, student: StudentRecord, file: FileRecord, why: list[str]) -> float:
        """The share of what was earned that is kept, as it was late."""
        late = self.rules.late
        if late is None or file.status == MISSING:
            return 1
        when = _for(file.exercise, [(one.exercise, one.when) for one in self.handed.get(student.name, ())])
        due = _for(file.exercise, list(late.due.items()))
        if when is None or due is None:
            return 1
        due, told = self._extended(student, file.exercise, due)
        days = days_between(due, when, late.grace_minutes)
        if not days:
            if told:
                why.append(f"{stem(file.exercise)}: in time, {told}")
            return 1
        gone = late.accepted_days is not None and days > late.accepted_days
        taken = 100 if gone else min(late.at_most, days * late.a_day)
        by = f"{days} day{'' if days == 1 else 's'} late{f', {told}' if told else ''}"
        cost = "it counts nothing" if gone else f"{amount(taken)}% taken"
        why.append(f"{stem(file.exercise)}: {by}: {cost}")
        return 1 - taken / 100

    def _extended(self, student: StudentRecord, exercise: str, due: Moment) -> tuple[Moment, str]:
        """The student's own day, with what was given, and why."""
        import datetime

        told = ""
        for one in self.rules.extensions:
            mine = self.called.get(folded(one.student)) == student.name
            if mine and (not one.exercise or chosen(exercise, one.exercise)):
                at = one.until.at if one.until else due.at + datetime.timedelta(days=one.days)
                if at > due.at:
                    due, told = Moment(at, due.shown), f"extended ({one.reason})"
        return due, told


def _for(exercise: str, moments: Sequence[tuple[str, Moment]]) -> Moment | None:
    """The moment that is said of the exercise most closely; of several the last."""
    fitting = [(len(name), number, when) for number, (name, when) in enumerate(moments)
               if not name or chosen(exercise, name)]  # fmt: skip
    return max(fitting)[2] if fitting else None


def _lowest(units: Sequence[_Unit], count: int) -> Iterator[_Unit]:
    """The ``count`` with the smallest share of their points; one at least stays."""
    worth = [unit for unit in units if unit.of]
    ordered = sorted(worth, key=lambda unit: (unit.points / unit.of, unit.of, unit.name))
    yield from ordered[: max(0, min(count, len(worth) - 1))]
