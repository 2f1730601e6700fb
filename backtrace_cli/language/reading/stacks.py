"""The two stacks of an expression: values that are finished, operators and brackets that wait."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.language.reading.call_complaints import CallComplaints
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import (
    COMPARISON,
    JUXTAPOSED,
    OPERATORS,
    POWER,
    Call,
    Expr,
    Reading,
)

__all__ = ["ROOT_LEVEL", "Pending", "Stacks"]

ROOT_LEVEL = POWER + 1
_BINDING = {func: (operator.level, operator.right) for func, operator in OPERATORS.items()}


class Pending(NamedTuple):
    """An operator or bracket waiting on the stack for its right side."""

    sort: str
    """``infix``, ``prefix``, or the bracket's own sign."""
    func: str
    level: int
    token: Token
    base: int = 0
    """For a bracket: how many operands stood before it."""
    opening: Span = Span(0, 0)
    """For a bracket: where its own sign stands."""


class Stacks(CallComplaints):
    """``operands`` and ``pending``, and what applies the one to the other."""

    def __init__(
        self, source: str, tokens: list[Token], functions: Collection[str], bound: Collection[str],
        variables: Collection[str],
    ) -> None:  # fmt: skip
        self.source = source
        self.tokens = tokens
        self.at = 0
        self.functions = functions
        self.own: set[str] = set()
        self.early: set[str] = set()
        """Functions that are called before they are defined."""
        self.defining = ""
        """The function whose body is being read."""
        self.bound = set(bound)
        """Names that are variables even where a function bears them."""
        self.variables = {*bound, *variables}
        self.operands: list[Expr] = []
        self.pending: list[Pending] = []
        self.open = 0
        """How many brackets are open."""
        self.readings: list[Reading] = []
        self.libraries: dict[int, str] = {}
        """Which library's function has its bracket open there."""
        self.bases: dict[int, Expr] = {}
        """The base of the logarithm whose bracket is open there."""
        self.tuples = False
        """May the whole expression be a tuple, as an answer may?"""
        self.named = False
        """Does the statement at hand begin with a name and =?"""

    def bracket(self, sort: str, func: str, token: Token, opening: Span, base: int) -> None:
        """Open a bracket: it waits until it is closed."""
        self.pending.append(Pending(sort, func, 0, token, base, opening))
        self.open += 1

    def called(self) -> str:
        """The function whose bracket is the innermost open one, where a new argument begins."""
        last = self.pending[-1]
        return last.func if last.opening.end else ""

    def reduce(self, level: int, right: bool = False) -> None:
        """Apply waiting operators that bind at least as tightly as ``level``."""
        pending, operands = self.pending, self.operands
        while pending:
            sort, func, binds, token = pending[-1][:4]
            if sort not in ("infix", "prefix") or binds < level or (right and binds == level):
                return
            pending.pop()
            value = operands.pop()
            if sort == "infix":
                left = operands.pop()
                operands.append(Call(func, (left, value), Span(left.span[0], value.span[1])))
            else:
                operands.append(Call(func, (value,), Span(token.span[0], value.span[1])))

    def infix(self, func: str, token: Token) -> None:
        level, right = _BINDING[func]
        pending = self.pending
        if pending and func == "power" and pending[-1].level == ROOT_LEVEL:
            self.fail("this root could reach over the power or not", token, "write √(x^2) or (√(x))^2")
        self.reduce(level + (level == COMPARISON), right)
        if func == "subtract" and self.source[token.span.start - 1 : token.span.start].isspace():
            self.entry_or_difference(token)
        if level == COMPARISON and pending and pending[-1].level == COMPARISON:
            self.fail("comparisons don't chain", token, "multiply two of them: (0 < x)*(x < 1)")
        pending.append(Pending("infix", func, level, token))

    def juxtapose(self, token: Token) -> None:
        """An implicit product, such as ``2x`` or ``(a)(b)``."""
        self.reduce(JUXTAPOSED)
        value = self.operands[-1]
        if token.kind == "number":
            self.number_behind(value, token)
        if self.pending and self.pending[-1].func == "divide" and self.pending[-1].sort == "infix":
            self.two_readings(self.operands[-2], value, token)
        self.pending.append(Pending("infix", "multiply", JUXTAPOSED, token))

    def note(self, message: str, span: Span) -> None:
        """Say how something was read, once."""
        if all(reading.message != message for reading in self.readings[-8:]):
            self.readings.append(Reading(message, span))

    def entry_or_difference(self, token: Token) -> None:
        """``[1 -2]``: two entries where a list was pasted without its commas, one where it was typed."""
        before, after = self.tokens[self.at - 1], self.tokens[self.at + 1]
        opened = self.open and next((each for each in reversed(self.pending) if each.opening.end), None)
        lone = before.kind == after.kind == "number" and token.span.end == after.span.start
        if not opened or opened.sort != "[" or opened.func != "stack" or not lone:
            return
        start = self.tokens[self.at - 2]
        if start.kind in ("[", ",", "number", "minus"):
            minus = "-" if start.kind == "minus" else ""
            one, other = minus + self.text(before.span), self.text(after.span)
            self.fail("this could be two entries or a difference", Span(before.span.start, after.span.end),
                      f"write {one}, -{other} or {one} - {other}")  # fmt: skip
