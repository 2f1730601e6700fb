"""LaTeX -> the tokens of the plain language, with an explicit stack, so depth costs no recursion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.latex.latex_lexer import read_lexemes
from backtrace_cli.language.latex.matrices import Arrays
from backtrace_cli.language.latex.stack import ENDS_VALUE, brace_partners
from backtrace_cli.language.notation.bare_functions import BARE, brackets_written
from backtrace_cli.language.notation.cases import choices_written
from backtrace_cli.language.notation.glyphs import refuse_merged
from backtrace_cli.language.notation.products import matrix_products
from backtrace_cli.language.notation.sums import written_out
from backtrace_cli.language.tokens.bars import resolve_bars
from backtrace_cli.language.tokens.lexer import SUPERSCRIPTS, Token, tokenize
from backtrace_cli.language.tree.syntax import Reading

__all__ = ["tokenize_latex"]

#: Letters that are hardly meant as a product when they stand together without a backslash.
_SPELLED = frozenset({"pi", "alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "omega"})


def tokenize_latex(
    source: str,
    functions: Collection[str],
    bound: Collection[str] = (),
    sizes: Mapping[str, int] | None = None,
    readings: list[Reading] | None = None,
) -> list[Token]:
    r"""The tokens of the plain formula that the LaTeX ``source`` typesets.

    They are of the kinds that ``lexer.tokenize`` makes (and ``|(`` ``|)`` where LaTeX says
    how a bar faces), end with one of kind ``end``, and their spans point into ``source``.
    Each letter is a name of its own; ``functions`` are the names that may be called, ``bound`` those
    that have values, ``sizes`` the whole numbers among them. How it was read where somebody could have
    meant otherwise is added to ``readings``.
    Raises FormulaError, also where the page would show something else than was meant.

    >>> "".join(token.text for token in tokenize_latex(r"\frac{x}{\sin(2y)}", {"sin"}))
    '((x)divide(sin(2y)))'
    """
    known = frozenset(functions)
    lexemes = choices_written(read_lexemes(source, known), source)
    lexemes, counted = written_out(lexemes, source, sizes or {}, bound)
    work = _Translator(source, lexemes, brace_partners(lexemes, source), known)
    work.bound = frozenset(bound)
    work.counted = {name: token for name, token in counted.items() if name not in work.bound}
    tokens = work.determinants(resolve_bars(work.tokens(), source))
    refuse_merged(tokens, source)
    if any(token.kind == BARE for token in tokens) or any(token.text in known for token in tokens):
        tokens, said = brackets_written(tokens, source, known, bound)
        work.readings += said
    if readings is not None:
        readings += work.readings
    return matrix_products(tokens, source, known, work.lists, work.inner)


class _Translator(Arrays):
    """One pass over the lexemes, a method for each kind of them."""

    begun = 0
    """Where the statement at hand begins among the tokens."""

    def tokens(self) -> list[Token]:
        handlers: dict[str, Callable[[Token], None]] = {
            "word": self.word, "name": self.name, "number": self.number, "function": self.function,
            "command": self.command, "{": self.group, "}": self.ungroup, "^": self.power,
            "_": self.subscript, "open": self.open, "close": self.close, "bar": self.bar,
            "=": self.equals, ";": self.separator, ",": self.separates, "norm": self.norm,
            "matrix": self.matrix, "&": self.cell, "row": self.cell, "endmatrix": self.end_matrix,
            "place": self.place,
        }  # fmt: skip
        while (lexeme := self.lexemes[self.at]).kind != "end":
            self.at += 1
            if self.frames and self.frames[-1].sort == "sum":
                self.end_sums(lexeme)
            handlers.get(lexeme.kind, self.sign)(lexeme)
        self.end_sums(lexeme)
        if self.frames:
            self.say.unclosed(self.frames[-1].opened)
        self.check_entries()
        self.out.append(lexeme)
        return [*self.counts(), *self.out]

    # -- names, numbers and signs -------------------------------------------

    def word(self, lexeme: Token) -> None:
        """A run of letters: each is a variable."""
        if self.frames and self.frames[-1].sort == "one":
            lexeme = self.take(lexeme)
        text, (start, end) = lexeme.text, lexeme.span
        if len(text) > 1:
            if text in self.functions or text in _SPELLED:
                self.say.spelled_out(lexeme)
            self.say.function_among_letters(lexeme, self.at)
            for offset, letter in enumerate(text[:-1]):
                self.emit("name", letter, Span(start + offset, start + offset + 1))
        self.item(self.indexed(Token("name", text[-1], Span(end - 1, end))))

    def name(self, lexeme: Token) -> None:
        token = self.indexed(lexeme)
        if token.text in self.functions:
            self.say.power_before_call(token, self.at)
        self.item(token)

    def number(self, lexeme: Token) -> None:
        frame = self.frames[-1] if self.frames else None
        if frame and frame.sort == "one" and frame.role in ("top", "bottom"):
            lexeme = self.take(lexeme)
        elif self.out and self.out[-1].kind == "name" and self.out[-1].span.end == lexeme.span.start:
            self.say.number_after_name(self.out[-1], lexeme)
        self.item(lexeme)

    def sign(self, lexeme: Token) -> None:
        if self.frames and lexeme.text != "power":
            self.frames[-1].loose = True
        self.out.append(lexeme)

    def separates(self, lexeme: Token) -> None:
        if not self.parts(lexeme):
            self.sign(lexeme)

    def equals(self, lexeme: Token) -> None:
        before = self.lexemes[self.at - 2]
        if before.kind == "word" and 1 < len(before.text) == len(self.out) - self.begun:
            self.say.long_name(before)
        self.sign(lexeme)

    def separator(self, lexeme: Token) -> None:
        """A statement ends, unless the next line can only go on from this one."""
        after_value = bool(self.out) and self.out[-1].kind in (*ENDS_VALUE, "|")
        if after_value and not self.frames and lexeme.text == "\n":
            following = self.at
            while self.lexemes[following].text == "\n":
                following += 1
            kind = self.lexemes[following].kind
            gap = self.source[lexeme.span.end : self.lexemes[following].span.start]
            if kind == "=" or (kind == "minus" and "&" not in gap):
                self.say.line_start(self.lexemes[following])
            if kind in ("plus", "minus", "op"):
                self.at = following
                return
        if self.frames and self.frames[-1].sort == "matrix":
            self.arrays.comma_in_matrix(lexeme)
        self.out.append(lexeme)
        if not self.frames:
            self.begun = len(self.out)

    # -- scripts ------------------------------------------------------------

    def indexed(self, name: Token) -> Token:
        """``name`` with the subscript that follows it, if one does: x_1 is x1, w_{ij} is w_ij."""
        if self.lexemes[self.at].kind != "_":
            return name
        self.at += 1
        following = self.lexemes[self.at]
        if following.kind == "{":
            parts = self.lexemes[self.at + 1 : self.partners[self.at]]
            self.at = self.partners[self.at] + 1
        else:
            self.say.unbraced_run("_", name.span, self.at)
            self.at += following.kind != "end"
            parts = [self.take(following) if following.kind == "word" else following]
        text = self.shifted(parts)
        for part in () if text else parts:
            if part.kind not in ("number", "word", "name", "function", ",") or "." in part.text:
                self.say.odd_subscript(part)
            text += "_" if part.kind == "," else part.text
        if not text or self.lexemes[self.at].kind == "_":
            self.say.odd_subscript(self.lexemes[self.at if text else self.at - 1])
        joined = name.text + ("" if text[0].isdigit() else "_") + text
        end = parts[-1].span.end if following.kind != "{" else self.lexemes[self.at - 1].span.end
        return Token("name", joined, Span(name.span.start, end))

    def subscript(self, lexeme: Token) -> None:
        """A ``_`` that did not follow a name directly: {x}_{1} is fine, (x+y)_1 is not."""
        if self.at - 1 in self.skips:
            self.at = self.skips[self.at - 1]
            return
        if not self.out or self.out[-1].kind != "name":
            self.say.subscript_of_what(lexeme)
        self.at -= 1
        layered = self.out[-1].span.end if self.layered == len(self.out) else 0
        named = self.indexed(self.out[-1])
        if layered:  # a^{[1]}_2 is a1_2, and a12 another
            base, index = self.out[-1].text, named.text[len(self.out[-1].text) :]
            named = named._replace(text=f"{base}_{index.lstrip('_')}")
        self.out[-1] = named

    def place(self, lexeme: Token) -> None:
        """x_{[0, 1:3]}: the entry of an array, in the plain language's words."""
        try:
            tokens = tokenize(lexeme.text)[:-1]
        except FormulaError as error:
            raise FormulaError(error.message, span=lexeme.span, source=self.source, hint=error.hint) from None
        self.out += [token._replace(span=lexeme.span) for token in tokens]

    def power(self, lexeme: Token) -> None:
        base = self.out[-1] if self.out else lexeme
        if self.raised == len(self.out) or self.source[base.span.start] in SUPERSCRIPTS:
            self.say.second_power(lexeme)
        following, past = self.lexemes[self.at], self.at + 1
        lone = following
        if following.kind == "{" and self.partners[self.at] == self.at + 2:
            lone, past = self.lexemes[self.at + 1], self.at + 3
        if (lone.kind, lone.text) == ("command", "top") or self.transposes(base, lone):
            self.at = past
            self.emit(".T", ".T", Span(lexeme.span.start, self.lexemes[past - 1].span.end))
            return
        if following.kind == "{" and base.kind == "name" and self.layer(base):
            return
        if following.kind == "{" and self.partners[self.at] == self.at + 4:
            self.arrays.index_above(base, self.at)
        self.emit("op", "power", lexeme.span)
        if lone.kind == "number" and (lone is not following or len(lone.text) == 1):
            self.at = past  # a bare number needs no brackets, and σ^{2}(x) is refused as σ^2(x) is
            self.emit("number", lone.text, Span(following.span.start, self.lexemes[past - 1].span.end))
            self.raised = len(self.out)
            return
        self.say.unbraced_power(base, self.at)
        if following.kind in ("{", "word", "name", "command"):
            self.argument("power", lexeme)

    # -- commands and functions ---------------------------------------------

    def command(self, lexeme: Token) -> None:
        if lexeme.text == "frac":
            self.before_bracket(lexeme)
            self.say.mixed_number(self.at, self.out)
            self.emit("(", "(", lexeme.span)
            self.argument("top", lexeme)
        elif lexeme.text == "sqrt":
            self.root(lexeme)
        elif lexeme.text in ("sum", "prod"):
            self.total(lexeme)
        else:
            self.say.stray_transpose(lexeme)

    def root(self, lexeme: Token) -> None:
        r"""\sqrt{x}, \sqrt[3]{x}, and \sqrt[n]{x} as x^(1/n)."""
        index = None
        if self.lexemes[self.at].kind == "open" and self.lexemes[self.at].text == "[":
            index = self.say.root_index(self.at)
            self.at += 3
        if index is None or index.text in ("2", "3"):
            function = "cbrt" if index and index.text == "3" else "sqrt"
            self.emit("name", function, lexeme.span)
            self.argument("root", lexeme)
            return
        self.before_bracket(lexeme)
        self.emit("(", "(", lexeme.span)
        kind, text, place = index
        inverse = [("op", "power"), ("(", "("), ("number", "1"), ("op", "divide")]
        inverse += [("number" if kind == "number" else "name", text), (")", ")")]
        self.argument("root", lexeme, after=[Token(*each, place) for each in inverse])

    def function(self, lexeme: Token) -> None:
        if lexeme.text == "mean" and self.source[lexeme.span.start : lexeme.span.end].rstrip("}").endswith(
            "E"
        ):
            self.note(f"{self.say.text(lexeme.span)} is read as the mean of all entries", lexeme.span)
        base = self.base(lexeme) if self.lexemes[self.at].kind == "_" else []
        if base:
            self.say.power_behind_function(lexeme, self.at)
        self.emit("name", lexeme.text, lexeme.span)
        if self.lexemes[self.at].kind == "^" or self.lexemes[self.at].text == "power":
            self.raised_function(lexeme)
        following = self.lexemes[self.at]
        if following.kind == "open" and following.text in ("(", "[", r"\{"):
            self.at += 1
            self.open(following, base)
        elif base or following.kind == "{":
            self.argument("function", lexeme, before=base)
        else:
            while self.lexemes[self.at].text == "\n":
                self.at += 1
            self.say.unfit_operand(lexeme, self.at)
            self.emit(BARE, "", Span(lexeme.span.end, lexeme.span.end))

    def base(self, lexeme: Token) -> list[Token]:
        r"""The base of \log_2 or \log_{b}, as the second argument that is to come."""
        inner = self.say.logarithm_base(lexeme, self.at)
        self.at += 4 if self.lexemes[self.at + 1].kind == "{" else 2
        kind = "number" if inner.kind == "number" else "name"
        return [Token(",", ",", inner.span), inner._replace(kind=kind)]
