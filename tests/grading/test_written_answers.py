"""Answers as people write them: in ``--mine`` and in exercises alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]


@pytest.mark.parametrize("mine", [
    "2x", "f'(x) = 2x", "f' = 2x", "df/dx = 2x", "dy/dx = 2x", "d/dx = 2x", "∂f/∂x = 2x", "f_x = 2x",
    r"\frac{df}{dx} = 2x", "x = → 2x",
])  # fmt: skip
def test_a_partial_as_people_write_it(backtrace: Run, mine: str) -> None:
    """Leibniz, Lagrange, an index below, or the formula alone where there is one variable."""
    assert backtrace("eval", "x^2", "--at", "x=3", "--mine", mine).exit_code == 0
    assert backtrace("eval", "x^2", "--at", "x=3", "--mine", mine.replace("2x", "3x")).exit_code == 1


@pytest.mark.parametrize(("formula", "at", "mine"), [
    ("h = σ(w*x); L = (h-y)^2", "x=1,y=1,w=2", "w = dh*h*(1-h)*x"),
    ("h = σ(w*x); L = (h-y)^2", "x=1,y=1,w=2", "x = ∂L/∂h*h*(1-h)*w"),
    ("h = σ(w*x); L = (h-y)^2", "x=1,y=1,w=2", r"w = \frac{\partial L}{\partial h} h (1-h) x"),
    ("z = W @ x; δ = z-y; L = sum(δ^2)/2", "x=[1,2],y=[1,0],W=[[1,2],[3,4]]", "W = δ xᵀ"),
    ("z = W @ x; δ = z-y; L = sum(δ^2)/2", "x=[1,2],y=[1,0],W=[[1,2],[3,4]]", "W = (z-y) @ x.T"),
    ("z = W @ x; δ = z-y; L = sum(δ^2)/2", "x=[1,2],y=[1,0],W=[[1,2],[3,4]]", "x = ∂L/∂δ @ W"),
    ("z = W @ x; δ = z-y; L = sum(δ^2)/2", "x=[1 2],y=(1,0),W=[[1. 2.] [3. 4.]]", "x = Wᵀδ"),
    ("z = W @ x; δ = z-y; L = sum(δ^2)/2", "x=[1,2],y=[1,0],W=[[1,2],[3,4]]", "y = (-4, -11)"),
])  # fmt: skip
def test_answers_as_textbooks_write_them(backtrace: Run, formula: str, at: str, mine: str) -> None:
    """Upstream names, slopes, outer products and pasted lists."""
    found = backtrace("eval", formula, "--at", at, "--mine", mine)
    assert found.exit_code == 0, found.output
