"""What is right is not judged wrong for its rounding or spelling, nor what is wrong elsewhere right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from backtrace_cli.grading.authoring.answers import formula_of
from backtrace_cli.grading.comparing import equality
from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL
from backtrace_cli.grading.comparing.equality import judge
from backtrace_cli.grading.exercise.exercise import Exercise, load, read_answer
from backtrace_cli.language.reading.parser import parse_expression
from backtrace_cli.language.tree.syntax import Call, Expr, Number, rebuild
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS
from tests.grading.files import checked, verdicts
from tests.grading.judging import in_doubles

Run = Callable[..., Result]
COURSE = Path(__file__).parent.parent.parent / "exercises"
STARTERS = sorted(path for path in COURSE.rglob("*.toml") if path.parent.name != "examples")

NEURON = "z = w*x + b; s = σ(z); "
ENTROPY = NEURON + "L = -t*log(s) - (1-t)*log(1-s)"
LOGISTIC = "z = w*x + b; o = σ(z); r = o - t; f = 50*r^2"
AT = "w=1,x=2,b=-1,"

#: formula, point, table, key, right answers, wrong ones: σ and tanh saturate at many points.
FLAT = [
    (LOGISTIC, "w=2,x=3,b=log(99) - 6,t=0.09", "messages", "o->z", ("100*r*(1-o)*o", "100*r*(o - o^2)"),
     ("100*r*(1-o)", "100*r*(1+o)*o", "100*r*(1-o)*o + 1e-3")),
    (NEURON + "f = s*y", AT + "y=3", "local", "s/z", ("(1-s)*s", "s - s*s", "s*σ(-z)", "exp(-z)*s^2"),
     ("s^2", "(1-s)*(1+s)", "1 - s", "(1-s)*s*1.001")),
    (NEURON + "L = (s-t)^2", AT + "t=1", "gradient", "w", ("2*(s-t)*s*(1-s)*x", "-2*(1-s)^2*s*x*(t-s)/(1-s)"),
     ("2*(s-t)*s*x", "(s-t)*s*(1-s)*x", "2*(t-s)*s*(1-s)*x")),
    (ENTROPY, AT + "t=0.3", "gradient", "w", ("(s-t)*x", "s*x - t*x"), ("(t-s)*x", "s*x", "(s-t)*x + 1e-4")),
    (ENTROPY, AT + "t=0.3", "gradient", "b", ("s-t", "(1-t) - (1-s)"), ("s+t", "s", "(s-t)*s*(1-s)")),
    (ENTROPY, AT + "t=0.3", "tangent", "L/b", ("s-t",), ("s+t", "s")),
    ("z = w*x; s = tanh(z); f = s*y", "w=1,x=2,y=3", "gradient", "w", ("y*(1-s)*(1+s)*x", "y*x - y*s^2*x"),
     ("y*(1-s)*(1-s)*x", "y*(1-s)*x", "y*(1+s)*x")),
]  # fmt: skip


@pytest.mark.parametrize("case", FLAT, ids=lambda case: f"{case[3]} {case[4][0]}")
def test_where_a_function_is_flat(case) -> None:  # type: ignore[no-untyped-def]
    """1 − σ(25) has few digits left, in the answer or in the trace: no right answer is blamed for that,
    and a wrong one is still found out at another point."""
    formula, at, table, key, rights, wrongs = case
    for answer in rights:
        assert verdicts(checked(formula, at, **{table: {key: answer}})) == {key: "right"}, answer
    for answer in wrongs:
        assert verdicts(checked(formula, at, **{table: {key: answer}})) == {key: "wrong"}, answer


def test_the_shipped_exercise(backtrace: Run, tmp_path: Path) -> None:
    """The textbook's order of factors is right in the file that the course ships."""
    text = (COURSE / "06_activations" / "saturated.toml").read_text("utf-8")
    file = tmp_path / "saturated.toml"
    file.write_text(text.replace('"o->z" = ""', '"o->z" = "100*r*(1-o)*o"'), "utf-8")
    answers = json.loads(backtrace("check", "--json", str(file)).stdout)["files"][0]["answers"]
    assert [one["verdict"] for one in answers if one["key"] == "o->z"] == ["right"]


def test_carried_where_a_function_is_flat() -> None:
    """What is right for the student's own earlier numbers is carried, flat places or not."""
    found = checked(
        LOGISTIC, "w=2,x=3,b=log(99) - 6,t=0.09", values={"r": "t-o"},
        messages={"r->o": "100*(t-o)", "o->z": "100*(t-o)*(1-o)*o"}, gradient={"b": "100*(t-o)*(1-o)"},
    )  # fmt: skip
    assert verdicts(found) == {"r": "wrong", "r->o": "carried", "o->z": "carried", "b": "wrong"}


# -- rewritten ----------------------------------------------------------------------------


def _swapped(tree: Expr) -> Expr:
    """Factors and terms the other way round."""
    turned = isinstance(tree, Call) and tree.func in ("multiply", "add") and len(tree.args) == 2
    return tree._replace(args=tree.args[::-1]) if turned and isinstance(tree, Call) else tree


def _multiplied_out(tree: Expr) -> Expr:
    """a·(b ± c) as a·b ± a·c, and (b ± c)² as a product of two."""
    if not isinstance(tree, Call) or tree.func != "multiply" or len(tree.args) != 2:
        return tree
    for one, other in (tree.args, tree.args[::-1]):
        if isinstance(one, Call) and one.func in ("add", "subtract"):
            parts = tuple(_multiplied_out(Call("multiply", (part, other))) for part in one.args)
            return Call(one.func, parts)
    return tree


def _conjugate(tree: Expr) -> Expr:
    """1 − s² as (1 − s)·(1 + s), a − b as −(b − a)."""
    if not isinstance(tree, Call) or tree.func != "subtract":
        return tree
    left, right = tree.args
    if isinstance(left, Number) and left.text == "1" and isinstance(right, Call):
        square = right.func == "square" or (right.func == "power" and right.args[1][:1] == ("2",))
        if square:
            return Call("multiply", (tree._replace(args=(left, right.args[0])),
                                     Call("add", (left, right.args[0]))))  # fmt: skip
    return Call("negative", (Call("subtract", (right, left)),))


def _rewritten(text: str) -> Iterator[str]:
    tree = parse_expression(text, functions=FUNCTIONS)
    for way in (_swapped, _multiplied_out, _conjugate):
        yield to_text(rebuild(tree, way), ascii=True)
    yield f"({text})*3/3"
    yield f"7 + ({text}) - 7"
    yield f"2*({text}) - ({text})"


def _judged(exercise: Exercise) -> Iterator[tuple[str, str, str]]:
    either = exercise._replace(policy=exercise.policy._replace(kind="either"))
    for asked in exercise.answers:
        if asked.question.table == "shapes":
            continue
        text = formula_of(exercise.statement, asked.question)
        if text is None or len(text) > 400:
            continue
        for other in dict.fromkeys(_rewritten(text)):
            answer = read_answer(exercise.statement, asked.question, other, 1)
            assert not answer.problem, (other, answer.problem)
            yield (
                asked.question.key,
                other,
                judge(either, asked.question, answer).verdict,
            )


@pytest.mark.slow
def test_rewritten_answers_to_the_whole_course(capsys: pytest.CaptureFixture[str]) -> None:
    """The engine's formulas for every blank of every exercise with numbers, rewritten: none is wrong."""
    found = []
    for path in STARTERS:
        exercise = load(str(path))
        if not exercise.statement.arrays:
            found += [(path.stem, *one) for one in _judged(exercise)]
    assert not [one for one in found if one[3] == DIFFERENT]
    right = sum(one[3] == EQUAL for one in found)
    assert len(found) > 1000
    assert right > 0.98 * len(found)
    with capsys.disabled():
        print(f"\n{len(found)} rewritten answers: {right} right, the others undecided")


def test_a_judge_that_forgets_rounding_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rounding of the values, right answers are called wrong again."""
    monkeypatch.setattr(equality, "compared", in_doubles)
    formula, at, table, key, rights, _ = FLAT[0]
    assert verdicts(checked(formula, at, **{table: {key: rights[0]}})) == {key: "wrong"}


# -- right only where one happened to look ---------------------------------------------------

ELSEWHERE = [
    ("x", "y + max(0, x-13)"), ("x", "y + relu(x - 40)"), ("x", "where(x > 19, 0, y)"),
    ("x", "y + exp(x-40)"),
    ("x", "y + max(0, 1 - 10*abs(x-15.5))"), ("x", "y*(abs(y) < 77)"), ("x", "min(y, 25)"),
    ("x", "y + relu(x*y - 1000)"), ("x", "max(y, -31)"), ("x", "clip(y, -20, 20)"), ("y", "x*(x<20)"),
    ("y", "x + 1e-9*x^7*σ(x)"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "answer"), ELSEWHERE)
def test_wrong_outside_the_usual_range(key: str, answer: str) -> None:
    """A formula that is right for small numbers only is wrong, and the witness shows where."""
    found = checked("f = x*y", "x=2,y=3", gradient={key: answer}).answers[0]
    assert found.verdict == "wrong"
    assert found.witness is not None


@pytest.mark.parametrize(
    ("formula", "answer"),
    [("f = abs(x)*y", "where(x < 0, -y, y)"), ("f = max(x, 13)*y", "y*(x > 13)"), ("f = relu(x - 25)*y",
     "where(x <= 25, 0, y)"), ("f = where(x > 19, x^2, x)*y", "where(19 < x, 2*x*y, y)"),
     ("f = clip(x, -20, 20)*y", "y*(x > -20)*(x < 20)"), ("f = exp(x)*y", "f"), ("f = x^7*y", "7*f/x")],
)  # fmt: skip
def test_branches_written_otherwise(formula: str, answer: str) -> None:
    """Looking near the branches calls nothing wrong that is right."""
    assert verdicts(checked(formula, "x=2,y=3", gradient={"x": answer})) == {"x": "right"}


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "at", "key", "answer", "verdict"),
    [
        ("a = x_1 + β; f = a*x_1*w_{12}", "x_1=2,β=3,w_12=5", "x_1", answer, verdict)
        for answer, verdict in [
            ("w_{12}*(2x₁+β)", "right"), (r"w_{12}(2x_1+\beta)", "right"), ("w12*(2*x1 + beta)", "right"),
            ("w₁₂*(x1 + x_1 + β)", "right"), ("35", "right"), ("x_{1}", "wrong"), ("x1", "wrong"),
            ("w₁₂*(x1 + x_1 - β)", "wrong"), ("x2", "unreadable"),
        ]
    ]
    + [("f = x1^2 + beta*x1", "x1=2,beta=3", "x1", answer, "right") for answer in ("2*x1 + β", r"2x_1+\beta")]
    + [("f = σ(sigma*x)", "sigma=2,x=1", "x", "σ(sigma*x)*(1-f)*sigma", "right")],
)  # fmt: skip
def test_other_spellings(formula: str, at: str, key: str, answer: str, verdict: str) -> None:
    """A name may be spelled in an answer as it may be in a point."""
    assert verdicts(checked(formula, at, gradient={key: answer})) == {key: verdict}


@pytest.mark.parametrize(
    ("label", "verdict"),
    [("a", "right"), ("∂f/∂a", "right"), ("2", "right"), ("1", "wrong"), ("b", "wrong"), ("q", "unreadable")],
)
def test_a_key_of_two_lines(backtrace: Run, tmp_path: Path, label: str, verdict: str) -> None:
    """Where a value and a gradient share a key, naming the key names the wrong one of them."""
    file = tmp_path / "find.toml"
    rows = [("values", "a", "4", "a"), ("gradient", "a", "5", "∂f/∂a"), ("values", "b", "5", "b")]
    lines = "".join(
        f'[[lines]]\ntable = "{t}"\nkey = "{k}"\nclaim = "{c}"\ntext = "{n}"\n' for t, k, c, n in rows
    )
    file.write_text(
        f'formula = "a = x^2; b = x + y; f = a*y + b"\nat = "x=2,y=3"\nwrong = "{label}"\n' + lines
    )
    answers = json.loads(backtrace("check", "--json", str(file)).stdout)["files"][0]["answers"]
    assert answers[0]["verdict"] == verdict
