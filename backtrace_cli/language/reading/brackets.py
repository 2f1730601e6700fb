"""What stands in brackets beside values: the slices of ``x[1:3, :]``, the options of ``sum(x, axis=0)``."""

from __future__ import annotations

from backtrace_cli.base.caret import Span
from backtrace_cli.language.reading.lexer import Token
from backtrace_cli.language.tree.syntax import Call, Expr, Name, Number
from backtrace_cli.language.tree.text import to_text

__all__ = ["slices", "with_options"]


def slices(tokens: list[Token], at: int) -> tuple[list[Expr], int] | None:
    """The parts of an index with a slice in it, and the place behind its bracket.

    ``at`` is behind the opening bracket. None where there is no slice, or something
    that a slice can't hold: then it is read as any list of values.

    >>> from backtrace_cli.language.reading.lexer import tokenize
    >>> parts, _ = slices(tokenize("x[1:, 0]"), 2)
    >>> parts[0].func, parts[1].text
    ('slice', '0')
    """
    parts: list[Expr] = []
    bounds: list[Expr] = []
    value: Expr | None = None
    negative = False
    sliced = False
    while True:
        token = tokens[at]
        at += 1
        if token.kind == "minus" and value is None and not negative:
            negative = True
            continue
        if token.kind in ("number", "name") and value is None:
            value = Number(token.text, token.span) if token.kind == "number" else Name(token.text, token.span)
            value = Call("negative", (value,), token.span) if negative else value
            negative = False
            continue
        if token.kind == ":" and not negative and len(bounds) < 2:
            bounds.append(value or Name("", token.span))
            value, sliced = None, True
            continue
        if token.kind not in (",", "]") or negative or (value is None and not bounds):
            return None
        if bounds:
            bounds.append(value or Name("", token.span))
            parts.append(Call("slice", tuple(bounds), Span(bounds[0].span[0], token.span.start)))
        elif value is not None:
            parts.append(value)
        bounds, value = [], None
        if token.kind == "]":
            return (parts, at) if sliced else None


def with_options(func: str, args: tuple[Expr, ...], span: Span) -> Call:
    """The call of ``func``, what was written ``axis=0`` among its arguments being an option."""
    named = tuple(
        (arg.func[1:], to_text(arg.args[0], ascii=True))
        for arg in args
        if isinstance(arg, Call) and arg.func.startswith("=")
    )
    if not named:
        return Call(func, args, span)
    plain = tuple(arg for arg in args if not (isinstance(arg, Call) and arg.func.startswith("=")))
    return Call(func, plain, span, named)
