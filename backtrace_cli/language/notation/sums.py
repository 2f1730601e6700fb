r"""Sums and products with bounds, written out: ``\sum_{i=1}^{3} w_i x_i`` is w_1 x_1 + w_2 x_2 + w_3 x_3."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["written_out"]

#: More than this is not written out.
_MOST = 200_000
_ENDS = frozenset({"end", "close", "}", ";", ",", "=", "&", "row", "endmatrix"})
_VALUES = frozenset({"number", "word", "name", "close", "}", "bar", "endmatrix"})
_COMPARED = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})


class _Head(NamedTuple):
    r"""``\sum_{i=1}^{n}``: its counter, its bounds, and where what it adds begins."""

    counter: str
    low: int
    high: int | None
    upper: Token
    past: int


def written_out(
    lexemes: list[Token], source: str, sizes: Mapping[str, int], bound: Collection[str]
) -> tuple[list[Token], dict[str, Token]]:
    r"""``lexemes`` with every sum and product between known bounds written out, term by term.

    Where the upper bound is a letter without a value, the sum runs over all entries of a vector: its
    bounds are left out, and the letter is returned with the lexeme that names it. ``sizes`` are known
    whole numbers, ``bound`` the names that have values. Raises FormulaError for bounds that can't be read.

    >>> from backtrace_cli.language.latex.latex_lexer import read_lexemes
    >>> source = r"\sum_{i=1}^{2} x_i"
    >>> found, _ = written_out(read_lexemes(source, ()), source, {}, ())
    >>> "".join(each.text for each in found)
    '((x_1)add(x_2))'
    """
    counted: dict[str, Token] = {}
    if not any(each.kind == "command" and each.text in ("sum", "prod") for each in lexemes):
        return lexemes, counted
    found: list[Token] = []
    waiting = lexemes[::-1]  # what is yet to be read, the next one last
    while waiting:
        lexeme = waiting.pop()
        found.append(lexeme)
        if lexeme.kind != "command" or lexeme.text not in ("sum", "prod"):
            continue
        head = _head(waiting, source, sizes, lexeme)
        if head is None:
            continue
        body_end = _body_end(waiting, len(waiting) - head.past)
        body = waiting[body_end : len(waiting) - head.past][::-1]
        whole = head.high is None or _over_arrays(body, head.counter, bound)
        if whole and head.low in (0, 1):
            counted.setdefault(head.upper.text, head.upper)
            subscript = waiting[len(waiting) - head.past : len(waiting)][::-1]
            del waiting[len(waiting) - head.past :]
            waiting += _counter_alone(subscript)[::-1]
            continue
        if head.high is None:
            raise _unknown(lexeme, head, source)
        found.pop()
        del waiting[body_end:]
        terms = _terms(lexeme, head, body, source)
        if len(found) + len(waiting) + len(terms) > _MOST:
            raise FormulaError("this sum is too long to be written out", span=lexeme.span, source=source,
                               hint=r"for all entries of a vector write \sum_i x_i")  # fmt: skip
        if len(terms) == 1 and found and found[-1].kind in _VALUES:
            found.append(
                Token("op", "multiply", lexeme.span)
            )  # an empty sum is a number, which follows no name
        waiting += terms[::-1]
    return found, counted


def _head(waiting: list[Token], source: str, sizes: Mapping[str, int], sign: Token) -> _Head | None:
    r"""The bounds that follow a ``\sum``; None where it has an index alone, or none at all."""

    def at(place: int) -> Token:
        return waiting[-1 - place] if place < len(waiting) else waiting[0]

    if [at(0).kind, at(1).kind, at(2).kind, at(3).kind] != ["_", "{", "word", "="] or len(at(2).text) != 1:
        return None
    low, past = _number(waiting, 4, sizes)
    if low is None or at(past).kind != "}":
        raise FormulaError("a sum begins at a whole number", span=at(4).span, source=source,
                           hint=rf"write \sum_{{{at(2).text}=1}}")  # fmt: skip
    past += 1
    if at(past).kind != "^":
        raise FormulaError("this sum has no upper bound", span=sign.span, source=source,
                           hint=rf"write \sum_{{{at(2).text}={low}}}^{{3}}")  # fmt: skip
    upper = at(past + 1)
    if upper.kind == "{":
        upper = at(past + 2)
        high, end = _number(waiting, past + 2, sizes)
        if high is None:
            end = past + 2
            while at(end).kind not in ("}", "end"):
                end += 1
            single = end == past + 3 and upper.kind in ("word", "name") and len(upper.text) == 1
            if not single:
                raise _unknown(sign, _Head(at(2).text, low, None, upper, 0), source)
        end += 1
    elif upper.kind == "word" and len(upper.text) > 1:  # ^Nx: the bound is N, and the rest a factor
        start, stop = upper.span
        place = len(waiting) - 1 - (past + 1)
        waiting[place : place + 1] = [
            Token("word", upper.text[1:], Span(start + 1, stop)),
            Token("word", upper.text[0], Span(start, start + 1)),
        ]
        upper, end = waiting[place + 1], past + 2
        high = sizes.get(upper.text)
    else:
        high, end = _number(waiting, past + 1, sizes)
        end = past + 2
        if high is None and upper.kind not in ("word", "name"):
            raise _unknown(sign, _Head(at(2).text, low, None, upper, 0), source)
    return _Head(at(2).text, low, high, upper, end)


def _unknown(sign: Token, head: _Head, source: str) -> FormulaError:
    shown = source[slice(*head.upper.span)]
    hint = f"write a number, or give --at {shown}=3" if shown.isalpha() else "write a number"
    return FormulaError("this sum can't be written out, as its bounds are not known", span=sign.span,
                        also=head.upper.span, source=source, hint=hint)  # fmt: skip


def _number(waiting: list[Token], start: int, sizes: Mapping[str, int]) -> tuple[int | None, int]:
    """The whole number that begins ``start`` lexemes on, and the place behind it: 3, n, n-1, 2+1."""
    total, sign, place = 0, 1, start
    while place < len(waiting):
        lexeme = waiting[-1 - place]
        if lexeme.kind == "minus" and place == start:
            sign, place = -1, place + 1
            continue
        if lexeme.kind == "number" and lexeme.text.isdecimal():
            total += sign * int(lexeme.text[:9])
        elif lexeme.kind in ("word", "name") and lexeme.text in sizes:
            total += sign * sizes[lexeme.text]
        else:
            return None, place
        following = waiting[-2 - place] if place + 1 < len(waiting) else lexeme
        if following.kind not in ("plus", "minus"):
            return total, place + 1
        sign, place = (1 if following.kind == "plus" else -1), place + 2
    return None, place


def _body_end(waiting: list[Token], start: int) -> int:
    """Down to which place of ``waiting`` what is summed goes: up to the next + or − outside brackets."""
    depth, place, before = 0, start - 1, ""
    while place >= 0:
        lexeme = waiting[place]
        kind = lexeme.kind
        if (
            kind == "end"
            or depth == 0
            and (
                kind in _ENDS
                or (
                    before in _VALUES
                    and (kind in ("plus", "minus") or (kind == "op" and lexeme.text in _COMPARED))
                )
            )
        ):
            return place + 1
        depth += _deeper(kind)
        before, place = kind, place - 1
    return 0


def _deeper(kind: str) -> int:
    return int(kind in ("open", "{", "matrix")) - int(kind in ("close", "}", "endmatrix"))


def _over_arrays(body: list[Token], counter: str, bound: Collection[str]) -> bool:
    """Is anything that the sum counts through given as a whole, as an array?"""
    for at, lexeme in enumerate(body[:-1]):
        if body[at + 1].kind == "_" and lexeme.kind in ("word", "name"):
            counts = any(each.kind == "word" and counter in each.text for each in body[at + 2 : at + 4])
            if counts and (lexeme.text in bound or lexeme.text[-1] in bound):
                return True
    return False


def _counter_alone(subscript: list[Token]) -> list[Token]:
    """``_{i=1}^{N}`` as ``_{i}``."""
    return [subscript[0], subscript[1], subscript[2], Token("}", "}", subscript[2].span)]


def _terms(sign: Token, head: _Head, body: list[Token], source: str) -> list[Token]:
    """The terms of the sum, each in brackets, joined by + or ·, and brackets round the whole."""
    first, last = sign.span, body[-1].span if body else sign.span
    if not body:
        raise FormulaError("there is nothing to add up behind this sum", span=first, source=source,
                           hint="write what it adds behind it")  # fmt: skip
    assert head.high is not None
    values = range(head.low, head.high + 1)
    if not values and sum([_deeper(lexeme.kind) for lexeme in body]) != 0:
        values = range(1)  # written once, for the complaint about its brackets
    if not values:
        empty = Token("number", "0" if sign.text == "sum" else "1", first)
        return [empty]
    if len(values) * len(body) > _MOST:
        raise FormulaError("this sum is too long to be written out", span=first, source=source,
                           hint=r"for all entries of a vector write \sum_i x_i")  # fmt: skip
    join = Token("plus", "add", first) if sign.text == "sum" else Token("op", "multiply", first)
    terms = [Token("open", "(", first)]
    for value in values:
        if value > values[0]:
            terms.append(join)
        terms.append(Token("open", "(", body[0].span))
        terms += _with_value(body, head.counter, value)
        terms.append(Token("close", ")", last))
    return [*terms, Token("close", ")", last)]


def _with_value(body: list[Token], counter: str, value: int) -> list[Token]:
    """``body`` with the number for the counter: in subscripts x_i, as a factor i, as a power 2^i."""
    found: list[Token] = []
    lowered = 0  # how many braces are open inside a subscript
    for lexeme in body:
        before = found[-1].kind if found else ""
        if lowered or (before == "_" and lexeme.kind == "{"):
            lowered += (lexeme.kind == "{") - (lexeme.kind == "}")
            if not lowered:
                _fold(found)
        inside = bool(lowered) or before == "_"
        if lexeme.kind != "word" or counter not in lexeme.text:
            found.append(lexeme)
            continue
        for offset, letter in enumerate(lexeme.text):
            place = lexeme.span.start + offset
            span = Span(place, place + 1)
            if letter != counter:
                found.append(Token("word", letter, span))
            elif inside:
                found += _lowered(found, value, span)
                inside = bool(lowered)
            else:
                found += _factor(found, value, span)
    return found


def _fold(found: list[Token]) -> None:
    """``{3-1`` at the end of ``found`` as ``{2``: the index of x_{i-1} is worked out."""
    last = found[-3:]
    if [each.kind for each in last] in (["number", "minus", "number"], ["number", "plus", "number"]):
        sign = -1 if last[1].kind == "minus" else 1
        value = int(last[0].text) + sign * int(last[2].text)
        if value >= 0:
            found[-3:] = [last[0]._replace(text=str(value), span=Span(last[0].span.start, last[2].span.end))]


def _lowered(found: list[Token], value: int, span: Span) -> list[Token]:
    """The number in a subscript; braces where a lone one has several digits, a comma beside another."""
    number = Token("number", str(value), span)
    if found[-1].kind == "_" and value > 9:
        return [Token("{", "{", span), number, Token("}", "}", span)]
    if found[-1].kind == "number" and (value > 9 or len(found[-1].text) > 1):
        return [Token(",", ",", span), number]
    return [number]


def _factor(found: list[Token], value: int, span: Span) -> list[Token]:
    number = [Token("number", str(value), span)] if value >= 0 else [
        Token("open", "(", span), Token("minus", "subtract", span), Token("number", str(-value), span),
        Token("close", ")", span),
    ]  # fmt: skip
    before = found[-1].kind if found else ""
    if before == "^" and (value > 9 or value < 0):
        return [Token("{", "{", span), *number, Token("}", "}", span)]
    return (
        [Token("op", "multiply", span), *number] if before in ("number", "word", "name", "close") else number
    )
