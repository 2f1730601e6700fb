"""What can be wrong with an engine: declared walks, and the catalogue's mistakes made at every place.

A mistake of the catalogue is made by a person at one place. In an engine it stands in the code of one
operation, so it is made wherever that operation is: for all graphs of the battery the same wrong rule.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from backtrace_cli.clinic.ailment import IN_CODE, RIGHT_ORDERS, WALKS, Ailment, Rule
from backtrace_cli.clinic.battery import called_by
from backtrace_cli.clinic.patient import METHODS
from backtrace_cli.clinic.prepared_case import Prepared, Stage
from backtrace_cli.clinic.walks import Walk
from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.syntax import Call, Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.catalogue import MISTAKES
from backtrace_cli.mistakes.places.fault import Edge, Fault
from backtrace_cli.ops import OPS

__all__ = ["ailments_for"]


_RANKS = {mistake.name: 10 + place for place, mistake in enumerate(MISTAKES)}
#: Where in an engine a rule of two arguments may be wrong: everywhere, or in one of its methods.
_WHERE = ("", "own", "left", "right")
_AT_KINK = ("1", "1/2", "-1", "0")


def ailments_for(cases: Iterable[Prepared]) -> list[Ailment]:
    """Every fault that could show in ``cases``: the walks, and the catalogue's mistakes by operation."""
    texts: dict[tuple[str, str, int], dict[tuple[str, str, int], str]] = {}
    nodes: dict[str, Node] = {}
    turned: dict[str, str] = {}
    for stage in (stage for case in cases for stage in case.stages if not stage.long):
        graph = stage.graph
        for node in graph.nodes:
            if node.op is not None:
                nodes.setdefault(node.op.name, node)
        for fault in stage.faults:
            for (index, slot), key in _keys(stage, fault):
                op = graph.nodes[index].op
                assert op is not None
                texts.setdefault((fault.mistake, op.name, slot), {}).setdefault(
                    key, _what(fault, graph, index)
                )
            if (
                fault.mistake == IN_CODE["exchanged"]
                and fault.read_as is not None
                and len(fault.read_as) == len(graph)
            ):
                for one, other in zip(graph.nodes, fault.read_as.nodes, strict=True):
                    if (
                        one.op is not None
                        and one.op is other.op
                        and one.args == other.args[::-1] != other.args
                    ):
                        turned[one.op.name] = fault.mistake
    found = [*WALKS, *_partly_written(nodes.values())]
    found += _by_rule(texts, nodes)
    found += _unsent(nodes.values())
    found += _another_op([node for node in nodes.values() if called_by(node)[0] in METHODS])
    for name, mistake in turned.items():
        for where in _WHERE:
            words = f"{_place(nodes[name], where)}: its two arguments are exchanged"
            look = f"Look at {_method(nodes[name], where)}"
            rank = _RANKS[mistake] + bool(where)
            found.append(Ailment(mistake, words, look, turned=name, where=where, rank=rank))
    return found


def _another_op(nodes: Sequence[Node]) -> Iterator[Ailment]:
    """One operation worked out as another: x − y as x + y, −x as x."""
    same = next(op for op in OPS.values() if op.float is operator.pos)
    for node in nodes:
        op = node.op
        assert op is not None
        others = [one for one in nodes if one.op is not op and len(one.args) == len(node.args) == 2]
        for where, other in product(_WHERE, others) if not op.mixes else ():
            if other.op is not None and not other.op.mixes:
                words = f"{_place(node, where)}: it is worked out as {_place(other)}"
                yield Ailment("another operation", words, f"Look at {_method(node, where)}", turned=op.name,
                              becomes=other.op, where=where, rank=80 + bool(where))  # fmt: skip
        if len(node.args) == 1:
            words = f"{_place(node)}: it is worked out as x"
            look = f"Look at {_method(node)}"
            yield Ailment("another operation", words, look, turned=op.name, becomes=same,
                          rank=80)  # fmt: skip


def _keys(stage: Stage, fault: Fault) -> Iterator[tuple[Edge, tuple[str, str, int]]]:
    """(edge, (kind, text, ordinal)) of what is wrong in the rule of one edge."""
    if fault.read_as is not None or len(fault.edges) != 1:
        return
    edge = fault.edges[0]
    if fault.wrong:
        yield edge, ("wrong", fault.wrong[0][1], -1)
    if fault.gated:
        yield edge, ("gated", "", -1)
    if fault.sent:
        yield edge, ("sent", fault.mistake, stage.mistaken[fault.mistake, edge].index(fault))


def _what(fault: Fault, graph: Graph, index: int) -> str:
    """The words of a mistake without its place, of any box of this kind."""
    words = fault.words.removeprefix(f"{fault.place}: ") if fault.place else fault.words
    node = graph.nodes[index]
    names = {graph.name(arg): own for arg, own in zip(node.args, _arguments(node), strict=False)}
    names[graph.name(index)] = "it"
    return re.sub(r"\b[^\W\d]\w*\b", lambda found: names.get(found[0], found[0]), words)


def _by_rule(
    texts: Mapping[tuple[str, str, int], Mapping[tuple[str, str, int], str]], nodes: Mapping[str, Node]
) -> Iterator[Ailment]:
    """One ailment for each wrong rule of each op; of an op of two arguments also both at once."""
    by_op: dict[tuple[str, str], dict[int, list[tuple[Rule, str]]]] = {}
    for (mistake, op, slot), found in texts.items():
        listed = [
            (Rule(op, slot, kind, text, "", ordinal), words) for (kind, text, ordinal), words in found.items()
        ]
        by_op.setdefault((mistake, op), {})[slot] = listed
    for (mistake, op), slots in by_op.items():
        node = nodes[op]
        for where in _WHERE if len(node.args) == 2 else ("",):
            for rule, words in (one for listed in slots.values() for one in listed):
                yield _ruled(mistake, node, (rule._replace(where=where),), words, where)
            if len(slots) == 2 and where in ("", "own"):
                for (one, words), (two, _) in product(slots[0], slots[1]):
                    both = (one._replace(where=where), two._replace(where=where))
                    yield _ruled(mistake, node, both, words, where)
    yield from _at_every_rank(by_op, nodes)


def _at_every_rank(
    by_op: Mapping[tuple[str, str], Mapping[int, list[tuple[Rule, str]]]], nodes: Mapping[str, Node]
) -> Iterator[Ailment]:
    """Wrong messages of all the ops that are written alike, as A @ B is for matrices and vectors."""
    found: dict[tuple[str, str, int, int], list[tuple[Rule, str]]] = {}
    for (mistake, name), slots in by_op.items():
        op = nodes[name].op
        assert op is not None
        for slot, listed in slots.items():
            for place, one in enumerate(listed):
                found.setdefault((mistake, op.called, slot, place), []).append(one)
    for (mistake, *_), several in found.items():
        if len(several) > 1:
            rule, words = several[0]
            yield _ruled(mistake, nodes[rule.op], tuple(one for one, _ in several), words, "")


def _ruled(mistake: str, node: Node, rules: tuple[Rule, ...], words: str, where: str) -> Ailment:
    slots = {rule.slot for rule in rules}
    place = _place(node, where, rules[0].slot if len(slots) == 1 else -1)
    look = f"Look at {_method(node, where)}"
    return Ailment(mistake, f"{place}: {words}", look, rules=(rules,), rank=_RANKS[mistake] + bool(where))


def _partly_written(nodes: Iterable[Node]) -> Iterator[Ailment]:
    """Messages written over by one op alone, or in one argument of it."""
    general = WALKS[0]
    for called, (node, count) in _called(nodes).items():
        for slot in (-1, *range(count)) if count == 2 else (-1,):
            words = f"{_place(node, '', slot)}: what it sends replaces what was there, and is not added"
            walks = tuple(Walk(order=order, written=((called, slot),)) for order in RIGHT_ORDERS)
            yield general._replace(
                words=words, look=f"Look at {_method(node)}: = for +=", walks=walks, rank=1
            )
        for slot in range(count):
            words = f"{_place(node)}: the {'first' if slot == 0 else 'second'} of what it reads is not found"
            look = f"Look at {_method(node)}: what the new box is told that it reads (its parents) lacks one"
            walks = tuple(Walk(order=order, unread=((called, slot),)) for order in RIGHT_ORDERS)
            words += " by the walk, which goes no further there"
            yield Ailment("parent forgotten", words, look, walks, rank=70)


def _called(nodes: Iterable[Node]) -> dict[str, tuple[Node, int]]:
    return {node.op.called: (node, len(node.args)) for node in nodes if node.op is not None}


def _unsent(nodes: Iterable[Node]) -> Iterator[Ailment]:
    """What an op forgets altogether: a message, what arrived, the sum over what was broadcast, a kink."""
    for node in nodes:
        op = node.op
        assert op is not None
        look = f"Look at {_method(node)}"
        both = [*range(len(node.args)), -1] if len(node.args) == 2 else [0]
        for slot, where in product(both, _WHERE if len(node.args) == 2 else ("",)):
            place = _place(node, where, slot)
            rank = bool(where) + (slot != -1)
            if slot >= 0 or where in ("", "own"):
                words = f"{place}: nothing is sent {'back' if slot < 0 else 'there'}"
                yield Ailment("nothing sent", words, look, rank=90 + rank,
                              rules=((Rule(op.name, slot, "lost", "", where),),))  # fmt: skip
            words = f"{place}: the local derivative is sent without what arrived (out.grad)"
            yield Ailment(IN_CODE["unfed"], words, look, rank=_RANKS[IN_CODE["unfed"]] + rank,
                          rules=((Rule(op.name, slot, "unfed", "", where),),))  # fmt: skip
            if not op.mixes and not where:
                words = f"{place}: what was broadcast is not summed back to its shape"
                yield Ailment(IN_CODE["loose"], words, look, rank=_RANKS[IN_CODE["loose"]] + 1 + rank,
                              rules=((Rule(op.name, slot, "loose"),),))  # fmt: skip
        for kink in op.kinks if len(node.args) == 1 and not op.mixes else ():
            if kink.kind == "kink":
                for text in _AT_KINK:
                    words = (
                        f"{_place(node)}: at the kink there is no slope; {kink.taken[0]} is what nearly "
                        f"everybody takes (PyTorch among them), and here it is {text}"
                    )
                    yield Ailment("another slope at the kink", words, f"{look}: > or >=", rank=5,
                                  rules=((Rule(op.name, 0, "wrong", text, "kink"),),))  # fmt: skip


# -- words -------------------------------------------------------------------------


def _arguments(node: Node) -> list[str]:
    return ["A", "B"] if node.op is not None and node.op.mixes else ["x", "y"]


def _place(node: Node, where: str = "", slot: int = -1) -> str:
    """``x·y, the message to its second argument``."""
    op = node.op
    assert op is not None
    names = _arguments(node)
    where = "" if where == "own" else where
    if where:
        names[0 if where == "left" else 1] = "c"
    text = to_text(Call(op.called, tuple(map(Name, names[: len(node.args)]))))
    if len(node.args) == 2 and slot >= 0 and not where:
        text += f", the message to its {('first', 'second')[slot]} argument"
    return f"{text}, where c is a plain number" if where else text


def _method(node: Node, where: str = "") -> str:
    """``__mul__``, or the function's own name."""
    name = called_by(node)[0]
    return METHODS[name][where == "left"] if name in METHODS else f"{name}()"
