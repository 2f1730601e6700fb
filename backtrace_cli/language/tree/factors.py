"""The factors of a product in the order in which a person writes them: 2·x·sin(y), and not 2·sin(y)·x."""

from __future__ import annotations

from collections.abc import Callable

from backtrace_cli.language.tree.syntax import CONSTANT, Call, Expr, Name, Number, rebuild

__all__ = ["in_order"]


def in_order(tree: Expr, place: Callable[[str], tuple[int, str]] = lambda name: (0, name)) -> Expr:
    """``tree`` with the numbers of its products first, then names and their powers, then the rest as it is.

    Names come in the order of the alphabet, or as ``place`` says. What is divided by goes last.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> to_text(in_order(parse_expression("(1 - y)*x*2 + z*y*(1 + y) - 1/w*(x + 1)*x")))
    '2·x·(1 − y) + y·z·(1 + y) − x·(x + 1)/w'
    """
    return rebuild(tree, lambda node: _ordered(node, place))


def _ordered(node: Expr, place: Callable[[str], tuple[int, str]]) -> Expr:
    if not (isinstance(node, Call) and node.func == "multiply"):
        return node
    sign, bottoms, factors = 1, list[Expr](), list[Expr]()
    for factor in _factors(node):
        if isinstance(factor, Call) and factor.func == "divide" and not isinstance(factor.args[1], Number):
            factor, bottom = factor.args
            bottoms.append(bottom)
        if isinstance(factor, Call) and factor.func == "negative":
            sign, factor = -sign, factor.args[0]
        factors += [each for each in _factors(factor) if not (isinstance(each, Number) and each.text == "1")]
    if not factors or any(isinstance(each, Call) and each.func in ("divide", "negative") for each in factors):
        return node  # 1/2·x, which x/2 isn't shorter than
    product, *rest = sorted(factors, key=lambda factor: _rank(factor, place))
    if sign < 0:
        product = Call("negative", (product,))
    for factor in rest:
        product = Call("multiply", (product, factor))
    for count, bottom in enumerate(bottoms):
        bottoms[0] = bottom if not count else Call("multiply", (bottoms[0], bottom))
    return Call("divide", (product, bottoms[0])) if bottoms else product


def _factors(node: Expr) -> list[Expr]:
    """The factors of a product, from the left; what is in a bracket of its own stays one."""
    found: list[Expr] = []
    while isinstance(node, Call) and node.func == "multiply":
        node, last = node.args
        found.append(last)
    return [node, *reversed(found)]


def _rank(factor: Expr, place: Callable[[str], tuple[int, str]]) -> tuple[int, tuple[int, str]]:
    if isinstance(factor, Number):
        return 0, (0, "")
    if isinstance(factor, Call) and factor.func == "power" and isinstance(factor.args[1], Number):
        factor = factor.args[0]
    if not isinstance(factor, Name):
        return 3, (0, "")
    return (1, (0, factor.name)) if factor.span == CONSTANT else (2, place(factor.name))
