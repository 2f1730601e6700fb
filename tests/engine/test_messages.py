"""An op that mixes entries declares its messages over g, and fits the same walk and the same record."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from backtrace_cli import ops, trace
from backtrace_cli.ops import Op
from backtrace_cli.ops.shape_functions import reduced


def test_an_op_with_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum over entries sends g to each of them: gradient, message text, JSON and page all hold."""
    total = Op(
        "total", "a", "the sum of the entries", float=math.fabs, numpy="sum", messages=("g",),
        shape=reduced, tangents=("sum(d)",), entries="added", why="Each gets it.", samples=(((1,),),),
    )  # fmt: skip
    monkeypatch.setitem(ops.OPS, "total", total)
    monkeypatch.setitem(ops.BY_NAME, "total", [total])
    monkeypatch.setattr("backtrace_cli.graph.own_names._CALLABLE", ops.FUNCTIONS | {"total"})
    t = trace("s = total(x*x); f = 3*s", x=[1.0, 2.0, 3.0])
    assert float(t.value) == 42
    np.testing.assert_array_equal(t.gradient["x"], [6, 12, 18])
    (message,) = [m for m in t.messages if m.source == "s"]
    assert message.local_expression.name == "g"
    np.testing.assert_array_equal(message.contribution, [3, 3, 3])
    record = json.loads("".join(t.json_chunks()))
    assert record["backward"][1]["local"] == {"expression": "g", "value": None}
    assert "s = total(v1)" in str(t)
    assert [found.verdict for found in t.check()] == ["agrees"] * 3
