"""What is the same at every step, worked out once for each number of examples: graphs and programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Value
from backtrace_cli.engine.arithmetics.arrays import Arrays
from backtrace_cli.graph import Graph
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.training.dropout import drawing_nodes, drawn_late, redrawn, seeds_of, undropped
from backtrace_cli.training.step_program import LENGTH, UPDATE, Moving, step_function, value_function

__all__ = ["Prepared"]


class Prepared:
    """The graphs of a loss and of its metrics, for examples in any number."""

    def __init__(
        self, graph: Graph, metrics: Mapping[str, Graph], constants: Mapping[str, Value],
        parameters: dict[str, Any], arithmetic: Arrays,
    ) -> None:  # fmt: skip
        self.graph, self.constants, self.parameters, self.arithmetic = (
            graph,
            constants,
            parameters,
            arithmetic,
        )
        self._others = [name for name in graph.inputs if name not in parameters]
        self._fitted: dict[tuple[int, int], Graph] = {}
        self._steps: dict[tuple[int, bool], Callable[..., Any]] = {}
        self._values: dict[tuple[int, int], Callable[..., Any]] = {}
        self._drawing = {id(one): drawing_nodes(one) for one in (graph, *metrics.values())}
        self._drawn = self._drawing[id(graph)]

    def inputs(self, graph: Graph, batch: Mapping[str, Any]) -> dict[int, Value]:
        """The value of each of the graph's inputs."""
        known = {**self.constants, **batch, **self.parameters}
        return {index: known[name] for name, index in graph.inputs.items()}

    def fitted(self, graph: Graph, size: int, batch: Mapping[str, Any]) -> Graph:
        """``graph`` with the shapes of a ``batch`` of ``size`` examples."""
        key = (id(graph), size)
        if key not in self._fitted:
            shapes = {index: shape_of(value) for index, value in self.inputs(graph, batch).items()}
            self._fitted[key] = fit_shapes(graph, shapes)
        return self._fitted[key]

    def drawn(
        self, graph: Graph, size: int, batch: Mapping[str, Any], step: Sequence[int] | None = None
    ) -> Graph:
        """``fitted``, with the seeds of a ``step`` for what draws; without one, nothing is dropped."""
        found, drawing = self.fitted(graph, size, batch), self._drawing[id(graph)]
        if not drawing:
            return found
        return undropped(found, drawing) if step is None else redrawn(found, drawing, step)

    def values(
        self,
        batch: Mapping[str, Any],
        states: Mapping[str, Any],
        numbers: Sequence[float],
        step: Sequence[int],
    ) -> list[Any]:
        """What the program of an update takes, in its order; ``numbers`` are α and the update's number."""
        found = [batch[name] if name in batch else self.constants[name] for name in self._others]
        found += self.parameters.values()
        found += states.values()
        found += numbers
        if self._drawn:
            found += seeds_of(self.graph, self._drawn, step)
        return found

    def program(
        self,
        size: int,
        values: Sequence[Any],
        states: Mapping[str, Any],
        moving: Moving,
        *,
        checked: bool = True,
    ) -> Callable[..., Any]:
        """The function of one update of ``size`` examples, written for ``values`` such as the first ones."""
        found = self._steps.get((size, checked))
        if found is None:
            names = [*self._others, *self.parameters, *states, LENGTH, UPDATE]
            names += [f"seed {index}" for index in self._drawn]
            given = dict(zip(names, values, strict=True))
            late = drawn_late(self.fitted(self.graph, size, given), self._drawn)
            found = step_function(
                late, self.arithmetic, given, list(self.parameters), moving, checked=checked
            )
            self._steps[size, checked] = found
        return found

    def value(self, graph: Graph, size: int, arrays: Mapping[str, Any]) -> float:
        """The value of the loss or of a metric over these examples, nothing dropped."""
        known = {**self.constants, **arrays, **self.parameters}
        values = {name: known[name] for name in graph.inputs}
        key = id(graph), size
        if key not in self._values:
            self._values[key] = value_function(self.drawn(graph, size, arrays), self.arithmetic, values)
        return float(self._values[key](*values.values())[0])
