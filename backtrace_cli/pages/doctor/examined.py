"""What became of an engine on the battery: what is wrong, how to see it, what it lacks, and the diagnosis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.safe_text import visible
from backtrace_cli.clinic.examination import Examination, Graded
from backtrace_cli.clinic.reproduced import reproduced
from backtrace_cli.pages.document import (
    GRADIENT,
    HEADING,
    QUIET,
    VALUE,
    Block,
    Column,
    Heading,
    Note,
    Paragraph,
    Picture,
    Space,
    Table,
)
from backtrace_cli.pages.wording import Wording

__all__ = ["count_words", "diagnosis_lines", "examination_page", "formula_text", "told_difference"]

#: So many of the wrong graphs are shown, unless all are asked for; …
_MOST = 8
#: … and formulas up to this length.
_LONG = 40
_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip


def examination_page(
    seen: Examination, where: str, how: str = "", every: bool = False, following: str = ""
) -> Iterator[Block]:
    """The page; ``where`` says what was examined, and ``how`` where that ran. The diagnosis stands last."""
    right = f"{seen.right} of {seen.of} graphs right"
    yield Space()
    yield Paragraph(
        [(visible(where), HEADING), ("   ", ""), (how, QUIET)], said=f"{visible(where)}, {how}: {right}."
    )
    shown = seen.wrong if every else seen.wrong[:_MOST]
    if shown:
        yield from _wrong_ones(seen, shown)
    yield from _lacks(seen)
    yield Space()
    yield Paragraph([(right, VALUE if not seen.wrong else HEADING)], said="")
    for text in diagnosis_lines(seen) if seen.wrong or seen.passed else ():
        yield Paragraph([(visible(text), GRADIENT if seen.wrong else "")], said=visible(text))
    if seen.passed and following:
        text = visible(f"The next stage: backtrace doctor {following}")
        yield Paragraph([(text, "")], said=text)


def _wrong_ones(seen: Examination, shown: Sequence[Graded]) -> Iterator[Block]:
    def rows(wording: Wording) -> Iterator[tuple[str, str]]:
        for one in shown:
            yield formula_text(one, wording), told_difference(one, wording)

    def said(wording: Wording) -> Iterator[str]:
        for formula, what in rows(wording):
            yield f"{formula}: {what}."

    more = len(seen.wrong) - len(shown)
    yield Heading("Wrong", [f"{more} more; --all shows them" if more else ""], said="")
    yield Table([Column("", math=True), Column("", style=GRADIENT, math=True)], rows, said=said)
    smallest = min(seen.wrong, key=lambda one: len(one.case.own.graph))
    assert smallest.difference is not None
    trace = smallest.case.own.traces[smallest.difference.point]
    if len(trace.graph.steps) > 0 and not smallest.case.own.long:
        yield Heading("As it should be", said="")
        yield Picture(trace, said="")
    yield Heading("To see it", said="To see it:")
    for one in shown:
        line = _line(seen, one)
        if line:
            yield Paragraph([(visible(line), QUIET)], indent=2, said=visible(line))


def _line(seen: Examination, one: Graded) -> str:
    found = one.difference
    assert found is not None
    of = found.of or ("" if found.yours is not None else next(iter(one.case.own.traces[0].at)))
    return reproduced(one.case, found.point, of, seen.engine, seen.found)


def _lacks(seen: Examination) -> Iterator[Block]:
    if not seen.lacking:
        return
    if seen.required:
        yield Heading("Still to do", said="Still to do:")
    else:
        yield Heading("Not there", ["listed, not counted"], said="Not there, and not counted:")
    for reason, cases in seen.lacking.items():
        formula = formula_text(cases[0], Wording())
        more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
        text = visible(f"{reason}: {shorten(formula, 40)}{more}")
        yield Note(text, said=text)


def formula_text(one: Graded, wording: Wording) -> str:
    """The graph as a line."""
    return shorten("; ".join(wording.statements(one.case.own.traces[0])), _LONG)


def told_difference(one: Graded, wording: Wording) -> str:
    """``∂f/∂x is 3, right is 6``."""
    found = one.difference
    assert found is not None
    if found.error:
        return visible(f"{found.error}")
    trace = one.case.own.traces[found.point]
    what = wording.partial(trace.output, found.of) if found.of else trace.output
    return f"{what} is {_number(found.yours, wording)}, right is {_number(found.right, wording)}"


def _number(value: Any, wording: Wording) -> str:
    if value is None:
        return "None"
    if isinstance(value, list):
        return "[" + ", ".join(_number(one, wording) for one in value) + "]"
    return numeral(float(value), wording.digits, ascii=wording.ascii)


def count_words(count: int) -> str:
    """``three``; larger numbers in digits.

    >>> count_words(3), count_words(30)
    ('three', '30')
    """
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def diagnosis_lines(seen: Examination) -> Iterator[str]:
    """The diagnosis in sentences; of an engine without a fault, that there is none."""
    wrong, diagnosis = seen.wrong, seen.diagnosis
    if not wrong:
        yield "No fault found."
        return
    left = len(seen.unexplained)
    if not diagnosis.faults:
        yield f"No fault that is known explains {'it' if len(wrong) == 1 else 'them'}."
        return
    explained = len(wrong) - left
    if len(diagnosis.faults) == 1:
        of = {1: "It is", 2: "Both are"}.get(explained, f"All {count_words(explained)} are")
        if left:
            of = f"{count_words(explained).capitalize()} of them {'is' if explained == 1 else 'are'}"
        first, *others = (*diagnosis.faults, *diagnosis.instead[:1])
        yield f"{of} explained by one fault: {first.words}. {first.look}."
        for other in others:
            yield f"Or by this one, which gives the same numbers: {other.words}. {other.look}."
    else:
        several = count_words(len(diagnosis.faults)).capitalize()
        yield f"{several} faults explain {'them' if not left else count_words(explained)}:"
        for fault, explains in zip(diagnosis.faults, diagnosis.explains, strict=True):
            graphs = f"{count_words(len(explains))} graph{'s' * (len(explains) != 1)}"
            yield f"- {fault.words} ({graphs}). {fault.look}."
    if left:
        some = f"{count_words(left).capitalize()} of the {len(wrong)} wrong graphs"
        yield f"{some} {'is' if left == 1 else 'are'} explained by none."
