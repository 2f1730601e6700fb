"""What can go wrong: a loss that can't be trained, and a run that can't go on, its update and node named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtrace_cli.base.errors import BacktraceError, PointError, ShapeError
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.forward import refuse_undefined
from backtrace_cli.graph import Graph
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.training.examples import whole_rows

if TYPE_CHECKING:
    from backtrace_cli.training.training import Training

__all__ = ["BrokenError", "complaint", "refuse_untrainable"]


class BrokenError(BacktraceError):
    """The loss or a gradient is no longer a number: training can't go on."""

    exit_code = 1
    update = 0
    """Which update, from 1, was being computed."""
    node: str | None = None
    """The node whose value or message broke first, where one can be named."""


def refuse_untrainable(training: Training) -> None:
    """Refuse, before anything runs, what can't be trained. Raises ShapeError or PointError."""
    rest = training.examples.size - training.size * (training.batches - 1)
    for graph in (training.graph, *training.metrics.values()):
        for size in (training.size, rest) if graph is training.graph else (training.examples.size,):
            fitted = training.prepared.fitted(graph, size, training.examples.batch(slice(0, size)))
            assert fitted.shapes is not None
            shape = fitted.shapes[graph.output]
            if shape:
                what = "loss" if graph is training.graph else "metric"
                name = graph.name(graph.output)
                raise ShapeError(
                    f"{name} has shape {sides(shape)}, and a {what} is one number",
                    span=graph.nodes[graph.output].span, source=graph.source,
                    hint=whole_rows(fitted) or "take its mean: mean(…)",
                )  # fmt: skip
    if training.settings.patience and training.held is None:
        raise PointError("--patience watches the loss over held-out examples, and there are none",
                         hint="add --hold-out 0.2")  # fmt: skip
    for name in training.parameters:
        if not training.graph.leads_from({training.graph.inputs[name]})[training.graph.output]:
            output = training.graph.name(training.graph.output)
            raise PointError(f"{output} does not depend on {name}, so there is nothing to train",
                             hint=f"leave {name} out of --wrt")  # fmt: skip


def complaint(
    training: Training,
    graph: Graph,
    values: list[Value],
    bad: list[int],
    what: str,
    *,
    over_all: bool = False,
) -> BrokenError:
    """What is told of the step whose forward pass gave ``values``, or, ``over_all`` examples, of the loss
    after the last one."""
    epoch, batch = training.position
    where = f"update {training.updates + 1} (epoch {epoch + 1}, batch {batch + 1} of {training.batches})"
    if over_all:
        count = f", over all {training.examples.size:,} examples" if training.examples.arrays else ""
        where = f"after update {training.updates}{count}"
    lines = [f"{where}: {what}"]
    node, span = None, None
    try:
        refuse_undefined(graph, values, bad, training.arithmetic)
    except BacktraceError as undefined:
        lines.append(undefined.message)
        if training.batches > 1 and "] = " in undefined.message and not over_all:
            lines.append("the examples are counted within this batch, from 0")
        span = undefined.span
        node = next((graph.name(i) for i in bad if graph.nodes[i].op is not None), None)
    else:
        record = training.record(graph, values, bad)
        notes = [note for note in record.notes if note.kind in ("nan", "infinite")]
        lines += [note.message for note in notes[:3]]
        node = notes[0].node if notes else None
        index = None if node is None else graph.find(node)
        span = None if index is None else graph.nodes[index].span
    lines += _not_finite(training)
    hint = _way_out(training)
    if "needs probabilities" in "".join(lines):  # scores, where probabilities are needed
        hint = "write cross_entropy_with_logits, or binary_cross_entropy_with_logits, in the formula"
    error = BrokenError("\n".join(lines), span=span, source=graph.source if span else None, hint=hint)
    error.update, error.node = training.updates + (not over_all), node
    return error


def _not_finite(training: Training) -> list[str]:
    """Which parameters and constants are no longer numbers, or were none from the start."""
    lines = []
    for name, value in {**training.constants, **training.parameters}.items():
        if training.arithmetic.bad(value):
            what = "nan" if training.arithmetic.undefined(value) else "infinite"
            grown = training.updates and name in training.parameters
            lines.append(f"{name} has grown beyond what a number can hold" if grown else
                         f"{name} was given as {what}" if name in training.given else
                         f"{name} is {what} from the start")  # fmt: skip
    return lines


def _way_out(training: Training) -> str:
    """What may help a run that broke."""
    if training.updates and training.updates == training.restored:
        return "no --lr helps, as this state itself is the trouble: take an earlier one, or start anew"
    if training.updates:
        return "a smaller --lr often helps"
    number = next((name for name, value in training.parameters.items() if not value.ndim), None)
    such = f", such as --at {number}=1" if number else ""
    return f"the first values are to blame: give others{such}, or another --seed"
