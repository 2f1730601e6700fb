"""The check beside gradients whose paths cancel: never an accusation, and a planted error is found still."""

from __future__ import annotations

import random
from itertools import islice
from typing import Any

import pytest
from click.testing import CliRunner

from backtrace_cli import trace
from backtrace_cli.cli import main
from backtrace_cli.readings.checking import gradient_check
from backtrace_cli.readings.checking.gradient_check import AGREES, DIFFERS, path_scales

VECTORS = [
    "sum(W*(x/norm(x)))", "sum((x/norm(x))^2)", "sum(W*x/sum(x))", "sum(W*x^2/sum(x^2))",
    "sum(W*(x - mean(x))/std(x))", "sum(W*(x - mean(x))/sqrt(var(x)))", "sum(W*softmax(x))", "softmax(x)[0]",
    "m = mean(x); v = mean((x - m)^2); sum(W*(x - m)/sqrt(v))", "sum(W*x/max(abs(x)))", "sum(softmax(x)^2)",
    "sum(W*x)/norm(x)", "log(sum(x^2)/x[0]^2)", "s = x/norm(x); sum(s^3)", "x @ x/sum(x^2)", "mean(x)/std(x)",
    "sum(log_softmax(x)*W)", "logsumexp(x) - x[0]", "sum(W*softmax(log(abs(x))))", "std(x)/norm(x)",
    "prod(x)/sum(x^4)", "(W @ x)/sqrt(x @ x)", "max(x)/min(x)",
]  # fmt: skip
NUMBERS = [
    "x/abs(x)", "x/(3*x)", "x*y/(x*y + x^2)", "x/y", "x/sqrt(x^2 + y^2)", "x/hypot(x, y)", "(x - y)/(x + y)",
    "(x + y)*(x - y)/(x^2 + y^2)", "atan2(x, y)", "log(x^2/y^2)", "(x*y)/(x^2)", "x^2/x^2", "σ(x/y)",
    "x/(x + y) + y/(x + y)", "abs(x)/x", "sqrt(x^2)/x", "(x/y)^3*(y/x)^3", "max(x, y)/hypot(x, y)",
    "tanh(x/abs(x))", "cbrt(x^3)/x", "log(abs(x)) - log(abs(y))", "sin(x/y)*cos(y/x)", "x*x/(x*x)",
]  # fmt: skip


def drawn(dice: random.Random) -> tuple[str, dict[str, Any], list[str]]:
    """A scale-invariant formula, a point on a scale from 1e-8 to 1e8, and what to differentiate by."""
    scale = 10 ** dice.uniform(-8, 8)
    if dice.random() < 0.4:
        formula = dice.choice(NUMBERS)
        names = [name for name in "xy" if name in formula]
        return formula, {n: dice.uniform(0.1, 3) * dice.choice([-1, 1]) * scale for n in names}, names
    formula, count = dice.choice(VECTORS), dice.randint(2, 6)
    offset = dice.choice([0, 0, 0, 10, 1e4, 1e8]) * scale
    at: dict[str, Any] = {"x": [dice.uniform(-3, 3) * scale + offset for _ in range(count)]}
    if "W" in formula:
        at["W"] = [dice.uniform(-2, 2) for _ in range(count)]
    return formula, at, ["x"]


def accused(count: int, seed: int) -> tuple[list[Any], list[Any]]:
    """Right gradients that the check calls wrong, and planted errors of 1e-6 that it doesn't find."""
    dice, wrong, missed = random.Random(seed), [], []
    for _ in range(count):
        formula, at, wrt = drawn(dice)
        record = trace(formula, at, wrt=wrt)
        before = {found.name: found.verdict for found in record.check()}
        wrong += [(formula, at, name) for name, verdict in before.items() if verdict == DIFFERS]
        assert record.back is not None
        x = at["x"] if isinstance(at["x"], list) else [0.0, at["x"]]
        far = max(map(abs, x)) > 100 * (max(x) - min(x))  # far off, x + h has too few digits left
        scales = path_scales(record)
        for name in wrt:
            place = record.graph.inputs[name]
            record.back.gradients[place] = record.back.gradients[place] + 1e-6 * scales[name]
        for found in record.check():
            moves = abs(found.gradient) * max(
                map(abs, x)
            )  # what hardly moves the value is below its rounding
            sloping = before[found.name] == AGREES and moves > 1e-2 * abs(float(record.value)) > 0
            if sloping and not far and found.verdict == AGREES:
                missed.append((formula, at, found.name))
    return wrong, missed


def test_no_right_gradient_is_accused_and_planted_errors_are_found() -> None:
    """On 120 formulas whose paths cancel."""
    assert accused(120, 3) == ([], [])


@pytest.mark.slow
def test_none_of_a_thousand_either() -> None:
    """On 1,000 more none is accused, and every planted error is found: steps that confirm one another are
    taken together, which sees what no single one does."""
    assert accused(1000, 4) == ([], [])


@pytest.mark.parametrize(("formula", "at"), [
    ("x/(3*x)", "x=1e-4"), ("sum((x/norm(x))^2)", "x=[0.0001,0.0002,0.00035]"),
    ("max(y,y*x)+log(10)*x", "x=1.000000001,y=1e-8"), ("relu(x - 1)*1e-9 + 3*x", "x=1.00000001"),
    ("floor(x)*1e-9 + x", "x=2.0000000001"),
    ("m = mean(x); sum([1,2,3]*(x - m)/sqrt(mean((x - m)^2)))", "x=[100000001,100000002,100000004]"),
])  # fmt: skip
def test_what_was_called_wrong_is_not(formula: str, at: str) -> None:
    """Cancelling paths, offsets, and kinks nearer than the steps: exit 0, and no word of disagreement."""
    found = CliRunner().invoke(main, ["eval", formula, "--at", at, "--check"])
    assert found.exit_code == 0, found.output
    assert "disagree" not in found.output


def test_a_long_check_that_is_stopped_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in a check that had to be asked for: what is done is shown, and how far it came, exit 130."""
    from backtrace_cli.commands import _long_check

    def stopped(record: Any) -> Any:
        yield from islice(gradient_check.checks(record), 3)
        raise KeyboardInterrupt

    monkeypatch.setattr(_long_check, "checks", stopped)
    monkeypatch.setattr("backtrace_cli.commands.eval.FREE_CHECK", 10)
    found = CliRunner().invoke(main, ["eval", "sum(x^3)", "--at", "x=[1,2,3,4,5]", "--check"])
    assert found.exit_code == 130
    assert "stopped: 3 of 5 are checked" in found.stderr
    assert "x[2]" in found.stdout
    assert "x[3]" not in found.stdout.split("check")[-1]
