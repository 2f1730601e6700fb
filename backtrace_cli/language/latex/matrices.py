r"""Arrays in LaTeX: ``\begin{pmatrix}``, ``W^T``, ``\lVert x \rVert``, ``\sum_i x_i``."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backtrace_cli.base.caret import Span
from backtrace_cli.language.latex.matrix_complaints import ArrayComplaints
from backtrace_cli.language.latex.products import BOLD, COLUMN, MATRIX, ROW
from backtrace_cli.language.latex.stack import ENDS_VALUE, Frame, Stack
from backtrace_cli.language.reading.lexer import Token

__all__ = ["Arrays"]

_COMPARED = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})
_ENDS_SUM = frozenset({"end", "close", "}", ";", ",", "=", "&", "row", "endmatrix"})
_LOOK_BACK = 200
#: A norm by its index: the function of the absolute values, or of the vector itself.
_NORMS = {"": ("norm", ""), "2": ("norm", ""), "F": ("norm", ""), "1": ("sum", "abs"), "∞": ("max", "abs")}


class Arrays(Stack):
    """The part of the translation that only arrays need.

    A matrix becomes a list of rows (one column or one row a plain list), a norm a call,
    an inner product ``@``, and a sum over all entries ``sum``.
    """

    def __init__(
        self, source: str, lexemes: list[Token], partners: dict[int, int], functions: Collection[str]
    ) -> None:
        super().__init__(source, lexemes, partners, functions)
        self.arrays = ArrayComplaints(source, lexemes, partners, functions)
        self.lists: dict[int, str] = {}
        """What the matrix is whose ``[`` stands there among the tokens."""
        self.inner: set[int] = set()
        """Which ``@`` among the tokens come from an inner product."""
        self.skips: dict[int, int] = {}
        """Lexemes that are read already, and where to go on behind them."""
        self.summed: dict[str, Token] = {}
        """The arrays whose entries a sum runs over."""
        self.entry_starts: set[int] = set()
        """Where the names begin that are written without their index."""
        self.counters: dict[str, Token] = {}
        """The letters that count the entries in a sum."""
        self.variable_t: bool | None = None

    def take(self, lexeme: Token) -> Token:
        """The first character of a word or number, all that TeX takes; the rest is yet to be read."""
        start, end = lexeme.span
        if len(lexeme.text) > 1:
            self.at -= 1
            self.lexemes[self.at] = Token(lexeme.kind, lexeme.text[1:], Span(start + 1, end))
        return Token(lexeme.kind, lexeme.text[0], Span(start, start + 1))

    def ended(self) -> bool:
        """Has a value just ended?"""
        return bool(self.out) and self.out[-1].kind in ENDS_VALUE

    # -- matrices -----------------------------------------------------------

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

    # -- transposes ---------------------------------------------------------

    def transposes(self, base: Token, exponent: Token) -> bool:
        r"""Is this ``^T`` the transpose? Not of a number, nor where T is a variable of the formula."""
        if (
            (exponent.kind, exponent.text) != ("word", "T")
            or base.text in ("e", "T")
            or self.has_variable_t()
        ):
            return False
        if base.kind == "name":
            if BOLD.match(self.source, base.span.start) or "A" <= base.text[0] <= "Z":
                return True
            if base.text[0].isascii():
                self.arrays.transpose_or_power(base, exponent)
            return False
        inside = self.out[max(self.pairs.get(len(self.out) - 1, len(self.out)), len(self.out) - _LOOK_BACK) :]
        if any(each.kind in (".T", "[") or BOLD.match(self.source, each.span.start) for each in inside):
            return True
        if any(each.kind == "name" and "A" <= each.text[0] <= "Z" for each in inside):
            self.arrays.transpose_or_power(base, exponent)
        return False

    def has_variable_t(self) -> bool:
        """Does a T stand anywhere but alone in an exponent?"""
        if self.variable_t is None:
            before = ["", ""]
            self.variable_t = False
            for lexeme in self.lexemes:
                raised = before[1] == "^" or before == ["^", "{"]
                if lexeme.kind in ("word", "name") and "T" in lexeme.text:
                    self.variable_t |= len(lexeme.text) > 1 or not raised
                before = [before[1], lexeme.kind]
        return self.variable_t

    # -- norms and inner products -------------------------------------------

    def open(self, lexeme: Token, base: Sequence[Token] = ()) -> None:
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

    def total(self, lexeme: Token) -> None:
        r"""``\sum_i w_i x_i``, which can only mean the sum over all entries of w·x."""
        counter, past = self.arrays.counter(lexeme, self.at)
        last = self.lexemes[past - 1]
        self.at = past
        if len(counter) < len(last.text):  # \sum_ix_i: the rest of the word is yet to be read
            self.take(last)
        for letter in counter:
            self.counters[letter] = lexeme
        self.emit("name", "sum", lexeme.span)
        self.emit("(", "(", lexeme.span)
        self.frames.append(Frame("sum", lexeme, len(self.out), counter))

    def end_sums(self, lexeme: Token) -> None:
        """Close the sums that end in front of ``lexeme``: a sum goes on to the next + or −."""
        while self.frames and self.frames[-1].sort == "sum" and self.ends_sum(lexeme):
            frame = self.frames.pop()
            self.entries(frame)
            end = self.out[-1].span.end
            self.shut(frame.start - 1, Span(end - 1, end))
            self.at -= lexeme.kind != "end"  # what is done next looks at what follows the sum
            self.done()
            self.at += lexeme.kind != "end"

    def ends_sum(self, lexeme: Token) -> bool:
        frame, kind = self.frames[-1], lexeme.kind
        if kind in _ENDS_SUM:
            return True
        if not self.ended():
            return False
        if kind == "bar" and not sum(token.kind == "|" for token in self.out[frame.start :]) % 2:
            self.arrays.bar_at_sum(lexeme)
        beneath = self.frames[-2].sort if len(self.frames) > 1 else ""
        if kind == "norm" and beneath == "norm":
            return True
        return kind in ("plus", "minus") or (kind == "op" and lexeme.text in _COMPARED)

    def entries(self, frame: Frame) -> None:
        """Write the names that the sum counts through without their index."""
        counter, stems, whole = frame.role, set[str](), dict[str, Token]()
        for at in range(frame.start, len(self.out)):
            token = self.out[at]
            called = token.text in self.functions and [one.kind for one in self.out[at + 1 : at + 2]] == ["("]
            if token.kind != "name" or called:
                continue
            stem, _, index = token.text.rpartition("_")
            plain = index.replace("_", "") if stem else ""
            bold = BOLD.match(self.source, token.span.start)
            if plain == counter and not bold:
                stems.add(stem)
                self.entry_starts.add(token.span.start)
                self.summed.setdefault(stem, token)
                self.out[at] = token._replace(text=stem)
            elif bold or token.text in counter or set(plain) & set(counter):
                self.arrays.not_by_entries(frame.opened, token, counter)
            elif token.span.start not in self.entry_starts:
                whole[token.text] = token
        if not stems:
            self.arrays.nothing_counted(frame.opened, counter)
        for stem in stems & whole.keys():
            self.arrays.entry_and_whole(self.summed[stem], whole[stem])

    def check_entries(self) -> None:
        """Outside its sum an entry would be a variable of its own; the page says it is not."""
        if not self.summed:
            return
        for token in self.out:
            if token.kind != "name":
                continue
            stem, _, index = token.text.rpartition("_")
            for letter in index if stem else "":
                if letter in self.counters:
                    self.arrays.counted_outside(token, self.counters[letter], letter)
            stem = stem or token.text.rstrip("0123456789")
            if stem != token.text and stem in self.summed:
                self.arrays.entry_outside(token, stem, self.summed[stem])
