"""Text -> tokens: numbers, names, operators, and a named complaint for anything else."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from backtrace_cli.errors import FormulaError, Span

__all__ = ["Token", "normal_name", "tokenize"]


class Token(NamedTuple):
    """One word of the formula: its kind, its meaning, and its place in the text.

    Kinds: ``number``, ``name``, ``op`` (text is the operator's function name),
    ``minus``, ``plus``, ``root``, the punctuation ``( ) [ ] | , ; = ' !`` and ``.T`` under
    their own signs, and ``end``. A line break is a ``;`` whose text is a newline.
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
    ".T": (".T", ".T"),
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

_TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\u00a0\u2009\u202f]+)
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<super>[{_SUPER}]+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?![^\x00-\x7f])|(?:(?![{_SUPER}])\w)(?:(?![{_SUPER}])[\w\u0300-\u036f])*)
  | (?P<newline>\n)
  | (?P<comment>\#[^\n]*)
  | (?P<sign>\*\*|<=|>=|==|!=|\.T(?!\w)|[+\-−–*·⋅×∗/÷∕⁄@^<≤>≥≠√()\[\]|,;='!′∣])
    """,
    re.VERBOSE,
)

#: Signs of other languages, with what to write instead.
FOREIGN = {
    "{": "use parentheses: x^(2); braces belong to LaTeX, which starts with a backslash",
    "}": "use parentheses: x^(2); braces belong to LaTeX, which starts with a backslash",
    "&": "multiply two conditions instead: (0 < x)*(x < 1)",
    "$": "leave the dollar signs out",
    "%": "for a remainder or a percentage write the arithmetic out, such as x/100",
    ":": "to name an intermediate write a = x^2",
    "?": "to choose between two values write where(condition, a, b)",
    '"': "leave the quotes out",
    "“": "leave the quotes out",
    "”": "leave the quotes out",
    "~": "for a negative write -x",
    "∂": "write the formula itself; backtrace finds its derivatives",
    "∑": "write the terms out with +",
    "∞": "infinity has no derivative; to probe it give a value, --at x=inf",
    ".": "a number needs a digit beside its point, as in 0.5",
}


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
            raise _stranger(source, position)
        kind = found.lastgroup
        stop = found.end()
        span = Span(position, stop)
        if kind == "name":
            text = found.group()
            if not text.isascii():
                _check_letters(source, position, text)
                text = normal_name(text)
            append(Token("name", text, span))
        elif kind == "number":
            _check_number(source, stop, span)
            append(Token("number", found.group(), span))
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


def _superscript(source: str, text: str, span: Span) -> list[Token]:
    """``x⁻¹`` as the tokens of ``x^-1``: superscripts become powers before names are read."""
    plain = "".join(SUPERSCRIPTS[char] for char in text)
    found = re.fullmatch(r"([+-]?)(\d+|n)", plain)
    if found is None:
        raise FormulaError(
            f"the superscript {text} can't be read as a power",
            span=span, source=source, hint=f"write ^({plain})",
        )  # fmt: skip
    tokens = [Token("op", "power", span)]
    if found[1]:
        tokens.append(Token(*SIGNS[found[1]], span))
    tokens.append(Token("name" if found[2] == "n" else "number", found[2], span))
    return tokens


def _check_number(source: str, stop: int, span: Span) -> None:
    """Refuse number shapes of other languages: 1.2.3, 1_000, 0x10."""
    rest = source[stop : stop + 2]
    text = source[span.start : stop]
    if rest[:1] == "." and rest != ".T":
        tail = re.compile(r"[\d.]*").match(source, stop)
        whole = Span(span.start, tail.end() if tail else stop)
        raise FormulaError(
            "a number has one decimal point",
            span=whole, source=source, hint="write it with one, as in 1.25",
        )  # fmt: skip
    if rest[:1] == "_" and rest[1:].isdigit():
        raise FormulaError(
            "a number is written without underscores",
            span=Span(stop, stop + 1), source=source, hint="leave the underscore out",
        )  # fmt: skip
    if text == "0" and rest[:1] in ("x", "b", "o") and rest[1:].isdigit():
        raise FormulaError(
            "numbers are decimal here",
            span=Span(span.start, stop + 2), source=source,
            hint=f"write the decimal number, or 0*{rest} for a product",
        )  # fmt: skip


def _check_letters(source: str, position: int, text: str) -> None:
    """Names are Latin and Greek: a look-alike from another script is named, not guessed."""
    for offset, char in enumerate(text):
        if char.isascii() or unicodedata.combining(char):
            continue
        title = unicodedata.name(unicodedata.normalize("NFKC", char)[0], "")
        if title.startswith(("LATIN", "GREEK", "DIGIT")):
            continue
        raise _stranger(source, position + offset)


def _stranger(source: str, position: int) -> FormulaError:
    """The complaint about a character that no formula holds, by name and code point."""
    char = source[position]
    title = unicodedata.name(char, "a control character").lower()
    span = Span(position, position + 1)
    shown = f"{char} is" if char.isprintable() and not unicodedata.combining(char) else "this is"
    hint = FOREIGN.get(char)
    if hint is None:
        if char.isalpha() or unicodedata.category(char) in ("Lo", "Nd", "No"):
            hint = "names take Latin and Greek letters, digits and _; type it again on your keyboard"
        elif char.isprintable() and char.isascii():
            hint = "leave it out"
        else:
            hint = "delete it; it may have come along with a copy and paste"
    if char.isascii() and char.isprintable():
        message = f"{char} means nothing in a formula"
    else:
        message = f"{shown} {title} (U+{ord(char):04X}), which means nothing in a formula"
    return FormulaError(message, span=span, source=source, hint=hint)
