r"""Syntax tree -> LaTeX, which backtrace's own reader of LaTeX reads back as the same tree.

Names come back in the spelling of the reader: beta as β, x_1 as x1. An op says in its declaration
how it is written; without that it is \operatorname{name}. No recursion: trees are as deep as the user's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from backtrace_cli.language.tree.latex_letters import GREEK, STANDARD
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
    fold,
)
from backtrace_cli.language.tree.text import LATEX

__all__ = ["LETTERS", "SECOND", "latex_name", "latex_number", "name_parts", "to_latex"]

LETTERS = {letter: name for name, letter in GREEK.items() if not name.startswith("var") and name != "ell"}
LETTERS["ς"] = "varsigma"
_SPELLED = set(LETTERS.values())
_SIGNS = {
    "less": "<", "less_equal": r"\le", "greater": ">", "greater_equal": r"\ge", "equal": "==",
    "not_equal": r"\ne", "add": "+", "subtract": "-", "multiply": r"\cdot", "matmul": r"\,@\,",
}  # fmt: skip
_OPENS, _BREAK, _CLOSES = r"\begin{pmatrix} ", r" \\ ", r" \end{pmatrix}"
#: ∂f/∂y, and ∂f/∂y|f for the part of it that f itself reads; W[0,2] of an array.
#: A second derivative: ∂²f/∂x², ∂²f/∂x∂y.
SECOND = re.compile(r"∂²([^/]+)/∂([^∂²]+)(?:²|∂(.+))")
_SLOPE = re.compile(r"([∂d])([^/]+)/\1([^|]+)(?:\|(.+))?")
_ENTRY = re.compile(r"(\w+)(\[[\d, ]+\])")
_NAME = re.compile(r"([^\W\d_]+)(\d*)((?:_[^\W_]+)*)")


class _Piece(NamedTuple):
    """A subtree in LaTeX, and how tightly it holds together."""

    text: str
    level: int
    tall: bool = False
    """Is it taller than a line, so that brackets have to grow?"""
    signed: bool = False
    """Does it begin with a minus?"""
    based: bool = False
    """May an exponent or an index stand at it as it is?"""


def to_latex(expr: Expr) -> str:
    r"""``expr`` in LaTeX's math.

    >>> from backtrace_cli.language.reading.parser import parse_expression
    >>> print(to_latex(parse_expression("(x_1 + beta)^2/y_hat + W.T")))
    \frac{(x_{1} + \beta)^{2}}{\hat{y}} + W^{\top}
    """
    return fold(expr, _piece).text


def latex_name(name: str) -> str:
    r"""A variable's name: Greek letters, subscripts and hats.

    >>> [latex_name(name) for name in ("x12", "alpha", "W_ih", "loss", "σ_y", "y_hat", "h1_t")]
    ['x_{12}', '\\alpha', 'W_{ih}', '\\mathrm{loss}', '\\sigma_{y}', '\\hat{y}', 'h_{1,t}']
    """
    if twice := SECOND.fullmatch(name):
        top, one, other = (latex_name(part) for part in twice.groups(""))
        below = rf"\partial {one}\,\partial {other}" if twice[3] else rf"\partial {one}^2"
        return rf"\frac{{\partial^2 {top}}}{{{below}}}"
    if slope := _SLOPE.fullmatch(name):
        sign = "d" if slope[1] == "d" else r"\partial "
        text = rf"\frac{{{sign}{latex_name(slope[2])}}}{{{sign}{latex_name(slope[3])}}}"
        return rf"\left.{text}\right|_{{{latex_name(slope[4])}}}" if slope[4] else text
    if entry := _ENTRY.fullmatch(name):
        return f"{{{latex_name(entry[1])}}}_{{{entry[2]}}}"
    if name[:1].isdigit() or name in ("inf", "nan"):
        return latex_number(name)
    stem, indices = name_parts(name)
    base = _stem(stem)
    if indices in (["hat"], ["bar"], ["tilde"]) and len(stem) == 1:
        return rf"\{indices[0]}{{{base}}}"
    return base + (f"_{{{','.join(map(_index, indices))}}}" if indices else "")


def name_parts(name: str) -> tuple[str, list[str]]:
    """The letters of a name, and its indices.

    >>> name_parts("h1_t"), name_parts("loss")
    (('h', ['1', 't']), ('loss', []))
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return name, []
    stem, digits, rest = found.groups()
    return stem, ([digits] if digits else []) + rest.split("_")[1:]


def latex_number(text: str) -> str:
    r"""A number as people write it: ``1.5e-07`` as a power of ten, infinity by its sign.

    >>> latex_number("−1.5e-07"), latex_number("1/3"), latex_number("inf")
    ('-1.5 \\cdot 10^{-7}', '\\frac{1}{3}', '\\infty')
    """
    text = text.replace("−", "-")
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    top, slash, bottom = digits.partition("/")
    if slash:
        return rf"{sign}\frac{{{top}}}{{{bottom}}}"
    mantissa, power, exponent = digits.partition("e")
    if power and exponent.lstrip("+-").isdigit():
        tens = f"10^{{{int(exponent)}}}"
        return f"{sign}{tens}" if mantissa == "1" else rf"{sign}{mantissa} \cdot {tens}"
    return {"inf": rf"{sign}\infty", "nan": r"\text{nan}"}.get(digits, text)


def _stem(text: str) -> str:
    if len(text) == 1:
        return f"\\{LETTERS[text]}" if text in LETTERS else text if text.isascii() else rf"\text{{{text}}}"
    if text in _SPELLED:
        return f"\\{text}"
    if any(letter in LETTERS for letter in text):
        return " ".join(map(_stem, text))  # dσ, which no letters set upright can hold
    return rf"\mathrm{{{_escaped(text)}}}" if text.isascii() else rf"\text{{{_escaped(text)}}}"


def _index(text: str) -> str:
    if not text.isascii():
        return _stem(text)
    return text if len(text) < 3 or text.isdigit() else rf"\mathrm{{{text}}}"


def _escaped(text: str) -> str:
    """A name's underscores, and nothing else that LaTeX would read as a sign."""
    return re.sub(r"[^\w ]", "", text).replace("_", r"\_")


# -- calls -----------------------------------------------------------------------


def _piece(node: Expr, args: list[_Piece]) -> _Piece:
    if isinstance(node, Number) or (isinstance(node, Name) and node.name[:1].isdigit()):
        text = latex_number(node[0])
        return _Piece(
            text, PRODUCT if "cdot" in text else POWER if "^" in text else ATOM, based="^" not in text
        )
    if isinstance(node, Name):
        return _Piece(latex_name(node.name), ATOM, based=True)
    if node.func in OPERATORS:
        return _operator(node.func, args)
    return _FORMS.get(node.func, _function)(node, args)


def _operator(func: str, args: list[_Piece]) -> _Piece:
    level = OPERATORS[func].level
    if func == "divide":
        top, bottom = (arg.text for arg in args)
        return _Piece(rf"\frac{{{top}}}{{{bottom}}}", ATOM, tall=True)
    if func == "negative":
        inner = args[0]
        return _Piece(f"-{_at(inner, POWER)}", level, inner.tall, signed=True)
    left, right = args
    if func == "power":
        return _Piece(
            f"{_base(left)}^{{{right.text}}}", POWER, left.tall, left.signed and left.level == POWER
        )
    if level < SUM:
        text = f"{_at(left, SUM)} {_SIGNS[func]} {_at(right, SUM)}"
    else:
        text = f"{_at(left, level)} {_SIGNS[func]} {_at(right, ATOM if right.signed else level + 1)}"
    return _Piece(text, level, left.tall or right.tall, left.signed and left.level >= NEGATION)


def _at(piece: _Piece, least: int) -> str:
    return piece.text if piece.level >= least else _bracketed(piece)


def _base(piece: _Piece) -> str:
    """What an exponent, a transpose or an index stands at."""
    return piece.text if piece.based else _bracketed(piece)


def _bracketed(piece: _Piece) -> str:
    return rf"\left({piece.text}\right)" if piece.tall else f"({piece.text})"


def _function(node: Call, args: list[_Piece]) -> _Piece:
    written, names = LATEX.get((node.func, len(args))) or LATEX.get((node.func, 0)) or ("", ())
    tall = any(arg.tall for arg in args)
    if "<" in written and not node.options:
        text = written
        for name, arg in zip(names, args, strict=True):
            if rf"_{{<{name}>}}" in written and not re.fullmatch(r"\d+|\w", arg.text):
                break  # an index holds one number or letter only
            text = text.replace(f"<{name}>", arg.text)
        else:
            return _Piece(text, ATOM, tall, based="_{" not in written)
    command = f"\\{node.func}" if node.func in STANDARD else rf"\operatorname{{{_escaped(node.func)}}}"
    if written and "<" not in written:
        command = written
    elif len(node.func) == 1:
        command = latex_name(node.func)  # a function left open: z(x, y)
    inside = ", ".join([*(arg.text for arg in args), *map(_option, node.options)])
    return _Piece(f"{command}{_bracketed(_Piece(inside, 0, tall))}", ATOM, tall, based=not tall)


def _option(option: tuple[str, str]) -> str:
    name, value = option
    value = rf"\mathrm{{{_escaped(value)}}}" if value.isidentifier() else value
    return rf"\mathrm{{{_escaped(name)}}} = {value}"


def _transposed(node: Call, args: list[_Piece]) -> _Piece:
    return _Piece(rf"{_base(args[0])}^{{\top}}", ATOM, args[0].tall)


def _entry(node: Call, args: list[_Piece]) -> _Piece:
    """x[0, 1:3] as an index in brackets, x_{[0, 1:3]}."""
    places = [text for name, text in node.options if name == "at"] or [arg.text for arg in args[1:]]
    if any(set(place) & set("\\{}[]") for place in places):
        return _function(node, args)  # an index that the plain language would not read
    base = args[0].text if args[0].based and "_" not in args[0].text else f"{{{args[0].text}}}"
    if not args[0].based:
        base = _bracketed(args[0])
    return _Piece(f"{base}_{{[{', '.join(places)}]}}", ATOM, args[0].tall)


def _listed(node: Call, args: list[_Piece]) -> _Piece:
    """A list as a column; a list of lists, of two and more each, as a matrix."""
    cells = [arg.text for arg in args]
    if len(args) > 1 and all(isinstance(arg, Call) and arg.func == "stack" for arg in node.args):
        rows = [cell.removeprefix(_OPENS).removesuffix(_CLOSES) for cell in cells]
        counts = {row.count(_BREAK) for row in rows}
        if len(counts) == 1 and counts != {0}:
            cells = [row.replace(_BREAK, " & ") for row in rows]
    if not args or any("begin" in cell for cell in cells):
        return _function(node, args)  # LaTeX's reader takes no matrix inside a matrix
    return _Piece(f"{_OPENS}{_BREAK.join(cells)}{_CLOSES}", ATOM, tall=True)


_FORMS: dict[str, Callable[[Call, list[_Piece]], _Piece]] = {
    "transpose": _transposed, "index": _entry, "stack": _listed,
}  # fmt: skip
