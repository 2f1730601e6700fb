"""Syntax tree -> text, for people (``x² − 2·y``) or in plain ASCII (``x^2 - 2*y``).

Both forms are read back by the parser as the same tree.
"""

from __future__ import annotations

from typing import Final

from backtrace_cli.language.tree.syntax import (
    ATOM,
    NEGATION,
    OPERATORS,
    POWER,
    PRODUCT,
    SUM,
    Call,
    Expr,
    Name,
    Number,
    Operator,
)

__all__ = ["LATEX", "PRETTY_NAMES", "superscript", "to_text"]

#: Functions that are written with another name, such as σ: (for people, in ASCII). The ops
#: say which when they load.
PRETTY_NAMES: dict[str, tuple[str, str]] = {}

#: How LaTeX writes functions, by name and number of arguments (0 for any): a command, or a template and
#: the arguments' names in it. The ops say which when they load.
LATEX: dict[tuple[str, int], tuple[str, tuple[str, ...]]] = {}

_SUPERSCRIPT: Final = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(text: str) -> str:
    """The digits of ``text`` raised: ``-12`` as ``⁻¹²``."""
    return text.translate(_SUPERSCRIPT)


def to_text(expr: Expr, *, ascii: bool = False) -> str:
    """``expr`` as one line of text, with no more brackets than it needs.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> to_text(parse_expression("-(x+1)*y^2"))
    '−(x + 1)·y²'
    >>> to_text(parse_expression("-(x+1)*y^2"), ascii=True)
    '-(x + 1)*y^2'
    """
    pieces: list[str] = []
    stack: list[str | tuple[Expr, int]] = [(expr, 0)]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        node, least = item
        if isinstance(node, Number):
            pieces.append(node.text)  # 1e-7 keeps its own minus, to be read back as one number
        elif isinstance(node, Name):
            pieces.append(node.name)
        else:
            parts = _parts(node, ascii)
            if _level(node) < least:
                pieces.append("(")
                stack.append(")")
            stack.extend(reversed(parts))
    return "".join(pieces)


def _level(node: Expr) -> int:
    operator = _operator(node) if isinstance(node, Call) else None
    return operator.level if operator is not None else ATOM


def _operator(node: Call) -> Operator | None:
    """The sign it is written with; None for a call, such as divide(x), which is yet to be refused."""
    return OPERATORS.get(node.func) if len(node.args) == 1 + (node.func != "negative") else None


def _parts(node: Call, ascii: bool) -> list[str | tuple[Expr, int]]:
    """What to print for one call: text, and subtrees with the level they need."""
    operator = _operator(node)
    if operator is None:
        return _call_parts(node, ascii)
    sign = operator.symbol if ascii else operator.pretty
    if node.func == "negative":
        return [sign, (node.args[0], POWER)]
    left, right = node.args
    if node.func == "power":
        return _power_parts(left, right, ascii)
    tight = operator.level == PRODUCT and node.func != "matmul"
    spaced = sign if tight else f" {sign} "
    if operator.level < SUM:
        return [(left, SUM), spaced, (right, SUM)]
    need = ATOM if _signed(right) else operator.level + 1
    if node.func == "multiply" and isinstance(left, Call) and left.func == "matmul":
        return [(left, ATOM), spaced, (right, need)]  # (x @ y)·A, which x @ y·A says, too, and hides
    return [(left, operator.level), spaced, (right, need)]


def _power_parts(base: Expr, exponent: Expr, ascii: bool) -> list[str | tuple[Expr, int]]:
    plain = _whole(exponent)
    if plain is not None and not ascii:
        return [(base, ATOM), superscript(plain)]
    if plain is not None:
        return [(base, ATOM), "^" + plain]
    return [(base, ATOM), "^", (exponent, POWER)]


def _call_parts(node: Call, ascii: bool) -> list[str | tuple[Expr, int]]:
    """A function call, or the language's other forms: a list, an index, a transpose."""
    args = node.args
    if node.func == "transpose":
        if isinstance(first := args[0], Number) and first.text.endswith("."):
            return ["(", first.text, ").T"]  # 3..T would be read as 3 and a range
        return [(first, ATOM), ".T"]
    name = PRETTY_NAMES.get(node.func, (node.func, node.func))[ascii]
    opening, closing = f"{name}(", ")"
    if node.func == "slice":
        return _slice_parts(args)
    if node.func == "stack":
        opening, closing = "[", "]"
    parts: list[str | tuple[Expr, int]] = [opening]
    options = node.options
    if node.func == "index":
        parts, closing = [(args[0], ATOM), "["], "]"
        args, options = args[1:], ()
        parts += [text for name, text in node.options if name == "at"]
    for position, arg in enumerate(args):
        if position:
            parts.append(", ")
        parts.append((arg, 0))
    for position, (name, text) in enumerate(options):
        text = f"[{text}]" if name == "at" and not text.lstrip("-").isdecimal() else text
        parts.append(f"{', ' if position or args else ''}{name}={text}")
    return [*parts, closing]


def _slice_parts(args: tuple[Expr, ...]) -> list[str | tuple[Expr, int]]:
    """``1:3`` and ``::2`` inside an index; what is left out is a Name without letters."""
    parts: list[str | tuple[Expr, int]] = [(args[0], 0), ":", (args[1], 0)]
    return parts if len(args) == 2 else [*parts, ":", (args[2], 0)]


def _whole(node: Expr) -> str | None:
    """The digits of a short whole-number literal, signed, or None."""
    sign = ""
    if isinstance(node, Call) and node.func == "negative":
        sign, node = "-", node.args[0]
    if isinstance(node, Number) and node.text.isdigit() and len(node.text) <= 4:
        return sign + node.text
    return None


def _signed(node: Expr) -> bool:
    """Does the text of ``node`` begin with a minus? Such a right operand wants brackets."""
    while isinstance(node, Call) and node.func in OPERATORS:
        if node.func == "negative":
            return True
        if OPERATORS[node.func].level not in (PRODUCT, NEGATION):
            return False
        node = node.args[0]
    return False
