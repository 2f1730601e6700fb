"""A graded class as a whole: which mistakes were made and where, by whom, and what each chapter leaves open.

The grade book is read once, a student at a time.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from backtrace_cli.grading.classroom.book import Gradebook
from backtrace_cli.grading.classroom.record_words import label
from backtrace_cli.grading.classroom.records import MISSING, UNGRADED, StudentRecord
from backtrace_cli.grading.judging.verdict import RIGHT
from backtrace_cli.grading.statistics.items import Item, ItemCounts, count_student
from backtrace_cli.grading.statistics.misconceptions import (
    Explained,
    Misconception,
    explained,
    misconceptions,
)
from backtrace_cli.mistakes.catalogue import MISTAKES

__all__ = ["Chapter", "ClassStatistics", "Learner", "Made", "PutRight", "Where", "statistics_of"]

#: Who has fewer right of what they handed in of a chapter needs it again.
_ENOUGH = 0.6
#: So many wrong answers are told of for each question.
_MOST_WRONG = 5
_TITLES = {mistake.name: mistake.title for mistake in MISTAKES}


class Where(NamedTuple):
    """Where a mistake was made: in one exercise, and most often in answering what."""

    exercise: str
    answers: int
    asked: str
    words: str
    """What its students were told most often."""


class Made(NamedTuple):
    """A mistake as the class made it."""

    mistake: str
    title: str
    answers: int
    """So many wrong answers are put down to it."""
    who: tuple[str, ...]
    """Those who make it more than once."""
    where: tuple[Where, ...]


class Chapter(NamedTuple):
    """A chapter of the course."""

    name: str
    right: int
    tried: int
    """Answers in exercises that were handed in."""
    who: tuple[str, ...]
    """Those who need it again."""
    absent: int
    """So many handed nothing of it in."""


class PutRight(NamedTuple):
    """One answer that somebody put right by hand."""

    student: str
    answer: str
    before: float
    after: float
    of: float
    by: str
    when: str
    reason: str


class Learner(NamedTuple):
    """One student."""

    student: str
    right: int
    of: int
    mistakes: tuple[Misconception, ...]
    chapters: tuple[str, ...]
    """Those they need again."""


class ClassStatistics(NamedTuple):
    """What a class got wrong."""

    students: int
    absent: int
    """So many handed in nothing at all."""
    answers: int
    """For each student."""
    wrong: int
    unexplained: int
    """Of the wrong ones."""
    mistakes: tuple[Made, ...]
    """Those that most students make first."""
    items: tuple[Item, ...]
    """In the order of the course."""
    chapters: tuple[Chapter, ...]
    learners: tuple[Learner, ...]
    put_right: tuple[PutRight, ...] = ()

    @property
    def hardest(self) -> list[Item]:
        """The items, the hardest first."""
        tried = [item for item in self.items if item.tried]
        return sorted(tried, key=lambda item: item.facility)


class _Sums:
    """What is added up student by student."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str, str], ItemCounts] = {}
        self.made: dict[str, Counter[str]] = {}
        self.asked: dict[tuple[str, str], Counter[str]] = {}
        self.words: dict[tuple[str, str], Counter[str]] = {}
        self.who: dict[str, list[str]] = {}
        self.chapters: dict[str, list[int]] = {}
        self.needs: dict[str, list[str]] = {}
        self.wrong = self.unexplained = self.absent = 0
        self.put_right: list[PutRight] = []

    def add_wrong(self, one: Explained) -> None:
        self.wrong += 1
        self.unexplained += not one.mistakes
        exercise = one.file.exercise
        for mistake in one.mistakes:
            self.made.setdefault(mistake, Counter())[exercise] += 1
            place = mistake, exercise
            self.asked.setdefault(place, Counter())[f"{one.answer.table} {one.answer.key}"] += 1
            if one.answer.mistake == mistake:
                self.words.setdefault(place, Counter())[one.answer.words] += 1

    def learner(self, student: StudentRecord) -> Learner:
        """Enter one student."""
        wrong = explained(student)
        count_student(self.items, student, wrong)
        for one in wrong:
            self.add_wrong(one)
        self.put_right += [
            PutRight(student.name, label(file, answer), answer.points, made.points, answer.of, made.by,
                     made.when, made.reason)
            for file, answer in student.answers if (made := answer.correction) is not None
        ]  # fmt: skip
        found = misconceptions(student)
        for misconception in found:
            self.who.setdefault(misconception.mistake, []).append(student.name)
        right = sum(answer.verdict == RIGHT for _, answer in student.answers)
        of = sum(1 for _ in student.answers)
        self.absent += all(file.status == MISSING for file in student.files)
        needs = tuple(self._shares(student, _most_shown(found, wrong)))
        for name in needs:
            self.needs.setdefault(name, []).append(student.name)
        return Learner(student.name, right, of, tuple(found), needs)

    def _shares(self, student: StudentRecord, shown: set[str]) -> list[str]:
        """Add to every chapter's sums; the chapters that the student needs again."""
        shares: dict[str, list[int]] = {}
        for file, answer in student.answers:
            share = shares.setdefault(chapter_of(file.exercise), [0, 0])
            if answer.verdict not in (MISSING, UNGRADED):
                share[0] += answer.verdict == RIGHT
                share[1] += 1
        needs = []
        for name, (right, tried) in shares.items():
            sums = self.chapters.setdefault(name, [0, 0, 0])
            sums[0] += right
            sums[1] += tried
            sums[2] += not tried
            if tried and (right < _ENOUGH * tried or name in shown):
                needs.append(name)
        return needs

    def mistakes(self) -> list[Made]:
        found = []
        for mistake, exercises in self.made.items():
            where = [
                Where(exercise, count, _commonest(self.asked[mistake, exercise]),
                      _commonest(self.words.get((mistake, exercise), Counter())))
                for exercise, count in sorted(exercises.items(), key=lambda pair: (-pair[1], pair[0]))
            ]  # fmt: skip
            who = tuple(self.who.get(mistake, ()))
            found.append(Made(mistake, _TITLES.get(mistake, ""), exercises.total(), who, tuple(where)))
        return sorted(found, key=lambda one: (-len(one.who), -one.answers, one.mistake))


def statistics_of(book: Gradebook) -> ClassStatistics:
    """What the class of ``book`` got wrong."""
    sums = _Sums()
    learners = tuple(map(sums.learner, book.students()))
    items = tuple(counts.item(*key, _MOST_WRONG) for key, counts in sums.items.items())
    chapters = tuple(
        Chapter(name, right, tried, tuple(sums.needs.get(name, ())), absent)
        for name, (right, tried, absent) in sums.chapters.items()
    )
    answers = sum(column.answers for column in book.columns)
    return ClassStatistics(len(book), sums.absent, answers, sums.wrong, sums.unexplained,
                           tuple(sums.mistakes()), items, chapters, learners,
                           tuple(sums.put_right))  # fmt: skip


def _most_shown(found: list[Misconception], wrong: list[Explained]) -> set[str]:
    """For each of a student's mistakes, the chapter in which it shows most."""
    counts: dict[str, Counter[str]] = {one.mistake: Counter() for one in found}
    for one in wrong:
        for name in set(one.mistakes) & set(counts):
            counts[name][chapter_of(one.file.exercise)] += 1
    return {_commonest(chapters) for chapters in counts.values() if chapters}


def chapter_of(exercise: str) -> str:
    """The chapter an exercise stands in: the folder, or itself where it stands in none.

    >>> chapter_of("04_forks/two_paths.toml"), chapter_of("two_paths.toml")
    ('04_forks', 'two_paths')
    """
    folder, _, name = exercise.rpartition("/")
    return folder or name.removesuffix(".toml")


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda text: (-counts[text], text), default="")
