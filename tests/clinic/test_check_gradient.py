"""Gradients beside their functions, over NumPy, PyTorch and JAX: right ones pass, wrong ones are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtrace_cli import BacktraceError, assert_gradient, check_gradient, doctor
from backtrace_cli.clinic.gradients.differing import shape_of_error
from tests.clinic.engines import TWELVE

AT = {"W": np.array([[1.0, 0.5], [-0.3, 0.2]]), "x": np.array([0.4, -0.7])}


def readable(W: Any, x: Any) -> Any:
    """A loss whose source can be read."""
    return np.sum(np.tanh(W @ x) ** 2)


def hidden(W: Any, x: Any) -> Any:
    """The same, which nobody can read."""
    found = {"f": readable}
    return found["f"](W, x)


def gradients(W: Any, x: Any, turned: bool = False, rule: bool = False) -> tuple[Any, Any]:
    """The gradients by hand, right or with a slip."""
    a = np.tanh(W @ x)
    g = 2 * a * (1 - (a if rule else a**2))
    return np.outer(g, x), (W if turned else W.T) @ g


def transposed(W: Any, x: Any) -> tuple[Any, Any]:
    """W for its transpose."""
    return gradients(W, x, turned=True)


def wrong_rule(W: Any, x: Any) -> tuple[Any, Any]:
    """1 − tanh for 1 − tanh²."""
    return gradients(W, x, rule=True)


def test_right_gradients_are_right() -> None:
    """By the trace where the function can be read, else by differences."""
    assert check_gradient(readable, gradients, AT).by == "the trace"
    found = check_gradient(hidden, gradients, AT)
    assert (found.by, found.ok, found.decided) == ("differences", True, True)
    assert_gradient(hidden, dict(zip("Wx", gradients(**AT), strict=True)), AT)


@pytest.mark.parametrize(("slip", "mistake"), [(transposed, "transposed"), (wrong_rule, "wrong rule")])
def test_the_catalogue_names_the_bug(slip: Any, mistake: str) -> None:
    """One mistake that explains every gradient, read or told by a formula."""
    for loss, formula in ((readable, None), (hidden, "sum(tanh(W @ x)^2)")):
        found = check_gradient(loss, slip, AT, formula)
        assert found.diagnosis is not None
        assert found.diagnosis.mistake == mistake
        with pytest.raises(AssertionError, match="W" if mistake == "transposed" else "tanh"):
            assert_gradient(loss, slip, AT, formula)


@pytest.mark.parametrize(
    ("slip", "kind"),
    [
        (lambda g: -g, "minus"), (lambda g: 2 * g, "count"), (lambda g: g / 6, "count"),
        (lambda g: 0 * g, "zero"),
        (lambda g: 5 * g, "factor"), (lambda g: g.T, "turned"), (lambda g: g.sum(axis=0), "shape"),
        (lambda g: np.where(np.arange(6).reshape(3, 2) == 3, 7.0, g), "entries"),
        (lambda g: np.stack([g / 2, g / 2]), "unsummed"),
    ],
)  # fmt: skip
def test_the_shape_of_the_error(slip: Any, kind: str) -> None:
    """Without a formula: what the numbers themselves show."""
    X = np.arange(6.0).reshape(3, 2) / 4 + 0.3
    right = np.cos(X) * X + np.sin(X)
    found = check_gradient(lambda X: sum((X * np.sin(X)).ravel()), {"X": slip(right)}, {"X": X})
    assert not found.ok
    assert found.by == "differences"
    assert found.variables[0].error.kind == kind


def test_a_kink_is_undecided_and_never_an_agreement() -> None:
    """Central differences of |x| at 0 are 0, as sign(0) is; that proves nothing."""
    at = {"x": np.array([0.0, 2.0])}
    found = check_gradient(lambda x: abs(x).sum(), {"x": np.array([0.0, 1.0])}, at)
    assert found.variables[0].verdict == "undecided"
    assert "kink" in str(found)
    with pytest.raises(AssertionError, match="kink"):
        assert_gradient(lambda x: abs(x), {"x": 0.0}, {"x": 0.0})


def test_what_rounding_hides_is_not_decided() -> None:
    """A value of single precision under a large constant tells nothing of a small slope."""

    def lost(x: Any) -> Any:
        return np.float32(1e6) + np.float32(1e-4) * np.float32(x)

    assert check_gradient(lost, {"x": 5e-4}, {"x": 1.0}).variables[0].verdict != "differs"


def test_what_cannot_be_checked_is_said() -> None:
    """No gradients, too many, another function's formula."""
    with pytest.raises(BacktraceError, match="no gradients"):
        check_gradient(hidden, None, AT)
    with pytest.raises(BacktraceError, match="1 gradients for 2"):
        check_gradient(hidden, lambda W, x: W, AT)
    with pytest.raises(BacktraceError, match="not the function"):
        check_gradient(hidden, gradients, AT, "sum(W @ x)")
    with pytest.raises(BacktraceError, match="no point"):
        check_gradient("x^2", {"x": 1.0})


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(st.floats(-2, 2), min_size=2, max_size=4), st.sampled_from([1.0, -1.0, 3.0, 0.25]))
def test_differences_accuse_what_is_wrong_and_nothing_else(entries: list[float], factor: float) -> None:
    """A right gradient never differs; one times a factor is never called right."""
    x = np.array(entries) + 0.1

    def loss(x: Any) -> Any:
        return (lambda y: np.sum(np.exp(y) * y + y))(x)

    right = np.exp(x) * (1 + x) + 1
    found = check_gradient(loss, {"x": factor * right}, {"x": x}).variables[0]
    assert found.verdict == ("agrees" if factor == 1.0 else "differs")


def test_shapes_of_errors_are_not_seen_in_right_ones() -> None:
    """Numbers that show nothing are given no name."""
    one, other = np.array([1.0, 2.0, 4.0]), np.array([2.0, 3.0, 1.0])
    assert shape_of_error(one, other, [3], 1e-6).kind == ""


# -- libraries -------------------------------------------------------------------------


@pytest.mark.slow
def test_a_function_of_pytorch() -> None:
    """The library's own walk back, through a torch.autograd.Function, right and wrong."""
    torch = pytest.importorskip("torch")

    def cube(factor: float) -> Any:
        class Cube(torch.autograd.Function):  # type: ignore[misc, name-defined]
            @staticmethod
            def forward(ctx: Any, x: Any) -> Any:
                ctx.save_for_backward(x)
                return x**3

            @staticmethod
            def backward(ctx: Any, g: Any) -> Any:
                (x,) = ctx.saved_tensors
                return g * factor * x**2

        return Cube.apply

    x = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float32)
    assert check_gradient(cube(3.0), None, {"x": x}).ok
    found = check_gradient(cube(2.0), None, {"x": x})
    assert not found.ok
    assert "0.666667 times" in str(found)
    named = check_gradient(cube(1.0), None, {"x": x}, formula="x^3")
    assert named.diagnosis is not None
    assert "old exponent" in named.diagnosis.words
    with pytest.raises(AssertionError, match="old exponent"):
        assert_gradient(cube(1.0), None, {"x": x}, formula="x^3")


@pytest.mark.slow
def test_a_custom_rule_of_jax() -> None:
    """A jax.custom_vjp, right and wrong, in the single precision that JAX starts with."""
    jax = pytest.importorskip("jax")

    def softened(sign: float) -> Any:
        @jax.custom_vjp
        def f(x: Any, y: Any) -> Any:
            return jax.numpy.sum(x * jax.numpy.log(y))

        def forward(x: Any, y: Any) -> Any:
            return f(x, y), (x, y)

        def backward(kept: Any, g: Any) -> Any:
            x, y = kept
            return g * jax.numpy.log(y), sign * g * x / y

        f.defvjp(forward, backward)
        return f

    at = {"x": jax.numpy.array([1.0, 2.0]), "y": jax.numpy.array([0.5, 3.0])}
    assert check_gradient(softened(1.0), None, at).ok
    found = check_gradient(softened(-1.0), None, at)
    assert [one.verdict for one in found.variables] == ["agrees", "differs"]
    assert found.variables[1].error.kind == "minus"
    named = check_gradient(softened(-1.0), None, at, formula="sum(x*log(y))")
    assert named.diagnosis is not None
    assert named.diagnosis.mistake == "sign"


@pytest.mark.slow
def test_labels_are_not_moved() -> None:
    """Whole numbers, such as classes, have no gradient and are handed over as they are."""
    torch = pytest.importorskip("torch")

    def loss(z: Any, y: Any) -> Any:
        return torch.nn.functional.cross_entropy(z, y)

    at = {"z": torch.tensor([[0.2, -1.0, 0.5], [1.0, 0.3, 0.0]]), "y": torch.tensor([2, 0])}
    found = check_gradient(loss, None, at)
    assert found.ok
    assert [one.name for one in found.variables] == ["z"]


# -- the doctor as a test --------------------------------------------------------------


def test_the_doctor_as_one_test() -> None:
    """An engine that is wrong fails, and the failure says why."""
    planted = TWELVE["= for +="]
    space: dict[str, Any] = {"__name__": "own_engine"}
    exec(planted.source, space)
    with pytest.raises(AssertionError, match=r"= for \+="):
        doctor(space["Value"], only=["add", "forks"])
    assert doctor(space["Value"], only="add,mul").right > 4
    with pytest.raises(BacktraceError, match="can't be examined"):
        doctor(dict)
