"""The engine against an independent witness, on thousands of random formulas.

The formulas come from tests/languages.py; values and derivatives from tests/calculus.py, whose
derivative formulas are written from calculus at 50 digits and never look at a declaration.
"""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.engine.backward import backward
from backtrace_cli.ops import OPS
from tests.calculus import mp
from tests.formulas import LARGE, RATIONAL, SMOOTH, Analysis, Formula, Maker, analyse, moved
from tests.planted import plant

TOLERANCE = 1e-12
#: Formulas to compare. With 20,000 the worst figures are of the same size.
ENOUGH = 4000
#: A partial that a relative change of 1 in the intermediate values moves by more than this many
#: times its scale is not asked to hold 12 digits: 1e3 · 2⁻⁵² · a few roundings is 1e-12.
ILL_CONDITIONED = 1000
SHAPES = ((), (3,), (2, 1), (2, 3))

Compared = tuple[Formula, Analysis]


@lru_cache(maxsize=1)
def sample() -> tuple[list[Compared], int, Counter[str]]:
    """Formulas with what the witness says of them, how many were discarded, how often each op occurs.

    Discarding is decided in mpmath alone, before the engine has said anything.
    """
    maker = Maker(seed=20240611)
    kept: list[Compared] = []
    discarded = 0
    counts: Counter[str] = Counter()
    while len(kept) < ENOUGH:
        formula = maker.formula()
        found = analyse(formula)
        if any(abs(slope) >= LARGE for slope in found.gradient.values()):
            continue
        if max(found.condition.values()) > ILL_CONDITIONED:
            discarded += 1
            continue
        kept.append((formula, found))
        counts.update(_kinds(formula))
    return kept, discarded, counts


def _kinds(formula: Formula) -> list[str]:
    """The ops in ``formula``; a power by whether its exponent is a literal."""
    literal = ["power with a literal exponent" if not formula.boxes[box.args[1]].op
               and formula.boxes[box.args[1]].text not in formula.at else "power with a variable exponent"
               for box in formula.boxes if box.op == "power"]  # fmt: skip
    return [box.op for box in formula.boxes if box.op] + literal


def ratio(found: float, expected: Any, scale: Any) -> float:
    """The error in units of ``scale``; where the scale is 0, nothing but equality will do."""
    error = abs(mp.mpf(found) - expected)
    if scale == 0:
        return 0.0 if error == 0 else float("inf")
    return float(error / scale) if error == error else float("inf")


@pytest.mark.slow
def test_the_sample_covers_every_smooth_op_and_discards_little() -> None:
    """Thousands of formulas are compared, each smooth op occurs often, few are ill-conditioned."""
    kept, discarded, counts = sample()
    assert len(kept) >= 2000
    assert discarded < 0.15 * (len(kept) + discarded)
    wanted = {*SMOOTH, "power with a literal exponent", "power with a variable exponent"}
    assert not {op: counts[op] for op in wanted if counts[op] < 20}
    assert max(len(formula.boxes) for formula, _ in kept) >= 25
    assert {len(formula.at) for formula, _ in kept} == {1, 2, 3}


def test_values_and_gradients_are_right() -> None:
    """Every value and every partial agrees with the witness within 1e-12 of its scale."""
    wrong, worst = [], {"value": 0.0, "partial": 0.0}
    for formula, expected in sample()[0]:
        found = trace(formula.text, formula.at)
        errors = {"value": ratio(found.value, expected.value, expected.value_scale)}
        for name, slope in expected.gradient.items():
            errors[name] = ratio(found.gradient[name], slope, expected.scale[name])
        for key, error in errors.items():
            sort = "value" if key == "value" else "partial"
            worst[sort] = max(worst[sort], error)
        if max(errors.values()) > TOLERANCE:
            wrong.append((formula.text, formula.at, errors))
    kept, discarded, _ = sample()
    print(f"{len(kept)} compared, {discarded} discarded, worst error/scale: {worst}")
    assert not wrong


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_the_witness_sees_a_planted_fault(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A partial that is off by one part in 10^9 is found by a few formulas that end in the op."""
    op = OPS[name]
    plant(monkeypatch, op, next(slot for slot in range(op.arity) if op.sends(slot)), "(1 + 1e-9)")
    errors = []
    for formula, expected in islice((pair for pair in sample()[0] if pair[0].boxes[-1].op == name), 5):
        found = trace(formula.text, formula.at).gradient
        errors += [ratio(found[x], slope, expected.scale[x]) for x, slope in expected.gradient.items()]
    assert max(errors) > TOLERANCE


def test_forward_mode_equals_reverse_mode() -> None:
    """Tangents along each variable, and along a random direction, are what reverse mode says."""
    dice = random.Random(1)
    for formula, expected in sample()[0][:300]:
        back = trace(formula.text, formula.at).gradient
        tables = trace(formula.text, formula.at, mode="forward")
        for name, slope in back.items():
            assert ratio(tables.gradient[name], slope, expected.scale[name]) < TOLERANCE, formula.text
        seed = {name: dice.uniform(-2, 2) for name in back}
        along = trace(formula.text, formula.at, seed=seed).tangents[0].value
        scale = sum(abs(seed[name]) * expected.scale[name] for name in back)
        assert ratio(along, sum(seed[name] * back[name] for name in back), scale) < TOLERANCE, formula.text


def test_sharing_changes_no_gradient() -> None:
    """Equal subexpressions kept apart give the gradient of the shared graph."""
    shared = 0
    for formula, expected in sample()[0][:600]:
        one, two = (trace(formula.text, formula.at, share=share) for share in (True, False))
        shared += len(one.graph) < len(two.graph)
        assert one.value == two.value
        for name in one.gradient:
            assert ratio(one.gradient[name], two.gradient[name], expected.scale[name]) < TOLERANCE
    assert shared > 50


def test_running_backward_twice_gives_the_same() -> None:
    """The backward pass stores nothing on the graph: a second run is bit for bit the first."""
    for formula, _ in sample()[0][:200]:
        found = trace(formula.text, formula.at)
        wanted = {found.graph.inputs[name] for name in found.wrt}
        first, second = (backward(found.graph, found.values, found.arithmetic, wanted) for _ in range(2))
        assert first == second == found.back
        assert trace(formula.text, formula.at).gradient == found.gradient


# -- fractions ------------------------------------------------------------------

Dual = tuple[Fraction, dict[str, Fraction]]


def exact_dual(formula: Formula) -> Dual:
    """Value and gradient by dual numbers over Fraction: forward, with rules of its own."""
    done: list[Dual] = []
    for box in formula.boxes:
        slope: dict[str, Fraction]
        if not box.op:
            given = formula.at.get(box.text)
            slope = {} if given is None else {box.text: Fraction(1)}
            done.append((Fraction(box.text if given is None else given), slope))
            continue
        args = [done[i] for i in box.args]
        value, slopes = _exact_rule(box.op, *(arg[0] for arg in args))
        slope = {}
        for factor, (_, inner) in zip(slopes, args, strict=True):
            for name, part in inner.items():
                slope[name] = slope.get(name, Fraction(0)) + factor * part
        done.append((value, slope))
    return done[-1]


def _exact_rule(op: str, a: Fraction, b: Fraction = Fraction(0)) -> tuple[Fraction, tuple[Fraction, ...]]:
    one, zero = Fraction(1), Fraction(0)
    first = (one, zero) if a > b else (zero, one)
    table = {
        "add": lambda: (a + b, (one, one)),
        "subtract": lambda: (a - b, (one, -one)),
        "multiply": lambda: (a * b, (b, a)),
        "divide": lambda: (a / b, (1 / b, -a / (b * b))),
        "negative": lambda: (-a, (-one,)),
        "square": lambda: (a * a, (a + a,)),
        "power": lambda: (a ** int(b), (int(b) * a ** (int(b) - 1), zero)),
        "abs": lambda: (abs(a), (one if a > 0 else -one,)),
        "relu": lambda: (max(a, zero), (one if a > 0 else zero,)),
        "max": lambda: (max(a, b), first),
        "min": lambda: (min(a, b), first[::-1]),
    }
    found: tuple[Fraction, tuple[Fraction, ...]] = table[op]()
    return found


def test_fractions_are_exact() -> None:
    """With exact, value and gradient of a rational formula are the fractions themselves."""
    maker = Maker(seed=7, ops=RATIONAL, exact=True)
    for formula in (maker.formula(depth=4) for _ in range(300)):
        value, slopes = exact_dual(formula)
        found = trace(formula.text, formula.at, exact=True)
        assert found.value == value
        assert found.gradient == {name: slopes[name] for name in formula.at}, formula.text
        assert isinstance(found.value, Fraction)
        assert all(isinstance(slope, Fraction) for slope in found.gradient.values())
    assert all(maker.counts[op] >= 20 for op in RATIONAL)


# -- arrays ---------------------------------------------------------------------


def _array_cases(count: int) -> list[tuple[Formula, dict[str, np.ndarray]]]:
    """Formulas with an array for each variable, near a point where they are well-conditioned."""
    dice = random.Random(3)
    cases = []
    for formula, _ in sample()[0]:
        at = {}
        for name, value in formula.at.items():
            entries = np.array([value * (1 + 0.05 * dice.uniform(-1, 1)) for _ in range(6)])
            shape = dice.choice(SHAPES)
            at[name] = entries[: int(np.prod(shape))].reshape(shape)
        if any(array.shape for array in at.values()):
            cases.append((formula, at))
    return list(islice(cases, count))


def _entries(formula: Formula, at: dict[str, np.ndarray]) -> list[tuple[tuple[int, ...], Compared]] | None:
    """The scalar formula at each entry of the broadcast point; None where one is ill-conditioned."""
    wide = np.broadcast_shapes(*(array.shape for array in at.values()))
    found = []
    for place in np.ndindex(*wide):
        point = {name: float(np.broadcast_to(array, wide)[place]) for name, array in at.items()}
        here = moved(formula, point)
        if here is None or max((analysis := analyse(here)).condition.values()) > ILL_CONDITIONED:
            return None
        found.append((place, (here, analysis)))
    return found


def _narrowed(total: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """``total`` summed over the axes along which ``shape`` was broadcast."""
    while total.ndim > len(shape):
        total = total.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            total = total.sum(axis=axis, keepdims=True)
    return total


def test_arrays_equal_one_scalar_trace_an_entry() -> None:
    """Broadcasting: an array trace is the scalar traces of its entries, messages summed to shape."""
    done = 0
    for formula, at in _array_cases(150):
        entries = _entries(formula, at)
        if entries is None:
            continue
        found = trace(formula.text, at)
        wide = np.broadcast_shapes(*(array.shape for array in at.values()))
        values, scale = np.zeros(wide), np.zeros(wide)
        slopes, sizes = ({name: np.zeros(wide) for name in at} for _ in range(2))
        for place, (here, analysis) in entries:
            single = trace(here.text, here.at)
            values[place], scale[place] = single.value, float(analysis.value_scale)
            for name in at:
                slopes[name][place], sizes[name][place] = single.gradient[name], float(analysis.scale[name])
        assert found.value.shape == wide
        assert np.all(np.abs(found.value - values) <= TOLERANCE * scale), formula.text
        for name, array in at.items():
            error = np.abs(found.gradient[name] - _narrowed(slopes[name], array.shape))
            assert found.gradient[name].shape == array.shape
            assert np.all(error <= TOLERANCE * _narrowed(sizes[name], array.shape)), (formula.text, at, name)
        done += 1
    assert done >= 100


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_empty_product_of_shapes(shape: tuple[int, ...]) -> None:
    """A variable of any shape keeps it in its gradient when it meets the widest one."""
    found = trace("x*y", x=np.full(shape, 2.0), y=np.arange(6.0).reshape(2, 3))
    assert found.gradient["x"].tolist() == _narrowed(np.arange(6.0).reshape(2, 3), shape).tolist()
    assert found.gradient["y"].tolist() == [[2.0] * 3] * 2
