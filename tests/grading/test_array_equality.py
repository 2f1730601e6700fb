"""Array expressions of which NumPy knows whether they are equal: none is judged wrongly."""

from __future__ import annotations

import math

import pytest

from backtrace_cli.grading.comparing import digits, equality
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL, UNDECIDED
from backtrace_cli.grading.statement import Statement
from tests.grading.array_pairs import pairs
from tests.grading.files import checked, verdicts
from tests.grading.judging import wrong

_BATCHES, _BATCH = 4, 260


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(_BATCHES))
def test_a_thousand_pairs(batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Products, sums, transposes and broadcasts written another way are equal, near misses are not."""
    found = pairs(_BATCH, seed=batch)
    bad, verdicts = wrong(found)
    assert not bad, bad[:3]
    assert verdicts[UNDECIDED] <= 2
    assert min(verdicts[EQUAL], verdicts[DIFFERENT]) > _BATCH // 3
    with capsys.disabled():
        print(f"\n{_BATCH} pairs of arrays: {dict(verdicts)}")


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["tolerant", "strict", "near points only"])
def test_a_worse_judge_is_found_out(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pairs tell a judge that is too lenient, too strict or too quick from a good one."""
    if fault == "tolerant":
        monkeypatch.setattr(digits, "SAME", 0.01)
    elif fault == "strict":
        monkeypatch.setattr(digits, "SAME", 0.0)
        monkeypatch.setattr(digits, "_STEADY", math.inf)
    else:
        monkeypatch.setattr(equality, "far_out", lambda *_: ())
        monkeypatch.setattr(equality, "corners", lambda *_: ())
    assert wrong(pairs(140, seed=0))[0]


#: Where a sigmoid or a tanh is flat, and 1 − s has few digits left.
FLAT = "W=[[30,1],[12,13]],x=[1,1],y=[1,1]"
SOFT = "z = W @ x; y = softmax(z); L = -sum(t*log(y))"
RELU = ("L = sum(relu(X)*Y)", "X=[[1,-2],[3,4]],Y=[[2,1],[1,3]]")
CASES = [
    ("z = W @ x; s = σ(z); L = s @ y", FLAT, "z", "s*(1-s)*y", "right"),
    ("z = W @ x; s = σ(z); r = s - y; L = r @ r", FLAT, "W", "outer(2*(s-y)*s*(1-s), x)", "right"),
    ("z = W @ x; s = tanh(z); L = s @ y", FLAT, "x", "W.T @ (y*(1-s)*(1+s))", "right"),
    ("z = W @ x; s = tanh(z); L = s @ y", FLAT, "x", "W.T @ (y*(1-s))", "wrong"),
    (SOFT, "W=[[1,2],[3,1]],x=[1,1],t=[0,1]", "z", "y - t", "right"),
    ("z = W @ x; y = log_softmax(z); L = -(t @ y)", "W=[[1,2],[3,1]],x=[1,1],t=[0.5,0.5]", "z", "exp(y) - t",
     "right"),
    ("y = W @ x; L = y @ y", "W=[[1,2],[3,4]],x=[0.5,0.5]", "W", "outer(2*y, x)*sum(x)", "wrong"),
    ("y = W @ x; L = y @ y", "W=[[1,0],[0,1]],x=[1,0]", "x", "2*W.T @ y*sum(W[0])", "wrong"),
    ("k = dropout(h, m); L = k @ c", "h=[1,2,3],m=[1,0,1],c=[2,5,3]", "h", "c*m^2", "right"),
    ("L = sum(X*Y)", "X=[[1,2],[3,4]],Y=[[2,1],[1,3]]", "X", "Y + relu(X - 13)", "wrong"),
    ("L = sum(X*Y)", "X=[[1,2],[3,4]],Y=[[2,1],[1,3]]", "X", "where(X < 20, Y, 0)", "wrong"),
    ("L = sum(X*Y)", "X=[[1,2],[3,4]],Y=[[2,1],[1,3]]", "X", "max(Y, -30)", "wrong"),
    ("L = sum(X*Y)", "X=[[1,2],[3,4]],Y=[[2,1],[1,3]]", "X", "Y + 1/(1/(X - 2)) + 2 - X", "wrong"),
    (*RELU, "X", "Y*(X > 0)", "right"), (*RELU, "X", "where(X > 0, Y, 0)", "right"),
    (*RELU, "Y", "where(X > 0, 1/(1/X), 0)", "right"), (*RELU, "Y", "abs(X)*(X > 0)", "right"),
    (*RELU, "Y", "abs(X)", "wrong"),
    ("L = norm(x)", "x=[1,2,2]", "x", "x/sqrt(x @ x)", "right"),
    ("L = max(x)*c", "x=[1,2,3],c=2", "x", "c*one_hot(argmax(x), 3)", "right"),
    ("L = prod(x)", "x=[1,2,3]", "x", "prod(x)/x", "right"),
    ("L = logsumexp(z)", "z=[1,2,30]", "z", "exp(z)/sum(exp(z))", "right"),
    ("L = var(x)", "x=[1,2,6]", "x", "2*(x - mean(x))/3", "right"),
    ("L = mean(A @ B)", "A=[[1,2],[3,4]],B=[[1,2],[0,1]]", "A", "[sum(B.T, axis=0), sum(B.T, axis=0)]/4",
     "right"),
    ("L = mean(A @ B)", "A=[[1,2],[3,4]],B=[[1,2],[0,1]]", "A", "[sum(B, axis=0), sum(B, axis=0)]/4",
     "wrong"),
    ("y = tanh((x*x) @ A); L = sum(y)", "A=[[3,5],[4,1],[2,7]],x=[2,3,1]", "A",
     "outer(x*x, 1 - tanh(2*((x*x) @ A))^2)", "wrong"),
]  # fmt: skip


def test_a_kink_in_one_entry_does_not_judge_another() -> None:
    """The rounding of b·6/6 is no mistake where relu is 0, even if another entry stands at the corner."""
    at = "B=[[0,3],[1,0],[-5,1]]"
    assert checked("f = relu(B)", at, values={"f": "(B + abs(B*6/6))/2"}).answers[0].verdict == "right"
    taken = checked("L = sum(relu(B))", at, gradient={"B": "B >= 0"}).answers[0]
    assert (taken.verdict, taken.witness and taken.witness.entry) == ("wrong", (0, 0))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("2*y*(1-s)*(1+s)", "carried"), ("2*y*(1-s^2)", "carried"), ("ds*(1-s^2)", "right"),
        ("2*y*(1-s)", "wrong"), ("3*y*(1-s^2)", "wrong"), ("2*y*(1-s^2) + 1e-9", "wrong"),
    ],
)  # fmt: skip
def test_carried_forward_where_a_curve_is_flat(answer: str, expected: str) -> None:
    """What follows from one's own slip is right where tanh has no digits left, too."""
    found = checked("z = W @ x; s = tanh(z); L = s @ y", "W=[[3,1],[2,1]],x=[1,1],y=[2,3]",
                    gradient={"s": "2*y", "z": answer})  # fmt: skip
    assert verdicts(found)["z"] == expected


@pytest.mark.parametrize(("formula", "at", "name", "answer", "expected"), CASES)
def test_answers_at_the_edges(formula: str, at: str, name: str, answer: str, expected: str) -> None:
    """Digits lost where a curve is flat, branches far out, poles, and rows that only happen to sum to 1."""
    assert checked(formula, at, gradient={name: answer}).answers[0].verdict == expected


@pytest.mark.parametrize(
    ("formula", "at", "name", "kept"),
    [
        ("L = w @ x", "w=[0.5,0.5],x=[1,2]", "w", False),
        ("L = sum(A @ x)", "A=[[1,0],[0,1]],x=[1,2]", "A", False),
        (SOFT, "W=[[1,2],[3,1]],x=[1,1],t=[0,1]", "t", True),
        ("L = cross_entropy_with_logits(z, t)", "z=[1,2],t=[0,1]", "t", True),
        ("L = -sum(t*log(p))", "p=[0.5,0.5],t=[2,1]", "t", False),
    ],
)
def test_only_what_the_formula_needs_stays_a_distribution(
    formula: str, at: str, name: str, kept: bool
) -> None:
    """Entries that happen to sum to 1 are drawn like any others, unless they weigh a logarithm."""
    from itertools import islice

    statement = Statement(formula, at)
    found = [point[name] for point in islice(statement.points("1"), 20)]
    sums = [bool((abs(value.sum(axis=-1) - 1) < 1e-9).all()) for value in found]
    assert all(sums) if kept else sum(sums) < 5
