"""What code is written in: how an op is called there, and which helper functions a file then needs.

Nothing of an op stands here. Its call is read from its forward function: an operator, a function of the
library, or a function of ours, of which one with a single result is written in place and any other goes
along with the file.
"""

from __future__ import annotations

import ast
import inspect
import math
import operator
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from backtrace_cli.engine.compiled.inlining import native
from backtrace_cli.ops import Op
from backtrace_cli.ops.arithmetic import divide, power
from backtrace_cli.ops.piecewise import equal, greater, greater_equal, less, less_equal, not_equal

__all__ = ["Dialect", "Helpers", "call"]

_BINARY: dict[Any, ast.operator] = {
    operator.add: ast.Add(), operator.sub: ast.Sub(), operator.mul: ast.Mult(), divide: ast.Div(),
    power: ast.Pow(),
}  # fmt: skip
_COMPARED: dict[Any, ast.cmpop] = {
    less: ast.Lt(), less_equal: ast.LtE(), greater: ast.Gt(), greater_equal: ast.GtE(),
    equal: ast.Eq(), not_equal: ast.NotEq(),
}  # fmt: skip
#: Keywords that NumPy takes to be so anyway.
_USUAL = {"axis": None, "keepdims": False, "ddof": 0}


class Dialect(NamedTuple):
    """One language of code. ``arrays`` names the library's module, None where there are numbers alone."""

    name: str
    imports: tuple[str, ...]
    arrays: str | None
    title: str
    rewrite: Callable[[Any], Any] | None = None
    """What a tree that speaks NumPy becomes there; it raises BacktraceError for what it can't say."""
    plainer: Mapping[Callable[..., Any], str] = {}
    """Another source for a helper of ours, over NumPy's names, where its own can't be said there."""
    array: str = "array"
    """The library's function that makes an array of a list."""
    double: str = ""
    """What that function is told so that numbers are of double precision."""
    one: str = "1.0"
    autodiff: str = ""
    """Lines that let the library differentiate ``loss`` itself, where it can."""


class Helpers:
    """The functions that a file has to bring along, in the order in which they need each other."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.sources: dict[str, str] = {}

    def add(self, function: Callable[..., Any]) -> str:
        """The name under which the file has ``function``; what it calls goes along."""
        name = function.__name__
        if name in self.sources:
            return name
        found = _Plain().visit(_definition(function, self.dialect.plainer.get(function)))
        self.sources[name] = ""  # it may call itself
        space = getattr(function, "__globals__", {})
        for node in ast.walk(found):
            if not isinstance(node, ast.Name) or node.id not in space or node.id == name:
                continue
            value = space[node.id]
            if inspect.isfunction(value) and value.__module__.startswith("backtrace_cli"):
                self.add(value)
            elif isinstance(value, (int, float, tuple)):
                self.sources.setdefault(node.id, f"{node.id} = {value!r}")
        if self.dialect.arrays and self.dialect.rewrite:
            found = self.dialect.rewrite(found)
        del self.sources[name]
        self.sources[name] = ast.unparse(ast.fix_missing_locations(found))
        return name


def call(op: Op, args: list[ast.expr], fixed: tuple[Any, ...], helpers: Helpers) -> ast.expr:
    """The expression that computes ``op`` over ``args`` with its options."""
    tree = _infix(op, args)
    if tree is None and helpers.dialect.arrays is None:
        tree = _of_numbers(op, args, helpers)
    elif tree is None:
        tree = _of_arrays(op, args, fixed, helpers)
        if helpers.dialect.rewrite:
            tree = helpers.dialect.rewrite(tree)
    assert tree is not None
    return tree


def _infix(op: Op, args: list[ast.expr]) -> ast.expr | None:
    forward: Any = op.float
    if forward in _BINARY:
        return ast.BinOp(args[0], _BINARY[forward], args[1])
    if forward in _COMPARED:
        return ast.Compare(args[0], [_COMPARED[forward]], [args[1]])
    if forward is operator.neg:
        return ast.UnaryOp(ast.USub(), args[0])
    if forward is operator.pos:
        return args[0]
    if op.numpy == "matmul":
        return ast.BinOp(args[0], ast.MatMult(), args[1])
    return None


def _of_numbers(op: Op, args: list[ast.expr], helpers: Helpers) -> ast.expr:
    """A function of ``math``, or one of ours that goes along."""
    assert op.float is not None
    if op.selects:
        return ast.IfExp(*args)
    if op.float is operator.abs:
        return ast.Call(_name("abs"), args, [])
    plain = native(op.float, op.samples)
    name = getattr(plain, "__name__", "")
    if getattr(math, name, None) is plain:
        return ast.Call(ast.Attribute(_name("math"), name, ast.Load()), args, [])
    return ast.Call(_name(helpers.add(op.float)), args, [])


def _of_arrays(op: Op, args: list[ast.expr], fixed: tuple[Any, ...], helpers: Helpers) -> ast.expr:
    """A function of NumPy, one of ours written in place, or one that goes along."""
    options = [_constant(value) for value in fixed]
    if isinstance(op.numpy, str):
        while options and fixed[len(options) - 1] == op.option_defaults[len(options) - 1]:
            options.pop()
        return ast.Call(ast.Attribute(_name("np"), op.numpy, ast.Load()), [*args, *options], [])
    if op.numpy is None:
        assert op.float is not None
        vectorize = ast.Attribute(_name("np"), "vectorize", ast.Load())
        return ast.Call(ast.Call(vectorize, [_name(helpers.add(op.float))], []), args, [])
    short = _in_place(op.numpy, [*args, *options], helpers)
    return short or ast.Call(_name(helpers.add(op.numpy)), [*args, *options], [])


def _in_place(function: Callable[..., Any], args: list[ast.expr], helpers: Helpers) -> ast.expr | None:
    """The result of a function that is one call of the library and no more, over these arguments."""
    found = _definition(function)
    body = [one for one in found.body if not isinstance(one, (ast.Import, ast.ImportFrom))]
    if body and isinstance(body[0], ast.Expr):
        body = body[1:]
    tree = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    if not isinstance(tree, (ast.Call, ast.Subscript)) or found.args.vararg:
        return None
    params = [arg.arg for arg in found.args.args]
    space = getattr(function, "__globals__", {})
    tree = _Placed(dict(zip(params, args, strict=False)), space).visit(tree)
    left = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    ours = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)
    return None if ours or left & {name for name in space if name not in {"np"}} - _names(args) else tree


def _names(trees: list[ast.expr]) -> set[str]:
    return {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}


class _Placed(ast.NodeTransformer):
    """Arguments for parameters; what consists of constants is worked out, and keywords that say what is
    usual are left out."""

    def __init__(self, place: dict[str, ast.expr], space: dict[str, Any]) -> None:
        self.place, self.space = place, space

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.place.get(node.id, node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 1:
            node.slice = node.slice.elts[0]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        function = self.space.get(node.func.id, bool) if isinstance(node.func, ast.Name) else None
        if function is bool or inspect.isfunction(function):
            try:
                values = [ast.literal_eval(arg) for arg in node.args]
            except ValueError:
                return node
            return _constant(function(*values))
        node.keywords = [word for word in node.keywords if not _is_usual(word)]
        return node


def _is_usual(word: ast.keyword) -> bool:
    if not isinstance(word.value, ast.Constant) or word.arg not in _USUAL:
        return False
    usual = _USUAL[word.arg]
    return word.value.value == usual and type(word.value.value) is type(usual)


def _definition(function: Callable[..., Any], source: str | None = None) -> ast.FunctionDef:
    """A function's definition without its annotations and inner imports of NumPy."""
    found = ast.parse(textwrap.dedent(source or inspect.getsource(function))).body[0]
    assert isinstance(found, ast.FunctionDef)
    found.returns = None
    for arg in (*found.args.args, *found.args.kwonlyargs, *filter(None, [found.args.vararg])):
        arg.annotation = None
    found.body = [
        one for one in found.body if not (isinstance(one, ast.Import) and one.names[0].name == "numpy")
    ]
    if isinstance(found.body[0], ast.Expr) and isinstance(found.body[0].value, ast.Constant):
        words = found.body.pop(0)
        found.body[:0] = [words] if len(found.body) > 1 else []
    return found


def _constant(value: Any) -> ast.expr:
    """A constant as it is written; a slice as between brackets."""
    if isinstance(value, slice):
        bounds = [
            None if bound is None else _constant(bound) for bound in (value.start, value.stop, value.step)
        ]
        return ast.Slice(*bounds)
    if isinstance(value, tuple):
        return ast.Tuple([_constant(one) for one in value], ast.Load())
    if isinstance(value, list):
        return ast.List([_constant(one) for one in value], ast.Load())
    if hasattr(value, "tolist"):
        listed = value.tolist()
        made = ast.Attribute(_name("np"), "array", ast.Load())
        return ast.Call(made, [_constant(listed)], []) if isinstance(listed, list) else ast.Constant(listed)
    return ast.Constant(value)


class _Plain(ast.NodeTransformer):
    """An error of ours is a ValueError in a file that stands alone."""

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        words = node.exc.args[0] if isinstance(node.exc, ast.Call) and node.exc.args else ast.Constant("")
        parts = words.values if isinstance(words, ast.JoinedStr) else [words]
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts)
        return ast.Raise(ast.Call(_name("ValueError"), [ast.Constant(text)], []), None)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
