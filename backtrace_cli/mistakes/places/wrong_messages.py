"""Wrong messages: what goes wrong in boxes that mix entries, and where arrays meet numbers.

A rule of such a box is a whole message, text over the upstream gradient g; a mistake
is another text in its place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from backtrace_cli.graph import Graph, Node
from backtrace_cli.mistakes.places.fault import Fault, live
from backtrace_cli.mistakes.places.spoken import spoken

__all__ = [
    "by_message", "count_lost", "message_mistake", "message_place", "not_summed", "other_factor", "unspread",
]  # fmt: skip

#: op -> for each slot the wrong messages, with what to tell the student
_Wrong = dict[str, tuple[tuple[tuple[str, str], ...], ...]]

_TURN = "going back, {other} comes in transposed"
_TURNED = "this is the transpose of what is sent"
_SIDES = "in a product of matrices the order counts, and {other} keeps its side"
_CROSSED = "of what arrived the rows belong to the first vector, the columns to the second"
_BACK = "what arrives at a transpose goes on transposed"
_OUTER = "the outer product is the other way round: what arrived gives the rows, {other} the columns"
_ALONG = "every output reads every input; this is the diagonal alone"

#: mistake -> its wrong messages
_MESSAGES: dict[str, _Wrong] = {
    "transposed": {
        "matmul": ((("g @ b", _TURN), ("b @ g.T", _TURNED)), (("a @ g", _TURN), ("g.T @ a", _TURNED))),
        "matmul_column": ((), (("a @ g", _TURN),)),
        "matmul_row": ((("g @ b", _TURN),), ()),
        "matmul_stacked": ((("g @ b", _TURN),), (("a @ g", _TURN),)),
        "outer": ((("b @ g", _CROSSED),), (("g @ a", _CROSSED),)),
        "transpose": ((("g", _BACK),),),
        "mT": ((("g", _BACK),),),
    },
    "factors exchanged": {
        "matmul": ((("b.T @ g", _SIDES),), (("g @ a.T", _SIDES),)),
        "matmul_stacked": ((("mT(b) @ g", _SIDES),), (("g @ mT(a)", _SIDES),)),
    },
    "outer product turned": {
        "matmul_column": ((("outer(b, g)", _OUTER),), ()),
        "matmul_row": (
            (),
            (("outer(g, a)", "the outer product is the other way round: {other} gives the rows"),),
        ),
    },
    "softmax diagonal": {
        "softmax": ((("g*out*(1 - out)", _ALONG), ("g*out", _ALONG)),),
        "softmax_vector": ((("g*out*(1 - out)", _ALONG), ("g*out", _ALONG)),),
        "log_softmax": ((("g*(1 - exp(out))", _ALONG),),),
        "log_softmax_vector": ((("g*(1 - exp(out))", _ALONG),),),
    },
    "own factor": {
        "matmul_inner": (
            (("g*a", "the derivative of a product is the other factor, not its own"),),
            (("g*b", "the derivative of a product is the other factor, not its own"),),
        ),
    },
}
#: The message of a sum, which every entry hears, and of a mean.
_EACH = "{g}*ones_like(a)"
_DIVIDED = f"{_EACH}/size(a, axis=axis)"
#: Mistakes that can be made in any message.
_ANY = {
    "sign": ("-({})", "the sign is turned round"), "doubled": ("2*({})", "a factor 2 too much"),
    "halved": ("({})/2", "a factor 2 is missing"),
}  # fmt: skip


def by_message(name: str, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """(wrong text, words) for the message of a box that mixes entries, by mistake ``name``."""
    op = node.op
    assert op is not None
    right = op.rule_text(slot, len(node.args), stable=True, fixed=node.fixed)
    if right == "g":
        right = "(g)"
    twins = len(set(node.args)) < len(node.args)
    if name in _ANY and not twins:  # y @ y with one of its two messages halved is a message lost
        text, words = _ANY[name]
        yield text.format(right), words
    wrong = _MESSAGES.get(name, {}).get(op.name, ())
    for text, words in wrong[slot] if wrong else ():
        yield text, words


def message_mistake(name: str) -> Callable[[Graph], Iterator[Fault]]:
    """Places of a mistake that only boxes mixing entries know."""

    def places(graph: Graph) -> Iterator[Fault]:
        for node, slot, _ in live(graph):
            if node.op is not None and node.op.mixes and graph.shapes is not None:
                for text, words in by_message(name, node, slot):
                    yield _fault(graph, name, node, slot, text, words)

    return places


def _fault(
    graph: Graph, name: str, node: Node, slot: int, text: str, words: str, *, loose: bool = False
) -> Fault:
    edge = (node.index, slot)
    assert node.op is not None
    told = words.replace("{other}", other_factor(graph, node, slot))
    place = message_place(graph, node, slot)
    return Fault(name, f"{place}: {told}", sent=((edge, text),), loose=(edge,) if loose else (), place=place)


def message_place(graph: Graph, node: Node, slot: int) -> str:
    """``the message from y to W``."""
    return f"the message from {spoken(graph, node.index)} to {spoken(graph, node.args[slot])}"


def other_factor(graph: Graph, node: Node, slot: int) -> str:
    """The other factor of a product."""
    return spoken(graph, node.args[1 - slot]) if len(node.args) == 2 else ""


def count_lost(graph: Graph) -> Iterator[Fault]:
    """A mean's 1/N lost, a sum divided by N, a sum over the batch taken as a mean."""
    name = "mean and sum"
    for node, slot, arg in live(graph):
        op, shapes = node.op, graph.shapes
        if op is None or shapes is None:
            continue
        edge, count = (node.index, slot), len(node.args)
        box, read = spoken(graph, node.index), spoken(graph, arg)
        if not op.mixes and (many := _entries(shapes[node.index]) // max(1, _entries(shapes[arg]))) > 1:
            text = f"({op.rule_text(slot, count)})/{many}"
            words = f"{read} is used {many} times, and hears the sum of the messages, not their mean"
            yield Fault(name, words, wrong=((edge, text),))
        if not op.mixes:
            continue
        row = 0 if op.variadic else slot
        written = (op.stable[row] if op.stable else None) or op.messages[row]
        if written == _DIVIDED:
            yield _fault(graph, name, node, slot, _EACH,
                         f"{box} is a mean, and its 1/N is lost")  # fmt: skip
            yield _fault(graph, name, node, slot, f"{_DIVIDED}/size(a, axis=axis)",
                         f"{box} is a mean, and its 1/N counts once, not twice")  # fmt: skip
        elif written == _EACH:
            yield _fault(graph, name, node, slot, _DIVIDED,
                         f"{box} is a sum, no mean: nothing is divided by N")  # fmt: skip
        elif isinstance(written, str) and "/{n}" in written and node.fixed[:1] == ("mean",):
            yield _fault(graph, name, node, slot, written.replace("/{n}", ""),
                         f"{box} is a mean, and its 1/N is lost")  # fmt: skip
            yield _fault(graph, name, node, slot, written.replace("/{n}", "/{n}/{n}"),
                         f"{box} is a mean, and its 1/N counts once, not twice")  # fmt: skip


def unspread(graph: Graph) -> Iterator[Fault]:
    """A sum's (or mean's) message that stays the one number that arrived."""
    for node, slot, arg in live(graph):
        if node.op is None or graph.shapes is None or node.op.messages not in ((_EACH,), (_DIVIDED,)):
            continue
        if graph.shapes[arg] == graph.shapes[node.index]:
            continue
        text = "g" if node.op.messages == (_EACH,) else "g/size(a, axis=axis)"
        box, read = spoken(graph, node.index), spoken(graph, arg)
        words = f"every entry of {read} hears what arrived at {box}: it is spread"
        yield _fault(graph, "not spread", node, slot, text, words, loose=True)


def not_summed(graph: Graph) -> Iterator[Fault]:
    """What was broadcast going forward is not summed back."""
    for node, slot, arg in live(graph):
        if node.op is None or graph.shapes is None or node.op.mixes:
            continue
        wide, shape = graph.shapes[node.index], graph.shapes[arg]
        if _entries(wide) > _entries(shape):
            words = (
                f"{spoken(graph, arg)} is used {_entries(wide) // _entries(shape)} times in "
                f"{spoken(graph, node.index)}, and each use sends a message: they add up"
            )
            yield Fault("not summed back", words, loose=((node.index, slot),))


def _entries(shape: tuple[int, ...]) -> int:
    return math.prod(shape)
