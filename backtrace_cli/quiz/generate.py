"""Formulas drawn for a learner: by topic and level, with friendly numbers, where mistakes show.

The same dice give the same formulas. A formula is a list of named boxes, one op each,
wired so that nothing is left unread and the number of forks is the level's.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from backtrace_cli.grading.statement import Statement
from backtrace_cli.quiz.card_keys import Key, could_be_made
from backtrace_cli.quiz.formulas.alike import at_point, structure
from backtrace_cli.quiz.formulas.boxes import lent
from backtrace_cli.quiz.formulas.grow import Grown, grown, read_frame
from backtrace_cli.quiz.formulas.points import friendly_points, graph_of
from backtrace_cli.quiz.formulas.topics import BOXES, TOPICS, Box, Topic
from backtrace_cli.quiz.questions import MOST_ASKED, Item, plan

__all__ = ["Draft", "draw", "keys_of"]


class _Size(NamedTuple):
    """How large the formulas of a level are."""

    steps: tuple[int, int]
    forks: int
    inputs: tuple[int, int]
    smooth: int
    """At most so many boxes whose values are seldom round."""


_SIZES = (
    _Size((2, 2), 0, (1, 2), 1),
    _Size((3, 3), 0, (2, 2), 1),
    _Size((4, 5), 1, (2, 2), 2),
    _Size((6, 6), 2, (2, 3), 2),
    _Size((8, 8), 3, (3, 3), 3),
)
_NAMES = "abcghmprst"
_INPUTS = "xyz"
#: Formulas drawn, and those of them looked at for a mistake, before a draw gives up.
_FORMULAS, _AIMED = 60, 12
#: Small formulas are few: after so many draws a known one will do, at another point.
_FRESH, _FRESH_FRAMES = 40, 12
#: … and after so many even the one that was asked about last.
_LAST = 50
#: Below this share of mistakes that show, another formula is drawn; behind a flat piece few show.
_SHARE, _SHARE_KINKED = 0.6, 0.25
#: Over arrays looking takes longer, and the learner waits: after so many formulas less is enough.
_PATIENCE, _SHARE_AT_LAST = 2, 0.4


class Draft(NamedTuple):
    """A formula at a point with its questions."""

    topic: str
    level: int
    statement: Statement
    items: list[Item]
    target: Key | None = None
    """The mistake it was made for."""


def draw(
    dice: random.Random, topic: str, level: int, *, seen: set[str] | frozenset[str] = frozenset(),
    most: int = MOST_ASKED, target: Key | None = None, last: str = "", whole: bool = True,
) -> Draft | None:  # fmt: skip
    """A formula of ``topic`` at ``level``, and at most ``most`` questions about it.

    It is none of those whose keys are in ``seen``; where all are, one of them at another point, and the
    one made like ``last`` only where there is no other. ``whole`` is that of plan.

    With a ``target`` every question is one at which that mistake would show; None where no
    such formula is found.

    >>> draft = draw(random.Random(3), "forks", 1)
    >>> len(draft.statement.trace.forks) >= 1, len(draft.items) >= 1
    (True, True)
    """
    subject = lent(TOPICS[topic], *target) if target else TOPICS[topic]
    aimed = refused = 0
    for tried in range(_FORMULAS):
        drawn = _formula(dice, subject, level, target)
        again = tried > (_FRESH_FRAMES if subject.frames else _FRESH)
        if drawn is None:
            continue
        made = structure(graph_of(drawn)) if seen else ""
        if seen and ((made in seen and not again) or (made == last and tried < _LAST)):
            continue
        if target is not None:
            if not could_be_made(graph_of(drawn), target):
                continue
            aimed += 1
            if aimed > _AIMED:
                break
        enough = _SHARE_KINKED if subject.kinked else _SHARE
        if drawn.shapes and refused >= _PATIENCE:
            enough = _SHARE_AT_LAST
        found = _at_best_point(dice, subject, level, drawn, most, target, enough, whole)
        refused += found is None
        if found is not None and keys_of(found[0])[1] not in seen:
            return Draft(topic, level, *found, target)
    return None


def keys_of(statement: Statement) -> tuple[str, str]:
    """What tells a drawn formula from others: how it is made, and that with its numbers."""
    return structure(statement.graph), at_point(statement.graph, statement.at)


# -- the formula ---------------------------------------------------------------------


def _formula(dice: random.Random, topic: Topic, level: int, target: Key | None) -> Grown | None:
    """A formula; None where the drawn boxes can't be wired, or none is the target's."""
    size = _SIZES[level - 1]
    if topic.frames:
        return _framed(dice, topic, level, target)
    op = target[1] if target is not None else ""
    if topic.arrays:
        return grown(dice, topic, level, op)
    forks = size.forks + topic.forks
    if level == 2 and dice.random() < 0.5:
        forks += 1
    inputs = dice.randint(*size.inputs)
    if not any(box.pair for box in topic.own):
        inputs = 1 if level == 1 else inputs
    elif forks == 0:
        inputs = max(inputs, 2)
    steps = max(dice.randint(*size.steps), inputs - 1 + forks + (level > 1))
    joins = inputs - 1 + forks
    sorts = ["fork"] * forks + ["join"] * (inputs - 1) + ["one"] * (steps - joins)
    dice.shuffle(sorts)
    boxes = _boxes(dice, topic, level, sorts, op, size.smooth)
    if boxes is None:
        return None
    text = _wired(dice, sorts, boxes, inputs)
    return None if text is None else Grown(text, {})


def _framed(dice: random.Random, topic: Topic, level: int, target: Key | None) -> Grown | None:
    """A formula that is always wired the same, with other activations, names, shapes and numbers.

    Where in no frame of the level the target could be made, the next level that has one lends it.
    """
    squashes = [BOXES[name].op for name in ("sigmoid", "tanh", "relu", "softplus")]
    first, second = dice.sample(squashes, 2)
    number = dice.choice((2, 4, 5))
    rows = [topic.frames[level - 1], *topic.frames[level:], *reversed(topic.frames[: level - 1])]
    for frames in rows if target else rows[:1]:
        for frame in dice.sample(frames, len(frames)):
            inputs = list(_INPUTS[:3] if "{k}" in frame else _INPUTS[:2])
            dice.shuffle(inputs)
            names = dict(zip(("i", "j", "k"), inputs, strict=False))
            found = read_frame(dice, frame.format(s=first, t=second, n=number, **names))
            if target is None or could_be_made(graph_of(found), target):
                return found
    return None


def _boxes(
    dice: random.Random, topic: Topic, level: int, sorts: list[str], op: str, smooth: int
) -> list[Box] | None:
    """A box for each step, at least every second one of the topic's own; None where that can't be."""
    about = [box for box in topic.own if box.level <= level or box.op == op] or topic.own
    base = [box for box in topic.filling if box.level <= level]
    chosen: list[Box] = []
    own = dice.sample(range(len(sorts)), (len(sorts) + 1) // 2)
    for place, sort in enumerate(sorts):
        pool = [box for box in (about if place in own else base) if box.pair == (sort != "one")]
        pool = pool or [box for box in (*about, *base) if box.pair == (sort != "one")]
        if sum(box.smooth for box in chosen) >= smooth:
            pool = [box for box in pool if not box.smooth] or pool
        fresh = [box for box in pool if box not in chosen]
        varied = topic.kinked or dice.random() < 0.7  # relu of relu asks nothing new
        chosen.append(dice.choice(fresh if fresh and varied else pool))
    _with_lent(dice, topic, sorts, chosen)
    ops = {box.op for box in chosen}
    if (op and op not in ops) or not ops & {box.op for box in about}:
        return None
    return chosen if sum(box.smooth for box in chosen) <= smooth else None


def _with_lent(dice: random.Random, topic: Topic, sorts: list[str], chosen: list[Box]) -> None:
    """Put a box that the topic was lent in the place of another, where chance has not."""
    for box in topic.lent:
        places = [place for place, sort in enumerate(sorts) if box.pair == (sort != "one")]
        if box not in chosen and places:
            chosen[dice.choice(places)] = box


def _wired(dice: random.Random, sorts: list[str], boxes: list[Box], inputs: int) -> str | None:
    """The boxes wired: ``one`` reads a loose end, ``join`` two, ``fork`` one and a node read before."""
    loose = list(_INPUTS[:inputs])
    read: list[str] = []
    lines: list[str] = []
    todo = list(zip(sorts, boxes, strict=True))
    while todo:
        place = next(
            (i for i, (sort, _) in enumerate(todo) if sort != "fork" or set(read) - set(loose)), None
        )
        if place is None:
            return None
        sort, box = todo.pop(place)
        left = loose.pop(dice.randrange(len(loose)))
        pair = [left]
        if sort == "join":
            pair.append(loose.pop(dice.randrange(len(loose))))
        elif sort == "fork":
            pair.append(dice.choice([name for name in read if name != left]))
        dice.shuffle(pair)
        name = "f" if not todo else _NAMES[len(lines)]
        lines.append(f"{name} = {box.text.format(a=pair[0], b=pair[-1], n=dice.choice((2, 3, 4, 5)))}")
        read += [one for one in pair if one not in read]
        loose.append(name)
    return "; ".join(lines) if len(loose) == 1 else None


# -- the point -------------------------------------------------------------------------


def _at_best_point(
    dice: random.Random, topic: Topic, level: int, drawn: Grown, most: int, target: Key | None,
    enough: float, whole: bool,
) -> tuple[Statement, list[Item]] | None:  # fmt: skip
    """The formula at the point at which most mistakes show, and its questions; None below ``enough``."""
    seed = dice.getrandbits(32)
    best: tuple[float, Statement, list[Item]] | None = None
    for point in friendly_points(dice, topic, level, drawn):
        statement = Statement(drawn.formula, point)
        items = plan(statement, topic, level, random.Random(seed), most, target, whole)
        items = [item for item in items if item.cell.target not in drawn.chosen]  # nobody moves a label
        if not items:
            continue
        if target is not None:
            return statement, items  # the one mistake shows, and that is enough
        share = sum(item.slips.share for item in items if item.slips) / len(items)
        if best is None or share > best[0]:
            best = share, statement, items
        if share > 0.95:
            break
    return best[1:] if best is not None and best[0] >= enough else None
