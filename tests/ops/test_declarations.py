"""Every op's declaration against mpmath: values, partials, arrays, fractions; and what Op refuses."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.language.tree.syntax import Expr, Name, Number
from backtrace_cli.ops import OPS, Op, families, find, rule, text_rule
from backtrace_cli.ops.spec import Domain, Kink
from tests.calculus import FORWARD, PARTIALS, SCALAR, Big, close, mp

#: A forward function may be wrong by a few units in the last place …
FORWARD_ERROR = 4 * 2.0**-52
#: … but where rounding its argument once already costs more: a/√2 in gelu, for the tail of erfc.
SENSITIVE = {"gelu": 36 * 2.0**-52}
#: Where the ops themselves put nan at a sample, as their kinks say.
UNDEFINED = {("power", (-2.0, 3.0), 1)}
INF, NAN = math.inf, math.nan
SMOOTH = [op for op in SCALAR.values() if not op.kinks and not op.selects and set(op.partials) != {"0"}]


def _id(*parts: Any) -> str:
    return "-".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


SAMPLES = [pytest.param(op, at, id=_id(op.name, *at)) for op in SCALAR.values() for at in op.samples]
SLOTS = [
    pytest.param(op, at, slot, id=_id(op.name, *at, f"slot{slot}"))
    for op in SCALAR.values() for at in op.samples for slot in range(len(at))
    if (op.name, at, slot) not in UNDEFINED and op.sends(slot) and not op.flat
]  # fmt: skip
EACH = [pytest.param(op, id=op.name) for op in SCALAR.values()]


def evaluate(tree: Expr, at: dict[str, Big]) -> Big:
    """``tree`` by the witness's own functions: the independent reading of a rule."""
    if isinstance(tree, Number):
        return mp.mpf(tree.text)
    if isinstance(tree, Name):
        return mp.pi if tree.name == "pi" else at[tree.name]
    func = {"σ": "sigmoid"}.get(tree.func, tree.func)
    return FORWARD[func](*(evaluate(arg, at) for arg in tree.args))


def derivative(op: Op, at: tuple[float, ...], slot: int) -> Big:
    """∂op/∂(argument ``slot``) of the witness's forward function, by mpmath's differences."""
    big = [mp.mpf(a) for a in at]

    def along(a: Big) -> Big:
        return FORWARD[op.name](*big[:slot], a, *big[slot + 1 :])

    return mp.diff(along, big[slot], h=mp.mpf(10) ** -22 * max(abs(big[slot]), mp.mpf(10) ** -3))


def text_value(op: Op, at: tuple[float, ...], slot: int, stable: bool) -> Big:
    """The rule's text at ``at``, in mpmath."""
    big = [mp.mpf(a) for a in at]
    names = dict(zip(op.params(len(at)), big, strict=True)) | {"out": FORWARD[op.name](*big)}
    return evaluate(rule(op, slot, len(at), stable), names)


def test_the_witness_knows_every_op() -> None:
    """An op without a function in the witness's tables can't slip past these tests."""
    assert set(FORWARD) == set(SCALAR)
    assert {op.name for op in SMOOTH} <= set(PARTIALS)
    assert {name for ops in families().values() for name in (op.name for op in ops)} == set(OPS)


@pytest.mark.parametrize(("op", "at"), SAMPLES)
def test_the_forward_function_has_the_right_value(op: Op, at: tuple[float, ...]) -> None:
    """A forward function over floats is right to a few units in the last place."""
    assert close(op.float(*at), FORWARD[op.name](*map(mp.mpf, at)), SENSITIVE.get(op.name, FORWARD_ERROR))


@pytest.mark.parametrize(("op", "at", "slot"), SLOTS)
def test_the_partial_as_text_is_the_derivative(op: Op, at: tuple[float, ...], slot: int) -> None:
    """A partial's text, and its stable form, are the derivative of the forward function."""
    expected = derivative(op, at, slot)
    for stable in (False, True):
        found = text_value(op, at, slot, stable)
        assert abs(found - expected) <= 1e-12 * abs(expected) + mp.mpf(10) ** -20, op.rule_text(slot, len(at))
    if op.name in PARTIALS:
        assert close(PARTIALS[op.name][slot](*map(mp.mpf, at)), expected, 1e-12, 1e-20)


@pytest.mark.parametrize(("op", "at", "slot"), SLOTS)
def test_the_partial_as_a_float_keeps_its_digits(op: Op, at: tuple[float, ...], slot: int) -> None:
    """The stable form of a partial, evaluated in floats, agrees with mpmath to 1e-12."""
    floats = Floats()
    found = floats.run(floats.partial(op, slot, len(at)), [*at, op.float(*at)])
    assert close(found, derivative(op, at, slot), 1e-12, 1e-30)


@pytest.mark.parametrize(("op", "at", "slot"), SLOTS)
def test_what_is_shown_and_what_is_computed_are_one_formula(op: Op, at: tuple[float, ...], slot: int) -> None:
    """The stable form is equal to the displayed text, to 40 digits."""
    shown, stable = text_value(op, at, slot, False), text_value(op, at, slot, True)
    assert abs(shown - stable) <= mp.mpf(10) ** -24 * abs(shown)


def _columns(op: Op, count: int) -> list[np.ndarray]:
    """Special numbers and the samples as arrays of equal length, one an argument."""
    special = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 1000.0, -1000.0, 1e-18, INF, -INF, NAN]
    rows = [at for at in op.samples if len(at) == count]
    if count == 1:
        rows += [(a,) for a in special]
    else:
        rows += [(a, b, 1.0)[:count] for a in special for b in special if (op.name, b) != ("log_base", 1.0)]
    return [np.array(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("op", EACH)
def test_arrays_hold_what_floats_give(op: Op) -> None:
    """The NumPy form equals the float form entry by entry, infinities and nan included."""
    for count in sorted({len(at) for at in op.samples}):
        columns = _columns(op, count)
        found = Arrays().function(op)(*columns)
        expected = [op.float(*map(float, row)) for row in zip(*columns, strict=True)]
        np.testing.assert_allclose(found, expected, rtol=2e-15, atol=0)
        assert found.dtype == np.float64


@pytest.mark.parametrize("op", EACH)
def test_arrays_of_any_layout(op: Op) -> None:
    """0-d, empty and non-contiguous arrays give the same numbers, in the shape they came in."""
    function = Arrays().function(op)
    for at in op.samples:
        expected = op.float(*at)
        single = function(*(np.array(a) for a in at))
        assert single.shape == ()
        assert float(single) == pytest.approx(expected, rel=2e-15)
        assert function(*(np.empty((0, 3)) for _ in at)).shape == (0, 3)
        strided = [np.full((4, 6), a)[::2, ::-3].T for a in at]
        assert not strided[0].flags.c_contiguous
        np.testing.assert_allclose(function(*strided), np.full((2, 2), expected), rtol=2e-15)


@pytest.mark.parametrize(("op", "at"), [p for p in SAMPLES if p.values[0].fraction is not None])
def test_fractions_equal_floats(op: Op, at: tuple[float, ...]) -> None:
    """The exact form has the float form's value, and is exact unless the number is irrational."""
    assert op.fraction is not None
    found = op.fraction(*(Fraction(a) for a in at))
    assert float(found) == pytest.approx(op.float(*at), rel=1e-15)
    assert isinstance(found, float) == ((op.name, at[-1]) in {("power", -1.5), ("power", 0.5)})


@pytest.mark.parametrize("formula", [
    "max(x, y)", "min(x, y, 2)", "max(x, x/1)", "clip(x, 0, 1)", "where(x > y, x/3, y)", "(x >= y)*x",
    "abs(x)", "relu(x) + relu(-x)", "leaky_relu(-x, y)", "floor(3*x) + ceil(x) + round(x) + sign(x)",
])  # fmt: skip
def test_a_rational_op_stays_exact(formula: str) -> None:
    """Corners, steps and choices are rational: value and gradient stay fractions."""
    at = {"x": Fraction(1, 3)} | ({"y": Fraction(1, 7)} if "y" in formula else {})
    found = trace(formula, at, exact=True)
    assert isinstance(found.value, Fraction)
    assert all(isinstance(slope, Fraction) for slope in found.gradient.values())
    assert "inexact" not in {note.kind for note in found.notes}


#: A declaration that is fine, to be spoilt one field at a time.
GOOD: dict[str, Any] = {
    "name": "size", "args": "a", "doc": "|a|", "float": math.fabs, "partials": ("1",), "samples": ((1.0,),),
    "why": "It moves as its argument does.",
}  # fmt: skip


@pytest.mark.parametrize(("spoilt", "words"), [
    pytest.param({"args": "a b"}, "2 arguments, 1 rules", id="arity"),
    pytest.param({"partials": ("2", "3")}, "1 arguments, 2 rules", id="arity-of-rules"),
    pytest.param({"partials": ()}, "partials or messages", id="no-rules"),
    pytest.param({"messages": ("2*g",)}, "partials or messages", id="both-sorts-of-rules"),
    pytest.param({"stable": ("2", "3")}, "stable and partials", id="stable"),
    pytest.param({"samples": ()}, "no sample points", id="no-samples"),
    pytest.param({"why": "because"}, "in a sentence", id="no-reason"),
    pytest.param({"kinks": (Kink("a == 0", (), "a corner"),)}, "kink without the value", id="kink"),
    pytest.param({"domain": Domain("a > 0", "positive")}, "go together", id="domain-without-refuses"),
    pytest.param({"refuses": ((-1.0,),)}, "go together", id="refuses-without-domain"),
    pytest.param({"float": lambda a: a + a}, "have names", id="lambda"),
])  # fmt: skip
def test_a_declaration_that_contradicts_itself_is_refused(spoilt: dict[str, Any], words: str) -> None:
    """Op refuses a wrong arity, missing samples, a kink without its value, half a domain, a lambda."""
    assert Op(**GOOD).arity == 1
    with pytest.raises(ValueError, match=words):
        Op(**(GOOD | spoilt))


@pytest.mark.parametrize("text", ["q", "2*b", "a + x", "a1"])
def test_a_rule_names_only_what_it_has(text: str) -> None:
    """A rule over a name that is no argument of its op raises ValueError, wherever it stands."""
    with pytest.raises(ValueError, match="no access"):
        rule(Op(**(GOOD | {"partials": (text,)})), 0, 1)
    with pytest.raises(ValueError, match="no access"):
        text_rule(Op(**GOOD), text, 1)


@pytest.mark.parametrize("op", EACH)
def test_every_text_of_a_declaration_can_be_read(op: Op) -> None:
    """Rules, domains and kinks of every op parse, and an alias finds the op."""
    floats = Floats()
    for count in sorted({len(at) for at in op.samples}):
        texts = [kink.when for kink in op.kinks] + [t for kink in op.kinks for t in kink.taken if t]
        texts += [t for kink in op.kinks for t in kink.slopes or ()]
        texts += [op.domain.holds] if op.domain else []
        for slot in range(count):
            for text in texts:
                floats.text(op, text, slot, count)
        assert all(find(name, count) is op for name in (op.name, *op.aliases))
