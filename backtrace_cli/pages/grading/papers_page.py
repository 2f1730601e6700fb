"""An exam or a worksheet on paper, and the key to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backtrace_cli.base.plain_values import Value
from backtrace_cli.base.safe_text import visible, visible_name
from backtrace_cli.grading.authoring.marking import Slip
from backtrace_cli.grading.classroom.course import Task
from backtrace_cli.grading.classroom.papers import Paper, Scheme, scheme_of
from backtrace_cli.grading.classroom.record_words import amount
from backtrace_cli.pages.document import (
    GRADIENT,
    QUIET,
    VALUE,
    Blank,
    Block,
    Column,
    Heading,
    Kept,
    NewPage,
    Paragraph,
    Room,
    Space,
    Table,
    Words,
    math,
    partials,
)
from backtrace_cli.pages.trace.page import title_words
from backtrace_cli.pages.wording import Wording
from backtrace_cli.readings.questions import Question

__all__ = ["key_blocks", "paper_blocks"]

_KINDS = {
    "expressions": "Write formulas, not their values at this point.",
    "numbers": "Write numbers, not formulas.",
}
_ON = "From a wrong answer go on with it: a later answer that follows from it is right."
_CARRIED = {
    "none": "A wrong answer carries nothing: each answer is right or wrong by itself.",
    "diagnosed": f"{_ON} That holds for wrong answers that a known mistake explains alone.",
    "any": f"{_ON} What somebody may write into any blank, such as 0 or 1, carries nothing.",
}


def paper_blocks(papers: Iterable[Paper], title: str, room: float) -> Iterator[Block]:
    """Every student's paper, on sheets of its own; below each question ``room`` centimetres to work in."""
    for number, paper in enumerate(papers):
        yield from _head(title, paper.student, paper, number)
        if not paper.student:
            yield Blank("Name:", sign="", said="Name: ________")
        for place, task in enumerate(paper.tasks, 1):
            yield from _statement(task, place, alone=len(paper.tasks) == 1)
            yield from _questions(task, room)


def key_blocks(papers: Iterable[Paper], title: str, one: bool) -> Iterator[Block]:
    """The answers to every paper and how to mark them; ``one`` where all are the same."""
    kept: dict[tuple[str, str], Scheme] = {}
    for number, paper in enumerate(papers):
        yield from _head(f"{title}, key", "" if one else paper.student, paper, number)
        for place, task in enumerate(paper.tasks, 1):
            yield from _statement(task, place, alone=len(paper.tasks) == 1)
            yield from _scheme(scheme_of(task, kept))
        if one:
            return


def _head(title: str, student: str, paper: Paper, number: int) -> Iterator[Block]:
    """The top of a paper, on a sheet of its own."""
    whole = f"{title} · {visible_name(student)}" if student else title
    yield NewPage(whole, first=number == 0)
    yield Heading(whole, (f"     {_points(paper.of)}",), said=f"{whole}, {_points(paper.of)}")


def _points(points: float) -> str:
    return f"{amount(points)} point{'' if points == 1 else 's'}"


def _statement(task: Task, place: int, alone: bool) -> Iterator[Block]:
    """What an exercise begins with, on the paper and in the key; one that is ``alone`` has no number."""
    trace, title = task.exercise.statement.trace, visible(task.exercise.title)
    if not alone:
        yield Space()
        yield Heading(f"{place}. {title}", (f"     {_points(task.of)}",),
                      said=f"{place}. {title}, {_points(task.of)}")  # fmt: skip

    def said(wording: Wording) -> Iterator[str]:
        yield f"Formula: {wording.title(trace)}"
        if trace.at:
            yield f"At: {', '.join(wording.point(trace))}"

    yield Paragraph([(title_words(trace), "")], said=said)
    if trace.at:
        yield Paragraph([(Kept(lambda wording: wording.point(trace), before="at ", lists=True), "")])
    if wanted := _KINDS.get(task.exercise.policy.kind):
        yield Paragraph([(wanted, QUIET)], said=wanted)
    if lines := task.exercise.lines:
        claims = [f"{visible(line.label)} = {visible(line.answer.text)}" for line in lines]
        told = [(str(number), claim) for number, claim in enumerate(claims, 1)]
        yield Table((Column(right=True), Column(keep=True)), lambda wording: told,
                    said=lambda wording: (f"Line {number}: {words}" for number, words in told))  # fmt: skip


def _questions(task: Task, room: float) -> Iterator[Block]:
    """A line to fill in for each question, and room to work."""
    output = task.exercise.statement.trace.output
    for answer in task.exercise.answers:
        words = _asked(answer.question, output)
        each = _points(task.exercise.points.of(answer.question))
        yield Blank(words, each, said=(words, f" = ____ ({each})"))
        if room:
            yield Room(room)
    if task.exercise.lines:
        each = _points(task.exercise.points.other)
        for text in ("The number of the wrong line:", "What should stand there:"):
            yield Blank(text, each, sign="", said=f"{text} ____ ({each})")
        if room:
            yield Room(room)


def _asked(question: Question, output: str) -> Words:
    """What is asked for, in the field's signs where it has any."""
    kind = question.kind
    if kind.is_sent or not kind.numeric:
        return kind.named(question, output, lambda top, bottom: f"∂{top}/∂{bottom}")
    return partials(kind.label(question, output))


# -- the key ---------------------------------------------------------------------------


def _scheme(scheme: Scheme) -> Iterator[Block]:
    """The right answers, and what to do with wrong ones."""
    exercise = scheme.task.exercise
    output = exercise.statement.trace.output
    if scheme.marked:
        yield _answers(scheme, output)
    if (mended := scheme.mended) is not None:
        words = f"The wrong line is number {mended.place}: {visible(mended.label)} = {visible(mended.claim)}"
        yield Paragraph([(words, "")], said=words)
        should = () if mended.formula is None else (mended.formula, " = ")
        right = math(*should, mended.number)
        yield Paragraph([("There should stand ", ""), (right, VALUE)], said=("There should stand ", right))
    if any(one.slips for one in scheme.marked):
        carried = _CARRIED[exercise.policy.carry]
        yield Paragraph([(carried, QUIET)], said=carried)
        yield _slips(scheme, output)


def _answers(scheme: Scheme, output: str) -> Block:
    worth = scheme.task.exercise.points

    def rows(wording: Wording) -> Iterator[Sequence[str]]:
        for one in scheme.marked:
            number = _number(one.number, wording)
            formula = "" if one.formula is None else wording.expr(one.formula)
            each = _points(worth.of(one.question))
            yield _short(one.question, output, wording), number, "" if formula == number else formula, each

    def said(wording: Wording) -> Iterator[str]:
        for asked, number, formula, points in rows(wording):
            yield f"Answer: {asked} = {number}{f', {formula}' if formula else ''} ({points})"

    columns = (
        Column("answer", math=True),
        Column("right", right=True, style=VALUE, lead="= ", keep=True, math=True),
        Column("as a formula", keep=True, math=True),
        Column("points", right=True, style=QUIET, keep=True),
    )  # fmt: skip
    return Table(columns, rows, said=said)


def _slips(scheme: Scheme, output: str) -> Block:
    """What wrong answers come from, and which later ones are right for who goes on from them."""

    def then(slip: Slip, wording: Wording) -> list[tuple[str, str]]:
        return [(_short(one.question, output, wording), _number(one.number, wording)) for one in slip.follows]

    def rows(wording: Wording) -> Iterator[Sequence[str]]:
        for one in scheme.marked:
            for slip in one.slips:
                first, *others = then(slip, wording) or [("", "")]
                asked = _short(one.question, output, wording)
                yield asked, _number(slip.number, wording), visible(slip.words), *first
                yield from (("", "", "", *follow) for follow in others)

    def said(wording: Wording) -> Iterator[str]:
        for one in scheme.marked:
            for slip in one.slips:
                follows = ", ".join(f"{asked} = {number}" for asked, number in then(slip, wording))
                wrong = f"{_short(one.question, output, wording)} = {_number(slip.number, wording)}"
                yield f"If {wrong}: {visible(slip.words)}{f'; then {follows}' if follows else ''}"

    columns = (
        Column("if", math=True), Column("is", right=True, style=GRADIENT, lead="= ", keep=True, math=True),
        Column("this happened", wide=True), Column("then", lead="then ", math=True),
        Column("is right", right=True, style=VALUE, lead="= ", keep=True, math=True),
    )  # fmt: skip
    return Table(columns, rows, said=said)


def _short(question: Question, output: str, wording: Wording) -> str:
    """What is asked for as a formula."""
    return wording.words(partials(question.kind.label(question, output)))


def _number(number: Value | str, wording: Wording) -> str:
    return wording.prose(number) if isinstance(number, str) else wording.number(number)
