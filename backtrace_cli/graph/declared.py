"""``param`` and ``data`` lines, held to what they may say before anything is drawn or read."""

from __future__ import annotations

from collections.abc import Collection

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tree.syntax import INITIALISERS, Call, Declaration, Name, walk
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import CONSTANTS

__all__ = ["check_declared"]


def check_declared(lines: Collection[Declaration], source: str) -> None:
    """Refuse a parameter that begins with something other than a draw, a number or a list.

    Raises FormulaError.

    >>> from backtrace_cli.graph import build
    >>> build("param w: zeros(3)\\nsum(w)").declared["w"].kind
    'param'
    """
    for line in lines:
        if line.kind == "param":
            _check(line, source)


def _check(line: Declaration, source: str) -> None:
    tree, name = line.value, shorten(line.name, 24)
    drawn = isinstance(tree, Call) and tree.func in INITIALISERS
    for part in walk(tree):
        inner = isinstance(part, Call) and part.func in INITIALISERS and part is not tree
        unknown = isinstance(part, Name) and part.name not in CONSTANTS
        if not inner and not unknown:
            continue
        shown = shorten(part.func if isinstance(part, Call) else to_text(part), 24)
        message = f"{shown} has no value here: a parameter begins with a draw, a number or a list"
        hint = f"write param {name}: uniform(3, 2), zeros(3), 0.5 or [1, 2]"
        if unknown and shown in INITIALISERS:
            hint = f"write param {name}: {shown}(3) for three entries, {shown}(3, 2) for a matrix"
        elif unknown and drawn:
            hint = f"set it to a whole number in a line before: {shown} = 3"
        elif inner:
            message = f"{shown}(…) stands alone in a param line"
            hint = "set its width instead: uniform(3, 2, r=0.1) or normal(3, 2, std=0.1)"
        raise FormulaError(message, span=Span(*part.span), source=source, hint=hint)
