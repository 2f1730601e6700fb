"""Questions made from a trace: which cells are asked for, and where typing would be tedious, choices.

Wrong choices come from the mistakes of the catalogue, replayed by the engine, and
each is judged wrong before it is offered.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import NamedTuple

from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.engine.trace import local_expression
from backtrace_cli.grading.statement import Statement
from backtrace_cli.language.tree.simplify import simplify, substitute
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.catalogue import BY_NAME
from backtrace_cli.mistakes.places.fault import Edge
from backtrace_cli.ops import text_rule
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.quiz.array_messages import finite, message_tree, wrong_message_tree
from backtrace_cli.quiz.card_keys import Key, box_of
from backtrace_cli.quiz.formulas.boxes import box_for
from backtrace_cli.quiz.formulas.topics import Topic
from backtrace_cli.quiz.judge import RIGHT, WRONG, exercise_for, judged
from backtrace_cli.quiz.slips import Slip, Slips, made_at_a_step
from backtrace_cli.readings.cells import Arrow, Cell, arrows, cells, tangent_cells, with_shapes
from backtrace_cli.readings.questions import KINDS, edges

__all__ = ["LETTERS", "Choice", "Item", "item_for", "plan", "wrong_text"]

#: No more questions than this are asked about one generated formula.
MOST_ASKED = 6
#: The chance that a whole partial is asked for in one go, by level.
_WHOLE = (0.2, 0.25, 0.35, 0.45, 0.5)
#: From 2 wrong choices on, a choice is offered, and no more than 3.
_FEWEST, _MOST_WRONG = 2, 3
#: What choices are called, in the order of preference. A q would leave.
LETTERS = ("ABCD", "JKLM", "RSTU", "WXYZ", "FGHI")


class Choice(NamedTuple):
    """One of several answers to choose from."""

    text: str
    slip: Slip | None
    """The mistake that leads to it; None for the right one."""


class Item(NamedTuple):
    """One question."""

    cell: Cell
    kind: str = "either"
    """``either`` a number or a formula; ``expressions`` for a formula."""
    whole: bool = False
    """Is a whole partial asked for, without the messages that lead to it?"""
    choices: tuple[Choice, ...] = ()
    slips: Slips | None = None
    part: tuple[int, ...] = ()
    """Which row or entry of an array is asked for; () for all of it."""

    @property
    def letters(self) -> str:
        """The letters of the choices: none of them is a name of the formula, which would be an answer."""
        names = self.slips.statement.names if self.slips is not None else frozenset[str]()
        free = (row for row in LETTERS if not any(c in names or c.lower() in names for c in row))
        return next(free, LETTERS[0])[: len(self.choices)]

    @property
    def exposes(self) -> tuple[Key, ...]:
        """The mistakes that would show in an answer; of a choice, those that it offers."""
        if self.choices:
            return tuple(dict.fromkeys(choice.slip.key for choice in self.choices if choice.slip is not None))
        return self.slips.exposed() if self.slips is not None else ()


def item_for(
    statement: Statement, cell: Cell, kind: str = "either", whole: bool = False,
    dice: random.Random | None = None,
) -> Item:  # fmt: skip
    """The question for one cell; with ``dice`` as a choice, where there are enough wrong ones.

    Of an array that is tedious to type, a row or an entry is enough.
    """
    if dice is not None:
        slips = Slips(statement, cell, whole)
        offered = _choices(statement, cell, slips, dice)
        if offered:
            return Item(cell, "either", whole, offered, slips)
    part = _enough(statement, cell) if kind == "either" else ()
    return Item(cell, kind, whole, (), Slips(statement, cell, whole, part), part)


#: A matrix (or a vector) with more entries than this is tedious to type.
_TEDIOUS, _TEDIOUS_ROW = 4, 6


def _enough(statement: Statement, cell: Cell) -> tuple[int, ...]:
    """The row or the entry that is enough of an answer; () for all of it."""
    if not statement.arrays or not cell.kind.numeric:
        return ()
    shape = shape_of(statement.says(cell, statement.trace))
    turn = statement.graph.find(cell.target) or 0
    if math.prod(shape) <= (_TEDIOUS if len(shape) > 1 else _TEDIOUS_ROW):
        return ()
    if len(shape) == 2 and shape[1] <= _TEDIOUS_ROW:
        return (turn % shape[0],)
    return tuple((turn + place) % size for place, size in enumerate(shape))


def plan(
    statement: Statement, topic: Topic, level: int, dice: random.Random, most: int = MOST_ASKED,
    target: Key | None = None, whole: bool = True,
) -> list[Item]:  # fmt: skip
    """The questions about one formula, in order; none where it offers nothing to ask in this topic.

    A partial may be asked for in one go where ``whole`` allows it.

    With a ``target``, only questions at which that mistake would show, and none to choose
    from: whether somebody still makes a mistake is seen where nothing is offered.
    """
    if target is not None:
        return _aimed(statement, topic, level, dice, target, min(most, 3))
    if "whole" in topic.asks and dice.random() < _WHOLE[level - 1] and whole:
        return [_whole(statement, None if level > 3 else dice)]
    asked = [cell for cell in _wanted(statement, topic, level, target) if _answerable(statement, cell)]
    keep = set(_some(statement, asked, level, min(most, MOST_ASKED), dice))
    return [_item(statement, topic, level, cell, dice) for cell in asked if cell in keep]


def _aimed(
    statement: Statement, topic: Topic, level: int, dice: random.Random, target: Key, most: int
) -> list[Item]:
    """Questions at which the mistake ``target`` would show: single steps, or else a whole partial."""
    items: list[Item] = []
    single = made_at_a_step(statement.graph, target)
    for cell in _wanted(statement, topic, level, target) if single else ():
        if _answerable(statement, cell) and len(items) < most:
            item = _item(statement, topic, level, cell, dice, typed=True)
            items += [item] if target in item.exposes else []
    if items or "tangent" in topic.asks:
        return items
    whole = _whole(statement, None)
    return [whole] if target in whole.exposes else []


def _wanted(statement: Statement, topic: Topic, level: int, target: Key | None) -> list[Cell]:
    trace = statement.trace
    if "tangent" in topic.asks:
        reach = {name: list(tangent_cells(trace, name)) for name in statement.graph.inputs}
        return max(reach.values(), key=len)
    tables = set(topic.asks)
    if target is not None:
        tables = {"local", "messages", "gradient"} if target[1] else {"values", "gradient"}
    if level >= 3 and target is None:  # a bigger step: the local derivative is part of the message
        tables = {name for name in tables if name not in KINDS or KINDS[name].part_of not in tables}
    about = {box.op for box in topic.own} if target is None else {target[1]}
    forks = {arrow.target for arrow in arrows(trace) if arrow.of > 1}
    found = []
    for cell in _with_shapes_asked(statement, topic, level, target):
        own = bool(target[1]) if target is not None else topic.only_about
        if cell.table not in tables or (own and not cell.kind.is_sum and _off(statement, cell, about)):
            continue
        if cell.kind.is_rule and (topic.name != "local" or level > 1) and _plain(statement, cell):
            continue
        to_fork = statement.graph.find(cell.target) in forks
        if topic.name == "forks" and cell.kind.on_edge and not to_fork and target is None:
            continue
        found.append(cell)
    return found


def _with_shapes_asked(statement: Statement, topic: Topic, level: int, target: Key | None) -> list[Cell]:
    """The cells of the sheet; on the first levels, before those of boxes that mix entries, their shapes."""
    found = list(cells(statement.trace))
    if "shapes" not in topic.asks or level > 2 or target is not None or not statement.arrays:
        return found
    graph = statement.graph
    mixing = {graph.name(n.index) for n in graph.nodes if n.op is not None and n.op.mixes}
    shapes = [
        Cell("shapes", *cell[1:])
        for cell in found
        if (cell.kind.is_value or cell.kind.is_sent) and statement.shape(cell.target)
        and (cell.source or cell.target) in mixing
    ]  # fmt: skip
    return with_shapes(found, shapes)


def _off(statement: Statement, cell: Cell, about: set[str]) -> bool:
    return box_of(statement.graph, cell) not in about


def _plain(statement: Statement, cell: Cell) -> bool:
    """Is the local derivative 1 or −1 whatever the point, so that there is nothing to ask?"""
    return to_text(_local(statement, cell), ascii=True) in ("1", "-1")


def _local(statement: Statement, cell: Cell) -> Expr:
    graph = statement.graph
    source, target = graph.find(cell.source or ""), graph.find(cell.target)
    sent = next(s for s in statement.trace.sent if (s.source, s.target) == (source, target))
    return local_expression(graph, sent)


def _answerable(statement: Statement, cell: Cell) -> bool:
    return not cell.kind.numeric or finite(statement.says(cell, statement.trace))


#: From this level on a product with 1 is not asked for, if so many other questions are left.
_NO_ONES, _OTHERS = 3, 2


def _some(
    statement: Statement, asked: list[Cell], level: int, most: int, dice: random.Random
) -> Iterable[Cell]:
    """At most ``most`` of the cells: sums at forks first, then what is worth most asking."""
    rest = [cell for cell in asked if not cell.kind.is_sum]
    dull = {cell for cell in rest if _dull(statement, cell)}
    if level >= _NO_ONES and len(asked) - len(dull) >= _OTHERS:
        asked = [cell for cell in asked if cell not in dull]
    if len(asked) <= most:
        return asked
    sums = [cell for cell in asked if cell.kind.is_sum][:most]
    rest = [cell for cell in asked if not cell.kind.is_sum]
    mixed = dice.sample(rest, len(rest))
    worth = [cell for cell in mixed if cell not in dull and _worth_most(statement, cell)]
    mixed = worth + [cell for cell in mixed if cell not in worth]
    return sums + mixed[: most - len(sums)]


def _worth_most(statement: Statement, cell: Cell) -> bool:
    """Is it a message over arrays to an input: what the shapes before it lead to?"""
    return statement.arrays and cell.kind.is_sent and cell.target in statement.graph.inputs


def _dull(statement: Statement, cell: Cell) -> bool:
    """Is a message a product with 1, so that there is nothing to work out?"""
    if statement.arrays or not cell.kind.is_sent:
        return False
    sents = next(a.sents for a in arrows(statement.trace) if _names_of(statement, a) == cell[1:])
    return len(sents) == 1 and 1 in (abs(float(sents[0].upstream)), abs(float(sents[0].local)))


def _item(
    statement: Statement, topic: Topic, level: int, cell: Cell, dice: random.Random, typed: bool = False
) -> Item:
    if statement.arrays and cell.kind.is_sent and not typed and level <= 4 and dice.random() < 0.5:
        return item_for(statement, cell, dice=dice)
    if not cell.kind.is_rule or _plain(statement, cell):
        return item_for(statement, cell)
    box = box_for(box_of(statement.graph, cell))
    smooth = box is not None and box.smooth
    long = smooth or box_of(statement.graph, cell) == "divide"
    if long and level <= 2 and not typed and dice.random() < 0.6:
        return item_for(statement, cell, dice=dice)
    formula = topic.name == "local" and level >= 2 and dice.random() < 0.4
    return item_for(statement, cell, "expressions" if formula else "either")


def _whole(statement: Statement, dice: random.Random | None) -> Item:
    """∂output/∂x in one go, for the variable at which most messages arrive."""
    counts = statement.trace.back.counts if statement.trace.back else []
    inputs = statement.graph.inputs
    name = max(inputs, key=lambda name: (counts[inputs[name]], name))
    return item_for(statement, Cell("gradient", None, name), whole=True, dice=dice)


# -- choices ---------------------------------------------------------------------------


def _choices(statement: Statement, cell: Cell, slips: Slips, dice: random.Random) -> tuple[Choice, ...]:
    """The right answer among wrong ones; none where the catalogue has too few for this cell."""
    exercise = exercise_for(statement)
    right = _right_text(statement, cell)
    if right is None or judged(exercise, cell, right).verdict != RIGHT:
        return ()
    offered = [Choice(right, None)]
    pool = list(slips.shown)
    dice.shuffle(pool)
    pool.sort(key=lambda slip: not BY_NAME[slip.fault.mistake].at)  # what is special about arrays, first
    mistakes: set[str] = set()
    for slip in pool:
        text = wrong_text(statement, cell, slip)
        if text is None or slip.fault.mistake in mistakes or text in (one.text for one in offered):
            continue
        if judged(exercise, cell, text).verdict == WRONG:
            offered.append(Choice(text, slip))
            mistakes.add(slip.fault.mistake)
        if len(offered) > _MOST_WRONG:
            break
    dice.shuffle(offered)
    return tuple(offered) if len(offered) > _FEWEST else ()


def _right_text(statement: Statement, cell: Cell) -> str | None:
    over_arrays = statement.arrays and cell.kind.is_sent
    if not cell.kind.is_rule and not over_arrays:
        return numeral(statement.says(cell, statement.trace))
    if _edge(statement, cell) is None:
        return None  # parallel edges have a sum for a local derivative
    return to_text(_sent_as(statement, cell) if over_arrays else _local(statement, cell))


def _sent_as(statement: Statement, cell: Cell) -> Expr:
    """A message over arrays as an expression."""
    arrow = next(a for a in arrows(statement.trace) if _names_of(statement, a) == cell[1:])
    return message_tree(statement.graph, arrow.sents)


def _names_of(statement: Statement, arrow: Arrow) -> tuple[str, str]:
    return statement.graph.name(arrow.source), statement.graph.name(arrow.target)


def _edge(statement: Statement, cell: Cell) -> Edge | None:
    """The one edge that a cell is about; None where there are several."""
    found = edges(statement.graph, cell)
    return found[0] if len(found) == 1 else None


def wrong_text(statement: Statement, cell: Cell, slip: Slip) -> str | None:
    """What somebody would write who made that mistake."""
    if not cell.kind.numeric:
        return sides(slip.value).strip("()") or "()"
    over_arrays = statement.arrays and cell.kind.is_sent
    if not cell.kind.is_rule and not over_arrays:
        return numeral(slip.value) if finite(slip.value) else None
    if over_arrays:
        edge = _edge(statement, cell)
        tree = wrong_message_tree(statement.graph, slip.fault, edge) if edge is not None else None
        return to_text(tree) if tree is not None else None
    graph = statement.graph
    source, target = graph.find(cell.source or ""), graph.find(cell.target)
    if source is None or target is None or slip.fault.moved:
        return None
    node = graph.nodes[source]
    text = next((text for (at, slot), text in slip.fault.wrong
                 if at == source and node.args[slot] == target), None)  # fmt: skip
    if text is None or node.op is None:
        return None
    names = dict(zip(node.op.params(len(node.args)), map(graph.term, node.args), strict=True))
    names["out"] = graph.term(source)
    return to_text(simplify(substitute(text_rule(node.op, text, len(node.args)), names)))
