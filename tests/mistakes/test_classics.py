"""The mistakes of textbooks, in the form in which a student writes them down, through ``check``."""

from __future__ import annotations

import pytest

from tests.grading.files import checked

#: formula, point, the student's ∂f/∂x, what it is called
CLASSICS = [
    ("sin(x^2)", "x=2", "cos(x)*x^2 + sin(x)*2*x", "composition as product"),
    ("exp(x^2)", "x=2", "exp(x)*x^2 + exp(x)*2*x", "composition as product"),
    ("tanh(sin(x^2))", "x=0.7", "(1 - tanh(sin(x^2))^2)*(cos(x)*x^2 + sin(x)*2*x)", "composition as product"),
    ("sin(x^2)", "x=2", "cos(2x)", "derivative taken inside"),
    ("sin(x^2)", "x=2", "2x*cos(2x)", "derivative taken inside"),
    ("exp(x^3)", "x=0.5", "exp(3x^2)", "derivative taken inside"),
    ("x^2 + 5", "x=2", "2x + 5", "constant kept"),
    ("7 + x^3", "x=2", "3x^2 + 7", "constant kept"),
    ("sin(x) - 5", "x=2", "cos(x) - 5", "constant kept"),
    ("x^2 + 5", "x=3", "2x + 1", "constant kept"),
    ("x^3", "x=4", "3x", "power rule"),
    ("exp(2x)", "x=2", "2x*exp(2x - 1)", "wrong rule"),
    ("(5x + 2)^3", "x=2", "3(5x + 2)^2", "factor left out"),
    ("sin(x^2 + 3x)", "x=2", "cos(x^2 + 3x)", "factor left out"),
    ("-(t*log(σ(x)) + (1 - t)*log(1 - σ(x)))", "x=2,t=0.3", "t - σ(x)", "sign"),
    ("a = σ(x); b = σ(a*y); f = b*y", "x=0.7,y=2", "a*(1 - a)*y*a*(1 - a)*y", "another layer's output"),
    ("f = y*relu(x) - 2*relu(-x*y)", "x=2,y=-3", "0 + 2*y", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "at", "answer", "mistake"), CLASSICS, ids=[f"{c[0]} -> {c[2]}" for c in CLASSICS]
)
def test_a_textbook_mistake_is_named(formula: str, at: str, answer: str, mistake: str | None) -> None:
    """What a student writes who makes it is told by its name, in words of the student's own page."""
    found = checked(formula, at, gradient={"x": answer}).answers[0]
    assert found.mistake == mistake
    assert mistake is None or "v1" not in found.diagnosis


@pytest.mark.parametrize(
    ("formula", "at", "asked", "forms"),
    [
        ("a = x^2; b = x*y; f = a + b*b", "x=2,y=5", {"messages": "b->x"}, ["50", "10*5", "1*50", "b*5"]),
        ("a = x^2; b = x - 1; f = a/b", "x=3", {"messages": "b->x"},
         ["9/4", "2.25", "x^2/(x-1)^2", "a/b^2", "1*9/4"]),
    ],
)  # fmt: skip
def test_every_form_of_an_answer_is_told_alike(
    formula: str, at: str, asked: dict[str, str], forms: list[str]
) -> None:
    """A number, a product of numbers, a formula with that value: one mistake, one sentence."""
    ((table, key),) = asked.items()
    told = {checked(formula, at, **{table: {key: form}}).answers[0].diagnosis for form in forms}
    assert len(told) == 1
    assert told != {""}


def test_an_answer_of_two_mistakes_is_told_of_both() -> None:
    """(3x + 2)³ → 3(3x + 2)² lacks the inner 3, or the exponent 3 in front; neither is claimed."""
    found = checked("f = (3*x + 2)^3", "x=2", gradient={"x": "3*(3*x + 2)^2"}).answers[0]
    assert (found.verdict, found.mistake) == ("wrong", None)
    assert "(1) ∂(3·x)/∂x: this factor of the chain is left out" in found.diagnosis
    assert "(2) ∂f/∂(3·x + 2): the factor in front, the old exponent, is missing" in found.diagnosis


def test_two_different_mistakes_at_once_are_both_told() -> None:
    """σ′ taken for σ and a sign turned round: nothing else leads there, so both are said."""
    found = checked("a = σ(x); b = x*y; f = a*b - a", "x=0.7,y=2.3", gradient={"x": "a*(b - 1) - a*y"})
    words = found.answers[0].diagnosis
    assert words.startswith("two mistakes at once: ")
    assert "σ′ as σ" in words
    assert "a sign turned round" in words


ARRAYS = [
    ("m = mean(x); d = x - m; L = sum(d*d*c)", "x=[1,2,6],c=[1,2,3]", "x", "2*d*c",
     "statistic held constant"),
    ("s = sum(X, axis=0); L = s @ s", "X=[[1,2],[3,5]]", "X", "[[6,6],[16,16]]", "wrong axis"),
    ("p = X @ w; L = mse(p, y)", "X=[[1,2],[3,4],[5,7]],w=[2,1],y=[1,2,5]", "p", "2*(p - y)", "mean and sum"),
    ("p = X @ w; L = mse(p, y)", "X=[[1,2],[3,4],[5,7]],w=[2,1],y=[1,2,5]", "p", "2*(p - y)/9",
     "mean and sum"),
    ("h = relu(z); u = h*c; L = sum(u)", "z=[1,-2,3],c=[-1,2,5]", "z", "[0,2,5]", "gate of the upstream"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "at", "name", "answer", "mistake"), ARRAYS, ids=[c[4] for c in ARRAYS])
def test_a_mistake_with_arrays_is_named(formula: str, at: str, name: str, answer: str, mistake: str) -> None:
    """The same over arrays."""
    assert checked(formula, at, gradient={name: answer}).answers[0].mistake == mistake


def test_twice_is_called_twice() -> None:
    """An answer that is right but for a factor 2 is told so, with the places to look at."""
    found = checked("f = sin(x)*y", "x=2,y=3", gradient={"x": "2*cos(x)*y"}).answers[0]
    assert found.diagnosis.startswith("your answer is twice what it should be")
