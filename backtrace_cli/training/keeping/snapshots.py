"""Where a run stood, for one that breaks later on."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from backtrace_cli.training.training import Best, Training

__all__ = ["Safe", "Snapshot"]


class Snapshot(NamedTuple):
    """Where a run stood after some update; nothing is moved in place."""

    updates: int
    parameters: dict[str, Any]
    states: dict[str, Any]
    best: Best | None

    @classmethod
    def of(cls, training: Training) -> Snapshot:
        """Where ``training`` stands now."""
        return cls(training.updates, dict(training.parameters), dict(training.states), training.best)


class Safe:
    """The start of the best epoch so far, for a run that breaks later on.

    Where the loss has become infinite, the parameters had gone astray long before: no step length
    mends the last ones. Those at the start of the epoch with the least loss are known to be good,
    as it is from them that this loss was reached.
    """

    def __init__(self, training: Training) -> None:
        self.training = training
        self.best: Snapshot | None = None
        self._least = math.inf
        self._begun = Snapshot.of(training) if self._between() else None

    def _between(self) -> bool:
        return not self.training.updates % self.training.batches

    def look(self) -> None:
        """Call this after every update."""
        if not self._between():
            return
        loss = self.training.epochs[-1].loss
        if self._begun is not None and loss < self._least:
            self.best, self._least = self._begun, loss
        self._begun = Snapshot.of(self.training)
