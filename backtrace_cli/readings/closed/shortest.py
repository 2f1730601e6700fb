"""The shortest way to write a formula, among a bounded set of ways that are checked by number."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.simplify import simplify, substitute
from backtrace_cli.language.tree.syntax import Call, Expr, Name, call, names_in, size, walk
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import CONSTANTS
from backtrace_cli.readings.closed.size_bounds import fraction_fits, refusal
from backtrace_cli.readings.closed.sympy_bridge import Bridge

__all__ = ["Shortest", "agree", "departure", "points", "shortest"]

#: A longer tree is not even tidied: that takes a time quadratic in its length.
_MOST_TIDIED = 600
_POINTS = 24
#: No power above this one is factored, whatever it is a power of.
_MOST_DEGREE = 24
#: Beside these a difference is rounding: a wrong branch of a root or a logarithm is far larger.
_RELATIVE, _ABSOLUTE = 1e-7, 1e-10


class Shortest(NamedTuple):
    """The shortest form found, and why the search stopped early, or None."""

    tree: Expr
    note: str | None


def shortest(tree: Expr, shown: Callable[[str], str] = str) -> Shortest:
    """``tree`` as short as tidying, expanding, factoring or one common denominator make it.

    Length is counted in nodes, then in characters; of equals the first tried wins. A product is not
    multiplied out for the same number of nodes: σ(x)·(1 − σ(x)) stays what it is.
    ``shown`` gives the name that sorts a variable among the others.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> to_text(shortest(parse_expression("-y + 2*x")).tree)
    '2·x − y'
    """
    forms = [tree]
    note = None
    if size(tree, _MOST_TIDIED) <= _MOST_TIDIED:
        forms.append(simplify(tree))
    tidied = forms[-1]
    if size(tidied, 3) > 3:
        note = refusal(tidied)
        if note is None:
            try:
                forms += shapes(tidied, shown)
            except Exception:  # sympy is a guest here: the tidied form is an answer too
                note = "left as it is: it could not be simplified further"
        if not any(isinstance(node, Call) and node.func in ("add", "subtract") for node in walk(tidied)):
            note = None  # one product: nothing to multiply out or to cancel
    forms.sort(key=lambda form: (size(form), _is_sum(form) and not _is_sum(tree), len(to_text(form))))
    best = next(form for form in forms if form is tree or agree(tree, form))
    return Shortest(best, note)


def _is_sum(tree: Expr) -> bool:
    return isinstance(tree, Call) and tree.func in ("add", "subtract")


def shapes(tree: Expr, shown: Callable[[str], str] = str) -> Iterator[Expr]:
    """``tree`` (which ``refusal`` lets pass) as sympy writes it, expanded, over one denominator, factored.

    A shape that fails is left out. Raises BridgeError or whatever sympy raises where
    there is none. Nothing here runs away: what might is counted beforehand.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> [to_text(shape) for shape in shapes(parse_expression("(x+y)*(x-y) + y^2"))][:2]
    ['y² + (x − y)·(x + y)', 'x²']
    """
    import sympy  # type: ignore[import-untyped]

    bridge = Bridge(tree, shown)
    expr = bridge.to_sympy(tree)
    yield from _shape(bridge, expr)
    expanded = sympy.expand(expr)
    yield from _shape(bridge, expanded)
    for fraction in _shape(bridge, sympy.together(expr)):
        yield fraction
        if fraction_fits(fraction) and _low(expr) and _low(expanded):
            for way in (sympy.factor, sympy.cancel):
                with suppress(Exception):
                    yield from _shape(bridge, way(expr))


def _shape(bridge: Bridge, expr: Any) -> Iterator[Expr]:
    """``expr`` as a tree, if it has one."""
    with suppress(Exception):
        yield bridge.to_tree(expr)


def _low(expr: Any) -> bool:
    """Are all powers low? To sympy e^(500·x) is the power 500 of an unknown e^x, and factored so."""
    import sympy

    exponents = (power.as_base_exp()[1] for power in expr.atoms(sympy.Pow, sympy.exp))
    numbers = (power.as_coeff_Mul(rational=True)[0] for power in exponents)
    return all(abs(int(number.p)) <= _MOST_DEGREE for number in numbers)


def agree(tree: Expr, other: Expr) -> bool:
    """Have both the same value, in floating point, wherever ``tree`` has one?

    False also where no point tried gives ``tree`` a value: then nothing is known.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> agree(parse_expression("2*x - x"), parse_expression("x"))
    True
    >>> agree(parse_expression("x^2 / x"), parse_expression("x + 1e-3"))
    False
    """
    names = sorted((names_in(tree) | names_in(other)) - set(CONSTANTS))
    first, second, scale = (evaluator(part, names) for part in (tree, other, _magnitude(tree)))
    tried = 0
    for at in points(len(names)):
        expected = first(at)
        if not math.isfinite(expected):
            continue
        tried += 1
        if not close(expected, second(at), scale(at)):
            return False
    return tried > 0


def _magnitude(tree: Expr) -> Expr:
    """The sum of the sizes of the terms of ``tree``: what rounding is measured by where they cancel."""
    total: Expr | None = None
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.func in ("add", "subtract"):
            stack.extend(node.args)
        else:
            size_of = call("abs", node)
            total = size_of if total is None else call("add", total, size_of)
    assert total is not None
    return total


def close(expected: float, found: float, scale: float = 0.0) -> bool:
    """Do two values differ by no more than rounding, at this scale or their own?"""
    return abs(expected - found) <= _RELATIVE * max(abs(expected), abs(found), scale) + _ABSOLUTE


def departure(graph: Graph, index: int, tree: Expr) -> str | None:
    """What to say where the trace's gradient of node ``index`` is not the value of ``tree``.

    ``tree`` is over the inputs' names ``#0``, ``#1`` …. ``max(x, x)`` ties at every
    point: the trace shares the slope, which no formula for its partials can know.
    """
    if len(graph) > _MOST_TIDIED:
        return None
    inputs = list(graph.inputs.values())
    value = evaluator(tree, [f"#{position}" for position in inputs])
    floats = Floats()
    for at in points(len(inputs), 8):
        values, _ = forward(graph, dict(zip(inputs, at, strict=True)), floats)
        back = backward(graph, values, floats, {index})
        kinked = [graph.nodes[sent.source].op for sent in back.sent if sent.kink >= 0]
        taken, found = back.gradients[index], value(at)
        if (
            kinked
            and taken is not None
            and math.isfinite(taken)
            and math.isfinite(found)
            and not close(taken, found)
        ):
            assert kinked[0] is not None
            written = kinked[0].written
            return f"{written} stands on a kink over a whole range: there the trace takes another slope"
    return None


def evaluator(tree: Expr, names: Sequence[str]) -> Callable[[Sequence[float]], float]:
    """``tree`` as a function of the values of ``names``, over the engine's floats."""
    arithmetic = Floats()
    # A rule may read "out" and "g" besides its parameters, so no variable keeps such a name.
    params = {name: f"#{place}" for place, name in enumerate(names)}
    named = substitute(tree, {name: Name(param) for name, param in params.items()})
    program = arithmetic.compile(named, tuple(params.values()))

    def value(at: Sequence[float]) -> float:
        try:
            return float(arithmetic.run(program, at))
        except (ArithmeticError, ValueError):
            return math.nan

    return value


def points(count: int, how_many: int = _POINTS) -> Iterator[list[float]]:
    """The same points every time: large, small, whole, of either sign, the first ones positive.

    >>> len(list(points(2))), list(points(1)) == list(points(1))
    (24, True)
    """
    dice = random.Random(2024)
    for number in range(how_many):
        at = []
        for _ in range(count):
            low, high = dice.choice(((0.1, 0.95), (1.05, 3.0), (3.0, 7.0)))
            value = dice.uniform(low, high)
            if number % 4 == 3:
                value = float(math.ceil(value))
            if number >= how_many // 4 and dice.random() < 0.5:
                value = -value
            at.append(value)
        yield at
