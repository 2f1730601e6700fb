"""Where an op is not ordinary: outside its domain, at its kinks, far out in its tails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.base.errors import DomainError
from backtrace_cli.ops import OPS, Op
from tests.calculus import FORWARD, PARTIALS, SCALAR, close, mp

INF, NAN = math.inf, math.nan


def _id(*parts: Any) -> str:
    return "-".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)


REFUSED = [pytest.param(op, at, id=_id(op.name, *at)) for op in SCALAR.values() for at in op.refuses]


def called(op: Op, at: tuple[Any, ...]) -> Any:
    """The trace of the op's own call at ``at``: ``log_base(a0, a1)``."""
    names = [f"a{i}" for i in range(len(at))]
    return trace(f"{op.name}({', '.join(names)})", dict(zip(names, at, strict=True)))


@pytest.mark.parametrize(("op", "at"), REFUSED)
def test_a_point_outside_the_domain_is_refused(op: Op, at: tuple[float, ...]) -> None:
    """A point that a declaration refuses is a DomainError in the op's words, for arrays as well."""
    assert op.domain is not None
    inside = op.samples[0]
    with pytest.raises(DomainError, match=op.domain.words[:20]):
        called(op, at)
    with pytest.raises(DomainError, match=op.domain.words[:20]):
        called(op, tuple(np.array(pair) for pair in zip(inside, at, strict=True)))


#: (op, point, the value of each partial taken there, the kind of the note): design.md, "Kinks".
KINKS = [
    ("relu", (0.0,), (0.0,), "kink"),
    ("abs", (0.0,), (0.0,), "kink"),
    ("sign", (0.0,), (0.0,), "jump"),
    ("leaky_relu", (0.0, 0.2), (0.2, 0.0), "kink"),
    ("elu", (0.0, 0.7), (0.7, 0.0), "kink"),
    ("elu", (0.0, 1.0), (1.0, 0.0), None),
    ("max", (2.0, 2.0), (1 / 2, 1 / 2), "kink"),
    ("max", (2.0, 2.0, 2.0), (1 / 3, 1 / 3, 1 / 3), "kink"),
    ("max", (2.0, 1.0, 2.0), (1 / 2, 0.0, 1 / 2), "kink"),
    ("max", (1.0, 1.0, 2.0), (0.0, 0.0, 1.0), None),
    ("min", (2.0, 2.0), (1 / 2, 1 / 2), "kink"),
    ("min", (1.0, 1.0, 1.0, 3.0), (1 / 3, 1 / 3, 1 / 3, 0.0), "kink"),
    ("clip", (1.0, -1.0, 1.0), (1.0, 0.0, 0.0), "kink"),
    ("clip", (-1.0, -1.0, 1.0), (1.0, 0.0, 0.0), "kink"),
    ("sqrt", (0.0,), (INF,), "infinite"),
    ("log", (0.0,), (INF,), "infinite"),
    ("power", (0.0, 0.0), (0.0, NAN), "undefined"),
    ("power", (-2.0, 3.0), (12.0, NAN), "undefined"),
    ("power", (0.0, 2.0), (0.0, 0.0), None),
    ("power", (0.0, 1.0), (1.0, 0.0), None),
    ("power", (0.0, 0.5), (INF, 0.0), "infinite"),
    ("floor", (1.0,), (0.0,), "jump"),
    ("ceil", (-2.0,), (0.0,), "jump"),
    ("round", (0.5,), (0.0,), "jump"),
    ("less", (2.0, 2.0), (0.0, 0.0), "jump"),
    ("equal", (2.0, 2.0), (0.0, 0.0), "jump"),
    ("hypot", (0.0, 0.0), (0.0, 0.0), "kink"),
    ("atan2", (0.0, 0.0), (NAN, NAN), "undefined"),
    ("atan2", (0.0, -2.0), (-0.5, 0.0), "jump"),
]


def _rows(table: list[Any]) -> list[Any]:
    return [pytest.param(*row, id=_id(row[0], *row[1])) for row in table]


@pytest.mark.parametrize(("name", "at", "taken", "kind"), _rows(KINKS))
def test_what_is_taken_at_a_kink(
    name: str, at: tuple[float, ...], taken: tuple[float, ...], kind: str | None
) -> None:
    """At a kink the derivative is the one of the design's table, in any arithmetic, and a note says so."""
    found = called(OPS[name], at)
    assert list(found.gradient.values()) == pytest.approx(list(taken), abs=0, rel=1e-15, nan_ok=True)
    kinds = [note.kind for note in found.notes if note.kind != "flat"]
    assert (kind in kinds) if kind else not kinds
    arrays = called(OPS[name], tuple(np.array([a, a]) for a in at))
    np.testing.assert_allclose(list(arrays.gradient.values()), [[t, t] for t in taken], rtol=1e-15)


def test_a_kink_is_told_with_its_op_its_slopes_and_the_value_taken() -> None:
    """The note of a kink names the op, the slopes on either side and the value taken."""
    assert [note.message for note in trace("abs(x)", x=0).notes] == [
        "abs at x = 0: the slope is −1 on the left and 1 on the right; 0 is taken"]  # fmt: skip
    assert "the base is negative" in trace("x^y", x=-2, y=3).notes[0].message
    assert "0^0 is taken as 1" in trace("x^y", x=0, y=0).notes[0].message
    assert trace("x^y", x=0, y=0).value == 1


def test_a_literal_exponent_zero_is_flat() -> None:
    """x^0 at 0 is 1 with derivative 0, and the literal gets no message."""
    found = trace("x^0", x=0)
    assert (found.value, found.gradient) == (1.0, {"x": 0.0})
    assert [message.target for message in found.messages] == ["x"]


@pytest.mark.parametrize(("x", "slope"), [(4.0, 0.25), (-4.0, 1.0), (0.0, 1.0)])
def test_the_branch_not_taken_sends_no_message(x: float, slope: float) -> None:
    """where(x > 0, sqrt(x), x) is a number with a gradient on both sides, as is its array form."""
    formula = "where(x > 0, sqrt(x), x)"
    found = trace(formula, x=x)
    assert found.gradient == {"x": slope}
    assert not any(m.source == "v2" for m in found.messages) or x > 0
    assert trace(formula, x=[x, 4.0]).gradient["x"].tolist() == [slope, 0.25]


@pytest.mark.parametrize(("formula", "at", "kind", "where"), [
    ("exp(x)*y", {"x": 1000, "y": 1}, "infinite", "v1"),
    ("exp(x)*y", {"x": 1000, "y": 0}, "nan", "f"),
    ("1/x", {"x": 0}, "infinite", "f"),
    ("x/x + 1", {"x": 0}, "nan", "v1"),
    ("sqrt(x)*y", {"x": 0, "y": 2}, "infinite", "x"),
])  # fmt: skip
def test_the_first_step_that_went_bad_is_named(
    formula: str, at: dict[str, float], kind: str, where: str
) -> None:  # fmt: skip
    """Overflow, 0·inf and nan are reported at the node or message that made them."""
    assert (kind, where) in {(note.kind, note.node) for note in trace(formula, at).notes}


#: Points where the textbook formula overflows or cancels and a sound one doesn't.
TAILS = [
    ("sigmoid", (1000.0,)), ("sigmoid", (-1000.0,)), ("sigmoid", (-700.0,)), ("sigmoid", (40.0,)),
    ("softplus", (800.0,)), ("softplus", (-800.0,)), ("softplus", (-700.0,)), ("softplus", (-40.0,)),
    ("log1p", (1e-18,)), ("log1p", (-1e-18,)), ("expm1", (1e-18,)), ("expm1", (-1e-18,)),
    ("tanh", (20.0,)), ("tanh", (-20.0,)), ("tanh", (300.0,)), ("tanh", (1000.0,)),
    ("gelu", (-30.0,)), ("gelu", (-1000.0,)), ("gelu", (30.0,)),
    ("swish", (-1000.0, 1.0)), ("swish", (-700.0, 1.0)), ("swish", (700.0, 1.0)), ("swish", (1e200, 1.0)),
    ("mish", (-800.0,)), ("mish", (-700.0,)), ("mish", (300.0,)), ("mish", (800.0,)),
    ("atan2", (1.0, 1.0)), ("atan2", (1.0, -1.0)), ("atan2", (-1.0, -1.0)), ("atan2", (-1.0, 1.0)),
    ("atan2", (1.0, 0.0)), ("atan2", (-1.0, 0.0)), ("atan2", (0.0, 1.0)),
    ("atan2", (1e-200, -1e-200)), ("atan2", (1e200, 1e200)),
    ("hypot", (1e-200, 1e-200)), ("hypot", (3e200, 4e200)),
    ("divide", (1e-200, 1e-200)), ("divide", (1e200, 1e200)),
    ("asinh", (1e-18,)), ("asinh", (-1e200,)), ("acosh", (1.0 + 2.0**-40,)), ("acosh", (1e200,)),
    ("atanh", (1.0 - 2.0**-40,)), ("asin", (1.0 - 2.0**-40,)), ("acos", (2.0**-40 - 1.0,)),
    ("erfc", (20.0,)), ("erfc", (-5.0,)), ("erf", (1e-18,)), ("cbrt", (-1e-200,)), ("cosh", (700.0,)),
    ("exp", (-700.0,)), ("log", (1e-300,)), ("log_base", (1e300, 1e-300)), ("power", (1e-100, 3.0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "at"), _rows(TAILS))
def test_tails_keep_their_digits(name: str, at: tuple[float, ...]) -> None:
    """Far out, value and gradient keep 12 digits (or are 0 where the truth is below every float)."""
    found = called(OPS[name], at)
    arrays = called(OPS[name], tuple(np.array([a]) for a in at))
    big = [mp.mpf(a) for a in at]
    least = 2.0**-1060
    for one in (found.value, float(arrays.value[0])):
        assert close(one, FORWARD[name](*big), 1e-12, least)
    for slot, partial in enumerate(PARTIALS[name]):
        for one in (found.gradient[f"a{slot}"], float(arrays.gradient[f"a{slot}"][0])):
            assert close(one, partial(*big), 1e-12, least), f"argument {slot}"
