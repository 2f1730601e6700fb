"""Second order through the front door: Hessians, Jacobians, products with them; witnessed from outside."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import backtrace_cli as bt
from backtrace_cli import trace
from backtrace_cli.cli import main
from backtrace_cli.language.tree.syntax import names_in
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.readings.second.hessian import hessian, second
from backtrace_cli.readings.second.hessian_products import directed, hessian_product
from backtrace_cli.readings.second.jacobian import jacobian
from backtrace_cli.readings.second.sweeps import Part


def command(*words: str, code: int = 0) -> str:
    """What ``backtrace`` prints."""
    found = CliRunner().invoke(main, [*words], catch_exceptions=False)
    assert found.exit_code == code, found.output
    return found.output


def differences(formula: str, at: dict[str, float]) -> list[list[float]]:
    """The Hessian by differences of gradients, far from the machinery of second order."""
    names, h = list(at), 1e-5

    def slopes(name: str, step: float) -> list[float]:
        moved = {**at, name: at[name] + step}
        return list(trace(formula, moved).gradient.values())

    return [
        [(a - b) / (2 * h) for a, b in zip(slopes(name, h), slopes(name, -h), strict=True)] for name in names
    ]


FORMULAS = [
    ("x^2*y*sigmoid(x)", {"x": 1.0, "y": 2.0}),
    ("x*sin(y)*exp(x) + y/x", {"x": 0.7, "y": -1.2}),
    ("max(x, y)^2*min(x, 3)", {"x": 1.5, "y": 0.5}),
    ("where(x > 0, x^3*y, log(-x))", {"x": 1.5, "y": 2.0}),
    ("where(x > 0, x^3*y, log(-x)*y^2)", {"x": -1.5, "y": 2.0}),
    ("x^y + y^x", {"x": 1.3, "y": 2.1}),
    ("tanh(x*y) + softplus(x - y) + gelu(x)", {"x": 0.4, "y": 1.1}),
    ("atan2(x, y)*hypot(x, y) + log(x^2 + y^2, 3)", {"x": 1.0, "y": 2.0}),
    ("clip(x*y, -1, 1)*x + abs(x - 2*y)*y", {"x": 0.4, "y": 1.1}),
    ("a = x*y; b = a + sin(a); b*a*x", {"x": 0.4, "y": 1.1}),
]


@pytest.mark.parametrize(("formula", "at"), FORMULAS)
def test_a_hessian_is_what_differences_of_gradients_say(formula: str, at: dict[str, float]) -> None:
    """And each entry is reached by two routes that agree; its formula has its value."""
    found = hessian(trace(formula, at))
    assert np.allclose(found.entries, differences(formula, at), rtol=1e-6, atol=1e-6)
    assert found.agrees
    for tree, value in zip(sum(map(list, found.formulas), []), np.ravel(found.entries), strict=True):
        if tree is not None:
            place = {name: at[name] for name in at if name in names_in(tree)}
            assert math.isclose(trace(to_text(tree, ascii=True), place).value, value, abs_tol=1e-9)


def test_where_a_rule_loses_digits_the_steady_one_is_taken() -> None:
    """σ·(1 − σ) is 0 at 40, where σ″ is −4e-18."""
    assert hessian(trace("sigmoid(x)", x=40)).entries[0][0] == pytest.approx(-math.exp(-40), rel=1e-12)


def test_exact_numbers_stay_exact() -> None:
    """Fractions go through the graph of the gradient."""
    found = hessian(trace("x^2/y", x=1, y=3, exact=True))
    assert [[str(value) for value in row] for row in found.entries] == [["2/3", "-2/9"], ["-2/9", "2/27"]]


def test_a_hessian_of_arrays_has_the_shapes_of_both() -> None:
    """The second derivatives of ‖Ax − b‖² by x are 2·AᵀA."""
    A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    found = hessian(trace("sum((A @ x - b)^2)", A=A, x=[1.0, 2.0], b=[1.0, 2.0, 3.0], wrt=("x", "b")))
    assert np.allclose(found.block("x", "x"), 2 * A.T @ A)
    assert np.allclose(found.block("b", "x"), -2 * A)
    assert found.agrees


def test_a_product_with_the_hessian_by_two_walks() -> None:
    """Back from the slope along v, and forward through the gradient."""
    record = trace("sum(softmax(W @ x)*[1, 2, 3])", W=[[1.0, 2], [0, 1], [-1, 1]], x=[0.3, -0.2])
    v = directed(record, {"x": np.array([1.0, -2.0])}, "--hvp")
    found, whole = hessian_product(record, v), hessian(record)
    for name in record.wrt:
        axes = whole.block(name, "x").ndim - 1
        assert np.allclose(found.value[name], np.tensordot(whole.block(name, "x"), v["x"], (axes, 0)))
        assert np.allclose(found.value[name], found.forth[name])
    assert found.agrees


def test_a_jacobian_goes_the_shorter_way() -> None:
    """Rows by reverse, columns by forward, both the same matrix."""
    wide = jacobian(trace("tanh(W @ x)", W=[[1.0, 2], [3, 4]], x=[0.1, 0.2]))
    tall = jacobian(trace("[x, x^2, x^3, x*y]", x=2.0, y=3.0))
    assert (wide.by_rows, wide.passes, tall.by_rows, tall.passes) == (True, 2, False, 2)
    assert np.allclose(tall.entries, [[1, 0], [4, 0], [12, 0], [3, 2]])
    out = np.tanh([0.5, 1.1])
    assert np.allclose(wide.block("x"), (1 - out**2)[:, None] * [[1, 2], [3, 4]])
    assert to_text(tall.formulas[2][0], ascii=True) == "3*x^2"


def test_the_softmax_s_jacobian_as_everybody_writes_it() -> None:
    """sᵢ(1 − sᵢ) on the diagonal, −sᵢ·sⱼ off it."""
    page = command("eval", "s = softmax(z)", "--at", "z=[1,2,3]", "--jacobian")
    assert "3×3, 3 passes: a row a pass, by reverse mode" in page
    assert "∂s[0]/∂z[0] =  s[0]·(1 − s[0])" in page


def test_a_message_of_one_s_own_at_the_output() -> None:
    """--upstream e₀ gives the first row, and differences agree with it."""
    words = ("eval", "softmax(z)", "--at", "z=[1,2,3]", "--upstream", "g=[1,0,0]", "--json", "--check")
    found = json.loads(command(*words))
    row = jacobian(trace("softmax(z)", z=[1.0, 2, 3])).entries[0]
    assert np.allclose(found["gradient"]["z"], row)
    assert found["upstream"] == [1.0, 0.0, 0.0]
    assert {check["verdict"] for check in found["check"]} == {"agrees"}


def test_the_page_shows_the_second_sweep_and_both_routes() -> None:
    """Each message of the second sweep with its rule and its forks."""
    page = command("eval", "x^2*y*sigmoid(x)", "--at", "x=1,y=2", "--second", "x,y")
    assert "The gradient as a graph   dx = ∂f/∂x" in page
    assert "Backward   ∂dx/∂dx = 1" in page
    assert "(*) 3 of 3" in page
    assert "∂²f/∂x∂y = 2·x·σ(x) + σ(x)·(1 − σ(x))·x² = 1.65873" in page
    assert "both routes agree: the sweep from dx to y, and the one from dy to x" in page


def test_without_a_point_the_hessian_is_formulas() -> None:
    """And no agreement is claimed, as nothing was computed."""
    page = command("eval", "x^2*y", "--hessian")
    assert "∂²f/∂x∂y =  2·x" in page
    assert "agree" not in page


def test_a_kink_is_said() -> None:
    """What the first sweep takes stands in the gradient's graph."""
    found = second(trace("relu(x)^2*y", x=0, y=1), Part("x"), Part("x"))
    assert found.value == 0
    assert any("relu(x) stands at a kink" in note.message for note in found.notes)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--second", "x,z"), "--second names z, which is no variable here"),
        (("--second", "x,y,x"), "--second takes two variables"),
        (("--second", "x[0],y"), "x is a number and has no entries"),
        (("--hvp", "z=1"), "--hvp names z, which is no variable here"),
        (("--hvp", "x=[1,2]"), "the direction of x has shape (2)"),
        (("--hessian", "--mode", "forward"), "--hessian begins with a walk back"),
        (("--upstream", "g=[1,2]"), "the message at the output has shape (2)"),
        (("--upstream", "g=1,h=2"), "--upstream is one message"),
        (("--hvp", ""), "--hvp has no direction in it"),
        (("--second", ""), "--second names"),
    ],
)
def test_what_can_t_be_asked_is_said(words: tuple[str, ...], said: str) -> None:
    """Exit 2, and what to write instead."""
    found = CliRunner().invoke(main, ["eval", "x^2*y", "--at", "x=3,y=2", *words])
    assert found.exit_code == 2
    assert said in found.output


def test_a_hessian_is_that_of_a_number() -> None:
    """Of an array it would be that of a sum nobody asked for."""
    found = CliRunner().invoke(main, ["eval", "x*[1,2]", "--at", "x=3", "--hessian"])
    assert found.exit_code == 2
    assert "a Hessian is that of one number" in found.output
    weighed = json.loads(
        command("eval", "x^2*[1,2]", "--at", "x=3", "--hessian", "--upstream", "g=[0,1]", "--json")
    )
    assert weighed["hessian"]["entries"] == [[4.0]]


@pytest.mark.parametrize("medium", ["markdown", "latex", "typst", "html"])
def test_every_medium_has_it(medium: str) -> None:
    """The page is data, and every writer writes it."""
    page = command("eval", "x^2*y", "--at", "x=3,y=2", "--hessian", "--as", medium)
    assert "Hessian" in page
    assert "The gradient as a graph" in page


# -- from Python ---------------------------------------------------------------


def test_the_functions_agree_with_each_other() -> None:
    """A Hessian, a product with it, a Jacobian and its products on either side, from Python."""
    at = {"A": [[1.0, 2.0], [3.0, 4.0]], "x": [0.3, -0.2]}
    H = bt.hessian("logsumexp(A @ x)", at, wrt="x")["x"]["x"]
    J = bt.jacobian("A @ x", at, wrt="x")["x"]
    p = np.exp(J @ at["x"]) / np.exp(J @ at["x"]).sum()
    assert np.allclose(H, J.T @ (np.diag(p) - np.outer(p, p)) @ J)
    assert np.allclose(bt.hvp("logsumexp(A @ x)", at, {"x": [1, 2]}, wrt="x")["x"], H @ [1, 2])
    assert np.allclose(bt.vjp("A @ x", at, [1, 2], wrt="x")["x"], [1, 2] @ J)
    assert np.allclose(bt.jvp("A @ x", at, {"x": [1, 2]}), J @ [1, 2])
    prepared = bt.curvature("logsumexp(A @ x)", wrt="x")
    assert np.allclose(prepared.product(at, {"x": [1, 2]})["x"], H @ [1, 2])
    assert np.allclose(prepared(**at)["x"]["x"], H)


@pytest.mark.parametrize(("formula", "at"), FORMULAS)
def test_the_program_says_what_the_walk_says(formula: str, at: dict[str, float]) -> None:
    """The straight-line program of a Hessian, and that of a product with it."""
    whole, prepared = hessian(trace(formula, at)), bt.curvature(formula)
    assert np.allclose(prepared.matrix(**at), whole.entries, rtol=1e-12)
    product = prepared.product(at, {"x": 1.0, "y": -2.0})
    assert np.allclose(list(product.values()), np.array(whole.entries) @ [1, -2], rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "at"),
    [("sign(x) + y^2", {"x": 1.0, "y": 2.0}), ("sum(sign(x)) + y^2", {"x": [1.0, 2], "y": 2.0})],
)
def test_what_nothing_depends_on_moves_nothing(formula: str, at: dict[str, object]) -> None:
    """A variable without a gradient has a row of zeros, and a direction along it is no error."""
    assert np.all(bt.hvp(formula, at, {"x": 1, "y": 1})["x"] == 0)
    assert bt.curvature(formula).product(at, {"x": 1, "y": 1})["y"] == 2
    assert bt.hessian(formula, at)["y"]["y"] == 2


def test_many_variables_nest_no_deeper() -> None:
    """Eighty variables: the program's tree is as flat as that of two."""
    names = [f"x{n}" for n in range(80)]
    at = dict.fromkeys(names, 0.5)
    found = bt.curvature(f"tanh({' + '.join(names)})^2").matrix(**at)
    assert len(found) == len(found[0]) == 80


def test_a_trace_of_second_order_prints_and_writes_its_hessian() -> None:
    """trace(…, order=2)."""
    record = trace("x^2*y", x=3, y=2, order=2)
    assert "Hessian" in str(record)
    assert record.to_dict()["hessian"]["entries"] == [[4.0, 6.0], [6.0, 0.0]]
    assert "hessian" not in trace("x^2*y", x=3, y=2).to_dict()
    with pytest.raises(ValueError, match="order is 1 or 2"):
        trace("x", x=1, order=3)


# -- grad(f, x) inside a formula ---------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "at", "value"),
    [
        ("grad(x^2*y, x) + y", {"x": 3, "y": 2}, 14),
        ("g = x^3 - 2; x - g/grad(g, x)", {"x": 1.5}, 1.5 - 1.375 / 6.75),
        ("u = sin(x)*t; grad(grad(u, x), x) + grad(u, t)", {"x": 0.3, "t": 2}, -math.sin(0.3)),
        ("h(t) = t^3; grad(h(x), x)", {"x": 2}, 12),
        ("a = x^2; grad(a*y, a)", {"x": 3, "y": 2}, 2),
        ("grad(y, x) + x", {"x": 2, "y": 3}, 2),
        ("grad(2*x, x)", {"x": 2}, 2),
    ],
)
def test_grad_in_a_formula(formula: str, at: dict[str, float], value: float) -> None:
    """Its value, and its own gradient, which differences see."""
    record = trace(formula, at)
    assert record.value == pytest.approx(value)
    assert {found.verdict for found in record.check()} == {"agrees"}


@pytest.mark.parametrize(
    ("formula", "at"),
    [
        ("u = sin(w*x); sum((grad(u, x) - cos(x))^2)", {"x": [0.1, 0.2, 0.3], "w": 1.5}),
        ("L = sum((A @ x - b)^2); sum(grad(L, x)^2)", {"A": [[1.0, 2], [3, 4]], "x": [1.0, 2], "b": [1, 1]}),
        ("grad(x*y, x)", {"x": 2.0, "y": [1.0, 2, 3]}),
        ("u = tanh(x*w + c) @ v; sum((grad(grad(sum(u), x), x) + u)^2)",
         {"x": [[0.1], [0.5]], "w": [0.3, -0.7], "c": [0.1, 0.2], "v": [1.0, -2.0]}),
        ("f = logsumexp(z); s = grad(f, z); sum(s*[1, 2, 3])", {"z": [0.1, 0.2, 0.3]}),
    ],
)  # fmt: skip
def test_grad_over_arrays(formula: str, at: dict[str, object]) -> None:
    """Penalties on gradients, and residuals of differential equations, are differentiated like anything."""
    record = trace(formula, at)
    assert {found.verdict for found in record.check()} == {"agrees"}


def test_grad_is_a_name_like_others_where_a_formula_uses_it_so() -> None:
    """A variable called grad stays one."""
    assert trace("grad*(x + 1)", x=1, grad=3).value == 6
    assert trace("grad = 2*x; grad + 1", x=1).value == 3


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("grad(x^2)", "grad takes what is differentiated and by what, 1 given"),
        ("grad(x^2, 2)", "the second argument of grad is what moves"),
        ("grad(x, y, z)", "3 given"),
    ],
)
def test_grad_says_what_it_takes(formula: str, said: str) -> None:
    """With the place."""
    found = CliRunner().invoke(main, ["eval", formula, "--at", "x=1"])
    assert found.exit_code == 2
    assert said in found.output
    assert "^" in found.output


def test_a_slope_without_a_point_is_a_formula() -> None:
    """Over numbers as it stands; over arrays by the shapes that the formula decides."""
    assert "2·y" in command("eval", "grad(x^2*y, x)")
    assert "A.T @" in command("eval", "grad(sum((A @ x)^2), x)")


def test_an_exercise_asks_for_second_derivatives(tmp_path: Path) -> None:
    """As numbers or formulas, judged at other points, too; of inputs that are numbers."""
    text = 'title = "t"\nformula = "a = x^2; f = a*y^3"\nat = {{ x = 3, y = 2 }}\n[hessian]\n{}\n'
    file = tmp_path / "h.toml"
    for answer, code, said in (
        ('"x/y" = "6*x*y^2"', 0, "right"),
        ('"x/y" = "72"', 0, "right"),
        ('"y/y" = "5*x^2*y"', 1, "yours gives 90"),
        ('"a/y" = ""', 2, "a second derivative is by two inputs, and a is none"),
        ('"x/a" = ""', 2, "a is none"),
    ):
        file.write_text(text.format(answer), "utf-8")
        found = CliRunner().invoke(main, ["check", str(file)])
        assert (found.exit_code, said in found.output) == (code, True), found.output
    file.write_text(text.format('"x/y" = ""'), "utf-8")
    assert "72" in command("check", "--reveal", str(file), code=1)


def test_one_second_derivative_is_told_even_where_it_is_no_formula() -> None:
    """Infinite ones, and those of formulas over arrays; and without a variable there is none."""
    assert "∂²f/∂x² =  inf" in " ".join(command("eval", "1/x", "--at", "x=0", "--hessian").split("\n"))
    assert "∂²f/∂x² =" in command("eval", "mean(x^2*[1, 2])", "--at", "x=2", "--hessian")
    for option in ("--hessian", "--jacobian"):
        found = CliRunner().invoke(main, ["eval", "2", option])
        assert (found.exit_code, "there is no variable" in found.output) == (2, True)
