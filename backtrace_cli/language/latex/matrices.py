r"""Arrays in LaTeX: ``\begin{pmatrix}``, ``W^T``, ``\lVert x \rVert``, ``\sum_i x_i``."""

from __future__ import annotations

from collections.abc import Sequence

from backtrace_cli.base.caret import Span
from backtrace_cli.language.latex.indices import Indices
from backtrace_cli.language.latex.stack import Frame
from backtrace_cli.language.notation.products import BOLD, COLUMN, MATRIX, ROW
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["Arrays"]

_COMPARED = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
_ENDS_SUM = frozenset({"end", "close", "}", ";", ",", "=", "&", "row", "endmatrix"})
_LOOK_BACK = 200
#: A norm by its index: the function of the absolute values, or of the vector itself.
_NORMS = {"": ("norm", ""), "2": ("norm", ""), "F": ("norm", ""), "1": ("sum", "abs"), "∞": ("max", "abs")}


class Arrays(Indices):
    """The part of the translation that only arrays need.

    A matrix becomes a list of rows (one column or one row a plain list), a norm a call,
    an inner product ``@``, and a sum over all entries ``sum``.
    """

    def matrix(self, lexeme: Token) -> None:
        r"""``\begin{pmatrix}``; one column or one row is a vector, as everywhere in the language."""
        rows, columns = self.arrays.table(lexeme, self.at)
        self.before_bracket(lexeme)
        self.emit("(", "(", lexeme.span)
        sort = MATRIX if rows > 1 < columns else ROW if columns > 1 else COLUMN
        self.lists[len(self.out)] = sort
        self.emit("[", "[", lexeme.span)
        if sort == MATRIX:
            self.emit("[", "[", lexeme.span)
        self.frames.append(Frame("matrix", lexeme, len(self.out), sort))

    def cell(self, lexeme: Token) -> None:
        r"""``&`` or ``\\`` in a matrix: a column or a row ends."""
        frame = self.frames[-1]
        if frame.sort != "matrix":
            self.say.crossing(frame.opened, lexeme)
        if lexeme.kind == "row" and self.lexemes[self.at].kind == "endmatrix":
            return
        turns = lexeme.kind == "row" and frame.role == MATRIX
        for sign in ("]", ",", "[") if turns else (",",):
            self.emit(sign, sign, lexeme.span)

    def end_matrix(self, lexeme: Token) -> None:
        frame = self.frames[-1]
        if frame.sort != "matrix":
            self.say.crossing(frame.opened, lexeme)
        self.frames.pop()
        wide = frame.role == MATRIX
        for _ in range(1 + wide):
            self.emit("]", "]", lexeme.span)
        self.shut(frame.start - 2 - wide, lexeme.span)
        self.done()

    def parts(self, lexeme: Token) -> bool:
        """A comma that a matrix or an inner product takes for itself."""
        frame = self.frames[-1] if self.frames else None
        if frame is None or frame.sort not in ("matrix", "angle"):
            return False
        if frame.sort == "matrix":
            self.arrays.comma_in_matrix(lexeme)
        if frame.role:
            self.arrays.inner_product(frame.opened, lexeme)
        self.shut(frame.start - 1, lexeme.span)
        self.inner.add(len(self.out))
        self.emit("op", "matmul", lexeme.span)
        self.emit("(", "(", lexeme.span)
        frame.role, frame.start = "second", len(self.out)
        return True

    # -- norms and inner products -------------------------------------------

    def open(self, lexeme: Token, base: Sequence[Token] = ()) -> None:
        behind_transpose = [each.kind for each in self.out[-2:]] == [".T", "name"] and not base
        if behind_transpose and self.out[-1].text not in self.functions:
            self.before_bracket(lexeme)  # x^\top \Sigma (x - \mu) calls nothing
        if lexeme.text not in ("norm", "angle"):
            super().open(lexeme, base)
            return
        self.before_bracket(lexeme)
        if lexeme.text == "norm":
            self.emit("name", "norm", lexeme.span)
            self.emit("(", "(", lexeme.span)
            self.emit("plus", "add", lexeme.span)  # changes nothing; abs stands here in a 1-norm
        else:
            self.emit("(", "(", lexeme.span)
        outer = len(self.out) - (2 if lexeme.text == "norm" else 1)
        self.emit("(", "(", lexeme.span)
        self.frames.append(Frame(lexeme.text, lexeme, len(self.out), top=outer))

    def close(self, lexeme: Token) -> None:
        frame = self.frames[-1] if self.frames else None
        if frame is None or frame.sort not in ("norm", "angle") or lexeme.text != frame.sort:
            super().close(lexeme)
            return
        self.frames.pop()
        if len(self.out) == frame.start:
            self.arrays.nothing_between(frame.opened, lexeme)
        if frame.sort == "angle" and not frame.role:
            self.arrays.inner_product(frame.opened, lexeme)
        self.shut(frame.start - 1, lexeme.span)
        self.shut(frame.top, lexeme.span)
        if frame.sort == "norm":
            outer, inside = _NORMS[self.norm_index()]
            start = frame.top - 1
            self.out[start] = self.out[start]._replace(text=outer)
            if inside:
                self.out[start + 2] = Token("name", inside, frame.opened.span)
        self.done()

    def norm(self, lexeme: Token) -> None:
        r"""``\|`` faces left or right by where it stands."""
        inside = bool(self.frames) and self.frames[-1].sort == "norm"
        if inside and (self.ended() or len(self.out) == self.frames[-1].start):
            self.close(lexeme)
        else:
            self.open(lexeme)

    def norm_index(self) -> str:
        """The index behind a norm, also where it stands behind the power: ‖x‖_2^2 and ‖x‖^2_2."""
        at = self.at
        if self.lexemes[at].kind == "^":
            at = self.say.past_exponent(at)
        if self.lexemes[at].kind != "_":
            return ""
        following = at + 1
        if self.lexemes[following].kind == "end":
            self.say.fail("the formula ends where an index should stand", self.lexemes[at].span,
                          "write the index, or leave the _ out")  # fmt: skip
        braced = self.lexemes[following].kind == "{"
        if not braced:
            self.say.unbraced_run("_", self.lexemes[at - 1].span, following)
        inner = self.lexemes[following + braced]
        past = self.partners[following] + 1 if braced else following + 1
        text = "∞" if inner.kind == "infinity" else inner.text
        if text not in _NORMS or past != following + 1 + 2 * braced:
            self.arrays.other_norm(Span(self.lexemes[at].span.start, self.lexemes[past - 1].span.end), text)
        if at == self.at:
            self.at = past
        else:
            self.skips[at] = past
        return text

    # -- sums ---------------------------------------------------------------

    def determinants(self, tokens: list[Token]) -> list[Token]:
        r"""The bars of ``|\mathbf{S}|``, which are no absolute values: a matrix has a determinant."""
        found = list(tokens)
        for at in range(len(tokens) - 3, -1, -1):
            kinds = [each.kind for each in tokens[at : at + 3]]
            inner = tokens[at + 1]
            bold = BOLD.match(self.source, inner.span.start) and inner.text[:1].isupper()
            if kinds != ["|(", "name", "|)"] or not bold:
                continue
            span = Span(tokens[at].span.start, tokens[at + 2].span.end)
            if "det" not in self.functions:
                self.arrays.no_determinant(span, inner)
            self.note(f"{self.say.text(span)} is read as a determinant", span)
            opening, closing = tokens[at], tokens[at + 2]
            found[at : at + 3] = [
                Token("name", "det", opening.span), Token("(", "(", opening.span), inner,
                Token(")", ")", closing.span),
            ]  # fmt: skip
        return found
