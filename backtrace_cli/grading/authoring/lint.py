"""A course held to account: every exercise loads, starts blank, can be solved, has hints, and notices
mistakes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.plain_values import scalar, written
from backtrace_cli.grading.authoring.answers import filled
from backtrace_cli.grading.authoring.array_making import effort, points_near
from backtrace_cli.grading.authoring.course_files import course_files
from backtrace_cli.grading.authoring.making import is_stock
from backtrace_cli.grading.authoring.mutation import Mutation, Score
from backtrace_cli.grading.authoring.stages import look_at_stage
from backtrace_cli.grading.authoring.variants import has_variants, variants_of, with_variant
from backtrace_cli.grading.derivation.statements import pieces
from backtrace_cli.grading.exercise.exercise import Exercise, read_exercise
from backtrace_cli.grading.exercise.source import Source, read_source
from backtrace_cli.grading.judging.verdict import RIGHT, wrong_line
from backtrace_cli.grading.whole_exercise import check_whole
from backtrace_cli.mistakes.choose_point import FRIENDLY, candidates, ease
from backtrace_cli.readings.questions import Question

__all__ = ["MIN_SCORE", "Better", "Finding", "Linted", "Report", "lint_course", "lint_file"]

#: The mutation score, in percent, that an exercise has to reach or say why not.
MIN_SCORE = 90.0
#: So many points are tried for a better one.
_POINTS_TRIED = 40


class Finding(NamedTuple):
    """Something that isn't as it should be."""

    words: str
    line: int | None = None


class Better(NamedTuple):
    """What would let more mistakes show."""

    point: dict[str, Any] | None = None
    """A better point: fractions, or floats where there are arrays."""
    caught: int = 0
    """How many mistakes would show there."""
    question: Question | None = None
    """A partial to ask for too."""
    more: int = 0
    """How many further mistakes it would show."""


class Linted(NamedTuple):
    """One exercise, held to account."""

    path: str
    title: str
    problems: tuple[Finding, ...]
    """What fails the course."""
    score: Score | None = None
    """None where the exercise can't be judged."""
    reason: str = ""
    """Why a lower score is meant."""
    better: Better = Better()
    exercise: Exercise | None = None
    stage: bool = False
    """Is it a Python file, which ``backtrace doctor`` marks?"""

    @property
    def low(self) -> bool:
        """Is a low score excused?"""
        return bool(self.reason)


class Report(NamedTuple):
    """A whole course, held to account."""

    root: str
    files: tuple[Linted, ...]
    strays: tuple[str, ...]
    """Files that are no part of the course, and stand in it."""

    @property
    def problems(self) -> int:
        """How many things are not as they should be."""
        return len(self.strays) + sum(len(file.problems) for file in self.files)

    @property
    def caught(self) -> int:
        """How many mistakes the exercises would catch, all together."""
        return sum(len(file.score.caught) for file in self.files if file.score)

    @property
    def of(self) -> int:
        """How many mistakes could be made in them."""
        return sum(file.score.of for file in self.files if file.score)


# -- one file ----------------------------------------------------------------------


def lint_course(root: str, min_score: float = MIN_SCORE) -> Report:
    """Every exercise of the course in ``root``. Raises BacktraceError where there is no course."""
    found = course_files(root)
    files = _twins([lint_file(path, min_score) for path in found.exercises])
    stages = [_stage(path) for path in found.stages]
    return Report(root, tuple(sorted([*files, *stages], key=lambda one: one.path)), tuple(found.strays))


def _stage(path: str) -> Linted:
    """A file for the doctor: its text alone is looked at."""
    title, problems = look_at_stage(path)
    return Linted(path, title, tuple(Finding(*one) for one in problems), stage=True)


def lint_file(path: str, min_score: float = MIN_SCORE) -> Linted:
    """One exercise file."""
    try:
        source = read_source(path)
        exercise = read_exercise(source)
        problems = [*_starts_incomplete(exercise), *_why(source, exercise), *_hints(source, exercise)]
        for formulas in (False, True):
            problems += _solved(exercise, filled(source, exercise, formulas), formulas)
        problems += _variants(source)
        mutation = Mutation(exercise)
        score = mutation.score
    except BacktraceError as error:
        return Linted(path, os.path.basename(path), (Finding(error.report()),))
    except Exception as error:  # one file must not keep the others from being looked at
        words = f"backtrace stumbles over this file, which is a fault of its own ({type(error).__name__})"
        return Linted(path, os.path.basename(path), (Finding(words),))
    better = _better(mutation) if score.slipped else Better()
    if score.percent < min_score and not exercise.lint_reason:
        problems.append(Finding(
            f"{len(score.caught)} of {score.of} mistakes would be caught, and {min_score:g}% have to be: "
            'choose a better point, ask for more, or say why in lint = { reason = "…" }'
        ))  # fmt: skip
    return Linted(path, exercise.title, tuple(problems), score, exercise.lint_reason, better, exercise)


def _starts_incomplete(exercise: Exercise) -> list[Finding]:
    """An exercise is handed out with its blanks blank."""
    found = [
        Finding(f"[{answer.question.table}] {answer.question.key} is filled in already", answer.line)
        for answer in exercise.answers
        if not answer.blank
    ]
    if any(piece.right.strip("?") for piece in pieces(exercise.derivation)):
        found.append(Finding("derivation is filled in already", exercise.derivation_at))
    if exercise.lines:
        for name, text, line in (
            ("wrong", exercise.wrong, exercise.wrong_at),
            ("mended", exercise.mended, exercise.mended_at),
        ):
            if text:
                found.append(Finding(f"{name} is filled in already", line))
    return found


def _why(source: Source, exercise: Exercise) -> list[Finding]:
    """An exercise may go without a why; a blank one was forgotten."""
    if exercise.why or "why" not in source.data:
        return []
    return [Finding("why is blank: say in one sentence why this matters, or take the line out",
                    source.line("why"))]  # fmt: skip


def _hints(source: Source, exercise: Exercise) -> list[Finding]:
    """Growing hints by somebody who knows the class, none blank and none of those that new begins with."""
    if not exercise.hints:
        return [Finding("there are no hints")]
    found = [Finding("a hint is blank") for hint in exercise.hints if not hint.strip()]
    stock = sum(is_stock(hint) for hint in exercise.hints)
    if stock:
        words = "hints are" if stock > 1 else "hint is"
        found.append(Finding(f"{stock} {words} as backtrace new wrote it: give hints of your own",
                             source.line("hints")))  # fmt: skip
    return found


def _solved(exercise: Exercise, solved: Exercise | None, formulas: bool) -> list[Finding]:
    """Does a copy with the engine's own answers pass the very check that students get?"""
    sort = "formulas" if formulas else "numbers"
    wanted = exercise.policy.kind in ("either", "expressions" if formulas else "numbers")
    if not wanted:
        return []
    if solved is None:
        if formulas and exercise.policy.kind == "either":
            return []  # too long to write as one formula; its number is asked for
        return [Finding(f"the engine has no answers that are {sort} at this point")]
    if exercise.lines:
        wrong_line(exercise)
    return [
        Finding(
            f"[{one.answer.question.table}] {one.answer.question.key}: the engine's own answer, "
            f"{one.answer.text}, is {one.verdict}{f' ({one.words})' if one.words else ''}",
            one.answer.line,
        )
        for one in check_whole(solved).answers
        if one.verdict != RIGHT
    ]


def _variants(source: Source) -> list[Finding]:
    """Can every formula of the family be solved, and do two students get different statements?"""
    if not has_variants(source):
        return []
    found = variants_of(source)
    line = source.line("variants")
    problems = []
    if len(found) < 2:
        problems.append(Finding("every student would get the same variant", line))
    for variant in {variant.formula: variant for variant in found}.values():
        theirs = with_variant(source, variant)
        exercise = read_exercise(theirs)
        for formulas in (False, True):
            for finding in _solved(exercise, filled(theirs, exercise, formulas), formulas):
                problems.append(Finding(f"the variant {variant.formula}: {finding.words}", line))
    return problems


def _better(mutation: Mutation) -> Better:
    """The nearest and easiest of the points that catch the most, and the further question that would
    show the most."""
    score, statement = mutation.score, mutation.statement
    asked = mutation.better_question() or (None, 0)
    own: dict[str, Any] = dict(statement.at)
    if not statement.arrays:
        own = {name: Fraction(repr(value)) for name, value in own.items()}
    points = points_near(statement.graph, own) if statement.arrays else _points_to_try(own)
    work = effort if statement.arrays else ease
    best: tuple[int, int, float] | None = None
    chosen: dict[str, Any] | None = None
    for point in points:
        caught = mutation.caught_at({name: scalar(value) for name, value in point.items()})
        if caught is None or caught <= len(score.caught) or (best is not None and caught < best[0]):
            continue
        changed = sum(written(point[name]) != written(value) for name, value in own.items())
        rank = caught, -changed, -work(statement.graph, point)
        if best is None or rank > best:
            best, chosen = rank, point
    return Better(chosen, best[0] if best else 0, *asked)


def _points_to_try(own: dict[str, Fraction]) -> Iterator[dict[str, Fraction]]:
    """Points with one coordinate changed, then others with friendly numbers."""
    if all(value.denominator <= 1000 for value in own.values()):  # log(2) can't be suggested in digits
        changes = [own | {name: value} for value in FRIENDLY[:12] for name in own if own[name] != value]
        yield from changes[:_POINTS_TRIED]
    yield from islice(candidates(list(own)), _POINTS_TRIED // 2)


# -- all files together -------------------------------------------------------------


def _twins(files: Sequence[Linted]) -> list[Linted]:
    """The files, those that bear another's title or ask the same as another told so."""
    titles: dict[str, str] = {}
    contents: dict[object, str] = {}
    found = []
    for file in files:
        problems = list(file.problems)
        exercise = file.exercise
        if exercise is not None:
            title = " ".join(exercise.title.split()).casefold()
            same = (
                exercise.statement.formula,
                tuple((name, written(value)) for name, value in exercise.statement.at.items()),
                exercise.policy,
                frozenset(one.question for one in (*exercise.answers, *exercise.derived)),
                bool(exercise.lines),
            )  # fmt: skip
            if title in titles:
                problems.append(Finding(f"{titles[title]} has the same title"))
            if same in contents:
                problems.append(Finding(f"{contents[same]} asks the same"))
            titles.setdefault(title, file.path)
            contents.setdefault(same, file.path)
        found.append(file._replace(problems=tuple(problems)))
    return found
