"""The straight-line program gives what the walk gives: to the bit, or within 2 ulp where x^2 became x·x.

Every array test holds its program to the walk as well (``hold`` in tests/arrays.py).
"""

from __future__ import annotations

import math
import pickle
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from backtrace_cli import BacktraceError, gradient, trace
from backtrace_cli.engine.compiled import emit
from backtrace_cli.ops import OPS
from backtrace_cli.readings.checking.gradient_check import path_scales
from tests.formulas import Maker

_SCALAR = [op for op in OPS.values() if not op.mixes and op.float is not None]
_ULPS = 2.0**-51
SHEET = "s = σ(y); g = x + s; r = σ(x); p = x + y; q = p²; h = r + q; k = 1/h; f = g·k"


def hold(formula: str, at: dict[str, float]) -> None:
    """The program and the walk say the same at a point, be it numbers or an error."""
    program = gradient(formula)
    refused = words(lambda: trace(formula, at))
    if refused:
        assert words(lambda: program(**at)) == refused
        return
    expected = trace(formula, at)
    scales = path_scales(expected)
    for _ in range(2):
        value, slopes = program(**at)
        near(value, expected.value, abs(expected.value))
        assert list(slopes) == list(expected.gradient)
        for name, slope in slopes.items():
            near(slope, expected.gradient[name], scales[name])


def words(call: Callable[[], object]) -> str:
    """What a call is refused with; nothing where it isn't."""
    try:
        call()
    except BacktraceError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def near(found: float, expected: float, scale: float) -> None:
    """Both the same inf or nan, or apart by 2 ulp of the scale."""
    if math.isfinite(expected):
        assert abs(found - expected) <= _ULPS * max(scale, abs(expected)), (found, expected)
    else:
        assert repr(float(found)) == repr(float(expected))


@pytest.mark.parametrize("op", _SCALAR, ids=lambda op: op.name)
def test_every_op(op: object) -> None:
    """At its samples, at what it refuses, at 0, ±1, and at its kinks: as the walk has it."""
    assert isinstance(op, type(_SCALAR[0]))
    if op.internal:
        return
    for at in [*op.samples, *op.refuses]:
        special = (0.0, -0.0, 1.0, -1.0, at[0], 1e308, -745.2)
        points = [at]
        for slot in range(len(at)):
            points += [(*at[:slot], one, *at[slot + 1 :]) for one in special]
        for point in points:
            names = [f"u{number}" for number in range(len(point))]
            call = f"{op.called}({', '.join(names)})"
            if op.spelled or op.name in ("add", "subtract", "multiply", "divide", "negative", "power"):
                continue
            hold(f"y = {call}; f = 3*y + y*u0", dict(zip(names, point, strict=True)))


@pytest.mark.parametrize("formula", [
    "x*y + x/y - x^y", "x^2 + x^-1 + x^0", "-x^2*y", "max(x, y)*min(x, y)", "where(x > y, log(x), y^2)",
    "a = where(x > 0, x, -x); where(a > y, a*y, log(y - a))*a", "abs(x)*sign(y) + floor(x)", "0*x + y",
    "clip(x, -1, 1)*y", SHEET,
])  # fmt: skip
@pytest.mark.parametrize(
    "at", [(3.0, -4.0), (1.0, 1.0), (0.0, 2.0), (-0.5, 0.5), (1e200, 1e200), (-2.0, 3.0)]
)
def test_forks_branches_and_edges(formula: str, at: tuple[float, float]) -> None:
    """Messages add up in the walk's order; branches not taken send nothing; overflow is the walk's."""
    hold(formula, {"x": float(at[0]), "y": float(at[1])})


@pytest.mark.parametrize("seed", range(4))
def test_random_formulas(seed: int) -> None:
    """Formulas of up to 40 boxes over all smooth ops."""
    formulas = Maker(seed)
    for _ in range(40):
        found = formulas.formula()
        hold(found.text, {name: float(value) for name, value in found.at.items()})


@pytest.mark.slow
def test_five_thousand_random_formulas() -> None:
    """The same, at length."""
    formulas = Maker(2_026)
    for _ in range(5_000):
        found = formulas.formula()
        hold(found.text, {name: float(value) for name, value in found.at.items()})


def test_a_wrong_sum_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that loses a message at a fork, planted, fails the comparison."""
    from backtrace_cli.engine.compiled.lines import Lines

    monkeypatch.setattr(Lines, "plus", lambda self, one, other: other)
    with pytest.raises(AssertionError):
        hold("x*x + x", {"x": 3.0})


def test_it_is_a_program_and_no_record() -> None:
    """The ordinary point never asks the walk."""
    f = gradient(SHEET)
    f(x=3.0, y=-4.0)
    f._by_the_walk = None  # type: ignore[assignment, method-assign]
    value, slopes = f(x=3.0, y=-4.0)
    assert (value, slopes) == (1.5456448841066441, {"x": 2.0595697955721652, "y": 1.5922327514838093})


def test_points_of_other_sorts() -> None:
    """Whole numbers, text, lists, single precision, another set of names: each as ``trace`` has it."""
    f = gradient("x^2*y", wrt="x")
    assert f(x=3, y=2) == (18.0, {"x": 12.0})
    assert f(x="1/2", y=2)[1]["x"] == 2.0
    value, slopes = f(x=[1, 2], y=2)
    assert value.tolist() == [2.0, 8.0]
    assert slopes["x"].tolist() == [4.0, 8.0]
    single = np.array([1.5, 2.5], np.float32)
    assert f(x=single, y=2)[0].dtype == np.float32
    with pytest.raises(BacktraceError, match="y"):
        f(x=3)
    assert f(x=1.0, y=1.0) == (1.0, {"x": 2.0})


def test_results_are_the_callers_own() -> None:
    """Writing into a result or an input changes no later answer."""
    f = gradient("sum(w*x) + sum(w)")
    w, x = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    first = f(w=w, x=x)[1]
    first["w"][:] = 0
    first["x"][:] = 0
    assert f(w=w, x=x)[1]["w"].tolist() == [4.0, 5.0]
    assert w.tolist() == [1.0, 2.0]
    assert x.tolist() == [3.0, 4.0]


def test_pickled_and_threaded() -> None:
    """It travels by pickle and answers several threads at once."""
    f = pickle.loads(pickle.dumps(gradient("sum(x^2)*y")))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: f(x=np.full(5, float(n)), y=1.0)[0], range(200)))
    assert found == [5.0 * n * n for n in range(200)]


def test_a_batch_is_row_by_row() -> None:
    """Rows are points of their own; what has no rows holds for all."""
    f = gradient("sum(w*x)^2", wrt="w")
    rows = np.arange(6.0).reshape(3, 2)
    values, slopes = f.batch(w=rows, x=2.0)
    assert values.tolist() == [f(w=row, x=2.0)[0] for row in rows]
    assert slopes["w"].tolist() == [f(w=row, x=2.0)[1]["w"].tolist() for row in rows]
    with pytest.raises(ValueError, match="rows"):
        f.batch(w=rows, x=np.ones((2, 2)))


def test_nothing_of_a_users_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are numbered: no text of a formula reaches the compiler, not as a name either."""
    import ast

    seen: list[ast.Module] = []
    made = emit.compiled
    monkeypatch.setattr(emit, "compiled", lambda body, count, space: (
        seen.append(ast.Module(list(body), [])), made(body, count, space))[1])  # fmt: skip
    gradient("__import__ + ﬁ*2", wrt="__import__")(**{"__import__": 2.0, "fi": 1.0})
    names = {node.id for module in seen for node in ast.walk(module) if isinstance(node, ast.Name)}
    assert seen
    assert not {"__import__", "fi", "ﬁ"} & names


def test_chance_orders() -> None:
    """A point's names may come in any order."""
    f, dice = gradient("a*b - c/d"), random.Random(3)
    at = {"a": 1.5, "b": -2.0, "c": 3.0, "d": 7.0}
    expected = f(**at)
    for _ in range(5):
        names = list(at)
        dice.shuffle(names)
        value, slopes = f(**{name: at[name] for name in names})
        assert (value, slopes) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "sin(x-y)",
        "y*(3-4)*sin(x)",
        "-1*x*y",
        "x - y*y",
        "cos(x)/y",
        "x^2*y^1",
        "where(x > y, x, -y)*x",
        "2*x - x/y",
    ],
)
def test_the_program_and_the_walk_agree(formula: str) -> None:
    """Signs, ones and constants that are worked out beforehand among them: to the last bit but one."""
    found, slopes = gradient(formula)(x=1.5, y=2.0)
    walked = trace(formula, x=1.5, y=2.0)
    assert found == pytest.approx(walked.value, rel=1e-15)
    assert slopes == pytest.approx(walked.gradient, rel=1e-15)


@pytest.mark.parametrize("formula", [
    "sum((A @ B.T).T^2)", "h = A @ B.T; sum((h @ h.T).T * C)", "sum(A.T.T * A)",
    "sum(max(A, 0) + b) + sum(A, axis=0) @ b",
])  # fmt: skip
def test_how_arrays_stand_in_memory_changes_no_number(formula: str) -> None:
    """Transposes that are moved into products, sums over spread axes: the walk's numbers."""
    dice = np.random.default_rng(5)
    at = {"A": dice.normal(size=(3, 4)), "B": dice.normal(size=(2, 4)), "C": dice.normal(size=(3, 3)),
          "b": dice.normal(size=4)}  # fmt: skip
    at = {name: value for name, value in at.items() if name in formula}
    value, slopes = gradient(formula)(**at)
    record = trace(formula, **at)
    np.testing.assert_allclose(value, record.value, rtol=1e-15)
    for name, slope in record.gradient.items():
        np.testing.assert_allclose(slopes[name], slope, rtol=0, atol=4e-16 * 64)
