"""No page says a false equation: both sides of every = on a line are worked out, names and all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from click.testing import Result

from backtrace_cli import trace

WORKS = [
    ("-log(x)", "x=2"), ("x^2 - (x+y)*y + y^2", "x=1,y=0"), ("x^2 - (x+y)*y + y^2", "x=2,y=3"),
    ("s = σ(y); g = x + s; r = σ(x); p = x + y; q = p²; h = r + q; k = 1/h; f = g·k", "x=3,y=-4"),
    ("exp(-x)/sin(y) - x*y*3", "x=0.37,y=-1.25"), ("y = W @ h; L = sum(y^2)", "W=[[1,2],[3,4]],h=[1,-1]"),
    ("mean(x)*max(x, y)/2", "x=[1.5,-2,3],y=2.25"), ("-sqrt(x)*1e-7 + 123456.7*x", "x=7"),
]  # fmt: skip
VIEWS = [(), ("--view", "sheet"), ("--plain",), ("--mode", "forward"), ("--check",)]
_WRITTEN = {"·": "*", "−": "-", "²": "**2", "³": "**3", "⁻": "**-", "^": "**", "σ": "sigmoid"}
_KNOWN = {"sigmoid": lambda t: 1 / (1 + math.exp(-t)), "exp": math.exp, "log": math.log, "sin": math.sin,
          "cos": math.cos, "sqrt": math.sqrt}  # fmt: skip


def side(text: str, names: dict[str, float]) -> float | None:
    """The value of one side; None where it is no formula over numbers and these names."""
    for sign, written in _WRITTEN.items():
        text = text.replace(sign, written)
    if not re.fullmatch(r"[\w.+\-*/() ]+", text) or not text.strip():
        return None
    try:
        return float(eval(text, {"__builtins__": {}}, {**_KNOWN, **names}))
    except (SyntaxError, NameError, TypeError, ArithmeticError, ValueError):
        return None


def false_equations(page: str, names: dict[str, float]) -> list[str]:
    """The lines on which two sides of = differ by more than rounding to six digits leaves open."""
    found = []
    for line in page.splitlines():
        sides = line.split(" = ")
        for left, right in zip(sides, sides[1:], strict=False):
            before = side(re.split(r"  |: |, |; ", left)[-1], names)
            after = side(re.split(r"  |, |; ", right.strip())[0], names)
            if before is None or after is None:
                continue
            sizes = [abs(float(n.replace("−", "-"))) for n in re.findall(r"\d+(?:\.\d+)?", left + right)]
            if abs(before - after) > 1e-4 * max(abs(before), abs(after), *sizes, 1e-9):
                found.append(line)
    return found


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
@pytest.mark.parametrize(("formula", "at"), WORKS, ids=[formula for formula, _ in WORKS])
def test_every_equation_holds(
    formula: str, at: str, view: tuple[str, ...], columns: int, backtrace: Callable[..., Result]
) -> None:
    """At any width, in tables, stacked lines, sheets and sentences."""
    page = backtrace("eval", formula, "--at", at, *view, columns=columns)
    if page.exit_code == 2:  # forward mode over arrays needs a direction
        assert "--mode" in view
        return
    found = trace(formula, at)
    values = {step.node: step.value for step in found.steps} | found.at
    names = {name: float(value) for name, value in values.items() if not getattr(value, "shape", ())}
    assert false_equations(page.stdout, names) == []


def test_a_false_equation_is_found() -> None:
    """The rows that were false once are caught, and true ones are not."""
    names = {"x": 2.0, "v1": 3.0}
    assert false_equations("      to x: −1 · 1/x = 0.5", names)
    assert false_equations("   v1 = x + 2  = 2 + 2  4", names)
    assert not false_equations("      to x: −1 · 1/x, local 0.5", names)
    assert not false_equations("   v1 = x + 1  = 2 + 1  3", names)
    assert false_equations("df/dy = -1 = -1 - 0.5; agree", names)
