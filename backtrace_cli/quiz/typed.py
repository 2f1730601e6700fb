"""What somebody meant by a typed answer: the side of = that counts, and a number with too few digits."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.plain_values import Value
from backtrace_cli.grading.comparing.evidence import evidence
from backtrace_cli.grading.exercise.exercise import read_answer
from backtrace_cli.grading.statement import Statement
from backtrace_cli.mistakes.diagnose import close
from backtrace_cli.readings.cells import Cell

__all__ = ["adds_up", "Meant", "as_typed_is_a_number", "meant", "too_few_digits", "with_upstream"]

#: An = that is no part of ==, <=, >= or !=.
_EQUALS = re.compile(r"(?<![=<>!])=(?!=)")
#: An option of a function: sum(x, axis=0).
_OPTION = re.compile(r"(,\s*\w+\s*)=(?!=)")
#: The page's own sign of assignment behind what is asked for: y ←, dy <-.
_ARROW = re.compile(r"^(\s*[^\W\d][^\s<←=()]*\s*)(?:←|<-)")
_NUMBER = re.compile(r"[-−+]?(\d+\.?\d*|\.\d+)([eE][-−+]?\d+)?")
#: Nearer than this, with decimals, an answer was rounded on the way, or its last digit is off.
_NEAR = 1e-4


class Meant(NamedTuple):
    """The answer in a typed line."""

    text: str
    trouble: str = ""
    """Why the line is no answer: its own sides differ, or it is about another box."""


def meant(statement: Statement, cell: Cell, text: str) -> Meant:
    """What stands after the last = of ``text``, where what stands before it agrees with it.

    >>> statement = Statement("a = x + y; f = a*y", "x=2,y=3")
    >>> meant(statement, Cell("values", None, "a"), "a = 2 + 3 = 5").text
    '5'
    >>> meant(statement, Cell("messages", "f", "y"), "y <- 5").text
    '5'
    >>> meant(statement, Cell("values", None, "a"), "2 + 3 = 6").trouble
    'its two sides are 5 and 6'
    """
    text = with_upstream(statement, cell, text)
    *before, last = (side.strip() for side in _sides(statement, text))
    if not before or not last:
        return Meant(text)
    own = value_of(statement, cell, last)
    for place, side in enumerate(before):
        if place == 0 and _names_it(statement, cell, side):
            continue
        if place == 0 and cell.kind.is_value and statement.graph.find(side) is not None:
            return Meant(text, f"it is about {side}, and {cell.target} is asked for")
        other = value_of(statement, cell, side) if side else None
        if other is not None and own is not None and not close(other, own, 1e-3):
            return Meant(text, f"its two sides are {numeral(other)} and {numeral(own)}")
    return Meant(last)


def _sides(statement: Statement, text: str) -> list[str]:
    """What stands between the signs of equality; the = of ``axis=0`` is none.

    ``y ← 40``, as the page writes it, or ``y <- 40`` with nothing but a name before the arrow, is one too.
    """
    text = _ARROW.sub(r"\1=", text, count=1)
    if statement.arrays:
        text = _OPTION.sub(r"\1\0", text)
    return [side.replace("\0", "=") for side in _EQUALS.split(text)]


#: The upstream gradient as the rules of the boxes call it.
_UPSTREAM = re.compile(r"(?<![\w.])g(?![\w(])")


def with_upstream(statement: Statement, cell: Cell, text: str) -> str:
    """``text`` with dy for g, which is what arrived at the box y, where g is nothing else.

    >>> from backtrace_cli.grading.statement import Statement
    >>> statement = Statement("y = W @ x; L = sum(y)", "W=[[1,2],[3,4]],x=[1,1]")
    >>> with_upstream(statement, Cell("messages", "y", "x"), "W.T @ g")
    'W.T @ dy'
    """
    if not statement.arrays or not cell.kind.is_sent or "g" in statement.names:
        return text
    return _UPSTREAM.sub(f"d{cell.source}", text)


def _names_it(statement: Statement, cell: Cell, side: str) -> bool:
    """Does ``side`` name what is asked for, or nothing that the formula knows?"""
    if not cell.kind.is_value:
        return side.isidentifier() or "/" in side and not _NUMBER.search(side)
    return side == cell.target or (side.isidentifier() and statement.graph.find(side) is None)


def value_of(statement: Statement, cell: Cell, text: str) -> Value | None:
    """The number that ``text`` is at the question's own point; None where it is none."""
    answer = read_answer(statement, cell, text, 1)
    if answer.formula is None:
        return None
    pairs = evidence(statement, answer, 1)
    return pairs[0][1] if pairs and pairs[0][0] is statement.at else None


def as_typed_is_a_number(text: str) -> bool:
    """Is ``text`` a plain number (or a list of them), with nothing in it that says how it was found?

    >>> as_typed_is_a_number("-0.5"), as_typed_is_a_number("18-9"), as_typed_is_a_number("[1, [2]]")
    (True, False, True)
    """
    return all(_NUMBER.fullmatch(one) for one in re.sub(r"[\[\],]", " ", text).split() or [""])


#: A plus or minus between two terms; the sign of a number or of its exponent is none.
_BETWEEN = re.compile(r"(?<![eE])(?<=[\w)\].])\s*[+\-−–]|(?<=[\d.)\]]) +[+\-−–]")


def adds_up(text: str) -> bool:
    """Does ``text`` add or subtract, so that somebody who typed it has thought of more than one term?

    >>> adds_up("18-9"), adds_up("10*4"), adds_up("-2.5e-3"), adds_up("3*-2")
    (True, False, False, False)
    """
    return bool(_BETWEEN.search(text))


def too_few_digits(text: str, found: float, value: float, digits: int) -> str:
    """What to ask for where ``text``, which is ``found``, is ``value`` as far as it goes, or nearly.

    >>> too_few_digits("-0.42", -0.42, -0.4161468, 4)
    'it is right as far as it goes: give 4 digits'
    >>> too_few_digits("-0.13", -0.13, -0.125, 4)
    'it is right as far as it goes: give all its digits'
    >>> too_few_digits("20", 20, 21, 4)
    ''
    """
    if not math.isfinite(value) or not value or not math.isfinite(found):
        return ""
    if found == int(found) and value == int(value):
        return ""  # of whole numbers one is wrong
    lead = math.floor(math.log10(abs(value)))
    if as_typed_is_a_number(text):
        for kept in range(2, digits):
            unit = 10.0 ** (lead - kept + 1)
            rounded = close(found / unit, round(found / unit), 1e-12)
            if rounded and abs(found - value) <= 0.5000001 * unit:
                more = "all its digits" if _short(value, digits) else f"{digits} digits"
                return f"it is right as far as it goes: give {more}"
    gap = abs(found - value)
    if gap > _NEAR * abs(value):
        return ""
    if _short(value, digits):
        return "it is very near, and here the number comes out exactly: round nothing on the way"
    return f"it is very near: a digit is off. Give {digits} digits, and round only at the end"


def _short(value: float, digits: int) -> bool:
    """Does ``value`` have no more digits than are asked for?"""
    return close(value, float(f"{value:.{digits - 1}e}"), 1e-12)
