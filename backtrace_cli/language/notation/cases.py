r"""``\begin{cases} a & x > 0 \\ b & \text{otherwise} \end{cases}`` as where(x > 0, a, b)."""

from __future__ import annotations

from typing import NoReturn

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["choices_written"]

#: What a condition says of two values, and what it says where it fails.
_FAILS = {
    "less": "greater_equal", "greater_equal": "less", "greater": "less_equal", "less_equal": "greater",
    "equal": "not_equal", "not_equal": "equal",
}  # fmt: skip
_TURNED = {"less": "greater", "greater": "less", "less_equal": "greater_equal", "greater_equal": "less_equal"}


def choices_written(lexemes: list[Token], source: str) -> list[Token]:
    r"""``lexemes`` with each ``cases`` environment as a call of where.

    Raises FormulaError where a row has no condition, or the last one leaves something open.

    >>> from backtrace_cli.language.latex.latex_lexer import read_lexemes
    >>> source = r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}"
    >>> "".join(each.text for each in choices_written(read_lexemes(source, ()), source))
    'where((xgreater0),(x),(0))'
    """
    if not any(each.kind == "cases" for each in lexemes):
        return lexemes
    found: list[Token] = []
    opened: Token | None = None
    rows: list[list[Token]] = []
    for lexeme in lexemes:
        if lexeme.kind == "cases" and opened is None:
            opened, rows = lexeme, [[]]
        elif lexeme.kind == "cases":
            _fail("cases can't stand inside cases here", lexeme.span, source, "write where(condition, a, b)")
        elif opened is None:
            found.append(lexeme)
        elif lexeme.kind == "endcases":
            found += _where(opened, [row for row in rows if row], source)
            opened = None
        elif lexeme.kind == "end":
            _fail("this \\begin{cases} is never closed", opened.span, source, r"close it with \end{cases}")
        elif lexeme.kind == "row":
            rows.append([])
        else:
            rows[-1].append(lexeme)
    return found


def _where(opened: Token, rows: list[list[Token]], source: str) -> list[Token]:
    parts = [_row(row, source) for row in rows]
    if not parts:
        _fail(
            "there is nothing in these cases", opened.span, source, r"write x & x > 0 \\ 0 & \text{otherwise}"
        )
    found: list[Token] = []
    for number, (value, condition) in enumerate(parts):
        last = number == len(parts) - 1
        if last and (not condition or (number and _complete(parts[-2][1], condition))):
            found += _bracketed(value)
            break
        if not condition:
            _fail(
                "a case that is not the last has a condition",
                value[0].span,
                source,
                "write & x > 0 behind it",
            )
        if last:
            _fail("these cases leave open what else there is", condition[0].span, source,
                  r"end them with a row & \text{otherwise}")  # fmt: skip
        span = value[0].span
        found += [Token("function", "where", span), Token("open", "(", span), *_bracketed(condition),
                  Token(",", ",", span), *_bracketed(value), Token(",", ",", span)]  # fmt: skip
    closing = rows[-1][-1].span
    return found + [Token("close", ")", closing)] * (len(parts) - 1)


def _row(row: list[Token], source: str) -> tuple[list[Token], list[Token]]:
    """The value and the condition of a row, without the commas that end them; no condition for otherwise."""
    at = next((index for index, each in enumerate(row) if each.kind == "&"), len(row))
    value, condition = row[:at], row[at + 1 :]
    for part in (value, condition):
        while part and part[-1].kind in (",", ";"):
            part.pop()
        if part and part[-1].text.endswith("."):  # the full stop of the sentence
            part[-1] = part[-1]._replace(text=part[-1].text[:-1])
    if not value:
        _fail("a value is missing in this case", row[0].span, source, "write 0 where there is nothing")
    if any(each.kind == "otherwise" for each in condition):
        condition = []
    equal = [each._replace(kind="op", text="equal") if each.kind == "=" else each for each in condition]
    return value, equal


def _complete(first: list[Token], second: list[Token]) -> bool:
    """Does one of two conditions hold wherever the other fails, as x ≥ 0 does where x < 0 fails?"""
    one, other = _parts(first), _parts(second)
    if one is None or other is None:
        return False
    left, sign, right = other
    turned = (right, _TURNED.get(sign, sign), left)
    return (one[0], _FAILS[one[1]], one[2]) in (other, turned)


def _parts(condition: list[Token]) -> tuple[str, str, str] | None:
    signs = [index for index, each in enumerate(condition) if each.kind == "op" and each.text in _FAILS]
    if len(signs) != 1:
        return None
    left, right = condition[: signs[0]], condition[signs[0] + 1 :]
    return "".join(each.text for each in left), condition[signs[0]].text, "".join(each.text for each in right)


def _bracketed(part: list[Token]) -> list[Token]:
    return [Token("open", "(", part[0].span), *part, Token("close", ")", part[-1].span)]


def _fail(message: str, span: Span, source: str, hint: str) -> NoReturn:
    raise FormulaError(message, span=span, source=source, hint=hint)
