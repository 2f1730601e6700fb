"""The stack of the LaTeX translation: brackets, braces and arguments that wait for their end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.latex.complaints.argument_complaints import ArgumentComplaints
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import Reading

__all__ = ["ENDS_VALUE", "Frame", "Stack", "brace_partners"]

#: Token kinds with which a value can end.
ENDS_VALUE = frozenset({"number", "name", ")", "|)", ".T"})
_BRACKETS = {")": "(", "]": "[", r"\}": r"\{", "|": "|", "floor": "floor", "ceil": "ceil",
             "norm": "norm", "angle": "angle"}  # fmt: skip


@dataclass(slots=True)
class Frame:
    """A bracket, brace or argument that waits for its end."""

    sort: str
    """``arg`` an argument in braces, ``one`` an unbraced one, ``{`` bare braces, else the bracket's sign."""
    opened: Token
    start: int
    """Where its contents begin among the tokens."""
    role: str = ""
    """What the argument is for: ``top``, ``bottom``, ``root``, ``power`` or ``function``."""
    head: Token | None = None
    """The command that wants the argument."""
    before: Sequence[Token] = ()
    """Tokens due just before the closing bracket: the base of a logarithm."""
    after: Sequence[Token] = ()
    """Tokens due just after it: the power that stands for a root."""
    top: int = 0
    """For the bottom of a fraction: where its top begins among the tokens."""
    loose: bool = False
    """Does an operator stand at this level, so that brackets round it would matter?"""


class Stack:
    """Lexemes in, tokens ``out``, and between them the ``frames`` that are open.

    TeX's arguments become bracketed values, so that precedence is what the page shows.

    >>> from backtrace_cli.language.latex.latex_lexer import read_lexemes
    >>> lexemes = read_lexemes("x", ())
    >>> Stack("x", lexemes, brace_partners(lexemes, "x"), ()).at
    0
    """

    def __init__(
        self, source: str, lexemes: list[Token], partners: dict[int, int], functions: Collection[str]
    ) -> None:
        self.source = source
        self.lexemes = lexemes
        self.partners = partners
        self.functions = functions
        self.say = ArgumentComplaints(source, lexemes, partners, functions)
        self.at = 0
        self.out: list[Token] = []
        self.frames: list[Frame] = []
        self.pairs: dict[int, int] = {}
        self.bound: frozenset[str] = frozenset()
        """Names that have values, whatever else they may look like."""
        self.readings: list[Reading] = []
        self.raised = -1
        """How long ``out`` was when the last exponent ended."""

    def note(self, message: str, span: Span) -> None:
        """Say how something was read, once."""
        if all(reading.message != message for reading in self.readings):
            self.readings.append(Reading(message, span))

    def emit(self, kind: str, text: str, span: Span) -> None:
        self.out.append(Token(kind, text, span))

    def item(self, token: Token) -> None:
        """Add a token that is a whole value."""
        self.out.append(token)
        self.done()

    def done(self) -> None:
        """A value is complete, and with it every unbraced argument that waited for one."""
        while self.frames and self.frames[-1].sort == "one":
            end = self.out[-1].span.end
            if not self.finish(self.frames.pop(), Span(end - 1, end)):
                return

    def single(self, start: int) -> bool:
        """Are the tokens from ``start`` on one value: a name, a number, a bracket or a call?"""
        last = len(self.out) - 1
        opened = self.pairs.get(last, -1)
        return last == start or opened == start or (opened == start + 1 and self.out[start].kind == "name")

    def bracketed(self, start: int) -> bool:
        """Are the tokens from ``start`` on inside one bracket that the page shows?"""
        shown = self.pairs.get(len(self.out) - 1) == start
        return shown and self.source[self.out[start].span.end - 1] in "([{|"

    def shut(self, opened: int, span: Span, kind: str = ")") -> None:
        """Close the bracket that stands at ``opened`` among the tokens."""
        self.pairs[len(self.out)] = opened
        self.emit(kind, kind[0], span)

    # -- arguments ----------------------------------------------------------

    def argument(
        self,
        role: str,
        head: Token,
        *,
        before: Sequence[Token] = (),
        after: Sequence[Token] = (),
        top: int = 0,
    ) -> None:
        """Open the argument that ``head`` wants: braces, or the one item that follows."""
        while self.lexemes[self.at].text == "\n":
            self.at += 1
        following = self.lexemes[self.at]
        start, end = following.span
        self.say.unfit_argument(role, head, self.at)
        self.emit("(", "(", Span(start, min(start + 1, end)))
        sort = "arg" if following.kind == "{" else "one"
        self.frames.append(Frame(sort, following, len(self.out), role, head, before, after, top))
        if sort == "arg":
            self.at += 1
        elif following.kind == "bar":  # a norm opens in the loop, as it knows itself how it faces
            self.at += 1
            self.emit("|(", "|", following.span)
            self.frames.append(Frame("bar", following, len(self.out)))

    def finish(self, frame: Frame, span: Span) -> bool:
        """Close an argument; True if that completes the value of the command that wanted it."""
        assert frame.head is not None
        if frame.role == "function" and not (frame.sort == "arg" and self.bracketed(frame.start)):
            self.say.doubtful_end(frame.head, frame.opened, self.at, self.out[-1].span.end)
        self.out += frame.before
        self.shut(frame.start - 1, span)
        self.out += frame.after
        if frame.role == "top":
            self.emit("op", "divide", frame.head.span)
            self.argument("bottom", frame.head, top=frame.start)
            return False
        if frame.role == "bottom":
            self.say.derivative(self.out, frame.top, frame.start, Span(frame.head.span.start, span.end))
            self.shut(frame.top - 2, span)
        elif frame.after:
            self.shut(frame.start - 2, span)
        elif frame.role == "power":
            self.raised = len(self.out)
        return True

    def before_bracket(self, lexeme: Token) -> None:
        r"""Keep a name apart from a bracket that only the translation writes: x\frac12 is no call."""
        if self.out and self.out[-1].kind == "name":
            name = self.out[-1]
            if name.text in self.functions:
                self.say.needs_brackets(name, lexeme)
            self.out[-1:] = [Token("(", "(", name.span), name, Token(")", ")", name.span)]

    # -- brackets, bars and bare braces -------------------------------------

    def open(self, lexeme: Token, base: Sequence[Token] = ()) -> None:
        """Any bracket that the page shows; all of them group."""
        sort = lexeme.text
        if sort == "[":
            self.say.index_in_brackets(self.at, self.out)
        if sort in ("floor", "ceil"):
            self.emit("name", sort, lexeme.span)
        kind = "|(" if sort == "|" else "("
        self.emit(kind, kind[0], lexeme.span)
        self.frames.append(Frame(sort, lexeme, len(self.out), before=base))

    def close(self, lexeme: Token) -> None:
        if not self.frames:
            self.say.closes_nothing(lexeme)
        frame = self.frames.pop()
        if lexeme.kind == "close" and frame.sort != _BRACKETS[lexeme.text]:
            self.say.crossing(frame.opened, lexeme)
        self.out += frame.before
        self.shut(frame.start - 1, lexeme.span, "|)" if frame.sort in ("|", "bar") else ")")
        self.done()

    def bar(self, lexeme: Token) -> None:
        r"""A bar that does not say how it faces is left to the parser, except the two of \ln|x|."""
        if self.frames and self.frames[-1].sort == "bar" and self.out[-1].kind in ENDS_VALUE:
            self.close(lexeme)
        else:
            self.emit("|", "|", lexeme.span)

    def group(self, lexeme: Token) -> None:
        self.frames.append(Frame("{", lexeme, len(self.out)))

    def ungroup(self, lexeme: Token) -> None:
        """The end of an argument, or of bare braces: those vanish, as they do on the page."""
        frame = self.frames.pop()
        if frame.sort == "arg":
            if self.finish(frame, lexeme.span):
                self.done()
            return
        if frame.sort != "{":
            self.say.crossing(frame.opened, lexeme)
        if len(self.out) == frame.start or self.single(frame.start):
            return
        following = self.lexemes[self.at]
        first = frame.start == 0 or self.out[frame.start - 1].kind in ("(", "|(", ",", ";", "=")
        alone = first and following.kind in ("end", "close", "}", ";", ",", "=")
        if (frame.loose and not alone) or following.kind == "^" or following.text == "power":
            self.say.hidden_braces(frame.opened, lexeme)
        if self.frames:
            self.frames[-1].loose |= frame.loose


def brace_partners(lexemes: list[Token], source: str) -> dict[int, int]:
    """For the index of each ``{``, the index of its ``}``. Raises FormulaError where one lacks.

    >>> from backtrace_cli.language.latex.latex_lexer import read_lexemes
    >>> brace_partners(read_lexemes("{x}", ()), "{x}")
    {0: 2}
    """
    partners: dict[int, int] = {}
    opened: list[int] = []
    for index, lexeme in enumerate(lexemes):
        if lexeme.kind == "{":
            opened.append(index)
        elif lexeme.kind == "}":
            if not opened:
                raise FormulaError(
                    "this } closes nothing",
                    span=lexeme.span, source=source, hint="delete it, or open it before",
                )  # fmt: skip
            partners[opened.pop()] = index
    if opened:
        last = len(source.rstrip())
        raise FormulaError(
            "this { is never closed; a } is missing",
            span=lexemes[opened[-1]].span, also=Span(last, last + 1), source=source,
        )  # fmt: skip
    return partners
