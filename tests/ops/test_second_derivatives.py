"""Every op's second derivative: what its own rule is differentiated to, against differences of first ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.arithmetics.base import Arithmetic, Floats
from backtrace_cli.engine.backward import backward
from backtrace_cli.engine.forward import forward
from backtrace_cli.engine.second_order import gradients_of
from backtrace_cli.graph import Graph, Node
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.ops import OPS, Op

#: Weights at the output, so that no second derivative vanishes by symmetry; and the step of differences.
_SMOOTH, _H = 0.7, 1e-5


def graph_of(op: Op, count: int, fixed: tuple[Any, ...]) -> Graph:
    """Σ weights·op(a0, a1, …)², a number."""
    nodes = [Node(i, None, (), f"a{i}", None) for i in range(count)]
    nodes.append(Node(count, op, tuple(range(count)), None, None, None, fixed))
    nodes.append(Node(count + 1, OPS["square"], (count,), None, None))
    nodes.append(Node(count + 2, None, (), None, str(_SMOOTH)))
    nodes.append(Node(count + 3, OPS["multiply"], (count + 1, count + 2), None, None))
    nodes.append(Node(count + 4, OPS["add"], (count + 3, count), None, None))
    if op.mixes:
        nodes.append(Node(count + 5, OPS["sum"], (count + 4,), None, None, None, (None, False)))
    return Graph(None, nodes, len(nodes) - 1)


def cases() -> list[Any]:
    """Each op at its first sample."""
    found = []
    for op in OPS.values():
        sample = op.samples[0]
        count = len(sample) if op.variadic and not op.option_names else op.arity
        if op.variadic and op.option_names:
            count = len([part for part in sample if isinstance(part, tuple)])
        if count and any(op.sends(slot) for slot in range(count)):
            found.append(pytest.param(op, count, id=op.name))
    return found


def slopes(graph: Graph, at: list[Any], arithmetic: Arithmetic, wanted: list[int]) -> dict[int, Any]:
    """The gradient at a point, by the walk."""
    values, _ = forward(graph, dict(enumerate(at)), arithmetic)
    found = backward(graph, values, arithmetic, set(wanted)).gradients
    return {
        index: np.zeros(np.shape(at[index])) if found[index] is None else found[index] for index in wanted
    }


@pytest.mark.parametrize(("op", "count"), cases())
def test_its_rule_is_differentiated_right(op: Op, count: int) -> None:
    """The sweep through the gradient's graph, from a random direction, beside differences of the walk."""
    generator = np.random.default_rng(3)
    sample = op.samples[0]
    fixed = (*sample[count:], *op.option_defaults[len(sample) - count :]) if op.option_names else ()
    at: list[Any] = []
    for slot in range(count):
        if not op.mixes:
            at.append(float(sample[slot]))
            continue
        at.append(generator.uniform(0.2, 0.8, sample[slot]) if op.sends(slot) else np.zeros(sample[slot]))
    if op.mixes and op.called in ("det", "inv", "solve", "logdet", "slogdet", "matrix_power", "cofactors"):
        at[0] = at[0] + 2 * np.eye(at[0].shape[-1])
    graph, arithmetic = graph_of(op, count, fixed), Arrays() if op.mixes else Floats()
    if op.mixes:
        graph = fit_shapes(graph, {slot: np.shape(value) for slot, value in enumerate(at)})
        kept = graph.nodes[count].op
        assert kept is not None
        if kept is not op and op.ranks is None:
            pytest.skip("another variant stands in for it at these shapes")
    wanted = [slot for slot in range(count) if op.sends(slot)]
    values, _ = forward(graph, dict(enumerate(at)), arithmetic)
    v = {slot: generator.normal(size=np.shape(at[slot])) for slot in wanted}
    if not op.mixes:
        v = {slot: float(value) for slot, value in v.items()}
    for stable in (False, True):
        slope, names = gradients_of(graph, wanted, values, arithmetic, stable=stable).along(wanted)
        place = {f"a{slot}": value for slot, value in enumerate(at)}
        place |= {names[slot]: v[slot] if op.mixes else float(v[slot]) for slot in wanted}
        inputs = {slope.inputs[name]: value for name, value in place.items() if name in slope.inputs}
        selects = any(node.op is not None and node.op.selects for node in slope.nodes)
        more = Arrays(guarded=selects) if op.mixes else arithmetic
        second, _ = forward(slope, inputs, more)
        back = backward(slope, second, more, {slope.inputs[f"a{slot}"] for slot in wanted})
        moved = {
            step: slopes(graph, [a + step * _H * v.get(s, 0.0) for s, a in enumerate(at)], arithmetic, wanted)
            for step in (-2, -1, 1, 2)
        }
        for slot in wanted:
            near, far = (moved[step][slot] - moved[-step][slot] for step in (1, 2))
            expected = (8 * near - far) / (12 * _H)
            got = back.gradients[slope.inputs[f"a{slot}"]]
            got = np.zeros(np.shape(at[slot])) if got is None else got
            scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
            np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6 * scale)
