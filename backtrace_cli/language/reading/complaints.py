"""What a plain formula is refused for, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.reading.bars import ENDS_OPERAND, OPENS_OPERAND
from backtrace_cli.language.reading.lexer import Token
from backtrace_cli.language.tree.syntax import INITIALISERS, KEYWORDS, Assign, Call, Expr, Name

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
        from backtrace_cli.language.reading.other_dialects import TWO_SIGNS

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

    def equals_inside(self, token: Token, opening: Span, sort: str) -> NoReturn:
        """``f(x = 3)``, or the bracket of a line before was forgotten."""
        if "\n" in self.source[opening.start : token.span.start]:
            self.unclosed(opening, sort, self.source.find("\n", opening.start))
        name = self.tokens[self.at - 2]
        self.unknown_option(name, opening)
        hint = "to compare write =="
        if name.kind == "name":
            hint += f"; to give {self.text(name.span)} a value use --at {self.text(name.span)}=1"
        self.fail("an = can't stand inside brackets", token, hint)

    def unknown_option(self, name: Token, opening: Span) -> None:
        """``sum(x, ax=0)``: the function takes options, and this is none of them."""
        index = next(i for i, other in enumerate(self.tokens) if other.span == opening)
        called, before = self.tokens[index - 1], self.tokens[self.at - 3]
        plain = name.kind != "name" or not index or called.span.end != opening.start
        if plain or called.text not in (*self.functions, *INITIALISERS):
            return
        shown, options = self.text(called.span), KEYWORDS.get(called.text, ())
        if before.kind not in (",", "("):
            if name.text in options:
                self.fail(f"a comma is missing before {name.text}", name,
                          f"write {shown}(…, {name.text}=…)")  # fmt: skip
            return
        from backtrace_cli.language.reading.other_dialects import OPTIONS

        meant = OPTIONS.get(name.text, name.text)
        if not options:
            if meant in KEYWORDS["sum"]:
                self.fail(f"{shown} has no option {meant}; it is taken of each entry", name, "leave it out")
            return
        from difflib import get_close_matches

        near = [meant] if meant in options else get_close_matches(meant[:24], options, 1, 0.6)
        near = near or [option for option in options if option.startswith(meant[:2])]
        if before.kind == "(" and not near:  # max(x = 3) is a comparison gone wrong
            return
        words = f"its options: {', '.join(options)}" if len(options) > 1 else f"its only option: {options[0]}"
        hint = f"did you mean {near[0]}? {words}" if near else words
        self.fail(f"{shown} has no option {self.text(name.span)}", name, hint)

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

    # -- functions ------------------------------------------------------------

    def odd_arguments(self, name: Token) -> None:
        """``f(x+1) = …`` and ``f() = …``: left of = a function's arguments are names."""
        first, past = self.at + 1, self.past_bracket(self.at + 1)
        if self.tokens[past].kind != "=" or name.text in self.functions:
            return
        where = Span(self.tokens[first].span.start, self.tokens[past - 1].span.end)
        shown = self.text(name.span)
        if past == first + 2:
            self.fail("a function has at least one argument", where, f"for a plain value write {shown} = …")
        message = f"left of = the arguments of {shown} are plain names"
        self.fail(message, where, f"define {shown}(t) = …; where it is used, any value goes")

    def unknown_function(self, token: Token) -> NoReturn:
        name, shown = token.text, self.text(token.span)
        self.without_colon(token)
        if name == self.defining:
            message = f"{shown} calls itself; a function is written out in place, so that would never end"
            self.fail(message, token, "write its steps out: a1 = …; a2 = …")
        for index in range(self.at + 1, len(self.tokens) - 1):
            if self.tokens[index].text == name and self.tokens[index - 1].kind == ";":
                later = self.tokens[index]
                if self.tokens[self.past_bracket(index + 1)].kind == "=":
                    message = f"{shown} is used before it is defined"
                    self.fail(message, token, "move its definition up", later.span)
        self.fail(f"{shown} is not a function that backtrace knows", token, self.nearest(name, shown))

    def nearest(self, name: str, shown: str) -> str:
        """What the unknown function ``name`` may have been meant to be."""
        from difflib import get_close_matches

        logarithm = re.fullmatch(r"(?:log|ln)_?(\d+)", name[:12])
        if logarithm:
            return f"did you mean log(x, {logarithm[1]})?"
        from backtrace_cli.language.reading.elsewhere import hint_for

        if elsewhere := hint_for(name):
            return elsewhere
        known = sorted({*self.functions, *self.own})
        small = name[:40].lower()
        near = [small] if small in known else get_close_matches(small, known, 1, 0.65)
        if near and len(name) > 1:
            return f"did you mean {near[0]}(…)?"
        return f"for a product write {shown}*(…); to define it write {shown}(t) = …"

    def without_brackets(self, token: Token, following: Token) -> None:
        """``sin x`` and ``sin^2(x)`` are refused; ``sigma + 1`` is a variable."""
        name = self.text(token.span)
        if following.kind in OPENS_OPERAND:
            past = self.past_factors(self.at)
            argument = Span(following.span.start, self.tokens[past - 1].span.end)
            inner = self.text(argument)
            hint = f"write {name}({inner})"
            called = following.kind == "name" and following.text in self.functions
            if called and self.tokens[self.at + 1].kind != "(":
                inner = self.text(Span(self.tokens[self.at + 1].span.start, argument.end)) or "…"
                hint = f"write {name}({self.text(following.span)}({inner}))"
            elif self.tokens[past].kind == ",":
                hint = f"write {name}({inner}, …)"
            elif is_power(self.tokens[self.past_primary(self.at)]):
                base = Span(following.span.start, self.tokens[self.past_primary(self.at) - 1].span.end)
                hint += f" or {name}({self.text(base)}){self.text(Span(base.end, argument.end)).lstrip()}"
            where = Span(token.span.start, argument.end)
            self.fail(f"{name} needs brackets around what it is taken of", where, hint)
        if is_power(following):
            self.power_behind_name(token, name)
        if token.text in self.own and following.kind != "'":
            self.fail(f"{name} is a function here, so it needs brackets", token, f"write {name}(…)")

    def power_behind_name(self, token: Token, name: str) -> None:
        """``sin^2(x)``, ``sin^2 x``, ``sin^-1(x)``, ``sin²(x)``."""
        first = self.at + 1
        past = self.past_primary(first + (self.tokens[first].kind in ("minus", "plus")))
        following = self.tokens[past]
        if following.kind not in OPENS_OPERAND:
            return
        power = self.tokens[first:past]
        end = self.tokens[self.past_factors(past) - 1].span.end
        plain = self.text(Span(following.span.start, end))
        inner = plain if following.kind == "(" else f"({plain})"
        exponent = self.text(Span(power[0].span.start, power[-1].span.end))
        if power[0].span == self.tokens[self.at].span:  # a superscript is both sign and number
            exponent = "".join("-" if part.kind == "minus" else part.text for part in power)
        where = Span(token.span.start, power[-1].span.end)
        message = f"a power stands behind the whole call, not behind {name}"
        hint = f"write {name}{inner}^{exponent}"
        if [part.text for part in power] == ["subtract", "1"]:
            either = f"a{name}{inner} for the inverse function, or " if f"a{name}" in self.functions else ""
            hint = f"write {either}1/{name}{inner} for the reciprocal"
        elif name in ("sigma", "σ"):
            hint += f", or {self.text(where)}*{plain} for a product"
        self.fail(message, where, hint)

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
