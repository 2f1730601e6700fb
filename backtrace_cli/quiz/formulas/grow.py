"""Formulas over arrays, grown from the output down: every box is asked for by the shape it has to give.

A pattern such as ``ij,j->i`` says which shapes a box takes for the one that it gives.
So whatever is grown fits, and nothing of it is left unread.
"""

from __future__ import annotations

import random
from math import prod
from typing import NamedTuple

from backtrace_cli.ops import OPS
from backtrace_cli.quiz.formulas.topics import Box, Topic

__all__ = ["Grown", "grown", "read_frame"]

Shape = tuple[int, ...]

#: By level: boxes, forks, and the most inputs.
_STEPS = ((2, 2), (3, 3), (4, 4), (5, 5), (6, 7))
_FORKS = (0, 0, 1, 1, 2)
_MOST_INPUTS = (2, 3, 3, 4, 4)
#: No array of a drawn formula has more entries than this, …
_MOST_ENTRIES = 6
#: … nor does a formula have more boxes than this whose values are seldom round, by level.
_SMOOTH = (0, 1, 1, 1, 2)
#: Up to this level shapes are asked for, and a shape is best seen where no two sides are the same.
_SHAPED = 2
#: A mistake shows best where its shapes fit: so often all sizes are the same when one is looked for.
_SQUARE = 0.75
#: By number of axes: what inputs are called, and what boxes are called. The output is L; nothing is called
#: like a command, as q is, so that whoever types it to leave does leave.
_INPUTS = ("stk", "xyuvz", "WXABM")
_NAMES = ("mnjlo", "abchpdr", "HPNRSZK")


class Grown(NamedTuple):
    """A formula and the shapes of its inputs."""

    formula: str
    shapes: dict[str, Shape]
    """Empty for a formula of numbers."""
    chosen: frozenset[str] = frozenset()
    """Inputs of which one entry is 1 and the others are 0: labels."""


class _Made:
    """One box while it is grown: what it reads is filled in later."""

    def __init__(self, box: Box, shape: Shape, reads: list[Shape]) -> None:
        self.box, self.shape, self.reads = box, shape, reads
        self.args: list[_Made | str | None] = [None] * len(reads)

    def above(self, other: _Made) -> bool:
        """Does this box read ``other``, at once or by way of others?"""
        return any(isinstance(arg, _Made) and (arg is other or arg.above(other)) for arg in self.args)


def read_frame(dice: random.Random, text: str) -> Grown:
    """A frame: before the bar the inputs with their axes, a * for a label; letters get sizes.

    >>> read_frame(random.Random(2), "W=ij x=j t=i* | y = W @ x; L = y @ t").shapes
    {'W': (2, 2), 'x': (2,), 't': (2,)}
    """
    declared, bar, formula = text.rpartition("|")
    if not bar:
        return Grown(formula, {})
    sizes: dict[str, int] = {}
    shapes: dict[str, Shape] = {}
    for part in declared.split():
        name, _, axes = part.partition("=")
        for axis in axes.rstrip("*"):
            sizes.setdefault(axis, dice.choice((2, 3)) if 3 not in sizes.values() else 2)
        shapes[name] = tuple(sizes[axis] for axis in axes.rstrip("*"))
    chosen = frozenset(part.partition("=")[0] for part in declared.split() if part.endswith("*"))
    return Grown(formula.strip(), shapes, chosen)


def grown(dice: random.Random, topic: Topic, level: int, op: str) -> Grown | None:
    """A formula of ``topic`` that ends in a number; None where the dice led nowhere, or not to ``op``."""
    boxes = [box for box in topic.boxes if box.level <= level or box.op == op]
    about = topic.own
    smooth = max(_SMOOTH[level - 1], bool(op))
    sizes = (2,) if op and dice.random() < _SQUARE else (2, 2, 3)
    rules = _Rules(
        boxes, about, topic.arrays, smooth, sizes, topic.arrays > 1 and level <= _SHAPED and not op
    )
    made = _boxes(dice, rules, dice.randint(*_STEPS[level - 1]))
    if made is None or not any(one.box in about or one.box.op == op for one in made):
        return None
    inputs = _closed(dice, made, _FORKS[level - 1], _MOST_INPUTS[level - 1])
    if inputs is None or (op and all(one.box.op != op for one in made)):
        return None
    shapes = [*inputs.values(), *(one.shape for one in made)]
    if max(map(len, shapes)) != topic.arrays or max(map(prod, shapes)) > _MOST_ENTRIES:
        return None
    return Grown(_written(dice, made), inputs)


class _Rules(NamedTuple):
    """What boxes may be grown."""

    boxes: list[Box]
    about: list[Box]
    axes: int
    smooth: int
    sizes: tuple[int, ...]
    apart: bool
    """Has a matrix that is multiplied by a vector sides of different sizes?"""


def _boxes(dice: random.Random, rules: _Rules, steps: int) -> list[_Made] | None:
    """So many boxes from the output down, each giving a shape that is asked for."""
    made: list[_Made] = []
    open_: list[tuple[_Made | None, int, Shape]] = [(None, 0, ())]
    while len(made) < steps:
        parent, slot, shape = open_.pop(dice.randrange(len(open_)))
        last = len(made) == steps - 1
        found = [
            (box, reads, gives)
            for box in rules.boxes
            for reads, gives in _patterns(box)
            if len(gives) == len(shape) and max(map(len, reads)) <= rules.axes
            and not (shape == () and not any(reads) and (last or parent is not None))
            and not (box.smooth and sum(one.box.smooth for one in made) >= rules.smooth)
            and not (parent is not None and parent.box is box and not box.pair)
        ]  # fmt: skip
        own = [one for one in found if one[0] in rules.about]
        if not found:
            return None
        box, reads, gives = dice.choice(own if own and dice.random() < 0.6 else found)
        sizes = dict(zip(gives, shape, strict=True))
        for axis in "".join(reads):
            if axis not in sizes:
                size = 2 if 3 in sizes.values() else dice.choice(rules.sizes)
                if rules.apart and len(gives) == 1 and sizes:
                    size = 2 if 3 in sizes.values() else 3
                sizes[axis] = _size(box, "".join(reads), gives, size)
        one = _Made(box, shape, [tuple(sizes[axis] for axis in read) for read in reads])
        made.append(one)
        if parent is not None:
            parent.args[slot] = one
        open_ += [(one, place, read) for place, read in enumerate(one.reads)]
    return made


#: Under a mean of two entries what is forgotten is as good as what is doubled, so there are this many.
_MOST = 3


def _size(box: Box, reads: str, gives: str, size: int) -> int:
    """``size``, or more for the entries of a list under a mean, or of the rows of a matrix."""
    return _MOST if OPS[box.op].averages and len(set(reads) - set(gives)) == 1 else size


def _patterns(box: Box) -> list[tuple[list[str], str]]:
    """What a box takes for what it gives, for each way to read its axes."""
    ways = [way.split("->") for way in box.axes.split("|") if way]
    return [(takes.split(","), gives) for takes, gives in ways]


def _closed(dice: random.Random, made: list[_Made], forks: int, most: int) -> dict[str, Shape] | None:
    """Read inputs, or nodes a second time, wherever something is still asked for; the inputs."""
    inputs: dict[str, Shape] = {}
    names = [list(row) for row in _INPUTS]
    todo = [(one, slot) for one in made for slot, arg in enumerate(one.args) if arg is None]
    dice.shuffle(todo)
    for one, slot in todo:
        shape = one.reads[slot]
        again: list[_Made | str] = [n for n, known in inputs.items() if known == shape and n not in one.args]
        again += [
            other
            for other in made[1:]
            if other.shape == shape and other is not one and other not in one.args and not other.above(one)
        ]
        if again and (forks or len(inputs) >= most):
            one.args[slot] = dice.choice(again)
            forks = max(0, forks - 1)
        elif len(inputs) < most and names[len(shape)]:
            name = names[len(shape)].pop(0)
            inputs[name] = shape
            one.args[slot] = name
        else:
            return None
    return None if forks else inputs


def _written(dice: random.Random, made: list[_Made]) -> str:
    """The boxes as named lines, each after what it reads."""
    order: list[_Made] = []
    waiting = list(made)
    while waiting:
        one = next(
            w for w in reversed(waiting) if all(not isinstance(arg, _Made) or arg in order for arg in w.args)
        )
        waiting.remove(one)
        order.append(one)
    pools = [list(row) for row in _NAMES]
    names: dict[int, str] = {id(made[0]): "L"}
    lines = []
    for one in order:
        name = names.setdefault(id(one), pools[len(one.shape)].pop(0) if one is not made[0] else "L")
        args = [names[id(arg)] if isinstance(arg, _Made) else str(arg) for arg in one.args]
        text = one.box.text.format(a=args[0], b=args[-1], n=dice.choice((2, 3, 4)))
        lines.append(f"{name} = {text}")
    return "; ".join(lines)
