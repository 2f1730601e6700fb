"""What a box is called to the student: by its name where the formula gives one, else by what it computes."""

from __future__ import annotations

from functools import lru_cache

from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.syntax import Call, Expr, Name
from backtrace_cli.language.tree.text import to_text

__all__ = ["slope", "spoken", "spoken_tree"]

#: What a box computes is written out so many boxes deep, …
_DEEP = 4
#: … and in so many characters.
_LONG = 40


def spoken(graph: Graph, index: int) -> str:
    """The name of a box that has one, else its formula, with ``…`` in it where that is long.

    >>> from backtrace_cli.graph import build
    >>> graph = build("a = x^2; sin(2*a) + a")
    >>> [spoken(graph, index) for index in graph.steps]
    ['a', '2·a', 'sin(2·a)', 'f']
    """
    return to_text(spoken_tree(graph, index))


@lru_cache(maxsize=4096)
def spoken_tree(graph: Graph, index: int) -> Expr:
    """The same as a tree, to be put where a formula reads the box."""
    for deep in range(_DEEP, 0, -1):
        tree = _written(graph, index, deep)
        if deep == 1 or len(to_text(tree)) <= _LONG:
            return tree
    raise AssertionError("one box deep is always written")


def _written(graph: Graph, index: int, deep: int) -> Expr:
    node = graph.nodes[index]
    if node.op is None or node.name or index == graph.output:
        return graph.term(index)
    if deep == 0:
        return Name("…")
    return graph.definition(index, lambda arg: _written(graph, arg, deep - 1))


def slope(graph: Graph, top: int, bottom: int) -> str:
    """How a local derivative is written: ``∂a/∂x``, ``∂sin(2·x)/∂(2·x)``.

    >>> from backtrace_cli.graph import build
    >>> graph = build("sin(2*x) + x")
    >>> slope(graph, 3, 2), slope(graph, 2, graph.inputs["x"])
    ('∂sin(2·x)/∂(2·x)', '∂(2·x)/∂x')
    """
    return f"∂{_atom(graph, top)}/∂{_atom(graph, bottom)}"


def _atom(graph: Graph, index: int) -> str:
    tree = spoken_tree(graph, index)
    text = to_text(tree)
    called = isinstance(tree, Call) and text[:1].isalpha() and text.endswith(")") and _closes_last(text)
    return text if isinstance(tree, Name) or called else f"({text})"


def _closes_last(text: str) -> bool:
    """Does the first bracket close at the very end, as in ``sin(…)``?"""
    depth = 0
    head, bracket, _ = text.partition("(")
    if not bracket or not head.replace("_", "").isalnum():
        return False
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and depth == 0:
            return place == len(text) - 1
    return False
