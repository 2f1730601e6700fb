"""A formula's text -> its program: statement by statement, whatever notation it is written in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from itertools import pairwise

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.notation.glyphs import refuse_lookalikes
from backtrace_cli.language.reading.expressions import Expressions
from backtrace_cli.language.tokens.bars import resolve_bars
from backtrace_cli.language.tokens.lexer import Token, tokenize
from backtrace_cli.language.tree.syntax import (
    INITIALISERS,
    Assign,
    Declaration,
    Define,
    Expr,
    Name,
    Program,
    Reading,
)  # fmt: skip

__all__ = ["parse", "parse_expression"]

#: What a formula with dollars round it, or with d/dx before it, begins with.
_DECORATED = frozenset({"$", "d", "∂", "\\"})
#: What may be a transpose.
_DERIVATIVE = re.compile(
    r"\s*(?:(?:d|∂)\s*/\s*(?:d|∂)(?P<name>\w+)|"
    r"\\[dt]?frac\s*\{?(?:d|\\partial)\s*\}?\s*\{(?:d|\\partial)\s*(?P<below>\w+)\})(?=[\s(\\\[])"
)
#: Lines that LaTeX lacks. In a loop ``h_{k}`` is a name of the plain language, as ``h{k}`` is.
_LINES = r"(?m)^(?:.*;)?\s*(?:for\s+\w+\s+in|param|data)\s"
#: A ``_`` with more than the number of one name: h_{t-1}, the products x_{1}y and w_1x, a logarithm's base.
_TYPESET = r"(?<!\w)_\{|log_\{|_\{(?![0-9]+\}(?![^\W⁰¹²³⁴-⁹ⁿᵀ]|\{))|_[0-9]+[^\W\d_⁰¹²³⁴-⁹ⁿᵀ]"
#: A sum: d/dx x^2 + y may mean the slope of x^2 alone.
_SUM = re.compile(r"(?<=[\w)}\]])\s*[+−-]|[;\n=]")


def parse(
    source: str,
    *,
    functions: Collection[str] = (),
    bound: Collection[str] = (),
    sizes: Mapping[str, int] | None = None,
    tuples: bool = False,
) -> Program:
    """The program that ``source`` writes.

    ``functions`` may be called; ``bound`` are variables, so that ``a(b+1)`` is a product; ``sizes`` are
    whole numbers, for loops; with ``tuples`` (1, 2) is the list [1, 2]. LaTeX is told by its signs.
    Raises FormulaError, which points at the place.

    >>> parse("a = x^2; a + y").output is None
    True
    """
    text = source
    readings: list[Reading] = []
    if source.lstrip()[:1] in _DECORATED:
        text, readings = _plainly(source, bound)
    if _is_typeset(source):
        from backtrace_cli.language.latex.translator import tokenize_latex

        tokens = tokenize_latex(text, functions, bound, sizes, readings)
    else:
        tokens = tokenize(text)
    if "{" not in source and ":" not in source and "param" not in source and "data" not in source:
        return _read(source, tokens, functions, bound, readings, tuples)
    from backtrace_cli.language.reading.loops import unroll

    unrolled = unroll(tokens, source, sizes or {})
    program = _read(source, unrolled.tokens, functions, bound, readings)
    names = {*functions, *INITIALISERS}
    declared = tuple(
        Declaration(line.kind, line.name, _Parser(source, line.tokens, names, (), ()).expression(), line.span)
        for line in unrolled.declared
    )
    return program._replace(declared=declared, sizes=unrolled.sizes)


def _is_typeset(source: str) -> bool:
    """Is it LaTeX? A backslash or ``^{`` says so, and ``_{`` unless all it does is to number names."""
    if "\\" in source or "^{" in source or "∑" in source or "∏" in source:
        return True
    return "_{" in source and not re.search(_LINES, source) and re.search(_TYPESET, source) is not None


def _with_norms(tokens: list[Token], source: str) -> list[Token]:
    """``||x||`` is a norm wherever its bars pair as norms do; ``||x|-|y||`` pairs as absolute values."""
    from backtrace_cli.language.notation.norms import norms_written

    if "‖" in source:
        return norms_written(tokens, source)
    try:
        written = norms_written(tokens, source)
        resolve_bars(written, source)
    except FormulaError:
        return tokens
    return written


def _plainly(source: str, bound: Collection[str]) -> tuple[str, list[Reading]]:
    """``source`` without the dollars round it and the ``d/dx`` before it, of the same length."""
    text, readings = source, []
    stripped = source.strip()
    if stripped[:1] == "$" and stripped[-1:] == "$" and "\\" not in source and len(stripped.strip("$")) > 0:
        text = source.replace("$", " ") if "$" not in stripped.strip("$") else source
    found = _DERIVATIVE.match(text) if text.lstrip()[:1] in ("d", "∂", "\\") else None
    rest = text[found.end() :].strip() if found is not None else ""
    if found is not None and "d" not in bound and rest and rest[0] not in "+-−*/^@,;=<>)]!":
        if _SUM.search(rest):
            asked = " ".join(found.group().split())
            raise FormulaError(
                f"{asked} could be taken of the first term or of all that follows",
                span=Span(found.start(), found.end()), source=source,
                hint=f"write {asked} (…) round what is meant, or leave {asked} out",
            )  # fmt: skip
        name = found["name"] or found["below"]
        asked = " ".join(found.group().split())
        message = f"{asked} asks for the derivative, which stands under Gradient, beside {name}"
        readings.append(Reading(message, Span(found.start(), found.end())))
        text = " " * found.end() + text[found.end() :]
    return text, readings


def _read(
    source: str,
    tokens: list[Token],
    functions: Collection[str],
    bound: Collection[str],
    readings: list[Reading],
    tuples: bool = False,
) -> Program:
    """The program of ``tokens``, whatever notation they came from."""
    if "‖" in source or ("||" in source and "\\" not in source):
        tokens = _with_norms(tokens, source)
    tokens = resolve_bars(tokens, source)
    if ("^T" in source or "ᵀ" in source or "⊤" in source or "'" in source) and "\\" not in source:
        from backtrace_cli.language.notation.transposes import transposes_written

        tokens, said = transposes_written(tokens, source, functions, bound)
        readings = readings + said
    variables = {
        token.text for token, following in pairwise(tokens) if token.kind == "name" and following.kind != "("
    }
    if not source.isascii():
        refuse_lookalikes(variables, tokens, source)
    if not variables.isdisjoint(functions):
        from backtrace_cli.language.notation.bare_functions import brackets_written

        tokens, said = brackets_written(tokens, source, functions, bound)
        readings = readings + said
    parser = _Parser(source, tokens, functions, bound, variables)
    parser.tuples = tuples
    program = parser.program()
    return (
        program._replace(readings=(*readings, *parser.readings)) if readings or parser.readings else program
    )


def parse_expression(source: str, *, functions: Collection[str] = (), tuples: bool = False) -> Expr:
    """The single expression that ``source`` writes, such as an op's partial or a value in ``--at``.

    >>> parse_expression("2*a").func
    'multiply'
    """
    program = parse(source, functions=functions, tuples=tuples)
    statement, *more = program.statements
    if more or isinstance(statement, Define) or program.output:
        span, hint = Span(0, len(source)), "leave out = and ;"
        raise FormulaError("one expression is expected here", span=span, source=source, hint=hint)
    return statement.value


class _Parser(Expressions):
    """The statements of one formula."""

    def __init__(
        self, source: str, tokens: list[Token], functions: Collection[str], bound: Collection[str],
        variables: Collection[str],
    ) -> None:  # fmt: skip
        super().__init__(source, tokens, functions, bound, variables)
        self.params: dict[str, tuple[Name, ...]] = {}
        """The arguments of each function that is defined, with their places."""

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
            return self.headed(statements)
        return Program(self.source, tuple(statements), output)

    def headed(self, statements: list[Assign | Define]) -> Program:
        """``f(x, y) = …`` with nothing after it but functions that it calls: the formula is its body."""
        used = [each for each in statements if isinstance(each, Define) and each.name in self.early]
        rest = [each for each in statements if each not in used] if used else statements
        last = rest[-1] if rest else statements[-1]
        if isinstance(last, Assign):
            return Program(self.source, (*used, *rest), last.name or None)
        final = Assign(last.name, last.body, last.span)
        first = [each for each in used if each is not last]
        return Program(self.source, (*first, *rest[:-1], final), last.name, self.params[last.name])

    def statement(self) -> tuple[Assign | Define, str | None]:
        start = self.tokens[self.at].span.start
        head = self.head()
        self.named = head is not None
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
        self.params[name.text] = tuple(Name(each.text, each.span) for each in arguments.values())
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
