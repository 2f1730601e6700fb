"""A curve goes through the values that mpmath gives, and shows what is not smooth as it is."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import pytest
from click.testing import CliRunner
from lxml import etree

from backtrace_cli import trace
from backtrace_cli.cli import main
from backtrace_cli.readings.curve_samples import Curve, curve_of


def curve(formula: str, low: float, high: float, count: int = 201) -> Curve:
    return curve_of(trace(formula, x=0.3), "x", low, high, count)


def draw(*words: str, columns: str = "80") -> str:
    result = CliRunner(env={"COLUMNS": columns}).invoke(main, ["draw", *words])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("formula", "witness"),
    [
        ("x*sin(x)", lambda x: x * mpmath.sin(x)),
        ("exp(-x^2)/(1 + x^2)", lambda x: mpmath.exp(-(x**2)) / (1 + x**2)),
        ("tanh(3x)", lambda x: mpmath.tanh(3 * x)),
    ],
)
def test_samples_are_the_function_and_its_derivative(
    formula: str, witness: Callable[[mpmath.mpf], mpmath.mpf]
) -> None:
    """Every fifth sample beside fifty digits."""
    for sample in curve(formula, -3, 3).samples[::5]:
        with mpmath.workdps(50):
            x = mpmath.mpf(sample.x)
            assert sample.value == pytest.approx(float(witness(x)), abs=1e-12)
            assert sample.slope == pytest.approx(float(mpmath.diff(witness, x)), abs=1e-9)


@pytest.mark.parametrize(
    ("formula", "kind", "places"),
    [
        ("abs(x)", "kink", [0]),
        ("max(x, 0.3)*min(x, 1)", "kink", [0.3, 1]),
        ("relu(x - 0.123)", "kink", [0.123]),
        ("floor(x)", "jump", [-1, 0, 1]),
        ("1/(x - 0.5)", "pole", [0.5]),
        ("tan(x)", "pole", [-math.pi / 2, math.pi / 2]),
        ("sqrt(x)", "edge", [0]),
        ("sin(1/x)", "hole", [0]),
        ("tanh(200*x)", "", []),
        ("sin(30*x)", "", []),
        ("x^3", "", []),
    ],
)
@pytest.mark.parametrize("count", [134, 201, 481])
def test_what_is_not_smooth_is_found(formula: str, kind: str, places: list[float], count: int) -> None:
    """Kinks, jumps, poles, edges and holes where they are, and nothing else, whatever the samples hit."""
    marks = curve(formula, -2.1 if "tan(x" in formula else -1.9, 1.9, count).marks
    assert [mark.kind for mark in marks] == [kind] * len(places)
    assert [mark.x for mark in marks] == pytest.approx(places, abs=1e-6)
    if formula == "abs(x)":
        assert (marks[0].left.slope, marks[0].right.slope) == (-1, 1)


@pytest.mark.parametrize("columns", ["40", "80", "120"])
def test_it_fits_the_screen(columns: str) -> None:
    """No line is wider than the screen, and the tangent is told of."""
    text = draw("x*sin(x)", "--plot", "x=-3..3", "--at", "x=1", columns=columns)
    assert max(map(len, text.splitlines())) <= int(columns)
    assert "slope 1.38177" in " ".join(text.split())


def test_svg_rings_kinks_and_hatches_gaps() -> None:
    """What the terminal tells of stands in the drawing, too."""
    tree = etree.fromstring(
        draw("sqrt(x) + relu(x - 1)", "--plot", "x=-1..3", "--at", "x=2", "--as", "svg").encode()
    )
    kinds = [part.get("class") for part in tree.iter()]
    assert kinds.count("kink") == 1
    assert kinds.count("tangent") == 1
    assert 'fill="url(#none)"' in etree.tostring(tree).decode()
    assert "a kink at x = 1: slope 0.5 on the left, 1.5 on the right" in tree.find("{*}desc").text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x", "--plot", "x=3"], "write --plot x=-3..3"),
        (["x", "--plot", "x=3..-3"], "from a smaller number to a larger"),
        (["x*y", "--plot", "x=0..1"], "y has no value"),
        (["x", "--plot", "z=0..1", "--at", "x=1"], "no variable z"),
        (["sqrt(x)", "--plot", "x=-3..-1"], "there is no value"),
        (["x", "--plot", "x=0..1", "--as", "dot"], "a curve is not drawn as dot"),
        (["x", "--plot", "x=0..1", "--upto", "forward:1"], "a curve has no steps"),
        (["x^2", "--plot", "x=0..1", "--at", "x=[1,2]"], "here is an array"),
    ],
)
def test_what_cannot_be_drawn_is_said(words: list[str], said: str) -> None:
    """Exit 2 with a sentence and what to write instead."""
    result = CliRunner().invoke(main, ["draw", *words])
    assert result.exit_code == 2
    assert said in result.output
