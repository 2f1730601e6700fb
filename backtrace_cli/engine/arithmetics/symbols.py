"""Formulas for numbers: the arithmetic of a trace without a point."""

from __future__ import annotations

from collections.abc import Callable

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.base import Arithmetic
from backtrace_cli.language.tree.simplify import simplify
from backtrace_cli.language.tree.syntax import CONSTANT, Call, Name, Number, number
from backtrace_cli.ops import CONSTANTS, Op, fixed_text, place_text

__all__ = ["Symbols"]


class Symbols(Arithmetic):
    """Formulas for numbers: every value is a tree, tidied as it grows."""

    name = "symbolic"
    symbols = True
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
