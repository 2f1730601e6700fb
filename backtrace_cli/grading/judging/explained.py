"""What explains a wrong answer, and what may be kept of judging from one student to the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import entries
from backtrace_cli.grading.comparing.compare import HERE, Judgement
from backtrace_cli.grading.comparing.equality import judge
from backtrace_cli.grading.comparing.evidence import evidence
from backtrace_cli.grading.comparing.number import Asked
from backtrace_cli.grading.comparing.shape_words import what_shape
from backtrace_cli.grading.exercise.exercise import Answer
from backtrace_cli.grading.judging.checked import Checked
from backtrace_cli.readings.questions import Question

if TYPE_CHECKING:
    from backtrace_cli.mistakes.diagnose import Diagnoser, Diagnosis

__all__ = ["Find", "Kept", "explained", "sought"]

#: Judgements kept for one exercise.
_MOST_KEPT = 1_000

#: Numbers with a difference smaller than this share of them are the same but for rounding.
_SAME_SIZE = 1e-9

#: What looks for the mistake behind an answer.
Find = Callable[[Answer], "Diagnosis | None"]


class Kept:
    """What may be kept from one student's copy of an exercise to the next: the judgements.

    A judgement follows from the statement, the question and the answer's text alone. The
    copies have to be of one statement, asked in one way (``answers``, ``digits``, ``kink``).
    """

    def __init__(self) -> None:
        self.doctor: Diagnoser | None = None
        self.judgements: dict[tuple[Question, str], Judgement] = {}
        self.diagnoses: dict[tuple[Question, str], Diagnosis | None] = {}

    def judge(self, asked: Asked, answer: Answer) -> Judgement:
        """The judgement on ``answer``, made once a text."""
        key = (answer.question, answer.text)
        if key not in self.judgements:
            _make_room(self.judgements)
            self.judgements[key] = judge(asked, answer.question, answer)
        return self.judgements[key]

    def diagnoser(self, asked: Asked, answers: Sequence[Answer]) -> Find:
        """Who finds the mistake that explains an answer, if exactly one does, looking once a text."""

        def find(answer: Answer) -> Diagnosis | None:
            key = (answer.question, answer.text)
            if key not in self.diagnoses:
                if self.doctor is None:
                    from backtrace_cli.mistakes.diagnose import Diagnoser

                    self.doctor = Diagnoser(asked.statement.graph, [one.question for one in answers])
                _make_room(self.diagnoses)
                self.diagnoses[key] = sought(asked, answer, self.doctor)
            return self.diagnoses[key]

        return find


def _make_room(kept: dict[tuple[Question, str], Any]) -> None:
    """Forget the oldest half where ``kept`` is full, so that a class of any size takes no more memory."""
    if len(kept) >= _MOST_KEPT:
        for key in list(kept)[: _MOST_KEPT // 2]:
            del kept[key]


def explained(asked: Asked, checked: Checked, find: Find) -> Checked:
    """``checked``, a wrong answer, with the mistake that explains it, if exactly one does."""
    return _told_where(_diagnosed(asked, checked, find))


def _diagnosed(asked: Asked, checked: Checked, find: Find) -> Checked:
    formula = checked.answer.formula
    if formula is None or (checked.words and not _turned(asked, checked)):
        return checked  # a number for a formula, say, is no mistake in backpropagation
    found = find(checked.answer)
    if found is None:
        return _other_sign(checked)
    return checked._replace(mistake=found.sure, diagnosis=found.words, explained=found.explained)


def _told_where(checked: Checked) -> Checked:
    """``checked``, told if it is right at the exercise's own point, and no one mistake explains it."""
    if checked.holds != HERE or checked.mistake:
        return checked
    return checked._replace(diagnosis="right at this point, but a formula has to be right everywhere")


def _other_sign(checked: Checked) -> Checked:
    """``checked``, told if it is a number with nothing but its sign wrong, whatever the reason."""
    witness = checked.witness
    if checked.answer.constant and witness is not None and isinstance(witness.yours, (int, float)):
        yours, trace = float(witness.yours), float(witness.trace)
        if yours and abs(yours + trace) <= _SAME_SIZE * abs(yours):
            return checked._replace(diagnosis="your number has the other sign")
    return checked


def sought(
    asked: Asked, answer: Answer, doctor: Diagnoser, within: Collection[int] | None = None
) -> Diagnosis | None:
    """The mistake that explains ``answer``, if exactly one does; made at the boxes ``within``, where that
    is known."""
    pairs = evidence(asked.statement, answer)
    rounded = answer.constant and any(n != int(n) for _, value in pairs for _, n in entries(value))
    tolerance = 5 * 10.0**-asked.policy.digits if rounded else 1e-9
    found = doctor.diagnose(answer.question, pairs, tolerance, within)
    if found is None and len(pairs) > 1 and pairs[0][0] is asked.statement.at and _mixed(asked, answer):
        return doctor.diagnose(answer.question, pairs[:1], tolerance, within)
    return found


def _mixed(asked: Asked, answer: Answer) -> bool:
    """Has a formula a number of the point in it, as b·5 has where y is 5? Then it is meant for this point."""
    formula, statement = answer.formula, asked.statement
    assert formula is not None
    own = {node.literal for node in statement.graph.nodes}
    values = [float(value) for value in statement.trace.values if not shape_of(value)]
    literals = {node.literal for node in formula.nodes if node.literal is not None} - own
    numbers = [float(text) for text in literals if text[0].isdigit() or text[0] == "."]
    return any(number not in (0.0, 1.0) and number in values for number in numbers)


def _turned(asked: Asked, checked: Checked) -> bool:
    """Is it an array of the wrong shape, as some mistakes give?"""
    formula = checked.answer.formula
    found = formula.shapes[formula.output] if formula is not None and formula.shapes is not None else None
    return found is not None and checked.words == what_shape(asked.statement, checked.answer.question, found)
