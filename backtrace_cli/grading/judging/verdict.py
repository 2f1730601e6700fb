"""A whole exercise checked: a verdict an answer, the first wrong step, and what explains it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.values import entries
from backtrace_cli.grading.exercise.exercise import Answer, Exercise, Line, read_answer
from backtrace_cli.grading.judging.carry_forward import (
    carries,
    first_step,
    is_stock,
    order_of,
    worth_carrying,
)
from backtrace_cli.grading.judging.checked import (
    BLANK,
    RIGHT,
    UNDECIDED,
    UNREADABLE,
    WRONG,
    Checked,
    Result,
)  # fmt: skip
from backtrace_cli.grading.judging.compare import DIFFERENT, EQUAL, HERE, Judgement
from backtrace_cli.grading.judging.digits import DIGITS, answer_at
from backtrace_cli.grading.judging.equality import judge
from backtrace_cli.grading.judging.evidence import evidence
from backtrace_cli.grading.judging.kink_interval import contradicting
from backtrace_cli.grading.judging.shape_words import what_shape
from backtrace_cli.readings.questions import Question

if TYPE_CHECKING:
    from backtrace_cli.mistakes.diagnose import Diagnoser, Diagnosis

__all__ = [
    "BLANK", "RIGHT", "UNDECIDED", "UNREADABLE", "WRONG",
    "Checked", "Kept", "Result", "check_exercise", "wrong_line",
]  # fmt: skip

#: Judgements kept for one exercise.
_MOST_KEPT = 1_000

#: Numbers with a difference smaller than this share of them are the same but for rounding.
_SAME_SIZE = 1e-9


class Kept:
    """What may be kept from one student's copy of an exercise to the next: the judgements.

    A judgement follows from the statement, the question and the answer's text alone. The
    copies have to be of one statement, asked in one way (``answers``, ``digits``, ``kink``).
    """

    def __init__(self) -> None:
        self.doctor: Diagnoser | None = None
        self.judgements: dict[tuple[Question, str], Judgement] = {}
        self.diagnoses: dict[tuple[Question, str], Diagnosis | None] = {}

    def judge(self, exercise: Exercise, answer: Answer) -> Judgement:
        """The judgement on ``answer``, made once a text."""
        key = (answer.question, answer.text)
        if key not in self.judgements:
            _make_room(self.judgements)
            self.judgements[key] = judge(exercise, answer.question, answer)
        return self.judgements[key]

    def diagnose(self, exercise: Exercise, answer: Answer) -> Diagnosis | None:
        """The mistake that explains ``answer``, if exactly one does, looked for once a text."""
        key = (answer.question, answer.text)
        if key not in self.diagnoses:
            if self.doctor is None:
                self.doctor = _doctor(exercise)
            _make_room(self.diagnoses)
            self.diagnoses[key] = _diagnose(exercise, answer, self.doctor)
        return self.diagnoses[key]


def _make_room(kept: dict[tuple[Question, str], Any]) -> None:
    """Forget the oldest half where ``kept`` is full, so that a class of any size takes no more memory."""
    if len(kept) >= _MOST_KEPT:
        for key in list(kept)[: _MOST_KEPT // 2]:
            del kept[key]


def check_exercise(exercise: Exercise, kept: Kept | None = None) -> Result:
    """Every answer of ``exercise`` judged, later ones on the student's own earlier numbers.

    ``kept`` carries judgements over from one student to the next.

    Raises BacktraceError where a find-the-mistake exercise has not exactly one wrong line.

    >>> from backtrace_cli.grading.exercise.exercise import read_exercise
    >>> from backtrace_cli.grading.exercise.source import Source
    >>> text = 'formula = "f = x^2"\\nat = "x=3"\\n[values]\\nf = 9\\n[gradient]\\nx = "x"'
    >>> [found.verdict for found in check_exercise(read_exercise(Source("x.toml", text))).answers]
    ['right', 'wrong']
    """
    trace = exercise.statement.trace
    ordered = sorted(exercise.answers, key=lambda answer: order_of(trace, answer.question))
    earlier: dict[Question, Answer] = {}
    found: dict[Question, Checked] = {}
    kept = kept or Kept()
    stock = all(is_stock(exercise, answer) for answer in exercise.answers if not answer.blank)
    for answer in ordered:
        checked = _check(exercise, answer, earlier, kept)
        if checked.verdict == WRONG:
            checked = _told_where(_diagnosed(exercise, checked, kept))
            untold = exercise.policy.carry == "diagnosed" and checked.mistake is None
            if not (checked.words or untold or stock) and worth_carrying(exercise, answer):
                earlier[answer.question] = answer
        found[answer.question] = checked
    if exercise.policy.kink == "interval":
        _judge_slopes_together(exercise, [found[answer.question] for answer in ordered], found)
    worked = _worked(exercise) if exercise.lines else ()
    answers = (*(found[answer.question] for answer in exercise.answers), *worked)
    wrong = [found[answer.question] for answer in exercise.answers if found[answer.question].verdict == WRONG]
    mended = wrong[first_step(trace, [one.answer.question for one in wrong])] if wrong else None
    first = mended or next((one for one in worked if one.verdict == WRONG), None)
    return Result(exercise, answers, first)


def _judge_slopes_together(
    exercise: Exercise, checked: Sequence[Checked], found: dict[Question, Checked]
) -> None:
    """Call wrong, in ``found``, an answer that takes another slope at a kink than the others do: any between
    the two sides is right, but one for all."""
    run = exercise.statement.own.with_digits(DIGITS[0])
    if run is None or not run.kinked:
        return
    rows = []
    for one in checked:
        formula, kind = one.answer.formula, one.answer.question.kind
        slope = kind.slope and kind.numeric and not kind.along_input
        if formula is None or one.verdict != RIGHT or one.carried or not slope:
            continue
        if (values := answer_at(formula, run)) is not None:
            right = run.says(one.answer.question)
            rows.append((one.answer.question, run.arithmetic.full(values[formula.output], right)))
    other = contradicting(run, rows)
    if other is not None:
        words = "at the kink this takes another slope than your other answers do: take one for all"
        found[other] = found[other]._replace(verdict=WRONG, words=words, holds="")


def _check(exercise: Exercise, answer: Answer, earlier: dict[Question, Answer], kept: Kept) -> Checked:
    if answer.blank:
        return Checked(answer, BLANK)
    if answer.problem:
        return Checked(answer, UNREADABLE, words=answer.problem)
    judged = kept.judge(exercise, answer)
    if judged.verdict == EQUAL:
        return Checked(answer, RIGHT, holds=judged.holds)
    if judged.verdict != DIFFERENT:
        return Checked(answer, UNDECIDED, words=judged.words)
    if not judged.words and carries(exercise, answer, earlier):
        return Checked(answer, RIGHT, carried=True)
    return Checked(answer, WRONG, witness=judged.witness, words=judged.words, holds=judged.holds)


# -- what explains it ---------------------------------------------------------------


def _doctor(exercise: Exercise) -> Diagnoser:
    from backtrace_cli.mistakes.diagnose import Diagnoser

    return Diagnoser(exercise.statement.graph, [answer.question for answer in exercise.answers])


def _diagnosed(exercise: Exercise, checked: Checked, kept: Kept) -> Checked:
    """``checked`` with the mistake that explains it, if exactly one does."""
    formula = checked.answer.formula
    if formula is None or (checked.words and not _turned(exercise, checked)):
        return checked  # a number for a formula, say, is no mistake in backpropagation
    found = kept.diagnose(exercise, checked.answer)
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


def _diagnose(exercise: Exercise, answer: Answer, doctor: Diagnoser) -> Diagnosis | None:
    pairs = evidence(exercise.statement, answer)
    rounded = answer.constant and any(n != int(n) for _, value in pairs for _, n in entries(value))
    tolerance = 5 * 10.0**-exercise.policy.digits if rounded else 1e-9
    found = doctor.diagnose(answer.question, pairs, tolerance)
    if found is None and len(pairs) > 1 and pairs[0][0] is exercise.statement.at and _mixed(exercise, answer):
        return doctor.diagnose(answer.question, pairs[:1], tolerance)
    return found


def _mixed(exercise: Exercise, answer: Answer) -> bool:
    """Has a formula a number of the point in it, as b·5 has where y is 5? Then it is meant for this point."""
    formula, statement = answer.formula, exercise.statement
    assert formula is not None
    own = {node.literal for node in statement.graph.nodes}
    values = [float(value) for value in statement.trace.values if not shape_of(value)]
    literals = {node.literal for node in formula.nodes if node.literal is not None} - own
    numbers = [float(text) for text in literals if text[0].isdigit() or text[0] == "."]
    return any(number not in (0.0, 1.0) and number in values for number in numbers)


def _turned(exercise: Exercise, checked: Checked) -> bool:
    """Is it an array of the wrong shape, as some mistakes give?"""
    formula = checked.answer.formula
    found = formula.shapes[formula.output] if formula is not None and formula.shapes is not None else None
    return found is not None and checked.words == what_shape(
        exercise.statement, checked.answer.question, found
    )


# -- find the mistake ------------------------------------------------------------------


def wrong_line(exercise: Exercise) -> Line:
    """The line of the worked solution whose claim is not what the trace says.

    Raises BacktraceError where that is not exactly one.
    """
    either = exercise._replace(policy=exercise.policy._replace(kind="either"))
    wrong = [
        line for line in exercise.lines
        if judge(either, line.answer.question, line.answer).verdict == DIFFERENT
    ]  # fmt: skip
    if len(wrong) != 1:
        raise BacktraceError(
            f"{exercise.path} has {len(wrong)} wrong lines, and an exercise of this kind has one",
            hint="its author has to mend the claims",
        )
    return wrong[0]


def _worked(exercise: Exercise) -> tuple[Checked, ...]:
    line = wrong_line(exercise)
    named = Answer(Question("lines", None, "wrong"), exercise.wrong, exercise.wrong_at)
    if not exercise.wrong.strip("?"):
        first = Checked(named, BLANK)
    else:
        chosen = _named(exercise, exercise.wrong)
        if not chosen:
            labels = ", ".join(each.label for each in exercise.lines)
            first = Checked(named, UNREADABLE, words=f"no line is called that; the lines: {labels}")
        else:
            number = exercise.lines.index(chosen[0]) + 1
            words = f"line {number} is right as it stands; look for another one"
            first = Checked(named, RIGHT) if line in chosen else Checked(named, WRONG, words=words)
    statement, question = exercise.statement, line.answer.question
    mended = read_answer(statement, question, exercise.mended, exercise.mended_at)
    second = _check(exercise, mended, {}, Kept())
    if second.verdict == WRONG and not second.words:
        second = _mended_wrong(exercise, line, second)
    shown = mended._replace(question=Question("lines", None, "mended"))
    return first, second._replace(answer=shown)


def _mended_wrong(exercise: Exercise, line: Line, checked: Checked) -> Checked:
    """``checked``, the mended line, with what explains it."""
    from backtrace_cli.mistakes.diagnose import Diagnoser

    answer = checked.answer
    if "".join(answer.text.split()) == "".join(line.answer.text.split()):
        return checked._replace(witness=None, words="this is what the wrong line says already")
    found = _diagnose(exercise, answer, Diagnoser(exercise.statement.graph, [answer.question]))
    if found is not None:
        return checked._replace(mistake=found.sure, diagnosis=found.words, explained=found.explained)
    return _other_sign(checked)


def _named(exercise: Exercise, label: str) -> list[Line]:
    """The lines that a student may mean: by label or key, or by number from 1. Two lines may share a key,
    as a value and a gradient do, and who names it has named either."""

    def plain(text: str) -> str:
        found = "".join(text.split()).replace("∂", "d").casefold().rstrip(".:")
        return found.removeprefix("line") if found.removeprefix("line").isdecimal() else found

    called = [
        line for line in exercise.lines
        if plain(label) in (plain(line.label), plain(line.answer.question.key))
    ]  # fmt: skip
    return called or [line for number, line in enumerate(exercise.lines, 1) if plain(label) == str(number)]
