"""What the tutor says: questions, hints that grow, the rule behind a step, verdicts on answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.safe_text import visible
from backtrace_cli.grading.judging.compare import Witness
from backtrace_cli.pages.cells.quiz_sheet import Sheet
from backtrace_cli.pages.layout import GRADIENT, HEADING, QUIET
from backtrace_cli.pages.quiz.rule_words import (
    array_hints,
    array_reason,
    letters_for,
    over_letters,
    rule_words,
)
from backtrace_cli.quiz.array_messages import same_point
from backtrace_cli.quiz.judge import Reply
from backtrace_cli.quiz.questions import Item
from backtrace_cli.quiz.session import Feedback, Model, Round
from backtrace_cli.readings.cells import Cell
from backtrace_cli.readings.notes import notes_of

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
    source, target = cell.source or "", cell.target
    if cell.table == "shapes":
        what = f"what {source} sends to {target}" if source else target
        return f"What is the shape of {what}? (Written 2x3, a vector's 3, a number's ().)"
    if cell.table == "values":
        return f"What is the value of {target}?{_enough(item)}"
    if cell.table == "tangent":
        return f"What is {sheet.wording.partial(source, target)}?"
    if cell.table == "local":
        what = "which of these" if item.choices else "what"
        formula = ", as a formula" if item.kind == "expressions" else ""
        asked = sheet.wording.partial(source, target)
        box = f"The box {source} = {sheet.definition(source)}"
        return f"{box}: {what} is its local {asked}{formula}?{_enough(item)}"
    if cell.table == "messages":
        what = "Which of these" if item.choices else "What"
        return f"{what} does {source} send to {target}?{_enough(item)}"
    asked = sheet.partial(target)
    if item.whole:
        return f"All in all: {'which of these' if item.choices else 'what'} is {asked}?{_enough(item)}"
    return f"All messages to {target} are in. What is {asked}?{_enough(item)}"


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
    source, target = cell.source or "", cell.target
    if cell.table == "values":
        parts = [target, sheet.definition(target), sheet.numbers(target), sheet.value(target)]
    elif cell.table == "local":
        parts = [sheet.wording.partial(source, target), sheet.local(source, target),
                 sheet.local_value(source, target)]  # fmt: skip
    elif cell.table == "tangent":
        parts = [sheet.wording.partial(source, target), *sheet.tangent(source)]
    elif cell.table == "shapes":
        return f"{source + ' sends to ' if source else ''}{target}: shape {sheet.shape(target)}"
    elif cell.table == "messages" and sheet.arrays:
        message, up = sheet.message(source, target), sheet.arrived(source)
        arrived = f", with {up} = {sheet.upstream(source)}" if up not in ("", message) else ""
        parts = [f"{target} {sheet.wording.arrow} {message}"]
        return f"{parts[0]} = {sheet.adds(source, target)}{arrived}"
    elif cell.table == "messages":
        up, local = sheet.upstream(source), sheet.local(source, target)
        value, dot = sheet.local_value(source, target), sheet.wording.dot
        bracketed = f"({value})" if value.startswith(sheet.wording.minus) else value
        parts = [f"{target} {sheet.wording.arrow} {up} {dot} {local}", f"{up}{dot}{bracketed}",
                 sheet.adds(source, target)]  # fmt: skip
        if value == local:
            parts.pop(1)
    else:
        summed = sheet.parts(target)
        parts = [sheet.partial(target), sheet.wording.added(summed) if len(summed) > 1 else "",
                 sheet.gradient(target)]  # fmt: skip
    shown: list[str] = []
    for part in parts:
        if part and (not shown or part != shown[-1]):
            shown.append(part)
    return " = ".join(shown)


def hints(item: Item, this: Round, sheet: Sheet) -> list[str]:
    """The hints for a question, each saying more than the one before; those of the formula first."""
    cell = item.cell
    source, target = cell.source or "", cell.target
    w = sheet.wording
    own: list[str]
    if cell.table == "shapes" or (cell.table == "messages" and sheet.arrays):
        own = array_hints(cell, sheet)
    elif cell.table == "values":
        own = [f"{target} = {sheet.definition(target)}: put the values of what it reads into it.",
               f"That is {sheet.numbers(target) or sheet.definition(target)}."]  # fmt: skip
    elif cell.table == "local":
        own = [f"How fast does {source} move when only {target} moves, and everything else that {source} "
               f"reads stands still?", f"The rule of the box: {rule_words(cell, sheet)}."]  # fmt: skip
        if item.kind == "either" and not item.choices:
            own.append(
                f"Here {w.partial(source, target)} = {sheet.local(source, target)}: put in the values."
            )
    elif cell.table == "messages":
        part, up = w.partial(source, target), sheet.upstream(source)
        box = f"{source} = {sheet.definition(source)}"
        own = [f"What arrived at {source}, times the local {part} of the box {box}.",
               f"{up} arrived at {source}, and the local {part} is {sheet.local(source, target)}.",
               f"That is {up} {w.dot} {sheet.local(source, target)}, with "
               f"{sheet.local(source, target)} = {sheet.local_value(source, target)}."]  # fmt: skip
    elif cell.table == "tangent":
        rule, numbers, _ = sheet.tangent(source)
        own = [f"For each node that {source} reads: its local derivative, times how fast that node moves "
               f"with {target}. Add them up.", f"{w.partial(source, target)} = {rule}."]  # fmt: skip
        own += [f"That is {numbers}."] if numbers else []
    elif item.whole:
        reading = sheet.readers(target)
        own = [f"Walk back from {sheet.trace.output}, box by box: what arrived, times the local derivative.",
               f"{target} is read by {_listed(reading)}"
               + (": their messages add up." if len(reading) > 1 else ".")]  # fmt: skip
        parts = sheet.parts(target)
        own += [f"{_listed([f'{p} comes through {r}' for p, r in zip(parts, reading, strict=True)])}."]
    else:
        reading = sheet.readers(target)
        own = [f"Which boxes read {target}? What each of them sent to it adds up.",
               f"They are {_listed(reading)}.", f"That is {w.added(sheet.parts(target))}."]  # fmt: skip
    return [*(visible(hint) for hint in this.hints if _is_its_aim(cell, this)), *own]


#: How far along a question is: the hints that come with a formula are about the last that is asked for.
_FAR = {"values": 0, "shapes": 0, "local": 1}


def _is_its_aim(cell: Cell, this: Round) -> bool:
    """Is a question of the sort that all the others of its formula lead to?"""
    reached = [_FAR.get(item.cell.table, 2) for item in this.items]
    return _FAR.get(cell.table, 2) == max(reached)


#: An argument's letter in the line that describes an op. An a before other words is the article.
_ARGUMENT = re.compile(
    r"\ba\b(?! (?!(?:above|and|below|between|equals|first|holds|in|is|kept|or|over|to)\b)[a-z])|\b[bc]\b"
)


def _box_words(box: str, sheet: Sheet) -> str:
    """What a box does, over letters of its own: ``b = relu(x).  relu(u): max(0, u).``"""
    graph = sheet.trace.graph
    node = graph.nodes[graph.find(box) or 0]
    if node.op is None:
        return f"{box} = {sheet.definition(box)}."
    letters = letters_for(sheet, len(node.args))
    named = {p: letter.name for p, letter in zip(node.op.params(len(node.args)), letters, strict=True)}
    doc = _ARGUMENT.sub(lambda found: named.get(found[0], found[0]), node.op.doc)
    whole = over_letters(node, letters, sheet)
    return f"{box} = {sheet.definition(box)}.  {whole}: {doc}."


def reason(item: Item, sheet: Sheet) -> Iterator[str]:
    """Why the step is as it is, at this node."""
    cell, w = item.cell, sheet.wording
    source, target = cell.source or "", cell.target
    if cell.table == "gradient":
        reading = sheet.readers(target)
        if len(reading) > 1:
            yield (
                f"{target} is read by {_listed(reading)}. When {target} moves, {sheet.trace.output} moves "
                f"along each of these ways, and the movements add up: so do the messages."
            )
        yield f"A gradient is passed on once, when all messages are in; {target} has {_times(len(reading))}."
        return
    box = source or target
    if sheet.trace.graph.find(box) not in sheet.trace.graph.inputs.values():
        yield _box_words(box, sheet)
    if cell.table == "shapes" or (cell.table == "messages" and sheet.arrays):
        yield from array_reason(cell, sheet)
    elif cell.table == "values":
        yield "Forward, a box computes its value from the values it reads, and keeps it for the way back."
    elif cell.table == "local":
        yield (
            f"{rule_words(cell, sheet)}. It is a slope at the values of the forward pass, and knows "
            f"nothing of what comes after {source}."
        )
    elif cell.table == "messages":
        part = w.partial(source, target)
        yield f"{rule_words(cell, sheet)}. When {target} moves a little, " \
            f"{source} moves {part} (local) times that."  # fmt: skip
        if source == sheet.trace.output:
            yield f"{source} is the output itself: 1 arrives at it, and is multiplied by the local {part}."
        else:
            yield (
                f"When {source} moves, {sheet.trace.output} moves {sheet.upstream(source)} times that: "
                f"it is what arrived at {source}. So the two multiply."
            )
    else:
        yield (
            f"Forward mode carries how fast each node moves when {target} does: the same local "
            f"derivatives, from the inputs on."
        )
    told = [note for note in sheet.trace.notes or notes_of(sheet.trace, []) if note.node == box]
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
    words = words.rstrip(".")
    first = words.split(" ", 1)[0]
    return words if sheet.trace.graph.find(first) is not None else f"{words[:1].upper()}{words[1:]}"


def _wrong(found: Feedback, reply: Reply, sheet: Sheet) -> Iterator[Styled]:
    what = f": that is {_of_shape(reply.text)}" if found.item.cell.table == "shapes" else ""
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


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _times(count: int) -> str:
    return "one" if count == 1 else str(count)
