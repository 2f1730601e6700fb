"""Five thousand pairs of which another witness knows whether they are equal: no wrong verdict."""

from __future__ import annotations

import random

import pytest

from backtrace_cli.grading.comparing import digits, equality
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL, UNDECIDED
from backtrace_cli.grading.comparing.equality import judge
from tests.grading.files import exercise
from tests.grading.judging import verdict, wrong
from tests.grading.pairs import Pair, pairs

_BATCHES, _BATCH = 5, 1_000


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(_BATCHES))
def test_five_thousand_pairs(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Rewritten expressions are equal, near misses different; what can't be decided is counted."""
    found = pairs(_BATCH, seed=100 + batch)
    bad, verdicts = wrong(found)
    assert not bad, bad[:3]
    assert verdicts[UNDECIDED] <= _BATCH // 100
    assert min(verdicts[EQUAL], verdicts[DIFFERENT]) > _BATCH // 4
    with capsys.disabled():
        print(f"\n{_BATCH} pairs: {dict(verdicts)}")


def _to_the_last(yours: object, right: object) -> bool:
    return repr(yours) == repr(right)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["tolerant", "strict", "few points"])
def test_a_worse_judge_is_found_out(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pairs tell a judge that is too lenient, too strict or too quick from a good one."""
    if fault == "tolerant":
        monkeypatch.setattr(digits, "SAME", 0.01)
    elif fault == "strict":
        monkeypatch.setattr(digits, "_same", _to_the_last)
        monkeypatch.setattr(digits, "_decided", lambda sides, *_: digits.Gap(
            EQUAL if all(_to_the_last(*row[1:]) for row in sides.rows) else DIFFERENT))  # fmt: skip
    else:
        monkeypatch.setattr(equality, "POINTS", 2)
        monkeypatch.setattr(equality, "_BRANCHED_POINTS", {False: 2})
        monkeypatch.setattr(equality, "LEAST", 1)
        monkeypatch.setattr(equality, "far_out", lambda *_: ())
        monkeypatch.setattr(equality, "corners", lambda *_: ())
    assert wrong(pairs(600, seed=100))[0]


#: Smooth formulas whose derivatives sympy takes and writes in several ways.
_SMOOTH = (
    "x^2*y", "x^2 - (x+y)*y + y^2", "sin(x*y)", "exp(x/3)*y^2", "x/(1 + y^2)", "tanh(x + 2*y)", "x^3*y^2 + x",
    "1/(1 + exp(-x*y))", "sqrt(1 + x^2 + y^2)", "log(1 + x^2*y^2)", "cos(x)*sin(y)", "(x + y)^3/(2 + x^2)",
    "x*exp(-y^2/4)", "(x - y)^4", "sinh(x)*cosh(y)", "x*y/(x^2 + y^2 + 1)",
)  # fmt: skip


@pytest.mark.parametrize("formula", _SMOOTH)
def test_derivatives_as_sympy_writes_them(formula: str) -> None:
    """sympy's derivative is right in every form it can be brought to; moved by a little it is wrong."""
    import sympy

    dice = random.Random(formula)
    x, y = sympy.symbols("x y")
    tree = sympy.sympify(formula.replace("^", "**"), locals={"x": x, "y": y})
    for name, variable in (("x", x), ("y", y)):
        slope = sympy.diff(tree, variable)
        forms = {
            slope,
            sympy.expand(slope),
            sympy.factor(slope),
            sympy.simplify(slope),
            sympy.together(slope),
        }
        for form in forms:
            answer = sympy.sstr(form)
            near = f"{answer} {dice.choice(['+ 1', '- 1', '+ y', '- y', '+ 0.01*x', '+ x*y'])}"
            for text, expected in ((answer, EQUAL), (near, DIFFERENT), (f"-({answer})", DIFFERENT)):
                one = exercise(f"f = {formula}", "x=2,y=3", gradient={name: text})
                assert not one.answers[0].problem, (text, one.answers[0].problem)
                assert judge(one, one.answers[0].question, one.answers[0]).verdict == expected, text


@pytest.mark.parametrize(
    ("formula", "answer", "equal"),
    [
        ("sin(x*y)", "sin(relu(x*y))", False),
        ("x*y", "abs(x*y)", False),
        ("x*y", "abs(x)*abs(y)", False),
        ("x + y", "max(x + y, -1)", False),
        ("abs(x*y)", "abs(x)*abs(y)", True),
        ("max(x, y)", "(x + y + abs(x - y))/2", True),
        ("(1/(1 + exp(-x*y)))^2", "(1 - 1/(1 + exp(x*y)))^2", True),
        ("(x*y + 5*y)*exp(2*y/3)", "log(exp((x*y + 5*y)*exp(2*y/3)))", True),
        ("sqrt(log(x) + y)", "sqrt(1/log(log(exp(exp(1/log(x))))) + y)", True),
        ("y + x", "y + 1/(1/(x - 2)) + 2", False),
        ("4*x + y*y", "relu(4*x + y*y + 20) - 20", False),
    ],
)
def test_pairs_that_were_judged_wrongly_once(formula: str, answer: str, equal: bool) -> None:
    """Signs that few points showed, digits lost to cancellation, overflow on the way, a pole at the point."""
    pair = Pair(formula, answer, {"x": 2.0, "y": 3.0}, equal, "")
    assert verdict(pair) != (DIFFERENT if equal else EQUAL)
