"""The ways in which engines walk back, the wrong ones among them: in which order, and how they add up.

backtrace's own walk visits a box once, when all its messages are in. What a message is comes from the very
rules of that walk (with a mistake in them, where one is planted); only who sends when, and whether a
message is added or written over, is told here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import Rules
from backtrace_cli.graph import Graph, Node

__all__ = ["ORDERS", "Walk", "walked"]

#: Who sends: a box, and along which of its slots (None: all).
Visit = tuple[int, int | None]
#: A walk of more visits is not followed to its end.
_MOST_VISITS = 5_000


class Walk(NamedTuple):
    """How an engine walks back; by default as it should."""

    order: str = "sorted"
    """A key of ORDERS."""
    written: tuple[tuple[str, int], ...] = ()
    """(op, slot) whose messages are written over what was there; ("", −1) for all."""
    once: str = ""
    """A box that reads a value twice sends it one message, the ``first`` or the ``last``."""
    shared: bool = False
    """Is what is passed on unchanged the same array, and added to in place?"""
    broadcast: str = ""
    """What was broadcast is summed over ``none`` of its axes, over those in ``front`` alone, or averaged
    over all of them (``averaged``) or over those in front (``averaged in front``)."""
    unread: tuple[tuple[str, int], ...] = ()
    """(op, slot) that the search does not follow: what is read there is not found that way."""
    unseeded: bool = False
    """Is the output's gradient left at 0?"""
    rounds: str = ""
    """What becomes of a second walk: a key of what ``walked`` knows of it."""

    def beside(self, other: Walk) -> Walk | None:
        """Both at once; None where they contradict each other."""
        if any(a != b and a != c and b != c for a, b, c in zip(self, other, Walk(), strict=True)):
            return None
        changed = {
            field: value for field, value in other._asdict().items() if value != getattr(Walk(), field)
        }
        return self._replace(**changed)


# -- who sends when ---------------------------------------------------------------


def _sorted(graph: Graph) -> Iterator[Visit]:
    yield from ((node.index, None) for node in reversed(graph.nodes))


def _postorder(graph: Graph, turned: bool = False) -> list[int]:
    """Every box after what it reads, as a depth-first search from the output leaves them."""
    found: list[int] = []
    seen = {graph.output}
    stack: list[tuple[int, Iterator[int]]] = [(graph.output, _read(graph, graph.output, turned))]
    while stack:
        index, rest = stack[-1]
        child = next((one for one in rest if one not in seen), None)
        if child is None:
            found.append(index)
            stack.pop()
        else:
            seen.add(child)
            stack.append((child, _read(graph, child, turned)))
    return found


def _read(graph: Graph, index: int, turned: bool) -> Iterator[int]:
    args = graph.nodes[index].args
    return iter(args[::-1] if turned else args)


def _searched(graph: Graph, turned: bool = False) -> Iterator[Visit]:
    yield from ((index, None) for index in reversed(_postorder(graph, turned)))


def _forwards(graph: Graph) -> Iterator[Visit]:
    yield from ((index, None) for index in _postorder(graph))


def _preorder(graph: Graph, turned: bool = False) -> Iterator[Visit]:
    """Depth first, a box as soon as it is met, and once."""
    seen: set[int] = set()
    stack = [graph.output]
    while stack:
        index = stack.pop()
        if index not in seen:
            seen.add(index)
            yield index, None
            stack += list(_read(graph, index, not turned))


def _breadth(graph: Graph, turned: bool = False, again: bool = False) -> Iterator[Visit]:
    """In waves from the output, each box when it is first met, or each time."""
    seen, waiting = {graph.output}, [graph.output]
    while waiting:
        index = waiting.pop(0)
        yield index, None
        for child in _read(graph, index, turned):
            if again or child not in seen:
                seen.add(child)
                waiting.append(child)


def _recursive(
    graph: Graph, turned: bool = False, alone: bool = False, as_set: bool = False
) -> Iterator[Visit]:
    """Each box that was sent something passes on all it has at once, each time again."""
    stack: list[Visit] = [(graph.output, None)]
    while stack:
        index, slot = stack.pop()
        args = graph.nodes[index].args
        if slot is None and alone:  # a message, then at once what follows from it
            slots = range(len(args))
            stack += [(index, one) for one in (slots if turned else slots[::-1])]
            continue
        yield index, slot
        children = [args[slot]] if slot is not None else list(dict.fromkeys(args) if as_set else args)
        stack += [(child, None) for child in (children if turned else children[::-1])]


Order = Callable[[Graph], Iterator[Visit]]
#: Every order there is a name for; the first three are right.
ORDERS: dict[str, Order] = {
    "sorted": _sorted,
    "searched": _searched,
    "searched, turned": lambda graph: _searched(graph, True),
    "preorder": _preorder,
    "preorder, turned": lambda graph: _preorder(graph, True),
    "breadth": _breadth,
    "breadth, turned": lambda graph: _breadth(graph, True),
    "breadth, again": lambda graph: _breadth(graph, again=True),
    "breadth, turned, again": lambda graph: _breadth(graph, True, True),
    "recursive": _recursive,
    "recursive, turned": lambda graph: _recursive(graph, True),
    "recursive, set": lambda graph: _recursive(graph, as_set=True),
    "recursive, turned, set": lambda graph: _recursive(graph, True, as_set=True),
    "recursive, alone": lambda graph: _recursive(graph, alone=True),
    "recursive, alone, turned": lambda graph: _recursive(graph, True, alone=True),
    "forwards": _forwards,
}


# -- the walk ---------------------------------------------------------------------


def walked(
    graph: Graph, values: list[Value], arithmetic: Arithmetic, rules: Rules, walk: Walk, rounds: str = "once"
) -> list[Value] | None:
    """The gradient of every box after a walk like that; None where it doesn't come to an end.

    Of ``rounds`` other than ``once`` two walks are made. ``walk.rounds`` says what is left of the first:
    nothing by right; ``all`` where nothing is cleared; ``inner`` where only the variables are; ``taped``
    where the boxes of the first walk are walked again, too.
    """
    first = _one(graph, values, arithmetic, rules, walk, {})
    if first is None or rounds == "once" or not walk.rounds:
        return _listed(graph, first)
    leaves = set(graph.inputs.values())
    same = rounds == "same"
    if walk.rounds == "all":
        left = first if same else {index: first[index] for index in leaves if index in first}
        return _listed(graph, _one(graph, values, arithmetic, rules, walk, dict(left)))
    inner = {index: one for index, one in first.items() if index not in leaves}
    if walk.rounds == "inner":
        return _listed(graph, _one(graph, values, arithmetic, rules, walk, inner if same else {}))
    second = _one(graph, values, arithmetic, rules, walk, {})
    if second is None or same:
        return _listed(graph, second)
    stale = {**inner, **{index: second[index] for index in leaves if index in second}}
    return _listed(graph, _one(graph, values, arithmetic, rules, walk, stale))


def _listed(graph: Graph, found: dict[int, Value] | None) -> list[Value] | None:
    return None if found is None else [found.get(node.index) for node in graph.nodes]


class _Cell:
    """A gradient as an engine holds it: several boxes may hold the same."""

    def __init__(self, value: Value, array: bool) -> None:
        self.value = value
        self.array = array
        """Is it an array, into which one can add? Of numbers only the first is made as one."""


def _one(
    graph: Graph,
    values: list[Value],
    arithmetic: Arithmetic,
    rules: Rules,
    walk: Walk,
    before: dict[int, Value],
) -> dict[int, Value] | None:
    active = graph.leads_from(set(graph.inputs.values()))
    found = {index: _Cell(value, bool(shape_of(value))) for index, value in before.items()}
    start = values[graph.output]
    found[graph.output] = _Cell(arithmetic.empty(start) if walk.unseeded else arithmetic.seed(start), True)
    visits = list(islice(ORDERS[walk.order](graph), _MOST_VISITS + 1))
    if len(visits) > _MOST_VISITS:
        return None
    met = _met(graph, walk.unread) if walk.unread else None
    for index, only in visits:
        if met is not None and index not in met:
            continue
        node = graph.nodes[index]
        if node.op is None or not active[index] or index not in found:
            continue
        at = [*(values[arg] for arg in node.args), values[index]]
        for slot in _slots(node, only, walk.once):
            target = node.args[slot]
            if not active[target] or not node.op.sends(slot):
                continue
            here = found[index]
            _, sent, _ = rules.message(node, slot, here.value, at)
            sent = _fitted(arithmetic, walk.broadcast, sent, values[target])
            over = {("", -1), (node.op.called, slot), (node.op.called, -1)} & set(walk.written)
            there = None if over else found.get(target)
            same = walk.shared and here.array and node.op.rule_text(slot, len(node.args)) == "1"
            if there is None:
                total = rules.accumulate(target, None, sent, 1)
                fresh = _Cell(total, bool(shape_of(total)))
                found[target] = here if same and shape_of(sent) == shape_of(here.value) else fresh
            elif walk.shared and there.array and shape_of(there.value) == shape_of(sent):
                there.value = rules.accumulate(target, there.value, sent, 2)  # whoever holds it sees it, too
            else:
                total = rules.accumulate(target, there.value, sent, 2)
                found[target] = _Cell(total, bool(shape_of(total)))
    return {index: cell.value for index, cell in found.items()}


def _met(graph: Graph, unread: Collection[tuple[str, int]]) -> set[int]:
    """The boxes that a search from the output meets, where it does not follow some slots."""
    met, waiting = {graph.output}, [graph.output]
    while waiting:
        node = graph.nodes[waiting.pop()]
        for slot, arg in enumerate(node.args):
            if node.op is not None and (node.op.called, slot) not in unread and arg not in met:
                met.add(arg)
                waiting.append(arg)
    return met


def _fitted(arithmetic: Arithmetic, broadcast: str, sent: Value, target: Value) -> Value:
    """A message in the shape of its target, as far as such an engine sees to that; too small it stays."""
    wide, narrow = math.prod(shape_of(sent)), math.prod(shape_of(target))
    if wide < narrow or (wide > narrow and broadcast == "none"):
        return arithmetic.fit(sent, sent)[0]
    front = tuple(range(len(shape_of(sent)) - len(shape_of(target))))
    if wide > narrow and broadcast == "front":
        return arithmetic.fit(sent, sent)[0].sum(axis=front) if front else arithmetic.fit(sent, sent)[0]
    fitted = arithmetic.fit(sent, target)[0]
    if wide > narrow and broadcast == "averaged in front":
        return fitted / math.prod(shape_of(sent)[: len(front)])
    return fitted * (narrow / wide) if wide > narrow and broadcast == "averaged" else fitted


def _slots(node: Node, only: int | None, once: str) -> list[int]:
    """The slots along which ``node`` sends: one for each value that it reads, where it
    knows them by value."""
    slots = [only] if only is not None else [*range(len(node.args))]
    if not once:
        return slots
    ranked = slots if once == "last" else slots[::-1]
    return sorted({node.args[slot]: slot for slot in ranked}.values())
