"""A forward function over floats as one Python expression, where its body is only tests, names and a result.

Inside a straight-line program a call of ``sigmoid`` costs as much as the rest of a small gradient. The
expression is that of the function itself, read from its source, so there is no second definition of any op.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import textwrap
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

__all__ = ["Inlined", "inlined", "native"]


class Inlined(NamedTuple):
    """What a function returns, as a tree over its parameters' names."""

    params: tuple[str, ...]
    tree: ast.expr
    names: dict[str, Any]
    """What the other names in the tree stand for."""
    own: tuple[str, ...]
    """Names that the tree assigns on its way."""


def native(function: Callable[..., float], samples: tuple[tuple[float, ...], ...]) -> Any:
    """The function of Python's ``math`` that gives the same as ``function`` and raises where that is guarded;
    ``function`` itself where there is none.

    >>> from backtrace_cli.ops.exponential import exp
    >>> native(exp, ((0.5,),)) is math.exp
    True
    """
    found = getattr(math, getattr(function, "__name__", ""), None)
    if found is None or found is function or not samples:
        return function
    for sample in samples:
        try:
            value = found(*sample)
        except (ValueError, OverflowError, TypeError):
            return function
        if not isinstance(value, float) or value != function(*sample):
            return function
    return found


@cache
def inlined(function: Callable[..., float]) -> Inlined | None:
    """``function`` as an expression; None where its body is more than tests, assignments and results.

    >>> from backtrace_cli.ops.activations import relu
    >>> ast.unparse(inlined(relu).tree)
    'a if a > 0 or a != a else 0.0'
    """
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return None
    found = ast.parse(source).body[0]
    if not isinstance(found, ast.FunctionDef) or found.args.vararg or found.args.defaults:
        return None
    params = tuple(arg.arg for arg in found.args.args)
    body = found.body[1:] if ast.get_docstring(found) else found.body
    own: list[str] = []
    tree = _result(body, own)
    if tree is None:
        return None
    names: dict[str, Any] = {}
    known = {*params, *own}
    space = getattr(function, "__globals__", {})
    tree = _Bound(known, space, names).visit(tree)
    return Inlined(params, tree, names, tuple(own)) if None not in names.values() else None


def _result(body: list[ast.stmt], own: list[str]) -> ast.expr | None:
    """What a body returns: a test becomes a choice, an assignment is made where its name is first read."""
    if not body:
        return None
    first, rest = body[0], body[1:]
    if isinstance(first, ast.Return):
        return first.value
    if isinstance(first, ast.If):
        then, otherwise = _result(first.body, own), _result(first.orelse or rest, own)
        return ast.IfExp(first.test, then, otherwise) if then and otherwise else None
    if isinstance(first, ast.Assign) and isinstance(first.targets[0], ast.Name) and len(first.targets) == 1:
        name = first.targets[0].id
        after = _result(rest, own)
        if after is None or name in own or not isinstance(after, (ast.BinOp, ast.IfExp)):
            return None
        own.append(name)
        before = after.test if isinstance(after, ast.IfExp) else after
        placed = _First(name, first.value)
        placed.visit(before)
        return after if placed.done else None
    return None


class _First(ast.NodeTransformer):
    """The first reading of a name becomes its assignment; what may be left out is not looked into."""

    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value, self.done = name, value, False

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if self.done or node.id != self.name:
            return node
        self.done = True
        return ast.NamedExpr(ast.Name(self.name, ast.Store()), self.value)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        node.left = self.visit(node.left)
        node.right = self.visit(node.right)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return node


class _Bound(ast.NodeTransformer):
    """Functions by names of their own: ``math.exp`` and the guarded ``exp`` are both Python's."""

    def __init__(self, known: set[str], space: dict[str, Any], names: dict[str, Any]) -> None:
        self.known, self.space, self.names = known, space, names

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "math":
            return self._name(getattr(math, node.attr, None), node.attr)
        self.names["?"] = None
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.known:
            return node
        return self._name(self.space.get(node.id, getattr(builtins, node.id, None)), node.id)

    def _name(self, value: Any, name: str) -> ast.expr:
        self.names[f"_{name}"] = native(value, ((0.5,),)) if callable(value) else value
        return ast.Name(f"_{name}", ast.Load())
