"""Training: forward, backward and one step downhill, batch after batch, each the same for the same seed."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.errors import BacktraceError, PointError, ShapeError
from backtrace_cli.base.numerals import numeral, shape_of
from backtrace_cli.base.values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.backward import Plan, Rules, backward, plan_of
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.graph.shapes import fit_shapes
from backtrace_cli.ops.shapes import sides
from backtrace_cli.readings.notes import notes_of
from backtrace_cli.training.descent import Settings, descend, penalties, penalty
from backtrace_cli.training.dropout import DrawnRules, drawing_nodes, redrawn, undropped
from backtrace_cli.training.examples import Examples, digest, whole_rows

__all__ = ["BrokenError", "Epoch", "Training"]


class BrokenError(BacktraceError):
    """The loss or a gradient is no longer a number: training can't go on."""

    exit_code = 1
    update = 0
    """Which update, from 1, was being computed."""
    node: str | None = None
    """The node whose value or message broke first, where one can be named."""


class Epoch(NamedTuple):
    """What one pass over the examples came to."""

    number: int
    loss: float
    """The mean loss of its batches, each as it was before its update."""
    metrics: dict[str, float]
    """The metrics over all examples after its last update."""


class Training:
    """The parameters and where they stand on their way down.

    ``step`` makes one update; ``position`` and ``losses`` say where it is. Everything is
    decided by the settings' seed and the number of updates made: a run that is stopped
    and restored goes on to exactly the same numbers.
    """

    def __init__(
        self,
        graph: Graph,
        metrics: Mapping[str, Graph],
        examples: Examples,
        constants: Mapping[str, Value],
        parameters: dict[str, Any],
        settings: Settings,
        held: Examples | None = None,
    ) -> None:
        self.graph, self.metrics = graph, dict(metrics)
        self.examples, self.constants = examples, dict(constants)
        self.held = held
        """Examples that are kept apart: only measured on."""
        self.parameters = parameters
        """The trained variables' values; they change with every step."""
        self.settings = settings
        self.velocities: dict[str, Any] = {}
        self.l1 = penalties(settings.l1, "--l1", parameters)
        self.l2 = penalties(settings.l2, "--l2", parameters)
        self.size = examples.size if settings.batch is None else min(settings.batch, examples.size)
        """Examples in a batch."""
        self.batches = math.ceil(examples.size / self.size)
        """Batches, and so updates, in an epoch; the last batch may be smaller."""
        self.losses = array("d")
        """The loss of every batch so far, before its update."""
        self.epochs: list[Epoch] = []
        self.given: frozenset[str] = frozenset()
        """The variables whose values were given, in place of the formula's or beside it."""
        self.named = False
        """Was it said by name what to train?"""
        self.began = {name: digest(value) for name, value in parameters.items()}
        """What each parameter began as, as a digest: a resumed run must not be given another."""
        self.restored = -1
        """After which update this run was taken up again; −1 where it was not."""
        self.first: Epoch | None = None
        """What ``evaluate`` gave before the first update, where somebody asked for it then."""
        self.selects = any(node.op and node.op.selects for node in graph.nodes)
        self.arithmetic = Arrays(guarded=self.selects)
        self._quiet = Arrays(guarded=self.selects, quiet=True)
        self._planned: Plan | None = None
        self._fitted: dict[tuple[int, int], Graph] = {}
        self._order: tuple[int, Any] = (-1, None)
        self._drawing = {id(one): drawing_nodes(one) for one in (graph, *self.metrics.values())}
        self._targets = {graph.inputs[name] for name in parameters}
        self._check()

    @property
    def frozen(self) -> dict[str, Any]:
        """The parameters that the formula declares and that this run leaves as they are."""
        graphs = (self.graph, *self.metrics.values())
        declared = {name for one in graphs for name, line in one.declared.items() if line.kind == "param"}
        return {name: value for name, value in self.constants.items() if name in declared}

    @property
    def whole(self) -> dict[str, Any]:
        """All parameters, trained and frozen, in the formula's order.

        What is kept of a run is these: a net of which a part is drawn anew is another net.
        """
        found = {**self.frozen, **self.parameters}
        return {name: found[name] for name in dict.fromkeys([*self.graph.declared, *found]) if name in found}

    @property
    def updates(self) -> int:
        """How many updates have been made."""
        return len(self.losses)

    @property
    def position(self) -> tuple[int, int]:
        """(epoch, batch) of the next update, both from 0."""
        return divmod(self.updates, self.batches)

    @property
    def finished(self) -> bool:
        """Have all epochs been gone through?"""
        return self.updates >= self.settings.epochs * self.batches

    # -- steps ----------------------------------------------------------------

    def step(self) -> float:
        """Make one update; the batch's loss before it. Raises BrokenError, which leaves
        the parameters as they were."""
        import numpy as np

        with np.errstate(all="ignore"):  # once a step; the walk below relies on it
            return self._step()

    def _step(self) -> float:
        graph, values, bad = self._forward(self._quiet)
        loss = float(values[graph.output])
        if not math.isfinite(loss):
            raise self._broken(graph, values, bad, f"{graph.name(graph.output)} is {numeral(loss)}")
        back = backward(graph, values, self._quiet, self._targets, self._rules(graph, values, self._quiet),
                        plan=self._plan(graph, values))  # fmt: skip
        gradients = {}
        for name, value in self.parameters.items():
            found = back.gradients[graph.inputs[name]]
            gradients[name] = self.arithmetic.empty(value) if found is None else found
            if self.arithmetic.bad(gradients[name]):
                what = "nan" if self.arithmetic.undefined(gradients[name]) else "infinite"
                raise self._broken(graph, values, bad, f"the gradient of {name} is {what}")
        descend(self.parameters, gradients, self.velocities, self.settings, self.l1, self.l2)
        self.losses.append(loss)
        if not self.updates % self.batches:
            self._end_epoch()
        return loss

    def trace(self) -> Trace:
        """The whole record of the next step, without making it. Raises DomainError."""
        graph, values, bad = self._forward(self.arithmetic)
        refuse_undefined(graph, values, bad, self.arithmetic)
        return self._record(graph, values, bad)

    def evaluate(self) -> Epoch:
        """The loss and the metrics over all examples with the parameters as they are, nothing dropped out."""
        return Epoch(len(self.epochs), self._over_all(self.graph, self.examples), self.measure())

    def penalty(self) -> float:
        """What the penalties add to the loss now."""
        return penalty(self.parameters, self.l1, self.l2)

    def _forward(self, arithmetic: Arrays) -> tuple[Graph, list[Value], list[int]]:
        epoch, batch = self.position
        start = batch * self.size
        stop = min(start + self.size, self.examples.size)
        graph = self._drawn(self.graph, stop - start)
        inputs = self._inputs(graph, self.examples.batch(self._rows(epoch, start, stop)))
        return graph, *forward(graph, inputs, arithmetic)

    def _rows(self, epoch: int, start: int, stop: int) -> Any:
        """Which examples stand at ``start`` to ``stop`` of an epoch's order."""
        if not self.settings.shuffle or self.size == self.examples.size:
            return slice(start, stop)
        if self._order[0] != epoch:
            import numpy as np

            draw = np.random.default_rng([self.settings.seed, 1, epoch])
            self._order = epoch, draw.permutation(self.examples.size)
        return self._order[1][start:stop]

    def _inputs(self, graph: Graph, batch: Mapping[str, Any]) -> dict[int, Value]:
        known = {**self.constants, **batch, **self.parameters}
        return {index: known[name] for name, index in graph.inputs.items()}

    def _fit(self, graph: Graph, size: int) -> Graph:
        """``graph`` with the shapes of a batch of ``size`` examples; worked out once."""
        key = (id(graph), size)
        if key not in self._fitted:
            inputs = self._inputs(graph, self.examples.batch(slice(0, size)))
            self._fitted[key] = fit_shapes(graph, {index: shape_of(value) for index, value in inputs.items()})
        return self._fitted[key]

    def fitted(self, graph: Graph) -> Graph:
        """``graph``, the loss's or a metric's, with the shapes it has over all examples."""
        return self._fit(graph, self.examples.size)

    def _drawn(self, graph: Graph, size: int, *, off: bool = False) -> Graph:
        """``graph`` for ``size`` examples, with another seed for each op that draws at random, by the
        step; or with nothing dropped, where it is ``off``."""
        fitted = self._fit(graph, size)
        drawing = self._drawing[id(graph)]
        if not drawing:
            return fitted
        return (
            undropped(fitted, drawing)
            if off
            else redrawn(fitted, drawing, (self.settings.seed, self.updates))
        )

    def _plan(self, graph: Graph, values: list[Value]) -> Plan | None:
        """What the backward pass visits: the same at every step, unless an op selects."""
        if self.selects:
            return None
        if self._planned is None:
            self._planned = plan_of(graph, values, self.arithmetic, self._targets)
        return self._planned

    def _rules(self, graph: Graph, values: list[Value], arithmetic: Arrays) -> Rules:
        """The rules of backpropagation for one step."""
        if not self._drawing[id(self.graph)]:
            return Rules(graph, values, arithmetic)
        return DrawnRules(self.graph, graph, values, arithmetic)

    def measure(self) -> dict[str, float]:
        """The metrics over all examples; with examples held out, the loss and the metrics over those."""
        found = {title: self._over_all(graph, self.examples) for title, graph in self.metrics.items()}
        if self.held is not None:
            graphs = {self.graph.name(self.graph.output): self.graph, **self.metrics}
            found |= {f"held-out {t}": self._over_all(graph, self.held) for t, graph in graphs.items()}
        return found

    def _over_all(self, graph: Graph, examples: Examples) -> float:
        fitted = self._drawn(graph, examples.size, off=True)
        values, _ = forward(fitted, self._inputs(fitted, examples.arrays), self.arithmetic)
        return float(values[fitted.output])

    def run(self) -> Training:
        """Go on to the end of the epochs. Raises BrokenError."""
        while not self.finished:
            self.step()
        return self

    def _end_epoch(self) -> None:
        """Note down what the epoch came to."""
        done = self.updates // self.batches
        losses = self.losses[-self.batches :]
        sizes = [self.size] * (self.batches - 1) + [self.examples.size - self.size * (self.batches - 1)]
        mean = math.fsum(a * b for a, b in zip(losses, sizes, strict=True)) / self.examples.size
        self.epochs.append(Epoch(done, mean, self.measure()))

    # -- what can go wrong -------------------------------------------------------

    def _check(self) -> None:
        """Refuse, before anything runs, what can't be trained. Raises ShapeError or PointError."""
        rest = self.examples.size - self.size * (self.batches - 1)
        for graph in (self.graph, *self.metrics.values()):
            for size in (self.size, rest) if graph is self.graph else (self.examples.size,):
                fitted = self._fit(graph, size)
                assert fitted.shapes is not None
                shape = fitted.shapes[graph.output]
                if shape:
                    what = "loss" if graph is self.graph else "metric"
                    name = graph.name(graph.output)
                    raise ShapeError(
                        f"{name} has shape {sides(shape)}, and a {what} is one number",
                        span=graph.nodes[graph.output].span, source=graph.source,
                        hint=whole_rows(fitted) or "take its mean: mean(…)",
                    )  # fmt: skip
        for name in self.parameters:
            if not self.graph.leads_from({self.graph.inputs[name]})[self.graph.output]:
                output = self.graph.name(self.graph.output)
                raise PointError(f"{output} does not depend on {name}, so there is nothing to train",
                                 hint=f"leave {name} out of --wrt")  # fmt: skip

    def _record(self, graph: Graph, values: list[Value], bad: list[int]) -> Trace:
        back = backward(graph, values, self.arithmetic, self._targets,
                        self._rules(graph, values, self.arithmetic))  # fmt: skip
        at = {name: values[index] for name, index in graph.inputs.items()}
        trace = Trace(graph, at, self.arithmetic, values, back, tuple(self.parameters))
        return trace.having(notes=tuple(notes_of(trace, bad)))

    def _not_finite(self) -> list[str]:
        """Which parameters and constants are no longer numbers, or were none from the start."""
        lines = []
        for name, value in {**self.constants, **self.parameters}.items():
            if self.arithmetic.bad(value):
                what = "nan" if self.arithmetic.undefined(value) else "infinite"
                grown = self.updates and name in self.parameters
                lines.append(f"{name} has grown beyond what a number can hold" if grown else
                             f"{name} was given as {what}" if name in self.given else
                             f"{name} is {what} from the start")  # fmt: skip
        return lines

    def _way_out(self) -> str:
        """What may help a run that broke."""
        if self.updates and self.updates == self.restored:
            return "no --lr helps, as this state itself is the trouble: take an earlier one, or start anew"
        if self.updates:
            return "a smaller --lr often helps"
        number = next((name for name, value in self.parameters.items() if not value.ndim), None)
        such = f", such as --at {number}=1" if number else ""
        return f"the first values are to blame: give others{such}, or another --seed"

    def _broken(self, graph: Graph, values: list[Value], bad: list[int], what: str) -> BrokenError:
        """The complaint about this step, naming the node that broke."""
        epoch, batch = self.position
        lines = [
            f"update {self.updates + 1} (epoch {epoch + 1}, batch {batch + 1} of {self.batches}): {what}"
        ]
        node, span = None, None
        try:
            refuse_undefined(graph, values, bad, self.arithmetic)
        except BacktraceError as undefined:
            lines.append(undefined.message)
            if self.batches > 1 and "] = " in undefined.message:
                lines.append("the examples are counted within this batch, from 0")
            span = undefined.span
            node = next((graph.name(i) for i in bad if graph.nodes[i].op is not None), None)
        else:
            notes = [
                note for note in self._record(graph, values, bad).notes if note.kind in ("nan", "infinite")
            ]
            lines += [note.message for note in notes[:3]]
            node = notes[0].node if notes else None
            index = None if node is None else graph.find(node)
            span = None if index is None else graph.nodes[index].span
        lines += self._not_finite()
        hint = self._way_out()
        if "needs probabilities" in "".join(lines):  # scores, where probabilities are needed
            hint = "write cross_entropy_with_logits, or binary_cross_entropy_with_logits, in the formula"
        error = BrokenError("\n".join(lines), span=span, source=graph.source if span else None,
                            hint=hint)  # fmt: skip
        error.update, error.node = self.updates + 1, node
        return error
