"""Second derivatives as functions: prepared once, called often, no record kept.

The graph of the gradients is made once, and written as a straight-line program; where that can't answer,
the walks do, with their own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Given
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.compiled.emit import function_of
from backtrace_cli.engine.compiled.lowering import computed, lowered
from backtrace_cli.engine.second_order import steady_gradients
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.derivatives.adjoint import adjoint
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.readings.second.hessian import hessian
from backtrace_cli.readings.second.hessian_products import directed, hessian_product
from backtrace_cli.runs.point import value_of
from backtrace_cli.runs.prepared_gradient import given_values
from backtrace_cli.runs.run import choose_arithmetic, run, wanted_names

__all__ = ["Curvature", "curvature", "product_of"]

Blocks = dict[str, dict[str, Any]]


class Curvature:
    """The second derivatives of a formula, ready to be evaluated at many points.

    >>> f = Curvature("x^2*y")
    >>> f(x=3, y=2)
    {'x': {'x': 4.0, 'y': 6.0}, 'y': {'x': 6.0, 'y': 0.0}}
    >>> f.product({"x": 3, "y": 2}, {"x": 1, "y": 0})
    {'x': 4.0, 'y': 6.0}
    """

    def __init__(self, formula: str, wrt: Iterable[str] = ()) -> None:
        self.formula = formula
        self.wrt = tuple(wrt)
        self._whole: dict[tuple[str, ...], tuple[Callable[..., Any] | None, tuple[str, ...]]] = {}
        self._products: dict[tuple[Any, ...], Any] = {}

    def __call__(self, /, **point: Any) -> Blocks:
        """The Hessian at ``point`` as nested names: of arrays arrays of both shapes together.

        Raises BacktraceError (FormulaError, PointError, DomainError).
        """
        rows = self._rows(point)
        if rows is not None:
            names = self._whole[tuple(point)][1]
            return {name: dict(zip(names, row, strict=True)) for name, row in zip(names, rows, strict=True)}
        record = run(self.formula, given_values(point), wrt=self.wrt)
        whole = hessian(record)
        return {row: {column: whole.block(row, column) for column in record.wrt} for row in record.wrt}

    def matrix(self, /, **point: Any) -> list[list[float]]:
        """The Hessian at ``point`` as rows of numbers, an entry for each entry of each variable.

        >>> Curvature("x^2*y").matrix(x=3, y=2)
        [[4.0, 6.0], [6.0, 0.0]]
        """
        rows = self._rows(point)
        if rows is not None:
            return rows
        found = hessian(run(self.formula, given_values(point), wrt=self.wrt))
        return [[float(value) for value in row] for row in found.entries]

    def _rows(self, point: Mapping[str, Any]) -> list[list[float]] | None:
        """What the program says; None where the walk alone can answer."""
        names = tuple(point)
        if names not in self._whole:
            self._whole[names] = self._written(given_values(point))
        found, _ = self._whole[names]
        if found is None or not all(type(value) in (int, float) for value in point.values()):
            return None
        try:
            answer: list[list[float]] = found(*map(float, point.values()))
            return answer
        except (ArithmeticError, ValueError):
            return None

    def _written(self, given: dict[str, Given]) -> tuple[Callable[..., Any] | None, tuple[str, ...]]:
        """The program for points of these names, if they are numbers, and the names of its rows."""
        graph = build(self.formula, bound=tuple(given))
        if graph.mixes or graph.lists or set(graph.inputs) != set(given):
            return None, ()
        names = wanted_names(graph, self.wrt, tuple(given))
        return _whole_matrix(graph, list(given), names), names

    def product(self, point: Mapping[str, Any], direction: Mapping[str, Any]) -> dict[str, Any]:
        """The Hessian at ``point`` times ``direction``, of which no matrix is made.

        Raises BacktraceError; ``direction`` is 0 for the variables that it leaves out.
        """
        shapes = (shape_of(value) or _list_shape(value) for value in point.values())
        key = (*point, *(shape for shape in shapes if shape))
        if key not in self._products:
            self._products[key] = _Product.made(self.formula, self.wrt, given_values(point))
        found = self._products[key]
        if found is not None:
            try:
                answer: dict[str, Any] = found(point, direction)
                return answer
            except (ArithmeticError, ValueError):
                pass
        return product_of(run(self.formula, given_values(point), wrt=self.wrt), given_values(direction))


def product_of(record: Trace, direction: Mapping[str, Given]) -> dict[str, Any]:
    """The Hessian of a trace times ``direction``, by the walks. Raises PointError."""
    moved = {name: value_of(name, one, record.arithmetic) for name, one in direction.items()}
    return dict(hessian_product(record, directed(record, moved, "the direction")).value)


def _list_shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)):
        return ()
    import numpy as np

    return np.shape(value)


def _whole_matrix(graph: Graph, inputs: list[str], names: tuple[str, ...]) -> Callable[..., Any]:
    """The Hessian of a graph of numbers as one program, which computes each entry once."""
    targets = [graph.inputs[name] for name in names]
    gradients = steady_gradients(graph, targets)
    boxes, zero = gradients.boxes, gradients.boxes.constant("0")
    found: dict[tuple[int, int], int] = {}
    for place, target in enumerate(targets):
        slope = gradients.found.get(target, zero)
        row = adjoint(boxes, slope, targets[place:], gradients.at, named=False)
        for other in targets[place:]:
            found[target, other] = found[other, target] = row.get(other, zero)
    results = [found[row, column] for row in targets for column in targets]
    return function_of(computed(boxes.whole(), results, Floats(), {}), inputs, width=len(names))


def _program(
    slope: Graph, samples: Mapping[str, Any], names: tuple[str, ...], arrays: bool
) -> Callable[..., Any]:
    """The gradient of ``slope`` by ``names``, as a program."""
    wanted = [slope.inputs[name] for name in names]
    if not arrays:
        return function_of(lowered(slope, wanted, Floats(), {}, {}), list(samples), names)
    from backtrace_cli.engine.arithmetics.arrays import Arrays
    from backtrace_cli.engine.compiled.emit_arrays import array_function_of

    guarded = any(node.op is not None and node.op.selects for node in slope.nodes)
    places = {slope.inputs[name]: sample for name, sample in samples.items() if name in slope.inputs}
    return array_function_of(
        lowered(slope, wanted, Arrays(guarded=guarded), places, {}), list(samples), names
    )


class _Product:
    """The Hessian times a direction, as one program: back from the slope along it."""

    def __init__(
        self, run: Callable[..., Any], names: tuple[str, ...], along: dict[str, str], arrays: bool
    ) -> None:
        self.run, self.names, self.along, self.arrays = run, names, along, arrays

    @classmethod
    def made(cls, formula: str, wrt: tuple[str, ...], given: dict[str, Given]) -> _Product | None:
        """The program for points like ``given``; None where the walk alone can answer."""
        graph = build(formula, bound=tuple(given))
        if set(graph.inputs) != set(given):
            return None
        arithmetic = choose_arithmetic(graph, given, False)
        names = wanted_names(graph, wrt, tuple(given))
        samples = {name: arithmetic.own(value_of(name, one, arithmetic)) for name, one in given.items()}
        if arithmetic.arrays:
            shapes = {graph.inputs[name]: shape_of(value) for name, value in samples.items()}
            graph = fit_shapes(graph, shapes)
            if getattr(arithmetic, "single", False) or (graph.shapes and graph.shapes[graph.output]):
                return None
        targets = [graph.inputs[name] for name in names]
        slope, called = steady_gradients(graph, targets).along(targets)
        along = {name: called[target] for name, target in zip(names, targets, strict=True)}
        samples |= {along[name]: samples[name] for name in names}
        return cls(_program(slope, samples, names, arithmetic.arrays), names, along, arithmetic.arrays)

    def __call__(self, point: Mapping[str, Any], direction: Mapping[str, Any]) -> dict[str, Any]:
        if not direction.keys() <= set(self.names):
            raise ValueError  # the walk says which
        if not self.arrays:
            moved = [float(direction.get(name, 0.0)) for name in self.along]
            return self.run(*map(float, point.values()), *moved)[1]  # type: ignore[no-any-return]
        import numpy as np

        at = [np.asarray(value, dtype=float) for value in point.values()]
        shapes = {name: value.shape for name, value in zip(point, at, strict=True)}
        along = []
        for name in self.along:
            value = np.asarray(direction.get(name, 0.0), dtype=float)
            if value.shape not in ((), shapes[name]):
                raise ValueError  # the walk says what doesn't fit
            along.append(np.broadcast_to(value, shapes[name]))
        with np.errstate(all="ignore"):
            return self.run(*at, *along)[1]  # type: ignore[no-any-return]


def curvature(formula: str, wrt: Iterable[str] | str = ()) -> Curvature:
    """A function of named values that gives the Hessian of ``formula``, and products with it.

    ``wrt`` limits the variables. The formula is read when the first point is given.

    >>> curvature("x*y")(x=1, y=2)["x"]["y"]
    1.0
    """
    return Curvature(formula, [wrt] if isinstance(wrt, str) else wrt)
