"""What happens in a run: forward steps, messages, tangents, notes."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from backtrace_cli.base.plain_values import Value
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.text import to_text

__all__ = ["ForwardStep", "Message", "Note", "Sent", "TangentStep", "plain"]


class ForwardStep(NamedTuple):
    """One box computed: ``v3 = v2·y``."""

    step: int
    node: str
    op: str
    args: tuple[str, ...]
    expression: Expr
    value: Value


class Sent(NamedTuple):
    """A message as the walk records it, by node index; ``Trace.messages`` shows it as Message."""

    source: int
    target: int
    slot: int
    upstream: Value
    local: Value
    contribution: Value
    total: Value
    order: int
    """Which of the target's messages this is, from 1."""
    kink: int
    """Index of the op's kink that decided the local derivative, or −1."""


class Message(NamedTuple):
    """One backward message: upstream · local derivative, added to the target's running total."""

    step: int
    source: str
    target: str
    slot: int
    upstream: Value
    local_expression: Expr
    local: Value
    contribution: Value
    total: Value
    fork: tuple[int, int] | None
    """(index, of) where several messages add up at the target, else None."""


class TangentStep(NamedTuple):
    """One row of forward mode: the tangent of a node as a sum over what it reads."""

    step: int
    node: str
    terms: tuple[tuple[Expr, Value, str, Value], ...]
    """(local derivative, its value, the argument, the argument's tangent) for each slot."""
    value: Value


class Note(NamedTuple):
    """Something the reader should know: a kink's convention, an infinity, an unused input."""

    kind: str
    node: str
    message: str


def plain(value: Value) -> Any:
    """``value`` as JSON has it: a number, ``"inf"``/``"-inf"``/``"nan"``, ``"1/3"``, a formula, a list."""
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return "nan" if value != value else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, (str, int)):
        return value
    if hasattr(value, "span"):
        return to_text(value, ascii=True)
    if hasattr(value, "tolist"):
        return _plain_list(value.tolist())
    return str(value) if value.denominator != 1 else int(value)


def _plain_list(entries: Any) -> Any:
    return [_plain_list(entry) for entry in entries] if isinstance(entries, list) else plain(entries)
