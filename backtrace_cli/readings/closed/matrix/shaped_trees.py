"""Trees whose shapes are known: every subtree has a number, by which it is compared, and a shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from backtrace_cli.base.errors import ShapeError
from backtrace_cli.graph.literals import literal_shape
from backtrace_cli.graph.shape_fitting import result_shape
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.ops import OPS, Op, find, fixed, read_place
from backtrace_cli.ops.shape_functions import Shape

__all__ = ["ShapedTrees", "fold", "op_of", "options_of"]

T = TypeVar("T")


def fold(tree: Expr, make: Callable[[Expr, list[T]], T]) -> T:
    """``make`` of every subtree and of what it made of the arguments, children first, without recursion."""
    done: list[T] = []
    stack: list[tuple[Expr, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if isinstance(node, Call) and not ready:
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
            continue
        count = len(node.args) if isinstance(node, Call) else 0
        args = done[len(done) - count :]
        del done[len(done) - count :]
        done.append(make(node, args))
    return done[0]


def options_of(op: Op, node: Call) -> tuple[Any, ...]:
    """The values of the op's options in a call."""
    found = dict(zip(op.option_names, op.option_defaults, strict=True))
    for name, text in node.options:
        found[name] = read_place(text.strip("[]")) if name == "at" else fixed(text)
    return tuple(found.values())


def op_of(node: Call, shapes: list[Shape]) -> Op:
    """The op that a call means for arguments of these shapes. Raises ShapeError where it means none."""
    op = find(node.func, len(node.args))
    if op is None:
        raise ShapeError(f"{node.func} of {len(node.args)} arguments is no op")
    return OPS[op.ranks(*shapes, *options_of(op, node))] if op.ranks is not None else op


class ShapedTrees:
    """The trees over names of known shapes.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> trees = ShapedTrees({"A": (3, 2), "x": (2,)})
    >>> trees.shape(parse_expression("A @ x - 1"))
    (3,)
    """

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        self.names = shapes
        self._shapes: list[Shape] = []
        self._numbers: dict[Any, int] = {}
        self._known: dict[int, tuple[Expr, int]] = {}

    def number(self, tree: Expr) -> int:
        """A number that equal trees share. Raises ShapeError where the shapes don't fit."""
        known = self._known.get(id(tree))
        return known[1] if known is not None else fold(tree, self._make)

    def shape(self, tree: Expr) -> Shape:
        """The shape of the value of ``tree``. Raises ShapeError."""
        return self._shapes[self.number(tree)]

    def same(self, tree: Expr, other: Expr) -> bool:
        """Are both the same tree?"""
        return self.number(tree) == self.number(other)

    def _make(self, node: Expr, args: list[int]) -> int:
        known = self._known.get(id(node))
        if known is not None:
            return known[1]
        key = (node.func, tuple(args), node.options) if isinstance(node, Call) else (node[0],)
        number = self._numbers.get(key)
        if number is None:
            shape = self._shape(node, [self._shapes[arg] for arg in args])
            number = self._numbers[key] = len(self._shapes)
            self._shapes.append(shape)
        self._known[id(node)] = (node, number)  # the tree is kept, so that its id stays its own
        return number

    def _shape(self, node: Expr, shapes: list[Shape]) -> Shape:
        if isinstance(node, Number):
            return ()
        if isinstance(node, Name):
            return literal_shape(node.name) if node.name[:1] == "[" else self.names.get(node.name, ())
        op = op_of(node, shapes)
        return result_shape(op, shapes, options_of(op, node))
