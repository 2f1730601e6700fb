"""``check_gradient``: a gradient beside its function, judged, with what can be said of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.base.numerals import numeral
from backtrace_cli.base.plain_values import Value
from backtrace_cli.clinic.gradients.black_box import BlackBox, as_double, moves
from backtrace_cli.clinic.gradients.by_differences import CheckedVariable, by_differences
from backtrace_cli.clinic.gradients.by_trace import diagnosed, trace_of
from backtrace_cli.clinic.gradients.differing import Shape, shape_of_error
from backtrace_cli.engine.trace import Trace
from backtrace_cli.graph.sources.objects import read_object
from backtrace_cli.mistakes.told import Diagnosis
from backtrace_cli.ops.shape_functions import sides
from backtrace_cli.readings.checking.gradient_check import AGREES, DIFFERS, UNDECIDED
from backtrace_cli.readings.kinks import at_kink

__all__ = ["GradientCheck", "check_gradient"]

#: How far gradients of this precision may be from right ones.
_TOLERANCE = {"float16": 1e-2, "bfloat16": 3e-2, "float32": 1e-4}
_DOUBLE = 1e-7


class GradientCheck(NamedTuple):
    """What ``check_gradient`` found."""

    variables: tuple[CheckedVariable, ...]
    by: str
    """``the trace``, or ``differences`` where the function could not be read."""
    diagnosis: Diagnosis | None = None
    """The mistake of the catalogue that explains it, where there is a formula."""

    @property
    def ok(self) -> bool:
        """Is nothing wrong?"""
        return all(one.verdict != DIFFERS for one in self.variables)

    @property
    def decided(self) -> bool:
        """Could anything be decided?"""
        return any(one.verdict != UNDECIDED for one in self.variables)

    def __str__(self) -> str:
        """What was found, in sentences."""
        lines = [_line(one, self.by) for one in self.variables]
        if self.diagnosis is not None:
            lines.append(self.diagnosis.words)
        return "\n".join(lines)


def check_gradient(
    loss: Any, gradients: Any = None, at: Mapping[str, Any] | None = None, formula: str | None = None
) -> GradientCheck:
    """Check ``gradients`` of ``loss`` at the point ``at``.

    ``loss`` is a formula, or a function of the values of ``at`` over NumPy, PyTorch or JAX arrays (of
    an array the gradient of the sum of its entries is meant). ``gradients`` maps names to gradients, or
    is a function of the same values that gives them: a mapping, a tuple in the order of ``at``, or one
    of them; without it the library's own walk back is checked, with whatever custom rule is in it.
    ``formula`` says what ``loss`` computes, for the mistake to be named. Raises BacktraceError where
    there is nothing to check.

    >>> found = check_gradient("a = x*y; f = a + x", {"x": 5.0, "y": 3.0}, {"x": 3.0, "y": 5.0})
    >>> found.ok, found.diagnosis.mistake
    (False, 'lost path')
    """
    if at is None:
        raise BacktraceError("there is no point", hint="at={'x': 3.0} gives the values")
    if isinstance(loss, str):
        loss, formula = None, formula or loss
    box = BlackBox(loss, at) if loss is not None else None
    double = box.at if box else {name: as_double(value) for name, value in at.items()}
    mine = _given(gradients, box, at)
    trace = _read(loss, formula, box, double, list(mine))
    single = {name: _tolerance(value) for name, value in mine.items()}
    numbers = {name: as_double(value) for name, value in mine.items()}
    sizes = {n for value in double.values() for n in (*np.shape(value), np.size(value))}
    if trace is None:
        assert box is not None
        found = [by_differences(box, name, numbers[name], single[name], sizes) for name in mine]
        return GradientCheck(tuple(found), "differences")
    found = [_by_trace(trace, name, numbers[name], single[name], sizes) for name in mine]
    diagnosis = None
    if any(one.verdict == DIFFERS for one in found):
        again = None
        if callable(gradients):

            def again(point: Mapping[str, Value]) -> Mapping[str, Value]:
                return {name: as_double(value) for name, value in _given(gradients, box, point).items()}

        diagnosis = diagnosed(trace, numbers, again, max(single.values()))
    return GradientCheck(tuple(found), "the trace", diagnosis)


def _given(gradients: Any, box: BlackBox | None, at: Mapping[str, Any]) -> dict[str, Any]:
    """The gradients by name."""
    if gradients is None:
        found = box.own_gradient() if box else None
        if found is None:
            hint = "give them: gradients={'x': …}, or a function that computes them"
            raise BacktraceError("there are no gradients to check", hint=hint)
        return found
    if callable(gradients):
        gradients = BlackBox.called(gradients, at)
    if isinstance(gradients, Mapping):
        unknown = [name for name in gradients if name not in at]
        if unknown:
            raise BacktraceError(f"there is a gradient of {unknown[0]}, which has no value in at=",
                                 hint=f"the point has {', '.join(at)}")  # fmt: skip
        return dict(gradients)
    names = [name for name, value in at.items() if moves(value)]
    several = list(gradients) if isinstance(gradients, (tuple, list)) else [gradients]
    if len(several) != len(names):
        many = f"there are {len(several)} gradients for {len(names)} values ({', '.join(names)})"
        raise BacktraceError(many, hint="give them by name: gradients={'x': …}")
    return dict(zip(names, several, strict=True))


def _tolerance(value: Any) -> float:
    kind = str(getattr(value, "dtype", "")).rpartition(".")[2]
    return _TOLERANCE.get(kind, _DOUBLE)


def _read(
    loss: Any, formula: str | None, box: BlackBox | None, at: Mapping[str, Value], wrt: Sequence[str]
) -> Trace | None:
    """The trace of the formula, or of the function where its source can be read and says the same."""
    if formula is not None:
        trace = trace_of(formula, at, wrt)
        value = float(np.sum(trace.value))
        if box is not None and not np.isclose(value, box.value, rtol=1e-4, atol=1e-6 * abs(box.value)):
            raise BacktraceError(
                f"the formula is not the function: at this point it is {numeral(value)}, and the function "
                f"{numeral(box.value)}", hint="mend the formula, or leave it out"
            )  # fmt: skip
        return trace
    try:
        trace = trace_of(read_object(loss), at, wrt)
    except (BacktraceError, TypeError, ValueError):
        return None
    assert box is not None
    same = np.isclose(float(np.sum(trace.value)), box.value, rtol=1e-9 if box.double else 1e-4)
    return trace if same else None


def _by_trace(trace: Trace, name: str, mine: Value, tolerance: float, sizes: set[int]) -> CheckedVariable:
    right = trace.gradient_of(name)
    error = np.shape(mine) == np.shape(right) and _error(mine, right)
    if error is not False and error <= tolerance:
        digits = min(15, int(-np.log10(max(error, 1e-15))))
        return CheckedVariable(name, AGREES, mine, right, Shape("", ""), digits, "")
    if at_kink(trace) and np.shape(mine) == np.shape(right):
        words = "the point stands at a kink, where what is taken is a convention"
        return CheckedVariable(name, UNDECIDED, mine, right, Shape("", ""), 0, words)
    return CheckedVariable(name, DIFFERS, mine, right, shape_of_error(mine, right, sizes, tolerance), 0, "")


def _error(mine: Value, right: Value) -> float:
    """The largest error on the scale of the largest entry."""
    scale = max(float(np.abs(right).max(initial=0.0)), float(np.abs(mine).max(initial=0.0)))
    return float(np.abs(np.subtract(mine, right)).max(initial=0.0)) / scale if scale else 0.0


# -- in words --------------------------------------------------------------------------


def _line(one: CheckedVariable, by: str) -> str:
    what = f"gradient of {one.name}"
    if one.verdict == AGREES:
        return f"{what}: right to {one.digits} digits by {by}"
    if one.verdict == UNDECIDED:
        return f"{what}: undecided, as {one.reason}"
    words = f"{what}: wrong"
    if one.error.words:
        words += f"; {one.error.words}"
    if one.right is not None:
        words += f"\n  yours {_shown(one.mine)}\n  right {_shown(one.right)}"
    return words


def _shown(value: Any) -> str:
    if np.size(value) <= 12:
        return numeral(value)
    return (
        f"{sides(np.shape(value))}, from {numeral(float(np.min(value)))} to {numeral(float(np.max(value)))}"
    )
