"""Sums of products as lists of terms: a number, and factors that are multiplied entry by entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.ops.shape_functions import Shape
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees

__all__ = ["Term", "Terms", "collected", "merged", "plus", "scaled", "term_tree", "tree_of"]


class Term(NamedTuple):
    """number · base^exponent · …; no base stands twice."""

    number: Fraction
    factors: tuple[tuple[Expr, int], ...] = ()


class Terms(NamedTuple):
    """A sum of terms in the shape of what it stands for; a term may be smaller, and is spread then."""

    terms: tuple[Term, ...]
    shape: Shape


def scaled(term: Term, number: Fraction) -> Term:
    """``term`` times a number."""
    return term._replace(number=term.number * number)


def merged(trees: ShapedTrees, factors: Iterable[tuple[Expr, int]]) -> tuple[tuple[Expr, int], ...]:
    """The factors with equal bases gathered, those that cancel gone."""
    found: dict[int, tuple[Expr, int]] = {}
    for base, exponent in factors:
        key = trees.number(base)
        found[key] = (base, found.get(key, (base, 0))[1] + exponent)
    return tuple(factor for factor in found.values() if factor[1])


def collected(trees: ShapedTrees, terms: Iterable[Term]) -> tuple[Term, ...]:
    """Like terms added up, those that come to 0 gone."""
    found: dict[frozenset[tuple[int, int]], Term] = {}
    for term in terms:
        key = frozenset((trees.number(base), exponent) for base, exponent in term.factors)
        before = found.get(key)
        found[key] = term if before is None else before._replace(number=before.number + term.number)
    return tuple(term for term in found.values() if term.number)


def plus(trees: ShapedTrees, one: Terms, other: Terms, sign: int, shape: Shape) -> Terms:
    """one ± other."""
    more = tuple(scaled(term, Fraction(sign)) for term in other.terms)
    return Terms(collected(trees, one.terms + more), shape)


# -- back to trees -------------------------------------------------------------------


def _plain(number: Fraction) -> bool:
    """Is it written as a decimal, such as 0.1, rather than as a quotient, such as 1/2 and 1/3?"""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and number.denominator > 4


def _power(base: Expr, exponent: int) -> Expr:
    return base if exponent == 1 else Call("power", (base, Number(str(exponent))))


def _product(parts: Sequence[Expr]) -> Expr:
    tree = parts[0]
    for part in parts[1:]:
        tree = Call("multiply", (tree, part))
    return tree


def _headed(front: Sequence[Expr], chain: Expr) -> Expr:
    """2·A.T @ x: what is in front stands at the first factor of the chain."""
    spine: list[Call] = []
    while isinstance(chain, Call) and chain.func == "matmul":
        spine.append(chain)
        chain = chain.args[0]
    tree = _product([*front, chain])
    for link in reversed(spine):
        tree = Call("matmul", (tree, link.args[1]))
    return tree


def term_tree(trees: ShapedTrees, term: Term) -> Expr:
    """``term`` without its sign as people write it: numbers, then numbers with names, then arrays."""
    number = abs(term.number)
    top = [(base, exponent) for base, exponent in term.factors if exponent > 0]
    bottom = [_power(base, -exponent) for base, exponent in term.factors if exponent < 0]
    front: list[Expr] = []
    if _plain(number):
        front = [Number(str(float(number)))] if number < 10**15 else [Number(str(number.numerator))]
    elif number.numerator != 1:
        front = [Number(str(number.numerator))]
    if number.denominator != 1 and not _plain(number):
        bottom.insert(0, Number(str(number.denominator)))
    top.sort(key=lambda factor: _rank(trees, factor[0]))
    powers = [_power(*factor) for factor in top]
    arrays = [tree for tree, (base, _) in zip(powers, top, strict=True) if trees.shape(base)]
    if len(arrays) == 1 and powers[-1] is arrays[0] and _is_chain(arrays[0]):
        tree = _headed([*front, *powers[:-1]], arrays[0])
    else:
        tree = _product([*front, *powers]) if front or powers else Number("1")
    return Call("divide", (tree, _product(bottom))) if bottom else tree


def _is_chain(tree: Expr) -> bool:
    return isinstance(tree, Call) and tree.func == "matmul"


def _rank(trees: ShapedTrees, base: Expr) -> tuple[bool, bool]:
    """Numbers before arrays, names before the rest."""
    return bool(trees.shape(base)), not isinstance(base, Name)


def negated(tree: Expr) -> Expr:
    """−tree with the sign at its first factor: −2·A @ x."""
    spine: list[Call] = []
    while isinstance(tree, Call) and tree.func in ("multiply", "divide", "matmul"):
        spine.append(tree)
        tree = tree.args[0]
    tree = Call("negative", (tree,))
    for link in reversed(spine):
        tree = Call(link.func, (tree, link.args[1]))
    return tree


def _is_turned(term: Term) -> bool:
    """Is it a transpose, and nothing else?"""
    base = term.factors[0][0] if len(term.factors) == 1 else None
    return isinstance(base, Call) and base.func == "transpose"


def tree_of(trees: ShapedTrees, terms: Sequence[Term]) -> Expr:
    """The sum as people write it, a positive term first."""
    if not terms:
        return Number("0")
    order = sorted(terms, key=lambda term: _is_turned(term))  # A + A.T
    lead = next((place for place, term in enumerate(order) if term.number > 0), 0)
    order.insert(0, order.pop(lead))
    tree: Expr | None = None
    for term in order:
        part = term_tree(trees, term)
        if tree is None:
            tree = part if term.number > 0 else negated(part)
        else:
            tree = Call("add" if term.number > 0 else "subtract", (tree, part))
    assert tree is not None
    return tree
