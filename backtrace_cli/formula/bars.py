"""Which bars of ``|x|`` open and which close: settled before parsing, or refused."""

from __future__ import annotations

from backtrace_cli.errors import FormulaError, Span
from backtrace_cli.formula.lexer import Token

__all__ = ["ENDS_OPERAND", "OPENS_OPERAND", "resolve_bars"]

#: Token kinds with which a value can begin.
OPENS_OPERAND = frozenset({"number", "name", "(", "root", "|("})
#: Token kinds with which a value can end.
ENDS_OPERAND = frozenset({"number", "name", ")", "]", "|)", ".T", "'", "!"})
_MOST_BARS = 200


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
    first, last = tokens[bars[0]].span, tokens[bars[-1]].span
    if len(bars) > _MOST_BARS:
        raise FormulaError(
            "too many bars to pair",
            span=first, source=source, hint="write abs(…) instead",
        )  # fmt: skip
    # state: (open bars, does a value stand just before?) -> up to two readings
    states: dict[tuple[int, bool], list[str]] = {(0, False): [""]}
    for index in group:
        kind = tokens[index].kind
        following: dict[tuple[int, bool], list[str]] = {}
        for (depth, after), readings in states.items():
            if kind != "|":
                moves = [(depth, kind in ENDS_OPERAND, "")]
            else:
                moves = [(depth + 1, False, "(")]
                if after and depth:
                    moves.append((depth - 1, True, ")"))
            for next_depth, next_after, mark in moves:
                slot = following.setdefault((next_depth, next_after), [])
                slot += [reading + mark for reading in readings][: 2 - len(slot)]
        states = following
    whole = [reading for (depth, _), found in states.items() if depth == 0 for reading in found]
    if not whole:
        for left, right in zip(bars, bars[1:], strict=False):
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
    if len(whole) > 1:
        raise FormulaError(
            "these bars can be paired in more than one way",
            span=Span(first.start, last.end), source=source, hint="write abs(…) for each",
        )  # fmt: skip
    for index, mark in zip(bars, whole[0], strict=True):
        tokens[index] = tokens[index]._replace(kind="|" + mark)
