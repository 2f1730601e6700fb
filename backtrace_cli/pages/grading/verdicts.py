"""A checked exercise as a page, as plain sentences and as JSON.

What a student wrote reaches the screen through ``visible`` alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import capitalised, shorten
from backtrace_cli.base.lengths import columns as width_of
from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.engine.events import plain
from backtrace_cli.engine.trace import Trace
from backtrace_cli.grading.authoring.answers import formula_of
from backtrace_cli.grading.comparing.compare import Witness
from backtrace_cli.grading.judging.checked import OWN
from backtrace_cli.grading.judging.verdict import BLANK, UNREADABLE, WRONG, Checked, Result, wrong_line
from backtrace_cli.language.tree.syntax import Call, Name, Number
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.pages.grading.asides import aside_of
from backtrace_cli.pages.layout import (
    GRADIENT,
    HEADING,
    QUIET,
    VALUE,
    Column,
    Screen,
    fits,
    heading,
    paragraph,
    table,
)
from backtrace_cli.pages.trace.page import point_words, title_words
from backtrace_cli.pages.wording import Wording
from backtrace_cli.pages.writers.terminal import set_words
from backtrace_cli.readings.questions import Question, expected

__all__ = [
    "LINE_COLUMNS", "Show", "answer_dict", "asked", "line_rows", "print_result", "print_totals",
    "result_dict", "result_lines", "told_of", "totals",
]  # fmt: skip

#: An answer longer than this is shown with its middle left out.
_MOST_SHOWN = 400
#: A column of answers is not made narrower than this.
_NARROWEST = 16
#: Where a long answer goes on in the next line: behind a space, a product's sign, a comma, before + and −.
_JOINT = re.compile(r"(?<=[\s*/·,])|(?<![eE*/(^\s])(?=[-+−])")
LINE_COLUMNS = (Column(right=True, style=QUIET), Column(style=VALUE, lead=""), Column(lead="", keep=True))
_COLUMNS = (
    Column(style=QUIET), Column(keep=True), Column(lead="yours: ", style=VALUE), Column(lead="", keep=True),
    Column(style=QUIET, keep=True),
)  # fmt: skip

#: table, key, answer, verdict, aside
_Row = tuple[str, str, str, str, str]


class Show(NamedTuple):
    """What the reader asked to see."""

    hints: int | None = None
    """How many hints; None for one if something is wrong."""
    reveal: bool = False
    ascii: bool = False


def print_result(screen: Screen, result: Result, show: Show) -> None:
    """Print the page of one exercise, the count last."""
    exercise, wording = result.exercise, Wording(ascii=show.ascii)
    trace = exercise.statement.trace
    screen.parts([])
    title = [(_text(exercise.title), HEADING), (f"     {set_words(screen, wording, title_words(trace))}", "")]
    paragraph(screen, [*title, (set_words(screen, wording, point_words(trace)), "")])
    if exercise.why:
        paragraph(screen, [(_text(exercise.why), QUIET)])
    if wanted := _kind_wanted(result):
        paragraph(screen, [(wanted, QUIET)])
    if exercise.lines:
        heading(screen, "Worked solution")
        table(screen, (Column(right=True), Column(keep=True), Column(lead="")), _worked(result))
    screen.parts([])
    table(screen, _COLUMNS, _wrapped(screen, _rows(result)))
    if result.lines:
        screen.parts([])
        table(screen, LINE_COLUMNS, line_rows(result.lines))
    sentences = list(_sentences(result, show, wording))
    if sentences:
        screen.parts([])
    for text, style in sentences:
        paragraph(screen, [(text, style)])
    if show.reveal:
        heading(screen, "Answers")
        columns = (Column(style=QUIET), Column(keep=True), Column(style=VALUE, lead="= "), Column(lead="= "))
        table(screen, columns, list(_answers(result, wording)))
    screen.parts([])
    paragraph(screen, [(_count(result), HEADING)])


def result_lines(result: Result, show: Show) -> Iterator[str]:
    """The same as plain sentences in ASCII, one a line."""
    exercise, wording = result.exercise, Wording(ascii=True)
    trace = exercise.statement.trace
    lines = [f"Exercise: {_text(exercise.title)}", f"Formula: {wording.title(trace)}"]
    if trace.at:
        lines.append(f"At: {_point(wording, trace.at)}")
    if exercise.why:
        lines.append(f"Why: {_text(exercise.why)}")
    if wanted := _kind_wanted(result):
        lines.append(wanted)
    lines += [f"Line {number}: {label} {claim}" for number, label, claim in _worked(result)]
    for place, key, answer, verdict, aside in _rows(result, full=True):
        yours = f", yours is {answer}" if answer else ""
        lines.append(f"{place} {key}: {verdict}{yours}{f', {aside}' if aside else ''}")
    lines += [f"Line {number}: {text}: {verdict}" for number, text, verdict in line_rows(result.lines)]
    lines += [text for text, _ in _sentences(result, show, wording)]
    if show.reveal:
        for place, key, number, formula in _answers(result, wording):
            lines.append(f"Answer to {place} {key}: {number}{f' = {formula}' if formula else ''}")
    lines.append(_count(result))
    return map(ascii_text, lines)


def result_dict(result: Result, reveal: bool = False) -> dict[str, Any]:
    """The same as plain data for JSON."""
    exercise, first = result.exercise, result.first_wrong
    return {
        "file": visible_name(exercise.path),
        "title": _text(exercise.title),
        "error": None,
        "right": result.right,
        "of": len(result.answers),
        "points": result.points,
        "first_wrong": first and {"table": first.answer.question.table, "key": first.answer.question.key},
        "answers": [answer_dict(exercise.path, found, reveal) for found in result.answers],
        **(
            {"derivation": [answer_dict(exercise.path, one, reveal) for one in result.lines]}
            if result.lines
            else {}
        ),
    }


def line_rows(lines: Sequence[Checked]) -> list[tuple[str, str, str]]:
    """(number, text, verdict) of each line of a derivation."""
    return [
        (
            str(one.answer.line),
            visible(shorten(" ".join(one.answer.text.split()), _MOST_SHOWN)),
            _of_line(one),
        )
        for one in lines
    ]


def _of_line(one: Checked) -> str:
    if one.verdict == OWN:
        return "your own"
    return f"{one.verdict}{one.where}{', given what you had before it' if one.carried else ''}"


def answer_dict(path: str, found: Checked, reveal: bool) -> dict[str, Any]:
    """One answer with its verdict as plain data for JSON."""
    answer, witness = found.answer, found.witness
    shown: dict[str, Any] | None = None
    if witness is not None:
        shown = {"at": {n: plain(v) for n, v in witness.point.items()}, "yours": plain(witness.yours)}
        if witness.entry:
            shown["entry"] = list(witness.entry)
        if reveal:
            shown["trace"] = plain(witness.trace)
    return {
        "file": visible_name(path), "line": answer.line, "table": answer.question.table,
        "key": answer.question.key, "answer": _text(answer.text), "verdict": found.verdict,
        "holds": found.holds or None, "carried": found.carried, "mistake": found.mistake, "witness": shown,
        "words": visible(found.diagnosis or found.words) or None,
    }  # fmt: skip


def print_totals(screen: Screen, results: Sequence[Result], unusable: int) -> None:
    """The count over several files."""
    screen.parts([])
    paragraph(screen, [(totals(results, unusable), HEADING)])


def totals(results: Sequence[Result], unusable: int) -> str:
    """The count over several files, as one sentence.

    >>> totals([], 1)
    '0 files: 0 of 0 right; 1 file could not be used'
    """
    right, of = sum(r.right for r in results), sum(len(r.answers) for r in results)
    bad = f"; {_files(unusable)} could not be used" if unusable else ""
    return f"{_files(len(results))}: {right} of {of} right{bad}"


def asked(question: Question, output: str, wording: Wording) -> str:
    """What a question asks for, in the field's signs.

    >>> asked(Question("gradient", None, "x"), "f", Wording())
    '∂f/∂x'
    """
    return question.kind.named(question, output, wording.partial)


# -- parts ---------------------------------------------------------------------------


def _rows(result: Result, full: bool = False) -> list[_Row]:
    """(table, key, answer, verdict, aside) of each answer; a table is named once, unless ``full``."""
    rows = []
    before = ""
    for found in result.answers:
        answer = found.answer
        place = answer.question.table
        rows.append((
            place if full or place != before else "", answer.question.key,
            visible(shorten(" ".join(answer.text.split()), _MOST_SHOWN)), found.verdict,
            aside_of(result, found),
        ))  # fmt: skip
        before = place
    return rows


def _wrapped(screen: Screen, rows: list[_Row]) -> list[_Row]:
    """The rows with long answers on several lines, where they don't fit the screen as they are."""
    if fits(screen, _COLUMNS, rows) or not rows:
        return rows
    others = [max(width_of(row[place]) for row in rows) for place in (0, 1, 3, 4)]
    beside = screen.width - 3 - sum(width + 2 for width in others if width)
    below = screen.width - 16  # where each row is stacked on lines of its own

    def broken(room: int) -> list[_Row]:
        return [(*row[:2], "\n".join(_lines(row[2], room)), *row[3:]) for row in rows]

    found = broken(beside) if beside >= _NARROWEST else rows
    return found if fits(screen, _COLUMNS, found) else broken(below)


def _lines(text: str, room: int) -> list[str]:
    """``text`` in lines of at most ``room`` columns, as far as its joints allow."""
    lines = [""]
    for part in _JOINT.split(text):
        if lines[-1] and width_of((lines[-1] + part).rstrip()) > room:
            lines.append("")
        lines[-1] += part
    return [line.strip() for line in lines]


def _kind_wanted(result: Result) -> str:
    """What sort of answer is asked for, as long as something is blank; empty where any will do."""
    if not any(found.verdict == BLANK for found in result.answers):
        return ""
    return {
        "expressions": "Formulas are asked for, not their values at this point.",
        "numbers": "Numbers are asked for, not formulas.",
    }.get(result.exercise.policy.kind, "")


def _worked(result: Result) -> list[tuple[str, str, str]]:
    """(number, label, claim) of each line of a worked solution."""
    return [
        (str(number), _text(line.label), f"= {visible(line.answer.text)}")
        for number, line in enumerate(result.exercise.lines, 1)
    ]


def _sentences(result: Result, show: Show, wording: Wording) -> Iterator[tuple[str, str]]:
    """What there is to say below the table, each with its style."""
    trace, first = result.exercise.statement.trace, result.first_wrong
    for found in result.answers:
        if found.words and found.verdict != WRONG:
            line = found.answer.line
            place = f"line {line}" if line else found.answer.question.key
            yield f"{place}, {found.verdict}: {found.words}", ""
    if any(found.carried for found in result.answers):
        yield "carried forward: right for what you had before it, so it counts.", QUIET
    if first is not None:
        step = asked(first.answer.question, trace.output, wording)
        lead = "Not right yet" if not first.answer.question.kind.blanks else "First wrong step"
        yield f"{lead}: {step}.", GRADIENT
        yield from told_of(first, trace, show.reveal, wording)
    hints = result.exercise.hints
    wanted = (1 if first is not None else 0) if show.hints is None else show.hints
    for number, hint in enumerate(hints[:wanted], 1):
        yield f"hint {number} of {len(hints)}: {_text(hint)}", QUIET
    if show.hints and not hints:
        yield "this exercise has no hints", QUIET


def told_of(found: Checked, trace: Trace, reveal: bool, wording: Wording) -> Iterator[tuple[str, str]]:
    """What there is to say of a wrong answer: why it is wrong, and where that shows."""
    for words in filter(None, (found.words, found.diagnosis)):
        yield capitalised(words, (*trace.graph.aliases, *trace.graph.inputs)).rstrip(".") + ".", ""
    if found.witness is not None and found.witness.trace == found.witness.trace:
        yield _witness(found.witness, reveal, wording), ""


def _witness(witness: Witness, reveal: bool, wording: Wording) -> str:
    at = _point(wording, witness.point, ", ")
    if witness.yours is not None and wording.number(witness.yours) == wording.number(witness.trace):
        wording = wording._replace(digits=17)  # so that the difference can be seen
    yours = "has no value" if witness.yours is None else f"gives {wording.number(witness.yours)}"
    other = f"gives {wording.number(witness.trace)}" if reveal else "gives another number"
    if witness.yours is None and not reveal:
        other = "has one"
    if witness.entry:
        at += f"{': ' if at else ''}entry [{', '.join(map(str, witness.entry))}] of"
        return f"{f'at {at}' if ':' in at else at} yours {yours}, that of the trace {other}"
    return f"{f'at {at} ' if at else ''}yours {yours}, the trace {other}"


def _answers(result: Result, wording: Wording) -> Iterator[tuple[str, str, str, str]]:
    """(table, key, number, formula) of the right answers, read from the traces."""
    exercise = result.exercise
    questions = [answer.question for answer in (*exercise.answers, *exercise.derived)]
    if exercise.lines:
        line = wrong_line(exercise)
        yield "lines", "wrong", _text(line.label), ""
        questions.append(line.answer.question)
    statement = exercise.statement
    for question in questions:
        if not question.kind.numeric:
            yield question.table, question.key, sides(statement.shape(question.target)), ""
            continue
        number = wording.number(statement.says(question, statement.trace))
        formula = ""
        if not question.kind.along_input and not (
            statement.arrays and formula_of(statement, question) is None
        ):
            tree = expected(statement.symbolic, question)
            if isinstance(tree, (Number, Name, Call)):
                formula = wording.expr(tree)
        yield question.table, question.key, number, "" if formula == number else formula


def _count(result: Result) -> str:
    found = f"{result.right} of {len(result.answers)} right"
    for verdict in (BLANK, UNREADABLE, "undecided"):
        count = sum(one.verdict == verdict for one in result.answers)
        found += f", {count} {verdict}" if count else ""
    return found


def _point(wording: Wording, at: dict[str, Any], sign: str = "   ") -> str:
    return sign.join(f"{name} = {wording.number(value)}" for name, value in at.items())


def _text(text: str) -> str:
    """Text from a file on one line, with nothing in it that steers a terminal."""
    return visible(" ".join(text.split()))


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
