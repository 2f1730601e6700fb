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


def loaded(op: Op, node: Call, place: dict[str, int]) -> tuple[tuple[int, Any], ...]:
    """The options of a call inside a rule: (1, where to load it from), (−1, …) for its negative, or
    (0, its value)."""
    found = dict(zip(op.option_names, ((0, value) for value in op.option_defaults), strict=True))
    for name, text in node.options:
        if (at := place.get(text.removeprefix("-"))) is not None:
            found[name] = (-1 if text.startswith("-") else 1, at)
        else:
            found[name] = (0, fixed(text))
    return tuple(found.values())
