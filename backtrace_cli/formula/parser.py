"""Tokens -> syntax tree: operator precedence with an explicit stack, so depth costs no recursion."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, NoReturn

from backtrace_cli.errors import FormulaError, Span
from backtrace_cli.formula.bars import OPENS_OPERAND, resolve_bars
from backtrace_cli.formula.lexer import Token, tokenize
from backtrace_cli.formula.syntax import (
    COMPARISON,
    JUXTAPOSED,
    NEGATION,
    OPERATORS,
    POWER,
    Assign,
    Call,
    Define,
    Expr,
    Name,
    Number,
    Program,
)

__all__ = ["parse", "parse_expression"]

_BRACKETS = {")": "(", "]": "[", "|)": "|("}
_ROOT_LEVEL = POWER + 1
_BINDING = {func: (operator.level, operator.right) for func, operator in OPERATORS.items()}


class _Pending(NamedTuple):
    """An operator or bracket waiting on the stack for its right side."""

    sort: str
    """``infix``, ``prefix``, or the bracket's own sign."""
    func: str
    level: int
    token: Token
    base: int = 0
    """For a bracket: how many operands stood before it."""


def parse(
    source: str, *, functions: Collection[str] = (), bound: Collection[str] = ()
) -> Program:
    """The program that ``source`` writes.

    ``functions`` are the names that may be called; ``bound`` are names known to be
    variables (from ``--at``), so that ``a(b+1)`` can be read as a product. A source
    with a backslash in it is read as LaTeX. Raises FormulaError, whose span points
    at the place.

    >>> parse("a = x^2; a + y").output is None
    True
    """
    if "\\" in source:
        from backtrace_cli.formula.latex_input import tokenize_latex

        tokens = tokenize_latex(source, functions)
    else:
        tokens = tokenize(source)
    return _Parser(source, resolve_bars(tokens, source), functions, bound).program()


def parse_expression(source: str, *, functions: Collection[str] = ()) -> Expr:
    """The single expression that ``source`` writes, such as an op's partial or a value in ``--at``.

    >>> parse_expression("2*a").func
    'multiply'
    """
    program = parse(source, functions=functions)
    statement = program.statements[0]
    if len(program.statements) > 1 or isinstance(statement, Define) or program.output:
        raise FormulaError(
            "one expression is expected here",
            span=Span(0, len(source)), source=source, hint="leave out = and ;",
        )  # fmt: skip
    return statement.value


class _Parser:
    """One pass over the tokens; ``operands`` and ``pending`` are the two stacks."""

    def __init__(
        self, source: str, tokens: list[Token], functions: Collection[str], bound: Collection[str]
    ) -> None:
        self.source = source
        self.tokens = tokens
        self.at = 0
        self.functions = functions
        self.own: set[str] = set()
        self.bound = bound
        self.variables = set(bound)
        self.operands: list[Expr] = []
        self.pending: list[_Pending] = []
        for token, following in zip(tokens, tokens[1:], strict=False):
            if token.kind == "name" and following.kind != "(":
                self.variables.add(token.text)

    # -- statements ---------------------------------------------------------

    def program(self) -> Program:
        statements: list[Assign | Define] = []
        output: str | None = None
        while True:
            while self.tokens[self.at].kind == ";":
                self.at += 1
            if self.tokens[self.at].kind == "end":
                break
            statement, output = self.statement()
            statements.append(statement)
        if not statements:
            self.fail("there is no formula here", self.tokens[-1], 'write one, such as "x^2*y"')
        last = statements[-1]
        if isinstance(last, Define):
            # f(x, y) = … with nothing after it: the formula is its body.
            statements[-1] = Assign(last.name, last.body, last.span)
            output = last.name
        for statement in statements[:-1]:
            if isinstance(statement, Assign) and not statement.name:
                raise FormulaError(
                    "this value has no name and is not the last, so nothing can use it",
                    span=statement.span, source=self.source,
                    hint="name it, a = …, or join it to the next line",
                )  # fmt: skip
        return Program(self.source, tuple(statements), output)

    def statement(self) -> tuple[Assign | Define, str | None]:
        start = self.tokens[self.at].span.start
        head = self.head()
        if head is None:
            value = self.expression()
            return Assign("", value, Span(start, value.span[1])), None
        name, params = head
        if params is None:
            value = self.expression()
            self.variables.add(name.text)
            return Assign(name.text, value, name.span), name.text
        known = self.variables
        self.variables = known | set(params)
        body = self.expression()
        self.variables = known
        self.own.add(name.text)
        return Define(name.text, params, body, name.span), None

    def head(self) -> tuple[Token, tuple[str, ...] | None] | None:
        """``name =`` or ``name(a, b) =`` at the start of a statement, consumed; or None."""
        tokens, at = self.tokens, self.at
        if tokens[at].kind != "name":
            return None
        if tokens[at + 1].kind == "=":
            self.at = at + 2
            return tokens[at], None
        if tokens[at + 1].kind != "(":
            return None
        params: list[str] = []
        index = at + 2
        while tokens[index].kind == "name" and tokens[index + 1].kind in (",", ")", ";"):
            params.append(tokens[index].text)
            index += 2
            if tokens[index - 1].kind == ")":
                break
        else:
            return None
        if tokens[index].kind != "=":
            return None
        if len(set(params)) < len(params):
            self.fail("a function's arguments have different names", tokens[at])
        self.at = index + 1
        return tokens[at], tuple(params)

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
            if kind == "end" or (kind == ";" and not expect):
                if expect:
                    self.expected_value(token)
                return self.finish(token)
            if expect:
                expect = self.operand(token)
            else:
                expect = self.continuation(token, kind)

    def inside(self) -> bool:
        """Is any bracket open?"""
        return any(entry.sort in ("(", "[", "|(") for entry in reversed(self.pending))

    def finish(self, token: Token) -> Expr:
        self.reduce(0)
        if self.pending:
            opened = self.pending[-1]
            sign = "|" if opened.sort == "|(" else opened.sort
            closing = {"(": ")", "[": "]", "|": "|"}[sign]
            last = self.tokens[self.at - 1].span.end
            end = Span(last, last + 1)
            raise FormulaError(
                f"this {sign} is never closed; a {closing} is missing",
                span=opened.token.span, also=end, source=self.source,
            )  # fmt: skip
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
            self.pending.append(_Pending(kind, func, 0, token, len(self.operands)))
        elif kind == "minus":
            self.pending.append(_Pending("prefix", "negative", NEGATION, token))
        elif kind == "root":
            self.pending.append(_Pending("prefix", "sqrt", _ROOT_LEVEL, token))
        elif kind != "plus":
            self.expected_value(token)
        return True

    def name(self, token: Token) -> bool:
        """A name: a function to be called, or a variable."""
        name, following = token.text, self.tokens[self.at]
        callable_ = name in self.functions or name in self.own
        if following.kind == "(":
            if callable_:
                self.at += 1
                self.pending.append(_Pending("(", name, 0, token, len(self.operands)))
                return True
            if name not in self.variables:
                self.unknown_function(token)
        elif callable_ and name not in self.bound:
            self.function_without_call(token, following)
        self.operands.append(Name(name, token.span))
        return False

    def continuation(self, token: Token, kind: str) -> bool:
        """What may follow a value; True when the next thing must be a value."""
        if kind in ("op", "plus", "minus"):
            func = {"plus": "add", "minus": "subtract"}.get(kind, token.text)
            self.infix(func, token)
            self.at += 1
            return True
        if kind in OPENS_OPERAND:
            self.juxtapose(token)
            return True
        self.at += 1
        if kind == ",":
            self.comma(token)
            return True
        if kind in _BRACKETS:
            self.close(token)
        elif kind == "[":
            self.index(token)
            return True
        elif kind == ".T":
            self.reduce(_ROOT_LEVEL)
            value = self.operands.pop()
            self.operands.append(Call("transpose", (value,), Span(value.span[0], token.span.end)))
        else:
            self.stray(token)
        return False

    # -- the two stacks -----------------------------------------------------

    def reduce(self, level: int, right: bool = False) -> None:
        """Apply waiting operators that bind at least as tightly as ``level``."""
        pending, operands = self.pending, self.operands
        while pending:
            sort, func, binds, token, _ = pending[-1]
            if sort not in ("infix", "prefix") or binds < level or (right and binds == level):
                return
            pending.pop()
            value = operands.pop()
            if sort == "infix":
                left = operands.pop()
                operands.append(Call(func, (left, value), Span(left.span[0], value.span[1])))
            else:
                operands.append(Call(func, (value,), Span(token.span[0], value.span[1])))

    def infix(self, func: str, token: Token) -> None:
        level, right = _BINDING[func]
        pending = self.pending
        if pending and func == "power" and pending[-1].level == _ROOT_LEVEL:
            self.fail("this root could reach over the power or not", token, "write √(x^2) or (√(x))^2")
        self.reduce(level + (level == COMPARISON), right)
        if level == COMPARISON and pending and pending[-1].level == COMPARISON:
            self.fail("comparisons don't chain", token, "multiply two of them: (0 < x)*(x < 1)")
        pending.append(_Pending("infix", func, level, token))

    def juxtapose(self, token: Token) -> None:
        """An implicit product, such as ``2x`` or ``(a)(b)``."""
        self.reduce(JUXTAPOSED)
        value = self.operands[-1]
        if token.kind == "number":
            before = self.source[value.span[0] : value.span[1]]
            self.fail(
                f"a number can't follow {_short(before)} directly", token,
                f"write {_short(before)}*{token.text} or {_short(before)}^{token.text}",
            )  # fmt: skip
        if self.pending and self.pending[-1].func == "divide" and self.pending[-1].sort == "infix":
            self.two_readings(value, token)
        self.pending.append(_Pending("infix", "multiply", JUXTAPOSED, token))

    def comma(self, token: Token) -> None:
        self.reduce(0)
        opened = self.pending[-1] if self.pending else None
        if opened is None or not opened.func or opened.sort == "|(":
            self.fail(
                "a comma only separates the arguments of a function", token,
                "a decimal point is a dot: 1.5",
            )  # fmt: skip

    def close(self, token: Token) -> None:
        self.reduce(0)
        wanted = _BRACKETS[token.kind]
        if not self.pending or self.pending[-1].sort != wanted:
            if not self.pending:
                self.fail(f"this {token.text} closes nothing", token, "delete it, or open it before")
            opened = self.pending[-1]
            raise FormulaError(
                f"{opened.sort[0]} and {token.text} don't belong together",
                span=opened.token.span, also=token.span, source=self.source,
            )  # fmt: skip
        opened = self.pending.pop()
        span = Span(opened.token.span.start, token.span.end)
        if opened.func:
            args = tuple(self.operands[opened.base :])
            del self.operands[opened.base :]
            self.operands.append(Call(opened.func, args, span))
        else:
            self.operands[-1] = self.operands[-1]._replace(span=span)

    def index(self, token: Token) -> None:
        """``x[i]``: the indexed value becomes the first argument of ``index``."""
        self.reduce(_ROOT_LEVEL)
        start = self.operands[-1].span[0]
        opened = token._replace(span=Span(start, token.span.end))
        self.pending.append(_Pending("[", "index", 0, opened, len(self.operands) - 1))

    # -- complaints ---------------------------------------------------------

    def fail(self, message: str, token: Token, hint: str | None = None) -> NoReturn:
        raise FormulaError(message, span=token.span, source=self.source, hint=hint)

    def expected_value(self, token: Token) -> NoReturn:
        before = self.tokens[self.tokens.index(token) - 1] if token is not self.tokens[0] else None
        if token.kind == "end" or token.text == "\n":
            where = Span(token.span.start, token.span.start + 1)
            after = f" after {_sign(before, self.source)}" if before is not None else ""
            raise FormulaError(
                f"the formula stops{after}, where a value is expected",
                span=where, source=self.source, hint="a value is a number, a name or a bracket",
            )  # fmt: skip
        if token.kind == ")" and before is not None and before.kind == "(":
            self.fail("there is nothing between these brackets", token, "put a value between them")
        hint = "a value is a number, a name or a bracket"
        if token.text == "multiply" and before is not None and before.text == "multiply":
            hint = "a power is written ** without a space, or ^"
        self.fail(f"a value is expected before {_sign(token, self.source)}", token, hint)

    def stray(self, token: Token) -> NoReturn:
        if token.kind == "'":
            self.fail("x' is not a derivative here", token, "backtrace finds the derivatives; name a variable x1 or x_new")
        if token.kind == "!":
            self.fail("a factorial has no derivative", token, "write the product out")
        if token.kind == "=":
            self.fail("only a name can stand left of =", token, "name an intermediate, a = x^2, or compare with ==")
        self.fail(f"{_sign(token, self.source)} is not expected here", token)

    def unknown_function(self, token: Token) -> NoReturn:
        from difflib import get_close_matches

        name = token.text
        near = get_close_matches(name, [*self.functions, *self.own], 1, 0.6)
        hints = [f"did you mean {near[0]}(…)?"] if near else []
        if name.startswith("log_") and name[4:].isdigit():
            hints = [f"did you mean log(x, {name[4:]})?"]
        hints.append(f"for a product write {name}*(…)")
        if not near:
            hints.append(f"to define it write {name}(t) = …")
        self.fail(f"{name} is not a function that backtrace knows", token, "; ".join(hints))

    def function_without_call(self, token: Token, following: Token) -> None:
        """``sin x`` and ``sin^2(x)`` are refused; ``sigma + 1`` is a variable."""
        name = token.text
        if following.kind in ("number", "name", "root"):
            self.fail(
                f"{name} needs brackets around what it is taken of", _spanning(token, following),
                f"write {name}({following.text if following.kind != 'root' else '…'})",
            )  # fmt: skip
        if following.kind == "op" and following.text == "power":
            after = self.tokens[self.at + 1 : self.at + 4]
            inverse = bool(after) and after[0].kind == "minus"
            rest = after[1:] if inverse else after
            if len(rest) > 1 and rest[0].kind == "number" and rest[1].kind == "(":
                whole = Token("name", name, Span(token.span.start, rest[0].span.end))
                other = f"a{name}" if f"a{name}" in self.functions else None
                if inverse and rest[0].text == "1":
                    either = f"{other}(x) for the inverse function, or " if other else ""
                    hint = f"write {either}1/{name}(x) for the reciprocal"
                else:
                    hint = f"write {name}(x)^{'-' if inverse else ''}{rest[0].text}"
                self.fail(f"a power stands behind the whole call, not behind {name}", whole, hint)

    def two_readings(self, value: Expr, token: Token) -> NoReturn:
        """``1/2x``: refuse, offering both readings in the user's own words."""
        start, end = self.after_primary(token)
        top = self.operands[-2]
        left = self.source[top.span[0] : top.span[1]]
        below = self.source[value.span[0] : value.span[1]]
        factor = self.source[start:end]
        raise FormulaError(
            "this could be read in two ways",
            span=Span(value.span[0], end), source=self.source,
            hint=f"write ({_short(left)}/{_short(below)})*{_short(factor)} or {_short(left)}/({_short(below)}*{_short(factor)})",
        )  # fmt: skip

    def after_primary(self, token: Token) -> tuple[int, int]:
        """Where the value that begins with ``token`` starts and ends in the source."""
        index, depth = self.at, 0
        while index < len(self.tokens) - 1:
            kind = self.tokens[index].kind
            depth += (kind in ("(", "[")) - (kind in (")", "]"))
            following = self.tokens[index + 1].kind
            if depth <= 0 and not (index == self.at and following == "(" and kind == "name"):
                if self.tokens[index + 1].text != "power" and kind != "op":
                    break
            index += 1
        return token.span.start, self.tokens[index].span.end


def _spanning(first: Token, last: Token) -> Token:
    """A token that covers the place from ``first`` to ``last``, for a caret under both."""
    return first._replace(span=Span(first.span.start, last.span.end))


def _sign(token: Token | None, source: str) -> str:
    if token is None:
        return "the start"
    if token.text == "\n":
        return "the end of the line"
    return source[token.span.start : token.span.end] or "the end"


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:11] + "…" + text[-11:]
