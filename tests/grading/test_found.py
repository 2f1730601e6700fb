"""Verdicts that public reports, a class and a student found unfair: each right answer beside a wrong one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from backtrace_cli.base.errors import BacktraceError
from tests.grading.files import checked, verdicts

#: formula, point, head of the file, table, key, right answers, wrong ones, ones that are neither.
ROWS = [
    ("f = x*y/3", "x=3,y=2", "", "gradient", "x", ("0.3333333333333333*y", "y/3", "0.3333*y"),
     ("0.3343*y", "0.3334*y", "0.33334*y", "y"), ("0.33*y",)),
    ("f = x*y + x*pi", "x=3,y=2", "", "gradient", "x", ("y + 3.14159", "y + pi", "3.142 + y"),
     ("y + 3.15159", "y + 3"), ("y + 3.14",)),
    ("a = exp(x); f = sin(a)", "x=1", "", "gradient", "x", ("-0.91173*2.71828", "-0.9117*2.7183", "-2.478"),
     ("-0.9117*2.8183", "0.9117*2.718", "-2.4"), ("-2.48",)),
    ("f = σ(x)", "x=2", "", "values", "f", ("0.8808", "0.880797"), ("0.8818", "0.9", "1"), ("0.88",)),
    ("f = x*y", "x=0.007428549,y=1", "", "gradient", "y", ("0.0074286", "0.007429", "0.0074285"),
     ("0.0074284", "0.0074287", "0.007428"), ("0.0074",)),
    ("f = σ(x)*0.2", "x=-2.3", "", "values", "f", ("0.01822",), ("0.0192", "0.03"), ("0.018",)),
    ("a = x*y; f = a^2", "x=2,y=3", "", "gradient", "y", ("2*a*x*(1+1e-13)",), ("2*a*x*(1+1e-7)",), ()),
    ("f = asin(x - 77)*y", "x=77.5,y=2", "", "gradient", "y", ("asin(x - 77)", "pi/2 - acos(x - 77)"),
     ("x - 77 + (x-77)^3/6", "asin(x - 77) + y - 2"), ()),
    ("f = asin(1e7*(x - 77))*y", "x=77.00000002,y=2", "", "gradient", "y", (), ("1",),
     ("asin(1e7*(x - 77))",)),
    ("f = (x - y)^2", "x=2,y=3", "", "gradient", "x", ("2*(x - y)",),
     ("2*(x-y) + exp(x - 80)", "2*(x-y) + σ(x - 90)"), ()),
    ("f = max(x, y)", "x=1,y=1", "", "gradient", "x", ("0.5", "1/2"), ("x == f", "1", "0"), ()),
    ("f = sqrt(x)", "x=0", "", "gradient", "x", ("inf", "∞", "+inf"), ("-inf", "0", "1e300"), ()),
    ("f = sqrt(-x)", "x=0", "", "gradient", "x", ("-inf", "-∞"), ("inf", "0"), ()),
    ("a = x^2; f = a*y", "x=2,y=3", "", "gradient", "x", ("2*x*y", "(x+1e17)*y*2 - 2e17*y"),
     ("x*y", "2*x*y + (x+1e17) - 1e17"), ()),
    ("f = cross_entropy_with_logits([x, y], 0)", "x=30,y=0", "", "gradient", "x",
     ("-σ(y-x)", "σ(x-y) - 1", "-1/(1 + exp(x - y))"), ("σ(y-x)", "-σ(x-y)", "0"), ()),
    ("L = x @ A @ x", "A=[[2,1],[1,3]],x=[1,-2]", 'assume = { A = "symmetric" }', "gradient", "x",
     ("2*A @ x", "A @ x + A.T @ x"), ("A @ x", "2*A"), ()),
    ("L = x @ A @ x", "A=[[2,1],[1,3]],x=[1,-2]", 'given = ["A"]', "gradient", "x",
     ("2*A @ x",), ("A @ x", "2*x"), ()),
    ("L = x @ A @ x", "A=[[2,1],[1,3]],x=[1,-2]", "", "gradient", "x",
     ("A @ x + A.T @ x", "[0, -10]"), ("2*A @ x", "A @ x"), ()),
    ("L = x @ A @ x", "A=[[2,1],[1,3]],x=[1,-2]", 'here = "formulas"', "gradient", "x",
     ("2*A @ x",), ("A @ x",), ()),
    ("p = softmax(z); L = -(y @ log(p))", "z=[1,2,3],y=[0,1,0]", 'assume = { y = "one-hot" }', "values", "L",
     ("-log(p[1])*y[1] - log(p[0])*y[0] - log(p[2])*y[2]", "-log(y @ p)"), ("-log(p[1])", "-log(p @ p)"), ()),
    ("p = softmax(z); L = -(y @ log(p))", "z=[1,2,3],y=[0,1,0]", 'given = ["y"]', "values", "L",
     ("-log(p[1])", "-log(y @ p)"), ("-log(p[0])",), ()),
    ("f = log(1 + exp(-s*x))", "s=1,x=2", 'assume = { s = "±1" }', "gradient", "x",
     ("-s*σ(-s*x)", "-1/s*(1 - σ(s*x))", "-s^3*σ(-s*x)"), ("s*σ(-s*x)", "-σ(-s*x)"), ()),
    ("L = sum((m*x)^2)", "m=[1,0,1],x=[3,5,7]", 'assume = { m = "0/1" }', "gradient", "x",
     ("2*m*x", "2*m^2*x"), ("2*x", "m*x"), ()),
    ("f = sqrt(x^2)*y", "x=2,y=3", 'assume = { x = "> 0" }', "gradient", "y", ("x", "abs(x)"),
     ("-x", "x^2/2"), ()),
    ("f = sqrt(x^2)*y", "x=2,y=3", "", "gradient", "y", ("abs(x)",), ("x",), ()),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0][-18:]} {row[2][:12]} {row[3]} {row[4]}")
def test_fair_verdicts(row) -> None:  # type: ignore[no-untyped-def]
    """Rounded numbers, infinite ones, given data and assumptions: right ones right, wrong ones wrong."""
    formula, at, head, table, key, *answers = row
    for texts, verdict in zip(answers, ("right", "wrong", "undecided"), strict=True):
        for text in texts:
            found = checked(formula, at, head, **{table: {key: text}}).answers[0]
            assert found.verdict == verdict, (text, found)


def test_too_few_digits_are_told() -> None:
    """A number that is right as far as it goes is asked for its digits, and is no wrong answer."""
    found = checked("f = σ(x)", "x=2", "", values={"f": "0.88"}).answers[0]
    assert found.words == "right as far as it goes: 4 significant digits are asked for"


@pytest.mark.parametrize(
    ("answer", "holds"),
    [("2*x*y", "everywhere"), ("12", "at the point"), ("4*y", "at the point"), ("x*y", ""), ("13", "")],
)
def test_where_an_answer_holds(answer: str, holds: str) -> None:
    """An answer holds everywhere, at the exercise's own point, or nowhere."""
    assert checked("f = x^2*y", "x=2,y=3", gradient={"x": answer}).answers[0].holds == holds


def test_an_own_value_of_nothing_is_carried() -> None:
    """p − y is right for the student's own p, be it 0 or not."""
    for own in ("5", "6"):
        found = checked("p = 2*x; f = p - y", "x=2,y=5", values={"p": own, "f": str(int(own) - 5)})
        assert verdicts(found) == {"p": "wrong", "f": "carried"}


@pytest.mark.parametrize("stock", ["0", "1", "2", "-1", "x"])
def test_stock_answers_carry_nothing(stock: str) -> None:
    """What anybody may write into every blank earns nothing by carrying."""
    found = checked("a = 3*x; b = a*x; f = b + a", "x=5", values={"a": stock, "b": stock, "f": stock},
                    messages={"f->b": stock, "b->a": stock}, gradient={"x": stock})  # fmt: skip
    assert "carried" not in verdicts(found).values()


@pytest.mark.parametrize(
    ("policy", "verdict"), [("any", "carried"), ("diagnosed", "wrong"), ("none", "wrong")]
)
def test_from_what_is_carried(policy: str, verdict: str) -> None:
    """A teacher says whether later steps are carried from any own value, diagnosed ones, or none."""
    found = checked("p = x^2; f = p - y", "x=2,y=5", f'carry = "{policy}"', values={"p": "7.7", "f": "2.7"})
    assert verdicts(found) == {"p": "wrong", "f": verdict}


@pytest.mark.parametrize(
    ("arguments", "verdict", "code"),
    [
        (["abs(x)", "--mine", "x = 1"], "wrong", 1),
        (["abs(x)", "--mine", "x = sign(x)"], "right", 0),
        (["x^2", "--at", "x=3", "--mine", "x = 6"], "right at this point", 0),
        (["f = 1/(1+exp(-4*x))", "--mine", "x = 4*f*(1-f)"], "right", 0),
        (["f = 1/(1+exp(-4*x))", "--mine", "x = 4*f*(1+f)"], "wrong", 1),
        (["x @ A @ x", "--at", "A=[[2,1],[1,3]],x=[1,-2]", "--mine", "x = 2*A @ x"], "wrong", 1),
        (["x @ A @ x", "--at", "A=[[2,1],[1,3]],x=[1,-2]", "--wrt", "x", "--mine",
          "x = 2*A @ x"], "right", 0),
        (["x @ A @ x", "--at", "A=[[2,1],[1,3]],x=[1,-2]", "--assume", "A = symmetric", "--mine",
          "x = 2*A @ x"], "right", 0),
        (["x @ A @ x", "--at", "A=[[2,1],[1,3]],x=[1,-2]", "--assume", "A = symmetric", "--mine",
          "x = A @ x"], "wrong", 1),
        (["sqrt(x^2)*y", "--at", "x=2,y=1", "--assume", "x > 0", "--mine", "y = x"], "right", 0),
        (["sqrt(x^2)*y", "--at", "x=2,y=1", "--mine", "y = x"], "wrong", 1),
    ],
)  # fmt: skip
def test_ones_own_derivation(
    backtrace: Callable[..., Result], arguments: list[str], verdict: str, code: int
) -> None:
    """--mine holds what --wrt leaves out, takes assumptions, and says where a number holds."""
    found = backtrace("eval", *arguments, "--plain")
    assert found.exit_code == code
    yours = next(line for line in found.stdout.splitlines() if line.startswith("Yours of "))
    assert yours.rpartition(", ")[2].rstrip(".") == verdict


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ('assume = { A = "symetric" }', "did you mean symmetric?"),
        ('assume = { q = "> 0" }', "q is assumed to be something, and is no variable"),
        ('assume = { x = "symmetric" }', "symmetric is said of a matrix"),
        ('assume = { x = "> 0" }', "x at the point is not what is assumed"),
        ("assume = 3", "a table of texts"),
        ('given = "A"', "a list of texts"),
        ('given = ["q"]', "q is given, and is no variable"),
        ('carry = "all"', "carry is one of"),
    ],
)
def test_what_cannot_be_assumed(head: str, words: str) -> None:
    """What an exercise says about judging is refused in words where it can't be meant."""
    with pytest.raises(BacktraceError) as caught:
        checked("f = x @ A @ x", "A=[[2,1],[1,3]],x=[1,-2]", head, gradient={"x": ""})
    assert words in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    ("c", "verdict"),
    [("-1", "wrong"), ("-2", "right"), ("0", "wrong")],
)
def test_one_slope_at_a_kink_for_all(c: str, verdict: str) -> None:
    """Any slope between the two sides is right at a kink, but the same one in every answer."""
    found = checked("L = relu(a - c) + relu(b - c)", "a=1,b=1,c=1", 'kink = "interval"',
                    gradient={"a": "1", "b": "1", "c": c})  # fmt: skip
    assert verdicts(found) == {"a": "right", "b": "right", "c": verdict}


@pytest.mark.parametrize(
    ("formula", "answers", "verdict"),
    [
        ("f = (x - y)^2", {"x": "7*x", "y": "-2*(x-y) + relu(x-exp(9))"}, "wrong"),
        ("f = (x - y)^2", {"x": "7", "y": "-2*(x-y) + σ(10*(x-150))"}, "wrong"),
        ("b = 3*x + y; f = b^2", {"b": "3*b", "x": "9*b + relu(x-exp(9))"}, "wrong"),
        ("b = 3*x + y; f = b^2", {"b": "3*b", "x": "9*b + max(0,1-1000*abs(x-y-0.777))"}, "wrong"),
        ("b = 3*x + y; f = b^2", {"b": "3*b", "x": "9*b"}, "carried"),
    ],
)
def test_what_is_carried_is_looked_at_as_closely(formula: str, answers: dict[str, str], verdict: str) -> None:
    """An answer that is right here and nowhere else is carried from no other slip, nor from one that it
    has nothing to do with."""
    found = checked(formula, "x=2,y=3", gradient=answers)
    assert list(verdicts(found).values()) == ["wrong", verdict]


@pytest.mark.parametrize("matrix", ["[[2,3],[3,4]]", "[[1,2],[2,1]]", "[[-1,0],[0,2]]", "[[1,2],[0,3]]"])
def test_what_is_not_definite_is_refused(matrix: str) -> None:
    """A matrix whose determinant, or a smaller one in it, is below 0, or that isn't symmetric."""
    with pytest.raises(BacktraceError, match="positive definite"):
        checked("L = x @ A @ x", f"A={matrix},x=[1,-2]", 'assume = { A = "positive definite" }',
                gradient={"x": ""})  # fmt: skip


@pytest.mark.parametrize("stock", ["0", "1", "2", "-1"])
def test_a_stock_answer_is_not_carried_even_where_it_would_follow(stock: str) -> None:
    """With y = 1 the second is right for the first, and both are what anybody may write."""
    found = checked("a = 3*x; f = a*y", "x=5,y=1", values={"a": stock, "f": stock})
    assert verdicts(found) == {"a": "wrong", "f": "wrong"}
