"""An exercise file (TOML, data only) as an Exercise: its statement, its answers, and their lines."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.shape_text import shape_in
from backtrace_cli.base.suggest import nearest
from backtrace_cli.grading.exercise.judging_keys import assumed, policy_of, strings
from backtrace_cli.grading.exercise.lists import list_text
from backtrace_cli.grading.exercise.question_keys import TABLES, derivation_in, derive_in, read_question
from backtrace_cli.grading.exercise.source import Source, read_source
from backtrace_cli.grading.exercise.worth import Worth, worth_of
from backtrace_cli.grading.exercise.written_answers import read_expression
from backtrace_cli.grading.policy import Policy
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import Graph
from backtrace_cli.readings.questions import Question
from backtrace_cli.runs.point import Given, read_point

__all__ = [
    "FIELDS",
    "MOST_ANSWER",
    "Answer",
    "Exercise",
    "Line",
    "derivation_in",
    "load",
    "read_answer",
    "read_exercise",
]

#: Everything a file may have at its top.
FIELDS = {
    "title", "formula", "at", "hints", "points", "tags", "why", "answers", "digits", "kink", "here", "carry",
    "given", "assume",
    "lines", "wrong", "mended", "derive", "derivation", "lint", "variants", *TABLES,
}  # fmt: skip
#: An answer longer than this is not read.
MOST_ANSWER = 2_000
#: Nor is a whole number with more bits: hexadecimal ones come in any length, and Python writes out few.
MOST_BITS = 4 * MOST_ANSWER


class Answer(NamedTuple):
    """What stands in a file for one question."""

    question: Question
    text: str
    """The answer as it was written; empty for a blank."""
    line: int
    formula: Graph | None = None
    """The answer read as a formula over the exercise's names; None for a blank or an unreadable one."""
    problem: str = ""
    """Why it can't be read."""
    shape: tuple[int, ...] | None = None
    """The answer where a shape is asked for."""

    @property
    def blank(self) -> bool:
        """Is nothing written?"""
        return self.formula is None and self.shape is None and not self.problem

    @property
    def constant(self) -> bool:
        """Is it a number, or made of numbers alone?"""
        return self.formula is not None and not self.formula.inputs


class Line(NamedTuple):
    """One line of a worked solution in which the student looks for the mistake."""

    label: str
    answer: Answer


class Exercise(NamedTuple):
    """One exercise with a student's answers in it."""

    path: str
    title: str
    why: str
    statement: Statement
    hints: tuple[str, ...]
    points: Worth
    tags: tuple[str, ...]
    policy: Policy
    """How its answers are judged."""
    answers: tuple[Answer, ...]
    lines: tuple[Line, ...] = ()
    wrong: str = ""
    """The label that the student gives to the wrong line."""
    wrong_at: int = 0
    mended: str = ""
    mended_at: int = 0
    lint_reason: str = ""
    """Why the author means it to catch fewer mistakes than others."""
    derive: tuple[str, ...] = ()
    """The nodes whose gradients a derivation has to arrive at; none where no derivation is asked for."""
    derivation: str = ""
    derivation_at: int = 0
    """The line of the file on which the derivation's first line stands."""

    @property
    def derived(self) -> tuple[Answer, ...]:
        """What a derivation is asked for, unanswered."""
        return tuple(
            Answer(Question("derivation", None, name), "", self.derivation_at) for name in self.derive
        )


def load(path: str) -> Exercise:
    """The exercise in the file at ``path``. Raises BacktraceError, which names the file and the line."""
    return read_exercise(read_source(path))


def read_exercise(source: Source) -> Exercise:
    """The exercise that a file's text holds.

    >>> text = 'formula = "b = x + y; f = b*y"\\nat = "x=2,y=3"\\n[gradient]\\nx = ""'
    >>> read_exercise(Source("x.toml", text)).answers[0].question
    Question(table='gradient', source=None, target='x')
    """
    data = source.data
    for key in data:
        if key not in FIELDS:
            near, has = nearest(key, FIELDS, 0.6), f"it has {', '.join(sorted(FIELDS))}"
            source.fail(
                f"{key} is nothing an exercise has", key, hint=f"did you mean {near}?" if near else has
            )
    statement = _statement(source)
    answers = tuple(
        answer for table in TABLES if table in data for answer in _table(source, statement, table)
    )
    lines = _lines(source, statement)
    derive = derive_in(source, statement)
    if not answers and not lines and not derive:
        source.fail(
            "this exercise asks for nothing", hint='add a table of blanks, such as [gradient] and x = ""'
        )
    asked = [answer.question for answer in answers] + [Question("derivation", None, name) for name in derive]
    points = worth_of(source, asked)
    return Exercise(
        source.path, _string(source, "title") or source.file_title, _string(source, "why"), statement,
        strings(source, "hints"), points, strings(source, "tags"), policy_of(source), answers, lines,
        _written(source, "wrong"), source.line("wrong"), _written(source, "mended"), source.line("mended"),
        _reason(source), derive, *derivation_in(source),
    )  # fmt: skip


def read_answer(statement: Statement, question: Question, raw: Any, line: int) -> Answer:
    """One answer as TOML gives it: a blank, a number, a list, or an expression over the exercise's names."""
    if isinstance(raw, list):
        raw = list_text(raw)
    if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
        sort = {bool: "true or false", list: "a list", dict: "a table"}.get(type(raw), "a date or a time")
        return Answer(
            question, "(not text)", line, None, f"an answer is a number or an expression, not {sort}"
        )
    if isinstance(raw, float) and math.isnan(raw):
        return Answer(question, str(raw), line, None, f"{raw} is not a number that can be compared")
    if isinstance(raw, int) and raw.bit_length() > MOST_BITS:
        return Answer(question, "(a huge number)", line, None, f"it is longer than {MOST_ANSWER:,} digits")
    text = raw.strip() if isinstance(raw, str) else repr(raw)
    if not text.strip("?"):  # a question mark says that somebody doesn't know yet
        return Answer(question, text, line)
    if len(text) > MOST_ANSWER:
        return Answer(question, text, line, None, f"it is longer than {MOST_ANSWER:,} characters")
    if not question.kind.numeric:
        shape = shape_in(text)
        problem = "" if shape is not None else "a shape is written 2x3, 3 for a vector, () for a number"
        return Answer(question, text, line, None, problem, shape)
    try:
        return Answer(question, text, line, read_expression(statement, question, text))
    except BacktraceError as error:
        hint = f" ({error.hint})" if error.hint and "--at" not in error.hint else ""
        return Answer(question, text, line, None, f"{error.message}{hint}")


# -- the statement -------------------------------------------------------------


def _statement(source: Source) -> Statement:
    formula = source.data.get("formula")
    if formula is None:
        source.fail("there is no formula", hint='write formula = "a = x^2; f = a*y" at the top of the file')
    if not isinstance(formula, str):
        source.fail("the formula is text", "formula", hint='put it in quotes: formula = "x^2"')
    point = _point(source)
    try:
        return Statement(formula, point, strings(source, "given"), assumed(source))
    except BacktraceError as error:
        hint = (error.hint or "").replace("add --at", "add to the point") or None
        error.hint = hint
        where = "formula" if error.source == formula else "at" if "at" in source.data else "formula"
        raise source.mend(error, formula, where) from None


def _point(source: Source) -> dict[str, Given]:
    at = source.data.get("at", {})
    try:
        if "@" in repr(at):
            source.fail("a point is numbers, and reads no file", "at", hint="write at = { x = 2, y = 3 }")
        if isinstance(at, str):
            return read_point([at])
        if isinstance(at, dict):
            return {name: _coordinate(source, name, value) for name, value in at.items()}
    except BacktraceError as error:
        raise source.mend(error, error.source or "", "at") from None
    source.fail("the point is a table or text", "at", hint="write at = { x = 2, y = 3 }")


def _coordinate(source: Source, name: str, value: Any) -> Given:
    if isinstance(value, str):
        found = read_point([f"{name}={value}"])
        if len(found) == 1:
            return found.popitem()[1]
        source.fail(f"the value of {name} is more than one number", "at", name)
    if isinstance(value, list) and isinstance(text := list_text(value), str):
        return read_point([f"{name}={text}"])[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        source.fail(f"the value of {name} is not a number", "at", name, hint="write at = { x = 2, y = 3 }")
    return Given(repr(value), value)


# -- answers ---------------------------------------------------------------------


def _table(source: Source, statement: Statement, table: str) -> list[Answer]:
    entries = source.data[table]
    if not isinstance(entries, dict):
        source.fail(f"{table} is a table", table, hint=f"write [{table}] on a line of its own")
    found = []
    seen: dict[Question, str] = {}
    for key, raw in entries.items():
        question = read_question(source, statement, table, key, (table, key))
        if question in seen:
            source.fail(f"{key} and {seen[question]} ask the same", table, key, hint="take one of them out")
        seen[question] = key
        found.append(read_answer(statement, question, raw, source.line(table, key)))
    return found


def _lines(source: Source, statement: Statement) -> tuple[Line, ...]:
    """The worked solution of a find-the-mistake exercise."""
    rows = source.data.get("lines", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        source.fail("lines is an array of tables", "lines", hint="write [[lines]] before each of them")
    found: list[Line] = []
    for number, row in enumerate(rows):
        where = ("lines", number)
        table, key, claim = row.get("table"), row.get("key"), row.get("claim")
        if not isinstance(table, str) or table not in TABLES:
            source.fail(f"the table of a line is one of {', '.join(TABLES)}", *where, "table")
        if not isinstance(key, str) or claim is None:
            source.fail("a line has a table, a key and a claim", *where)
        question = read_question(source, statement, table, key, (*where, "key"))
        answer = read_answer(statement, question, claim, source.line(*where, "claim"))
        if answer.formula is None:
            source.fail(f"the claim can't be read: {answer.problem or 'it is blank'}", *where, "claim")
        label = row.get("text", question.kind.label(question, statement.trace.output))
        if not isinstance(label, str) or label in (line.label for line in found):
            source.fail("each line has a text of its own", *where, "text")
        found.append(Line(label, answer))
    if not found and ("wrong" in source.data or "mended" in source.data):
        source.fail("there are no lines to find a mistake in", "wrong", hint="add [[lines]]")
    return tuple(found)


# -- plain fields -----------------------------------------------------------------


def _string(source: Source, key: str) -> str:
    value = source.data.get(key, "")
    if not isinstance(value, str):
        source.fail(f"{key} is text", key, hint=f'write {key} = "…"')
    return value.strip()


def _reason(source: Source) -> str:
    """What the author says to lint: why this exercise catches fewer mistakes than others."""
    found = source.data.get("lint", {})
    if not isinstance(found, dict) or not set(found) <= {"reason"}:
        source.fail("lint has a reason and nothing else", "lint", hint='write lint = { reason = "…" }')
    reason = found.get("reason", "")
    if not isinstance(reason, str) or (found and not reason.strip()):
        source.fail("the reason is a sentence", "lint", "reason", hint='write lint = { reason = "…" }')
    return " ".join(reason.split())


def _written(source: Source, key: str) -> str:
    """What a student filled in, a number or a list taken as its text."""
    value = source.data.get(key, "")
    if isinstance(value, list):
        text = list_text(value)
        return text if isinstance(text, str) else "a list"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _string(source, key)
    return "a huge number" if isinstance(value, int) and value.bit_length() > MOST_BITS else repr(value)
