"""Random formulas in the formula's own language, and their gradients by the independent witness.

A formula grows from its leaves, so that each op is chosen where its arguments have values
it is defined at. ``analyse`` walks it back in mpmath with tests/calculus.py alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from backtrace_cli.ops import OPS
from tests.calculus import FORWARD, PARTIALS, SCALAR, Big, mp

#: Every op without kinks whose derivative is not 0, and three that are smooth but for one point.
SMOOTH = (
    *(
        op.name for op in SCALAR.values()
        if not (op.kinks or op.selects or op.internal) and set(op.partials) != {"0"}
    ),
    "power", "hypot", "atan2",
)  # fmt: skip
#: Ops that keep fractions fractions.
RATIONAL = (
    "add", "subtract", "multiply", "divide", "negative", "square", "power", "abs", "max", "min", "relu",
)  # fmt: skip

LARGE = 10**6
_NAMED = {"pi": 3.141592653589793, "e": 2.718281828459045}
_INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
_EXPONENTS = ("2", "3", "-1", "-2", "0.5", "-1.5", "2.5", "4")
_WHOLE = ("2", "3", "-1", "-2", "4")
_COUNTS = ("0", "1", "2", "3")
_MOST_BOXES = 40


def _within(low: float, high: float) -> Callable[..., bool]:
    return lambda a, b=1: low < a < high and low < a * b < high


def _from(low: float) -> Callable[..., bool]:
    return _within(low, LARGE)


def _apart(a: Big, b: Big = 0) -> bool:
    return abs(a - b) > 1e-3


def _can_raise(a: Big, b: Big) -> bool:
    if b == mp.floor(b) and abs(b) <= 4:
        return abs(a) > 1e-3
    return a > 1e-3 and abs(b * mp.log(a)) < 12


#: Where an op's value and slope are moderate; elsewhere than here tests/ops looks at each op alone.
_MODERATE: dict[str, Callable[..., bool]] = {
    **dict.fromkeys(("exp", "expm1", "sinh", "cosh"), _within(-12, 12)),
    **dict.fromkeys(("log", "log2", "log10", "sqrt"), _from(1e-3)),
    **dict.fromkeys(("asin", "acos", "atanh"), _within(-0.99, 0.99)),
    **dict.fromkeys(("sin", "cos"), _within(-1000, 1000)),
    **dict.fromkeys(("tanh", "sigmoid", "softplus", "mish", "swish", "logsigmoid"), _within(-20, 20)),
    **dict.fromkeys(("lgamma", "digamma"), _from(1e-2)),
    **dict.fromkeys(("erf", "erfc", "gelu"), _within(-5, 5)),
    **dict.fromkeys(("cbrt", "abs", "relu", "max", "min"), _apart),
    "log1p": _from(-0.99),
    "acosh": _from(1.01),
    **dict.fromkeys(("tan", "sec"), lambda a: abs(a) < 1000 and abs(mp.cos(a)) > 0.01),
    **dict.fromkeys(("csc", "cot"), lambda a: abs(a) < 1000 and abs(mp.sin(a)) > 0.01),
    "logit": _within(0.01, 0.99),
    "logaddexp": lambda a, b: abs(a - b) < 12,
    "polygamma": lambda n, a: 0.05 < a < 1000,
    "log_base": lambda a, b: a > 1e-3 and b > 1e-3 and abs(b - 1) > 0.01,
    "divide": lambda a, b: abs(b) > 1e-3,
    "atan2": lambda a, b: abs(a) > 1e-3 or b > 1e-3,
    "hypot": lambda a, b: a * a + b * b > 1e-6,
    "power": _can_raise,
}


class Box(NamedTuple):
    """A node as the generator sees it; a leaf has no op."""

    op: str
    args: tuple[int, ...]
    text: str
    value: Big
    depth: int


class Formula(NamedTuple):
    """A formula, its point, and its boxes in order, the output last."""

    text: str
    at: dict[str, float | Fraction]
    boxes: list[Box]


class Analysis(NamedTuple):
    """What the witness says of a formula at its point."""

    value: Big
    value_scale: Big
    """Σ |adjoint·value| over the boxes: what one rounding in each may move it by."""
    gradient: dict[str, Big]
    scale: dict[str, Big]
    """Per variable: the sum over all paths of the absolute product of local derivatives."""
    condition: dict[str, Big]
    """Per variable: how many times ``scale`` the partial moves, relative to a relative change
    of every intermediate value (an upper bound, to first order)."""


class Maker:
    """Grows formulas; ``counts`` says how often each op was used, and the rare ones are preferred."""

    def __init__(self, seed: int, ops: Sequence[str] = SMOOTH, exact: bool = False) -> None:
        self.dice = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.unary = [op for op in ops if _moving(op) == 1 and op not in ("max", "min")] + ["power"]
        self.binary = [op for op in ops if _moving(op) == 2 or op in ("max", "min")]
        if exact:
            self.binary.remove("power")
        self.exact = exact
        self.literals = ("2", "3", "0.5", "1.7") + (() if exact else ("pi", "e"))

    def formula(self, depth: int | None = None) -> Formula:
        """One formula of 1 to 3 variables, every value in it below LARGE."""
        while True:
            names = ["x", "y", "z"][: self.dice.randint(1, 3)]
            self.at = {name: self.coordinate() for name in names}
            self.boxes: list[Box] = []
            self.used: Counter[str] = Counter()
            last = self.grow(depth or self.dice.randint(3, 6))
            found = self.boxes[last]
            kept = _below(self.boxes, last)
            at = {name: self.at[name] for name in names if any(box.text == name for box in kept)}
            if found.op and at and len(kept) <= _MOST_BOXES:
                self.counts.update(box.op for box in kept if box.op)
                return Formula(found.text, at, kept)

    def coordinate(self) -> float | Fraction:
        if self.exact:
            return Fraction(self.dice.randint(1, 40) * self.dice.choice((-1, 1)), self.dice.randint(2, 9))
        return round(self.dice.uniform(-3, 3), 4) or 1.0

    def grow(self, depth: int) -> int:
        """The index of a new box (or of one that is there already: a fork)."""
        fits = [i for i, box in enumerate(self.boxes) if box.op and box.depth <= depth]
        if fits and self.dice.random() < 0.1:
            return self.dice.choice(fits)
        if depth == 0 or self.dice.random() < 0.08:
            return self.leaf()
        count = self.dice.choice((1, 1, 2, 2, 2))
        args = [self.grow(depth - 1)] + ([self.grow(self.dice.randint(0, depth - 1))] if count == 2 else [])
        return self.operation(self.unary if count == 1 else self.binary, args)

    def leaf(self) -> int:
        if self.dice.random() < 0.75:
            name = self.dice.choice(list(self.at))
            return self.add(Box("", (), name, _big(self.at[name]), 0))
        return self.add(self.literal(self.dice.choice(self.literals)))

    def literal(self, text: str) -> Box:
        return Box("", (), text, mp.mpf(_NAMED.get(text) or float(text)), 0)

    def operation(self, ops: list[str], args: list[int]) -> int:
        """A box over ``args``; the first argument again where no op is moderate there."""
        left = list(ops)
        while left:
            op = self.dice.choices(left, [1 / (1 + self.counts[op]) for op in left])[0]
            left.remove(op)
            slots = list(args)
            if op == "power" and len(args) == 1:
                slots.append(self.add(self.literal(self.dice.choice(_WHOLE if self.exact else _EXPONENTS))))
            for slot in range(OPS[op].arity):
                if not OPS[op].sends(slot):  # a count, which no variable may move
                    slots.insert(slot, self.add(self.literal(self.dice.choice(_COUNTS))))
            values = [self.boxes[i].value for i in slots]
            if op == "power" and len(args) == 2 and values[0] < 1e-3:
                continue
            if _moderate(op, values):
                depth = 1 + max(self.boxes[i].depth for i in slots)
                text = self.written(op, [self.boxes[i].text for i in slots])
                return self.add(Box(op, tuple(slots), text, FORWARD[op](*values), depth))
        return args[0]

    def written(self, op: str, args: list[str]) -> str:
        if op in _INFIX:
            return f"({args[0]} {_INFIX[op]} {args[1]})"
        if op == "negative":
            return f"(-{args[0]})"
        if op == "power":
            return f"({args[0]})^({args[1]})"
        return f"{self.dice.choice((op, *OPS[op].aliases))}({', '.join(args)})"

    def add(self, box: Box) -> int:
        for index, known in enumerate(self.boxes):
            if known.text == box.text:
                return index
        self.boxes.append(box)
        return len(self.boxes) - 1


def _moving(op: str) -> int:
    """How many arguments of ``op`` have a slope: a count has none."""
    return sum(map(OPS[op].sends, range(OPS[op].arity)))


def _moderate(op: str, values: Sequence[Big]) -> bool:
    return _MODERATE.get(op, lambda *_: True)(*values) and abs(FORWARD[op](*values)) < LARGE


def _big(value: float | Fraction) -> Big:
    return mp.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else mp.mpf(value)


def _below(boxes: list[Box], last: int) -> list[Box]:
    """The boxes that ``last`` reads, renumbered."""
    needed = {last}
    for index in range(last, -1, -1):
        if index in needed:
            needed.update(boxes[index].args)
    place = {old: new for new, old in enumerate(sorted(needed))}
    return [boxes[i]._replace(args=tuple(place[a] for a in boxes[i].args)) for i in sorted(needed)]


def moved(formula: Formula, at: dict[str, float]) -> Formula | None:
    """``formula`` at another point; None where it is not moderate there."""
    boxes: list[Box] = []
    for box in formula.boxes:
        values = [boxes[i].value for i in box.args]
        if box.op and not _moderate(box.op, values):
            return None
        value = FORWARD[box.op](*values) if box.op else mp.mpf(at[box.text]) if box.text in at else box.value
        boxes.append(box._replace(value=value))
    return formula._replace(at=dict(at), boxes=boxes)


def analyse(formula: Formula) -> Analysis:
    """Value, gradient and scales in mpmath: forward for the errors of values, then back."""
    boxes = formula.boxes
    rounded = [bool(box.op) or box.text in formula.at for box in boxes]
    """A literal is exact; and only a literal may be the exponent of a negative base."""
    unsure = [mp.zero] * len(boxes)
    """How far a relative change of 1 in each value, first order, may move this one."""
    for index, box in enumerate(boxes):
        values = [boxes[i].value for i in box.args]
        unsure[index] = abs(box.value)
        for slot, arg in enumerate(box.args):
            if rounded[arg]:
                unsure[index] += abs(PARTIALS[box.op][slot](*values)) * unsure[arg]
    adjoint, paths, doubt = ([mp.zero] * len(boxes) for _ in range(3))
    adjoint[-1] = paths[-1] = mp.one
    for index in range(len(boxes) - 1, -1, -1):
        box = boxes[index]
        values = [boxes[i].value for i in box.args]
        for slot, arg in enumerate(box.args):
            if not rounded[arg]:
                continue
            partial = PARTIALS[box.op][slot]
            local = partial(*values)
            moves = abs(local)
            for other, source in enumerate(box.args):
                if rounded[source]:
                    h = mp.mpf(10) ** -25 * (1 + abs(values[other]))
                    near = partial(*values[:other], values[other] + h, *values[other + 1 :])
                    moves += abs(near - local) / h * unsure[source]
            adjoint[arg] += adjoint[index] * local
            paths[arg] += paths[index] * abs(local)
            doubt[arg] += doubt[index] * abs(local) + paths[index] * moves
    scale = sum(abs(slope * box.value) for slope, box in zip(adjoint, boxes, strict=True) if box.op)
    at = {box.text: i for i, box in enumerate(boxes) if box.text in formula.at}
    return Analysis(
        boxes[-1].value, scale, {n: adjoint[i] for n, i in at.items()}, {n: paths[i] for n, i in at.items()},
        {n: doubt[i] / paths[i] if doubt[i] and paths[i] else mp.inf * doubt[i] for n, i in at.items()},
    )  # fmt: skip
