"""A whole update as one straight-line program: loss, gradients, clipping, penalties, optimiser.

Nothing is moved in place: a program gives the parameters as they will be, or says that there is a number
that is not finite.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.compiled.emit_arrays import array_function_of
from backtrace_cli.engine.compiled.lowering import Lowered, Writer
from backtrace_cli.graph import Graph
from backtrace_cli.training.moving.choice import Entry, tree_of

__all__ = ["LENGTH", "UPDATE", "Moving", "step_function", "value_function"]

#: The program's own inputs: the length of this step, and the update's number. No variable is called so.
LENGTH, UPDATE = "the length", "the update"
#: The length of the gradient is never divided by as 0 (torch.nn.utils.clip_grad_norm_ adds the same).
_LEAST = "1e-6"


class Moving(NamedTuple):
    """How parameters move: an optimiser with its options, penalties, and limits of the gradient."""

    optimiser: Entry
    options: Mapping[str, float]
    l1: Mapping[str, float]
    l2: Mapping[str, float]
    clip: float = 0.0
    clip_each: float = 0.0


def step_function(
    graph: Graph,
    arithmetic: Arrays,
    inputs: Mapping[str, Value],
    parameters: Sequence[str],
    moving: Moving,
    *,
    checked: bool = True,
) -> Callable[..., Any]:
    """The function that takes the values of ``inputs`` in their order, among them each parameter's state
    (see ``state_name``), LENGTH and UPDATE, and gives the loss, the new parameters, and their new states.

    It raises ``Unfit`` where the loss or a gradient is not finite, unless nothing is ``checked``.
    """
    samples = {index: inputs[name] for name, index in graph.inputs.items()}
    writer = Writer(graph, arithmetic, samples, {})
    writer.forward()
    lines = writer.lines
    slopes = writer.gradient([graph.inputs[name] for name in parameters])
    finite = [writer.at[graph.output], *(line for line in slopes if not lines.is_constant(line))]
    numbers = {
        **{name: lines.constant(value) for name, value in moving.options.items()},
        "lr": lines.input(LENGTH, inputs[LENGTH]),
        "t": lines.input(UPDATE, inputs[UPDATE]),
    }
    if moving.clip_each:
        bound = {"c": lines.constant(moving.clip_each)}
        slopes = [writer.line(tree_of("clip(g, -c, c)"), {"g": line, **bound}, {}) for line in slopes]
    if moving.clip:
        slopes = _shortened(writer, slopes, moving.clip)
    moved, kept = [], []
    for name, slope in zip(parameters, slopes, strict=True):
        place = {**numbers, "w": writer.at[graph.inputs[name]], "g": slope}
        for strength, text in ((moving.l2, "g + c*w"), (moving.l1, "g + c*sign(w)")):
            if name in strength:
                place["g"] = writer.line(tree_of(text), {**place, "c": lines.constant(strength[name])}, {})
        for part in moving.optimiser.state:
            place[part] = lines.input(state_name(part, name), inputs[state_name(part, name)])
        for target, text in moving.optimiser.rule:
            place[target] = writer.line(tree_of(text), place, {})
        moved.append(lines.fit(place["w"], writer.at[graph.inputs[name]]))
        kept += [lines.fit(place[part], moved[-1]) for part in moving.optimiser.state]
    program = Lowered(lines, (writer.at[graph.output], *moved, *kept))
    return array_function_of(program, [*inputs], finite=finite if checked else ())


def state_name(part: str, parameter: str) -> str:
    """How a part of a parameter's state is called among a program's inputs and in the file of a run."""
    return f"{part} {parameter}"


def _shortened(writer: Writer, slopes: list[int], clip: float) -> list[int]:
    """All gradients times min(1, c/‖g‖), their length together."""
    lines = writer.lines
    total = lines.constant(0.0)
    for line in slopes:
        total = lines.plus(total, writer.line(tree_of("sum(g^2)"), {"g": line}, {}))
    place = {"c": lines.constant(clip), "s": total}
    factor = writer.line(tree_of(f"min(1, c/(sqrt(s) + {_LEAST}))"), place, {})
    return [lines.times(line, factor) for line in slopes]


def value_function(graph: Graph, arithmetic: Arrays, inputs: Mapping[str, Value]) -> Callable[..., Any]:
    """The function that takes the values of ``inputs`` in their order and gives the graph's value, as a
    tuple of one; it may be infinite or nan."""
    writer = Writer(graph, arithmetic, {index: inputs[name] for name, index in graph.inputs.items()}, {})
    writer.forward()
    return array_function_of(Lowered(writer.lines, (writer.at[graph.output],)), [*inputs], finite=())
