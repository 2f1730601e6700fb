"""A formula's value and gradient as a function: prepared once, called often, no record kept.

Each sort of point (its names, the shapes of its arrays) is written as a straight-line program the first time
it is met. Where a program can't answer (a value outside a domain, an overflow, exact or single-precision
numbers) the walk does, with its own words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Given, Value, as_float
from backtrace_cli.engine.arithmetics.base import Floats
from backtrace_cli.engine.compiled.emit import function_of
from backtrace_cli.engine.compiled.lowering import conditions, lowered
from backtrace_cli.graph import Graph, build
from backtrace_cli.graph.shape_fitting import fit_shapes
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.run import choose_arithmetic, run, wanted_names

__all__ = ["Gradient", "given_values", "gradient"]

#: So many programs are kept: one for each set of names and shapes, and for each pattern of branches.
_MOST = 64


class Gradient:
    """A formula ready to be evaluated: ``f(x=3, y=-4)`` gives its value and its gradient by name.

    Numbers give floats; with arrays among the values, arrays of the variables' shapes (the gradient
    of the sum of the output's entries). It can be pickled, and called from several threads at once.

    >>> f = Gradient("x^2*y")
    >>> f(x=3, y=2)
    (18.0, {'x': 12.0, 'y': 9.0})
    """

    def __init__(self, formula: str, wrt: Iterable[str] = ()) -> None:
        self.formula = formula
        self.wrt = tuple(wrt)
        self._numbers: dict[tuple[str, ...], Callable[..., Any] | None] = {}
        self._arrays: dict[tuple[Any, ...], Callable[..., Any] | None] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Gradient, (self.formula, self.wrt)

    def __repr__(self) -> str:
        return f"Gradient({self.formula!r})" if not self.wrt else f"Gradient({self.formula!r}, {self.wrt!r})"

    def __call__(self, /, **point: Any) -> tuple[Any, dict[str, Any]]:
        """The value and the gradient at ``point``; values are as ``trace`` takes them.

        Raises BacktraceError (FormulaError, PointError, DomainError).
        """
        found = self._numbers.get(tuple(point))
        if found is not None:
            values: Any = point.values()
            for value in values:
                if value.__class__ is not float:
                    values = _as_floats(values)
                    break
            if values is not None:
                try:
                    answer: tuple[Any, dict[str, Any]] = found(*values)
                    return answer
                except (ArithmeticError, ValueError):
                    return self._by_the_walk(given_values(point))
        known = self._arrays.get(_sort_of(point)) if self._arrays else None
        if known is not None:
            return self._run(known, [*point.values()], point)
        return self._first(point)

    def batch(self, /, **points: Any) -> tuple[Any, dict[str, Any]]:
        """Values and gradients for every row: each array's first axis counts the points; a number
        (or what has no axis) holds for all of them. Raises ValueError where the counts differ.

        >>> Gradient("x^2*y").batch(x=[1.0, 2.0], y=3.0)[1]["x"].tolist()
        [6.0, 12.0]
        """
        import numpy as np

        read = {name: np.asarray(value, dtype=float) for name, value in points.items()}
        counts = {value.shape[0] for value in read.values() if value.ndim}
        if len(counts) != 1:
            raise ValueError(f"a batch has one number of rows, not {sorted(counts) or 'none'}")
        (rows,) = counts
        found = [
            self(**{name: value[row] if value.ndim else value for name, value in read.items()})
            for row in range(rows)
        ]
        slopes = {name: np.stack([one[1][name] for one in found]) for name in found[0][1]} if found else {}
        return np.stack([one[0] for one in found]) if found else np.zeros(0), slopes

    def _first(self, point: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """A point of a sort that no program was written for, or one over arrays."""
        given = given_values(point)
        if all(_is_number(item.value) for item in given.values()) and tuple(point) not in self._numbers:
            graph = build(self.formula, bound=tuple(given))
            if not graph.mixes and not graph.lists and set(given) == set(graph.inputs):
                names = wanted_names(graph, self.wrt, tuple(given))
                program = _Numbers(graph, list(given), names)
                _keep(self._numbers, tuple(point), program if program.choosing else program.program)
                return self(**point)
            _keep(self._numbers, tuple(point), None)
        return self._over_arrays(given)

    def _over_arrays(self, given: dict[str, Given]) -> tuple[Any, dict[str, Any]]:
        values = [item.value for item in given.values()]
        if not all(_is_plain(value) for value in values):
            return self._by_the_walk(given)
        import numpy as np

        try:
            arrays = [np.asarray(value, dtype=float) for value in values]
        except (ValueError, TypeError, OverflowError, RuntimeError):
            return self._by_the_walk(given)  # which says what is no number
        key = (*given, *(array.shape for array in arrays))
        if key not in self._arrays:
            _keep(self._arrays, key, self._written(given, arrays))
        found = self._arrays[key]
        return self._by_the_walk(given) if found is None else self._run(found, arrays, given)

    def _run(
        self, program: Callable[..., Any], arrays: list[Any], point: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """The program's answer, or the walk's where it has none."""
        import numpy as np

        try:
            with np.errstate(all="ignore"):
                answer, slopes = program(*arrays)
        except (ArithmeticError, ValueError):
            given = all(isinstance(value, Given) for value in point.values())
            return self._by_the_walk(dict(point) if given else given_values(point))
        return _plain(answer), slopes

    def _written(self, given: dict[str, Given], arrays: list[Any]) -> Callable[..., Any] | None:
        """The program for arrays of these shapes; None where the walk alone can answer."""
        from backtrace_cli.engine.compiled.emit_arrays import array_function_of

        graph = build(self.formula, bound=tuple(given))
        if set(graph.inputs) != set(given):
            return None
        arithmetic = choose_arithmetic(graph, given, False)
        if not hasattr(arithmetic, "dtype") or arithmetic.single:  # type: ignore[attr-defined]
            return None
        samples = {graph.inputs[name]: array for name, array in zip(given, arrays, strict=True)}
        graph = fit_shapes(graph, {index: array.shape for index, array in samples.items()})
        names = wanted_names(graph, self.wrt, tuple(given))
        program = lowered(graph, [graph.inputs[name] for name in names], arithmetic, samples, {})
        return array_function_of(program, list(given), names)

    def _by_the_walk(self, given: dict[str, Given]) -> tuple[Any, dict[str, Any]]:
        record = run(self.formula, given, wrt=self.wrt)
        return record.value, record.gradient


class _Numbers:
    """The program of a graph over floats; where branches are chosen, one for each pattern of choices."""

    def __init__(self, graph: Graph, names: list[str], wanted: tuple[str, ...]) -> None:
        self.graph, self.names = graph, names
        self.wanted = wanted
        self.choosing: list[int] = []
        self.kept: dict[tuple[bool, ...], Callable[..., Any]] = {}
        if any(node.op is not None and node.op.selects for node in graph.nodes):
            program, self.choosing = conditions(graph, Floats())
            self.decide = function_of(program, names)
        else:
            self.program = self._program(())

    def _program(self, choices: tuple[bool, ...]) -> Callable[..., Any]:
        taken = dict(zip(self.choosing, choices, strict=True))
        wanted = [self.graph.inputs[name] for name in self.wanted]
        return function_of(lowered(self.graph, wanted, Floats(), {}, taken), self.names, self.wanted)

    def __call__(self, *values: float) -> Any:
        choices = tuple(map(bool, self.decide(*values)))
        found = self.kept.get(choices)
        if found is None:
            found = self._program(choices)
            _keep(self.kept, choices, found)
        return found(*values)


def gradient(formula: str, wrt: Iterable[str] | str = ()) -> Gradient:
    """A function of named values that gives ``formula``'s value and its gradient, without a trace.

    ``wrt`` limits the variables. The formula is read when the first point is given, as the point says
    which names are variables; FormulaError and the like are raised there.

    >>> f = gradient("sum(w*x)", wrt="w")
    >>> value, slopes = f(w=[1, 2], x=[3, 4])
    >>> value, slopes["w"].tolist()
    (11.0, [3.0, 4.0])
    """
    return Gradient(formula, [wrt] if isinstance(wrt, str) else wrt)


def given_values(values: Mapping[str, Any]) -> dict[str, Given]:
    """A point given from Python: numbers, lists, arrays, or text as ``--at`` takes it.

    >>> given_values({"x": "pi/2", "y": 3})["x"].text
    'pi/2'
    """
    point: dict[str, Given] = {}
    for name, value in values.items():
        if isinstance(value, str):
            point.update(read_point([f"{name}={value}"]))
        else:
            value = _numbers_of(value)
            point[name] = Given("" if hasattr(value, "shape") else repr(value), value)
    return point


def _numbers_of(value: Any) -> Any:
    """A tensor of PyTorch's as NumPy has it, whatever it keeps for its own gradients; else as it is."""
    if not hasattr(value, "requires_grad"):
        return value
    with suppress(TypeError, RuntimeError):  # of a sort that NumPy has no number for
        return value.detach().cpu().numpy()
    with suppress(RuntimeError):
        return value.detach().tolist()
    return value


def _keep(kept: dict[Any, Any], key: Any, value: Any) -> None:
    if len(kept) >= _MOST:
        kept.clear()
    kept[key] = value


def _sort_of(point: Mapping[str, Any]) -> tuple[Any, ...]:
    """The names and shapes of a point of floats and arrays of them; () for any other."""
    shapes = []
    for value in point.values():
        if value.__class__ is float:
            shapes.append(())
        elif getattr(getattr(value, "dtype", None), "char", "") == "d":
            shapes.append(value.shape)
        else:
            return ()
    return (*point, *shapes)


def _as_floats(values: Iterable[Any]) -> list[float] | None:
    """The values as floats; None where one is no plain number."""
    found = []
    for value in values:
        if value.__class__ not in (float, int, bool):
            return None
        found.append(as_float(value))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not hasattr(value, "shape")


def _is_plain(value: Any) -> bool:
    """Is it a number, a list, or an array of double precision (or whole numbers)?"""
    sort = getattr(value, "dtype", None)
    kind = getattr(sort, "kind", "")
    return isinstance(value, (int, float, list)) if sort is None else kind in tuple("iu") or sort == "float64"


def _plain(value: Value) -> Value:
    return value if shape_of(value) else float(value)
