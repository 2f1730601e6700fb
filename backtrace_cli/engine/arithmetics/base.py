"""Four arithmetics for one walk: floats, exact fractions, NumPy arrays, and formulas.

A rule's text is parsed once per op and turned into a short postfix program here;
the same program runs over whichever numbers the trace is made of.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from backtrace_cli.engine.events import Value
from backtrace_cli.base.errors import BacktraceError, shorten
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.syntax import CONSTANT, Call, Expr, Name, Number, number
from backtrace_cli.ops import (
    CONSTANTS,
    Op,
    find,
    fixed,
    fixed_text,
    place_text,
    rule,
    tangent_rule,
    text_rule,
)

__all__ = ["Arithmetic", "Exact", "Floats", "Program", "Symbols"]

_NAMED = {**CONSTANTS, "nan": math.nan, "inf": math.inf}


class Program:
    """A rule as postfix code: load a value (0), push a constant (1), apply an op (2), or an op
    with options (3), each of them fixed or loaded."""

    __slots__ = ("code", "constant", "single")

    def __init__(self, code: list[tuple[int, Any, int]]) -> None:
        self.code = code
        self.single = code[0][1] if len(code) == 1 and code[0][0] == 0 else None
        """The argument's position, where the rule is just one argument."""
        self.constant = code[0][1] if len(code) == 1 and code[0][0] == 1 else None


class Arithmetic:
    """How numbers of one sort are made and combined."""

    name = "float"
    stable = True
    """Use the form of a rule that keeps its digits, rather than the one that reads best?"""
    zero: Value = 0.0
    one: Value = 1.0

    def __init__(self) -> None:
        self._programs: dict[tuple[Any, ...], Program] = {}

    def literal(self, text: str) -> Value:
        """The value of a literal or a named constant."""
        if text in _NAMED:
            return _NAMED[text]
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
            tree = tangent_rule(op, slot, count, fixed)
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
                    code.append((3, (function, _loaded(inner, node, place)), count))
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


def _loaded(op: Op, node: Call, place: dict[str, int]) -> tuple[tuple[bool, Any], ...]:
    """The options of a call inside a rule: (True, where to load it from) or (False, its value)."""
    found = dict(zip(op.option_names, ((False, value) for value in op.option_defaults), strict=True))
    for name, text in node.options:
        found[name] = (True, place[text]) if text in place else (False, fixed(text))
    return tuple(found.values())


class Floats(Arithmetic):
    """IEEE 754 double precision, one number at a time."""

    #: Rules are compiled once a process: the programs depend on nothing but the ops.
    _compiled: dict[tuple[Any, ...], Program] = {}

    def __init__(self) -> None:
        super().__init__()
        self._programs = Floats._compiled


class Exact(Arithmetic):
    """Fractions as long as every op on the way is rational; floats from there on."""

    name = "exact"

    def __init__(self) -> None:
        super().__init__()
        from fractions import Fraction

        self.fraction = Fraction
        self.zero, self.one = Fraction(0), Fraction(1)
        self._functions: dict[str, Callable[..., Value]] = {}

    def literal(self, text: str) -> Value:
        if text in _NAMED:
            return _NAMED[text]
        from backtrace_cli.ops.arithmetic import EXACT_BITS

        digits, _, exponent = text.lower().partition("e")
        power = int(exponent) if 0 < len(exponent) < 20 else 0
        if len(digits) + abs(power) > EXACT_BITS // 4 or len(exponent) >= 20:
            raise BacktraceError(f"{shorten(text, 13)} is too long to keep exactly", hint="leave --exact out")
        return self.fraction(text)

    def function(self, op: Op) -> Callable[..., Value]:
        if op.name not in self._functions:
            self._functions[op.name] = _ExactCall(op, self.fraction)
        return self._functions[op.name]

    def bad(self, value: Value) -> bool:
        return isinstance(value, float) and value - value != 0

    def times(self, upstream: Value, local: Value) -> Value:
        return self._combined(operator.mul, upstream, local)

    def plus(self, total: Value, contribution: Value) -> Value:
        return self._combined(operator.add, total, contribution)

    def _combined(self, function: Callable[[Value, Value], Value], a: Value, b: Value) -> Value:
        """Of two fractions a fraction; a fraction too large for a float meets one as inf."""
        if isinstance(a, self.fraction) and isinstance(b, self.fraction):
            return _bounded(function(a, b))
        return function(_as_float(a), _as_float(b))


def _bounded(value: Any) -> Any:
    """A fraction that is short enough to be kept and printed."""
    from backtrace_cli.ops.arithmetic import EXACT_BITS

    if max(value.numerator.bit_length(), value.denominator.bit_length()) > EXACT_BITS:
        raise _too_long()
    return value


def _too_long() -> BacktraceError:
    hint = "leave --exact out, or choose a smaller point"
    return BacktraceError("the exact fraction grows beyond 4,000 digits", hint=hint)


class _ExactCall:
    """``op`` over fractions where it has such a form, else over floats."""

    def __init__(self, op: Op, fraction: type) -> None:
        self.op = op
        self.fraction = fraction

    def __call__(self, *args: Value) -> Value:
        from backtrace_cli.ops.arithmetic import TooLongError

        if self.op.fraction is not None and all(isinstance(a, self.fraction) for a in args):
            try:
                value = self.op.fraction(*args)
            except (ZeroDivisionError, OverflowError):
                value = self._as_floats(args)
            except TooLongError:
                raise _too_long() from None
            return value if isinstance(value, float) else _bounded(self.fraction(value))
        return self._as_floats(args)

    def _as_floats(self, args: tuple[Value, ...]) -> Value:
        assert self.op.float is not None
        return self.op.float(*(_as_float(a) for a in args))


def _as_float(value: Value) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class Symbols(Arithmetic):
    """Formulas for numbers: every value is a tree, tidied as it grows."""

    name = "symbolic"
    stable = False
    zero: Value = Number("0")
    one: Value = Number("1")

    def literal(self, text: str) -> Value:
        return Name(text, CONSTANT) if text in CONSTANTS else Number(text)

    def function(self, op: Op) -> Callable[..., Value]:
        return _SymbolCall(op)

    def times(self, upstream: Value, local: Value) -> Value:
        return simplify(Call("multiply", (upstream, local)))

    def plus(self, total: Value, contribution: Value) -> Value:
        return simplify(Call("add", (total, contribution)))

    def bad(self, value: Value) -> bool:
        return False

    undefined = bad

    def truth(self, value: Value) -> bool:
        return False


class _SymbolCall:
    """An op that builds a tree instead of a number."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def __call__(self, *args: Value) -> Value:
        names, usual = self.op.option_names, self.op.option_defaults
        count = len(args) - len(names)
        # An option that a rule counts with, such as ddof in size(a) - ddof, comes as a bare number.
        trees = tuple(number(arg) if isinstance(arg, (int, float)) else arg for arg in args[:count])
        if not names:
            return simplify(Call(self.op.called, trees))
        options = tuple(
            (name, place_text(value) if name == "at" else fixed_text(value))
            for name, value, default in zip(names, args[count:], usual, strict=True)
            if value != default
        )
        return simplify(Call(self.op.called, trees, options=options))
