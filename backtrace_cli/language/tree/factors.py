"""The factors of a product in the order in which a person writes them: 2·x·sin(y), and not 2·sin(y)·x."""

from __future__ import annotations

from collections.abc import Callable

from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, rebuild

__all__ = ["in_order"]


def in_order(tree: Expr, place: Callable[[str], int] = lambda name: 0) -> Expr:
    """``tree`` with the numbers of its products first, then names and their powers, then the rest as it is.

    ``place`` says which name comes first behind a number; names at one place stay in their order.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> from backtrace_cli.language.tree.text import to_text
    >>> to_text(in_order(parse_expression("(1 - y)*x*2 + y*(1 + y)")))
    '2·x·(1 − y) + y·(1 + y)'
    """
    return rebuild(tree, lambda node: _ordered(node, place))


def _ordered(node: Expr, place: Callable[[str], int]) -> Expr:
    if not (isinstance(node, Call) and node.func == "multiply"):
        return node
    factors = _factors(node)
    if any(isinstance(factor, Call) and factor.func in ("divide", "negative") for factor in factors):
        return node  # a/b·c would need brackets
    led = any(isinstance(factor, Number) for factor in factors)  # 2·x·y; without a number as it was written
    product, *rest = sorted(factors, key=lambda factor: _rank(factor, place if led else lambda name: 0))
    for factor in rest:
        product = Call("multiply", (product, factor))
    return product


def _factors(node: Expr) -> list[Expr]:
    """The factors of a product, from the left; what is in a bracket of its own stays one."""
    found: list[Expr] = []
    while isinstance(node, Call) and node.func == "multiply":
        node, last = node.args
        found.append(last)
    return [node, *reversed(found)]


def _rank(factor: Expr, place: Callable[[str], int]) -> tuple[int, int]:
    if isinstance(factor, Number):
        return 0, 0
    if isinstance(factor, Call) and factor.func == "power" and isinstance(factor.args[1], Number):
        factor = factor.args[0]
    return (1, place(factor.name)) if isinstance(factor, Name) else (2, 0)
