"""A message opened: its terms add up, its Jacobian is the derivative, its formulas have the slopes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from click.testing import Result

from backtrace_cli import trace
from backtrace_cli.base.errors import PointError
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.graph import build
from backtrace_cli.language.tree.simplify import rational
from backtrace_cli.language.tree.syntax import Expr, Name, rebuild
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.opened.message import expand

DICE = np.random.default_rng(5)
SHAPES = {"W": (2, 3), "h": (3,), "b": (2,), "X": (4, 3), "z": (3,), "c": ()}
AT: dict[str, Any] = {name: DICE.normal(size=shape) for name, shape in SHAPES.items()}

#: formula -> the node whose messages are opened
OPENED = [
    ("y = W @ h; L = sum(y^2)", "h"), ("y = W @ h; L = sum(y^2)", "W"), ("Y = X @ W.T; L = sum(Y^3)", "W"),
    ("s = softmax(z); L = log(s[0]) + s[1]^2", "z"), ("s = softmax(X, axis=1); L = sum(s^2)", "X"),
    ("y = tanh(W @ h + b); L = sum(y*y)", "b"), ("y = b + c; L = prod(y)", "c"), ("L = norm(z)", "z"),
    ("m = mean(X, axis=0); L = m @ z", "X"), ("y = [z[0]*z[1], z[2]]; L = sum(y^2)", "z"),
    ("L = var(z) + max(z)", "z"), ("y = concat(z, b); L = sum(y^2)", "b"), ("f = relu(z)*c; L = sum(f)", "z"),
    ("L = cross_entropy_with_logits(z, 1)", "z"), ("L = mse(z, h)", "h"), ("L = logsumexp(z)", "z"),
    ("L = cross_entropy_with_logits(X, [0, 2, 1, 1])", "X"),
    ("v = 2*z; L = cross_entropy_with_logits(v, [.2, .3, .5])", "v"),
    ("y = softmax(z); L = cross_entropy(y, 2)", "y"),
    ("y = softmax(z); L = cross_entropy(y, [.2, .3, .5])", "y"),
    ("y = z^2; L = sum(y)", "z"), ("y = 1/z; L = sum(y)", "z"), ("y = swish(z); L = sum(y)", "z"),
    ("y = elu(z); L = sum(y)", "z"), ("y = 3^z; L = sum(y)", "z"), ("y = atan2(z, 2); L = sum(y)", "z"),
    ("L = binary_cross_entropy_with_logits(z, [1, 0, 1])", "z"), ("y = leaky_relu(z, c); L = sum(y)", "z"),
    ("y = where(z > 0, z^2, z^3); L = sum(y)", "z"), ("y = c^2*X; L = sum(y*y)", "c"),
]  # fmt: skip

#: Messages whose terms are formulas: no number stands in them for what depends on the point.
FORMULAS = [
    ("y = z^2; L = sum(y)", "z", ["2*z[0]", "2*z[1]", "2*z[2]"]),
    ("y = 1/z; L = sum(y)", "z", ["-1/z[0]^2", "-1/z[1]^2", "-1/z[2]^2"]),
    ("y = swish(z); L = sum(y)", "z",
     [f"sigmoid(z[{i}])*(1 + z[{i}]*(1 - sigmoid(z[{i}])))" for i in range(3)]),
    ("L = cross_entropy_with_logits(z, 1)", "z", ["softmax(z)[0]", "softmax(z)[1] - 1", "softmax(z)[2]"]),
    ("v = 2*z; L = cross_entropy_with_logits(v, t)", "v",
     [f"softmax(v)[{i}]*(t[0] + t[1] + t[2]) - t[{i}]" for i in range(3)]),
    ("L = cross_entropy(p, 1)", "p", ["-1/p[1]"]),
    ("L = cross_entropy(p, [0.2, 0, 0.8])", "p", ["-1/(5*p[0])", "-4/(5*p[2])"]),
    ("y = softmax(z); L = -log(y[1])", "z", ["-y[0]*y[1]", "y[1]*(1 - y[1])", "-y[2]*y[1]"]),
]  # fmt: skip


def given(formula: str) -> dict[str, Any]:
    """The arrays that ``formula`` reads."""
    return {name: AT[name] for name in build(formula).inputs}


@pytest.mark.parametrize(("formula", "name"), OPENED, ids=[f"{f} to {n}" for f, n in OPENED])
def test_the_terms_add_up_to_the_message(formula: str, name: str) -> None:
    """upstream · slope, summed, is each entry of the message; all messages together are the gradient."""
    record = trace(formula, given(formula))
    together = np.zeros(np.size(record.gradient_of(name)))
    for expansion in expand(record, name):
        for place, (_, terms, total) in enumerate(expansion.entries):
            assert sum(term.upstream * term.slope for term in terms) == pytest.approx(total, abs=1e-12)
            together[place] += total
    np.testing.assert_allclose(together, np.ravel(record.gradient_of(name)), atol=1e-12)


@pytest.mark.parametrize(("formula", "name"), OPENED, ids=[f"{f} to {n}" for f, n in OPENED])
def test_each_formula_of_a_term_has_the_slope_as_its_value(formula: str, name: str) -> None:
    """What is written for an entry, evaluated with the entries' numbers, is the slope beside it."""
    record = trace(formula, given(formula))
    numbers: dict[str, float] = {}
    for index, value in enumerate(record.values):
        for place in np.ndindex(np.shape(value)):
            label = f"[{','.join(map(str, place))}]" if place else ""
            numbers[record.graph.name(index) + label] = float(np.asarray(value)[place])
            if place:
                shares = np.exp(value) / np.sum(np.exp(value), axis=-1, keepdims=True)
                numbers[f"softmax({record.graph.name(index)}){label}"] = float(shares[place])
    plain = {name: f"n{place}" for place, name in enumerate(numbers)}
    for expansion in expand(record, name):
        for _, terms, _ in expansion.entries:
            for term in terms:
                # A slope that no formula over entries gives is written as a number, to six digits.
                rel = 6e-6 if rational(term.local) is not None else 1e-9
                found = value_of(term.local, plain, numbers)
                assert found == pytest.approx(term.slope, rel=rel, abs=1e-12)


@pytest.mark.parametrize(("formula", "name", "expected"), FORMULAS, ids=[row[0] for row in FORMULAS])
def test_a_formula_stands_where_one_belongs(formula: str, name: str, expected: list[str]) -> None:
    """Powers, quotients, swish, the cross-entropies: each local derivative is a formula."""
    at = {key: value for key, value in
          {"z": [0.5, 2.0, -1.0], "p": [0.1, 0.2, 0.7], "t": [0.2, 0.3, 0.5]}.items()
          if key in build(formula).inputs}  # fmt: skip
    (expansion,) = expand(trace(formula, at), name)
    terms = [term for entry in expansion.to_dict()["entries"] for term in entry["terms"]]
    assert [term["local"]["expression"] for term in terms if term["upstream"]] == expected


def test_what_is_taken_at_a_kink_is_a_number_and_its_neighbours_keep_their_formulas() -> None:
    """A tie shares 1; one entry at a kink takes no formula from the others."""
    (expansion,) = expand(trace("y = hypot(z, h); L = sum(y)", z=[0.0, 3.0], h=[0.0, 4.0]), "z")
    found = [to_text(term.local, ascii=True) for _, terms, _ in expansion.entries for term in terms]
    assert found == ["z[1]/y[1]"]
    (expansion,) = expand(trace("y = max(z); L = y^2", z=[2.0, 2.0, 1.0]), "z")
    assert [to_text(term.local) for _, terms, _ in expansion.entries for term in terms] == ["0.5", "0.5"]


def value_of(tree: Expr, plain: dict[str, str], numbers: dict[str, float]) -> float:
    """A formula over entries such as ``W[0,1]``, at their numbers."""
    floats = Floats()
    named = rebuild(tree, lambda node: Name(plain[node.name]) if isinstance(node, Name) else node)
    return float(floats.run(floats.compile(named, tuple(plain.values())), list(numbers.values())))


def test_the_jacobian_of_a_softmax_is_that_of_the_lecture() -> None:
    """∂yᵢ/∂zⱼ = yᵢδᵢⱼ − yᵢyⱼ."""
    record = trace("y = softmax(z); L = y[0]", z=AT["z"])
    (expansion,) = expand(record, "z")
    y = np.exp(AT["z"]) / np.exp(AT["z"]).sum()
    found = np.array([[value for _, value in row] for row in expansion.jacobian])
    np.testing.assert_allclose(found, np.diag(y) - np.outer(y, y), atol=1e-14)


@pytest.mark.parametrize(("words", "message"), [
    (["--expand", "q"], "no node of the graph"), (["--expand", "f"], "no message is sent to f"),
    (["--expand", "x", "--mode", "forward"], "forward mode"), (["--cost", "--mode", "forward"], "--cost"),
])  # fmt: skip
def test_what_can_t_be_opened(words: list[str], message: str, backtrace: Callable[..., Result]) -> None:
    """An unknown node, the output, forward mode: told, with what to do."""
    result = backtrace("eval", "x @ y", "--at", "x=[1,2],y=[3,4]", *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_too_large_a_jacobian_is_refused() -> None:
    """Nobody reads a million products."""
    with pytest.raises(PointError, match="too much to read"):
        trace("W @ x", W=np.ones((300, 300)), x=np.ones(300)).expand("W")


def test_json_holds_terms_and_costs(backtrace: Callable[..., Result]) -> None:
    """--expand and --cost stand in the record, as numbers that add up."""
    result = backtrace("eval", "y = W @ h; L = sum(y^2)", "--at", "W=[[1,2],[3,4]],h=[1,1]", "--expand", "h",
                       "--cost", "--json")  # fmt: skip
    record = json.loads(result.stdout)
    (opened,) = record["expand"]
    assert [entry["value"] for entry in opened["entries"]] == [48, 68]
    for entry in opened["entries"]:
        assert sum(term["contribution"] for term in entry["terms"]) == entry["value"]
    assert record["cost"][0] == {"step": 1, "node": "y", "forward": 4, "backward": 8}
    assert record["forward"][0]["shape"] == [2]


@pytest.mark.parametrize("k", [1, 3, 10])
def test_a_square_layer_costs_k_squared_and_twice_that_back(k: int) -> None:
    """y = W h: k² multiply-adds forward, k² for each of the two messages."""
    cost = trace("y = W @ h", W=np.ones((k, k)), h=np.ones(k)).cost()[0]
    assert (cost.forward, cost.backward) == (k * k, 2 * k * k)


@pytest.mark.parametrize(("formula", "at"), [
    ("v*c", {"v": [5, 6], "c": 3}), ("A*v + c", {"A": [[1, 2], [3, 4]], "v": [5, 6], "c": [[1], [2]]}),
    ("hypot(v, c)", {"v": [3, 4], "c": 2}), ("max(A, v)", {"A": [[1, 9], [3, 4]], "v": [2, 5]}),
    ("v^c", {"v": [2, 3], "c": 2}), ("where(A > 2, v, c)", {"A": [[1, 9], [3, 1]], "v": [2, 5], "c": 7}),
])  # fmt: skip
def test_forward_mode_sums_over_what_was_broadcast(formula: str, at: dict[str, Any]) -> None:
    """Forward mode's gradient is reverse mode's where a variable was repeated entry by entry."""
    reverse, forward = trace(formula, at), trace(formula, at, mode="forward")
    for name, expected in reverse.gradient.items():
        np.testing.assert_allclose(forward.gradient[name], expected, atol=1e-12)
        assert np.shape(forward.gradient[name]) == np.shape(expected)


def test_the_record_keeps_its_own_copy() -> None:
    """Writing into an array afterwards changes nothing that was recorded."""
    x = np.arange(3.0)
    record = trace("sum(x*x*x)", x=x)
    x[0] = 99
    assert record.at["x"][0] == 0
    assert record.messages[-1].local[0] == 0


LARGE = {"W": DICE.normal(size=(300, 200)), "X": DICE.normal(size=(40, 200)), "v": DICE.normal(size=200)}


@pytest.mark.parametrize(("formula", "name", "place"), [
    ("y = W @ v; L = sum(tanh(y))", "v", (3,)), ("y = W @ v; L = sum(tanh(y))", "W", (1, 2)),
    ("Y = X @ W.T; L = sum(tanh(Y))", "X", (5, 7)), ("y = softmax(X, axis=1); L = sum(y^3)", "X", (0, 9)),
    ("y = X*v; L = sum(tanh(y))", "v", (4,)), ("y = tanh(X); L = sum(y*y)", "X", (39, 199)),
    ("m = mean(W, axis=0); L = sum(m^2)", "W", (7, 8)), ("y = X[3:30]; L = sum(y*y)", "X", (4, 1)),
    ("y = max(W, axis=1); L = sum(y*y)", "W", (0, 0)), ("y = X^2; L = sum(y)", "X", (0, 1)),
])  # fmt: skip
def test_one_entry_of_a_large_array_is_opened(formula: str, name: str, place: tuple[int, ...]) -> None:
    """The terms of the one entry add up to its gradient, and each formula has its slope as its value."""
    record = trace(formula, {key: LARGE[key] for key in build(formula).inputs})
    label = f"{name}[{','.join(map(str, place))}]"
    together = 0.0
    for expansion in expand(record, label):
        ((entry, terms, total),) = expansion.entries
        assert entry == label
        assert sum(term.upstream * term.slope for term in terms) == pytest.approx(total, abs=1e-11)
        numbers = {float(slope) for term in terms if (slope := rational(term.local)) is not None}
        assert numbers <= {1.0, 0.00333333}  # all else is a formula
        together += total
    assert together == pytest.approx(record.gradient_of(name)[place], rel=1e-12)


def test_one_entry_of_a_small_array_is_the_same_as_among_all() -> None:
    """x[1], x[-2] and the whole message say the same of the entry."""
    record = trace("y = W @ h; L = sum(y^2)", given("y = W @ h; L = sum(y^2)"))
    (whole,) = expand(record, "h")
    for label in ("h[1]", "h[-2]", "h[ 1 ]"):
        (one,) = expand(record, label)
        assert one.entries == [whole.entries[1]]


@pytest.mark.parametrize(("label", "message", "hint"), [
    ("W[1]", "W has shape 300×200", "--expand 'W[0,0]'"), ("v[200]", "does not have", "v[199]"),
    ("c[0]", "c has shape ()", "--expand c"), ("q[1]", "no node of the graph", "its nodes"),
    ("W", "too much to read", "--expand 'W[0,0]'"),
])  # fmt: skip
def test_an_entry_that_is_not_there(label: str, message: str, hint: str) -> None:
    """Wrong number of places, outside the shape, a number's entry: what to write instead."""
    with pytest.raises(PointError) as caught:
        expand(trace("y = W @ v; L = sum(y*y*c)", W=LARGE["W"], v=LARGE["v"], c=2), label)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_the_terms_that_add_something_are_shown(backtrace: Callable[..., Result]) -> None:
    """Of twenty terms one is not 0: it stands there, and the others are counted; several entries at once."""
    z = ",".join(str(k / 10) for k in range(20))
    shown = backtrace("eval", "y = softmax(z); L = -log(y[3])", "--at", f"z=[{z}]", "--expand", "z[0],y[3]",
                      "--plain").stdout  # fmt: skip
    assert "dL/dz[0] = dL/dy[0]*y[0]*(1 - y[0])" in shown  # plain sentences hold every term
    page = " ".join(backtrace("eval", "y = softmax(z); L = -log(y[3])", "--at", f"z=[{z}]",
                              "--expand", "z[0],y[3]").stdout.split())  # fmt: skip
    assert "∂L/∂z[0] = ∂L/∂y[3]·(−y[0]·y[3]) + … (19 more terms, each 0)" in page
    assert "∂L/∂y[3] =" in page
    many = trace("y = W @ v; L = sum(y*y)", W=LARGE["W"], v=LARGE["v"])
    assert len(expand(many, "v[0]")[0].entries[0][1]) == 300
