"""What LaTeX is refused for in the arguments of \\frac, \\sqrt, \\sin and the like."""

from __future__ import annotations

from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.language.latex.complaints.latex_complaints import Complaints
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["ArgumentComplaints"]

#: What may follow the argument of \sin x; anything else could be meant to belong to it.
_ENDS_ARGUMENT = frozenset({"end", "close", "}", ";", ",", "=", "plus", "minus"})
_BESIDE_ARGUMENT = frozenset(
    {"multiply", "less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
)
#: What may be an argument without braces, as in \frac12 or \sqrt\pi.
_ITEMS = frozenset({"number", "word", "name", "command"})
_MISSING = {
    "top": ("the top of this fraction is missing", r"write \frac{a}{b}"),
    "bottom": ("the bottom of this fraction is missing", r"write \frac{a}{b}"),
    "root": ("there is nothing under this root", r"write \sqrt{x}"),
    "power": ("this power is empty", "write the exponent between the braces, x^{2}"),
}


class ArgumentComplaints(Complaints):
    r"""The checks of what a command is given.

    >>> head = Token("function", "sin", Span(0, 4))
    >>> ArgumentComplaints(r"\sin", [], {}, ()).missing("function", head, Span(4, 5))
    Traceback (most recent call last):
    backtrace_cli.base.errors.FormulaError:  \sin
     ^^^^^
    \sin needs an argument
    write \sin(x)
    """

    def missing(self, role: str, head: Token, where: Span) -> NoReturn:
        command = self.text(head.span)
        example = "a, b" if head.text in ("max", "min") else "x"
        message, hint = _MISSING.get(role, (f"{command} needs an argument", f"write {command}({example})"))
        self.fail(message, head.span, hint, also=where)

    def unfit_argument(self, role: str, head: Token, at: int) -> None:
        """An argument is in braces, or one item that can be read only one way."""
        lexeme = self.lexemes[at]
        where = Span(lexeme.span.start, max(lexeme.span.end, lexeme.span.start + 1))
        if lexeme.kind == "{":
            if self.partners[at] == at + 1:
                self.missing(role, head, Span(where.start, self.lexemes[at + 1].span.end))
        elif role == "function":
            self.unfit_operand(head, at)
        elif lexeme.text in ("sum", "prod") and lexeme.kind == "command":
            self.takes_only(lexeme, head, where, r"\sum_i x_i")
        elif lexeme.kind in ("open", "function"):
            inner = self.inside(at) if lexeme.kind == "open" else self.between(at, self.past_item(at))
            self.takes_only(lexeme, head, where, inner)
        elif lexeme.kind not in _ITEMS:
            self.missing(role, head, where)
        elif lexeme.kind != "command":
            called = self.lexemes[at + 1].kind == "open"
            long = lexeme.kind != "name" and len(lexeme.text) > 1 and role == "root"
            if called and (role == "root" or lexeme.text in self.functions):
                self.takes_only(lexeme, head, where, self.between(at, self.past_bracket(at + 1)))
            if long or "." in lexeme.text:
                self.takes_only(lexeme, head, where, lexeme.text)

    def unfit_operand(self, head: Token, at: int) -> None:
        r"""The same for a function, which takes what follows it, and must find something there."""
        lexeme = self.lexemes[at]
        if lexeme.kind not in _ITEMS and lexeme.kind not in ("bar", "open", "norm", "function", "matrix"):
            self.missing(
                "function", head, Span(lexeme.span.start, max(lexeme.span.end, lexeme.span.start + 1))
            )

    def takes_only(self, lexeme: Token, head: Token, where: Span, inner: str) -> NoReturn:
        first = lexeme.text[0] if lexeme.kind in ("word", "number") else self.text(lexeme.span)
        command = self.text(head.span)
        self.fail(f"LaTeX takes only the {first} into this {command}", where, f"write {command}{{{inner}}}")

    def doubtful_end(self, head: Token, opened: Token, at: int, end: int) -> None:
        r"""After the argument of \sin x or \sin{x}: does what follows belong to it?"""
        following = self.lexemes[at]
        power = following.kind == "^" or following.text == "power"
        if not power and (opened.kind == "{" or following.kind in _ENDS_ARGUMENT):
            return
        if following.kind == "op" and following.text in _BESIDE_ARGUMENT:
            return
        command = self.text(head.span)
        argument = self.text(Span(opened.span.start + (opened.kind == "{"), end))
        past = self.past_exponent(at) if power else self.past_item(at)
        while not power and self.lexemes[past].kind not in (*_ENDS_ARGUMENT, "op", "^"):
            past = self.past_item(past)
        rest = self.between(at, past)
        self.fail(
            "this could be read in two ways",
            Span(head.span.start, self.lexemes[past - 1].span.end),
            f"write {command}({argument}){rest} or {command}({argument}{rest})",
        )  # fmt: skip

    # -- powers of functions ------------------------------------------------

    def past_exponent(self, at: int) -> int:
        """The index after the exponent whose ``^`` (or raised digits) stand at ``at``."""
        if self.lexemes[at + 1].kind == "{":
            return self.partners[at + 1] + 1
        signed = self.lexemes[at + 1].kind == "minus"
        return min(at + 2 + signed, len(self.lexemes) - 1)

    def exponent(self, at: int, past: int) -> str:
        """The same exponent as it is typed, also where it was pasted as raised digits."""
        if self.lexemes[at + 1].kind == "{":
            return self.between(at + 2, past - 1)
        return "".join("-" if each.kind == "minus" else each.text for each in self.lexemes[at + 1 : past])

    def power_behind_function(self, function: Token, at: int) -> None:
        r"""\sin^2(x) and \sin^2 x: a power stands behind the call."""
        if self.lexemes[at].kind != "^" and self.lexemes[at].text != "power":
            return
        past = self.past_exponent(at)
        exponent = self.exponent(at, past)
        command = self.text(function.span)
        following = self.lexemes[past].kind
        argument = self.inside(past) if following in ("open", "{", *_ITEMS) else "x"
        if exponent == "-1":
            other = rf"\arc{function.text}({argument}) for the inverse function, or "
            known = f"arc{function.text}" in self.functions
            hint = f"write {other if known else ''}\\frac{{1}}{{{command}({argument})}} for the reciprocal"
        else:
            raised = exponent if len(exponent) == 1 else f"{{{exponent}}}"
            hint = f"write {command}({argument})^{raised}"
        whole = Span(function.span.start, self.lexemes[past - 1].span.end)
        self.fail(f"a power stands behind the whole call, not behind {command}", whole, hint)

    def power_before_call(self, name: Token, at: int) -> None:
        r"""\sigma^2(x) likewise, while \sigma^2 alone is the power of a variable."""
        raised = self.lexemes[at].kind == "^" or self.lexemes[at].text == "power"
        if raised and self.lexemes[self.past_exponent(at)].kind == "open":
            self.power_behind_function(name, at)

    def needs_brackets(self, name: Token, lexeme: Token) -> NoReturn:
        shown = self.text(name.span)
        where = Span(name.span.start, lexeme.span.end)
        self.fail(f"{shown} needs brackets around what it is taken of", where, f"write {shown}(…)")

    # -- fractions, roots and logarithms ------------------------------------

    def mixed_number(self, at: int, out: list[Token]) -> None:
        """2\\frac{1}{3}: two thirds to some, seven thirds to others."""
        first = self.lexemes[at]
        kinds = [each.kind for each in self.lexemes[at : at + 6]]
        braced = kinds == ["{", "number", "}", "{", "number", "}"]
        plain = first.kind == "number" and first.text.isdigit() and len(first.text) == 2
        if out and out[-1].kind == "number" and (braced or plain):
            whole, end = out[-1].span, self.lexemes[at + 5 if braced else at].span.end
            fraction = self.text(Span(whole.end, end))
            self.fail(
                "this could be a product or a mixed number", Span(whole.start, end),
                rf"write {self.text(whole)} \cdot {fraction} or {self.text(whole)} + {fraction}",
            )  # fmt: skip

    def derivative(self, out: list[Token], top: int, bottom: int, whole: Span) -> None:
        r"""\frac{dy}{dx} is not a quotient of products."""
        above, below = out[top : top + 2], out[bottom : bottom + 2]
        if above[0].text != "d" or below[0].text != "d" or below[1].kind != "name":
            return
        if above[1].kind in ("name", ")") or above[1].text == "power":
            self.fail(
                f"{self.text(whole)} asks for a derivative", whole,
                "write the formula itself; backtrace finds its derivatives",
            )  # fmt: skip

    def root_index(self, at: int) -> Token:
        r"""The n of \sqrt[n]{x}, whose bracket opens at ``at``."""
        index, closing = self.lexemes[at + 1], self.lexemes[min(at + 2, len(self.lexemes) - 1)]
        fine = index.kind in ("number", "name") or (index.kind == "word" and len(index.text) == 1)
        if not fine or (closing.kind, closing.text) != ("close", "]"):
            self.fail(
                "the index of a root is one number or letter here", self.lexemes[at].span,
                r"write the root as a power: x^{\frac{1}{n}}",
            )  # fmt: skip
        return index

    def logarithm_base(self, function: Token, at: int) -> Token:
        r"""The b of \log_b or \log_{b}, whose ``_`` stands at ``at``."""
        braced = self.lexemes[at + 1].kind == "{"
        if not braced:
            self.unbraced_run("_", function.span, at + 1)
        inner = self.lexemes[at + 1 + braced]
        fine = inner.kind in ("number", "name") or (inner.kind == "word" and len(inner.text) == 1)
        if function.text != "log":
            shown = self.text(function.span)
            hint = r"write \log_{2}(x)" if function.text == "ln" else f"write {shown}(a, b)"
            self.fail(f"{shown} takes no index", self.lexemes[at].span, hint)
        if not fine or (braced and self.partners[at + 1] != at + 3):
            self.fail(
                "the base of a logarithm is one number or letter here", self.lexemes[at].span,
                r"write \frac{\ln(x)}{\ln(b)}",
            )  # fmt: skip
        return inner

    def stray_transpose(self, lexeme: Token) -> NoReturn:
        self.fail(r"\top is only read as a power", lexeme.span, r"write W^{\top}")
