"""What a plain formula is refused for, and what to write instead."""

from __future__ import annotations

from collections.abc import Collection
from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tokens.bars import ENDS_OPERAND, OPENS_OPERAND
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import Assign, Call, Expr, Name

__all__ = ["WORDS", "Complaints"]

#: Words of programming languages that are no names here where they stand beside a value.
WORDS = {
    "and": "multiply two conditions: (0 < x)*(x < 1)",
    "or": "take the larger of two conditions: max(x < 0, x > 1)",
    "not": "compare with 0: (x < 1) == 0",
    **dict.fromkeys(("if", "then", "else"), "to choose between two values write where(condition, a, b)"),
}

_VALUE = "a value is a number, a name or a bracket"
_OPENING = ("(", "[", "|(")
_CLOSING = (")", "]", "|)")
_GO_ON = "to go on from the line before, put the {} at its end"


def is_power(token: Token) -> bool:
    return token.kind == "op" and token.text == "power"


class Complaints:
    """Checks that raise FormulaError, over the tokens of one formula."""

    source: str
    tokens: list[Token]
    at: int
    functions: Collection[str]
    own: set[str]
    defining: str
    open: int
    named: bool

    def fail(
        self, message: str, where: Token | Span, hint: str | None = None, also: Span | None = None
    ) -> NoReturn:
        span = where.span if isinstance(where, Token) else where
        raise FormulaError(message, span=span, also=also, source=self.source, hint=hint)

    def text(self, span: Span) -> str:
        """The source at ``span``, cut short for a message."""
        return shorten(self.source[span.start : span.end], 24)

    def sign(self, token: Token) -> str:
        return "the end of the line" if token.text == "\n" else self.text(token.span)

    # -- values that are missing ----------------------------------------------

    def expected_value(self, token: Token) -> NoReturn:
        """Where a value should begin, ``token`` does not begin one."""
        index = next(i for i, other in enumerate(self.tokens) if other is token)
        new_line = index > 0 and self.tokens[index - 1].text == "\n"
        before = index - 1
        while before >= 0 and self.tokens[before].text == "\n":
            before -= 1
        last = self.tokens[before] if before >= 0 else None
        if token.kind == "end":
            assert last is not None
            where = Span(last.span.end, last.span.end + 1)
            self.fail(f"the formula stops after {self.sign(last)}, where a value is expected", where, _VALUE)
        if last is None or last.kind == ";" or (new_line and last.kind in ENDS_OPERAND):
            hint = _GO_ON.format(self.sign(token)) if new_line and token.kind == "op" else _VALUE
            hint = "name an intermediate on its left, a = x^2" if token.kind == "=" else hint
            hint = "leave the quotes out" if token.kind == "'" else hint
            hint = "for “not” compare with 0: (x < 1) == 0" if token.kind == "!" else hint
            self.fail(f"a value is expected before {self.sign(token)}", token, hint)
        if (last.kind, token.kind) in (("(", ")"), ("[", "]")):
            self.fail("there is nothing between these brackets", last, "put a value between them", token.span)
        from backtrace_cli.language.tokens.other_dialects import TWO_SIGNS

        hint = TWO_SIGNS.get((last.text, token.text), _VALUE)
        hint = "leave the quotes out" if token.kind == "'" else hint
        self.fail(f"a value is expected between {self.sign(last)} and {self.sign(token)}", token, hint)

    # -- what can't stand behind a value --------------------------------------

    def stray(self, token: Token) -> NoReturn:
        if token.kind == "'":
            hint = "leave it out; for another variable write x1 or x_new"
            self.fail("there is no need for a prime: backtrace finds the derivatives itself", token, hint)
        if token.kind == "!":
            self.fail("a factorial has no derivative", token, "write the product out")
        if token.kind == "=":
            self.line_gone_on(token)
            hint = "name an intermediate, a = x^2, or compare with =="
            self.fail("only a name can stand left of =", token, hint)
        self.without_colon(token)
        if token.kind == ":":
            self.odd_slice(token)
        ranged = "a range stands in a loop, for k in 1..3:, or in a data line"
        self.fail(f"{self.sign(token)} is not expected here", token, ranged if token.kind == ".." else None)

    def odd_slice(self, token: Token) -> NoReturn:
        """A : that no slice could be made of: the bracket is open, or its parts are no numbers."""
        index = next(i for i, other in enumerate(self.tokens) if other is token)
        opened = max((i for i in range(index) if self.tokens[i].kind == "["), default=index)
        if not any(other.kind == "]" for other in self.tokens[index:]):
            self.unclosed(self.tokens[opened].span, "[", self.tokens[-2].span.end)
        self.fail("this slice can't be read", token, "write x[1:3] or x[1:9:2], with whole numbers or names")

    def without_colon(self, token: Token) -> None:
        """``param W uniform(3)``: a declaration in all but its colon."""
        index = next((i for i, other in enumerate(self.tokens) if other.span == token.span), 0)
        while index > 0 and self.tokens[index - 1].kind != ";":
            index -= 1
        head, name = self.tokens[index], self.tokens[min(index + 1, len(self.tokens) - 1)]
        if head.text in ("param", "data") and head.kind == name.kind == "name":
            example = "uniform(3, 2)" if head.text == "param" else "height, width"
            where = Span(head.span.start, name.span.end)
            shown = f"{head.text} {self.text(name.span)}"
            self.fail(f"a colon is missing behind {shown}", where, f"write {shown}: {example}")

    def line_gone_on(self, token: Token) -> None:
        """``b = a +`` and then ``c = b*a``: the line that is not finished is the one before."""
        index = next(i for i, other in enumerate(self.tokens) if other is token) - 2
        if index < 0 or self.tokens[index].text != "\n":
            return
        while index > 0 and self.tokens[index].text == "\n":
            index -= 1
        last = self.tokens[index]
        line = self.source.count("\n", 0, last.span.start) + 1
        message = f"line {line} ends with {self.sign(last)}, so this line goes on from it"
        self.fail(message, token, f"finish line {line}, or take the {self.sign(last)} out", last.span)

    def stray_comma(self, token: Token, bracket: bool, before_bracket: str) -> NoReturn:
        index = next(i for i, other in enumerate(self.tokens) if other is token)
        before, after = self.tokens[index - 1], self.tokens[index + 1]
        joined = before.span.end == token.span.start and token.span.end == after.span.start
        if before_bracket.startswith("="):
            self.fail("several axes are a list", token, f"write {before_bracket[1:]}=[0, 1]")
        if before.text.isdigit() and after.text.isdigit() and joined:
            whole = Span(before.span.start, after.span.end)
            hint = f"write {shorten(before.text + '.' + after.text, 24)}"
            self.fail("a decimal point is a dot here, not a comma", whole, hint)
        hint = "one formula has one value; a point goes after --at, as in --at x=1,y=0"
        hint = "a function's name goes before its bracket: max(x, y)" if bracket else hint
        if after.kind == "name" and self.tokens[index + 2].kind == "=":
            hint = f"to give {shorten(after.text, 24)} a value use --at {shorten(after.text, 24)}=1"
        self.fail("a comma only separates the arguments of a function", token, hint)

    def rows_of_list(self, token: Token) -> NoReturn:
        """[1, 2; 3, 4], as other languages write a matrix."""
        self.fail("the rows of a list are lists of their own", token, "write [[1, 2], [3, 4]]")

    def closes_nothing(self, token: Token) -> NoReturn:
        self.fail(f"this {token.text} closes nothing", token, "delete it, or open it before")

    def crossing(self, opening: Span, sort: str, token: Token) -> NoReturn:
        closing = dict(zip(_OPENING, (")", "]", "|"), strict=True))[sort]
        message = f"{sort[0]} and {token.text} don't belong together"
        self.fail(message, opening, f"close {sort[0]} with {closing}", token.span)

    def unclosed(self, opening: Span, sort: str, end: int) -> NoReturn:
        closing = dict(zip(_OPENING, (")", "]", "|"), strict=True))[sort]
        message = f"this {sort[0]} is never closed; a {closing} is missing"
        self.fail(message, opening, None, Span(end, end + 1))

    def nameless(self, statement: Assign, following: Token) -> NoReturn:
        """A value that is not the last and that nothing can use."""
        self.without_colon(next(each for each in self.tokens if each.span.start == statement.span[0]))
        value, hint = statement.value, "name it, a = …, or join it to the next line"
        if following.kind in ("plus", "minus", "op"):
            sign = self.sign(following)
            hint = f"name it, a = …; to go on in the next line, put the {sign} at this line's end"
        elif isinstance(value, Call) and value.func == "equal" and isinstance(value.args[0], Name):
            hint = f"to name it write {shorten(value.args[0].name, 24)} = …, with one ="
        self.fail("this value has no name and is not the last, so nothing can use it", statement.span, hint)

    # -- products -------------------------------------------------------------

    def number_behind(self, value: Expr, token: Token) -> NoReturn:
        before = self.text(Span(*value.span))
        number = shorten(token.text, 24)
        hint = f"write {before}*{number} or {before}^{number}"
        index = next(i for i, other in enumerate(self.tokens) if other is token)
        opened = [other.kind for other in self.tokens[:index] if other.kind in (*_OPENING, *_CLOSING)]
        if opened and opened[-1] == "[":
            hint = f"write {before}, {number} for two entries, or {before}*{number}"
        self.fail(f"a number can't follow {before} directly", token, hint)

    def two_readings(self, top: Expr, value: Expr, token: Token) -> NoReturn:
        """``1/2x``: refuse, offering both readings in the user's own words."""
        end = self.tokens[self.past_power(self.at) - 1].span.end
        left, below = self.text(Span(*top.span)), self.text(Span(*value.span))
        factor = self.text(Span(token.span.start, end))
        hint = f"write ({left}/{below})*{factor} or {left}/({below}*{factor})"
        self.fail("this could be read in two ways", Span(value.span[0], end), hint)

    def word(self, token: Token) -> None:
        """``x and y``: refused where it stands beside a value; alone it may be a name."""
        before = self.tokens[self.at - 2].kind if self.at > 1 else ";"
        if before in ENDS_OPERAND or self.tokens[self.at].kind in OPENS_OPERAND:
            self.fail(f"the word {token.text} has no meaning in a formula", token, WORDS[token.text])

    # -- how far something goes, for the hints --------------------------------

    def past_bracket(self, index: int) -> int:
        """The index after the bracket that opens at ``index``, or after the one token there."""
        depth = 0
        last = len(self.tokens) - 1
        while index < last:
            depth += (self.tokens[index].kind in _OPENING) - (self.tokens[index].kind in _CLOSING)
            index += 1
            if depth <= 0:
                break
        return index

    def past_primary(self, index: int) -> int:
        """The index after a name, a call, a number, a bracket or a root."""
        while self.tokens[index].kind == "root":
            index += 1
        past = self.past_bracket(index)
        called = self.tokens[index].text in self.functions or self.tokens[index].text in self.own
        if self.tokens[index].kind == "name" and called and self.tokens[past].kind == "(":
            past = self.past_bracket(past)
        return past

    def past_power(self, index: int) -> int:
        """The index after a primary and its power."""
        past = self.past_primary(index)
        while is_power(self.tokens[past]):
            past += 1
            while self.tokens[past].kind in ("minus", "plus"):
                past += 1
            past = self.past_primary(past)
        return past

    def past_factors(self, index: int) -> int:
        """The index after factors that stand side by side, up to a function's name."""
        past = self.past_power(index)
        while self.tokens[past].kind in OPENS_OPERAND and self.tokens[past].text not in self.functions:
            past = self.past_power(past)
        return past
