"""A box for any op that somebody's own formula may hold, so that what is promised can come back.

The topics declare the boxes that formulas are made of. For every other op its own
declaration says how it is written, what it reads and what it gives; a topic is lent that box.
"""

from __future__ import annotations

from functools import lru_cache

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.language.tree.syntax import Call, Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.catalogue import BY_NAME
from backtrace_cli.ops import OPS, Op
from backtrace_cli.quiz.formulas.topics import BOXES, LEVELS, Box, Topic

__all__ = ["box_for", "can_be_drawn", "lent", "narrow"]

#: What stands for the arguments in a box's text.
_HOLES = (Name("{a}"), Name("{b}"), Name("{n}"))
#: What a vector and a matrix are called in the axes of a box.
_VECTOR, _MATRIX = {2: "i"}, {2: "i", 3: "j"}
#: A box of two arguments that works entry by entry, where one of them is spread over the other.
_SPREAD = "ij,j->ij|j,ij->ij|i,->i|,i->i"
#: Formulas that can be read with other brackets, which boxes with a name each cannot.
_READ = ("f = ({i} + {j})*{k}", "f = {i} - ({j} - {k})", "f = -{i}^2 + {j}", "f = ({i} - {j})^2",
         "f = {i}/({j}*{k})", "f = {n}*{i}^2 + {j}")  # fmt: skip


@lru_cache(maxsize=256)
def box_for(op: str) -> Box | None:
    """The box of ``op``: one that the topics declare, or one that its declaration makes; None for neither.

    >>> box_for("atan").text, box_for("negative").text, box_for("prod").axes
    ('atan({a})', '-{a}', 'i->|ij->')
    >>> box_for("stack") is None
    True
    """
    return next((box for box in BOXES.values() if box.op == op), None) or _declared(op)


def _declared(op: str) -> Box | None:
    """The box that the declaration of ``op`` makes."""
    found = OPS.get(op)
    if found is None or found.internal or found.called != op or () in found.option_defaults:
        return None  # which place is the formula's own affair
    count = 2 if found.variadic else found.arity - len(found.defaults)
    if count > len(_HOLES) or (found.variadic and found.mixes) or found.stops:
        return None
    if not found.mixes:
        axes = "i->i|ij->ij" if count == 1 else f"i,i->i|ij,ij->ij|{_SPREAD}" * (count == 2)
    else:
        axes = "|".join(_axes(found, count, letters) for letters in (_VECTOR, _MATRIX)).strip("|")
    if found.mixes and not (axes and any(found.sends(slot) for slot in range(count))):
        return None
    return Box(op, to_text(Call(op, _HOLES[:count]), ascii=True), 1, found.fraction is None, axes)


def _axes(op: Op, count: int, letters: dict[int, str]) -> str:
    """How the op's shapes go together where it reads arrays of these sizes; empty where it doesn't."""
    assert op.shape is not None
    try:
        given = op.shape(*[tuple(letters)] * count, *op.option_defaults)
    except (ShapeError, TypeError, ValueError):
        return ""
    if not set(given) <= set(letters):
        return ""  # kron's sizes, or a repetition's, are none of those that it reads
    return f"{','.join([''.join(letters.values())] * count)}->{''.join(letters[size] for size in given)}"


def can_be_drawn(op: str) -> bool:
    """Can a fresh formula be drawn that holds ``op``? No op at all is about adding up.

    >>> can_be_drawn("atan"), can_be_drawn(""), can_be_drawn("reshape")
    (True, True, False)
    """
    return not op or box_for(op) is not None


def lent(topic: Topic, mistake: str, op: str) -> Topic:
    """``topic`` with what it lacks for a mistake at ``op`` to show in one of its formulas.

    >>> from backtrace_cli.quiz.formulas.topics import TOPICS
    >>> [box.op for box in lent(TOPICS["forks"], "sign", "atan").own][-1]
    'atan'
    """
    entry = BY_NAME.get(mistake)
    if entry is not None and entry.regroups:
        return topic._replace(frames=(_READ,) * LEVELS)
    spread = topic.arrays and entry is not None and entry.spreads and op in OPS and not OPS[op].mixes
    if not op or any(box.op == op and not (spread and not set(box.axes.split("|")) & _SPREADS)
                     for box in topic.boxes):  # fmt: skip
        return topic
    box = _declared(op) if topic.arrays else box_for(op)
    if box is None:
        return topic
    return topic._replace(lent=(box._replace(axes=_SPREAD) if spread else box,))


#: The same as a set.
_SPREADS = set(_SPREAD.split("|"))


def narrow(op: Op) -> bool:
    """Is an op without a value, or without a slope, at points that are whole numbers?

    >>> narrow(OPS["asin"]), narrow(OPS["floor"]), narrow(OPS["atan"])
    (True, True, False)
    """
    return op.domain is not None or any(kink.kind != "limit" for kink in op.kinks)
