"""What one student has not understood: the fewest mistakes of the catalogue that explain their wrong answers.

One answer often has several explanations: at a box ``a/b`` the quotient rule with its terms swapped is a
sign turned round. All of a student's answers together have fewer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from backtrace_cli.grading.classroom.records import AnswerRecord, FileRecord, StudentRecord
from backtrace_cli.grading.judging.verdict import WRONG
from backtrace_cli.mistakes.catalogue import MISTAKES

__all__ = ["Explained", "Misconception", "explained", "misconceptions"]

#: So many answers have to show a mistake before it is said of a student that they make it.
_LEAST = 2
_VAGUE = {mistake.name for mistake in MISTAKES if mistake.vague}
_PLACE = {mistake.name: place for place, mistake in enumerate(MISTAKES)}


class Explained(NamedTuple):
    """One wrong answer, and the mistakes (several, where they were made at once) that it is put down to."""

    file: FileRecord
    answer: AnswerRecord
    mistakes: tuple[str, ...]
    """None where nothing of the catalogue leads to it."""


class Misconception(NamedTuple):
    """A mistake that a student makes."""

    mistake: str
    answers: int
    """So many of their answers show it."""
    exercises: tuple[str, ...]


class _Cover(NamedTuple):
    """A mistake that was chosen, the answers it is to explain, and others that would explain the same."""

    mistake: str
    answers: tuple[int, ...]
    rivals: tuple[str, ...]


def explained(student: StudentRecord) -> list[Explained]:
    """Every wrong answer of ``student`` with what it is put down to."""
    wrong = _wrong(student)
    chosen = {cover.mistake: place for place, cover in enumerate(_covers(wrong))}
    found = []
    for file, answer in wrong:
        ways = [names for names in answer.explained if all(name in chosen for name in names)]
        first = min(ways, key=lambda names: (max(chosen[name] for name in names), len(names)), default=())
        found.append(Explained(file, answer, first))
    return found


def misconceptions(student: StudentRecord) -> list[Misconception]:
    """The mistakes that ``student`` makes, the most frequent first: each shown by two answers at least, and
    by no other mistake explained as well.

    >>> answer = AnswerRecord("gradient", "x", "wrong", 0, 1, 9, "2*x", explained=(("sign",),))
    >>> file = FileRecord("a.toml", "", "a.toml", "graded", "", "", (), (answer, answer))
    >>> misconceptions(StudentRecord("ada", "ada", (file,)))
    [Misconception(mistake='sign', answers=2, exercises=('a.toml',))]
    """
    wrong = _wrong(student)
    found = []
    for cover in _covers(wrong):
        if len(cover.answers) >= _LEAST and not cover.rivals:
            exercises = dict.fromkeys(wrong[place][0].exercise for place in cover.answers)
            found.append(Misconception(cover.mistake, len(cover.answers), tuple(exercises)))
    return sorted(found, key=lambda one: (-one.answers, one.mistake))


def _wrong(student: StudentRecord) -> list[tuple[FileRecord, AnswerRecord]]:
    return [(file, answer) for file, answer in student.answers if answer.verdict == WRONG]


def _covers(wrong: Sequence[tuple[FileRecord, AnswerRecord]]) -> Iterator[_Cover]:
    """Mistakes that together explain what can be explained: each time the one that shows in the most
    exercises, then in the most answers; of two that would do, the one that says what was done."""
    left = [place for place, (_, answer) in enumerate(wrong) if answer.explained]
    chosen: set[str] = set()
    while left:
        by: dict[str, dict[int, None]] = defaultdict(dict)
        for place in left:
            for names in wrong[place][1].explained:
                for name in names:
                    if name not in chosen:
                        by[name][place] = None
        best = max(by, key=lambda name: _worth(name, by[name], wrong))
        rivals = [name for name in by if name != best and set(by[name]) == set(by[best])
                  and (name in _VAGUE) == (best in _VAGUE)
                  and not any({name, best} <= set(names) for place in by[best]
                              for names in wrong[place][1].explained)]  # fmt: skip
        chosen.add(best)
        yield _Cover(best, tuple(by[best]), tuple(rivals))
        left = [place for place in left
                if not any(chosen.issuperset(names) for names in wrong[place][1].explained)]  # fmt: skip


def _worth(
    name: str, places: dict[int, None], wrong: Sequence[tuple[FileRecord, AnswerRecord]]
) -> tuple[int, int, bool, int]:
    exercises = {wrong[place][0].exercise for place in places}
    return len(exercises), len(places), name not in _VAGUE, -_PLACE.get(name, len(_PLACE))
