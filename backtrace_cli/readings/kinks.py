"""Which boxes of a run stand at a kink, at which entries, and whether moving something meets one.

A difference quotient straddles a kink only where moving a variable moves the box that
stands at it, there. The other entries of the same array are as smooth as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.lengths import shorten
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.events import Note
from backtrace_cli.engine.forward import taken
from backtrace_cli.engine.forward_mode import Row
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.surgery import rooted
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import Op
from backtrace_cli.ops.traits import commutes, compares
from backtrace_cli.readings.entry_names import first_few

__all__ = [
    "Standing",
    "at_kink",
    "entries_that_move",
    "kink_notes",
    "meets",
    "place_words",
    "resting_nodes",
    "standing",
]


class Standing(NamedTuple):
    """A box that stands at one of its op's kinks."""

    node: int
    kink: int
    """Which of the op's kinks."""
    slots: tuple[int, ...]
    """The arguments whose derivative it concerns."""
    raw: Value
    """Where it stands there, as the declaration's condition says it."""
    where: Value
    """The same in the shape of the box's value."""


def standing(graph: Graph, values: Sequence[Value], arithmetic: Arithmetic) -> list[Standing]:
    """Every box that the output's value rests on and that stands at a kink, conditions included.

    >>> from backtrace_cli import trace
    >>> t = trace("sum(relu(a))", a=[0, -1, 2])
    >>> [found.where.tolist() for found in standing(t.graph, t.values, t.arithmetic)]
    [[True, False, False]]
    """
    found: list[Standing] = []
    values = list(values)
    for node in resting_nodes(graph, values, arithmetic):
        if node.op is not None and node.op.kinks and not arithmetic.symbols:
            found += _kinks_of(node, values, arithmetic)
    return found


def resting_nodes(graph: Graph, values: list[Value], arithmetic: Arithmetic) -> list[Node]:
    """The nodes that the output's value rests on: none that only a branch not taken reads."""
    needed = bytearray(len(graph))
    needed[graph.output] = 1
    for node in reversed(graph.nodes):
        if needed[node.index]:
            for arg, used in zip(node.args, taken(node, values, arithmetic), strict=True):
                needed[arg] |= used
    return [node for node in graph.nodes if needed[node.index]]


def _kinks_of(node: Node, values: Sequence[Value], arithmetic: Arithmetic) -> Iterator[Standing]:
    op, count = node.op, len(node.args)
    assert op is not None
    for index, kink in enumerate(op.kinks):
        texts = [kink.taken[min(slot, len(kink.taken) - 1)] for slot in range(count)]
        slots = tuple(i for i, text in enumerate(texts) if text is not None or kink.kind == "jump")
        if kink.kind == "limit" or not slots:
            continue
        raw = _run(node, kink.when, 0, values, arithmetic)
        if arithmetic.truth(raw):
            yield Standing(node.index, index, slots, raw, _in_shape(node, raw, values))


def _run(node: Node, text: str, slot: int, values: Sequence[Value], arithmetic: Arithmetic) -> Value:
    """A text of the op's declaration at this point; the upstream gradient in it is 1."""
    assert node.op is not None
    out = values[node.index]
    at = [*(values[arg] for arg in node.args), out, arithmetic.seed(out), *node.fixed]
    return arithmetic.run(arithmetic.text(node.op, text, slot, len(node.args), node.fixed), at)


def _in_shape(node: Node, raw: Value, values: Sequence[Value]) -> Value:
    out = values[node.index]
    if not hasattr(out, "shape"):
        return bool(raw)
    import numpy as np

    found = np.asarray(raw) != 0
    # An op that mixes entries has kept the axes that are gone, with size 1.
    return found.reshape(out.shape) if found.size == out.size else np.broadcast_to(found, out.shape)


def meets(graph: Graph, places: Sequence[Standing], base: Sequence[Value], moved: Sequence[Value]) -> bool:
    """Does a box that stands at a kink change there, between the values ``base`` and ``moved``?

    It does not where its argument stays, nor where only entries move that take no part.
    """
    for place in places:
        node = graph.nodes[place.node]
        args = [node.args[slot] for slot in place.slots]
        if _differ(base[place.node], moved[place.node], place.where) and any(
            _differ(base[arg], moved[arg], True) for arg in args
        ):
            return True
    return False


def _differ(one: Value, other: Value, where: Value) -> bool:
    if not shape_of(one) and not shape_of(where):
        return bool(one != other and where)
    import numpy as np

    return bool(np.any(np.not_equal(one, other) & where))


def entries_that_move(
    graph: Graph,
    places: Sequence[Standing],
    values: Sequence[Value],
    arithmetic: Arithmetic,
    names: Sequence[str],
) -> dict[str, Any]:
    """Per array of ``names``, which of its entries move a box where it stands at a kink (to first order).

    Weights of one sign, drawn at random so that nothing cancels, are sent back from there.
    """
    import numpy as np

    draw = np.random.default_rng(0)
    wanted = {graph.inputs[name]: name for name in names}
    found = {name: np.zeros(shape_of(values[index]), dtype=bool) for index, name in wanted.items()}
    for place in places:
        node = graph.nodes[place.node]
        for slot in place.slots:
            part = rooted(graph, node.args[slot])
            weights = np.where(_taking_part(node, place, slot, values, arithmetic), 1.0, 0.0)
            weights = weights * draw.uniform(1, 2, size=weights.shape)
            weights, _ = arithmetic.fit(weights, values[part.output])
            back = backward(part, list(values), arithmetic, set(wanted), seed=weights)
            for index, name in wanted.items():
                if (gradient := back.gradients[index]) is not None:
                    found[name] |= np.asarray(gradient) != 0
    return found


def place_words(graph: Graph, place: Standing, values: Sequence[Value], arithmetic: Arithmetic) -> str:
    """Where a box stands at a kink, by the entries it reads there: ``x[0] = 0, x[3] = 0``.

    >>> from backtrace_cli import trace
    >>> t = trace("max(a)", a=[2, 1, 2])
    >>> place_words(t.graph, standing(t.graph, t.values, t.arithmetic)[0], t.values, t.arithmetic)
    'a[0] = 2, a[2] = 2'
    """
    node = graph.nodes[place.node]
    assert node.op is not None
    found: dict[str, None] = {}
    for slot, arg in enumerate(node.args):
        if graph.nodes[arg].is_constant:
            continue
        part: Value = place.where
        if hasattr(values[place.node], "shape"):
            part = _taking_part(node, place, slot, values, arithmetic) if node.op.mixes else place.where
            part = arithmetic.fit(part, values[arg])[0] != 0
        found[first_few(graph.name(arg), part, values[arg])] = None
    return ", ".join(found)


def _taking_part(
    node: Node, place: Standing, slot: int, values: Sequence[Value], arithmetic: Arithmetic
) -> Any:
    """Which entries of one argument the kink is about: of a maximum those that tie."""
    import numpy as np

    assert node.op is not None
    kink = node.op.kinks[place.kink]
    text = kink.taken[min(slot, len(kink.taken) - 1)]
    shape = shape_of(values[node.args[slot]]) if node.op.mixes else shape_of(values[node.index])
    part = np.broadcast_to(np.asarray(place.raw) != 0, shape)
    if text not in (None, "0"):
        shares = np.broadcast_to(_run(node, text, slot, values, arithmetic) != 0, shape)
        if np.any(shares & part):
            part = part & shares
    return part


def at_kink(trace: Trace) -> bool:
    """Did a message of ``trace`` pass a kink or a jump?"""
    for sent in trace.sent:
        if sent.kink >= 0:
            op = trace.graph.nodes[sent.source].op
            if op is not None and op.kinks[sent.kink].kind in ("kink", "jump"):
                return True
    return False


def kink_notes(trace: Trace) -> Iterator[Note]:
    """Which convention was used at each kink that a message passed, and conditions about to turn."""
    graph, arithmetic = trace.graph, trace.arithmetic
    passed = {(sent.source, sent.slot): sent.kink for sent in trace.sent}
    for tangent in trace.tangents:
        rows: Sequence[Row] = tangent.steps.raw  # type: ignore[attr-defined]
        passed.update({(index, term[0]): term[3] for index, terms, _ in rows for term in terms})
    chosen = any(node.op is not None and node.op.selects for node in graph.nodes)
    if not chosen and all(which < 0 for which in passed.values()):
        return
    places = {(place.node, place.kink): place for place in standing(graph, trace.values, arithmetic)}
    met = {(source, which): None for (source, _), which in passed.items()}
    for key, place in places.items():  # an entry may stand at another kink of the same op
        if any(passed.get((place.node, slot), -1) >= 0 for slot in place.slots):
            met[key] = None
    for source, which in met:
        node = graph.nodes[source]
        if which < 0 or node.op is None or node.op.kinks[which].kind == "limit":
            continue
        kink, stands = node.op.kinks[which], places.get((source, which))
        at = place_words(graph, stands, trace.values, arithmetic) if stands else ""
        of = node.op.written
        if arithmetic.arrays:
            of = f"{graph.name(source)} = {shorten(to_text(graph.definition(source)), 48)}"
        yield Note(kink.kind, graph.name(source), f"{of}{f' at {at}' if at else ''}: {kink.words}")
    yield from _conditions(trace, [place for key, place in places.items() if key not in met])


def _bounded(op: Op) -> bool:
    """Is it a condition with a boundary? Two numbers that are to be equal mostly name a class."""
    return compares(op) and not commutes(op)


def _conditions(trace: Trace, places: Sequence[Standing]) -> Iterator[Note]:
    """Conditions of a choice that are about to turn: the slope of one branch says nothing of the other."""
    graph = trace.graph
    moving = graph.leads_from({graph.inputs[name] for name in trace.wrt})
    for place in places:
        node = graph.nodes[place.node]
        if moving[place.node] and node.op is not None and _bounded(node.op):
            at = place_words(graph, place, trace.values, trace.arithmetic)
            why = (
                f"the condition {to_text(graph.definition(place.node))} stands at its boundary at {at}: "
                "the slope is that of the branch taken here, on one side of it"
            )
            yield Note("branch", graph.name(place.node), why)
