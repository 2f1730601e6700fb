"""Where the walk itself can go wrong: a message lost, left out, sent too early, or not cleared away."""

from __future__ import annotations

import math
from collections.abc import Iterator

from backtrace_cli.graph import Graph, Node
from backtrace_cli.mistakes.places.fault import Edge, Fault, arrivals, live
from backtrace_cli.mistakes.places.spoken import spoken
from backtrace_cli.ops.nothing import MOVED

__all__ = [
    "another_layer", "crossed", "early", "frozen", "gate_of_upstream", "lost_path", "moved", "overwritten",
    "stale", "statistic_held", "unfed",
]  # fmt: skip


def lost_path(graph: Graph) -> Iterator[Fault]:
    """One message of several is not added."""
    for target, edges in arrivals(graph).items():
        if len(edges) < 2:
            continue
        name = spoken(graph, target)
        for edge in edges:
            lost = spoken(graph, edge[0])
            kept = [spoken(graph, other[0]) for other in edges if other != edge]
            words = f"at the fork {name} you lost the message through {lost}"
            if len(kept) == 1 and kept[0] != lost:
                words = (
                    f"at the fork {name} you kept the message through {kept[0]} "
                    f"and lost the one through {lost}"
                )
            uses = [other for other in edges if other[0] == edge[0]]
            if len(uses) > 1:
                words = (
                    f"{lost} uses {name} {len(uses)} times, and a message comes from each use: you lost one"
                )
            yield Fault("lost path", words, lost=(edge,))


def overwritten(graph: Graph) -> Iterator[Fault]:
    """Of three messages or more, only one is left."""
    for target, edges in arrivals(graph).items():
        if len(edges) < 3:
            continue  # with two messages, keeping one is losing the other
        for edge in edges:
            others = tuple(other for other in edges if other != edge)
            yield Fault(
                "overwritten",
                f"at the fork {spoken(graph, target)} only the message through {spoken(graph, edge[0])} is "
                "left: messages add up (+=), they don't replace each other (=)",
                lost=others,
            )


def early(graph: Graph) -> Iterator[Fault]:
    """A shared node passes its gradient on once per message."""
    for target, edges in arrivals(graph).items():
        if len(edges) > 1 and not graph.nodes[target].is_input:
            name = spoken(graph, target)
            yield Fault(
                "passed on too early",
                f"the shared node {name} is read {len(edges)} times; it passes its gradient on once, "
                "when all its messages are in, and not once per message",
                early=(target,),
            )


def unfed(graph: Graph) -> Iterator[Fault]:
    """What arrived at the box is left out of the product."""
    for node, slot, arg in live(graph):
        if node.index != graph.output:
            yield Fault(
                "factor left out",
                f"the message from {spoken(graph, node.index)} to {spoken(graph, arg)} is the local "
                f"derivative times what arrived at {spoken(graph, node.index)}; you left the latter out",
                unfed=((node.index, slot),),
            )


def moved(graph: Graph) -> Iterator[Fault]:
    """A box's derivative is taken at the value of something below its argument."""
    for node, slot, arg in live(graph):
        inner = graph.nodes[arg]
        op = node.op
        if inner.op is None or op is None or op.arity != 1 or op.variadic or op.mixes:
            continue
        inputs = [i for i in graph.inputs.values() if i < arg and graph.leads_from({i})[arg]]
        for below in dict.fromkeys((*inner.args, *inputs)):
            if not graph.nodes[below].is_constant and _same_shape(graph, below, arg):
                place, right = spoken(graph, below), spoken(graph, arg)
                yield Fault(
                    "outer derivative at the wrong place",
                    f"the derivative of {op.written} belongs at {right}; you took it at {place}",
                    moved=(((node.index, slot), below),),
                )


def another_layer(graph: Graph) -> Iterator[Fault]:
    """A box's rule over its stored output is used with the stored output of another such box."""
    boxes: dict[str, list[Node]] = {}
    for node in graph.nodes:
        if node.op is not None and node.op.arity == 1 and not node.op.mixes and not node.op.variadic:
            boxes.setdefault(node.op.name, []).append(node)
    for node, slot, _ in live(graph):
        op = node.op
        if op is None or op.mixes or "out" not in op.rule_text(slot, len(node.args)):
            continue
        for other in boxes.get(op.name, ()):
            if other.args != node.args and _same_shape(graph, other.index, node.index):
                yield Fault(
                    "another layer's output",
                    f"the derivative of {spoken(graph, node.index)} is worked out from its own output; "
                    f"you used that of {spoken(graph, other.index)}",
                    moved=(((node.index, slot), other.args[0]),),
                )


def gate_of_upstream(graph: Graph) -> Iterator[Fault]:
    """A gate is opened by the sign of what arrives, and not by the sign of its input."""
    for node, slot, arg in live(graph):
        if node.op is not None and node.op.name == "relu":
            yield Fault(
                "gate of the upstream",
                f"{spoken(graph, node.index)} lets a message through where {spoken(graph, arg)} is positive; "
                "you let it through where the message itself is",
                gated=((node.index, slot),),
            )


def statistic_held(graph: Graph) -> Iterator[Fault]:
    """A mean, a variance or a norm held constant, though it is worked out from the variable, too."""
    shapes = graph.shapes
    if shapes is None:
        return
    found: list[Edge] = []
    names: list[str] = []
    for node, slot, arg in live(graph):
        if node.op is None or not node.op.mixes or len(node.args) != 1 or node.index == graph.output:
            continue
        if node.op.entries == MOVED:
            continue  # entries picked are no statistic
        if math.prod(shapes[node.index]) < math.prod(shapes[arg]) and _otherwise(graph, node.index):
            edge, name = (node.index, slot), spoken(graph, node.index)
            found.append(edge)
            names.append(name)
            words = f"{name} depends on {spoken(graph, arg)}, too; you held it constant"
            yield Fault("statistic held constant", words, lost=(edge,))
    if len(found) > 1:
        words = f"{', '.join(names[:-1])} and {names[-1]} depend on the variable, too; you held them constant"
        yield Fault("statistic held constant", words, lost=tuple(found))


def _otherwise(graph: Graph, index: int) -> bool:
    """Does the output depend on what box ``index`` reads in another way than through that box?"""
    below = {i for i in graph.inputs.values() if graph.leads_from({i})[index]}
    found = [False] * len(graph)
    for node in graph.nodes:
        if node.index != index:
            found[node.index] = node.index in below or any(found[arg] for arg in node.args)
    return found[graph.output]


def stale(graph: Graph) -> Iterator[Fault]:
    """The gradients of an earlier run are added to."""
    yield Fault(
        "stale gradients",
        "this is what comes out when the gradients of an earlier run are still there: set them to 0 first",
        stale=True,
    )


def frozen(graph: Graph) -> Iterator[Fault]:
    """A variable taken for a constant: nothing arrives at it."""
    for target, edges in arrivals(graph).items():
        if graph.nodes[target].is_input:
            name = spoken(graph, target)
            yield Fault(
                "variable as constant",
                f"the variable {name} was taken for a constant, whose derivative is 0",
                lost=tuple(edges),
            )


def crossed(graph: Graph) -> Iterator[Fault]:
    """(uv)′ as u′·v′ and (u/v)′ as u′/v′, along one variable at a time."""
    for name, variable in graph.inputs.items():
        varies = graph.leads_from({variable})
        for index in graph.steps:
            node = graph.nodes[index]
            if node.op is None or node.op.name not in ("multiply", "divide") or not _is_number(graph, index):
                continue
            if all(varies[arg] for arg in node.args):
                what = "product" if node.op.name == "multiply" else "quotient"
                yield Fault(
                    "product of derivatives",
                    f"the derivative of the {what} {spoken(graph, index)} along {name} is not "
                    f"the {what} of the two derivatives",
                    crossed=((index, variable),),
                    along=variable,
                )


def _same_shape(graph: Graph, one: int, other: int) -> bool:
    return graph.shapes is None or graph.shapes[one] == graph.shapes[other]


def _is_number(graph: Graph, index: int) -> bool:
    """Of arrays nobody multiplies the derivatives, as they are matrices."""
    return graph.shapes is None or graph.shapes[index] == ()
