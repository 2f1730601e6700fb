"""Loops, numbered names and declarations of a formula file, settled before parsing.

``for k in 1..3: h{k} = relu(W{k} @ h{k-1})`` is written out statement by statement:
``h{k}`` is one name, ``h1``. ``param`` and ``data`` lines are taken out and handed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.base.lengths import shorten
from backtrace_cli.language.notation.column_ranges import column_ranges
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["Declared", "unroll"]

#: A loop may write out this many statements.
MOST_ROUNDS = 100_000
_DEEPEST = 8
_HEADS = ("for", "param", "data")


class Declared(NamedTuple):
    """A ``param`` or ``data`` line: the name it declares, and what stands after its colon, to be parsed."""

    kind: str
    name: str
    tokens: list[Token]
    span: Span


class Unrolled(NamedTuple):
    """The tokens without loops and braces, what was declared, and which sizes came from outside."""

    tokens: list[Token]
    declared: list[Declared]
    sizes: tuple[tuple[str, int], ...]


def unroll(tokens: list[Token], source: str, sizes: Mapping[str, int]) -> Unrolled:
    """``tokens`` with every loop written out and every ``name{k}`` made one name.

    ``sizes`` are whole numbers known from outside; ``n = 3`` in the formula adds its own.

    >>> from backtrace_cli.language.tokens.lexer import tokenize
    >>> source = "for k in 1..2: h{k} = x*k"
    >>> [token.text for token in unroll(tokenize(source), source, {}).tokens][:5]
    ['h1', '=', 'x', 'multiply', '1']
    """
    if not _needed(tokens):
        return Unrolled(tokens, [], ())
    work = _Unroller(source, sizes)
    work.block(tokens[:-1], {}, 0)
    if work.declared and all(token.kind == ";" for token in work.out):
        raise work.fail("there are declarations here and no formula", work.declared[0].span,
                        "write the formula below them")  # fmt: skip
    return Unrolled([*work.out, tokens[-1]], work.declared, tuple((n, sizes[n]) for n in sorted(work.used)))


class _Unroller:
    def __init__(self, source: str, sizes: Mapping[str, int]) -> None:
        self.source = source
        self.outside = sizes
        self.sizes: dict[str, int] = {}
        self.used: set[str] = set()
        self.out: list[Token] = []
        self.declared: list[Declared] = []
        self.known: set[str] = set()
        """The names that are declared."""
        self.rounds = 0

    def fail(self, message: str, span: Span, hint: str) -> FormulaError:
        return FormulaError(message, span=span, source=self.source, hint=hint)

    # -- statements -----------------------------------------------------------

    def block(self, tokens: list[Token], env: dict[str, int], depth: int) -> None:
        """Write out the statements of one block; ``env`` holds the loops' counters."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.kind == ";":
                self.out.append(token)
                at += 1
                continue
            following = tokens[at + 1] if at + 1 < len(tokens) else token
            if token.text in _HEADS and token.kind == "name" and following.kind == "name":
                if token.text == "for":
                    at = self.loop(tokens, at, env, depth)
                else:
                    at = self.declaration(tokens, at, env)
                continue
            stop = self.statement_end(tokens, at)
            self.statement(self.named(tokens[at:stop], env))
            at = stop

    def statement(self, tokens: list[Token]) -> None:
        if len(tokens) == 3 and tokens[1].kind == "=" and tokens[2].text.isdecimal():
            self.sizes[tokens[0].text] = int(tokens[2].text[:12])
        self.out += tokens

    def statement_end(self, tokens: list[Token], at: int) -> int:
        """The index of the ``;`` or line break outside brackets that ends the statement at ``at``."""
        depth = 0
        while at < len(tokens):
            kind = tokens[at].kind
            depth += (kind in ("(", "[")) - (kind in (")", "]"))
            if kind == ";" and depth <= 0:
                return at
            at += 1
        return at

    def loop(self, tokens: list[Token], at: int, env: dict[str, int], depth: int) -> int:
        """Write out the loop at ``at``; the index behind it."""
        head = tokens[at]
        line = self.statement_end(tokens, at)
        colon = next((i for i in range(at, line) if tokens[i].kind == ":"), None)
        dots = next((i for i in range(at, line) if tokens[i].kind == ".."), None)
        shape = "write for k in 1..3: and the statements behind it"
        if colon is None and dots is not None and tokens[at + 2].text == "in":
            behind = tokens[min(dots + 1, line - 1)].span
            raise self.fail("a colon is missing behind this loop's range", behind, shape)
        if colon is None or dots is None or dots > colon or tokens[at + 2].text != "in":
            raise self.fail("a loop names its counter and its range", head.span, shape)
        if depth >= _DEEPEST:
            raise self.fail(f"loops go at most {_DEEPEST} deep", head.span, "write the inner ones out")
        low = self.whole(tokens[at + 3 : dots], env, tokens[dots])
        high = self.whole(tokens[dots + 1 : colon], env, tokens[dots])
        if high < low - 1:
            raise self.fail(f"a loop counts up, and {low} is above {high}", tokens[dots].span,
                            f"write {high}..{low}")  # fmt: skip
        body, stop = self.body(tokens, at, colon)
        counter = tokens[at + 1].text
        for value in range(low, high + 1):
            self.rounds += 1
            if self.rounds > MOST_ROUNDS:
                raise self.fail(f"this loop goes round more than {MOST_ROUNDS:,} times", head.span,
                                "choose a smaller range")  # fmt: skip
            self.block(body, {**env, counter: value}, depth + 1)
            self.out.append(Token(";", ";", tokens[colon].span))
        return stop

    def body(self, tokens: list[Token], at: int, colon: int) -> tuple[list[Token], int]:
        """The loop's statements and the index behind them: the rest of the line, or the lines
        below that are indented deeper."""
        after = colon + 1
        if after < len(tokens) and tokens[after].text != "\n":
            stop = next((i for i in range(after, len(tokens)) if tokens[i].text == "\n"), len(tokens))
            stop = self.loop_end(tokens, after, stop, tokens[at + 1].text)
            return tokens[after:stop], stop
        margin, stop = self.column(tokens[at]), after
        while stop < len(tokens):
            start = next((i for i in range(stop, len(tokens)) if tokens[i].text != "\n"), len(tokens))
            if start == len(tokens) or self.column(tokens[start]) <= margin:
                break
            stop = next((i for i in range(start, len(tokens)) if tokens[i].text == "\n"), len(tokens))
        if stop == after:
            raise self.fail("this loop is empty", tokens[at].span,
                            "put its statements behind the colon, or below it, indented")  # fmt: skip
        return tokens[after:stop], stop

    def loop_end(self, tokens: list[Token], first: int, stop: int, counter: str) -> int:
        """Where a loop in one line ends: behind the last statement that its counter stands in."""
        ends, at = [], first
        while at < stop:
            at = min(self.statement_end(tokens, at), stop) + 1
            ends.append(at)
        starts = [first, *ends[:-1]]
        for start, end in zip(reversed(starts), reversed(ends), strict=True):
            if any(token.text == counter and token.kind == "name" for token in tokens[start : end - 1]):
                return min(end, stop)
        return stop

    def column(self, token: Token) -> int:
        return token.span.start - self.source.rfind("\n", 0, token.span.start) - 1

    def declaration(self, tokens: list[Token], at: int, env: dict[str, int]) -> int:
        """Take out ``param W: uniform(3, 2)``; the index behind it."""
        stop = self.statement_end(tokens, at)
        line = self.named(tokens[at + 1 : stop], env)
        line[2:] = [self.known_size(token) for token in line[2:]]
        if len(line) < 3 or line[1].kind != ":":
            name = shorten(line[0].text, 24) if line else "W"
            kind, what = tokens[at].text, "uniform(3, 2)" if tokens[at].text == "param" else "height, width"
            raise self.fail(f"a colon is missing behind {kind} {name}", tokens[at].span,
                            f"write {kind} {name}: {what}")  # fmt: skip
        if line[0].text in self.known:
            raise self.fail(f"{shorten(line[0].text, 24)} is declared twice", line[0].span,
                            "give the second another name")  # fmt: skip
        self.known.add(line[0].text)
        rest, end = line[2:], line[-1].span.end
        if tokens[at].text == "data":  # its columns are a list
            opening = Token("[", "[", Span(rest[0].span.start, rest[0].span.start))
            rest = [opening, *column_ranges(rest, self.source), Token("]", "]", Span(end, end))]
        rest.append(Token("end", "", Span(end, end)))
        self.declared.append(Declared(tokens[at].text, line[0].text, rest, line[0].span))
        return stop

    def known_size(self, token: Token) -> Token:
        """A name in a declaration that stands for a whole number, as that number."""
        for known in (self.sizes, self.outside):
            if token.kind == "name" and token.text in known:
                if known is self.outside:
                    self.used.add(token.text)
                return Token("number", str(known[token.text]), token.span)
        return token

    # -- names ----------------------------------------------------------------

    def named(self, tokens: list[Token], env: dict[str, int]) -> list[Token]:
        """``tokens`` with ``h{k-1}`` as one name and a loop's counter as its number."""
        found: list[Token] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            at += 1
            if token.kind == "{":
                raise self.fail("a brace follows a name directly, as in h{k}", token.span,
                                "close up the space; for brackets write parentheses")  # fmt: skip
            if token.kind == "name" and at < len(tokens) and tokens[at].kind == "{":
                text, end = token.text, token.span
                links = 0
                while at < len(tokens) and tokens[at].kind == "{" and tokens[at].span.start == end.end:
                    close = next((i for i in range(at, len(tokens)) if tokens[i].kind == "}"), None)
                    if close is None:
                        raise self.fail("this { is never closed; a } is missing", tokens[at].span,
                                        "write h{k-1}")  # fmt: skip
                    number = self.whole(tokens[at + 1 : close], env, tokens[at])
                    if number < 0:
                        raise self.fail(f"{token.text}{{…}} comes to {number} here, below 0",
                                        tokens[at].span,
                                        "begin the loop later" if env else "numbers begin at 0")  # fmt: skip
                    text += ("_" if links else "") + str(number)
                    links, at, end = links + 1, close + 1, tokens[close].span
                found.append(Token("name", text, Span(token.span.start, end.end)))
            elif token.kind == "name" and token.text in env:
                found.append(Token("number", str(env[token.text]), token.span))
            else:
                found.append(token)
        return found

    def whole(self, tokens: list[Token], env: dict[str, int], near: Token) -> int:
        """The whole number that ``tokens`` write: sums and differences of numbers and sizes."""
        total, sign, expect = 0, 1, True
        for token in tokens:
            if token.kind in ("plus", "minus"):
                sign = -sign if token.kind == "minus" else sign
                expect = True
            elif expect and (token.kind == "name" or token.text.isdecimal()):
                total += sign * self.size(token, env)
                sign, expect = 1, False
            else:
                raise self.fail("a whole number is expected here", token.span, "write one, such as k-1")
        if expect:
            raise self.fail("a whole number is missing here", near.span, "write one, such as 3 or k-1")
        return total

    def size(self, token: Token, env: dict[str, int]) -> int:
        if token.kind == "number":
            return int(token.text[:12])
        for known in (env, self.sizes):
            if token.text in known:
                return known[token.text]
        if token.text in self.outside:
            self.used.add(token.text)
            return self.outside[token.text]
        shown = shorten(token.text, 24)
        raise self.fail(f"{shown} is needed here as a whole number", token.span,
                        f"write {shown} = 3 before it, or give --at {shown}=3")  # fmt: skip


def _needed(tokens: list[Token]) -> bool:
    """Is there a loop, a numbered name or a declaration, or what is meant as one?"""
    for index, token in enumerate(tokens):
        if token.kind in ("{", ":"):
            return True
        if token.text in ("param", "data") and (not index or tokens[index - 1].kind == ";"):
            following = [other.kind for other in tokens[index + 1 : index + 3]]
            if following in (["name", "="], ["name", "number"]):
                return True
    return False
