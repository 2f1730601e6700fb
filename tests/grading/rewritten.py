"""Formulas over exp, log, tanh, powers and quotients, their derivatives as sympy takes and rewrites them.

``python -m tests.grading.rewritten 3000 1`` judges 3,000 of them, in half an hour.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.grading.files import checked
from tests.test_fuzz import seconds

__all__ = ["Rewritten", "judged", "rewritten"]

#: So many seconds sympy has to rewrite one.
_MOST = 3


class Rewritten(NamedTuple):
    """A formula, a variable, its derivative rewritten, and the exercise's point."""

    formula: str
    variable: str
    answer: str
    at: str


def _grown(dice: random.Random, depth: int, leaves: tuple[Any, ...], sp: Any) -> Any:
    if depth == 0:
        return dice.choice((*leaves, *leaves, sp.Integer(dice.randint(1, 10))))
    a = _grown(dice, depth - 1, leaves, sp)
    c = sp.Integer(dice.randint(2, 10))
    sorts: tuple[Callable[[], Any], ...] = (
        lambda: sp.exp(-a * dice.choice((1, c))),
        lambda: sp.exp(a * dice.choice((1, c, sp.Rational(1, 3)))),
        lambda: sp.log(1 + sp.exp(c * a)),
        lambda: sp.log(c + a**2),
        lambda: sp.tanh(c * a),
        lambda: 1 / (1 + sp.exp(-c * a)),
        lambda: (a + c) ** dice.choice((2, 3, -1, -2, 4)),
        lambda: a * _grown(dice, depth - 1, leaves, sp),
        lambda: a / (c + _grown(dice, depth - 1, leaves, sp) ** 2),
        lambda: a + dice.choice((1, -1)) * _grown(dice, depth - 1, leaves, sp),
    )
    return dice.choice(sorts)()


def rewritten(count: int, seed: int) -> Iterator[Rewritten]:
    """``count`` of them, the same ones every time; none of them long, nor long in the making."""
    import sympy as sp

    x, y = sp.symbols("x y", real=True)
    dice = random.Random(seed)
    found = 0
    while found < count:
        tree = _grown(dice, dice.choice((1, 2, 2)), (x, y), sp)
        if not {x, y} <= tree.free_symbols:
            tree = tree * dice.choice((x, y)) + dice.choice((x, y))
        if not tree.free_symbols:
            continue
        variable = dice.choice(sorted(tree.free_symbols, key=str))
        slope = sp.diff(tree, variable)
        ways = [lambda tree: tree, sp.expand, sp.together, sp.powsimp]
        ways += [sp.factor] if sp.count_ops(slope) < 25 else []
        way = dice.choice(ways)
        try:
            with seconds(_MOST):
                text, answer = (sp.sstr(form).replace("E", "exp(1)") for form in (tree, way(slope)))
        except TimeoutError:
            continue  # sympy is at it for hours now and then
        at = ",".join(
            f"{name}={dice.choice((1, 2, -1, 0.5, 3))}" for name in sorted(map(str, tree.free_symbols))
        )
        if len(answer) < 400:
            found += 1
            yield Rewritten(f"f = {text}".replace("**", "^"), str(variable), answer, at)


def judged(count: int, seed: int) -> Counter[str]:
    """The verdicts on ``count`` of them; AssertionError where a right one is refused, or a thousandth more
    is right."""
    found: Counter[str] = Counter()
    for pair in rewritten(count, seed):
        right = checked(pair.formula, pair.at, gradient={pair.variable: pair.answer}).answers[0]
        near = checked(pair.formula, pair.at, gradient={pair.variable: f"({pair.answer})*1.001 + 0.0001"})
        assert right.verdict in ("right", "undecided"), (pair, right.witness)
        assert near.answers[0].verdict != "right", pair
        found[right.verdict] += 1
    return found


if __name__ == "__main__":
    print(judged(*map(int, sys.argv[1:])))
