"""Training: forward, backward and one step downhill, batch after batch, each the same for the same seed."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping
from typing import Any, NamedTuple

from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.engine.backward import Rules, backward
from backtrace_cli.engine.compiled.emit import Unfit
from backtrace_cli.engine.forward import forward, refuse_undefined
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph
from backtrace_cli.readings.notes import notes_of
from backtrace_cli.training.broken import complaint, refuse_untrainable
from backtrace_cli.training.examples import Examples, digest
from backtrace_cli.training.moving.optimisers import optimiser_of
from backtrace_cli.training.moving.penalties import penalties, penalty
from backtrace_cli.training.moving.schedules import factor_of
from backtrace_cli.training.prepared import Prepared
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.standard import Scale, about_of
from backtrace_cli.training.step_program import Moving, state_name

__all__ = ["Best", "Epoch", "Training"]

#: How the loss over the examples that are held out is called among the metrics.
HELD_OUT = "held-out"


class Epoch(NamedTuple):
    """What one pass over the examples came to."""

    number: int
    loss: float
    """The mean loss of its batches, each as it was before its update."""
    metrics: dict[str, float]
    """The metrics over all examples after its last update."""


class Best(NamedTuple):
    """The parameters with the least held-out loss so far, where somebody watches that."""

    epoch: int
    loss: float
    parameters: dict[str, Any]


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
        optimiser, options = optimiser_of(settings.optimiser, settings.momentum)
        self.arithmetic = Arrays(guarded=any(node.op and node.op.selects for node in graph.nodes))
        self.states: dict[str, Any] = {
            state_name(part, name): self.arithmetic.empty(value)
            for name, value in parameters.items()
            for part in optimiser.state
        }
        """What the optimiser keeps of each parameter, such as its velocity."""
        self.l1 = penalties(settings.l1, "--l1", parameters)
        self.l2 = penalties(settings.l2, "--l2", parameters)
        self.size = examples.size if settings.batch is None else min(settings.batch, examples.size)
        """Examples in a batch."""
        self.batches = math.ceil(examples.size / self.size)
        """Batches, and so updates, in an epoch; the last batch may be smaller."""
        self.moving = Moving(optimiser, options, self.l1, self.l2, settings.clip_norm, settings.clip_each)
        self._factor = factor_of(settings.schedule, settings.warm_up, settings.epochs, self.batches)
        self.losses = array("d")
        """The loss of every batch so far, before its update."""
        self.epochs: list[Epoch] = []
        self.given: frozenset[str] = frozenset()
        """The variables whose values were given, in place of the formula's or beside it."""
        self.scales: Mapping[str, Scale] = {}
        """The units of the data that are standardised."""
        self.named = False
        """Was it said by name what to train?"""
        self.began = {name: digest(value) for name, value in parameters.items()}
        """What each parameter began as, as a digest: a resumed run must not be given another."""
        self.restored = -1
        """After which update this run was taken up again; −1 where it was not."""
        self.best: Best | None = None
        """With ``patience``: where the held-out loss was least."""
        self.first: Epoch | None = None
        """What ``evaluate`` gave before the first update, where somebody asked for it then."""
        self.prepared = Prepared(graph, self.metrics, self.constants, parameters, self.arithmetic)
        self._order: tuple[int, Any] = (-1, None)
        self._targets = {graph.inputs[name] for name in parameters}
        refuse_untrainable(self)

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
    def about(self) -> dict[str, Any]:
        """What whoever uses the parameters has to know: the names of classes, and the units of data."""
        return about_of(self.scales, self.examples.labels)

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
        """Have all epochs been gone through, or was it stopped early?"""
        return self.updates >= self.settings.epochs * self.batches or self.stopped_early

    @property
    def stopped_early(self) -> bool:
        """Have as many epochs as ``patience`` allows gone by without a smaller held-out loss?"""
        patience = self.settings.patience
        return bool(patience and self.best and self.best.epoch + patience <= len(self.epochs))

    # -- steps ----------------------------------------------------------------

    def step(self) -> float:
        """Make one update; the batch's loss before it. Raises BrokenError, which leaves
        the parameters as they were."""
        import numpy as np

        updates, size = len(self.losses), self.size
        epoch, batch = divmod(updates, self.batches)
        stop = min(batch * size + size, self.examples.size)
        known = self.examples.batch(self._rows(epoch, batch * size, stop))
        numbers = self.settings.length * self._factor(updates), float(updates + 1)
        values = self.prepared.values(known, self.states, numbers, self._draw)
        with np.errstate(all="ignore"):
            try:
                loss, *moved = self.prepared.program(stop - batch * size, values, self.states, self.moving)(
                    *values
                )
            except Unfit:
                self._refuse_broken()
                anyway = self.prepared.program(
                    stop - batch * size, values, self.states, self.moving, checked=False
                )
                loss, *moved = anyway(*values)
        self.parameters.update(zip(self.parameters, moved, strict=False))
        self.states.update(zip(self.states, moved[len(self.parameters) :], strict=True))
        self.losses.append(loss)
        if not len(self.losses) % self.batches:
            self._end_epoch()
        return float(loss)

    def _refuse_broken(self) -> None:
        """Raise BrokenError where the walk, too, meets a loss or a gradient that is no number."""
        graph, values, bad = self._forward(self.arithmetic)
        loss = float(values[graph.output])
        if not math.isfinite(loss):
            raise complaint(self, graph, values, bad, f"{graph.name(graph.output)} is {numeral(loss)}")
        back = backward(graph, values, self.arithmetic, self._targets, Rules(graph, values, self.arithmetic))
        for name in self.parameters:
            found = back.gradients[graph.inputs[name]]
            if found is not None and self.arithmetic.bad(found):
                what = "nan" if self.arithmetic.undefined(found) else "infinite"
                raise complaint(self, graph, values, bad, f"the gradient of {name} is {what}")

    def refuse_lost(self, after: Epoch) -> None:
        """Raise BrokenError where the loss over all examples has come to be no number (see ``evaluate``)."""
        if math.isfinite(after.loss) or not self.updates:
            return
        arrays = self.examples.arrays
        graph = self.prepared.drawn(self.graph, self.examples.size, arrays)
        values, bad = forward(graph, self.prepared.inputs(graph, arrays), self.arithmetic)
        name = graph.name(graph.output)
        raise complaint(self, graph, values, bad, f"{name} is {numeral(after.loss)}", over_all=True)

    def trace(self) -> Trace:
        """The whole record of the next step, without making it. Raises DomainError."""
        graph, values, bad = self._forward(self.arithmetic)
        refuse_undefined(graph, values, bad, self.arithmetic)
        return self.record(graph, values, bad)

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
        batch_of = self.examples.batch(self._rows(epoch, start, stop))
        graph = self.prepared.drawn(self.graph, stop - start, batch_of, self._draw)
        inputs = self.prepared.inputs(graph, batch_of)
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

    @property
    def _draw(self) -> tuple[int, int]:
        """What the draws of the next step hang on."""
        return self.settings.seed, self.updates

    def fitted(self, graph: Graph) -> Graph:
        """``graph``, the loss's or a metric's, with the shapes it has over all examples."""
        return self.prepared.fitted(graph, self.examples.size, self.examples.arrays)

    def measure(self) -> dict[str, float]:
        """The metrics over all examples; with examples held out, the loss and the metrics over those."""
        found = {title: self._over_all(graph, self.examples) for title, graph in self.metrics.items()}
        if self.held is not None:
            graphs = {self.graph.name(self.graph.output): self.graph, **self.metrics}
            found |= {f"{HELD_OUT} {t}": self._over_all(graph, self.held) for t, graph in graphs.items()}
        return found

    def _over_all(self, graph: Graph, examples: Examples) -> float:
        import numpy as np

        with np.errstate(all="ignore"):
            return self.prepared.value(graph, examples.size, examples.arrays)

    def run(self) -> Training:
        """Go on to the end of the epochs. Raises BrokenError."""
        while not self.finished:
            self.step()
        self.refuse_lost(self.evaluate())
        return self.settle()

    def settle(self) -> Training:
        """With ``patience``, take the parameters with which the held-out loss was least."""
        if self.best is not None and self.finished:
            self.parameters.update(self.best.parameters)
        return self

    def _end_epoch(self) -> None:
        """Note down what the epoch came to."""
        done = self.updates // self.batches
        losses = self.losses[-self.batches :]
        sizes = [self.size] * (self.batches - 1) + [self.examples.size - self.size * (self.batches - 1)]
        mean = math.fsum(a * b for a, b in zip(losses, sizes, strict=True)) / self.examples.size
        self.epochs.append(Epoch(done, mean, self.measure()))
        if self.settings.patience:
            loss = self.epochs[-1].metrics[self.watched]
            if self.best is None or loss < self.best.loss:
                self.best = Best(done, loss, dict(self.parameters))

    @property
    def watched(self) -> str:
        """What ``patience`` watches, as it is called among the metrics."""
        return f"{HELD_OUT} {self.graph.name(self.graph.output)}"

    def record(self, graph: Graph, values: list[Value], bad: list[int]) -> Trace:
        """The record of a step whose forward pass gave ``values``."""
        back = backward(graph, values, self.arithmetic, self._targets, Rules(graph, values, self.arithmetic))
        at = {name: values[index] for name, index in graph.inputs.items()}
        trace = Trace(graph, at, self.arithmetic, values, back, tuple(self.parameters))
        return trace.having(notes=tuple(notes_of(trace, bad)))
