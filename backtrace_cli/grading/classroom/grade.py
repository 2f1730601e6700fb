"""One student's file graded: the statement from the course, the answers alone from the student."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.grading.authoring.others_numbers import fits, variant_id
from backtrace_cli.grading.authoring.variants import has_variants
from backtrace_cli.grading.classroom.course import Task
from backtrace_cli.grading.classroom.records import (
    GRADED,
    MISSING,
    UNGRADED,
    AnswerRecord,
    FileRecord,
    answer_record,
    one_line,
)
from backtrace_cli.grading.exercise.exercise import MOST_BITS, Answer, read_answer
from backtrace_cli.grading.exercise.question_keys import TABLES, derivation_in, ends
from backtrace_cli.grading.exercise.salvage import Broken, salvaged
from backtrace_cli.grading.exercise.source import Source, read_exercise_text
from backtrace_cli.grading.judging.verdict import UNREADABLE, Kept
from backtrace_cli.grading.whole_exercise import check_whole
from backtrace_cli.readings.questions import Question

__all__ = ["grade_file", "ungraded"]

#: At the top of a file these are the student's; everything else is the course's.
_STUDENTS = {*TABLES, "wrong", "mended", "derivation"}
_MOST_NOTES = 20


def grade_file(task: Task, folder: str, paths: Sequence[str], kept: Kept | None = None) -> FileRecord:
    """The record of ``task`` as answered in ``paths`` (none, one, or more by mistake) below ``folder``.

    ``kept`` carries judgements over from one student of this task to the next. Nothing that a
    student can write raises; what the grader did not foresee does, and is for the caller to
    turn into ``ungraded``.
    """
    if not paths:
        return ungraded(task, "", MISSING, "there is no such file")
    texts, found = [], []
    for path in paths:
        try:
            texts.append(read_exercise_text(f"{folder}/{path}", path, links=False))
            found.append(salvaged(path, texts[-1]))
        except BacktraceError as error:
            place = error.position()
            where = f"line {place[0]}: " if place else ""
            return ungraded(task, path, UNREADABLE, f"{where}{error.message}", error.report())
    if any(text != texts[0] for text in texts):
        shown = ", ".join(map(one_line, paths))
        return ungraded(task, paths[0], "duplicate", f"several files answer it, and they differ: {shown}")
    return _graded(task, *found[0], kept)


def ungraded(task: Task, path: str, status: str, reason: str, details: str = "") -> FileRecord:
    """The record of a file without a grade: no answer in it earns anything."""
    verdict = status if status in (MISSING, UNREADABLE) else UNGRADED
    reason = one_line(reason)
    answers = tuple(
        AnswerRecord(q.table, q.key, verdict, 0, task.exercise.points.of(q), 0, "", words=reason)
        for q in task.questions
    )
    title = one_line(task.exercise.title)
    return FileRecord(
        task.name, title, one_line(path), status, reason, visible(details or reason), (), answers
    )


def _graded(task: Task, source: Source, broken: Sequence[Broken], kept: Kept | None) -> FileRecord:
    exercise = task.exercise
    written, notes = _written(task, source)
    slips, others = _slips(task, broken)
    notes += others
    answers, absent = [], set()
    for question in (answer.question for answer in exercise.answers):
        found = written.get(question, [])
        if question in slips:
            answers.append(Answer(question, "", slips[question].line, None, slips[question].words))
        elif len(found) == 1:
            raw, line = found[0]
            answers.append(read_answer(exercise.statement, question, raw, line))
        elif found:
            words = f"it is answered {len(found)} times; keep one of them"
            answers.append(Answer(question, "", found[-1][1], None, words))
        else:
            absent.add(question)
            answers.append(Answer(question, "", 0))
    wrong, mended = _text(source, "wrong"), _text(source, "mended")
    derivation, derivation_at = derivation_in(source) if exercise.derive else ("", 0)
    filled = exercise._replace(
        derivation=derivation, derivation_at=derivation_at,
        path=source.path, answers=tuple(answers),
        wrong=wrong, wrong_at=source.line("wrong") if "wrong" in source.data else 0,
        mended=mended, mended_at=source.line("mended") if "mended" in source.data else 0,
    )  # fmt: skip
    result = check_whole(filled, kept)
    records = []
    for checked in result.answers:
        question = checked.answer.question
        gone = question in absent or (
            not question.kind.blanks and question.kind.top_key(question) not in source.data
        )
        worth = exercise.points.of(question)
        records.append(answer_record(checked._replace(verdict=MISSING) if gone else checked, worth))
    title = one_line(exercise.title)
    record = FileRecord(task.name, title, one_line(source.path), GRADED, "", "", notes, tuple(records))
    if not has_variants(task.original):
        return record
    whose = fits(task.original, task.source, result.answers)
    return record._replace(variant=variant_id(task.source), fits=whose)


def _slips(task: Task, broken: Sequence[Broken]) -> tuple[dict[Question, Broken], tuple[str, ...]]:
    """The broken lines in which an answer stands, by question; and what to tell of the others."""
    slips: dict[Question, Broken] = {}
    notes = []
    for one in broken:
        left, right, _ = ends(one.table, one.key) if one.table in TABLES and one.key else ("", "", "")
        question = Question(one.table, left or None, right)
        if question in task.questions:
            slips[question] = one
        else:
            notes.append(f"line {one.line} can't be read: {one_line(one.words)}")
    return slips, tuple(notes)


def _written(task: Task, source: Source) -> tuple[dict[Question, list[tuple[Any, int]]], tuple[str, ...]]:
    """The answers in a file by question, each as TOML gives it and with its line; and what else to tell."""
    questions = set(task.questions)
    found: dict[Question, list[tuple[Any, int]]] = {}
    notes = list(_changed(task, source)) if source.text.strip() else ["the file is empty"]
    for table in TABLES:
        entries = source.data.get(table, {})
        if not isinstance(entries, dict):
            notes.append(f"{table} is no table, and nothing in it was read")
            continue
        for key, raw in entries.items():
            left, right, _ = ends(table, key)
            question = Question(table, left or None, right)
            if question in questions:
                found.setdefault(question, []).append((raw, source.line(table, key)))
            else:
                notes.append(f"{one_line(key, 60)} in [{table}] is not asked for")
    if len(notes) > _MOST_NOTES:
        notes[_MOST_NOTES - 1 :] = [f"and {len(notes) - _MOST_NOTES + 1} more"]
    return found, tuple(notes)


def _changed(task: Task, source: Source) -> Iterator[str]:
    """What a student's file says otherwise than the course, which is what counts."""
    for key, value in source.data.items():
        if key in _STUDENTS:
            continue
        if task.is_own(key, value):
            continue
        if key not in task.source.data:
            yield f"{one_line(key, 60)} is not in the course's file"
        else:
            where = source.line(*_differs(value, task.source.data[key], key))
            yield f"{key} changed (line {where}); the course's own counts"


def _differs(value: Any, own: Any, *path: str | int) -> tuple[str | int, ...]:
    """The path to the first thing in ``value`` that ``own`` says otherwise."""
    if isinstance(value, list) and isinstance(own, list):
        for number, item in enumerate(value):
            if number >= len(own) or item != own[number]:
                return _differs(item, own[number] if number < len(own) else None, *path, number)
    if isinstance(value, dict) and isinstance(own, dict):
        for key, item in value.items():
            if item != own.get(key):
                return (*path, key)
    return path


def _text(source: Source, key: str) -> str:
    """What stands for ``key`` at the top of a find-the-mistake exercise; a number as it was written."""
    raw = source.data.get(key, "")
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        return "(not text)"
    if isinstance(raw, int) and raw.bit_length() > MOST_BITS:
        return "(a huge number)"
    return raw.strip() if isinstance(raw, str) else repr(raw)
