"""Every mistake, planted at every place of many formulas: the diagnosis is right or silent."""

from __future__ import annotations

import random

import pytest

from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import build
from backtrace_cli.mistakes import Question
from backtrace_cli.mistakes.catalogue import MISTAKES
from backtrace_cli.mistakes.diagnose import Diagnoser, close, diagnose

#: Formulas of arrays in which each of the mistakes that only arrays know can be made.
ARRAYS = [
    ("y = W @ h; L = y @ y", "W=[[1,2,3],[4,5,7]],h=[1,2,4]"),
    ("Y = X @ W + b; L = sum(Y*Y)", "X=[[1,2],[3,5]],W=[[2,3],[1,7]],b=[1,4]"),
    ("y = softmax(z); L = t @ y + mean(z)", "z=[1,2,0],t=[3,5,2]"),
]
POLYNOMIAL = "a = x^2; b = x + y; c = b*y; d = a - c; e = y^2; f = d + e"
SHEET = "s = σ(y); g = x + s; r = σ(x); p = x + y; q = p²; h = r + q; k = 1/h; f = g·k"


def _formulas(count: int) -> list[str]:
    """Formulas of the sizes that exercises have, drawn with a fixed seed."""
    draw = random.Random(11)
    unary = [
        "σ({})",
        "tanh({})",
        "exp({})",
        "sin({})",
        "({})^2",
        "({})^3",
        "sqrt(1 + ({})^2)",
        "log(2 + ({})^2)",
    ]
    binary = ["({})*({})", "({}) + ({})", "({}) - ({})", "({})/(3 + ({})^2)"]
    found = [POLYNOMIAL, SHEET, "x*y + (x+y)^2*(x-y)"]

    def grow(depth: int) -> str:
        if depth == 0:
            return draw.choice("xy")
        if draw.random() < 0.4:
            return draw.choice(unary).format(grow(depth - 1))
        return draw.choice(binary).format(grow(depth - 1), grow(depth - 1))

    while len(found) < count:
        formula = grow(draw.choice([2, 3]))
        if set(build(formula).inputs) == {"x", "y"} and len(build(formula).steps) <= 14:
            found.append(formula)
    return found


def test_planted_everywhere_never_misnamed(capsys: pytest.CaptureFixture[str]) -> None:
    """Over 100 formulas no planted mistake is called by another's name; most are named."""
    points = [{"x": 0.7, "y": 2.3}, {"x": -1.3, "y": 1.9}, {"x": 2.6, "y": -0.4}]
    named = silent = 0
    wrong: list[str] = []
    for formula in _formulas(100):
        diagnoser = Diagnoser(build(formula))
        scenes = [diagnoser.scene(point) for point in points]
        for number, fault in enumerate(diagnoser.faults):
            for name in ("x", "y"):
                question = Question("gradient", None, name)
                answers = [scene.says(question, number) for scene in scenes]
                rights = [scene.says(question, None) for scene in scenes]
                if all(close(a, b, 1e-9) or a == b for a, b in zip(answers, rights, strict=True)):
                    continue  # invisible in this variable
                found = diagnoser.diagnose(question, list(zip(points, answers, strict=True)))
                if found is None:
                    silent += 1
                elif found.mistake == fault.mistake:
                    named += 1
                else:
                    wrong.append(f"{formula}: {fault.mistake} called {found.mistake}")
    assert not wrong, wrong[:5]
    assert named / (named + silent) >= 0.7
    with capsys.disabled():
        print(f"\nmistakes planted: {named + silent}, named {named / (named + silent):.1%}")


def test_the_lectures_fork() -> None:
    """Keeping the path through a and losing the one through b at the fork x is named, place and all."""
    graph = build(POLYNOMIAL)
    evidence = [({"x": 2.0, "y": 3.0}, 4.0), ({"x": -1.5, "y": 0.5}, -3.0)]
    found = diagnose(graph, Question("gradient", None, "x"), evidence)
    assert found is not None
    assert found.words == "at the fork x you kept the message through a and lost the one through b"


def test_right_answers_have_no_diagnosis() -> None:
    """A right answer is never explained by a mistake."""
    graph = build(POLYNOMIAL)
    assert diagnose(graph, Question("gradient", None, "x"), [({"x": 2.0, "y": 3.0}, 1.0)]) is None


def test_nonsense_has_no_diagnosis() -> None:
    """An answer that no mistake gives is wrong without a name."""
    graph = build(POLYNOMIAL)
    assert diagnose(graph, Question("gradient", None, "x"), [({"x": 2.0, "y": 3.0}, 123.4)]) is None


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_each_mistake_has_a_place(mistake) -> None:  # type: ignore[no-untyped-def]
    """Every declaration of the catalogue finds a place in some formula, and its words name it."""
    graphs = [build(formula) for formula in (*_formulas(40), "relu(x) + cos(x) + log(x)", "x*y*σ(x*y)")]
    graphs += [Statement(formula, at).graph for formula, at in ARRAYS]
    faults = [fault for graph in graphs for fault in mistake.places(graph)]
    assert faults
    assert all(fault.mistake == mistake.name and fault.words for fault in faults)
