r"""What LaTeX of arrays is refused for: matrices, norms, inner products and sums over entries."""

from __future__ import annotations

from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.language.latex.complaints.latex_complaints import Complaints
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["ArrayComplaints"]

_TERMS = r"write the terms out, such as x_1 + x_2 + x_3, or \sum_i x_i for all entries of x"


class ArrayComplaints(Complaints):
    """Checks of what only arrays need, over one list of lexemes.

    >>> ArrayComplaints("x", [], {}, ()).text(Span(0, 1))
    'x'
    """

    # -- matrices -----------------------------------------------------------

    def table(self, opened: Token, at: int) -> tuple[int, int]:
        """How many rows and columns the matrix has whose entries begin at ``at``."""
        rows, empty = [1], True
        for place in range(at, len(self.lexemes)):
            lexeme, before = self.lexemes[place], self.lexemes[place - 1]
            if lexeme.kind == "matrix":
                self.fail("a matrix can't stand inside a matrix here", lexeme.span,
                          "write the whole out, entry by entry")  # fmt: skip
            if lexeme.kind == "end":
                self.fail(f"this {self.text(opened.span)} is never closed", opened.span,
                          rf"close it with \end{{{opened.text}}}")  # fmt: skip
            ends = lexeme.kind in ("&", "row", "endmatrix")
            if lexeme.kind == "endmatrix" and before.kind == "row" and len(rows) > 1:
                rows.pop()  # a line end behind the last row begins no row
                break
            if ends and empty:
                self.fail("an entry of this matrix is empty", lexeme.span, "write 0 where there is nothing")
            if lexeme.kind == "endmatrix":
                self.ragged(rows, lexeme)
                break
            if lexeme.kind == "&":
                rows[-1] += 1
            elif lexeme.kind == "row":
                self.ragged(rows, lexeme)
                rows.append(1)
            empty = ends
        return len(rows), rows[0]

    def ragged(self, rows: list[int], where: Token) -> None:
        if rows[-1] != rows[0]:
            entries = "entry" if rows[-1] == 1 else "entries"
            self.fail(f"row {len(rows)} of this matrix has {rows[-1]} {entries}, row 1 has {rows[0]}",
                      where.span, "give each row as many, parted by &")  # fmt: skip

    def comma_in_matrix(self, comma: Token) -> NoReturn:
        sign = "a comma" if comma.kind == "," else self.text(comma.span)
        self.fail(f"{sign} can't part the entries of a matrix", comma.span,
                  r"write & between columns and \\ between rows")  # fmt: skip

    # -- scripts ------------------------------------------------------------

    def transpose_or_power(self, base: Token, exponent: Token) -> NoReturn:
        shown = self.text(base.span) if base.kind == "name" else "(…)"
        where = Span(base.span.start, exponent.span.end)
        self.fail("this T could mean the transpose or a power", where,
                  rf"write {shown}^\top for the transpose, {shown}^{{\mathit{{T}}}} for a power")  # fmt: skip

    def index_above(self, base: Token, at: int) -> None:
        """x^{(1)} numbers a layer or an example on most pages, and would be a power here."""
        inside = self.lexemes[at + 1 : at + 4]
        counts = inside[1].kind == "number" or (inside[1].kind == "word" and len(inside[1].text) == 1)
        if base.kind == "name" and counts and (inside[0].kind, inside[2].kind) == ("open", "close"):
            shown, index = self.text(base.span), inside[1].text
            self.fail("this could be an index or a power", Span(base.span.start, inside[2].span.end + 1),
                      f"write {shown}_{index} for an index, {shown}^{index} for a power")  # fmt: skip

    # -- norms and inner products -------------------------------------------

    def nothing_between(self, opened: Token, closing: Token) -> NoReturn:
        message = f"there is nothing between {self.text(opened.span)} and {self.text(closing.span)}"
        self.fail(message, opened.span, "put a value between them", closing.span)

    def other_norm(self, where: Span, index: str) -> NoReturn:
        hint = r"the indices 1, 2, F and \infty are"
        if index.isdecimal() and len(index) < 4:
            hint += rf"; else write it out, \operatorname{{sum}}(|x|^{{{index}}})^{{1/{index}}}"
        self.fail("this norm is not an op here", where, hint)

    def inner_product(self, opened: Token, where: Token) -> NoReturn:
        self.fail("an inner product is taken of two vectors", opened.span,
                  r"write \langle a, b \rangle; for a plain bracket write ( and )", where.span)  # fmt: skip

    def no_determinant(self, where: Span, name: Token) -> NoReturn:
        shown = self.text(name.span)
        hint = rf"write it out in the entries; for absolute values \operatorname{{abs}}({shown})"
        self.fail(f"the bars of the matrix {shown} are its determinant, no op here", where, hint)

    # -- sums ---------------------------------------------------------------

    def counter(self, sign: Token, at: int) -> tuple[str, int]:
        r"""The letters that ``\sum_i`` or ``\sum_{i,j}`` counts with, and the index behind them."""
        command = self.text(sign.span)
        if self.lexemes[at].kind == "open":
            self.fail(f"{command} over no index is not an op here", sign.span,
                      rf"write \operatorname{{{sign.text}}}({self.inside(at)})")  # fmt: skip
        if self.lexemes[at].kind != "_":
            self.fail(f"{command} needs the index that it counts with", sign.span, _TERMS)
        braced = self.lexemes[at + 1].kind == "{"
        if not braced:
            self.unbraced_run("_", sign.span, at + 1)
        past = self.partners[at + 1] + 1 if braced else at + 2
        if past >= len(self.lexemes):
            self.unclosed(self.lexemes[at + 1])
        parts = self.lexemes[at + 2 : past - 1] if braced else self.lexemes[at + 1 : past]
        letters = "".join(part.text for part in parts if part.kind == "word")
        letters = letters if braced else letters[:1]
        odd = any(part.kind not in ("word", ",") for part in parts) or len(set(letters)) != len(letters)
        if odd or not letters or self.lexemes[past].kind == "^":
            self.fail(f"{command} with bounds is not an op here", sign.span, _TERMS)
        return letters, past

    def bar_at_sum(self, bar: Token) -> NoReturn:
        self.fail("this bar could close behind the sum or open inside it", bar.span,
                  r"write \lvert and \rvert")  # fmt: skip

    def not_by_entries(self, sign: Token, name: Token, counter: str) -> NoReturn:
        shown = self.text(name.span)
        if name.text in counter:
            self.fail(f"{shown} counts the terms of this sum, and is no value", name.span,
                      "write the terms out, such as 1x_1 + 2x_2", sign.span)  # fmt: skip
        hint = r"write it with arrays, as in \mathbf{W}\mathbf{x} or \mathbf{a}^\top \mathbf{b}"
        message = f"this sum counts through {shown} in another way than entry by entry"
        self.fail(message, sign.span, hint, name.span)

    def nothing_counted(self, sign: Token, counter: str) -> NoReturn:
        shown = counter if len(counter) == 1 else f"{{{counter}}}"
        self.fail(f"nothing in this sum has the index {counter}", sign.span, rf"write \sum_{shown} x_{shown}")

    def entry_and_whole(self, entry: Token, whole: Token) -> NoReturn:
        shown = self.text(whole.span)
        self.fail(f"this sum holds {self.text(entry.span)} and {shown}, which are one array here", whole.span,
                  "give one of them another letter", entry.span)  # fmt: skip

    def counted_outside(self, name: Token, sign: Token, letter: str) -> NoReturn:
        shown = self.text(name.span)
        self.fail(f"{shown} stands outside the sum that counts it", name.span,
                  rf"a sum ends at the next + or −; to sum it too write \sum_{letter} (… + {shown})",
                  sign.span)  # fmt: skip

    def entry_outside(self, name: Token, array: str, entry: Token) -> NoReturn:
        message = f"{self.text(name.span)} would be a variable of its own here, and no entry of {array}"
        hint = rf"for all entries at once leave the index out, as in \operatorname{{softmax}}({array})"
        self.fail(message, name.span, hint, entry.span)
