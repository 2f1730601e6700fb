"""Matrix products as chains: A @ B @ x is three factors in a row."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.language.tree.syntax import Call, Expr
from backtrace_cli.readings.closed.matrix.shaped_trees import ShapedTrees, fold

__all__ = ["chain_of", "chain_tree"]


def chain_of(tree: Expr, trees: ShapedTrees) -> list[Expr]:
    """The factors of a product that may be bracketed anyhow, from the left; another tree is a chain of one.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> trees = ShapedTrees({"A": (2, 2), "x": (2,)})
    >>> len(chain_of(parse_expression("A @ (A @ A) @ x"), trees))
    4
    >>> len(chain_of(parse_expression("(A @ x) @ (A @ x)"), trees))
    3
    """

    def make(node: Expr, args: list[list[Expr]]) -> list[Expr]:
        if not isinstance(node, Call) or node.func != "matmul" or len(trees.shape(node)) > 2:
            return [node]
        left, right = args
        if len(left) > 1 and len(trees.shape(left[-1])) == 1:  # a vector that is made on the left
            left = [node.args[0]]
        if len(right) > 1 and len(trees.shape(right[0])) == 1:
            right = [node.args[1]]
        return left + right

    return fold(tree, make)


def chain_tree(chain: Sequence[Expr]) -> Expr:
    """The product of the factors, from the left."""
    tree = chain[0]
    for factor in chain[1:]:
        tree = Call("matmul", (tree, factor))
    return tree
