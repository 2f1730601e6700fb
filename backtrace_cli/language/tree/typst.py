"""Syntax tree -> Typst's math."""

from __future__ import annotations

import re

from backtrace_cli.language.tree.latex import LETTERS, SECOND, name_parts
from backtrace_cli.language.tree.syntax import (
    ATOM,
    NEGATION,
    OPERATORS,
    POWER,
    SUM,
    Expr,
    Name,
    Number,
    fold,
)
from backtrace_cli.language.tree.text import PRETTY_NAMES

__all__ = ["to_typst", "typst_name", "typst_number"]

_SIGNS = {
    "less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==",
    "not_equal": "!=", "add": "+", "subtract": "-", "multiply": "dot.op", "matmul": r"\@",
}  # fmt: skip
#: Functions that Typst's math knows, and ours by their names there.
_KNOWN = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "exp",
        "log",
        "ln",
        "max",
        "min",
        "arcsin",
        "arccos",
        "arctan",
        "sqrt",
        "abs",
        "floor",
        "ceil",
        "norm",
    ]
)
_CALLED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "cbrt": "root"}
#: Letters that Typst calls otherwise than LaTeX.
_RENAMED = {"varsigma": "sigma.alt"}

#: A subtree's text, how tightly it holds together, and whether it begins with a minus.
_Piece = tuple[str, int, bool]


def to_typst(expr: Expr) -> str:
    """``expr`` in Typst's math.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> print(to_typst(parse_expression("-(x_1 + loss)^2/W.T")))
    (-(x_(1) + "loss")^(2))/(W^(top))
    """
    return fold(expr, _piece)[0]


def typst_name(name: str) -> str:
    """A variable's name: Greek letters, subscripts and hats; also ∂f/∂x.

    >>> [typst_name(name) for name in ("x12", "alpha", "W_ih", "σ_y", "y_hat", "∂f/∂x1")]
    ['x_(12)', 'alpha', 'W_(i h)', 'sigma_(y)', 'hat(y)', '(partial f)/(partial x_(1))']
    """
    if twice := SECOND.fullmatch(name):
        top, one, other = (typst_name(part) for part in twice.groups(""))
        below = f"partial {one} partial {other}" if twice[3] else f"partial {one}^2"
        return f"(partial^2 {top})/({below})"
    if slope := re.fullmatch(r"([∂d])([^/]+)/\1([^|]+)(?:\|(.+))?", name):
        sign = "dif" if slope[1] == "d" else "partial"
        text = f"({sign} {typst_name(slope[2])})/({sign} {typst_name(slope[3])})"
        return f"{text} |_({typst_name(slope[4])})" if slope[4] else text
    if entry := re.fullmatch(r"(\w+)(\[[\d, ]+\])", name):
        return f"({typst_name(entry[1])})_({entry[2]})"
    if name[:1].isdigit() or name in ("inf", "nan"):
        return typst_number(name)
    stem, indices = name_parts(name)
    if len(stem) == 1 and indices in (["hat"], ["tilde"], ["bar"]):
        return f"{'overline' if indices == ['bar'] else indices[0]}({_letters(stem)})"
    return _letters(stem) + (f"_({', '.join(map(_index, indices))})" if indices else "")


def typst_number(text: str) -> str:
    """A number as people write it.

    >>> typst_number("−1.5e-07"), typst_number("1/3")
    ('-1.5 dot.op 10^(-7)', '(1)/(3)')
    """
    text = text.replace("−", "-")
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    top, slash, bottom = digits.partition("/")
    if slash:
        return f"{sign}({top})/({bottom})"
    mantissa, power, exponent = digits.partition("e")
    if power and exponent.lstrip("+-").isdigit():
        tens = f"10^({int(exponent)})"
        return f"{sign}{tens}" if mantissa == "1" else f"{sign}{mantissa} dot.op {tens}"
    return {"inf": f"{sign}infinity", "nan": '"nan"'}.get(digits, text)


def _letters(text: str) -> str:
    if len(text) == 1 and text in LETTERS:
        return _RENAMED.get(LETTERS[text], LETTERS[text])
    if text in LETTERS.values():
        return _RENAMED.get(text, text)
    return text if len(text) == 1 else f'"{text}"'


def _index(text: str) -> str:
    if text.isdigit():
        return text
    return (
        _letters(text)
        if len(text) == 1
        else " ".join(text)
        if len(text) == 2 and text.isalpha()
        else f'"{text}"'
    )


def _piece(node: Expr, args: list[_Piece]) -> _Piece:
    if isinstance(node, Number) or (isinstance(node, Name) and node.name[:1].isdigit()):
        text = typst_number(node[0])
        return text, ATOM if text == node[0] else SUM, False
    if isinstance(node, Name):
        return typst_name(node.name), ATOM, False
    texts = [text for text, _, _ in args]
    if node.func in OPERATORS:
        return _operator(node.func, args)
    if node.func == "transpose":
        return f"{_at(args[0], ATOM)}^(top)", POWER, False
    if node.func == "index":
        places = [value for name, value in node.options if name == "at"] or texts[1:]
        return f"{_at(args[0], ATOM)}_([{', '.join(places)}])".replace(":", r"\:"), POWER, False
    if node.func == "stack" and not any("mat(" in text for text in texts):
        return f"mat({'; '.join(texts)})", ATOM, False
    inside = ", ".join([*texts, *(f'"{name}" = "{value}"' for name, value in node.options)])
    name = _CALLED.get(node.func, node.func)
    if name == "root":
        return f"root(3, {inside})", ATOM, False
    if name in _KNOWN and (len(args) == 1 or name in ("max", "min")):
        return f"{name}({inside})", ATOM, False
    pretty = PRETTY_NAMES.get(node.func, (node.func,))[0]
    called = _letters(pretty) if len(pretty) == 1 else f'op("{pretty}")'
    return f"{called}({inside})", ATOM, False


def _operator(func: str, args: list[_Piece]) -> _Piece:
    level = OPERATORS[func].level
    if func == "divide":
        return f"({args[0][0]})/({args[1][0]})", NEGATION, False
    if func == "negative":
        return f"-{_at(args[0], NEGATION + (args[0][2]))}", level, True
    left, right = args
    if func == "power":
        return f"{_at(left, ATOM)}^({right[0]})", POWER, False
    least = SUM if level < SUM else level
    above = SUM if level < SUM else ATOM if right[2] else level + 1
    return f"{_at(left, least)} {_SIGNS[func]} {_at(right, above)}", level, left[2] and left[1] >= least


def _at(piece: _Piece, least: int) -> str:
    return piece[0] if piece[1] >= least else f"({piece[0]})"
