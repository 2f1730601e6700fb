"""``eval --mine``: a derivative worked out by hand, judged beside the trace."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from tests.formulas import Maker

Run = Callable[..., Result]
FORK = ("a = x*y; b = a + x; f = b^2", "--at", "x=3,y=2")
SCORES = ("L = -sum(t*log(softmax(z)))", "--at", "z=[1,2,0],t=[0,1,0]")


@pytest.mark.parametrize(("words", "mine", "right"), [
    (FORK, "x = 2*b*(y + 1)", True), (FORK, "x = 54", True), (FORK, "x = 2*b*y", False),
    (FORK, "x=36", False),
    (FORK, "∂f/∂x = 2*b*y + 2*b", True), (FORK, "df/dy = 2*b*x", True), (FORK, "a->x = 2*b*y", True),
    (FORK, "a→x = 2*b", False), (FORK, "f/b = 2*b", True), (FORK, r"x = 2b\cdot y + 2b", True),
    (SCORES, "z = softmax(z) - t", True), (SCORES, "z = t - softmax(z)", False),
    (SCORES, "z = [0.2447, -0.3348, 0.09003]", True), (SCORES, "z = [0.2447, 0.3348, 0.09003]", False),
    (("x^2*y",), "x = 2*x*y", True), (("x^2*y",), "x = 2*x", False),
])  # fmt: skip
def test_verdicts(backtrace: Run, words: tuple[str, ...], mine: str, right: bool) -> None:
    """Right or wrong, with the exit code, in all three ways to print."""
    said = "right" if right else "wrong"
    for way in ((), ("--plain",), ("--json",)):
        found = backtrace("eval", *words, "--mine", mine, *way)
        assert (found.exit_code, found.stderr) == (0 if right else 1, "")
        if way == ("--json",):
            assert [one["verdict"] for one in json.loads(found.stdout)["mine"]] == [said]
        else:
            yours = found.stdout.partition("Yours")[2].replace(" at this point", "").replace(".\n", "\n")
            assert f"{said}\n" in yours


def test_a_wrong_one_is_named_and_shown_beside_the_right_one(backtrace: Run) -> None:
    """The trace stands above, so nothing is held back."""
    page = " ".join(backtrace("eval", *FORK, "--mine", "x = 2*b*y", "--mine", "y = 2*b*x").stdout.split())
    assert "∂f/∂x 2*b*y wrong ∂f/∂y 2*b*x right" in page
    assert "At the fork x you kept the message through a and lost the one through b." in page
    assert "yours gives 36, the trace gives 54" in page


@pytest.mark.parametrize(("mine", "words"), [
    ("x", "--mine takes a name and your derivative, and x is none"), ("= 2", "takes a name"),
    ("w = 2", "w is no node of this formula"), ("f->x = 2", "f does not read x"), ("x = 2*", "stops after *"),
    ("x = 2*q", "q is no name"), ("x = \x1b[2J", "U+001B"), ("x = [1, 2]", "a number is asked for"),
])  # fmt: skip
def test_what_cannot_be_read(backtrace: Run, mine: str, words: str) -> None:
    """Said before anything is printed."""
    found = backtrace("eval", *FORK, "--mine", mine)
    assert (found.exit_code, found.stdout) == (2, "")
    assert words in found.stderr
    assert "\x1b" not in found.stderr


def test_the_same_twice_and_no_point_for_arrays(backtrace: Run) -> None:
    """Two answers to one question are one too many; arrays without a point get shapes that fit."""
    assert "x twice" in backtrace("eval", *FORK, "--mine", "x = 1", "--mine", "x = 2").stderr
    assert "wrong" in backtrace("eval", "sum(W @ x)", "--mine", "x = W.T").stdout
    assert backtrace("eval", "x @ x", "--mine", "x = 2*x").exit_code == 0


@pytest.mark.parametrize("seed", range(12))
def test_the_closed_form_of_any_formula_is_right(backtrace: Run, seed: int) -> None:
    """What sympy makes of the gradient (``--closed-form``) is judged right; with 1 more it isn't."""
    made = Maker(seed).formula(2)
    at = ",".join(f"{name}={value!r}" for name, value in made.at.items())
    closed = json.loads(backtrace("eval", made.text, "--closed-form", "--json").stdout)["closed_form"]
    for form in closed:
        name, right = form["variable"], form["result"]
        for text, code in ((right, {0}), (f"({right}) + 1", {1})):
            found = backtrace("eval", made.text, "--at", at, "--mine", f"{name} = {text}")
            assert found.exit_code in code, (made.text, at, name, text, found.stdout[-300:])
