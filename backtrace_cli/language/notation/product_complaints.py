r"""What a product of arrays in LaTeX is refused for: each reading is offered as it is to be typed."""

from __future__ import annotations

from typing import NoReturn, Protocol

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["ProductComplaints"]

#: A value longer than this is left out of a hint, which is to be typed.
_LONG = 24


class Stretch(Protocol):
    """A value among the tokens: what it is, its first token and its last."""

    @property
    def sort(self) -> str: ...
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...


class ProductComplaints:
    """Checks that raise FormulaError, over the tokens of one formula.

    >>> ProductComplaints("x", [Token("name", "x", Span(0, 1))]).shown(0, 0)
    'x'
    """

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens

    def span(self, first: int, last: int) -> Span:
        return Span(self.tokens[first].span.start, self.tokens[last].span.end)

    def shown(self, first: int, last: int) -> str:
        """The source of the tokens from ``first`` to ``last``, cut short for a hint."""
        start, end = self.span(first, last)
        return shorten(" ".join(self.source[start:end].split()), 40)

    def fail(self, message: str, where: Span, hint: str, also: Span | None = None) -> NoReturn:
        raise FormulaError(message, span=where, also=also, source=self.source, hint=hint)

    def pair(self, left: Stretch, right: Stretch) -> tuple[str, str, Span]:
        """Both values as the hint writes them, and where they stand."""
        shown = [self.source[slice(*self.span(each.first, each.last))] for each in (left, right)]
        a, b = ("…" if len(each) > _LONG else " ".join(each.split()) for each in shown)
        return a, b, self.span(left.first, right.last)

    def two_letters(self, thin: Token, bold: Token) -> NoReturn:
        one, other = self.source[slice(*thin.span)], self.source[slice(*bold.span)]
        if thin.text == bold.text:
            self.fail(f"{one} and {other} are one name here", thin.span,
                      "write both alike, or give one of them another letter", bold.span)  # fmt: skip
        self.fail(f"{one} would be a variable of its own here, and no entry of {other}", thin.span,
                  f"give it another letter; an entry is written in the plain language, {bold.text}[0]",
                  bold.span)  # fmt: skip

    def power_of_matrix(self, first: int, last: int, start: int, end: int) -> NoReturn:
        base, exponent = self.shown(first, last), self.shown(start, end).strip("{}")
        base = base if len(base) <= _LONG and "…" not in base else "…"
        where = self.span(first, end)
        if exponent.startswith(("-", "−")) or self.tokens[start - 1].kind == "minus":
            self.fail("the inverse of a matrix is not an op here", where,
                      f"for one over each entry write 1/{base}")  # fmt: skip
        power = f"{base} {base}" if exponent == "2" else f"{base} {base} \\cdots"
        each = rf"{base} \odot {base}" if exponent == "2" else rf"{base} \odot {base} \odot …"
        self.fail("this power of a matrix could be read in two ways", where,
                  f"write {power} for the matrix product, {each} for each entry")  # fmt: skip

    def inner_of_matrices(self, left: Stretch, right: Stretch) -> NoReturn:
        """Both in the brackets that ``\\langle A, B \\rangle`` puts round them."""
        a, b = (self.shown(each.first + 1, each.last - 1) for each in (left, right))
        self.fail("this inner product is taken of vectors here, not of matrices",
                  self.span(left.first, right.last),
                  rf"write \operatorname{{sum}}({a} \odot {b})")  # fmt: skip

    def dot_of_arrays(self, left: Stretch, sign: Token, right: Stretch) -> NoReturn:
        a, b, where = self.pair(left, right)
        dot = self.source[slice(*sign.span)]
        if left.sort == right.sort == "column":
            inner = rf"write {a}^\top {b} for the inner product"
        else:
            inner = f"write {a} {b} for the matrix product"
        message = f"{dot} between two arrays could be read in two ways"
        self.fail(message, where, rf"{inner}, {a} \odot {b} for entry by entry")

    def array_or_number(self, left: Stretch, right: Stretch) -> NoReturn:
        a, b, where = self.pair(left, right)
        doubtful = b if right.sort == "plain" else a
        hint = rf"write \mathbf{{{a}}} if it is an array, {a} \cdot {b} if it is a number"
        if right.sort == "plain":
            hint = rf"write {a} @ {b} for the matrix product, {a} \cdot {b} if {b} is a number"
        self.fail(f"is {'this' if doubtful == '…' else doubtful} an array or a number here?", where, hint)

    def over_a_product(self, top: Stretch, first: Stretch, second: Stretch, whole: Stretch) -> NoReturn:
        """1/Wx, with the product that is below the line or behind it."""
        a, b, _ = self.pair(first, whole)
        over, _, where = self.pair(top, whole)
        rest = self.shown(second.first, whole.last)
        self.fail("this could be read in two ways", where,
                  rf"write \frac{{{over}}}{{{b}}} or \frac{{{over}}}{{{a}}} {rest}")  # fmt: skip

    def no_product(self, left: Stretch, right: Stretch) -> NoReturn:
        a, b, where = self.pair(left, right)
        entries = rf"{a} \odot {b} for entry by entry"
        if left.sort == right.sort == "column":
            message = "two columns side by side make no product"
            hint = rf"write {a}^\top {b} for the inner product, {a} {b}^\top for the outer one, {entries}"
        elif "array" in (left.sort, right.sort):
            message = "this could be read in two ways"
            hint = rf"write {a} @ {b} for the matrix product, {entries}"
        else:
            message = f"a {left.sort} and a row side by side make no product"
            hint = f"write {a} @ {b} if the shapes fit, {entries}"
        self.fail(message, where, hint)
