"""What a call in a formula is refused for: functions, options and methods that are none."""

from __future__ import annotations

import re
from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.suggest import nearest
from backtrace_cli.language.reading.complaints import Complaints, is_power
from backtrace_cli.language.tokens.bars import OPENS_OPERAND
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import ARGUMENTS, INITIALISERS, KEYWORDS, Expr

__all__ = ["CallComplaints"]


class CallComplaints(Complaints):
    """Checks of names that are called, over the tokens of one formula."""

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
        from backtrace_cli.language.notation.libraries import OPTIONS

        meant = OPTIONS.get(name.text, name.text)
        given = tuple(dict.fromkeys(ARGUMENTS.get(called.text, ())))
        if not options and given and before.kind == ",":
            self.fail(f"{shown} has nothing called {self.text(name.span)}", name,
                      f"what may be given by name: {', '.join(given[1:])}")  # fmt: skip
        if not options:
            if meant in KEYWORDS["sum"]:
                self.fail(f"{shown} has no option {meant}; it is taken of each entry", name, "leave it out")
            return
        near = nearest(meant[:24], options, 0.6)
        near = near or next((option for option in options if option.startswith(meant[:2])), None)
        if before.kind == "(" and not near:  # max(x = 3) is a comparison gone wrong
            return
        words = f"its options: {', '.join(options)}" if len(options) > 1 else f"its only option: {options[0]}"
        hint = f"did you mean {near}? {words}" if near else words
        self.fail(f"{shown} has no option {self.text(name.span)}", name, hint)

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
        self.fail(f"{shown} is not a function that backtrace knows", token, self.nearest(name, shown))

    def unknown_method(self, value: Expr, name: Token, following: Token) -> NoReturn:
        """``x.foo()``, and ``x.sum`` without its brackets."""
        shown, of = self.text(name.span), self.text(Span(*value.span))
        if following.kind != "(":
            self.fail(f"{shown} is a function, so it needs brackets", name, f"write {of}.{shown}()")
        from backtrace_cli.language.tokens.elsewhere import method_hint

        hint = method_hint(name.text) or self.nearest(name.text, shown)
        hint = hint if "did you mean" in hint or not hint.startswith("for a product") else "write it out"
        self.fail(f"{shown} is not a function that backtrace knows", name, hint)

    def no_constant(self, token: Token, name: str) -> NoReturn:
        """``torch.relu`` without brackets, and ``np.foo``."""
        shown = self.text(token.span)
        if name in self.functions:
            self.fail(f"{shown} is a function, so it needs brackets", token, f"write {shown}(x)")
        self.fail(f"{shown} is no constant that backtrace knows", token, "write its value")

    def defined_later(self, name: str) -> bool:
        """Is ``name(t) = …`` among the statements that are yet to come?"""
        if name == self.defining:
            return False
        for index in range(self.at + 1, len(self.tokens) - 1):
            if self.tokens[index].text == name and self.tokens[index - 1].kind in (";", ","):
                past = self.past_bracket(index + 1)
                if self.tokens[index + 1].kind == "(" and self.tokens[past].kind == "=":
                    return True
        return False

    def definition_follows(self) -> bool:
        """Does ``name = …`` or ``name(t) = …`` stand behind the comma at hand, outside of brackets?"""
        if self.open or not self.named or self.tokens[self.at + 1].kind != "name":
            return False
        at = self.at + 2
        if self.tokens[at].kind == "(":
            at = self.past_bracket(at)
        return self.tokens[at].kind == "="

    def nearest(self, name: str, shown: str) -> str:
        """What the unknown function ``name`` may have been meant to be."""
        logarithm = re.fullmatch(r"(?:log|ln)_?(\d+)", name[:12])
        if logarithm:
            return f"did you mean log(x, {logarithm[1]})?"
        from backtrace_cli.language.tokens.elsewhere import hint_for

        if elsewhere := hint_for(name):
            return elsewhere
        known = sorted({*self.functions, *self.own})
        small = name[:40].lower()
        if len(name) > 1 and (near := nearest(small, known, 0.65)):
            return f"did you mean {near}(…)?"
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
