"""A straight-line program as numbered lines: equal ones are one, constants are worked out beforehand.

What is simplified here changes no bit of a result: x·1, x/1, x^1, x·(−1), and what consists of constants.
(x^2 becomes x·x, the correctly rounded square, which C's pow misses by an ulp at most.)
"""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.language.tree.syntax import Call
from backtrace_cli.ops import OPS, Op, find
from backtrace_cli.ops.arithmetic import divide, power
from backtrace_cli.ops.nothing import SHAPE
from backtrace_cli.ops.piecewise import equal

__all__ = ["CONSTANT", "FIT", "FULL", "INPUT", "OP", "Late", "Line", "Lines", "is_product", "is_transposed"]

#: What a line is: a value from outside, a constant, an op, a sum over the axes along which something was
#: broadcast, a value spread to a shape.
INPUT, CONSTANT, OP, FIT, FULL = "input", "constant", "op", "fit", "full"

_CHOOSE = next(op for op in OPS.values() if op.selects)
_NEGATE = next(op for op in OPS.values() if op.float is operator.neg)
_TIMES = next(op for op in OPS.values() if op.float is operator.mul)
_PLUS = next(op for op in OPS.values() if op.float is operator.add)
_EQUAL = next(op for op in OPS.values() if op.float is equal)


class Late(int):
    """An option's whole number that is told with every call; it stands for itself until then.

    >>> Late("seed of h", 3) == Late("seed of h", 4), Late("seed of h", 3) == 3
    (True, False)
    """

    name: str

    def __new__(cls, name: str, value: int) -> Late:
        """The number called ``name``, now with this value."""
        self = super().__new__(cls, value)
        self.name = name
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Late) and self.name == other.name

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.name)


class Line(NamedTuple):
    """One value: what makes it, from which lines, with which options."""

    sort: str
    op: Op | None
    args: tuple[int, ...]
    fixed: tuple[Any, ...]


class Lines:
    """The lines of a program while it is written; over arrays each has a sample, which knows its shape."""

    def __init__(self, arithmetic: Arithmetic) -> None:
        self.arithmetic = arithmetic
        self.arrays = hasattr(arithmetic, "dtype")
        self.lines: list[Line] = []
        self.samples: list[Value] = []
        """A line's value at the point the program was made for; None over numbers, but for constants."""
        self._known: dict[tuple[Any, ...], int] = {}
        self._ones: set[int] = set()

    def input(self, name: str, sample: Value) -> int:
        """The line of a value that comes from outside."""
        return self._line((INPUT, name), Line(INPUT, None, (), (name,)), sample)

    def constant(self, value: Value) -> int:
        """The line of a constant, be it a number or an array."""
        key = (CONSTANT, id(value)) if shape_of(value) else (CONSTANT, repr(value))
        line = self._line(key, Line(CONSTANT, None, (), (value,)), value)
        if shape_of(value) and bool((value == 1.0).all()):
            self._ones.add(line)
        return line

    def is_constant(self, line: int, value: float | None = None) -> bool:
        """Is the line a constant number (equal to ``value``)?"""
        if self.lines[line].sort != CONSTANT or shape_of(self.samples[line]):
            return False
        return value is None or bool(self.samples[line] == value)

    def apply(self, op: Op, args: tuple[int, ...], fixed: tuple[Any, ...] = ()) -> int:
        """The line of ``op`` over other lines."""
        same = self._same(op, args)
        if same is not None:
            return same
        if self.arrays:
            turned = self._turned(op, args, fixed)
            if turned is not None:
                return turned
            args = self._unspread(op, args)
        key = (op, args, fixed)
        if key in self._known:
            return self._known[key]
        late = any(isinstance(option, Late) for option in fixed)
        settled = not late and all(self.lines[arg].sort == CONSTANT for arg in args)
        sample: Any = None
        if self.arrays or settled:
            sample = self.arithmetic.function(op)(*[self.samples[arg] for arg in args], *fixed)
        if settled or (self.arrays and not late and _shape_alone(op)):
            line = self.constant(float(sample) if not shape_of(sample) else sample)
            self._known[key] = line
            return line
        return self._line(key, Line(OP, op, args, fixed), sample)

    def times(self, one: int, other: int) -> int:
        """The product of two lines."""
        return self.apply(_TIMES, (one, other))

    def plus(self, one: int, other: int) -> int:
        """The sum of two lines."""
        return self.apply(_PLUS, (one, other))

    def is_zero(self, line: int) -> int:
        """The condition that a line is 0."""
        return self.apply(_EQUAL, (line, self.constant(0.0)))

    def choose(self, condition: int, taken: int, otherwise: int) -> int:
        """``taken`` where the condition holds, else ``otherwise``."""
        if self.is_constant(condition):
            return taken if self.samples[condition] else otherwise
        if taken == otherwise:
            return taken
        return self.apply(_CHOOSE, (condition, taken, otherwise))

    def fit(self, line: int, target: int) -> int:
        """``line`` in the shape of ``target``, summed over the axes along which that was broadcast."""
        if not self.arrays:
            return line
        found, axes = self.arithmetic.fit(self.samples[line], self.samples[target])
        wide, shape = shape_of(self.samples[line]), shape_of(self.samples[target])
        if wide == shape:
            return line
        if not axes:
            return self._full(line, shape)
        spread = (
            tuple(max(pair) for pair in zip(wide, shape, strict=True)) if len(wide) == len(shape) else wide
        )
        if spread != wide:
            line = self._full(line, spread)
        return self._line((FIT, line, axes, shape), Line(FIT, None, (line,), (axes, shape)), found)

    def _full(self, line: int, shape: tuple[int, ...]) -> int:
        import numpy as np

        sample = np.broadcast_to(self.samples[line], shape)
        return self._line((FULL, line, shape), Line(FULL, None, (line,), (shape,)), sample)

    def _same(self, op: Op, args: tuple[int, ...]) -> int | None:
        """A line that already holds what ``op`` would give, to the bit; else None."""
        import numpy as np

        forward = op.float
        if forward is operator.pos:
            return args[0]
        if forward is operator.mul:
            for this, other in (args, args[::-1]):
                if self.is_constant(this, 1.0):
                    return other
                if self.is_constant(this, -1.0) and not self.is_constant(other):
                    return self.apply(_NEGATE, (other,))
                if this in self._ones:
                    shape = np.broadcast_shapes(shape_of(self.samples[this]), shape_of(self.samples[other]))
                    return other if shape_of(self.samples[other]) == shape else self._full(other, shape)
        if forward in (divide, power) and self.is_constant(args[1], 1.0):
            return args[0]
        if forward is power and self.is_constant(args[1], 2.0) and not self.is_constant(args[0]):
            return self.times(args[0], args[0])
        return None

    def _turned(self, op: Op, args: tuple[int, ...], fixed: tuple[Any, ...]) -> int | None:
        """The transpose of a product as the product of the transposes, of a transpose as what it was: so an
        array stands in memory as whoever adds it up wants it."""
        if not (is_transposed(Line(OP, op, args, fixed)) and len(shape_of(self.samples[args[0]])) == 2):
            return None
        inner = self.lines[args[0]]
        if is_transposed(inner):
            return inner.args[0]
        if inner.op is None or not _is_product_of(inner.op):
            return None
        if any(len(shape_of(self.samples[arg])) != 2 for arg in inner.args):
            return None
        one, other = (self.apply(op, (arg,), fixed) for arg in inner.args)
        return self.apply(inner.op, (other, one), inner.fixed)

    def _unspread(self, op: Op, args: tuple[int, ...]) -> tuple[int, ...]:
        """The lines to read where one of two is only spread to the shape of the other: a ufunc does that."""
        if len(args) != 2 or op.mixes or not isinstance(op.numpy, str):
            return args
        shapes = [shape_of(self.samples[arg]) for arg in args]
        if shapes[0] != shapes[1]:
            return args
        for slot in (0, 1):
            line = self.lines[args[slot]]
            if line.sort == FULL:
                return (line.args[0], args[1]) if slot == 0 else (args[0], line.args[0])
        return args

    def _line(self, key: tuple[Any, ...], line: Line, sample: Value) -> int:
        if key not in self._known:
            self._known[key] = len(self.lines)
            self.lines.append(line)
            self.samples.append(sample)
        return self._known[key]


def is_product(call: Call) -> bool:
    """Does a rule multiply here?"""
    return find(call.func, len(call.args)) is _TIMES


def is_transposed(line: Line) -> bool:
    """Is a line the transpose of another, all axes in reverse?"""
    import numpy as np

    named = line.op is not None and isinstance(line.op.numpy, str)
    return named and getattr(np, line.op.numpy) is np.transpose and line.fixed in ((), (None,))  # type: ignore


def _is_product_of(op: Op) -> bool:
    """Is the op the product of two matrices?"""
    import numpy as np

    return isinstance(op.numpy, str) and getattr(np, op.numpy) is np.matmul


def _shape_alone(op: Op) -> bool:
    """Does the value of an array op follow from the shape of what it reads?"""
    import numpy as np

    if op.messages:
        return all(message is SHAPE for message in op.messages)
    return _makes_ones(op) or (isinstance(op.numpy, str) and getattr(np, op.numpy) is np.zeros_like)


def _makes_ones(op: Op) -> bool:
    import numpy as np

    return isinstance(op.numpy, str) and getattr(np, op.numpy) is np.ones_like
