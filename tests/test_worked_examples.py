"""The lecture's worked examples, message by message, against figures from the lecture."""

from __future__ import annotations

import math

import pytest

from backtrace_cli import trace
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.closed.open_chain import chain

A1 = "a = x^2; b = x + y; c = b*y; d = a - c; e = y^2; f = d + e"
A2 = "b = x + y; c = x - y; d = b^2; f = x*y + d*c"
A3 = "σ_y = σ(y); g = x + σ_y; σ_x = σ(x); p = x + y; s = p²; h = σ_x + s; k = 1/h; f = g·k"


def test_a1_values() -> None:
    """At (1, 0): a=1, b=1, c=0, d=1, e=0, f=1."""
    values = {step.node: step.value for step in trace(A1, x=1, y=0).steps}
    assert values == {"a": 1, "b": 1, "c": 0, "d": 1, "e": 0, "f": 1}


def test_a1_messages() -> None:
    """The gradient is (2, −1), and y gets −1 through c, 0 through b, 0 through e."""
    t = trace(A1, x=1, y=0)
    assert t.gradient == {"x": 2, "y": -1}
    assert {m.source: m.contribution for m in t.messages_to("y")} == {"c": -1, "b": 0, "e": 0}
    assert {m.source: m.contribution for m in t.messages_to("x")} == {"a": 2, "b": 0}
    sent = [(m.source, m.target, m.contribution, m.total, m.fork) for m in t.messages]
    assert sent == [
        ("f", "d", 1, 1, None), ("f", "e", 1, 1, None), ("e", "y", 0, 0, (1, 3)),
        ("d", "a", 1, 1, None), ("d", "c", -1, -1, None), ("c", "b", 0, 0, None),
        ("c", "y", -1, -1, (2, 3)), ("b", "x", 0, 0, (1, 2)), ("b", "y", 0, -1, (3, 3)),
        ("a", "x", 2, 2, (2, 2)),
    ]  # fmt: skip


def test_a1_local_derivatives_as_formulas() -> None:
    """∂a/∂x is 2·x, ∂c/∂b is y, ∂d/∂c is −1: formulas as one would write them."""
    shown = {(m.source, m.target): to_text(m.local_expression) for m in trace(A1, x=1, y=0).messages}
    assert shown["a", "x"] == "2·x"
    assert shown["e", "y"] == "2·y"
    assert (shown["c", "b"], shown["c", "y"]) == ("y", "b")
    assert (shown["d", "a"], shown["d", "c"]) == ("1", "−1")


def test_a1_forward_mode() -> None:
    """Along x: ∂a=2, ∂b=1, ∂c=0 (not the lecture's 1), ∂d=2, ∂e=0, ∂f=2."""
    along_x, along_y = trace(A1, x=1, y=0, mode="forward").tangents
    assert [step.value for step in along_x.steps] == [2, 1, 0, 2, 0, 2]
    assert along_y.value == -1


def test_a1_symbolic() -> None:
    """∂f/∂b = −y; ∂f/∂x = 2x − y; ∂f/∂y = −b − y + 2y, gathered to y − b."""
    t = trace(A1)
    assert to_text(t.gradient_of("b")) == "−y"
    assert to_text(t.gradient["x"]) == "2·x − y"
    assert to_text(t.gradient["y"]) == "y − b"
    assert {m.source: to_text(m.contribution) for m in t.messages_to("y")} == {
        "c": "−b", "b": "−y", "e": "2·y",
    }  # fmt: skip


def test_a1_elsewhere() -> None:
    """At (2, 3): value −2, gradient (1, −2)."""
    t = trace(A1, x=2, y=3)
    assert (t.value, t.gradient) == (-2, {"x": 1, "y": -2})


def test_a2() -> None:
    """At (2, 1): value 11, gradient (16, −1); ∂f/∂x = y + 2bc + d message by message."""
    t = trace(A2, x=2, y=1)
    assert (t.value, t.gradient) == (11, {"x": 16, "y": -1})
    assert sorted(m.contribution for m in t.messages_to("x")) == [1, 6, 9]
    assert to_text(trace(A2).gradient["x"]) == "y + d + 2·c·b"
    assert trace("x*y + (x+y)²(x−y)", x=2, y=1).gradient == {"x": 16, "y": -1}


@pytest.mark.parametrize(
    ("point", "value", "gradient"),
    [
        ({"x": 3, "y": -4}, 1.54564488410664, (2.05956979557216, 1.59223275148381)),
        ({"x": 1, "y": 0}, 0.866521802622723, (-0.521884206119686, -0.85672641212359)),
    ],
    ids=["3,-4", "1,0"],
)
def test_a3(point: dict[str, float], value: float, gradient: tuple[float, float]) -> None:
    """The sheet's value and gradient, to the fifteen digits of the lecture."""
    t = trace(A3, point)
    assert t.value == pytest.approx(value, rel=1e-14)
    assert tuple(t.gradient.values()) == pytest.approx(gradient, rel=1e-14)


def test_a3_every_message() -> None:
    """Each row of the sheet: dg = k, dk = g, dh = dk·(−1/h²), dp = ds·2p, … computed by hand here."""
    x, y = 3.0, -4.0
    sy, sx = 1 / (1 + math.exp(-y)), 1 / (1 + math.exp(-x))
    g, p = x + sy, x + y
    h = sx + p * p
    dh = -g / h**2
    expected = {
        ("f", "g"): 1 / h, ("f", "k"): g, ("k", "h"): dh, ("h", "σ_x"): dh, ("h", "s"): dh,
        ("s", "p"): dh * 2 * p, ("p", "x"): dh * 2 * p, ("p", "y"): dh * 2 * p,
        ("σ_x", "x"): dh * (1 - sx) * sx, ("g", "x"): 1 / h, ("g", "σ_y"): 1 / h,
        ("σ_y", "y"): (1 - sy) * sy / h,
    }  # fmt: skip
    messages = {(m.source, m.target): m.contribution for m in trace(A3, x=x, y=y).messages}
    assert messages == pytest.approx(expected, rel=1e-14)
    assert trace(A3, x=x, y=y).forks == {"x": 3, "y": 2}


def test_a4() -> None:
    """Swish at x=1.5, β=2, and relu's convention at 0."""
    t = trace("swish(x; β)", x=1.5, beta=2)
    assert t.value == pytest.approx(1.42886119023365, rel=1e-14)
    assert list(t.gradient.values()) == pytest.approx([1.08810410601517, 0.101647484394552], rel=1e-14)
    assert trace("relu(x)", x=0).gradient == {"x": 0}


@pytest.mark.parametrize(
    ("formula", "sums"),
    [
        ("z(x(u,v), y(u,v))", {"u": "∂z/∂x·∂x/∂u + ∂z/∂y·∂y/∂u", "v": "∂z/∂x·∂x/∂v + ∂z/∂y·∂y/∂v"}),
        ("f(x(t), y(t))", {"t": "∂f/∂x·dx/dt + ∂f/∂y·dy/dt"}),
        ("h(a,b,c,d,e)", {name: f"∂h/∂{name}" for name in "abcde"}),
        ("L(y(z(w)))", {"w": "∂L/∂y·∂y/∂z·∂z/∂w"}),
        ("f(h(z1,z2,z3))", {f"z{i}": f"∂f/∂h·∂h/∂z{i}" for i in (1, 2, 3)}),
    ],
    ids=["A5-z", "A5-f", "A5-h", "A5-L", "A6"],
)
def test_a5_a6(formula: str, sums: dict[str, str]) -> None:
    """With functions left open, gradients are sums over paths."""
    found = chain(formula)
    assert {name: found.sum(name) for name in sums} == sums
