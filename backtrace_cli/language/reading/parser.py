"""Tokens -> syntax tree: operator precedence with an explicit stack, so depth costs no recursion."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.reading.bars import OPENS_OPERAND, resolve_bars
from backtrace_cli.language.reading.brackets import slices, with_options
from backtrace_cli.language.reading.complaints import WORDS, Complaints
from backtrace_cli.language.reading.lexer import Token, tokenize
from backtrace_cli.language.tree.syntax import (
    COMPARISON,
    INITIALISERS,
    JUXTAPOSED,
    KEYWORDS,
    NEGATION,
    OPERATORS,
    POWER,
    Assign,
    Call,
    Declaration,
    Define,
    Expr,
    Name,
    Number,
    Program,
)  # fmt: skip

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
    opening: Span = Span(0, 0)
    """For a bracket: where its own sign stands."""


def parse(
    source: str,
    *,
    functions: Collection[str] = (),
    bound: Collection[str] = (),
    sizes: Mapping[str, int] | None = None,
) -> Program:
    """The program that ``source`` writes.

    ``functions`` may be called; ``bound`` are variables, so that ``a(b+1)`` is a product; ``sizes`` are
    whole numbers, for loops. A backslash means LaTeX. Raises FormulaError, which points at the place.

    >>> parse("a = x^2; a + y").output is None
    True
    """
    if "\\" in source:
        from backtrace_cli.language.latex.translator import tokenize_latex

        tokens = tokenize_latex(source, functions)
    else:
        tokens = tokenize(source)
    if not any(sign in source for sign in ("{", ":", "param", "data")):
        return _Parser(source, resolve_bars(tokens, source), functions, bound).program()
    from backtrace_cli.language.reading.loops import unroll

    unrolled = unroll(tokens, source, sizes or {})
    program = _Parser(source, resolve_bars(unrolled.tokens, source), functions, bound).program()
    names = {*functions, *INITIALISERS}
    declared = tuple(
        Declaration(line.kind, line.name, _Parser(source, line.tokens, names, ()).expression(), line.span)
        for line in unrolled.declared
    )
    return program._replace(declared=declared, sizes=unrolled.sizes)


def parse_expression(source: str, *, functions: Collection[str] = ()) -> Expr:
    """The single expression that ``source`` writes, such as an op's partial or a value in ``--at``.

    >>> parse_expression("2*a").func
    'multiply'
    """
    program = parse(source, functions=functions)
    statement, *more = program.statements
    if more or isinstance(statement, Define) or program.output:
        span, hint = Span(0, len(source)), "leave out = and ;"
        raise FormulaError("one expression is expected here", span=span, source=source, hint=hint)
    return statement.value


class _Parser(Complaints):
    """One pass over the tokens; ``operands`` and ``pending`` are the two stacks."""

    def __init__(
        self, source: str, tokens: list[Token], functions: Collection[str], bound: Collection[str]
    ) -> None:
        self.source = source
        self.tokens = tokens
        self.at = 0
        self.functions = functions
        self.own: set[str] = set()
        self.defining = ""
        """The function whose body is being read."""
        self.params: tuple[Name, ...] = ()
        """The arguments of the function defined last."""
        self.bound = set(bound)
        """Names that are variables even where a function bears them."""
        self.variables = set(bound)
        self.operands: list[Expr] = []
        self.pending: list[_Pending] = []
        self.open = 0
        """How many brackets are open."""
        for token, following in pairwise(tokens):
            if token.kind == "name" and following.kind != "(":
                self.variables.add(token.text)

    # -- statements ---------------------------------------------------------

    def program(self) -> Program:
        statements: list[Assign | Define] = []
        output: str | None = None
        while True:
            while self.tokens[self.at].kind == ";":
                self.at += 1
            if statements and isinstance(last := statements[-1], Assign) and not last.name:
                if self.tokens[self.at].kind == "end":
                    break
                self.nameless(last, self.tokens[self.at])
            if self.tokens[self.at].kind == "end":
                break
            statement, output = self.statement()
            statements.append(statement)
        if not statements:
            place = self.tokens[-1].span if self.source.strip() else None
            raise FormulaError(
                "there is no formula here",
                span=place, source=self.source, hint='write one, such as "x^2*y"',
            )  # fmt: skip
        last = statements[-1]
        if isinstance(last, Define):
            # f(x, y) = … with nothing after it: the formula is its body.
            statements[-1] = Assign(last.name, last.body, last.span)
            return Program(self.source, tuple(statements), last.name, self.params)
        return Program(self.source, tuple(statements), output)

    def statement(self) -> tuple[Assign | Define, str | None]:
        start = self.tokens[self.at].span.start
        head = self.head()
        if head is None:
            value = self.expression()
            return Assign("", value, Span(start, value.span[1])), None
        name, arguments = head
        if arguments is None:
            value = self.expression()
            self.variables.add(name.text)
            self.bound.add(name.text)
            return Assign(name.text, value, name.span), name.text
        params = tuple(arguments)
        self.params = tuple(Name(each.text, each.span) for each in arguments.values())
        variables, bound = set(params) - self.variables, set(params) - self.bound
        self.variables |= variables
        self.bound |= bound
        self.defining = name.text
        body = self.expression()
        self.variables -= variables
        self.bound -= bound
        self.defining = ""
        self.own.add(name.text)
        return Define(name.text, params, body, name.span), None

    def head(self) -> tuple[Token, dict[str, Token] | None] | None:
        """``name =`` or ``name(a, b) =`` at the start of a statement, consumed; or None."""
        tokens, at = self.tokens, self.at
        if tokens[at].kind != "name":
            return None
        if tokens[at + 1].kind == "=":
            self.at = at + 2
            return tokens[at], None
        if tokens[at + 1].kind != "(":
            return None
        params: dict[str, Token] = {}
        twice: Token | None = None
        index = at + 2
        while tokens[index].kind == "name" and tokens[index + 1].kind in (",", ")", ";"):
            twice = twice or (tokens[index] if tokens[index].text in params else None)
            params[tokens[index].text] = tokens[index]
            index += 2
            if tokens[index - 1].kind == ")":
                break
        else:
            self.odd_arguments(tokens[at])
            return None
        if tokens[index].kind != "=":
            return None
        if twice:
            shown = self.text(twice.span)
            self.fail(f"two arguments are called {shown}", twice, "give each a name of its own")
        self.at = index + 1
        return tokens[at], params

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
            self.pending.append(_Pending("prefix", "negative", NEGATION, token))
        elif kind == "root":
            self.pending.append(_Pending("prefix", "sqrt", _ROOT_LEVEL, token))
        elif kind != "plus":
            self.expected_value(token)
        return True

    def bracket(self, sort: str, func: str, token: Token, opening: Span, base: int) -> None:
        """Open a bracket: it waits until it is closed."""
        self.pending.append(_Pending(sort, func, 0, token, base, opening))
        self.open += 1

    def name(self, token: Token) -> bool:
        """A name: a function to be called, or a variable."""
        name, following = token.text, self.tokens[self.at]
        if following.kind == "=" and self.open and name in KEYWORDS.get(self.called(), ()):
            self.at += 1
            self.pending.append(_Pending("prefix", "=" + name, 0, token))
            return True
        callable_ = name in self.functions or name in self.own
        if name in WORDS and name not in self.bound:
            self.word(token)
        if following.kind == "(":
            if callable_:
                self.at += 1
                self.bracket("(", name, token, following.span, len(self.operands))
                return True
            if name not in self.variables:
                self.unknown_function(token)
        elif callable_ and name not in self.bound:
            self.without_brackets(token, following)
        self.operands.append(Name(name, token.span))
        return False

    def called(self) -> str:
        """The function whose bracket is the innermost open one, where a new argument begins."""
        last = self.pending[-1]
        return last.func if last.opening.end else ""

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
            return self.index(token)
        elif kind == "=" and self.open:
            opened = next(entry for entry in reversed(self.pending) if entry.opening.end)
            self.equals_inside(token, opened.opening, opened.sort)
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
            sort, func, binds, token = pending[-1][:4]
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
            self.number_behind(value, token)
        if self.pending and self.pending[-1].func == "divide" and self.pending[-1].sort == "infix":
            self.two_readings(self.operands[-2], value, token)
        self.pending.append(_Pending("infix", "multiply", JUXTAPOSED, token))

    def comma(self, token: Token) -> None:
        self.reduce(0)
        opened = self.pending[-1] if self.pending else None
        if opened is None or not opened.func or opened.sort == "|(":
            outer = self.pending[-2].func if opened and len(self.pending) > 1 else ""
            self.stray_comma(token, bool(opened), outer)
        elif opened.sort == "[" and token.kind == ";":
            self.rows_of_list(token)

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
            self.operands.append(with_options(opened.func, args, span))
        else:
            self.operands[-1] = self.operands[-1]._replace(span=span)

    def index(self, token: Token) -> bool:
        """``x[i]``: the indexed value becomes the first argument of ``index``; slices are read whole."""
        self.reduce(_ROOT_LEVEL)
        found = slices(self.tokens, self.at)
        if found is not None:
            parts, self.at = found
            value = self.operands.pop()
            span = Span(value.span[0], self.tokens[self.at - 1].span.end)
            self.operands.append(Call("index", (value, *parts), span))
            return False
        start = self.operands[-1].span[0]
        opened = token._replace(span=Span(start, token.span.end))
        self.bracket("[", "index", opened, token.span, len(self.operands) - 1)
        return True
