"""A whole exercise: verdicts, the first wrong step, and steps judged on the student's own numbers."""

from __future__ import annotations

import pytest

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.exercise.exercise import read_exercise
from backtrace_cli.grading.exercise.source import Source
from backtrace_cli.grading.judging.verdict import check_exercise
from tests.grading.files import POLYNOMIAL, checked, verdicts

AT = "x=2,y=3"


def test_the_sketch() -> None:
    """The example of the page: one path lost at the fork x, and it is named."""
    found = checked(
        POLYNOMIAL, AT, "", values={"c": 15}, local={"c/b": "y"}, messages={"b->x": "-y"},
        gradient={"x": "2*x", "y": "-x"},
    )  # fmt: skip
    assert verdicts(found) == {"c": "right", "c/b": "right", "b->x": "right", "x": "wrong", "y": "right"}
    assert found.first_wrong is not None
    assert found.first_wrong.answer.question.key == "x"
    assert found.first_wrong.mistake == "lost path"
    assert found.first_wrong.diagnosis.endswith("you kept the message through a and lost the one through b")
    assert found.right == 4


CARRIED = [
    # a wrong value, and what follows from it: d = a − c, f = d + e
    ({"values": {"c": 14, "d": -10, "f": -1}}, {"c": "wrong", "d": "carried", "f": "carried"}),
    # … and what doesn't follow from it either
    ({"values": {"c": 14, "d": -9, "f": -1}}, {"c": "wrong", "d": "wrong", "f": "wrong"}),
    # to a 0, too
    ({"values": {"c": 14, "d": -9, "f": 0}}, {"c": "wrong", "d": "wrong", "f": "carried"}),
    ({"values": {"c": 14, "d": -9, "e": 10, "f": 1}}, {"c": "wrong", "d": "wrong", "e": "wrong",
     "f": "carried"}),
    # a wrong value of a leaf of the walk: local derivatives at it
    ({"values": {"b": 6}, "local": {"c/y": 6}}, {"b": "wrong", "c/y": "carried"}),
    # right in spite of an earlier slip is right
    ({"values": {"c": 14, "d": -11}}, {"c": "wrong", "d": "right"}),
    # a wrong local derivative, its message, the gradient it feeds
    ({"local": {"c/b": "x"}, "messages": {"c->b": "-x", "b->x": "-x"}, "gradient": {"x": "x"}},
     {"c/b": "wrong", "c->b": "carried", "b->x": "carried", "x": "carried"}),
    # a wrong message: the sum of the student's own messages
    ({"messages": {"a->x": 4, "b->x": 3}, "gradient": {"x": 7}}, {"a->x": "right", "b->x": "wrong",
     "x": "carried"}),
    ({"messages": {"a->x": 4, "b->x": 3}, "gradient": {"x": 8}}, {"a->x": "right", "b->x": "wrong",
     "x": "wrong"}),
    # a wrong gradient of an intermediate, sent on
    ({"gradient": {"b": 3, "x": 7}, "messages": {"b->x": 3}}, {"b": "wrong", "x": "carried",
     "b->x": "carried"}),
    # nothing is carried from a stock answer, from a blank, from what can't be read
    ({"messages": {"b->x": 0}, "gradient": {"x": 4}}, {"b->x": "wrong", "x": "wrong"}),
    ({"messages": {"b->x": ""}, "gradient": {"x": 4}}, {"b->x": "blank", "x": "wrong"}),
    ({"messages": {"b->x": "y^"}, "gradient": {"x": 4}}, {"b->x": "unreadable", "x": "wrong"}),
    ({"messages": {"b->x": 1}, "gradient": {"x": 5}}, {"b->x": "wrong", "x": "wrong"}),
    ({"messages": {"b->x": -4}, "gradient": {"x": 0}}, {"b->x": "wrong", "x": "carried"}),
    ({"local": {"c/b": "x"}, "gradient": {"x": "x"}}, {"c/b": "wrong", "x": "wrong"}),
    # a formula is judged as one: right at one point of the carried trace is not enough
    ({"local": {"c/b": "x"}, "messages": {"c->b": "-2"}}, {"c/b": "wrong", "c->b": "carried"}),
    ({"local": {"c/b": 2}, "messages": {"c->b": "-x"}}, {"c/b": "wrong", "c->b": "wrong"}),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "expected"), CARRIED, ids=[str(found) for _, found in CARRIED])
def test_carried_forward(answers: dict[str, dict[str, object]], expected: dict[str, str]) -> None:
    """One slip is not punished twice, and a trivial number earns nothing."""
    assert verdicts(checked(POLYNOMIAL, AT, "", **answers)) == expected


def test_first_wrong_step_is_first_in_the_order_of_computation() -> None:
    """Values forward, then local derivatives, then the backward walk; what has nothing to do with each
    other, as x and y at the end, in the order of the file."""
    tables = {
        "gradient": {"x": 100, "y": 100}, "messages": {"b->x": 100, "c->b": 100}, "local": {"c/b": 100},
        "values": {"f": 100, "a": 100},
    }  # fmt: skip
    expected = ["a", "f", "c/b", "c->b", "b->x", "x", "y"]
    for key in expected:
        found = checked(POLYNOMIAL, AT, "", **tables)  # type: ignore[arg-type]
        assert found.first_wrong is not None
        assert found.first_wrong.answer.question.key == key
        for answers in tables.values():
            answers.pop(key, None)
        tables = {table: answers for table, answers in tables.items() if answers}


def test_undecided_is_neither_wrong_nor_right() -> None:
    """Where the trace has no number, nobody is wrong, and nothing is finished."""
    found = checked("f = (-6)^n", "n=2", "", gradient={"n": 1})
    assert verdicts(found) == {"n": "undecided"}
    assert not found.finished
    assert found.first_wrong is None


def test_parallel_edges() -> None:
    """a·a sends two messages to a along two edges: the answer is their sum, carried or not."""
    right = checked(
        "a = x + 1; f = a*a", "x=2", "", local={"f/a": "2*a"}, messages={"f->a": 6}, gradient={"x": 6}
    )
    assert set(verdicts(right).values()) == {"right"}
    wrong = checked(
        "a = x + 1; f = a*a", "x=2", "", local={"f/a": "a"}, messages={"f->a": "a"}, gradient={"x": "a"}
    )
    assert verdicts(wrong) == {"f/a": "wrong", "f->a": "carried", "x": "carried"}


FIND = """
formula = "{0}"
at = "x=1,y=0"
wrong = "{1}"
mended = "{2}"
[[lines]]
text = "∂a/∂x"
table = "tangent"
key = "a/x"
claim = 2
[[lines]]
text = "∂c/∂x"
table = "tangent"
key = "c/x"
claim = {3}
[[lines]]
table = "gradient"
key = "y"
claim = "-x"
"""


@pytest.mark.parametrize(
    ("wrong", "mended", "expected"),
    [("", "", "blank blank"), ("∂c/∂x", "0", "right right"), ("dc/dx", "y", "right right"), ("2", "0",
     "right right"),
     ("c/x", "1", "right wrong"), ("1", "2", "wrong wrong"), ("y", "", "wrong blank"), ("q", "y^",
      "unreadable unreadable"),
     ("∂ c / ∂ x", "b", "right wrong")],
)  # fmt: skip
def test_find_the_mistake(wrong: str, mended: str, expected: str) -> None:
    """The wrong line is the one whose claim the engine does not confirm; the lecture's ∂c/∂x = 1."""
    text = FIND.format(POLYNOMIAL, wrong, mended, 1)
    found = check_exercise(read_exercise(Source("t.toml", text)))
    assert " ".join(one.verdict for one in found.answers) == expected


def test_a_worked_solution_has_one_wrong_line() -> None:
    """With none, or two, the exercise itself can't be used."""
    with pytest.raises(BacktraceError, match="0 wrong lines"):
        check_exercise(read_exercise(Source("t.toml", FIND.format(POLYNOMIAL, "", "", 0))))
    two = FIND.format(POLYNOMIAL, "", "", 1).replace('"-x"', '"x"')
    with pytest.raises(BacktraceError, match="2 wrong lines"):
        check_exercise(read_exercise(Source("t.toml", two)))


@pytest.mark.parametrize(
    ("answer", "right"), [("15*y", True), ("15 * y + 0", True), (30, True), ("16*y", False)]
)
def test_a_formula_goes_on_from_a_number(answer: object, right: bool) -> None:
    """Who found 15 where 22 is right, and goes on with 15·y, is not punished twice."""
    later = {"c->b": 15, "a->x": answer}
    found = checked("a = x*y; b = a + x; c = b^2", "x=3,y=2", messages=later).answers
    assert [(one.verdict, one.carried) for one in found] == [
        ("wrong", False), ("right", True) if right else ("wrong", False)
    ]  # fmt: skip
