"""Lines as a Python function over NumPy arrays of fixed shapes: ufuncs in order, dead buffers written over.

A buffer is written over only where it was made by a ufunc of this program, has the shape and sort of the
result, and neither it nor any view of it is read afterwards.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

import numpy as np

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.engine.compiled.emit import Unfit, compiled, returned, used_lines
from backtrace_cli.engine.compiled.lines import CONSTANT, FIT, INPUT, OP, Late, Line, is_transposed
from backtrace_cli.engine.compiled.lowering import Lowered
from backtrace_cli.ops import Op
from backtrace_cli.ops.reductions import sum_array
from backtrace_cli.ops.shares import PARTS

__all__ = ["array_function_of"]

#: Buffers smaller than this are not worth an ``out=``.
_LEAST = 64


def array_function_of(
    program: Lowered,
    inputs: list[str],
    named: tuple[str, ...] | None = None,
    finite: Sequence[int] | None = None,
) -> Callable[..., Any]:
    """The function that takes the inputs (arrays and numbers of the shapes the program was made for) in
    this order and gives the program's results: as a tuple, or the first and the others by their names.
    It raises ``Unfit`` where one of the lines ``finite`` (without it, of the results) is not finite."""
    return _Emitter(program, inputs).function(named, program.results if finite is None else finite)


class _Emitter:
    def __init__(self, program: Lowered, inputs: list[str]) -> None:
        self.program = program
        self.lines = program.lines
        self.inputs = inputs
        self.counts = used_lines(program)
        self.space: dict[str, Any] = {"_isfinite": math.isfinite, "_Unfit": Unfit, "_dot": np.vdot}
        self.body: list[ast.stmt] = []
        self.halves: dict[tuple[Any, ...], str] = {}
        self.owners: list[frozenset[int]] = []
        """The fresh buffers that a line's value may be a view of."""
        self.ends = self._ends()

    def function(self, named: tuple[str, ...] | None, finite: Sequence[int]) -> Callable[..., Any]:
        for index, line in enumerate(self.lines.lines):
            if self.counts[index] and line.sort not in (INPUT, CONSTANT):
                self.body.append(ast.Assign([ast.Name(f"v{index}", ast.Store())], self._tree(index, line)))
                if index in finite:  # at once: its buffer may be written over
                    self._must_be_finite(index)
        for result in finite:
            if self.lines.lines[result].sort == INPUT:
                self._must_be_finite(result)
        self.body.append(returned([*map(self._own, self.program.results)], named))
        return compiled(self.body, len(self.inputs), self.space)

    def _own(self, line: int) -> ast.expr:
        """A result that is nobody else's: neither an input, nor a constant, nor another result."""
        read = self._read(line)
        results = self.program.results
        shared = results.count(line) > 1
        shared |= any(self.owners[other] & self.owners[line] for other in results if other != line)
        if self.owners[line] and not shared:
            return read
        return ast.Call(self._held(np.array), [read], [])

    # -- which buffers are free -------------------------------------------------

    def _ends(self) -> dict[int, int]:
        """For every fresh buffer the last line that reads it, or a view of it."""
        last = [-1] * len(self.lines.lines)
        for index, line in enumerate(self.lines.lines):
            fresh = line.sort == FIT or (line.op is not None and _makes_anew(line.op))
            held = frozenset[int]()
            if not fresh and line.sort not in (INPUT, CONSTANT):
                held = held.union(*(self.owners[arg] for arg in line.args))
            self.owners.append(frozenset([index]) if fresh else held)
            if self.counts[index]:
                for arg in line.args:
                    last[arg] = index
        for result in self.program.results:
            last[result] = len(self.lines.lines)
        ends: dict[int, int] = {}
        for index, owners in enumerate(self.owners):
            for owner in owners:
                ends[owner] = max(ends.get(owner, -1), last[index])
        return ends

    def _free(self, index: int, line: Line) -> int | None:
        """An argument of the line whose buffer the result may be written over."""
        shape = shape_of(self.lines.samples[index])
        if math.prod(shape) < _LEAST:
            return None
        for arg in line.args:
            same = shape_of(self.lines.samples[arg]) == shape and self.owners[arg] == {arg}
            if same and self.ends[arg] == index and not _compares(self.lines.lines[arg].op):
                return arg
        return None

    # -- one line -----------------------------------------------------------------

    def _tree(self, index: int, line: Line) -> ast.expr:
        if line.sort != OP:
            args = [self._read(line.args[0])]
            if line.sort == FIT:
                axes, shape = line.fixed
                wide = shape_of(self.lines.samples[line.args[0]])
                if shape == tuple(size for axis, size in enumerate(wide) if axis not in axes):
                    return self._total(args[0], axes, False)
                total = self._total(args[0], axes, True)
                if len(shape) == len(wide):
                    return total
                return ast.Call(self._held(np.reshape), [total, self._held(shape)], [])
            return ast.Call(self._held(np.broadcast_to), [*args, self._held(line.fixed[0])], [])
        assert line.op is not None
        args = [self._read(arg) for arg in line.args]
        found = _ufunc(line.op)
        if is_transposed(line):
            return ast.Attribute(args[0], "T", ast.Load())
        if line.op.numpy is sum_array:
            return self._total(args[0], *line.fixed)
        if line.op.numpy in PARTS and isinstance(line.op.numpy, FunctionType):
            return self._in_parts(line, args[0])
        if found is None:
            forward = self.lines.arithmetic.function(line.op).forward  # type: ignore[attr-defined]
            tree: ast.expr = ast.Call(self._held(forward), [*args, *map(self._held, line.fixed)], [])
            sort = np.asarray(forward(*[self.lines.samples[arg] for arg in line.args], *line.fixed)).dtype
            return tree if sort == np.float64 else self._cast(tree)
        if _compares(line.op):
            return self._cast(ast.Call(self._held(found), args, []))
        free = self._free(index, line)
        out = [] if free is None else [ast.keyword("out", self._read(free))]
        return ast.Call(self._held(found), args, out)

    def _in_parts(self, line: Line, tree: ast.expr) -> ast.expr:
        """A function whose first half several lines share: that half stands in the program once."""
        assert line.op is not None
        first, second = PARTS[line.op.numpy]
        axis = line.fixed[0]
        key = (first, line.args[0], axis)
        if key not in self.halves:
            name = f"h{len(self.halves)}"
            self.halves[key] = name
            half = ast.Call(self._held(first), [tree, self._held(axis)], [])
            self.body.append(ast.Assign([ast.Name(name, ast.Store())], half))
        return ast.Call(self._held(second), [_name(self.halves[key]), *map(self._held, line.fixed)], [])

    def _total(self, tree: ast.expr, axes: Any, kept: Any) -> ast.expr:
        """The sum over some axes, which are kept with size 1 or gone."""
        keywords = [ast.keyword("axis", self._held(axes))]
        if kept:
            keywords.append(ast.keyword("keepdims", ast.Constant(True)))
        return ast.Call(self._held(np.add.reduce), [tree], keywords)

    def _cast(self, tree: ast.expr) -> ast.expr:
        return ast.Call(self._held(np.asarray), [tree, self._held(np.float64)], [])

    def _must_be_finite(self, line: int) -> None:
        read = self._read(line)
        if shape_of(self.lines.samples[line]):  # a sum of squares that is finite has only finite terms
            read = ast.Call(_name("_dot"), [read, read], [])
        test = ast.UnaryOp(ast.Not(), ast.Call(_name("_isfinite"), [read], []))
        self.body.append(ast.If(test, [ast.Raise(_name("_Unfit"), None)], []))

    def _read(self, index: int) -> ast.expr:
        line = self.lines.lines[index]
        if line.sort == INPUT:
            return _name(f"x{self.inputs.index(line.fixed[0])}")
        if line.sort == CONSTANT:
            value = self.lines.samples[index]
            return self._held(value) if shape_of(value) else ast.Constant(float(value))
        return _name(f"v{index}")

    def _held(self, value: Any) -> ast.expr:
        if isinstance(value, Late):
            return _name(f"x{self.inputs.index(value.name)}")
        if value is None or isinstance(value, (bool, int, float, str)):
            return ast.Constant(value)
        name = f"_k{len(self.space)}"
        self.space[name] = value
        return _name(name)


def _ufunc(op: Op) -> np.ufunc | None:
    """The ufunc that computes an op entry by entry over doubles; None where it is another function."""
    found = getattr(np, op.numpy) if isinstance(op.numpy, str) else None
    return found if isinstance(found, np.ufunc) and found.signature is None else None


def _makes_anew(op: Op) -> bool:
    """Does the op's function give an array that nobody else has?"""
    found = getattr(np, op.numpy) if isinstance(op.numpy, str) else op.numpy
    return isinstance(found, np.ufunc) or found is sum_array or found in PARTS


def _compares(op: Op | None) -> bool:
    """Does the op's ufunc give truth values?"""
    found = None if op is None else _ufunc(op)
    return found is not None and f"{'d' * found.nin}->d" not in found.types


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
