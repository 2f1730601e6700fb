"""Every mistake, planted at every place of many formulas: the diagnosis is right or silent."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import combinations, islice

import pytest

from backtrace_cli.base.plain_values import known
from backtrace_cli.grading.statement import Statement
from backtrace_cli.graph import build
from backtrace_cli.mistakes.catalogue import MISTAKES
from backtrace_cli.mistakes.choose_point import choose_point
from backtrace_cli.mistakes.diagnose import Diagnoser, Diagnosis, diagnose
from backtrace_cli.mistakes.example import example_of
from backtrace_cli.mistakes.scene import Scene, close
from backtrace_cli.readings.questions import Question
from tests.grading.files import checked

#: Formulas of arrays in which each of the mistakes that only arrays know can be made.
ARRAYS = [
    ("y = W @ h; L = y @ y", "W=[[1,2,3],[4,5,7]],h=[1,2,4]"),
    ("Y = X @ W + b; L = sum(Y*Y)", "X=[[1,2],[3,5]],W=[[2,3],[1,7]],b=[1,4]"),
    ("y = softmax(z); L = t @ y + mean(z)", "z=[1,2,0],t=[3,5,2]"),
    ("m = mean(X, axis=0); D = X - m; L = sum(D*D*C)", "X=[[1,2],[3,5]],C=[[1,2],[4,3]]"),
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


#: How many were told and how, and the misnamed ones in words.
Counted = tuple[Counter[str], list[str]]


def how_told(found: Diagnosis | None, mistake: str) -> str:
    """How a planted mistake was told: alone, as one of two, by what came out; silent or misnamed."""
    if found is None:
        return "silent"
    if mistake not in (found.mistake, *found.others, *found.instead):
        return "misnamed"
    return "alone" if found.sure else "one of two" if "(2)" in found.words else "what came out"


def _planted(diagnoser: Diagnoser, points: list[dict[str, float]]) -> Counted:
    """Every mistake at every place, each variable's answer diagnosed."""
    told: Counter[str] = Counter()
    wrong: list[str] = []
    scenes = [diagnoser.scene(point) for point in points]
    for number, fault in enumerate(diagnoser.faults):
        for name in diagnoser.graph.inputs:
            question = Question("gradient", None, name)
            seen = [
                (point, answer, scene.says(question, None))
                for point, scene in zip(points, scenes, strict=True)
                if known(answer := scene.says(question, number))
            ]
            if all(close(answer, right, 1e-9) or answer == right for _, answer, right in seen):
                continue  # invisible in this variable
            found = diagnoser.diagnose(question, [(point, answer) for point, answer, _ in seen])
            how = how_told(found, fault.mistake)
            told[how] += 1
            if found is not None and how == "misnamed":
                wrong.append(f"{diagnoser.graph.source}: {fault.mistake} called {found.mistake}")
    return told, wrong


def _share(told: Counter[str]) -> float:
    return 1 - (told["silent"] + told["misnamed"]) / told.total()


@pytest.mark.slow
def test_planted_everywhere_never_misnamed(capsys: pytest.CaptureFixture[str]) -> None:
    """Over 50 formulas no planted mistake is called by another's name; most are named."""
    points = [{"x": 0.7, "y": 2.3}, {"x": -1.3, "y": 1.9}, {"x": 2.6, "y": -0.4}]
    found = [_planted(Diagnoser(build(formula)), points) for formula in _formulas(100)[::2]]
    told = sum((one[0] for one in found), Counter())
    wrong = [words for one in found for words in one[1]]
    assert not wrong, wrong[:5]
    assert _share(told) >= 0.9
    assert told["alone"] / told.total() >= 0.75
    with capsys.disabled():
        print(f"\nmistakes planted: {told.total()}, told {_share(told):.1%}")


@pytest.mark.slow
@pytest.mark.parametrize("answers", ["numbers", "formulas"])
def test_planted_at_chosen_points(answers: str, capsys: pytest.CaptureFixture[str]) -> None:
    """At the point that ``new`` chooses, most mistakes are named from one number, and none misnamed.

    Every fourth formula; ``python -m tests.mistakes.shares`` takes them all.
    """
    told, misnamed = named_at_chosen_points(answers, 4 if answers == "numbers" else 8)
    assert not misnamed, misnamed[:5]
    assert _share(told) >= 0.9
    assert told["alone"] / told.total() >= 0.75
    with capsys.disabled():
        print(f"\nat chosen points, from {answers}: told {_share(told):.1%} of {told.total()}")


def named_at_chosen_points(answers: str, every: int) -> Counted:
    """How the planted mistakes are told at the points that ``new`` chooses, and the misnamed ones."""
    told: Counter[str] = Counter()
    misnamed: list[str] = []
    for formula in _formulas(100)[::every]:
        graph = build(formula)
        choice = choose_point(graph)
        assert choice is not None
        points = [{name: float(value) for name, value in choice.at.items()}]
        if answers == "formulas":
            written = ",".join(f"{name}={value}" for name, value in choice.at.items())
            points += [at for at, _ in islice(Statement(formula, written).samples(), 5)]
        found, wrong = _planted(Diagnoser(graph), points)
        told += found
        misnamed += wrong
    return told, misnamed


@pytest.mark.slow
def test_pairs_of_places(capsys: pytest.CaptureFixture[str]) -> None:
    """The same mistake at two places is named or left alone; of two different ones both are told or none,
    unless one mistake alone gives the same answer."""
    points = [{"x": 0.7, "y": 2.3}, {"x": -1.3, "y": 1.9}, {"x": 2.6, "y": -0.4}]
    dice = random.Random(3)
    named = silent = 0
    for formula in _formulas(30):
        diagnoser = Diagnoser(build(formula))
        scenes = [diagnoser.scene(point) for point in points]
        pairs = [(a, b) for a, b in combinations(diagnoser.faults, 2) if a.beside(b) is not None]
        same = [pair for pair in pairs if pair[0].mistake == pair[1].mistake]
        for first, second in dice.sample(same, 4) + dice.sample(pairs, 2):
            both, question = first.beside(second), Question("gradient", None, dice.choice("xy"))
            assert both is not None
            answers = [scene.says_of(question, both) for scene in scenes]
            found = diagnoser.diagnose(question, list(zip(points, answers, strict=True)))
            alone = {
                fault.mistake
                for number, fault in enumerate(diagnoser.faults)
                if all(close(s.says(question, number), a, 1e-9) for s, a in zip(scenes, answers, strict=True))
            }
            if found is None:
                silent += 1
            elif alone:
                assert alone == {found.mistake, *found.others, *found.instead}
            else:
                assert {first.mistake, second.mistake} == {found.mistake, *found.others, *found.instead}
                named += 1
    assert named > 10
    with capsys.disabled():
        print(f"\npairs of places: named {named}, left alone {silent}")


def test_a_pair_is_told_as_two_places() -> None:
    """σ′ taken for σ in two boxes is one misunderstanding, and both places are told."""
    graph = build("a = σ(x); b = σ(y*x); f = a*b + a")
    points = [{"x": 0.7, "y": 2.3}, {"x": -1.3, "y": 1.9}, {"x": 2.6, "y": -0.4}]

    def sigma(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    def answer(x: float, y: float) -> float:
        a, b = sigma(x), sigma(x * y)
        return (b + 1) * a + a * b * y  # each σ′ replaced by σ

    evidence = [(point, answer(**point)) for point in points]
    found = diagnose(graph, Question("gradient", None, "x"), evidence)
    assert found is not None
    assert found.mistake == "wrong rule"
    assert "∂a/∂x" in found.words
    assert "; and ∂b/" in found.words


#: mistake, formula, question, the answer that it leads to, worked out by hand
BY_HAND = [
    ("product of derivatives", "a = x^2; b = sin(x); f = a*b", "x", lambda x, y: 2 * x * math.cos(x)),
    ("product of derivatives", "a = x^3; b = exp(x/2); f = a/b", "x",
     lambda x, y: 3 * x**2 / (math.exp(x / 2) / 2)),
    ("product of derivatives", "f = x*x", "x", lambda x, y: 1.0),
    ("read differently", "(x + y)^2", "y", lambda x, y: 2 * y),
    ("read differently", "x/(y*x)", "y", lambda x, y: -(x**2) / y**2),
    ("read differently", "x - (y - x^2)", "x", lambda x, y: 1 - 2 * x),
    ("power as product", "f = x^3*y", "x", lambda x, y: 3 * y),
    ("order turned round", "a = x/y; f = a^2", "x", lambda x, y: -2 * y**2 / x**3),
    ("variable as constant", "f = x^2*y + x", "x", lambda x, y: 0.0),
    ("constant as variable", "a = 3*x; f = a*y", "x", lambda x, y: (3 + x) * y),
    ("outer derivative at the wrong place", "a = x^2; b = a*y; f = sin(b)", "y",
     lambda x, y: math.cos(x) * x**2),
    ("power rule", "f = 2^x*y", "x", lambda x, y: x * 2 ** (x - 1) * y),
]  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND, ids=lambda case: f"{case[0]} {case[1]}")
def test_replays_give_what_the_hand_gives(case) -> None:  # type: ignore[no-untyped-def]
    """Some place of the mistake leads to the very answer that a person who makes it writes down."""
    mistake, formula, name, answer = case
    graph = build(formula)
    diagnoser = Diagnoser(graph)
    points = [{"x": 0.7, "y": 2.3}, {"x": 2.6, "y": 1.4}, {"x": 3.0, "y": 2.0}]
    points = [{key: point[key] for key in graph.inputs} for point in points]
    question = Question("gradient", None, name)
    found = [
        number
        for number, fault in enumerate(diagnoser.faults)
        if fault.mistake == mistake
        and all(
            math.isclose(
                Scene(graph, at, diagnoser.faults).says(question, number),
                answer(at["x"], at.get("y", 0.0)),
                rel_tol=1e-9,
            )
            for at in points
        )
    ]
    assert found


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_each_mistake_has_an_example(mistake) -> None:  # type: ignore[no-untyped-def]
    """The formula of every declaration shows its mistake, which is named there."""
    example = example_of(mistake)
    assert not close(example.right, example.wrong, 1e-9)
    assert example.words


def test_values_are_diagnosed_too() -> None:
    """A value that comes of a misreading is told so; mistakes going back don't reach it."""
    graph = build("a = x - y; f = a^3")
    found = diagnose(graph, Question("values", None, "f"), [({"x": 4.0, "y": 2.0}, 6.0)])
    assert found is not None
    assert found.mistake == "power as product"
    assert diagnose(graph, Question("values", None, "f"), [({"x": 4.0, "y": 2.0}, 7.0)]) is None


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
    graphs = [
        build(formula) for formula in (*_formulas(40), "relu(x) + cos(x) + log(x)", "x*y*σ(x*y)", "x^2 + 5")
    ]
    graphs += [Statement(formula, at).graph for formula, at in ARRAYS]
    faults = [fault for graph in graphs for fault in mistake.places(graph)]
    assert faults
    assert all(fault.mistake == mistake.name and fault.words for fault in faults)


#: formula, point, answer to ∂f/∂x: each is explained by a plain slip as well as by the catalogue.
AMBIGUOUS = [
    ("f = x*x", {"x": 3.0}, "4*x"), ("f = x*x", {"x": 3.0}, "9"), ("f = x*x", {"x": 3.0}, "12"),
    ("a = x^2; f = a*y", {"x": 2.0, "y": 3.0}, "36"), ("a = x^2; b = 3*x; f = a*b", {"x": 2.0}, "108"),
    ("a = x^2; b = 3*x; f = a*b", {"x": 2.0}, "27*x^2"), ("a = sin(x); f = a^2", {"x": 1.0}, "2*cos(x)"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "at", "answer"), AMBIGUOUS)
def test_silent_where_a_plain_slip_explains_it_too(formula: str, at: dict[str, float], answer: str) -> None:
    """Twice the right answer, the value for the slope, a factor left out: two explanations, no name."""
    point = ",".join(f"{name}={value}" for name, value in at.items())
    found = checked(formula, point, gradient={"x": answer}).answers[0]
    assert (found.verdict, found.mistake, found.diagnosis) == ("wrong", None, "")


@pytest.mark.parametrize(
    ("formula", "at", "answer", "mistake"),
    [
        ("f = sin(x*y)", "x=0.7,y=2", "2*y*cos(x*y)", "doubled"),
        ("f = exp(x*y)", "x=0.7,y=2", "-y*exp(x*y)", "sign"),
        ("f = x^3*y", "x=2,y=5", "x^2*y", "power rule"),
        ("a = x*y; f = a*y + x^2", "x=3,y=5", "2*x", "lost path"),
    ],
)
def test_a_slip_that_is_the_mistake_is_named(formula: str, at: str, answer: str, mistake: str) -> None:
    """Where the plain slip is the very mistake, or what it comes down to, it still has its name."""
    assert checked(formula, at, gradient={"x": answer}).answers[0].mistake == mistake


_X, _Y = 0.7, 2.3
#: formula, question, the wrong formula, what it is called, and what else it is
CLASSIC = [
    ("f = cos(x)*y", Question("local", "v1", "x"), lambda x, y: math.sin(x), "wrong rule",
     {"sign", "integrated"}),
    # here the sign may have been turned round at the product as well
    ("f = cos(x)*y", Question("gradient", None, "x"), lambda x, y: math.sin(x) * y, "sign",
     {"wrong rule", "integrated"}),
    ("f = sin(x)*y", Question("local", "v1", "x"), lambda x, y: -math.cos(x), "sign", {"integrated"}),
    ("f = x/y", Question("local", "f", "y"), lambda x, y: x / y**2, "sign", {"quotient terms swapped"}),
    ("f = x/y", Question("gradient", None, "y"), lambda x, y: x / y**2, "sign", {"quotient terms swapped"}),
    ("b = x + y; f = b*b", Question("local", "f", "b"), lambda x, y: x + y, "lost path", set()),
    ("b = x + y; f = b*b", Question("messages", "f", "b"), lambda x, y: x + y, "lost path", set()),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "question", "wrong", "mistake", "others"), CLASSIC)
def test_one_wrong_formula_of_many_names_is_one_mistake(formula, question, wrong, mistake, others) -> None:  # type: ignore[no-untyped-def]
    """From one number and from a formula; told by the name that says most about the place."""
    points = [{"x": 0.7, "y": 2.3}, {"x": -1.3, "y": 1.9}, {"x": 2.6, "y": -0.4}]
    for count in (1, 3):
        evidence = [(point, wrong(**point)) for point in points[:count]]
        found = diagnose(build(formula), question, evidence)
        assert found is not None
        assert (found.mistake, set(found.others)) == (mistake, others)


def test_mistakes_that_differ_somewhere_stay_two() -> None:
    """The quotient's terms swapped is a sign at y alone; where x moves both terms it is something else."""
    points = [{"x": 0.7, "y": 2.3}, {"x": -1.3, "y": 1.9}, {"x": 2.6, "y": -0.4}]
    graph = build("a = x^2; b = x + y; f = a/b")
    swapped = [(p, (p["x"] ** 2 - 2 * p["x"] * (p["x"] + p["y"])) / (p["x"] + p["y"]) ** 2) for p in points]
    found = diagnose(graph, Question("gradient", None, "x"), swapped)
    assert found is None or "quotient terms swapped" not in found.others
    # sin(x) at a message on which something else is wrong, too, is no single formula at one place
    twice = [(p, 2 * math.sin(p["x"])) for p in points]
    assert diagnose(build("f = cos(x) + y"), Question("gradient", None, "x"), twice) is None


def test_names_for_one_formula_are_true_of_it_everywhere() -> None:
    """Whatever is said to be one mistake under several names gives the same answer at every other point."""
    elsewhere = [{"x": 0.31, "y": 1.13}, {"x": -0.77, "y": 0.59}, {"x": 1.91, "y": -2.03}]
    seen = 0
    for formula in ["f = cos(x*y)", "f = sin(x)/y", "a = x/y; f = sin(a)*y", "a = cos(x); f = x/a + y"]:
        diagnoser = Diagnoser(build(formula))
        for number, fault in enumerate(diagnoser.faults):
            for name in diagnoser.graph.inputs:
                question = Question("gradient", None, name)
                here = diagnoser.scene({"x": _X, "y": _Y})
                found = diagnoser.diagnose(question, [({"x": _X, "y": _Y}, here.says(question, number))])
                if found is None or not found.others:
                    continue
                seen += 1
                assert fault.mistake in (found.mistake, *found.others)
                for point in elsewhere:
                    scene = diagnoser.scene(point)
                    said = {
                        other.mistake: scene.says(question, n)
                        for n, other in enumerate(diagnoser.faults)
                        if close(here.says(question, n), here.says(question, number), 1e-9)
                    }
                    assert all(close(value, scene.says(question, number), 1e-9) for value in said.values())
    assert seen > 5
