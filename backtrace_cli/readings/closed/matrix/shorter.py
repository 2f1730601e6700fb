"""The shortest way to write a formula over arrays, among those that the laws lead to and numbers bear out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.language.tree.syntax import Call, Expr, size, walk
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.closed.matrix.collecting import gathered, powers_gathered, turned_together
from backtrace_cli.readings.closed.matrix.lawful import TooLong
from backtrace_cli.readings.closed.matrix.matching import Facts
from backtrace_cli.readings.closed.matrix.normal import Normal
from backtrace_cli.readings.closed.matrix.pointwise import entry_by_entry
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees

__all__ = ["Way", "shorter"]

#: The search goes on from the shortest form found so far, so often at most.
_ROUNDS = 3
#: Longer trees are not searched.
_MOST = 400


class Way(NamedTuple):
    """A formula, and the words of the laws that led to it."""

    tree: Expr
    words: tuple[str, ...]


def shorter(
    tree: Expr, trees: ShapedTrees, facts: Facts, until: float, holds: Callable[[Expr], bool],
    like: Expr, measure: Callable[[Expr], int] = size, whole: bool = True,
) -> Way:  # fmt: skip
    """The shortest form of ``tree`` for which ``holds`` is true; ``tree`` itself where none is shorter.

    ``like`` has the shape of ``tree``. ``measure`` says how long a form is. With ``whole`` parts that
    work entry by entry are looked at as scalar formulas, too.
    """

    def length(way: Way) -> tuple[int, bool, int]:
        is_sum = isinstance(way.tree, Call) and way.tree.func in ("add", "subtract")
        return measure(way.tree) + 3 * _awkward(way.tree, trees), is_sum, len(to_text(way.tree))

    best = Way(tree, ())
    for _ in range(_ROUNDS):
        ways = sorted(_ways(best, trees, facts, until, like, whole), key=length)
        found = next((way for way in ways if way is best or holds(way.tree)), best)
        if found is best or to_text(found.tree) == to_text(best.tree):
            break
        best = found
    return best


def _ways(way: Way, trees: ShapedTrees, facts: Facts, until: float, like: Expr, whole: bool) -> Iterator[Way]:
    if size(way.tree, _MOST) > _MOST:
        return
    for expand in (False, True):
        try:
            normal = Normal(trees, facts, expand, until)
            tree = normal.tree(way.tree, like)
            yield _said(way, tree, normal)
            plain = Normal(trees, facts, until=until)
            plain.said |= normal.said
            yield _said(way, plain.tree(gathered(tree, plain), like), plain)
        except (TooLong, BacktraceError, RecursionError):
            continue
    raised_chains = powers_gathered(way.tree, trees)
    if raised_chains is not way.tree:
        yield Way(raised_chains, tuple(dict.fromkeys((*way.words, "powers"))))
    turned = turned_together(way.tree, trees)
    if turned is not way.tree:
        yield Way(turned, tuple(dict.fromkeys((*way.words, "transposes"))))
    if whole and time.monotonic() < until:
        try:
            tree = entry_by_entry(way.tree, trees)
        except BacktraceError:
            return
        if tree is not way.tree:
            yield Way(tree, tuple(dict.fromkeys((*way.words, "entry by entry"))))


def _said(way: Way, tree: Expr, normal: Normal) -> Way:
    return Way(tree, tuple(dict.fromkeys((*way.words, *normal.said))))


def _awkward(tree: Expr, trees: ShapedTrees) -> int:
    """How many products of a row and a matrix there are, and transposes of products, which few write."""
    count = 0
    goes_on: set[int] = set()
    for node in walk(tree):
        if not isinstance(node, Call):
            continue
        if node.func == "matmul":
            goes_on.add(id(node.args[0]))  # x @ A in x @ A @ y
            alone = id(node) not in goes_on
            count += alone and len(trees.shape(node.args[0])) == 1 == len(trees.shape(node))
        elif node.func == "transpose":
            count += isinstance(node.args[0], Call) and node.args[0].func == "matmul"
    return count
