"""Pairs of expressions of which mpmath knows whether they are equal: rewritten ones, and near misses.

An expression is a tuple (op, arguments…), a name or a whole number. Its value here is the
math module's at many points and mpmath's, with 32 digits, at some; it never meets the engine.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath

__all__ = ["Pair", "pairs"]

Tree = Any
mp = mpmath.mp.clone()
mp.dps = 32

#: The functions, over floats and over mpmath's numbers.
_FLOAT: dict[str, Callable[..., Any]] = {
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos,
    "tanh": math.tanh, "abs": abs, "sigmoid": lambda a: 1 / (1 + math.exp(-a)), "relu": lambda a: max(a, 0.0),
    "number": float,
}  # fmt: skip
_EXACT: dict[str, Callable[..., Any]] = {
    "sqrt": mp.sqrt, "exp": mp.exp, "log": mp.log, "sin": mp.sin, "cos": mp.cos, "tanh": mp.tanh,
    "abs": abs, "sigmoid": lambda a: 1 / (1 + mp.exp(-a)), "relu": lambda a: max(a, mp.mpf(0)),
    "number": mp.mpf,
}  # fmt: skip
_INFIX = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}


class Pair(NamedTuple):
    """A formula, an answer, the exercise's point, and whether the two are equal."""

    formula: str
    answer: str
    at: dict[str, Any]
    equal: bool
    why: str
    """Which rewriting or which slip made the answer."""


class _Undefined(Exception):
    pass


def written(tree: Tree) -> str:
    """The expression in the formula language, with brackets round everything."""
    if not isinstance(tree, tuple):
        return str(tree) if not isinstance(tree, int) or tree >= 0 else f"({tree})"
    op, *args = tree
    if op in _INFIX:
        return f"({written(args[0])} {op} {written(args[1])})"
    if op == "neg":
        return f"(-{written(args[0])})"
    return f"{op}({', '.join(map(written, args))})"


def value(tree: Tree, at: dict[str, Any], functions: dict[str, Callable[..., Any]]) -> tuple[Any, Any]:
    """The value, and the largest one on the way. Raises _Undefined where there is no real one."""
    if not isinstance(tree, tuple):
        found = at[tree] if tree in at else functions["number"](tree)
        return found, abs(found)
    op, *rest = tree
    args, sizes = zip(*(value(arg, at, functions) for arg in rest), strict=True)
    try:
        found = _apply(op, args, functions)
    except (ZeroDivisionError, ValueError, OverflowError):
        raise _Undefined from None
    if not abs(found) < 1e300:
        raise _Undefined
    return found, max(abs(found), *sizes)


def _apply(op: str, args: tuple[Any, ...], functions: dict[str, Callable[..., Any]]) -> Any:
    if op == "+":
        return args[0] + args[1]
    if op == "-":
        return args[0] - args[1]
    if op == "*":
        return args[0] * args[1]
    if op == "/":
        return args[0] / args[1]
    if op == "neg":
        return -args[0]
    if op == "^" and args[1] == int(args[1]):
        return args[0] ** int(args[1])
    if (op in ("sqrt", "^") and args[0] < 0) or (op == "log" and args[0] <= 0):
        raise _Undefined
    return args[0] ** args[1] if op == "^" else functions[op](*args)


# -- growing -------------------------------------------------------------------------


def _grow(dice: random.Random, depth: int) -> Tree:
    if depth == 0 or dice.random() < 0.1:
        return dice.choice(("x", "y", "x", "y", dice.randint(1, 5)))
    sort = dice.random()
    if sort < 0.6:
        return (dice.choice("++-**/"), _grow(dice, depth - 1), _grow(dice, dice.randint(0, depth - 1)))
    if sort < 0.75:
        return ("^", _grow(dice, depth - 1), dice.choice((2, 2, 3, -1)))
    if sort < 0.8:
        return ("neg", _grow(dice, depth - 1))
    inner = _grow(dice, depth - 1)
    name = dice.choice(("exp", "sin", "cos", "tanh", "sigmoid", "sqrt", "log", "abs", "relu"))
    return (name, ("/", inner, 3) if name == "exp" else inner)


#: Rewritings: equal wherever both sides have a value.
_EQUAL: dict[str, Callable[[Tree, Tree], Tree]] = {
    "commuted": lambda a, b: None,
    "added and taken away": lambda a, b: ("-", ("+", a, b), b),
    "times and divided": lambda a, b: ("/", ("*", a, b), b),
    "twice negated": lambda a, b: ("neg", ("neg", a)),
    "halves": lambda a, b: ("+", ("/", a, 2), ("/", a, 2)),
    "a hole in the domain": lambda a, b: ("+", a, ("*", 0, ("log", b))),
    "one as a quotient": lambda a, b: ("*", a, ("/", b, b)),
    "one as sin² + cos²": lambda a, b: ("*", a, ("+", ("^", ("sin", b), 2), ("^", ("cos", b), 2))),
    "square of a root": lambda a, b: ("^", ("sqrt", a), 2),
    "log of exp": lambda a, b: ("log", ("exp", a)),
    "exp of log": lambda a, b: ("exp", ("log", a)),
    "turned round twice": lambda a, b: ("/", 1, ("/", 1, a)),
    "relu split": lambda a, b: ("-", ("relu", a), ("relu", ("neg", a))),
}

#: Slips: (name, what becomes of a subexpression).
_SLIPS: dict[str, Callable[[Tree, Tree], Tree]] = {
    "+1": lambda a, b: ("+", a, 1),
    "-1": lambda a, b: ("-", a, 1),
    "+y": lambda a, b: ("+", a, "y"),
    "-y": lambda a, b: ("-", a, "y"),
    "sign": lambda a, b: ("neg", a),
    "twice": lambda a, b: ("*", 2, a),
    "a thousandth more": lambda a, b: ("*", a, "1.001"),
    "a thousandth added": lambda a, b: ("+", a, "0.001"),
    "another term": lambda a, b: ("+", a, ("*", "x", "y")),
    "squared": lambda a, b: ("^", a, 2),
    "absolute": lambda a, b: ("abs", a),
    "cut off at 0": lambda a, b: ("relu", a),
    "variables exchanged": lambda a, b: _exchanged(a),
    "x^2y for 2xy": lambda a, b: ("*", ("^", "x", 2), "y"),
    "left out": lambda a, b: b,
}


def _identities(a: Tree) -> list[tuple[str, Tree]]:
    """Rewritings of one expression by its own operation."""
    if not isinstance(a, tuple):
        return []
    op, *args = a
    found: list[tuple[str, Tree]] = []
    if op in "+*" and len(op) == 1:
        found.append(("commuted", (op, args[1], args[0])))
    if op == "-":
        found.append(("order turned with the sign", ("neg", ("-", args[1], args[0]))))
        found.append(("minus as plus", ("+", args[0], ("*", -1, args[1]))))
    if op == "*" and isinstance(args[0], tuple) and args[0][0] in "+-":
        sign, left, right = args[0]
        found.append(("multiplied out", (sign, ("*", left, args[1]), ("*", right, args[1]))))
    if op == "/":
        found.append(("quotient as power", ("*", args[0], ("^", args[1], -1))))
    if op == "^" and args[1] == 2:
        found.append(("square as product", ("*", args[0], args[0])))
    if op == "^" and args[1] == 3:
        found.append(("cube as product", ("*", ("^", args[0], 2), args[0])))
    if op == "sigmoid":
        found.append(("σ by exp", ("/", 1, ("+", 1, ("exp", ("neg", args[0]))))))
        found.append(("σ mirrored", ("-", 1, ("sigmoid", ("neg", args[0])))))
    if op == "tanh":
        found.append(("tanh by σ", ("-", ("*", 2, ("sigmoid", ("*", 2, args[0]))), 1)))
    if op == "abs":
        found.append(("abs by a root", ("sqrt", ("^", args[0], 2))))
    if op == "relu":
        found.append(("relu by abs", ("/", ("+", args[0], ("abs", args[0])), 2)))
    if op == "sqrt":
        found.append(("root as power", ("^", args[0], "0.5")))
    if op == "cos":
        found.append(("half angle", ("-", 1, ("*", 2, ("^", ("sin", ("/", args[0], 2)), 2)))))
    return found


def _exchanged(tree: Tree) -> Tree:
    if isinstance(tree, tuple):
        return (tree[0], *map(_exchanged, tree[1:]))
    return {"x": "y", "y": "x"}.get(tree, tree)


def _places(tree: Tree) -> list[tuple[int, ...]]:
    """The paths to all subexpressions; an exponent is left as it is."""
    found: list[tuple[int, ...]] = [()]
    if isinstance(tree, tuple):
        for index, arg in enumerate(tree[1:], 1):
            if not (tree[0] == "^" and index == 2):
                found += [(index, *path) for path in _places(arg)]
    return found


def _at(tree: Tree, path: tuple[int, ...]) -> Tree:
    for index in path:
        tree = tree[index]
    return tree


def _put(tree: Tree, path: tuple[int, ...], new: Tree) -> Tree:
    if not path:
        return new
    return (*tree[: path[0]], _put(tree[path[0]], path[1:], new), *tree[path[0] + 1 :])


def _changed(dice: random.Random, tree: Tree, slip: bool) -> tuple[str, Tree] | None:
    path = dice.choice(_places(tree))
    here = _at(tree, path)
    other = dice.choice(("x", "y", ("+", "x", 2), ("*", "x", "y")))
    table = _SLIPS if slip else _EQUAL
    options = [(name, make(here, other)) for name, make in table.items()]
    chosen = [(name, new) for name, new in options if new is not None]
    if not slip and (own := _identities(here)) and dice.random() < 0.7:
        chosen = own
    name, new = dice.choice(chosen)
    return name, _put(tree, path, new)


# -- the truth ------------------------------------------------------------------------


def _really(left: Tree, right: Tree, at: dict[str, float], dice: random.Random) -> bool | None:
    """Are the two equal wherever both have a value? None where that can't be told for certain, or the
    formula has no value at the exercise's own point; there an answer without a value is no answer."""
    try:
        value(left, at, _FLOAT)
    except _Undefined:
        return None
    try:
        value(right, at, _FLOAT)
    except _Undefined:
        return False
    agreed = sure = 0
    for _ in range(80):
        point = {name: _coordinate(dice, own) for name, own in at.items()}
        same = _same(left, right, point, _FLOAT, 1e-10)
        if same and sure < 4:
            exact = {name: mp.mpf(number) for name, number in point.items()}
            same = _same(left, right, exact, _EXACT, mp.mpf(10) ** -25)
            sure += 1
        if same is None:
            continue
        if not same:
            exact = {name: mp.mpf(number) for name, number in point.items()}
            return False if _same(left, right, exact, _EXACT, mp.mpf(10) ** -5) is False else None
        agreed += 1
    here = _same(left, right, at, _FLOAT, 1e-10)  # 0/0, as √2² is not quite 2, is nobody's business
    return True if agreed >= 12 and here else None


def _same(
    left: Tree, right: Tree, at: dict[str, Any], functions: dict[str, Callable[..., Any]], tolerance: Any
) -> bool | None:
    """Do the two agree at a point, on the scale of what they are made from? None where one has no value."""
    try:
        (a, large), (b, larger) = value(left, at, functions), value(right, at, functions)
    except _Undefined:
        return None
    return bool(abs(a - b) <= tolerance * max(large, larger))


def _coordinate(dice: random.Random, own: float) -> float:
    sort = dice.random()
    if sort < 0.6:
        return dice.uniform(-15, 15) if sort < 0.35 else dice.uniform(-4, 4)
    if sort < 0.85:
        return dice.uniform(0.1, 3) if sort < 0.75 else dice.uniform(-1, 1)
    return own + dice.uniform(-0.5, 0.5)


def pairs(count: int, seed: int = 5) -> list[Pair]:
    """``count`` pairs, about half of them equal, the same ones every time."""
    dice = random.Random(seed)
    found: list[Pair] = []
    while len(found) < count:
        tree = _grow(dice, dice.choice((1, 2, 2, 3)))
        names = {name for name in "xy" if name in written(tree).replace("exp", "").replace("max", "")}
        if names != {"x", "y"}:
            continue
        at = {name: dice.choice((2.0, 3.0, -1.0, 0.5, 1.0, 4.0, -2.0)) for name in "xy"}
        slip = dice.random() < 0.5
        answer, why = tree, []
        for _ in range(1 if slip else dice.choice((1, 2, 3))):
            changed = _changed(dice, answer, slip)
            if changed is not None:
                why.append(changed[0])
                answer = changed[1]
        equal = _really(tree, answer, at, dice)
        if equal is not None and answer != tree and len(written(answer)) < 400:
            found.append(Pair(written(tree), written(answer), at, equal, ", ".join(why)))
    return found
