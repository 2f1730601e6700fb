"""Derivatives of a formula at a point, as values: Hessian, Jacobian, and products with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backtrace_cli.base.errors import PointError
from backtrace_cli.base.numerals import shape_of
from backtrace_cli.base.plain_values import Given
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.second.jacobian import jacobian as jacobian_of
from backtrace_cli.runs.curvature import product_of
from backtrace_cli.runs.point import read_point
from backtrace_cli.runs.prepared_gradient import given_values
from backtrace_cli.runs.run import run

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vjp"]

#: A point: values by name, or text such as ``"x=3,y=pi/2"``.
Point = Mapping[str, Any] | str | None


def _given(at: Point, values: Mapping[str, Any]) -> dict[str, Given]:
    found = read_point([at]) if isinstance(at, str) else given_values(at or {})
    return {**found, **given_values(values)}


def _names(wrt: Iterable[str] | str) -> list[str]:
    return [wrt] if isinstance(wrt, str) else list(wrt)


def hessian(
    formula: str, at: Point = None, *, wrt: Iterable[str] | str = (), **values: Any
) -> dict[str, dict[str, Any]]:
    """All second derivatives of ``formula``, by the names of both variables.

    ``["x"]["y"]`` is ∂²f/∂x∂y: a number, or of arrays an array of x's shape and then y's. For many points
    prepare a ``Curvature``. Raises BacktraceError; PointError where the output is not one number.

    >>> hessian("x^2*y", x=3, y=2)
    {'x': {'x': 4.0, 'y': 6.0}, 'y': {'x': 6.0, 'y': 0.0}}
    """
    from backtrace_cli.readings.second.hessian import hessian as hessian_of

    record = run(formula, _given(at, values), wrt=_names(wrt))
    _of_one_number(record.output, record.value)
    found = hessian_of(record)
    return {row: {column: found.block(row, column) for column in record.wrt} for row in record.wrt}


def hvp(
    formula: str, at: Point, direction: Mapping[str, Any] | str, *, wrt: Iterable[str] | str = ()
) -> dict[str, Any]:
    """The Hessian times ``direction``, of which no matrix is made; 0 for what the direction leaves out.

    Raises BacktraceError; PointError where the output is not one number.

    >>> hvp("x^2*y", {"x": 3, "y": 2}, {"x": 1})
    {'x': 4.0, 'y': 6.0}
    """
    moved = (
        read_point([direction], "the direction") if isinstance(direction, str) else given_values(direction)
    )
    point = _given(at, {})
    record = run(formula, point, wrt=_names(wrt))
    _of_one_number(record.output, record.value)
    return product_of(record, moved)


def jacobian(
    formula: str, at: Point = None, *, wrt: Iterable[str] | str = (), **values: Any
) -> dict[str, Any]:
    """∂output/∂variable for each variable, an array of the output's shape and then the variable's.

    It goes by rows or by columns, whichever are fewer. Raises BacktraceError.

    >>> jacobian("[x*y, x + y]", x=3, y=2)["x"].tolist()
    [2.0, 1.0]
    """
    record = run(formula, _given(at, values), wrt=_names(wrt))
    found = jacobian_of(record)
    return {name: found.block(name) for name in record.wrt}


def vjp(formula: str, at: Point, upstream: Any, *, wrt: Iterable[str] | str = ()) -> dict[str, Any]:
    """The message ``upstream`` at the output sent back to each variable: one pass of reverse mode.

    ``upstream`` has the output's shape, or is one number. Raises BacktraceError.

    >>> vjp("[x*y, x + y]", {"x": 3, "y": 2}, [1, 0])
    {'x': 2.0, 'y': 3.0}
    """
    sent = given_values({"g": upstream})["g"]
    found = run(formula, _given(at, {}), wrt=_names(wrt), upstream=sent).gradient
    return {name: value if shape_of(value) else float(value) for name, value in found.items()}


def jvp(formula: str, at: Point, direction: Mapping[str, Any] | str) -> Any:
    """How the output moves along ``direction``: one pass of forward mode. Raises BacktraceError.

    >>> jvp("[x*y, x + y]", {"x": 3, "y": 2}, {"x": 1, "y": 0}).tolist()
    [2.0, 1.0]
    """
    seed = read_point([direction], "the direction") if isinstance(direction, str) else given_values(direction)
    return run(formula, _given(at, {}), mode="forward", seed=seed).tangents[0].value


def _of_one_number(output: str, value: Any) -> None:
    if shape_of(value):
        raise PointError(f"{output} has shape {sides(shape_of(value))}, and a Hessian is that of one number",
                         hint="take its sum(…), or one entry of it")  # fmt: skip
