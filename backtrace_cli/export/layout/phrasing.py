"""What a picture asks of whoever words numbers and formulas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.trace import Trace
from backtrace_cli.language.tree.syntax import Expr

__all__ = ["Words"]


class Words(Protocol):
    """How numbers and formulas are written; the tables' own wording fits."""

    @property
    def ascii(self) -> bool:
        """Can the other end take nothing but ASCII?"""

    def number(self, value: Value) -> str:
        """A value as text."""

    def expr(self, tree: Expr) -> str:
        """A formula as text."""

    def shape(self, trace: Trace, index: int) -> str:
        """The shape of a node in a trace of arrays."""

    def added(self, numbers: list[str]) -> str:
        """Numbers joined by + and −."""

    def title(self, trace: Trace) -> str:
        """The formula as one line."""

    def point(self, trace: Trace) -> list[str]:
        """``x = 1`` for each variable."""

    def forward(self, trace: Trace) -> Iterable[Any]:
        """The rows of the forward pass: step, name, definition, numbers, value, shape."""

    def backward(self, trace: Trace) -> Iterable[Any]:
        """The rows of the backward pass: step, through, target, upstream, local, adds, total, fork."""
