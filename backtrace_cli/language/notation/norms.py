"""Norms by their bars: ``‖x‖``, ``||x - y||``, ``‖w‖₁``; never the absolute value of an absolute value."""

from __future__ import annotations

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.tokens.bars import ENDS_OPERAND
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["norms_written"]

#: A norm by its index: the function, and what it is taken of.
_NORMS = {"": ("norm", ""), "_2": ("norm", ""), "_F": ("norm", ""), "_1": ("sum", "abs"),
          "_inf": ("max", "abs")}  # fmt: skip


def norms_written(tokens: list[Token], source: str) -> list[Token]:
    """``tokens`` with a call for each norm.

    Raises FormulaError where a bar has no partner, or the norm is none that is known.

    >>> from backtrace_cli.language.tokens.lexer import tokenize
    >>> "".join(token.text for token in norms_written(tokenize("‖x‖^2"), "‖x‖^2"))
    'norm(x)power2'
    """
    found: list[Token] = []
    opened: list[int] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        double = (
            token.kind == "|" and tokens[at + 1].kind == "|" and tokens[at + 1].span.start == token.span.end
        )
        if token.kind != "‖" and not double:
            found.append(token)
            at += 1
            continue
        span = Span(token.span.start, tokens[at + double].span.end)
        at += 1 + double
        if not (opened and found and found[-1].kind in ENDS_OPERAND):
            opened.append(len(found))
            found += [Token("name", "norm", span), Token("(", "(", span)]
            continue
        start = opened.pop()
        index = tokens[at] if tokens[at].kind == "name" and tokens[at].span.start == span.end else None
        name = index.text if index and index.text[0] == "_" else ""
        if name not in _NORMS:
            raise FormulaError("this norm is not an op here", span=span, source=source,
                               hint="the indices 1, 2, F and inf are; else write it out")  # fmt: skip
        at += bool(name)
        outer, inner = _NORMS[name]
        found[start] = found[start]._replace(text=outer)
        if inner:
            found[start + 2 : start + 2] = [Token("name", inner, span), Token("(", "(", span)]
            found.append(Token(")", ")", span))
        found.append(Token(")", ")", span))
    if opened:
        raise FormulaError("a bar has no partner", span=found[opened[-1]].span, source=source,
                           hint="close it, ‖x‖, or write norm(x)")  # fmt: skip
    return found
