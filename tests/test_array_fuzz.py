"""Array formulas at random: an answer that holds together, or a kind error, and never a traceback."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtrace_cli import BacktraceError, Trace, trace
from backtrace_cli.ops import OPS
from tests.arrays import drawn

CALLED = sorted({op.called for op in OPS.values() if op.mixes and not op.internal})
CALLED += ["relu", "where", "max", "min", "clip", "tanh", "σ", "sin", "log"]
words = str.split
OPTIONS = words("axis axis axis keepdims ddof shape n reduction p seed dim at")
VALUES = words(
    "0 1 -1 2 none true false [0,1] [0] [-1,0] [0,0] 1.5 x n sum mean 0.3 -0.5 [0,[1]] 1e3 "
    "99999999999999999999 nan inf [] 0.0 3 1/2 [1,x] pi"
)
PLACES = words(
    "0 -1 1: ::2 :,0 0,1 n i k 0:n ::-1 :-1 5 1:1 :,: x 0.5 n+1 ::0 [0,1] y,0 none 1:x -n :,:,0 -3: "
)
NAMES = "xyWVatk"
SHAPES = [(), (3,), (2, 3), (3, 2), (3, 3), (0,), (1,), (2, 1), (2, 3, 2), (0, 3), (1, 1)]

leaves = st.sampled_from([*NAMES, "n", "2", "0", "-1", "[1,2,3]", "[[1,2],[3,4]]", "pi", "[x,y]", "[a,1]"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Formulas one level higher than ``inner``."""
    options = st.builds("{}={}".format, st.sampled_from(OPTIONS), st.sampled_from(VALUES))
    extra = st.lists(st.one_of(options, options, st.sampled_from(VALUES)), max_size=2)
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(words("+ - * / @ ^ > ==")), inner),
        st.builds("({}).T".format, inner),
        st.builds("({})[{}]".format, inner, st.sampled_from(PLACES)),
        st.builds(
            lambda func, args, more: f"{func}({', '.join([*args, *more])})",
            st.sampled_from(CALLED), st.lists(inner, min_size=1, max_size=3), extra,
        ),
        st.builds("{}({})".format, st.sampled_from(CALLED), inner),
    )  # fmt: skip


formulas = st.recursive(leaves, grown, max_leaves=5)


def answered(text: str, at: dict[str, Any], how: str) -> tuple[Trace, dict[str, Any], Trace | None] | None:
    """The trace, the point it was made at, and the tangent along ones; None after a kind error."""
    try:
        known = set(trace(text).graph.inputs)
        point = {name: value for name, value in at.items() if name in known}
        found = trace(
            text, None if how == "none" else point, mode="forward" if how == "forward" else "reverse"
        )
        moves = how == "reverse" and bool(found.gradient)
        return found, point, trace(text, point, seed=dict.fromkeys(found.gradient, 1.0)) if moves else None
    except BacktraceError as error:
        report = error.report()
    assert report.strip()
    assert "object" not in report
    return None


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    formulas,
    st.lists(st.sampled_from(SHAPES), min_size=len(NAMES), max_size=len(NAMES)),
    st.sampled_from(("reverse", "forward", "none")),
)
def test_any_array_formula(formula: str, shapes: list[tuple[int, ...]], how: str) -> None:
    """Gradients have their variables' shapes, forward mode agrees, the page prints, the JSON is strict."""
    at: dict[str, Any] = {"i": 1}
    at |= {name: drawn(shape, 5) if shape else 1.5 for name, shape in zip(NAMES, shapes, strict=True)}
    answer = answered(f"n = 2; {formula}" if "n" in formula else formula, at, how)
    if answer is None:
        return
    found, point, along = answer
    json.loads("".join(found.json_chunks()), parse_constant=lambda word: 1 / 0)
    assert str(found)
    if along is None:
        return
    for name, gradient in found.gradient.items():
        assert np.shape(gradient) == np.shape(point[name])
    whole = sum(float(np.sum(gradient)) for gradient in found.gradient.values())
    size = sum(float(np.sum(np.abs(gradient))) for gradient in found.gradient.values())
    moved = float(np.sum(along.tangents[0].value))
    if np.isfinite(whole) and np.isfinite(moved):
        assert abs(whole - moved) <= 1e-9 * max(1.0, size)
