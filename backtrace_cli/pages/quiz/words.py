"""What the tutor says: questions, hints that grow, the rule behind a step, verdicts on answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_cli.base.lengths import capitalised, shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.safe_text import visible
from backtrace_cli.grading.comparing.compare import Witness
from backtrace_cli.pages.cells.quiz_sheet import Sheet
from backtrace_cli.pages.layout import GRADIENT, HEADING, QUIET
from backtrace_cli.quiz.array_messages import same_point
from backtrace_cli.quiz.judge import Reply
from backtrace_cli.quiz.questions import Item
from backtrace_cli.quiz.session import Feedback, Model, Round
from backtrace_cli.readings.cells import Cell
from backtrace_cli.readings.notes import notes_of
from backtrace_cli.readings.rule_words import box_words

__all__ = ["HELP", "choices", "feedback", "hints", "prompt", "reason", "sentence", "step_words",
           "summary"]  # fmt: skip

Styled = tuple[str, str]

#: What can be typed besides an answer.
HELP = (
    ("?", "a hint; again for the next one"),
    ("show", "the step and its rule, and on to the next question"),
    ("why", "the rule at this place, explained"),
    ("compare", "your mistake next to the right steps, after a wrong answer that has a name"),
    ("skip", "on without an answer"),
    ("back", "to the question before"),
    ("quit", "leave; everything is kept (Ctrl-C and Ctrl-D too)"),
)

#: How arrays are typed.
_LISTS = "[1, 2], a matrix row by row: [[1, 2], [3, 4]]; or a formula, with dy for what arrived at y"

_MOST_SHOWN = 60


def prompt(item: Item, sheet: Sheet) -> str:
    """The question in words."""
    cell = item.cell
    asked = cell.kind.ask(
        cell, sheet, choose=bool(item.choices), formula=item.kind == "expressions", whole=item.whole
    )
    return asked + _enough(item)


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def _enough(item: Item) -> str:
    """Which row or entry of an array is enough, where typing all of it is tedious."""
    if not item.part:
        return ""
    if len(item.part) > 1 or item.slips is None or not _is_matrix(item):
        return f" The entry [{','.join(map(str, item.part))}] is enough (counted from 0)."
    row = item.part[0]
    named = _ORDINALS[row] if row < len(_ORDINALS) else f"{row + 1}th"
    return f" Its {named} row is enough."


def _is_matrix(item: Item) -> bool:
    assert item.slips is not None
    statement = item.slips.statement
    return len(shape_of(statement.says(item.cell, statement.trace))) == 2


def choices(item: Item) -> list[str]:
    """``A   y`` for each choice."""
    return [f"{letter}   {choice.text}" for letter, choice in zip(item.letters, item.choices, strict=True)]


def step_words(cell: Cell, sheet: Sheet) -> str:
    """The whole step: what is asked, its rule, the numbers put in, and what comes out."""
    parts = [part for part in cell.kind.step(cell, sheet) if part]
    return " = ".join(part for place, part in enumerate(parts) if place == 0 or part != parts[place - 1])


def hints(item: Item, this: Round, sheet: Sheet) -> list[str]:
    """The hints for a question, each saying more than the one before; those of the formula first."""
    cell = item.cell
    own = cell.kind.hints(cell, sheet, whole=item.whole, numbers=item.kind == "either" and not item.choices)
    return [*(visible(hint) for hint in this.hints if _is_its_aim(cell, this)), *own]


def _is_its_aim(cell: Cell, this: Round) -> bool:
    """Is a question of the sort that all the others of its formula lead to?"""
    return cell.kind.depth == max(item.cell.kind.depth for item in this.items)


def reason(item: Item, sheet: Sheet) -> Iterator[str]:
    """Why the step is as it is, at this node."""
    cell = item.cell
    box = cell.source or cell.target
    alone = not cell.kind.is_sum  # a sum at a fork is about no box
    if alone and sheet.trace.graph.find(box) not in sheet.trace.graph.inputs.values():
        yield box_words(box, sheet, back=cell.kind.slope)
    yield from cell.kind.reason(cell, sheet)
    told = [note for note in sheet.trace.notes or notes_of(sheet.trace, []) if note.node == box and alone]
    for note in told:
        kind = f"A {note.kind}: " if note.kind in ("kink", "jump") else ""
        yield f"{kind}{note.message}."


def feedback(found: Feedback, model: Model, sheet: Sheet, *, brief: bool = False) -> Iterator[Styled]:
    """What the tutor says to one line that was typed; with ``brief`` no more help than fits a low window."""
    item, reply = found.item, found.reply
    if found.kind in ("right", "mended"):
        here = f" {reply.words}" if reply is not None and reply.words else ""
        again = " this time" if found.kind == "mended" else ""
        yield f"Right{again}{',' if again and here else ''}{here}.  {step_words(item.cell, sheet)}", HEADING
    elif found.kind == "wrong" and reply is not None:
        yield from _wrong(found, reply, sheet)
    elif found.kind == "undecided" and reply is not None:
        yield (
            f"I can't decide whether that is equal ({reply.words}). It costs nothing: write it another way.",
            "",
        )
    elif found.kind == "unreadable" and reply is not None:
        yield f"I can't read {_quoted(reply.text)}: {visible(reply.words)}. It costs nothing: try again.", ""
    elif found.kind == "no answer" and reply is not None:
        yield f"{_quoted(reply.text)}: {visible(reply.words)}. It costs nothing: try again.", ""
    elif found.kind == "trouble":
        yield "I could not judge that; the fault is mine. It costs nothing: write it another way.", ""
    elif found.kind == "stuck":
        yield "That is what this is for: ? is a hint, why explains the rule, show gives the step.", ""
    elif found.kind == "shown":
        yield f"The step:  {step_words(item.cell, sheet)}", ""
    elif found.kind == "skipped":
        yield f"Skipped.  {step_words(item.cell, sheet)}", QUIET
    elif found.kind == "hint":
        listed = hints(item, model.round, sheet)
        number = min(found.number, len(listed))
        more = "" if number < len(listed) else "  That is the last hint: show shows the step."
        yield f"Hint {number} of {len(listed)}: {listed[number - 1]}{more}", ""
    elif found.kind == "why":
        for sentence in reason(item, sheet):
            yield sentence, ""
    elif found.kind == "help" and brief:
        yield f"Besides an answer: {', '.join(word for word, _ in HELP)}. A higher window shows more.", ""
    elif found.kind == "help":
        for word, meaning in HELP:
            yield f"{word:<8} {meaning}", ""
        if sheet.arrays:
            yield f"{'lists':<8} {_LISTS}", ""
    elif found.kind == "welcome":
        yield "? is a hint, show gives the step, why explains the rule, help lists the rest.", QUIET
        if sheet.arrays and not brief:
            yield f"Lists: {_LISTS}.", QUIET
    elif found.kind == "worked out":
        yield "This formula is done: Enter goes on. why, compare and back still work.", QUIET
    elif found.kind == "nothing back":
        yield "This is the first question about this formula.", QUIET
    elif found.kind == "nothing to compare":
        yield "There is no named mistake to compare yet.", QUIET
    elif found.kind == "empty":
        yield "Type an answer, ? for a hint, or help.", QUIET


def sentence(words: str, sheet: Sheet) -> str:
    """``words`` as the beginning of a sentence: b is a name, and never B."""
    graph = sheet.trace.graph
    return capitalised(words.rstrip("."), {graph.name(node.index) for node in graph.nodes})


def _wrong(found: Feedback, reply: Reply, sheet: Sheet) -> Iterator[Styled]:
    what = f": that is {_of_shape(reply.text)}" if not found.item.cell.kind.numeric else ""
    yield f"Not {_quoted(reply.text)}{what}.", GRADIENT
    if reply.words:
        yield f"{sentence(reply.words, sheet)}.", ""
    if reply.witness is not None and not found.item.choices:
        words = _witness(reply.witness, reply.text, sheet)
        if words:
            yield words, ""
    if found.number == 1:
        compare = ", compare shows your mistake beside the right steps" if reply.slip is not None else ""
        yield f"Once more: ? is a hint{compare}.", QUIET


def _of_shape(text: str) -> str:
    """What has the shape that was typed.

    >>> _of_shape("2x3"), _of_shape("1"), _of_shape("()")
    ('a matrix of 2 rows and 3 columns', 'a vector of 1 entry', 'a number')
    """
    sides = [int(side) for side in re.findall(r"\d+", text)]
    if len(sides) == 2:
        rows, across = (f"{n} {what}{'' if n == 1 else 's'}" for n, what in zip(sides, ("row", "column"),
                                                                              strict=True))  # fmt: skip
        return f"a matrix of {rows} and {across}"
    if len(sides) == 1:
        return f"a vector of {sides[0]} entr{'y' if sides[0] == 1 else 'ies'}"
    return f"an array of {len(sides)} axes" if sides else "a number"


def _witness(witness: Witness, text: str, sheet: Sheet) -> str:
    """Where the answer and the trace part; the trace's number at the question's own point is kept."""
    w = sheet.wording
    here = same_point(witness.point, sheet.trace.at)
    if witness.yours is None:
        return "At this point yours has no value, and there is one."
    if witness.entry:
        entry = f"[{','.join(map(str, witness.entry))}]"
        if here:
            return f"Its entry {entry} is {w.number(witness.yours)}; the right one is different."
        return f"At another point its entry {entry} is {w.number(witness.yours)}, and the right one " \
            f"{w.number(witness.trace)}."  # fmt: skip
    if here:
        if w.number(witness.yours).replace(w.minus, "-") == text.replace("−", "-"):
            return ""  # a number is its own witness
        return f"At this point it gives {w.number(witness.yours)}; the right value is different."
    at = ", ".join(f"{name} = {w.number(value)}" for name, value in witness.point.items())
    return f"At {at} it gives {w.number(witness.yours)}, and the right one {w.number(witness.trace)}."


def summary(model: Model, missed: list[str], again: str) -> Iterator[Styled]:
    """How the session went, and how to have the same one again."""
    if model.asked == 0:
        yield "No question answered.", HEADING
    else:
        yield f"{model.right} of {model.asked} right at the first try.", HEADING
    if missed:
        yield f"To come back: {'; '.join(missed)}.", ""
    if again:
        yield f"The same questions again: {again}", QUIET


def _quoted(text: str) -> str:
    return visible(shorten(text, _MOST_SHOWN))
