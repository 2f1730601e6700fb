"""Pairs of array expressions of which NumPy knows whether they are equal: rewritten ones, and near misses.

An expression is a tuple (op, arguments…), a name or a number. Its value here is plain NumPy's in extended
precision, at many points, near and far; it never meets the engine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.grading.pairs import Pair

__all__ = ["Pair", "pairs"]

Tree = Any
#: The variables: two of each shape, so that one can be taken for the other.
SHAPES: dict[str, tuple[int, ...]] = {
    "A": (2, 3), "C": (2, 3), "B": (3, 2), "S": (2, 2), "R": (2, 2), "x": (3,), "z": (3,), "u": (2,),
    "v": (2,), "c": (), "k": (),
}  # fmt: skip
_LONG = np.longdouble
_ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin, "tanh": np.tanh, "exp": np.exp, "abs": np.abs, "relu": lambda a: np.maximum(a, 0),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)), "softmax": lambda a: _softmax(a),
    "sqrt": np.sqrt, "square": np.square,
}  # fmt: skip
_INFIX: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "@": np.matmul,
}  # fmt: skip


def _softmax(a: Any) -> Any:
    shifted = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return shifted / np.sum(shifted, axis=-1, keepdims=True)


def written(tree: Tree) -> str:
    """The expression in the formula language, with brackets round everything."""
    if not isinstance(tree, tuple):
        return str(tree) if not isinstance(tree, int) or tree >= 0 else f"({tree})"
    op, *args = tree
    if op in _INFIX:
        return f"({written(args[0])} {op} {written(args[1])})"
    if op == "neg":
        return f"(-{written(args[0])})"
    if op == "T":
        return f"{written(args[0])}.T" if isinstance(args[0], str) else f"({written(args[0])}).T"
    if op in ("sum", "mean", "max"):
        axis = "" if args[1] is None else f", axis={args[1]}"
        return f"{op}({written(args[0])}{axis})"
    if op == "at":
        return f"({written(args[0])})[{', '.join(map(str, args[1:]))}]"
    if op == "list":
        return f"[{', '.join(map(written, args))}]"
    return f"{op}({', '.join(map(written, args))})"


def value(tree: Tree, at: dict[str, Any]) -> Any:
    """The expression's value by NumPy alone."""
    if isinstance(tree, str):
        return at[tree]
    if not isinstance(tree, tuple):
        return _LONG(tree)
    op, *args = tree
    if op in _INFIX:
        return _INFIX[op](value(args[0], at), value(args[1], at))
    if op == "neg":
        return -value(args[0], at)
    if op == "T":
        return value(args[0], at).T
    if op in ("sum", "mean", "max"):
        return getattr(np, op)(value(args[0], at), axis=args[1])
    if op == "at":
        return value(args[0], at)[tuple(args[1:])]
    if op == "list":
        return np.stack([value(arg, at) for arg in args])
    if op == "outer":
        return np.multiply.outer(value(args[0], at), value(args[1], at))
    if op == "maximum":
        return np.maximum(value(args[0], at), value(args[1], at))
    return _ELEMENTWISE[op](value(args[0], at))


# -- drawing -----------------------------------------------------------------------


def grow(dice: random.Random, shape: tuple[int, ...], depth: int) -> Tree:
    """An expression of this shape."""
    names = [name for name, known in SHAPES.items() if known == shape]
    if depth <= 0 or dice.random() < 0.1:
        return dice.choice(names)

    def more(of: tuple[int, ...]) -> Tree:
        return grow(dice, of, depth - 1)

    sorts: list[Callable[[], Tree]] = [
        lambda: (dice.choice("+-*"), more(shape), more(shape)),
        lambda: (dice.choice(["sin", "tanh", "relu", "abs", "sigmoid", "square"]), more(shape)),
        lambda: ("*", more(()), more(shape)),
        lambda: ("/", more(shape), ("+", 2, ("square", more(shape)))),
        lambda: ("exp", ("/", more(shape), 9)),
    ]
    if shape == ():
        sorts += [
            lambda: ("sum", more(dice.choice([(2, 3), (3,), (2, 2)])), None),
            lambda: ("mean", more(dice.choice([(3, 2), (2,)])), None),
            lambda: ("@", more((3,)), more((3,))),
            lambda: ("at", more((2, 2)), dice.randrange(2), dice.randrange(2)),
            lambda: ("max", more((3,)), None),
        ] * 2
    elif len(shape) == 1:
        (n,), m = shape, dice.choice([2, 3])
        wide = (n, m) if (n, m) != (3, 3) else (3, 2)
        tall = (m, n) if (m, n) != (3, 3) else (2, 3)
        sorts += [
            lambda: ("@", more(wide), more((wide[1],))),
            lambda: ("@", more((tall[0],)), more(tall)),
            lambda: ("sum", more(tall), 0),
            lambda: ("mean", more(wide), 1),
            lambda: ("at", more(tall), dice.randrange(tall[0])),
            lambda: ("softmax", more(shape)),
        ] * 2
    else:
        m, n = shape
        sorts += [
            lambda: ("T", more((n, m))),
            lambda: ("@", more((m, 2)), more((2, n))),
            lambda: ("outer", more((m,)), more((n,))),
            lambda: (dice.choice("+*"), more(shape), more((n,))),
            lambda: ("list", *(more((n,)) for _ in range(m))),
        ] * 2
    return dice.choice(sorts)()


def places(tree: Tree, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Tree]]:
    """(path, part) of every part that is an expression."""
    yield path, tree
    if isinstance(tree, tuple):
        for place, arg in enumerate(tree[1:], 1):
            inner = not (tree[0] in ("sum", "mean", "max", "at") and place > 1)
            if inner:
                yield from places(arg, (*path, place))


def put(tree: Tree, path: tuple[int, ...], part: Tree) -> Tree:
    """``tree`` with ``part`` at ``path``."""
    if not path:
        return part
    return (*tree[: path[0]], put(tree[path[0]], path[1:], part), *tree[path[0] + 1 :])


# -- rewritings and slips ----------------------------------------------------------


def rewritten(
    tree: Tree, shape: tuple[int, ...], of: Callable[[Tree], tuple[int, ...]], dice: random.Random
) -> list[Tree]:
    """Other ways of writing ``tree``."""
    found: list[Tree] = [("neg", ("neg", tree)), ("-", ("*", 2, tree), tree), ("/", ("*", tree, 6), 6)]
    if len(shape) == 2:
        m, n = shape
        found += [
            ("T", ("T", tree)),
            ("list", *(("at", tree, row) for row in range(m))),
            ("T", ("list", *(("@", tree, ("list", *(int(j == i) for i in range(n)))) for j in range(n)))),
            ("+", tree, ("outer", ("list", *[0] * m), ("list", *[1] * n))),
        ]
    if len(shape) == 1:
        found += [
            ("list", *(("at", tree, place) for place in range(shape[0]))),
            ("@", ("list", 1), ("list", tree)),
            ("at", ("list", tree, ("*", 2, tree)), 0),
        ]
    if shape == ():
        found += [
            ("at", ("list", tree, 1), 0),
            ("sum", ("list", ("/", tree, 3), ("/", ("*", 2, tree), 3)), None),
        ]
    if not isinstance(tree, tuple):
        return found
    op, *args = tree
    a, b = args[0], (args[1] if len(args) > 1 else None)
    if op in ("+", "*"):
        found.append((op, b, a))
    if op == "-":
        found += [("neg", ("-", b, a)), ("+", a, ("*", -1, b))]
    if op == "T" and isinstance(a, tuple):
        if a[0] == "@":
            found += [("@", ("T", a[2]), ("T", a[1]))] * 3
        if a[0] in ("+", "-", "*") and of(a[1]) == of(a[2]):
            found += [(a[0], ("T", a[1]), ("T", a[2]))] * 2
        if a[0] == "outer":
            found += [("outer", a[2], a[1])] * 3
    if op == "@":
        left, right = of(a), of(b)
        if len(left) == len(right) == 2:
            found += [
                ("T", ("@", ("T", b), ("T", a))),
                (
                    "T",
                    (
                        "list",
                        *(
                            ("@", a, ("@", b, ("list", *(int(i == j) for i in range(right[1])))))
                            for j in range(right[1])
                        ),
                    ),
                ),
                ("+", *(("outer", ("@", a, unit), ("at", b, i)) for i, unit in enumerate(_units(2))))
                if left[1] == 2
                else ("neg", ("@", ("neg", a), b)),
                ("list", *(("@", ("at", a, row), b) for row in range(left[0]))),
            ]
        elif len(left) == 2:
            found += [("@", b, ("T", a)), ("sum", ("*", a, b), 1)] * 2
        elif len(right) == 2:
            found += [("@", ("T", b), a), ("sum", ("*", ("T", b), a), 1)] * 2
        else:
            found += [("@", b, a), ("sum", ("*", a, b), None)] * 2
        for place, one in ((1, a), (2, b)):
            if isinstance(one, tuple) and one[0] in ("+", "-") and of(one[1]) == of(one[2]):
                parts = [("@", part, b) if place == 1 else ("@", a, part) for part in one[1:]]
                found += [(one[0], *parts)] * 3
    if op in ("sum", "mean"):
        inner, axis = of(a), b
        count = int(np.prod(inner)) if axis is None else inner[axis]
        other = "mean" if op == "sum" else "sum"
        found.append(("*", count, (other, a, axis)) if op == "sum" else ("/", (other, a, axis), count))
        if isinstance(a, tuple) and a[0] in ("+", "-") and of(a[1]) == of(a[2]):
            found += [(a[0], (op, a[1], axis), (op, a[2], axis))] * 3
        if isinstance(a, tuple) and a[0] == "*" and of(a[1]) == ():
            found += [("*", a[1], (op, a[2], axis))] * 3
        if op == "sum" and len(inner) == 2:
            ones = ("list", *[1] * inner[0]), ("list", *[1] * inner[1])
            if axis is None:
                found += [
                    ("sum", ("sum", a, 0), None),
                    ("sum", ("T", a), None),
                    ("@", ("@", ones[0], a), ones[1]),
                ]
            else:
                found += [("@", ones[0], a) if axis == 0 else ("@", a, ones[1]), ("sum", ("T", a), 1 - axis)]
    if op == "outer":
        found += [
            ("T", ("outer", b, a)),
            ("list", *(("*", ("at", a, row), b) for row in range(of(a)[0]))),
        ] * 2
        if isinstance(a, tuple) and a[0] in ("+", "-") and of(a[1]) == of(a[2]):
            found += [(a[0], ("outer", a[1], b), ("outer", a[2], b))] * 3
    if op in ("+", "*") and len(of(a)) == 2 and len(of(b)) == 1:
        rows = of(a)[0]
        found += [(op, a, ("list", *[b] * rows)), (op, a, ("outer", ("list", *[1] * rows), b))] * 2
    if op == "relu":
        found += [("/", ("+", a, ("abs", a)), 2)] * 2
    if op == "tanh":
        found.append(("-", ("*", 2, ("sigmoid", ("*", 2, a))), 1))
    if op == "sigmoid":
        found.append(("-", 1, ("sigmoid", ("neg", a))))
    if op == "square":
        found.append(("*", a, a))
    if op == "abs":
        found.append(("sqrt", ("square", a)))
    if op == "exp" and of(a) == of(tree):
        found.append(("square", ("exp", ("/", a, 2))))
    if op == "softmax":
        found += [("/", ("exp", a), ("sum", ("exp", a), None)), ("softmax", ("+", a, 3))]
    return found


def _units(size: int) -> list[Tree]:
    return [("list", *(int(i == j) for i in range(size))) for j in range(size)]


def slipped(
    tree: Tree, shape: tuple[int, ...], of: Callable[[Tree], tuple[int, ...]], dice: random.Random
) -> list[Tree]:
    """What people write instead of ``tree``, and what looks like it in most places."""
    found: list[Tree] = [
        ("neg", tree), ("+", tree, 1), ("-", tree, 1), ("*", 2, tree), ("/", tree, 2), ("abs", tree),
        ("+", tree, ("relu", ("-", tree, dice.choice([13, 19, 24])))), ("+", tree, ("/", tree, 1000)),
        ("maximum", tree, dice.choice([-9, -17])),
    ]  # fmt: skip
    if shape:
        found.append(("*", tree, ("list", *([1] * (shape[-1] - 1)), dice.choice([2, -1, 0]))))
    if len(shape) == 2:
        found.append(
            ("+", tree, ("outer", ("list", *[0] * (shape[0] - 1), 1), ("list", 1, *[0] * (shape[1] - 1))))
        )
        if shape[0] == shape[1]:
            found += [("T", tree)] * 4
    if isinstance(tree, str):
        found += [name for name, known in SHAPES.items() if known == shape and name != tree]
    if not isinstance(tree, tuple):
        return found
    op, *args = tree
    a, b = args[0], (args[1] if len(args) > 1 else None)
    if op == "-":
        found += [("+", a, b), ("-", b, a)]
    if op == "+":
        found += [("-", a, b)]
        if of(a) == of(b):
            found += [a, b]
        if len(of(a)) == 2 and len(of(b)) == 1 and len(set(of(a))) == 1:
            found += [("T", ("+", ("T", a), b))] * 3  # along the columns and not the rows
    if op == "*" and of(a) == of(b):
        found += [a, b, ("+", a, b)]
    if op == "*" and len(of(a)) == 2 and len(of(b)) == 1 and len(set(of(a))) == 1:
        found += [("T", ("*", ("T", a), b))] * 3
    if op == "@":
        if of(a) == of(b) and len(of(a)) == 2:
            found += [("@", b, a), ("@", ("T", a), b), ("@", a, ("T", b)), ("*", a, b)] * 2
        elif len(of(a)) == 2 and len(set(of(a))) == 1:
            found += [("@", ("T", a), b)] * 3
        elif len(of(b)) == 2 and len(set(of(b))) == 1:
            found += [("@", a, ("T", b))] * 3
    if op == "T" and isinstance(a, tuple) and a[0] == "@" and of(a[1]) == of(a[2]):
        found += [("@", ("T", a[1]), ("T", a[2]))] * 3
    if op in ("sum", "mean"):
        found.append(("mean" if op == "sum" else "sum", a, b))
        if b is not None and len(set(of(a))) == 1:
            found += [(op, a, 1 - b)] * 3
    if op == "outer" and of(a) == of(b):
        found += [("outer", b, a)] * 3
    if op in ("relu", "abs", "tanh", "sin"):
        found.append(a)
    if op == "max":
        found.append(("mean", a, b))
    return found


# -- what NumPy says ---------------------------------------------------------------


def _points(names: list[str], dice: random.Random) -> Iterator[dict[str, Any]]:
    """Points of all sorts: near 0, whole numbers, fractions, far out in one variable or in all."""
    for turn in range(44):
        point = {}
        far = dice.choice(names)
        for name in names:
            size = np.prod(SHAPES[name], dtype=int)
            if turn % 4 == 0:
                flat = [dice.uniform(-2, 2) for _ in range(size)]
            elif turn % 4 == 1:
                flat = [float(dice.randint(-6, 6)) for _ in range(size)]
            elif turn % 4 == 2:
                flat = [dice.uniform(0.2, 5) for _ in range(size)]
            else:
                flat = [dice.choice([-1, 1]) * dice.uniform(9, 40) if name == far else dice.uniform(-3, 3)
                        for _ in range(size)]  # fmt: skip
            point[name] = np.array(flat, dtype=_LONG).reshape(SHAPES[name])
        yield point


def equal(left: Tree, right: Tree, names: list[str], dice: random.Random) -> bool | None:
    """Are the two the same function? None where NumPy's own rounding leaves a doubt."""
    surely = doubtful = 0
    with np.errstate(all="ignore"):
        for point in _points(names, dice):
            a, b = value(left, point), value(right, point)
            if np.shape(a) != np.shape(b):
                return None
            if not (np.isfinite(a).all() and np.isfinite(b).all()):
                continue
            gap = np.abs(a - b)
            size = np.maximum(np.abs(a), np.abs(b))
            if (gap > 1e-5 * size).any() and float(gap.max()) > 1e-9:
                return False
            if (gap <= 1e-11 * size + 1e-15).all():
                surely += 1
            else:
                doubtful += 1
    return True if surely >= 12 and not doubtful else None


def _names(tree: Tree) -> set[str]:
    return {part for _, part in places(tree) if isinstance(part, str)}


def pairs(count: int, seed: int) -> list[Pair]:
    """``count`` pairs, more than a third of each sort."""
    dice = random.Random(seed)
    found: list[Pair] = []
    while len(found) < count:
        tree = grow(
            dice, dice.choice([(), (2,), (3,), (2, 2), (2, 2), (2, 3), (3, 2)]), dice.choice([1, 2, 2, 3])
        )
        names = sorted(_names(tree))
        halves = {name: np.full(SHAPES[name], 0.5) for name in SHAPES}

        def of(part: Tree, halves: dict[str, Any] = halves) -> tuple[int, ...]:
            with np.errstate(all="ignore"):
                return np.shape(value(part, halves))

        same = dice.random() < 0.5
        answer = tree
        for _ in range(dice.choice([1, 2, 3])):
            path, part = dice.choice(list(places(answer)))
            answer = put(answer, path, dice.choice(rewritten(part, of(part), of, dice)))
        if not same:
            path, part = dice.choice(list(places(answer)))
            wrong = [one for one in slipped(part, of(part), of, dice) if _names(one) <= set(names)]
            answer = put(answer, path, dice.choice(wrong)) if wrong else answer
        if len(written(answer)) > 900 or not names or answer == tree:
            continue
        if not any(SHAPES[name] for name in names) or of(answer) != of(tree):
            continue
        truth = equal(tree, answer, names, dice)
        if truth is None or (truth and not same):  # a slip may show where these points are not
            continue
        at = {name: _own(SHAPES[name], dice) for name in names}
        found.append(Pair(written(tree), written(answer), at, truth, "rewritten" if same else "slipped"))
    return found


def _own(shape: tuple[int, ...], dice: random.Random) -> Any:
    """An exercise's own array: small whole numbers, at times with rows that happen to sum to 1."""
    flat = [dice.choice([1, 2, 3, -1, 4, 0, -2, 5]) for _ in range(int(np.prod(shape, dtype=int)))]
    if shape and dice.random() < 0.3:
        flat = [int(place % shape[-1] == 0) for place in range(len(flat))]
    return np.array(flat).reshape(shape).tolist()
