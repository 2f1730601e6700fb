"""The gradient check: it agrees with right rules, accuses wrong ones, and says when it can't tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtrace_cli import trace
from backtrace_cli.cli import main
from backtrace_cli.ops import OPS, Op
from backtrace_cli.readings.checking.gradient_check import AGREES, DIFFERS, UNDECIDED
from tests.calculus import SCALAR
from tests.formulas import SMOOTH, Maker
from tests.planted import plant

NAMES = ("x", "y", "z")
#: Where float differences can't tell even the right rule: the slope is 1.5e-10 beside the value 1
#: (1.2e-17 beside 40); the exponent of a negative base has no derivative.
HOPELESS = {("tanh", (12.0,), 0), ("logaddexp", (40.0, 1.0), 1), ("power", (-2.0, 3.0), 1)}

POINTS = [(op, at) for op in SCALAR.values() if not op.internal for at in op.samples]


def _id(op: Op, at: tuple[float, ...], *more: Any) -> str:
    return "-".join([op.name, *(f"{a:g}" for a in at), *map(str, more)])


def _hopeless(op: Op, at: tuple[float, ...], slot: int) -> bool:
    """Can differences say nothing here: of a whole number, or where the op says that it passes nothing on?"""
    return (op.name, at, slot) in HOPELESS or not op.sends(slot) or op.stops


def _sloping(op: Op, at: tuple[float, ...], slot: int) -> bool:
    """Does the op have a slope to get wrong in this argument, one that differences can see?"""
    up, down = (op.float(*at[:slot], at[slot] + h, *at[slot + 1 :]) for h in (1e-3, -1e-3))
    return not _hopeless(op, at, slot) and up != down


def called(op: Op, at: tuple[float, ...]) -> tuple[str, dict[str, float]]:
    """The op's own call, and the point."""
    names = NAMES[: len(at)]
    return f"{op.name}({', '.join(names)})", dict(zip(names, at, strict=True))


EACH = [pytest.param(op, at, id=_id(op, at)) for op, at in POINTS]
FAULTS = [
    pytest.param(op, at, slot, id=_id(op, at, f"slot{slot}"))
    for op, at in POINTS for slot in range(len(at)) if _sloping(op, at, slot)
]  # fmt: skip


def verdicts(formula: str, at: dict[str, Any], **options: Any) -> dict[str, str]:
    """The verdict on each variable (on each entry of an array)."""
    return {found.name: found.verdict for found in trace(formula, at, **options).check()}


@pytest.mark.parametrize(("op", "at"), EACH)
def test_the_right_rule_agrees(op: Op, at: tuple[float, ...]) -> None:
    """Every op's own rule agrees with the differences at each of its samples."""
    expected = {
        name: UNDECIDED if _hopeless(op, at, slot) else AGREES for slot, name in enumerate(NAMES[: len(at)])
    }
    assert verdicts(*called(op, at), wrt=list(expected)) == expected


@pytest.mark.parametrize("factor", ["1.001", "0.999", "2", "-1", "0"])
@pytest.mark.parametrize(("op", "at", "slot"), FAULTS)
def test_a_planted_fault_is_accused(
    monkeypatch: pytest.MonkeyPatch, op: Op, at: tuple[float, ...], slot: int, factor: str
) -> None:
    """A partial that is wrong by as little as 0.1% differs, at every sample; the others still agree."""
    plant(monkeypatch, op, slot, factor)
    found = verdicts(*called(op, at), wrt=NAMES[: len(at)])
    assert found[NAMES[slot]] == DIFFERS
    if not op.variadic:
        others = {name for place, name in enumerate(NAMES[: len(at)]) if place != slot}
        assert not any(found[name] == DIFFERS for name in others)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_planted_fault_fails_the_command(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """``backtrace eval --check`` exits 0 with the right rule, and 1 with one that is 0.1% off."""
    op = OPS[name]
    formula, at = called(op, op.samples[0])
    words = ["eval", formula, "--at", ",".join(f"{k}={v!r}" for k, v in at.items()), "--check"]
    assert CliRunner().invoke(main, words).exit_code == 0
    plant(monkeypatch, op, op.arity - 1)
    assert CliRunner().invoke(main, words).exit_code == 1
    assert CliRunner().invoke(main, words[:-1]).exit_code == 0


def test_a_fault_inside_a_formula_is_accused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong rule is found from the end of a long chain, and among array entries."""
    plant(monkeypatch, OPS["sigmoid"], 0)
    assert verdicts("(x + σ(y))/(σ(x) + (x + y)^2)", {"x": 3, "y": -4}) == {"x": DIFFERS, "y": DIFFERS}
    assert verdicts("σ(x)*y", {"x": [1.0, -2.0], "y": 3}) == {"x[0]": DIFFERS, "x[1]": DIFFERS, "y": AGREES}


@pytest.mark.parametrize(("formula", "at"), [
    ("relu(x)", {"x": 0}),
    ("abs(x)", {"x": 0}),
    ("leaky_relu(x)", {"x": 0}),
    ("abs(x)*x", {"x": 0}),
    ("floor(x)", {"x": 1}),
    ("round(x)", {"x": 0.5}),
    ("sign(x)", {"x": 0}),
    ("x*(x > 0)", {"x": 0}),
    ("max(x, y)", {"x": 2, "y": 2}),
    ("min(x, y)", {"x": 2, "y": 2}),
    ("clip(x, 0, 1)", {"x": 1}),
    ("where(x > 0, x, -x)", {"x": 0}),
    ("hypot(x, y)", {"x": 0, "y": 0}),
    ("sqrt(x)", {"x": 0}),
    ("cbrt(x)", {"x": 0}),
    ("x^1.5", {"x": 0}),
    ("x^y", {"x": 0, "y": 0}),
    ("max(x, y)", {"x": 1, "y": 1 + 1e-15}),
    ("abs(x - 1e-13)", {"x": 0}),
    ("(x + 1e16) - 1e16", {"x": 1}),
    ("sin(1e13*x)", {"x": 1}),
    ("sin(exp(x))", {"x": 33}),
    ("x^2", {"x": 1e-200}),
])  # fmt: skip
def test_what_differences_cannot_decide(formula: str, at: dict[str, float]) -> None:
    """At a kink, at the edge of the domain, or where rounding hides the slope, the check says so."""
    found = trace(formula, at).check()
    assert "x" in {one.name for one in found}
    for one in found:
        if (formula, one.name) != ("x^y", "x"):
            assert one.verdict == UNDECIDED
            assert one.reason


def test_rounding_hides_one_variable_and_not_the_other() -> None:
    """A slope far below the rounding of the output is undecided; the large one beside it agrees."""
    found = trace("exp(x)*1e-20 + y", x=1, y=1e6).check()
    assert [one.verdict for one in found] == [UNDECIDED, AGREES]
    assert "rounding" in found[0].reason


@pytest.mark.parametrize(("formula", "at"), [
    *((f"abs(x - {near})", {"x": 0}) for near in ("1e-3", "1e-5", "1e-7", "1e-9", "1e-11", "1e-12", "1e-14")),
    *((f"relu(x - {near}) + 2*x", {"x": 0}) for near in ("1e-3", "1e-6", "1e-9", "1e-12", "1e-15")),
    *((f"floor(x + {near})", {"x": 1}) for near in ("1e-3", "1e-6", "1e-9", "1e-12", "1e-15")),
    *(("max(x, y)", {"x": 1, "y": 1 + near}) for near in (1e-3, 1e-6, 1e-9, 1e-12)),
    *(("log(x)", {"x": x}) for x in (1e-8, 1e-16, 1e-100, 1e-300, 0.9975, 1.0, 1e100)),
    *(("log10(x)", {"x": x}) for x in (0.9975, 1.0)),
    *(("sqrt(x)", {"x": x}) for x in (0, 1e-12, 1e-30, 1e-300, 1e300)),
    *(("asin(x)", {"x": x}) for x in (1 - 1e-6, 1 - 1e-12, -1, 1)),
    *(("x - x + 1e10", {"x": x}) for x in (0, 3, 1e10, 1e-10)),
    *(("sin(x)^2 + cos(x)^2 - 1", {"x": x}) for x in (0, 1, 3, 1e6)),
    *(("(x - 1)^2", {"x": x}) for x in (1, 1 + 1e-9, 1e9)),
    *(("x^3 - 3*x", {"x": x}) for x in (1, -1, 1 + 1e-12, 1e-200)),
    *(("exp(x)", {"x": x}) for x in (-745, -700, 700, 709.7)),
    *(("sin(x)", {"x": x}) for x in (1e8, 1e15, 1.5707963267948966)),
    *((f"sin({rate}*x)", {"x": 1}) for rate in ("1e6", "1e9", "1e12", "1e15")),
    *(("tan(x)", {"x": x}) for x in (1.5707963, 1.570796326794896)),
    ("sin(1/x)", {"x": 1e-5}), ("1/x", {"x": 1e-9}), ("x", {"x": 1e308}),
    ("atan2(y, x)", {"x": -1, "y": 1e-17}), ("exp(-1/x^2)", {"x": 0.02}), ("1e20*x - 1e20*x + x", {"x": 1}),
    ("sqrt(x^2)", {"x": 1e-100}),
])  # fmt: skip
def test_a_right_rule_is_never_accused(formula: str, at: dict[str, float]) -> None:
    """Near a kink, at the domain's edge, where terms cancel or swing: the verdict is not 'differs'."""
    assert DIFFERS not in verdicts(formula, at).values()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), depth=st.integers(1, 6))
def test_a_random_smooth_formula_is_never_accused(seed: int, depth: int) -> None:
    """On random smooth formulas the right rules are never accused, in either mode."""
    formula = Maker(seed).formula(depth)
    assert DIFFERS not in verdicts(formula.text, formula.at).values(), formula
    assert DIFFERS not in verdicts(formula.text, formula.at, mode="forward").values(), formula


def test_most_random_formulas_are_decided() -> None:
    """The check is not careful to the point of uselessness: on 99% of smooth formulas it agrees."""
    maker = Maker(11)
    found = [v for f in (maker.formula() for _ in range(400)) for v in verdicts(f.text, f.at).values()]
    assert found.count(AGREES) > 0.99 * len(found)


def test_a_minimum_is_decided() -> None:
    """Where the slope is 0 because the point is a minimum, the check agrees."""
    assert verdicts("(x - 1)^2 + (y + 2)^2", {"x": 1, "y": -2}) == {"x": AGREES, "y": AGREES}


def test_an_array_is_checked_entry_by_entry() -> None:
    """One entry with an infinite slope leaves the others decided, without a warning from NumPy."""
    found = verdicts("sqrt(x)*y", {"x": [0.0, 1.0], "y": 2})
    assert found == {"x[0]": UNDECIDED, "x[1]": AGREES, "y": AGREES}
    found = verdicts("relu(x)", {"x": [0.0, 1.0, -1.0]})
    assert found == {"x[0]": UNDECIDED, "x[1]": AGREES, "x[2]": AGREES}
    large = verdicts("sin(x)*x", {"x": np.linspace(-2, 2, 100)})
    assert len(large) == 3
    assert set(large.values()) == {AGREES}


def test_fractions_are_checked_in_floats() -> None:
    """The check of an exact trace compares its fractions with float differences."""
    assert verdicts("x^2/3 + y", {"x": 2, "y": 1}, exact=True) == {"x": AGREES, "y": AGREES}


def test_the_digits_say_how_close() -> None:
    """Digits count agreement: many for a right rule, and three for a rule that is 0.1% off."""
    assert trace("sin(x)*x", x=1).check()[0].digits >= 9
    with pytest.MonkeyPatch.context() as patch:
        plant(patch, OPS["sin"], 0)
        assert trace("sin(x)", x=1).check()[0].digits in (2, 3)
