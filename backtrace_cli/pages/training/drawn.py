"""What is shown of a run beyond its numbers: class against class, the boundary, the picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.pages.layout import Screen
from backtrace_cli.pages.training.boundary_page import boundary_sentence, print_boundary, run_picture
from backtrace_cli.pages.training.predictions import confusion_blocks
from backtrace_cli.training.examples import Examples
from backtrace_cli.training.predicting.boundary import boundary_of
from backtrace_cli.training.predicting.predictor import Predicted, Predictor, confusion, predictor_of
from backtrace_cli.training.training import Training

__all__ = ["Drawn", "Shown"]


class Drawn(NamedTuple):
    """What is asked for."""

    confusion: bool = False
    boundary: bool = False
    picture: str | None = None

    def of(self, training: Training) -> Shown | None:
        """The same of a run, with its parameters as they are; None where nothing is asked for.

        Raises PointError where the formula has no such thing.
        """
        if not any(self):
            return None
        predictor = predictor_of(training) if self.confusion or self.boundary else None
        predicted = None
        if self.confusion and predictor is not None:
            predicted = predictor.of(training.held or training.examples, scaled=True)
            if not confusion(predicted):
                raise PointError(
                    "a confusion is between classes, and this formula's target is none",
                    hint="a loss over classes, such as cross_entropy_with_logits, has one",
                )
        around = None
        if self.boundary and predictor is not None:
            around = training.examples.unscaled(training.scales)
            boundary_of(predictor, around, 2, 2)  # which complains where there is none
        return Shown(training, predictor, predicted, around)


class Shown(NamedTuple):
    """What is shown of a run."""

    training: Training
    predictor: Predictor | None
    predicted: Predicted | None
    around: Examples | None
    """The examples about which the boundary is drawn, in the file's own units."""

    def show(self, screen: Screen) -> None:
        """As a part of the page."""
        from backtrace_cli.pages.writers.terminal import show

        if self.predicted is not None:
            over = f"; {len(self.predicted.values):,} held-out examples" if self.training.held else ""
            show(screen, confusion_blocks(confusion(self.predicted), self.predicted, over))
        if self.predictor is not None and self.around is not None:
            print_boundary(screen, self.predictor, self.around)

    def sentences(self) -> Iterator[str]:
        """The same as sentences."""
        from backtrace_cli.pages.writers.plain import plain_lines

        if self.predicted is not None:
            yield from plain_lines(confusion_blocks(confusion(self.predicted), self.predicted), None)
        if self.predictor is not None and self.around is not None:
            yield from boundary_sentence(self.predictor, self.around)

    def to_dict(self) -> dict[str, Any]:
        """What JSON has of it."""
        return {} if self.predicted is None else {"confusion": confusion(self.predicted)}

    def svg(self) -> str:
        """The picture of the run."""
        name = self.training.graph.name(self.training.graph.output)
        predictor = self.predictor if self.around is not None else None
        return run_picture(self.training, predictor, self.around, f"{name} while it is trained")
