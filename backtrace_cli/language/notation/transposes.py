"""Transposes as lectures write them, ``w^T x`` where T is no variable, ``δ xᵀ``, and their products."""

from __future__ import annotations

from collections.abc import Collection

from backtrace_cli.base.caret import Span
from backtrace_cli.language.tokens.bars import ENDS_OPERAND, OPENS_OPERAND
from backtrace_cli.language.tokens.lexer import Token
from backtrace_cli.language.tree.syntax import Reading

__all__ = ["transposes_written"]


def transposes_written(
    tokens: list[Token], source: str, functions: Collection[str], bound: Collection[str]
) -> tuple[list[Token], list[Reading]]:
    """``tokens`` with ``.T`` for each transpose, and ``@`` where one stands beside another factor.

    >>> from backtrace_cli.language.tokens.lexer import tokenize
    >>> found, _ = transposes_written(tokenize("w^T x"), "w^T x", (), ())
    >>> [token.text for token in found][:4]
    ['(', 'w', 'ᵀ', 'matmul']
    """
    readings: list[Reading] = []
    raised = [at for at in range(1, len(tokens) - 2) if _raised_t(tokens, at)]
    free = "T" not in bound and sum(token.text == "T" for token in tokens) == len(raised)
    if raised and free and not any(_number(tokens, at - 1) for at in raised):
        places = set(raised)
        kept: list[Token] = []
        for at, token in enumerate(tokens):
            if at in places:
                kept.append(Token(".T", "ᵀ", Span(token.span.start, tokens[at + 1].span.end)))
            elif at - 1 not in places:
                kept.append(token)
        tokens = kept
        readings.append(Reading("^T is read as the transpose, as T has no value", tokens[0].span))
    tokens = [_primed(tokens, at, token, readings) for at, token in enumerate(tokens)]
    if any(
        _beside(tokens, at) for at, token in enumerate(tokens) if token.kind == ".T" and token.text == "ᵀ"
    ):
        from backtrace_cli.language.notation.products import matrix_products

        tokens = matrix_products(tokens, source, functions, {}, ())
    return tokens, readings


def _raised_t(tokens: list[Token], at: int) -> bool:
    sign, name, before = tokens[at], tokens[at + 1], tokens[at - 1]
    power = sign.kind == "op" and sign.text == "power"
    return power and (name.kind, name.text) == ("name", "T") and before.kind in ENDS_OPERAND


def _number(tokens: list[Token], at: int) -> bool:
    """Is what ends at ``at`` surely a number: a literal, e, or a bracket that holds a literal?"""
    if tokens[at].kind != ")":
        return tokens[at].kind == "number" or tokens[at].text == "e"
    depth = 0
    for place in range(at, -1, -1):
        kind = tokens[place].kind
        depth += (kind == ")") - (kind == "(")
        if kind == "number":
            return True
        if not depth:
            break
    return False


def _primed(tokens: list[Token], at: int, token: Token, readings: list[Reading]) -> Token:
    """``A'`` behind a capital letter is its transpose; behind any other name the parser asks."""
    before = tokens[at - 1]
    capital = at > 0 and before.kind == "name" and len(before.text) == 1 and before.text.isupper()
    if token.kind != "'" or not capital or before.span.end != token.span.start:
        return token
    message = f"{before.text}' is read as the transpose, {before.text}.T"
    if all(reading.message != message for reading in readings):
        readings.append(Reading(message, Span(before.span.start, token.span.end)))
    return Token(".T", "ᵀ", token.span)


def _beside(tokens: list[Token], at: int) -> bool:
    """Does another factor stand directly before or behind the transposed value?"""
    if tokens[at + 1].kind in OPENS_OPERAND:
        return True
    start = at - 1
    if tokens[start].kind in (")", "]"):
        depth = 0
        while start >= 0:
            depth += (tokens[start].kind in (")", "]")) - (tokens[start].kind in ("(", "["))
            if not depth:
                break
            start -= 1
    call = tokens[start].kind == "(" and tokens[start - 1].kind == "name"
    return start > 0 and tokens[start - 1].kind in ENDS_OPERAND and tokens[start].kind != "[" and not call
