"""Right answers about formulas that over- or underflow far out are right, and wrong ones wrong."""

from __future__ import annotations

import pytest

from backtrace_cli.grading.comparing import equality
from tests.grading.files import checked
from tests.grading.judging import in_doubles

NEURON = "z = w*x + b; s = 1/(1 + exp(-z)); L = -t*log(s) - (1 - t)*log(1 - s)"
SQUARED = "z = w*x + b; s = 1/(1 + exp(-z)); L = (s - t)^2"
SOFT = "z = W @ x; p = exp(z)/sum(exp(z)); L = -sum(t*log(p))"
SOFT_AT = "W=[[1,2],[3,4],[0,1]],x=[1,2],t=[0,1,0]"
BATCH = "z = X @ w; s = 1/(1 + exp(-z)); L = -sum(t*log(s) + (1 - t)*log(1 - s))"
BATCH_AT = "X=[[1,2],[3,-1]],w=[4,5],t=[1,0]"
#: formula, point, variable, right answers, wrong ones.
ROWS = [
    *((NEURON, f"w={w},x=1,b=-1,t=1", name, right, wrong) for w in range(2, 9) for name, right, wrong in (
        ("b", ("s - t", "s*(1-t) - t*(1-s)"), ("t - s", "s", "(s-t)*s*(1-s)", "s - t + 1e-4")),
        ("w", ("(s - t)*x",), ("(s - t)*w", "(s - t)")),
    )),
    *((SQUARED, f"w={w},x=2,b=-1,t=0", "b", ("2*(s - t)*s*(1-s)", "2*(s-t)*exp(-z)*s^2"),
       ("2*(s - t)*s", "2*(s - t)*s*(1+s)", "(s - t)*s*(1-s)")) for w in (2, 5, 8)),
    ("f = 1/(1+exp(-4*x))", "x=1", "x", ("4*f*(1-f)", "4*exp(-4*x)/(1+exp(-4*x))^2", "1/cosh(2*x)^2"),
     ("f*(1-f)", "4*f*(1+f)", "4*f", "4*f*(1-f)*(1 + 1e-6)")),
    ("f = 1/cosh(x)^4", "x=1", "x", ("-4*tanh(x)/cosh(x)^4", "-4*sinh(x)*cosh(x)^-5"),
     ("-4/cosh(x)^5", "4*tanh(x)*f", "-4*tanh(x)/cosh(x)^5")),
    ("f = x^2/exp(4*x)", "x=1", "x", ("(2*x - 4*x^2)*exp(-4*x)", "2*x/exp(4*x) - 4*f"),
     ("2*x/exp(4*x)", "(2*x - x^2)*exp(-4*x)", "2*x/(4*exp(4*x))")),
    ("f = K/(1 + ((K - P)/P)*exp(-r*t))", "K=10,P=1,r=2,t=3", "t", ("r*f*(1 - f/K)",),
     ("r*f*(1 - f)", "f*(1 - f/K)", "r*f")),
    ("f = 1/(exp((E - m)/T) + 1)", "E=2,m=1,T=0.1", "E", ("-f*(1-f)/T",), ("f*(1-f)/T", "-f*(1-f)", "-f/T")),
    ("f = log(1 + exp(7*x))", "x=1", "x", ("7*σ(7*x)", "7/(1 + exp(-7*x))"), ("σ(7*x)", "7*σ(x)", "7")),
    (SOFT, SOFT_AT, "z", ("p - t",), ("t - p", "p", "p*(1-p)", "p - t + 1e-4")),
    (SOFT, SOFT_AT, "W", ("outer(p - t, x)",), ("outer(p, x)", "outer(t - p, x)")),
    (BATCH, BATCH_AT, "z", ("s - t",), ("t - s", "s", "(s-t)*s*(1-s)")),
    (BATCH, BATCH_AT, "w", ("X.T @ (s - t)",), ("X.T @ s", "X @ (s - t)", "X.T @ (s - t)/2")),
    ("z = W @ x; s = 1/cosh(z)^4; L = sum(s)", "W=[[1,2],[0,1]],x=[1,0]", "z", ("-4*tanh(z)/cosh(z)^4",),
     ("-4*s", "4*tanh(z)*s", "-4*tanh(z)/cosh(z)^5")),
    ("z = W @ x; L = sum(log(1 + exp(z)))", "W=[[4,5],[6,-7]],x=[1,2]", "x", ("W.T @ σ(z)",),
     ("W @ σ(z)", "W.T @ z", "W.T @ (z > 0)")),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0][-24:]} {row[1][:8]} {row[2]}")
def test_textbook_answers(row: tuple[str, str, str, tuple[str, ...], tuple[str, ...]]) -> None:
    """What a textbook gives for hand-written σ, softmax and their losses is right, a slip in it wrong."""
    formula, at, name, rights, wrongs = row
    for answers, verdict in ((rights, "right"), (wrongs, "wrong")):
        for answer in answers:
            assert checked(formula, at, gradient={name: answer}).answers[0].verdict == verdict, answer


def test_a_judge_without_more_digits_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where doubles alone decide, right answers are called wrong again."""
    monkeypatch.setattr(equality, "compared", in_doubles)
    with pytest.raises(AssertionError):
        test_textbook_answers(ROWS[6])


def test_a_number_whose_own_terms_overflow() -> None:
    """A plain number is worked out with many digits, too: its terms may be larger than a double."""
    formula = "f = x + x/(exp(-7*exp(5)) + 1)"
    for answer, verdict in (("2*exp(7*exp(5))/(exp(7*exp(5)) + 1)", "right"),
                            ("3*exp(7*exp(5))/(exp(7*exp(5)) + 1)", "wrong")):  # fmt: skip
        assert checked(formula, "x=0.5", gradient={"x": answer}).answers[0].verdict == verdict


def test_a_function_with_a_branch_of_its_own_in_many_digits() -> None:
    """log |Γ| is real on the left, too."""
    for answer, verdict in (("digamma(x)/x - lgamma(x)/x^2", "right"), ("digamma(x)/x", "wrong")):
        assert checked("f = lgamma(x)/x", "x=-1.18", gradient={"x": answer}).answers[0].verdict == verdict
