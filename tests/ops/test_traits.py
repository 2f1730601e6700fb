"""What ops declare about themselves is true, complete, and enough for a new op to be judged rightly."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backtrace_cli
from backtrace_cli import trace
from backtrace_cli.base.errors import DomainError
from backtrace_cli.engine.arithmetics.big_arrays import BigArrays
from backtrace_cli.language.tree.syntax import Call, Name, walk
from backtrace_cli.language.tree.text import to_text
from backtrace_cli.ops import FUNCTIONS, OPS, Op, find, in_place, place_text, rule, tangent_rule, traits
from backtrace_cli.ops.nothing import (
    ADDED,
    AVERAGED,
    CHOSEN,
    COMPUTED,
    COUNT,
    COUNTED,
    MOVED,
    MULTIPLIED,
    SHAPE,
    Nothing,
)
from tests.arrays import drawn
from tests.calculus import SCALAR
from tests.ops.test_array_ops import ARRAY_OPS, given, keyed, text
from tests.planted import plant

MIXED = [
    pytest.param(op, sample, id=f"{op.name}-{'-'.join(map(str, sample))}".replace(" ", ""))
    for op in ARRAY_OPS.values() for sample in op.samples
]  # fmt: skip


@pytest.fixture(autouse=True)
def _internal_ops_may_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ops that only rules use are looked at here as well."""
    everything = FUNCTIONS | {*OPS} | {op.called for op in OPS.values()}
    monkeypatch.setattr("backtrace_cli.graph.own_names._CALLABLE", everything)


def run(op: Op, values: list[Any], options: dict[str, Any]) -> Any:
    """The op's own NumPy function, at these values."""
    function: Any = getattr(np, op.numpy) if isinstance(op.numpy, str) else op.numpy
    usual = dict(zip(op.option_names, op.option_defaults, strict=True))
    return function(*values, *(usual | options).values())


# -- complete ------------------------------------------------------------------------------


def _good(**changed: Any) -> dict[str, Any]:
    fields = {name: getattr(OPS["sum"], name) for name in Op.__match_args__}
    return fields | changed


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"messages": (None,)}, "a rule is missing"),
        ({"tangents": (None,)}, "a rule is missing"),
        ({"tangents": (COUNT,)}, "together"),
        ({"entries": ""}, "what becomes of the entries"),
        ({"entries": "summed"}, "what becomes of the entries"),
        ({"entries": COUNTED}, "exactly where nothing is sent"),
        ({"messages": (SHAPE,), "tangents": (SHAPE,)}, "exactly where nothing is sent"),
        ({"tangents": ("d*out",)}, "doesn't depend on its output"),
        ({"entries": CHOSEN}, "where they tie"),
        ({"name": "logsum"}, "whether its value is a logarithm"),
    ],
)  # fmt: skip
def test_an_incomplete_or_inconsistent_declaration_is_refused(changed: dict[str, Any], words: str) -> None:
    """What others need to know has no default that is wrong in silence."""
    Op(**_good())
    with pytest.raises(ValueError, match=words):
        Op(**_good(**changed))


def _texts(op: Op) -> list[Any]:
    count = 3 if op.variadic else op.arity
    make = [lambda slot: rule(op, slot, count), lambda slot: rule(op, slot, count, True)]
    if op.mixes:
        make.append(lambda slot: tangent_rule(op, slot, count))
    return [one(slot) for one in make for slot in range(count)]


def test_what_a_rule_calls_can_be_differentiated() -> None:
    """Every function in a rule's text has a rule for each argument that is no count and no shape."""
    called = {(node.func, len(node.args)) for op in OPS.values() for tree in _texts(op)
              for node in walk(tree) if isinstance(node, Call)}  # fmt: skip
    assert ("others", 1) in called
    for name, count in called:
        op = find(name, count)
        assert op is not None, name
        for slot in range(count):
            assert op.silent(slot) in (None, *Nothing)
            assert rule(op, slot, count)


def _written(op: Op, sample: tuple[Any, ...], slot: int, moved: bool) -> tuple[str, dict[str, Any]]:
    """A formula that computes a message (or tangent) of ``op``, and its point."""
    values, options = given(op, sample)
    count = len(values)
    usual = dict(zip(op.option_names, op.option_defaults, strict=True)) | options
    fixed = tuple(usual.values())
    tree = tangent_rule(op, slot, count, fixed) if moved else rule(op, slot, count, True, fixed)
    out = np.asarray(run(op, list(values.values()), options))
    letter = "d" if moved else "g"
    like = list(values.values())[slot] if moved else out
    at = dict(values) | {"gg": drawn(np.shape(like), 11) if np.shape(like) else np.asarray(0.8)}
    written = to_text(in_place(op, tree, {letter: Name("gg"), "out": Name("zz")}, fixed), ascii=True)
    return f"zz = {text(op, list(values), options)}; {written}", at


def _quotient(formula: str, at: dict[str, Any], name: str, along: Any, h: float) -> float:
    """How ``formula`` changes along one argument, by five points."""

    def value(step: float) -> float:
        return float(trace(formula, at | {name: at[name] + step * along}, wrt=[name]).value)

    return (8 * (value(h) - value(-h)) - value(2 * h) + value(-2 * h)) / (12 * h)


def hold_second(op: Op, sample: tuple[Any, ...], slot: int, moved: bool) -> None:
    """Hold the gradient of a message (or tangent) against the difference quotients of it."""
    formula, at = _written(op, sample, slot, moved)
    still = {name for place, name in enumerate(given(op, sample)[0]) if not op.sends(place)}
    shape = np.shape(trace(formula, at).value)
    at["ww"] = drawn(shape, 5) if shape else np.asarray(1.3)
    whole = formula.replace("; ", "; mm = ", 1) + "; sum(ww*mm)"
    found = trace(whole, at, wrt=[name for name in at if name not in {*still, "ww"}])
    for name, gradient in found.gradient.items():
        along = drawn(np.shape(at[name]), 3) if np.shape(at[name]) else np.asarray(0.7)
        quotient = _quotient(whole, at, name, along, 1e-5 if op.entries == COMPUTED else 1e-4)
        size = max(1.0, float(np.sum(np.abs(gradient))))
        assert abs(float(np.sum(gradient * along)) - quotient) <= 3e-7 * size, (formula, name)


@pytest.mark.parametrize(("op", "sample"), MIXED)
@pytest.mark.parametrize("moved", [False, True], ids=["message", "tangent"])
def test_second_derivatives(op: Op, sample: tuple[Any, ...], moved: bool) -> None:
    """The gradient of every message and tangent is the difference quotient of it."""
    if ":" in place_text(sample[-1]):
        pytest.skip("a slice stands in brackets, not among the options; whole places stand for it")
    for slot in range(len(given(op, sample)[0])):
        if op.sends(slot):
            hold_second(op, sample, slot, moved)


# -- true ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("op", "sample"), MIXED)
def test_what_becomes_of_the_entries_is_true(op: Op, sample: tuple[Any, ...]) -> None:
    """Moved, added, multiplied, chosen: the op's own function does what its declaration says."""
    values, options = given(op, sample)
    options = options if op.option_names == ("at",) else keyed(options)
    arrays = [np.asarray(value) for value in values.values()]
    sent = [slot for slot in range(len(arrays)) if op.sends(slot)]
    out = np.asarray(run(op, arrays, options))
    entries = {0.0, *(float(e) for slot in sent for e in np.ravel(arrays[slot]))}
    if op.entries in (MOVED, CHOSEN):
        assert set(map(float, np.ravel(out))) <= entries
    if op.entries in (ADDED, AVERAGED, MULTIPLIED):
        sizes = [np.abs(a) if slot in sent else a for slot, a in enumerate(arrays)]
        assert np.all(run(op, sizes, options) >= np.abs(out) - 1e-12)
    if op.entries not in (COMPUTED, AVERAGED, COUNTED):
        whole = [np.ceil(a) if slot in sent else a for slot, a in enumerate(arrays)]
        assert np.all(np.floor(found := run(op, whole, options)) == found) or not sent
    if traits.linear(op):
        other = [drawn(a.shape, 9) if slot in sent else a for slot, a in enumerate(arrays)]
        both = [
            a + 2 * b if slot in sent else a for slot, (a, b) in enumerate(zip(arrays, other, strict=True))
        ]
        np.testing.assert_allclose(run(op, both, options), out + 2 * run(op, other, options), atol=1e-12)
    elif op.entries in (MOVED, AVERAGED):
        raise AssertionError("an op that moves or averages entries is linear in them")


@pytest.mark.parametrize(("op", "sample"), MIXED)
def test_numbers_of_many_digits(op: Op, sample: tuple[Any, ...]) -> None:
    """Every op that mixes entries works over numbers of many digits, and gives the same there."""
    values, options = given(op, sample)
    digits = BigArrays(40)
    usual = dict(zip(op.option_names, op.option_defaults, strict=True)) | options
    still = [not op.sends(slot) for slot in range(len(values))]
    at = [value if fixed else digits.own(value) for value, fixed in zip(values.values(), still, strict=True)]
    found = digits.function(op)(*at, *usual.values())
    plain = run(op, list(values.values()), options)
    np.testing.assert_allclose(np.asarray(found, dtype=float), plain, rtol=1e-11, atol=1e-13)


REFUSING = [op for op in ARRAY_OPS.values() if op.refuses and isinstance(op.refuses[0][0], tuple)]


@pytest.mark.parametrize("op", REFUSING, ids=lambda op: op.name)
def test_where_there_is_no_value_the_op_says_so(op: Op) -> None:
    """An array outside the domain is refused in the domain's words."""
    for sample in op.refuses:
        values = dict(zip(op.arg_names, sample, strict=False))
        options = dict(zip(op.option_names, sample[op.arity :], strict=False))
        with pytest.raises(DomainError, match=re.escape(op.domain.words if op.domain else "")):
            trace(text(op, list(values), options), {name: np.array(v, float) for name, v in values.items()})


@pytest.mark.parametrize("op", [op for op in SCALAR.values() if op.integral], ids=lambda op: op.name)
def test_an_integral_has_the_op_as_its_slope(op: Op) -> None:
    """d/da of the antiderivative is the op itself."""
    for sample in op.samples:
        at = dict(zip(op.arg_names, sample, strict=True))
        if op.integral and all(0 < value < 15 for value in sample):
            assert trace(op.integral, at, wrt=["a"]).gradient["a"] == pytest.approx(
                op.float(*sample), rel=1e-9
            )


@pytest.mark.parametrize("op", [op for op in SCALAR.values() if op.sympy], ids=lambda op: op.name)
def test_sympy_means_the_same(op: Op) -> None:
    """The function of sympy has the op's values."""
    import sympy

    for sample in op.samples:
        found = getattr(sympy, op.sympy or "")(*map(sympy.Float, sample))
        assert float(found) == pytest.approx(op.float(*sample), rel=1e-12)


def test_a_rule_that_is_missing_a_factor_fails_the_second_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: the rule of ``others`` planted wrong shows in that of ``prod``."""
    plant(monkeypatch, OPS["others"], 0, "1.01")
    with pytest.raises(AssertionError):
        hold_second(OPS["prod"], ((3,),), 0, False)


# -- enough: a new op in one place ---------------------------------------------------------

SCALAR_OP = '''
def _halfcube(a: Any) -> Any:
    """a³/2."""
    return a * a * a / 2


OPS += (
    Op("halfcube", "a", "half the cube of a", float=_halfcube, partials=("3/2*a^2",), numpy=_halfcube,
       why="A cube grows by three times its square, and this is half of one.", fraction=_halfcube,
       samples=((1.5,), (-0.7,))),
)
'''

ARRAY_OP = '''
def _running_array(a: Any, axis: Any = 0) -> Any:
    """Each entry with all before it."""
    import numpy as np

    return np.cumsum(a, axis=axis)


OPS += (
    Op("running", "a", "each entry added to all before it", numpy=_running_array, options="axis=0",
       shape=own_shape, entries=ADDED,
       messages=("sum(g, axis=axis, keepdims=true) - running(g, axis=axis) + g",),
       why="Each entry is in its own sum and in all behind it, and gets what arrived at them.",
       tangents=("running(d, axis=axis)",), samples=(((3,),), ((2, 3),))),
)
'''

SCRIPT = r"""
import sys
import numpy as np
from click.testing import CliRunner
from backtrace_cli.cli import main
from backtrace_cli import trace
from backtrace_cli.base.errors import DomainError
from backtrace_cli.engine.arithmetics.big_arrays import BigArrays
from backtrace_cli.pages.reference import ops_markdown
from backtrace_cli.quiz.formulas.boxes import box_for

def cli(*args):
    found = CliRunner().invoke(main, list(args))
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.exit_code, found.output

for name in ("halfcube", "running"):
    assert name in ops_markdown() and name in cli("ops")[1]
    assert cli("ops", name)[0] == 0
    assert box_for(name) is not None
t = trace("y = running(x); sum(y*y)", x=[1., -2., 3.])
assert list(t.gradient["x"]) == [2*(1-1+2), 2*(-1+2), 4], t.gradient
assert {c.verdict for c in t.check()} == {"agrees"}
assert trace("halfcube(x)", x=2.).gradient == {"x": 6.0}
assert trace("halfcube(x)", x=2., exact=True).value == 4
code, page = cli("eval", "halfcube(x)*y", "--at", "x=2,y=3", "--closed-form")
assert code == 0 and "halfcube(x)" in page and "x^2" in page.replace("²", "^2"), page
R, F = (0, 1)
at = "x=[1,-2,3]"
for formula, at, answer, code in [
    ("halfcube(x)*y", "x=2,y=3", "x = 3/2*x^2*y", R), ("halfcube(x)*y", "x=2,y=3", "x = 3*x^2*y", F),
    ("halfcube(x)*y", "x=2,y=3", "y = x^3/2", R), ("halfcube(x)*y", "x=2,y=3", "y = halfcube(x) + 1e-4", F),
    ("sum(running(x)^2)", at, "x = 2*(sum(running(x)) - running(running(x)) + running(x))", R),
    ("sum(running(x)^2)", at, "x = 2*running(x)", F),
    ("y = running(x); sum(y*y)", at, "x = [4, 2, 4]", R),
    ("y = running(x) - running(x)*0.999; sum(y*w)", at + ",w=[1,2,3]",
     "x = 0.001*(sum(w) - running(w) + w)", R),
    ("y = running(x) - running(x)*0.999; sum(y*w)", at + ",w=[1,2,3]",
     "x = 0.00101*(sum(w) - running(w) + w)", F),
    ("-sum(t*running(log(softmax(z))))", "z=[1,2,0],t=[0.2,0.5,0.3]", "t = -running(log(softmax(z)))", R),
]:
    found = cli("eval", formula, "--at", at, "--mine", answer)
    assert found[0] == code, (formula, answer, found)
code, page = cli("quiz", "running(x)*y", "--at", "x=[1,2],y=[3,1]", "--help")
assert code == 0
assert cli("eval", "a[running(x > 0)]", "--at", "a=[1,2,3],x=[1,0,0]")[0] == 0
assert cli("eval", "halfcube(x, y)", "--at", "x=1,y=2")[0] == 2
"""


@pytest.mark.slow
def test_a_new_op_in_one_place_is_known_everywhere(tmp_path: Path) -> None:
    """A scalar and an array op, each one literal in a family: tables, pages, quiz, check, closed form
    and verdicts follow, and right answers are right, wrong ones wrong."""
    package = tmp_path / "backtrace_cli"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(backtrace_cli.__file__).parent, package, ignore=ignored)
    for family, literal in (("activations", SCALAR_OP), ("reductions", ARRAY_OP)):
        with (package / "ops" / f"{family}.py").open("a", encoding="utf-8") as file:
            file.write(literal)
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
