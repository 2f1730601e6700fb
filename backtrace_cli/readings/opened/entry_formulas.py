"""Formulas over the entries of arrays: arrays of trees that add and multiply like numbers.

A rule that runs over them writes down, entry by entry, what it would have computed.
Each tree knows its number, so that a comparison in a rule can choose.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.engine.arithmetics.program import Program
from backtrace_cli.engine.backward import Rules
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Node
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number, number
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import Op, fixed_text
from backtrace_cli.readings.entry_names import labels

__all__ = ["Formulas", "Plain", "Tree", "checked", "naming", "naming_all", "tree_of", "value_of"]

#: A formula of an entry has the slope as its value, give or take the rounding of single precision.
_ROUNDING = 1e-5
#: The text of a rule may lose the digits that its stable form keeps: 1 − out² of a saturated tanh.
_TINY = 1e-9


class Plain(Rules):
    """The rules without what is taken at a kink."""

    def at_kink(self, node: Node, slot: int, at: list[Value], value: Value) -> tuple[Value, int]:
        return value, -1

    def tangent_at_kink(self, node: Node, slot: int, at: list[Value], moved: Value) -> tuple[Value, int]:
        return moved, -1


class Tree:
    """A formula with its number."""

    __slots__ = ("tree", "value")

    def __init__(self, tree: Expr, value: float) -> None:
        self.tree = tree
        self.value = value

    def __add__(self, other: Any) -> Any:
        return self if _is(other, 0) else _joined("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self if _is(other, 0) else _joined("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self if _is(other, 0) else _joined("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _joined("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self.__rmul__(other) if _is(other, 0) or _is(other, 1) else _joined("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        if _is(other, 0):
            return 0.0
        return self if _is(other, 1) else _joined("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self if _is(other, 1) else _joined("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return 0.0 if _is(other, 0) else _joined("divide", other, self)

    def __pos__(self) -> Tree:
        return self

    def __neg__(self) -> Tree:
        return Tree(simplify(Call("negative", (self.tree,))), -self.value)


def _is(other: Any, wanted: float) -> bool:
    return not isinstance(other, Tree) and bool(other == wanted)


_FUNCTIONS: dict[str, Callable[[float, float], float]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
}  # fmt: skip


def _joined(func: str, left: Any, right: Any) -> Tree:
    with np.errstate(all="ignore"):
        one, two = np.float64(value_of(left)), np.float64(value_of(right))
        value = one / two if func == "divide" else _FUNCTIONS[func](one, two)
    return Tree(simplify(Call(func, (tree_of(left), tree_of(right)))), float(value))


def tree_of(entry: Any) -> Expr:
    """The formula of one entry; of a number its shortest literal."""
    if isinstance(entry, Tree):
        return entry.tree
    value = float(entry)
    texts = (numeral(value, digits, ascii=True) for digits in (15, 16, 17))
    return number(next((text for text in texts if float(text) == value), numeral(value, 17, ascii=True)))


def value_of(entry: Any) -> float:
    """The number of one entry."""
    return entry.value if isinstance(entry, Tree) else float(entry)


_values = np.frompyfunc(value_of, 1, 1)


def _numbers(array: Any) -> Any:
    return np.asarray(_values(array), dtype=float)


class Formulas(Arrays):
    """Arrays of formulas, one for each entry."""

    stable = False

    def __init__(self) -> None:
        super().__init__()
        self.whole: dict[int, tuple[Any, Expr]] = {}
        """Arrays that hold all the entries of one node, by identity, with how the node is written."""

    def run(self, program: Program, values: Sequence[Value]) -> Value:
        with np.errstate(all="ignore"):  # NumPy watches what functions of Python's compute in it, too
            return super().run(program, values)

    def named(self, term: Expr, name: str, value: Value, constant: bool) -> Any:
        """The entries of a node, each under its name (a constant's as numbers)."""
        value = np.asarray(value, dtype=float)
        found = np.empty(value.shape, dtype=object)
        for label, place in zip(labels(name, value.shape), np.ndindex(*value.shape), strict=True):
            one = float(value[place])
            found[place] = one if constant else Tree(Name(label), one)
        self.whole[id(found)] = (found, term)
        return found

    def literal(self, text: str) -> Value:
        return Tree(Number(text) if text[0].isdigit() else Name(text), Arithmetic.literal(self, text))

    def function(self, op: Op) -> Callable[..., Value]:
        if op.mixes:
            return _Mixed(op, self.whole)
        if op.selects:
            return _chosen
        if op.flat:  # a comparison or a constant: a number, not a formula of the entries
            return _Counted(Arrays().function(op))
        return np.frompyfunc(_Written(op), op.arity, 1)

    def times(self, upstream: Value, local: Value) -> Value:
        return np.multiply(upstream, local)


def _chosen(condition: Any, one: Any, other: Any) -> Any:
    return np.where(_numbers(condition) != 0, one, other)


class _Counted:
    """An op without slopes, over the numbers."""

    def __init__(self, function: Callable[..., Value]) -> None:
        self.run = function

    def __call__(self, *args: Any) -> Any:
        return self.run(*map(_numbers, args))


_OPERATORS: dict[str, Callable[..., Any]] = {
    **_FUNCTIONS, "divide": operator.truediv, "negative": operator.neg, "identity": operator.pos,
}  # fmt: skip


class _Written:
    """An elementwise op that writes itself down."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __call__(self, *args: Any) -> Any:
        assert self.op.float is not None
        if not any(isinstance(arg, Tree) for arg in args):
            return self.op.float(*args)
        if self.op.name in _OPERATORS:
            return _OPERATORS[self.op.name](*args)
        value = self.op.float(*map(value_of, args))
        return Tree(simplify(Call(self.op.name, tuple(map(tree_of, args)))), value)


class _Mixed:
    """An op that mixes entries: its own function where that only adds and multiplies, else by name:
    ``softmax(z)[0]``."""

    def __init__(self, op: Op, whole: dict[int, tuple[Any, Expr]]) -> None:
        self.op = op
        self.run: Any = getattr(np, op.numpy) if isinstance(op.numpy, str) else op.numpy
        self.whole = whole

    def __call__(self, *args: Any) -> Any:
        try:
            return self.run(*args)
        except (TypeError, AttributeError):
            if id(args[0]) not in self.whole or self.op.arity > 1:
                raise
        _, term = self.whole[id(args[0])]
        usual = zip(self.op.option_names, args[1:], self.op.option_defaults, strict=True)
        options = tuple((name, fixed_text(value)) for name, value, default in usual if value != default)
        text = to_text(Call(self.op.called, (term,), options=options))
        numbers = np.asarray(self.run(_numbers(args[0]), *args[1:]))
        found = np.empty(numbers.shape, dtype=object)
        for label, place in zip(labels(text, numbers.shape), np.ndindex(*numbers.shape), strict=True):
            found[place] = Tree(Name(label), float(numbers[place]))
        return found


def checked(entry: Any, slope: float) -> Expr:
    """The formula of an entry if it has its slope; at a kink a number is taken instead."""
    if isinstance(entry, Tree) and abs(entry.value - slope) <= _ROUNDING * abs(slope) + _TINY:
        return entry.tree
    return number(numeral(slope, ascii=True))


def naming_all(trace: Trace) -> Plain:
    """The rules over the names of all entries."""
    graph = trace.graph
    picking = {
        arg
        for node in graph.nodes
        for slot, arg in enumerate(node.args)
        if node.op and not node.op.sends(slot)
    }
    return _naming(trace, range(len(graph)), picking)


def naming(trace: Trace, source: Node) -> Plain:
    """The rules over the names of the entries that ``source`` reads, and of its own."""
    picking = {arg for slot, arg in enumerate(source.args) if source.op and not source.op.sends(slot)}
    return _naming(trace, {*source.args, source.index}, picking)


def _naming(trace: Trace, nodes: Iterable[int], picking: set[int]) -> Plain:
    graph, arithmetic = trace.graph, Formulas()
    values: list[Value] = [None] * len(graph)
    for index in nodes:
        constant = graph.nodes[index].is_constant
        values[index] = arithmetic.named(graph.term(index), graph.name(index), trace.values[index], constant)
    for index in picking:  # which entries are meant is known by number
        values[index] = trace.values[index]
    return Plain(graph, values, arithmetic)
