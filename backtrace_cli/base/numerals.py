"""Numbers as people read them: significant digits, a real minus sign, whole numbers whole."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from typing import Any

__all__ = ["DIGITS", "ascii_text", "numeral", "shape_of"]

#: Significant digits shown unless the reader asks for others.
DIGITS = 6

#: Whole numbers up to here are shown whole, whatever the digits.
_WHOLE = 1e15


def numeral(value: Any, digits: int = DIGITS, *, ascii: bool = False) -> str:
    """``value`` as text: a float to ``digits`` significant digits, a fraction whole, an array nested.

    >>> numeral(-0.0179862099620916), numeral(Fraction(1, 3)), numeral(1234567.0), numeral(1e-7)
    ('−0.0179862', '1/3', '1234567', '1e-7')
    """
    if isinstance(value, bool):
        return str(int(value))
    if not isinstance(value, (int, float, Fraction)) and shape_of(value):
        return "[" + ", ".join(numeral(entry, digits, ascii=ascii) for entry in value) + "]"
    text = str(value) if isinstance(value, (int, Fraction)) else _float(float(value), digits)
    return text if ascii or not text.startswith("-") else "−" + text[1:]


def _float(value: float, digits: int) -> str:
    if value != value:
        return "nan"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    if abs(value) < _WHOLE and value == int(value):
        return str(int(value))
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


_SIGNS = {
    "−": "-", "·": "*", "×": "x", "÷": "/", "∂": "d", "±": "+-", "≤": "<=", "≥": ">=", "≠": "!=",
    "←": "<-", "→": "->", "…": "...", "√": "sqrt", "∞": "inf", "²": "^2", "³": "^3", "′": "'",
}  # fmt: skip


def ascii_text(text: str) -> str:
    """``text`` in ASCII: signs as they are typed, Greek letters by name, anything else as its code point.

    >>> ascii_text("β ≥ −1"), ascii_text("σ_x")
    ('beta >= -1', 'sigma_x')
    """
    return text if text.isascii() else "".join(map(_ascii_character, text))


def _ascii_character(char: str) -> str:
    if char.isascii():
        return char
    if char in _SIGNS:
        return _SIGNS[char]
    title = unicodedata.name(char, "")
    if title.startswith("GREEK SMALL LETTER "):
        return title.rpartition(" ")[2].lower().replace("lamda", "lambda")
    return f"<U+{ord(char):04X}>"


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array; () of a number."""
    return tuple(getattr(value, "shape", ()))
