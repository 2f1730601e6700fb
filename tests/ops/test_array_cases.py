"""Array ops at the shapes that break things: axes, broadcasting, nothing, one entry, ties, zeros."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backtrace_cli import trace
from backtrace_cli.base.errors import ShapeError
from backtrace_cli.ops import OPS, Op
from tests.arrays import Array, drawn, hold, strided

Shape = tuple[int, ...]


def shaped(**shapes: Shape) -> dict[str, Array]:
    """An array of each shape."""
    return {name: drawn(shape, seed) for seed, (name, shape) in enumerate(shapes.items())}


#: formula, the variables' shapes, the same in NumPy
CASES: list[tuple[str, dict[str, Shape], Callable[..., Array]]] = [
    ("W @ x", {"W": (4, 3), "x": (3,)}, lambda W, x: np.einsum("ij,j->i", W, x)),
    ("x @ W", {"x": (4,), "W": (4, 3)}, lambda x, W: np.einsum("i,ij->j", x, W)),
    ("x @ y", {"x": (5,), "y": (5,)}, lambda x, y: np.sum(x * y)),
    ("dot(x, y)", {"x": (1,), "y": (1,)}, lambda x, y: np.sum(x * y)),
    ("A @ B", {"A": (2, 3), "B": (3, 4)}, lambda A, B: np.einsum("ij,jk->ik", A, B)),
    ("A @ B", {"A": (1, 3), "B": (3, 1)}, lambda A, B: np.einsum("ij,jk->ik", A, B)),
    ("A @ B", {"A": (2, 0), "B": (0, 3)}, lambda A, B: np.zeros((2, 3))),
    ("A @ B", {"A": (0, 2), "B": (2, 3)}, lambda A, B: np.zeros((0, 3))),
    ("A @ B", {"A": (5, 2, 3), "B": (3, 2)}, lambda A, B: np.einsum("nij,jk->nik", A, B)),
    ("A @ B", {"A": (2, 3), "B": (5, 3, 2)}, lambda A, B: np.einsum("ij,njk->nik", A, B)),
    ("A @ B", {"A": (5, 1, 2, 3), "B": (4, 3, 2)}, lambda A, B: np.einsum("mnij,njk->mnik", A + np.zeros((5,
     4, 2, 3)), B)),
    ("A.T @ A", {"A": (2, 3)}, lambda A: np.einsum("ki,kj->ij", A, A)),
    ("A @ A", {"A": (3, 3)}, lambda A: np.einsum("ij,jk->ik", A, A)),
    ("outer(x, y)", {"x": (1,), "y": (3,)}, lambda x, y: x[:, None] * y),
    ("outer(x, x)", {"x": (3,)}, lambda x: x[:, None] * x),
    ("A.T", {"A": (2, 1)}, lambda A: A.transpose()),
    ("x[0]", {"x": (3,)}, lambda x: x[0]),
    ("x[-1]*x[0] + x[-1]", {"x": (3,)}, lambda x: x[-1] * x[0] + x[-1]),
    ("A[1]", {"A": (2, 3)}, lambda A: A[1]),
    ("A[1, -1]", {"A": (2, 3)}, lambda A: A[1, -1]),
    ("A[0][1]", {"A": (2, 3)}, lambda A: A[0, 1]),
    ("A[:, 1]", {"A": (2, 3)}, lambda A: A[:, 1]),
    ("A[:, 1:]", {"A": (2, 3)}, lambda A: A[:, 1:]),
    ("A[::-1, ::2]", {"A": (2, 3)}, lambda A: A[::-1, ::2]),
    ("A[-1:]", {"A": (2, 3)}, lambda A: A[-1:]),
    ("A[1:1]", {"A": (2, 3)}, lambda A: A[1:1]),
    ("A[5:]", {"A": (2, 3)}, lambda A: A[5:]),
    ("A[:, 0, ::2]", {"A": (2, 3, 4)}, lambda A: A[:, 0, ::2]),
    ("n = 1; A[n, n:]", {"A": (2, 3)}, lambda A: A[1, 1:]),
    ("k = 2; g(k) = x[k]; g(0)*g(1)", {"x": (3,)}, lambda x: x[0] * x[1]),
    ("[x[1], x[0], x[1]]", {"x": (2,)}, lambda x: x[[1, 0, 1]]),
    ("[[a, b], [b, 1]]", {"a": (), "b": ()}, lambda a, b: np.array([[a, b], [b, 1.0]])),
    ("[x, [1, 2, 3], x]", {"x": (3,)}, lambda x: np.array([x, [1.0, 2.0, 3.0], x])),
    ("stack(A, A*2)", {"A": (2, 2)}, lambda A: np.array([A, 2 * A])),
    ("concat(x, y, x)", {"x": (1,), "y": (3,)}, lambda x, y: np.concatenate([x, y, x])),
    ("concat([x, y])", {"x": (2,), "y": (3,)}, lambda x, y: np.concatenate([x, y])),
    ("concat(x, [a, 2])", {"x": (2,), "a": ()}, lambda x, a: np.concatenate([x, [a, 2.0]])),
    ("concat(A, B, axis=1)", {"A": (2, 3), "B": (2, 1)}, lambda A, B: np.concatenate([A, B], 1)),
    ("concat(A, B, axis=-1)", {"A": (2, 0), "B": (2, 1)}, lambda A, B: np.concatenate([A, B], 1)),
    ("concat(A, B, axis=-2)", {"A": (2, 3), "B": (1, 3)}, lambda A, B: np.concatenate([A, B], 0)),
    ("reshape(A, 3, 2)", {"A": (2, 3)}, lambda A: A.reshape(3, 2)),
    ("reshape(A, [1, -1, 2])", {"A": (2, 3)}, lambda A: A.reshape(1, 3, 2)),
    ("reshape(A, -1)", {"A": (2, 3)}, lambda A: A.reshape(6)),
    ("reshape(a, [1, 1])", {"a": ()}, lambda a: np.reshape(a, (1, 1))),
    ("reshape(A.T, shape=[6])", {"A": (2, 3)}, lambda A: A.T.reshape(6)),
    ("expand_dims(x, axis=[0, 2])", {"x": (3,)}, lambda x: x[None, :, None]),
    ("softmax(A, axis=[0, 1])", {"A": (2, 3)}, lambda A: np.exp(A) / np.sum(np.exp(A))),
    ("softmax(A, axis=0)", {"A": (2, 3)}, lambda A: np.exp(A) / np.sum(np.exp(A), axis=0)),
    ("softmax(x)", {"x": (1,)}, lambda x: np.ones(1)),
    ("softmax(A)", {"A": (0, 3)}, lambda A: np.zeros((0, 3))),
    ("log_softmax(A, axis=0)", {"A": (2, 3)}, lambda A: A - np.log(np.sum(np.exp(A), axis=0))),
    ("log_softmax(A, axis=[0, 1])", {"A": (2, 3)}, lambda A: A - np.log(np.sum(np.exp(A)))),
    ("cross_entropy_with_logits(z, t)", {"z": (2, 3, 4), "t": (2, 3, 4)},
     lambda z, t: -np.mean(np.sum(t * (z - np.log(np.sum(np.exp(z), -1, keepdims=True))), -1))),
    ("cross_entropy_with_logits(z, [1, 0], reduction=sum)", {"z": (2, 3)},
     lambda z: np.sum(np.log(np.sum(np.exp(z), -1)) - z[[0, 1], [1, 0]])),
    ("cross_entropy_with_logits(z, [[0, 3], [1, 1]])", {"z": (2, 2, 4)},
     lambda z: np.mean(np.log(np.sum(np.exp(z), -1)) - np.array([[z[0, 0, 0], z[0, 1, 3]], [z[1, 0, 1], z[1,
      1, 1]]]))),
    ("cross_entropy(softmax(z), [0, 2])", {"z": (2, 3)},
     lambda z: np.mean(np.log(np.sum(np.exp(z), -1)) - z[[0, 1], [0, 2]])),
    ("cross_entropy(softmax(z), 1, reduction=sum)", {"z": (3,)}, lambda z: np.log(np.sum(np.exp(z))) - z[1]),
    ("binary_cross_entropy(σ(a), 1)", {"a": ()}, lambda a: np.log1p(np.exp(-a))),
    ("binary_cross_entropy_with_logits(z, [1, 0, 1], reduction=sum)", {"z": (3,)},
     lambda z: np.sum(np.log1p(np.exp(z)) - z * np.array([1, 0, 1]))),
    ("mse(a, 3)", {"a": ()}, lambda a: (a - 3) ** 2),
    ("mse(x, [1, 2], reduction=sum)", {"x": (2,)}, lambda x: (x[0] - 1) ** 2 + (x[1] - 2) ** 2),
    ("dropout(x, [1, 0, 1])", {"x": (3,)}, lambda x: x * [1, 0, 1]),
    ("one_hot([2, 0], 3) @ A", {"A": (3, 2)}, lambda A: A[[2, 0]]),
    ("one_hot(1, 3) @ x", {"x": (3,)}, lambda x: x[1]),
    ("argmax(x)*x", {"x": (3,)}, lambda x: float(np.argmax(x)) * x),
    ("relu(X @ W.T + b)", {"X": (4, 3), "W": (2, 3), "b": (2,)}, lambda X, W, b: np.maximum(X @ W.T + b, 0)),
    ("A/sum(A^2, axis=1, keepdims=true)", {"A": (2, 3)}, lambda A: A / np.sum(A * A, 1, keepdims=True)),
    ("(A - mean(A, axis=0))/std(A, axis=0)", {"A": (4, 3)}, lambda A: (A - A.mean(0)) / A.std(0)),
    ("where(x > 0, x^2, y)", {"x": (2, 3), "y": (3,)}, lambda x, y: np.where(x > 0, x**2, y)),
    ("where(x > 0, a, x)", {"x": (2, 3), "a": ()}, lambda x, a: np.where(x > 0, a, x)),
    ("where([1, 0, 1], x, 2x)", {"x": (3,)}, lambda x: np.where([True, False, True], x, 2 * x)),
    ("clip(A, -x, x)", {"A": (2, 3), "x": (3,)}, lambda A, x: np.minimum(np.maximum(A, -x), x)),
    ("max(A, x)*min(A, a)", {"A": (2, 3), "x": (3,), "a": ()}, lambda A, x, a: np.maximum(A,
     x) * np.minimum(A, a)),
    ("maximum(A, x) + minimum(A, x)^2", {"A": (2, 3), "x": (3,)}, lambda A, x: np.maximum(A,
     x) + np.minimum(A, x) ** 2),
    ("(A > x)*A", {"A": (2, 3), "x": (3,)}, lambda A, x: (x < A) * A),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "shapes", "witness"), CASES, ids=[f"{f}-{s}" for f, s, _ in CASES])
@pytest.mark.parametrize("layout", ["contiguous", "strided"])
def test_a_formula_of_arrays(
    formula: str, shapes: dict[str, Shape], witness: Callable[..., Array], layout: str
) -> None:
    """Value, gradient and tangent are NumPy's and those of differences, whatever the layout."""
    at = shaped(**shapes)
    hold(formula, at if layout == "contiguous" else {name: strided(a) for name, a in at.items()}, witness)


REDUCTIONS: dict[str, Callable[..., Array]] = {
    "sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min, "var": np.var,
    "std": np.std,
    "norm": lambda a, **o: np.sqrt(np.sum(a * a, **o)),
    "logsumexp": lambda a, **o: np.log(np.sum(np.exp(a), **o)),
}  # fmt: skip
#: The text of the option, and what NumPy is given.
AXES: list[tuple[str, Any]] = [
    ("", None), ("axis=0", 0), ("axis=1", 1), ("axis=-1", -1), ("axis=-3", -3), ("axis=[0, 1]", (0, 1)),
    ("axis=[2, 0]", (2, 0)), ("axis=[-1, -2]", (-1, -2)), ("axis=[0, 1, 2]", (0, 1, 2)), ("axis=none", None),
]  # fmt: skip


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize(("option", "axis"), AXES, ids=[option or "all" for option, _ in AXES])
@pytest.mark.parametrize("keepdims", [False, True], ids=["gone", "kept"])
def test_a_reduction_along_any_axes(name: str, option: str, axis: Any, keepdims: bool) -> None:
    """Axes alone, together, from the end, in any order, gone or kept: as NumPy has them."""
    words = ", ".join(["A", *filter(None, [option]), *(["keepdims=true"] if keepdims else [])])
    hold(f"{name}({words})", shaped(A=(2, 3, 2)), lambda A: REDUCTIONS[name](A, axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("shape", [(1,), (1, 1), (1, 3), ()], ids=str)
def test_a_reduction_of_few_entries(name: str, shape: Shape) -> None:
    """One entry, one row and a number: the same rules."""
    if name == "std" and shape != (1, 3):  # one entry has no spread: its own test
        pytest.skip("a corner")
    hold(f"{name}(A)", shaped(A=shape), lambda A: REDUCTIONS[name](A))


@pytest.mark.parametrize("name", ["sum", "prod", "norm"])
def test_a_reduction_of_nothing(name: str) -> None:
    """The sum of nothing is 0, its product 1, and an empty gradient has the variable's shape."""
    assert float(trace(f"{name}(x)", x=np.zeros(0)).value) == (name == "prod")
    assert trace(f"{name}(x)", x=np.zeros(0)).gradient["x"].shape == (0,)
    for shape, axis in itertools.product([(0, 3), (3, 0)], [0, 1]):
        found = trace(f"sum({name}(x, axis={axis}))", x=np.zeros(shape))
        assert found.gradient["x"].shape == shape
        (tangent,) = trace(f"sum({name}(x, axis={axis}))", x=np.zeros(shape), seed={"x": 1.0}).tangents
        assert float(tangent.value) == 0


@pytest.mark.parametrize("name", ["mean", "max", "min", "var", "std", "logsumexp"])
def test_nothing_has_no_mean_and_no_largest_entry(name: str) -> None:
    """The mean or the largest of nothing is refused before anything runs."""
    with pytest.raises(ShapeError, match="no entries to choose from"):
        trace(f"{name}(x)", x=np.zeros(0))


#: A 0 among the entries is where g·out/a, the textbook's own message of a product, has no value.
@pytest.mark.parametrize(
    "rows", [[[0.0, 2.0, 3.0]], [[0.0, 0.0, 3.0]], [[0.0] * 3], [[1.0, 0.0, 2.0], [3.0, 4.0, 5.0]]]
)
@pytest.mark.parametrize("option", ["", ", axis=0", ", axis=1", ", axis=[0, 1], keepdims=true"])
def test_a_product_with_zeros(rows: list[list[float]], option: str) -> None:
    """A product's gradient is right where entries are 0, one or several."""
    axis = {"": None, ", axis=0": 0, ", axis=1": 1}.get(option, (0, 1))
    hold(
        f"prod(A{option})", {"A": np.array(rows)}, lambda A: np.prod(A, axis=axis, keepdims="keep" in option)
    )


TIES = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 2.0]])


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1)], ids=str)
@pytest.mark.parametrize("keepdims", ["false", "true"])
@pytest.mark.parametrize("turned", [False, True], ids=["wide", "tall"])
def test_ties_share(name: str, axis: Any, keepdims: str, turned: bool) -> None:
    """k entries that tie take 1/k each, forward and backward alike, and a note says so."""
    rows = TIES.T if turned else TIES
    places = {None: "none", (0, 1): "[0, 1]"}.get(axis, str(axis))
    formula = f"sum(3*{name}(A, axis={places}, keepdims={keepdims}))"
    extreme = getattr(np, name)(rows, axis=axis, keepdims=True)
    share = 3.0 * (rows == extreme) / np.sum(rows == extreme, axis=axis, keepdims=True)
    found = trace(formula, A=rows)
    np.testing.assert_allclose(found.gradient["A"], share, rtol=1e-15)
    along = trace(
        formula,
        A=rows,
        seed={"A": [[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]] if not turned else np.arange(6.0).reshape(3, 2)},
    )
    direction = along.tangents[0].direction["A"]
    assert float(along.tangents[0].value) == pytest.approx(float(np.sum(share * direction)), rel=1e-15)
    ties = (rows == extreme) & (np.sum(rows == extreme, axis=axis, keepdims=True) > 1)
    tied = bool(np.any(ties))
    assert [note.kind for note in found.notes] == [note.kind for note in along.notes] == ["kink"] * tied
    verdicts = ["undecided" if tie else "agrees" for tie in ties.flat]
    assert [one.verdict for one in found.check()] == verdicts


@pytest.mark.parametrize(("formula", "rows"), [
    ("sum(norm(A, axis=1))", [[0.0, 0.0], [3.0, 4.0]]),
    ("norm(A)", [[0.0, 0.0], [0.0, 0.0]]),
    ("sum(std(A, axis=1, ddof=0))", [[2.0, 2.0], [3.0, 5.0]]),
    ("std(A[0], ddof=0)", [[7.0, 7.0], [3.0, 5.0]]),
])  # fmt: skip
def test_the_corner_of_a_length(formula: str, rows: list[list[float]]) -> None:
    """A length at 0 and a spread of equal entries take the slope 0, and say so, in both modes."""
    found, forward = trace(formula, A=rows), trace(formula, A=rows, seed={"A": 1.0})
    assert np.all(found.gradient["A"][0] == 0)
    assert np.isfinite(found.gradient["A"]).all()
    assert [note.kind for note in found.notes] == [note.kind for note in forward.notes] == ["kink"]
    np.testing.assert_allclose(
        np.sum(forward.tangents[0].value), np.sum(found.gradient["A"]), rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize(("formula", "shapes"), [
    ("cross_entropy_with_logits(tanh(X @ W.T), [0, 1])", {"X": (2, 3), "W": (2, 3)}),
    ("softmax(x) @ A @ x", {"x": (3,), "A": (3, 3)}),
    ("norm(concat(x, [a, a*x[0]]))", {"x": (3,), "a": ()}),
])  # fmt: skip
def test_forward_mode_entry_by_entry_is_the_gradient(formula: str, shapes: dict[str, Shape]) -> None:
    """One forward pass an entry adds up to what one backward pass finds."""
    at = shaped(**shapes)
    reverse, forward = trace(formula, at), trace(formula, at, mode="forward")
    for name, gradient in reverse.gradient.items():
        entries = [
            tangent.value for tangent in forward.tangents if (tangent.variable or "").split("[")[0] == name
        ]
        np.testing.assert_allclose(np.reshape(entries, np.shape(gradient)), gradient, rtol=1e-12, atol=1e-14)


BROADCASTS = [((3, 1), (4,)), ((), (2, 3)), ((2, 3), ()), ((1, 1), (2, 3)), ((2, 1, 3), (4, 1)), ((1,), (5,)),
              ((0, 3), (1, 3)), ((0,), ()), ((2, 3), (1, 3)), ((1, 3), (2, 3))]  # fmt: skip
PAIRS = [
    pytest.param(op, at, id=f"{op.name}-{at}")
    for op in OPS.values() for at in op.samples[:2]
    if not op.mixes and not op.internal and op.arity + op.variadic * 2 > 1 and len(at) > 1 and not op.selects
]  # fmt: skip


@pytest.mark.parametrize(("op", "at"), PAIRS)
def test_elementwise_ops_broadcast(op: Op, at: tuple[float, ...]) -> None:
    """An elementwise op of two or more arguments broadcasts, and each gets its message in its own shape."""
    assert op.float is not None
    each = np.vectorize(op.float, otypes=[float])
    # A count is whole and doesn't move, and so is the exponent of a negative base.
    whole = [slot for slot in range(len(at)) if not op.sends(slot)]
    whole += [1] * (op.name == "power" and at[0] < 0)
    for shapes in BROADCASTS:
        sides = [shapes[slot % 2] for slot in range(len(at))]
        values = {f"a{slot}": a * (1 + 0.01 * drawn(sides[slot], slot)) for slot, a in enumerate(at)}
        values |= {f"a{slot}": np.full(sides[slot], at[slot]) for slot in whole}
        if 0 in np.broadcast_shapes(*sides):
            found = trace(f"{op.name}({', '.join(values)})", values, wrt=list(values))
            assert {name: np.shape(g) for name, g in found.gradient.items()} == {
                name: np.shape(value) for name, value in values.items()
            }
            assert all(not np.any(g) for g in found.gradient.values())
            continue
        hold(
            f"{op.name}({', '.join(values)})",
            values,
            lambda **v: each(*v.values()),
            tuple(f"a{slot}" for slot in whole),
        )
