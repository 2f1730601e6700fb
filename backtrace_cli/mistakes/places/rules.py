"""Wrong rules: another text in place of a box's local derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backtrace_cli.graph import Graph, Node
from backtrace_cli.language.tree.simplify import substitute
from backtrace_cli.language.tree.syntax import Name
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.mistakes.places.fault import Fault, live
from backtrace_cli.mistakes.places.spoken import slope, spoken
from backtrace_cli.mistakes.places.wrong_messages import by_message, message_place, other_factor
from backtrace_cli.ops import rule

__all__ = [
    "WrongRules", "constant_varies", "halved", "integral", "named", "not_squared", "one", "own_factor",
    "power", "quotient_swapped", "sign", "stored", "twice", "wrong_rule",
]  # fmt: skip

#: (wrong text, words) for the local derivative of a node by one of its arguments.
WrongRules = Callable[[Graph, Node, int], Iterator[tuple[str, str]]]


def wrong_rule(name: str, rules: WrongRules) -> Callable[[Graph], Iterator[Fault]]:
    """Places of a mistake that puts another text in place of a partial."""

    def places(graph: Graph) -> Iterator[Fault]:
        for node, slot, arg in live(graph):
            if node.op is None or node.op.selects:
                continue
            if node.op.mixes:
                place = message_place(graph, node, slot)
                for text, words in by_message(name, node, slot):
                    words = words.replace("{other}", other_factor(graph, node, slot))
                    yield Fault(name, f"{place}: {words}", sent=(((node.index, slot), text),), place=place)
                continue
            place = slope(graph, node.index, arg)
            for text, words in rules(graph, node, slot):
                yield Fault(name, f"{place}: {words}", wrong=(((node.index, slot), text),), place=place)

    return places


def _text(node: Node, slot: int) -> str:
    assert node.op is not None
    return node.op.rule_text(slot, len(node.args))


def _own_name(node: Node, slot: int) -> str:
    assert node.op is not None
    return node.op.params(len(node.args))[slot]


def sign(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The negative of the rule."""
    yield f"-({_text(node, slot)})", "the sign is turned round"


def one(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The box left out: 1."""
    if _text(node, slot) in ("1", "-1"):
        return
    if node.op is not None and node.op.kinks and node.op.name != "power":
        # Of one number a slope of 0 or 1 is chosen, not left out; of an array some are 0.
        if graph.shapes is not None and graph.shapes[node.index]:
            yield "1", "this slope, another one on either side of the kink, is left out"
        return
    yield "1", "this factor of the chain is left out"


def twice(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """Twice the rule."""
    yield f"2*({_text(node, slot)})", "a factor 2 too much"


def halved(graph: Graph) -> Iterator[Fault]:
    """Half the rule, where there is no power to take a 2 from."""
    # Where something is squared, a missing 2 is the power rule's, and is named so.
    squares = any(node.op is not None and node.op.name in ("power", "square") for node in graph.nodes)
    if not squares:
        yield from wrong_rule("halved", _half)(graph)


def _half(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    yield f"({_text(node, slot)})/2", "a factor 2 is missing"


def _constant_beside(graph: Graph, node: Node, slot: int) -> str | None:
    """The constant that a box of two arguments combines argument ``slot`` with."""
    if len(node.args) != 2:
        return None
    other = graph.nodes[node.args[1 - slot]]
    return other.literal


#: op -> for each slot, its rule where the constant beside it is given the derivative 1
_CONSTANT_VARIES = {
    "multiply": ("a + b", "a + b"), "divide": ("(b - a)/b^2", "(b - a)/b^2"),
}  # fmt: skip


def constant_varies(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """A constant's derivative taken as 1."""
    constant = _constant_beside(graph, node, slot)
    if constant is not None and node.op is not None and node.op.name in _CONSTANT_VARIES:
        yield (
            _CONSTANT_VARIES[node.op.name][slot],
            f"{constant} is a constant, and its derivative is 0, not 1",
        )


def own_factor(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The factor itself for the other one."""
    if node.op is not None and node.op.name == "multiply" and node.args[0] != node.args[1]:
        yield _own_name(node, slot), "the derivative of a product is the other factor, not its own"


def not_squared(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The denominator without its square."""
    if node.op is not None and node.op.name == "divide" and slot == 1:
        yield "-a/b", "the denominator of a quotient's derivative is squared"


def power(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The ways in which the power rule goes wrong."""
    if node.op is None:
        return
    if slot:
        if node.op.name == "power" and graph.nodes[node.args[0]].is_constant:
            yield "b*a^(b - 1)", "the power rule is for a constant exponent; here the exponent varies"
        return
    if node.op.name == "power":
        yield "b*a^b", "the exponent is not lowered by one"
        yield "a^(b - 1)", "the factor in front, the old exponent, is missing"
        if not _is_two(graph, node):
            yield "(b - 1)*a^(b - 1)", "the factor in front is the old exponent, not the lowered one"
            yield "b*a", "the exponent is lowered by one, and not left out"
    if node.op.name == "square":
        yield "2*a^2", "the exponent is not lowered by one"
        yield "a", "the factor 2 in front is missing"


def _is_two(graph: Graph, node: Node) -> bool:
    literal = graph.nodes[node.args[1]].literal
    return literal is not None and literal.rstrip(".0") == "2"


def integral(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The box's antiderivative."""
    integral = node.op.integral if node.op is not None and slot == 0 else None
    if integral is not None and integral != _text(node, slot):
        yield integral, "this is an integral, where a derivative is asked for"


def stored(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """The stored input used for the stored output."""
    if node.op is None or node.op.arity != 1 or node.op.variadic:
        return
    tree = rule(node.op, slot, len(node.args))
    swapped = to_text(substitute(tree, {"out": Name("a")}), ascii=True)
    if swapped != to_text(tree, ascii=True):
        yield swapped, "the formula is over the output of the box; you put its input in"


def named(graph: Graph, node: Node, slot: int) -> Iterator[tuple[str, str]]:
    """Rules that people take for the right one."""
    if node.op is not None:
        yield from node.op.mistaken


def quotient_swapped(graph: Graph) -> Iterator[Fault]:
    """Both terms of the quotient rule with the other sign."""
    for index in graph.steps:
        node = graph.nodes[index]
        live = graph.leads_from(set(graph.inputs.values()))
        if node.op is not None and node.op.name == "divide" and all(live[arg] for arg in node.args):
            yield Fault(
                "quotient terms swapped",
                f"in the derivative of {spoken(graph, index)} the two terms of the quotient rule are swapped",
                wrong=(((index, 0), "-1/b"), ((index, 1), "a/b^2")),
            )
