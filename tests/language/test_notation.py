"""Notations of lectures and programs: what each is read as, with which note, and its like-meaning twin."""

from __future__ import annotations

import numpy as np
import pytest

from backtrace_cli import BacktraceError, trace
from backtrace_cli.language.reading.parser import parse
from backtrace_cli.language.tree.syntax import Assign
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS

#: written -> (read as, how that is said; "" where it has one meaning)
LECTURES = {
    "sin x": ("sin(x)", "sin x is read as sin(x)"),
    "cos 2x": ("cos(2*x)", "cos 2x is read as cos(2x)"),
    "sin 2πx": ("sin(2*π*x)", "sin 2πx is read as sin(2πx)"),
    "ln x + 1": ("ln(x) + 1", "ln x is read as ln(x)"),
    "sin x cos x": ("sin(x)*cos(x)", "sin x is read as sin(x)"),
    "sin x^2": ("sin(x^2)", "sin x^2 is read as sin(x^2)"),
    "sin² x": ("sin(x)^2", "sin² x is read as sin(x)^2"),
    "sin^2(x)": ("sin(x)^2", "sin^2(x) is read as sin(x)^2"),
    "ln sin x": ("ln(sin(x))", "ln sin x is read as ln(sin x)"),
    "e^sin x": ("e^sin(x)", "sin x is read as sin(x)"),
    "ln|x|": ("ln(abs(x))", "ln|x| is read as ln(|x|)"),
    "sqrt x": ("sqrt(x)", "sqrt x is read as sqrt(x)"),
    "tanh x[0]": ("tanh(x[0])", "tanh x[0] is read as tanh(x[0])"),
    "½x^2": ("1/2*x^2", ""),
    "w₂σ(w₁x)": ("w2*σ(w1*x)", ""),
    "θ₁x + θ₀": ("θ1*x + θ0", ""),
    "2πr": ("2*π*r", ""),
    "πr^2": ("π*r^2", ""),
    "loss_1 + w_{12}*x_1": ("loss_1 + w_12*x_1", ""),
    "∛x": ("cbrt(x)", ""),
    "a ⊙ b": ("a*b", ""),
    "Aᵀ @ x": ("A.T @ x", ""),
    "‖x‖₂² + λ‖w‖₁": ("norm(x)^2 + λ*sum(abs(w))", ""),
    "||x - y||": ("norm(x - y)", ""),
    "||x|-|y||": ("abs(abs(x) - abs(y))", ""),
    "$x^2 + y$": ("x^2 + y", ""),
    "d/dx x^2": ("x^2", "d/dx asks for the derivative, which stands under Gradient, beside x"),
    "w^T x + x^T A x": ("w.T @ x + x.T @ A @ x", "^T is read as the transpose, as T has no value"),
    "A' b": ("A.T @ b", "A' is read as the transpose, A.T"),
    "[1. 2.]": ("[1., 2.]", "a list without commas is read with one between its entries"),
    "ReLU(x) + LeakyReLU(y)": ("relu(x) + leaky_relu(y)", ""),
    "log_2(x) + log_b(y)": ("log(x, 2) + log(y, b)", ""),
    "x + xsin(x)": ("x + x*sin(x)", "xsin(…) is read as x·sin(…)"),
}

PROGRAMS = {
    "np.exp(x)": ("exp(x)", ""),
    "torch.sigmoid(x)": ("sigmoid(x)", ""),
    "F.gelu(x)": ("gelu(x)", ""),
    "torch.nn.functional.relu(x)": ("relu(x)", ""),
    "2*np.pi*x": ("2*pi*x", ""),
    "x.sum()": ("sum(x)", ""),
    "x.sum(dim=0, keepdim=True)": ("sum(x, axis=0, keepdims=True)", ""),
    "(x-y).pow(2).mean()": ("mean((x - y)^2)", ""),
    "A.mm(B)": ("A @ B", ""),
    "A.T.sum()": ("sum(A.T)", ""),
    "pow(x, 2)": ("x^2", ""),
    "sum(x, axis=(0,1))": ("sum(x, axis=[0, 1])", ""),
    "cat((x,x), dim=0)": ("cat([x, x], axis=0)", ""),
    "reshape(x, (2, 3))": ("reshape(x, [2, 3])", ""),
    "x.view(2, 3)": ("reshape(x, 2, 3)", ""),
    "x.flatten()": ("reshape(x, -1)", ""),
    "x.unsqueeze(0)": ("expand_dims(x, 0)", ""),
    "x.shape[0]": ("size(x, axis=0)", ""),
    "x[None,:]": ("expand_dims(x, axis=0)", ""),
    "x[:, None]": ("expand_dims(x, axis=1)", ""),
    "x[1:3, None, 0]": ("expand_dims(x[1:3, 0], axis=1)", ""),
    "clamp(x, min=0)": ("clamp(x, 0, inf)", ""),
    "np.clip(x, a_max=6)": ("clip(x, -inf, 6)", ""),
    "F.leaky_relu(x, negative_slope=0.2)": ("leaky_relu(x, 0.2)", ""),
    "tensor([1., 2.])": ("[1., 2.]", ""),
    "np.array([1, 2], dtype=float)": ("[1, 2]", ""),
    "1_000*x": ("1000*x", ""),
    "F.cross_entropy(z, y)": (
        "cross_entropy_with_logits(z, y)",
        "PyTorch's cross_entropy takes scores: it is read as cross_entropy_with_logits; "
        "of probabilities it is cross_entropy",
    ),
    "np.std(x)": ("std(x)", ""),
    "torch.std(x)": ("std(x, ddof=1)", "PyTorch's std(x) divides by n − 1: std(x, ddof=1)"),
    "std(x, ddof=1)": ("std(x, ddof=1)", ""),
}


@pytest.mark.parametrize("written", [*LECTURES, *PROGRAMS])
def test_what_has_one_meaning_is_read(written: str) -> None:
    """The tree is the one of the plain spelling, and a note says what could be meant otherwise."""
    wanted, note = {**LECTURES, **PROGRAMS}[written]
    program = parse(written, functions=FUNCTIONS)
    (statement,) = program.statements
    assert isinstance(statement, Assign)
    assert to_text(statement.value, ascii=True) == wanted
    assert [reading.message for reading in program.readings][:1] == [note] * bool(note)


@pytest.mark.parametrize(("written", "plain"), [
    ("y = u^2; u = 3x+1", "u = 3x+1; y = u^2"),
    ("y = u^2, u = 3x+1", "u = 3x+1; y = u^2"),
    ("y = u^2\nu = v+1\nv = 3x", "v = 3x; u = v+1; y = u^2"),
    ("f = g(x) + 1, g(t) = t^2", "g(t) = t^2; f = g(x) + 1"),
    ("f(w, x) = w0*x0 + w1*x1", "w0*x0 + w1*x1"),
    ("h0 = x; for k in 1..2: h{k} = tanh(h{k-1}); f = h2^2", "tanh(tanh(x))^2"),
    ("k = 1+1; n = k*2; sum(x)*n", "sum(x)*4"),
])  # fmt: skip
def test_definitions_in_any_order(written: str, plain: str) -> None:
    """They are sorted, and come to what the sorted ones come to."""
    names = sorted(set(trace(plain).graph.inputs))
    point = {name: 1.5 + 0.25 * at for at, name in enumerate(names)}
    found, wanted = trace(written, point), trace(plain, point)
    assert float(found.value) == pytest.approx(float(wanted.value), rel=1e-15)
    assert {name: float(slope) for name, slope in found.gradient.items()} == pytest.approx(
        {name: float(slope) for name, slope in wanted.gradient.items()}, rel=1e-14
    )


def test_a_point_written_as_a_definition_is_said_to_be_one() -> None:
    """``f = x*y, x = 2`` fixes x, and the note says how a point is given."""
    found = trace("f = x*y, x = 2", y=3)
    assert (found.value, found.gradient) == (6.0, {"y": 2.0})
    assert any("as a point write --at x=2" in note.message for note in found.notes)


def test_indices_with_arithmetic() -> None:
    """What stands in an index of a loop is worked out before anything runs."""
    x = np.arange(1.0, 9.0)
    found = trace("for i in 0..2: y{i} = sum(x[2*i:2*i+2])^2\nf = y0 + y1 + y2", x=x)
    assert found.value == sum(x[2 * i : 2 * i + 2].sum() ** 2 for i in range(3))
    matrix = x.reshape(2, 4)
    pairs = trace("sum(Z[r, y]^2)", Z=matrix, r=[0, 1], y=[3, 0])
    assert pairs.value == 4.0**2 + 5.0**2
    assert pairs.gradient["Z"].tolist() == [[0, 0, 0, 8], [10, 0, 0, 0]]
    assert trace("h = 1; f = sum(Q[:, 2*h:2*h+2])", Q=matrix).value == matrix[:, 2:4].sum()
    assert trace("n = 3; m = n*2 - 1; sum(x[n-1:m])", x=x).value == x[2:5].sum()


def test_a_note_stands_on_the_page_and_in_the_record() -> None:
    """How a formula was read is a note of the kind ``reading``."""
    (note,) = trace("cos 2x", x=1).notes
    assert (note.kind, note.message) == ("reading", "cos 2x is read as cos(2x)")


@pytest.mark.parametrize("count", [1_000, 20_000])
def test_depth_and_length_cost_no_recursion(count: int) -> None:
    """Long sums and deep nests of functions without brackets are read, or refused, in linear time."""
    assert trace("+".join(["sin x"] * count), x=0).value == 0
    with pytest.raises(BacktraceError):
        trace("sin " * count, x=0)
    assert trace("x" + ".sum()" * 50, x=[1, 2]).value == 3
