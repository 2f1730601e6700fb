"""Which bars of ``|x|`` open and which close: settled before parsing, or refused."""

from __future__ import annotations

from itertools import pairwise

from backtrace_cli.base.caret import Span
from backtrace_cli.base.errors import FormulaError
from backtrace_cli.language.tokens.lexer import Token

__all__ = ["ENDS_OPERAND", "OPENS_OPERAND", "resolve_bars"]

#: Token kinds with which a value can begin.
OPENS_OPERAND = frozenset({"number", "name", "(", "root", "|("})
#: Token kinds with which a value can end.
ENDS_OPERAND = frozenset({"number", "name", ")", "]", "|)", ".T", "'", "!"})
#: What may follow a bar that opens behind a value, as in 2|-x|; a plus there is a sum.
_BEFORE_VALUE = OPENS_OPERAND | {"[", "|", "minus"}
_MOST_STATES = 400


def resolve_bars(tokens: list[Token], source: str) -> list[Token]:
    """``tokens`` with every ``|`` turned into ``|(`` or ``|)``.

    A bar may open or close; within one pair of brackets, between commas, all
    readings are counted. Raises FormulaError where there is none or more than one.
    """
    places = [index for index, token in enumerate(tokens) if token.kind == "|"]
    if not places:
        return tokens
    resolved = list(tokens)
    for group in _groups(tokens):
        bars = [index for index in group if tokens[index].kind == "|"]
        if bars:
            _resolve_group(resolved, group, bars, source)
    return resolved


def _groups(tokens: list[Token]) -> list[list[int]]:
    """Token indices grouped by innermost bracket and comma, brackets standing for what they hold."""
    groups: list[list[int]] = []
    stack: list[list[int]] = [[]]
    for index, token in enumerate(tokens):
        if token.kind in ("(", "["):
            stack[-1].append(index)
            stack.append([])
        elif token.kind in (")", "]"):
            if len(stack) > 1:
                groups.append(stack.pop())
            stack[-1].append(index)
        elif token.kind in (",", ";", "="):
            groups.append(stack[-1])
            stack[-1] = []
        else:
            stack[-1].append(index)
    return groups + stack


def _resolve_group(tokens: list[Token], group: list[int], bars: list[int], source: str) -> None:
    """Settle the bars of one group in place, by counting the ways they can pair."""
    readings = _readings(tokens, group)
    first, last = tokens[bars[0]].span, tokens[bars[-1]].span
    if readings is None:
        raise FormulaError(
            "too many bars to pair",
            span=first, source=source, hint="write abs(…) instead",
        )  # fmt: skip
    if not readings:
        for left, right in pairwise(bars):
            if right == left + 1 and len(bars) % 2 == 0:
                raise FormulaError(
                    "there is nothing between these bars",
                    span=tokens[left].span, also=tokens[right].span, source=source,
                    hint="put a value between them, |x|; for “or” write max(x < 0, x > 1)",
                )  # fmt: skip
        raise FormulaError(
            "a bar has no partner",
            span=first if len(bars) == 1 else last, source=source,
            hint="close it, |x|, or write abs(x)",
        )  # fmt: skip
    if len(readings) > 1:
        raise FormulaError(
            "these bars can be paired in more than one way",
            span=Span(first.start, last.end), source=source, hint="write abs(…) for each",
        )  # fmt: skip
    marks = readings[0]
    for index in reversed(bars):
        assert marks is not None
        tokens[index] = tokens[index]._replace(kind="|" + marks[0])
        marks = marks[1]


#: The marks of one reading, the last one first.
_Marks = tuple[str, "_Marks"] | None


def _readings(tokens: list[Token], group: list[int]) -> list[_Marks] | None:
    """The readings of a group's bars, two at most; None where there are too many to follow."""
    # state: (open bars, does a value stand just before?) -> up to two readings
    states: dict[tuple[int, bool], list[_Marks]] = {(0, False): [None]}
    left = sum(tokens[index].kind == "|" for index in group)
    for index, following in pairwise([*group, None]):
        kind = "" if index is None else tokens[index].kind
        found: dict[tuple[int, bool], list[_Marks]] = {}
        if kind != "|":
            for (depth, _), marks in states.items():
                slot = found.setdefault((depth, kind in ENDS_OPERAND), [])
                slot += marks[: 2 - len(slot)]
            states = found
            continue
        opens = following is not None and tokens[following].kind in _BEFORE_VALUE
        for (depth, after), marks in states.items():
            moves = [(depth + 1, False, "(")] if (opens or not after) and depth < left else []
            if after and depth:
                moves.append((depth - 1, True, ")"))
            for next_depth, next_after, mark in moves:
                slot = found.setdefault((next_depth, next_after), [])
                slot += [(mark, each) for each in marks][: 2 - len(slot)]
        if len(found) > _MOST_STATES:
            return None
        states = found
        left -= 1
    return [each for (depth, _), marks in states.items() if depth == 0 for each in marks]
