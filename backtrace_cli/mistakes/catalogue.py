"""The mistakes people make in backpropagation, one declaration each.

A mistake says which rule it breaks, and finds the places in a graph where it could
have been made. A place is a Fault: data for the replay, which is the engine's own
backward pass with that one rule broken (see replay.py). Adding a mistake is adding
a declaration to MISTAKES.
"""

from __future__ import annotations

from collections.abc import Iterator

from backtrace_cli.graph import Graph
from backtrace_cli.mistakes.places.compositions import (
    composed_product,
    constant_kept,
    inner_left_out,
    inside,
    power_of_e,
)
from backtrace_cli.mistakes.places.fault import Edge, Fault, Mistake
from backtrace_cli.mistakes.places.misreadings import as_product, regrouped, turned_round, wrong_axis
from backtrace_cli.mistakes.places.paths import (
    another_layer,
    crossed,
    early,
    frozen,
    gate_of_upstream,
    lost_path,
    moved,
    overwritten,
    stale,
    statistic_held,
    unfed,
)
from backtrace_cli.mistakes.places.rules import (
    constant_varies,
    halved,
    integral,
    named,
    not_squared,
    one,
    own_factor,
    power,
    quotient_swapped,
    sign,
    stored,
    twice,
    wrong_rule,
)
from backtrace_cli.mistakes.places.wrong_messages import count_lost, message_mistake, not_summed, unspread

__all__ = ["BY_NAME", "MISTAKES", "Edge", "Fault", "Mistake", "faults_in"]


def faults_in(graph: Graph) -> Iterator[Fault]:
    """Every mistake of the catalogue at every place of ``graph``.

    >>> from backtrace_cli.graph import build
    >>> sorted({fault.mistake for fault in faults_in(build("x*x"))})[:3]
    ['doubled', 'factor left out', 'halved']
    """
    for mistake in MISTAKES:
        yield from mistake.places(graph)


def _factor_left_out(graph: Graph) -> Iterator[Fault]:
    yield from unfed(graph)
    yield from wrong_rule("factor left out", one)(graph)
    yield from inner_left_out(graph)


def _wrong_rule(graph: Graph) -> Iterator[Fault]:
    yield from wrong_rule("wrong rule", named)(graph)
    yield from power_of_e(graph)


#: The catalogue. The name is what JSON and reports carry.
MISTAKES: tuple[Mistake, ...] = (
    Mistake("lost path", "a path forgotten at a fork",
            "a = x^2; b = x*y; f = a + b", lost_path, keeps_part=True, copies=True),
    Mistake("overwritten", "messages overwritten at a fork instead of added",
            "a = x^2; b = x*y; c = 3*x; d = a + b; f = d + c", overwritten, keeps_part=True, copies=True,
            in_code="replaced"),
    Mistake("passed on too early", "a shared node propagated once per reader",
            "a = x*y; b = a^2; c = y*a; d = b*c; f = d + a", early, in_code="early"),
    Mistake("factor left out", "a factor of the chain left out, inner or upstream",
            "a = x^3; f = y*a", _factor_left_out, copies=True, of_chain=True, in_code="unfed"),
    Mistake("outer derivative at the wrong place", "the outer derivative taken at x instead of at g(x)",
            "a = x*y; f = sin(a)", moved),
    Mistake("product of derivatives", "the derivative of u·v taken as u′·v′, or that of u/v as u′/v′",
            "a = x^2; b = sin(x); f = a*b", crossed),
    Mistake("sign", "a sign turned round",
            "a = x*y; f = x - a", wrong_rule("sign", sign), rank=1, vague=True),
    Mistake("own factor", "in a product, the factor itself taken for the other one",
            "a = x + y; f = a*y", wrong_rule("own factor", own_factor), copies=True),
    Mistake("quotient terms swapped", "the quotient rule's terms swapped",
            "a = x^2; b = x + y; f = a/b", quotient_swapped),
    Mistake("denominator not squared", "the quotient rule without its square",
            "f = x/y", wrong_rule("denominator not squared", not_squared)),
    Mistake("power rule", "exponent not lowered, or factor dropped",
            "f = x^3*y", wrong_rule("power rule", power)),
    Mistake("integrated", "integrated instead of differentiated",
            "a = x^3; f = a*y", wrong_rule("integrated", integral)),
    Mistake("input for output", "the stored input used for the stored output",
            "a = x*y; f = exp(a)", wrong_rule("input for output", stored), copies=True),
    Mistake("wrong rule", "another rule for the box's own: σ′ as σ, tanh′ as 1 − tanh",
            "a = x*y; f = σ(a)", _wrong_rule, rank=2, copies=True),
    Mistake("variable as constant", "a variable taken for a constant",
            "f = x^2*y", frozen),
    Mistake("constant as variable", "a constant given a derivative of its own",
            "a = 3*x; f = a*y", wrong_rule("constant as variable", constant_varies)),
    Mistake("doubled", "a factor 2 too much",
            "a = x*y; f = sin(a)", wrong_rule("doubled", twice), vague=True),
    Mistake("halved", "a factor 2 lost",
            "a = x*y; f = sin(a)", halved, vague=True),
    Mistake("read differently", "the formula read with other brackets",
            "(x + y)^2*y", regrouped, misread=True, copies=True, regroups=True),
    Mistake("order turned round", "the order turned round: a − b worked out as b − a, a/b as b/a",
            "a = x/y; f = a + x", turned_round, misread=True, in_code="exchanged"),
    Mistake("power as product", "a power worked out as a product: x³ as 3·x",
            "a = x^3; f = a*y", as_product, misread=True),
    Mistake("stale gradients", "gradients of an earlier run left in",
            "a = x*y; f = a + x", stale, in_code="stale"),
    Mistake("composition as product", "a composition differentiated as a product: sin(x²) as sin(x)·x²",
            "f = sin(x^2)", composed_product),
    Mistake("derivative taken inside", "the outer derivative taken at the inner one: sin(x²) → cos(2x)",
            "f = sin(x^2)", inside),
    Mistake("constant kept", "a constant that is added kept in the derivative: x² + 5 → 2x + 5",
            "f = x^2 + 5", constant_kept),
    Mistake("another layer's output", "a derivative over the stored output taken at another box's output",
            "a = σ(x); b = σ(a*y); f = b*a", another_layer, rank=1),
    Mistake("gate of the upstream", "relu's gate opened by the sign of the message instead of the input",
            "f = x*relu(y) - y*relu(x)", gate_of_upstream),
    Mistake("statistic held constant", "a mean, variance or norm of the variable held constant",
            "m = mean(x); d = x - m; L = sum(d*d*c)", statistic_held, "x=[1,2,6],c=[1,2,3]", rank=3),
    Mistake("wrong axis", "rows taken for columns: a sum, mean or softmax over the other axis",
            "s = sum(X, axis=0); L = s @ s", wrong_axis, "X=[[1,2],[3,5]]", practised="matrices"),
    Mistake("transposed", "a matrix not transposed, or its message transposed",
            "y = W @ h; L = c @ y", message_mistake("transposed"), "W=[[1,2],[3,-1]],h=[2,1],c=[5,4]",
            copies=True, practised="matrices"),
    Mistake("factors exchanged", "the order of a matrix product exchanged",
            "Y = A @ B; L = sum(Y*C)", message_mistake("factors exchanged"),
            "A=[[1,2],[3,-1]],B=[[2,1],[-1,3]],C=[[1,4],[2,-3]]", practised="matrices"),
    Mistake("outer product turned", "the outer product the wrong way round",
            "y = W @ h; L = c @ y", message_mistake("outer product turned"),
            "W=[[1,2],[3,-1]],h=[2,1],c=[5,4]", practised="matrices"),
    Mistake("softmax diagonal", "the softmax with its diagonal only",
            "y = softmax(z); L = c @ y", message_mistake("softmax diagonal"), "z=[0,log(3)],c=[2,6]",
            practised="softmax"),
    Mistake("not summed back", "a broadcast not summed back",
            "Y = X + b; L = sum(Y*C)", not_summed, "X=[[1,2],[3,4]],b=[1,5],C=[[1,2],[4,3]]",
            copies=True, spreads=True, practised="matrices", in_code="loose"),
    Mistake("not spread", "the message of a sum not spread over what was summed",
            "s = sum(x); L = s^2", unspread, "x=[1,2,4]", copies=True, practised="vectors"),
    Mistake("mean and sum", "a mean taken for a sum, or a sum for a mean",
            "m = mean(x); L = m^2", count_lost, "x=[1,2,6,7]", spreads=True, practised="vectors",
            in_code="averaged"),
)  # fmt: skip

#: The same by their names.
BY_NAME: dict[str, Mistake] = {mistake.name: mistake for mistake in MISTAKES}
