"""The formula language, row by row: what is written and what it is read as."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli import BacktraceError, trace
from backtrace_cli.language.reading.parser import parse, parse_expression
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS

Run = Callable[..., Result]

#: written -> read as, spelled in ASCII with every product written out
READ_AS = {
    # powers and signs
    "-x^2": "-x^2",
    "(-x)^2": "(-x)^2",
    "2^-x": "2^(-x)",
    "2^3^x": "2^3^x",
    "(2^3)^x": "(2^3)^x",
    "x^-2": "x^-2",
    "x**2": "x^2",
    "2**-x**2": "2^(-x^2)",
    "-x*y": "-x*y",
    "x*-y": "x*(-y)",
    "x - -y": "x - (-y)",
    "--x": "-(-x)",
    "+x": "x",
    # juxtaposition
    "2x": "2*x",
    "2(x+1)": "2*(x + 1)",
    "(a)(b)": "a*b",
    "x(x+1)": "x*(x + 1)",
    "x y z": "x*y*z",
    "2 pi x": "2*pi*x",
    "x^2y": "x^2*y",
    "2x^2": "2*x^2",
    "-2x": "-2*x",
    "2 sin(x) cos(x)": "2*sin(x)*cos(x)",
    "x*2y": "x*(2*y)",
    "2√x": "2*sqrt(x)",
    "√2x": "sqrt(2)*x",
    "2|x|": "2*abs(x)",
    # levels
    "a - b - c": "a - b - c",
    "a - (b - c)": "a - (b - c)",
    "a/b/c": "a/b/c",
    "a/b*c": "a/b*c",
    "a/(b*c)": "a/(b*c)",
    "a + b*c^d": "a + b*c^d",
    "x < y + 1": "x < y + 1",
    "(x < y)*(y <= z)": "(x < y)*(y <= z)",
    "x == y": "x == y",
    "x != y": "x != y",
    # signs as they are printed and pasted
    "x²": "x^2",
    "x⁻¹": "x^-1",
    "x¹²": "x^12",
    "xⁿ": "x^n",
    "xy²": "xy^2",
    "sin(x)²": "sin(x)^2",
    "x₁": "x1",
    "x₁²": "x1^2",
    "√x": "sqrt(x)",
    "√(x+1)": "sqrt(x + 1)",
    "√√x": "sqrt(sqrt(x))",
    "π": "π",
    "x − y": "x - y",
    "x – y": "x - y",
    "x·y×z⋅w": "x*y*z*w",
    "x÷y": "x/y",
    "x ≤ y": "x <= y",
    "x ≥ y": "x >= y",
    "x ≠ y": "x != y",
    "𝑥 + 𝛽": "x + β",
    # bars
    "|x|": "abs(x)",
    "|x| + |y|": "abs(x) + abs(y)",
    "||x| - |y||": "abs(abs(x) - abs(y))",
    "|x||y|": "abs(x)*abs(y)",
    "max(|x|, |y|)": "max(abs(x), abs(y))",
    "|x*(y + |z|)|": "abs(x*(y + abs(z)))",
    # calls, lists, entries
    "log(x; 2)": "log(x, 2)",
    "where(x > 0, x, 0)": "where(x > 0, x, 0)",
    "x[0]": "x[0]",
    "W.T": "W.T",
    "W @ x": "W @ x",
    "[[1, 2], [3, x]]": "[[1, 2], [3, x]]",
    # numbers
    ".5x": ".5*x",
    "1e3x": "1e3*x",
    "1e-3 - 1": "1e-3 - 1",
    "2e": "2*e",
    # names
    "sigma + gamma*beta": "sigma + gamma*beta",
    "sigma^2": "sigma^2",
    "x_new + x_1": "x_new + x_1",
    # space and comments
    "x +\n\n  y": "x + y",
    "(x\n + y)": "x + y",
    "max(x,\n    y)": "max(x, y)",
    "x*y # + z": "x*y",
    "# first\nx*y\n# last": "x*y",
    "x*y;": "x*y",
    "\n\n x*y \n\n": "x*y",
    "x *\t\u00a0y\r\n": "x*y",
}


@pytest.mark.parametrize("written", READ_AS)
def test_written_and_read_as(written: str) -> None:
    """Each way of writing is read as its row says."""
    assert to_text(parse_expression(written, functions=FUNCTIONS), ascii=True) == READ_AS[written]


#: formula -> its value at x=2, y=3
VALUES = {
    "-x^2": -4,
    "2^-x": 0.25,
    "2^3^x": 512,
    "x^2y": 12,
    "x(x+1)": 6,
    "2 x y": 12,
    "x*2y": 12,
    "x y^2": 18,
    "a = x^2; f = a*y": 12,
    "a = x^2\nf = a*y": 12,
    "a = x^2;\n\n# and then\nf = a*y;": 12,
    "a = x +\n    y\na^2": 25,
    "a = (x\n  + y)\na^2": 25,
    "g(t) = t^2; g(x) + g(y)": 13,
    "g(a, b) = a - b; g(y, x)": 1,
    "g(t) = t*y; h(t) = g(t) + 1; h(x)": 7,
    "g(t) = t*c; c = 10; g(x)": 20,
    "g(x) = x^2; g(y) + x": 11,
    "f(x, y) = x^2*y": 12,
    "f(x, y) = x^2": 4,
    "h(t) = t + 1; f(x) = h(x)*h(x)": 9,
    "sigma = 2x; sigma*y": 12,
    "sigma = 2x; sigma y": 12,
    "max(x, y) + min(x, y, 1)": 4,
    "where(x < y, 10, 20)": 10,
    "(x < y) + (x > y)": 1,
    "log(y^2, y)": 2,
    "|x - y|": 1,
    r"\frac{x+y}{x^{2}}": 1.25,
    r"x^2 \cdot y": 12,
}


@pytest.mark.parametrize("formula", VALUES)
def test_value(formula: str) -> None:
    """Each formula has the value its row says at x=2, y=3."""
    point = {name: value for name, value in {"x": 2.0, "y": 3.0}.items() if name in formula}
    assert trace(formula, point).value == pytest.approx(VALUES[formula], rel=1e-15)


def test_e_and_pi_unless_bound_or_assigned() -> None:
    """e, pi and π are the constants; given in --at or assigned they are names like any other."""
    assert trace("e").value == math.e
    assert trace("pi + π").value == 2 * math.pi
    assert trace("2e*x", x=1).gradient == {"x": 2 * math.e}
    assert trace("e*x", x=1, e=5).gradient == {"x": 5.0, "e": 1.0}
    assert trace("e = 3x; e^2", x=1).value == 9
    assert trace("f(e) = e^2", e=3).value == 9
    assert trace("pi*x", "x=pi/2").value == pytest.approx(math.pi**2 / 2)


@pytest.mark.parametrize(
    ("formula", "given", "name"),
    [
        ("x₁*2", "x1", "x1"), ("x₁*2", "x_1", "x1"), ("x1*2", "x₁", "x1"), ("x_1*2", "x1", "x_1"),
        ("x_1*2", "x₁", "x_1"), ("β*2", "beta", "β"), ("beta*2", "β", "beta"), ("β₁*2", "beta_1", "β1"),
        ("λ*2", "lambda", "λ"), ("𝑥*2", "x", "x"), ("é*2", "e\u0301", "é"),
        (r"\beta_1 \cdot 2", "beta1", "β1"),
    ],
)  # fmt: skip
def test_spellings_of_a_name(formula: str, given: str, name: str) -> None:
    """A value finds its variable in every spelling; the trace keeps the formula's."""
    assert trace(formula, f"{given}=3").gradient == {name: 2.0}


def test_a_name_of_its_own_beats_another_spelling() -> None:
    """Where x1 and x_1 are two variables, each takes the value given under its very name."""
    assert trace("x1 + 10*x_1", "x_1=1,x1=2").value == 12
    assert trace("x_1 = 2x1; x_1 + 1", "x1=3").value == 7


def test_a_name_without_brackets_is_a_variable() -> None:
    """sigma and gamma beside a sign are variables even where a function bears the name."""
    found = trace("sigma*x + gamma", sigma=2, x=3, gamma=1)
    assert found.gradient == {"sigma": 3.0, "x": 2.0, "gamma": 1.0}


def test_a_bound_name_before_a_bracket_is_a_product() -> None:
    """a(b+1) is a product once a is known to be a variable, by the formula or by the point."""
    assert trace("a(b+1)", a=2, b=3).value == 8
    assert trace("a(b+1) + a", a=2, b=3).value == 10
    with pytest.raises(BacktraceError, match="a is not a function"):
        trace("a(b+1)")


def test_xy_is_one_name_once_it_is_bound() -> None:
    """xy is a product for nobody: bound it is that name, unbound it is an error that offers x*y."""
    assert trace("xy + 1", xy=2).value == 3
    assert trace("xy = 3x; xy + 1", x=2).value == 7
    with pytest.raises(BacktraceError, match=r"did you mean x\*y\?"):
        trace("xy + 1", x=2, y=3)


def test_statements_and_their_names() -> None:
    """Intermediates keep their names, the last statement is the output, and its name is kept."""
    found = trace("s = x + y; p = s^2; out = p*x", x=1, y=2)
    assert [step.node for step in found.steps] == ["s", "p", "out"]
    assert found.output == "out"
    assert trace("f(x, y) = x*y", x=2, y=3).output == "f"
    assert trace("x*y", x=2, y=3).output == "f"


def test_the_arguments_of_the_formula_are_its_variables() -> None:
    """f(x, y) = x² names y as a variable: it takes a value and its derivative is 0."""
    assert trace("f(x, y) = x^2", x=3, y=1).gradient == {"x": 6.0, "y": 0.0}


def test_latex_is_known_by_its_backslash() -> None:
    """With a backslash x^{2} is read and xy is x·y; without one, xy is one name."""
    text = r"\frac{x+\sigma(y)}{\sigma(x)+(x+y)^{2}}"
    assert trace(text, x=3, y=-4).value == trace("(x+σ(y))/(σ(x)+(x+y)^2)", x=3, y=-4).value
    with pytest.raises(BacktraceError, match="x\\^\\{10\\}"):
        trace(r"\sin(x) x^10", x=1)
    assert trace("x^{2} e^{-x}", x=1).value == trace("x^2*exp(-x)", x=1).value
    with pytest.raises(BacktraceError, match="use parentheses"):
        trace("x{2}+{y}", x=1)


def test_places_of_a_tree_are_places_in_the_text() -> None:
    """The span of every part, cut out of the source, is that part."""
    source = "a = 2x + sin(y)^2; a*|y|"
    program = parse(source, functions=FUNCTIONS)
    parts = {source[start:end] for s in program.statements for start, end in [s.value.span]}
    assert parts == {"2x + sin(y)^2", "a*|y|"}


# -- where a formula comes from ---------------------------------------------


def value(result: Result) -> float:
    assert result.exit_code == 0, result.stderr
    return float(json.loads(result.stdout)["value"])


@pytest.mark.parametrize("formula", ["-x^2", "-f*x", "-x", "--x", "-at", "-2", "-(x)", "-√x", "-e*x"])
def test_a_formula_may_begin_with_a_dash(formula: str, backtrace: Run) -> None:
    """A word that begins with a dash and is no option is the formula, -f*x too."""
    names = [name for name in ("at", "f", "x") if name in formula]
    point = [word for name in names for word in ("--at", f"{name}=4")]
    expected = {"-x^2": -16, "-f*x": -16, "--x": 4, "-2": -2, "-√x": -2, "-e*x": -4 * math.e}.get(formula, -4)
    assert value(backtrace("eval", formula, *point, "--json")) == pytest.approx(expected)
    assert value(backtrace("eval", *point, "--json", "--", formula)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "point", [["--at", "x=-2,y=-1e-3"], ["--at=x=-2,y=-1e-3"], ["--at", "x=-2", "--at", "y=-.001"]]
)
def test_values_may_be_negative(point: list[str], backtrace: Run) -> None:
    """A negative value is a value, in every way of giving it."""
    assert value(backtrace("eval", "x*y", *point, "--json")) == 0.002


def test_formula_from_a_file_or_standard_input(backtrace: Run, tmp_path: Path) -> None:
    """-f FILE, -f - and - read the formula with its lines and comments."""
    text = "# two lines\na = x^2\n\nb = a +\n    y   # goes on\nb*2\n"
    file = tmp_path / "formula"
    file.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    for words, stdin in (["-f", str(file)], None), (["-f", "-"], text), (["-"], text):
        assert value(backtrace("eval", *words, "--at", "x=2,y=3", "--json", stdin=stdin)) == 14
