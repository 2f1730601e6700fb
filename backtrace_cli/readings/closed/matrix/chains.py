"""Matrix products as chains: A @ B @ x is three factors in a row."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.language.tree.syntax import Call, Expr

__all__ = ["chain_of", "chain_tree"]


def chain_of(tree: Expr) -> list[Expr]:
    """The factors of a product, from the left; another tree is a chain of one.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> len(chain_of(parse_expression("A @ (B @ C) @ x")))
    4
    """
    found: list[Expr] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Call) and node.func == "matmul":
            stack += node.args
        else:
            found.append(node)
    return found[::-1]


def chain_tree(chain: Sequence[Expr]) -> Expr:
    """The product of the factors, from the left."""
    tree = chain[0]
    for factor in chain[1:]:
        tree = Call("matmul", (tree, factor))
    return tree
