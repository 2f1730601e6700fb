"""Mistakes with arrays, planted at every place of twenty formulas: the diagnosis is right or silent."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import numpy as np
import pytest

from backtrace_cli.base.plain_values import close, known
from backtrace_cli.grading.authoring.making import questions_about
from backtrace_cli.grading.statement import Statement
from backtrace_cli.mistakes.diagnose import Diagnoser
from backtrace_cli.mistakes.scene import Scene
from backtrace_cli.readings.questions import Question
from tests.mistakes.test_diagnose import how_told

FORMULAS = [
    ("y = W @ h; L = y @ y", "W=[[1,2,3],[4,5,7]],h=[1,2,4]"),
    ("y = W @ h + b; r = y - t; L = r @ r", "W=[[1,2,-1],[4,3,2]],h=[1,2,3],b=[1,-2],t=[5,3]"),
    ("Y = X @ W; R = Y - T; L = sum(R^2)", "X=[[1,2],[3,4],[5,7]],W=[[2,1],[1,3]],T=[[1,2],[0,5],[3,1]]"),
    ("p = X @ w; L = mse(p, y)", "X=[[1,2],[3,4],[5,7]],w=[2,1],y=[1,2,5]"),
    ("Y = X @ W + b; L = sum(Y*C)", "X=[[1,2],[3,4]],W=[[2,1,4],[1,3,2]],b=[1,2,3],C=[[1,2,3],[2,5,4]]"),
    ("y = softmax(z); L = c @ y", "z=[1,2,0],c=[3,5,2]"),
    ("z = W @ x; L = cross_entropy_with_logits(z, t)", "W=[[1,2],[0,1],[2,0]],x=[1,2],t=[0,1,0]"),
    ("y = softmax(z); L = -sum(t*log(y))", "z=[1,2,0],t=[0.2,0.5,0.3]"),
    ("a = W @ x; h = relu(a); y = V @ h; L = y @ c", "W=[[1,2],[3,-1]],x=[2,3],V=[[1,2],[4,1]],c=[2,3]"),
    ("a = W @ x + b; h = σ(a); y = v @ h; L = (y - t)^2", "W=[[1,2],[3,-1]],x=[1,2],b=[1,2],v=[2,3],t=1"),
    ("h = tanh(X @ W); L = mean(h*C)", "X=[[1,2],[3,4]],W=[[0.2,0.1],[0.1,0.3]],C=[[1,2],[3,5]]"),
    ("m = mean(x); d = x - m; L = d @ d", "x=[1,2,6]"),
    ("s = x @ x; n = sqrt(s); L = sum(x/n*c)", "x=[1,2,2],c=[3,1,2]"),
    ("q = x @ A @ x; L = q^2", "A=[[1,2],[3,5]],x=[1,2]"),
    ("O = outer(u, v); L = sum(O*C)", "u=[1,2],v=[3,1,2],C=[[1,2,3],[4,5,7]]"),
    ("k = dropout(h, m); L = k @ c", "h=[1,2,3],m=[1,0,1],c=[2,5,3]"),
    ("Y = X @ W.T; L = sum(Y^2)", "X=[[1,2],[3,4]],W=[[2,1],[1,3]]"),
    ("y = X @ w; L = sum((y - t)^2) + lam*sum(w^2)", "X=[[1,2],[3,4]],w=[2,1],t=[1,2],lam=0.5"),
    ("s = sum(X, axis=0); L = s @ c", "X=[[1,2],[3,4],[5,6]],c=[2,3]"),
    ("Y = softmax(X @ W); L = cross_entropy(Y, T)", "X=[[1,2],[2,1]],W=[[1,0],[0,1]],T=[[0,1],[1,0]]"),
    ("Z = X @ W; L = cross_entropy_with_logits(Z, T)", "X=[[1,2],[2,1]],W=[[1,3],[0,1]],T=[[0,1],[1,0]]"),
    ("Y = A @ B; L = sum(Y*Y)", "A=[[1,2],[3,5]],B=[[2,1],[4,3]]"),
    ("m = mean(X, axis=0); D = X - m; L = sum(D*D*C)", "X=[[1,2],[3,5],[4,1]],C=[[1,2],[4,3],[2,5]]"),
    ("s = sum(X, axis=1); L = s @ s", "X=[[1,2],[3,5]]"),
    ("v = var(x); d = (x - mean(x))/sqrt(v + 0.1); L = d @ c", "x=[1,2,6],c=[3,1,2]"),
    ("h = relu(X @ W + b); L = sum(h*C)", "X=[[1,2],[3,-4]],W=[[2,1],[1,3]],b=[1,2],C=[[1,-2],[3,5]]"),
    ("n = norm(x); L = x @ c/n", "x=[3,4],c=[1,5]"),
    ("z = W @ x; p = softmax(z); d = p - t; L = d @ d", "W=[[1,2],[0,1]],x=[1,0.5],t=[1,0]"),
    ("L = mean((X @ w - y)^2)", "X=[[1,2],[3,4],[5,7]],w=[2,1],y=[1,2,5]"),
    ("u = exp(x); L = u @ c/sum(u)", "x=[0,1,2],c=[2,3,7]"),
    ("a = tanh(W @ x); b = tanh(V @ a); L = b @ c", 
     "W=[[0.1,0.2],[0.3,-0.1]],x=[2,3],V=[[0.4,0.1],[0.2,0.3]],c=[2,3]"),
    ("a = σ(W @ x); L = binary_cross_entropy(a, t)", "W=[[1,2],[3,-1]],x=[0.5,0.3],t=[1,0]"),
    ("s = Q @ K.T; L = sum(s*C)", "Q=[[1,2],[3,4]],K=[[2,1],[5,3]],C=[[1,4],[2,3]]"),
    ("A = softmax(Q @ K.T, axis=1); L = sum(A @ V)",
     "Q=[[1,0.2],[0.3,1]],K=[[0.2,1],[0.5,0.3]],V=[[1,4],[2,3]]"),
    ("y = x*w; L = sum(y^2)/3", "x=[1,2,4],w=[3,2,1]"),
    ("d = X @ w - y; L = d @ d/3 + lam*w @ w", "X=[[1,2],[3,4],[5,7]],w=[2,1],y=[1,2,5],lam=0.5"),
    ("g = exp(-x*x); L = g @ c", "x=[0.5,1,0.3],c=[1,4,2]"),
    ("t = x*s; L = sum(log(1 + exp(-t)))", "x=[0.5,1,0.3],s=[1,-1,1]"),
    ("r = amax(x); L = r^2 + sum(x)", "x=[1,5,3]"),
    ("L = logsumexp(z) - z @ t", "z=[1,2,0.5],t=[0,1,0]"),
]  # fmt: skip


def planted_in_arrays(statement: Statement, count: int = 3) -> tuple[Counter[str], list[str]]:
    """How every fault is told in every partial and message that it changes, and the misnamed ones."""
    diagnoser = Diagnoser(statement.graph)
    points = [point for point, _ in islice(statement.samples(), count)]
    scenes = [diagnoser.scene(point) for point in points]
    questions = [q for table in ("gradient", "messages") for q in questions_about(statement.graph, table)]
    told: Counter[str] = Counter()
    wrong = []
    for number, fault in enumerate(diagnoser.faults):
        for question in questions:
            answers = [scene.says(question, number) for scene in scenes]
            if not all(map(known, answers)) or _unchanged(scenes, question, answers):
                continue
            found = diagnoser.diagnose(question, list(zip(points, answers, strict=True)))
            how = how_told(found, fault.mistake)
            told[how] += 1
            if found is not None and how == "misnamed":
                wrong.append(f"{statement.formula}: {fault.mistake} called {found.mistake}")
    return told, wrong


def _unchanged(scenes: list[Scene], question: Question, answers: list[object]) -> bool:
    rights = [scene.says(question, None) for scene in scenes]
    return all(
        np.shape(answer) == np.shape(right) and np.allclose(answer, right, rtol=1e-9, atol=1e-12)
        for answer, right in zip(answers, rights, strict=True)
    )


@pytest.mark.slow
def test_planted_everywhere_never_misnamed(capsys: pytest.CaptureFixture[str]) -> None:
    """Over every second formula of arrays no planted mistake is called by another's name; most are told."""
    found = [planted_in_arrays(Statement(formula, at)) for formula, at in FORMULAS[::2]]
    told: Counter[str] = sum((one[0] for one in found), Counter())
    wrong = [words for one in found for words in one[1]]
    assert not wrong, wrong[:5]
    share = 1 - told["silent"] / told.total()
    assert share >= 0.9
    with capsys.disabled():
        print(f"\nmistakes planted in arrays: {told.total()}, told {share:.1%}")


X, W, G = np.array([[1.0, 2], [3, 4]]), np.array([[2.0, 1], [5, 3]]), np.array([[1.0, 7], [2, 3]])
PLANTED = [
    ("transposed", "W", X @ G), ("transposed", "X", G @ W), ("factors exchanged", "X", W.T @ G),
    ("factors exchanged", "W", G @ X.T), ("not summed back", "b", G),
    ("sign", "C", -(X @ W + [1, 5])),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "name", "value"), PLANTED, ids=[f"{m} {n}" for m, n, _ in PLANTED])
def test_worked_out_with_numpy(mistake: str, name: str, value: np.ndarray) -> None:
    """The wrong arrays that NumPy gives by hand are the ones that are recognised."""
    at = {"X": X, "W": W, "b": np.array([1.0, 5]), "C": G}
    statement = Statement(
        "Y = X @ W + b; L = sum(Y*C)", "X=[[1,2],[3,4]],W=[[2,1],[5,3]],b=[1,5],C=[[1,7],[2,3]]"
    )
    found = Diagnoser(statement.graph).diagnose(Question("gradient", None, name), [(at, value)])
    assert found is not None
    assert found.mistake == mistake


def test_a_diagonal_worked_out_with_numpy() -> None:
    """A softmax of which only the diagonal was taken is named."""
    statement = Statement("y = softmax(z); L = c @ y", "z=[0,1,2],c=[4,-1,3]")
    y = np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum()
    value = y * (1 - y) * [4, -1, 3]
    found = Diagnoser(statement.graph).diagnose(Question("gradient", None, "z"), [(statement.at, value)])
    assert found is not None
    assert found.mistake == "softmax diagonal"


def test_arrays_close_in_shape_and_entries() -> None:
    """Arrays of other shapes are never close, however their entries agree."""
    assert close(np.ones(3), np.ones(3), 1e-9)
    assert not close(np.ones((1, 3)), np.ones(3), 1e-9)
    assert not close(np.ones(3), 1.0, 1e-9)
    assert not close(np.array([1.0, np.nan]), np.array([1.0, np.nan]), 1e-9)
