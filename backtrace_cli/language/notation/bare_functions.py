"""Functions without brackets, as lectures write them: ``sin 2x``, ``ln x + 1``, ``sin² x``.

The function takes the product that follows it, up to the next operator or function. Where
people differ, as in ``sin x/2``, an error offers both readings.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.tokens.bars import OPENS_OPERAND
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import Reading

__all__ = ["BARE", "brackets_written", "variable_like"]

#: The kind of a token that says: the function before it is taken of what follows, bracket or not.
BARE = "bare"
_OPENING, _CLOSING = ("(", "[", "|("), (")", "]", "|)")
_CONSTANTS = ("pi", "π")
#: No more of the source than this is looked at for a message, which is cut shorter yet.
_LONG = 200
_GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega",
})  # fmt: skip


def variable_like(name: str) -> bool:
    """Is ``name`` as likely a variable as the function that bears it? Letters are, Greek and Latin.

    >>> variable_like("sigma"), variable_like("σ"), variable_like("sin")
    (True, True, False)
    """
    return len(name) == 1 or name in _GREEK


def brackets_written(
    tokens: list[Token], source: str, functions: Collection[str], bound: Collection[str]
) -> tuple[list[Token], list[Reading]]:
    """``tokens`` with the brackets written that a lecture leaves out, and how each was read.

    Raises FormulaError where people differ in how they read it.

    >>> from backtrace_cli.language.tokens.lexer import tokenize
    >>> found, readings = brackets_written(tokenize("cos 2x"), "cos 2x", {"cos"}, ())
    >>> [token.text for token in found], readings[0].message
    (['cos', '(', '2', 'x', ')', ''], 'cos 2x is read as cos(2x)')
    """
    return _Pass(tokens, source, functions, bound).written()


class _Pass:
    """One walk over the tokens; what is to be inserted before an index stands in ``due``."""

    def __init__(
        self, tokens: list[Token], source: str, functions: Collection[str], bound: Collection[str]
    ) -> None:
        self.tokens = tokens
        self.source = source
        self.functions = functions
        assigned = (token.text for token, behind in pairwise(tokens) if behind.kind == "=")
        self.bound = {*bound, *assigned}
        self.partner = _partners(tokens)
        self.due: dict[int, list[Token]] = {}
        self.ends: dict[int, int] = {}
        """Where the argument ends that begins there: of ln sin x both end in one place."""
        self.readings: dict[str, Reading] = {}

    def written(self) -> tuple[list[Token], list[Reading]]:
        found: list[Token] = []
        at, last = 0, len(self.tokens) - 1
        while at <= last:
            if at in self.due:
                found += self.due.pop(at)
            token = self.tokens[at]
            at += 1
            if token.kind == "name" and at <= last and self.is_function(token):
                found.append(token)
                at = self.function(token, at, found)
            elif token.kind != BARE:
                found.append(token)
        return found, list(self.readings.values())

    # -- one function -------------------------------------------------------

    def function(self, name: Token, at: int, found: list[Token]) -> int:
        """Open the brackets of ``name``, whose argument or power begins at ``at``; where to go on."""
        power: list[Token] = []
        start = at
        if self.is_power(at):
            start = self.past_exponent(at)
            if self.is_power(start) and not variable_like(name.text):
                self.no_second_power(name, start)
            if self.tokens[start].kind not in (*OPENS_OPERAND, BARE):
                return at
            power = self.tokens[at:start]
            if self.ambiguous_power(name, power, start):
                return at
        marked = self.tokens[start].kind == BARE
        if not marked and self.tokens[start].kind == "(":
            if power:
                past = self.partner.get(start, start) + 1
                self.no_second_power(name, past)
                self.say(name, past, start, past, power)
                self.due.setdefault(past, []).extend(power)
            return start
        start += marked
        if self.tokens[start].kind not in OPENS_OPERAND:
            return at
        if variable_like(name.text) and not marked:
            self.function_or_product(name, start)
        past = self.past_argument(name, start, power)
        opening, end = self.tokens[start].span.start, self.tokens[past - 1].span.end
        found.append(Token("(", "(", Span(opening, opening)))
        self.due.setdefault(past, []).extend([Token(")", ")", Span(end, end)), *power])
        if not (marked and past == start + 1 and not power):
            self.say(name, past, start, past, power)
        return start

    def past_argument(self, name: Token, start: int, power: list[Token]) -> int:
        """The index behind the product that the function is taken of."""
        if start in self.ends:
            return self.ends[start]
        at = start
        inside: list[int] = []
        while self.is_coefficient(at) and self.goes_on(self.past_power(at)):
            at = self.past_power(at)
        while self.is_function(self.tokens[at]) and self.tokens[at + 1].kind != "(":
            inner = at + 1
            if self.is_power(inner):
                inner = self.past_exponent(inner)
            inner += self.tokens[inner].kind == BARE
            if self.tokens[inner].kind not in OPENS_OPERAND:
                break
            at = inner
            inside.append(at)
            while self.is_coefficient(at) and self.goes_on(self.past_power(at)):
                at = self.past_power(at)
        past = self.past_power(at)
        self.check_end(name, start, past, power)
        self.ends.update(dict.fromkeys(inside, past))
        return past

    def check_end(self, name: Token, start: int, past: int, power: list[Token]) -> None:
        """Refuse ``sin x/2`` and ``sin x y``, where what follows may belong to the argument or not."""
        following = self.tokens[past]
        divides = following.kind == "op" and following.text in ("divide", "matmul")
        beside = following.kind in OPENS_OPERAND and following.kind != "number"
        if not divides and (not beside or self.is_function(following)):
            return
        end = self.past_power(past + divides)
        while (
            not divides and self.tokens[end].kind in OPENS_OPERAND and not self.is_function(self.tokens[end])
        ):
            end = self.past_power(end)
        inner, rest = self.text(start, past), self.text(past, end)
        gap = "" if rest[:1] in "(/\\" else " " if rest[:1] == "@" or "\\" in self.source else "*"
        whole = f"{inner}{'' if rest[:1] in '(/' else ' '}{rest}"
        shown, raised = self.source[slice(*name.span)], self.exponent(power)
        self.fail(
            "this could be read in two ways", Span(name.span.start, self.tokens[end - 1].span.end),
            f"write {shown}({inner}){raised}{gap}{rest} or {shown}({whole}){raised}",
        )  # fmt: skip

    def ambiguous_power(self, name: Token, power: list[Token], start: int) -> bool:
        """Refuse ``sin^-1(x)``; True where the parser has a better word for this power."""
        if variable_like(name.text):
            return True
        negative = any(token.kind == "minus" for token in power)
        if not negative:
            return False
        past = self.past_power(start + (self.tokens[start].kind == BARE))
        inner = self.text(start, past).strip("()")
        shown = self.source[slice(*name.span)]
        if [token.text for token in power] != ["power", "subtract", "1"]:
            hint = f"write {shown}({inner})^{self.exponent(power)[1:]}"
            self.fail(f"a negative power stands behind the whole call, not behind {shown}",
                      Span(name.span.start, power[-1].span.end), hint)  # fmt: skip
        inverse = next(
            (f"{front}{name.text}" for front in ("arc", "a") if f"{front}{name.text}" in self.functions), ""
        )
        inverse = f"{inverse}({inner}) for the inverse function, " if inverse else ""
        self.fail("this could be read in two ways", Span(name.span.start, power[-1].span.end),
                  f"write {inverse}1/{shown}({inner}) for the reciprocal")  # fmt: skip

    def function_or_product(self, name: Token, start: int) -> NoReturn:
        """``σ x`` and ``sigma x``: the letter may be a variable."""
        past = self.past_power(start)
        shown, inner = self.source[slice(*name.span)], self.text(start, past)
        self.fail("this could be read in two ways", Span(name.span.start, self.tokens[past - 1].span.end),
                  f"write {shown}({inner}) for the function, {shown}*{inner} for a product")  # fmt: skip

    def no_second_power(self, name: Token, past: int) -> None:
        if self.is_power(past):
            shown = self.source[slice(*name.span)]
            self.fail(f"{shown} has two powers here", Span(name.span.start, self.tokens[past].span.end),
                      f"write them in one: {shown}(x)^6, or ({shown}(x)^2)^3")  # fmt: skip

    # -- what stands where --------------------------------------------------

    def is_function(self, token: Token) -> bool:
        return token.kind == "name" and token.text in self.functions and token.text not in self.bound

    def is_power(self, at: int) -> bool:
        return self.tokens[at].kind == "op" and self.tokens[at].text == "power"

    def is_coefficient(self, at: int) -> bool:
        token = self.tokens[at]
        return token.kind == "number" or (token.kind == "name" and token.text in _CONSTANTS)

    def goes_on(self, at: int) -> bool:
        """Does the argument go on behind a number, as in sin 2x?"""
        token = self.tokens[at]
        return token.kind in OPENS_OPERAND and token.kind != "number" and not self.is_function(token)

    def past_exponent(self, at: int) -> int:
        """The index behind the power whose sign stands at ``at``, a number, a name or a bracket."""
        at += 1
        while self.tokens[at].kind in ("minus", "plus"):
            at += 1
        if self.tokens[at].kind in _OPENING:
            return self.partner.get(at, at) + 1
        return min(at + 1, len(self.tokens) - 1)

    def past_primary(self, at: int) -> int:
        """The index behind a number, a name, a call or a bracket, with what is attached to it."""
        last = len(self.tokens) - 1
        while self.tokens[at].kind == "root":
            at += 1
        called = self.is_function(self.tokens[at])
        at = min((self.partner.get(at, at) if self.tokens[at].kind in _OPENING else at) + 1, last)
        if called and self.tokens[at].kind == "(":
            at = self.partner.get(at, at) + 1
        while at < last and self.tokens[at].kind in ("[", ".T"):
            at = (self.partner.get(at, at) if self.tokens[at].kind == "[" else at) + 1
        return at

    def past_power(self, at: int) -> int:
        """The index behind a value and its powers."""
        at = self.past_primary(at)
        while self.is_power(at):
            at += 1
            while self.tokens[at].kind in ("minus", "plus"):
                at += 1
            at = self.past_primary(at)
        return min(at, len(self.tokens) - 1)

    # -- words --------------------------------------------------------------

    def text(self, first: int, past: int) -> str:
        if past <= first:
            return ""
        start = self.tokens[first].span.start
        text = self.source[start : min(self.tokens[past - 1].span.end, start + _LONG)]
        return shorten(" ".join(text.split()), 24)

    def exponent(self, power: list[Token]) -> str:
        """The power as it is typed, also where it was pasted as raised digits."""
        return (
            "^" + "".join("-" if part.kind == "minus" else part.text for part in power[1:]) if power else ""
        )

    def say(self, name: Token, past: int, start: int, end: int, power: list[Token]) -> None:
        stop = min(self.tokens[past - 1].span.end, name.span.start + _LONG)
        written = self.source[name.span.start : stop]
        inner = self.text(start, end)
        inner = inner if inner[:1] == "(" and self.partner.get(start) == end - 1 else f"({inner})"
        function = self.source[slice(*name.span)]
        shown = shorten(" ".join(written.split()), 40)
        message = f"{shown} is read as {function}{inner}{self.exponent(power)}"
        self.readings.setdefault(
            shown, Reading(message, Span(name.span.start, self.tokens[past - 1].span.end))
        )

    def fail(self, message: str, span: Span, hint: str) -> NoReturn:
        raise FormulaError(message, span=span, source=self.source, hint=hint)


def _partners(tokens: list[Token]) -> dict[int, int]:
    """For the index of each opening bracket that is closed, the index of its closing one."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind in _OPENING:
            opened.append(index)
        elif token.kind in _CLOSING and opened:
            found[opened.pop()] = index
    return found
