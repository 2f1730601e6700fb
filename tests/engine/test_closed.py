"""The closed form: the lecture's chains line by line, and every result against the engine's numbers."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Mapping

import pytest

from backtrace_cli.base.errors import DomainError
from backtrace_cli.graph import build
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.syntax import Expr
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS
from backtrace_cli.readings.closed.closed_form import ClosedForm, closed_form
from backtrace_cli.readings.closed.shortest import agree, evaluator, shapes, shortest
from backtrace_cli.readings.closed.sympy_bridge import Bridge
from backtrace_cli.runs.point import Given
from backtrace_cli.runs.run import run

A1 = "x^2 - (x+y)*y + y^2"
A2 = "x*y + (x+y)^2*(x-y)"
A3 = "sy = σ(y); g = x + sy; sx = σ(x); p = x + y; s = p^2; h = sx + s; k = 1/h; f = g*k"

#: Nothing asked for here may take longer, sympy being loaded; ten times what it does take.
SECONDS = 2.0


def closed(formula: str, variable: str) -> ClosedForm:
    return closed_form(build(formula), variable)


def chain(found: ClosedForm) -> list[tuple[str, str]]:
    return [(to_text(line.text), line.why) for line in found.lines]


def gradient(formula: str, at: Mapping[str, float], variable: str) -> float:
    point = {name: Given(repr(value), value) for name, value in at.items()}
    return float(run(formula, point, wrt=[variable]).gradient[variable])


def value(tree: Expr, at: Mapping[str, float]) -> float:
    return evaluator(tree, list(at))(list(at.values()))


def tree(text: str) -> Expr:
    return parse_expression(text, functions=FUNCTIONS)


# -- the lecture --------------------------------------------------------------


def test_a1_y_is_the_lectures_chain() -> None:
    found = closed(A1, "y")
    assert found.variable == "y"
    assert found.paths == "∂f/∂v5·∂v5/∂y + ∂f/∂v3·∂v3/∂y + ∂f/∂v2·∂v2/∂y"
    assert chain(found) == [
        ("2·y − v2 − y", ""),
        ("y − v2", "collected"),
        ("y − (x + y)", "v2 = x + y"),
        ("−x", "simplified"),
    ]
    assert found.note is None


def test_a1_x_puts_the_positive_term_first() -> None:
    found = closed(A1, "x")
    assert chain(found) == [("−y + 2·x", ""), ("2·x − y", "collected")]
    assert to_text(found.result) == "2·x − y"


@pytest.mark.parametrize(
    ("variable", "text"), [("x", "3·x² + 2·x·y − y² + y"), ("y", "x² − 2·x·y − 3·y² + x")]
)
def test_a2_is_multiplied_out_highest_degree_first(variable: str, text: str) -> None:
    assert to_text(closed(A2, variable).result) == text


@pytest.mark.parametrize(("variable", "expected"), [("x", 2.05956979557216), ("y", 1.59223275148381)])
def test_a3_over_the_inputs_is_the_engines_gradient(variable: str, expected: float) -> None:
    found = closed(A3, variable)
    at = {"x": 3.0, "y": -4.0}
    assert value(found.result, at) == pytest.approx(gradient(A3, at, variable), rel=1e-12)
    assert value(found.result, at) == pytest.approx(expected, rel=1e-12)
    assert found.note is None
    steps = [line.why for line in found.lines if " = " in line.why]
    order = ["k = 1/h", "h = sx + s", "s = p²", "p = x + y", "sx = σ(x)", "g = x + sy", "sy = σ(y)"]
    assert steps == order


def test_every_line_equals_the_one_before() -> None:
    """The lines over intermediates too: an intermediate's value is put in its place."""
    at = {"x": 0.7, "y": -1.3}
    for formula in (A1, A2, A3):
        trace = run(formula, {name: Given(repr(v), v) for name, v in at.items()})
        names = [trace.graph.name(i) for i in range(len(trace.graph))]
        here = dict(zip(names, trace.values, strict=True))
        for variable in at:
            found = [value(line.text, here) for line in closed(formula, variable).lines]
            assert found == pytest.approx([gradient(formula, at, variable)] * len(found), rel=1e-11)


# -- the numbers --------------------------------------------------------------

FORMULAS = [
    "x*sin(x) + cos(y)",
    "x^y",
    "log(x)/x",
    "exp(-(x-m)^2/(2*s^2))/(s*sqrt(2*pi))",
    "sqrt(x^2 + y^2)",
    "0.5*(y - w*x)^2 + 0.1*w^2",
    "x*σ(b*x)",
    "softplus(x*y) - log(1 + exp(x))",
    "abs(x)*x + relu(y)*x",
    "tanh(w*x + b)^2",
    "where(x > y, x^2, x*y)",
    "max(x, 2*y) * min(x, y)",
    "exp(x)/(exp(x) + exp(y) + exp(z))",
    "(x^2 - y^2)/(x - y)",
    "atan2(y, x) + hypot(x, y)",
    "e^x*x^2 - 2^x",
    "e = x^2; out = e*exp(x)/e; out + g*e",
    "sqrt(x^2)*sqrt(x*y)*log(x*y)",
    "a = x*x; b = a*a; c = b + a; c*c/x",
    "1e-8*x^2 + (x - 0.25)^(3/2)",
    "asin(x/10)*acos(y/10) + atan(x)*asinh(y)",
    "1/(1 + 1/(1 + 1/(1 + x)))",
    "cbrt(x) + log2(y) + gelu(x*y)",
    "-(x - y)^3/(x*y) - x",
]
POINTS = ((1.3, 0.4, 2.2), (0.35, 2.6, 0.9), (-1.7, -0.6, 1.4), (3.2, -2.1, -0.8), (-0.45, 1.9, -2.3))


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_result_is_the_gradient_wherever_there_is_one(formula: str) -> None:
    graph = build(formula)
    for variable in graph.inputs:
        found = closed_form(graph, variable)
        tried = 0
        for numbers in POINTS:
            at = dict(zip(graph.inputs, numbers, strict=False))
            if not math.isfinite(_output(formula, at)):
                continue
            expected = gradient(formula, at, variable)
            if math.isfinite(expected):
                tried += 1
                assert value(found.result, at) == pytest.approx(expected, rel=1e-9)
        assert tried >= 2, "the points miss the formula's domain"


def _output(formula: str, at: Mapping[str, float]) -> float:
    try:
        return float(run(formula, {name: Given(repr(v), v) for name, v in at.items()}).value)
    except DomainError:
        return math.nan


def test_a_variable_called_e_is_not_eulers_number() -> None:
    graph = build("e^x*log(e)", bound=["e"])
    at = {"e": 3.0, "x": 0.5}
    by_x = closed_form(graph, "x").result
    assert value(by_x, at) == pytest.approx(3**0.5 * math.log(3) ** 2, rel=1e-12)


def test_eulers_number_beside_a_variable_e_is_written_exp() -> None:
    found = closed_form(build("exp(1)*e^2 + 3*exp(1)*e", bound=["e"]), "e")
    assert value(found.result, {"e": 2.0}) == pytest.approx(7 * math.e, rel=1e-12)


# -- how it is written --------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "variable", "text"),
    [
        ("x*x", "x", "2·x"),
        ("sqrt(x)", "x", "1/(2·sqrt(x))"),
        ("x^2/(y*z)", "x", "2·x/(y·z)"),
        ("sqrt(x^2 + y^2)", "x", "x/sqrt(x² + y²)"),
        ("e^x/(e^x + 1)", "x", "e^x/(e^x + 1)²"),
        ("(1 - x)^2/2 + x", "x", "x"),
        ("log(x)/x", "x", "(1 − log(x))/x²"),
        ("x*σ(b*x)", "x", "(b·x·(1 − σ(b·x)) + 1)·σ(b·x)"),
        ("pi*x^2/3", "x", "2/3·pi·x"),
        ("w*(x - m)^2/2", "m", "w·(m − x)"),
        ("x*y*z^2", "x", "y·z²"),
        ("y*x^2*z", "x", "2·x·y·z"),
        ("exp(-x^2/2)/sqrt(2*pi)", "x", "−x·exp(−x²/2)/sqrt(2·pi)"),
        ("x^2*sin(y)", "x", "2·x·sin(y)"),
        ("σ(x)", "x", "σ(x)·(1 − σ(x))"),
        ("max(0, x)", "x", "(x > 0) + (x == 0)/2"),
    ],
)  # fmt: skip
def test_results_read_as_people_write_them(formula: str, variable: str, text: str) -> None:
    assert to_text(closed(formula, variable).result) == text


def test_a_message_straight_from_the_output_is_said_to_be_direct() -> None:
    assert closed("x*sin(x)", "x").paths == "∂f/∂x (directly) + ∂f/∂v1·∂v1/∂x"
    assert closed("sin(x)", "x").paths == ""


def test_two_messages_along_two_arguments_are_told_apart() -> None:
    found = closed("x*x + y", "x")
    assert found.paths == "∂f/∂v1·∂v1/∂x (argument 1) + ∂f/∂v1·∂v1/∂x (argument 2)"


def test_an_input_without_influence_has_derivative_zero_and_says_so() -> None:
    found = closed("y = x^2; z = 3*w; y + 1", "w")
    assert (found.paths, to_text(found.result), found.note) == ("", "0", "f does not depend on w")


def test_an_input_that_only_decides_a_condition_says_so() -> None:
    found = closed("where(x > 0, y, z)", "x")
    assert (to_text(found.result), found.note) == (
        "0", "x only decides a condition, and no gradient passes one",
    )  # fmt: skip


def evaluate_at(form: ClosedForm, x: float) -> float:
    """The value of a closed form in x."""
    return evaluator(form.lines[-1].text, ["x"])([x])


def test_the_output_itself_has_derivative_one() -> None:
    assert chain(closed("x", "x")) == [("1", "")]


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        closed("x", "y")


@pytest.mark.parametrize("formula", ["max(x, x)", "max(x, abs(x), x - 1)"])
def test_a_tie_over_a_whole_range_is_noted(formula: str) -> None:
    """The trace shares the slope where the partials' formulas count it twice: the form must say so."""
    note = "max stands on a kink over a whole range: there the trace takes another slope"
    assert closed(formula, "x").note == note


@pytest.mark.parametrize(
    ("formula", "form"),
    [
        ("σ(x)", "σ(x)·(1 − σ(x))"),
        ("x^2*sin(y)", "2·x·sin(y)"),
        ("exp(x^2)", "2·x·exp(x²)"),
        ("max(0, x)", "(x > 0) + (x == 0)/2"),
        ("min(x, y)", "(x < y) + (x == y)/2"),
    ],
)
def test_a_form_is_as_a_person_writes_it(formula: str, form: str) -> None:
    """Numbers, names, then functions; a product stays one; at a tie the share that the trace takes."""
    assert chain(closed(formula, "x"))[-1][0] == form


def test_a_tie_in_the_form_is_the_slope_that_the_trace_takes() -> None:
    """max(0, x) at 0: a half on both pages."""
    from backtrace_cli import trace

    assert trace("max(0, x)", x=0).gradient["x"] == 0.5
    assert evaluate_at(closed("max(0, x)", "x"), 0.0) == 0.5


@pytest.mark.parametrize("formula", ["max(x, y)", "abs(x)*relu(y - x)", "1/gelu(x - 10)"])
def test_a_kink_at_single_points_is_not_noted(formula: str) -> None:
    assert closed(formula, "x").note is None


# -- only what is equal -------------------------------------------------------


def test_a_root_is_not_split_over_negative_numbers() -> None:
    assert not agree(tree("sqrt(x*y)"), tree("sqrt(x)*sqrt(y)"))
    assert agree(tree("sqrt(x^2)"), tree("abs(x)"))
    assert not agree(tree("sqrt(x^2)"), tree("x"))


def test_terms_that_cancel_are_compared_on_the_scale_of_the_terms() -> None:
    assert agree(tree("(x*y/y)^12 - x^12 + (x*y/y)^11 - x^11"), tree("0"))


def test_where_nothing_has_a_value_nothing_is_accepted() -> None:
    assert not agree(tree("log(-x^2 - 1)"), tree("log(-x^2 - 1)"))


@pytest.mark.parametrize(
    "text",
    [
        "x^2/(y*z) - 3/2*x", "σ(x)*max(x, y) - where(x > 0, x, floor(y))", "sqrt(x)*x^(1/3)",
        "exp(x)*sign(y)*abs(x - y)", "-x/y - 1/3", "x^-2*y^x", "asinh(x)*atanh(y) + pi",
    ],
)  # fmt: skip
def test_there_and_back_is_the_same_function(text: str) -> None:
    bridge = Bridge(tree(text))
    assert agree(tree(text), bridge.to_tree(bridge.to_sympy(tree(text))))


def test_shapes_go_through_sympy_without_parsing_text(monkeypatch: pytest.MonkeyPatch) -> None:
    import sympy  # type: ignore[import-untyped]

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("sympy was handed text")

    monkeypatch.setattr(sympy.parsing.sympy_parser, "parse_expr", refuse)
    monkeypatch.setattr(sympy.parsing.sympy_parser, "eval_expr", refuse)
    assert {to_text(shape) for shape in shapes(tree("__import__ - (x + __import__)"))} == {"−x"}


def test_trouble_inside_sympy_leaves_the_tidied_form(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Bridge, tree: Expr) -> None:
        raise RecursionError

    monkeypatch.setattr(Bridge, "to_sympy", fail)
    found = shortest(tree("sin(x) + y - x + 2*x"))
    assert (to_text(found.tree), found.note) == (
        "sin(x) + y + x", "left as it is: it could not be simplified further",
    )  # fmt: skip


# -- guards -------------------------------------------------------------------

LONG = {
    "a high power": "x^1000000",
    "a high power of a sum": "(x + y)^1000000 + x",
    "a power that expands": "(x+y+z+w)^12*(x - y + z - w)^9",
    "a tower": "x*9^(9^9) + x^(9^9)",
    "a hidden power": "(x+y+z)^(3*12) + x",
    "one exponential far above another": "exp(500000*x) + exp(x)",
    "a huge literal": "1e999999999*x^2 + 1e-300*x^3",
    "a sum of equal terms": " + ".join(["x"] * 3000),
    "a sum of different terms": " + ".join(f"sin({k}*x)" for k in range(1, 3001)),
    "a product": "*".join(f"(x + {k})" for k in range(3000)),
    "a product of variables": "*".join(["x", *(f"x{k}" for k in range(3000))]),
    "nested sines": "sin(" * 5000 + "x" + ")" * 5000,
    "nested sines that fit": "sin(" * 60 + "x" + ")" * 60,
    "nested roots": "sqrt(1 + " * 14 + "x" + ")" * 14,
    "a continued fraction": "1/(y + " * 40 + "x" + ")" * 40,
    "doubling": "; ".join(["a0 = x", *(f"a{k} = a{k - 1} + a{k - 1}" for k in range(1, 300))]),
    "squaring": "; ".join(["a0 = x + 1", *(f"a{k} = a{k - 1}*a{k - 1}" for k in range(1, 300))]),
    "a fraction of high degree": "(a^11*b^9 + c^10 + d^6)/(b^12 + c^3 - a^10) + c/(a^11*b^9 + d^6)",
}


@pytest.mark.parametrize("formula", LONG.values(), ids=LONG)
def test_whatever_its_length_it_answers_soon(formula: str) -> None:
    closed(A1, "x")  # sympy is loaded
    graph = build(formula)
    start = time.process_time()
    found = closed_form(graph, next(iter(graph.inputs)))
    assert time.process_time() - start < SECONDS
    assert found.lines


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("a high power", None),
        ("a high power of a sum", "its powers are too high to simplify further"),
        ("a power that expands", "too long to simplify further"),
        ("a sum of equal terms", None),
        ("nested sines", "left over the intermediates: over the inputs it has more than 2,000 parts"),
        ("nested roots", "too long to simplify further"),
    ],
)
def test_what_stays_unsimplified_says_why(name: str, note: str | None) -> None:
    assert closed(LONG[name], "x").note == note


def test_many_equal_messages_are_collected_into_a_number() -> None:
    found = closed(LONG["a sum of equal terms"], "x")
    assert chain(found) == [("3000", "collected")]
    assert found.paths.endswith("… (3,000 messages)")


def test_a_long_gradient_is_called_by_its_name() -> None:
    names = to_text(closed(LONG["nested sines"], "x").result)
    assert names.startswith("∂f/∂v")
    assert names.endswith("·cos(x)")


def test_importing_the_room_does_not_load_sympy() -> None:
    code = "import sys, backtrace_cli.readings.closed.closed_form; assert 'sympy' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_shape_of_another_value_is_never_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever sympy were to make of it: a shorter form is taken where it has the same values alone."""
    wrong = parse_expression("x")
    monkeypatch.setattr("backtrace_cli.readings.closed.shortest.shapes", lambda *_: iter([wrong]))
    tree = parse_expression("x^2 + x*y + y^2 + 1")
    assert shortest(tree).tree == tree
