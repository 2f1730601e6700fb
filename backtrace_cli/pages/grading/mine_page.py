"""What somebody worked out by hand, judged: below the trace that says what is right, and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from backtrace_cli.base.lengths import listed, shorten
from backtrace_cli.base.numerals import ascii_text
from backtrace_cli.base.safe_text import visible
from backtrace_cli.grading.judging.checked import WRONG, Checked
from backtrace_cli.grading.own_work.mine import Mine
from backtrace_cli.pages.document import GRADIENT, QUIET, VALUE, Block, Column, Heading, Paragraph, Table
from backtrace_cli.pages.grading.verdicts import LINE_COLUMNS, answer_dict, asked, line_rows, told_of
from backtrace_cli.pages.wording import Wording

__all__ = ["mine_dicts", "mine_page"]

_COLUMNS = (Column(keep=True), Column(lead="yours: ", style=VALUE), Column(lead="", keep=True))
#: A line longer than this is shown with its middle left out.
_MOST_SHOWN = 400

_Rows = Callable[[Wording], Iterable[Sequence[str]]]


def mine_page(mine: Mine, reveal: bool = True) -> Iterator[Block]:
    """The verdicts, a row each, and what there is to say of the first that is wrong; ``reveal`` what would
    have been right."""
    yield Heading("Yours")
    singles = (*mine.answers, *mine.arrays)
    if singles:
        yield Table(_COLUMNS, _rows(mine, singles), _said(mine, singles))
    if mine.lines:
        yield Table(LINE_COLUMNS, lambda wording: line_rows(mine.lines), _said_lines(mine.lines))
    for text, style in _sentences(mine, reveal):
        yield Paragraph([(text, style)], said=[ascii_text(text)])


def _rows(mine: Mine, checked: Sequence[Checked]) -> _Rows:
    def rows(wording: Wording) -> Iterator[tuple[str, str, str]]:
        for found in checked:
            yield _name(found, mine, wording), _text(found), found.verdict + found.where

    return rows


def _said(mine: Mine, checked: Sequence[Checked]) -> Callable[[Wording], Iterator[str]]:
    def said(wording: Wording) -> Iterator[str]:
        for name, text, verdict in _rows(mine, checked)(wording):
            yield ascii_text(f"Yours of {name}: {text}, {verdict}")

    return said


def _said_lines(checked: Sequence[Checked]) -> Callable[[Wording], Iterator[str]]:
    def said(wording: Wording) -> Iterator[str]:
        for number, text, verdict in line_rows(checked):
            yield ascii_text(f"Line {number}: {text}: {verdict}")

    return said


def _sentences(mine: Mine, reveal: bool) -> Iterator[tuple[str, str]]:
    first, wording = mine.first_wrong, Wording()
    for found in (*mine.answers, *mine.lines, *mine.arrays):
        if found.words and found.verdict != WRONG:
            yield f"{_place(found, mine, wording)}, {found.verdict}: {found.words}", ""
    if first is not None:
        lead = "line" if first.answer.line else "step"
        yield f"First wrong {lead}: {_place(first, mine, wording)}.", GRADIENT
        yield from told_of(first, mine.trace, reveal, wording)
    for found in mine.arrays:
        if first is not None and found.diagnosis and found.diagnosis != first.diagnosis:
            yield f"{_place(found, mine, wording)}: {found.diagnosis}.", ""
    for remark in mine.remarks:
        yield remark, QUIET
    if mine.missing:
        output = mine.trace.output
        yield f"No line gives {listed([wording.partial(output, name) for name in mine.missing])}.", QUIET


def _place(found: Checked, mine: Mine, wording: Wording) -> str:
    name = _name(found, mine, wording)
    return f"{found.answer.line}, {name}" if found.answer.line else name


def _name(found: Checked, mine: Mine, wording: Wording) -> str:
    question = found.answer.question
    return question.key if question.kind.is_sent else asked(question, mine.trace.output, wording)


def _text(found: Checked) -> str:
    return visible(shorten(" ".join(found.answer.text.split()), _MOST_SHOWN))


def mine_dicts(mine: Mine, reveal: bool = True) -> list[dict[str, Any]]:
    """The same as plain data for JSON; a line of a derivation has its ``line``."""
    found = []
    for one in (*mine.answers, *mine.lines, *mine.arrays):
        row = answer_dict("", one, reveal)
        del row["file"]
        if not one.answer.line:
            del row["line"]
        found.append(row)
    return found
