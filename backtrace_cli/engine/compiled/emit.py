"""Lines as a Python function over floats: a tree is built here and compiled; no text of anybody's is.

Python's own operators and ``math`` raise where the walk's guarded functions would give inf or nan: then,
and where a result is not finite, the caller asks the walk.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from backtrace_cli.engine.compiled.inlining import inlined, native
from backtrace_cli.engine.compiled.lines import CONSTANT, INPUT, Line
from backtrace_cli.engine.compiled.lowering import Lowered
from backtrace_cli.ops import Op
from backtrace_cli.ops.arithmetic import divide, power
from backtrace_cli.ops.piecewise import equal, greater, greater_equal, less, less_equal, not_equal

__all__ = ["Unfit", "compiled", "function_of", "returned", "used_lines"]

_BINARY: dict[Any, ast.operator] = {
    operator.add: ast.Add(), operator.sub: ast.Sub(), operator.mul: ast.Mult(), divide: ast.Div(),
}  # fmt: skip
_COMPARED: dict[Any, ast.cmpop] = {
    less: ast.Lt(), less_equal: ast.LtE(), greater: ast.Gt(), greater_equal: ast.GtE(),
    equal: ast.Eq(), not_equal: ast.NotEq(),
}  # fmt: skip
#: Expressions are nested up to this depth; deeper ones get a name.
_DEPTH = 12
#: So many results are added in one expression, to see whether all are finite.
_MOST_ADDED = 40


class Unfit(ArithmeticError):
    """The program's numbers left what it was made for: the walk knows what to say."""


def used_lines(program: Lowered) -> list[int]:
    """How often each line is read, 0 for what nothing asks for."""
    counts = [0] * len(program.lines.lines)
    for line in program.results:
        counts[line] += 1
    for index in range(len(counts) - 1, -1, -1):
        if counts[index]:
            for arg in program.lines.lines[index].args:
                counts[arg] += 1
    return counts


def function_of(
    program: Lowered, inputs: list[str], named: tuple[str, ...] | None = None, *, width: int = 0
) -> Callable[..., Any]:
    """The function that takes the inputs in this order and gives the program's results: as a tuple, or
    the first and the others by their names, or all of them in rows of this ``width``. It raises
    ArithmeticError or ValueError where a step has no finite value.
    """
    return _Emitter(program, inputs).function(named, width)


def compiled(body: list[ast.stmt], count: int, space: dict[str, Any]) -> Callable[..., Any]:
    """The function of ``count`` arguments x0, x1, … with this body, over the names in ``space``."""
    arguments = ast.arguments([], [ast.arg(f"x{number}") for number in range(count)], None, [], [], None, [])
    made = ast.FunctionDef("program", arguments, body, [], None, None)
    module = ast.fix_missing_locations(ast.Module([made], []))
    exec(compile(module, "<straight-line program>", "exec"), space)
    found: Callable[..., Any] = space["program"]
    return found


def returned(results: list[ast.expr], named: tuple[str, ...] | None) -> ast.Return:
    """The results as a tuple, or the first and a dict of the others."""
    if named is None:
        return ast.Return(ast.Tuple(results, ast.Load()))
    slopes = ast.Dict([ast.Constant(name) for name in named], results[1:])
    return ast.Return(ast.Tuple([results[0], slopes], ast.Load()))


def _in_rows(results: list[ast.expr], width: int) -> ast.Return:
    """The results row by row, as a list of lists."""
    starts = range(0, len(results), width)
    rows: list[ast.expr] = [ast.List(results[at : at + width], ast.Load()) for at in starts]
    return ast.Return(ast.List(rows, ast.Load()))


class _Emitter:
    def __init__(self, program: Lowered, inputs: list[str]) -> None:
        self.program = program
        self.lines = program.lines
        self.inputs = inputs
        self.counts = used_lines(program)
        self.space: dict[str, Any] = {"_isfinite": math.isfinite, "_Unfit": Unfit}
        self.body: list[ast.stmt] = []
        self.trees: dict[int, ast.expr] = {}
        self.depth: dict[int, int] = {}
        self.inner = 0

    def function(self, named: tuple[str, ...] | None, width: int) -> Callable[..., Any]:
        place = {name: number for number, name in enumerate(self.inputs)}
        for index, line in enumerate(self.lines.lines):
            if not self.counts[index]:
                continue
            if line.sort == INPUT:
                self.trees[index], self.depth[index] = _name(f"x{place[line.fixed[0]]}"), 0
            elif line.sort == CONSTANT:
                self.trees[index], self.depth[index] = _number(self.lines.samples[index]), 0
            else:
                self._computed(index, line)
        results = [self.trees[line] for line in self.program.results]
        self._must_be_finite(results)
        self.body.append(_in_rows(results, width) if width else returned(results, named))
        return compiled(self.body, len(self.inputs), self.space)

    def _must_be_finite(self, results: list[ast.expr]) -> None:
        total = results[0]
        for count, line in enumerate(dict.fromkeys(self.program.results[1:]), 1):
            if not isinstance(one := self.trees[line], ast.Constant):
                total = ast.BinOp(total, ast.Add(), one)
            if count % _MOST_ADDED == 0:
                self.body.append(ast.Assign([ast.Name("total", ast.Store())], total))
                total = _name("total")
        test = ast.UnaryOp(ast.Not(), ast.Call(_name("_isfinite"), [total], []))
        self.body.append(ast.If(test, [ast.Raise(_name("_Unfit"), None)], []))

    def _computed(self, index: int, line: Line) -> None:
        assert line.op is not None
        tree = self._tree(line.op, line.args)
        depth = 1 + max((self.depth[arg] for arg in line.args), default=0)
        if self.counts[index] > 1 or depth > _DEPTH or index in self.program.results:
            self.body.append(ast.Assign([ast.Name(f"v{index}", ast.Store())], tree))
            tree, depth = _name(f"v{index}"), 0
        self.trees[index], self.depth[index] = tree, depth

    def _tree(self, op: Op, args: tuple[int, ...]) -> ast.expr:
        trees = [self.trees[arg] for arg in args]
        forward: Any = op.float
        if forward in _BINARY:
            return ast.BinOp(trees[0], _BINARY[forward], trees[1])
        if forward is operator.neg:
            return ast.UnaryOp(ast.USub(), trees[0])
        if forward in _COMPARED:
            test = ast.Compare(trees[0], [_COMPARED[forward]], [trees[1]])
            return ast.IfExp(test, ast.Constant(1.0), ast.Constant(0.0))
        if op.selects:
            when = trees[0]
            if isinstance(when, ast.IfExp) and isinstance(when.test, ast.Compare):
                when = when.test
            return ast.IfExp(when, trees[1], trees[2])
        if forward is power:
            return self._call(math.pow, trees)
        plain = native(forward, op.samples)
        if plain is not forward:
            return self._call(plain, trees)
        body = None if op.domain else inlined(forward)
        if body is None:
            return self._call(_strict(forward) if op.domain else forward, trees)
        return self._placed(body, trees)

    def _placed(self, body: Any, trees: list[ast.expr]) -> ast.expr:
        """A function's expression over these arguments, each under a name where it is no name yet."""
        self.inner += 1
        names = {name: f"{name}_{self.inner}" for name in body.own}
        for name, value in body.names.items():
            self.space[name] = value
        place: dict[str, ast.expr] = {}
        for number, (param, tree) in enumerate(zip(body.params, trees, strict=True)):
            if not isinstance(tree, (ast.Name, ast.Constant)):
                name = f"a{self.inner}_{number}"
                self.body.append(ast.Assign([ast.Name(name, ast.Store())], tree))
                tree = _name(name)
            place[param] = tree
        return _Renamed(place, names).visit(_copied(body.tree))  # type: ignore[no-any-return]

    def _call(self, function: Any, trees: list[ast.expr]) -> ast.expr:
        name = f"_{getattr(function, '__name__', 'f')}_{id(function)}"
        self.space[name] = function
        return ast.Call(_name(name), trees, [])


class _Renamed(ast.NodeTransformer):
    def __init__(self, place: dict[str, ast.expr], names: dict[str, str]) -> None:
        self.place, self.names = place, names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.place:
            return self.place[node.id]
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def _copied(tree: ast.expr) -> ast.expr:
    from copy import deepcopy

    return deepcopy(tree)


def _strict(function: Callable[..., float]) -> Callable[..., float]:
    """``function``, raising where it has no value: a nan may vanish in a comparison further on."""

    def strict(*args: float) -> float:
        value = function(*args)
        if value != value:
            raise Unfit
        return value

    return strict


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _number(value: float) -> ast.expr:
    return ast.Constant(float(value))
