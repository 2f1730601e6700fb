"""The Python API: what trace() takes and what the Trace gives."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from backtrace_cli import BacktraceError, Trace, gradient, trace
from backtrace_cli.base.errors import DomainError, FormulaError, PointError


def test_point_by_keyword_mapping_and_text() -> None:
    """The three ways of giving a point are one."""
    assert trace("x*y", x=2, y=3).gradient == trace("x*y", {"x": 2, "y": 3}).gradient
    assert trace("x*y", "x=2,y=3").gradient == trace("x*y", {"x": "2", "y": "9/3"}).gradient


def test_steps_and_messages_are_sequences() -> None:
    """Events can be indexed, sliced, counted and walked through."""
    t = trace("x^2*y", x=3, y=2)
    assert isinstance(t, Trace)
    assert [step.node for step in t.steps] == ["v1", "f"]
    assert t.messages[-1] == list(t.messages)[-1] == t.messages[len(t.messages) - 1]
    assert len(t.messages[:2]) == 2


def test_a_run_leaves_no_trace_on_the_graph() -> None:
    """Tracing twice gives the same answer: no gradient is left in anything."""
    assert trace("x*x", x=3).gradient == trace("x*x", x=3).gradient == {"x": 6}


def test_both_edges_of_a_square_send_a_message() -> None:
    """a·a has two edges, and their messages are two rows."""
    assert [m.slot for m in trace("x*x", x=3).messages] == [0, 1]


def test_exact_fractions() -> None:
    """With exact, 1/3 stays 1/3."""
    t = trace("x/3 + 1/x", x="1/7", exact=True)
    assert t.value == Fraction(1, 21) + 7
    assert t.gradient["x"] == Fraction(1, 3) - 49


def test_arrays_come_out_as_arrays() -> None:
    """An array's gradient is a NumPy array of its shape, the gradient of the sum."""
    t = trace("w*x + b", x=np.arange(6.0).reshape(2, 3), w=[1.0, 2.0, 3.0], b=1)
    assert t.value.shape == (2, 3)
    np.testing.assert_array_equal(t.gradient["w"], [3, 5, 7])
    assert float(t.gradient["b"]) == 6
    assert {note.kind for note in t.notes} == {"sum", "broadcast", "product"}


def test_where_does_not_poison_arrays() -> None:
    """Entry by entry, the branch not taken can't turn the gradient into nan."""
    t = trace("where(x > 0, log(x), 0)", x=[-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(t.gradient["x"], [0, 0, 0.5])


def test_forward_mode_and_seed() -> None:
    """A seed gives one directional derivative; without one there is a table a variable."""
    assert [t.value for t in trace("x*y", x=2, y=3, mode="forward").tangents] == [3, 2]
    assert trace("x*y", x=2, y=3, seed={"x": 1, "y": -1}).tangents[0].value == 1


def test_gradient_of_any_node() -> None:
    """The gradient with respect to an intermediate is there too; an unknown name is a KeyError."""
    t = trace("a = x^2; f = a*y", x=3, y=2)
    assert t.gradient_of("a") == 2
    with pytest.raises(KeyError):
        t.gradient_of("nobody")


def test_prints_as_tables_everywhere() -> None:
    """str() is the page in plain text; rich and notebooks get it formatted."""
    from rich.console import Console

    t = trace("x^2*y", x=3, y=2)
    assert "Backward" in str(t)
    assert "∂f/∂x =  12" in str(t)
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(t)
        assert "∂f/∂x =  12" in console.export_text()
    assert "∂f/∂x =" in t._repr_html_()
    assert "[red]" not in t._repr_html_()


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: trace("1/2x", x=1), FormulaError),
        (lambda: trace("x*y", x=1), PointError),
        (lambda: trace("x", x="one"), PointError),
        (lambda: trace("x", x=None), PointError),
        (lambda: trace("log(x)", x=-1), DomainError),
    ],
    ids=["formula", "missing", "text", "none", "domain"],
)
def test_errors_are_the_projects_own(call, error) -> None:  # type: ignore[no-untyped-def]
    """Whatever is wrong with the input is a BacktraceError that says where."""
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, BacktraceError)
    assert str(caught.value)


def test_unknown_mode() -> None:
    """A mode that doesn't exist is a ValueError."""
    with pytest.raises(ValueError, match="reverse"):
        trace("x", x=1, mode="sideways")


def test_symbolic_json_is_formulas() -> None:
    """Without a point the record holds formulas in the language itself."""
    record = trace("x^2*y").to_dict()
    assert record["gradient"] == {"x": "2*y*x", "y": "v1"}
    assert record["arithmetic"] == "symbolic"


@pytest.mark.parametrize("value", [[[1], [2, 3]], ["a"], [None], [1j], {"a": 1}, object(), [[1, 2], 3]])
def test_what_is_no_number_is_told_in_words(value: Any) -> None:
    """By the walk and by the program for many gradients alike."""
    for asked in (lambda: trace("sum(x)", x=value), lambda: gradient("sum(x)")(x=value)):
        with pytest.raises(PointError, match="x is not a"):
            asked()


def test_a_whole_number_beyond_floats_is_infinite() -> None:
    """For the walk and the program alike."""
    assert trace("x*y", x=1, y=10**400).value == gradient("x*y")(x=1, y=10**400)[0] == float("inf")


def test_a_tensor_is_taken_as_its_numbers() -> None:
    """Whatever PyTorch keeps for its own gradients, and in sorts that NumPy has not."""
    torch = pytest.importorskip("torch")
    number, vector = torch.tensor(2.0, requires_grad=True), torch.tensor([2.0, 3.0], requires_grad=True)
    for sort in (torch.float64, torch.float32, torch.bfloat16):
        for asked in (lambda x: trace("sum(x^2)", x=x).gradient, lambda x: gradient("sum(x^2)")(x=x)[1]):
            assert asked(number.to(sort))["x"] == 4
            assert asked(vector.to(sort))["x"].tolist() == [4, 6]
    for odd in ([number, 3], torch.tensor([1.0]).to_sparse(), torch.tensor([1j])):
        with pytest.raises(PointError, match="x is not an array of numbers"):
            trace("sum(x)", x=odd)
