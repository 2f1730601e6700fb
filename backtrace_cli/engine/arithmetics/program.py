"""A rule's text as a short postfix program over numbered values, made once an op."""

from __future__ import annotations

from typing import Any

from backtrace_cli.language.tree.syntax import Call
from backtrace_cli.ops import Op, fixed

__all__ = ["Program", "loaded"]


class Program:
    """A rule as postfix code: load a value (0), push a constant (1), apply an op (2), or an op
    with options (3), each of them fixed or loaded."""

    __slots__ = ("code", "constant", "single")

    def __init__(self, code: list[tuple[int, Any, int]]) -> None:
        self.code = code
        self.single = code[0][1] if len(code) == 1 and code[0][0] == 0 else None
        """The argument's position, where the rule is just one argument."""
        self.constant = code[0][1] if len(code) == 1 and code[0][0] == 1 else None


def loaded(op: Op, node: Call, place: dict[str, int]) -> tuple[tuple[bool, Any], ...]:
    """The options of a call inside a rule: (True, where to load it from) or (False, its value)."""
    found = dict(zip(op.option_names, ((False, value) for value in op.option_defaults), strict=True))
    for name, text in node.options:
        found[name] = (True, place[text]) if text in place else (False, fixed(text))
    return tuple(found.values())
