"""Equal, different, undecided: pairs that a grader must not confuse."""

from __future__ import annotations

import math

import pytest

from backtrace_cli.grading.comparing.compare import DIFFERENT, EQUAL, UNDECIDED, Judgement, rounds_to
from backtrace_cli.grading.comparing.equality import judge
from tests.grading.files import POLYNOMIAL, exercise


def judged(formula: str, at: str, table: str, key: str, answer: object, head: str = "") -> Judgement:
    """The judgement on one answer."""
    one = exercise(formula, at, head, **{table: {key: answer}})
    assert not one.answers[0].problem
    return judge(one, one.answers[0].question, one.answers[0])


#: formula, point, table, key: (equal answers), (different ones)
PAIRS = [
    (POLYNOMIAL, "x=2,y=3", "gradient", "x",
     ("2*x - y", "2x-y", "-y + 2x", "a/x*2 - y", "(2x^2 - x*y)/x", r"2x - \frac{y^2}{y}", "x + (x - y)",
      "1", "1.0"),
     ("2*x", "2*x + y", "2*x - y + 1", "2*x - y - 1", "2*x - 2*y", "y - 2*x", "x^2 - y", "2", "0", "-1")),
    (POLYNOMIAL, "x=2,y=3", "gradient", "y",
     ("-x", "-b - y + 2*y", "y - b", "y - (x + y)", "-2"),
     ("x", "-b - y", "-b + y + 1", "-x + 1e-3", "2*y - b", "-x*y/3", "2")),
    (POLYNOMIAL, "x=2,y=3", "messages", "b->x", ("-y", "-3", "0 - y", "d - a + c - y"), ("y", "3", "-x",
     "1", "-b")),
    (POLYNOMIAL, "x=2,y=3", "local", "c/b", ("y", "3", "c/b"), ("b", "5", "x*y", "1")),
    (POLYNOMIAL, "x=2,y=3", "values", "c", ("15", "b*y", "x*y + y^2", "5*3", "15.0"), ("14", "16", "b + y",
     "x*y")),
    ("f = x^2*y", "x=3,y=2", "gradient", "x", ("2*x*y", "y*x*2", "12"), ("x^2*y", "x^2", "2*x", "2*x*y + y",
     "2*x*y - 1")),
    ("f = x^2*y", "x=1,y=2", "gradient", "x", ("2*x*y",), ("2*y", "x^2*2*y", "2*x^3*y", "4*x")),
    ("f = sqrt(x^2)", "x=2", "values", "f", ("abs(x)", "sqrt(x*x)"), ("x", "-x")),
    ("f = sqrt(x^2)", "x=2", "gradient", "x", ("x/sqrt(x^2)", "sign(x)", "x/f"), ("1/f", "x/abs(x) + x - 2")),
    ("f = log(x^2)", "x=2", "values", "f", ("2*log(x)", "2*log(abs(x))"), ("log(x)^2",
     "log(2*x)*2 - log(4.001)")),
    ("f = log(x^2)", "x=-2", "values", "f", ("2*log(abs(x))", "2*log(-x)"), ("2*log(x)",)),
    ("f = (-6)^n", "n=2", "values", "f", ("(-6)^n", "(-1)^n*6^n", "36"), ("6^n", "-6^n", "(-6)^n + 1")),
    ("f = b^n", "b=-6,n=3", "gradient", "b", ("n*b^(n-1)", "n*f/b"), ("n*b^n", "b^(n-1)", "(n-1)*b^(n-1)")),
    ("f = exp(x) + exp(-x)", "x=1", "gradient", "x", ("2*sinh(x)", "exp(x) - 1/exp(x)"), ("f", "2*cosh(x)",
     "2*sinh(x) + 0.001")),
    ("f = exp(10*x)", "x=3", "gradient", "x", ("10*f", "10*exp(x)^10"), ("10*f + 1", "f", "10*f - 1")),
    ("f = sigmoid(x)", "x=1", "gradient", "x", ("f*(1-f)", "f - f^2", "0.1966", "0.19661"), ("f", "1 - f",
     "0.19", "0.2", "0.1967")),
    ("f = tanh(x)", "x=1", "gradient", "x", ("1 - f^2", "1/cosh(x)^2"), ("1 - f", "1 - x^2")),
    ("f = x*1000", "x=12.345", "values", "f", ("12345", "1000x"), ("12346", "12344", "12350.5")),
    ("f = x^50", "x=1", "gradient", "x", ("50*x^49",), ("50*x^49 + 1", "49*x^49", "50*x^50")),
    ("f = (x-1)^2", "x=1", "gradient", "x", ("0", "2*(x-1)", "0.0"), ("0.001", "1e-9", "-0.5")),
    ("f = sin(x)", "x=pi/2", "gradient", "x", ("0", "cos(x)"), ("0.00001", "1", "-cos(x)")),
    ("f = sin(x)*0", "x=1", "gradient", "x", ("0", "sin(x)^2 + cos(x)^2 - 1"), ("1e-12", "1e-300")),
    ("f = where(x > 0, log(x), x)", "x=2", "gradient", "x", ("where(x > 0, 1/x, 1)",), ("1/x",)),
    ("f = relu(x)", "x=2", "gradient", "x", ("x > 0", "relu(x)/x", "1"), ("x", "f", "0")),
    ("f = log(x-5)", "x=100", "gradient", "x", ("1/(x-5)",), ("1/x - 5", "1/(x+5)")),
    ("a = x*x; f = a*a", "x=2", "local", "f/a", ("2*a", "8"), ("a", "4")),
    ("e = x^2; f = e*x", "x=2", "gradient", "x", ("3*e", "3*x^2", "e + 2*x^2"), ("2*e", "2.718281828")),
]  # fmt: skip
EQUALS = [(*pair[:4], answer) for pair in PAIRS for answer in pair[4]]
DIFFERENTS = [(*pair[:4], answer) for pair in PAIRS for answer in pair[5]]


@pytest.mark.parametrize("pair", EQUALS, ids=lambda pair: f"{pair[0][-12:]} {pair[3]} {pair[4]}")
def test_equal(pair: tuple[str, str, str, str, str]) -> None:
    """What equals the trace's answer is accepted, however it is written."""
    assert judged(*pair).verdict == EQUAL


@pytest.mark.parametrize("pair", DIFFERENTS, ids=lambda pair: f"{pair[0][-12:]} {pair[3]} {pair[4]}")
def test_different(pair: tuple[str, str, str, str, str]) -> None:
    """A near miss is refused, and the witness shows a point where the two values differ."""
    found = judged(*pair)
    assert found.verdict == DIFFERENT
    assert found.witness is not None
    assert found.witness.yours != found.witness.trace


def test_there_are_enough_pairs() -> None:
    """At least sixty pairs of either sort."""
    assert len(EQUALS) >= 60
    assert len(DIFFERENTS) >= 60


def test_nan_is_never_equal_to_nan() -> None:
    """Where the trace has no number, an answer that has none either is not right."""
    assert judged("f = (-6)^n", "n=2", "gradient", "n", "0*log(-6)^n").verdict == UNDECIDED
    assert judged("f = (-6)^n", "n=2", "gradient", "n", "0/0").verdict == UNDECIDED
    assert judged("f = x/x", "x=2", "values", "f", "0/0").verdict != EQUAL


@pytest.mark.parametrize("at", [f"x={x},y={y}" for x in (-3, 0, 1, 2.5) for y in (-1, 1, 4)])
def test_off_by_one_at_every_point(at: str) -> None:
    """±1 and ±y are refused whatever the exercise's point is."""
    for wrong in ("2*x - y + 1", "2*x - y - 1", "2*x", "2*x - 2*y"):
        assert judged(POLYNOMIAL, at, "gradient", "x", wrong).verdict == DIFFERENT
    assert judged(POLYNOMIAL, at, "gradient", "x", "2*x - y").verdict == EQUAL


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("exp(x) + ((1e20 + 1) - 1e20)", DIFFERENT), ("exp(x) + 1 + 1e20 - 1e20", DIFFERENT),
     ("(exp(x) + 1e17) - 1e17", EQUAL), ("exp(x) + 1e9*(0.12340001 - 0.1234)", DIFFERENT)],
)  # fmt: skip
def test_hiding_behind_rounding(answer: str, verdict: str) -> None:
    """Nothing hides behind the rounding of huge numbers, or of decimals that somebody blows up."""
    assert judged("f = exp(x)", "x=1", "gradient", "x", answer).verdict == verdict


def test_cancellation_in_the_trace() -> None:
    """Where the formula itself loses its digits, a right answer is not called wrong."""
    for large in ("1e8", "1e12", "1e16"):
        found = judged(f"f = ((exp(x) + {large}) - {large})^2", "x=1", "gradient", "x", "2*exp(2*x)")
        assert found.verdict != DIFFERENT


def test_cancelling_paths_keep_their_scale() -> None:
    """A sum of paths that cancels is computed with their rounding, and the right 0 is right."""
    formula = "f = sin(x)*exp(x) - exp(x)*sin(x) + 0*x"
    assert judged(formula, "x=1.3", "gradient", "x", "0").verdict == EQUAL
    assert judged(formula, "x=1.3", "gradient", "x", "0.001").verdict == DIFFERENT


def test_kinks_as_the_exercise_says() -> None:
    """At a kink the slope that the trace takes; any between the two sides if the exercise says so."""
    assert judged("f = relu(x)", "x=0", "gradient", "x", "1").verdict == DIFFERENT
    head = 'kink = "interval"'
    for answer, verdict in (("1", EQUAL), ("0.5", EQUAL), ("0", EQUAL), ("1.01", DIFFERENT), ("-0.1",
    DIFFERENT),
                            ("x >= 0", EQUAL), ("x > 0", EQUAL), ("2*(x > 0)", DIFFERENT)):  # fmt: skip
        assert judged("f = relu(x)", "x=0", "gradient", "x", answer, head).verdict == verdict
    assert judged("f = 3*abs(x-1) + x", "x=1", "gradient", "x", "-2", head).verdict == EQUAL
    assert judged("f = 3*abs(x-1) + x", "x=1", "gradient", "x", "4.1", head).verdict == DIFFERENT


def test_kind_of_answer() -> None:
    """A number for a formula, and a formula for a number, are told so in kind words."""
    found = judged("f = x^2", "x=3", "gradient", "x", 6, 'answers = "expressions"')
    assert (found.verdict, "a formula is asked for" in found.words) == (DIFFERENT, True)
    assert judged("f = 3*x", "x=3", "gradient", "x", 3, 'answers = "expressions"').verdict == EQUAL
    found = judged("f = x^2", "x=3", "gradient", "x", "2*x", 'answers = "numbers"')
    assert (found.verdict, "a number is asked for" in found.words) == (DIFFERENT, True)
    assert judged("f = x^2", "x=3", "gradient", "x", "2*3", 'answers = "numbers"').verdict == EQUAL


@pytest.mark.parametrize("answer", ["c", "d + b*y - d", "c + 0*d", "a - d"])
def test_a_value_is_not_its_own_answer(answer: str) -> None:
    """c = c is true and earns nothing; nor does what is computed from c."""
    found = judged(POLYNOMIAL, "x=2,y=3", "values", "c", answer)
    assert found.verdict == DIFFERENT
    assert "computed from what is asked" in found.words


@pytest.mark.parametrize(
    ("found", "value", "digits", "equal"),
    [(0.018, 0.0179862, 2, True), (0.018, 0.0179862, 3, True), (0.018, 0.0179862, 4, False), (0.01798,
     0.0179862, 4, False),
     (15.004, 15, 4, False), (12350, 12345, 4, True), (12340, 12345, 4, True), (0, 1e-9, 4, False),
     (1e-9, 0, 4, False), (-2.667, -8 / 3, 4, True), (2.667, -8 / 3, 4, False), (2.66666666, 8 / 3, 4, False),
     (2.66666667, 8 / 3, 4, True), (math.inf, 3, 4, False), (1e300, 1e300, 4, True)],
)  # fmt: skip
def test_rounding(found: float, value: float, digits: int, equal: bool) -> None:
    """A rounding to the digits asked for, or more, is accepted; what is merely near is not."""
    assert rounds_to(found, value, digits) is equal


def test_tangents() -> None:
    """Forward mode's rows can be asked for: ∂c/∂x = 1·y + 0·b."""
    assert judged(POLYNOMIAL, "x=1,y=0", "tangent", "c/x", "y").verdict == EQUAL
    assert judged(POLYNOMIAL, "x=1,y=0", "tangent", "c/x", 0).verdict == EQUAL
    assert judged(POLYNOMIAL, "x=1,y=0", "tangent", "c/x", 1).verdict == DIFFERENT
