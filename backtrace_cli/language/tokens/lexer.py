"""Text -> tokens: numbers, names, operators, and a named complaint for anything else."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tokens.odd_characters import check_letters, stranger

__all__ = ["Token", "normal_name", "tokenize"]


class Token(NamedTuple):
    """One word of the formula: its kind, its meaning, and its place in the text.

    Kinds: ``number``, ``name``, ``op`` (text is the operator's function name),
    ``minus``, ``plus``, ``root``, the punctuation ``( ) [ ] | , ; = ' ! : { }``, ``..`` and ``.T``
    under their own signs, and ``end``. A line break is a ``;`` whose text is a newline.
    """

    kind: str
    text: str
    span: Span


#: Everything that means an operator, in ASCII and as it is printed or pasted.
SIGNS = {
    "+": ("plus", "add"),
    "-": ("minus", "subtract"),
    "−": ("minus", "subtract"),
    "–": ("minus", "subtract"),
    "*": ("op", "multiply"),
    "·": ("op", "multiply"),
    "⋅": ("op", "multiply"),
    **dict.fromkeys("⊙∙•", ("op", "multiply")),
    "×": ("op", "multiply"),
    "∗": ("op", "multiply"),
    "/": ("op", "divide"),
    "÷": ("op", "divide"),
    "∕": ("op", "divide"),
    "⁄": ("op", "divide"),
    "@": ("op", "matmul"),
    "^": ("op", "power"),
    "**": ("op", "power"),
    "<": ("op", "less"),
    "<=": ("op", "less_equal"),
    "≤": ("op", "less_equal"),
    ">": ("op", "greater"),
    ">=": ("op", "greater_equal"),
    "≥": ("op", "greater_equal"),
    "==": ("op", "equal"),
    "!=": ("op", "not_equal"),
    "≠": ("op", "not_equal"),
    "√": ("root", "sqrt"),
    "∛": ("root", "cbrt"),
    "‖": ("‖", "‖"),
    ".T": (".T", ".T"),
    "ᵀ": (".T", "ᵀ"),
    "⊤": (".T", "ᵀ"),
    **{sign: (sign, sign) for sign in "()[]|,;='!"},
    "′": ("'", "'"),
    "∣": ("|", "|"),
}

SUPERSCRIPTS = {
    **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)),
    "⁺": "+",
    "⁻": "-",
    "ⁿ": "n",
}
_SUPER = "".join(SUPERSCRIPTS)
_RAISED = _SUPER + "ᵀ"
#: A subscript of digits ends a name, so that w₂σ(x) is w₂·σ(x); π stands for itself, as in 2πx.
_ENDS_NAME = re.compile(r"π(?=[^\W\d_])|[^₀-₉]*[₀-₉]+(?=[^\W\d_₀-₉])")

_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\u00a0\u2009\u202f]+)
  | (?P<number>(?:[0-9]+(?:\.(?!T(?:\b|[{_SUPER}])|\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<super>[{_SUPER}]+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*+(?![^\x00-\x7f])
      |(?:(?![{_RAISED}])\w)(?:(?![{_RAISED}])[\w\u0300-\u036f])*)
  | (?P<newline>\n)
  | (?P<comment>\#[^\n]*)
  | (?P<sign>\*\*|<=|>=|==|!=|\.T(?:(?!\w)|(?=[{_SUPER}]))|[+\-−–*·⋅×∗⊙∙•/÷∕⁄@^<≤>≥≠√∛‖ᵀ⊤()\[\]|,;='!′∣])
    """,
    re.VERBOSE,
)

#: The index of a norm.
_LOWERED = frozenset("₁₂")
#: What behind a number's digits makes it worth a second look, and what may end a value before a point.
_SUSPICIOUS = frozenset("._xXbBoO")
_ENDS = frozenset({"name", ")", "]", "|)", ".T"})
#: 0x1F, 0b101 and 0o17, as programming languages have them.
#: Compiled when first needed, as start-up counts.
_OTHER_BASE = r"0(?:[xX][0-9a-fA-F]+|[bB][01]+|[oO][0-7]+)(?!\w)"


def normal_name(text: str) -> str:
    """The one spelling of a name: subscripts and fancy letters become plain ones.

    >>> normal_name("x₁"), normal_name("𝑥")
    ('x1', 'x')
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def tokenize(source: str) -> list[Token]:
    """The tokens of ``source``, ending with one of kind ``end``.

    Raises FormulaError at the first character that no formula can hold.

    >>> [token.text for token in tokenize("2x²")]
    ['2', 'x', 'power', '2', '']
    """
    tokens: list[Token] = []
    append = tokens.append
    position = 0
    end = len(source)
    match = _TOKEN.match
    while position < end:
        found = match(source, position)
        if found is None:
            append(_punctuation(source, position, tokens))
            position = tokens[-1].span.end
            continue
        kind = found.lastgroup
        stop = found.end()
        span = Span(position, stop)
        if kind == "name":
            text = found.group()
            if not text.isascii():
                if text[0] in _LOWERED and tokens and tokens[-1].kind in ("‖", "|"):
                    stop = position + 1
                    append(Token("name", "_" + normal_name(text[0]), Span(position, stop)))
                    position = stop
                    continue
                if (fraction := _vulgar(source, position, tokens)) is not None:
                    tokens += fraction
                    position += 1
                    continue
                if (shorter := _ENDS_NAME.match(text)) is not None:
                    stop = position + shorter.end()
                    text, span = shorter.group(), Span(position, stop)
                check_letters(source, position, text)
                text = normal_name(text)
            append(Token("name", text, span))
        elif kind == "number":
            text = found.group()
            if source[stop : stop + 1] in _SUSPICIOUS:
                stop = _whole_number(source, stop, span)
                text, span = source[position:stop].replace("_", ""), Span(position, stop)
            append(Token("number", text, span))
        elif kind == "sign":
            sort, text = SIGNS[found.group()]
            append(Token(sort, text, span))
        elif kind == "newline":
            append(Token(";", "\n", span))
        elif kind == "super":
            tokens += _superscript(source, found.group(), span)
        position = stop
    append(Token("end", "", Span(end, end)))
    return tokens


def _punctuation(source: str, position: int, tokens: list[Token]) -> Token:
    """``: .. { }`` where a slice, a loop, a numbered name or a declaration has them.

    Raises FormulaError elsewhere: in a plain formula these signs mean nothing.
    """
    char, behind = source[position], source[position + 1 : position + 2]
    attached = bool(tokens) and tokens[-1].span.end == position
    if char == "." and attached and tokens[-1].kind in _ENDS and behind.isalpha():
        return Token(".", ".", Span(position, position + 1))
    start = next((i + 1 for i in range(len(tokens) - 1, -1, -1) if tokens[i].text == "\n"), 0)
    heads = [tokens[i].text for i in range(start, len(tokens)) if i == start or tokens[i - 1].kind == ";"]
    kinds = [token.kind for token in tokens[start:]]
    declares = bool(heads) and heads[-1] in ("for", "param", "data")
    ours: dict[str, bool] = {
        ":": declares or kinds.count("[") > kinds.count("]"),
        "{": attached and kinds[-1:] in (["name"], ["}"]),
        "}": kinds.count("{") > kinds.count("}"),
        ".": declares and source[position : position + 2] == "..",
    }
    if not ours.get(char):
        raise stranger(source, position)
    sign = ".." if char == "." and behind == "." else char
    return Token(sign, sign, Span(position, position + len(sign)))


def _vulgar(source: str, position: int, tokens: list[Token]) -> list[Token] | None:
    """``½`` as the tokens of (1/2); None for any other character. Raises FormulaError for 2½."""
    parts = unicodedata.normalize("NFKC", source[position]).partition("⁄")
    if not parts[1] or not parts[2]:
        return None
    span = Span(position, position + 1)
    shown = f"({parts[0]}/{parts[2]})"
    if tokens and tokens[-1].kind == "number" and tokens[-1].span.end == position:
        before = tokens[-1].text
        raise FormulaError(
            "this could be a mixed number or a product", span=Span(tokens[-1].span.start, span.end),
            source=source, hint=f"write ({before} + {shown[1:-1]}) or {before}*{shown}",
        )  # fmt: skip
    kinds = (("(", "("), ("number", parts[0]), ("op", "divide"), ("number", parts[2]), (")", ")"))
    return [Token(*each, span) for each in kinds]


def _superscript(source: str, text: str, span: Span) -> list[Token]:
    """``x⁻¹`` as the tokens of ``x^-1``: superscripts become powers before names are read."""
    plain = "".join(SUPERSCRIPTS[char] for char in text)
    found = re.fullmatch(r"([+-]?)(\d+|n)", plain)
    if found is None:
        clear = plain.isalnum() and len(plain) < 24
        raise FormulaError(
            f"the superscript {shorten(text, 24)} can't be read as a power",
            span=span, source=source,
            hint=f"write ^({plain})" if clear else "write the power after ^, as in x^2",
        )  # fmt: skip
    tokens = [Token("op", "power", span)]
    if found[1]:
        tokens.append(Token(*SIGNS[found[1]], span))
    tokens.append(Token("name" if found[2] == "n" else "number", found[2], span))
    return tokens


def _whole_number(source: str, stop: int, span: Span) -> int:
    """Where a number really ends whose digits end at ``stop``: 1_000 is one. Refuses 1.2.3 and 0x10."""
    rest = source[stop : stop + 2]
    text = source[span.start : stop]
    if rest[:1] == "." and rest not in (".T", ".."):
        tail = re.compile(r"[\d.]*").match(source, stop)
        whole = Span(span.start, tail.end() if tail else stop)
        raise FormulaError(
            "a number has one decimal point",
            span=whole, source=source, hint="write it with one, as in 1.25",
        )  # fmt: skip
    if rest[:1] == "_" and rest[1:].isdecimal():
        grouped = re.compile(r"[0-9_.]+").match(source, span.start)
        assert grouped is not None
        if re.fullmatch(r"\d{1,3}(?:_\d{3})+(?:\.\d*)?", grouped.group()):
            return grouped.end()
        raise FormulaError(
            "underscores part a number's thousands, as in 1_000",
            span=Span(*grouped.span()), source=source,
            hint=f"write {shorten(grouped.group().replace('_', ''), 24)}",
        )  # fmt: skip
    if text == "0" and (found := re.compile(_OTHER_BASE).match(source, span.start)):
        plain = str(int(found.group(), 0)) if len(found.group()) <= 12 else "the decimal number"
        raise FormulaError(
            "numbers are decimal here",
            span=Span(*found.span()), source=source,
            hint=f"write {plain}, or 0*{shorten(found.group()[1:], 24)} for a product",
        )  # fmt: skip
    return stop
