"""How long a tree might become when it is multiplied out: known before anything is.

What sympy is asked to do has no bound of its own, so whatever might grow long is
refused here, by counting.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, comb
from typing import Any, NamedTuple

from backtrace_cli.language.tree.simplify import rational
from backtrace_cli.language.tree.syntax import Call, Expr, Number, size, walk
from backtrace_cli.language.tree.text import to_text

__all__ = ["ARITHMETIC", "exponent", "fold", "fraction_fits", "refusal"]

#: What is handed to sympy has at most this many nodes, and exponents up to this one.
MOST_PARTS, MOST_EXPONENT = 250, 12
#: … so many terms when multiplied out, so many with the denominators under them, and so many
#: levels (sympy recurses).
MOST_TERMS, MOST_WRITTEN, MOST_DEPTH = 500, 2000, 60
#: A fraction is cancelled or factored up to this many terms above or below, in so many unknowns,
#: and only where its degree leaves room for no more than so many monomials.
MOST_FRACTION_TERMS, MOST_UNKNOWNS, MOST_MONOMIALS = 100, 6, 1000
_ENOUGH = 10**6

_SUMS = ("add", "subtract")
ARITHMETIC = (*_SUMS, "multiply", "divide", "negative", "power", "square")


class Growth(NamedTuple):
    """How long a tree may become when expanded, and what it is as one fraction."""

    terms: int
    written: int
    """Terms when expanded, and those with the terms of the denominators under each."""
    above: int
    """Terms above the line, and below it."""
    below: int
    top: int
    """The degree above the line, and below it."""
    bottom: int
    depth: int


def refusal(tree: Expr) -> str | None:
    """Why ``tree`` is not handed to sympy, in a user's words, or None.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> refusal(parse_expression("x^99 + x"))
    'its powers are too high to simplify further'
    """
    if size(tree, MOST_PARTS) > MOST_PARTS:
        return "too long to simplify further"
    powers = (exponent(node) for node in walk(tree))
    if any(power is not None and abs(power) > MOST_EXPONENT for power in powers):
        return "its powers are too high to simplify further"
    grown = _growth(tree)
    if any(part.terms > MOST_TERMS or part.written > MOST_WRITTEN for part in grown):
        return "too long to simplify further"
    if grown[-1].depth > MOST_DEPTH:
        return "too deep to simplify further"
    return None


def exponent(node: Expr) -> Fraction | None:
    """The rational number that ``node`` raises something to, if it is such a power.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> exponent(parse_expression("x^-3"))
    Fraction(-3, 1)
    """
    if not isinstance(node, Call) or node.func != "power":
        return None
    return rational(node.args[1])


def fold(tree: Expr, combine: Callable[[Expr, list[Any]], Any]) -> list[Any]:
    """``combine(node, results of its arguments)`` for every node, children first; the root comes last.

    >>> fold(Call("sin", (Call("cos", (Number("1"),)),)), lambda node, args: 1 + sum(args))
    [1, 2, 3]
    """
    done: list[Any] = []
    every: list[Any] = []
    stack: list[tuple[Expr, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        args = node.args if isinstance(node, Call) else ()
        if args and not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(args))
            continue
        first = len(done) - len(args)
        found = combine(node, done[first:])
        done[first:] = [found]
        every.append(found)
    return every


def _growth(tree: Expr) -> list[Growth]:
    return fold(tree, _grow)


def _grow(node: Expr, args: list[Growth]) -> Growth:
    """The growth of ``node`` from that of its arguments; never too small."""
    depth = 1 + max((arg.depth for arg in args), default=0)
    power = Fraction(2) if isinstance(node, Call) and node.func == "square" else exponent(node)
    if not isinstance(node, Call) or node.func not in ARITHMETIC or (node.func == "power" and power is None):
        return Growth(1, 1, 1, 1, 0 if isinstance(node, Number) else 1, 0, depth)
    one, other = args[0], args[-1]
    if node.func == "negative":
        return one._replace(depth=depth)
    if node.func in _SUMS:
        above = one.above * other.below + other.above * one.below
        top = max(one.top + other.bottom, other.top + one.bottom)
        return _capped(one.terms + other.terms, one.written + other.written, above,
                       one.below * other.below, top, one.bottom + other.bottom, depth)  # fmt: skip
    if power is not None:
        times = ceil(abs(power))
        terms, written, above, below = (comb(part + times - 1, times) for part in one[:4])
        top, bottom = one.top * times, one.bottom * times
        if power < 0:
            return _capped(1, written, below, above, bottom, top, depth)
        return _capped(terms, written, above, below, top, bottom, depth)
    if node.func == "divide":
        other = Growth(1, other.written, other.below, other.above, other.bottom, other.top, other.depth)
    products = (left * right for left, right in zip(one[:4], other[:4], strict=True))
    return _capped(*products, one.top + other.top, one.bottom + other.bottom, depth)


def _capped(*parts: int) -> Growth:
    return Growth(*(min(part, _ENOUGH) for part in parts))


def fraction_fits(tree: Expr) -> bool:
    """Is it short enough, in few enough unknowns, to be brought over one denominator?

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> [fraction_fits(parse_expression(text)) for text in ("1/(x+y) + 1/x", "a+b+c+d+k+l+m")]
    [True, False]
    """
    grown = _growth(tree)
    if any(max(part.above, part.below) > MOST_FRACTION_TERMS for part in grown):
        return False
    unknowns: set[str] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.func in ARITHMETIC and not _odd_power(node):
            stack.extend(node.args)
        elif not isinstance(node, Number):
            unknowns.add(to_text(node, ascii=True))
    count, degree = len(unknowns), max(grown[-1].top, grown[-1].bottom)
    return count <= MOST_UNKNOWNS and comb(count + degree, count) <= MOST_MONOMIALS


def _odd_power(node: Call) -> bool:
    """Has it an exponent that is not a whole number?"""
    power = exponent(node)
    return node.func == "power" and (power is None or power.denominator != 1)
