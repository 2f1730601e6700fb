"""What LaTeX is refused for, and what to write instead: the page must show what is computed."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.latex_letters import STANDARD

__all__ = ["Complaints"]

_CLOSING = {"(": ")", "[": "]", "{": "}", r"\{": r"\}", "floor": r"\rfloor", "ceil": r"\rceil",
            "norm": r"\rVert", "angle": r"\rangle"}  # fmt: skip


def _spelling(function: str) -> str:
    return f"\\{function}" if function in STANDARD else f"\\operatorname{{{function}}}"


class Complaints:
    """Checks that raise FormulaError, all of them over one list of lexemes.

    >>> Complaints("x", [], {}, ()).text(Span(0, 1))
    'x'
    """

    def __init__(
        self, source: str, lexemes: list[Token], partners: dict[int, int], functions: Collection[str]
    ) -> None:
        self.source = source
        self.lexemes = lexemes
        self.partners = partners
        self.functions = functions

    def fail(self, message: str, span: Span, hint: str | None = None, also: Span | None = None) -> NoReturn:
        raise FormulaError(message, span=span, also=also, source=self.source, hint=hint)

    def text(self, span: Span) -> str:
        """The source at ``span``, cut short for a hint."""
        return shorten(" ".join(self.source[span.start : span.end].split()), 24)

    def between(self, first: int, past: int) -> str:
        """The source of the lexemes from ``first`` up to ``past``."""
        if past <= first:
            return ""
        return self.text(Span(self.lexemes[first].span.start, self.lexemes[past - 1].span.end))

    # -- brackets and lines -------------------------------------------------

    def unclosed(self, opened: Token) -> NoReturn:
        sign = self.text(opened.span)
        closing = _CLOSING.get(opened.text, "|")
        if sign.startswith(r"\left"):
            closing = r"\right" + closing
        end = len(self.source.rstrip())
        message = f"this {sign} is never closed; a {closing} is missing"
        self.fail(message, opened.span, also=Span(end, end + 1))

    def closes_nothing(self, lexeme: Token) -> NoReturn:
        message = f"this {self.text(lexeme.span)} closes nothing"
        self.fail(message, lexeme.span, "delete it, or open it before")

    def crossing(self, opened: Token, lexeme: Token) -> NoReturn:
        first, second = self.text(opened.span), self.text(lexeme.span)
        self.fail(f"{first} and {second} don't belong together", opened.span, also=lexeme.span)

    def hidden_braces(self, opened: Token, lexeme: Token) -> NoReturn:
        inner = self.text(Span(opened.span.end, lexeme.span.start))
        self.fail(
            "the page doesn't show these braces, so this could be read in two ways",
            Span(opened.span.start, lexeme.span.end),
            rf"write \left({inner}\right), or leave the braces out",
        )  # fmt: skip

    def index_in_brackets(self, at: int, out: list[Token]) -> None:
        following = self.lexemes[at : at + 2]
        if out and out[-1].kind == "name" and [token.kind for token in following] == ["number", "close"]:
            name, index = self.text(out[-1].span), following[0].text
            hint = f"write {name}_{{{index}}} for an index, or {index}{name} for a product"
            self.fail("this could be read in two ways", Span(out[-1].span.start, following[1].span.end), hint)

    def line_start(self, lexeme: Token) -> NoReturn:
        if lexeme.kind == "=":
            self.fail("this line goes on with =", lexeme.span, "write each value once, name = formula")
        self.fail(
            "this line could go on from the one before, or stand for itself", lexeme.span,
            "to go on, move the − to the end of the line before; else name the value, y = -x",
        )  # fmt: skip

    # -- names and numbers --------------------------------------------------

    def spelled_out(self, word: Token) -> NoReturn:
        text = word.text
        if text in self.functions:
            hint = f"write {_spelling(text)}(x) for the function, or \\mathrm{{{text}}} for a name"
        else:
            hint = f"write \\{text} for the Greek letter, or {' '.join(text)} for a product"
        self.fail(f"LaTeX reads {text} as a product, {'·'.join(text)}", word.span, hint)

    def function_among_letters(self, word: Token, at: int) -> None:
        """sinx and xsin(y): a function that runs into the letters beside it."""
        text, start = word.text, word.span.start
        for cut in range(6, 1, -1):
            if text[:cut] in STANDARD:
                hint = f"write {_spelling(text[:cut])}(…) for the function, or put spaces for a product"
                self.fail(f"the letters of {text[:cut]} run into those after it", word.span, hint)
        called = self.lexemes[at].kind == "open"
        for cut in range(max(1, len(text) - 30), len(text) - 1):
            if text[cut:] in (self.functions if called else STANDARD):
                message = f"the letters of {text[cut:]} run into those before it"
                hint = f"write {text[:cut]} {_spelling(text[cut:])}(…)"
                self.fail(message, Span(start + cut, word.span.end), hint)

    def number_after_name(self, name: Token, number: Token) -> NoReturn:
        shown, text = self.text(name.span), number.text
        index = "" if "_" in shown else f"{shown}_{{{text}}} for a name, "
        hint = f"write {index}{shown}^{{{text}}} for a power or {text}{shown} for a product"
        self.fail(f"a number can't follow {shown} directly", number.span, hint)

    def long_name(self, word: Token) -> NoReturn:
        self.fail(
            f"LaTeX reads {word.text} as a product, {'·'.join(word.text)}", word.span,
            f"write a name of several letters as \\mathrm{{{word.text}}}",
        )  # fmt: skip

    # -- scripts ------------------------------------------------------------

    def unbraced_run(self, sign: str, base: Span, at: int) -> None:
        """x^10 and w_ij: LaTeX takes the first character only. (x_ix_j and x^ay^b are clear.)"""
        lexeme, after = self.lexemes[at], self.lexemes[at + 1 : at + 2]
        text = lexeme.text
        if lexeme.kind not in ("number", "word") or len(text) == 1:
            return
        clear = "_" if sign == "_" else "^_"
        if lexeme.kind == "word" and len(text) == 2 and after[0].kind in clear:
            return
        shown = self.text(base) if base.end > base.start else "(…)"
        verb = "raises" if sign == "^" else "lowers"
        hint = f"write {shown}{sign}{{{text}}}"
        if lexeme.kind == "word":
            hint += f", or {shown}{sign}{text[0]} {text[1:]} for a product"
        where = Span(self.lexemes[at - 1].span.start, lexeme.span.end)
        self.fail(f"LaTeX {verb} only the {text[0]} here", where, hint)

    def odd_subscript(self, part: Token) -> NoReturn:
        self.fail(
            "a subscript is one index of letters and digits here", part.span,
            "write x_1, w_{ij} or x_{max}; give a shifted index a word, x_{prev}",
        )  # fmt: skip

    def subscript_of_what(self, lexeme: Token) -> NoReturn:
        message = "a subscript belongs directly behind a name"
        self.fail(message, lexeme.span, "write x_1, and x_1^{2} for its power")

    def second_power(self, lexeme: Token) -> NoReturn:
        self.fail(
            "this could be read in two ways, and LaTeX refuses it", lexeme.span,
            "write x^{2^{3}} or (x^{2})^{3}",
        )  # fmt: skip

    def unbraced_power(self, base: Token, at: int) -> None:
        """After ^ LaTeX raises one item; anything longer wants braces."""
        lexeme, after = self.lexemes[at], self.lexemes[min(at + 1, len(self.lexemes) - 1)]
        place = base.span if base.kind in ("name", "number") else Span(0, 0)
        self.unbraced_run("^", place, at)
        called = lexeme.kind == "function" or (lexeme.text in self.functions and after.kind == "open")
        if lexeme.kind in ("minus", "plus"):
            inner = ("-" if lexeme.kind == "minus" else "") + self.between(at + 1, self.past_item(at + 1))
            message = "LaTeX raises only the sign here"
        elif lexeme.kind == "open":
            inner = self.inside(at)
            message = "LaTeX raises only the bracket here"
        elif called:
            inner = self.between(at, self.past_item(at))
            message = f"LaTeX raises only the {self.text(lexeme.span)} here"
        else:
            return
        shown = self.text(place) if place.end else "(…)"
        self.fail(message, lexeme.span, f"write {shown}^{{{inner}}}")

    # -- how far something goes, for the hints ------------------------------

    def past_bracket(self, at: int) -> int:
        """The index after the bracket that opens at ``at``, or after the one lexeme there."""
        depth = 0
        for index in range(at, len(self.lexemes) - 1):
            kind = self.lexemes[index].kind
            depth += (kind in ("open", "{")) - (kind in ("close", "}"))
            if depth <= 0:
                return index + 1
        return len(self.lexemes) - 1

    def past_item(self, at: int) -> int:
        """The index after the value that begins at ``at``: a name, a bracket or a call."""
        past = self.past_bracket(at)
        kind = self.lexemes[at].kind
        while kind == "command" and self.lexemes[past].kind in ("{", "number"):
            past = self.past_bracket(past)
        if kind == "function" or (kind == "name" and self.lexemes[past].kind == "open"):
            past = self.past_bracket(past)
        return past

    def inside(self, at: int) -> str:
        """What the bracket holds that opens at ``at``, or the one lexeme there."""
        past = self.past_bracket(at)
        if self.lexemes[at].kind not in ("open", "{"):
            return self.between(at, past)
        return self.between(at + 1, past - 1 if self.lexemes[past - 1].kind in ("close", "}") else past)
