"""Four arithmetics for one walk: floats, exact fractions, NumPy arrays, and formulas.

A rule's text is parsed once per op and turned into a short postfix program here;
the same program runs over whichever numbers the trace is made of.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.program import Program, loaded
from backtrace_cli.language.tree.syntax import Expr, Name, Number
from backtrace_cli.ops import CONSTANTS, Op, find, rule, tangent_rule, text_rule

__all__ = ["NAMED", "Arithmetic", "Floats"]

NAMED = {**CONSTANTS, "nan": math.nan, "inf": math.inf}


class Arithmetic:
    """How numbers of one sort are made and combined."""

    name = "float"
    """What the record calls it."""
    arrays = False
    """Has it arrays, whose entries move together?"""
    exact = False
    """Is nothing rounded, as long as every op is rational?"""
    symbols = False
    """Are its numbers formulas, so that nothing can be decided?"""
    stable = True
    """Use the form of a rule that keeps its digits, rather than the one that reads best?"""
    zero: Value = 0.0
    one: Value = 1.0

    def __init__(self) -> None:
        self._programs: dict[tuple[Any, ...], Program] = {}

    @property
    def scalar(self) -> bool:
        """Is every value one number that has digits?"""
        return not (self.arrays or self.symbols)

    def literal(self, text: str) -> Value:
        """The value of a literal or a named constant."""
        if text in NAMED:
            return NAMED[text]
        return float(text)

    def own(self, value: Value) -> Value:
        """``value`` in this arithmetic's precision."""
        return value

    def function(self, op: Op) -> Callable[..., Value]:
        """The forward function of ``op`` over these numbers (then its options); it never raises."""
        assert op.float is not None, f"{op.name} works on arrays"
        return op.float

    def bad(self, value: Value) -> bool:
        """Is ``value`` infinite or nan (anywhere)?"""
        return bool(value - value != 0)

    def undefined(self, value: Value) -> bool:
        """Is ``value`` nan (anywhere)?"""
        return bool(value != value)

    def truth(self, value: Value) -> bool:
        """Does a condition hold (anywhere)?"""
        return bool(value)

    def choose(self, mask: Value, taken: Value, otherwise: Value) -> Value:
        """``taken`` where ``mask`` holds, else ``otherwise``."""
        return taken if mask else otherwise

    times: Callable[[Value, Value], Value] = staticmethod(operator.mul)
    plus: Callable[[Value, Value], Value] = staticmethod(operator.add)

    def fit(self, contribution: Value, target: Value) -> tuple[Value, tuple[int, ...]]:
        """``contribution`` in the shape of ``target``, and the axes summed over for that."""
        return contribution, ()

    def full(self, moved: Value, like: Value) -> Value:
        """A tangent in the shape of the value that moves."""
        return moved

    def seed(self, value: Value) -> Value:
        """The gradient of the output with respect to itself."""
        return self.one

    def gathered(self, tangents: list[Value], value: Value) -> Value:
        """The gradient of ``value``, from the output's tangent along each of its entries."""
        return tangents[0]

    def empty(self, value: Value) -> Value:
        """The gradient of an input that ``value`` does not depend on."""
        return self.zero

    # -- rules ----------------------------------------------------------------

    def partial(self, op: Op, slot: int, count: int, fixed: tuple[Any, ...] = ()) -> Program:
        """The program of ``op``'s partial (or message) for ``slot``, as this arithmetic wants it."""
        key = (op, slot, count, fixed) if fixed else (op, slot, count)
        if key not in self._programs:
            tree = rule(op, slot, count, self.stable, fixed)
            self._programs[key] = self.compile(tree, op.params(count), op.option_names)
        return self._programs[key]

    def tangent(self, op: Op, slot: int, count: int, fixed: tuple[Any, ...] = ()) -> Program:
        """The program that moves ``op``'s output with the tangent of argument ``slot``."""
        key = ("tangent", op, slot, count, fixed)
        if key not in self._programs:
            tree = tangent_rule(op, slot, count, fixed, self.stable)
            self._programs[key] = self.compile(tree, op.params(count), op.option_names)
        return self._programs[key]

    def text(self, op: Op, text: str, slot: int, count: int, fixed: tuple[Any, ...] = ()) -> Program:
        """The program of any other text of ``op``'s declaration."""
        filled = op.fill(text, slot, count, fixed)
        key = (op, count, filled)
        if key not in self._programs:
            tree = text_rule(op, filled, count)
            self._programs[key] = self.compile(tree, op.params(count), op.option_names)
        return self._programs[key]

    def compile(self, expr: Expr, params: tuple[str, ...] = (), options: tuple[str, ...] = ()) -> Program:
        """Postfix code of ``expr`` over ``params``, then ``out``, then ``g`` (or ``d``), then ``options``."""
        place = {name: i for i, name in enumerate((*params, "out", "g", *options))}
        place["d"] = place["g"]
        code: list[tuple[int, Any, int]] = []
        stack: list[tuple[Expr, bool]] = [(expr, False)]
        while stack:
            node, ready = stack.pop()
            if isinstance(node, Number):
                code.append((1, self.literal(node.text), 0))
            elif isinstance(node, Name):
                known = place.get(node.name)
                code.append((1, self.literal(node.name), 0) if known is None else (0, known, 0))
            elif ready:
                inner = find(node.func, len(node.args))
                if inner is None:
                    raise ValueError(f"{node.func} with {len(node.args)} arguments is no op")
                function, count = self.function(inner), len(node.args)
                if inner.options:
                    code.append((3, (function, loaded(inner, node, place)), count))
                else:
                    code.append((2, function, count))
            else:
                stack.append((node, True))
                stack.extend((arg, False) for arg in reversed(node.args))
        return Program(code)

    def run(self, program: Program, values: Sequence[Value]) -> Value:
        """The value of a program, ``values`` being the arguments, ``out`` and perhaps ``g``."""
        stack: list[Value] = []
        for sort, what, count in program.code:
            if sort == 0:
                stack.append(values[what])
            elif sort == 1:
                stack.append(what)
            elif sort == 3:
                function, options = what
                args = stack[-count:]
                del stack[-count:]
                stack.append(function(*args, *[values[o] if load else o for load, o in options]))
            else:
                args = stack[-count:]
                del stack[-count:]
                stack.append(what(*args))
        return stack[0]


class Floats(Arithmetic):
    """IEEE 754 double precision, one number at a time."""

    #: Rules are compiled once a process: the programs depend on nothing but the ops.
    _compiled: dict[tuple[Any, ...], Program] = {}

    def __init__(self) -> None:
        super().__init__()
        self._programs = Floats._compiled
