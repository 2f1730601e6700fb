"""A whole exercise checked: a verdict an answer, the first wrong step, and what explains it."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL
from backtrace_cli.grading.comparing.digits import DIGITS, answer_at
from backtrace_cli.grading.comparing.equality import judge
from backtrace_cli.grading.comparing.kink_interval import contradicting
from backtrace_cli.grading.comparing.number import Asked
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
from backtrace_cli.grading.judging.explained import Kept, explained
from backtrace_cli.readings.questions import Question

__all__ = [
    "BLANK", "RIGHT", "UNDECIDED", "UNREADABLE", "WRONG",
    "Checked", "Kept", "Result", "check_answers", "check_exercise", "first_to_mend", "wrong_line",
]  # fmt: skip


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
    checked = check_answers(exercise, exercise.answers, kept)
    worked = _worked(exercise) if exercise.lines else ()
    first = first_to_mend(exercise, checked) or next((one for one in worked if one.verdict == WRONG), None)
    return Result(exercise, (*checked, *worked), first)


def check_answers(asked: Asked, answers: Sequence[Answer], kept: Kept | None = None) -> tuple[Checked, ...]:
    """Every one of ``answers`` judged, whoever asks: a file, or somebody at the prompt.

    Raises BacktraceError where the statement's own run fails.
    """
    trace = asked.statement.trace
    ordered = sorted(answers, key=lambda answer: order_of(trace, answer.question))
    earlier: dict[Question, Answer] = {}
    found: dict[Question, Checked] = {}
    kept = kept or Kept()
    stock = all(is_stock(asked, answer) for answer in answers if not answer.blank)
    for answer in ordered:
        checked = _check(asked, answer, earlier, kept)
        if checked.verdict == WRONG:
            checked = explained(asked, checked, kept.diagnoser(asked, answers))
            untold = asked.policy.carry == "diagnosed" and checked.mistake is None
            if not (checked.words or untold or stock) and worth_carrying(asked, answer):
                earlier[answer.question] = answer
        found[answer.question] = checked
    if asked.policy.kink == "interval":
        _judge_slopes_together(asked, [found[answer.question] for answer in ordered], found)
    return tuple(found[answer.question] for answer in answers)


def first_to_mend(asked: Asked, checked: Sequence[Checked]) -> Checked | None:
    """The first wrong one that is worked out from no other wrong one."""
    wrong = [one for one in checked if one.verdict == WRONG]
    trace = asked.statement.trace
    return wrong[first_step(trace, [one.answer.question for one in wrong])] if wrong else None


def _judge_slopes_together(asked: Asked, checked: Sequence[Checked], found: dict[Question, Checked]) -> None:
    """Call wrong, in ``found``, an answer that takes another slope at a kink than the others do: any between
    the two sides is right, but one for all."""
    run = asked.statement.own.with_digits(DIGITS[0])
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


def _check(asked: Asked, answer: Answer, earlier: dict[Question, Answer], kept: Kept) -> Checked:
    if answer.blank:
        return Checked(answer, BLANK)
    if answer.problem:
        return Checked(answer, UNREADABLE, words=answer.problem)
    judged = kept.judge(asked, answer)
    if judged.verdict == EQUAL:
        return Checked(answer, RIGHT, holds=judged.holds)
    if judged.verdict != DIFFERENT:
        return Checked(answer, UNDECIDED, words=judged.words)
    if not judged.words and carries(asked, answer, earlier):
        return Checked(answer, RIGHT, carried=True)
    return Checked(answer, WRONG, witness=judged.witness, words=judged.words, holds=judged.holds)


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
    kept = Kept()
    second = _check(exercise, mended, {}, kept)
    if second.verdict == WRONG and not second.words:
        second = _mended_wrong(exercise, line, second, kept)
    shown = mended._replace(question=Question("lines", None, "mended"))
    return first, second._replace(answer=shown)


def _mended_wrong(exercise: Exercise, line: Line, checked: Checked, kept: Kept) -> Checked:
    """``checked``, the mended line, with what explains it."""
    answer = checked.answer
    if "".join(answer.text.split()) == "".join(line.answer.text.split()):
        return checked._replace(witness=None, words="this is what the wrong line says already")
    return explained(exercise, checked, kept.diagnoser(exercise, [answer]))


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
