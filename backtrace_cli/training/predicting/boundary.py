"""Where one class ends and the next begins, over two inputs: the class at each place of a grid."""

from __future__ import annotations

from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.safe_text import visible
from backtrace_cli.graph import Graph
from backtrace_cli.language.tree.syntax import Call, Name
from backtrace_cli.training.examples import Examples
from backtrace_cli.training.predicting.predictor import Predictor

__all__ = ["Boundary", "boundary_of"]

#: So much of the data's extent is shown beside them.
_BESIDE = 0.06


class Boundary(NamedTuple):
    """The classes over a rectangle of two inputs."""

    names: tuple[str, str]
    low: tuple[float, float]
    high: tuple[float, float]
    grid: list[list[int]]
    """The class at the middle of each cell, rows from the top."""
    points: list[tuple[float, float, int]]
    """The examples: where they are, and the class they are in."""
    labels: tuple[str, ...]

    def label(self, number: int) -> str:
        """The name of a class."""
        return self.labels[number] if number < len(self.labels) else str(number)

    @property
    def classes(self) -> list[int]:
        """All classes in it."""
        return sorted({cell for row in self.grid for cell in row} | {point[2] for point in self.points})


def boundary_of(predictor: Predictor, examples: Examples, wide: int, high: int) -> Boundary:
    """The classes at ``wide`` times ``high`` places about the examples, which are in the file's own units.

    Raises PointError where the formula has not two inputs, or says no classes.
    """
    import numpy as np

    if not predictor.says_classes:
        raise PointError("a boundary lies between classes, and this formula's target is none",
                         hint="a loss over classes, such as cross_entropy_with_logits, has one")  # fmt: skip
    names, columns, made = _inputs(predictor.graph, examples)
    extents = [(float(column.min()), float(column.max())) for column in columns]
    spans = [(high - low) or 1.0 for low, high in extents]
    lows = [low - _BESIDE * span for (low, _), span in zip(extents, spans, strict=True)]
    highs = [high + _BESIDE * span for (_, high), span in zip(extents, spans, strict=True)]
    xs = lows[0] + (np.arange(wide) + 0.5) / wide * (highs[0] - lows[0])
    ys = highs[1] - (np.arange(high) + 0.5) / high * (highs[1] - lows[1])
    across, down = (grid.ravel() for grid in np.meshgrid(xs, ys))
    classes, _ = predictor.classified(predictor(made(across, down)))
    if classes is None:
        raise PointError("the formula says no class for a place", hint="name what says it: --show z")
    truth = examples.arrays.get(predictor.target or "")
    points = [] if truth is None or truth.ndim != 1 else [
        (float(x), float(y), int(t)) for x, y, t in zip(*columns, truth, strict=True)
    ]  # fmt: skip
    grid: list[list[int]] = classes.reshape(high, wide).tolist()
    return Boundary(
        (names[0], names[1]), (lows[0], lows[1]), (highs[0], highs[1]), grid, points, predictor.labels
    )


def _inputs(graph: Graph, examples: Examples) -> tuple[list[str], list[Any], Any]:
    """The names and the columns of the two inputs, and how arrays are made of two columns."""
    import numpy as np

    read = [name for name in examples.arrays if name in graph.inputs]
    arrays = [examples.arrays[name] for name in read]
    if len(read) == 2 and all(array.ndim == 1 for array in arrays):
        return [visible(name) for name in read], arrays, lambda a, b: dict(zip(read, (a, b), strict=True))
    if len(read) == 1 and arrays[0].ndim == 2 and arrays[0].shape[1] == 2:
        columns = [arrays[0][:, 0], arrays[0][:, 1]]
        return _titles(graph, read[0]), columns, lambda a, b: {read[0]: np.stack([a, b], axis=1)}
    count = sum(array[0].size for array in arrays)
    raise PointError(f"a boundary is drawn over two inputs, and this formula reads {count}")


def _titles(graph: Graph, name: str) -> list[str]:
    """The names of a matrix's two columns."""
    line = graph.declared.get(name)
    tree = line.value if line is not None and line.kind == "data" else None
    parts = tree.args if isinstance(tree, Call) and len(tree.args) == 2 else ()
    titles = [part.name for part in parts if isinstance(part, Name)]
    return [visible(t) for t in titles] if len(titles) == 2 else [f"{name}[:,0]", f"{name}[:,1]"]
