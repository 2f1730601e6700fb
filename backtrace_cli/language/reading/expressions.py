"""One expression: operator precedence with an explicit stack, so depth costs no recursion."""

from __future__ import annotations

from backtrace_cli.base.caret import Span
from backtrace_cli.language.notation.libraries import TAKES_LIST
from backtrace_cli.language.reading.brackets import indexed, slices
from backtrace_cli.language.reading.calls import Calls
from backtrace_cli.language.reading.stacks import ROOT_LEVEL, Pending
from backtrace_cli.language.tokens.bars import OPENS_OPERAND
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import KEYWORDS, NEGATION, Call, Expr, Number

__all__ = ["Expressions"]

_BRACKETS = {")": "(", "]": "[", "|)": "|("}


class Expressions(Calls):
    """One pass over the tokens; ``operands`` and ``pending`` are the two stacks."""

    # -- expressions --------------------------------------------------------

    def expression(self) -> Expr:
        """One expression, up to the ``;`` or the end that follows it."""
        expect = True
        while True:
            token = self.tokens[self.at]
            kind = token.kind
            if kind == ";" and token.text == "\n" and (expect or self.inside()):
                self.at += 1  # a line may break inside brackets and after an operator
                continue
            if kind == ";" and not expect and self.inside():
                kind = ","  # swish(x; β): inside brackets a semicolon separates arguments
            if kind == "," and not expect and self.definition_follows():
                self.at += 1
                kind = ";"
            if kind == "end" or (kind == ";" and not expect):
                if expect:
                    self.expected_value(token)
                return self.finish(token)
            expect = self.operand(token) if expect else self.continuation(token, kind)

    def inside(self) -> bool:
        """Is any bracket open?"""
        return self.open > 0

    def finish(self, token: Token) -> Expr:
        self.reduce(0)
        if self.pending:
            self.unclosed(self.pending[-1].opening, self.pending[-1].sort, self.tokens[self.at - 1].span.end)
        return self.operands.pop()

    def operand(self, token: Token) -> bool:
        """Take a value, or a sign or bracket before one; True while a value is still expected."""
        kind = token.kind
        self.at += 1
        if kind == "number":
            self.operands.append(Number(token.text, token.span))
            return False
        if kind == "name":
            return self.name(token)
        if kind in ("(", "[", "|("):
            func = {"(": "", "[": "stack", "|(": "abs"}[kind]
            self.bracket(kind, func, token, token.span, len(self.operands))
        elif kind == "minus":
            self.pending.append(Pending("prefix", "negative", NEGATION, token))
        elif kind == "root":
            self.pending.append(Pending("prefix", token.text, ROOT_LEVEL, token))
        elif kind != "plus":
            self.expected_value(token)
        return True

    def continuation(self, token: Token, kind: str) -> bool:
        """What may follow a value; True when the next thing must be a value."""
        if kind in ("op", "plus", "minus"):
            func = {"plus": "add", "minus": "subtract"}.get(kind, token.text)
            self.infix(func, token)
            self.at += 1
            return True
        if kind in OPENS_OPERAND:
            if kind == "number" and self.entry_begins(token):
                return True
            self.juxtapose(token)
            return True
        if kind == "[" and self.entry_begins(token):
            return True
        self.at += 1
        if kind == ",":
            return self.comma(token)
        if kind in _BRACKETS:
            self.close(token)
        elif kind == "[":
            return self.index(token)
        elif kind == "." and self.tokens[self.at].kind == "name":
            return self.attribute(token)
        elif kind == "=" and self.open:
            opened = next(entry for entry in reversed(self.pending) if entry.opening.end)
            self.equals_inside(token, opened.opening, opened.sort)
        elif kind == ".T":
            self.reduce(ROOT_LEVEL)
            value = self.operands.pop()
            self.operands.append(Call("transpose", (value,), Span(value.span[0], token.span.end)))
        else:
            self.stray(token)
        return False

    # -- the two stacks -----------------------------------------------------

    def comma(self, token: Token) -> bool:
        """A comma between arguments, or between the entries of a tuple such as axis=(0, 1)."""
        self.reduce(0)
        opened = self.pending[-1] if self.pending else None
        if opened is not None and not opened.func and self.takes_tuple():
            opened = self.pending[-1] = opened._replace(func="stack")
        if opened is None or not opened.func or opened.sort == "|(":
            outer = self.pending[-2].func if opened and len(self.pending) > 1 else ""
            self.stray_comma(token, bool(opened), outer)
        elif opened.sort == "[" and token.kind == ";":
            self.rows_of_list(token)
        return not (opened.func == "stack" and self.tokens[self.at].kind == ")")

    def entry_begins(self, token: Token) -> bool:
        """Is ``token`` the next entry of a list that was pasted without its commas, [1. 2.] or [[1] [2]]?"""
        listed = self.open and next(each for each in reversed(self.pending) if each.opening.end)
        place = self.at - 1
        while self.tokens[place].text == "\n":
            place -= 1
        before = self.tokens[place]
        if not listed or (listed.sort, listed.func) != ("[", "stack") or before.span.end == token.span.start:
            return False
        kinds = ("]",) if token.kind == "[" else ("number",)
        if before.kind not in kinds:
            return False
        if token.kind == "[" and not (isinstance(last := self.operands[-1], Call) and last.func == "stack"):
            return False
        self.reduce(0)
        if self.pending[-1] is not listed:
            return False
        self.note("a list without commas is read with one between its entries", listed.opening)
        return True

    def takes_tuple(self) -> bool:
        """Does the open bracket stand where NumPy and PyTorch take a tuple: an option, a list, a shape?"""
        if len(self.pending) < 2:
            return self.tuples
        below = self.pending[-2]
        if below.sort == "prefix":
            return below.func.startswith("=")
        return below.func == "stack" or below.func in KEYWORDS or below.func in TAKES_LIST

    def close(self, token: Token) -> None:
        self.reduce(0)
        wanted = _BRACKETS[token.kind]
        if not self.pending:
            self.closes_nothing(token)
        if self.pending[-1].sort != wanted:
            self.crossing(self.pending[-1].opening, self.pending[-1].sort, token)
        self.open -= 1
        opened = self.pending.pop()
        span = Span(opened.token.span.start, token.span.end)
        if opened.func:
            args = tuple(self.operands[opened.base :])
            del self.operands[opened.base :]
            if (base := self.bases.pop(opened.opening.start, None)) is not None:
                args = (*args, base)
            if opened.token.kind == "name" and opened.func == "stack" and len(args) == 1:
                args = args[0].args if isinstance(args[0], Call) and args[0].func == "stack" else args
            library = self.libraries.pop(opened.opening.start, "")
            self.operands.append(self.made(opened.func, args, span, library))
        else:
            self.operands[-1] = self.operands[-1]._replace(span=span)

    def index(self, token: Token) -> bool:
        """``x[i]``: the indexed value becomes the first argument of ``index``; slices are read whole."""
        self.reduce(ROOT_LEVEL)
        found = slices(self.tokens, self.at, self.part)
        if found is not None:
            parts, self.at = found
            value = self.operands.pop()
            self.operands.append(
                indexed(value, parts, Span(value.span[0], self.tokens[self.at - 1].span.end))
            )
            return False
        start = self.operands[-1].span[0]
        opened = token._replace(span=Span(start, token.span.end))
        self.bracket("[", "index", opened, token.span, len(self.operands) - 1)
        return True

    def part(self, tokens: list[Token]) -> Expr:
        """One side of a slice's colon, or one place in an index that has a slice."""
        inner = type(self)(self.source, tokens, self.functions, self.bound, self.variables)
        return inner.expression()
