"""The mistakes people make in backpropagation, one declaration each.

A mistake says which rule it breaks, and finds the places in a graph where it could
have been made. A place is a Fault: data for the replay, which is the engine's own
backward pass with that one rule broken (see replay.py). Adding a mistake is adding
a declaration to MISTAKES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from backtrace_cli.formula.simplify import substitute
from backtrace_cli.formula.syntax import Name
from backtrace_cli.formula.text import to_text
from backtrace_cli.graph import Graph, Node
from backtrace_cli.ops import rule

__all__ = ["MISTAKES", "Edge", "Fault", "Mistake", "faults_in"]

#: (index of the reading node, its argument slot)
Edge = tuple[int, int]


class Fault(NamedTuple):
    """One mistake at one place."""

    mistake: str
    words: str
    """What to tell the student, place included."""
    lost: tuple[Edge, ...] = ()
    """Edges whose message is not added."""
    wrong: tuple[tuple[Edge, str], ...] = ()
    """Edges with the wrong rule used there, as text over the op's arguments and ``out``."""
    unfed: Edge | None = None
    """An edge along which the upstream gradient is left out."""
    moved: tuple[Edge, int] | None = None
    """An edge whose local derivative is taken at another node's value."""
    early: int | None = None
    """A node that passes its gradient on once per message, before all are in."""
    stale: bool = False
    """The gradients of an earlier run are still there."""

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges at which something goes wrong; none where it is not at an edge."""
        found = [*self.lost, *(edge for edge, _ in self.wrong)]
        found += [self.unfed] if self.unfed else []
        return (*found, self.moved[0]) if self.moved else tuple(found)


class Mistake(NamedTuple):
    """A mistake of the catalogue: its name, what it is in general, and where it could be made."""

    name: str
    title: str
    places: Callable[[Graph], Iterator[Fault]]


def faults_in(graph: Graph) -> Iterator[Fault]:
    """Every mistake of the catalogue at every place of ``graph``.

    >>> from backtrace_cli.graph import build
    >>> sorted({fault.mistake for fault in faults_in(build("x*x"))})[:3]
    ['doubled', 'factor left out', 'halved']
    """
    for mistake in MISTAKES:
        yield from mistake.places(graph)


# -- places ------------------------------------------------------------------


def _live(graph: Graph) -> Iterator[tuple[Node, int, int]]:
    """(node, slot, argument) for every edge that carries a message."""
    varies = graph.leads_from(set(graph.inputs.values()))
    for index in graph.steps:
        node = graph.nodes[index]
        for slot, arg in enumerate(node.args):
            if varies[arg]:
                yield node, slot, arg


def _into(graph: Graph) -> dict[int, list[Edge]]:
    """For every node, the edges along which messages arrive."""
    found: dict[int, list[Edge]] = {}
    for node, slot, arg in _live(graph):
        found.setdefault(arg, []).append((node.index, slot))
    return found


def _lost_path(graph: Graph) -> Iterator[Fault]:
    for target, edges in _into(graph).items():
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
            yield Fault("lost path", words, lost=(edge,))


def _overwritten(graph: Graph) -> Iterator[Fault]:
    for target, edges in _into(graph).items():
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


def _early(graph: Graph) -> Iterator[Fault]:
    for target, edges in _into(graph).items():
        if len(edges) > 1 and not graph.nodes[target].is_input:
            name = graph.name(target)
            yield Fault(
                "passed on too early",
                f"{name} is read {len(edges)} times; it passes its gradient on once, "
                "when all its messages are in, and not once per message",
                early=target,
            )


def _unfed(graph: Graph) -> Iterator[Fault]:
    for node, slot, arg in _live(graph):
        if node.index != graph.output:
            yield Fault(
                "factor left out",
                f"the message from {graph.name(node.index)} to {graph.name(arg)} is the local derivative "
                f"times what arrived at {graph.name(node.index)}; you left the latter out",
                unfed=(node.index, slot),
            )


def _factor_left_out(graph: Graph) -> Iterator[Fault]:
    yield from _unfed(graph)
    yield from _wrong_rule("factor left out", _one)(graph)


def _moved(graph: Graph) -> Iterator[Fault]:
    for node, slot, arg in _live(graph):
        inner = graph.nodes[arg]
        op = node.op
        if inner.op is None or op is None or op.arity != 1 or op.variadic:
            continue
        for below in dict.fromkeys(inner.args):
            if not graph.nodes[below].is_constant:
                place, right = graph.name(below), graph.name(arg)
                yield Fault(
                    "outer derivative at the wrong place",
                    f"the derivative of {op.written} belongs at {right}; you took it at {place}",
                    moved=((node.index, slot), below),
                )


def _stale(graph: Graph) -> Iterator[Fault]:
    yield Fault(
        "stale gradients",
        "this is what comes out when the gradients of an earlier run are still there: set them to 0 first",
        stale=True,
    )


# -- wrong rules ---------------------------------------------------------------

_WrongRules = Callable[[Node, int], Iterator[tuple[str, str]]]


def _wrong_rule(name: str, rules: _WrongRules) -> Callable[[Graph], Iterator[Fault]]:
    """Places of a mistake that puts another text in place of a partial."""

    def places(graph: Graph) -> Iterator[Fault]:
        for node, slot, arg in _live(graph):
            if node.op is None or node.op.messages or node.op.selects:
                continue
            top, bottom = graph.name(node.index), graph.name(arg)
            for text, words in rules(node, slot):
                yield Fault(name, f"∂{top}/∂{bottom}: {words}", wrong=(((node.index, slot), text),))

    return places


def _text(node: Node, slot: int) -> str:
    assert node.op is not None
    return node.op.rule_text(slot, len(node.args))


def _own_name(node: Node, slot: int) -> str:
    assert node.op is not None
    return node.op.params(len(node.args))[slot]


def _sign(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    yield f"-({_text(node, slot)})", "the sign is turned round"


def _one(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    # A slope of 0 or 1 by the side is chosen, not left out.
    if _text(node, slot) not in ("1", "-1") and not (node.op and node.op.kinks and node.op.name != "power"):
        yield "1", "this factor of the chain is left out"


def _twice(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    yield f"2*({_text(node, slot)})", "a factor 2 too much"


def _halved(graph: Graph) -> Iterator[Fault]:
    # Where something is squared, a missing 2 is the power rule's, and is named so.
    squares = any(node.op is not None and node.op.name in ("power", "square") for node in graph.nodes)
    if not squares:
        yield from _wrong_rule("halved", _half)(graph)


def _half(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    yield f"({_text(node, slot)})/2", "a factor 2 is missing"


def _own_factor(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    if node.op is not None and node.op.name == "multiply" and node.args[0] != node.args[1]:
        yield _own_name(node, slot), "the derivative of a product is the other factor, not its own"


def _not_squared(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    if node.op is not None and node.op.name == "divide" and slot == 1:
        yield "-a/b", "the denominator of a quotient's derivative is squared"


def _power(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    if node.op is None or slot:
        return
    if node.op.name == "power":
        yield "b*a^b", "the exponent is not lowered by one"
        yield "a^(b - 1)", "the factor in front, the old exponent, is missing"
        yield "(b - 1)*a^(b - 1)", "the factor in front is the old exponent, not the lowered one"
    if node.op.name == "square":
        yield "2*a^2", "the exponent is not lowered by one"
        yield "a", "the factor 2 in front is missing"


#: op -> its antiderivative, as text
_INTEGRALS = {
    "power": "a^(b + 1)/(b + 1)", "square": "a^3/3", "sin": "-cos(a)", "cos": "sin(a)",
    "sqrt": "2/3*a*sqrt(a)", "log": "a*log(a) - a", "sinh": "cosh(a)", "cosh": "sinh(a)",
    "sigmoid": "softplus(a)", "tanh": "log(cosh(a))",
}  # fmt: skip


def _integral(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    integral = _INTEGRALS.get(node.op.name) if node.op is not None and slot == 0 else None
    if integral is not None and integral != _text(node, slot):
        yield integral, "this is an integral, where a derivative is asked for"


def _stored(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The stored input used for the stored output."""
    if node.op is None or node.op.arity != 1 or node.op.variadic:
        return
    tree = rule(node.op, slot, len(node.args))
    swapped = to_text(substitute(tree, {"out": Name("a")}), ascii=True)
    if swapped != to_text(tree, ascii=True):
        yield swapped, "the formula is over the output of the box; you put its input in"


#: op -> the rules that people take for its derivative
_NAMED = {
    "sigmoid": (("out", "σ′ is σ·(1 − σ), not σ"), ("1 - out", "σ′ is σ·(1 − σ), not 1 − σ")),
    "tanh": (("1 - out", "tanh′ is 1 − tanh², not 1 − tanh"),),
    "relu": (("out", "relu′ is 0 or 1, not relu itself"),),
    "exp": (("a*exp(a - 1)", "the power rule does not hold for e^x, whose derivative is itself"),),
    "log": (("1/out", "the derivative of log is 1 over its input"),),
    "cos": (("sin(a)", "cos′ is −sin"),),
}


def _named(node: Node, slot: int) -> Iterator[tuple[str, str]]:
    if node.op is not None:
        yield from _NAMED.get(node.op.name, ())


def _quotient_swapped(graph: Graph) -> Iterator[Fault]:
    for index in graph.steps:
        node = graph.nodes[index]
        live = graph.leads_from(set(graph.inputs.values()))
        if node.op is not None and node.op.name == "divide" and all(live[arg] for arg in node.args):
            yield Fault(
                "quotient terms swapped",
                f"in the derivative of {graph.name(index)} the two terms of the quotient rule are swapped",
                wrong=(((index, 0), "-1/b"), ((index, 1), "a/b^2")),
            )


#: The catalogue. The name is what JSON and reports carry.
MISTAKES: tuple[Mistake, ...] = (
    Mistake("lost path", "a path forgotten at a fork", _lost_path),
    Mistake("overwritten", "messages overwritten at a fork instead of added", _overwritten),
    Mistake("passed on too early", "a shared node propagated once per reader", _early),
    Mistake("factor left out", "a factor of the chain left out, inner or upstream", _factor_left_out),
    Mistake("outer derivative at the wrong place", "f′(x) for f′(g(x))", _moved),
    Mistake("sign", "a sign turned round", _wrong_rule("sign", _sign)),
    Mistake("own factor", "∂(ab)/∂a taken as a", _wrong_rule("own factor", _own_factor)),
    Mistake("quotient terms swapped", "the quotient rule's terms swapped", _quotient_swapped),
    Mistake("denominator not squared", "the quotient rule without its square",
            _wrong_rule("denominator not squared", _not_squared)),
    Mistake("power rule", "exponent not lowered, or factor dropped", _wrong_rule("power rule", _power)),
    Mistake("integrated", "integrated instead of differentiated", _wrong_rule("integrated", _integral)),
    Mistake("input for output", "the stored input used for the stored output",
            _wrong_rule("input for output", _stored)),
    Mistake("wrong rule", "σ′ as σ, tanh′ as 1 − tanh, and their like", _wrong_rule("wrong rule", _named)),
    Mistake("doubled", "a factor 2 too much", _wrong_rule("doubled", _twice)),
    Mistake("halved", "a factor 2 lost", _halved),
    Mistake("stale gradients", "gradients of an earlier run left in", _stale),
)  # fmt: skip
