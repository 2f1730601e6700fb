"""The trees of rules as Python code: names for nodes, calls for ops, shapes already known as numbers."""

from __future__ import annotations

import ast
import keyword

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.arithmetics.base import NAMED
from backtrace_cli.engine.trace import Trace
from backtrace_cli.export.dialect import Dialect, Helpers, call
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.ops import CONSTANTS, Op, find, fixed, read_place
from backtrace_cli.ops.nothing import SHAPE

__all__ = ["CodeTrees", "literal", "safe_names"]

#: Names that a file uses itself.
_OWN = {"np", "jnp", "torch", "math", "jax", "value_and_gradient", "loss"}


class CodeTrees:
    """What turns trees over the nodes of a trace into code of a dialect; ``helpers`` grows on the way."""

    def __init__(self, trace: Trace, dialect: Dialect) -> None:
        self.trace, self.graph, self.dialect = trace, trace.graph, dialect
        self.helpers = Helpers(dialect)
        self.names = safe_names(trace.graph)

    def tree(self, expr: Expr) -> ast.expr:
        """A rule's tree (a few boxes deep) as code."""
        if isinstance(expr, Number):
            return ast.Constant(_number(expr.text))
        if isinstance(expr, Name):
            return self._named(expr.name)
        args = [self.tree(arg) for arg in expr.args]
        op = find(expr.func, len(args))
        if op is None:
            raise BacktraceError(f"{expr.func} can't be written as code")
        known = self._known_by_shape(op, expr)
        if known is not None:
            return known
        values = dict(zip(op.option_names, op.option_defaults, strict=True))
        for name, text in expr.options:
            values[name] = read_place(text) if name == "at" else fixed(text)
        return call(op, args, tuple(values.values()), self.helpers)

    def _known_by_shape(self, op: Op, expr: Call) -> ast.expr | None:
        """A number that follows from the shapes of what is named; None for anything else."""
        if not op.messages or not all(message is SHAPE for message in op.messages):
            return None
        found = [self.graph.find(arg.name) if isinstance(arg, Name) else None for arg in expr.args]
        if None in found:
            return None
        options = dict(zip(op.option_names, op.option_defaults, strict=True))
        options |= {name: fixed(text) for name, text in expr.options}
        values = [self.trace.values[index] for index in found if index is not None]
        value = self.trace.arithmetic.function(op)(*values, *options.values())
        return None if shape_of(value) else ast.Constant(int(value))

    def _named(self, name: str) -> ast.expr:
        """A node, the gradient of one, or a constant."""
        index = self.graph.find(name)
        if index is not None:
            return ast.Name(self.names[index], ast.Load())
        index = self.graph.find(name.removeprefix("d_")) if name.startswith("d_") else None
        return self._constant(name) if index is None else ast.Name(f"d_{self.names[index]}", ast.Load())

    def _constant(self, text: str) -> ast.expr:
        if text[0] == "[":
            library = ast.Name(str(self.dialect.arrays), ast.Load())
            return ast.Call(ast.Attribute(library, self.dialect.array, ast.Load()), [_list(text)], [])
        module = self.dialect.arrays or "math"
        if text in CONSTANTS:
            return ast.Attribute(ast.Name(module, ast.Load()), "pi" if text == "π" else text, ast.Load())
        if text in NAMED:
            return ast.Attribute(ast.Name(module, ast.Load()), text, ast.Load())
        return ast.Constant(_number(text))

    def read(self, index: int) -> ast.expr:
        """Node ``index`` where it is read: its name, or its literal."""
        node = self.graph.nodes[index]
        if node.literal is not None:
            return self._constant(node.literal)
        return ast.Name(self.names[index], ast.Load())


def safe_names(graph: Graph) -> list[str]:
    """A Python name for every node: the formula's own, where Python can have it."""
    taken = {*_OWN, *keyword.kwlist}
    found = []
    for index, node in enumerate(graph.nodes):
        name = graph.name(index)
        if node.literal is None:
            name = name.replace("'", "_prime")
            if not name.isidentifier() or keyword.iskeyword(name) or name in taken:
                name = "".join(c if c.isidentifier() or c.isdigit() else "_" for c in name) + "_"
            while name in taken or name.startswith("d_"):
                name += "_"
            taken |= {name, f"d_{name}"}
        found.append(name)
    return found


def _number(text: str) -> float | int:
    return int(text) if text.isdecimal() else float(text)


def literal(value: object) -> ast.expr:
    """Numbers and tuples of them as code."""
    if isinstance(value, tuple):
        return ast.Tuple([literal(one) for one in value], ast.Load())
    return ast.Constant(value)  # type: ignore[arg-type]


def _list(text: str) -> ast.expr:
    """A nested list of numbers, as the graph keeps it, as code."""
    import json

    def made(value: object) -> ast.expr:
        return (
            ast.List([made(one) for one in value], ast.Load()) if isinstance(value, list) else literal(value)
        )

    return made(json.loads(text))
