"""Where the walk itself can go wrong: a message lost, left out, sent too early, or not cleared away."""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.places.fault import Fault, arrivals, live

__all__ = ["crossed", "early", "frozen", "lost_path", "moved", "overwritten", "stale", "unfed"]


def lost_path(graph: Graph) -> Iterator[Fault]:
    """One message of several is not added."""
    for target, edges in arrivals(graph).items():
        if len(edges) < 2:
            continue
        name = graph.name(target)
        for edge in edges:
            lost = graph.name(edge[0])
            kept = [graph.name(other[0]) for other in edges if other != edge]
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
                f"at the fork {graph.name(target)} only the message through {graph.name(edge[0])} is left: "
                "messages add up (+=), they don't replace each other (=)",
                lost=others,
            )


def early(graph: Graph) -> Iterator[Fault]:
    """A shared node passes its gradient on once per message."""
    for target, edges in arrivals(graph).items():
        if len(edges) > 1 and not graph.nodes[target].is_input:
            name = graph.name(target)
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
                f"the message from {graph.name(node.index)} to {graph.name(arg)} is the local derivative "
                f"times what arrived at {graph.name(node.index)}; you left the latter out",
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
                place, right = graph.name(below), graph.name(arg)
                yield Fault(
                    "outer derivative at the wrong place",
                    f"the derivative of {op.written} belongs at {right}; you took it at {place}",
                    moved=(((node.index, slot), below),),
                )


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
            name = graph.name(target)
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
                    f"the derivative of the {what} {graph.name(index)} along {name} is not "
                    f"the {what} of the two derivatives",
                    crossed=((index, variable),),
                )


def _same_shape(graph: Graph, one: int, other: int) -> bool:
    return graph.shapes is None or graph.shapes[one] == graph.shapes[other]


def _is_number(graph: Graph, index: int) -> bool:
    """Of arrays nobody multiplies the derivatives, as they are matrices."""
    return graph.shapes is None or graph.shapes[index] == ()
